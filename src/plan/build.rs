//! Desired state against observed state.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    Action, Cause, Commit, Desired, FORMAT_VERSION, Found, Key, Ledger, Observed, Operation, Plan, Verdict,
    Wanted, fields,
    file::{Counts, FieldChange, KindCounts, MOST_UNMANAGED, MadeFrom, Refusal, Summary, Target},
    guard, order, parts,
};
use crate::{
    load::suggest::nearest,
    model::{
        Instant,
        settings::{Limits, TargetType},
    },
    source::digest,
};

/// What a plan is bound to besides the two states.
#[derive(Debug, Clone)]
pub struct Bound<'a> {
    /// The repository, by `project.name`.
    pub repository: &'a str,
    /// The commit whose rulebook it is; none for the files of a folder.
    pub commit: Option<Commit>,
    /// The target.
    pub target: Target,
    /// The digest of the settings of the target.
    pub configuration: String,
    /// How much the plan may change.
    pub limits: Limits,
    /// Objects that may be taken over although they differ, as `kind/id` or `kind/*`.
    pub adopt: &'a [String],
    /// When it is made.
    pub created: Instant,
    /// From when on it is not applied any more.
    pub expires: Instant,
}

/// Plans what has to be done so that a target holds what it must. What gitsm did not make is never touched.
#[must_use]
pub fn build(desired: &Desired, observed: &Observed, ledger: &Ledger, bound: Bound<'_>) -> Plan {
    let mut total = Counts::default();
    let mut kinds: BTreeMap<Box<str>, Counts> = BTreeMap::new();
    let mut operations = Vec::new();
    let mut refusals = Vec::new();
    let mut count = |key: &Key, action: Option<Action>| {
        total.add(action);
        kinds.entry(key.kind.clone()).or_default().add(action);
    };
    for (key, wanted) in &desired.objects {
        if let Some(owner) = observed.taken.get(key) {
            refusals.push(guard::taken(key, owner, &bound.target.name));
        }
        let found = observed.objects.get(key);
        let last = ledger.objects.get(key).map(String::as_str);
        let same = found.is_some_and(|found| found.digest == wanted.content.digest());
        let action = match (found, last) {
            (Some(_), Some(_)) if same => None,
            (Some(_), Some(_)) => Some(Action::Update),
            (None, _) => Some(Action::Create),
            (Some(found), None) => {
                // An index says what the others say: there is nothing in it that could get lost.
                let may = same || found.marked || bound.adopt.iter().any(|pattern| key.matches(pattern));
                if !may {
                    refusals.push(guard::in_the_way(key, &bound.target.name));
                }
                Some(Action::Adopt)
            }
        };
        count(key, action);
        operations.extend(action.map(|action| operation(key, action, Some(wanted), found, last)));
    }
    let mut unmanaged = observed.unmanaged.clone();
    let mut abandoned = Vec::new();
    for (key, found) in observed.objects.iter().filter(|(key, _)| !desired.objects.contains_key(*key)) {
        match ledger.objects.get(key) {
            Some(last) => {
                count(key, Some(Action::Delete));
                operations.push(operation(key, Action::Delete, None, Some(found), Some(last)));
            }
            // Whoever made it has forgotten it, or was another one.
            None if found.marked => abandoned.push(key.clone()),
            None => unmanaged.push(super::Unmanaged { name: found.name.clone() }),
        }
    }
    unmanaged.sort();
    let sort = TargetType::ALL.iter().find(|sort| sort.name() == bound.target.target_type);
    let parts = parts::count(sort.map_or(&[], |sort| sort.parts()), desired, observed, ledger);
    let some = parts.iter().filter(|(_, entries)| entries.counts != Counts::default());
    kinds.extend(some.map(|(kind, entries)| ((*kind).into(), entries.counts)));
    let kinds = kinds.into_iter().map(|(kind, counts)| KindCounts { kind: kind.into_string(), counts });
    let summary = Summary { total, kinds: kinds.collect(), unmanaged: unmanaged.len() };
    unmanaged.truncate(MOST_UNMANAGED);
    let existing = |kind: &str| {
        if let Some(entries) = parts.get(kind) {
            return entries.existing;
        }
        let first = Key::new(kind, "");
        let owned = ledger.objects.range(first..).take_while(|(key, _)| &*key.kind == kind);
        owned.filter(|(key, _)| observed.objects.contains_key(key)).count()
    };
    refusals.extend(guard::refusals(&operations, &summary, &existing, &bound.limits, &bound.target.name));
    refusals.extend(misnamed(desired, observed, ledger, &bound));
    if desired.objects.values().all(|wanted| wanted.derived) {
        refusals.push(guard::nothing_desired());
    }
    let verdict = match (refusals.is_empty(), operations.is_empty()) {
        (false, _) => Verdict::Refused,
        (true, true) => Verdict::Unchanged,
        (true, false) => Verdict::Ready,
    };
    let plan = Plan {
        format_version: FORMAT_VERSION,
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        repository: bound.repository.to_owned(),
        commit: bound.commit,
        target: bound.target,
        created: bound.created,
        expires: bound.expires,
        made_from: MadeFrom {
            configuration: bound.configuration,
            desired: digest_of(desired.objects.iter().map(|(key, wanted)| (key, wanted.content.digest()))),
            observed: observed_digest(desired, observed, ledger),
        },
        limits: bound.limits,
        summary,
        verdict,
        refusals,
        constructs: desired.constructs.iter().chain(&observed.constructs).cloned().collect(),
        operations: order::ordered(operations, &needs(desired, observed)),
        unmanaged,
        abandoned,
        checksum: String::new(),
    };
    plan.sealed()
}

