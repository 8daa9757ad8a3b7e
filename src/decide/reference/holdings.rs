//! What somebody holds, and what they have asked for.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::{
    conditions::holds,
    conditions::of_person,
    people::records,
    steps::{Bundles, Case, Time, answer_while, overlap},
};
use crate::model::{
    Entry, Ref,
    bundle::Bundle,
    grant::{Grant, GrantState},
    request::Request,
};

impl<'a> Case<'a> {
    pub(super) fn held(&self) -> Vec<(String, Time)> {
        let mut held = self.by_ledger();
        // What comes with what they are is held as long as they are here; what is asked for is not held yet.
        let end = self.beneficiary.end.map(|end| self.after(end.0));
        for bundle in self.theirs() {
            let each = bundle.entitlements.iter();
            held.extend(each.map(|item| (item.to_string(), (Timestamp::MIN, end))));
        }
        held
    }

    /// The bundles that come with what they are, but one that is asked for.
    fn theirs(&self) -> Vec<&'a Entry<Bundle>> {
        let asked = |bundle: &&Entry<Bundle>| self.bundle.is_none_or(|asked| asked.id != bundle.id);
        self.book.bundles.iter().filter(|bundle| self.is_theirs(bundle)).filter(asked).collect()
    }

    fn by_ledger(&self) -> Vec<(String, Time)> {
        let grants = self.book.grants.iter();
        let theirs = grants.filter(|grant| *grant.beneficiary.id() == self.beneficiary.id);
        let kept = theirs.filter(|grant| grant.state == GrantState::Active);
        kept.map(|grant| {
            let end = self.ends(grant);
            (grant.entitlement.to_string(), (self.midnight(grant.start.0), end))
        })
        .collect()
    }

    /// The beneficiary under the other names that they have.
    fn namesakes(&self) -> Vec<Case<'a>> {
        let names = records(self, self.beneficiary.id.as_str());
        let others = names.into_iter().filter(|name| *name != self.beneficiary.id.as_str());
        let people = others.map(|name| self.book.people.get(&name).unwrap());
        people.map(|beneficiary| Case { beneficiary, bundle: None, ..*self }).collect()
    }

    /// What the same human being holds under other names.
    pub(super) fn elsewhere(&self) -> Vec<(String, Time)> {
        self.namesakes().iter().flat_map(Case::held).collect()
    }

    /// What the ledger says was asked for before something, under whatever name, and is not decided.
    pub(super) fn waiting(&self, item: &str) -> Vec<String> {
        // What comes with a bundle is decided without what nobody agreed to yet.
        if self.bundles != Bundles::AsDecided {
            return Vec::new();
        }
        let mut before = self.now;
        let asked = |grant: &Grant| grant.asked.as_ref().map(|asked| asked.at.0);
        let requested = self.requested();
        for grant in requested.iter().filter(|grant| grant.entitlement.to_string() == item) {
            before = before.min(asked(grant).unwrap_or(before));
        }
        let all = requested
            .into_iter()
            .chain(self.namesakes().iter().flat_map(Case::requested).collect::<Vec<_>>());
        let earlier = all.filter(|grant| asked(grant).is_none_or(|at| at <= before));
        earlier.map(|grant| grant.entitlement.to_string()).collect()
    }

    fn requested(&self) -> Vec<&'a Grant> {
        let grants = self.book.grants.iter().filter(|grant| grant.state == GrantState::Requested);
        let theirs = grants.filter(|grant| *grant.beneficiary.id() == self.beneficiary.id);
        theirs.map(|grant| &grant.value).collect()
    }

    /// Whether a bundle comes with what the beneficiary is.
    pub(super) fn is_theirs(&self, bundle: &Entry<Bundle>) -> bool {
        holds(&bundle.when, &|_, name| of_person(self, self.beneficiary, name))
    }

    /// What is held now, where a rule asks that: everything by the ledger, and of bundles what nobody has to agree to.
    pub(super) fn held_now(&self) -> BTreeSet<String> {
        match self.bundles {
            Bundles::All => self.now(self.held()),
            Bundles::Nothing => self.now(self.by_ledger()),
            // What is unclear does not matter here: a rule that it matters to is not decided about.
            Bundles::AsDecided => self.given().unwrap_or_else(|| self.now(self.held())),
        }
    }

    fn now(&self, held: Vec<(String, Time)>) -> BTreeSet<String> {
        let at = (self.now, Some(self.now + SignedDuration::from_secs(1)));
        held.into_iter().filter(|(_, time)| overlap(*time, at)).map(|(item, _)| item).collect()
    }

    /// What is theirs for sure; nothing when nobody knows.
    pub(super) fn given(&self) -> Option<BTreeSet<String>> {
        let mut found = self.now(self.by_ledger());
        let here: BTreeSet<String> = self.now(self.held());
        for bundle in self.theirs() {
            let request = Request {
                bundle: Some(Ref::new(bundle.id.clone())),
                ..Request::of(Ref::new(self.beneficiary.id.clone()))
            };
            let [one, other] = [Bundles::All, Bundles::Nothing]
                .map(|bundles| answer_while(self.book, &request, self.now, bundles).at_once);
            for item in bundle.entitlements.iter().map(ToString::to_string).filter(|item| here.contains(item))
            {
                if one.contains(&item) != other.contains(&item) {
                    return None;
                }
                if one.contains(&item) {
                    found.insert(item);
                }
            }
        }
        Some(found)
    }
}
