//! Changes of the ledger of access: what the rules give by themselves needs nobody, everything else needs people.

use serde_json::json;

use super::support::{Proposal, REVIEWED, account};
use crate::git::support::Git;

/// When access was asked for.
const ASKED: &str = "2026-11-19T08:30:00Z";

/// Asks for access, and gives the file that the grant is written to.
fn ask(git: &Git, words: &str) -> String {
    let mut arguments: Vec<&str> = vec!["request", "access"];
    arguments.extend(words.split(' '));
    if !arguments.contains(&"--now") {
        arguments.extend(["--now", ASKED]);
    }
    let run = git.gitsm(&arguments);
    assert_eq!(run.status, 0, "{words}: {}{}", run.stdout, run.stderr);
    let folder = git.path().join("policies/grants");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap()).collect();
    files.sort_by_key(|file| file.metadata().unwrap().modified().unwrap());
    format!("policies/grants/{}", files.pop().unwrap().file_name().into_string().unwrap())
}

/// A repository in which access was asked for before, and what is done to its file.
fn given(words: &'static str, change: impl FnOnce(&Git, &str)) -> Proposal {
    let file = std::cell::RefCell::new(String::new());
    Proposal::after(
        |git| {
            // The grant names a commit that is a part of the history.
            git.commit_by("ana@example.com", "Directory");
            *file.borrow_mut() = ask(git, words);
        },
        |git| change(git, &file.borrow()),
    )
}

