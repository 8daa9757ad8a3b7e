//! The rules for changing this repository.

use globset::GlobBuilder;

use crate::{
    diag::{Code, Safety, code},
    lint::{Context, Location},
    load::suggest::nearest,
    model::{
        Entry, Kind,
        governance::{Effect, Governance, GovernanceRule},
    },
};

/// Nobody has to agree.
pub(super) static ABSENT: Code =
    code!("GS6031", "no-governance", Note, "access policies can be changed without anybody having to agree");
/// A rule for a kind that does not exist.
pub(super) static KIND: Code = code!("GS6032", "governance-of-unknown-kind", fixed Error, "a governance rule names a kind that does not exist");
/// A rule for a path that is none.
pub(super) static PATH: Code = code!("GS6033", "governance-of-bad-path", fixed Error, "a governance rule holds a path pattern that cannot be read");
/// A rule that never applies.
pub(super) static NEVER: Code =
    code!("GS6034", "governance-never-applies", Warning, "no change can match a governance rule");
/// The rules can be changed without the rules.
pub(super) static ITSELF: Code = code!(
    "GS6035",
    "governance-not-governed",
    Warning,
    "no governance rule applies to changes of the governance itself"
);

fn rules<'a>(
    context: &Context<'a>,
) -> impl Iterator<Item = (&'a Entry<Governance>, usize, &'a GovernanceRule)> + use<'a> {
    let all = context.rulebook.governances.iter();
    all.flat_map(|governance| {
        governance.rule.iter().enumerate().map(move |(index, rule)| (governance, index, rule))
    })
}

fn place(governance: &Entry<Governance>, rule: usize, below: &str) -> Location {
    governance.at(format!("/rule/{rule}{below}"))
}

pub(super) fn absent(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let Some(first) = rulebook.access.iter().next() else { return };
    if rulebook.governances.is_empty() {
        context
            .report(first.at(""), "nothing says who must agree to changes of the access policies")
            .label("for example of this one")
            .help("write `[governance.…]` with a rule for the kinds `access`, `workflow` and `governance`");
    }
}

pub(super) fn kind(context: &mut Context<'_>) {
    for (governance, index, rule) in rules(context) {
        for (number, kind) in rule.kinds.iter().enumerate() {
            if Kind::from_name(kind).is_some() {
                continue;
            }
            let place = place(governance, index, &format!("/kinds/{number}"));
            let finding = context.report(
                place,
                format!(
                    "the rule `{}` of the governance `{}` is for the kind `{kind}`",
                    rule.id, governance.id
                ),
            );
            finding.label("no such kind: the rule never applies to it");
            match nearest(kind, Kind::ALL.map(Kind::name)) {
                Some(near) => finding.help(format!("did you mean `{near}`?")).replace_with(
                    format!("write `{near}`"),
                    format!("\"{near}\""),
                    Safety::Suggestion,
                ),
                None => finding.help("`gitsm schema` lists the kinds"),
            };
        }
    }
}

pub(super) fn path(context: &mut Context<'_>) {
    for (governance, index, rule) in rules(context) {
        for (number, pattern) in rule.paths.iter().enumerate() {
            let problem = match GlobBuilder::new(pattern).literal_separator(true).build() {
                Err(error) => error.kind().to_string(),
                Ok(_) if pattern.starts_with('/') || pattern.starts_with("./") => {
                    "paths start at the root of the repository, without `/` or `./`".to_owned()
                }
                Ok(_) if pattern.contains('\\') => "paths have `/` between their parts".to_owned(),
                Ok(_) if pattern.is_empty() => "it is empty".to_owned(),
                Ok(_) => continue,
            };
            context
                .report(
                    place(governance, index, &format!("/paths/{number}")),
                    format!("`{pattern}` is not a path pattern: {problem}"),
                )
                .label("matches no file")
                .help("write for example `policies/finance/**`");
        }
    }
}

/// Kinds whose change can move a target, a calendar or an escalation.
const COMMITMENTS: [Kind; 11] = [
    Kind::Calendar,
    Kind::Sla,
    Kind::Ola,
    Kind::SupplierContract,
    Kind::Escalation,
    Kind::Tier,
    Kind::Service,
    Kind::RequestType,
    Kind::PriorityMatrix,
    Kind::Routing,
    Kind::MajorIncident,
];

pub(super) fn never(context: &mut Context<'_>) {
    let people = context.rulebook.people.len();
    for (governance, index, rule) in rules(context) {
        let kinds: Vec<Kind> = rule.kinds.iter().filter_map(|kind| Kind::from_name(kind)).collect();
        let commits = kinds.len() != rule.kinds.len() || kinds.iter().any(|kind| COMMITMENTS.contains(kind));
        let (field, why) = if rule
            .people_min
            .is_some_and(|least| usize::try_from(least).is_ok_and(|least| least > people))
        {
            ("/people-min", format!("there are {people} people"))
        } else if rule.effect == Some(Effect::Commitment) && !kinds.is_empty() && !commits {
            ("/effect", "these kinds promise no times".to_owned())
        } else {
            continue;
        };
        context
            .report(
                place(governance, index, field),
                format!("the rule `{}` of the governance `{}` can never apply", rule.id, governance.id),
            )
            .label(why)
            .help("mend the condition: whoever wrote it believes that somebody has to agree");
    }
}

pub(super) fn itself(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let Some(first) = rulebook.governances.iter().next() else { return };
    let covers = |rule: &GovernanceRule| {
        let kinds = rule.kinds.is_empty() || rule.kinds.iter().any(|kind| kind == Kind::Governance.name());
        // What a change of governance does to people and risk is not known, so only rules without such
        // conditions surely apply. A path may well be the one of the governance.
        kinds
            && rule.people_min.is_none()
            && rule.tier.is_none()
            && rule.risk_min.is_none()
            && matches!(rule.effect, None | Some(Effect::Any | Effect::Loosens))
    };
    if !rules(context).any(|(_, _, rule)| covers(rule)) {
        context
            .report(first.at("/rule"), "nobody has to agree to changes of the governance itself")
            .label("no rule for the kind `governance`")
            .help("add `governance` to the `kinds` of a rule");
    }
}
