//! One person who looks like two, objections that get lost, and others who are brought in to agree.

use serde_json::json;

use super::support::{Proposal, REVIEWED, account, loosen};
use crate::git::support::Git;

fn accounts(person: &str) -> String {
    format!("accounts = {{ github = \"{person}-at-work\", home = \"{person}@home.example.com\" }}")
}

#[test]
fn whose_an_account_is_decides_who_agrees() {
    let moved = Proposal::new(|git| {
        git.edit(
            "catalog/organisation.toml",
            &accounts("ana"),
            &accounts("ana").replace("ana-at-work", "ana-2"),
        );
    });
    let said = moved.check();
    said.is("refused", &["waiting", "waiting"]);
    assert_eq!(said.json["touches"]["governs"], json!(["person/ana"]));
    let person = |rest: &str| {
        let text =
            format!("[person.eve]\nname = \"Eve Moss\"\ndepartment = \"sales\"\ntitle = \"Clerk\"\n{rest}");
        Proposal::new(move |git| git.write("catalog/eve.toml", text))
    };
    let second = person("status = \"inactive\"\naccounts.github = \"ben-2\"\n").check();
    assert_eq!(second.json["touches"]["governs"], json!(["person/eve"]));
    assert_ne!(second.run.status, 0);
    // Somebody without an account is nobody that anybody could be taken for.
    assert_eq!(person("").check().json["touches"]["governs"], json!([]));
    let title =
        Proposal::new(|git| git.edit("catalog/organisation.toml", "\"Head of IT\"", "\"Head\"")).check();
    assert_eq!(title.json["touches"]["governs"], json!([]));
}

#[test]
fn whoever_takes_turns_governs_as_well() {
    let rota = |git: &Git| {
        git.edit(
            "policies/governance.toml",
            "approvers = [\"team:security\"]",
            "approvers = [\"on-call:desk\"]",
        );
        git.edit(
            "catalog/organisation.toml",
            "lead = \"ana\"\n",
            "lead = \"ana\"\non-call = { calendar = \"office\", rotation = [\"ana\", \"cleo\"], shift = \"1w\", start = 2026-01-05 }\n",
        );
    };
    let left = |person: &'static str| {
        let from = format!("{}\n", accounts(person));
        Proposal::after(rota, move |git| {
            git.edit("catalog/organisation.toml", &from, &format!("{from}status = \"on-leave\"\n"));
        })
    };
    assert_eq!(left("cleo").check().json["touches"]["governs"], json!(["person/cleo"]));
}

/// The stage of security with somebody who stands in.
fn stand_in(git: &Git) {
    git.edit(
        "policies/governance.toml",
        "approvers = [\"team:security\"]\n",
        "approvers = [\"team:security\"]\nfallback = [\"person:ana\"]\n",
    );
}

#[test]
fn naming_others_as_co_authors_brings_nobody_in_to_agree() {
    let named = |message: &str, reviewer: &str| {
        let mut proposal = Proposal::after(stand_in, loosen);
        proposal.git.git(&["reset", "--quiet", "--soft", "HEAD~1"]);
        proposal.head = proposal.git.commit_by("dan@example.com", message);
        let head = proposal.head.clone();
        let dan = super::support::account("dan-at-work");
        proposal
            .with(|facts| {
                facts["pull-request"]["opened-by"] = dan.clone();
                facts["pull-request"]["head"]["commit"] = json!(head);
                facts["commits"]["entries"][0] = json!({ "commit": head, "author": dan, "committer": dan });
                facts["pushes"]["entries"][0] =
                    json!({ "by": dan, "at": super::support::PUSHED, "commit": head });
            })
            .reviewed(reviewer, "approved", REVIEWED)
    };
    let all = "Less\n\nCo-authored-by: Ben <ben@example.com>\nCo-authored-by: Cleo <cleo@example.com>";
    let said = named(all, "ana-at-work").check();
    said.is("refused", &["nobody-can-agree", "nobody-can-agree"]);
    assert_eq!(said.json["by-base"]["stages"][0]["can-agree"], json!([]));
    // Ben made no part of it, and is asked; Ana never is while somebody of them can agree.
    let one = "Less\n\nCo-authored-by: Cleo <cleo@example.com>";
    named(one, "ben-at-work").check().is("pass", &[]);
    named(one, "ana-at-work").check().is("refused", &["waiting", "waiting"]);
}

