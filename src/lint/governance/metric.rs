//! Metrics.

use crate::{
    diag::{Code, code},
    lint::Context,
    model::metric::Measure,
};

/// A number for nobody.
pub(super) static DECIDES: Code =
    code!("GS6041", "metric-decides-nothing", Warning, "a metric does not say which decision it drives");
/// A share for a time, or a time for a share.
pub(super) static TARGET: Code = code!(
    "GS6042",
    "metric-target-of-wrong-sort",
    Error,
    "the target of a metric is of another sort than what is measured"
);

pub(super) fn decides(context: &mut Context<'_>) {
    for metric in &context.rulebook.metrics {
        if metric.decides.as_ref().is_none_or(|decides| decides.trim().is_empty()) {
            context
                .report(metric.at("/decides"), format!("the metric `{}` drives no decision", metric.id))
                .label("no `decides`")
                .help("say what is done when it moves, `decides = \"…\"`, or stop counting it");
        }
    }
}

/// What the values of a measure are.
#[derive(PartialEq, Eq)]
enum Sort {
    Share,
    Time,
    Count,
}

fn sort(measure: Measure) -> Sort {
    match measure {
        Measure::TimeToAcknowledge | Measure::TimeToResolve | Measure::ApprovalLatency => Sort::Time,
        Measure::Backlog => Sort::Count,
        Measure::BreachRate
        | Measure::ComplianceRate
        | Measure::FirstContactResolution
        | Measure::ReopenRate
        | Measure::RepeatRate
        | Measure::ExceptionRate
        | Measure::AutomationRate
        | Measure::OrphanedAccess
        | Measure::DeprovisioningCompletion
        | Measure::RecertificationCompletion
        | Measure::ChangeSuccess
        | Measure::Availability
        | Measure::Satisfaction
        | Measure::KnowledgeFreshness => Sort::Share,
    }
}

pub(super) fn target(context: &mut Context<'_>) {
    for metric in &context.rulebook.metrics {
        let sort = sort(metric.measure);
        let (field, what) = if metric.target.is_some() && sort != Sort::Share {
            ("target", "a share")
        } else if metric.target_time.is_some() && sort != Sort::Time {
            ("target-time", "a time")
        } else {
            continue;
        };
        let help = match sort {
            Sort::Share => "write `target = \"…%\"`",
            Sort::Time => "write `target-time = \"…\"`, such as `\"4h\"`",
            Sort::Count => "remove it: what is counted has no target yet",
        };
        context
            .report(
                metric.at(format!("/{field}")),
                format!("the target of the metric `{}` is {what} and `{}` is not", metric.id, metric.measure),
            )
            .label(format!("{what} cannot be compared with it"))
            .related(metric.at("/measure"), "what is measured")
            .help(help);
    }
}
