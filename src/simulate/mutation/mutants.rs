//! Every change of a rulebook that a scenario should notice.

use crate::{
    model::{
        AnyDocument, Document, EntitlementRef, Entry, Id, Kind, Location, Rulebook, Selector,
        access::Mode,
        condition::{Condition, Literal, Operator, Test},
        exception::Exception,
    },
    simulate::rules::{self, Rule},
};

/// A change of one rule.
#[derive(Debug, Clone)]
pub struct Mutant {
    /// The rule.
    pub rule: Selector,
    /// Where what is changed was written.
    pub at: Location,
    /// What was changed.
    pub change: Change,
    /// How it was changed.
    edit: Edit,
}

/// What was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The test holds where it did not, and the other way round.
    Inverted(Test),
    /// The test is left out.
    Dropped(Test),
    /// The rule never matches, the stage is never asked.
    Removed,
    /// Something that the rule names is not named any more.
    Without(String),
}

/// How a document is changed.
#[derive(Debug, Clone)]
enum Edit {
    /// The rule gets another condition.
    Condition(Condition),
    /// The rule never decides.
    Removed,
    /// One entry of a list is left out.
    Left(List, usize),
    /// A list or a scope is left out, so that nothing is left out by it.
    Everything(List),
}

/// What a rule names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum List {
    Entitlements,
    Against,
    People,
    Freezes,
    AppliesTo,
}

/// Every change of every rule that decides. A rule that is only tried out changes no decision, so no scenario could notice its
/// change.
#[must_use]
pub fn mutants(rulebook: &Rulebook) -> Vec<Mutant> {
    let mut found = Vec::new();
    for rule in rules::all(rulebook).iter().filter(|rule| rule.decides) {
        of_condition(&mut found, rule);
        named(&mut found, rulebook, rule);
    }
    found
}

/// The changes of what a rule says about when it matches.
fn of_condition(found: &mut Vec<Mutant>, rule: &Rule<'_>) {
    let mut add =
        |at: Location, change, edit| found.push(Mutant { rule: rule.rule.clone(), at, change, edit });
    let always = Condition::All(Vec::new());
    let (condition, origin) = match (rule.when, rule.rule.kind) {
        (Some((condition, origin)), _) => (condition, Some(origin)),
        // These do something without a condition as well: a stage is asked, duties are kept apart, an exception waives, and a
        // model without a condition is for every change of its type.
        (None, Kind::Workflow | Kind::Sod | Kind::Exception | Kind::ChangeModel) => (&always, None),
        (None, _) => return,
    };
    add(rule.at.clone(), Change::Removed, Edit::Removed);
    let Some(origin) = origin else { return };
    let mut tests = 0;
    condition.tests(&mut |_, _| tests += 1);
    for place in 0..tests {
        for invert in [true, false] {
            if !invert && is_said_twice(condition, place) {
                continue;
            }
            let mut seen = 0;
            let mut test = None;
            let changed = without(condition, place, invert, &mut seen, &mut test);
            if let Some(test) = test {
                // A condition of which nothing is left always holds.
                let changed = changed.unwrap_or(Condition::All(Vec::new()));
                let at = Location::place(origin, test.place);
                let what = if invert { Change::Inverted(test) } else { Change::Dropped(test) };
                add(at, what, Edit::Condition(changed));
            }
        }
    }
}

/// Whether the test at a place asks for any value of an attribute of which another test asks for a certain one: no value
/// passes that one where there is none, so nothing changes without the first. Where an attribute is negated both have to be
/// written.
fn is_said_twice(condition: &Condition, place: usize) -> bool {
    fn asks_for_any(test: &Test) -> bool {
        test.operator == Operator::Exists && test.operands == [Literal::Boolean(true)]
    }
    fn all_of<'c>(condition: &'c Condition, found: &mut Vec<&'c Test>) {
        match condition {
            Condition::All(parts) => parts.iter().for_each(|part| all_of(part, found)),
            Condition::Test(test) => found.push(test),
            Condition::Any(_) | Condition::Not(_) => {}
        }
    }
    let (mut needed, mut tests) = (Vec::new(), Vec::new());
    all_of(condition, &mut needed);
    condition.tests(&mut |test, _| tests.push(test));
    let Some(test) = tests.get(place).filter(|test| asks_for_any(test)) else { return false };
    let same = |other: &&Test| other.namespace == test.namespace && other.name == test.name;
    needed.iter().any(|one| std::ptr::eq(*one, *test))
        && needed.iter().filter(|one| same(one)).any(|one| one.operator != Operator::Exists)
}

