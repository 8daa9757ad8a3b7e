//! What the parts of a decision about a change are called.

use jiff::tz::TimeZone;

use crate::{
    decide::change::{ChangeDenial, ConflictKind},
    model::{change::ChangeVerdict, change_model::ChangeType},
    report::decision::{human::local, words},
};

/// A verdict, as people say it.
pub(super) fn verdict(verdict: ChangeVerdict) -> &'static str {
    match verdict {
        ChangeVerdict::Authorised => "authorised",
        ChangeVerdict::NeedsApproval => "needs approval",
        ChangeVerdict::Denied => "denied",
        ChangeVerdict::Invalid => "not a valid change",
    }
}

/// Why a change may not be carried out like this.
pub(super) fn denial(denial: &ChangeDenial, zone: &TimeZone) -> String {
    match denial {
        ChangeDenial::Unable { person, why } => {
            format!("`{person}`, who has a part in it, {}", why.words())
        }
        ChangeDenial::NoModel(ChangeType::Standard) => {
            "no standard change is like this: ask for a normal change".to_owned()
        }
        ChangeDenial::OtherProcedure { named, models } => {
            let known: Vec<String> =
                models.iter().map(|(model, procedure)| format!("`{model}` for `{procedure}`")).collect();
            let says = match named {
                Some(named) => format!("it follows the procedure `{named}`"),
                None => "it does not say which `procedure` it follows".to_owned(),
            };
            format!(
                "{says}, and standard changes like this are authorised for one procedure alone, {}: follow that, or ask \
                 for a normal change",
                known.join(", ")
            )
        }
        ChangeDenial::NoProcedure { models } => {
            let lacks = models.iter().map(|(model, procedure)| match procedure {
                Some(procedure) => format!("the procedure `{procedure}` of `{model}` is not published"),
                None => format!("`{model}` has no `procedure`"),
            });
            let lacks: Vec<String> = lacks.collect();
            format!(
                "standard changes are authorised for a written procedure, and {}: ask for a normal change",
                lacks.join(", ")
            )
        }
        ChangeDenial::NoModel(change_type) => {
            format!("there is no model for {change_type} changes like this")
        }
        ChangeDenial::StandardRisk(risk) => {
            format!("its risk is {risk}, and standard changes are of low risk: ask for a normal change")
        }
        ChangeDenial::NoAuthority { model, risk } => {
            format!("nobody may authorise a change of the risk {risk} in `{model}`")
        }
        ChangeDenial::OutsideWindow { calendar, from } => {
            format!("from {} on it lies outside the maintenance window `{calendar}`", local(*from, zone))
        }
        ChangeDenial::Frozen { name, from, until } => format!(
            "it falls into the freeze `{name}`, from {} to {}, in which nobody may authorise a change",
            local(*from, zone),
            local(*until, zone)
        ),
        ChangeDenial::TooLate { lead_time, earliest } => match earliest {
            Some(earliest) => format!(
                "it has to be asked for {lead_time} before: it can begin at {} at the earliest",
                local(*earliest, zone)
            ),
            None => {
                format!("it has to be asked for {lead_time} before, and the calendar never opens so long")
            }
        },
        ChangeDenial::CanWait { within, latest } => match latest {
            Some(latest) => format!(
                "an emergency change begins {within} after it is asked for, by {}: what can wait longer is a normal change",
                local(*latest, zone)
            ),
            None => format!(
                "an emergency change begins {within} after it is asked for, and the calendar never opens so long"
            ),
        },
        ChangeDenial::Begun => {
            "it has begun already: only emergency changes are authorised afterwards".to_owned()
        }
        ChangeDenial::Missing(what) => {
            format!("{} is missing, and nobody is asked who could wait for it", what.name())
        }
        ChangeDenial::Conflict(id) => {
            format!("the change `{id}` gets in the way, and nobody is asked who could weigh it")
        }
        ChangeDenial::NoApprover(denial) => words::denial(denial),
        ChangeDenial::Undecidable(why) => format!("it cannot be decided: {why}"),
    }
}

/// What two changes have in common.
pub(super) fn conflict(kind: &str, with: &str) -> String {
    if kind == ConflictKind::SameItem.name() {
        format!("changes `{with}`, too")
    } else if kind == ConflictKind::DependsOn.name() {
        format!("changes `{with}`, without which this one does not work")
    } else if kind == ConflictKind::NeededBy.name() {
        format!("changes `{with}`, which does not work without this one")
    } else if kind == ConflictKind::SamePerson.name() {
        format!("is carried out by `{with}`, too")
    } else {
        format!("changes the service `{with}`, too")
    }
}
