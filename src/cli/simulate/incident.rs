//! `gitsm simulate incident`.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Common, Format, access::reference, batch, read_json_or_toml};
use crate::{
    cli::{decidable, exit::Exit, output::Output},
    decide::{engine::Engine, incident},
    load::Loaded,
    model::{
        Ref,
        category::Category,
        channel::Channel,
        configuration_item::ConfigurationItem,
        incident::{DatedIncident, Incident},
        person::Person,
        service::Service,
    },
    report::{incident as report, json, revision::At},
};

/// Arguments of `gitsm simulate incident`.
#[derive(Debug, Args)]
#[command(after_help = "\
examples:
  gitsm simulate incident --service erp --impact high --urgency high --affected-users 200
  gitsm simulate incident --incident incident.toml
  gitsm simulate incident --batch incidents.jsonl > answers.jsonl

exit status: 0 decided; 1 the incident makes no sense or the rulebook cannot decide; 2 could not run")]
pub(in crate::cli) struct Arguments {
    /// The service that it is about.
    #[arg(long, value_name = "ID", value_parser = reference::<Service>)]
    service: Option<Ref<Service>>,
    /// The effect on the business, in a word of the priority matrix.
    #[arg(long, value_name = "WORD", required_unless_present_any = ["incident", "batch"])]
    impact: Option<String>,
    /// How long a solution can wait, in a word of the priority matrix.
    #[arg(long, value_name = "WORD", required_unless_present_any = ["incident", "batch"])]
    urgency: Option<String>,
    /// Who reports it.
    #[arg(long, value_name = "PERSON", value_parser = reference::<Person>)]
    requester: Option<Ref<Person>>,
    /// The category.
    #[arg(long, value_name = "ID", value_parser = reference::<Category>)]
    category: Option<Ref<Category>>,
    /// The item that failed.
    #[arg(long, value_name = "ID", value_parser = reference::<ConfigurationItem>)]
    configuration_item: Option<Ref<ConfigurationItem>>,
    /// How it was reported.
    #[arg(long, value_name = "ID", value_parser = reference::<Channel>)]
    channel: Option<Ref<Channel>>,
    /// How many people are affected.
    #[arg(long, value_name = "NUMBER", default_value_t = 0, allow_negative_numbers = true)]
    affected_users: u32,
    /// How many incidents have this one as their parent.
    #[arg(long, value_name = "NUMBER", default_value_t = 0, allow_negative_numbers = true)]
    children: u32,
    /// The number of the incident that this one belongs to.
    #[arg(long, value_name = "NUMBER")]
    parent: Option<String>,
    /// It is a security incident.
    #[arg(long)]
    security: bool,
    /// Read the incident from a file, TOML or JSON, or from standard input as JSON: `-`.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["impact", "urgency", "service", "batch"])]
    incident: Option<PathBuf>,
    /// Read incidents as JSON Lines from a file or standard input, `-`, and write an answer for each line.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["impact", "urgency", "service", "incident"])]
    batch: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
}

/// What `gitsm simulate incident --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "The output of `gitsm simulate incident --format json`")]
pub(in crate::cli) struct Report {
    /// The version of this format.
    format_version: u32,
    /// The commit that was read, with `--at`.
    #[serde(skip_serializing_if = "Option::is_none")]
    rulebook: Option<At>,
    /// The name that the incident was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// Why nothing can be decided about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<String>,
    /// What follows from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<report::View>,
}

/// Decides what follows from an incident.
///
/// # Errors
/// When it could not run.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let common = &arguments.common;
    let dated = match (&arguments.batch, &arguments.incident) {
        (Some(_), _) => None,
        (None, Some(path)) => Some(read_json_or_toml::<DatedIncident>(path, "an incident")?),
        (None, None) => Some(arguments.written()),
    };
    let loaded = match decidable::load(&common.repository, output)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    let engine = Engine::new(&loaded.rulebook)?;
    let answer = |dated: DatedIncident| answer(common, &engine, &loaded, dated);
    let Some(dated) = dated else {
        let path = arguments.batch.as_deref().unwrap_or_else(|| std::path::Path::new("-"));
        return batch::lines(path, output, |dated: DatedIncident| {
            let report = answer(dated);
            let exit = if report.decision.is_some() { Exit::Success } else { Exit::Findings };
            Ok((json::write_line(&report)?, exit))
        });
    };
    let other_now = common.other_now(dated.now);
    let report = answer(dated);
    let exit = if report.decision.is_some() { Exit::Success } else { Exit::Findings };
    output.promise(exit);
    match common.format {
        Format::Json => output.result(&json::write(&report)?)?,
        Format::Human => {
            if let Some(view) = &report.decision {
                output.result(&report::render(view, common.trace, output.style()))?;
            } else {
                output.result("nothing can be decided\n")?;
                for problem in &report.problems {
                    output.result(&format!("  {}\n", crate::report::plain::line(problem)))?;
                }
            }
        }
    }
    output.finish()?;
    if let Some(other) = other_now {
        output.talk(&other)?;
    }
    Ok(exit)
}

fn answer(common: &Common, engine: &Engine<'_>, loaded: &Loaded, dated: DatedIncident) -> Report {
    let now: Timestamp = dated.now.map_or_else(|| common.now(), |now| now.0);
    let (problems, decision) = match incident::decide(engine, &dated.incident, now) {
        Ok(Ok(decision)) => {
            let prefix = common.repository.prefix();
            let view = report::View::new(&decision, &loaded.sources, &prefix, engine.zone());
            (Vec::new(), Some(view))
        }
        Ok(Err(problems)) => (problems.iter().map(ToString::to_string).collect(), None),
        Err(why) => (vec![why.to_string()], None),
    };
    Report {
        format_version: super::FORMAT_VERSION,
        rulebook: common.repository.at(),
        id: dated.id,
        problems,
        decision,
    }
}

impl Arguments {
    /// The incident that the flags say.
    fn written(&self) -> DatedIncident {
        let incident = Incident {
            requester: self.requester.clone(),
            service: self.service.clone(),
            impact: self.impact.clone().unwrap_or_default(),
            urgency: self.urgency.clone().unwrap_or_default(),
            category: self.category.clone(),
            configuration_item: self.configuration_item.clone(),
            channel: self.channel.clone(),
            affected_users: self.affected_users,
            children: self.children,
            parent: self.parent.clone(),
            security: self.security,
            attributes: std::collections::BTreeMap::default(),
        };
        DatedIncident { id: None, now: None, incident }
    }
}
