//! Separation of duties: rules that say nothing, and conflicts that are already there.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
};

use jiff::civil::Date;

use super::groups::includes;
use crate::{
    decide::{
        hands::Hands,
        policy::offer,
        waiver::{Whom, own, waives},
    },
    diag::{Code, code},
    lint::{Context, Location},
    load::words::list,
    model::{
        EntitlementRef, Entry, Kind, Ref, Rulebook, Selector,
        access::Mode,
        bundle::Bundle,
        grant::GrantState,
        person::Person,
        sod::{Sod, SodDecision},
    },
};

/// A rule has only one side.
pub(super) static ONE_SIDE: Code = code!("GS4085", "separation-with-one-side", fixed Error, "a separation of duties names one entitlement and nothing that conflicts with it");
/// An entitlement is on both sides.
pub(super) static BOTH_SIDES: Code = code!(
    "GS4086",
    "same-on-both-sides",
    Error,
    "an entitlement, or all that it gives, stands on both sides of a separation of duties"
);
/// A bundle holds a conflict.
pub(super) static IN_BUNDLE: Code = code!(
    "GS4087",
    "conflict-in-bundle",
    Error,
    "a bundle gives people entitlements that nobody may hold together"
);
/// Two bundles hold a conflict.
pub(super) static BETWEEN_BUNDLES: Code = code!(
    "GS4088",
    "conflict-between-bundles",
    Error,
    "people get entitlements from two bundles that nobody may hold together"
);
/// Somebody holds a conflict.
pub(super) static HELD: Code =
    code!("GS4089", "conflict-held", Error, "somebody holds entitlements that nobody may hold together");
/// Somebody holds a conflict that people may agree to.
pub(super) static HELD_BY_LEAVE: Code = code!(
    "GS4091",
    "conflict-held-by-leave",
    Warning,
    "somebody holds entitlements that people have to agree to before they are held together"
);

pub(super) fn one_side(context: &mut Context<'_>) {
    for sod in &context.rulebook.sods {
        let distinct: BTreeSet<&EntitlementRef> = sod.entitlements.iter().collect();
        if sod.against.is_empty() && distinct.len() < 2 {
            context
                .report(
                    sod.at("/entitlements"),
                    format!("the separation of duties `{}` separates nothing", sod.id),
                )
                .label("one entitlement, and no `against`")
                .help("name the entitlements that conflict with it, here or as `against`");
        }
    }
}

pub(super) fn both_sides(context: &mut Context<'_>) {
    for sod in &context.rulebook.sods {
        for (index, entitlement) in sod.against.iter().enumerate() {
            let Some(place) = sod.entitlements.iter().position(|known| known == entitlement) else {
                continue;
            };
            context
                .report(
                    sod.at(format!("/against/{index}")),
                    format!("`{entitlement}` stands on both sides of `{}`", sod.id),
                )
                .label("nothing conflicts with itself")
                .related(sod.at(format!("/entitlements/{place}")), "the other side")
                .help("remove it from one side; without `against`, no two of `entitlements` may be held together");
        }
        includes_the_other_side(context, sod);
    }
}

/// One entitlement that gives all that one of the other side gives.
fn includes_the_other_side(context: &mut Context<'_>, sod: &Entry<Sod>) {
    let rulebook = context.rulebook;
    let named = || {
        let place = |field: &'static str| move |(index, one)| (format!("/{field}/{index}"), one);
        let against = sod.value.against.iter().enumerate().map(place("against"));
        sod.value.entitlements.iter().enumerate().map(place("entitlements")).chain(against)
    };
    for (place, one) in named() {
        let other = named().find(|(_, other)| {
            sod.conflicts(one, other)
                && offer(rulebook, one)
                    .zip(offer(rulebook, other))
                    .is_some_and(|(one, other)| includes(&one, &other))
        });
        let Some((there, other)) = other else { continue };
        context
            .report(
                sod.at(place),
                format!("`{one}` gives all that `{other}` gives, and `{}` separates them", sod.id),
            )
            .label("its groups include those of the other")
            .related(sod.at(there), "gives nothing but these groups")
            .help("give each side groups of its own: whoever holds this one has both");
    }
}

fn enforced(rulebook: &Rulebook) -> impl Iterator<Item = &Entry<Sod>> {
    rulebook.sods.iter().filter(|sod| sod.mode == Mode::Enforce)
}

