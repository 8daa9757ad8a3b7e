//! What keeps people and programs in check besides decisions: who agrees to changes of the rulebook, what agents and
//! automations must not do, and which training has to be shown.
//!
//! Here, too, a promise is one to the business, and what checks less is weaker.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Case, Change, Commitments, Direction, Topic, Unknown,
    changes::agreed,
    fields::{Field, shown, sorted},
    side::Side,
    times::Times,
};
use crate::{
    decide::policy,
    model::{
        Document, Entry, Id, Kind, Objects, Selector, ai_policy::AiPolicy, automation::Automation,
        governance::GovernanceRule,
    },
};

/// What differs, with which way each goes.
type Changes = Vec<(Direction, Change)>;

/// Adds what checks more or less than before.
pub(super) fn compare(times: &Times<'_, '_>, found: &mut Commitments) {
    let mut all: Vec<(Selector, Changes)> = Vec::new();
    governance(times, &mut all, &mut found.unknown);
    let [old, new] = times.sides.each_ref().map(Side::rulebook);
    objects([&old.ai_policies, &new.ai_policies], &agents, &mut all);
    objects([&old.automations, &new.automations], &automation, &mut all);
    trainings(times.sides, &mut all);
    let kept = ledger(times.sides);
    // The same change of several is told once.
    let mut told: Vec<(Direction, Vec<Change>, Vec<Selector>)> = Vec::new();
    for (subject, changes) in all {
        for (direction, changes) in sorted(changes) {
            match told.iter_mut().find(|(way, known, _)| *way == direction && *known == changes) {
                Some((.., subjects)) => subjects.push(subject.clone()),
                None => told.push((direction, changes, vec![subject.clone()])),
            }
        }
    }
    // The settings are no object.
    told.extend(sorted(kept).into_iter().map(|(direction, changes)| (direction, changes, Vec::new())));
    for (direction, changes, subjects) in told {
        found.cases.push(Case::new(Topic::Control, direction, subjects, changes, Vec::new()));
    }
}

/// The rules about who agrees to changes of the rulebook.
fn governance(times: &Times<'_, '_>, all: &mut Vec<(Selector, Changes)>, unknown: &mut Vec<Unknown>) {
    let [old, new] = times.sides.each_ref().map(rules);
    let subjects: BTreeSet<&Selector> = old.keys().chain(new.keys()).collect();
    for subject in subjects {
        let changes = match (old.get(subject), new.get(subject)) {
            (Some(_), None) => vec![(Direction::Weaker, Change::Exists(false))],
            (None, Some(_)) => vec![(Direction::Stronger, Change::Exists(true))],
            (Some(was), Some(is)) => match agreed(times, [Some(&was.workflow), Some(&is.workflow)]) {
                Ok(way) => rule([was, is], way),
                Err(why) => {
                    unknown.push(Unknown { subjects: vec![subject.clone()], why: why.to_string() });
                    continue;
                }
            },
            (None, None) => continue,
        };
        all.push((subject.clone(), changes));
    }
}

fn rules<'a>(side: &Side<'a>) -> BTreeMap<Selector, &'a GovernanceRule> {
    let mut found = BTreeMap::new();
    for governance in &side.rulebook().governances {
        for rule in &governance.value.rule {
            let part = Some(rule.id.clone());
            found.insert(Selector { kind: Kind::Governance, id: governance.id.clone(), part }, rule);
        }
    }
    found
}

/// What differs about one rule, and which way it goes from those who agreed to those who agree.
fn rule([was, is]: [&GovernanceRule; 2], agreed: Direction) -> Changes {
    let list = |all: &[String]| (!all.is_empty()).then(|| all.join(", "));
    let fields = [
        Field::other("for the kinds", list(&was.kinds), list(&is.kinds)),
        Field::other("for the paths", list(&was.paths), list(&is.paths)),
        Field::other("for the effect", shown(was.effect.as_ref()), shown(is.effect.as_ref())),
        Field::other("when it touches people", shown(was.people_min.as_ref()), shown(is.people_min.as_ref())),
        Field::other("for the tier", shown(was.tier.as_ref()), shown(is.tier.as_ref())),
        Field::other("from the risk", shown(was.risk_min.as_ref()), shown(is.risk_min.as_ref())),
    ];
    // Which changes it is about is less with each condition; whether others still cover them is not worked out.
    let mut changes: Changes =
        fields.into_iter().flatten().map(|(_, field)| (Direction::Mixed, Change::Field(field))).collect();
    if agreed != Direction::Neutral {
        let [before, after] = [was, is].map(|rule| Some(rule.workflow.to_string()));
        changes.push((agreed, Change::Authority { risk: None, before, after }));
    }
    changes
}

