//! Which changes may be carried out, when, and who agrees to them: model by model, window by window.
//!
//! Here a promise is one to the business: that nothing is changed without those who have to agree, outside of the
//! windows, or in a freeze. What loosens that is weaker.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Case, Change, Commitments, Direction, HoursChange, Topic, Unknown,
    case::Because,
    conditions,
    fields::{Field, shown, sorted},
    side::Side,
    times::Times,
};
use crate::{
    decide::{
        space::{Set, Space, Unsure},
        undecidable::Undecidable,
    },
    impact::decisions::{self, Outcome, panels},
    model::{
        Id, Kind, Principal, Ref, Selector,
        change_model::{ChangeModel, ChangeType, Freeze},
        service::Risk,
        workflow::Workflow,
    },
};

/// What differs about a model, with which way each goes.
type Changes = Vec<(Direction, Change)>;

/// Adds what differs between the change models of both sides.
pub(super) fn compare(times: &Times<'_, '_>, found: &mut Commitments) {
    let ids: BTreeSet<&Id> =
        times.sides.iter().flat_map(|side| side.rulebook().change_models.iter().map(|one| &one.id)).collect();
    for id in ids {
        let subjects = vec![Selector { kind: Kind::ChangeModel, id: id.clone(), part: None }];
        let [old, new] = times.sides;
        let models = [old, new].map(|side| side.rulebook().change_models.get(id.as_str()));
        let mut changes: Changes = Vec::new();
        let mut because = Vec::new();
        match models.map(|entry| entry.map(|entry| &entry.value)) {
            [None, None] => continue,
            // Its changes follow another model now, or none; others may follow it.
            [Some(_), None] => changes.push((Direction::Mixed, Change::Exists(false))),
            [None, Some(_)] => changes.push((Direction::Mixed, Change::Exists(true))),
            [Some(before), Some(after)] => {
                let models = [before, after];
                for part in [conditions_of(times, models), risks(times, models)] {
                    match part {
                        Ok(part) => changes.extend(part),
                        Err(why) => {
                            found.unknown.push(Unknown { subjects: subjects.clone(), why: why.to_string() });
                        }
                    }
                }
                for part in [authorities(times, models), window(times, models, &mut because)] {
                    match part {
                        Ok(part) => changes.extend(part),
                        Err(why) => {
                            found.unknown.push(Unknown { subjects: subjects.clone(), why: why.to_string() });
                        }
                    }
                }
                changes.extend(freezes(times, models));
                changes.extend(demands(models));
            }
        }
        for (direction, changes) in sorted(changes) {
            let window = changes.iter().any(|change| matches!(change, Change::Window { .. }));
            let because = if window { because.clone() } else { Vec::new() };
            found.cases.push(Case::new(Topic::ChangePolicy, direction, subjects.clone(), changes, because));
        }
    }
}

/// Which changes follow a model.
fn conditions_of(times: &Times<'_, '_>, [before, after]: [&ChangeModel; 2]) -> Result<Changes, Unsure> {
    let mut changes = Changes::new();
    let types = [before, after].map(|model| Some(model.change_type.to_string()));
    let [was, is] = types;
    changes.extend(Field::other("type", was, is).map(|(_, field)| (Direction::Mixed, Change::Field(field))));
    let [gone, new] = conditions::differ(times, before.when.as_deref(), after.when.as_deref())?;
    // Whether that is stricter depends on the model that is followed instead.
    if !gone.is_empty() {
        changes.push((Direction::Mixed, Change::NoLonger("follows the model", gone)));
    }
    if !new.is_empty() {
        changes.push((Direction::Mixed, Change::Newly("follows the model", new)));
    }
    Ok(changes)
}

/// Which changes get another risk.
fn risks(times: &Times<'_, '_>, [before, after]: [&ChangeModel; 2]) -> Result<Changes, Unsure> {
    if before.risk == after.risk {
        return Ok(Changes::new());
    }
    let mut space = conditions::space(
        times,
        before.risk.iter().map(|rule| &*rule.when),
        after.risk.iter().map(|rule| &*rule.when),
    )?;
    let [old, new] = times.sides;
    let (was, is) = (by_risk(&mut space, old, before)?, by_risk(&mut space, new, after)?);
    let mut changes = Changes::new();
    for (risk, set) in &was {
        for (other, with) in is.iter().filter(|(other, _)| *other != risk) {
            let both = space.and(*set, *with)?;
            if !both.is_empty() {
                let when = conditions::words(&mut space, both);
                changes.push((
                    Direction::of_more(risk, other),
                    Change::Risk { before: *risk, after: *other, when },
                ));
            }
        }
    }
    Ok(changes)
}