/// Whether an exception in force lets somebody hold two things together, as requests for them are decided: of the requesters,
/// whoever asked for one of them did not agree to it.
fn is_excepted<'a>(
    (rulebook, hands): (&'a Rulebook, &OnceCell<Hands<'a>>),
    sod: &Entry<Sod>,
    person: &str,
    requesters: &[&str],
    about: [&EntitlementRef; 2],
    today: Date,
) -> bool {
    let rule = Selector { kind: Kind::Sod, id: sod.id.clone(), part: None };
    let people: Vec<&Entry<Person>> =
        requesters.iter().chain([&person]).filter_map(|id| rulebook.people.get(id)).collect();
    let mut own = own(rulebook, hands.get_or_init(|| Hands::new(rulebook)), &people);
    own.push(person);
    let whom = Whom { beneficiary: person, own: &own, about: &about };
    rulebook.exceptions.iter().any(|exception| waives(rulebook, exception, &rule, &whom, today))
}

pub(super) fn in_bundle(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for bundle in &rulebook.bundles {
        for sod in enforced(rulebook) {
            let Some((one, other)) = conflict(sod, bundle, bundle) else { continue };
            context
                .report(
                    bundle.at("/entitlements"),
                    format!("the bundle `{}` gives people `{one}` and `{other}`", bundle.id),
                )
                .label("nobody may hold both")
                .related(sod.at(""), sod.description.clone())
                .help("take one of them out of the bundle");
        }
    }
}

fn conflict<'a>(
    sod: &Sod,
    one: &'a Entry<Bundle>,
    other: &'a Entry<Bundle>,
) -> Option<(&'a EntitlementRef, &'a EntitlementRef)> {
    one.value.entitlements.iter().find_map(|left| {
        let right = other.value.entitlements.iter().find(|right| sod.conflicts(left, right))?;
        Some((left, right))
    })
}

pub(super) fn between_bundles(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let today = context.today;
    let directory = context.analysis.directory();
    let bundles: Vec<&Entry<Bundle>> = rulebook.bundles.iter().collect();
    let hands = OnceCell::new();
    for sod in enforced(rulebook) {
        for (index, one) in bundles.iter().enumerate() {
            for other in bundles.iter().skip(index + 1) {
                // A bundle that holds the conflict alone is another finding.
                if conflict(sod, one, one).is_some() || conflict(sod, other, other).is_some() {
                    continue;
                }
                let Some((left, right)) = conflict(sod, one, other) else { continue };
                let gets =
                    |bundle: &Entry<Bundle>, person| directory.holds(&bundle.when, person) == Some(true);
                let people: Vec<&str> = directory
                    .present()
                    .filter(|person| gets(one, person) && gets(other, person))
                    .map(|person| person.id.as_str())
                    .filter(|person| !is_excepted((rulebook, &hands), sod, person, &[], [left, right], today))
                    .collect();
                if people.is_empty() {
                    continue;
                }
                context
                    .report(
                        other.at("/when"),
                        format!("{} get `{left}` and `{right}` from two bundles", count(people.len())),
                    )
                    .label(format!("the bundle `{}`", other.id))
                    .related(one.at("/when"), format!("the bundle `{}`", one.id))
                    .related(sod.at(""), sod.description.clone())
                    .note(format!("for example {}", list(people.iter().take(3).copied())))
                    .help("let the conditions exclude each other, or take an entitlement out");
            }
        }
    }
}

fn count(people: usize) -> String {
    if people == 1 { "1 person would".to_owned() } else { format!("{people} people would") }
}

/// An entitlement that somebody holds, with where that is said and for which days.
struct Holding<'a> {
    /// The record of theirs under which they hold it.
    holder: &'a str,
    entitlement: &'a EntitlementRef,
    /// Who asked for it, when that was somebody else.
    requester: Option<&'a str>,
    at: Location,
    from: Option<Date>,
    until: Option<Date>,
}

pub(super) fn held(context: &mut Context<'_>) {
    held_where(context, |sod| sod.decision == SodDecision::Deny);
}

pub(super) fn held_by_leave(context: &mut Context<'_>) {
    held_where(context, |sod| sod.decision != SodDecision::Deny);
}

