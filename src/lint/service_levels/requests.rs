//! Requests: whether approvals and steps fit into what is promised.

use crate::{
    decide::calendars::Calendars,
    diag::{Code, code},
    lint::Context,
    model::{Duration, sla::TicketState},
    time::Feasibility,
};

use super::shared::{Comparisons, hours, local};

/// Approvals and steps that take longer than the SLA.
pub(super) static REQUEST_TOO_SLOW: Code = code!(
    "GS3052",
    "request-too-slow",
    Warning,
    "the approvals and steps of a request type may take longer than its SLA promises at any priority"
);

pub(super) fn request_too_slow(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let calendars = Calendars::new(rulebook);
    let mut comparisons = Comparisons::new(&calendars, context.today);
    for request in &rulebook.request_types {
        let Some(sla) = request.sla.as_ref().and_then(|sla| rulebook.slas.get(sla.as_str())) else {
            continue;
        };
        let calendar = sla.calendar.as_str();
        // Nothing in a request type says its priority, so the most patient promise counts.
        let resolve = sla.target.iter().filter_map(|(priority, targets)| Some((priority, targets.resolve?)));
        let longest = resolve
            .filter_map(|(priority, target)| Some((priority, target, calendars.seconds(target, calendar)?)))
            .max_by_key(|(.., seconds)| *seconds);
        let Some((priority, target, _)) = longest else { continue };
        let mut parts: Vec<(&str, Duration)> = Vec::new();
        let approvals = request.workflow.as_ref().and_then(|id| rulebook.workflows.get(id.as_str()));
        if let Some(workflow) = approvals
            && !sla.pause_in.contains(&TicketState::AwaitingApproval)
        {
            for stage in &workflow.stage {
                let hours = stage.calendar.as_ref().map_or("", |calendar| calendar.as_str());
                parts.extend(stage.within.map(|within| (hours, within)));
            }
        }
        let stages = parts.len();
        parts.extend(request.step.iter().filter_map(|step| Some((calendar, step.within?))));
        if parts.is_empty() {
            continue;
        }
        let Some(zone) = calendars.find(calendar).map(|calendar| calendar.zone().clone()) else { continue };
        let Some(Feasibility::Measured { breach: Some(case), .. }) =
            comparisons.compare((calendar, target), &parts)
        else {
            continue;
        };
        let finding = context.report(
            request.at("/sla"),
            format!(
                "`{}` may take longer than `{}` promises: asked for {}, it may be done {} and is due {}",
                request.id,
                sla.id,
                local(case.start, &zone),
                local(case.completion, &zone),
                local(case.due, &zone)
            ),
        );
        finding
            .related(sla.at(format!("/target/{priority}/resolve")), format!("the longest target: {target}"))
            .note(format!("that is {} over the target", hours(case.overrun_seconds)));
        if let Some(workflow) = approvals.filter(|_| stages > 0) {
            finding
                .related(workflow.at("/stage"), "the time of the approvals counts")
                .help("shorten the parts, promise more, or let the clock stand still: `pause-in = [\"awaiting-approval\"]`");
        } else {
            finding.help("shorten the steps or promise more");
        }
    }
}
