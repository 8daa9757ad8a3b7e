//! From a request to the files that keep what is decided about it.

use std::collections::BTreeSet;

use anyhow::{Context as _, bail};
use clap::Args;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::commit::policy_commit;
use crate::{
    cli::{
        answer::Format,
        decidable,
        exit::Exit,
        output::Output,
        propose::{File, Proposal, Propose, Reviewers},
        repository::Repository,
        terminal::plain,
        write,
    },
    decide::{access::decide, asked, decision::Decision, engine::Engine},
    diag::FileId,
    ledger::{
        already::held_already,
        record::{About, Pending, id_of, record, with_pending},
        text,
    },
    load::{Loaded, document},
    model::{Id, Rulebook, grant::Grant, request::Request, scenario::Verdict, schema},
    report::{
        Style,
        decision::{View, human},
        impact::markdown::details,
        json,
        paint::Paint,
        revision::At,
        unified::created,
    },
};

/// What every request takes.
#[derive(Debug, Args)]
pub(in crate::cli) struct Settle {
    #[command(flatten)]
    pub(in crate::cli) repository: Repository,
    /// Say what would be written, and write nothing.
    #[arg(long)]
    #[arg(conflicts_with_all = ["pull_request", "branch"])]
    pub(in crate::cli) dry_run: bool,
    #[command(flatten)]
    pub(in crate::cli) propose: Propose,
    /// Show the rules that did not match, too, and why not.
    #[arg(long)]
    trace: bool,
    /// How the result is written; `gitsm schema output/request` prints the schema of the JSON.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(in crate::cli) format: Format,
}

/// The version of the JSON that is printed.
const FORMAT_VERSION: u32 = 1;

/// What `gitsm request access --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "The output of `gitsm request` and `gitsm grants renew` with `--format json`")]
pub(in crate::cli) struct Report {
    /// The version of this format.
    format_version: u32,
    /// The commit that was read, with `--at`.
    #[serde(skip_serializing_if = "Option::is_none")]
    rulebook: Option<At>,
    /// Whether anything was written.
    written: bool,
    /// The grants that were written, or would be.
    grants: Vec<Written>,
    #[serde(flatten)]
    decision: View,
}

/// A grant that was written, or would be.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
struct Written {
    /// The id.
    grant: String,
    /// The file, below the repository.
    path: String,
    /// `active`, or `requested` when people have to agree first.
    state: &'static str,
    /// The lines of the file.
    text: String,
}

/// How a decision looks where nothing is coloured.
const PLAIN: Style = Style { colour: false, width: 100 };

/// What came of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CameTo {
    /// It is granted, or people have to agree.
    Granted,
    /// It is denied.
    Denied,
    /// It was not decided, because it is no request.
    Nothing,
}

/// What came of a request, for somebody else.
pub(super) struct Settled {
    /// What came of it.
    pub(super) came_to: CameTo,
    /// Why.
    pub(super) words: String,
    /// What was proposed.
    pub(super) proposed: Option<String>,
}

/// A request, or how the command ends without one and what is said then.
type Made = Result<(Request, About), (Exit, Vec<String>)>;

/// A file to be written that is not there yet.
#[derive(Debug)]
pub(super) struct NewFile {
    pub(super) path: String,
    pub(super) grants: Vec<(Id, Grant)>,
}

impl Settle {
    /// The instant that counts as now, in whole seconds: this is what is written down.
    pub(in crate::cli) fn now(&self) -> Timestamp {
        whole_seconds(self.repository.now.unwrap_or_else(Timestamp::now))
    }

    /// Decides about a request and writes what it gives. `request` makes it of the rulebook; when it says how the
    /// command ends instead, nothing is decided.
    pub(in crate::cli) fn settle(
        &self,
        output: &mut Output,
        request: impl FnOnce(&Loaded) -> anyhow::Result<Made>,
    ) -> anyhow::Result<Exit> {
        self.settle_and_tell(output, request, |_| Ok(()))
    }

