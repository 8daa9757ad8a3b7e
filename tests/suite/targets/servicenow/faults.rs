//! What goes wrong on the way to an instance, and what it hides.

use std::{
    collections::BTreeSet,
    io::{BufRead as _, BufReader},
    process::Stdio,
    sync::atomic::Ordering,
};

use super::{
    super::{CLOCK, NOW, proxy::Fault},
    Fake, TOKEN, apply, behind, fake, is_settled, plan, repository, settle,
};
use crate::support::{Repository, command, run};

/// Rows that are called the same within what they belong to.
fn twice(fake: &Fake) -> Vec<String> {
    let state = fake.state();
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for (table, rows) in &state.tables {
        for row in rows.values() {
            let of =
                |names: &[&str]| names.iter().filter_map(|name| row.get(*name)).cloned().collect::<Vec<_>>();
            let mut named = of(&[
                "name",
                "title",
                "short_description",
                "user",
                "value",
                "user_criteria",
                "start_date_time",
            ]);
            named.extend(of(&[
                "cat_item",
                "group",
                "question",
                "sc_cat_item",
                "schedule",
                "type",
                "days_of_week",
            ]));
            if !named.is_empty() && !seen.insert((table.clone(), named.clone())) {
                found.push(format!("{table} {named:?}"));
            }
        }
    }
    found
}

#[test]
fn whatever_goes_wrong_on_the_way_the_same_commands_again_end_well() {
    // How many writes a whole apply is, and how many rows it makes.
    let fake = Fake::start();
    let (proxy, first) = behind(&fake);
    let before = fake.state().count();
    settle(&first);
    let (writes, rows) = (proxy.writes.load(Ordering::SeqCst), fake.state().count());
    assert_eq!(writes, rows - before, "one write for each row, and none more");
    for honours in [true, false] {
        for fault in
            [Fault::LostReply, Fault::Status("500 Oops"), Fault::Truncated, Fault::Status("403 Forbidden")]
        {
            for at in [1, writes / 2, writes] {
                let fake = Fake::start();
                fake.state().honours = honours;
                let (proxy, repository) = behind(&fake);
                let planned = plan(&repository, &[]);
                assert_eq!(planned.status, 0, "{planned:?}");
                proxy.fail(at, fault);
                let run = apply(&repository, &[]);
                assert!(matches!(run.status, 0 | 5), "{fault:?} at {at}: {run:?}");
                assert!(proxy.failed.load(Ordering::SeqCst), "{fault:?} at {at} happened");
                settle(&repository);
                assert_eq!(twice(&fake), Vec::<String>::new(), "{fault:?} at {at}");
                assert_eq!(fake.state().count(), rows, "{fault:?} at {at}");
            }
        }
    }
}

#[test]
fn a_killed_apply_goes_on_and_makes_nothing_twice() {
    for point in ["intended:1", "written:2", "noted:6", "written:20", "finished:1"] {
        let fake = Fake::start();
        let repository = repository(&fake.address());
        assert_eq!(plan(&repository, &[]).status, 0);
        let mut child = command(&["apply", "plan.json", "--now", NOW], repository.path())
            .env("NOW_TOKEN", TOKEN)
            .env(CLOCK, NOW)
            .env("GITSM_STOP_AT", point)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap() == format!("stopped at {point}")), "it comes to {point}");
        child.kill().unwrap();
        child.wait().unwrap();
        let run = apply(&repository, &[]);
        assert_eq!(run.status, 0, "{point}: {run:?}");
        is_settled(&repository);
        assert_eq!(twice(&fake), Vec::<String>::new(), "{point}");
    }
}

