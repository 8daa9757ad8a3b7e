//! Access that was given in an emergency: whether somebody looked at it who could, and what followed.

use jiff::civil::Date;

use crate::{
    decide::{engine::Engine, principals::same_hands},
    diag::{Code, code},
    ledger::standing::was_here,
    lint::Context,
    model::{
        Entry, Ref,
        grant::{EmergencyFinding, EmergencyReview, Grant, GrantState},
    },
};

/// An emergency that nobody looked at.
pub(super) static NOT_REVIEWED: Code = code!(
    "GS6076",
    "emergency-not-reviewed",
    Error,
    "access was given in an emergency and nobody has looked at it since"
);

pub(super) fn not_reviewed(context: &mut Context<'_>) {
    let today = context.today;
    let Ok(engine) = Engine::new(context.rulebook) else { return };
    for grant in &context.rulebook.grants {
        let Some(emergency) = &grant.emergency else { continue };
        let Some(reviewed) = &emergency.reviewed else {
            if emergency.review_by.0 < today {
                context
                    .report(
                        grant.at("/emergency/review-by"),
                        format!("nobody has looked at the grant `{}`, which was an emergency", grant.id),
                    )
                    .label("has passed")
                    .help("look at what it was used for, and write down `emergency.reviewed`");
            }
            continue;
        };
        if let Some((field, message, help)) = objection(&engine, today, grant, reviewed) {
            context
                .report(grant.at(format!("/emergency/reviewed/{field}")), message)
                .label("does not count")
                .related(grant.at("/beneficiary"), "who has the access")
                .help(help);
            continue;
        }
        if reviewed.found == EmergencyFinding::NotJustified {
            unjustified(context, grant, reviewed);
        }
    }
}

/// Why a look at an emergency is none: the field, what is wrong, and what to do.
fn objection(
    engine: &Engine<'_>,
    today: Date,
    grant: &Entry<Grant>,
    reviewed: &EmergencyReview,
) -> Option<(&'static str, String, &'static str)> {
    let rulebook = engine.rulebook();
    let (by, at, id) = (&reviewed.by, reviewed.at, &grant.id);
    let own = |other: &str| same_hands(rulebook, other, by.as_str());
    if own(grant.beneficiary.as_str()) || grant.requester.as_ref().map(Ref::as_str).is_some_and(own) {
        return Some(("by", format!("`{by}` looked at their own emergency"), "let somebody else look at it"));
    }
    let mut agreed = grant.approval.iter().flat_map(|one| std::iter::once(&one.by).chain(&one.on_behalf_of));
    if agreed.any(|one| one == by) {
        return Some((
            "by",
            format!("`{by}` agreed to the grant `{id}` and looked at it afterwards"),
            "let somebody look at it who did not agree to it",
        ));
    }
    let day = engine.date(at.0);
    let begins = grant.asked.as_ref().map(|asked| asked.at.0).or_else(|| engine.start_of(grant.start.0));
    if begins.is_none_or(|begins| at.0 < begins) {
        return Some((
            "at",
            format!("the grant `{id}` was looked at on {day}, before anybody had the access"),
            "look at what it was used for, and write down when",
        ));
    }
    if day > today {
        return Some((
            "at",
            format!("the grant `{id}` is to be looked at on {day}, which is still to come"),
            "write down when somebody has looked at it",
        ));
    }
    let here = rulebook.people.get(by.as_str()).is_none_or(|person| was_here(&person.value, day));
    (!here).then(|| {
        (
            "by",
            format!("`{by}`, who looked at the grant `{id}`, was not here on {day} or is no person"),
            "let somebody look at it who can answer for it",
        )
    })
}

/// What has to follow when there was no emergency: the access is gone, and it is written down what was done.
fn unjustified(context: &mut Context<'_>, grant: &Entry<Grant>, reviewed: &EmergencyReview) {
    let stands = matches!(grant.state, GrantState::Active | GrantState::Requested);
    let nothing = reviewed.note.as_ref().is_none_or(|note| note.trim().is_empty());
    let (message, help) = if stands {
        ("and it stands as active", "take the access away: `gitsm grants revoke`")
    } else if nothing {
        ("and nothing says what followed", "write what was done about it as `emergency.reviewed.note`")
    } else {
        return;
    };
    context
        .report(
            grant.at("/emergency/reviewed/found"),
            format!("there was no emergency behind the grant `{}`, {message}", grant.id),
        )
        .label("not justified")
        .help(help);
}
