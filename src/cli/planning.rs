//! What planning, applying, drift and imports share: which target is meant, and the plan for it.

use std::{collections::BTreeMap, path::Path};

use anyhow::{anyhow, bail};
use clap::Args;
use jiff::{SignedDuration, Timestamp, civil::Date};

use super::{
    allowed::Allowed,
    decidable,
    exit::Exit,
    output::Output,
    owner::{self, Owner},
    repository::Repository,
    terminal::plain,
};
use crate::{
    apply::{ApplyError, State, lock::Lock, session::PLAN_AGAIN},
    load::{Loaded, suggest::nearest},
    model::{
        Id, Instant, Rulebook,
        settings::{Limits, Settings, Target, TargetType},
    },
    plan::{self, Bound, Commit, Desired, Ledger, Observed, Plan, compare},
    source::digest,
    target::{self, Book, Exported, Place, Reader, Row, TargetError},
};

/// Which target is meant.
#[derive(Debug, Clone, Args)]
pub(super) struct Which {
    /// The target: a name of gitsm.toml, or a sort of which there is one, such as `static`.
    #[arg(long, value_name = "TARGET")]
    pub(super) target: String,
    /// The folder of a `static` target, instead of the one in gitsm.toml [default: public].
    #[arg(long, value_name = "FOLDER")]
    pub(super) folder: Option<String>,
}

/// A target that was chosen.
pub(super) struct Chosen {
    /// Its name.
    pub(super) name: String,
    /// What is said about it.
    pub(super) settings: Target,
    /// What is known about its sort.
    pub(super) row: &'static Row,
    /// Whether its folder was named on the command line.
    folder_was_named: bool,
}

/// Finds a target as a rulebook that is in force says: where it is, and what gives its token. Of any other commit that is not
/// taken on trust: [`super::entrusted::choose`].
///
/// # Errors
/// As [`choose_by`].
pub(super) fn choose(rulebook: &Rulebook, which: &Which) -> anyhow::Result<Chosen> {
    choose_by(&rulebook.settings, which)
}

/// Finds a target: by its name, or by its sort when there is one of it. `static` needs no entry in gitsm.toml.
///
/// # Errors
/// When there is none, or several could be meant.
pub(super) fn choose_by(all: &Settings, which: &Which) -> anyhow::Result<Chosen> {
    let targets = &all.target;
    let wanted = which.target.as_str();
    let (name, mut settings) = match targets.get_key_value(wanted) {
        Some((name, settings)) => (name.to_string(), settings.clone()),
        None => by_sort(targets, wanted)?,
    };
    let sort = settings.target_type;
    let Some(row) = target::row(sort) else {
        bail!(
            "there is no way to reach a target of the sort `{sort}` yet: `gitsm targets` lists those that there are"
        )
    };
    if let Some(folder) = &which.folder {
        if sort != TargetType::Static {
            bail!("`--folder` is for targets of the sort `static`, and `{name}` is of the sort `{sort}`");
        }
        settings.folder = Some(folder.clone());
    }
    Ok(Chosen { name, settings, row, folder_was_named: which.folder.is_some() })
}

fn by_sort(targets: &BTreeMap<Id, Target>, wanted: &str) -> anyhow::Result<(String, Target)> {
    let sort = TargetType::ALL.iter().copied().find(|sort| sort.name() == wanted);
    let of_sort: Vec<(&Id, &Target)> =
        targets.iter().filter(|(_, target)| Some(target.target_type) == sort).collect();
    match (of_sort.as_slice(), sort) {
        ([(name, target)], _) => Ok((name.to_string(), (*target).clone())),
        ([], Some(TargetType::Static)) => Ok((wanted.to_owned(), Target::new(TargetType::Static))),
        ([], Some(sort)) => {
            bail!("gitsm.toml names no target of the sort `{sort}`: write `[target.NAME]` there")
        }
        ([], None) => {
            let names = targets.keys().map(Id::as_str).chain(TargetType::NAMES.iter().copied());
            let shown = plain(wanted);
            match nearest(wanted, names) {
                Some(near) => bail!("there is no target `{shown}`: did you mean `{near}`?"),
                None => bail!(
                    "there is no target `{shown}`: name one under `[target.NAME]` in gitsm.toml, or write `static`"
                ),
            }
        }
        (several, _) => {
            let names: Vec<String> = several.iter().map(|(name, _)| format!("`{name}`")).collect();
            bail!("several targets are of the sort `{wanted}`: say which one of {}", names.join(", "))
        }
    }
}

/// A rulebook that can be planned with, the target, and what both are read as.
pub(super) struct Planning<'a> {
    /// The rulebook.
    pub(super) loaded: &'a Loaded,
    /// The target.
    pub(super) chosen: &'a Chosen,
    /// The folder of the repository.
    pub(super) repository: &'a Path,
    /// The commit; none for the files of the folder.
    pub(super) commit: Option<Commit>,
    /// The day that counts as today.
    pub(super) today: Date,
    /// The instant that counts as now.
    pub(super) now: Timestamp,
    /// How much a plan may change.
    pub(super) limits: Limits,
    /// What may be taken over although it differs.
    pub(super) adopt: Vec<String>,
    /// Whether a target of another repository may be taken over.
    pub(super) take_over: bool,
}

