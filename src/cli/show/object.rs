//! One object with everything that it resolves to, as data.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use toml::de::DeTable;

use super::{
    approval::{self, Approvals},
    people::{Somebody, Who, members, who},
};
use crate::{
    diag::Span,
    load::{Loaded, tree},
    model::{
        Kind, Origin, Principal, Priority, Ref, Reference, Rulebook, Target,
        calendar::Calendar,
        service::Service,
        sla::{Sla, Targets},
    },
    report::impact::value::concealed,
};

/// An object, resolved.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Object {
    pub(super) kind: &'static str,
    pub(super) id: String,
    /// Where it is written.
    pub(super) place: Place,
    /// What is written, with defaults filled in; `***` stands for a secret.
    pub(super) fields: Value,
    /// Whether there is a secret among the fields.
    #[serde(skip)]
    pub(super) hides: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) owner: Option<Who>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) support: Option<Who>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) members: Vec<Somebody>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) managers: Vec<Somebody>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) reports: Vec<Somebody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tier: Option<TierInForce>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) service_level: Option<ServiceLevel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hours: Option<Hours>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) entitlements: Vec<EntitlementInForce>,
    #[serde(flatten)]
    pub(super) approvals: Approvals,
    /// What it refers to.
    pub(super) refers_to: Vec<Link>,
    /// Who refers to it.
    pub(super) referred_by: Vec<Link>,
}

/// A place in a file of the repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub(super) struct Place {
    pub(super) file: String,
    pub(super) line: u32,
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:{}", self.file, self.line)
    }
}

/// A reference, seen from one of its ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub(super) struct Link {
    /// The field that refers.
    pub(super) field: String,
    /// The object at the other end, as `kind/id`, or `kind/id/part`.
    pub(super) object: String,
    /// Its name, when it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    /// Where the reference is written; for what is referred to, where that is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<Place>,
}

/// The tier of a service.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct TierInForce {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) rank: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) downtime_cost: Option<String>,
    /// The availability in force: of the service, or else of the tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) availability: Option<String>,
}

/// What is promised.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct ServiceLevel {
    /// The agreement, as `kind/id`.
    pub(super) agreement: String,
    pub(super) name: String,
    /// What names it, such as `tier/standard`, when that is not the object itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) through: Option<String>,
    pub(super) calendar: Hours,
    pub(super) targets: Vec<TargetsInForce>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) at_risk: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) escalation: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) supported_by: Vec<String>,
}

/// The targets of a priority.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct TargetsInForce {
    pub(super) priority: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) respond: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) update: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) workaround: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resolve: Option<String>,
}

/// The hours of a calendar.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Hours {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) time_zone: String,
    pub(super) weekly: Vec<String>,
    /// How many days are closed, those of other calendars included.
    pub(super) holidays: usize,
    pub(super) overrides: usize,
}

/// An entitlement with what it inherits.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct EntitlementInForce {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) risk: &'static str,
    pub(super) privileged: bool,
    /// The owner in force: its own, or else the one of the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_duration: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) recertify: Option<String>,
}

/// Resolves an object; `None` when there is none with this id.
///
/// # Errors
/// When something of it cannot be written as JSON.
pub(super) fn resolve(loaded: &Loaded, kind: Kind, id: &str) -> serde_json::Result<Option<Object>> {
    let rulebook = &loaded.rulebook;
    let (Some(origin), Some(fields)) = (rulebook.origin(kind, id), rulebook.json(kind, id)?) else {
        return Ok(None);
    };
    let service = service_of(rulebook, kind, id);
    let about = service.map(|(_, service)| service);
    let owner = fields.get("owner").and_then(Value::as_str).and_then(Principal::parse);
    let support = about.filter(|_| kind == Kind::Service).and_then(|service| service.support_team.as_ref());
    let person = (kind == Kind::Person).then_some(id);
    let shown = concealed("", &fields);
    Ok(Some(Object {
        kind: kind.name(),
        id: id.to_owned(),
        place: place(loaded, origin),
        owner: owner.map(|owner| who(rulebook, &owner, about)),
        support: support.map(|team| who(rulebook, &Principal::Team(team.id().clone()), about)),
        members: match kind {
            Kind::Team => rulebook.teams.get(id).map(|team| members(rulebook, team)).unwrap_or_default(),
            _ => Vec::new(),
        },
        managers: person.map(|id| managers(rulebook, id)).unwrap_or_default(),
        reports: person.map(|id| reports(rulebook, id)).unwrap_or_default(),
        tier: about.filter(|_| kind == Kind::Service).and_then(|service| tier(rulebook, service)),
        service_level: service_level(rulebook, kind, id),
        hours: match kind {
            Kind::Calendar => rulebook.calendars.get(id).map(|calendar| hours(rulebook, id, calendar)),
            _ => None,
        },
        entitlements: match kind {
            Kind::Service => about.map(entitlements).unwrap_or_default(),
            _ => Vec::new(),
        },
        approvals: approval::of(loaded, kind, id, service)?,
        refers_to: refers_to(loaded, kind, id)?,
        referred_by: referred_by(loaded, kind, id)?,
        hides: shown != fields,
        fields: shown,
    }))
}

