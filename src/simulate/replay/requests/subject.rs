//! What a person was like at the time, as a row says it.

use super::row::{SUBJECT, id, word};
use crate::{
    load::{people::attribute_value, rows::Cells},
    model::{
        Entry, Id, LocalDate, Origin, Ref, Rulebook,
        condition::Literal,
        person::{Employment, Person, PersonStatus},
        settings::{CustomAttribute, Namespace},
        tenant::Tenant,
    },
    simulate::replay::{MapProblem, Mapping, Reject, RejectKind},
};

/// The attributes of a person that a row can say, besides those of one's own.
const NAMES: [&str; 8] =
    ["department", "title", "location", "manager", "employment", "start", "end", "tenant"];

/// What a person was like.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::simulate::replay) struct Subject {
    /// Who it is.
    pub(super) id: Id,
    said: Vec<Said>,
}

/// One attribute.
#[derive(Debug, Clone, PartialEq)]
enum Said {
    Department(String),
    Title(String),
    Location(String),
    Manager(Ref<Person>),
    Employment(Employment),
    Start(LocalDate),
    End(LocalDate),
    Tenant(Ref<Tenant>),
    Own(Id, Literal),
}

fn declared<'r>(rulebook: &'r Rulebook, name: &str) -> Option<&'r CustomAttribute> {
    rulebook.settings.attribute.get(&Namespace::Subject)?.get(name)
}

impl Subject {
    /// Whether there is an attribute with this name.
    ///
    /// # Errors
    /// When there is none.
    pub(in crate::simulate::replay) fn check(name: &str, rulebook: &Rulebook) -> Result<(), MapProblem> {
        if NAMES.contains(&name) || declared(rulebook, name).is_some() {
            return Ok(());
        }
        let own = rulebook.settings.attribute.get(&Namespace::Subject);
        let own = own.into_iter().flat_map(|own| own.keys().map(Id::as_str));
        let known = NAMES.into_iter().chain(own).map(|name| format!("{SUBJECT}{name}")).collect();
        Err(MapProblem::Field { field: format!("{SUBJECT}{name}"), known })
    }

    /// What a row says about a person. Nothing is said by an empty cell.
    pub(in crate::simulate::replay) fn read(
        person: Id,
        mapping: &Mapping,
        cells: &Cells<'_>,
        rulebook: &Rulebook,
    ) -> Result<Self, Reject> {
        let mut said = Vec::new();
        for (name, field) in mapping.below(SUBJECT) {
            let Some(text) = field.text(cells)? else { continue };
            let full = field.name();
            let date = || text.parse::<LocalDate>().map_err(|error| Reject::value(full, error));
            said.push(match name {
                "department" => Said::Department(text.into_owned()),
                "title" => Said::Title(text.into_owned()),
                "location" => Said::Location(text.into_owned()),
                "manager" => {
                    let manager = id(full, &text)?;
                    if rulebook.people.get(manager.as_str()).is_none() {
                        let why = format!("`{full}`: there is no person `{manager}`");
                        return Err(Reject::new(RejectKind::Unknown, why));
                    }
                    Said::Manager(Ref::new(manager))
                }
                "employment" => Said::Employment(word(full, &text, Employment::NAMES, Employment::ALL)?),
                "start" => Said::Start(date()?),
                "end" => Said::End(date()?),
                "tenant" => Said::Tenant(Ref::new(id(full, &text)?)),
                _ => match (Id::new(name), declared(rulebook, name)) {
                    (Some(id), Some(attribute)) => {
                        let value = attribute_value(&text, attribute);
                        Said::Own(id, value.map_err(|why| Reject::value(full, why))?)
                    }
                    _ => continue,
                },
            });
        }
        Ok(Self { id: person, said })
    }

    /// What is known once more is said: the newest counts.
    pub(in crate::simulate::replay) fn then(mut self, newer: Self) -> Self {
        self.said.extend(newer.said);
        // Of each attribute only the last is kept, so that it does not grow with the rows.
        let same = |one: &Said, other: &Said| match (one, other) {
            (Said::Own(one, _), Said::Own(other, _)) => one == other,
            _ => std::mem::discriminant(one) == std::mem::discriminant(other),
        };
        let all = std::mem::take(&mut self.said);
        for (index, said) in all.iter().enumerate() {
            if !all.iter().skip(index + 1).any(|later| same(said, later)) {
                self.said.push(said.clone());
            }
        }
        self
    }

    /// The person as they were: what the row says, and the rest as the directory says it. Who asked was there.
    pub(in crate::simulate::replay) fn person(&self, rulebook: &Rulebook) -> Entry<Person> {
        let known = rulebook.people.get(self.id.as_str());
        let mut entry = known.cloned().unwrap_or_else(|| Entry {
            id: self.id.clone(),
            value: Person::named(self.id.to_string()),
            origin: Origin::default(),
        });
        let person = &mut entry.value;
        person.status = PersonStatus::Active;
        for said in &self.said {
            match said.clone() {
                Said::Department(text) => person.department = Some(text),
                Said::Title(text) => person.title = Some(text),
                Said::Location(text) => person.location = Some(text),
                Said::Manager(manager) => person.manager = Some(manager),
                Said::Employment(employment) => person.employment = employment,
                Said::Start(date) => person.start = Some(date),
                Said::End(date) => person.end = Some(date),
                Said::Tenant(tenant) => person.tenant = Some(tenant),
                Said::Own(name, value) => {
                    person.attributes.insert(name, value);
                }
            }
        }
        entry
    }
}
