//! `gitsm.toml`: the settings of a repository.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::limits::{KindLimits, Limits};
use super::{Id, Ref, choice::choice, condition::Literal, workflow::Workflow};
use crate::{diag::Level, time::Zone};

/// The newest version of the rulebook's format that this gitsm reads.
pub const FORMAT: u32 = 1;

/// `gitsm.toml` at the root of a repository.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Settings of a gitsm repository")]
pub struct Settings {
    /// What the repository is, and where its documents lie.
    pub project: Project,
    /// How requests are decided that no rule decides.
    #[serde(default)]
    pub decision: DecisionDefaults,
    /// Attributes of your own that conditions can test, by namespace and name:
    /// `[attribute.subject.clearance]`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attribute: BTreeMap<Namespace, BTreeMap<Id, CustomAttribute>>,
    /// Directories of people in CSV files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<PeopleFile>,
    /// How grants of access are kept.
    #[serde(default)]
    pub grants: Grants,
    /// What becomes of pull requests that gitsm opens.
    #[serde(default)]
    pub pull_requests: PullRequests,
    /// The levels of findings.
    #[serde(default)]
    pub lints: Lints,
    /// The systems that the rulebook is applied to, by name: `[target.site]`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub target: BTreeMap<Id, Target>,
}

/// What a repository is, and where its documents lie.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Project {
    /// The name of the organisation or of the rulebook.
    #[schemars(regex(pattern = r"\S"))]
    pub name: String,
    /// The version of the format that the documents are written in. A newer one than the program knows is
    /// refused.
    #[serde(default = "format")]
    #[schemars(range(min = 1))]
    pub format: u32,
    /// The zone in which dates are meant that have no calendar.
    #[serde(default = "utc")]
    pub time_zone: Zone,
    /// The folders whose `*.toml` files are documents.
    #[serde(default = "roots")]
    #[schemars(length(min = 1))]
    pub roots: Vec<String>,
    /// The priorities of tickets, the most urgent first.
    #[serde(default = "priorities")]
    #[schemars(length(min = 1))]
    pub priorities: Vec<Id>,
    /// The currency of the organisation, as three letters of ISO 4217.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[A-Z]{3}$"))]
    pub currency: Option<String>,
}

impl Default for Project {
    fn default() -> Self {
        Self {
            name: String::new(),
            format: format(),
            time_zone: utc(),
            roots: roots(),
            priorities: priorities(),
            currency: None,
        }
    }
}

const fn format() -> u32 {
    FORMAT
}

fn utc() -> Zone {
    Zone::new("UTC")
}

fn roots() -> Vec<String> {
    vec!["catalog".to_owned(), "policies".to_owned()]
}

fn priorities() -> Vec<Id> {
    ["p1", "p2", "p3", "p4"].into_iter().filter_map(Id::new).collect()
}

/// How requests are decided that no rule decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DecisionDefaults {
    /// What happens to a request that no rule matches.
    #[serde(default)]
    pub default: DefaultDecision,
    /// The attributes of a person that make others their peers.
    #[serde(default = "peers_by")]
    pub peers_by: Vec<Id>,
}

impl Default for DecisionDefaults {
    fn default() -> Self {
        Self { default: DefaultDecision::default(), peers_by: peers_by() }
    }
}

fn peers_by() -> Vec<Id> {
    ["department", "title"].into_iter().filter_map(Id::new).collect()
}

/// What happens to a request that no rule matches. It is never approved without asking.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DefaultDecision {
    /// It is denied.
    #[default]
    Deny,
    /// People decide: `default.workflow = "manager-then-owner"`.
    Workflow(Ref<Workflow>),
}

choice! {
    /// What an attribute belongs to.
    pub enum Namespace {
        /// The beneficiary of a request, from the directory.
        Subject = "subject",
        /// The service.
        Service = "service",
        /// The entitlement.
        Entitlement = "entitlement",
        /// The request.
        Request = "request",
        /// The incident.
        Incident = "incident",
        /// The change.
        Change = "change",
    }
}

/// An attribute of your own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CustomAttribute {
    /// What its values are.
    #[serde(rename = "type")]
    pub attribute_type: AttributeType,
    /// What it means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The words it can be, for `choice` and, from least to most, for `ordered`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// Whether it can be absent.
    #[serde(default)]
    pub optional: bool,
}

choice! {
    /// What the values of an attribute are.
    pub enum AttributeType {
        /// Any text.
        Text = "text",
        /// A whole number.
        Integer = "integer",
        /// True or false.
        Boolean = "boolean",
        /// A date.
        Date = "date",
        /// A length of time, such as `30d`.
        Duration = "duration",
        /// One of some words.
        Choice = "choice",
        /// One of some words that have an order.
        Ordered = "ordered",
    }
}

/// A directory of people in a CSV file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PeopleFile {
    /// The file, below the root of the repository.
    #[schemars(regex(pattern = r"\S"))]
    pub file: String,
    /// The heading of the column for each field of a person: `columns.id = "Employee ID"`. Fields that are
    /// not named are read from a column of their own name, when there is one. Attributes of your own are
    /// written `attributes.clearance = "Clearance"`.
    #[serde(default)]
    pub columns: BTreeMap<PersonField, String>,
    /// The column of each attribute declared under `[attribute.subject]`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<Id, String>,
    /// The column of each account that people have elsewhere: `accounts.github = "GitHub"`. Whoever approves a pull request
    /// is known by it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub accounts: BTreeMap<Id, String>,
    /// Words of the file and what they mean here: `values.employment.FTE = "employee"`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<PersonField, IndexMap<String, String>>,
    /// Columns that are not read although their names are nearly those of fields: `ignored = ["Titles"]`. Without this
    /// such a name counts as misspelt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<String>,
    /// What separates the columns.
    #[serde(default = "comma")]
    #[schemars(length(min = 1, max = 1))]
    pub delimiter: String,
}

