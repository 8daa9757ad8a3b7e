//! What must hold whatever is reviewed: a slow count beside the verdict, and changes of the facts that must not matter.

use std::{collections::BTreeSet, fmt::Write as _};

use proptest::prelude::*;

use super::{
    Proposed, Touch, Verdict,
    facts::{Account, AccountKind, Dismissal, Facts, Review, ReviewState},
    judge,
};
use crate::model::{Instant, Rulebook};

/// Six people in a team, of whom some have to agree.
fn rulebook(need: usize) -> Rulebook {
    let mut text = String::from(
        "[team.all]\nname = \"All\"\nmembers = [\"p0\", \"p1\", \"p2\", \"p3\", \"p4\", \"p5\"]\n",
    );
    for person in 0..6 {
        let _ = write!(
            text,
            "[person.p{person}]\nname = \"P\"\nemail = \"p{person}@example.com\"\naccounts = {{ github = \"p{person}\" }}\n"
        );
    }
    let _ = write!(
        text,
        "[workflow.change]\nname = \"Change\"\n[[workflow.change.stage]]\nid = \"all\"\napprovers = [\"team:all\"]\n\
         need = {need}\n[governance.rules]\n[[governance.rules.rule]]\nid = \"any\"\nworkflow = \"change\"\n"
    );
    crate::decide::testing::rulebook(&text)
}

fn instant(minute: i64) -> Instant {
    Instant(jiff::Timestamp::from_second(1_795_000_000 + minute * 60).unwrap())
}

fn account(person: usize) -> Account {
    Account { login: format!("p{person}"), id: person as u64, kind: AccountKind::User }
}

const HEAD: &str = "1111111111111111111111111111111111111111";
const OTHER: &str = "2222222222222222222222222222222222222222";
const BASE: &str = "3333333333333333333333333333333333333333";

/// Facts of a pull request that the first person opened and pushed at minute ten.
fn facts(reviews: &[Review]) -> Facts {
    let opened = account(0);
    let text = serde_json::json!({
        "format-version": 1,
        "recorded-at": instant(100).to_string(),
        "forge": "forge.example.com",
        "repository": { "id": 1, "name": "example/rulebook", "default-branch": "main" },
        "pull-request": {
            "number": 1, "state": "open", "opened-by": opened, "opened-at": instant(0).to_string(),
            "base": { "branch": "main", "commit": BASE }, "head": { "branch": "change", "commit": HEAD }
        },
        "commits": { "complete": true, "entries": [] },
        "pushes": { "complete": true, "entries": [{ "by": opened, "at": instant(10).to_string(), "commit": HEAD }] },
        "reviews": { "complete": true, "entries": reviews }
    });
    serde_json::from_value(text).unwrap()
}

fn verdict(rulebook: &Rulebook, facts: &Facts) -> Verdict {
    let touch = Touch { files: BTreeSet::from(["a".to_owned()]), ..Touch::default() };
    let gate = judge(&Proposed {
        base: Some(rulebook),
        head: Some(rulebook),
        commits: &[],
        base_commit: BASE.to_owned(),
        head_commit: HEAD.to_owned(),
        touch: &touch,
        facts: Some(facts),
        errors: 0,
        failed: Vec::new(),
        conflicts: Vec::new(),
        unplanned: Vec::new(),
        now: instant(100).0,
    });
    gate.verdict
}

/// The verdict, counted in the plainest way: what each person said last, and who of those approved this commit after it
/// was pushed.
fn counted(need: usize, reviews: &[Review]) -> Verdict {
    let mut agreed = 0;
    for person in 0..6 {
        let own = reviews.iter().filter(|review| review.by.login.eq_ignore_ascii_case(&format!("p{person}")));
        let said = own.filter(|review| {
            review.by.kind == AccountKind::User
                && !matches!(review.state, ReviewState::Commented | ReviewState::Pending)
        });
        let Some(last) = said.max_by_key(|review| (review.at, review.id)) else { continue };
        if person == 0 {
            continue;
        }
        match last.state {
            ReviewState::ChangesRequested => return Verdict::Refused,
            ReviewState::Dismissed
                if last.dismissed.as_ref().is_none_or(|one| one.was != ReviewState::Approved) =>
            {
                return Verdict::Refused;
            }
            ReviewState::Approved if last.commit.as_deref() == Some(HEAD) && last.at > instant(10) => {
                agreed += 1;
            }
            _ => {}
        }
    }
    if agreed >= need { Verdict::Pass } else { Verdict::Refused }
}