/// Names of objects that name nothing. A protection with a slip in it protects nobody, and is not found out until something
/// is gone. That kinds are known is looked at where the settings are read.
fn misnamed(desired: &Desired, observed: &Observed, ledger: &Ledger, bound: &Bound<'_>) -> Vec<Refusal> {
    let near = |pattern: &str| {
        let names: Vec<String> = desired.objects.keys().map(ToString::to_string).collect();
        nearest(pattern, names.iter().map(String::as_str)).map(ToOwned::to_owned)
    };
    let mut refusals = Vec::new();
    for pattern in &bound.limits.protect {
        let Some(key) = Key::parse(pattern).filter(|key| &*key.id != "*") else { continue };
        let is_known = desired.objects.contains_key(&key)
            || observed.objects.contains_key(&key)
            || ledger.objects.contains_key(&key);
        if !is_known {
            refusals.push(guard::protects_nothing(pattern, near(pattern).as_deref(), &bound.target.name));
        }
    }
    for pattern in bound.adopt {
        if !desired.objects.keys().any(|key| key.matches(pattern)) {
            refusals.push(guard::adopts_nothing(pattern, near(pattern).as_deref()));
        }
    }
    refusals
}

/// What has to be there before each object, or has to be gone from it.
fn needs<'a>(desired: &'a Desired, observed: &'a Observed) -> BTreeMap<Key, &'a [Key]> {
    let wanted = desired.objects.iter().map(|(key, wanted)| (key.clone(), wanted.needs.as_slice()));
    let gone = observed.objects.iter().filter(|(key, _)| !desired.objects.contains_key(*key));
    wanted.chain(gone.map(|(key, found)| (key.clone(), found.referred_by.as_slice()))).collect()
}

fn operation(
    key: &Key,
    action: Action,
    wanted: Option<&Wanted>,
    found: Option<&Found>,
    last: Option<&str>,
) -> Operation {
    let before = found.map(|found| found.digest.as_str());
    let after = wanted.map(|wanted| wanted.content.digest());
    let outside = last.is_some() && before != last;
    // What was never applied is not applied yet; what is deleted was applied as long as it was in the ledger.
    let pending = after != last;
    let cause = match (pending, outside) {
        (_, false) => Cause::NotAppliedYet,
        (false, true) => Cause::ChangedOutside,
        (true, true) => Cause::Both,
    };
    let (changes, changes_not_listed) = match (found, wanted) {
        (Some(found), Some(wanted)) if before != after => differences(found, wanted),
        _ => (Vec::new(), 0),
    };
    Operation {
        object: key.clone(),
        name: wanted.and_then(|wanted| wanted.name.clone()),
        action,
        cause,
        before: before.map(ToOwned::to_owned),
        after: after.map(ToOwned::to_owned),
        changes,
        changes_not_listed,
        needs: Vec::new(),
        derived: wanted.map_or_else(|| found.is_some_and(|found| found.derived), |wanted| wanted.derived),
    }
}

