//! Which attributes there are, and what their values can be: the built-in ones, those declared in
//! `gitsm.toml`, and the fields of forms.

use std::{collections::BTreeMap, sync::OnceLock};

use super::{hashing::Names, scopes::Scopes};
use crate::model::{
    Kind, Rulebook,
    attribute::{self, Scope, Values},
    condition::Test,
    request_type::FieldType,
    settings::{AttributeType, CustomAttribute, Namespace},
};

/// What the values of an attribute can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type<'a> {
    /// Any text.
    Text,
    /// A whole number between two bounds, both included.
    Integer {
        /// The least value.
        least: i64,
        /// The greatest value.
        greatest: i64,
    },
    /// True or false.
    Boolean,
    /// A date.
    Date,
    /// A point in time.
    Instant,
    /// A length of time in seconds. Business days have no fixed length, so they cannot be compared.
    Duration,
    /// One of some words.
    Choice(Vec<&'a str>),
    /// One of some words, from least to most.
    Ordered(Vec<&'a str>),
    /// The id of an object.
    Id(Kind),
    /// An entitlement, as `service/entitlement`.
    Entitlement,
    /// A set; only `contains` works.
    Set(Member<'a>),
    /// Something that cannot be compared, such as a file or an amount of money: only `exists` works.
    Opaque,
}

/// What the members of a set are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Member<'a> {
    /// Ids of objects.
    Id(Kind),
    /// Entitlements, as `service/entitlement`.
    Entitlement,
    /// Some of these words.
    Word(Vec<&'a str>),
}

impl Type<'_> {
    /// What it is called in a message.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Integer { .. } => "a whole number".to_owned(),
            Self::Boolean => "true or false".to_owned(),
            Self::Date => "a date".to_owned(),
            Self::Instant => "a point in time".to_owned(),
            Self::Duration => "a length of time".to_owned(),
            Self::Choice(_) => "one of some words".to_owned(),
            Self::Ordered(_) => "one of some words that have an order".to_owned(),
            Self::Id(kind) => format!("the id of {}", kind.with_article()),
            Self::Entitlement => "an entitlement".to_owned(),
            Self::Set(_) => "a set".to_owned(),
            Self::Opaque => "something that cannot be compared".to_owned(),
        }
    }
}

/// An attribute that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved<'a> {
    /// What its values can be.
    pub values: Type<'a>,
    /// Whether it can be absent. A comparison with an absent value is false.
    pub optional: bool,
    /// Whether it was declared in `gitsm.toml`.
    pub custom: bool,
}

/// Attributes by the first part of their name and by the rest of it.
type ByName<'a> = Names<Box<str>, Names<Box<str>, Resolved<'a>>>;

/// The attributes of a rulebook.
#[derive(Debug)]
pub struct Vocabulary<'a> {
    rulebook: &'a Rulebook,
    form: BTreeMap<&'a str, Type<'a>>,
    priorities: Vec<&'a str>,
    /// Made when it is asked for: most conditions are looked at without.
    scopes: OnceLock<Scopes<'a>>,
    /// All attributes by the two parts of their names; made when a decision asks for it.
    known: OnceLock<ByName<'a>>,
}

impl<'a> Vocabulary<'a> {
    /// The attributes of this rulebook.
    #[must_use]
    pub fn new(rulebook: &'a Rulebook) -> Self {
        let priorities = rulebook.settings.project.priorities.iter().map(crate::model::Id::as_str).collect();
        let mut form: BTreeMap<&str, Type<'a>> = BTreeMap::new();
        let fields = rulebook.request_types.iter().flat_map(|request_type| &request_type.value.field);
        for (id, field) in fields.filter(|(_, field)| field.attribute.is_none()) {
            let options = || field.options.iter().map(String::as_str).collect::<Vec<_>>();
            let values = field_type(field.field_type, options);
            form.entry(id.as_str())
                .and_modify(|known| *known = together(std::mem::replace(known, Type::Opaque), values.clone()))
                .or_insert(values);
        }
        Self { rulebook, form, priorities, scopes: OnceLock::new(), known: OnceLock::new() }
    }

