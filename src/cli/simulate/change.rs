//! `gitsm simulate change`.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Common, Format,
    access::{environment, evidence, reference},
    batch, read_json_or_toml,
};
use crate::{
    cli::{decidable, exit::Exit, output::Output},
    decide::{
        change::{self, ChangeDenial},
        engine::Engine,
    },
    load::Loaded,
    model::{
        Duration, Instant, Ref,
        article::Article,
        change::{Change, ChangeVerdict, DatedChange},
        change_model::{ChangeCategory, ChangeType},
        configuration_item::ConfigurationItem,
        person::Person,
        service::{Environment, Service},
        workflow::Evidence,
    },
    report::{change as report, json, revision::At},
};

/// Arguments of `gitsm simulate change`.
#[derive(Debug, Args)]
#[command(after_help = "\
examples:
  gitsm simulate change ben.okoro --type normal --service mail --affected-users 120 --downtime 5m \\
      --tested --rollback-plan --start 2026-03-08T06:00:00Z --end 2026-03-08T07:00:00Z
  gitsm simulate change --change change.toml
  gitsm simulate change --batch changes.jsonl > answers.jsonl

exit status: 0 decided, whatever the verdict; 1 the change makes no sense or the rulebook cannot decide; 2 could not run")]
pub(in crate::cli) struct Arguments {
    /// Who asks for it.
    #[arg(value_name = "PERSON", value_parser = reference::<Person>, required_unless_present_any = ["change", "batch"])]
    requester: Option<Ref<Person>>,
    /// The type of change: `standard`, `normal`, `emergency`.
    #[arg(long = "type", value_name = "TYPE", value_parser = change_type, required_unless_present_any = ["change", "batch"])]
    change_type: Option<ChangeType>,
    /// When it begins.
    #[arg(long, value_name = "INSTANT", required_unless_present_any = ["change", "batch"])]
    start: Option<Instant>,
    /// The first instant after it.
    #[arg(long, value_name = "INSTANT", required_unless_present_any = ["change", "batch"])]
    end: Option<Instant>,
    /// The service that is changed.
    #[arg(long, value_name = "ID", value_parser = reference::<Service>)]
    service: Option<Ref<Service>>,
    /// The item that is changed.
    #[arg(long, value_name = "ID", value_parser = reference::<ConfigurationItem>)]
    configuration_item: Option<Ref<ConfigurationItem>>,
    /// What is changed: `infrastructure`, `deployment`, `configuration`, `data`, `facility`.
    #[arg(long, value_name = "CATEGORY", value_parser = category)]
    category: Option<ChangeCategory>,
    /// Where it is changed, when the item does not say it and it is not production.
    #[arg(long, value_name = "ENVIRONMENT", value_parser = environment)]
    environment: Option<Environment>,
    /// The written procedure that it follows, which a standard change needs.
    #[arg(long, value_name = "ID", value_parser = reference::<Article>)]
    procedure: Option<Ref<Article>>,
    /// How many people use what is changed.
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    affected_users: Option<u32>,
    /// How long the service is expected to be down, such as `15m`.
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    downtime: Option<Duration>,
    /// It was tested in staging.
    #[arg(long)]
    tested: bool,
    /// There is a way back.
    #[arg(long)]
    rollback_plan: bool,
    /// Who is responsible for it, when that is somebody else.
    #[arg(long, value_name = "PERSON", value_parser = reference::<Person>)]
    owner: Option<Ref<Person>>,
    /// Who carries it out.
    #[arg(long = "implementer", value_name = "PERSON", value_delimiter = ',', value_parser = reference::<Person>)]
    implementers: Vec<Ref<Person>>,
    /// What the requester brings besides, such as `ticket`.
    #[arg(long, value_name = "EVIDENCE", value_delimiter = ',', value_parser = evidence)]
    evidence: Vec<Evidence>,
    /// Read the change from a file, TOML or JSON, or from standard input as JSON: `-`.
    #[arg(long, value_name = "FILE", conflicts_with_all = FLAGS, conflicts_with = "batch")]
    change: Option<PathBuf>,
    /// Read changes as JSON Lines from a file or standard input, `-`, and write a decision for each line.
    #[arg(long, value_name = "FILE", conflicts_with_all = FLAGS)]
    batch: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
}

