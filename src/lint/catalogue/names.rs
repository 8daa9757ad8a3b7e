//! Things that people cannot tell apart.

use std::collections::BTreeMap;

use crate::{
    diag::{Code, code},
    lint::{Context, Location},
    model::{Document, Objects},
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
    let words: Vec<String> =
        name.split(gaps).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    words.join(" ")
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
        let names = service.entitlement.iter().map(|(id, entitlement)| {
            let place = service.at(format!("/entitlement/{id}/name"));
            (entitlement.name.as_str(), format!("{}/{id}", service.id), place)
        });
        compare(context, "entitlements", names);
    }
}

fn among<T: Document>(context: &mut Context<'_>, objects: &Objects<T>, name: fn(&T) -> &str) {
    let field = if T::KIND.name() == "article" { "/title" } else { "/name" };
    let kinds = match T::KIND.name() {
        "category" => "categories".to_owned(),
        kind => format!("{kind}s"),
    };
    let names = objects.iter().map(|entry| (name(&entry.value), entry.id.to_string(), entry.at(field)));
    compare(context, &kinds, names);
}

fn compare<'n>(
    context: &mut Context<'_>,
    kinds: &str,
    names: impl Iterator<Item = (&'n str, String, Location)>,
) {
    let mut seen: BTreeMap<String, (String, Location)> = BTreeMap::new();
    for (name, id, place) in names {
        if let Some((first, there)) = seen.get(&plain(name)) {
            context
                .report(place, format!("the {kinds} `{first}` and `{id}` are both called `{}`", name.trim()))
                .label("the second one")
                .related(there.clone(), "the first one")
                .help("give one of them a name that tells them apart, or remove it");
        } else {
            seen.insert(plain(name), (id, place));
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