/// Replaces the lines that begin so.
fn line(git: &Git, path: &str, begins: &str, with: &str) {
    let text = git.read(path);
    assert!(text.lines().any(|line| line.starts_with(begins)), "`{begins}` in {path}:\n{text}");
    let lines = text.lines().map(|line| if line.starts_with(begins) { with } else { line });
    git.write(path, lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n") + "\n");
}

#[track_caller]
fn needs_nobody(proposal: &Proposal) {
    let said = proposal.check();
    said.is("pass", &[]);
    assert_eq!(
        (&said.json["touches"]["loosens"], &said.json["touches"]["ledger"]),
        (&json!(false), &json!([]))
    );
}

/// Somebody has to agree, and when they do it may be merged.
#[track_caller]
fn needs_people(proposal: Proposal) {
    let said = proposal.check();
    said.is("refused", &["waiting", "waiting"]);
    assert_eq!(said.json["touches"]["ledger"].as_array().unwrap().len(), 1, "{}", said.json["touches"]);
    proposal.reviewed("ben-at-work", "approved", REVIEWED).check().is("pass", &[]);
}

#[test]
fn what_the_rules_give_to_the_one_who_asks_needs_nobody() {
    needs_nobody(&Proposal::new(|git| {
        ask(git, "mail/user --for ana --duration 30d --reason work");
    }));
    // Nobody asked who opened it, or a program opened what a person wrote.
    needs_people(Proposal::new(|git| {
        ask(git, "mail/user --for ben --duration 30d --reason work");
    }));
    let by_program = |address: &str| {
        let mut proposal = Proposal::new(|git| {
            ask(git, "mail/user --for ben --duration 30d --reason work");
        });
        proposal.git.git(&["reset", "--quiet", "--soft", "HEAD~1"]);
        proposal.head = proposal.git.commit_by(address, "Access");
        let bot = json!({ "login": "example-app[bot]", "id": 99, "kind": "bot" });
        let head = proposal.head.clone();
        proposal.with(|facts| {
            let by = if address.starts_with("99") { bot.clone() } else { account("ben-at-work") };
            facts["pull-request"]["opened-by"] = bot;
            facts["pull-request"]["head"]["commit"] = json!(head);
            facts["commits"]["entries"][0] = json!({ "commit": head, "author": by, "committer": by });
            facts["pushes"]["entries"][0]["commit"] = json!(head);
            facts["pushes"]["entries"][0]["by"] = by;
        })
    };
    needs_nobody(&by_program("99+example-app[bot]@users.noreply.github.com"));
    let by_person = by_program("ben@example.com").check();
    assert_eq!((by_person.run.status, by_person.json["touches"]["loosens"].as_bool()), (6, Some(true)));
}

#[test]
fn without_a_record_of_who_asks_nobody_knows() {
    let proposal = Proposal::new(|git| {
        ask(git, "mail/user --for ana --duration 30d --reason work");
    });
    let said = proposal.check_offline();
    assert_eq!((said.run.status, said.json["touches"]["loosens"].as_bool()), (6, Some(true)));
}

#[test]
fn grants_that_somebody_wrote_or_changed_by_hand_need_people() {
    let words = "mail/user --for ana --duration 30d --reason work";
    let hand = "[grant.mine]\nbeneficiary = \"ana\"\nentitlement = \"mail/admin\"\nstart = 2026-11-19\nend = 2026-12-10\n";
    let signed = format!("{hand}decision.verdict = \"approved\"\n");
    for text in [hand, &signed] {
        let proposal = Proposal::new(|git| git.write("policies/grants/mine.toml", text));
        assert_eq!(proposal.check().json["touches"]["risk"], "high");
        needs_people(proposal);
    }
    let changes: [(&str, &str, &str); 4] = [
        ("longer", "end = ", "end = 2027-11-19"),
        ("another group", "provisioned.groups", "provisioned.groups = \"mail-users, domain-admins\""),
        ("without evidence", "decision.digest", ""),
        ("asked long before", "asked.at", "asked.at = 2026-11-12T08:30:00Z"),
    ];
    for (name, begins, with) in changes {
        let new = Proposal::new(|git| {
            let file = ask(git, words);
            line(git, &file, begins, with);
        });
        let said = new.check();
        assert!(said.run.status != 0, "{name}: {}", said.run.stdout);
        let old = given(words, |git, file| line(git, file, begins, with));
        assert!(old.check().run.status != 0, "{name}, of one that there is");
    }
}

#[test]
fn access_that_ends_needs_nobody_and_evidence_that_goes_needs_people() {
    let words = "mail/user --for ana --duration 30d --reason work";
    let edited = |command: &'static str| {
        given(words, move |git, file| {
            let id = file.rsplit('/').next().unwrap().trim_end_matches(".toml");
            let command = command.replace("ID", id);
            let run = git.gitsm(&command.split(' ').collect::<Vec<_>>());
            assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
        })
    };
    needs_nobody(&edited("grants revoke ID --by ana --reason over --now 2026-11-19T08:40:00Z"));
    needs_people(given(words, |git, file| std::fs::remove_file(git.path().join(file)).unwrap()));
    // What is over does not begin again.
    let again = Proposal::after(
        |git| {
            git.commit_by("ana@example.com", "Directory");
            let file = ask(git, words);
            let id = file.rsplit('/').next().unwrap().trim_end_matches(".toml");
            git.gitsm(&[
                "grants",
                "revoke",
                id,
                "--by",
                "ana",
                "--reason",
                "over",
                "--now",
                "2026-11-19T08:40:00Z",
            ]);
        },
        |git| {
            let file = "policies/grants/ana-mail-user-20261119.toml";
            let text = git.read(file).replace("state = \"revoked\"", "state = \"active\"");
            let lines = text.lines().filter(|line| !line.starts_with("ended"));
            git.write(file, lines.collect::<Vec<_>>().join("\n") + "\n");
        },
    );
    needs_people(again);
}

