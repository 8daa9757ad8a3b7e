//! From a change as it was written to what it names, or to everything that is wrong with it.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::{
    decide::{
        engine::Engine,
        items::{NotOnItem, needed_items, needed_services, service_of, services_on},
    },
    model::{
        Document, Duration, Entry, Kind, Objects, Ref, Rulebook,
        article::Article,
        change::Change,
        configuration_item::ConfigurationItem,
        person::Person,
        service::{Environment, Lifecycle, Service},
    },
};

/// What takes longer is not one change.
const LONGEST_DAYS: i64 = 366;
/// How many items are named as an example.
const SHOWN: usize = 3;

/// What is wrong with a change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeProblem {
    /// A reference that leads nowhere.
    #[error("`{field}`: there is no {} `{id}`", kind.name())]
    Unknown {
        /// The field.
        field: String,
        /// What was expected.
        kind: Kind,
        /// What was written.
        id: String,
    },
    /// Nothing is changed.
    #[error("nothing is changed: name the `service` or the `configuration-item`")]
    Nothing,
    /// Another change is about nothing.
    #[error(
        "`others[{0}]` names nothing that gets in the way: write its `service` or `configuration-item`, or its \
         `implementers`"
    )]
    OtherNothing(usize),
    /// It ends before it begins, or takes no time.
    #[error("`{field}` is {end}, and the change begins at {start}: write an instant after that")]
    NoTime {
        /// The field.
        field: String,
        /// When it begins.
        start: Timestamp,
        /// When it ends.
        end: Timestamp,
    },
    /// It takes too long.
    #[error("the change takes {days} days: at most {LONGEST_DAYS} are possible, so divide it")]
    TooLong {
        /// How many days it takes.
        days: i64,
    },
    /// An instant at which nothing is changed.
    #[error("`{field}` is {at}: changes are made from 1970 on")]
    BeforeClocks {
        /// The field.
        field: String,
        /// The instant.
        at: Timestamp,
    },
    /// An instant between two seconds.
    #[error("`{field}` is {at}: write whole seconds")]
    Fraction {
        /// The field.
        field: String,
        /// The instant.
        at: Timestamp,
    },
    /// A downtime in business days.
    #[error("`downtime` counts business days: a service is down around the clock, so write days or hours")]
    BusinessDays,
    /// A downtime longer than the change.
    #[error("`downtime` is {downtime}, longer than the change itself: write a later `end` or less downtime")]
    LongDowntime {
        /// The downtime.
        downtime: Duration,
    },
    /// The item runs somewhere else.
    #[error("`environment` is `{asked}`, and `{item}` runs in `{own}`")]
    OtherEnvironment {
        /// The item.
        item: String,
        /// Its environment.
        own: Environment,
        /// What was written.
        asked: Environment,
    },
    /// The service does not run on the item.
    #[error("`service` is `{service}`, which does not run on `{item}`: write one of {}", known.join(", "))]
    OtherService {
        /// What was written.
        service: String,
        /// The item.
        item: String,
        /// The services that run on it.
        known: Vec<String>,
    },
    /// A service that matters less than another one on the item.
    #[error("`service` is `{service}`, and what runs on `{item}` as well matters more: write {}", known.join(" or "))]
    LesserService {
        /// What was written.
        service: String,
        /// The item.
        item: String,
        /// The services on it that matter most.
        known: Vec<String>,
    },
    /// An environment that nobody but the requester knows of.
    #[error(
        "`environment` is `{asked}`, and what the service runs on is known: name the `configuration-item`{}, or leave \
         `environment` out, which means production",
        such_as(known)
    )]
    ClaimedEnvironment {
        /// What was written.
        asked: Environment,
        /// The items that the service runs on.
        known: Vec<String>,
    },
    /// Several services run on the item and none is named.
    #[error("several services run on `{item}`: write as `service` the most important of {}", known.join(", "))]
    SeveralServices {
        /// The item.
        item: String,
        /// The services.
        known: Vec<String>,
    },
    /// An attribute that is not declared.
    #[error("`attributes.{0}` is not declared in gitsm.toml under `[attribute.change]`")]
    UnknownAttribute(String),
}

fn such_as(known: &[String]) -> String {
    if known.is_empty() { String::new() } else { format!(", such as {}", known.join(" or ")) }
}

/// What a change names.
pub(super) struct Named<'c, 'a> {
    pub(super) change: &'c Change,
    pub(super) instant: Timestamp,
    pub(super) requester: &'a Entry<Person>,
    pub(super) owner: &'a Entry<Person>,
    pub(super) implementers: Vec<&'a Entry<Person>>,
    pub(super) service: Option<&'a Entry<Service>>,
    pub(super) item: Option<&'a Entry<ConfigurationItem>>,
    pub(super) environment: Environment,
    /// How long the service is down, in seconds.
    pub(super) downtime: Option<i64>,
}

