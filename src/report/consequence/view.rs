//! What a change does to decisions, as data with words.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    themes::{self, ThemeView, themes},
    words,
};
use crate::{
    decide::space::Unsure,
    impact::decisions::{
        Approver, Case, Cause, Decisions, Direction, Names, Needed, Outcome, Panel, Silence, Touched,
    },
    model::{request::Request, scenario::Verdict},
};

/// What a change does to decisions.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct View {
    /// How many cases go which way.
    pub counts: Counts,
    /// How many entitlements there are.
    pub compared: usize,
    /// How many request types there are.
    pub request_types: usize,
    /// How many people and accounts of the directory all changes touch together.
    pub people: usize,
    /// What changes, told once however many cases it is in; those that loosen first.
    pub themes: Vec<ThemeView>,
    /// The cases, those that loosen first.
    pub cases: Vec<CaseView>,
    /// What could not be compared. Nothing is known about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<UnknownView>,
    /// What rules read that changed without its being seen in the cases.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unseen: Vec<UnseenView>,
    /// What binds access less than before, besides the decisions about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub eased: Vec<EasedView>,
}

impl View {
    /// Notes which changes somebody acknowledged, by their fingerprints or those of all their cases. Says which
    /// fingerprints fit nothing.
    pub fn acknowledge<'f>(&mut self, fingerprints: &'f [String]) -> Vec<&'f str> {
        let mut unused: Vec<&str> = fingerprints.iter().map(String::as_str).collect();
        for theme in &mut self.themes {
            let own: Vec<&str> = theme
                .cases
                .iter()
                .filter_map(|place| Some(self.cases.get(*place)?.fingerprint.as_str()))
                .collect();
            let named = |name: &str| fingerprints.iter().any(|known| known == name);
            theme.acknowledged = named(&theme.fingerprint) || own.iter().all(|name| named(name));
            unused.retain(|name| *name != theme.fingerprint && !own.contains(name));
        }
        for unseen in &mut self.unseen {
            unseen.acknowledged = fingerprints.contains(&unseen.fingerprint);
            unused.retain(|name| *name != unseen.fingerprint);
        }
        for eased in &mut self.eased {
            eased.acknowledged = fingerprints.contains(&eased.fingerprint);
            unused.retain(|name| *name != eased.fingerprint);
        }
        unused
    }

    /// Names everybody whom the changes touch, and every grant.
    pub fn name(&mut self, decisions: &Decisions, names: &Names) {
        themes::name(&mut self.themes, &decisions.cases, names);
    }

    /// Whether there is nothing to tell.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.cases.is_empty() && self.unknown.is_empty() && self.unseen.is_empty() && self.eased.is_empty()
    }
}

/// How many cases go which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Counts {
    /// Something is granted that was not, or more easily, or for longer.
    pub loosens: usize,
    /// It cannot be shown that it is as strict as before.
    pub incomparable: usize,
    /// Whatever is granted now was granted before.
    pub tightens: usize,
    /// The same votes and evidence lead to the same access.
    pub neutral: usize,
}

/// Some requests that are decided alike before, and alike after.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct CaseView {
    /// A name that stays the same as long as the case does.
    pub fingerprint: String,
    /// Why: `rules`, `people` for whom it is, or `requesters` who ask for others, about whom
    /// something else is known, `presence` of people who come or leave, `birthright`, or `hours` of a calendar that rules read.
    pub cause: &'static str,
    /// Which way it goes: `loosens`, `incomparable`, `tightens` or `neutral`.
    pub direction: &'static str,
    /// What is asked for.
    pub entitlements: Vec<String>,
    /// The request type, where it is about what the type itself decides; without entitlements about requests of it
    /// that ask for no access, or for any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_type: Option<String>,
    /// Whether it is about requests of the type for any access.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub any_access: bool,
    /// Which requests: those for which everything in one of these lists holds. An empty list is every request.
    pub requests: Vec<Vec<String>>,
    /// Whether there are requests that are not described here.
    pub more: bool,
    /// What changes, in words.
    pub changes: Vec<String>,
    /// How it was decided.
    pub before: OutcomeView,
    /// How it would be.
    pub after: OutcomeView,
    /// How many people and accounts of the directory could make such a request.
    pub people: usize,
    /// Some of them.
    pub names: Vec<String>,
    /// How many of them hold it now.
    pub grants: usize,
    /// A request that shows it, and how it is decided; none where nobody can make one today.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witness: Option<WitnessView>,
}

