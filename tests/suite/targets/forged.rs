//! Plans that somebody edited and sealed anew: they carry nothing but what would be planned now.

use gitsm::plan::Plan;

use super::{NOW, apply, apply_at, categories, is_settled, plan, publish, repository};
use crate::support::Repository;

/// Edits `plan.json` and seals it anew.
fn forge(repository: &Repository, edit: impl FnOnce(&mut Plan)) {
    let mut plan = Plan::read(&repository.read("plan.json")).unwrap();
    edit(&mut plan);
    repository.write("plan.json", serde_json::to_string(&plan.sealed()).unwrap());
}

#[test]
fn a_plan_that_is_sealed_anew_without_a_change_holds() {
    let repository = repository();
    plan(repository.path(), &[]);
    forge(&repository, |_| {});
    assert_eq!(apply(repository.path(), &[]).status, 0);
}

#[test]
fn a_plan_that_was_reviewed_can_be_named_by_its_checksum() {
    let repository = repository();
    plan(repository.path(), &[]);
    let reviewed = Plan::read(&repository.read("plan.json")).unwrap().checksum;
    forge(&repository, |plan| plan.expires = "2026-11-22T12:00:00Z".parse().unwrap());
    let run = apply(repository.path(), &["--checksum", &reviewed]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stderr.contains("the checksum of the plan"), "{run:?}");
    plan(repository.path(), &[]);
    assert_eq!(apply(repository.path(), &["--checksum", &reviewed]).status, 0);
}

#[test]
fn no_plan_leads_to_another_folder() {
    let repository = repository();
    plan(repository.path(), &[]);
    forge(&repository, |plan| {
        plan.target.place = "elsewhere".to_owned();
        plan.target.place_was_named = true;
    });
    assert_eq!(apply(repository.path(), &[]).status, 4);
    assert!(!repository.path().join("elsewhere").exists());
    // One that was made for that folder does, where somebody says so.
    assert_eq!(plan(repository.path(), &["--folder", "elsewhere"]).status, 0);
    assert_eq!(apply(repository.path(), &["--folder", "elsewhere"]).status, 0);
}

#[test]
fn no_plan_lives_longer_than_the_settings_let_it() {
    let repository = repository();
    plan(repository.path(), &[]);
    forge(&repository, |plan| plan.expires = "2099-01-01T00:00:00Z".parse().unwrap());
    // 168 hours is what a plan lives at most where nothing else is written.
    let run = apply_at(repository.path(), "2026-11-27T12:00:00Z", &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stderr.contains("expired at 2026-11-27T12:00:00Z"), "{run:?}");
    assert_eq!(apply_at(repository.path(), "2026-11-27T11:59:59Z", &[]).status, 0);
    // And less where the settings say so.
    repository.write(
        "gitsm.toml",
        repository.read("gitsm.toml") + "\n[target.static]\ntype = \"static\"\nlimits.plan-hours = 2\n",
    );
    let run = plan(repository.path(), &["--valid-for", "3"]);
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains("target.static.limits.plan-hours"), "{run:?}");
    let services = repository.read("catalog/services.toml");
    repository.write("catalog/services.toml", services.replacen("Mailboxes and calendars", "Post", 1));
    assert_eq!(plan(repository.path(), &[]).status, 0);
    forge(&repository, |plan| plan.expires = "2026-11-20T15:00:00Z".parse().unwrap());
    assert_eq!(apply_at(repository.path(), "2026-11-20T14:00:00Z", &[]).status, 4);
    assert_eq!(apply_at(repository.path(), "2026-11-20T13:59:59Z", &[]).status, 0);
}

#[test]
fn no_plan_comes_from_the_future() {
    let repository = repository();
    plan(repository.path(), &[]);
    let run = apply_at(repository.path(), "2026-11-20T11:50:00Z", &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stderr.contains("2026-11-20T12:00:00Z") && run.stderr.contains("clock"), "{run:?}");
    // Two clocks are never quite the same.
    assert_eq!(apply_at(repository.path(), "2026-11-20T11:59:00Z", &[]).status, 0);
}

#[test]
fn what_is_said_about_a_plan_is_what_would_be_said_now() {
    let edits: [fn(&mut Plan); 6] = [
        |plan| plan.summary.total.create = 1,
        |plan| plan.summary.kinds.clear(),
        |plan| plan.constructs.clear(),
        |plan| plan.operations.reverse(),
        |plan| plan.operations[0].needs.clear(),
        |plan| plan.operations[0].name = Some("Harmless".to_owned()),
    ];
    for (number, edit) in edits.into_iter().enumerate() {
        let repository = repository();
        plan(repository.path(), &[]);
        let last = |plan: &mut Plan| {
            // The last one is the index of everything, which needs the others.
            plan.operations.rotate_right(1);
            edit(plan);
            if number != 3 {
                plan.operations.rotate_left(1);
            }
        };
        forge(&repository, last);
        let run = apply(repository.path(), &[]);
        assert_eq!(run.status, 4, "{number}: {run:?}");
        assert!(!repository.path().join("public").join("index.json").exists());
    }
}

#[test]
fn what_is_protected_where_a_plan_is_applied_stays_whatever_the_plan_says() {
    let repository = repository();
    repository.write("catalog/categories.toml", categories(2));
    publish(repository.path());
    repository.write("catalog/categories.toml", categories(1));
    assert_eq!(plan(repository.path(), &[]).status, 0);
    // The object is protected from now on, and somebody makes the plan fit the new settings.
    let settings = repository.read("gitsm.toml");
    let protect = |id: &str| {
        format!("{settings}\n[target.static]\ntype = \"static\"\nlimits.protect = [\"category/{id}\"]\n")
    };
    let configuration = |id: &str| {
        repository.write("gitsm.toml", protect(id));
        let run = plan(repository.path(), &["--out", "other.json", "--format", "json"]);
        let plan: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        plan["made-from"]["configuration"].as_str().unwrap().to_owned()
    };
    let own = configuration("extra-01");
    forge(&repository, |plan| plan.made_from.configuration = own);
    let run = apply(repository.path(), &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stderr.contains("`category/extra-01`, which is protected"), "{run:?}");
    assert!(repository.path().join("public/v1/category/extra-01.json").exists());
    // Another one that is protected is not in its way.
    let other = configuration("extra-00");
    forge(&repository, |plan| plan.made_from.configuration = other);
    assert_eq!(apply(repository.path(), &[]).status, 0);
    is_settled(repository.path());
}

#[test]
fn a_clock_that_is_said_does_not_bring_a_plan_back() {
    let repository = repository();
    plan(repository.path(), &[]);
    // `--now` of these tests is an instant at which the plan is fresh.
    let run = apply_at(repository.path(), "2027-01-01T00:00:00Z", &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stderr.contains("expired"), "{run:?}");
    assert_eq!(apply_at(repository.path(), NOW, &[]).status, 0);
    let run = apply_at(repository.path(), NOW, &[]);
    assert!(run.stderr.contains("was applied before"), "{run:?}");
}