/// The service that an object is or is about.
fn service_of<'a>(rulebook: &'a Rulebook, kind: Kind, id: &'a str) -> Option<(&'a str, &'a Service)> {
    let id = match kind {
        Kind::Service => id,
        Kind::RequestType => rulebook.request_types.get(id)?.service.as_ref()?.as_str(),
        _ => return None,
    };
    rulebook.services.get(id).map(|entry| (entry.id.as_str(), &entry.value))
}

/// Where an object or reference is written.
pub(super) fn place(loaded: &Loaded, origin: Origin) -> Place {
    let line = loaded.sources.get(origin.file).map_or(1, |file| file.line_column(origin.span.start).line);
    Place { file: loaded.sources.path(origin.file).to_owned(), line }
}

/// Where a part of an object is written: `pointer` is below the file.
pub(super) fn place_of_part(loaded: &Loaded, origin: Origin, pointer: &str) -> Place {
    let span = loaded.sources.get(origin.file).filter(|file| file.path.ends_with(".toml")).map(|file| {
        let (root, _) = DeTable::parse_recoverable(&file.text);
        tree::locate(root.get_ref(), pointer).value
    });
    match span {
        Some(span) if span != Span::default() => place(loaded, Origin { span, ..origin }),
        _ => place(loaded, origin),
    }
}

fn managers(rulebook: &Rulebook, id: &str) -> Vec<Somebody> {
    let mut chain: Vec<Somebody> = Vec::new();
    let mut at = rulebook.people.get(id);
    while let Some(manager) = at.and_then(|person| person.manager.as_ref()) {
        // A circle of managers is a finding, not a reason to run forever.
        if manager.as_str() == id || chain.iter().any(|person| person.id == manager.as_str()) {
            break;
        }
        chain.push(Somebody::find(rulebook, manager.as_str()));
        at = rulebook.people.get(manager.as_str());
    }
    chain
}

fn reports(rulebook: &Rulebook, id: &str) -> Vec<Somebody> {
    let of = |manager: &Ref<_>| manager.as_str() == id;
    let people = rulebook.people.iter().filter(|person| person.manager.as_ref().is_some_and(of));
    people.map(Somebody::of).collect()
}

fn tier(rulebook: &Rulebook, service: &Service) -> Option<TierInForce> {
    let tier = rulebook.tiers.get(service.tier.as_ref()?.as_str())?;
    let availability = service.availability.or(tier.availability);
    Some(TierInForce {
        id: tier.id.to_string(),
        name: tier.name.clone(),
        rank: tier.rank,
        downtime_cost: tier.downtime_cost.map(|cost| cost.to_string()),
        availability: availability.map(|share| share.to_string()),
    })
}

/// The agreement in force for an object, and what names it.
fn service_level(rulebook: &Rulebook, kind: Kind, id: &str) -> Option<ServiceLevel> {
    match kind {
        Kind::Sla => sla(rulebook, id, None),
        Kind::Tier => {
            let named = rulebook.tiers.get(id)?.sla.as_ref()?;
            sla(rulebook, named.as_str(), None)
        }
        Kind::Service => of_service(rulebook, id),
        Kind::RequestType => {
            let request_type = rulebook.request_types.get(id)?;
            match (&request_type.sla, &request_type.service) {
                (Some(named), _) => sla(rulebook, named.as_str(), None),
                (None, Some(service)) => {
                    let mut level = of_service(rulebook, service.as_str())?;
                    level.through.get_or_insert_with(|| format!("service/{service}"));
                    Some(level)
                }
                (None, None) => None,
            }
        }
        Kind::Ola => {
            let ola = rulebook.olas.get(id)?;
            agreement(rulebook, format!("ola/{id}"), &ola.name, &ola.calendar, &ola.target)
        }
        Kind::SupplierContract => {
            let contract = rulebook.supplier_contracts.get(id)?;
            let name = format!("supplier-contract/{id}");
            agreement(rulebook, name, &contract.name, &contract.calendar, &contract.target)
        }
        _ => None,
    }
}

fn of_service(rulebook: &Rulebook, id: &str) -> Option<ServiceLevel> {
    let service = rulebook.services.get(id)?;
    if let Some(named) = &service.sla {
        return sla(rulebook, named.as_str(), None);
    }
    let tier = rulebook.tiers.get(service.tier.as_ref()?.as_str())?;
    sla(rulebook, tier.sla.as_ref()?.as_str(), Some(format!("tier/{}", tier.id)))
}

fn sla(rulebook: &Rulebook, id: &str, through: Option<String>) -> Option<ServiceLevel> {
    let sla: &Sla = rulebook.slas.get(id)?;
    let level = agreement(rulebook, format!("sla/{id}"), &sla.name, &sla.calendar, &sla.target)?;
    Some(ServiceLevel {
        through,
        at_risk: sla.at_risk.iter().map(ToString::to_string).collect(),
        escalation: sla.escalation.as_ref().map(ToString::to_string),
        supported_by: sla.supported_by.iter().map(ToString::to_string).collect(),
        ..level
    })
}

