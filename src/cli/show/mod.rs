//! `gitsm show`.

mod approval;
mod columns;
mod human;
mod object;
mod people;
mod words;

use anyhow::bail;
use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{
    answer::Format,
    exit::Exit,
    output::{Output, table_width},
    repository::Repository,
    schema::unknown_kind,
    terminal::{Paint, plain},
};
use crate::{
    diag::Level,
    load::{Completeness, Loaded, suggest::nearest},
    model::{Group, Kind, Rulebook},
    report::{impact::value::concealed, json, revision::At},
};

/// Arguments of `gitsm show`.
#[derive(Debug, Args)]
#[command(after_help = "\
examples:
  gitsm show                  the kinds of objects, and how many there are
  gitsm show service          every service
  gitsm show service/mail     one service: owner, tier, SLA, who agrees, who refers to it
  gitsm show team/network     one team: who is in it")]
pub(super) struct Arguments {
    /// A kind such as `service`, or an object such as `service/mail`. Without it, the kinds are counted.
    #[arg(value_name = "KIND[/ID]")]
    what: Option<String>,
    #[command(flatten)]
    repository: Repository,
    /// Do not cut lists to the width of the terminal, or to 80 columns where there is none.
    #[arg(long)]
    wide: bool,
    /// How the result is written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// The version of the JSON that is printed.
const FORMAT_VERSION: u32 = 1;

/// What `gitsm show --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "The output of `gitsm show --format json`")]
pub(super) struct Report<'a> {
    /// The version of this format.
    format_version: u32,
    /// The commit that was read, with `--at`.
    #[serde(skip_serializing_if = "Option::is_none")]
    rulebook: Option<At>,
    #[serde(flatten)]
    shown: Shown<'a>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Shown<'a> {
    /// The kinds with their counts.
    Kinds(Vec<KindCount>),
    /// The objects of a kind.
    Objects(Objects<'a>),
    /// One object.
    Object(Box<object::Object>),
}

/// How many objects of a kind there are.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
struct KindCount {
    /// The kind.
    kind: &'static str,
    #[serde(skip)]
    group: Group,
    /// How many there are.
    count: usize,
    /// What the kind is, in one line.
    summary: &'static str,
}

/// The objects of a kind.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
struct Objects<'a> {
    /// The kind.
    kind: &'static str,
    #[serde(skip)]
    of: Kind,
    /// Whether there is a secret among the fields.
    #[serde(skip)]
    hides: bool,
    /// The objects, in the order of their ids.
    list: Vec<Listed<'a>>,
}

/// One object in a list.
#[derive(Debug, Serialize, JsonSchema)]
struct Listed<'a> {
    /// The id.
    id: &'a str,
    /// What is written, with defaults filled in; `***` stands for a secret.
    fields: Value,
}

/// Shows what the repository says.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let loaded = arguments.repository.load()?;
    if let Some(guessed) = arguments.what.as_deref().and_then(guessed) {
        output.talk(&guessed)?;
    }
    let shown = match &arguments.what {
        None => Shown::Kinds(kinds(&loaded.rulebook)),
        Some(what) => match what.split_once(['/', ':']) {
            None => Shown::Objects(objects(&loaded.rulebook, find_kind(what)?)?),
            Some((kind, "")) => Shown::Objects(objects(&loaded.rulebook, find_kind(kind)?)?),
            Some((kind, id)) => {
                let kind = find_kind(kind)?;
                match object::resolve(&loaded, kind, id)? {
                    Some(object) => Shown::Object(Box::new(object)),
                    None => bail!(unknown_id(&loaded, kind, id)),
                }
            }
        },
    };
    let hides = match &shown {
        Shown::Kinds(_) => false,
        Shown::Objects(objects) => objects.hides,
        Shown::Object(object) => object.hides,
    };
    // What could not be read is missing from what is shown; nobody may take that for "there is none".
    let whole = loaded.completeness == Completeness::Whole;
    let exit = if whole { Exit::Success } else { Exit::Findings };
    output.promise(exit);
    match arguments.format {
        Format::Json => {
            let report =
                Report { format_version: FORMAT_VERSION, rulebook: arguments.repository.at(), shown };
            output.result(&json::write(&report)?)?;
        }
        Format::Human => {
            let styles = Paint::new(output.colour());
            let text = match &shown {
                Shown::Kinds(kinds) => human::kinds(&loaded.rulebook.settings.project.name, kinds, styles),
                Shown::Objects(objects) => {
                    let width = (!arguments.wide).then(table_width);
                    human::objects(objects, whole, width, styles)
                }
                Shown::Object(object) => human::object(object, styles),
            };
            output.result(&text)?;
        }
    }
    output.finish()?;
    arguments.repository.say(output)?;
    if hides {
        output.talk("secrets are shown as ***")?;
    }
    if let Some(findings) = findings(&loaded) {
        output.talk(&findings)?;
    }
    if !whole {
        output
            .talk("not everything could be read, so something may be missing here: run `gitsm validate`")?;
    }
    Ok(exit)
}