fn review() -> impl Strategy<Value = Review> {
    let state = prop_oneof![
        6 => Just(ReviewState::Approved),
        1 => Just(ReviewState::ChangesRequested),
        1 => Just(ReviewState::Commented),
        1 => Just(ReviewState::Dismissed),
        1 => Just(ReviewState::Pending),
    ];
    let commit = prop_oneof![5 => Just(Some(HEAD)), 1 => Just(Some(OTHER)), 1 => Just(None)];
    let was = prop_oneof![Just(ReviewState::Approved), Just(ReviewState::ChangesRequested)];
    let was = prop::option::of(was);
    (0..7_usize, state, commit, 5..20_i64, 0..8_u32, was).prop_map(|(person, state, commit, at, odd, was)| {
        // Whoever opened it dismissed it.
        let dismissal = |was| Dismissal { was, by: Some(account(0)) };
        let dismissed = was.filter(|_| state == ReviewState::Dismissed).map(dismissal);
        let mut by = account(person);
        match odd {
            0 => by.kind = AccountKind::Bot,
            1 => by.login = by.login.to_uppercase(),
            _ => {}
        }
        Review { id: 0, by, state, commit: commit.map(str::to_owned), at: instant(at), dismissed }
    })
}

/// Some reviews, each with a number of its own.
fn reviews() -> impl Strategy<Value = Vec<Review>> {
    prop::collection::vec(review(), 0..9).prop_map(|mut all| {
        for (id, review) in (1..).zip(&mut all) {
            review.id = id;
        }
        all
    })
}

#[test]
fn an_objection_after_enough_agreed_stops_a_change() {
    let said = |id, person, state, minute| Review {
        id,
        by: account(person),
        state,
        commit: Some(HEAD.to_owned()),
        at: instant(minute),
        dismissed: None,
    };
    let agreed = said(1, 1, ReviewState::Approved, 12);
    let rulebook = rulebook(1);
    assert_eq!(verdict(&rulebook, &facts(std::slice::from_ref(&agreed))), Verdict::Pass);
    let objected = said(2, 2, ReviewState::ChangesRequested, 14);
    assert_eq!(verdict(&rulebook, &facts(&[agreed, objected])), Verdict::Refused);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_verdict_is_what_a_plain_count_says(need in 1..4_usize, reviews in reviews()) {
        let rulebook = rulebook(need);
        prop_assert_eq!(verdict(&rulebook, &facts(&reviews)), counted(need, &reviews));
    }

    #[test]
    fn the_order_in_which_a_forge_lists_reviews_does_not_matter(
        need in 1..4_usize,
        (reviews, shuffled) in reviews().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
    ) {
        let rulebook = rulebook(need);
        prop_assert_eq!(verdict(&rulebook, &facts(&reviews)), verdict(&rulebook, &facts(&shuffled)));
    }

    #[test]
    fn an_approval_more_never_takes_one_away(need in 1..4_usize, reviews in reviews(), person in 0..7_usize) {
        let rulebook = rulebook(need);
        let before = verdict(&rulebook, &facts(&reviews));
        let mut more = reviews;
        more.push(Review {
            id: 99,
            by: account(person),
            state: ReviewState::Approved,
            commit: Some(HEAD.to_owned()),
            at: instant(50),
            dismissed: None,
        });
        let after = verdict(&rulebook, &facts(&more));
        prop_assert!(after <= before, "{:?} became {:?}", before, after);
    }

    #[test]
    fn a_gap_is_never_a_pass(need in 1..4_usize, reviews in reviews(), gap in 0..5_u8) {
        let rulebook = rulebook(need);
        let mut facts = facts(&reviews);
        match gap {
            0 => facts.reviews.complete = false,
            1 => facts.pushes.complete = false,
            2 => facts.reviews.total = Some(facts.reviews.entries.len() as u64 + 1),
            3 => facts.pushes.entries.clear(),
            _ => facts.pull_request.opened_by.login = "stranger".to_owned(),
        }
        prop_assert_eq!(verdict(&rulebook, &facts), Verdict::Indeterminate);
    }
}
