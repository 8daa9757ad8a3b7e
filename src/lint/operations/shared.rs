//! What the lints about operations share: who can act, and which tiers are critical.

use jiff::civil::Date;

use crate::{
    lint::organisation::identity::is_in_doubt,
    model::{
        Entry, Principal, Role, Rulebook,
        person::{Person, PersonStatus},
        service::Service,
        tier::Tier,
    },
};

/// Whether a person can be reached at work: active, begun, and not gone.
pub(super) fn works(person: &Person, today: Date) -> bool {
    person.status == PersonStatus::Active
        && person.start.is_none_or(|start| start.0 <= today)
        && person.end.is_none_or(|end| end.0 >= today)
}

/// Why somebody who is named cannot be reached; none when they can, or when it is told elsewhere: a team
/// without members is a finding about that team.
pub(super) fn unreachable(rulebook: &Rulebook, who: &Principal, today: Date) -> Option<String> {
    match who {
        Principal::Person(id) => {
            let person = rulebook.people.get(id.as_str())?;
            (!works(person, today) && !is_in_doubt(person, today))
                .then(|| format!("`{who}` does not work here today"))
        }
        Principal::OnCall(id) => {
            let team = rulebook.teams.get(id.as_str())?;
            team.on_call.is_none().then(|| format!("the team `{id}` has no on-call rota"))
        }
        Principal::Team(_) | Principal::Role(_) => None,
    }
}

/// Whether somebody can answer for what happens next: a role with authority, a person, or a team. Whoever
/// asked answers for nothing.
pub(super) fn can_answer(who: &Principal) -> bool {
    !matches!(who, Principal::Role(Role::Requester))
}

/// The tier of a service, when it is one of the two most critical ranks.
pub(super) fn critical_tier<'a>(rulebook: &'a Rulebook, service: &Service) -> Option<&'a Entry<Tier>> {
    rulebook.tiers.get(service.tier.as_ref()?.as_str()).filter(|tier| tier.rank <= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_work_between_their_first_and_last_day() {
        let today = "2026-11-20".parse().unwrap();
        let person = |json: serde_json::Value| serde_json::from_value::<Person>(json).unwrap();
        for (extra, expected) in [
            (serde_json::json!({ "name": "A" }), true),
            (serde_json::json!({ "name": "A", "end": "2026-11-20" }), true),
            (serde_json::json!({ "name": "A", "end": "2026-11-19" }), false),
            (serde_json::json!({ "name": "A", "start": "2026-11-21" }), false),
            (serde_json::json!({ "name": "A", "status": "on-leave" }), false),
        ] {
            assert_eq!(works(&person(extra.clone()), today), expected, "{extra}");
        }
    }
}
