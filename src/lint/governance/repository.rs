//! The rules for changing this repository.

use globset::GlobBuilder;

use crate::{
    diag::{Code, Safety, code},
    lint::{Context, Location},
    load::{is_document, settings, suggest::nearest, words::list},
    model::{
        Entry, Kind,
        governance::{Effect, Governance, GovernanceRule},
    },
};

/// Nobody has to agree.
pub(super) static ABSENT: Code =
    code!("GS6031", "no-governance", Note, "control can be loosened without anybody having to agree");
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

/// A rule for files that do not exist.
pub(super) static NO_FILE: Code =
    code!("GS6036", "governance-of-no-file", Warning, "a path pattern of a governance rule matches no file");

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

/// Kinds whose change can give somebody more, or with less agreement.
const CONTROL: [Kind; 11] = [
    Kind::Access,
    Kind::Workflow,
    Kind::Guardrail,
    Kind::Sod,
    Kind::Exception,
    Kind::Bundle,
    Kind::Service,
    Kind::RequestType,
    Kind::ChangeModel,
    Kind::Team,
    Kind::Person,
];

/// Whether a rule surely applies to every change that loosens control and that it is about by kind or path.
/// What a change does to people, tiers and risk is not known beforehand.
fn applies_to_loosening(rule: &GovernanceRule) -> bool {
    rule.people_min.is_none()
        && rule.tier.is_none()
        && rule.risk_min.is_none()
        && matches!(rule.effect, None | Some(Effect::Any | Effect::Loosens))
}

/// Whether a rule is about every change of a kind: an object may be moved to another path.
fn is_about(rule: &GovernanceRule, kind: Kind) -> bool {
    let kinds = rule.kinds.is_empty() || rule.kinds.iter().any(|known| known == kind.name());
    kinds && (rule.paths.is_empty() || rule.paths.iter().any(|path| path == "**"))
}

/// Whether a rule is about changes of `gitsm.toml`, which holds the default decision and the levels of
/// findings.
fn is_about_settings(rule: &GovernanceRule) -> bool {
    let matches = |path: &String| {
        let glob = GlobBuilder::new(path).literal_separator(true).build();
        glob.is_ok_and(|glob| glob.compile_matcher().is_match(settings::FILE))
    };
    rule.kinds.is_empty() && (rule.paths.is_empty() || rule.paths.iter().any(matches))
}

pub(super) fn absent(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let Some(first) = rulebook.access.iter().next() else { return };
    let Some(governance) = rulebook.governances.iter().next() else {
        context
            .report(first.at(""), "nothing says who must agree to changes of the access policies")
            .label("for example of this one")
            .help("write `[governance.…]` with a rule for whatever loosens control: `effect = \"loosens\"`");
        return;
    };
    let sure: Vec<&GovernanceRule> =
        rules(context).map(|(_, _, rule)| rule).filter(|rule| applies_to_loosening(rule)).collect();
    let is_open =
        |kind: &Kind| !rulebook.ids(*kind).is_empty() && !sure.iter().any(|rule| is_about(rule, *kind));
    let mut open: Vec<&str> = CONTROL.into_iter().filter(is_open).map(Kind::name).collect();
    if !sure.iter().any(|rule| is_about_settings(rule)) {
        open.push(settings::FILE);
    }
    if open.is_empty() {
        return;
    }
    context
        .report(
            governance.at("/rule"),
            format!("nobody has to agree when a change of {} loosens control", list(open.iter().copied())),
        )
        .label("no rule surely applies to these")
        .note(
            "a rule for some people, tiers, risks or paths leaves out the others, and an object may be moved",
        )
        .help("leave `kinds` and `paths` out of a rule with `effect = \"loosens\"`, or add another one");
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

pub(super) fn no_file(context: &mut Context<'_>) {
    let Some(sources) = context.sources else { return };
    let paths: Vec<&str> = sources.iter().map(|(_, file)| &*file.path).collect();
    let roots = &context.rulebook.settings.project.roots;
    for (governance, index, rule) in rules(context) {
        for (number, pattern) in rule.paths.iter().enumerate() {
            let Ok(glob) = GlobBuilder::new(pattern).literal_separator(true).build() else { continue };
            // Only documents are read: whether there are other files is not known.
            let is_below = |root: &String| {
                pattern.strip_prefix(root.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'))
            };
            let is_of_documents = is_document(pattern) || pattern.ends_with('*');
            let glob = glob.compile_matcher();
            if !is_of_documents || !roots.iter().any(is_below) || paths.iter().any(|path| glob.is_match(path))
            {
                continue;
            }
            let finding = context.report(
                place(governance, index, &format!("/paths/{number}")),
                format!("no document is at `{pattern}`, which the rule `{}` is for", rule.id),
            );
            finding.label("matches nothing now");
            match nearest(pattern, paths.iter().copied()) {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help("name where the documents are now, or remove the pattern"),
            };
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
    let covers = |rule: &GovernanceRule| is_about(rule, Kind::Governance) && applies_to_loosening(rule);
    if !rules(context).any(|(_, _, rule)| covers(rule)) {
        context
            .report(first.at("/rule"), "nobody has to agree to changes of the governance itself")
            .label("no rule for the kind `governance`")
            .help("add `governance` to the `kinds` of a rule without `paths`: an object may be moved to another file");
    }
}
