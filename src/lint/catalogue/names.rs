//! Things that people cannot tell apart.

use std::collections::{BTreeMap, HashMap, hash_map};

use crate::{
    diag::{Code, code},
    lint::{Context, Location},
    model::{Document, Entry, Id, Objects},
};

/// Two objects of one name.
pub(super) static SAME_NAME: Code =
    code!("GS2053", "same-name", Warning, "two objects of a kind have the same name");
/// Two entitlements that grant the same.
pub(super) static SAME_ENTITLEMENT: Code =
    code!("GS2054", "same-entitlement", Warning, "two entitlements of a service grant the same");

/// A name without what people overlook: case, and the number and sort of the gaps between words.
pub(super) fn plain(name: &str) -> String {
    let gaps = |letter: char| letter.is_whitespace() || matches!(letter, '-' | '_');
    let mut words = name.split(gaps).filter(|word| !word.is_empty());
    let mut plain = words.next().map(str::to_lowercase).unwrap_or_default();
    for word in words {
        plain.push(' ');
        plain.push_str(&word.to_lowercase());
    }
    plain
}

pub(super) fn same_name(context: &mut Context<'_>) {
    let book = context.rulebook;
    among(context, &book.services, |value| &value.name);
    among(context, &book.request_types, |value| &value.name);
    among(context, &book.bundles, |value| &value.name);
    among(context, &book.categories, |value| &value.name);
    among(context, &book.tiers, |value| &value.name);
    among(context, &book.teams, |value| &value.name);
    among(context, &book.channels, |value| &value.name);
    among(context, &book.articles, |value| &value.title);
    among(context, &book.configuration_items, |value| &value.name);
    among(context, &book.automations, |value| &value.name);
    among(context, &book.workflows, |value| &value.name);
    among(context, &book.slas, |value| &value.name);
    for service in &book.services {
        let names = service.entitlement.iter().map(|(id, entitlement)| (entitlement.name.as_str(), id));
        let place = |id: &Id| service.at(format!("/entitlement/{id}/name"));
        compare(context, "entitlements", names, |id| format!("{}/{id}", service.id), place);
    }
}

fn among<T: Document>(context: &mut Context<'_>, objects: &Objects<T>, name: fn(&T) -> &str) {
    let field = if T::KIND.name() == "article" { "/title" } else { "/name" };
    let kinds = match T::KIND.name() {
        "category" => "categories".to_owned(),
        kind => format!("{}s", kind.replace('-', " ")),
    };
    let names = objects.iter().map(|entry| (name(&entry.value), entry));
    compare(context, &kinds, names, |entry: &Entry<T>| entry.id.to_string(), |entry| entry.at(field));
}

/// Reports the second of two things of one name; `id` and `place` say what and where a thing is.
fn compare<'n, T: 'n>(
    context: &mut Context<'_>,
    kinds: &str,
    names: impl ExactSizeIterator<Item = (&'n str, &'n T)>,
    id: impl Fn(&'n T) -> String,
    place: impl Fn(&'n T) -> Location,
) {
    let mut seen: HashMap<String, &'n T> = HashMap::with_capacity(names.len());
    for (name, thing) in names {
        match seen.entry(plain(name)) {
            hash_map::Entry::Vacant(free) => {
                free.insert(thing);
            }
            hash_map::Entry::Occupied(taken) => {
                let first = *taken.get();
                let called = name.trim();
                context
                    .report(
                        place(thing),
                        format!("the {kinds} `{}` and `{}` are both called `{called}`", id(first), id(thing)),
                    )
                    .label("the second one")
                    .related(place(first), "the first one")
                    .help("give one of them a name that tells them apart, or remove it");
            }
        }
    }
}

pub(super) fn same_entitlement(context: &mut Context<'_>) {
    for service in &context.rulebook.services {
        let mut seen = BTreeMap::new();
        for (id, entitlement) in &service.entitlement {
            let mut groups: Vec<&String> = entitlement.groups.iter().collect();
            groups.sort();
            // Entitlements that do not say what they grant cannot be compared.
            if entitlement.role.is_none() && groups.is_empty() {
                continue;
            }
            let place = |id| service.at(format!("/entitlement/{id}"));
            let grants = (&entitlement.role, &entitlement.licence_tier, groups, entitlement.environment);
            if let Some(first) = seen.get(&grants) {
                context
                    .report(
                        place(id),
                        format!("the entitlements `{first}` and `{id}` of `{}` grant the same", service.id),
                    )
                    .label("the same licence, role, groups and environment")
                    .related(place(*first), "as this one")
                    .help("keep one of them, or say what makes them different");
            } else {
                seen.insert(grants, id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn names_differ_in_more_than_case_and_gaps() {
        assert_eq!(plain("Salesforce"), plain("salesforce "));
        assert_eq!(plain("Sales-Force  CRM"), plain("sales force crm"));
        assert_ne!(plain("C++"), plain("C#"));
        assert_ne!(plain("Salesforce"), plain("Sales Force"));
    }
}
