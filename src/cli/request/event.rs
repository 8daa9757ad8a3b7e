//! From what happens to people to the files that say what follows: new grants, and changes of those that there are.

use std::collections::BTreeSet;

use anyhow::{Context as _, bail};
use clap::Args;
use jiff::Timestamp;

use super::settle::{folder, schema_of, whole_seconds};
use crate::{
    cli::{
        answer::Format,
        decidable,
        exit::Exit,
        grants::edits::Edits,
        output::Output,
        propose::{File, Proposal, Propose, Reviewers},
        repository::Repository,
        terminal::plain,
        write,
    },
    decide::engine::Engine,
    diag::FileId,
    ledger::{ending, lifecycle::Change, record::id_of, text},
    load::{Loaded, document, suggest::nearest},
    model::{Entry, Id, Instant, LocalDate, Ref, Rulebook, grant::Grant, person::Person},
    report::{
        grants::people::{FORMAT_VERSION, Report, View, markdown, render},
        json,
        revision::At,
        unified::created,
    },
};

/// What every command takes that carries out what happens to people.
#[derive(Debug, Args)]
pub(super) struct Act {
    #[command(flatten)]
    pub(super) repository: Repository,
    /// Say what would be written, and write nothing.
    #[arg(long)]
    #[arg(conflicts_with_all = ["pull_request", "branch"])]
    dry_run: bool,
    #[command(flatten)]
    propose: Propose,
    /// How the result is written; `gitsm schema output/request-lifecycle` prints the schema of the JSON.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// What happens to people.
pub(super) struct Happening<'a> {
    /// What becomes of the ledger, by person.
    pub(super) changes: Vec<Change<'a>>,
    /// The commit whose directory says how people were before.
    pub(super) since: Option<At>,
    /// The commit of the policy that decides.
    pub(super) commit: Option<String>,
    /// The most people whose access may change; none where one was named.
    pub(super) most: Option<usize>,
}

/// Somebody something happens to.
pub(super) struct One<'a> {
    /// The repository.
    pub(super) loaded: &'a Loaded,
    /// What decides.
    pub(super) engine: &'a Engine<'a>,
    /// Who.
    pub(super) person: &'a Entry<Person>,
}

/// What is written because of one person.
struct Made {
    new: Vec<(String, Id, Grant)>,
    texts: Vec<String>,
    files: Vec<File>,
    view: View,
}

impl Act {
    /// The instant that counts as now, in whole seconds.
    pub(super) fn now(&self) -> Timestamp {
        whole_seconds(self.repository.now.unwrap_or_else(Timestamp::now))
    }

