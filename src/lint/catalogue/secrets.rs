//! Secrets in documents and settings. Git never forgets them.

use rayon::prelude::*;
use serde::Serialize;

use super::{
    secret_shapes::{in_text, in_value},
    strings,
};
use crate::{
    diag::{Code, code},
    lint::{Context, Location},
    model::{Document, Entry, Objects, Origin},
};

/// A secret.
pub(super) static SECRET: Code =
    code!("GS2091", "secret-in-document", Error, "a password, key or token is written into a document");

/// A secret, where it stands, and what holds it.
struct Found {
    place: Location,
    message: String,
}

pub(super) fn secret(context: &mut Context<'_>) {
    macro_rules! all {
        ($($objects:ident),+ $(,)?) => {
            vec![$(look(&context.rulebook.$objects, |_| true)),+]
        };
    }
    let mut found: Vec<Vec<Found>> = all![
        teams,
        tenants,
        channels,
        tiers,
        categories,
        services,
        configuration_items,
        request_types,
        bundles,
        articles,
        automations,
        calendars,
        slas,
        olas,
        supplier_contracts,
        workflows,
        access,
        guardrails,
        sods,
        change_models,
        priority_matrices,
        major_incidents,
        escalations,
        routings,
        exceptions,
        controls,
        governances,
        ai_policies,
        metrics,
        grants,
        reviews,
        scenarios,
    ];
    // Directories are long and hold names and dates; only what people write about accounts is looked at.
    found.push(look(&context.rulebook.people, |person| !person.employment.is_human()));
    // The settings are the first file that is read, and their fields start at its root.
    let settings = |pointer: &str| Location::Field {
        origin: Origin::default(),
        pointer: pointer.to_owned(),
        key: false,
    };
    let mut in_settings = Vec::new();
    strings::each(&context.rulebook.settings, &mut |pointer, key, text| {
        if let Some(what) = in_value(key, text).or_else(|| in_text(text)) {
            in_settings.push(Found { place: settings(pointer), message: format!("gitsm.toml holds {what}") });
        }
    });
    found.push(in_settings);
    for Found { place, message } in found.into_iter().flatten() {
        context
            .report(place, message)
            .label("everybody who can read the repository can use it, now and later")
            .help("change the secret where it is used, then write here where it is kept");
    }
}

fn look<T: Document + Serialize>(objects: &Objects<T>, wanted: fn(&T) -> bool) -> Vec<Found> {
    let entries: Vec<&Entry<T>> = objects.iter().filter(|entry| wanted(&entry.value)).collect();
    entries.into_par_iter().flat_map_iter(in_object).collect()
}

fn in_object<T: Document + Serialize>(entry: &Entry<T>) -> Vec<Found> {
    let mut found = Vec::new();
    strings::each(&entry.value, &mut |pointer, key, text| {
        if let Some(what) = in_value(key, text).or_else(|| in_text(text)) {
            let message = format!("the {} `{}` holds {what}", T::KIND.name(), entry.id);
            found.push(Found { place: entry.at(pointer), message });
        }
    });
    found
}
