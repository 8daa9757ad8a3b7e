//! Exceptions: every waiver has an owner, a reason, an end, and somebody else who agreed.

use jiff::ToSpan;

use crate::{
    decide::waiver::agreed_by,
    diag::{Code, code},
    lint::{
        Context,
        common::{self, blank, lacking},
    },
    model::{Entry, Kind, Principal, Rulebook, exception::Exception},
};

/// A waiver nobody agreed to.
pub(super) static APPROVAL: Code =
    code!("GS6008", "exception-without-approval", Error, "nobody agreed to an exception");
/// A waiver that its owner agreed to.
pub(super) static OWNER_APPROVAL: Code =
    code!("GS6009", "exception-approved-by-its-owner", Error, "the owner of an exception agreed to it alone");
/// A waiver for longer than a year.
pub(super) static TOO_LONG: Code =
    code!("GS6010", "exception-too-long", Warning, "an exception lasts longer than a year");
/// A waiver nobody answers for.
pub(super) static OWNER: Code =
    code!("GS6011", "exception-without-owner", Error, "nobody answers for the risk of an exception");
/// A waiver for no reason.
pub(super) static REASON: Code =
    code!("GS6012", "exception-without-reason", Error, "an exception does not say why it is needed");
/// A waiver for ever.
pub(super) static EXPIRY: Code =
    code!("GS6013", "exception-without-end", Error, "an exception has no last day");
/// A waiver without anything instead.
pub(super) static INSTEAD: Code = code!(
    "GS6014",
    "exception-without-compensation",
    Warning,
    "an exception does not say what is done instead of the rule"
);
/// A waiver that is over.
pub(super) static EXPIRED: Code =
    code!("GS6015", "exception-expired", Error, "an exception is over and still written down");
/// A waiver that is never in force.
pub(super) static BACKWARDS: Code = code!(
    "GS6016",
    "exception-ends-before-start",
    Error,
    "the last day of an exception lies before the first"
);
/// A waiver that people gave themselves.
pub(super) static OWN_APPROVAL: Code = code!("GS6017", "exception-for-its-approver", fixed Error, "somebody agreed to an exception for themselves");
/// A waiver whose owner is one of those that it is for.
pub(super) static OWNER_BENEFITS: Code = code!(
    "GS6020",
    "exception-for-its-owner",
    Warning,
    "somebody answers for the risk of an exception that is for themselves"
);
/// A waiver of something that decides nothing about access.
pub(super) static NOT_A_RULE: Code = code!(
    "GS6018",
    "exception-from-no-rule",
    Error,
    "an exception waives something that is not a rule about access"
);

fn each(context: &mut Context<'_>, field: &str, lacks: fn(&Exception) -> bool, message: &str, help: &str) {
    lacking(
        context,
        field,
        lacks,
        |exception: &Entry<Exception>| format!("the exception `{}` {message}", exception.id),
        help,
    );
}

pub(super) fn approval(context: &mut Context<'_>) {
    each(
        context,
        "approved-by",
        |exception| exception.approved_by.is_none(),
        "was agreed to by nobody",
        "name who agreed, neither its owner nor somebody that it is for: `approved-by = \"…\"`",
    );
}

pub(super) fn owner_approval(context: &mut Context<'_>) {
    for exception in &context.rulebook.exceptions {
        let (Some(by), Some(Principal::Person(owner))) = (&exception.approved_by, &exception.owner) else {
            continue;
        };
        if by.id() == owner {
            context
                .report(
                    exception.at("/approved-by"),
                    format!("`{by}` owns the exception `{}` and agreed to it", exception.id),
                )
                .label("agreed")
                .related(exception.at("/owner"), "and answers for the risk")
                .help("let somebody else agree, or name another owner");
        }
    }
}

pub(super) fn too_long(context: &mut Context<'_>) {
    let (rulebook, today) = (context.rulebook, context.today);
    for exception in &rulebook.exceptions {
        let Some(expires) = exception.expires else { continue };
        // What began on an unknown day lasts at least from today.
        let from = exception.from.map_or(today, |from| from.0);
        // The last day belongs to it. A date after the last that there is ends no exception.
        let Ok(year) = from.checked_add(1.year()) else { continue };
        if expires.0 < year {
            continue;
        }
        let finding = context.report(
            exception.at("/expires"),
            format!("the exception `{}` lasts longer than a year", exception.id),
        );
        finding.label("the last day");
        if exception.from.is_some() {
            finding.related(exception.at("/from"), "the first day");
        }
        finding.help("end it within a year and decide again then, or change the rule");
    }
}

pub(super) fn owner(context: &mut Context<'_>) {
    each(
        context,
        "owner",
        |exception| exception.owner.is_none(),
        "has no owner",
        "name who answers for the risk: `owner = \"team:…\"`",
    );
}