    /// Reads the rulebook, and finds somebody in it to whom something happens.
    ///
    /// # Errors
    /// When it cannot be read, or nobody is called so.
    pub(super) fn about(
        &self,
        person: &Ref<Person>,
        output: &mut Output,
        happens: impl FnOnce(&One<'_>, &mut Output) -> anyhow::Result<Exit>,
    ) -> anyhow::Result<Exit> {
        let loaded = match decidable::load(&self.repository, output)? {
            Ok(loaded) => loaded,
            Err(exit) => return Ok(exit),
        };
        let engine = Engine::new(&loaded.rulebook)?;
        let person = find(&loaded.rulebook, person)?;
        happens(&One { loaded: &loaded, engine: &engine, person }, output)
    }

    /// Writes or proposes what follows, and says so.
    ///
    /// # Errors
    /// When something cannot be written.
    pub(super) fn carry_out<'a>(
        &self,
        output: &mut Output,
        loaded: &Loaded,
        engine: &Engine<'a>,
        happening: &Happening<'a>,
    ) -> anyhow::Result<Exit> {
        let now = self.now();
        let (mut taken, mut edits, mut made) = (BTreeSet::new(), Edits::default(), Vec::new());
        for change in &happening.changes {
            made.push(self.make(loaded, engine, change, (&mut taken, &mut edits))?);
        }
        let affected = made.iter().filter(|one| !one.files.is_empty()).count();
        if let Some(most) = happening.most.filter(|most| affected > *most) {
            output.promise(Exit::Refused);
            output.talk(&format!(
                "refused: the access of {affected} people would change, and of more than {most} is not usual: look at the \
                 directory first, and say `--most {affected}` when it is right"
            ))?;
            return Ok(Exit::Refused);
        }
        let refused = made.iter().any(|one| !one.view.refused.is_empty());
        let exit = if refused { Exit::Findings } else { Exit::Success };
        output.promise(exit);
        let elsewhere = self.propose.elsewhere();
        if elsewhere {
            for (one, change) in made.iter_mut().zip(&happening.changes) {
                // A branch here is nobody's to close.
                if one.files.is_empty() && self.propose.branch {
                    continue;
                }
                let asked = change.asked.iter().map(Id::as_str);
                let reviewers = Reviewers::of(&loaded.rulebook, asked);
                one.view.proposed = Some(self.propose_one(one, change, &reviewers)?);
            }
        } else if !self.dry_run {
            self.write(&made, &edits)?;
        }
        let anything = affected > 0;
        let said = |one: &Made| one.view.says_something() || happening.most.is_none();
        let done = made.iter().filter(|one| !said(one)).count();
        let talk: Vec<String> = made.iter().filter_map(|one| one.view.proposed.clone()).collect();
        let new: Vec<(String, String)> = made
            .iter()
            .flat_map(|one| one.new.iter().map(|(path, ..)| path.clone()).zip(one.texts.iter().cloned()))
            .collect();
        let report = Report {
            format_version: FORMAT_VERSION,
            rulebook: self.repository.at(),
            since: happening.since.clone(),
            at: Instant(now),
            written: anything && !self.dry_run && !elsewhere,
            people: made.into_iter().filter(|one| said(one)).map(|one| one.view).collect(),
            done,
        };
        match self.format {
            Format::Human => {
                output.result(&render(&report, output.style()))?;
                if self.dry_run && anything {
                    output.result("\n")?;
                    edits.show(output)?;
                    for (path, text) in &new {
                        output.result(&created(path, text, output.colour()))?;
                    }
                }
            }
            Format::Json => output.result(&json::write(&report)?)?,
        }
        output.finish()?;
        talk.iter().try_for_each(|line| output.talk(line))?;
        if !new.is_empty() && happening.commit.is_none() {
            output.talk(
                "the grants name no commit of the policy: the rulebook that decided is not the one of the last commit",
            )?;
        }
        Ok(exit)
    }

