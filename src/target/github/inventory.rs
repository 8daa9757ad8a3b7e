//! What is at a GitHub: which of it is known by its mark, and by its name.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{error::HubError, sort::Sort};
use crate::{
    forge::github::GitHub,
    plan::Key,
    target::{
        content::{text, texts},
        mark::{Owner, Whose, of_others, unmarked},
    },
};

/// Where the objects are.
#[derive(Debug, Clone)]
pub(super) struct Where {
    pub(super) owner: String,
    pub(super) name: String,
    /// Whether teams are managed.
    pub(super) teams: bool,
}

impl Where {
    pub(super) fn repository<'p>(&'p self, more: &[&'p str]) -> Vec<&'p str> {
        ["repos", &self.owner, &self.name].into_iter().chain(more.iter().copied()).collect()
    }

    pub(super) fn organisation<'p>(&'p self, more: &[&'p str]) -> Vec<&'p str> {
        ["orgs", self.owner.as_str()].into_iter().chain(more.iter().copied()).collect()
    }
}

/// A label or a team, as it comes.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Item {
    pub(super) name: String,
    pub(super) description: Option<String>,
    /// The colour of a label.
    color: Option<String>,
    /// What a team is called in addresses.
    slug: Option<String>,
    /// The team that it is part of.
    parent: Option<Parent>,
}

/// The team that a team is part of.
#[derive(Debug, Clone, Deserialize)]
struct Parent {
    slug: String,
}

/// Somebody.
#[derive(Debug, Deserialize)]
struct User {
    login: String,
}

impl Item {
    /// What it is called in addresses.
    pub(super) fn address(&self) -> &str {
        self.slug.as_deref().unwrap_or(&self.name)
    }

    fn is_called(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name) || self.address().eq_ignore_ascii_case(name)
    }

    fn described(&self) -> &str {
        self.description.as_deref().unwrap_or_default()
    }
}

/// Everything that was listed.
#[derive(Debug, Default)]
pub(super) struct Inventory {
    owner: Owner,
    labels: Vec<Item>,
    teams: Vec<Item>,
    /// The members of the organisation, in lower case.
    people: BTreeSet<String>,
}

impl Inventory {
    /// Lists everything.
    pub(super) fn read(github: &GitHub, place: &Where, owner: Owner) -> Result<Self, HubError> {
        let labels = github.all(&place.repository(&["labels"]), &[])?;
        let (mut teams, mut people) = (Vec::new(), BTreeSet::new());
        if place.teams {
            teams = github.all(&place.organisation(&["teams"]), &[])?;
            people = logins(github, &place.organisation(&["members"]))?;
        }
        Ok(Self { owner, labels, teams, people })
    }

    fn items(&self, sort: Sort) -> &[Item] {
        if sort == Sort::Team { &self.teams } else { &self.labels }
    }

    /// Notes an object that was made or changed: it has this name now, and had that one before.
    pub(super) fn note(&mut self, sort: Sort, before: Option<&str>, item: Option<Item>) {
        let items = if sort == Sort::Team { &mut self.teams } else { &mut self.labels };
        items.retain(|known| Some(known.address()) != before);
        items.extend(item);
    }

