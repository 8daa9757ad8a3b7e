//! One target of a merged commit: planned anew, held against what was approved, recorded, applied.

use serde_json::Value;

use super::merged::Merged;
use crate::{
    apply::{
        ApplyError, clock,
        evidence::{self, Approved, Deed},
    },
    cli::{
        allowed::Allowed,
        apply::apply_to,
        hub::run_page,
        planning::{self, Chosen, Planning},
        pr::forge::PLAN_CONTEXT,
        repository::Repository,
    },
    forge::github::{
        deploy::{self, Deploy, Recorded},
        post::Standing,
    },
    load::Loaded,
    plan::{Plan, Verdict},
    report::{
        applied,
        merged::{Outcome, TargetView},
    },
    source::is_commit_id,
    target::Reader,
};

/// What deployments and states of commits are called; the name of the target follows.
const CONTEXT: &str = "gitsm/apply/";
/// What environments are called; the name of the target follows.
const ENVIRONMENT: &str = "gitsm/";

/// Applies a merged commit to one target after the other.
pub(super) struct Applying<'a> {
    pub(super) merged: &'a Merged,
    pub(super) repository: &'a Repository,
    pub(super) loaded: &'a Loaded,
    pub(super) allowed: &'a Allowed,
    /// A holder of the lock that has ended.
    pub(super) gone: Option<&'a str>,
    /// Whether it is recorded at the forge.
    pub(super) post: bool,
}

/// Why nothing is done at a target.
struct Not(Outcome, Vec<String>);

impl From<ApplyError> for Not {
    fn from(error: ApplyError) -> Self {
        let outcome = if error.is_refusal() { Outcome::Refused } else { Outcome::Failed };
        Self(outcome, planning::reasons(&error))
    }
}

impl From<anyhow::Error> for Not {
    fn from(error: anyhow::Error) -> Self {
        Self(Outcome::Failed, vec![format!("{error:#}")])
    }
}