fn differences(found: &Found, wanted: &Wanted) -> (Vec<FieldChange>, usize) {
    let parse = |text: &str| serde_json::from_str::<Value>(text).ok();
    let both = found.content.as_deref().and_then(parse).zip(parse(wanted.content.text()));
    let Some((before, after)) = both else {
        let change = FieldChange {
            field: "(everything)".to_owned(),
            before: Some("what is no JSON".to_owned()),
            after: None,
        };
        return (vec![change], 0);
    };
    let (changes, more) = fields::differences(&before, &after);
    if changes.is_empty() {
        // The same values in other bytes: spaces, or the order of fields.
        let change = FieldChange { field: "(layout)".to_owned(), before: None, after: None };
        return (vec![change], 0);
    }
    (changes, more)
}

/// The digest of what is observed of the objects that gitsm made or would make. What belongs to others may change
/// while a plan waits.
fn observed_digest(desired: &Desired, observed: &Observed, ledger: &Ledger) -> String {
    let keys: BTreeSet<&Key> = desired.objects.keys().chain(ledger.objects.keys()).collect();
    let states: Vec<(&Key, String)> = keys
        .into_iter()
        .map(|key| {
            let found = observed.objects.get(key).map_or("-", |found| found.digest.as_str());
            let last = ledger.objects.get(key).map_or("-", String::as_str);
            (key, format!("{found} {last}"))
        })
        .collect();
    digest_of(states.iter().map(|(key, state)| (*key, state.as_str())))
}

