//! The targets of an agreement, one by one and against each other.

use crate::{
    decide::calendars::Calendars,
    diag::{Code, code},
    lint::Context,
    load::words::list,
    model::{Duration, Kind, sla::Targets},
};

use super::shared::{Agreement, by_urgency, fields};

/// A priority without targets.
pub(super) static PRIORITY_WITHOUT_TARGET: Code =
    code!("GS3020", "priority-without-target", Error, "an SLA promises nothing for a priority");
/// A priority without a respond or resolve target.
pub(super) static INCOMPLETE_TARGET: Code = code!(
    "GS3021",
    "incomplete-target",
    Warning,
    "an SLA does not say by when somebody responds or by when it is solved"
);
/// A target of nothing.
pub(super) static ZERO_TARGET: Code =
    code!("GS3022", "zero-target", Error, "a target is 0, so that it is missed as soon as it starts");
/// A response that is not before the solution.
pub(super) static LATE_RESPONSE: Code =
    code!("GS3023", "late-response", Error, "the response target is not shorter than the resolve target");
/// Targets in between that are out of order.
pub(super) static LATE_MILESTONE: Code = code!(
    "GS3024",
    "late-milestone",
    Warning,
    "an update or a workaround is due no earlier than the solution, or a workaround before the response"
);
/// A less urgent priority that is served faster.
pub(super) static PRIORITY_INVERSION: Code = code!(
    "GS3025",
    "priority-inversion",
    Error,
    "a less urgent priority has a shorter target than a more urgent one"
);

pub(super) fn priority_without_target(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for agreement in Agreement::all(rulebook) {
        let priorities = rulebook.settings.project.priorities.iter().map(crate::model::Id::as_str);
        if agreement.target.is_empty() {
            context.report(agreement.at("/target"), format!("{} promises nothing", agreement.name())).help(
                "add targets by priority, such as `target.p1 = { respond = \"15m\", resolve = \"4h\" }`",
            );
        } else if agreement.kind == Kind::Sla {
            let missing: Vec<&str> = priorities.filter(|id| !agreement.target.contains_key(*id)).collect();
            if missing.is_empty() {
                continue;
            }
            context
                .report(
                    agreement.at("/target"),
                    format!("{} has no target for {}", agreement.name(), list(missing.iter().copied())),
                )
                .note("tickets of that priority have no clock, and nobody is told when they grow old")
                .help(format!(
                    "add `{} = {{ respond = \"…\", resolve = \"…\" }}`",
                    missing.first().copied().unwrap_or_default()
                ));
        }
    }
}

pub(super) fn incomplete_target(context: &mut Context<'_>) {
    for sla in &context.rulebook.slas {
        for (priority, targets) in &sla.target {
            for (field, value) in [("respond", targets.respond), ("resolve", targets.resolve)] {
                if value.is_none() {
                    context
                        .report(
                            sla.at(format!("/target/{priority}")),
                            format!("the SLA `{}` has no `{field}` target for `{priority}`", sla.id),
                        )
                        .help(format!("add `{field} = \"…\"`"));
                }
            }
        }
    }
}

pub(super) fn zero_target(context: &mut Context<'_>) {
    for agreement in Agreement::all(context.rulebook) {
        for (priority, targets) in agreement.target {
            for (field, _) in
                fields(targets).into_iter().filter(|(_, value)| value.is_some_and(|value| value.is_zero()))
            {
                context
                    .report(
                        agreement.at(&format!("/target/{priority}/{field}")),
                        format!("the `{field}` target of `{priority}` is 0"),
                    )
                    .label("missed at once")
                    .help("write how long it may take, such as `15m`, or leave the target out");
            }
        }
    }
}

/// Compares two targets of one priority.
struct Pairs<'a> {
    agreement: Agreement<'a>,
    calendars: &'a Calendars<'a>,
    priority: &'a str,
}

