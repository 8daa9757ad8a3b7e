//! Who can act.

use jiff::civil::Date;

use crate::model::{
    Entry, Kind, Reference, Rulebook, Target,
    person::{Person, PersonStatus},
    team::Team,
};

/// Whether somebody can be asked for something today.
pub(in crate::lint) fn can_act(person: &Person, today: Date) -> bool {
    person.status == PersonStatus::Active && person.end.is_none_or(|end| end.0 >= today)
}

/// Whether somebody has left: only then does nobody wait for them to come back.
pub(in crate::lint) fn has_left(person: &Person, today: Date) -> bool {
    person.status == PersonStatus::Inactive || person.end.is_some_and(|end| end.0 < today)
}

/// Whether the last day of somebody has passed and their state says that they are here. One of the two is
/// wrong: that is the finding, with what it would mean, and what hangs on it is not reported as well.
pub(in crate::lint) fn is_in_doubt(person: &Person, today: Date) -> bool {
    person.status != PersonStatus::Inactive && has_left(person, today)
}

/// Whether somebody has left and nothing speaks against it.
pub(in crate::lint) fn is_gone(person: &Person) -> bool {
    person.status == PersonStatus::Inactive
}

/// Whether a team has anybody who can be asked. Members who could not be read or are in doubt count, so that
/// one mistake gives one finding.
pub(in crate::lint) fn somebody_can_act(rulebook: &Rulebook, team: &Team, today: Date) -> bool {
    let counts = |person: &Entry<Person>| can_act(person, today) || is_in_doubt(person, today);
    team.members.iter().any(|member| rulebook.people.get(member.as_str()).is_none_or(counts))
}

/// Whether a reference makes somebody answer for the object that holds it.
pub(in crate::lint) fn is_ownership(reference: &Reference) -> bool {
    ["/owner", "/application-owner", "/support-team"].iter().any(|field| reference.field.ends_with(field))
}

/// The team that a reference names.
pub(in crate::lint) fn team_named<'a>(
    rulebook: &'a Rulebook,
    reference: &Reference,
) -> Option<&'a Entry<Team>> {
    match &reference.to {
        Target::Object { kind: Kind::Team, id, .. } => rulebook.teams.get(id),
        _ => None,
    }
}

/// The person that a reference names.
pub(in crate::lint) fn person_named<'a>(
    rulebook: &'a Rulebook,
    reference: &Reference,
) -> Option<&'a Entry<Person>> {
    match &reference.to {
        Target::Object { kind: Kind::Person, id, .. } => rulebook.people.get(id),
        _ => None,
    }
}
