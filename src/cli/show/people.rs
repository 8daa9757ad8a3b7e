//! From what is written to the people who are meant.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{Entry, Principal, Role, Rulebook, person::Person, service::Service, team::Team};

/// Somebody who can act, with the people who are meant.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Who {
    /// As it is written, such as `team:network`.
    pub(super) written: String,
    /// What that is in words: the name of the team, or what the role means.
    pub(super) meaning: String,
    /// The people, as far as they are known before a request is made.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) people: Vec<Somebody>,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Somebody {
    /// The id.
    pub(super) id: String,
    /// The name.
    pub(super) name: String,
    /// The job title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<String>,
    /// The state of the identity.
    pub(super) status: &'static str,
    /// Whether the person can act now: an active human being.
    pub(super) can_act: bool,
}

impl Somebody {
    /// The person with an id; one that does not exist is shown with their id alone.
    pub(super) fn find(rulebook: &Rulebook, id: &str) -> Self {
        match rulebook.people.get(id) {
            Some(person) => Self::of(person),
            None => Self {
                id: id.to_owned(),
                name: id.to_owned(),
                title: None,
                status: "unknown",
                can_act: false,
            },
        }
    }

    /// A person of the directory.
    pub(super) fn of(person: &Entry<Person>) -> Self {
        use crate::model::person::PersonStatus;
        Self {
            id: person.id.to_string(),
            name: person.name.clone(),
            title: person.title.clone(),
            status: person.status.name(),
            can_act: person.status == PersonStatus::Active && person.employment.is_human(),
        }
    }
}

/// The members of a team, in the order in which they are written. Who leads it is one only when named.
#[must_use]
pub(super) fn members(rulebook: &Rulebook, team: &Team) -> Vec<Somebody> {
    team.members.iter().map(|member| Somebody::find(rulebook, member.as_str())).collect()
}

/// The people behind a principal. Roles that depend on the service are resolved for `service`; roles that
/// depend on the person who asks have nobody yet.
#[must_use]
pub(super) fn who(rulebook: &Rulebook, principal: &Principal, service: Option<&Service>) -> Who {
    let written = principal.to_string();
    let (meaning, people) = match principal {
        Principal::Person(id) => {
            let somebody = Somebody::find(rulebook, id.as_str());
            (somebody.name.clone(), vec![somebody])
        }
        Principal::Team(id) => match rulebook.teams.get(id.as_str()) {
            Some(team) => (team.name.clone(), members(rulebook, team)),
            None => (format!("no team {id}"), Vec::new()),
        },
        Principal::OnCall(id) => match rulebook.teams.get(id.as_str()) {
            Some(team) => {
                let rotation = team.on_call.iter().flat_map(|rota| &rota.rotation);
                let people = rotation.map(|person| Somebody::find(rulebook, person.as_str()));
                (format!("whoever of {} is on call", team.name), people.collect())
            }
            None => (format!("no team {id}"), Vec::new()),
        },
        Principal::Role(role) => return role_of(rulebook, *role, service, &written),
    };
    Who { written, meaning, people }
}

fn role_of(rulebook: &Rulebook, role: Role, service: Option<&Service>, written: &str) -> Who {
    let later =
        |meaning: &str| Who { written: written.to_owned(), meaning: meaning.to_owned(), people: Vec::new() };
    let resolved = |meaning: &str, principal: Option<&Principal>| match principal {
        // A role that stands for a role is not followed: it could lead back here.
        Some(principal) if !matches!(principal, Principal::Role(_)) => {
            let found = who(rulebook, principal, None);
            Who {
                written: written.to_owned(),
                meaning: format!("{meaning}: {}", found.meaning),
                people: found.people,
            }
        }
        _ => later(meaning),
    };
    match role {
        Role::Manager => later("the manager of whoever gets it"),
        Role::ManagerLevel(level) => later(&format!("the manager {level} levels up")),
        Role::Requester => later("whoever asked"),
        Role::ChangeOwner => later("whoever is responsible for the change"),
        Role::ServiceOwner => {
            resolved("the owner of the service", service.and_then(|service| service.owner.as_ref()))
        }
        Role::EntitlementOwner => later("the owner of the entitlement"),
        Role::CategoryOwner => {
            let category = service
                .and_then(|service| service.category.as_ref())
                .and_then(|category| rulebook.categories.get(category.as_str()));
            resolved("the owner of the category", category.and_then(|category| category.owner.as_ref()))
        }
        Role::TeamLead => {
            let lead = service
                .and_then(|service| service.support_team.as_ref())
                .and_then(|team| rulebook.teams.get(team.as_str()))
                .and_then(|team| team.lead.as_ref())
                .map(|lead| Principal::Person(lead.id().clone()));
            resolved("the lead of the support team", lead.as_ref())
        }
    }
}
