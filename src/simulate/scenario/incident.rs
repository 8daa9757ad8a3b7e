//! Whether what a scenario says follows from an incident.

use crate::{
    decide::{
        incident::{Alarm, IncidentDecision, IncidentProblem},
        undecidable::Undecidable,
    },
    load::tree,
    model::{
        Ref,
        expectation::{Expectation, ExpectedVerdict},
    },
    simulate::scenario::differences::{Differences, people_of},
};

/// What is decided about an incident, or why nothing can be.
type Decided<'a> = Result<Result<IncidentDecision<'a>, Vec<IncidentProblem>>, Undecidable>;

/// What is otherwise than expected. What is not written is not compared.
pub(super) fn compare(expected: &Expectation, decided: &Decided<'_>, found: &mut Differences) {
    let decision = match decided {
        Err(why) => {
            let wanted = "an incident about which something can be decided";
            return found.differ("expect", wanted.to_owned(), format!("undecidable: {why}"));
        }
        Ok(Err(problems)) => {
            let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
            if expected.verdict != Some(ExpectedVerdict::Invalid) {
                found.differ("incident", "an incident that makes sense".to_owned(), problems.join("; "));
            }
            return;
        }
        Ok(Ok(decision)) => decision,
    };
    found.compare("verdict", expected.verdict.map(|verdict| verdict.to_string()), || {
        "it makes sense".to_owned()
    });
    let rules: Vec<String> = decision.rules().iter().map(ToString::to_string).collect();
    found.rules(expected, &rules);
    let nobody = || "nobody".to_owned();
    let routed = &decision.routed;
    found.compare("priority", expected.priority.as_ref().map(ToString::to_string), || {
        decision.priority.to_string()
    });
    found.compare("team", expected.team.as_ref().map(ToString::to_string), || routed.team.id.to_string());
    found.compare("queue", expected.queue.clone(), || routed.queue.unwrap_or("none").to_owned());
    found.compare("on-call", expected.on_call.as_ref().map(ToString::to_string), || {
        routed.on_call.map_or_else(nobody, |person| person.id.to_string())
    });
    let is_major = |major: bool| if major { "major" } else { "not major" }.to_owned();
    found.compare("major", expected.major.map(is_major), || is_major(!decision.major.is_empty()));
    let due = &expected.due;
    let targets = [
        ("respond", due.respond),
        ("update", due.update),
        ("workaround", due.workaround),
        ("resolve", due.resolve),
    ];
    for (target, instant) in targets {
        let clock = decision.clocks.iter().find(|clock| clock.target == target);
        found.instant(&format!("due/{target}"), instant, clock.and_then(|clock| clock.due));
    }
    escalation(expected, &decision.timeline, found);
}

/// What is otherwise in who is told when.
fn escalation(expected: &Expectation, timeline: &[Alarm<'_>], found: &mut Differences) {
    let step = |alarm: &Alarm<'_>| format!("{}/{}", alarm.escalation.id, alarm.step.id);
    let steps: Vec<String> = timeline.iter().map(step).collect();
    found.list("escalation", expected.escalation.as_ref(), &steps);
    for (name, told) in &expected.told {
        let field = format!("told/{}", tree::escape(name));
        let Some(alarm) = timeline.iter().find(|alarm| step(alarm) == *name) else {
            found
                .compare(&field, Some("a step of the escalation".to_owned()), || "nobody is told".to_owned());
            continue;
        };
        found.instant(&format!("{field}/at"), told.at, Some(alarm.at));
        let people = told.people.as_ref();
        let people = people.map(|people| people_of(people.iter().map(Ref::to_string)));
        found.compare(&format!("{field}/people"), people, || {
            people_of(alarm.people.iter().map(|person| person.id.to_string()))
        });
    }
}