#[test]
fn an_objection_of_an_account_that_two_people_have_is_not_lost() {
    let twice = |git: &Git| {
        git.write(
            "catalog/old.toml",
            "[person.cleo-old]\nname = \"Cleo Martin\"\nstatus = \"inactive\"\naccounts.github = \"Cleo-at-work\"\n",
        );
    };
    let proposal = Proposal::after(twice, loosen).reviewed("ben-at-work", "approved", REVIEWED);
    proposal.check().is("pass", &[]);
    let objected = proposal.reviewed("cleo-at-work", "changes-requested", REVIEWED);
    objected.check().is("indeterminate", &["unknown-objector"]);
    // Dismissed by somebody who has no part in it, it does not count any more; by anybody else it does.
    let dismissed = objected.reviewed("cleo-at-work", "dismissed", "2026-11-19T10:30:00Z");
    dismissed.check().is("indeterminate", &["unknown-objector"]);
    let by = |login: &str, proposal: Proposal| {
        let dismissal = json!({ "was": "changes-requested", "by": account(login) });
        proposal.with(|facts| facts["reviews"]["entries"][2]["dismissed"] = dismissal)
    };
    let dismissed = by("ana-at-work", dismissed);
    dismissed.check().is("indeterminate", &["unknown-objector"]);
    by("dan-at-work", dismissed).check().is("pass", &[]);
}

#[test]
fn an_exception_that_begins_tomorrow_is_agreed_to_today() {
    let prepare = |git: &Git| {
        let text = git.read("policies/access.toml");
        let rule = "\n[guardrail.sales]\ndescription = \"no sales in administration\"\nowner = \"team:security\"\n\
                    when.subject.department = \"sales\"\ndeny = true\n";
        git.write("policies/access.toml", text + rule);
    };
    let exception = |from: &str| {
        let text = format!(
            "[exception.trial]\nrule = \"guardrail:sales\"\nowner = \"team:security\"\nreason = \"A trial that sales needs very much\"\n\
             compensating-control = \"Somebody looks at each session on the next day\"\npeople = [\"cleo\"]\nentitlements = [\"mail/user\"]\n\
             approved-by = \"ben\"\nfrom = {from}\nexpires = 2027-01-31\n"
        );
        Proposal::after(prepare, move |git| git.write("policies/exceptions.toml", text))
    };
    for from in ["2026-11-21", "2026-11-20"] {
        let proposal = exception(from);
        let said = proposal.check();
        assert_eq!((said.json["touches"]["loosens"].as_bool(), said.run.status), (Some(true), 4), "{from}");
        proposal.reviewed("ben-at-work", "approved", REVIEWED).check().is("pass", &[]);
    }
}

#[test]
fn which_services_a_rule_is_about_hangs_on_their_tiers() {
    let rule = |git: &Git| {
        git.edit(
            "policies/governance.toml",
            "effect = \"loosens\"",
            "effect = \"loosens\"\ntier = \"standard\"",
        );
    };
    let moved =
        Proposal::after(rule, |git| git.edit("catalog/services.toml", "rank = 2", "rank = 3")).check();
    assert_eq!(moved.json["touches"]["governs"], json!(["tier/standard"]));
    let cost = Proposal::new(|git| git.edit("catalog/services.toml", "rank = 2", "rank = 3")).check();
    assert_eq!(cost.json["touches"]["governs"], json!([]));
}
