//! Decisions that were made before: requests about which every rule says the same need not be decided one by one.
//!
//! Requests are divided into the classes that all rules of a rulebook tell apart. Of a class in which nobody is asked,
//! the first decision is the decision about all. Where people are asked, it is the decision about the same people on the
//! days on which the same people can act. Deadlines are counted anew for each request. Whatever this does not cover is
//! decided in full: rulebooks with exceptions or with rules that are only tried out, bundles and forms, and what the
//! classifier does not cover.

use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
};

use jiff::{Timestamp, civil::Date};

use super::gist::{Gist, same_people};
use crate::{
    decide::{
        access::decide,
        classifier::{Class, Classifier},
        decision::Decision,
        engine::Engine,
        peers::History,
    },
    model::{Rulebook, access::Mode, request::Request, scenario::Verdict},
};

/// The most decisions that are kept, so that memory does not grow with the file.
const MOST: usize = 65_536;

/// Why a request is denied, where that has nothing to do with who the people are.
const FOR_ALL: [&str; 6] =
    ["rule", "no-rule-matched", "no-end", "missing-evidence", "service-not-offered", "not-requestable"];

/// Decisions that were made before.
pub(super) struct Memo<'e, 'a> {
    classifier: Classifier<'e, 'a>,
    kept: RwLock<Kept<'a>>,
}

#[derive(Default)]
struct Kept<'a> {
    gists: Vec<Arc<Gist<'a>>>,
    /// By class, where it does not matter who the people are.
    plain: HashMap<Class, usize>,
    /// By class and people, with the days for which it holds.
    personal: HashMap<(Class, (u32, u32)), Vec<Days>>,
}

/// Days on which a decision holds: the first, the first after them, and its place.
type Days = (Date, Date, usize);

/// A decision that was found or made.
pub(super) enum Decided<'a> {
    /// It was made before; its place among all.
    Before(usize, Arc<Gist<'a>>),
    /// It had to be made.
    Anew(Box<Decision<'a>>),
}

impl<'e, 'a> Memo<'e, 'a> {
    /// The decisions of an engine that knows no guests; none when nothing can be kept.
    pub(super) fn new(engine: &'e Engine<'a>) -> Option<Self> {
        can_keep(engine.rulebook())
            .then(|| Self { classifier: Classifier::new(engine), kept: RwLock::default() })
    }

    /// What is decided about a request.
    pub(super) fn decide(
        &self,
        request: &Request,
        at: Timestamp,
        history: Option<&dyn History>,
    ) -> Decided<'a> {
        let engine = self.classifier.engine();
        let anew = || Box::new(decide(engine, request, at, history));
        let Ok(interned) = self.classifier.intern(request, at, history) else { return Decided::Anew(anew()) };
        let Some(class) = interned.class() else { return Decided::Anew(anew()) };
        let people = interned.people();
        let today = interned.today();
        let key = (class, people);
        if let Some((place, gist)) = self.kept.read().ok().and_then(|kept| kept.find(&key, today)) {
            return Decided::Before(place, gist);
        }
        let decision = anew();
        if self.classifier.classify(&interned).is_ok() {
            self.keep(key, today, &decision, request);
        }
        Decided::Anew(decision)
    }

    fn keep(&self, key: (Class, (u32, u32)), today: Date, decision: &Decision<'a>, request: &Request) {
        let engine = self.classifier.engine();
        let for_all = match decision.verdict {
            Verdict::Approved => true,
            Verdict::Denied => decision.denials.iter().all(|denial| FOR_ALL.contains(&denial.name())),
            Verdict::NeedsApproval => false,
            Verdict::Invalid => return,
        };
        let days = || {
            let beneficiary = decision.beneficiary?;
            let requester = engine.person(request.requester.as_str())?;
            same_people(decision, engine, [requester, beneficiary], today)
        };
        let days = match (for_all, decision.verdict) {
            (true, _) => None,
            (false, Verdict::NeedsApproval) => match days() {
                Some(days) => Some(days),
                None => return,
            },
            (false, _) => return,
        };
        let Ok(mut kept) = self.kept.write() else { return };
        // Somebody else may have been faster, and the memory has an end.
        if kept.find(&key, today).is_some() || kept.gists.len() >= MOST {
            return;
        }
        let place = kept.gists.len();
        kept.gists.push(Arc::new(Gist::of(decision)));
        match days {
            None => {
                kept.plain.insert(key.0, place);
            }
            Some((from, until)) => kept.personal.entry(key).or_default().push((from, until, place)),
        }
    }

    /// Every decision that was kept, by its place.
    pub(super) fn gists(&self) -> Vec<Arc<Gist<'a>>> {
        self.kept.read().map(|kept| kept.gists.clone()).unwrap_or_default()
    }

    /// The engine that decides in full.
    pub(super) fn engine(&self) -> &'e Engine<'a> {
        self.classifier.engine()
    }
}

impl<'a> Kept<'a> {
    fn find(&self, key: &(Class, (u32, u32)), today: Date) -> Option<(usize, Arc<Gist<'a>>)> {
        let personal = || {
            let days =
                self.personal.get(key)?.iter().find(|(from, until, _)| *from <= today && today < *until)?;
            Some(days.2)
        };
        let place = self.plain.get(&key.0).copied().or_else(personal)?;
        Some((place, Arc::clone(self.gists.get(place)?)))
    }
}

/// Whether decisions of a rulebook can be kept: exceptions depend on the person and the day, and what rules do that are
/// only tried out is counted as well.
fn can_keep(rulebook: &Rulebook) -> bool {
    let enforced = |mode: Mode| mode == Mode::Enforce;
    rulebook.exceptions.is_empty()
        && rulebook.access.iter().all(|policy| policy.value.rule.iter().all(|rule| enforced(rule.mode)))
        && rulebook.guardrails.iter().all(|guardrail| enforced(guardrail.value.mode))
        && rulebook.sods.iter().all(|sod| enforced(sod.value.mode))
}
