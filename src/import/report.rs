//! What an import did, and what it could not map.

use std::collections::BTreeMap;

use super::Subject;

/// What an import did, and what it could not map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What was imported.
    pub subject: Subject,
    /// The name of the export.
    pub export: String,
    /// Records of the export, without its heading.
    pub records: u64,
    /// Records that became new objects.
    pub created: u64,
    /// Objects that were there and were changed, by id.
    pub updated: Vec<Updated>,
    /// Objects that were there and are as the export says.
    pub unchanged: u64,
    /// Records that are not in the repository afterwards.
    pub left_out: u64,
    /// Objects that the export no longer names. They stay.
    pub gone: Vec<Gone>,
    /// Columns that nothing is read from although they hold something.
    pub unmapped: Vec<Unmapped>,
    /// What could not be mapped, by problem and field.
    pub problems: Vec<ProblemGroup>,
    /// The files that change.
    pub files: Vec<Written>,
}

/// An object that was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Updated {
    /// The id; of an entitlement with its service.
    pub id: String,
    /// The file that holds it.
    pub file: String,
    /// The fields that differ.
    pub fields: Vec<String>,
}

/// An object that the export no longer names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gone {
    /// The id; of an entitlement with its service.
    pub id: String,
    /// The file that holds it.
    pub file: String,
}

/// A column that nothing is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmapped {
    /// The heading; `column 3` when it is empty.
    pub column: String,
    /// How many records hold something there.
    pub values: u64,
}

/// A file that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The path below the repository.
    pub path: String,
    /// Whether it is new.
    pub new: bool,
}

/// Why something could not be mapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Problem {
    /// A record has more or fewer columns than the heading.
    Ragged,
    /// A record has no id, or none can be made of what it has.
    NoId,
    /// Two records have the same id.
    DuplicateId,
    /// Two different values give the same id.
    Collision,
    /// An entitlement names a service that is not in the repository.
    NoService,
    /// The person is in a CSV directory of the repository, which is where they are changed.
    InPeopleFile,
    /// The object is written in a way that nothing can be added to.
    NoPlace,
    /// A record lacks what every object must have.
    Incomplete,
    /// A value has no translation.
    NoTranslation,
    /// A value is not what the field needs.
    Invalid,
}

impl Problem {
    /// The stable name, for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ragged => "ragged-record",
            Self::NoId => "no-id",
            Self::DuplicateId => "duplicate-id",
            Self::Collision => "id-collision",
            Self::NoService => "no-service",
            Self::InPeopleFile => "in-people-file",
            Self::NoPlace => "no-place",
            Self::Incomplete => "incomplete",
            Self::NoTranslation => "no-translation",
            Self::Invalid => "invalid",
        }
    }

    /// Whether the whole record is left out rather than one value of it.
    #[must_use]
    pub const fn loses_record(self) -> bool {
        !matches!(self, Self::NoTranslation | Self::Invalid)
    }
}

/// Values or records that could not be mapped for the same reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProblemGroup {
    /// Why.
    pub problem: Problem,
    /// The field, when it is about one.
    pub field: Option<String>,
    /// How many there are.
    pub count: u64,
    /// The first of them.
    pub examples: Vec<Example>,
}

/// A place in the export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The line, from 1.
    pub line: u64,
    /// The column of the first character, from 1.
    pub column: u64,
    /// What stands there; of a whole record its id, when it has one.
    pub value: String,
    /// What is wrong with it.
    pub message: String,
}

/// How many examples of a problem are kept.
const EXAMPLES: usize = 5;

/// Something that could not be mapped, with its place as bytes.
#[derive(Debug, Clone)]
pub(super) struct Trouble {
    pub problem: Problem,
    pub field: Option<String>,
    /// Where the record starts in the export.
    pub record: csv::Position,
    /// The index of the column.
    pub column: usize,
    pub value: String,
    pub message: String,
}

/// Troubles by problem and field.
#[derive(Debug, Default)]
pub(super) struct Troubles(BTreeMap<(Problem, Option<String>), (u64, Vec<Trouble>)>);

impl Troubles {
    pub(super) fn add(&mut self, trouble: Trouble) {
        let (count, examples) = self.0.entry((trouble.problem, trouble.field.clone())).or_default();
        *count += 1;
        if examples.len() < EXAMPLES {
            examples.push(trouble);
        }
    }

    /// The groups, with the place of each example looked up.
    pub(super) fn groups(self, mut place: impl FnMut(&Trouble) -> (u64, u64)) -> Vec<ProblemGroup> {
        let group = |((problem, field), (count, examples)): (_, (u64, Vec<Trouble>))| ProblemGroup {
            problem,
            field,
            count,
            examples: examples
                .into_iter()
                .map(|trouble| {
                    let (line, column) = place(&trouble);
                    Example { line, column, value: trouble.value, message: trouble.message }
                })
                .collect(),
        };
        self.0.into_iter().map(group).collect()
    }
}

impl Report {
    /// Whether everything of the export is in the repository.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.left_out == 0 && self.unmapped.is_empty() && self.problems.is_empty()
    }
}
