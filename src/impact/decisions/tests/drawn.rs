//! Drawn pairs of rulebooks, held against what is plain and slow: every element of the space one by one, and
//! the engine that decides requests.

use jiff::Timestamp;

use super::super::*;
use crate::{
    decide::{
        asked,
        condition::Known,
        facts::Facts,
        reference::{
            compare::{decided, seeds},
            draw::{Draw, world},
            steps::Answer,
            world::World,
        },
        space::{Facet, Key},
        value::Value,
    },
    model::{
        Location,
        condition::{Operator, Test},
        request::Request,
        scenario::Verdict,
    },
};

/// A world and the same with some of its rules drawn anew.
fn pair(seed: u64) -> (World, World) {
    let mut draw = Draw::new(seed);
    let before = world(&mut draw, 20);
    let other = world(&mut draw, 0);
    let mut after = before.clone();
    after.requests.clear();
    let is_rule = |object: &[String]| {
        ["[access.", "[guardrail.", "[sod.", "[workflow.", "[exception."]
            .iter()
            .any(|kind| object[0].starts_with(kind))
    };
    for place in 0..after.objects.len() {
        if !is_rule(&after.objects[place]) || !draw.chance(25) {
            continue;
        }
        let heading = after.objects[place][0].clone();
        if let Some(anew) = other.objects.iter().find(|object| object[0] == heading) {
            after.objects[place].clone_from(anew);
        }
    }
    (before, after)
}

/// What a line comes to for one element, with the lines that are read before.
fn plain(
    lines: &Lines<'_>,
    sets: &[Vec<Set>],
    space: &Space<'_>,
    point: &crate::decide::space::Point,
) -> Outcome {
    let mut effects: Vec<&meaning::Effect> = Vec::new();
    let mut waived = Vec::new();
    for (line, sets) in lines.all.iter().zip(sets) {
        if !space.holds(sets[0], point) {
            continue;
        }
        // The waivers of a line, the one that lasts longest first.
        let mut waivers: Vec<_> = line.waivers.iter().zip(&sets[1..]).collect();
        waivers.sort_by_key(|(waiver, _)| std::cmp::Reverse(waiver.until));
        if let Some((waiver, _)) = waivers.into_iter().find(|(_, set)| space.holds(**set, point)) {
            let mut effect = meaning::Effect::of(meaning::Ruling::Nothing);
            effect.until = Some(waiver.until);
            waived.push(effect);
            continue;
        }
        effects.push(&line.effect);
        if line.effect.ruling != meaning::Ruling::Nothing {
            break;
        }
    }
    meaning::together(waived.iter().chain(effects))
}

/// The set of each line, and of each of its waivers.
fn line_sets<'a>(
    space: &mut Space<'a>,
    side: &Side<'a>,
    offer: Option<&Offer<'a>>,
    lines: &Lines<'a>,
) -> Vec<Vec<Set>> {
    let mut all = Vec::new();
    for line in &lines.all {
        let mut sets = vec![match (line.when.condition(), offer) {
            (Some(condition), Some(offer)) => {
                let vocabulary = side.engine.vocabulary();
                let left = policy::given(condition, &|test| policy::answer(vocabulary, offer, test));
                space.set(&left).unwrap()
            }
            _ => Set::EVERYTHING,
        }];
        for waiver in &line.waivers {
            let (named, [subject, requester]) = waiver.conditions();
            let mut set = named.map_or(Set::EVERYTHING, |named| space.set(&named).unwrap());
            for except in [subject, requester] {
                let except = space.set(&except).unwrap();
                set = space.minus(set, except).unwrap();
            }
            sets.push(set);
        }
        all.push(sets);
    }
    all
}

/// Everything that is read about an entitlement, whether or not it can apply.
fn all_lines<'a>(sides: &[Side<'a>; 2], offers: &[Option<Offer<'a>>; 2]) -> [Lines<'a>; 2] {
    [0, 1].map(|side| match &offers[side] {
        Some(offer) => sides[side].lines(offer, Which::All),
        None => Lines::none(),
    })
}

/// Classes drawn for all variables of a space, those of a set where there is one.
fn drawn(draw: &mut Draw, space: &mut Space<'_>, around: Set) -> Vec<u32> {
    let count = space.variables().count();
    let mut known = vec![None; count];
    for variable in 0..count {
        known[variable] = Some(u32::try_from(draw.below(space.width(variable))).unwrap());
        if !space.is_possible(around, &known) {
            known[variable] = None;
        }
    }
    let left = space.given(around, &known).unwrap();
    let rest = space.point(left).unwrap();
    known.iter().zip(rest.classes()).map(|(known, rest)| known.unwrap_or(*rest)).collect()
}