#[test]
fn wrong_tokens_names_and_answers_say_what_to_do_and_nothing_is_planned() {
    for (status, words) in [
        ("401 Unauthorized", "does not know the token (401)"),
        ("403 Forbidden", "the token may not do this (403)"),
        ("404 Not Found", "there is nothing there (404)"),
        ("429 Too Many Requests", "too many requests"),
        ("500 Oops", "the system failed (500)"),
        ("302 Found", "sends elsewhere"),
    ] {
        let fake = Fake::start();
        let (proxy, repository) = behind(&fake);
        proxy.refuse(status);
        let run = plan(&repository, &[]);
        assert_eq!(run.status, 2, "{run:?}");
        assert!(run.stderr.contains(words), "{status}: {}", run.stderr);
        assert!(!repository.path().join("plan.json").exists(), "{status}");
    }
    let fake = Fake::start();
    let repository = repository(&fake.address());
    let mut other = command(&["plan", "--target", "now", "--now", NOW], repository.path());
    other.env("NOW_TOKEN", "another");
    let refused = run(other);
    assert!(refused.status == 2 && refused.stderr.contains("(401)"), "{refused:?}");
    let settings = repository.read("gitsm.toml");
    for (from, to, words) in [
        ("options.knowledge-base = \"dfc1", "options.knowledge-base = \"Dfc1", "which is no `sys_id`"),
        (
            "options.knowledge-base",
            "options.knowledge",
            "an option `knowledge` that ServiceNow has no use for",
        ),
        ("token-variable = \"NOW_TOKEN\"\n", "", "does not say in one way where its token is"),
    ] {
        repository.write("gitsm.toml", settings.replace(from, to));
        let run = plan(&repository, &[]);
        assert!(run.status == 4 && run.stderr.contains(words), "{to}: {run:?}");
    }
    let outside =
        settings.replace("type = \"servicenow\"", "type = \"servicenow\"\nfolder = \"../elsewhere\"");
    repository.write("gitsm.toml", outside);
    let run = plan(&repository, &[]);
    assert!(run.status == 1 && run.stderr.contains("leads upwards with `..`"), "{run:?}");
    let without = settings.lines().filter(|line| !line.starts_with("url")).collect::<Vec<_>>().join("\n");
    repository.write("gitsm.toml", without);
    let run = plan(&repository, &[]);
    assert!(run.status == 1 && run.stderr.contains("does not say where the system is"), "{run:?}");
    repository.write("gitsm.toml", settings);
    assert_eq!(plan(&repository, &[]).status, 0);
}

#[test]
fn rows_that_do_not_come_are_never_taken_for_rows_that_are_not_there() {
    let fake = Fake::start();
    let repository = repository(&fake.address());
    settle(&repository);
    let hidden = fake.state().one("sc_category", "title", "Software").0;
    fake.state().hidden.insert(hidden.clone());
    let run = plan(&repository, &[]);
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains("does not see all rows of `sc_category`: 1 of 2 came"), "{}", run.stderr);
    fake.state().hidden.clear();
    // So many that they come in pages, between which one is added.
    for number in 0..1100 {
        fake.state().insert("sc_category", &[("title", &format!("Other {number}")), ("active", "true")]);
    }
    is_settled(&repository);
    fake.state().moving = Some("sc_category");
    let run = plan(&repository, &[]);
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains("the rows of `sc_category` changed while they were read"), "{}", run.stderr);
    fake.state().moving = None;
    is_settled(&repository);
}

