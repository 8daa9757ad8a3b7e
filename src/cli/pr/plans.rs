//! What each target would get when a change is merged, as far as it can be known without trusting the change.
//!
//! A change says where a target is and which token reaches it. What it says about that counts for nothing until it is merged:
//! a system is only asked when the rulebook that it goes into names it in the same way.

use std::{collections::BTreeSet, path::Path};

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    apply::ApplyError,
    cli::planning::{self, Planning, Which},
    gate::Unplanned,
    load::Loaded,
    model::{
        Id, Instant,
        settings::{Target, TargetType},
    },
    plan::{Commit, Plan, Verdict},
    report::{gate::PlanView, revision::At},
};

/// A target that has no plan.
enum NoPlan {
    /// It is not asked before the change is merged, or not by this command.
    NotAsked(String),
    /// It was, and must not be touched.
    Refused(Vec<String>),
    /// It was, and nobody knows what it would get.
    Failed(String),
}

/// What each target would get, and what of it stops a change.
pub(super) type Made = (Vec<PlanView>, Vec<(String, Unplanned)>);

/// What targets would get.
pub(super) struct Plans<'a> {
    /// The folder of the repository.
    pub(super) folder: &'a Path,
    /// The rulebook that the change goes into.
    pub(super) before: &'a Loaded,
    /// The changed rulebook; none when it has errors.
    pub(super) after: Option<&'a Loaded>,
    /// The last commit of the change.
    pub(super) at: &'a At,
    /// The instant that counts as now.
    pub(super) now: Timestamp,
    /// Whether other systems may be asked.
    pub(super) ask: bool,
}

impl NoPlan {
    fn not_asked(why: &str) -> Self {
        Self::NotAsked(why.to_owned())
    }
}

impl Plans<'_> {
    /// The plan of each target, or why there is none, and which of them stop the change.
    pub(super) fn make(&self) -> Made {
        let before = &self.before.rulebook.settings.target;
        let after = self.after.map(|loaded| &loaded.rulebook.settings.target);
        let names: BTreeSet<&str> =
            before.keys().chain(after.iter().flat_map(|after| after.keys())).map(Id::as_str).collect();
        let mut unplanned = Vec::new();
        let mut make = |name: &str| {
            let old = before.get(name);
            let new = after.and_then(|after| after.get(name));
            let sort = new.or(old).map_or("", |target| target.target_type.name());
            let made = match (new, self.after) {
                (Some(new), Some(after)) => self.plan(name, (old, new), after),
                (None, Some(_)) => {
                    Err(NoPlan::not_asked("gitsm.toml names it no more, so what it holds stays as it is"))
                }
                (_, None) => Err(NoPlan::not_asked("the changed rulebook has errors")),
            };
            let stops = match &made {
                Ok(plan) if plan.verdict == Verdict::Refused => {
                    Some(Unplanned::Refused(plan.refusals.iter().map(|one| one.message.clone()).collect()))
                }
                Err(NoPlan::Refused(why)) => Some(Unplanned::Refused(why.clone())),
                Err(NoPlan::Failed(why)) => Some(Unplanned::Failed(why.clone())),
                Ok(_) | Err(NoPlan::NotAsked(_)) => None,
            };
            unplanned.extend(stops.map(|stops| (name.to_owned(), stops)));
            let (plan, not_planned) = match made {
                Ok(plan) => (Some(plan), None),
                Err(NoPlan::NotAsked(why) | NoPlan::Failed(why)) => (None, Some(why)),
                Err(NoPlan::Refused(why)) => (None, Some(why.join("; "))),
            };
            let effect = plan.as_ref().map(Plan::effect);
            PlanView { target: name.to_owned(), target_type: sort, not_planned, effect, plan }
        };
        let views = names.into_iter().map(&mut make).collect();
        (views, unplanned)
    }

    fn plan(
        &self,
        name: &str,
        (old, new): (Option<&Target>, &Target),
        after: &Loaded,
    ) -> Result<Plan, NoPlan> {
        let failed = |error: anyhow::Error| NoPlan::Failed(format!("{error:#}"));
        let same = old == Some(new);
        if new.target_type == TargetType::Static {
            let absolute = new.folder.as_deref().is_some_and(|folder| Path::new(folder).is_absolute());
            if absolute && !same {
                return Err(NoPlan::not_asked(
                    "the change says where it is, and what is there is read once that is merged",
                ));
            }
        } else if !same {
            return Err(NoPlan::not_asked(
                "the change says how it is reached, and it is asked once that is merged",
            ));
        } else if !self.ask {
            return Err(NoPlan::not_asked(
                "the pull request is judged by what was recorded, and the target is asked for what it holds now",
            ));
        }
        // Where changes are judged, a secret that is not handed out is an empty variable.
        if let Some(variable) = &new.token_variable
            && std::env::var_os(variable).is_none_or(|token| token.is_empty())
        {
            let why = format!("its token is not given to this command: `{variable}` is not set");
            return Err(NoPlan::NotAsked(why));
        }
        let which = Which { target: name.to_owned(), folder: None };
        let chosen = planning::choose(&after.rulebook, &which).map_err(failed)?;
        let zone = after.rulebook.settings.project.time_zone.resolve().unwrap_or(TimeZone::UTC);
        let planning = Planning {
            loaded: after,
            chosen: &chosen,
            repository: self.folder,
            commit: Some(Commit {
                id: self.at.commit.clone(),
                revision: self.at.revision.clone(),
                subject: self.at.subject.clone(),
            }),
            today: self.now.to_zoned(zone).date(),
            now: self.now,
            limits: chosen.settings.limits.clone(),
            adopt: Vec::new(),
            take_over: false,
        };
        let created = Instant(Timestamp::from_second(self.now.as_second()).unwrap_or(self.now));
        let expires = planning::later(created, planning.limits.plan_hours).map_err(failed)?;
        let made = || -> Result<Plan, ApplyError> {
            let reader = planning.reader()?;
            let desired = planning.desired()?;
            let seen = planning.look(&*reader, &desired)?;
            Ok(planning.plan(&*reader, &desired, (&seen.observed, &seen.ledger), created, expires))
        };
        made().map_err(|error| {
            let why = planning::reasons(&error);
            if error.is_refusal() { NoPlan::Refused(why) } else { NoPlan::Failed(why.join("; ")) }
        })
    }
}
