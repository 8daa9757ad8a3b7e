//! `gitsm grants review`.

use std::fmt::Write as _;

use anyhow::{Context as _, anyhow, bail};
use clap::Args;
use jiff::Timestamp;

use crate::{
    cli::{
        answer::Format,
        decidable,
        exit::Exit,
        output::Output,
        repository::Repository,
        request::settle::{folder, schema_of},
        terminal::plain,
        write,
    },
    decide::{engine::Engine, policy},
    diag::FileId,
    ledger::{campaign, standing::ends},
    load::{Loaded, document, suggest::nearest},
    model::{Entry, Id, Rulebook, grant::Grant, review::Review},
    report::{
        decision::human::local,
        grants::sheets::{FORMAT_VERSION, Report, Sheet, render},
        json,
        unified::{created, unified},
    },
};

/// Arguments of `gitsm grants review`.
#[derive(Debug, Args)]
#[command(after_help = "\
each reviewer gets a file with every grant that they are asked about. They write `keep`, `revoke` or `reduce` in it,
and the change is merged like any other; `gitsm grants expire` then does what was decided. Nobody is asked about
what they hold themselves, and what nobody answers ends with the campaign. Doing it again adds what is new

examples:
  gitsm grants review finance-system-2026-h2 --dry-run

exit status: 0 everything is asked about; 1 nobody can be asked about some of it; 2 could not run")]
pub(super) struct Arguments {
    /// The campaign: the id of a review.
    #[arg(value_name = "CAMPAIGN")]
    campaign: String,
    #[command(flatten)]
    repository: Repository,
    /// Say what would be written, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// How the result is written; `gitsm schema output/grants-review` prints the schema of the JSON.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// A file of a reviewer: its path, what is in it now, and what will be.
struct File {
    path: String,
    before: Option<String>,
    after: String,
}

/// Writes the sheets of a campaign.
///
/// # Errors
/// When it could not run; then nothing is written.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let repository = &arguments.repository;
    let loaded = match decidable::load(repository, output)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    let rulebook = &loaded.rulebook;
    let campaign = find(rulebook, &arguments.campaign)?;
    let engine = Engine::new(rulebook)?;
    let now = repository.now.unwrap_or_else(Timestamp::now);
    if campaign.closes.0 < engine.date(now) {
        bail!(
            "the review `{}` closed on {}: `gitsm grants expire` does what it decided",
            campaign.id,
            campaign.closes
        );
    }
    let asked = campaign::ask(&engine, campaign, now)?;
    let folder = folder(rulebook)?;
    let mut files = Vec::new();
    let mut sheets = Vec::new();
    for (reviewer, grants) in &asked.sheets {
        let id = campaign::sheet_id(&campaign.id, reviewer)
            .ok_or_else(|| anyhow!("the sheet of `{reviewer}` cannot be given an id"))?;
        let file = sheet(repository, &loaded, campaign, (&id, reviewer), grants, &folder, &engine)?;
        let mut found = document::read(FileId(0), file.after.clone().into_bytes()).found;
        if let Some(first) = found.pop() {
            bail!("`{}` cannot take what is to be looked at: {}", plain(&file.path), first.message);
        }
        sheets.push(Sheet {
            reviewer: reviewer.to_string(),
            path: file.path.clone(),
            grants: grants.iter().map(|grant| grant.id.to_string()).collect(),
        });
        files.push(file);
    }
    let exit = if asked.nobody.is_empty() { Exit::Success } else { Exit::Findings };
    output.promise(exit);
    let written = !arguments.dry_run && !files.is_empty();
    if written {
        for file in &files {
            write::unchanged(&repository.repository, &file.path, file.before.as_deref())?;
        }
        for file in &files {
            write::put(&repository.repository.join(&file.path), file.after.as_bytes())
                .with_context(|| format!("cannot write `{}`", plain(&file.path)))?;
        }
    }
    let report = Report {
        format_version: FORMAT_VERSION,
        review: campaign.id.to_string(),
        written,
        sheets,
        known: asked.known,
        nobody: asked.nobody.iter().map(|grant| grant.id.to_string()).collect(),
    };
    match arguments.format {
        Format::Human => {
            output.result(&render(&report, output.style()))?;
            for file in files.iter().filter(|_| arguments.dry_run) {
                output.result("\n")?;
                let difference = match &file.before {
                    Some(before) => unified(&file.path, before, &file.after, output.colour()),
                    None => created(&file.path, &file.after, output.colour()),
                };
                output.result(&difference)?;
            }
        }
        Format::Json => output.result(&json::write(&report)?)?,
    }
    output.finish()?;
    Ok(exit)
}

