//! A name for exactly one set of requests, whatever else the space tells apart.
//!
//! The same set is another diagram in another space: its variables stand in another order there, and their values are
//! divided further by conditions that have nothing to do with it. So variables are asked for in the order of their
//! names here, and of the classes of a variable those are taken together for which the same is left.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    Set, Space, Unsure,
    atoms::{Class, Facet, Variable},
};
use crate::{
    decide::{glob::Shape, vocabulary::Type},
    source::digest,
};

/// How many nodes may be looked at before the set is named by its diagram.
const MOST_NODES: usize = 300_000;

impl Space<'_> {
    /// A name that two sets have only when they hold the same requests. It stays the same in other spaces, unless the
    /// set is so complicated that it is named as this space divides it.
    pub fn exact(&mut self, set: Set) -> String {
        let mut order: Vec<usize> = (0..self.variables.len()).collect();
        order.sort_by(|one, other| {
            let key = |place: &usize| self.variables.get(*place).map(|variable| &variable.key);
            key(one).cmp(&key(other))
        });
        let mut names = HashMap::new();
        let mut left = MOST_NODES;
        self.named(set, &order, &mut names, &mut left).unwrap_or_else(|_| self.as_divided(set))
    }

    fn named(
        &mut self,
        set: Set,
        order: &[usize],
        names: &mut HashMap<Set, String>,
        left: &mut usize,
    ) -> Result<String, Unsure> {
        if set.is_empty() || set.is_everything() {
            return Ok(if set.is_empty() { "nothing" } else { "everything" }.to_owned());
        }
        if let Some(known) = names.get(&set) {
            return Ok(known.clone());
        }
        let (matters, nodes) = self.diagram.extent(set);
        *left = left.checked_sub(nodes + 1).ok_or(Unsure::Budget)?;
        let first = order.iter().copied().find(|variable| matters.contains(variable));
        let first = first.ok_or(Unsure::Budget)?;
        let classes = self.diagram.left(set, first)?;
        *left = left.checked_sub(classes.len()).ok_or(Unsure::Budget)?;
        // The classes by what is left, in the order in which they are met.
        let mut different: Vec<Set> = Vec::new();
        let mut groups = Vec::with_capacity(classes.len());
        let mut known: HashMap<Set, usize> = HashMap::new();
        for class in classes {
            let place = *known.entry(class).or_insert_with(|| {
                different.push(class);
                different.len() - 1
            });
            groups.push(place);
        }
        let variable = self.variables.get(first).ok_or(Unsure::Budget)?;
        let (key, said) = (format!("{:?}", variable.key), variable.divided(&groups, different.len()));
        let mut parts = Vec::with_capacity(different.len());
        for (set, said) in different.into_iter().zip(said) {
            parts.push((said, self.named(set, order, names, left)?));
        }
        parts.sort();
        let name = digest(format!("{key}{parts:?}").as_bytes());
        names.insert(set, name.clone());
        Ok(name)
    }

    /// The name of a set by its diagram, with all classes of the variables that matter.
    pub(super) fn as_divided(&self, set: Set) -> String {
        let (matters, _) = self.diagram.extent(set);
        let variables: Vec<String> = matters
            .into_iter()
            .filter_map(|place| Some((place, self.variables.get(place)?)))
            .map(|(place, variable)| {
                format!("{place}{:?}{:?}{:?}", variable.key, variable.classes, variable.shapes)
            })
            .collect();
        digest(format!("divided{variables:?}{}", self.diagram.as_built(set)).as_bytes())
    }
}