    /// The same, and tells somebody else before it is said here.
    pub(super) fn settle_and_tell(
        &self,
        output: &mut Output,
        request: impl FnOnce(&Loaded) -> anyhow::Result<Made>,
        tell: impl FnOnce(&Settled) -> anyhow::Result<()>,
    ) -> anyhow::Result<Exit> {
        let loaded = match decidable::load(&self.repository, output)? {
            Ok(loaded) => loaded,
            Err(exit) => return Ok(exit),
        };
        let (request, mut about) = match request(&loaded)? {
            Ok(made) => made,
            Err((exit, lines)) => {
                output.promise(exit);
                tell(&Settled { came_to: CameTo::Nothing, words: lines.join("\n"), proposed: None })?;
                lines.iter().try_for_each(|line| output.talk(line))?;
                return Ok(exit);
            }
        };
        let engine = Engine::new(&loaded.rulebook)?;
        let now = self.now();
        let beneficiary = request.beneficiary.as_ref().unwrap_or(&request.requester).clone();
        let request = with_pending(request, Pending::new(&loaded.rulebook).of(beneficiary.as_str()));
        let decision = decide(&engine, &request, now, None);
        let prefix = self.repository.prefix();
        let view = View::new(&decision, &loaded.sources, &prefix, engine.zone());
        let granted = matches!(decision.verdict, Verdict::Approved | Verdict::NeedsApproval);
        let exit = if granted { Exit::Success } else { Exit::Findings };
        if let Some(held) = held_already(&engine, &request, &decision, &about) {
            let line = format!("nothing is written: {held}");
            output.promise(Exit::Findings);
            tell(&Settled { came_to: CameTo::Denied, words: line.clone(), proposed: None })?;
            output.talk(&line)?;
            return Ok(Exit::Findings);
        }
        output.promise(exit);
        let mut files = Vec::new();
        if granted {
            about.policy_commit = policy_commit(&self.repository, &loaded)?;
            let mut taken = BTreeSet::new();
            files = self.files(&engine, &request, &decision, &about, &mut taken)?;
        }
        let mut written = Vec::new();
        let mut proposed = Vec::new();
        for file in &files {
            let text = self.text(file)?;
            self.put(&file.path, &text)?;
            proposed.push(File { path: file.path.clone(), before: None, after: text.clone() });
            for (id, grant) in &file.grants {
                written.push(Written {
                    grant: id.to_string(),
                    path: file.path.clone(),
                    state: grant.state.name(),
                    text: text.clone(),
                });
            }
        }
        let asked = decision.stages.first().into_iter().flat_map(|stage| &stage.approvers);
        let reviewers = Reviewers::of(&loaded.rulebook, asked.map(|person| person.id.as_str()));
        let proposed = self.propose_files((&request, &about, &reviewers), &view, &proposed)?;
        tell(&Settled {
            came_to: if granted { CameTo::Granted } else { CameTo::Denied },
            words: human::render(&view, self.trace, PLAIN),
            proposed: proposed.clone(),
        })?;
        match self.format {
            Format::Human => {
                output.result(&human::render(&view, self.trace, output.style()))?;
                output.result(&self.told(&written, output.colour()))?;
            }
            Format::Json => {
                let report = Report {
                    format_version: FORMAT_VERSION,
                    rulebook: self.repository.at(),
                    written: !self.only_says() && !written.is_empty(),
                    grants: written,
                    decision: view,
                };
                output.result(&json::write(&report)?)?;
            }
        }
        output.finish()?;
        if let Some(proposed) = &proposed {
            output.talk(proposed)?;
        }
        if granted && about.policy_commit.is_none() {
            output.talk(
                "the grant names no commit of the policy: the rulebook that decided is not the one of the last commit",
            )?;
        }
        if !granted {
            output.talk("nothing is written: only what is granted is kept")?;
        }
        Ok(exit)
    }

    /// Whether nothing is written here.
    const fn only_says(&self) -> bool {
        self.dry_run || self.propose.elsewhere()
    }

    /// Proposes new files, when that is asked for, and says what became of it.
    fn propose_files(
        &self,
        (request, about, reviewers): (&Request, &About, &Reviewers),
        view: &View,
        files: &[File],
    ) -> anyhow::Result<Option<String>> {
        let Some(first) = files.first().filter(|_| self.propose.elsewhere()) else { return Ok(None) };
        let names: Vec<String> = request.entitlements.iter().map(ToString::to_string).collect();
        let beneficiary = request.beneficiary.as_ref().unwrap_or(&request.requester);
        let title = if names.is_empty() {
            format!("Access for {beneficiary}")
        } else {
            format!("Access for {beneficiary}: {}", names.join(", "))
        };
        let shown = human::render(view, self.trace, PLAIN);
        let name = first.path.rsplit('/').next().unwrap_or(&first.path).trim_end_matches(".toml");
        let proposal = Proposal {
            branch: &format!("request-{name}"),
            title: &title,
            body: &format!("What the rules decide now:\n{}", details("decision", &shown, 0)),
            // The same request under the same policy; when it was decided is no difference.
            key: &format!("{request:?} {:?}", about.policy_commit),
            files,
            reviewers,
            over: "it is not asked for any more",
        };
        self.propose.propose(&self.repository, &proposal).map(Some)
    }