/// A request that shows a case.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct WitnessView {
    /// The request, as `request` of a file for `gitsm simulate access --request`, or `simulate request --request`.
    pub request: Request,
    /// What was decided about it.
    pub before: Verdict,
    /// What would be.
    pub after: Verdict,
}

/// What comes of a request.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct OutcomeView {
    /// `approved`, `needs-approval` or `denied`.
    pub verdict: &'static str,
    /// The rules that decide; none for the default.
    pub rules: Vec<String>,
    /// Who has to agree.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<StageView>,
    /// The longest time, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest: Option<i64>,
    /// The last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// What the requester must bring.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<&'static str>,
    /// The fields of the form that must be answered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<String>,
    /// The same in words.
    pub summary: String,
}

/// People of whom so many have to agree.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct StageView {
    /// Who can approve.
    pub approvers: Vec<String>,
    /// Who is named as well and cannot act today.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub away: Vec<String>,
    /// How many of them: a number, `all` or a share.
    pub needed: String,
    /// Who stands in where none of them can.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fallback: Vec<String>,
    /// How long they have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// Who may approve as well after that.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub escalation: Vec<String>,
    /// Whether it is denied after that.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub denied_after: bool,
    /// How many other stages have to agree before its time begins, where something happens at the end of it.
    #[serde(skip_serializing_if = "is_zero")]
    pub stages_before: usize,
    /// What the requester must bring before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<&'static str>,
}

/// Something that could not be compared.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct UnknownView {
    /// The entitlements.
    pub entitlements: Vec<String>,
    /// The request types.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub request_types: Vec<String>,
    /// Why not.
    pub why: String,
}

/// Something behind a name that changed.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct UnseenView {
    /// A name that stays the same as long as what was there before and is there now does; acknowledging it acknowledges the
    /// change.
    pub fingerprint: String,
    /// Whether somebody acknowledged it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub acknowledged: bool,
    /// What changed.
    pub what: String,
    /// The rules that read it.
    pub rules: Vec<String>,
}

/// Something that binds access less than before.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct EasedView {
    /// A name that stays the same as long as what bound it and what binds it does; acknowledging it acknowledges the change.
    pub fingerprint: String,
    /// Whether somebody acknowledged it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub acknowledged: bool,
    /// The entitlement, as `service:id/entitlement`, or the rule.
    pub subject: String,
    /// Which way it goes: `loosens` or `incomparable`.
    pub direction: &'static str,
    /// What changes, in words.
    pub change: String,
}

/// What a change does to decisions, as data with words.
#[must_use]
pub fn view(decisions: &Decisions) -> View {
    let count = |way: Direction| decisions.cases.iter().filter(|case| case.direction == way).count();
    let cases: Vec<CaseView> = decisions.cases.iter().map(case).collect();
    View {
        themes: themes(decisions, &cases),
        counts: Counts {
            loosens: count(Direction::Loosens),
            incomparable: count(Direction::Incomparable),
            tightens: count(Direction::Tightens),
            neutral: count(Direction::Neutral),
        },
        compared: decisions.compared,
        request_types: decisions.types,
        people: Touched::together(decisions.cases.iter().map(|case| &case.touched)),
        cases,
        unknown: decisions
            .unknown
            .iter()
            .map(|unknown| UnknownView {
                entitlements: unknown.entitlements.iter().map(ToString::to_string).collect(),
                request_types: unknown.types.iter().map(ToString::to_string).collect(),
                why: why(unknown.why),
            })
            .collect(),
        unseen: decisions
            .unseen
            .iter()
            .map(|unseen| UnseenView {
                fingerprint: unseen.fingerprint(),
                acknowledged: false,
                what: words::unseen_of(unseen),
                rules: unseen.rules.iter().map(ToString::to_string).collect(),
            })
            .collect(),
        eased: decisions
            .eased
            .iter()
            .map(|eased| EasedView {
                fingerprint: eased.fingerprint(),
                acknowledged: false,
                subject: eased.subject.to_string(),
                direction: eased.bond.direction().name(),
                change: words::eased(&eased.bond),
            })
            .collect(),
    }
}

