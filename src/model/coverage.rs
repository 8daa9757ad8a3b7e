//! What of the field's checklist the rulebook holds, and what it leaves out and why.
//!
//! The items are the data that a service desk's rulebook could hold, numbered M001 to M096. The table is
//! published as `schemas/COVERAGE.md`; a test looks that every field exists.

use std::fmt::Write as _;

/// An item of the checklist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// The number, from 1.
    pub number: u8,
    /// What it is, in short.
    pub title: &'static str,
    /// Where it is held.
    pub held: Held,
}

/// Where an item is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// In these kinds and fields: `kind`, `kind.field`, `kind.field.field`, `settings.…` for `gitsm.toml`.
    In(&'static [&'static str]),
    /// In these, and the part that is left out, with the reason.
    Partly(&'static [&'static str], &'static str),
    /// Nowhere, with the reason.
    LeftOut(&'static str),
}

use Held::{In, LeftOut, Partly};

macro_rules! items {
    ($( $number:literal $title:literal => $held:expr; )+) => {
        /// Every item, in order.
        pub static ITEMS: &[Item] = &[$( Item { number: $number, title: $title, held: $held }, )+];
    };
}

items! {
    1 "what is offered, as a named promise" => In(&["service.name", "service.description", "request-type"]);
    2 "a catalogue that people can search and order from" => In(&["service", "request-type.description", "request-type.channels", "service.channels"]);
    3 "the portfolio that offers roll up to" => Partly(&["category.parent", "category.function"], "where money goes is the ledger's: costs are kept per entitlement and contract");
    4 "tiers by how critical a service is" => In(&["tier", "service.tier"]);
    5 "what downtime costs" => In(&["tier.downtime-cost"]);
    6 "critical, supporting, inside and customer-facing services" => In(&["service.audience", "tier.rank"]);
    7 "the environment as a reason for risk" => In(&["service.entitlement.environment", "configuration-item.environment"]);
    8 "where a service is in its life, with dates" => In(&["service.lifecycle", "service.retire-on", "service.replacement"]);
    9 "who owns a service" => In(&["service.owner"]);
    10 "who owns the application behind it" => In(&["service.application-owner"]);
    11 "who owns an entitlement" => In(&["service.entitlement.owner"]);
    12 "who owns the process of each discipline" => In(&["major-incident.owner", "routing.owner", "change-model.owner", "escalation.owner", "workflow.owner"]);
    13 "the office that governs service management" => In(&["governance.owner", "governance.rule", "metric.owner"]);
    14 "who owns an automation" => In(&["automation.owner"]);
    15 "who owns an article" => In(&["article.owner"]);
    16 "who owns a function outside IT" => In(&["category.function", "category.owner", "team.function"]);
    17 "people of the business with a say in priorities" => In(&["service.stakeholders"]);
    18 "targets for response and resolution" => In(&["sla.target", "service.sla", "tier.sla", "request-type.sla"]);
    19 "promises between teams that a target rests on" => In(&["ola", "sla.supported-by"]);
    20 "contracts with suppliers that a target rests on" => In(&["supplier-contract", "sla.supported-by"]);
    21 "how much of the time a service works" => In(&["tier.availability", "service.availability", "supplier-contract.availability"]);
    22 "hours, zones and holidays that clocks run on" => In(&["calendar", "sla.calendar", "service.support-hours"]);
    23 "how much work a team can do" => In(&["team.capacity"]);
    24 "request types with workflow, target and automation" => In(&["request-type.workflow", "request-type.sla", "request-type.automation-level"]);
    25 "request types that every desk has" => LeftOut("these are data, not fields: the example at the top of the repository holds them");
    26 "the form of a request" => In(&["request-type.field"]);
    27 "ways in" => In(&["channel", "channel.intake", "request-type.channels"]);
    28 "how tickets are classified" => In(&["category"]);
    29 "impact, urgency and the priority that follows" => In(&["priority-matrix", "settings.project.priorities"]);
    30 "how risky a request or an access is" => In(&["service.entitlement.risk", "request-type.risk"]);
    31 "how much risk is accepted" => In(&["guardrail", "governance.rule", "settings.decision.default"]);
    32 "when access is given without asking, and when not" => In(&["access.rule", "access.applies-to"]);
    33 "who may approve, in which order, and who instead" => In(&["workflow.stage"]);
    34 "approvals by somebody else's leave" => Partly(&["grant.approval"], "a delegation is a fact of one day, kept where people are away, not a rule; what is recorded is on whose behalf somebody approved");
    35 "approval and recertification beside each other" => In(&["request-type.workflow", "service.entitlement.recertify"]);
    36 "the licence that an approval gives" => In(&["service.entitlement.licence-tier"]);
    37 "the role that an approval gives" => In(&["service.entitlement.role"]);
    38 "the groups that an approval gives" => In(&["service.entitlement.groups"]);
    39 "what exactly was approved" => In(&["service.entitlement", "grant.provisioned"]);
    40 "entitlements and the rules about them" => In(&["service.entitlement", "access", "guardrail", "sod"]);
    41 "standard access of a role or department" => In(&["bundle"]);
    42 "access that ends" => In(&["service.entitlement.max-duration", "access.rule", "guardrail.max-duration", "grant.end", "grant.until"]);
    43 "access that ends with a project" => In(&["grant.project", "access.rule"]);
    44 "the record of an identity" => In(&["person", "settings.people"]);
    45 "service accounts, bots and agents" => In(&["person.employment", "person.owner", "person.purpose", "person.rotation"]);
    46 "joining, moving and leaving" => In(&["bundle.when", "person.start", "person.end", "request-type.event"]);
    47 "a record of access that outlives the ticket" => In(&["grant"]);
    48 "states that an identity passes through" => In(&["person.status"]);
    49 "what a request does to access" => In(&["request-type.event"]);
    50 "exceptions with their reason and end" => In(&["exception"]);
    51 "what peers hold, for those who decide" => Partly(&["settings.decision.peers-by", "access.rule"], "how many peers hold something is counted when a request is decided, from grants and the directory");
    52 "campaigns of recertification" => In(&["review", "review.of"]);
    53 "access with administrative power" => In(&["service.entitlement.privileged"]);
    54 "conditions on access and approval" => In(&["access.rule", "guardrail.when", "guardrail.require", "settings.attribute"]);
    55 "who does what in each activity" => In(&["service.raci", "request-type.step"]);
    56 "escalation as time passes" => In(&["escalation", "sla.escalation", "tier.escalation"]);
    57 "who is on call" => In(&["team.on-call"]);
    58 "which team gets a ticket" => In(&["routing", "configuration-item.support-team"]);
    59 "support groups and their levels" => In(&["team.support-level", "service.support-team"]);
    60 "the states of a ticket" => Partly(&["sla.start-in", "sla.pause-in", "sla.stop-in"], "the states are a fixed list: clocks and targets must mean the same by them; moving a ticket is the ticket system's");
    61 "when an incident is major" => In(&["major-incident.when"]);
    62 "problems, causes and known errors" => Partly(&["major-incident.problem-record", "article.known-error"], "a problem record is a ticket, not a rule; that there must be one is a rule");
    63 "links between incidents, problems and changes" => Partly(&["major-incident.change-link", "major-incident.problem-record"], "the links are on the tickets; that they must be there is a rule");
    64 "types and categories of changes" => In(&["change-model.type", "change-model.when"]);
    65 "how risky a change is" => In(&["change-model.risk"]);
    66 "who authorises changes" => In(&["change-model.authority", "workflow.stage"]);
    67 "tests before a change" => In(&["change-model.staging-test", "change-model.rollback-plan"]);
    68 "hours in which changes are made" => In(&["change-model.maintenance-window"]);
    69 "periods without changes" => In(&["change-model.freeze"]);
    70 "components, their owners and what they need" => In(&["configuration-item", "service.configuration-items"]);
    71 "knowledge with owners and review dates" => Partly(&["article"], "suggested edits are pull requests to the place where the article is kept");
    72 "who is told what, and where" => In(&["channel.notify", "escalation.step", "team.channels", "major-incident.channels"]);
    73 "clients whose data is kept apart" => In(&["tenant", "service.tenant", "person.tenant", "team.tenant", "sla.tenant"]);
    74 "catalogues of functions outside IT" => In(&["category.function", "service.category"]);
    75 "standards and templates for new services" => LeftOut("the schemas, the findings and `gitsm init` are the standard; a document has no templates, so that what it says stands in it");
    76 "the systems that the rulebook is applied to" => In(&["settings.target"]);
    77 "automations with their start, end and limits" => In(&["automation.starts-when", "automation.done-when", "automation.guardrails", "automation.log"]);
    78 "what AI may see and do, and when people take over" => In(&["ai-policy"]);
    79 "where data lies, how long, and what is blacked out" => In(&["service.data", "ai-policy.retention", "ai-policy.redact"]);
    80 "obligations from laws and standards" => In(&["control"]);
    81 "measures and their targets" => In(&["metric"]);
    82 "surveys of satisfaction" => Partly(&["metric.measure"], "the questions are asked by the ticket system; the target is a metric");
    83 "when rules are looked at again" => In(&["service.review-date", "access.review-date", "sla.review-date", "bundle.review-date", "metric.review-every", "settings.lints.remind"]);
    84 "looking back without blame" => In(&["major-incident.review-within", "change-model.review-within", "grant.emergency"]);
    85 "a list of improvements" => LeftOut("an improvement is an issue or a pull request of the repository");
    86 "levels from policy to procedure" => Partly(&["guardrail", "access", "workflow", "change-model.procedure"], "guardrails bind policies, policies choose workflows, procedures are articles; there are no further levels");
    87 "what people can do without help" => In(&["request-type.self-service"]);
    88 "software that is approved" => In(&["service", "service.lifecycle", "service.entitlement.requestable"]);
    89 "segments of requesters" => In(&["request-type.available-when", "settings.attribute"]);
    90 "suppliers and their contracts" => In(&["supplier-contract.supplier", "supplier-contract.owner", "supplier-contract.end"]);
    91 "how much of a workflow a machine does" => In(&["request-type.automation-level"]);
    92 "a way for emergencies" => In(&["change-model.type", "access.rule", "change-model.review-within", "grant.emergency"]);
    93 "when demand comes" => LeftOut("history is read from files by `replay`, it is not a rule");
    94 "figures to compare with before changing anything" => LeftOut("measured by `replay`; the rulebook holds targets, not measurements");
    95 "access and approvals that go past the desk" => LeftOut("observations: they are found by comparing grants with what the systems really hold");
    96 "who owns a change to the rulebook itself" => In(&["governance.rule"]);
}

/// The table as Markdown. That of the checks stands below it.
#[must_use]
pub fn markdown() -> String {
    let mut text = "# Coverage\n\nWhat a service desk's rulebook could hold, and where this one holds it. \
        Generated from `src/model/coverage.rs`.\n\n| item | what | where |\n|---|---|---|\n"
        .to_owned();
    let code =
        |fields: &[&str]| fields.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", ");
    for item in ITEMS {
        let held = match item.held {
            In(fields) => code(fields),
            Partly(fields, reason) => format!("{}; {reason}", code(fields)),
            LeftOut(reason) => format!("left out: {reason}"),
        };
        // Writing into a string cannot fail.
        let _ = writeln!(text, "| M{:03} | {} | {held} |", item.number, item.title);
    }
    text
}

impl Item {
    /// The fields that hold it.
    #[must_use]
    pub const fn fields(&self) -> &'static [&'static str] {
        match self.held {
            In(fields) | Partly(fields, _) => fields,
            LeftOut(_) => &[],
        }
    }
}