/// What was read of a target.
pub(super) struct Seen {
    /// What it holds.
    pub(super) observed: Observed,
    /// What is gitsm's own of it.
    pub(super) ledger: Ledger,
    /// What was going on there.
    pub(super) under: Under,
}

/// What was going on at a target while it was read.
pub(super) enum Under {
    /// Nothing.
    Nothing,
    /// The last apply ended in the middle.
    Interrupted,
    /// It is being applied to, by this holder of the lock.
    Apply(String),
}

impl Under {
    /// What has to be said about it.
    pub(super) fn words(&self) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::Interrupted => {
                Some("the last apply ended in the middle; what it did is counted".to_owned())
            }
            Self::Apply(holder) => Some(format!(
                "the target is being applied to by {holder}: what is said here may not hold when that has ended"
            )),
        }
    }
}

impl<'a> Planning<'a> {
    /// Planning for a target, with the limits of gitsm.toml.
    pub(super) fn new(repository: &'a Repository, loaded: &'a Loaded, chosen: &'a Chosen) -> Self {
        let commit =
            repository.at().map(|at| Commit { id: at.commit, revision: at.revision, subject: at.subject });
        Self {
            loaded,
            chosen,
            repository: &repository.repository,
            commit,
            today: repository.today(loaded),
            now: repository.now.unwrap_or_else(Timestamp::now),
            limits: chosen.settings.limits.clone(),
            adopt: Vec::new(),
            take_over: false,
        }
    }

    /// Takes what somebody allows.
    ///
    /// # Errors
    /// When it names a kind that the target does not have.
    pub(super) fn allow(&mut self, allowed: &Allowed) -> anyhow::Result<()> {
        self.limits = allowed.limits(&self.chosen.settings.limits, self.chosen.settings.target_type)?;
        self.adopt.clone_from(&allowed.adopt);
        self.take_over = allowed.take_over;
        Ok(())
    }

