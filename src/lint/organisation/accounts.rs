//! The accounts that people have elsewhere.

use std::collections::BTreeMap;

use crate::{
    diag::{Code, code},
    lint::Context,
    model::{Entry, Id, person::Person},
};

/// An account that says nothing about who uses it.
pub(super) static SHARED: Code =
    code!("GS2116", "shared-account", Warning, "several people have the same account");

pub(super) fn shared(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let mut seen: BTreeMap<(&Id, String), &Entry<Person>> = BTreeMap::new();
    // Those who left as well: who approved with the account at the time is asked later.
    for person in &rulebook.people {
        for (name, account) in &person.accounts {
            let key = (name, account.trim().to_lowercase());
            let Some(first) = seen.get(&key) else {
                seen.insert(key, person);
                continue;
            };
            context
                .report(
                    person.at(format!("/accounts/{name}")),
                    format!("`{}` and `{}` have the same `{name}` account", first.id, person.id),
                )
                .label("the second one")
                .related(first.at(format!("/accounts/{name}")), "the first one")
                .help("let it belong to one of them: what is done with it counts for nobody otherwise");
        }
    }
}
