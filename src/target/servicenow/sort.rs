//! The sorts of objects that are managed: their tables, their columns with what these take, and the rows that belong to
//! them and are not objects of their own.
//!
//! What a column takes is what the SDK of the vendor says of it; `tests/servers/servicenow/columns.json` holds the same,
//! read from the SDK, and the tests compare both.

/// What a sort is called, and where it is found.
#[derive(Debug)]
pub(super) struct About {
    /// The kind of its objects in plans.
    pub(super) kind: &'static str,
    /// Its table.
    pub(super) table: &'static str,
    /// The column that people call it by.
    pub(super) name: &'static str,
    /// The columns that tell rows without a known `sys_id` apart.
    pub(super) natural: &'static [&'static str],
    /// The columns that are managed.
    pub(super) columns: &'static [Column],
    /// Rows of another table that belong to it.
    pub(super) part: Option<&'static Part>,
    /// How a row is taken out of use.
    pub(super) retire: Retire,
}

/// A column, and what it takes.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) takes: Takes,
}

/// What a column takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// Text of at most so many characters.
    Text(usize),
    /// Text of at most so many characters, as HTML.
    Html(usize),
    /// An encoded query of at most so many characters.
    Condition(usize),
    /// `true` or `false`.
    Truth,
    /// A whole number.
    Number,
    /// A length of time as a date from the beginning of 1970.
    Duration,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A row of a table.
    Reference(&'static str),
    /// Rows of a table.
    List(&'static str),
}

/// Rows that belong to an object: all of them, so that what somebody adds by hand is removed.
#[derive(Debug)]
pub(super) struct Part {
    /// How the rows are called in plans.
    pub(super) field: &'static str,
    /// Their table.
    pub(super) table: &'static str,
    /// The column with the object that they belong to.
    pub(super) of: &'static str,
    /// Their other columns. With one, plans show its value instead of a row.
    pub(super) columns: &'static [Column],
    /// The column that counts them, when their order matters.
    pub(super) order: Option<&'static str>,
    /// A column that always repeats the first one.
    pub(super) repeats: Option<&'static str>,
}

/// How a row is taken out of use, and back into it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Retire {
    /// By a value of a column.
    Set { column: &'static str, dead: &'static str, live: &'static str },
    /// It is deleted: the table has nothing else.
    Delete,
}

const ACTIVE: Retire = Retire::Set { column: "active", dead: "false", live: "true" };
const OPERATIONAL: Retire = Retire::Set { column: "operational_status", dead: "6", live: "1" };
const PUBLISHED: Retire = Retire::Set { column: "workflow_state", dead: "retired", live: "published" };

const fn text(name: &'static str, most: usize) -> Column {
    Column { name, takes: Takes::Text(most) }
}

const fn reference(name: &'static str, table: &'static str) -> Column {
    Column { name, takes: Takes::Reference(table) }
}

const fn list(name: &'static str, table: &'static str) -> Column {
    Column { name, takes: Takes::List(table) }
}

const fn of(name: &'static str, takes: Takes) -> Column {
    Column { name, takes }
}

/// Those who answer for, or are in, something.
pub(super) const USERS: &str = "sys_user";
/// Departments, which conditions name.
pub(super) const DEPARTMENTS: &str = "cmn_department";
/// Roles, which stand for everybody who supports others.
pub(super) const ROLES: &str = "sys_user_role";

/// The urgency words of a service.
pub(super) const CRITICALITY: [&str; 4] =
    ["1 - most critical", "2 - somewhat critical", "3 - less critical", "4 - not critical"];

/// What most sorts are like.
const BASE: About =
    About { kind: "", table: "", name: "name", natural: &["name"], columns: &[], part: None, retire: ACTIVE };

/// Rows of which every column says something of its own, in no order.
const ROWS: Part = Part { field: "", table: "", of: "", columns: &[], order: None, repeats: None };

/// Every sort, with what it is called and where it is found: of each, one row of a table.
macro_rules! sorts {
    ($($sort:ident: $about:expr),+ $(,)?) => {
        /// A sort of object at `ServiceNow`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum Sort {
            $($sort),+
        }

        impl Sort {
            pub(super) const ALL: [Self; [$(stringify!($sort)),+].len()] = [$(Self::$sort),+];

            pub(super) const fn about(self) -> &'static About {
                match self {
                    $(Self::$sort => const { &$about }),+
                }
            }
        }
    };
}

