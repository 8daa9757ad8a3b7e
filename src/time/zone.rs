//! Time zones by their name in the tz database.

use std::fmt;
use std::sync::OnceLock;

use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Serialize};

/// The name of a time zone in the IANA tz database, such as `Europe/Berlin`.
///
/// Any text is accepted here, so that a document with a misspelt zone still loads; [`Zone::resolve`] tells whether
/// the zone exists.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Zone(String);

impl Zone {
    /// A zone of that name, which need not exist.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The zone itself, from the database compiled into the program, so that a result does not depend on the
    /// machine. None if the database has no zone of exactly this name; upper and lower case count.
    #[must_use]
    pub fn resolve(&self) -> Option<TimeZone> {
        Self::names().binary_search(&self.0).ok()?;
        database().get(&self.0).ok()
    }

    /// The names of all zones, sorted: what to compare a misspelt name with.
    #[must_use]
    pub fn names() -> &'static [String] {
        static NAMES: OnceLock<Vec<String>> = OnceLock::new();
        NAMES.get_or_init(|| {
            let mut names: Vec<String> =
                database().available().map(|name| name.as_str().to_owned()).collect();
            names.sort_unstable();
            names.dedup();
            names
        })
    }
}

/// The database compiled into the program.
fn database() -> &'static TimeZoneDatabase {
    static DATABASE: OnceLock<TimeZoneDatabase> = OnceLock::new();
    DATABASE.get_or_init(TimeZoneDatabase::bundled)
}

impl fmt::Display for Zone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl schemars::JsonSchema for Zone {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Zone".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "title": "Time zone",
            "description": "The name of a zone in the IANA tz database.",
            "type": "string",
            "minLength": 1,
            "examples": ["Europe/Berlin", "America/New_York", "UTC"],
        })
    }
}
