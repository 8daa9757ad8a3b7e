//! `gitsm schema`.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use schemars::{JsonSchema, Schema, generate::SchemaSettings};

use super::{
    approvals,
    clock::{ClockReport, DueAnswer, ElapsedAnswer, StatusAnswer},
    drift,
    exit::Exit,
    explain,
    output::Output,
    request, show, simulate,
    terminal::{self, Paint},
    write,
};
use crate::{
    gate,
    load::suggest::nearest,
    model::{Group, Kind, schema},
    plan, report,
};

/// Arguments of `gitsm schema`.
#[derive(Debug, Args)]
#[command(after_help = "\
examples:
  gitsm schema                      list the kinds
  gitsm schema service              the schema of files that hold services
  gitsm schema any                  the schema of files that hold anything
  gitsm schema --out schemas        write every schema into a folder

A file names its schema in its first line, and the editor then completes and checks it:
  #:schema ../schemas/gitsm.schema.json")]
pub(super) struct Arguments {
    /// A kind, `any` for files that hold any kind, `settings` for gitsm.toml, `import-map`, `replay-map`, `facts` for what is
    /// recorded about a pull request, or the output of a command, such as `output/show`. Without it, all of these are listed.
    #[arg(value_name = "KIND", conflicts_with = "out")]
    kind: Option<String>,
    /// Write every schema into this folder, which is made when it is not there.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// Names that stand for something else than a kind.
const OTHERS: [&str; 6] = ["any", "all", "settings", "import-map", "replay-map", "facts"];

/// The name of a schema, and how it is made of the type.
type OutputSchema = (&'static str, fn() -> Schema);

/// What commands print with `--format json`.
static OUTPUTS: &[OutputSchema] = &[
    ("output/apply", output_of::<report::applied::View>),
    ("output/approvals", output_of::<approvals::Report>),
    ("output/blame", output_of::<report::history::BlameReport>),
    ("output/change", output_of::<simulate::ChangeReport>),
    ("output/clock-due", output_of::<ClockReport<DueAnswer>>),
    ("output/clock-elapsed", output_of::<ClockReport<ElapsedAnswer>>),
    ("output/clock-status", output_of::<ClockReport<StatusAnswer>>),
    ("output/diff", output_of::<report::impact::Report>),
    ("output/drift", output_of::<drift::Report<'static>>),
    ("output/explain", output_of::<explain::Report>),
    ("output/grants-ended", output_of::<report::grants::ended::Report>),
    ("output/grants-list", output_of::<report::grants::list::Report>),
    ("output/grants-review", output_of::<report::grants::sheets::Report>),
    ("output/import", output_of::<report::import::ImportReport<'static>>),
    ("output/incident", output_of::<simulate::IncidentReport>),
    ("output/lifecycle", output_of::<simulate::LifecycleReport>),
    ("output/log", output_of::<report::history::LogEntry>),
    ("output/plan", output_of::<plan::Plan>),
    ("output/pr-apply", output_of::<report::merged::Report>),
    ("output/pr-check", output_of::<report::gate::Report>),
    ("output/replay-incidents", output_of::<report::replay::incidents::Report>),
    ("output/replay-people", output_of::<report::replay::people::Report>),
    ("output/replay-requests", output_of::<report::replay::requests::Report>),
    ("output/request", output_of::<request::settle::Report>),
    ("output/request-lifecycle", output_of::<report::grants::people::Report>),
    ("output/show", output_of::<show::Report<'static>>),
    ("output/simulate", output_of::<simulate::Report>),
    ("output/targets", output_of::<report::targets::View>),
    ("output/test", output_of::<report::scenarios::Report>),
    ("output/validate", output_of::<report::json::Report<'static>>),
];

/// The schema of a type as it is written.
fn output_of<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>()
}

/// Prints or writes schemas.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    if let Some(folder) = &arguments.out {
        let schemas = schema::all();
        for (name, schema) in &schemas {
            let path = folder.join(name);
            write::put(&path, schema::text(schema).as_bytes())
                .with_context(|| format!("cannot write `{}`", path.display()))?;
        }
        output.talk(&format!("{} schemas written to `{}`", schemas.len(), folder.display()))?;
        return Ok(Exit::Success);
    }
    match &arguments.kind {
        Some(name) => output.result(&find(name)?)?,
        None => output.result(&list(Paint::new(output.colour())))?,
    }
    output.finish()?;
    Ok(Exit::Success)
}

/// The text of the schema with this name.
fn find(name: &str) -> anyhow::Result<String> {
    let schema = match name {
        "any" | "all" => schema::documents(&Kind::ALL),
        "settings" => schema::settings(),
        "import-map" => schema::import_map(),
        "replay-map" => schema::replay_map(),
        "facts" => return Ok(serde_json::to_string_pretty(&output_of::<gate::facts::Facts>())? + "\n"),
        _ => match Kind::from_name(name) {
            Some(kind) => schema::documents(&[kind]),
            None => match OUTPUTS.iter().find(|(output, _)| *output == name) {
                Some((_, schema)) => return Ok(serde_json::to_string_pretty(&schema())? + "\n"),
                None => bail!(unknown_kind(name)),
            },
        },
    };
    Ok(schema::text(&schema))
}

/// What to say to a name that is no kind.
pub(super) fn unknown_kind(name: &str) -> String {
    let shown = terminal::plain(name);
    let names = Kind::ALL.map(Kind::name).into_iter().chain(OTHERS);
    match nearest(name, names.chain(OUTPUTS.iter().map(|(output, _)| *output))) {
        Some(near) => format!("there is no kind `{shown}`: did you mean `{near}`?"),
        None => format!("there is no kind `{shown}`: `gitsm schema` lists the kinds"),
    }
}

fn list(styles: Paint) -> String {
    let mut text = String::new();
    for group in Group::ALL {
        text.push_str(&styles.heading(group.title()));
        text.push('\n');
        let mut table = terminal::table(&[]);
        for kind in Kind::ALL.into_iter().filter(|kind| kind.group() == group) {
            table.add_row([format!("{:<18}", kind.name()), kind.summary().to_owned()]);
        }
        terminal::keep_whole(&mut table, 0);
        text.push_str(&terminal::lines(table, 2, styles));
        text.push('\n');
    }
    text.push_str("`gitsm schema KIND` prints one; `any` is every kind, `settings` is gitsm.toml,\n");
    text.push_str(
        "`import-map` and `replay-map` are maps of columns, `facts` is what is recorded about a pull request;\n\
         what commands print with `--format json`:\n",
    );
    let outputs: Vec<String> = OUTPUTS.iter().map(|(output, _)| format!("`{output}`")).collect();
    terminal::push(&mut text, format_args!("{}\n", outputs.join(", ")));
    text
}