#[test]
fn every_element_is_in_the_case_that_a_plain_reading_gives() {
    let (mut points, mut changed, mut left_out) = (0, 0, 0);
    for seed in seeds(60) {
        let (before, after) = pair(seed);
        let (Ok(old), Ok(new)) = (before.book(), after.book()) else { continue };
        let at: Timestamp = before.requests[0].1;
        let sides = [Side::new(Engine::new(&old).unwrap(), at), Side::new(Engine::new(&new).unwrap(), at)];
        let mut comparison = Comparison::new(&sides, Budget::default());
        let mut regions = comparison.regions();
        assert_eq!(regions.unknown, [], "seed {seed}");
        let all: Vec<Differing<'_>> = comparison.offers().collect();
        let lines: Vec<[Lines<'_>; 2]> = all.iter().map(|one| all_lines(&sides, &one.offers)).collect();
        // A space that tells everything apart, also what the comparison did not have to look at.
        let mut whole = sets::space(&sides, lines.iter(), Budget::default().nodes).unwrap();
        let keys: Vec<Key> = whole.variables().cloned().collect();
        let mut draw = Draw::new(seed);
        for (one, lines) in all.iter().zip(&lines) {
            let sets: Vec<Vec<Vec<Set>>> = (0..2)
                .map(|side| line_sets(&mut whole, &sides[side], one.offers[side].as_ref(), &lines[side]))
                .collect();
            let own = regions.differing.iter().find(|known| known.entitlement == one.entitlement);
            let differing = own.map(|own| own.changes.clone()).unwrap_or_default();
            left_out += usize::from(own.is_none());
            for _ in 0..if own.is_some() { 60 } else { 20 } {
                // Elements all over the space, and some of every case.
                let mut classes = drawn(&mut draw, &mut whole, Set::EVERYTHING);
                let chosen = differing.get(draw.below(differing.len() + 1));
                if let (Some((_, set)), Some(space)) = (chosen, &mut regions.space) {
                    let inside = drawn(&mut draw, space, *set);
                    for (variable, key) in space.variables().enumerate() {
                        let place = keys.iter().position(|known| known == key).unwrap();
                        let value = space.sample(variable, inside[variable]).unwrap();
                        classes[place] = whole.class_of(place, &value).unwrap();
                    }
                }
                let value = |key: &Key| {
                    let place = keys.iter().position(|known| known == key).unwrap();
                    whole.sample(place, classes[place]).unwrap()
                };
                let point = whole.locate(value).unwrap();
                let [before, after] = [0, 1].map(|side| plain(&lines[side], &sets[side], &whole, &point));
                let place = regions.space.as_ref().map(|space| (space, space.locate(value).unwrap()));
                let inside: Vec<_> = differing
                    .iter()
                    .filter(|(_, set)| place.as_ref().is_some_and(|(space, point)| space.holds(*set, point)))
                    .collect();
                points += 1;
                changed += inside.len();
                if before == after {
                    assert!(inside.is_empty(), "seed {seed}: {} {before:?} {inside:?}", one.entitlement);
                } else {
                    assert_eq!(inside.len(), 1, "seed {seed}: {} {before:?} {after:?}", one.entitlement);
                    let [was, is] = inside[0].0.outcomes.map(|number| comparison.outcome(number));
                    assert_eq!((was, is), (before, after), "seed {seed}: {}", one.entitlement);
                }
            }
        }
    }
    assert!(points > 500 && changed > 100 && left_out > 50, "{points} {changed} {left_out}");
}

/// What a decision comes to, without its reasons.
pub(super) fn essence(answer: &Answer) -> String {
    // Somebody who brings what is missing is granted it.
    if answer.verdict == Verdict::Denied && answer.denials.iter().all(|denial| denial == "missing-evidence") {
        return "lacks evidence".to_owned();
    }
    if matches!(answer.verdict, Verdict::Denied | Verdict::Invalid) {
        return "denied".to_owned();
    }
    let mut stages: Vec<String> =
        answer.stages.iter().map(|stage| format!("{:?} {}", stage.people, stage.needed)).collect();
    stages.sort();
    let ends: Vec<_> = answer.items.iter().map(|(_, _, end)| end).collect();
    let mut evidence: Vec<_> = answer.evidence.iter().collect();
    evidence.sort();
    format!("{:?} {stages:?} {ends:?} {evidence:?}", answer.verdict)
}

/// Where a request lies in a space; none when something about it cannot be said.
pub(super) fn locate(
    space: &Space<'_>,
    facts: &Facts<'_, '_>,
    instant: Timestamp,
) -> Option<crate::decide::space::Point> {
    let failed = std::cell::Cell::new(false);
    let owned: std::cell::RefCell<Vec<String>> = std::cell::RefCell::default();
    let _ = &owned;
    let mut values: Vec<(Key, Option<Value<'_>>)> = Vec::new();
    for key in space.variables() {
        let test = Test {
            namespace: key.namespace.clone(),
            name: key.name.clone(),
            operator: Operator::Exists,
            operands: Vec::new(),
            key: crate::diag::Place::default(),
            place: crate::diag::Place::default(),
        };
        let resolved = facts.engine().vocabulary().of(&test)?;
        let value = match &key.facet {
            Facet::Within(calendar) => {
                let calendar = facts.engine().calendars().get(calendar, Location::settings).ok()?;
                let _ = instant;
                Some(Value::Boolean(calendar.is_open(instant)))
            }
            Facet::Member(member) => match facts_value(facts, &test, &resolved.values)? {
                Value::Set(members) => Some(Value::Boolean(members.contains(&&**member))),
                _ => Some(Value::Boolean(false)),
            },
            Facet::Value => facts_value(facts, &test, &resolved.values),
        };
        values.push((key.clone(), value));
    }
    let point = space.locate(|key| {
        let found = values.iter().find(|(known, _)| known == key).and_then(|(_, value)| value.clone());
        found.unwrap_or_else(|| {
            failed.set(true);
            Value::Absent
        })
    });
    point.filter(|_| !failed.get())
}

fn facts_value<'f>(
    facts: &'f Facts<'_, '_>,
    test: &Test,
    values: &crate::decide::vocabulary::Type<'_>,
) -> Option<Value<'f>> {
    facts.value(test, values, &Location::settings).ok()
}

