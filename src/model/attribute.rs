//! The attributes that conditions can test.
//!
//! The set is closed: a condition over an attribute that is neither here nor declared in `gitsm.toml` is
//! an error, never "false".

use std::{collections::HashMap, sync::LazyLock};

use super::{
    Kind,
    category::Function,
    change_model::{ChangeCategory, ChangeType},
    person::{Employment, PersonStatus},
    request_type::EventClass,
    service::{Environment, Lifecycle, Risk},
};

/// What a condition is about; it decides which attributes exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// A request for access or a service.
    Access,
    /// One person, for example "approvers by attribute" or who a bundle is for.
    Person,
    /// An incident.
    Incident,
    /// A change.
    Change,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 4] = [Self::Access, Self::Person, Self::Incident, Self::Change];

    /// The namespaces whose attributes exist in this scope.
    #[must_use]
    pub const fn namespaces(self) -> &'static [&'static str] {
        match self {
            Self::Access => &["subject", "requester", "service", "entitlement", "request", "grants", "peers"],
            Self::Person => &["subject"],
            Self::Incident => &["incident", "requester", "service"],
            Self::Change => &["change", "requester", "service"],
        }
    }
}

/// An attribute that conditions can test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute {
    /// The first part of the name, such as `subject`.
    pub namespace: &'static str,
    /// The second part of the name, such as `department`.
    pub name: &'static str,
    /// What its values are.
    pub values: Values,
    /// Whether it can be absent. A comparison with an absent value is false.
    pub optional: bool,
    /// What it means.
    pub summary: &'static str,
}

/// What the values of an attribute are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// Any text.
    Text,
    /// A whole number.
    Integer,
    /// True or false.
    Boolean,
    /// A date.
    Date,
    /// A point in time.
    Instant,
    /// A length of time, such as `180d`.
    Duration,
    /// One of some words.
    Choice(&'static [&'static str]),
    /// One of some words, from least to most; `min`, `max`, `above` and `below` work.
    Ordered(&'static [&'static str]),
    /// The id of an object.
    Id(Kind),
    /// A set of ids of objects; only `contains` works.
    Ids(Kind),
    /// One `service/entitlement`.
    Entitlement,
    /// A set of `service/entitlement`; only `contains` works.
    Entitlements,
    /// A priority of `gitsm.toml`, the most urgent first.
    Priority,
}

const fn required(
    namespace: &'static str,
    name: &'static str,
    values: Values,
    summary: &'static str,
) -> Attribute {
    Attribute { namespace, name, values, optional: false, summary }
}

const fn optional(
    namespace: &'static str,
    name: &'static str,
    values: Values,
    summary: &'static str,
) -> Attribute {
    Attribute { namespace, name, values, optional: true, summary }
}

macro_rules! person_attributes {
    ($namespace:literal) => {
        [
            required($namespace, "id", Values::Id(Kind::Person), "the person's id"),
            optional($namespace, "department", Values::Text, "the department of the person"),
            optional($namespace, "title", Values::Text, "the person's job title"),
            optional($namespace, "location", Values::Text, "where the person works"),
            required(
                $namespace,
                "employment",
                Values::Choice(Employment::NAMES),
                "how the person is employed",
            ),
            required($namespace, "status", Values::Choice(PersonStatus::NAMES), "the state of the identity"),
            optional($namespace, "manager", Values::Id(Kind::Person), "the person's manager"),
            required(
                $namespace,
                "teams",
                Values::Ids(Kind::Team),
                "the teams that the person is a member of",
            ),
            optional($namespace, "tenant", Values::Id(Kind::Tenant), "the client that the person belongs to"),
            optional($namespace, "start", Values::Date, "the person's first day"),
            optional($namespace, "end", Values::Date, "the person's last day"),
        ]
    };
}

static SUBJECT: [Attribute; 11] = person_attributes!("subject");
static REQUESTER: [Attribute; 11] = person_attributes!("requester");

