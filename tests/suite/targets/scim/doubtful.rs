//! What nobody can be sure about is not guessed: objects that could be meant twice, that somebody else made, lists that say
//! one thing and hold another, settings that lead nowhere, plans that take more away than is usual.

use gitsm::http::Method;
use serde_json::{Value, json};

use super::{
    super::{moved, proxy::Proxy},
    Server, Service, id, repository, with_users,
};
use crate::support::{Repository, command, run};

/// Plans, which must be refused with these words.
fn refused(service: &Service, repository: &Repository, words: &[&str]) {
    let run = service.plan(repository.path(), &[]);
    assert_eq!(run.status, 4, "{words:?}: {run:?}");
    let said = run.stdout + &run.stderr;
    for words in words {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn what_could_be_meant_twice_is_not_guessed() {
    let Some(server) = Server::start() else { return };
    let service = server.service("twice");
    let repository = with_users(&service.url);
    // Two groups of the name that is wanted, and none with an external id.
    let first = service.make_group(json!({ "displayName": "Mail: Mailbox" }));
    let second = service.make_group(json!({ "displayName": "MAIL: mailbox", "externalId": "00g1" }));
    let both =
        [&*first, &*second, "is at the target more than once", "`gitsm:example:entitlement/mail/user`"];
    refused(&service, &repository, &both);
    // Renamed, the other one is only in the way.
    service.change("Groups", &second, json!({ "op": "replace", "path": "displayName", "value": "Another" }));
    refused(&service, &repository, &["`entitlement/mail/user` is there", "--adopt entitlement/mail/user"]);
    let adopt = ["--adopt", "entitlement/mail/user"];
    let run = service.plan(repository.path(), &adopt);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(service.apply(repository.path(), &adopt).status, 0);
    service.is_settled(repository.path());
    assert_eq!(id(&service.group("entitlement/mail/user")), first, "taken over, not made again");
    // Two with one external id.
    let copy = service.make_group(json!({ "displayName": "Copy", "externalId": "gitsm:bundle/staff" }));
    refused(&service, &repository, &["`bundle/staff` is at the target more than once", &copy]);
    service.send(Method::Delete, &["Groups", &copy], Value::Null);
    service.is_settled(repository.path());
    // An external id of a user at a group is none of gitsm's.
    let other = service.make_group(json!({ "displayName": "Other", "externalId": "gitsm:account/ana" }));
    service.is_settled(repository.path());
    service.send(Method::Delete, &["Groups", &other], Value::Null);
    // Users: a disabled one beside the one in use is no question, another one in use is.
    let old = json!({ "userName": "old", "externalId": "gitsm:account/ana", "active": false });
    let old = service.make_user(old);
    service.is_settled(repository.path());
    service.change("Users", &old, json!({ "op": "replace", "path": "active", "value": true }));
    refused(&service, &repository, &["`account/ana` is at the target more than once, as user", &old]);
    service.send(Method::Delete, &["Users", &old], Value::Null);
    service.is_settled(repository.path());
}

#[test]
fn what_somebody_else_made_is_taken_over_only_when_that_is_said() {
    let Some(server) = Server::start() else { return };
    let service = server.service("adopt");
    let repository = with_users(&service.url);
    // A disabled user is somebody's all the same, and one of another system is known to that by its own id.
    let disabled = service.make_user(json!({ "userName": "ana@example.com", "active": false }));
    let others =
        service.make_user(json!({ "userName": "Ben@example.com", "externalId": "00u1", "displayName": "B" }));
    refused(&service, &repository, &["`account/ana` is there", "`account/ben` is there"]);
    let adopt = ["--adopt", "account/*"];
    assert_eq!(service.plan(repository.path(), &adopt).status, 0);
    assert_eq!(service.apply(repository.path(), &adopt).status, 0);
    service.is_settled(repository.path());
    let (ana, ben) = (service.user("ana"), service.user("ben"));
    assert_eq!((id(&ana), &ana["active"]), (disabled, &json!(true)));
    assert_eq!((id(&ben), &ben["displayName"]), (others, &json!("Ben Okoro")));
    // Where nothing is known about it, what has an external id of gitsm is its own: the folder was lost.
    std::fs::remove_dir_all(repository.path().join("scim")).unwrap();
    let run = service.plan(repository.path(), &[]);
    assert_eq!(run.status, 0, "{run:?}");
    service.settle(repository.path());
    assert_eq!(service.twice(), Vec::<String>::new());
    assert_eq!((service.all("Users").len(), service.all("Groups").len()), (4, 5));
}

#[test]
fn one_update_does_not_hide_that_many_lose_their_access() {
    let Some(server) = Server::start() else { return };
    let service = server.service("limits");
    let repository = with_users(&service.url);
    let people: String = (0..250)
        .map(|number| {
            format!("[person.p{number:03}]\nname = \"P {number}\"\nemail = \"p{number}@example.com\"\ndepartment = \"it\"\n\n")
        })
        .collect();
    repository.write("catalog/people.toml", &people);
    let proxy = Proxy::new(server.upstream());
    let settings = repository.read("gitsm.toml").replace(&service.url, &service.through(proxy.port));
    repository.write("gitsm.toml", settings);
    service.settle(repository.path());
    assert_eq!(service.members("bundle/staff").len(), 253);
    // Nobody gets and nobody loses more than 100 members by one request.
    let most = |what: &str| {
        let came = proxy.came.lock().unwrap();
        let bodies = came.iter().filter(|(line, _)| line.starts_with("PATCH") || line.starts_with("POST"));
        bodies.map(|(_, body)| body.matches(what).count()).max().unwrap_or_default()
    };
    assert_eq!(most("{\"value\":"), 100);
    // Twelve move: twelve people lose what the bundle gives, in three groups that are updated.
    let moved = |number: usize| people.replacen("department = \"it\"", "department = \"hr\"", number);
    repository.write("catalog/people.toml", moved(12));
    refused(&service, &repository, &["it would delete 12 objects of kind `member`, and the limit is 10"]);
    repository.write("catalog/people.toml", moved(10));
    service.settle(repository.path());
    // All of them: the share counts as well.
    repository.write("catalog/people.toml", moved(250));
    let more = ["--max-deletes", "member=240"];
    let run = service.plan(repository.path(), &more);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stdout.contains("it would delete 240 of the 244 objects of kind `member`"), "{}", run.stdout);
    let more = ["--max-deletes", "member=240", "--max-delete-share", "member=100%"];
    assert_eq!(service.plan(repository.path(), &more).status, 0);
    let applied = service.apply(repository.path(), &more);
    assert_eq!(applied.status, 0, "{applied:?}");
    assert_eq!(service.members("bundle/staff"), ["ana", "ben", "dan"]);
    assert_eq!(most("\"op\":\"remove\""), 100);
    // A group that is taken over loses everybody whom nobody granted it.
    let eves: Vec<Value> = (0..12)
        .map(|number| json!({ "value": service.make_user(json!({ "userName": format!("eve{number}") })) }))
        .collect();
    service.send(Method::Delete, &["Groups", &id(&service.group("group/mail-admins"))], Value::Null);
    service.make_group(json!({ "displayName": "mail-admins", "members": eves }));
    let adopt = ["--adopt", "group/mail-admins"];
    let run = service.plan(repository.path(), &adopt);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stdout.contains("12 objects of kind `member`"), "{}", run.stdout);
    // Users that are protected are not disabled.
    let protect = "limits.protect = [\"account/dan\", \"entitlement/mail/user\"]\n";
    repository.write("gitsm.toml", repository.read("gitsm.toml") + protect);
    let organisation = repository.read("catalog/organisation.toml");
    let gone = organisation.replace("name = \"Dan Kim\"", "name = \"Dan Kim\"\nstatus = \"inactive\"");
    repository.write("catalog/organisation.toml", gone);
    refused(&service, &repository, &["it would delete `account/dan`, which is protected"]);
}