    /// The rulebook.
    #[must_use]
    pub fn rulebook(&self) -> &'a Rulebook {
        self.rulebook
    }

    /// The policies, by what they are about.
    pub(super) fn scopes(&self) -> &Scopes<'a> {
        self.scopes.get_or_init(|| Scopes::new(self.rulebook))
    }

    /// The attribute of this name; `None` when there is none.
    ///
    /// What is declared for `subject` is there for `requester` too: both are people. Fields of forms are
    /// optional, since another form may not ask for them.
    #[must_use]
    pub fn resolve(&self, namespace: &str, name: &str) -> Option<Resolved<'a>> {
        if let Some(known) = attribute::find(namespace, name) {
            let values = self.built_in(known);
            return Some(Resolved { values, optional: known.optional, custom: false });
        }
        if let Some(field) = name.strip_prefix("form.").filter(|_| namespace == "request") {
            let values = self.form.get(field)?.clone();
            return Some(Resolved { values, optional: true, custom: false });
        }
        let custom = self.declared(namespace)?.get(name)?;
        Some(Resolved { values: custom_type(custom), optional: custom.optional, custom: true })
    }

    /// The attribute that a test is about.
    #[must_use]
    pub fn of(&self, test: &Test) -> Option<Resolved<'a>> {
        self.resolve(&test.namespace, &test.name)
    }

    /// The same as [`Self::of`], for those who ask again and again.
    #[must_use]
    pub fn known(&self, test: &Test) -> Option<&Resolved<'a>> {
        self.known.get_or_init(|| self.all()).get(&test.namespace)?.get(&test.name)
    }

    fn all(&self) -> ByName<'a> {
        let mut all = ByName::default();
        let names = Scope::ALL.map(|scope| self.names(scope));
        for whole in names.into_iter().flatten() {
            if let Some((namespace, name)) = whole.split_once('.')
                && let Some(resolved) = self.resolve(namespace, name)
            {
                all.entry(namespace.into()).or_default().insert(name.into(), resolved);
            }
        }
        all
    }

    /// The whole names of all attributes of a scope, such as `subject.department`.
    #[must_use]
    pub fn names(&self, scope: Scope) -> Vec<String> {
        let mut names = Vec::new();
        for namespace in scope.namespaces() {
            let built_in = attribute::all().filter(|attribute| attribute.namespace == *namespace);
            names.extend(built_in.map(|attribute| format!("{namespace}.{}", attribute.name)));
            if let Some(declared) = self.declared(namespace) {
                names.extend(declared.keys().map(|name| format!("{namespace}.{name}")));
            }
            if *namespace == "request" {
                names.extend(self.form.keys().map(|field| format!("request.form.{field}")));
            }
        }
        names
    }

    fn declared(&self, namespace: &str) -> Option<&'a BTreeMap<crate::model::Id, CustomAttribute>> {
        let namespace = match namespace {
            "subject" | "requester" => Namespace::Subject,
            "service" => Namespace::Service,
            "entitlement" => Namespace::Entitlement,
            "request" => Namespace::Request,
            "incident" => Namespace::Incident,
            "change" => Namespace::Change,
            _ => return None,
        };
        self.rulebook.settings.attribute.get(&namespace)
    }

    fn built_in(&self, attribute: &attribute::Attribute) -> Type<'a> {
        match attribute.values {
            Values::Text => Type::Text,
            // The built-in numbers count something; a share is whole percent.
            Values::Integer if attribute.name == "share" => Type::Integer { least: 0, greatest: 100 },
            Values::Integer => Type::Integer { least: 0, greatest: i64::MAX },
            Values::Boolean => Type::Boolean,
            Values::Date => Type::Date,
            Values::Instant => Type::Instant,
            Values::Duration => Type::Duration,
            Values::Choice(words) => Type::Choice(words.to_vec()),
            Values::Ordered(words) => Type::Ordered(words.to_vec()),
            Values::Id(kind) => Type::Id(kind),
            Values::Ids(kind) => Type::Set(Member::Id(kind)),
            Values::Entitlement => Type::Entitlement,
            Values::Entitlements => Type::Set(Member::Entitlement),
            // Whether p1 is more or less than p2 is not obvious to every reader, so priorities have no order.
            Values::Priority => Type::Choice(self.priorities.clone()),
        }
    }
}

fn custom_type(custom: &CustomAttribute) -> Type<'_> {
    let words = || custom.values.iter().map(String::as_str).collect();
    match custom.attribute_type {
        AttributeType::Text => Type::Text,
        AttributeType::Integer => Type::Integer { least: i64::MIN, greatest: i64::MAX },
        AttributeType::Boolean => Type::Boolean,
        AttributeType::Date => Type::Date,
        AttributeType::Duration => Type::Duration,
        AttributeType::Choice => Type::Choice(words()),
        AttributeType::Ordered => Type::Ordered(words()),
    }
}

fn field_type<'a>(field_type: FieldType, options: impl Fn() -> Vec<&'a str>) -> Type<'a> {
    match field_type {
        FieldType::Text | FieldType::LongText => Type::Text,
        FieldType::Number => Type::Integer { least: i64::MIN, greatest: i64::MAX },
        FieldType::Boolean => Type::Boolean,
        FieldType::Date => Type::Date,
        FieldType::Duration => Type::Duration,
        FieldType::Choice => Type::Choice(options()),
        FieldType::Choices => Type::Set(Member::Word(options())),
        FieldType::Person => Type::Id(Kind::Person),
        FieldType::Team => Type::Id(Kind::Team),
        FieldType::Service => Type::Id(Kind::Service),
        FieldType::Entitlement => Type::Entitlement,
        FieldType::Money | FieldType::Attachment => Type::Opaque,
    }
}

/// The type of an answer that two forms ask for: their options together, or nothing that can be compared.
fn together<'a>(one: Type<'a>, other: Type<'a>) -> Type<'a> {
    let union = |mut words: Vec<&'a str>, more: Vec<&'a str>| {
        for word in more {
            if !words.contains(&word) {
                words.push(word);
            }
        }
        words
    };
    match (one, other) {
        (Type::Choice(words), Type::Choice(more)) => Type::Choice(union(words, more)),
        (Type::Set(Member::Word(words)), Type::Set(Member::Word(more))) => {
            Type::Set(Member::Word(union(words, more)))
        }
        (one, other) if one == other => one,
        _ => Type::Opaque,
    }
}
