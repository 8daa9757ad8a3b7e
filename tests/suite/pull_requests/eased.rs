//! What binds access besides the decisions about it: less of it needs people, more of it needs nobody.

use serde_json::{Value, json};

use super::support::{Proposal, REVIEWED, Said};
use crate::git::support::Git;

/// The file of the services.
const FILE: &str = "catalog/services.toml";

/// What is told about it.
/// What binds access less, without the ids.
fn told(said: &Said) -> Value {
    let mut eased = said.json["difference"]["decisions"]["compared"]["eased"].clone();
    for one in eased.as_array_mut().into_iter().flatten() {
        let id = one.as_object_mut().and_then(|one| one.shift_remove("fingerprint"));
        assert!(id.is_some_and(|id| id.as_str().is_some_and(|id| id.len() == 20)));
    }
    eased
}

/// A change of the services, and the same change the other way round.
fn both_ways(from: &'static str, to: &'static str) -> [Proposal; 2] {
    let as_it_was = std::cell::RefCell::new(String::new());
    let back = Proposal::after(
        |git| {
            *as_it_was.borrow_mut() = git.read(FILE);
            git.edit(FILE, from, to);
        },
        |git| git.write(FILE, as_it_was.borrow().as_str()),
    );
    [Proposal::new(|git| git.edit(FILE, from, to)), back]
}

#[test]
fn what_binds_access_less_needs_people_and_what_binds_it_more_needs_nobody() {
    let risk = "risk = \"high\"\nprivileged = true";
    for (from, to, says) in [
        (risk, "risk = \"medium\"\nprivileged = true", "its risk is said to be medium instead of high"),
        (risk, "risk = \"high\"", "it is not said to give administrative power any more"),
        (
            "recertify = \"90d\"",
            "recertify = \"180d\"",
            "somebody looks at who has it every 180d instead of every 90d",
        ),
        // A rule of the policy gives it for 30 days at most, for as long as there is that rule.
        ("max-duration = \"30d\"", "max-duration = \"60d\"", "it lasts at most 60d instead of 30d"),
    ] {
        let [less, more] = both_ways(from, to);
        let said = less.check();
        said.is("refused", &["waiting", "waiting"]);
        let expected = json!([{ "subject": "service:mail/admin", "direction": "loosens", "change": says }]);
        let touches = &said.json["touches"];
        assert_eq!((told(&said), &touches["loosens"]), (expected, &json!(true)), "{to}");
        assert_eq!((&touches["risk"], &touches["services"]), (&json!("high"), &json!(["mail"])));
        for format in ["human", "markdown", "github"] {
            let shown = less.shown(format).stdout;
            assert!(shown.contains(says), "{format}: {shown}");
        }
        less.reviewed("ben-at-work", "approved", REVIEWED).check().is("pass", &[]);
        let said = more.check();
        said.is("pass", &[]);
        assert_eq!((told(&said), &said.json["touches"]["loosens"]), (Value::Null, &json!(false)), "{to}");
    }
}

#[test]
fn who_answers_for_access_is_agreed_to_by_people() {
    // Of the entitlement, and of the service for those entitlements that name nobody themselves.
    for (from, to, entitlement) in [
        ("owner = \"team:security\"\nlicence-tier", "owner = \"team:desk\"\nlicence-tier", "admin"),
        ("owner = \"team:security\"\nlicence-tier", "licence-tier", "admin"),
        ("owner = \"team:desk\"\ntier", "owner = \"team:security\"\ntier", "user"),
    ] {
        let [there, back] = both_ways(from, to);
        for said in [there.check(), back.check()] {
            said.is("refused", &["waiting", "waiting"]);
            let told = told(&said);
            assert_eq!(told.as_array().unwrap().len(), 1, "{told:#}");
            assert_eq!(told[0]["direction"], "incomparable");
            assert_eq!(told[0]["subject"], format!("service:mail/{entitlement}"));
        }
    }
    // Said in another way, and it is the same.
    let said = Proposal::new(|git| {
        git.edit(FILE, "risk = \"low\"\nlicence", "risk = \"low\"\nowner = \"team:desk\"\nlicence");
    });
    said.check().is("pass", &[]);
}

#[test]
fn a_rule_that_decides_nothing_any_more_needs_people_also_where_no_request_shows_it() {
    let hidden = |name: &str| {
        format!(
            "[service.mail.entitlement.{name}]\nname = \"Archive\"\nrisk = \"low\"\nrole = \"{name}\"\nrequestable = false\n\
             provision = {{ method = \"manual\", team = \"desk\" }}\nremove = {{ method = \"manual\", team = \"desk\" }}\n"
        )
    };
    let duty = |mode: &'static str| {
        move |git: &Git| {
            let duty = "[sod.apart]\ndescription = \"nobody archives what they search\"\nowner = \"team:security\"\n\
                        entitlements = [\"mail/archive\", \"mail/search\"]\ndecision = \"deny\"\nrisk = \"high\"\n";
            git.write("policies/duties.toml", format!("{duty}mode = \"{mode}\"\n"));
            if !git.read(FILE).contains("archive") {
                git.write(FILE, format!("{}\n{}{}", git.read(FILE), hidden("archive"), hidden("search")));
            }
        }
    };
    for (before, after, passes) in [
        ("enforce", "warn", false),
        ("enforce", "record", false),
        ("warn", "enforce", true),
        ("warn", "record", true),
    ] {
        let proposal = Proposal::after(duty(before), duty(after));
        let said = proposal.check();
        if passes {
            said.is("pass", &[]);
        } else {
            said.is("refused", &["waiting", "waiting"]);
            assert_eq!(told(&said)[0]["subject"], "sod:apart", "{:#}", told(&said));
        }
    }
}