fn agreement(
    rulebook: &Rulebook,
    agreement: String,
    name: &str,
    calendar: &Ref<Calendar>,
    target: &std::collections::BTreeMap<Priority, Targets>,
) -> Option<ServiceLevel> {
    let calendar_id = calendar.as_str();
    let calendar = hours(rulebook, calendar_id, rulebook.calendars.get(calendar_id)?);
    let text = |duration: Option<crate::model::Duration>| duration.map(|duration| duration.to_string());
    let targets = rulebook.settings.project.priorities.iter().filter_map(|priority| {
        let targets = target.get(priority.as_str())?;
        Some(TargetsInForce {
            priority: priority.to_string(),
            respond: text(targets.respond),
            update: text(targets.update),
            workaround: text(targets.workaround),
            resolve: text(targets.resolve),
        })
    });
    Some(ServiceLevel {
        agreement,
        name: name.to_owned(),
        through: None,
        calendar,
        targets: targets.collect(),
        at_risk: Vec::new(),
        escalation: None,
        supported_by: Vec::new(),
    })
}

fn hours(rulebook: &Rulebook, id: &str, calendar: &Calendar) -> Hours {
    let weekly = calendar.weekly.iter().map(|(days, windows)| {
        let windows: Vec<String> = windows.iter().map(ToString::to_string).collect();
        format!("{days} {}", windows.join(" "))
    });
    let mut holidays: std::collections::BTreeSet<_> = calendar.holidays.keys().collect();
    for other in &calendar.holidays_from {
        holidays
            .extend(rulebook.calendars.get(other.as_str()).iter().flat_map(|other| other.holidays.keys()));
    }
    Hours {
        id: id.to_owned(),
        name: calendar.name.clone(),
        time_zone: calendar.time_zone.to_string(),
        weekly: weekly.collect(),
        holidays: holidays.len(),
        overrides: calendar.overrides.len(),
    }
}

fn entitlements(service: &Service) -> Vec<EntitlementInForce> {
    service
        .entitlement
        .iter()
        .map(|(id, entitlement)| EntitlementInForce {
            id: id.to_string(),
            name: entitlement.name.clone(),
            risk: entitlement.risk.name(),
            privileged: entitlement.privileged,
            owner: entitlement.owner.as_ref().or(service.owner.as_ref()).map(ToString::to_string),
            max_duration: entitlement.max_duration.map(|duration| duration.to_string()),
            recertify: entitlement.recertify.map(|duration| duration.to_string()),
        })
        .collect()
}

fn refers_to(loaded: &Loaded, kind: Kind, id: &str) -> serde_json::Result<Vec<Link>> {
    let own = |reference: &&Reference| {
        reference.from.as_ref().is_some_and(|(from, from_id)| *from == kind && from_id.as_str() == id)
    };
    let mut links: Vec<Link> = loaded
        .rulebook
        .references
        .iter()
        .filter(own)
        .filter_map(|reference| match &reference.to {
            Target::Object { kind, id, part } => Some((reference, *kind, id, part)),
            Target::Priority(_) => None,
        })
        .map(|(reference, kind, id, part)| {
            Ok(Link {
                field: field(&reference.field),
                object: object_name(kind, id, part.as_deref()),
                name: name(&loaded.rulebook, kind, id)?,
                place: loaded.rulebook.origin(kind, id).map(|origin| place(loaded, origin)),
            })
        })
        .collect::<serde_json::Result<_>>()?;
    links.dedup();
    Ok(links)
}

fn referred_by(loaded: &Loaded, kind: Kind, id: &str) -> serde_json::Result<Vec<Link>> {
    let to_it = |reference: &&Reference| match &reference.to {
        Target::Object { kind: to, id: to_id, .. } => *to == kind && &**to_id == id,
        Target::Priority(_) => false,
    };
    loaded
        .rulebook
        .references
        .iter()
        .filter(to_it)
        .map(|reference| {
            let (object, name) = match &reference.from {
                Some((from, from_id)) => (
                    object_name(*from, from_id.as_str(), None),
                    name(&loaded.rulebook, *from, from_id.as_str())?,
                ),
                None => ("gitsm.toml".to_owned(), None),
            };
            Ok(Link {
                field: field(&reference.field),
                object,
                name,
                place: Some(place(loaded, reference.origin)),
            })
        })
        .collect()
}

fn object_name(kind: Kind, id: &str, part: Option<&str>) -> String {
    match part {
        Some(part) => format!("{}/{id}/{part}", kind.name()),
        None => format!("{}/{id}", kind.name()),
    }
}

fn name(rulebook: &Rulebook, kind: Kind, id: &str) -> serde_json::Result<Option<String>> {
    let Some(fields) = rulebook.json(kind, id)? else { return Ok(None) };
    let name = ["name", "title"].iter().find_map(|key| fields.get(*key));
    Ok(name.and_then(|name| concealed("name", name).as_str().map(str::to_owned)))
}

/// A JSON pointer below an object as people write a field: `stage.0.approvers`.
fn field(pointer: &str) -> String {
    let parts: Vec<_> = pointer.split('/').filter(|part| !part.is_empty()).map(tree::unescape).collect();
    parts.join(".")
}
