//! The registry of kinds: everything that is said about a kind as such, in one row each.

use std::collections::{BTreeMap, btree_map};

use schemars::{JsonSchema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize};

use super::{
    access::Access,
    ai_policy::AiPolicy,
    article::Article,
    automation::Automation,
    bundle::Bundle,
    calendar::Calendar,
    category::Category,
    change_model::ChangeModel,
    channel::Channel,
    configuration_item::ConfigurationItem,
    control::Control,
    escalation::Escalation,
    exception::Exception,
    governance::Governance,
    grant::Grant,
    guardrail::Guardrail,
    id::Id,
    major_incident::MajorIncident,
    metric::Metric,
    person::Person,
    priority_matrix::PriorityMatrix,
    request_type::RequestType,
    review::Review,
    routing::Routing,
    scenario::Scenario,
    service::Service,
    sla::{Ola, Sla, SupplierContract},
    sod::Sod,
    team::Team,
    tenant::Tenant,
    tier::Tier,
    workflow::Workflow,
};
use crate::diag::{FileId, Span};

/// A kind of document, known by its TOML name.
pub trait Document: Sized + Send + Sync + 'static {
    /// The kind.
    const KIND: Kind;
    /// The reserved newtype name under which references to this kind deserialise.
    const REFERENCE: &'static str;

    /// All objects of this kind.
    fn objects(rulebook: &Rulebook) -> &Objects<Self>;
}

/// Looks at the objects of every kind with the same code, so that a new kind is not forgotten.
pub trait Visitor {
    /// Looks at all objects of one kind.
    fn objects<T: Document + Serialize>(&mut self, objects: &Objects<T>);
}

/// Parts of a document that have ids of their own and can be referred to: rules, stages, entitlements.
pub trait Parts {
    /// The ids of the parts.
    fn parts(&self) -> Vec<&Id> {
        Vec::new()
    }
}

/// Where an object was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Origin {
    /// The file.
    pub file: FileId,
    /// The key that gives the object its id, or its record in a CSV file.
    pub span: Span,
}

/// An object with its id and where it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<T> {
    /// The id, unique within the kind.
    pub id: Id,
    /// What was written.
    pub value: T,
    /// Where it was written.
    pub origin: Origin,
}

impl<T> std::ops::Deref for Entry<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// The objects of one kind, by id.
#[derive(Debug, Clone, PartialEq)]
pub struct Objects<T>(BTreeMap<Id, Entry<T>>);

impl<T> Default for Objects<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> Objects<T> {
    /// The object with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Entry<T>> {
        self.0.get(id)
    }

    /// The object with this id, to try out a change of it.
    #[must_use]
    pub fn get_mut(&mut self, id: &str) -> Option<&mut Entry<T>> {
        self.0.get_mut(id)
    }

    /// Adds an object. An object with the same id stays, and the new one is handed back.
    ///
    /// # Errors
    /// The object itself, when its id is taken.
    pub fn insert(&mut self, entry: Entry<T>) -> Result<(), Box<Entry<T>>> {
        match self.0.entry(entry.id.clone()) {
            btree_map::Entry::Vacant(slot) => {
                slot.insert(entry);
                Ok(())
            }
            btree_map::Entry::Occupied(_) => Err(Box::new(entry)),
        }
    }

    /// Every object, in the order of the ids.
    pub fn iter(&self) -> btree_map::Values<'_, Id, Entry<T>> {
        self.0.values()
    }

    /// Every id, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(Id::as_str)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a, T> IntoIterator for &'a Objects<T> {
    type Item = &'a Entry<T>;
    type IntoIter = btree_map::Values<'a, Id, Entry<T>>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// A reference from one object to another, as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The object that refers; none when it is `gitsm.toml`.
    pub from: Option<(Kind, Id)>,
    /// The field, as a JSON pointer below the object.
    pub field: Box<str>,
    /// The file and bytes of the reference.
    pub origin: Origin,
    /// What is referred to.
    pub to: Target,
}

/// What a reference names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// An object of a kind, or a part of it.
    Object {
        /// The kind that is expected.
        kind: Kind,
        /// The id that was written.
        id: Box<str>,
        /// The rule, stage or entitlement of it that was written.
        part: Option<Box<str>>,
    },
    /// A priority of `gitsm.toml`.
    Priority(Box<str>),
}