impl Variable<'_> {
    /// Says which values are in each of some groups of classes; `groups` gives the group of each class. Together they
    /// say it exactly, and as if no other condition told values apart.
    fn divided(&self, groups: &[usize], count: usize) -> Vec<String> {
        let mut said: Vec<BTreeSet<String>> = vec![BTreeSet::new(); count];
        let mut numbers: Vec<Vec<(i64, i64)>> = vec![Vec::new(); count];
        let texts = self.texts_divided(groups);
        for (place, class) in self.classes.iter().enumerate() {
            let Some(group) = groups.get(place).copied() else { continue };
            let word = match class {
                Class::Absent => "absent".to_owned(),
                Class::Boolean(yes) => yes.to_string(),
                Class::Something => "there".to_owned(),
                Class::Text(text) => texts.get(&place).cloned().unwrap_or_else(|| format!("is {text:?}")),
                Class::Numbers(least, greatest) => {
                    if let Type::Ordered(words) = &self.values {
                        let word = usize::try_from(*least).ok().and_then(|place| words.get(place));
                        format!("is {:?}", word.copied().unwrap_or_default())
                    } else {
                        if let Some(known) = numbers.get_mut(group) {
                            match known.last_mut() {
                                Some((_, end)) if end.checked_add(1) == Some(*least) => *end = *greatest,
                                _ => known.push((*least, *greatest)),
                            }
                        }
                        continue;
                    }
                }
            };
            if let Some(said) = said.get_mut(group) {
                said.insert(word);
            }
        }
        said.into_iter().zip(numbers).map(|(said, numbers)| format!("{said:?}{numbers:?}")).collect()
    }

    /// What is said about the texts of each class, by its place: only with those shapes that tell groups apart.
    fn texts_divided(&self, groups: &[usize]) -> BTreeMap<usize, String> {
        let open = matches!(self.values, Type::Text | Type::Id(_) | Type::Entitlement);
        if !open || self.key.facet != Facet::Value {
            return BTreeMap::new();
        }
        let texts: Vec<(usize, usize, &str)> = self
            .classes
            .iter()
            .enumerate()
            .filter_map(|(place, class)| match class {
                Class::Text(text) => Some((place, *groups.get(place)?, text.as_str())),
                _ => None,
            })
            .collect();
        let is_pattern = |shape: &&Shape| matches!(shape, Shape::Pattern(_));
        if !self.shapes.iter().any(|shape| is_pattern(&shape)) {
            return exact_texts(&texts, &|text| self.shapes.contains(&Shape::Exactly(text.into())));
        }
        // Left out one after the other, patterns first, as long as what is left still says in which group a text is.
        let (patterns, exactly): (Vec<&Shape>, Vec<&Shape>) = self.shapes.iter().partition(is_pattern);
        let mut kept: Vec<&Shape> = self.shapes.iter().collect();
        let fits = |kept: &[&Shape], text: &str| -> Vec<bool> {
            kept.iter().map(|shape| shape.fits(text)).collect()
        };
        for shape in patterns.into_iter().chain(exactly) {
            let without: Vec<&Shape> = kept.iter().copied().filter(|one| *one != shape).collect();
            let mut known: HashMap<Vec<bool>, usize> = HashMap::new();
            let says = texts
                .iter()
                .all(|(_, group, text)| *known.entry(fits(&without, text)).or_insert(*group) == *group);
            if says {
                kept = without;
            }
        }
        if !kept.iter().any(is_pattern) {
            return exact_texts(&texts, &|text| kept.contains(&&Shape::Exactly(text.into())));
        }
        let says = |(place, _, text): &(usize, usize, &str)| {
            let each: Vec<(&Shape, bool)> = kept.iter().copied().zip(fits(&kept, text)).collect();
            (*place, format!("{each:?}"))
        };
        texts.iter().map(says).collect()
    }
}

/// What is said about the texts of each class where every text is named exactly or is any other: those that go with any
/// other are not named.
fn exact_texts(texts: &[(usize, usize, &str)], is_named: &dyn Fn(&str) -> bool) -> BTreeMap<usize, String> {
    let other = texts.iter().find(|(_, _, text)| !is_named(text)).map(|(_, group, _)| *group);
    let says = |(place, group, text): &(usize, usize, &str)| {
        let said = if Some(*group) == other { "any other".to_owned() } else { format!("is {text:?}") };
        (*place, said)
    };
    texts.iter().map(says).collect()
}