    fn place(&self) -> Place<'_> {
        Place {
            name: &self.chosen.name,
            settings: &self.chosen.settings,
            repository: self.repository,
            project: &self.loaded.rulebook.settings.project.name,
        }
    }

    /// What the target must hold.
    ///
    /// # Errors
    /// When something must not reach it.
    pub(super) fn desired(&self) -> Result<Desired, TargetError> {
        (self.chosen.row.desired)(&self.book())
    }

    fn book(&self) -> Book<'_> {
        Book {
            rulebook: &self.loaded.rulebook,
            commit: self.commit.as_ref(),
            settings: &self.chosen.settings,
            today: self.today,
            now: self.now,
        }
    }

    /// The files of a project that holds the same; none when the target has no such form.
    ///
    /// # Errors
    /// As [`Planning::desired`].
    pub(super) fn export(&self, form: &str) -> Result<Option<Vec<Exported>>, TargetError> {
        match self.chosen.row.export {
            Some((known, export)) if known == form => {
                export(&self.place(), &self.book(), &self.desired()?).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The target, to be read.
    ///
    /// # Errors
    /// When it cannot be reached or must not be touched.
    pub(super) fn reader(&self) -> Result<Box<dyn Reader>, TargetError> {
        (self.chosen.row.reader)(&self.place())
    }

    /// The target, to be written.
    ///
    /// # Errors
    /// As [`Planning::reader`].
    pub(super) fn writer(&self) -> Result<Box<dyn target::Writer>, TargetError> {
        (self.chosen.row.writer)(&self.place())
    }

    /// Reads what the target holds, and what is known about it.
    ///
    /// # Errors
    /// When not all of it can be read, or it belongs to another repository.
    pub(super) fn look(&self, reader: &dyn Reader, desired: &Desired) -> Result<Seen, ApplyError> {
        let holder = reader.state(false)?.and_then(|folder| Lock::holder(&folder));
        let state = State::load(reader)?;
        self.belongs(&state, reader)?;
        let observed = reader.observe(desired)?;
        let ledger = state.settled(&observed);
        let under = match holder {
            Some(holder) => Under::Apply(holder),
            None if state.is_interrupted() => Under::Interrupted,
            None => Under::Nothing,
        };
        Ok(Seen { observed, ledger, under })
    }

    /// Makes sure that the target belongs to this repository, or to none.
    ///
    /// # Errors
    /// When it belongs to another one.
    pub(super) fn look_for_owner(&self, reader: &dyn Reader) -> Result<(), ApplyError> {
        self.belongs(&State::load(reader)?, reader)
    }

    fn belongs(&self, state: &State, reader: &dyn Reader) -> Result<(), ApplyError> {
        state.is_about(self.chosen.settings.target_type.name(), reader)?;
        let Some(other) = state.repository() else { return Ok(()) };
        if self.take_over {
            return Ok(());
        }
        let own = &self.loaded.rulebook.settings.project.name;
        let this = owner::of(self.repository, self.commit.as_ref(), reader)?;
        let refused = |holds: &str, help: &str| {
            Err(TargetError::refused(
                format!("`{}` holds {holds}", reader.place()),
                format!(
                    "{help}, or take it over with everything that it holds: plan and apply with `--take-over`"
                ),
            )
            .into())
        };
        let unknown = |help: &str| {
            let holds = "what a repository of this name says, and nobody can say whether it is this one";
            refused(holds, help)
        };
        match (state.owner(), this) {
            (Some(owner), Owner::Known(this)) if owner == this => Ok(()),
            (None, _) if other == own => Ok(()),
            (Some(_), Owner::Unknown(help)) if other == own => unknown(help),
            (Some(_), Owner::Nobody) if other == own => {
                unknown("there is no Git repository here that would tell")
            }
            _ if other == own => refused(
                &format!("what another repository of the same name `{}` says", plain(other)),
                "name another folder for this repository",
            ),
            _ => refused(
                &format!("what the repository `{}` says, and this one is `{}`", plain(other), plain(own)),
                "name another folder for this repository",
            ),
        }
    }

    /// In what a plan is not one for this rulebook and target, which is known before anything is asked.
    pub(super) fn binds(&self, plan: &Plan) -> Vec<String> {
        let settings = &self.chosen.settings;
        // Where a system is, only it itself says in full.
        let is_static = settings.target_type == TargetType::Static;
        let place = if is_static { settings.folder() } else { plan.target.place.as_str() };
        compare::bound(plan, &self.bound(place.to_owned(), plan.created, plan.expires))
    }

    fn bound(&self, place: String, created: Instant, expires: Instant) -> Bound<'_> {
        let target = &self.chosen.settings;
        // Settings are texts and numbers, which all have their JSON.
        let configuration = serde_json::to_string(target).unwrap_or_default();
        Bound {
            repository: &self.loaded.rulebook.settings.project.name,
            commit: self.commit.clone(),
            target: plan::file::Target {
                name: self.chosen.name.clone(),
                target_type: target.target_type.name().to_owned(),
                place,
                place_was_named: self.chosen.folder_was_named,
            },
            configuration: digest(configuration.as_bytes()),
            limits: self.limits.clone(),
            adopt: &self.adopt,
            created,
            expires,
        }
    }

    /// The plan.
    pub(super) fn plan(
        &self,
        reader: &dyn Reader,
        desired: &Desired,
        seen: (&Observed, &Ledger),
        created: Instant,
        expires: Instant,
    ) -> Plan {
        plan::build(desired, seen.0, seen.1, self.bound(reader.place(), created, expires))
    }
}

/// Reads a rulebook that can be planned with. Where it has errors, says so and hands back how the command ends.
///
/// # Errors
/// When it cannot be read.
pub(super) fn load(repository: &Repository, output: &mut Output) -> anyhow::Result<Result<Loaded, Exit>> {
    let loaded = repository.load()?;
    repository.say(output)?;
    decidable::sound(repository, loaded, "planned", output)
}

/// The instant that counts as now, to the second: plans show it to people.
pub(super) fn now(repository: &Repository) -> Instant {
    let now = repository.now.unwrap_or_else(Timestamp::now);
    Instant(Timestamp::from_second(now.as_second()).unwrap_or(now))
}

/// So many hours after an instant.
///
/// # Errors
/// When no calendar reaches that far.
pub(super) fn later(from: Instant, hours: u16) -> anyhow::Result<Instant> {
    let length = SignedDuration::from_hours(hours.into());
    let at =
        from.0.checked_add(length).map_err(|_| anyhow!("the plan would expire after the end of time"))?;
    Ok(Instant(at))
}

/// Why nothing was applied, a reason on each line.
pub(super) fn reasons(error: &ApplyError) -> Vec<String> {
    let mut lines = vec![error.to_string()];
    match error {
        ApplyError::Differs(differences) => lines.extend(differences.iter().cloned()),
        ApplyError::Guarded(refusals) => {
            lines.extend(refusals.iter().map(|one| format!("{}: {}", one.message, one.help)));
        }
        _ => {}
    }
    lines
}

/// Says that something was refused, or hands on that it was not possible.
///
/// # Errors
/// What was not possible.
pub(super) fn refused(error: ApplyError, output: &mut Output) -> anyhow::Result<Exit> {
    if !error.is_refusal() {
        return Err(error.into());
    }
    output.promise(Exit::Refused);
    output.talk(&format!("refused: {}", plain(&error.to_string())))?;
    match &error {
        ApplyError::Differs(differences) => {
            for difference in differences {
                output.talk(&format!("  {}", plain(difference)))?;
            }
            output.talk(&format!("to go on, {PLAN_AGAIN}"))?;
        }
        ApplyError::Guarded(refusals) => {
            for refusal in refusals {
                output.talk(&format!("  {}", plain(&refusal.message)))?;
                output.talk(&format!("    {}", plain(&refusal.help)))?;
            }
        }
        _ => {}
    }
    Ok(Exit::Refused)
}