macro_rules! kinds {
    ($( $variant:ident, $name:literal, $field:ident, $group:ident, $summary:literal; )+) => {
        /// A kind of object in the rulebook.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $( #[doc = $summary] $variant, )+
        }

        impl Kind {
            /// Every kind.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];

            /// The name in TOML: `[name.id]`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The kind with this TOML name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }

            /// The name with its article, for messages: `a service`, `an access`, `an sla`.
            #[must_use]
            pub fn with_article(self) -> String {
                let name = self.name();
                // Abbreviations that are read letter by letter go by the sound of the first one.
                let is_vowel = matches!(self, Self::Sla) || name.starts_with(['a', 'e', 'i', 'o', 'u']);
                format!("{} {name}", if is_vowel { "an" } else { "a" })
            }

            /// What the kind is, in one line.
            #[must_use]
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$variant => $summary),+ }
            }

            /// The part of the rulebook that it belongs to.
            #[must_use]
            pub const fn group(self) -> Group {
                match self { $(Self::$variant => Group::$group),+ }
            }

            /// The schema of one object, with its definitions put into `generator`.
            pub fn subschema(self, generator: &mut SchemaGenerator) -> schemars::Schema {
                match self { $(Self::$variant => <$variant as JsonSchema>::json_schema(generator)),+ }
            }

            /// Reads one object.
            ///
            /// # Errors
            /// Whatever the deserialiser or the type objects to.
            pub fn decode<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<AnyDocument, D::Error> {
                Ok(match self {
                    $(Self::$variant => AnyDocument::$variant(Box::new($variant::deserialize(deserializer)?)),)+
                })
            }
        }

        /// An object of any kind.
        #[derive(Debug, Clone, PartialEq)]
        pub enum AnyDocument {
            $( #[doc = $summary] $variant(Box<$variant>), )+
        }

        impl AnyDocument {
            /// The kind.
            #[must_use]
            pub const fn kind(&self) -> Kind {
                match self { $(Self::$variant(_) => Kind::$variant,)+ }
            }

            /// The object as JSON, in the order of its fields.
            ///
            /// # Errors
            /// When the object holds something that JSON has no word for.
            pub fn json(&self) -> serde_json::Result<serde_json::Value> {
                match self { $(Self::$variant(value) => serde_json::to_value(value),)+ }
            }

            /// The ids of its parts.
            #[must_use]
            pub fn parts(&self) -> Vec<&Id> {
                match self { $(Self::$variant(value) => value.parts(),)+ }
            }
        }

        /// Everything that the repository says, by kind.
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct Rulebook {
            $( #[doc = $summary] pub $field: Objects<$variant>, )+
            /// `gitsm.toml`.
            pub settings: super::settings::Settings,
            /// Every reference between objects, in the order of files and places.
            pub references: Vec<Reference>,
        }

        impl Rulebook {
            /// Adds an object. When its id is taken the first one stays and its origin is handed back.
            ///
            /// # Errors
            /// Where the object that has the id was written.
            pub fn insert(&mut self, id: Id, document: AnyDocument, origin: Origin) -> Result<(), Origin> {
                match document {
                    $(AnyDocument::$variant(value) => {
                        let taken = self.$field.get(id.as_str()).map(|entry| entry.origin);
                        match self.$field.insert(Entry { id, value: *value, origin }) {
                            Ok(()) => Ok(()),
                            Err(_) => Err(taken.unwrap_or_default()),
                        }
                    })+
                }
            }

            /// The ids of all objects of a kind, in order.
            #[must_use]
            pub fn ids(&self, kind: Kind) -> Vec<&str> {
                match kind { $(Kind::$variant => self.$field.ids().collect(),)+ }
            }

            /// Where an object was written.
            #[must_use]
            pub fn origin(&self, kind: Kind, id: &str) -> Option<Origin> {
                match kind { $(Kind::$variant => self.$field.get(id).map(|entry| entry.origin),)+ }
            }

            /// The parts of an object that can be referred to.
            #[must_use]
            pub fn parts(&self, kind: Kind, id: &str) -> Vec<&Id> {
                match kind {
                    $(Kind::$variant => self.$field.get(id).map(|entry| entry.value.parts()).unwrap_or_default(),)+
                }
            }

            /// An object as JSON, in the order of its fields; none when there is no object with this id.
            ///
            /// # Errors
            /// When the object holds something that JSON has no word for.
            pub fn json(&self, kind: Kind, id: &str) -> serde_json::Result<Option<serde_json::Value>> {
                match kind {
                    $(Kind::$variant => {
                        self.$field.get(id).map(|entry| serde_json::to_value(&entry.value)).transpose()
                    })+
                }
            }

            /// What an object says; none when there is no object with this id.
            #[must_use]
            pub fn document(&self, kind: Kind, id: &str) -> Option<AnyDocument> {
                match kind {
                    $(Kind::$variant => {
                        let entry = self.$field.get(id)?;
                        Some(AnyDocument::$variant(Box::new(entry.value.clone())))
                    })+
                }
            }

            /// Lets an object say something else, to try it out, and hands back what it said; none when there is no
            /// object of that kind with this id.
            pub fn replace(&mut self, id: &str, document: AnyDocument) -> Option<AnyDocument> {
                match document {
                    $(AnyDocument::$variant(mut value) => {
                        let entry = self.$field.get_mut(id)?;
                        std::mem::swap(&mut entry.value, &mut value);
                        Some(AnyDocument::$variant(value))
                    })+
                }
            }

            /// Whether an object of a kind says the same as another one of another rulebook; of one that is not there,
            /// whether the other is not there either.
            #[must_use]
            pub fn same(&self, kind: Kind, id: &str, other: &Self, other_id: &str) -> bool {
                match kind {
                    $(Kind::$variant => {
                        match (self.$field.get(id), other.$field.get(other_id)) {
                            (Some(one), Some(other)) => one.value == other.value,
                            (None, None) => true,
                            _ => false,
                        }
                    })+
                }
            }

            /// Shows the objects of every kind to `visitor`, one kind after the other.
            pub fn visit(&self, visitor: &mut impl Visitor) {
                $( visitor.objects(&self.$field); )+
            }

            /// How many objects there are of a kind.
            #[must_use]
            pub fn count(&self, kind: Kind) -> usize {
                match kind { $(Kind::$variant => self.$field.len(),)+ }
            }
        }

        $(
            impl Document for $variant {
                const KIND: Kind = Kind::$variant;
                const REFERENCE: &'static str = concat!("gitsm:reference:", $name);
                fn objects(rulebook: &Rulebook) -> &Objects<Self> {
                    &rulebook.$field
                }
            }
        )+
    };
}