/// The changes of each risk: the first rule that matches decides, and without one it is the highest.
fn by_risk<'a>(
    space: &mut Space<'a>,
    side: &Side<'a>,
    model: &ChangeModel,
) -> Result<BTreeMap<Risk, Set>, Unsure> {
    let mut left = Set::EVERYTHING;
    let mut found: BTreeMap<Risk, Set> = BTreeMap::new();
    let mut add = |space: &mut Space<'_>, risk: Risk, set: Set| {
        let known = found.get(&risk).copied().unwrap_or(Set::NOTHING);
        found.insert(risk, space.or(known, set)?);
        Ok::<_, Unsure>(())
    };
    for rule in &model.risk {
        let set = space.set_of(side.engine.vocabulary(), &rule.when)?;
        let own = space.and(set, left)?;
        add(space, rule.risk, own)?;
        left = space.minus(left, set)?;
    }
    add(space, Risk::Critical, left)?;
    Ok(found)
}

/// Who agrees to changes of each risk.
fn authorities(times: &Times<'_, '_>, [before, after]: [&ChangeModel; 2]) -> Result<Changes, Undecidable> {
    let mut changes = Changes::new();
    // Nobody is asked about a standard change.
    if before.change_type == ChangeType::Standard && after.change_type == ChangeType::Standard {
        return Ok(changes);
    }
    for risk in Risk::ALL {
        let workflows = [before.authority.get(risk), after.authority.get(risk)];
        let way = agreed(times, workflows)?;
        let [was, is] = workflows.map(|workflow| workflow.map(ToString::to_string));
        // Another name for the same people does nothing.
        if way != Direction::Neutral {
            changes.push((way, Change::Authority { risk: Some(*risk), before: was, after: is }));
        }
    }
    Ok(changes)
}

/// Which way it goes from the people of one workflow to those of another; without one, nobody can agree.
pub(super) fn agreed(
    times: &Times<'_, '_>,
    [before, after]: [Option<&Ref<Workflow>>; 2],
) -> Result<Direction, Undecidable> {
    let [old, new] = times.sides;
    let [(was, by_role), (is, role)] = [outcome(old, before)?, outcome(new, after)?];
    if was == is {
        return Ok(Direction::Neutral);
    }
    if by_role || role {
        // Whom a role stands for is known only with the service and the change.
        let denied = |outcome: &Outcome| *outcome == Outcome::Denied;
        return Ok(match (denied(&was), denied(&is)) {
            (true, _) => Direction::Weaker,
            (_, true) => Direction::Stronger,
            _ => Direction::Mixed,
        });
    }
    Ok(match decisions::direction(&was, &is) {
        decisions::Direction::Loosens => Direction::Weaker,
        decisions::Direction::Incomparable => Direction::Mixed,
        decisions::Direction::Tightens => Direction::Stronger,
        // The same people agree; that they have longer, or less long, is no other promise.
        decisions::Direction::Neutral => Direction::Neutral,
    })
}

/// What a workflow comes to, and whether it names roles.
fn outcome(side: &Side<'_>, workflow: Option<&Ref<Workflow>>) -> Result<(Outcome, bool), Undecidable> {
    let found = workflow.and_then(|id| side.rulebook().workflows.get(id.as_str()));
    let Some(found) = found else { return Ok((Outcome::Denied, false)) };
    let by_role = found.value.stage.iter().any(|stage| {
        stage.approvers.iter().chain(&stage.fallback).any(|one| matches!(one, Principal::Role(_)))
    });
    let mut granted = decisions::Granted::freely();
    granted.panels = panels(&side.engine, found, None, None, side.instant)?;
    // In which hours people have time to answer is no promise about changes.
    for time in granted.panels.iter_mut().filter_map(|panel| panel.time.as_mut()) {
        time.hours = None;
    }
    decisions::in_order(&mut granted.panels);
    if by_role {
        // Roles are compared as they are written.
        granted.gives = serde_json::to_string(&found.value.stage).unwrap_or_default();
    }
    Ok((Outcome::Granted(granted), by_role))
}