#[test]
fn what_people_have_to_agree_to_gives_nothing_until_they_did() {
    let words = "mail/admin --for ana --duration 10d --reason work";
    needs_nobody(&Proposal::new(|git| {
        ask(git, words);
    }));
    // Whatever the grant says about who agreed.
    let agreed = given(words, |git, file| {
        line(git, file, "state", "state = \"active\"");
        line(git, file, "decision.verdict", "decision.verdict = \"approved\"");
        let stages = ["manager", "security"];
        let by = |(stage, by): (&str, &str)| {
            format!(
                "\n[[grant.ID.approval]]\nby = \"{by}\"\nat = 2026-11-19T08:45:00Z\nstage = \"{stage}\"\n"
            )
        };
        let id = file.rsplit('/').next().unwrap().trim_end_matches(".toml");
        let all: String = stages.into_iter().zip(["dan", "cleo"]).map(by).collect();
        git.write(file, git.read(file) + &all.replace("ID", id));
    });
    assert_eq!(agreed.check().json["touches"]["ledger"], json!(["grant/ana-mail-admin-20261119"]));
    needs_people(agreed);
}

#[test]
fn what_a_form_asks_for_is_decided_with_its_form() {
    let typed = |git: &Git| {
        git.edit("catalog/services.toml", "workflow = \"manager\"\n", "");
        git.commit_by("ana@example.com", "Directory");
    };
    let asked = |git: &Git| {
        let request = json!({ "request": {
            "requester": "ana", "type": "mailbox", "entitlements": ["mail/user"],
            "form": { "reason": "work", "duration": "30d" }
        } });
        git.write(".git/requests.jsonl", request.to_string());
        let run = git.gitsm(&["request", "access", "--requests", ".git/requests.jsonl", "--now", ASKED]);
        assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
        let file = std::fs::read_dir(git.path().join("policies/grants")).unwrap().next().unwrap().unwrap();
        format!("policies/grants/{}", file.file_name().into_string().unwrap())
    };
    needs_nobody(&Proposal::after(typed, |git| {
        asked(git);
    }));
    let other = Proposal::after(typed, |git| {
        let file = asked(git);
        line(git, &file, "asked.form.reason", "asked.form.reason = \"another reason\"");
    });
    let said = other.check();
    assert_eq!((said.run.status, said.json["touches"]["ledger"].as_array().unwrap().len()), (1, 1));
}

#[test]
fn rules_of_an_own_branch_and_of_the_same_change_give_nothing() {
    let widened = |git: &Git| {
        git.edit(
            "policies/access.toml",
            "when.entitlement.risk = \"low\"",
            "when.entitlement.risk = [\"low\", \"high\"]",
        );
    };
    let proposal = Proposal::new(|git| {
        widened(git);
        git.commit_by("ana@example.com", "Wider");
        ask(git, "mail/admin --for ana --duration 10d --reason work");
    });
    let listed = json!([
        { "commit": proposal.git.git(&["rev-parse", "HEAD~1"]), "author": account("ana-at-work"), "committer": account("ana-at-work") },
        { "commit": proposal.head, "author": account("ana-at-work"), "committer": account("ana-at-work") },
    ]);
    let proposal = proposal.with(|facts| facts["commits"]["entries"] = listed);
    let said = proposal.check();
    assert_ne!(said.run.status, 0, "{}", said.run.stdout);
    assert_eq!(said.json["touches"]["ledger"].as_array().unwrap().len(), 1);
}

#[test]
fn duties_are_kept_apart_between_grants_of_one_change() {
    let prepare = |apart: bool| {
        move |git: &Git| {
            let text = git.read("catalog/services.toml");
            let more = "\n[service.mail.entitlement.archive]\nname = \"Archive\"\nrisk = \"low\"\nrole = \"archivist\"\n\
                        provision = { method = \"manual\", team = \"desk\" }\nremove = { method = \"manual\", team = \"desk\" }\n";
            git.write("catalog/services.toml", text + more);
            let duty = "[sod.apart]\ndescription = \"nobody archives their own mail\"\nowner = \"team:security\"\n\
                        entitlements = [\"mail/user\", \"mail/archive\"]\ndecision = \"deny\"\nrisk = \"high\"\n";
            if apart {
                git.write("policies/duties.toml", duty);
            }
        }
    };
    let both = |git: &Git| {
        ask(git, "mail/user --for ana --duration 30d --reason work");
        std::fs::rename(git.path().join("policies/grants"), git.path().join(".git/aside")).unwrap();
        ask(git, "mail/archive --for ana --duration 30d --reason work");
        for file in std::fs::read_dir(git.path().join(".git/aside")).unwrap() {
            let file = file.unwrap();
            std::fs::rename(file.path(), git.path().join("policies/grants").join(file.file_name())).unwrap();
        }
    };
    needs_nobody(&Proposal::after(prepare(false), both));
    let said = Proposal::after(prepare(true), both).check();
    assert_eq!(said.json["touches"]["ledger"].as_array().unwrap().len(), 2, "{}", said.json["touches"]);
    assert_ne!(said.run.status, 0);
}

