//! Priority matrices.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Parts, Principal, Priority};

/// The priority for each impact and urgency. Every combination has one, and a worse impact or urgency never
/// gives a less urgent priority.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Priority matrix", example = serde_json::json!({
    "name": "Incidents", "rows": ["high", "low"], "columns": ["high", "low"],
    "cell": { "high": { "high": "p1", "low": "p2" }, "low": { "high": "p2", "low": "p3" } }
}))]
pub struct PriorityMatrix {
    /// The name that people know it by.
    #[schemars(regex(pattern = r"\S"))]
    pub name: String,
    /// What it is for, and what the words mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Principal>,
    /// What the rows stand for.
    #[serde(default = "impact")]
    pub row_axis: String,
    /// The rows, the worst first.
    #[schemars(length(min = 1))]
    pub rows: Vec<String>,
    /// What the columns stand for.
    #[serde(default = "urgency")]
    pub column_axis: String,
    /// The columns, the worst first.
    #[schemars(length(min = 1))]
    pub columns: Vec<String>,
    /// The priority by row and column: `cell.high.low = "p2"`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub cell: IndexMap<String, IndexMap<String, Priority>>,
}

fn impact() -> String {
    "impact".to_owned()
}

fn urgency() -> String {
    "urgency".to_owned()
}

impl PriorityMatrix {
    /// The priority of a row and a column.
    #[must_use]
    pub fn priority(&self, row: &str, column: &str) -> Option<&Priority> {
        self.cell.get(row)?.get(column)
    }
}

impl Parts for PriorityMatrix {}