/// The flags that say what a file says as well.
const FLAGS: [&str; 16] = [
    "requester",
    "change_type",
    "start",
    "end",
    "service",
    "configuration_item",
    "category",
    "environment",
    "procedure",
    "affected_users",
    "downtime",
    "tested",
    "rollback_plan",
    "owner",
    "implementers",
    "evidence",
];

fn change_type(text: &str) -> Result<ChangeType, String> {
    let known = ChangeType::ALL.iter().find(|known| known.name() == text).copied();
    known.ok_or_else(|| format!("write one of {}", ChangeType::NAMES.join(", ")))
}

fn category(text: &str) -> Result<ChangeCategory, String> {
    let known = ChangeCategory::ALL.iter().find(|known| known.name() == text).copied();
    known.ok_or_else(|| format!("write one of {}", ChangeCategory::NAMES.join(", ")))
}

/// What `gitsm simulate change --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(title = "The output of `gitsm simulate change --format json`")]
pub(in crate::cli) struct Report {
    /// The version of this format.
    format_version: u32,
    /// The commit that was read, with `--at`.
    #[serde(skip_serializing_if = "Option::is_none")]
    rulebook: Option<At>,
    /// The name that the change was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(flatten)]
    decision: report::View,
}

/// Decides about a change.
///
/// # Errors
/// When it could not run.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<Exit> {
    let common = &arguments.common;
    let dated = match (&arguments.batch, &arguments.change) {
        (Some(_), _) => None,
        (None, Some(path)) => Some(read_json_or_toml::<DatedChange>(path, "a change")?),
        (None, None) => Some(arguments.written()?),
    };
    let loaded = match decidable::load(&common.repository, output)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    let engine = Engine::new(&loaded.rulebook)?;
    let answer = |dated: DatedChange| answer(common, &engine, &loaded, dated);
    let Some(dated) = dated else {
        let path = arguments.batch.as_deref().unwrap_or_else(|| std::path::Path::new("-"));
        return batch::lines(path, output, |dated: DatedChange| {
            let (report, exit) = answer(dated);
            Ok((json::write_line(&report)?, exit))
        });
    };
    let other_now = common.other_now(dated.now);
    let (report, exit) = answer(dated);
    output.promise(exit);
    match common.format {
        Format::Json => output.result(&json::write(&report)?)?,
        Format::Human => {
            output.result(&report::render(&report.decision, common.trace, output.style()))?;
        }
    }
    output.finish()?;
    if let Some(other) = other_now {
        output.talk(&other)?;
    }
    Ok(exit)
}

fn answer(common: &Common, engine: &Engine<'_>, loaded: &Loaded, dated: DatedChange) -> (Report, Exit) {
    let now = dated.now.map_or_else(|| common.now(), |now| now.0);
    let decision = change::decide(engine, &dated.change, now);
    let undecidable = |denial: &ChangeDenial| matches!(denial, ChangeDenial::Undecidable(_));
    let is_finding = decision.verdict == ChangeVerdict::Invalid || decision.denials.iter().any(undecidable);
    let view = report::View::new(&decision, &loaded.sources, &common.repository.prefix(), engine.zone());
    let report = Report {
        format_version: super::FORMAT_VERSION,
        rulebook: common.repository.at(),
        id: dated.id,
        decision: view,
    };
    (report, if is_finding { Exit::Findings } else { Exit::Success })
}

impl Arguments {
    /// The change that the flags say.
    fn written(&self) -> anyhow::Result<DatedChange> {
        let (Some(requester), Some(change_type), Some(start), Some(end)) =
            (self.requester.clone(), self.change_type, self.start, self.end)
        else {
            bail!("nothing says who asks for which change: name the person, `--type`, `--start` and `--end`");
        };
        let change = Change {
            requester,
            owner: self.owner.clone(),
            implementers: self.implementers.clone(),
            change_type,
            service: self.service.clone(),
            configuration_item: self.configuration_item.clone(),
            category: self.category,
            environment: self.environment,
            procedure: self.procedure.clone(),
            affected_users: self.affected_users,
            tested: self.tested,
            rollback_plan: self.rollback_plan,
            downtime: self.downtime,
            start,
            end,
            evidence: self.evidence.clone(),
            attributes: std::collections::BTreeMap::default(),
            others: Vec::new(),
        };
        Ok(DatedChange { id: None, now: None, change })
    }
}