static OTHERS: &[Attribute] = &[
    required("requester", "is-beneficiary", Values::Boolean, "whether the access is for the requester"),
    required("requester", "is-manager", Values::Boolean, "whether the requester manages the beneficiary"),
    required("service", "id", Values::Id(Kind::Service), "the service asked for"),
    required("service", "tier", Values::Id(Kind::Tier), "the tier of the service"),
    optional("service", "category", Values::Id(Kind::Category), "the category of the service"),
    optional("service", "function", Values::Choice(Function::NAMES), "the function that owns the category"),
    required("service", "lifecycle", Values::Choice(Lifecycle::NAMES), "where the service is in its life"),
    optional("service", "tenant", Values::Id(Kind::Tenant), "the client that the service is for"),
    required("entitlement", "id", Values::Entitlement, "the entitlement, as `service/entitlement`"),
    required("entitlement", "risk", Values::Ordered(Risk::NAMES), "the risk of the entitlement"),
    required("entitlement", "privileged", Values::Boolean, "whether it gives administrative power"),
    required(
        "entitlement",
        "environment",
        Values::Choice(Environment::NAMES),
        "the environment it gives access to",
    ),
    optional("entitlement", "licence-tier", Values::Text, "the licence that it uses"),
    optional("entitlement", "role", Values::Text, "the role in the application"),
    optional("request", "type", Values::Id(Kind::RequestType), "the request type that was filled in"),
    optional("request", "event", Values::Choice(EventClass::NAMES), "what the request does"),
    optional(
        "request",
        "duration",
        Values::Duration,
        "how long the access is asked for; absent: without end",
    ),
    optional("request", "environment", Values::Choice(Environment::NAMES), "the environment asked for"),
    optional("request", "justification", Values::Text, "the reason that was given"),
    optional("request", "ticket", Values::Text, "the ticket that was named"),
    optional("request", "project", Values::Text, "the project that was named"),
    required("request", "instant", Values::Instant, "when the request was made"),
    required("request", "outside-hours", Values::Boolean, "whether it was made outside the support hours"),
    required("request", "emergency", Values::Boolean, "whether it was marked as an emergency"),
    required("grants", "entitlements", Values::Entitlements, "what the beneficiary holds"),
    required("grants", "services", Values::Ids(Kind::Service), "the services the beneficiary has access to"),
    required("grants", "count", Values::Integer, "how many entitlements the beneficiary holds"),
    required("peers", "share", Values::Integer, "how many percent of the beneficiary's peers hold it"),
    required("peers", "approved", Values::Integer, "how many earlier requests for it were approved"),
    required("peers", "denied", Values::Integer, "how many earlier requests for it were denied"),
    required("incident", "impact", Values::Text, "the effect on the business"),
    required("incident", "urgency", Values::Text, "how long a solution can wait"),
    required("incident", "priority", Values::Priority, "the priority"),
    optional("incident", "category", Values::Id(Kind::Category), "the category"),
    optional("incident", "configuration-item", Values::Id(Kind::ConfigurationItem), "the item that failed"),
    optional("incident", "channel", Values::Id(Kind::Channel), "how it was reported"),
    required("incident", "affected-users", Values::Integer, "how many people are affected"),
    required("incident", "children", Values::Integer, "how many incidents have this one as their parent"),
    required("incident", "is-child", Values::Boolean, "whether it has a parent incident"),
    required(
        "incident",
        "outside-hours",
        Values::Boolean,
        "whether it was reported outside the support hours",
    ),
    required("incident", "security", Values::Boolean, "whether it is a security incident"),
    required("change", "type", Values::Choice(ChangeType::NAMES), "the type of change"),
    optional("change", "category", Values::Choice(ChangeCategory::NAMES), "what is changed"),
    required("change", "environment", Values::Choice(Environment::NAMES), "where it is changed"),
    required("change", "affected-users", Values::Integer, "how many people use what is changed"),
    required("change", "tested", Values::Boolean, "whether it was tested in staging"),
    required("change", "rollback-plan", Values::Boolean, "whether there is a way back"),
    required("change", "in-window", Values::Boolean, "whether it lies inside a maintenance window"),
    required("change", "in-freeze", Values::Boolean, "whether it overlaps a freeze"),
    optional("change", "configuration-item", Values::Id(Kind::ConfigurationItem), "the item that is changed"),
    optional("change", "procedure", Values::Id(Kind::Article), "the written procedure that it follows"),
    required("change", "downtime", Values::Duration, "how long the service is expected to be down"),
];

/// Every built-in attribute.
pub fn all() -> impl Iterator<Item = &'static Attribute> {
    SUBJECT.iter().chain(&REQUESTER).chain(OTHERS)
}

/// The built-in attribute of this name.
#[must_use]
pub fn find(namespace: &str, name: &str) -> Option<&'static Attribute> {
    static BY_NAME: LazyLock<HashMap<(&str, &str), &Attribute>> = LazyLock::new(|| {
        let mut by_name = HashMap::new();
        for attribute in all() {
            by_name.entry((attribute.namespace, attribute.name)).or_insert(attribute);
        }
        by_name
    });
    BY_NAME.get(&(namespace, name)).copied()
}