/// A condition in which the test at a place is inverted or left out; `None` when nothing is left of it.
fn without(
    condition: &Condition,
    place: usize,
    invert: bool,
    seen: &mut usize,
    found: &mut Option<Test>,
) -> Option<Condition> {
    let mut each = |parts: &[Condition]| -> Vec<Condition> {
        parts.iter().filter_map(|part| without(part, place, invert, seen, found)).collect()
    };
    match condition {
        Condition::All(parts) => Some(Condition::All(each(parts))),
        Condition::Any(parts) => Some(Condition::Any(each(parts))),
        // Without what it negates, a negation says nothing.
        Condition::Not(part) => Some(Condition::Not(Box::new(without(part, place, invert, seen, found)?))),
        Condition::Test(test) => {
            *seen += 1;
            if *seen - 1 != place {
                return Some(condition.clone());
            }
            *found = Some(test.clone());
            invert.then(|| Condition::Not(Box::new(condition.clone())))
        }
    }
}

/// The changes of what a rule names besides its condition.
fn named(found: &mut Vec<Mutant>, rulebook: &Rulebook, rule: &Rule<'_>) {
    let id = rule.rule.id.as_str();
    let mut list = Lists { found, rule: &rule.rule };
    match (rule.rule.kind, &rule.rule.part) {
        (Kind::Sod, _) => {
            let Some(sod) = rulebook.sods.get(id) else { return };
            // Of two that nobody may hold together, or of one side of a conflict, nothing is left without one.
            let least = if sod.against.is_empty() { 3 } else { 2 };
            list.each(sod, List::Entitlements, &sod.entitlements, least, EntitlementRef::to_string);
            list.each(sod, List::Against, &sod.against, 2, EntitlementRef::to_string);
        }
        (Kind::Exception, _) => {
            let Some(exception) = rulebook.exceptions.get(id) else { return };
            for (of, is_empty) in [
                (List::People, exception.people.is_empty()),
                (List::Entitlements, exception.entitlements.is_empty() || is_whole(rulebook, exception)),
            ] {
                if !is_empty {
                    list.scope(exception, of);
                }
            }
            list.each(exception, List::People, &exception.people, 2, ToString::to_string);
            list.each(exception, List::Entitlements, &exception.entitlements, 2, EntitlementRef::to_string);
        }
        (Kind::Guardrail, _) => {
            let Some(guardrail) = rulebook.guardrails.get(id) else { return };
            if guardrail.applies_to.is_some() {
                list.scope(guardrail, List::AppliesTo);
            }
        }
        (Kind::ChangeModel, None) => {
            let Some(model) = rulebook.change_models.get(id) else { return };
            list.each(model, List::Freezes, &model.freeze, 1, |freeze| freeze.name.clone());
        }
        _ => {}
    }
}

/// Whether an exception names everything that its rule keeps apart, so that it names no less than all of it.
fn is_whole(rulebook: &Rulebook, exception: &Exception) -> bool {
    let rule = &exception.rule;
    let Some(sod) = rulebook.sods.get(rule.id.as_str()).filter(|_| rule.kind == Kind::Sod) else {
        return false;
    };
    sod.entitlements.iter().chain(&sod.against).all(|one| exception.entitlements.contains(one))
}

/// Adds the changes of lists.
struct Lists<'f> {
    found: &'f mut Vec<Mutant>,
    rule: &'f Selector,
}

