//! How a request is delivered: the steps, and by when at each priority.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::{human::local, view::View};
use crate::{
    decide::decision,
    model::Instant,
    report::{lines::Lines, paint::Paint, plain},
};

/// How a request is delivered once everybody agreed.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Delivery {
    /// The request type.
    pub request_type: String,
    /// What people call it.
    pub name: String,
    /// The class that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The function that owns that class, such as `it`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<&'static str>,
    /// What it does to access: `provision`, `change`, `deprovision`, or nothing: `information`.
    pub event: &'static str,
    /// How much harm can be done with it.
    pub risk: &'static str,
    /// What was answered in the form, in its order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
    /// The SLA.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sla: Option<String>,
    /// When it is due at each priority.
    pub due: Vec<DueAt>,
    /// Whether the SLA pauses until everybody agreed: then nothing has a due instant yet.
    pub waits_for_approval: bool,
    /// What is done, in this order.
    pub steps: Vec<DeliveryStep>,
}

/// An answer in a form.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Answer {
    /// The field.
    pub field: String,
    /// The question.
    pub label: String,
    /// What was answered.
    pub answer: String,
}

/// When something is due at a priority.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DueAt {
    /// The priority.
    pub priority: String,
    /// How long it may take.
    pub within: String,
    /// When that is used up; none when it never is, or not before everybody agreed.
    pub due: Option<Instant>,
    /// Where it was written.
    pub place: String,
}

/// Work that is done.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DeliveryStep {
    /// The step.
    pub step: String,
    /// What is done.
    pub name: String,
    /// Who or what does it: `team:…` or `automation:…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// How long it may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
}

/// How a request is delivered, with the places looked up.
pub(super) fn view(delivery: &decision::Delivery<'_>, lines: &Lines<'_>) -> Delivery {
    let request_type = &delivery.request_type.value;
    Delivery {
        request_type: delivery.request_type.id.to_string(),
        name: request_type.name.clone(),
        category: delivery.category.map(|category| category.id.to_string()),
        function: delivery.category.map(|category| category.value.function.name()),
        event: request_type.event.name(),
        risk: request_type.risk.name(),
        answers: delivery
            .answers
            .iter()
            .map(|(field, label, answer)| Answer {
                field: field.to_string(),
                label: (*label).to_owned(),
                answer: answer.clone(),
            })
            .collect(),
        waits_for_approval: delivery.waits_for_approval,
        sla: delivery.sla.map(|sla| sla.id.to_string()),
        due: delivery
            .due
            .iter()
            .map(|(priority, clock)| DueAt {
                priority: priority.to_string(),
                within: clock.written.clone(),
                due: clock.due.map(Instant),
                place: lines.line(&clock.at),
            })
            .collect(),
        steps: request_type
            .step
            .iter()
            .map(|step| DeliveryStep {
                step: step.id.to_string(),
                name: step.name.clone(),
                by: step
                    .automation
                    .as_ref()
                    .map(|automation| format!("automation:{automation}"))
                    .or_else(|| step.team.as_ref().map(|team| format!("team:{team}"))),
                within: step.within.map(|within| within.to_string()),
            })
            .collect(),
    }
}

/// Writes what is asked for: its class and the answers in the form.
pub(super) fn push_classified(out: &mut String, delivery: &Delivery, paint: Paint) {
    let of = paint.faint(&format!("request-type:{}", delivery.request_type));
    let _ = writeln!(out, "\n{}  {of}", paint.heading("what is asked for"));
    let function = delivery.function.map(|function| format!(" of {function}")).unwrap_or_default();
    let category = delivery.category.as_ref().map(|category| format!(", category {category}{function}"));
    let class = format!("{}, {} risk{}", delivery.event, delivery.risk, category.unwrap_or_default());
    let _ = writeln!(out, "  {class}");
    for answer in &delivery.answers {
        let what = plain::short(&answer.answer);
        let _ = writeln!(out, "  {} {what}", paint.faint(&plain::line(&answer.label)));
    }
}

/// Writes how a request is delivered, for people.
pub(super) fn push(out: &mut String, delivery: &Delivery, view: &View, paint: Paint) {
    let of = paint.faint(&format!("request-type:{}", delivery.request_type));
    let _ = writeln!(out, "\n{}  {of}", paint.heading("how it is delivered"));
    for step in &delivery.steps {
        let by = step.by.as_deref().map(|by| format!(" by {by}")).unwrap_or_default();
        let within = step.within.as_deref().map(|within| format!(" within {within}")).unwrap_or_default();
        let _ = writeln!(out, "  {}{}", plain::line(&step.name), paint.faint(&format!("{by}{within}")));
    }
    let Some(sla) = &delivery.sla else {
        let _ = writeln!(out, "  {}", paint.faint("no SLA is attached, so nothing is due"));
        return;
    };
    for due in &delivery.due {
        let _ = if delivery.waits_for_approval {
            let what = paint.faint(&format!("sla:{sla}  {}", due.place));
            writeln!(out, "  due at {}: within {} once everybody agreed  {what}", due.priority, due.within)
        } else {
            let when = due.due.map_or("never".to_owned(), |due| local(due.0, &view.zone));
            let what = paint.faint(&format!("sla:{sla}, within {}  {}", due.within, due.place));
            writeln!(out, "  due at {}: {when}  {what}", due.priority)
        };
    }
}