sorts! {
    Group: About {
        kind: "group",
        table: "sys_user_group",
        columns: &[
            text("name", 80),
            text("description", 1000),
            text("email", 100),
            reference("parent", "sys_user_group"),
            reference("manager", USERS),
        ],
        part: Some(&Part {
            field: "members",
            table: "sys_user_grmember",
            of: "group",
            columns: &[reference("user", USERS)],
            ..ROWS
        }),
        ..BASE
    },
    Category: About {
        kind: "category",
        table: "sc_category",
        name: "title",
        natural: &["title", "parent"],
        columns: &[
            text("title", 100),
            text("description", 4000),
            reference("parent", "sc_category"),
            reference("sc_catalog", "sc_catalog"),
        ],
        ..BASE
    },
    Criteria: About {
        kind: "criteria",
        table: "user_criteria",
        columns: &[
            text("name", 100),
            list("department", DEPARTMENTS),
            list("role", ROLES),
            of("match_all", Takes::Truth),
            of("advanced", Takes::Truth),
        ],
        ..BASE
    },
    Schedule: About {
        kind: "schedule",
        table: "cmn_schedule",
        columns: &[text("name", 80), text("time_zone", 40)],
        part: Some(&Part {
            field: "spans",
            table: "cmn_schedule_span",
            of: "schedule",
            columns: &[
                text("name", 40),
                of("type", Takes::Choice(&["", "exclude"])),
                of("show_as", Takes::Choice(&["busy", "free"])),
                text("start_date_time", 40),
                text("end_date_time", 40),
                of("repeat_type", Takes::Choice(&["", "weekly"])),
                text("days_of_week", 40),
                of("repeat_count", Takes::Number),
                of("all_day", Takes::Truth),
            ],
            ..ROWS
        }),
        retire: Retire::Delete,
        ..BASE
    },
    Sla: About {
        kind: "sla",
        table: "contract_sla",
        columns: &[
            text("name", 40),
            of("type", Takes::Choice(&["SLA", "OLA", "Underpinning contract"])),
            of("target", Takes::Choice(&["response", "resolution"])),
            text("collection", 80),
            of("duration", Takes::Duration),
            reference("schedule", "cmn_schedule"),
            of("schedule_source", Takes::Choice(&["sla_definition", "no_schedule"])),
            of(
                "timezone_source",
                Takes::Choice(&["sla.timezone", "task.caller_id.time_zone"]),
            ),
            text("timezone", 40),
            of("start_condition", Takes::Condition(1000)),
            of("stop_condition", Takes::Condition(1000)),
            of("pause_condition", Takes::Condition(1000)),
            of("when_to_resume", Takes::Choice(&["no_match"])),
            of("when_to_cancel", Takes::Choice(&["never"])),
            of("retroactive", Takes::Truth),
            of("retroactive_pause", Takes::Truth),
            of("set_start_to", Takes::Choice(&["", "opened_at"])),
        ],
        ..BASE
    },
    Service: About {
        kind: "service",
        table: "cmdb_ci_service",
        columns: &[
            text("name", 255),
            text("short_description", 1000),
            of("busines_criticality", Takes::Choice(&CRITICALITY)),
            reference("support_group", "sys_user_group"),
            of("service_level_requirement", Takes::Html(8000)),
        ],
        retire: OPERATIONAL,
        ..BASE
    },
    Offering: About {
        kind: "offering",
        table: "service_offering",
        natural: &["name", "parent"],
        columns: &[
            text("name", 255),
            text("short_description", 1000),
            reference("parent", "cmdb_ci_service"),
            reference("support_group", "sys_user_group"),
        ],
        retire: OPERATIONAL,
        ..BASE
    },
    Item: About {
        kind: "item",
        table: "sc_cat_item",
        columns: &[
            text("name", 100),
            text("short_description", 200),
            of("description", Takes::Html(8000)),
            reference("category", "sc_category"),
            list("sc_catalogs", "sc_catalog"),
            reference("group", "sys_user_group"),
            of("delivery_time", Takes::Duration),
        ],
        part: Some(&Part {
            field: "available-for",
            table: "sc_cat_item_user_criteria_mtom",
            of: "sc_cat_item",
            columns: &[reference("user_criteria", "user_criteria")],
            ..ROWS
        }),
        ..BASE
    },
    Variable: About {
        kind: "variable",
        table: "item_option_new",
        natural: &["cat_item", "name"],
        columns: &[
            reference("cat_item", "sc_cat_item"),
            text("name", 40),
            text("question_text", 4000),
            of("type", Takes::Choice(&["1", "2", "5", "6", "8", "9", "33"])),
            of("mandatory", Takes::Truth),
            of("order", Takes::Number),
            of("show_help", Takes::Truth),
            text("help_text", 4000),
            text("reference", 80),
        ],
        part: Some(&Part {
            field: "choices",
            table: "question_choice",
            of: "question",
            columns: &[text("value", 255)],
            order: Some("order"),
            repeats: Some("text"),
        }),
        ..BASE
    },
    Article: About {
        kind: "article",
        table: "kb_knowledge",
        name: "short_description",
        natural: &["short_description", "kb_knowledge_base"],
        columns: &[
            text("short_description", 100),
            of("text", Takes::Html(65_000)),
            reference("kb_knowledge_base", "kb_knowledge_base"),
            list("can_read_user_criteria", "user_criteria"),
        ],
        retire: PUBLISHED,
        ..BASE
    },
}

impl Sort {
    pub(super) fn of_kind(kind: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.about().kind == kind)
    }

    /// The rows of the table that are of this sort: other tables extend some.
    pub(super) const fn only(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Item => Some(("sys_class_name", "sc_cat_item")),
            Self::Service => Some(("sys_class_name", "cmdb_ci_service")),
            _ => None,
        }
    }
}

impl About {
    /// Every column that is read.
    pub(super) fn read(&self) -> Vec<&'static str> {
        let mut fields = vec!["sys_id"];
        fields.extend(self.columns.iter().map(|column| column.name));
        if let Retire::Set { column, .. } = self.retire {
            fields.push(column);
        }
        fields
    }
}

impl Part {
    /// Every column that is read.
    pub(super) fn read(&self) -> Vec<&'static str> {
        let mut fields = vec!["sys_id", self.of];
        fields.extend(self.columns.iter().map(|column| column.name));
        fields.extend(self.order);
        fields.extend(self.repeats);
        fields
    }
}