impl Lists<'_> {
    /// One change for each entry of a list that has at least so many.
    fn each<T: Document, E>(
        &mut self,
        entry: &Entry<T>,
        of: List,
        entries: &[E],
        least: usize,
        name: impl Fn(&E) -> String,
    ) {
        if entries.len() < least {
            return;
        }
        for (index, one) in entries.iter().enumerate() {
            self.found.push(Mutant {
                rule: self.rule.clone(),
                at: entry.at(format!("/{}/{index}", of.field())),
                change: Change::Without(name(one)),
                edit: Edit::Left(of, index),
            });
        }
    }

    /// The change by which a rule holds for everything.
    fn scope<T: Document>(&mut self, entry: &Entry<T>, of: List) {
        self.found.push(Mutant {
            rule: self.rule.clone(),
            at: entry.at(format!("/{}", of.field())),
            change: Change::Without(of.field().to_owned()),
            edit: Edit::Everything(of),
        });
    }
}

impl List {
    const fn field(self) -> &'static str {
        match self {
            Self::Entitlements => "entitlements",
            Self::Against => "against",
            Self::People => "people",
            Self::Freezes => "freeze",
            Self::AppliesTo => "applies-to",
        }
    }
}

impl Mutant {
    /// The changed document of a rulebook; none when there is no such thing in it.
    pub(super) fn document(&self, rulebook: &Rulebook) -> Option<AnyDocument> {
        let mut document = rulebook.document(self.rule.kind, self.rule.id.as_str())?;
        match &self.edit {
            Edit::Condition(condition) => {
                *rules::condition(&mut document, &self.rule)? = condition.clone();
            }
            Edit::Removed => remove(&mut document, &self.rule)?,
            Edit::Left(list, index) => leave(&mut document, *list, *index)?,
            Edit::Everything(list) => hold_for_everything(&mut document, *list)?,
        }
        Some(document)
    }
}

impl Mutant {
    /// The condition of the rule before and after the change, where that is what was changed.
    pub(super) fn conditions(&self, rulebook: &Rulebook) -> Option<(Condition, Condition)> {
        let mut document = rulebook.document(self.rule.kind, self.rule.id.as_str())?;
        let was = rules::condition(&mut document, &self.rule)?.clone();
        match &self.edit {
            Edit::Condition(is) => Some((was, is.clone())),
            Edit::Removed => Some((was, Condition::Any(Vec::new()))),
            _ => None,
        }
    }
}

/// Takes away what a rule does. The document stays, since others refer to it.
fn remove(document: &mut AnyDocument, rule: &Selector) -> Option<()> {
    match document {
        AnyDocument::Sod(sod) => sod.mode = Mode::Record,
        AnyDocument::Exception(exception) => exception.expires = None,
        AnyDocument::Workflow(workflow) => {
            let part: &Id = rule.part.as_ref()?;
            workflow.stage.retain(|stage| stage.id != *part);
        }
        other => *rules::condition(other, rule)? = Condition::Any(Vec::new()),
    }
    Some(())
}

fn leave(document: &mut AnyDocument, list: List, index: usize) -> Option<()> {
    fn take<E>(entries: &mut Vec<E>, index: usize) -> Option<()> {
        (index < entries.len()).then(|| drop(entries.remove(index)))
    }
    match (document, list) {
        (AnyDocument::Sod(sod), List::Entitlements) => take(&mut sod.entitlements, index),
        (AnyDocument::Sod(sod), List::Against) => take(&mut sod.against, index),
        (AnyDocument::Exception(exception), List::Entitlements) => take(&mut exception.entitlements, index),
        (AnyDocument::Exception(exception), List::People) => take(&mut exception.people, index),
        (AnyDocument::ChangeModel(model), List::Freezes) => take(&mut model.freeze, index),
        _ => None,
    }
}

fn hold_for_everything(document: &mut AnyDocument, list: List) -> Option<()> {
    match (document, list) {
        (AnyDocument::Exception(exception), List::Entitlements) => exception.entitlements.clear(),
        (AnyDocument::Exception(exception), List::People) => exception.people.clear(),
        (AnyDocument::Guardrail(guardrail), List::AppliesTo) => guardrail.applies_to = None,
        _ => return None,
    }
    Some(())
}