fn comma() -> String {
    ",".to_owned()
}

choice! {
    /// A field of a person that a column can fill.
    pub enum PersonField {
        /// The id.
        Id = "id",
        /// The name.
        Name = "name",
        /// The e-mail address.
        Email = "email",
        /// The department.
        Department = "department",
        /// The job title.
        Title = "title",
        /// Where they work.
        Location = "location",
        /// The id of the manager.
        Manager = "manager",
        /// How they are employed.
        Employment = "employment",
        /// The state of the identity.
        Status = "status",
        /// The first day.
        Start = "start",
        /// The last day.
        End = "end",
        /// Who answers for a service account or agent.
        Owner = "owner",
        /// What a service account or agent is for.
        Purpose = "purpose",
        /// How often secrets are changed.
        Rotation = "rotation",
        /// When secrets were last changed.
        LastRotated = "last-rotated",
        /// The tenant.
        Tenant = "tenant",
    }
}

/// How grants of access are kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Grants {
    /// The folder that new grants are written to, below one of the roots. Each gets a file of its own, so that several
    /// requests never meet in one. Without it, `grants` below the last root.
    #[schemars(regex(pattern = r"\S"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// How long a grant that is over may still stand as active before that is an error.
    pub stale_after: super::Duration,
    /// How soon somebody looks at access that was given in an emergency.
    pub emergency_review: super::Duration,
    /// How long somebody who moves keeps what came with their old job, and what people have to agree to anew.
    pub after_move: super::Duration,
}

impl Default for Grants {
    fn default() -> Self {
        let days = |number: i64| super::Duration::Elapsed { seconds: number * 86_400 };
        Self { folder: None, stale_after: days(14), emergency_review: days(5), after_move: days(14) }
    }
}

/// What becomes of pull requests that gitsm opens.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct PullRequests {
    /// How those are merged by `gitsm pr merge` that change grants alone, as the rules give and take them, and that nobody
    /// has to agree to. Without it, none is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merge: Option<MergeMethod>,
}

choice! {
    /// How a pull request is merged.
    pub enum MergeMethod {
        /// By a commit that has both sides as its parents.
        Merge = "merge",
        /// By one commit with all of it.
        Squash = "squash",
        /// By its commits, made anew after what is there.
        Rebase = "rebase",
    }
}

/// The levels of findings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Lints {
    /// The level by code, for the whole repository: `levels.GS2001 = "warning"`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub levels: BTreeMap<String, Level>,
    /// Findings that are known and accepted in some files. One that silences nothing is itself reported.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<Allowance>,
    /// How close a date may come before it is reported as passing soon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind: Option<super::Duration>,
    /// How many approval stages, form fields or rules are too many.
    #[serde(default)]
    pub budget: Budget,
}

/// Findings that are known and accepted in some files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Allowance {
    /// The code.
    #[schemars(regex(pattern = "^GS[0-9]{4}$"))]
    pub code: String,
    /// A pattern of the paths of the files: `catalog/legacy/**`.
    #[schemars(regex(pattern = r"\S"))]
    pub path: String,
    /// The level there; without it, the finding is not reported.
    #[serde(default = "off")]
    pub level: Level,
    /// Why it is accepted.
    #[schemars(regex(pattern = r"\S"))]
    pub reason: String,
}

const fn off() -> Level {
    Level::Off
}

/// Limits on how complicated things get.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Budget {
    /// Stages of a workflow.
    pub stages: u32,
    /// Fields of a form.
    pub fields: u32,
    /// Rules of an access policy.
    pub rules: u32,
}

impl Default for Budget {
    fn default() -> Self {
        Self { stages: 4, fields: 12, rules: 200 }
    }
}

/// A system that the rulebook is applied to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Target {
    /// What sort of system it is.
    #[serde(rename = "type")]
    pub target_type: TargetType,
    /// The folder that a `static` target writes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// Where the system is reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The repository of a `github` target: `example/service-desk`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[A-Za-z0-9][A-Za-z0-9_-]*/[A-Za-z0-9._-]+$"))]
    pub repository: Option<String>,
    /// The name of the environment variable that holds the token. The token itself is never written here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_variable: Option<String>,
    /// The command that prints the token, instead: the program, then its arguments. No shell reads them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub token_command: Option<Vec<String>>,
    /// The name by which the objects of this rulebook are told from those of other rulebooks at the same system; without it, one
    /// that is made of `project.name`. Objects of another owner are never touched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[a-z0-9][a-z0-9-]{0,11}$"))]
    pub owner: Option<String>,
    /// How much one plan may change there.
    #[serde(default)]
    pub limits: Limits,
    /// Other settings of this sort of system.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<Id, Literal>,
}

impl Target {
    /// A target of a sort, with nothing else said about it.
    #[must_use]
    pub fn new(target_type: TargetType) -> Self {
        Self {
            target_type,
            folder: None,
            url: None,
            repository: None,
            token_variable: None,
            token_command: None,
            owner: None,
            limits: Limits::default(),
            options: BTreeMap::new(),
        }
    }
}

choice! {
    /// A sort of system that the rulebook is applied to.
    pub enum TargetType {
        /// A folder of JSON files for any web server.
        Static = "static",
        /// Request Tracker.
        RequestTracker = "request-tracker",
        /// `ServiceNow`.
        ServiceNow = "servicenow",
        /// Jira Service Management.
        JiraServiceManagement = "jira-service-management",
        /// GitHub: issue forms, labels and teams.
        Github = "github",
        /// Any system with a SCIM interface.
        Scim = "scim",
    }
}