pub(super) fn reason(context: &mut Context<'_>) {
    each(
        context,
        "reason",
        |exception| blank(exception.reason.as_ref()),
        "does not say why it is needed",
        "say what the rule would make impossible: `reason = \"…\"`",
    );
}

pub(super) fn expiry(context: &mut Context<'_>) {
    each(
        context,
        "expires",
        |exception| exception.expires.is_none(),
        "has no last day",
        "write it, `expires = 2026-12-31`; what is needed for ever is a change of the rule",
    );
}

pub(super) fn instead(context: &mut Context<'_>) {
    each(
        context,
        "compensating-control",
        |exception| blank(exception.compensating_control.as_ref()),
        "does not say what is done instead",
        "say what keeps the risk bearable: `compensating-control = \"…\"`",
    );
}

/// Whether an exception is over.
pub(super) fn is_over(exception: &Exception, today: jiff::civil::Date) -> bool {
    exception.expires.is_some_and(|day| day.0 < today)
}

/// Whether an exception waives its rule on a day.
pub(in crate::lint) fn is_in_force(exception: &Exception, today: jiff::civil::Date) -> bool {
    !is_over(exception, today) && exception.from.is_none_or(|day| day.0 <= today)
}

/// Whether an exception waives its rule for anybody on a day, as requests are decided: without an end, or when
/// nobody agreed to it, it waives nothing.
pub(in crate::lint) fn waives_on(
    rulebook: &Rulebook,
    exception: &Exception,
    today: jiff::civil::Date,
) -> bool {
    agreed_by(rulebook, exception, today).is_some()
}

fn is_backwards(exception: &Exception) -> bool {
    exception.from.zip(exception.expires).is_some_and(|(from, expires)| expires < from)
}

pub(super) fn expired(context: &mut Context<'_>) {
    let (rulebook, today) = (context.rulebook, context.today);
    let over = |exception: &&Entry<Exception>| is_over(exception, today) && !is_backwards(exception);
    for exception in rulebook.exceptions.iter().filter(over) {
        let Some(day) = exception.expires else { continue };
        context
            .report(exception.at("/expires"), format!("the exception `{}` ended on {day}", exception.id))
            .label("has passed: the rule applies again")
            .help("remove the exception; the history keeps it");
    }
}

pub(super) fn backwards(context: &mut Context<'_>) {
    common::backwards(
        context,
        ["from", "expires"],
        |exception: &Exception| exception.from.zip(exception.expires),
        |exception, _, _| format!("the exception `{}` ends before it starts", exception.id),
    );
}

pub(super) fn own_approval(context: &mut Context<'_>) {
    for exception in &context.rulebook.exceptions {
        let Some(by) = &exception.approved_by else { continue };
        let everybody = exception.people.is_empty();
        if !everybody && !exception.people.contains(by) {
            continue;
        }
        let finding = context.report(
            exception.at("/approved-by"),
            format!("`{by}` agreed to the exception `{}` for themselves", exception.id),
        );
        finding.label("agreed");
        if everybody {
            finding.note("without `people` an exception is for everybody, so for who agreed as well");
            finding.help("name the `people` that it is for, and let somebody else agree");
        } else {
            finding.related(exception.at("/people"), "and is one of those that it is for");
            finding.help("let somebody else agree");
        }
    }
}

pub(super) fn owner_benefits(context: &mut Context<'_>) {
    for exception in &context.rulebook.exceptions {
        let Some(Principal::Person(owner)) = &exception.owner else { continue };
        let Some(index) = exception.people.iter().position(|person| person.id() == owner) else { continue };
        context
            .report(
                exception.at("/owner"),
                format!("`{owner}` owns the exception `{}`, which is for them", exception.id),
            )
            .label("answers for the risk")
            .related(exception.at(format!("/people/{index}")), "and is one of those that it is for")
            .help("name somebody else as the owner, such as the team that answers for the rule");
    }
}

pub(super) fn not_a_rule(context: &mut Context<'_>) {
    for exception in &context.rulebook.exceptions {
        let rule = &exception.rule;
        let problem = match (rule.kind, &rule.part) {
            (Kind::Guardrail | Kind::Sod, _) | (Kind::Access, Some(_)) => continue,
            (Kind::Access, None) => "a whole access policy".to_owned(),
            (kind, _) => kind.with_article(),
        };
        context
            .report(
                exception.at("/rule"),
                format!("the exception `{}` waives `{rule}`, which is not a rule about access", exception.id),
            )
            .label(problem)
            .help("name a `guardrail:…`, a `sod:…` or one rule of a policy, `access:…/…`");
    }
}