fn why(why: Unsure) -> String {
    why.to_string()
}

/// Why some requests are decided otherwise, in a word.
const fn cause(cause: &Cause) -> &'static str {
    match cause {
        Cause::Rules => "rules",
        Cause::Hours(..) => "hours",
        Cause::People(_) => "people",
        Cause::Requesters(_) => "requesters",
        Cause::Birthright | Cause::Roles(..) => "birthright",
        Cause::Presence(..) => "presence",
    }
}

fn case(case: &Case) -> CaseView {
    let said = |words: &crate::decide::space::Words| format!("{} {}", words.attribute, words.said);
    CaseView {
        fingerprint: case.fingerprint.clone(),
        cause: cause(&case.cause),
        direction: case.direction.name(),
        entitlements: case.entitlements.iter().map(ToString::to_string).collect(),
        request_type: case.request_type.as_ref().map(ToString::to_string),
        any_access: case.any_access,
        requests: case.who.any.iter().map(|all| all.iter().map(said).collect()).collect(),
        more: case.who.more,
        changes: words::changes(case),
        before: outcome(&case.before),
        after: outcome(&case.after),
        people: case.touched.people,
        names: case.touched.some.iter().map(ToString::to_string).collect(),
        grants: case.touched.grants,
        witness: case.witness.as_ref().map(|witness| WitnessView {
            request: witness.request.clone(),
            before: witness.before,
            after: witness.after,
        }),
    }
}

fn outcome((outcome, rules): &(Outcome, Vec<crate::model::Selector>)) -> OutcomeView {
    let mut view = OutcomeView {
        verdict: "denied",
        rules: rules.iter().map(ToString::to_string).collect(),
        stages: Vec::new(),
        longest: None,
        until: None,
        evidence: Vec::new(),
        answers: Vec::new(),
        summary: words::outcome(outcome),
    };
    if let Outcome::Granted(granted) = outcome {
        view.verdict = if granted.panels.is_empty() { "approved" } else { "needs-approval" };
        view.stages = words::as_asked(&granted.panels).into_iter().map(stage).collect();
        view.longest = granted.longest;
        view.until = granted.until.map(|day| day.to_string());
        view.evidence = granted.evidence.iter().map(|evidence| evidence.name()).collect();
        view.answers = granted.answers.iter().map(ToString::to_string).collect();
    }
    view
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(number: &usize) -> bool {
    *number == 0
}

fn stage(panel: &Panel) -> StageView {
    let names = |of: &BTreeSet<Approver>| {
        of.iter().filter(|one| one.is_able()).map(words::approver_plain).collect::<Vec<String>>()
    };
    let later = match &panel.silence {
        Silence::Escalates(later) => Some(later),
        Silence::Waits | Silence::Denies => None,
    };
    let everybody = panel.approvers.iter().chain(&panel.fallback).chain(later.into_iter().flatten());
    let away: BTreeSet<&Approver> = everybody.filter(|one| !one.is_able()).collect();
    StageView {
        approvers: names(&panel.approvers),
        away: away.into_iter().map(words::approver_plain).collect(),
        needed: match panel.needed {
            Needed::Count(count) => count.to_string(),
            Needed::All => "all".to_owned(),
            Needed::Share(_) => words::needed(panel.needed),
        },
        fallback: names(&panel.fallback),
        within: panel.time.as_ref().map(|time| time.within.clone()),
        escalation: later.map(names).unwrap_or_default(),
        denied_after: panel.silence == Silence::Denies,
        stages_before: panel.after.len(),
        evidence: panel.evidence.iter().map(|evidence| evidence.name()).collect(),
    }
}