    /// What is to be written because of one person. The changes of all of them go into the same edits as well, since several
    /// may be in one file.
    fn make<'a>(
        &self,
        loaded: &Loaded,
        engine: &Engine<'a>,
        change: &Change<'a>,
        (taken, all): (&mut BTreeSet<String>, &mut Edits),
    ) -> anyhow::Result<Made> {
        let now = self.now();
        let rulebook = engine.rulebook();
        let folder = folder(rulebook)?;
        let mut new = Vec::new();
        for grant in &change.new {
            let there = |id: &str| self.repository.repository.join(format!("{folder}/{id}.toml")).exists();
            let is_taken = |id: &str| rulebook.grants.get(id).is_some() || taken.contains(id) || there(id);
            let Some(id) = id_of(grant, is_taken) else {
                bail!("no id is left for a grant of `{}` to `{}`", grant.entitlement, grant.beneficiary);
            };
            taken.insert(id.to_string());
            new.push((format!("{folder}/{id}.toml"), id, grant.clone()));
        }
        let ended = ending::end(engine, change.endings.clone(), now);
        let mut own = Edits::default();
        for edits in [&mut own, all] {
            for one in &ended {
                edits.end(loaded, &one.ending, now)?;
            }
            for one in &change.shorter {
                edits.shorten(loaded, one.grant, LocalDate(one.end))?;
            }
        }
        let texts = new.iter().map(|(path, id, grant)| self.text(path, id, grant));
        let texts = texts.collect::<anyhow::Result<Vec<String>>>()?;
        let mut files = own.files()?;
        let made = new.iter().zip(&texts);
        files.extend(made.map(|((path, ..), text)| File {
            path: path.clone(),
            before: None,
            after: text.clone(),
        }));
        let paths = files.iter().map(|file| file.path.clone()).collect();
        let prefix = self.repository.prefix();
        let view = View::new(change, &new, &ended, paths, (&loaded.sources, &prefix));
        Ok(Made { new, texts, files, view })
    }

    /// The text of a new file.
    fn text(&self, path: &str, id: &Id, grant: &Grant) -> anyhow::Result<String> {
        let schema = schema_of(&self.repository, path, "grant");
        let text = text::document(schema.as_deref(), &[(id.clone(), grant.clone())])?;
        if let Some(first) = document::read(FileId(0), text.clone().into_bytes()).found.first() {
            bail!("the grant `{id}` cannot be written down: {}", first.message);
        }
        Ok(text)
    }

    /// Writes everything, or nothing when somebody changed a file in the meantime.
    fn write(&self, made: &[Made], edits: &Edits) -> anyhow::Result<()> {
        let root = &self.repository.repository;
        let new = || made.iter().flat_map(|one| one.new.iter().zip(&one.texts));
        for ((path, ..), _) in new() {
            write::unchanged(root, path, None)?;
        }
        edits.write(root)?;
        for ((path, ..), text) in new() {
            write::put(&root.join(path), text.as_bytes())
                .with_context(|| format!("cannot write `{}`", plain(path)))?;
        }
        Ok(())
    }

    /// Proposes what is to be written because of one person: each on a branch of their own, so that nobody waits for others.
    fn propose_one(&self, made: &Made, change: &Change<'_>, reviewers: &Reviewers) -> anyhow::Result<String> {
        let (person, event) = (&change.person.id, change.event.name());
        let what = match event {
            "joiner" => "joins",
            "mover" => "moves",
            _ => "leaves",
        };
        let proposal = Proposal {
            branch: &format!("{event}-{person}"),
            title: &format!("Access of {person}, who {what}"),
            body: &markdown(&made.view),
            key: &key(made, change),
            files: &made.files,
            reviewers,
            over: "the ledger says all of it",
        };
        self.propose.propose(&self.repository, &proposal)
    }
}

/// What is the same when the same follows, whatever day it is and whatever else was merged meanwhile.
fn key(made: &Made, change: &Change<'_>) -> String {
    let mut lines = vec![format!("{} {}", change.event.name(), change.person.id)];
    for grant in &change.new {
        let decision = grant.decision.as_ref();
        let rules = decision.map(|decision| decision.rules.join(" ")).unwrap_or_default();
        let renews = grant.renews.as_ref().map(ToString::to_string).unwrap_or_default();
        let given = &grant.provisioned;
        lines.push(format!("{} {} {rules} {renews} {given:?}", grant.entitlement, grant.state.name()));
    }
    lines.extend(made.view.ended.iter().map(|one| format!("{} {}", one.grant, one.why)));
    lines.extend(made.view.shortened.iter().map(|one| format!("{} {}", one.grant, one.why)));
    lines.extend(made.view.transferred.iter().map(|one| format!("{} {}", one.object, one.field)));
    lines.join("\n")
}

/// The person with an id, or who might have been meant.
///
/// # Errors
/// When there is no such person.
pub(super) fn find<'a>(rulebook: &'a Rulebook, person: &Ref<Person>) -> anyhow::Result<&'a Entry<Person>> {
    let Some(found) = rulebook.people.get(person.as_str()) else {
        let near = nearest(person.as_str(), rulebook.people.ids());
        let help = near.map(|near| format!(": did you mean `{near}`?")).unwrap_or_default();
        bail!("there is no person `{person}`{help}");
    };
    Ok(found)
}