#[test]
fn sheets_are_answered_by_those_who_propose_the_answers() {
    let campaign = "[review.q4]\nname = \"Mail\"\nowner = \"team:security\"\nreviewer = \"person:ana\"\nservices = [\"mail\"]\n\
                    opens = 2026-11-01\ncloses = 2026-12-20\n";
    let reviewed = |by: &'static str, extra: &'static str| {
        Proposal::after(
            move |git| {
                git.commit_by("ana@example.com", "Directory");
                ask(git, "mail/user --for cleo --duration 90d --reason work");
                git.write("policies/q4.toml", campaign);
            },
            move |git| {
                let answer = format!(
                    "[[review.q4.decision]]\ngrant = \"cleo-mail-user-20261119\"\ndecision = \"keep\"\nby = \"{by}\"\nat = 2026-11-19T08:50:00Z\n"
                );
                git.write("policies/q4.toml", format!("{}{answer}", campaign.replace("2026-12-20", extra)));
            },
        )
    };
    needs_nobody(&reviewed("ana", "2026-12-20"));
    needs_people(reviewed("ana", "2036-12-20"));
    let other = reviewed("ben", "2026-12-20").check();
    assert_eq!(other.json["touches"]["ledger"], json!(["review/q4"]));
    assert_ne!(other.run.status, 0);
}

#[test]
fn a_campaign_is_settled_once_nothing_follows_from_it() {
    let campaign = "[review.q4]\nname = \"Mail\"\nowner = \"team:security\"\nreviewer = \"person:ana\"\nservices = [\"mail\"]\n\
                    opens = 2026-11-01\ncloses = 2026-11-19\n";
    let answer = "[[review.q4.decision]]\ngrant = \"cleo-mail-user-20261119\"\ndecision = \"keep\"\nby = \"ana\"\n\
                  at = 2026-11-19T08:50:00Z\n";
    let over = |answer: &'static str, change: fn(&Git)| {
        Proposal::after(
            move |git| {
                git.commit_by("ana@example.com", "Directory");
                ask(git, "mail/user --for cleo --duration 90d --reason work");
                git.write("policies/q4.toml", format!("{campaign}{answer}"));
            },
            change,
        )
    };
    let expire = |git: &Git| {
        let run = git.gitsm(&["grants", "expire", "--now", "2026-11-20T10:00:00Z"]);
        assert_eq!(run.status, 0, "{run:?}");
        assert!(git.read("policies/q4.toml").contains("settled = 2026-11-20T10:00:00Z"));
    };
    let by_hand = |git: &Git| {
        git.edit(
            "policies/q4.toml",
            "closes = 2026-11-19\n",
            "closes = 2026-11-19\nsettled = 2026-11-20T10:00:00Z\n",
        );
    };
    needs_nobody(&over(answer, expire));
    // Nobody answered: what it is about ends, or it is not settled.
    needs_nobody(&over("", expire));
    needs_people(over("", by_hand));
    // What is settled is not opened again by the one who could answer.
    needs_people(over(answer, |git| {
        git.edit(
            "policies/q4.toml",
            "closes = 2026-11-19\n",
            "closes = 2026-11-19\nsettled = 2036-11-20T10:00:00Z\n",
        );
    }));
}
