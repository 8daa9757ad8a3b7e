//! `gitsm simulate joiner`, `mover` and `leaver`.

use anyhow::{Context as _, bail};
use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{Common, FORMAT_VERSION, Format, access::reference};
use crate::{
    cli::{decidable, exit::Exit, output::Output, terminal::plain},
    decide::{engine::Engine, lifecycle},
    ledger::standing::has_left,
    load::{Loaded, people::attribute_value, suggest::nearest},
    model::{Entry, Id, Ref, Rulebook, condition::Literal, person::Person, settings::Namespace},
    report::{json, lifecycle as report, revision::At},
};

/// Arguments of `gitsm simulate joiner` and `gitsm simulate leaver`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Who it is, by their id in the directory.
    #[arg(value_name = "PERSON", value_parser = reference::<Person>)]
    person: Ref<Person>,
    #[command(flatten)]
    common: Common,
}

/// Arguments of `gitsm simulate mover`.
#[derive(Debug, Args)]
#[command(after_help = "\
examples:
  gitsm simulate mover ana.silva --set department=finance --set title=Controller
  gitsm simulate mover ana.silva --set attributes.clearance=enhanced
  gitsm simulate mover ana.silva --set department=finance --at main --format json

exit status: 0 answered, whatever is given and taken; 1 the rulebook has errors; 2 could not run, for example because nobody has
that id or a field has no such value")]
pub(in crate::cli) struct MoverArguments {
    #[command(flatten)]
    arguments: Arguments,
    /// What is different about them then, for example `department=finance`.
    #[arg(long = "set", value_name = "FIELD=VALUE", required = true, value_parser = setting)]
    set: Vec<(String, String)>,
}

/// What `gitsm simulate joiner --format json` prints, and so do `mover` and `leaver`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "The output of `gitsm simulate joiner`, `mover` and `leaver` with `--format json`")]
pub(in crate::cli) struct Report {
    /// The version of this format.
    format_version: u32,
    /// The commit that was read, with `--at`.
    #[serde(skip_serializing_if = "Option::is_none")]
    rulebook: Option<At>,
    #[serde(flatten)]
    changes: report::View,
}

/// Says what somebody is given who joins.
///
/// # Errors
/// When it could not run.
pub(super) fn joiner(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    arguments
        .run("joiner", output, |engine, person| lifecycle::joiner(engine, person, arguments.common.now()))
}

/// Says what is taken from somebody who leaves.
///
/// # Errors
/// When it could not run.
pub(super) fn leaver(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    arguments
        .run("leaver", output, |engine, person| lifecycle::leaver(engine, person, arguments.common.now()))
}

/// Says what changes for somebody who moves.
///
/// # Errors
/// When it could not run.
pub(super) fn mover(arguments: &MoverArguments, output: &mut Output) -> anyhow::Result<Exit> {
    let Arguments { person, common } = &arguments.arguments;
    let loaded = match decidable::load(&common.repository, output)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    let before = Engine::new(&loaded.rulebook)?;
    let was = find(&loaded.rulebook, person)?;
    let mut changed = loaded.rulebook.clone();
    let moved = moved(was, &arguments.set, &loaded.rulebook)?;
    if has_left(&moved, before.date(common.now())) {
        bail!("`{person}` would have left by then, which is no move: use `gitsm simulate leaver {person}`");
    }
    if let Some(entry) = changed.people.get_mut(person.as_str()) {
        entry.value = moved;
    }
    if let Some(manager) = find(&changed, person)?.manager.clone() {
        find(&changed, &manager).context("the new manager")?;
    }
    let after = Engine::new(&changed)?;
    let is = find(&changed, person)?;
    let found = lifecycle::mover(&before, &after, (was, is), common.now())?;
    write(common, (person.as_str(), "mover"), &found, &loaded, &before, output)
}