/// A part of the rulebook, to list kinds by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// People and teams.
    Organisation,
    /// What is offered.
    Catalogue,
    /// When things are done by.
    ServiceLevels,
    /// Who may have what, and who agrees to it.
    Access,
    /// Incidents and changes.
    Operations,
    /// Evidence, ownership and review.
    Governance,
}

impl Group {
    /// Every group, in the order in which a rulebook is best read.
    pub const ALL: [Self; 6] = [
        Self::Organisation,
        Self::Catalogue,
        Self::ServiceLevels,
        Self::Access,
        Self::Operations,
        Self::Governance,
    ];

    /// The heading of the group.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Organisation => "Organisation",
            Self::Catalogue => "Catalogue",
            Self::ServiceLevels => "Service levels",
            Self::Access => "Access",
            Self::Operations => "Operations",
            Self::Governance => "Governance",
        }
    }
}

kinds! {
    Person, "person", people, Organisation, "an identity record: an employee, contractor, service account or agent";
    Team, "team", teams, Organisation, "people who do work together, with a lead, a mailbox and an on-call rota";
    Tenant, "tenant", tenants, Organisation, "a client or company whose data is kept apart";
    Channel, "channel", channels, Organisation, "a way in for requests or out for notifications";
    Tier, "tier", tiers, Catalogue, "a level of business criticality";
    Category, "category", categories, Catalogue, "a class of services and tickets, and the function that owns it";
    Service, "service", services, Catalogue, "what is offered, with its entitlements";
    ConfigurationItem, "configuration-item", configuration_items, Catalogue, "a component that services run on";
    RequestType, "request-type", request_types, Catalogue, "what people ask for: form, workflow, SLA and steps";
    Bundle, "bundle", bundles, Access, "the access that comes with a role or department";
    Article, "article", articles, Catalogue, "a knowledge article";
    Automation, "automation", automations, Catalogue, "work that runs without a person, with its guardrails";
    Calendar, "calendar", calendars, ServiceLevels, "business hours and holidays in a time zone";
    Sla, "sla", slas, ServiceLevels, "a service level agreement: what is promised to customers, by priority";
    Ola, "ola", olas, ServiceLevels, "an operational level agreement: what teams promise each other";
    SupplierContract, "supplier-contract", supplier_contracts, ServiceLevels, "what a supplier promises";
    Workflow, "workflow", workflows, Access, "an approval workflow: ordered stages";
    Access, "access", access, Access, "an access policy: ordered rules, the first match decides";
    Guardrail, "guardrail", guardrails, Access, "an organisation-wide rule that can only tighten";
    Sod, "sod", sods, Access, "separation of duties: entitlements nobody may hold together";
    ChangeModel, "change-model", change_models, Operations, "how a type of change is assessed, approved and scheduled";
    PriorityMatrix, "priority-matrix", priority_matrices, Operations, "the priority for each impact and urgency";
    MajorIncident, "major-incident", major_incidents, Operations, "when an incident is major, and what follows";
    Escalation, "escalation", escalations, Operations, "who is told when, as a ticket gets older";
    Routing, "routing", routings, Operations, "which team gets a ticket";
    Exception, "exception", exceptions, Governance, "a waiver of a named rule, with a reason and an end";
    Control, "control", controls, Governance, "rules mapped to a control of a framework";
    Governance, "governance", governances, Governance, "who must approve changes to this repository";
    AiPolicy, "ai-policy", ai_policies, Governance, "what an AI agent may do, and when a person takes over";
    Metric, "metric", metrics, Governance, "a measure with its target and the decision it drives";
    Grant, "grant", grants, Governance, "access that was given, with its decision and its end";
    Review, "review", reviews, Governance, "a recertification campaign and its decisions";
    Scenario, "scenario", scenarios, Governance, "a test: something that happens and what must come of it";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_the_article_that_it_is_read_with() {
        let (an, a): (Vec<Kind>, Vec<Kind>) =
            Kind::ALL.into_iter().partition(|kind| kind.with_article().starts_with("an "));
        let names = |kinds: &[Kind]| kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>();
        assert_eq!(
            names(&an),
            ["article", "automation", "sla", "ola", "access", "escalation", "exception", "ai-policy"]
        );
        for kind in a {
            assert_eq!(kind.with_article(), format!("a {}", kind.name()));
        }
    }
}
