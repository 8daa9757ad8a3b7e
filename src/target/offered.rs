//! What every system asks of a rulebook: who is still there, what can be asked for, and who does it.

use std::collections::BTreeSet;

use super::mark::one_line;
use crate::model::{
    Entry, Principal, Rulebook,
    person::{Person, PersonStatus},
    request_type::{Field, RequestType},
    service::Lifecycle,
};

/// Whether something can be asked for.
pub(super) fn is_offered(lifecycle: Lifecycle) -> bool {
    matches!(lifecycle, Lifecycle::Active | Lifecycle::Deprecated)
}

/// Whether somebody still has an identity that works.
pub(super) fn is_here(person: &Person) -> bool {
    person.status != PersonStatus::Inactive
}

/// The team that a request of this type goes to: its owner, else who supports its service.
pub(super) fn fulfilling(rulebook: &Rulebook, request: &RequestType) -> Option<String> {
    let owner = match &request.owner {
        Some(Principal::Team(team)) => Some(team.as_str()),
        _ => None,
    };
    let service = request.service.as_ref().and_then(|service| rulebook.services.get(service.as_str()));
    let team = owner.or_else(|| Some(service?.support_team.as_ref()?.as_str()))?;
    rulebook.teams.get(team).map(|team: &Entry<_>| team.id.to_string())
}

/// What people call somebody.
pub(super) fn called(rulebook: &Rulebook, principal: &Principal) -> String {
    let name = match principal {
        Principal::Person(id) => rulebook.people.get(id.as_str()).map(|person| &person.name),
        Principal::Team(id) => rulebook.teams.get(id.as_str()).map(|team| &team.name),
        _ => None,
    };
    name.map_or_else(|| principal.to_string(), |name| one_line(name))
}

/// The options of a choice, each once.
pub(super) fn options(field: &Field) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let options = field.options.iter().map(|option| one_line(option));
    options.filter(|option| !option.is_empty() && seen.insert(option.clone())).collect()
}