#[test]
fn a_target_that_knows_some_services_has_their_groups_and_their_holders() {
    let Some(server) = Server::start() else { return };
    let hr = |repository: &Repository| {
        let people = repository.read("catalog/organisation.toml");
        let ben = "[person.ben]\nname = \"Ben Okoro\"\nemail = \"ben@example.com\"\ndepartment = \"";
        assert!(people.contains(&format!("{ben}it")));
        repository
            .write("catalog/organisation.toml", people.replace(&format!("{ben}it"), &format!("{ben}hr")));
        let services = repository.read("catalog/services.toml");
        let wiki = "[service.wiki]\nname = \"Wiki\"\nowner = \"team:desk\"\ntier = \"standard\"\nlifecycle = \
                    \"active\"\nsupport-team = \"desk\"\ncategory = \"software\"\nreview-date = \
                    2030-01-01\n\n[service.wiki.entitlement.editor]\nname = \"Editor\"\nrisk = \"low\"\ngroups = \
                    [\"wiki-editors\"]\nprovision = { method = \"manual\", team = \"desk\" }\nremove = { method = \
                    \"manual\", team = \"desk\" }\n\n[grant.ben-wiki]\nbeneficiary = \"ben\"\nentitlement = \
                    \"wiki/editor\"\nstart = 2026-11-01\nend = 2026-12-31\nrequest = \"REQ-3\"\ndecision = { verdict = \
                    \"auto-approved\", rules = [\"access:mail/everybody\"] }\n\n[request-type.mailbox]";
        repository.write("catalog/services.toml", services.replace("[request-type.mailbox]", wiki));
    };
    let service = server.service("all");
    let everything = with_users(&service.url);
    hr(&everything);
    service.settle(everything.path());
    assert_eq!((service.all("Users").len(), service.all("Groups").len()), (4, 7));
    assert_eq!(service.members("group/wiki-editors"), ["ben"]);
    let service = server.service("some");
    let some = repository(&service.url, "options.users = true\noptions.services = \"mail\"\n");
    hr(&some);
    service.settle(some.path());
    assert_eq!((service.all("Users").len(), service.all("Groups").len()), (3, 5));
    assert!(service.find("Users", "account/ben").is_none(), "Ben holds nothing there");
    for (services, words) in [
        ("\"mial\"", "`options.services` names `mial`, and there is no such service"),
        ("\" , \"", "`options.services` names no service"),
        ("true", "`options.services` is no text"),
    ] {
        let wrong = repository(&service.url, &format!("options.services = {services}\n"));
        refused(&service, &wrong, &[words]);
    }
    let both = repository(&service.url, "options.services = \" mail ,mail\"\n");
    assert_eq!(service.plan(both.path(), &[]).status, 0);
    let slip = repository(&service.url, "options.user = true\n");
    refused(&service, &slip, &["`user`", "`options.users`"]);
    // Two people who would be one user.
    let shared = with_users(&service.url);
    let people = shared.read("catalog/organisation.toml");
    shared.write("catalog/organisation.toml", people.replace("\"ben@example.com\"", "\"Ana@example.com\""));
    refused(&service, &shared, &["`ana` and `ben` would have one user", "accounts.scim"]);
}