fn held_where(context: &mut Context<'_>, wanted: fn(&Sod) -> bool) {
    let rulebook = context.rulebook;
    let today = context.today;
    let mentioned: BTreeSet<&EntitlementRef> =
        enforced(rulebook).flat_map(|sod| sod.value.entitlements.iter().chain(&sod.value.against)).collect();
    let mut held: BTreeMap<&str, Vec<Holding<'_>>> = BTreeMap::new();
    let hands = OnceCell::new();
    for grant in &rulebook.grants {
        let over = grant.end.is_some_and(|end| end.0 < today);
        if grant.state == GrantState::Active && !over && mentioned.contains(&grant.value.entitlement) {
            // Whoever has several records holds what each of them does.
            let holder = grant.value.beneficiary.as_str();
            let person = hands.get_or_init(|| Hands::new(rulebook)).of(holder);
            held.entry(person).or_default().push(Holding {
                holder,
                entitlement: &grant.value.entitlement,
                requester: grant.value.requester.as_ref().map(Ref::as_str),
                at: grant.at("/entitlement"),
                from: Some(grant.start.0),
                until: grant.end.map(|end| end.0),
            });
        }
    }
    let directory = context.analysis.directory();
    for (person, mut holdings) in held {
        let granted = holdings.len();
        let others = hands.get().into_iter().flat_map(|hands| hands.others(person));
        let records: BTreeSet<&str> = others.chain([person]).collect();
        for entry in records.into_iter().filter_map(|record| rulebook.people.get(record)) {
            for bundle in &rulebook.bundles {
                let relevant: Vec<_> =
                    bundle.value.entitlements.iter().filter(|one| mentioned.contains(one)).collect();
                if !relevant.is_empty() && directory.holds(&bundle.when, entry) == Some(true) {
                    let holding = |entitlement| Holding {
                        holder: entry.id.as_str(),
                        entitlement,
                        requester: None,
                        at: bundle.at("/when"),
                        from: None,
                        until: None,
                    };
                    holdings.extend(relevant.into_iter().map(holding));
                }
            }
        }
        for sod in enforced(rulebook).filter(|sod| wanted(&sod.value)) {
            let is_excepted = |first: &Holding<'_>, second: &Holding<'_>| {
                let requesters: Vec<&str> =
                    [first.requester, second.requester].into_iter().flatten().collect();
                let about = [first.entitlement, second.entitlement];
                let excepted =
                    |holder| is_excepted((rulebook, &hands), sod, holder, &requesters, about, today);
                // Of one person with two records both are let.
                excepted(first.holder) && excepted(second.holder)
            };
            let Some((first, second)) = pair(sod, &holdings, granted, is_excepted) else { continue };
            context
                .report(first.at.clone(), said(first, second))
                .label("nobody may hold both")
                .related(second.at.clone(), "and this")
                .related(sod.at(""), sod.description.clone())
                .help(
                    "take one of them away, or write an `exception` with an end, a compensating control and somebody who \
                     agreed to it: neither the holder nor who asked",
                );
        }
    }
}

fn said(first: &Holding<'_>, second: &Holding<'_>) -> String {
    let (one, other) = (first.entitlement, second.entitlement);
    if first.holder == second.holder {
        format!("`{}` holds `{one}` and `{other}`", first.holder)
    } else {
        format!(
            "`{}` holds `{one}`, and the same person holds `{other}` as `{}`",
            first.holder, second.holder
        )
    }
}

/// A grant and something else, on days in common, that do not go together and are not excepted.
fn pair<'h, 'a>(
    sod: &Sod,
    holdings: &'h [Holding<'a>],
    granted: usize,
    is_excepted: impl Fn(&Holding<'_>, &Holding<'_>) -> bool,
) -> Option<(&'h Holding<'a>, &'h Holding<'a>)> {
    holdings.iter().take(granted).enumerate().find_map(|(index, first)| {
        let conflicts = |second: &&Holding<'_>| {
            let before = |until: Option<Date>, from: Option<Date>| {
                matches!((until, from), (Some(until), Some(from)) if until < from)
            };
            let together = !before(first.until, second.from) && !before(second.until, first.from);
            together
                && sod.conflicts(first.entitlement, second.entitlement)
                && !is_excepted(first, second)
        };
        holdings.iter().skip(index + 1).find(conflicts).map(|second| (first, second))
    })
}