/// Objects of a kind that are there on one side only, or say something else.
fn objects<T: Document>(
    [old, new]: [&Objects<T>; 2],
    differ: &dyn Fn([&T; 2]) -> Changes,
    all: &mut Vec<(Selector, Changes)>,
) {
    let ids: BTreeSet<&Id> = old.iter().chain(new.iter()).map(|entry: &Entry<T>| &entry.id).collect();
    for id in ids {
        let changes = match [old, new].map(|objects| objects.get(id.as_str()).map(|entry| &entry.value)) {
            [Some(was), Some(is)] => differ([was, is]),
            [Some(_), None] => vec![(Direction::Weaker, Change::Exists(false))],
            [None, Some(_)] => vec![(Direction::Stronger, Change::Exists(true))],
            [None, None] => continue,
        };
        all.push((Selector { kind: T::KIND, id: id.clone(), part: None }, changes));
    }
}

/// What agents may do, and what not.
fn agents([was, is]: [&AiPolicy; 2]) -> Changes {
    let less = |field: Option<(Direction, Field)>| field.map(|(way, field)| (way.opposite(), field));
    let fields = [
        Field::list("for the agents", &was.agents, &is.agents),
        less(Field::more("may see data up to", was.data.as_ref(), is.data.as_ref())),
        less(Field::list("may", &was.may, &is.may)),
        Field::list("must not", &was.must_not, &is.must_not),
        Field::other("handed over to", shown(was.hand_off.as_ref()), shown(is.hand_off.as_ref())),
        Field::list("handed over when", &was.hand_off_when, &is.hand_off_when),
        Field::sooner("kept for", was.retention, is.retention),
        Field::list("blacked out", &was.redact, &is.redact),
        Field::flag("what they write is marked", was.label_output, is.label_output),
    ];
    fields.into_iter().flatten().map(|(way, field)| (way, Change::Field(field))).collect()
}

/// What an automation must not do, and as whom it runs.
fn automation([was, is]: [&Automation; 2]) -> Changes {
    let fields = [
        Field::other("starts when", was.starts_when.clone(), is.starts_when.clone()),
        Field::other("done when", was.done_when.clone(), is.done_when.clone()),
        Field::list("must never", &was.guardrails, &is.guardrails),
        Field::other("writes down what it did in", was.log.clone(), is.log.clone()),
        Field::other("when it fails", was.on_failure.clone(), is.on_failure.clone()),
        Field::other("runs as", shown(was.runs_as.as_ref()), shown(is.runs_as.as_ref()))
            .map(|(_, field)| (Direction::Mixed, field)),
        Field::sooner("stopped after", was.timeout, is.timeout),
        Field::other(
            "with the rules for its agent",
            shown(was.ai_policy.as_ref()),
            shown(is.ai_policy.as_ref()),
        ),
    ];
    fields.into_iter().flatten().map(|(way, field)| (way, Change::Field(field))).collect()
}

/// How grants are kept: how soon somebody looks at an emergency, and how long what is over stays.
fn ledger(sides: &[Side<'_>; 2]) -> Changes {
    let [was, is] = sides.each_ref().map(|side| &side.rulebook().settings.grants);
    let sooner = |what, before, after| Field::sooner(what, Some(before), Some(after));
    let fields = [
        sooner("access of an emergency is looked at within", was.emergency_review, is.emergency_review),
        sooner("a grant that is over stands as active for at most", was.stale_after, is.stale_after),
        sooner("access of an old job is kept for", was.after_move, is.after_move),
    ];
    fields.into_iter().flatten().map(|(way, field)| (way, Change::Field(field))).collect()
}

/// The trainings that have to be shown for entitlements. That there is one at all is told by the decisions; here it is
/// another one.
fn trainings(sides: &[Side<'_>; 2], all: &mut Vec<(Selector, Changes)>) {
    let [old, new] = sides.each_ref().map(Side::rulebook);
    for before in policy::offers(old) {
        let Some(after) = policy::offer(new, &before.reference()) else { continue };
        let trainings = [&before, &after].map(|offer| offer.entitlement.training.clone());
        let [Some(was), Some(is)] = trainings else { continue };
        if let Some((_, field)) = Field::other("training", Some(was), Some(is)) {
            let part = Some(before.id.clone());
            let subject = Selector { kind: Kind::Service, id: before.service.id.clone(), part };
            all.push((subject, vec![(Direction::Mixed, Change::Field(field))]));
        }
    }
}
