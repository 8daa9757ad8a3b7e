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
    /// The SLA.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sla: Option<String>,
    /// When it is due at each priority, if everybody agreed at once.
    pub due: Vec<DueAt>,
    /// What is done, in this order.
    pub steps: Vec<DeliveryStep>,
}

/// When something is due at a priority.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DueAt {
    /// The priority.
    pub priority: String,
    /// How long it may take.
    pub within: String,
    /// When that is used up.
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
        let when = due.due.map_or("never".to_owned(), |due| local(due.0, &view.zone));
        let what = paint.faint(&format!("sla:{sla}, within {}  {}", due.within, due.place));
        let _ = writeln!(out, "  due at {}: {when}  {what}", due.priority);
    }
}