#[test]
fn what_is_not_written_as_asked_or_changed_meanwhile_is_said_and_stays() {
    let fake = Fake::start();
    let repository = repository(&fake.address());
    fake.state().rule = Some(("sc_category", "description", "set by a rule"));
    assert_eq!(plan(&repository, &[]).status, 0);
    let run = apply(&repository, &[]);
    assert_eq!(run.status, 5, "{run:?}");
    assert!(run.stdout.contains("`description` did not become what was asked"), "{run:?}");
    assert!(fake.state().find("sc_cat_item", "name", "Mailbox").is_empty(), "what needs it was not tried");
    fake.state().rule = None;
    settle(&repository);
    let organisation = repository.read("catalog/organisation.toml");
    repository
        .write("catalog/organisation.toml", organisation.replace("desk@example.com", "help@example.com"));
    assert_eq!(plan(&repository, &[]).status, 0);
    let desk = fake.state().one("sys_user_group", "name", "Service desk").0;
    fake.state().set("sys_user_group", &desk, "description", "by somebody else");
    let run = apply(&repository, &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert_eq!(fake.state().tables["sys_user_group"][&desk]["email"], "desk@example.com");
    settle(&repository);
    assert_eq!(fake.state().tables["sys_user_group"][&desk]["email"], "help@example.com");
}

#[test]
fn what_is_missing_or_meant_twice_is_never_guessed() {
    let planned = |change: fn(&mut fake::State)| {
        let fake = Fake::start();
        change(&mut fake.state());
        let repository = repository(&fake.address());
        let run = plan(&repository, &[]);
        (fake, repository, run)
    };
    let (_, _, run) = planned(|state| {
        for _ in 0..2 {
            state.insert("sc_cat_item", &[("name", "mailbox"), ("sys_class_name", "sc_cat_item")]);
        }
    });
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stderr.contains("`item/mailbox` is at the target twice"), "{}", run.stderr);
    let (_, _, run) = planned(|state| {
        state.insert("sys_user", &[("email", "ANA@example.com"), ("user_name", "ana2"), ("active", "true")]);
    });
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stderr.contains("`user:ana@example.com` stands for more than one row"), "{}", run.stderr);
    // The instance drops a condition on a column that it does not know, and gives everything.
    let (_, _, run) = planned(|state| state.without("sys_user", "email"));
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains("rows of `sys_user` came that were not asked for"), "{}", run.stderr);
    let (_, _, run) = planned(|state| state.tables.get_mut("sc_catalog").unwrap().clear());
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stderr.contains("which `options.catalog` names"), "{}", run.stderr);
    // A row that is not in use is not in the way, and neither is one of another class.
    let (_fake, repository, run) = planned(|state| {
        state.insert("sc_category", &[("title", "Mail"), ("active", "false")]);
        state.insert("sc_cat_item", &[("name", "Mailbox"), ("sys_class_name", "sc_cat_item_producer")]);
    });
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(apply(&repository, &[]).status, 0);
    // A department that is not there: the plan says so, and what needs it is not written.
    let (fake, repository, run) = planned(|state| state.tables.get_mut("cmn_department").unwrap().clear());
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stdout.contains("department:it is not at the instance"), "{}", run.stdout);
    let run = apply(&repository, &[]);
    assert_eq!(run.status, 5, "{run:?}");
    assert!(run.stdout.contains("needs `department:it`, which is not at the target"), "{run:?}");
    assert!(fake.state().find("sc_cat_item", "name", "Mailing list").is_empty(), "nobody may see it yet");
    assert_eq!(fake.state().find("sc_cat_item", "name", "Mailbox").len(), 1, "the rest went on");
    fake.state().insert("cmn_department", &[("id", "d-7"), ("name", "IT")]);
    settle(&repository);
    assert_eq!(fake.state().find("sc_cat_item", "name", "Mailing list").len(), 1);
}

#[test]
fn limits_and_protections_hold() {
    let fake = Fake::start();
    let repository: Repository = repository(&fake.address());
    settle(&repository);
    let settings = repository.read("gitsm.toml");
    let more = repository.read("catalog/more.toml");
    let fewer = more.split("[article.mail-setup]").next().unwrap();
    repository.write("catalog/more.toml", fewer);
    let run = plan(&repository, &[]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stdout.contains("article") && run.stdout.contains("variable"), "{}", run.stdout);
    repository.write("gitsm.toml", format!("{settings}limits.protect = [\"item/list\"]\n"));
    let run = plan(&repository, &["--max-delete-share", "100%"]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stdout.contains("item/list"), "{}", run.stdout);
    repository.write("gitsm.toml", &settings);
    let allowed = ["--max-delete-share", "100%"];
    assert_eq!(plan(&repository, &allowed).status, 0);
    assert_eq!(apply(&repository, &allowed).status, 0);
    is_settled(&repository);
    assert_eq!(fake.state().one("sc_cat_item", "name", "Mailing list").1["active"], "false");
}