fn kinds(rulebook: &Rulebook) -> Vec<KindCount> {
    Kind::ALL
        .into_iter()
        .map(|kind| KindCount {
            kind: kind.name(),
            group: kind.group(),
            count: rulebook.count(kind),
            summary: kind.summary(),
        })
        .collect()
}

fn objects(rulebook: &Rulebook, kind: Kind) -> serde_json::Result<Objects<'_>> {
    let mut list = Vec::new();
    let mut hides = false;
    for id in rulebook.ids(kind) {
        if let Some(fields) = rulebook.json(kind, id)? {
            let shown = concealed("", &fields);
            hides |= shown != fields;
            list.push(Listed { id, fields: shown });
        }
    }
    Ok(Objects { kind: kind.name(), of: kind, hides, list })
}

/// What was taken for something else than was written.
fn guessed(what: &str) -> Option<String> {
    let name = what.split(['/', ':']).next()?;
    let kind = find_kind(name).ok().filter(|kind| kind.name() != name)?;
    Some(format!("`{}` is taken for the kind `{}`", plain(name), kind.name()))
}

fn find_kind(name: &str) -> anyhow::Result<Kind> {
    match Kind::from_name(name).or_else(|| Kind::from_name(name.strip_suffix('s')?)) {
        Some(kind) => Ok(kind),
        None => bail!(unknown_kind(name)),
    }
}

fn unknown_id(loaded: &Loaded, kind: Kind, id: &str) -> String {
    let rulebook = &loaded.rulebook;
    let (name, shown) = (kind.name(), plain(id));
    let whole = id.split('/').next().unwrap_or_default();
    if whole != id && rulebook.origin(kind, whole).is_some() {
        return format!("`{shown}` is a part of an object: `gitsm show {name}/{whole}` shows it");
    }
    if loaded.completeness != Completeness::Whole {
        return format!(
            "there is no {name} `{shown}` in what could be read, and not everything could: `gitsm validate` says what is wrong"
        );
    }
    let near = nearest(id, rulebook.ids(kind)).map(|near| (kind, near));
    let elsewhere = || {
        let other = Kind::ALL.into_iter().find(|other| rulebook.origin(*other, id).is_some())?;
        Some((other, id))
    };
    match near.or_else(elsewhere) {
        Some((kind, near)) => format!("there is no {name} `{shown}`: did you mean `{}/{near}`?", kind.name()),
        None => format!("there is no {name} `{shown}`: `gitsm show {name}` lists what there is"),
    }
}

/// What to say about a repository that is not sound; what is shown may then lack something.
fn findings(loaded: &Loaded) -> Option<String> {
    let count = |level: Level| loaded.found.iter().filter(|diagnostic| diagnostic.level == level).count();
    let number = |count: usize, what: &str| match count {
        0 => None,
        1 => Some(format!("1 {what}")),
        _ => Some(format!("{count} {what}s")),
    };
    let counts: Vec<String> =
        [number(count(Level::Error), "error"), number(count(Level::Warning), "warning")]
            .into_iter()
            .flatten()
            .collect();
    (!counts.is_empty())
        .then(|| format!("the repository has {}: `gitsm validate` lists what is wrong", counts.join(" and ")))
}
