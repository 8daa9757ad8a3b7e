//! The gate: whether a change of the repository may be merged.
//!
//! Everything is judged with the rulebook of the commit that the change goes into. What the changed rulebook would say is
//! judged as well, and a change that loosens control, or changes the rules about rules, has to satisfy both. Whoever made
//! a part of the change does not approve it; a review counts for the commit that it was given for, and after the branch
//! was last moved. What is not known is never taken for agreement: the verdict is then that nobody knows.
//!
//! The rules follow the practice of tools that gate pull requests by policy and the threats that are known for them:
//! policy is taken from the base, people are counted and not accounts, programs never count.

mod ballot;
mod contributors;
pub mod facts;
mod gaps;
mod identity;
mod ledger;
mod panel;
mod rules;
mod touch;
mod verdict;
mod votes;
#[cfg(test)]
mod tests;

pub use ballot::{Ballot, Reviewed, ballot};
pub use contributors::{Contributors, Part};
pub use identity::{Directory, Unknown, Who};
pub use ledger::Proposer;
pub use panel::{NotCounted, Panel, RuleApplies, StageState, can_object};
pub use touch::{Sides, Touch, TouchedObject};
pub use verdict::{Gap, Gate, Proposed, Reason, Unplanned, Verdict, Which, judge};
pub use votes::{Refused, Why, last_moved};