#[test]
fn a_request_that_the_engine_decides_otherwise_is_in_a_case() {
    let (mut seen, mut flips, mut directions) = (0, 0, BTreeSet::new());
    for seed in seeds(100) {
        let (before, after) = pair(seed);
        let (Ok(old), Ok(new)) = (before.book(), after.book()) else { continue };
        for (request, at) in before.asked() {
            let simple = request.entitlements.len() == 1
                && request.bundle.is_none()
                && request.request_type.is_none()
                && request.pending.is_empty();
            if !simple {
                continue;
            }
            let engines = [Engine::new(&old).unwrap(), Engine::new(&new).unwrap()];
            let decide = |engine: &Engine<'_>, request: &Request| {
                essence(&decided(&crate::decide::access::decide(engine, request, at, None)))
            };
            let [was, is] = [0, 1].map(|side| decide(&engines[side], &request));
            let sides = engines.map(|engine| Side::new(engine, at));
            let mut comparison = Comparison::new(&sides, Budget::default());
            let regions = comparison.regions();
            let Ok(Ok(asked)) = asked::resolve(&sides[0].engine, &request, at) else { continue };
            // Duties are about what is held at the same time; here that is what is held now.
            let all_now = asked.starts == at && asked.held.iter().all(|held| held.is_at(at));
            let (Some(offer), true) = (asked.offers.first().copied(), all_now) else { continue };
            seen += 1;
            flips += usize::from(was != is);
            if was == is {
                continue;
            }
            let own = regions.differing.iter().find(|one| one.entitlement == request.entitlements[0]);
            let facts = Facts::new(&sides[0].engine, &asked, Some(offer), None);
            let space = regions.space.as_ref().unwrap();
            let Some(point) = locate(space, &facts, at) else { continue };
            let mut changes = own.into_iter().flat_map(|one| &one.changes);
            let found = changes.find(|(_, set)| space.holds(*set, &point));
            let said = || {
                format!(
                    "seed {seed}: {request:?}\nwas {was}\nis {is}\n{}\nnow\n{}",
                    before.text(),
                    after.text()
                )
            };
            let lines = found.map(|(change, _)| change.outcomes.map(|number| comparison.outcome(number)));
            let said = || format!("{lines:#?} {}", said());
            let Some((change, _)) = found else { panic!("{}", said()) };
            let [one, other] = change.outcomes.map(|number| comparison.outcome(number));
            let (was_denied, is_denied) = (was == "denied", is == "denied");
            let way = direction(&one, &other);
            directions.insert(way);
            match way {
                Direction::Tightens => assert!(is_denied || !was_denied, "tightens {}", said()),
                Direction::Loosens => assert!(was_denied || !is_denied, "loosens {}", said()),
                Direction::Neutral => assert_eq!(was_denied, is_denied, "neutral {}", said()),
                Direction::Incomparable => {}
            }
        }
    }
    assert!(directions.len() >= 3, "all directions were seen: {directions:?}");
    assert!(seen > 100 && flips > 10, "{seen} {flips}");
}