impl Named<'_, '_> {
    pub(super) fn start(&self) -> Timestamp {
        self.change.start.0
    }

    pub(super) fn end(&self) -> Timestamp {
        self.change.end.0
    }
}

/// Looks up what a change names.
///
/// # Errors
/// Everything that is wrong with it.
pub(super) fn resolve<'c, 'a>(
    engine: &Engine<'a>,
    change: &'c Change,
    instant: Timestamp,
) -> Result<Named<'c, 'a>, Vec<ChangeProblem>> {
    let rulebook = engine.rulebook();
    let mut problems = Vec::new();
    if instant < Timestamp::UNIX_EPOCH {
        problems.push(ChangeProblem::BeforeClocks { field: "now".to_owned(), at: instant });
    }
    let requester = find(&mut problems, "requester", &rulebook.people, Some(&change.requester));
    let owner = find(&mut problems, "owner", &rulebook.people, change.owner.as_ref()).or(requester);
    let mut implementers = Vec::new();
    for (index, person) in change.implementers.iter().enumerate() {
        let field = format!("implementers[{index}]");
        implementers.extend(find(&mut problems, &field, &rulebook.people, Some(person)));
    }
    let service = find(&mut problems, "service", &rulebook.services, change.service.as_ref());
    let items = &rulebook.configuration_items;
    let item = find(&mut problems, "configuration-item", items, change.configuration_item.as_ref());
    if change.service.is_none() && change.configuration_item.is_none() {
        problems.push(ChangeProblem::Nothing);
    }
    find::<Article>(&mut problems, "procedure", &rulebook.articles, change.procedure.as_ref());
    times(&mut problems, "", change.start.0, change.end.0);
    let downtime = downtime(&mut problems, change);
    let environment = environment(&mut problems, change.environment, item);
    if let (Some(asked), Some(service), None) = (change.environment, service, &change.configuration_item) {
        claimed(rulebook, asked, service, &mut problems);
    }
    let service = item_service(engine, change, item, service, &mut problems);
    for name in change.attributes.keys() {
        let known = engine.vocabulary().resolve("change", name.as_str());
        if known.is_none_or(|known| !known.custom) {
            problems.push(ChangeProblem::UnknownAttribute(name.to_string()));
        }
    }
    for (index, other) in change.others.iter().enumerate() {
        let field = |name: &str| format!("others[{index}].{name}");
        find(&mut problems, &field("service"), &rulebook.services, other.service.as_ref());
        find(&mut problems, &field("configuration-item"), items, other.configuration_item.as_ref());
        for (place, person) in other.implementers.iter().enumerate() {
            find(&mut problems, &field(&format!("implementers[{place}]")), &rulebook.people, Some(person));
        }
        if other.service.is_none() && other.configuration_item.is_none() && other.implementers.is_empty() {
            problems.push(ChangeProblem::OtherNothing(index));
        }
        times(&mut problems, &field(""), other.start.0, other.end.0);
    }
    let (Some(requester), Some(owner), true) = (requester, owner, problems.is_empty()) else {
        return Err(problems);
    };
    Ok(Named { change, instant, requester, owner, implementers, service, item, environment, downtime })
}

fn find<'a, T: Document>(
    problems: &mut Vec<ChangeProblem>,
    field: &str,
    objects: &'a Objects<T>,
    reference: Option<&Ref<T>>,
) -> Option<&'a Entry<T>> {
    let id = reference?.as_str();
    let found = objects.get(id);
    if found.is_none() {
        problems.push(ChangeProblem::Unknown { field: field.to_owned(), kind: T::KIND, id: id.to_owned() });
    }
    found
}

/// Checks when a change begins and ends. Windows and freezes are kept to the second.
fn times(problems: &mut Vec<ChangeProblem>, of: &str, start: Timestamp, end: Timestamp) {
    let before = problems.len();
    for (name, at) in [("start", start), ("end", end)] {
        let field = format!("{of}{name}");
        if at < Timestamp::UNIX_EPOCH {
            problems.push(ChangeProblem::BeforeClocks { field, at });
        } else if at.subsec_nanosecond() != 0 {
            problems.push(ChangeProblem::Fraction { field, at });
        }
    }
    if problems.len() > before {
        return;
    }
    if end <= start {
        problems.push(ChangeProblem::NoTime { field: format!("{of}end"), start, end });
        return;
    }
    let days = (end.as_second() - start.as_second()) / 86_400;
    if days > LONGEST_DAYS {
        problems.push(ChangeProblem::TooLong { days });
    }
}

