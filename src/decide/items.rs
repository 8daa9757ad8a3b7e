//! Configuration items: what runs on them and what they need.

use std::collections::BTreeSet;

use crate::model::{
    Document, Entry, Id, Ref, Rulebook, configuration_item::ConfigurationItem, service::Service,
};

/// Why the service of a ticket about an item is not known.
#[derive(Debug)]
pub(super) enum NotOnItem {
    /// The service that the ticket names does not run on the item, and these do.
    Other {
        /// The service.
        service: String,
        /// Those that do.
        known: Vec<String>,
    },
    /// The ticket names no service, and all of these run on the item.
    Several(Vec<String>),
}

/// The service of a ticket, which can follow from the item that it names: the one that it names as well, if it runs on the
/// item, and else the only one that does. Rules about services hold for it, too.
///
/// `written` is what it says, and `named` the service of that name.
///
/// # Errors
/// Which item it is that says otherwise.
pub(super) fn service_of<'a>(
    rulebook: &'a Rulebook,
    item: Option<&Entry<ConfigurationItem>>,
    (written, named): (Option<&Ref<Service>>, Option<&'a Entry<Service>>),
) -> Result<Option<&'a Entry<Service>>, (String, NotOnItem)> {
    // A service that is not there stands for no other one.
    match item.filter(|_| named.is_some() || written.is_none()) {
        None => Ok(named),
        Some(item) => service_on(rulebook, item, named).map_err(|why| (item.id.to_string(), why)),
    }
}

fn service_on<'a>(
    rulebook: &'a Rulebook,
    item: &Entry<ConfigurationItem>,
    named: Option<&'a Entry<Service>>,
) -> Result<Option<&'a Entry<Service>>, NotOnItem> {
    let services = services_on(rulebook, item.id.as_str());
    let all = || services.iter().map(|service| format!("`{service}`")).collect();
    let mut each = services.iter();
    match (named, each.next(), each.next()) {
        (Some(named), Some(_), _) if !services.contains(named.id.as_str()) => {
            Err(NotOnItem::Other { service: named.id.to_string(), known: all() })
        }
        (Some(named), ..) => Ok(Some(named)),
        (None, Some(only), None) => Ok(rulebook.services.get(only)),
        (None, Some(_), Some(_)) => Err(NotOnItem::Several(all())),
        (None, None, _) => Ok(None),
    }
}

/// Whether an item is another or cannot work without it.
pub(super) fn needs(rulebook: &Rulebook, item: &str, other: &str) -> bool {
    needed_items(rulebook, item).contains(other)
}

/// An item and every item that it cannot work without.
pub(super) fn needed_items<'r>(rulebook: &'r Rulebook, item: &'r str) -> BTreeSet<&'r str> {
    let items = &rulebook.configuration_items;
    closure(item, |item| items.get(item).map_or(&[][..], |entry| &entry.value.depends_on))
}

/// A service and every service that it cannot work without.
pub(super) fn needed_services<'r>(rulebook: &'r Rulebook, service: &'r str) -> BTreeSet<&'r str> {
    closure(service, |service| {
        rulebook.services.get(service).map_or(&[][..], |entry| &entry.value.depends_on)
    })
}

/// Something and everything that it needs, directly or by what it needs. Items that need each other end it, too.
fn closure<'r, T: Document + 'r>(first: &'r str, needs: impl Fn(&str) -> &'r [Ref<T>]) -> BTreeSet<&'r str> {
    let mut found = BTreeSet::from([first]);
    let mut left = vec![first];
    while let Some(one) = left.pop() {
        for needed in needs(one) {
            if found.insert(needed.as_str()) {
                left.push(needed.as_str());
            }
        }
    }
    found
}

/// The services that run on an item, or on something that cannot work without it.
pub(super) fn services_on<'r>(rulebook: &'r Rulebook, item: &str) -> BTreeSet<&'r str> {
    let on = |known: &&'r Entry<Service>| {
        known.value.configuration_items.iter().any(|own| needs(rulebook, own.as_str(), item))
    };
    rulebook.services.iter().filter(on).map(|service| service.id.as_str()).collect()
}

/// Whether a ticket can name an item beside a service, or beside none, and is about just these.
#[must_use]
pub fn can_stand_beside(rulebook: &Rulebook, item: &Id, service: Option<&Id>) -> bool {
    let services = services_on(rulebook, item.as_str());
    services.is_empty() || service.is_some_and(|service| services.contains(service.as_str()))
}
