//! How earlier requests of a file were decided, for conditions over `peers.approved` and `peers.denied`.

use std::collections::HashMap;

use crate::{
    decide::{engine::Engine, peers::History},
    model::{EntitlementRef, Entry, Rulebook, condition::Condition, person::Person},
};

/// How often requests were approved and denied, by what was asked for and what those who got it have in common.
#[derive(Debug, Default)]
pub(super) struct Record {
    counts: HashMap<EntitlementRef, HashMap<Vec<String>, (u64, u64)>>,
}

impl Record {
    /// Notes how a request was decided.
    pub(super) fn add(
        &mut self,
        engine: &Engine<'_>,
        person: &Entry<Person>,
        entitlements: &[EntitlementRef],
        approved: bool,
    ) {
        let Some(values) = engine.peers().values(engine, person) else { return };
        for entitlement in entitlements {
            if !self.counts.contains_key(entitlement) {
                self.counts.insert(entitlement.clone(), HashMap::new());
            }
            let Some(groups) = self.counts.get_mut(entitlement) else { continue };
            let (yes, no) = groups.entry(values.clone()).or_default();
            *(if approved { yes } else { no }) += 1;
        }
    }
}

impl History for Record {
    fn decided(&self, peer_values: &[String], entitlement: &EntitlementRef) -> (u64, u64) {
        let groups = self.counts.get(entitlement);
        groups.and_then(|groups| groups.get(peer_values)).copied().unwrap_or_default()
    }
}

/// Whether anything that a rulebook decides depends on how earlier requests were decided.
pub(super) fn depends_on_history(rulebook: &Rulebook) -> bool {
    let mut depends = false;
    let mut look = |condition: &Condition| {
        condition.tests(&mut |test, _| {
            depends |= &*test.namespace == "peers" && matches!(&*test.name, "approved" | "denied");
        });
    };
    for policy in &rulebook.access {
        policy.value.rule.iter().for_each(|rule| look(&rule.when));
    }
    rulebook.guardrails.iter().for_each(|guardrail| look(&guardrail.value.when));
    rulebook
        .request_types
        .iter()
        .filter_map(|one| one.value.available_when.as_ref())
        .for_each(|when| look(when));
    depends
}