fn downtime(problems: &mut Vec<ChangeProblem>, change: &Change) -> Option<i64> {
    let downtime = change.downtime?;
    let Duration::Elapsed { seconds } = downtime else {
        problems.push(ChangeProblem::BusinessDays);
        return None;
    };
    let length = change.end.0.as_second().saturating_sub(change.start.0.as_second());
    if length > 0 && seconds > length {
        problems.push(ChangeProblem::LongDowntime { downtime });
    }
    Some(seconds)
}

/// Where the change happens. Nobody makes a change of production one of staging by writing so.
fn environment(
    problems: &mut Vec<ChangeProblem>,
    asked: Option<Environment>,
    item: Option<&Entry<ConfigurationItem>>,
) -> Environment {
    match (asked, item) {
        (Some(asked), Some(item)) if asked != item.environment => {
            let item_id = item.id.to_string();
            problems.push(ChangeProblem::OtherEnvironment { item: item_id, own: item.environment, asked });
            asked
        }
        (Some(asked), _) => asked,
        (None, Some(item)) => item.environment,
        (None, None) => Environment::Production,
    }
}

/// The service of the change, which can follow from its item.
fn item_service<'a>(
    engine: &Engine<'a>,
    change: &Change,
    item: Option<&Entry<ConfigurationItem>>,
    service: Option<&'a Entry<Service>>,
    problems: &mut Vec<ChangeProblem>,
) -> Option<&'a Entry<Service>> {
    match service_of(engine.rulebook(), item, (change.service.as_ref(), service)) {
        Ok(found) => {
            if let (Some(item), Some(service)) = (item, service) {
                matters_most(engine.rulebook(), service, item, problems);
            }
            return found;
        }
        Err((item, NotOnItem::Several(known))) => {
            problems.push(ChangeProblem::SeveralServices { item, known });
        }
        Err((item, NotOnItem::Other { service, known })) => {
            problems.push(ChangeProblem::OtherService { service, item, known });
        }
    }
    service
}

/// Refuses a service that matters less than another one on the item.
fn matters_most(
    rulebook: &Rulebook,
    service: &Entry<Service>,
    item: &Entry<ConfigurationItem>,
    problems: &mut Vec<ChangeProblem>,
) {
    let services = services_on(rulebook, item.id.as_str());
    // What is changed matters as much as the most critical of what runs on it.
    let rank = |id: &str| {
        let tier = rulebook.services.get(id).and_then(|service| service.tier.as_ref());
        tier.and_then(|tier| rulebook.tiers.get(tier.as_str())).map_or(u32::MAX, |tier| tier.rank)
    };
    let is_offered = |id: &&&str| {
        rulebook.services.get(id).is_some_and(|service| service.lifecycle != Some(Lifecycle::Retired))
    };
    let highest = services.iter().filter(is_offered).map(|id| rank(id)).min();
    if highest.is_some_and(|highest| rank(service.id.as_str()) > highest) {
        let most: BTreeSet<&str> = services.iter().copied().filter(|id| Some(rank(id)) == highest).collect();
        let (service, item) = (service.id.to_string(), item.id.to_string());
        problems.push(ChangeProblem::LesserService { service, item, known: names(&most) });
    }
}

/// Nobody makes a change of production one of staging by writing so: where it is known on what a service runs, the item
/// says where that is.
fn claimed(
    rulebook: &Rulebook,
    asked: Environment,
    service: &Entry<Service>,
    problems: &mut Vec<ChangeProblem>,
) {
    if asked == Environment::Production {
        return;
    }
    // What a service needs is what it runs on, where it has nothing of its own.
    let needed = needed_services(rulebook, service.id.as_str()).into_iter();
    let own =
        needed.filter_map(|id| rulebook.services.get(id)).flat_map(|one| &one.value.configuration_items);
    let items: BTreeSet<&str> = own.flat_map(|own| needed_items(rulebook, own.as_str())).collect();
    if items.is_empty() {
        return;
    }
    let items = items.iter().filter_map(|id| rulebook.configuration_items.get(id));
    let there = items.filter(|item| item.environment == asked);
    let known = there.take(SHOWN).map(|item| format!("`{}`", item.id)).collect();
    problems.push(ChangeProblem::ClaimedEnvironment { asked, known });
}

fn names(services: &BTreeSet<&str>) -> Vec<String> {
    services.iter().map(|service| format!("`{service}`")).collect()
}