    /// The files of what a decision gives, one for each grant.
    pub(super) fn files(
        &self,
        engine: &Engine<'_>,
        request: &Request,
        decision: &Decision<'_>,
        about: &About,
        taken: &mut BTreeSet<String>,
    ) -> anyhow::Result<Vec<NewFile>> {
        let rulebook = engine.rulebook();
        // What the form says is part of the request.
        let resolved = asked::resolve(engine, request, decision.instant)?;
        let request = resolved.as_ref().map_or(request, |asked| &asked.request);
        let folder = folder(rulebook)?;
        let mut files = Vec::new();
        for grant in record(engine, request, decision, about)? {
            let there = |id: &str| self.repository.repository.join(format!("{folder}/{id}.toml")).exists();
            let is_taken = |id: &str| rulebook.grants.get(id).is_some() || taken.contains(id) || there(id);
            let Some(id) = id_of(&grant, is_taken) else {
                bail!("no id is left for a grant of `{}` to `{}`", grant.entitlement, grant.beneficiary);
            };
            taken.insert(id.to_string());
            files.push(NewFile { path: format!("{folder}/{id}.toml"), grants: vec![(id, grant)] });
        }
        Ok(files)
    }

    /// The text of a new file.
    pub(super) fn text(&self, file: &NewFile) -> anyhow::Result<String> {
        let schema = schema_of(&self.repository, &file.path, "grant");
        let text = text::document(schema.as_deref(), &file.grants)?;
        // What somebody asks for must not make the ledger unreadable for everybody else.
        if let Some(first) = document::read(FileId(0), text.clone().into_bytes()).found.first() {
            bail!("the request cannot be written down: {}", first.message);
        }
        Ok(text)
    }

    /// Writes a file that must not be there yet.
    pub(super) fn put(&self, path: &str, text: &str) -> anyhow::Result<()> {
        if self.only_says() {
            return Ok(());
        }
        let full = self.repository.repository.join(path);
        write::unchanged(&self.repository.repository, path, None)?;
        write::put(&full, text.as_bytes()).with_context(|| format!("cannot write `{}`", plain(path)))
    }

    /// What is said about what was written.
    fn told(&self, written: &[Written], colour: bool) -> String {
        use std::fmt::Write as _;

        let paint = Paint::new(colour);
        let mut out = String::new();
        if written.is_empty() {
            return out;
        }
        let verb = match (self.dry_run, self.propose.elsewhere()) {
            (true, _) => "would be written",
            (_, true) => "proposed",
            _ => "written",
        };
        let _ = writeln!(out, "\n{}", paint.heading(verb));
        for one in written {
            let waits =
                if one.state == "requested" { ", which gives nothing until people agreed" } else { "" };
            let name = paint.name(&format!("grant:{}", one.grant));
            let _ = writeln!(out, "  {name}{waits}  {}", paint.faint(&one.path));
        }
        if self.dry_run {
            out.push('\n');
            for one in written {
                out.push_str(&created(&one.path, &one.text, colour));
            }
        }
        out
    }
}

/// An instant without parts of a second.
pub(in crate::cli) fn whole_seconds(instant: Timestamp) -> Timestamp {
    Timestamp::from_second(instant.as_second()).unwrap_or(instant)
}

/// The folder that grants are written to, below a root.
pub(in crate::cli) fn folder(rulebook: &Rulebook) -> anyhow::Result<String> {
    let roots = &rulebook.settings.project.roots;
    let folder = if let Some(folder) = &rulebook.settings.grants.folder {
        folder.trim_end_matches('/').to_owned()
    } else {
        let last = roots.last().map_or("policies", String::as_str);
        format!("{}/grants", last.trim_end_matches('/'))
    };
    let below = |root: &String| {
        let root = root.trim_end_matches('/');
        folder == root || folder.strip_prefix(root).is_some_and(|rest| rest.starts_with('/')) || root == "."
    };
    if !roots.iter().any(below) || folder.split('/').any(|part| part == ".." || part.is_empty()) {
        bail!(
            "`{}` is no place for grants: `[grants]` of gitsm.toml has to name a folder below a root",
            plain(&folder)
        );
    }
    Ok(folder)
}

/// The path from a document to the schema of a kind, when the repository has one.
pub(in crate::cli) fn schema_of(repository: &Repository, path: &str, kind: &str) -> Option<String> {
    let file = format!("schemas/{kind}.schema.json");
    let any = format!("schemas/{}", schema::ANY_FILE);
    let there = [file, any].into_iter().find(|file| repository.repository.join(file).is_file())?;
    Some(format!("{}{there}", "../".repeat(path.matches('/').count())))
}