/// The hours in which changes are carried out.
fn window<'a>(
    times: &Times<'_, 'a>,
    [before, after]: [&'a ChangeModel; 2],
    because: &mut Vec<Because>,
) -> Result<Changes, Undecidable> {
    let (was, is) = (&before.maintenance_window, &after.maintenance_window);
    let (Some(one), Some(other)) = (was, is) else {
        let field = Field::other("maintenance window", shown(was.as_ref()), shown(is.as_ref()));
        return Ok(field.into_iter().map(|(way, field)| (way, Change::Field(field))).collect());
    };
    let calendars = [one.as_str(), other.as_str()];
    if times.have_the_same_hours(calendars) {
        return Ok(Changes::new());
    }
    let [old, new] = times.sides;
    let (hours, now) = (old.calendar(one.as_str())?, new.calendar(other.as_str())?);
    let (from, to) = (times.starts.from, times.starts.to);
    let opened = hours.first_uncovered(now, from, to);
    let closed = now.first_uncovered(hours, from, to);
    let way = match (opened, closed) {
        (None, None) => return Ok(Changes::new()),
        (Some(_), None) => Direction::Weaker,
        (None, Some(_)) => Direction::Stronger,
        (Some(_), Some(_)) => Direction::Mixed,
    };
    because.extend(HoursChange::of(times.sides, calendars).map(Because::Hours));
    Ok(vec![(way, Change::Window { opened, closed, zone: now.zone().clone() })])
}

/// Periods in which no change is carried out. Those that are over do nothing any more.
fn freezes(times: &Times<'_, '_>, [before, after]: [&ChangeModel; 2]) -> Changes {
    let mut changes = Changes::new();
    let [_, new] = times.sides;
    let ahead = |freeze: &&Freeze| freeze.until.0 > new.instant;
    let told = |freeze: &Freeze| format!("{} to {}", freeze.from.0, freeze.until.0);
    // Several can have one name; those that are on both sides are left out.
    let only = |one: &ChangeModel, other: &ChangeModel, name: &str| -> Vec<Freeze> {
        let own = one.freeze.iter().filter(ahead).filter(|freeze| freeze.name == name);
        own.filter(|freeze| !other.freeze.contains(freeze)).cloned().collect()
    };
    let freezes: BTreeSet<&String> =
        before.freeze.iter().chain(&after.freeze).filter(ahead).map(|freeze| &freeze.name).collect();
    let pairs = freezes.into_iter().flat_map(|name| {
        let (gone, come) = (only(before, after, name), only(after, before, name));
        let pair = move |index: usize| (name, [gone.get(index).cloned(), come.get(index).cloned()]);
        (0..only(before, after, name).len().max(only(after, before, name).len()))
            .map(pair)
            .collect::<Vec<_>>()
    });
    for (name, both) in pairs {
        let way = match &both {
            [None, _] => Direction::Stronger,
            [_, None] => Direction::Weaker,
            [Some(was), Some(is)] => {
                let wider = Direction::together([
                    Direction::of_more(&is.from.0, &was.from.0),
                    Direction::of_more(&was.until.0, &is.until.0),
                ]);
                let workflows = [was.authority.as_ref(), is.authority.as_ref()];
                // Without an authority nobody can agree to a change in the freeze.
                let agreed = agreed(times, workflows).unwrap_or(Direction::Mixed);
                // What was confirmed later, or at all, is relied upon more.
                let confirmed = Direction::of_more(&was.confirmed_on, &is.confirmed_on);
                Direction::together([wider, agreed, confirmed])
            }
        };
        if way != Direction::Neutral {
            let [before, after] = both.each_ref().map(|freeze| freeze.as_ref().map(told));
            let authority = both.each_ref().map(|freeze| shown(freeze.as_ref()?.authority.as_ref()));
            let confirmed = both.each_ref().map(|freeze| shown(freeze.as_ref()?.confirmed_on.as_ref()));
            let name = name.clone();
            changes.push((way, Change::Freeze { name, before, after, authority, confirmed }));
        }
    }
    changes
}

/// What has to be brought, and when it has to be asked for.
fn demands([before, after]: [&ChangeModel; 2]) -> Changes {
    let mut found = Vec::new();
    found.extend(Field::flag("a test in staging is needed", before.staging_test, after.staging_test));
    found.extend(Field::flag("a way back is needed", before.rollback_plan, after.rollback_plan));
    found.extend(Field::longer("asked for this long before", before.lead_time, after.lead_time));
    let proven = [before, after].map(|model| model.proven);
    found.extend(Field::more("carried out well so often before", proven[0].as_ref(), proven[1].as_ref()));
    // Only standard changes are authorised for one procedure.
    if after.change_type == ChangeType::Standard {
        let [was, is] = [before, after].map(|model| model.procedure.as_ref().map(ToString::to_string));
        found.extend(Field::other("authorised for the procedure", was, is));
    }
    // Only emergencies are looked back on, and cannot wait.
    if after.change_type == ChangeType::Emergency {
        found.extend(Field::sooner("begins within", before.begins_within, after.begins_within));
        found.extend(Field::sooner("looked back on within", before.review_within, after.review_within));
    }
    found.into_iter().map(|(way, field)| (way, Change::Field(field))).collect()
}
