//! What each target would get when a change is merged, as far as it can be known without trusting the change.
//!
//! A change says where a target is and which token reaches it. What it says about that counts for nothing until it is merged:
//! a system is only asked when the rulebook that it goes into names it in the same way.

use std::{collections::BTreeSet, path::Path};

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    apply::ApplyError,
    cli::planning::{self, Planning, Which},
    load::Loaded,
    model::{
        Id, Instant,
        settings::{Target, TargetType},
    },
    plan::{Commit, Plan},
    report::{gate::PlanView, revision::At},
};

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

impl Plans<'_> {
    /// The plan of each target, or why there is none.
    pub(super) fn make(&self) -> Vec<PlanView> {
        let before = &self.before.rulebook.settings.target;
        let after = self.after.map(|loaded| &loaded.rulebook.settings.target);
        let names: BTreeSet<&str> =
            before.keys().chain(after.iter().flat_map(|after| after.keys())).map(Id::as_str).collect();
        let make = |name: &str| {
            let old = before.get(name);
            let new = after.and_then(|after| after.get(name));
            let sort = new.or(old).map_or("", |target| target.target_type.name());
            let made = match (new, self.after) {
                (Some(new), Some(after)) => self.plan(name, (old, new), after),
                (None, Some(_)) => {
                    Err("gitsm.toml names it no more, so what it holds stays as it is".to_owned())
                }
                (_, None) => Err("the changed rulebook has errors".to_owned()),
            };
            let (plan, not_planned) = match made {
                Ok(plan) => (Some(plan), None),
                Err(why) => (None, Some(why)),
            };
            let effect = plan.as_ref().map(Plan::effect);
            PlanView { target: name.to_owned(), target_type: sort, not_planned, effect, plan }
        };
        names.into_iter().map(make).collect()
    }

    fn plan(
        &self,
        name: &str,
        (old, new): (Option<&Target>, &Target),
        after: &Loaded,
    ) -> Result<Plan, String> {
        let same = old == Some(new);
        if new.target_type == TargetType::Static {
            let absolute = new.folder.as_deref().is_some_and(|folder| Path::new(folder).is_absolute());
            if absolute && !same {
                return Err(
                    "the change says where it is, and what is there is read once that is merged".to_owned()
                );
            }
        } else if !same {
            return Err("the change says how it is reached, and it is asked once that is merged".to_owned());
        } else if !self.ask {
            return Err("the pull request is judged by what was recorded, and the target is asked for what it holds now"
                .to_owned());
        }
        let which = Which { target: name.to_owned(), folder: None };
        let chosen = planning::choose(&after.rulebook, &which).map_err(|error| format!("{error:#}"))?;
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
        let expires =
            planning::later(created, planning.limits.plan_hours).map_err(|error| format!("{error:#}"))?;
        let made = || -> Result<Plan, ApplyError> {
            let reader = planning.reader()?;
            let desired = planning.desired()?;
            let seen = planning.look(&*reader, &desired)?;
            Ok(planning.plan(&*reader, &desired, (&seen.observed, &seen.ledger), created, expires))
        };
        made().map_err(|error| planning::reasons(&error).join("; "))
    }
}