/// The digest of some objects and what is known about each.
fn digest_of<'a>(states: impl Iterator<Item = (&'a Key, &'a str)>) -> String {
    let mut text = String::new();
    for (key, state) in states {
        for part in [&*key.kind, "/", &*key.id, " ", state, "\n"] {
            text.push_str(part);
        }
    }
    digest(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Content;

    const NOW: &str = "2026-11-20T12:00:00Z";

    fn wanted(text: &str) -> Wanted {
        Wanted { name: None, content: Content::from_text(text), needs: Vec::new(), derived: false }
    }

    fn found(text: &str) -> Found {
        Found {
            name: "x".to_owned(),
            digest: Content::from_text(text).digest().to_owned(),
            content: Some(text.to_owned()),
            derived: false,
            marked: false,
            referred_by: Vec::new(),
        }
    }

    fn planned(desired: &Desired, observed: &Observed, ledger: &Ledger, adopt: &[String]) -> Plan {
        let bound = Bound {
            repository: "Example",
            commit: None,
            target: Target {
                name: "site".to_owned(),
                target_type: "static".to_owned(),
                place: "public".to_owned(),
                place_was_named: false,
            },
            configuration: String::new(),
            limits: Limits::default(),
            adopt,
            created: NOW.parse().unwrap(),
            expires: NOW.parse().unwrap(),
        };
        build(desired, observed, ledger, bound)
    }

    /// What is done in each case, said in the plainest way.
    fn expected(
        desired: Option<&str>,
        observed: Option<&str>,
        last: Option<&str>,
    ) -> Option<(Action, Cause)> {
        let action = match (desired, observed, last) {
            // Neither wanted nor gitsm's own; or gone already.
            (None, _, None) | (None, None, Some(_)) => return None,
            (None, Some(_), Some(_)) => Action::Delete,
            (Some(_), None, _) => Action::Create,
            (Some(_), Some(_), None) => Action::Adopt,
            (Some(desired), Some(observed), Some(_)) if desired == observed => return None,
            (Some(_), Some(_), Some(_)) => Action::Update,
        };
        let changed_outside = last.is_some() && observed != last;
        let rulebook_changed = desired != last;
        let cause = match (rulebook_changed, changed_outside) {
            (true, true) => Cause::Both,
            (false, true) => Cause::ChangedOutside,
            _ => Cause::NotAppliedYet,
        };
        Some((action, cause))
    }

    #[test]
    fn what_belongs_to_another_owner_is_wanted_refused_and_never_taken_over() {
        let key = Key::new("group", "desk");
        let mut desired = Desired::default();
        desired.objects.insert(key.clone(), wanted("1"));
        let mut observed = Observed::default();
        let plan = |observed: &Observed| {
            let plan = planned(&desired, observed, &Ledger::default(), &["group/desk".to_owned()]);
            let actions: Vec<Action> = plan.operations.iter().map(|operation| operation.action).collect();
            (plan.verdict, actions, plan.refusals.into_iter().map(|one| one.message).collect::<Vec<_>>())
        };
        assert_eq!(plan(&observed), (Verdict::Ready, vec![Action::Create], vec![]));
        observed.taken.insert(key, "theirs".to_owned());
        // It is not there as far as drift is concerned, and nothing may be done about it.
        let message = "what `group/desk` would be called is there, and belongs to `theirs`".to_owned();
        assert_eq!(plan(&observed), (Verdict::Refused, vec![Action::Create], vec![message]));
    }

    #[test]
    fn every_combination_of_wanted_there_and_known_has_its_operation() {
        let values = [None, Some("\"a\""), Some("\"b\"")];
        let key = Key::new("service", "mail");
        let cases = (0..27).map(|number| (values[number / 9], values[number / 3 % 3], values[number % 3]));
        for (wants, holds, knows) in cases {
            let mut desired = Desired::default();
            // Something that stays as it is, so that the target is never emptied.
            let other = Key::new("service", "other");
            desired.objects.insert(other.clone(), wanted("1"));
            desired.objects.extend(wants.map(|text| (key.clone(), wanted(text))));
            let mut observed = Observed::default();
            observed.objects.insert(other.clone(), found("1"));
            observed.objects.extend(holds.map(|text| (key.clone(), found(text))));
            let mut ledger = Ledger::default();
            let digest = |text: &str| Content::from_text(text).digest().to_owned();
            ledger.objects.insert(other, digest("1"));
            ledger.objects.extend(knows.map(|text| (key.clone(), digest(text))));
            let plan = planned(&desired, &observed, &ledger, &[]);
            let done = plan.operations.first().map(|operation| (operation.action, operation.cause));
            let case = format!("wanted {wants:?}, there {holds:?}, known {knows:?}");
            assert_eq!(done, expected(wants, holds, knows), "{case}");
            assert!(plan.operations.len() < 2);
            // Only what is in the way of something else, and not gitsm's own, refuses the plan.
            let in_the_way = wants.is_some() && holds.is_some() && knows.is_none() && wants != holds;
            assert_eq!(plan.verdict == Verdict::Refused, in_the_way, "{case}");
            if in_the_way {
                let plan = planned(&desired, &observed, &ledger, &["service/mail".to_owned()]);
                assert_eq!(plan.verdict, Verdict::Ready);
            }
            assert_eq!(
                plan.unmanaged.len(),
                usize::from(wants.is_none() && holds.is_some() && knows.is_none())
            );
        }
    }

    #[test]
    fn an_empty_desired_state_is_never_planned() {
        let mut desired = Desired::default();
        let plan = planned(&desired, &Observed::default(), &Ledger::default(), &[]);
        assert_eq!(plan.verdict, Verdict::Refused);
        let index = Wanted { derived: true, ..wanted("{}") };
        desired.objects.insert(Key::new("index", "all"), index);
        let plan = planned(&desired, &Observed::default(), &Ledger::default(), &[]);
        assert_eq!(plan.verdict, Verdict::Refused, "an index of nothing is nothing");
        desired.objects.insert(Key::new("service", "mail"), wanted("{}"));
        let plan = planned(&desired, &Observed::default(), &Ledger::default(), &[]);
        assert_eq!(plan.verdict, Verdict::Ready);
    }

    #[test]
    fn a_plan_is_read_back_as_it_was_written() {
        let mut desired = Desired::default();
        desired.objects.insert(Key::new("service", "mail"), wanted("{}"));
        let plan = planned(&desired, &Observed::default(), &Ledger::default(), &[]);
        let text = serde_json::to_string_pretty(&plan).unwrap();
        assert_eq!(Plan::read(&text).unwrap(), plan);
        let edited = text.replacen("\"create\": 1", "\"create\": 2", 1);
        assert!(matches!(Plan::read(&edited), Err(crate::plan::file::ReadError::Edited)));
    }
}