/// An answer of a list.
fn list(body: &Value) -> String {
    let body = body.to_string();
    format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/scim+json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[test]
fn a_list_that_does_not_hold_what_it_says_stops_the_plan() {
    let Some(server) = Server::start() else { return };
    let user = |id: &str| json!({ "id": id, "userName": id });
    let page = |total: u64, items: &[Value]| json!({ "totalResults": total, "Resources": items });
    let cases: Vec<(Value, &str)> = vec![
        (page(2, &[user("a")]), "changed while it was read"),
        (page(1, &[]), "it says that there are 1, and gives 0"),
        (page(0, &[user("a")]), "it says that there are 0, and gives 1"),
        (page(1, &[user("a"), user("b")]), "it says that there are 1, and gives 2"),
        (json!({ "totalResults": 3 }), "it says that there are 3, and gives 0"),
        (json!({ "Resources": [] }), "it does not say how many there are"),
        (json!({ "totalResults": "0" }), "it does not say how many there are"),
        (json!({ "totalResults": 1, "Resources": { "id": "a" } }), "what it holds is no list"),
        (json!({ "totalResults": 1, "Resources": [{ "userName": "a" }] }), "something in it has no id"),
        (json!({ "totalResults": 1, "startIndex": 2, "Resources": [user("a")] }), "gives another part"),
        (json!({ "totalResults": 9_000_000, "Resources": [user("a")] }), "it says that there are 9000000"),
    ];
    for (answer, words) in cases {
        let service = server.service("lists");
        let said = list(&answer);
        let proxy =
            Proxy::with(server.upstream(), move |line, _| line.contains("/Users?").then(|| said.clone()));
        let repository = with_users(&service.through(proxy.port));
        let run = service.plan(repository.path(), &[]);
        assert_eq!(run.status, 2, "{answer}: {run:?}");
        assert!(run.stderr.contains(words), "{answer}: {}", run.stderr);
    }
    // Its neighbours that pass: nothing at all, said in two ways, and one in each page.
    for answer in [page(0, &[]), json!({ "totalResults": 0 })] {
        let service = server.service("lists");
        let said = list(&answer);
        let proxy =
            Proxy::with(server.upstream(), move |line, _| line.contains("/Users?").then(|| said.clone()));
        let run = service.plan(with_users(&service.through(proxy.port)).path(), &[]);
        assert_eq!(run.status, 0, "{answer}: {run:?}");
    }
    let service = server.service("pages");
    let repository = with_users(&service.url);
    service.settle(repository.path());
    let users = service.all("Users");
    let proxy = Proxy::with(server.upstream(), move |line, _| {
        let start: usize = line.split_once("/Users?startIndex=")?.1.split('&').next()?.parse().ok()?;
        Some(list(
            &json!({ "totalResults": users.len(), "startIndex": start, "Resources": [users.get(start - 1)?] }),
        ))
    });
    let settings = repository.read("gitsm.toml").replace(&service.url, &service.through(proxy.port));
    repository.write("gitsm.toml", settings);
    moved(&repository, "scim", &service.url, &service.through(proxy.port));
    let run = service.plan(repository.path(), &[]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stdout.contains("nothing to do"), "{}", run.stdout);
}

#[test]
fn settings_and_tokens_that_lead_nowhere_say_what_to_do() {
    let validate = |lines: &str| {
        let repository = Repository::base();
        let settings = repository.read("gitsm.toml");
        repository.write("gitsm.toml", format!("{settings}\n[target.directory]\ntype = \"scim\"\n{lines}\n"));
        run(command(&["validate"], repository.path()))
    };
    let url = "url = \"https://id.example.com/scim/v2\"";
    for (lines, words) in [
        (String::new(), "does not say where the system is"),
        ("url = \"http://id.example.com/scim/v2\"".to_owned(), "would send the token readable"),
        (format!("{url}\nlimits.kind.members.deletes = 1"), "did you mean `member`?"),
        (format!("{url}\nlimits.protect = [\"user/ana\"]"), "has no kind `user`"),
    ] {
        let run = validate(&lines);
        assert_eq!(run.status, 1, "{lines}: {run:?}");
        assert!(run.stdout.contains(words), "{lines}: {}", run.stdout);
    }
    for lines in [
        url.to_owned(),
        format!("{url}\nlimits.kind.member.deletes = 1"),
        format!("{url}\nlimits.protect = [\"account/ana\", \"entitlement/mail/user\", \"group/*\"]"),
    ] {
        let run = validate(&lines);
        assert_eq!(run.status, 0, "{lines}: {run:?}");
    }
    let Some(server) = Server::start() else { return };
    let service = server.service("tokens");
    let repository = with_users(&service.url);
    let wrong = Service::at(service.url.clone(), "another-token");
    let run = wrong.plan(repository.path(), &[]);
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains("does not know the token (401)"), "{}", run.stderr);
    // The url of one of its lists, and of something else.
    let longer = with_users(&format!("{}/Users", service.url));
    let run = service.plan(longer.path(), &[]);
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains("is no SCIM service"), "{}", run.stderr);
    let proxy = Proxy::with(server.upstream(), |line, _| {
        line.contains("ServiceProviderConfig").then(|| list(&json!({ "hello": "world" })))
    });
    let other = with_users(&service.through(proxy.port));
    let run = service.plan(other.path(), &[]);
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains("is no SCIM service"), "{}", run.stderr);
}