/// The person with some fields changed.
fn moved(was: &Entry<Person>, set: &[(String, String)], rulebook: &Rulebook) -> anyhow::Result<Person> {
    let mut fields = serde_json::to_value(&was.value)?;
    let mut attributes = was.value.attributes.clone();
    for (field, text) in set {
        if let Some(name) = field.strip_prefix("attributes.") {
            let (name, value) = attribute(rulebook, name, text)?;
            attributes.insert(name, value);
            continue;
        }
        let value = typed(text);
        let mut at = &mut fields;
        for part in field.split('.') {
            let Value::Object(object) = at else { bail!("a person has no field `{field}`") };
            at = object.entry(part).or_insert_with(|| Value::Object(serde_json::Map::new()));
        }
        *at = value;
    }
    let changed: Person = serde_json::from_value(fields).context("the changed person is none")?;
    Ok(Person { attributes, ..changed })
}

/// An attribute with its value, as the directory has to have it.
fn attribute(rulebook: &Rulebook, name: &str, text: &str) -> anyhow::Result<(Id, Literal)> {
    let declared = rulebook.settings.attribute.get(&Namespace::Subject);
    let known = declared.and_then(|declared| declared.iter().find(|(id, _)| id.as_str() == name));
    let Some((id, attribute)) = known else {
        let names = declared.into_iter().flatten().map(|(id, _)| id.as_str());
        let near = nearest(name, names).map(|near| format!(": did you mean `{near}`?"));
        let name = plain(name);
        bail!("the attribute `{name}` is not declared in gitsm.toml{}", near.unwrap_or_default());
    };
    let value = attribute_value(text, attribute);
    Ok((id.clone(), value.map_err(|why| anyhow::anyhow!("`attributes.{id}`: {why}"))?))
}

impl Arguments {
    fn run<E: std::error::Error + Send + Sync + 'static>(
        &self,
        event: &'static str,
        output: &mut Output,
        decide: impl for<'a> FnOnce(&Engine<'a>, &'a Entry<Person>) -> Result<lifecycle::Lifecycle<'a>, E>,
    ) -> anyhow::Result<Exit> {
        let loaded = match decidable::load(&self.common.repository, output)? {
            Ok(loaded) => loaded,
            Err(exit) => return Ok(exit),
        };
        let engine = Engine::new(&loaded.rulebook)?;
        let person = find(&loaded.rulebook, &self.person)?;
        let found = decide(&engine, person)?;
        write(&self.common, (person.id.as_str(), event), &found, &loaded, &engine, output)
    }
}

fn write(
    common: &Common,
    who: (&str, &'static str),
    found: &lifecycle::Lifecycle<'_>,
    loaded: &Loaded,
    engine: &Engine<'_>,
    output: &mut Output,
) -> anyhow::Result<Exit> {
    let prefix = common.repository.prefix();
    let view = report::View::new(who, found, &loaded.rulebook, (&loaded.sources, &prefix), engine.zone());
    match common.format {
        Format::Human => output.result(&report::render(&view, common.trace, output.style()))?,
        Format::Json => {
            let rulebook = common.repository.at();
            output.result(&json::write(&Report {
                format_version: FORMAT_VERSION,
                rulebook,
                changes: view,
            })?)?;
        }
    }
    output.finish()?;
    Ok(Exit::Success)
}

/// The person with an id, or who might have been meant.
fn find<'a>(rulebook: &'a Rulebook, person: &Ref<Person>) -> anyhow::Result<&'a Entry<Person>> {
    let Some(found) = rulebook.people.get(person.as_str()) else {
        let near = nearest(person.as_str(), rulebook.people.ids());
        let help = near.map(|near| format!(": did you mean `{near}`?")).unwrap_or_default();
        bail!("there is no person `{person}`{help}");
    };
    Ok(found)
}

/// A field with its new value.
fn setting(text: &str) -> Result<(String, String), String> {
    let (field, value) = text.split_once('=').ok_or("write `field=value`")?;
    Ok((field.to_owned(), value.to_owned()))
}

/// The new value of a field: a whole number, true or false, or else text.
fn typed(text: &str) -> Value {
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        number => number.parse::<i64>().map_or_else(|_| Value::String(text.to_owned()), Value::from),
    }
}