fn find<'a>(rulebook: &'a Rulebook, id: &str) -> anyhow::Result<&'a Entry<Review>> {
    let Some(found) = rulebook.reviews.get(id) else {
        let near = nearest(id, rulebook.reviews.ids()).map(|near| format!(": did you mean `{near}`?"));
        bail!("there is no review `{}`{}", plain(id), near.unwrap_or_default());
    };
    if let Some(of) = &found.of {
        bail!("`{id}` is the sheet of one reviewer: name the campaign `{of}`");
    }
    Ok(found)
}

/// The file of a reviewer with what they are asked about added.
fn sheet(
    repository: &Repository,
    loaded: &Loaded,
    campaign: &Entry<Review>,
    (id, reviewer): (&Id, &Id),
    grants: &[&Entry<Grant>],
    folder: &str,
    engine: &Engine<'_>,
) -> anyhow::Result<File> {
    let rulebook = &loaded.rulebook;
    let there = rulebook.reviews.get(id.as_str()).and_then(|sheet| loaded.sources.get(sheet.origin.file));
    let (path, before) = match there {
        Some(source) => (source.path.to_string(), Some(source.text.to_string())),
        None => (format!("{folder}/reviews/{id}.toml"), None),
    };
    let key = if id.as_str().contains('.') { format!("\"{id}\"") } else { id.to_string() };
    let mut after = before.clone().unwrap_or_default();
    if before.is_none() {
        if let Some(schema) = schema_of(repository, &path, "review") {
            let _ = writeln!(after, "#:schema {schema}\n");
        }
        let _ = write!(
            after,
            "# Write `keep`, `revoke` or `reduce` in place of `undecided`, and when: `at = {}T09:00:00Z`.\n\
             # `reduce` needs the new last day as well: `until = {}`. What is undecided after {} is taken away.\n\
             [review.{key}]\nname = {}\nof = \"{}\"\nreviewer = \"person:{reviewer}\"\nopens = {}\ncloses = {}\n",
            campaign.opens,
            campaign.closes,
            campaign.closes,
            serde_json::to_string(&format!("{}: {reviewer}", campaign.name))?,
            campaign.id,
            campaign.opens,
            campaign.closes,
        );
    }
    for grant in grants {
        let name =
            rulebook.people.get(grant.beneficiary.as_str()).map_or("somebody", |one| one.name.as_str());
        let offer = policy::offer(rulebook, &grant.entitlement);
        let what = offer.map_or_else(
            || grant.entitlement.to_string(),
            |offer| {
                let (service, own) = (&offer.service.name, offer.entitlement);
                format!("{service}: {} ({} risk)", own.name, own.risk)
            },
        );
        let until = ends(engine, grant)
            .map_or_else(|| "without end".to_owned(), |end| format!("until {}", local(end, engine.zone())));
        let reason = grant.justification.as_deref().map(|reason| format!("; {reason}")).unwrap_or_default();
        let line = plain(&format!("{name} has {what} {until}{reason}")).replace('\n', " ");
        let _ = write!(
            after,
            "\n# {line}\n[[review.{key}.decision]]\ngrant = \"{}\"\ndecision = \"undecided\"\nby = \"{reviewer}\"\n",
            grant.id
        );
    }
    Ok(File { path, before, after })
}