    /// The keys of the objects that carry marks.
    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        let labels = self.labels.iter().map(|item| (item, false));
        let all = labels.chain(self.teams.iter().map(|item| (item, true)));
        all.filter_map(|(item, is_team)| {
            let Whose::Own(key) = self.owner.whose_described(item.described()) else { return None };
            let sort = Sort::of_kind(&key.kind)?;
            // A mark of something else, copied from another object, is none.
            let fits = if is_team { sort == Sort::Team } else { sort.is_label() };
            fits.then_some(key)
        })
    }

    /// The object that stands for a key: the one that carries its mark, else the one without a mark that has its name.
    pub(super) fn find(&self, key: &Key, name: Option<&str>) -> Result<Option<&Item>, HubError> {
        let Some(sort) = Sort::of_kind(&key.kind).filter(|sort| sort.is_listed()) else { return Ok(None) };
        let items = self.items(sort);
        let own = Whose::Own(key.clone());
        let mut own = items.iter().filter(|item| self.owner.whose_described(item.described()) == own);
        match (own.next(), own.next()) {
            (Some(first), Some(second)) => Err(HubError::Ambiguous {
                key: key.to_string(),
                sort: if sort == Sort::Team { "team" } else { "label" },
                first: first.name.clone(),
                second: second.name.clone(),
                marker: self.owner.mark_of(key, first.described()),
            }),
            (Some(first), None) => Ok(Some(first)),
            _ => Ok(name.and_then(|name| {
                let mut unmarked_items = items.iter().filter(|item| unmarked(item.described()).1.is_none());
                unmarked_items.find(|item| item.is_called(name))
            })),
        }
    }

    /// The owner of the object that has the name of one that is wanted, when it is another one.
    pub(super) fn taken(&self, key: &Key, name: &str) -> Option<String> {
        let sort = Sort::of_kind(&key.kind).filter(|sort| sort.is_listed())?;
        self.items(sort).iter().filter(|item| item.is_called(name)).find_map(|item| self.others(item))
    }

    /// The owner of an object, when it is another one.
    fn others(&self, item: &Item) -> Option<String> {
        match self.owner.whose_described(item.described()) {
            Whose::Others(owner) => Some(owner),
            Whose::Own(_) | Whose::Nobodys => None,
        }
    }

    /// What is there and stands for nothing of the rulebook.
    pub(super) fn strangers(&self, known: &BTreeSet<(bool, String)>) -> Vec<String> {
        let labels = self.labels.iter().map(|item| (item, false, "label"));
        let all = labels.chain(self.teams.iter().map(|item| (item, true, "team")));
        all.filter(|(item, is_team, _)| !known.contains(&(*is_team, item.address().to_owned())))
            .map(|(item, _, sort)| {
                let name = format!("{sort} {}", item.name);
                self.others(item).map_or(name.clone(), |owner| of_others(&name, &owner))
            })
            .collect()
    }

    /// Whether somebody is a member of the organisation.
    pub(super) fn has(&self, login: &str) -> bool {
        self.people.contains(login)
    }

    /// Who is in a team, without those who are only in a team that is a part of it.
    pub(super) fn members(
        &self,
        github: &GitHub,
        place: &Where,
        team: &str,
        wanted: &BTreeSet<String>,
    ) -> Result<BTreeSet<String>, HubError> {
        let listed = logins(github, &place.organisation(&["teams", team, "members"]))?;
        let mut below = BTreeSet::new();
        for part in self.teams.iter().filter(|other| {
            other.parent.as_ref().is_some_and(|parent| parent.slug.eq_ignore_ascii_case(team))
        }) {
            below.extend(logins(github, &place.organisation(&["teams", part.address(), "members"]))?);
        }
        Ok(listed.into_iter().filter(|login| wanted.contains(login) || !below.contains(login)).collect())
    }
}

fn logins(github: &GitHub, path: &[&str]) -> Result<BTreeSet<String>, HubError> {
    let users: Vec<User> = github.all(path, &[])?;
    Ok(users.into_iter().map(|user| user.login.to_ascii_lowercase()).collect())
}

/// The members that are wanted.
pub(super) fn wanted_members(wanted: &Value) -> BTreeSet<String> {
    texts(wanted, "Members").map(str::to_owned).collect()
}

/// What an object holds, in the form in which plans compare it. Members of a team are given when it is one; those that are
/// wanted and cannot be there, because they are not in the organisation, count as there.
pub(super) fn content(
    inventory: &Inventory,
    key: &Key,
    item: &Item,
    members: Option<BTreeSet<String>>,
    wanted: &Value,
) -> Value {
    let described = unmarked(item.described()).0;
    let mark = inventory.owner.mark_of(key, item.described());
    let mut content = json!({ "Name": item.name, "Description": described, "Mark": mark });
    if let Some(fields) = content.as_object_mut() {
        if let Some(mut members) = members {
            members.extend(wanted_members(wanted).into_iter().filter(|login| !inventory.has(login)));
            fields.insert("Members".to_owned(), json!(members));
        } else {
            let colour = item.color.as_deref().unwrap_or_default().to_ascii_lowercase();
            fields.insert("Colour".to_owned(), json!(colour));
        }
        // GitHub keeps the letters of a name as they were typed.
        if text(wanted, "Name").eq_ignore_ascii_case(&item.name)
            && Sort::of_kind(&key.kind) == Some(Sort::Team)
        {
            fields.insert("Name".to_owned(), json!(text(wanted, "Name")));
        }
    }
    content
}