impl Pairs<'_> {
    /// Whether the first is at least as long as the second; false where one of them is 0, which is another
    /// finding, or cannot be counted.
    fn not_before(&self, first: Option<Duration>, second: Option<Duration>) -> bool {
        let seconds = |value: Option<Duration>| {
            self.calendars.seconds(value?, self.agreement.calendar).filter(|seconds| *seconds > 0)
        };
        matches!((seconds(first), seconds(second)), (Some(first), Some(second)) if first >= second)
    }

    fn tell(
        &self,
        context: &mut Context<'_>,
        early: (&str, Option<Duration>),
        late: (&str, Option<Duration>),
    ) {
        let (Some(first), Some(second)) = (early.1, late.1) else { return };
        let (id, priority) = (self.agreement.id, self.priority);
        let at = |field: &str| self.agreement.at(&format!("/target/{priority}/{field}"));
        let finding = context.report(
            at(early.0),
            format!(
                "`{}` of `{priority}` in `{id}` is {first}, not shorter than `{}`, which is {second}",
                early.0, late.0
            ),
        );
        finding
            .related(at(late.0), format!("`{}` is {second}", late.0))
            .help(format!("make `{}` shorter or `{}` longer", early.0, late.0));
        if std::mem::discriminant(&first) != std::mem::discriminant(&second) {
            let day = self.calendars.seconds(Duration::BusinessDays { days: 1 }, self.agreement.calendar);
            if let Some(day) = day {
                finding.note(format!(
                    "a business day of the calendar `{}` has {}, and `1d` means 24 hours of its open time",
                    self.agreement.calendar,
                    super::shared::hours(day)
                ));
            }
        }
    }
}

fn each_priority(context: &mut Context<'_>, look: impl Fn(&mut Context<'_>, &Pairs<'_>, &Targets)) {
    let rulebook = context.rulebook;
    let calendars = Calendars::new(rulebook);
    for agreement in Agreement::all(rulebook) {
        for (priority, targets) in agreement.target {
            let pairs = Pairs { agreement, calendars: &calendars, priority: priority.as_str() };
            look(context, &pairs, targets);
        }
    }
}

pub(super) fn late_response(context: &mut Context<'_>) {
    each_priority(context, |context, pairs, targets| {
        if pairs.not_before(targets.respond, targets.resolve) {
            pairs.tell(context, ("respond", targets.respond), ("resolve", targets.resolve));
        }
    });
}

pub(super) fn late_milestone(context: &mut Context<'_>) {
    each_priority(context, |context, pairs, targets| {
        let Targets { respond, update, workaround, resolve } = *targets;
        for (early, late) in [
            (("update", update), ("resolve", resolve)),
            (("workaround", workaround), ("resolve", resolve)),
            (("respond", respond), ("workaround", workaround)),
        ] {
            if pairs.not_before(early.1, late.1) {
                pairs.tell(context, early, late);
            }
        }
    });
}

pub(super) fn priority_inversion(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let calendars = Calendars::new(rulebook);
    for agreement in Agreement::all(rulebook) {
        for field in ["respond", "update", "workaround", "resolve"] {
            let mut before: Option<(&str, Duration, i64)> = None;
            for (priority, targets) in by_urgency(rulebook, agreement.target) {
                let own = fields(targets).into_iter().find(|(name, _)| *name == field);
                let Some((_, Some(value))) = own else { continue };
                let Some(seconds) = calendars.seconds(value, agreement.calendar) else { continue };
                if let Some((urgent, other, longer)) = before
                    && seconds < longer
                    && seconds > 0
                {
                    context
                        .report(
                            agreement.at(&format!("/target/{priority}/{field}")),
                            format!(
                                "`{field}` of `{priority}` is {value}, shorter than the {other} of the more urgent `{urgent}`"
                            ),
                        )
                        .related(
                            agreement.at(&format!("/target/{urgent}/{field}")),
                            format!("`{urgent}` is {other}"),
                        )
                        .help("swap the two, or mend the one that is wrong")
                        .note("the order of urgency is that of `project.priorities` in gitsm.toml");
                }
                before = Some((priority, value, seconds));
            }
        }
    }
}