impl Applying<'_> {
    /// Applies to a target. `said` is the checksum that somebody gave for it.
    pub(super) fn to(&self, name: &str, said: Option<&str>) -> TargetView {
        let mut view = TargetView::new(name);
        let which = planning::Which { target: name.to_owned(), folder: None };
        let ready = planning::choose(&self.loaded.rulebook, &which).map_err(Not::from).and_then(|chosen| {
            let plan = self.plan(&chosen, said, &mut view)?;
            Ok((chosen, plan))
        });
        let deed = ready.as_ref().ok().map(|(_, plan)| self.deed(plan, &view));
        let begun = self.post.then(|| self.begin(name, deed.as_ref()));
        let refused = match (ready, begun.as_ref()) {
            (Err(not), _) => Err(not),
            (Ok(_), Some(Err(error))) => Err(Not(
                Outcome::Failed,
                vec![format!(
                    "nothing was applied, because GitHub does not take what would be recorded: {error:#}"
                )],
            )),
            (Ok((chosen, plan)), _) => self.apply(&chosen, &plan, deed.as_ref(), &mut view),
        };
        if let Err(Not(outcome, mut remarks)) = refused {
            view.outcome = outcome;
            view.remarks.append(&mut remarks);
        }
        if let Some(Ok(recorded)) = begun {
            view.recorded = Some(match recorded {
                Recorded::Deployment(id) => format!("deployment {id}"),
                Recorded::Status => format!("the state `{CONTEXT}{name}` of the commit"),
            });
            self.end(name, recorded, &mut view);
        }
        view
    }

    /// The plan, when it may be applied.
    fn plan(&self, chosen: &Chosen, said: Option<&str>, view: &mut TargetView) -> Result<Plan, Not> {
        let mut planning = Planning::new(self.repository, self.loaded, chosen);
        planning.allow(self.allowed)?;
        let created = clock::now();
        let expires = planning::later(created, planning.limits.plan_hours)?;
        let reader = planning.reader().map_err(ApplyError::from)?;
        let desired = planning.desired().map_err(ApplyError::from)?;
        let seen = planning.look(&*reader, &desired)?;
        let plan = planning.plan(&*reader, &desired, (&seen.observed, &seen.ledger), created, expires);
        let effect = plan.effect();
        view.effect = Some(effect.clone());
        if let Some(words) = seen.under.words() {
            view.remarks.push(words);
        }
        let refused = |why: String| Err(Not(Outcome::Refused, vec![why]));
        if let Some(last) = &seen.ledger.commit
            && self.comes_after(last)?
        {
            return refused(format!(
                "the commit {last} was applied, which comes after this one: apply that one again, or a later one"
            ));
        }
        view.approved = self.approved(&chosen.name, said)?;
        if let Some(approved) = &view.approved
            && approved.effect != effect
            && !self.is_rest(&*reader, &plan, &approved.effect)?
        {
            return refused(format!(
                "what would be done now has the checksum {effect}, and {} was approved ({}): look at it with `gitsm plan \
                 --target {} --at {}`, and say its checksum when it is meant",
                approved.effect, approved.by, chosen.name, self.merged.commit.id
            ));
        }
        if plan.verdict == Verdict::Refused {
            return Err(ApplyError::Guarded(plan.refusals).into());
        }
        Ok(plan)
    }

    /// Whether a plan does nothing but the rest of what was approved, which an earlier run began.
    fn is_rest(&self, reader: &dyn Reader, plan: &Plan, approved: &str) -> Result<bool, Not> {
        let deeds = plan.deeds();
        if deeds.is_empty() {
            return Ok(true);
        }
        let Some(folder) = reader.state(false).map_err(ApplyError::from)? else { return Ok(false) };
        let begun = evidence::begun(&folder, &self.merged.commit.id.to_string(), approved);
        let begun = begun.map_err(|error| Not(Outcome::Failed, vec![error.to_string()]))?;
        Ok(deeds.iter().all(|deed| begun.contains(deed)))
    }

    /// Whether a commit that was applied comes after the one that is to be.
    fn comes_after(&self, applied: &str) -> Result<bool, Not> {
        let this = self.merged.commit.id;
        // A commit that this clone does not have is none that the branch was at.
        let Ok(applied) = self.merged.git.resolve(applied) else { return Ok(false) };
        let after =
            applied.id != this && self.merged.git.was_at(applied.id, this).map_err(anyhow::Error::from)?;
        Ok(after)
    }

    /// What was approved for a target.
    fn approved(&self, name: &str, said: Option<&str>) -> Result<Option<Approved>, Not> {
        if let Some(effect) = said {
            return Ok(Some(Approved { effect: effect.to_owned(), by: "the command line".to_owned() }));
        }
        let context = format!("{PLAN_CONTEXT}{name}");
        let Some(told) = self.merged.told.iter().find(|told| told.context == context) else {
            return Ok(None);
        };
        // What anybody else says of the gate's own is no evidence, and neither is it none.
        let by = told.by().unwrap_or("an account that is gone");
        if by != self.merged.gate {
            return Err(Not(
                Outcome::Refused,
                vec![format!(
                    "`{by}` recorded the plan on the last commit of the pull request, and not `{}`: when that account \
                     records for the gate, say so with `--gate {by}`",
                    self.merged.gate
                )],
            ));
        }
        let words = told.description.as_deref().unwrap_or_default();
        let effect =
            words.strip_prefix("plan ").and_then(|rest| rest.get(..40)).filter(|text| is_commit_id(text));
        let Some(effect) = effect else {
            let why = format!("`{context}` on the last commit of the pull request names no checksum");
            return Err(Not(Outcome::Refused, vec![why]));
        };
        Ok(Some(Approved { effect: effect.to_owned(), by: by.to_owned() }))
    }

    fn apply(
        &self,
        chosen: &Chosen,
        plan: &Plan,
        deed: Option<&Deed>,
        view: &mut TargetView,
    ) -> Result<(), Not> {
        let mut planning = Planning::new(self.repository, self.loaded, chosen);
        planning.allow(self.allowed)?;
        let done = apply_to(&planning, plan, self.gone, clock::now(), deed)?;
        let result = applied::view(plan, &done);
        view.outcome = if result.is_whole() { Outcome::Done } else { Outcome::Partial };
        view.remarks.extend(done.remarks);
        view.result = Some(result);
        Ok(())
    }

    fn deed(&self, plan: &Plan, view: &TargetView) -> Deed {
        let actor = std::env::var("GITHUB_ACTOR").ok().filter(|actor| !actor.is_empty());
        Deed {
            repository: plan.repository.clone(),
            commit: self.merged.commit.id.to_string(),
            branch: self.merged.branch.name.clone(),
            pull_request: self.merged.pull.clone(),
            target: plan.target.name.clone(),
            place: plan.target.place.clone(),
            plan: plan.checksum.clone(),
            effect: plan.effect(),
            deeds: plan.deeds(),
            approved: view.approved.clone(),
            run: run_page(),
            actor,
            tool: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// Records at the forge that something is about to be applied.
    fn begin(&self, name: &str, deed: Option<&Deed>) -> anyhow::Result<Recorded> {
        // Each thing that is done is too much for GitHub, and lies with the target.
        let deed = deed.map(|deed| Deed { deeds: Vec::new(), ..deed.clone() });
        let payload = deed.map(serde_json::to_value).transpose()?.unwrap_or(Value::Null);
        self.with(name, &payload, |hub, deploy| {
            Ok(deploy::begin(&hub.github, hub.repository(), deploy, "it is being applied")?)
        })
    }

    /// Records how it went.
    fn end(&self, name: &str, recorded: Recorded, view: &mut TargetView) {
        let standing = match view.outcome {
            Outcome::Done => Standing::Success,
            Outcome::Partial | Outcome::Refused => Standing::Failure,
            Outcome::Failed => Standing::Error,
        };
        let line = view.line();
        let said = self.with(name, &Value::Null, |hub, deploy| {
            Ok(deploy::say(&hub.github, hub.repository(), deploy, (recorded, standing), &line)?)
        });
        if let Err(error) = said {
            // What was done is done. What is not recorded is not whole.
            view.remarks.push(format!("how it went is not recorded at GitHub: {error:#}"));
            if view.outcome == Outcome::Done {
                view.outcome = Outcome::Partial;
            }
        }
    }

    fn with<T>(
        &self,
        name: &str,
        payload: &Value,
        work: impl FnOnce(&crate::cli::hub::Hub, &Deploy<'_>) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let Some(hub) = &self.merged.hub else { anyhow::bail!("no repository at GitHub was named") };
        let (commit, page) = (self.merged.commit.id.to_string(), run_page());
        let (environment, context) = (format!("{ENVIRONMENT}{name}"), format!("{CONTEXT}{name}"));
        work(
            hub,
            &Deploy {
                commit: &commit,
                environment: &environment,
                context: &context,
                payload,
                page: page.as_deref(),
            },
        )
    }
}
