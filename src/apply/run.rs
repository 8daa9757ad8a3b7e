//! The operations of a plan, one after the other.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use super::{
    fault,
    journal::{Entry, Journal, Outcome, idempotency_key},
    state::settle,
};
use crate::{
    plan::{Desired, Key, Ledger, Operation, Plan},
    target::{Step, TargetError, Writer},
};

/// How many intents go to the disk together. Each is there before its operation is tried.
const TOGETHER: usize = 64;

/// What came of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// It was done, and read back.
    Done,
    /// It was not done.
    Failed(String),
    /// It was not tried, because this was not done.
    Skipped(Key),
}

/// What came of all operations.
#[derive(Debug, Default)]
pub struct Results {
    /// By object, those that were come to.
    pub done: BTreeMap<Key, Done>,
    /// Why it ended early: without a journal nothing is done.
    pub stopped: Option<io::Error>,
}

/// Does the operations of a plan. Each is in the journal before it is tried, and read back after. What fails is noted, what
/// needs it is skipped, and the rest goes on, as long as `may` says that the lock is still held.
pub fn run(
    plan: &Plan,
    desired: &Desired,
    writer: &mut dyn Writer,
    journal: &mut Journal,
    ledger: &mut Ledger,
    may: &dyn Fn() -> io::Result<()>,
    watch: &mut dyn FnMut(usize, usize),
) -> Results {
    let mut results = Results::default();
    let mut lost: BTreeSet<Key> = BTreeSet::new();
    let mut number = 0;
    for together in plan.operations.chunks(TOGETHER) {
        let intents: Vec<Entry> = together.iter().map(|operation| intent(plan, operation)).collect();
        fault::point("before-intent");
        if let Err(error) = journal.add(&intents, true) {
            results.stopped = Some(error);
            return results;
        }
        fault::point("intended");
        for operation in together {
            watch(number, plan.operations.len());
            number += 1;
            if let Err(error) = may() {
                results.stopped = Some(error);
                return results;
            }
            let done = match operation.needs.iter().find(|need| lost.contains(need)) {
                Some(need) => Done::Skipped(need.clone()),
                None => perform(plan, desired, operation, writer),
            };
            fault::point("written");
            if let Err(error) = journal.add(&[result(plan, operation, &done)], false) {
                // It was done, or not: the next run finds out.
                results.stopped = Some(error);
            }
            fault::point("noted");
            match &done {
                Done::Done => {
                    settle(ledger, &operation.object, operation.action, operation.after.as_deref());
                }
                Done::Failed(_) | Done::Skipped(_) => {
                    lost.insert(operation.object.clone());
                }
            }
            results.done.insert(operation.object.clone(), done);
            if results.stopped.is_some() {
                return results;
            }
        }
    }
    results
}

/// Tries an operation, and looks what came of it: an answer can get lost on its way, and so can what was asked for.
fn perform(plan: &Plan, desired: &Desired, operation: &Operation, writer: &mut dyn Writer) -> Done {
    let key = idempotency_key(&plan.checksum, operation);
    let content = desired.objects.get(&operation.object).map(|wanted| &wanted.content);
    let content = content.filter(|_| operation.after.is_some());
    let step = Step { operation, content, idempotency_key: &key };
    match writer.write(&step) {
        Ok(now) if now == operation.after => Done::Done,
        Ok(_) => Done::Failed("the target says that it was done, and holds something else".to_owned()),
        Err(error) => match writer.read_back(&step) {
            Ok(now) if now == operation.after => Done::Done,
            Ok(_) => Done::Failed(words(&error)),
            Err(blind) => {
                Done::Failed(format!("{}; it cannot be read back: {}", words(&error), words(&blind)))
            }
        },
    }
}

/// A failure with its causes.
fn words(error: &TargetError) -> String {
    match error {
        TargetError::Refused { .. } | TargetError::Link { .. } | TargetError::System(_) => error.to_string(),
        TargetError::Failed { what, hint, source } => format!("{what}: {source}; {hint}"),
    }
}

fn intent(plan: &Plan, operation: &Operation) -> Entry {
    Entry::Intent {
        key: idempotency_key(&plan.checksum, operation),
        object: operation.object.clone(),
        action: operation.action,
        after: operation.after.clone(),
    }
}

fn result(plan: &Plan, operation: &Operation, done: &Done) -> Entry {
    let (outcome, reason) = match done {
        Done::Done => (Outcome::Done, None),
        Done::Failed(reason) => (Outcome::Failed, Some(reason.clone())),
        Done::Skipped(need) => (Outcome::Skipped, Some(format!("`{need}` was not done"))),
    };
    Entry::Result { key: idempotency_key(&plan.checksum, operation), outcome, reason }
}
