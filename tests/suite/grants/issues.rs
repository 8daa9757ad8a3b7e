//! `gitsm request from-issue`: the body of an issue form, read strictly.

use super::support::{ends, files};
use crate::support::Repository;

const TYPE: &str = r#"
[request-type.access]
name = "Access"
category = "software"
event = "provision"
owner = "team:desk"
workflow = "manager"
sla = "standard"
review-date = 2030-01-01
field.entitlement = { label = "Which access?", type = "entitlement", required = true }
field.duration = { label = "For how long?", type = "duration", attribute = "request.duration" }
field.reason = { label = "What for?", type = "long-text", attribute = "request.justification" }
step = [{ id = "grant", name = "Grant it", team = "desk" }]
"#;

const BODY: &str =
    "### Which access?\n\nmail/user\n\n### For how long?\n\n30d\n\n### What for?\n\n_No response_\n";
const ASK: &str = "request from-issue body.md --type access --by cleo --number 12";

fn repository() -> Repository {
    let repository = Repository::base();
    repository.write("catalog/access.toml", TYPE);
    repository.write("body.md", BODY);
    repository
}

#[test]
fn a_form_that_is_filled_in_is_a_request() {
    let repository = repository();
    ends(0, ASK, &repository);
    let text = repository.read("policies/grants/cleo-mail-user-20261120.toml");
    for line in [
        "beneficiary = \"cleo\"",
        "entitlement = \"mail/user\"",
        "request = \"12\"",
        "asked.duration = \"30d\"",
        "state = \"requested\"",
        "{ stage = \"manager/manager\", need = 1 }",
    ] {
        assert!(text.contains(line), "`{line}` in\n{text}");
    }
}

/// The form says for whom, and nobody else gets it.
#[test]
fn who_is_named_in_a_form_is_who_gets_it_or_nobody_does() {
    let repository = repository();
    repository.write(
        "catalog/access.toml",
        TYPE.replace("step =", "field.person = { label = \"For whom?\", type = \"person\" }\nstep ="),
    );
    let body = |answer: &str| repository.write("body.md", format!("{BODY}\n### For whom?\n\n{answer}\n"));
    body("dan");
    let refused = ends(1, ASK, &repository);
    assert!(
        refused.stderr.contains("`### For whom?` names `dan`, and the access would be for `cleo`"),
        "{}",
        refused.stderr
    );
    assert_eq!(files(&repository), Vec::<String>::new());
    ends(0, &format!("{ASK} --for dan"), &repository);
    assert!(repository.read("policies/grants/dan-mail-user-20261120.toml").contains("requester = \"cleo\""));
    for answer in ["cleo", "_No response_"] {
        body(answer);
        ends(0, ASK, &repository);
    }
}

#[test]
fn a_form_that_is_not_as_it_must_be_decides_nothing_and_says_everything_at_once() {
    let repository = repository();
    repository.write(
        "body.md",
        "Please!\n### Which acces?\n\nmail/user\n\n### For how long?\n\n30d\n### For how long?\n\n90d\n",
    );
    let run = ends(1, ASK, &repository);
    for part in [
        "body.md: line 1: `Please!` stands before the first question: begin with `### Which access?`",
        "line 2: the form of `access` does not ask `Which acces?`: write `### Which access?`",
        "line 9: `### For how long?` stands there twice, first in line 6",
        "`### Which access?` is missing",
        "`### What for?` is missing",
        "nothing is decided",
    ] {
        assert!(run.stderr.contains(part), "`{part}` in\n{}", run.stderr);
    }
    assert_eq!(run.stdout, "");
    for (from, to) in [
        ("mail/user", "mail/users"),
        ("mail/user", "mail/user\nmail/admin"),
        ("30d", "a month"),
        ("mail/user", "_No response_"),
        ("mail/user", "mail/admin"),
    ] {
        repository.write("body.md", BODY.replace(from, to));
        ends(1, ASK, &repository);
    }
    repository.write("body.md", b"### Which access?\n\n\xff\n");
    ends(2, ASK, &repository);
    ends(2, &ASK.replace("--type access", "--type acess"), &repository);
    assert_eq!(files(&repository), Vec::<String>::new());
    // The neighbour that passes.
    repository.write("body.md", BODY.replace('\n', "\r\n"));
    ends(0, ASK, &repository);
}
