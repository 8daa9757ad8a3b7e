//! What goes wrong on the way to a service, and services that do less than the RFC.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use gitsm::http::Method;
use serde_json::{Value, json};

use super::{
    super::{
        Stopped, moved,
        proxy::{Fault, Proxy},
    },
    Server, Service, id, with_users,
};
use crate::support::Repository;

/// A service of its own behind a proxy, and a repository that reaches it through that.
fn through(server: &Server, name: &str) -> (Service, Proxy, Repository) {
    let service = server.service(name);
    let proxy = Proxy::new(server.upstream());
    let repository = with_users(&service.through(proxy.port));
    (service, proxy, repository)
}

/// That everything is there, and once.
fn is_whole(service: &Service, case: &str) {
    assert_eq!(service.twice(), Vec::<String>::new(), "{case}");
    assert_eq!((service.all("Users").len(), service.all("Groups").len()), (4, 5), "{case}");
    assert_eq!(service.members("entitlement/mail/user"), ["ana", "ben", "cleo", "dan"], "{case}");
}

#[test]
fn whatever_goes_wrong_on_the_way_the_same_commands_again_end_well() {
    let Some(server) = Server::start() else { return };
    let faults = [
        Fault::LostReply,
        Fault::Truncated,
        Fault::Status("500 Oops"),
        Fault::Status("403 Forbidden"),
        Fault::Status("404 Not Found"),
        Fault::Status("409 Conflict"),
        Fault::Status("412 Precondition Failed"),
    ];
    for (number, fault) in faults.into_iter().enumerate() {
        // A user, and a group.
        for at in if number < 3 { &[1, 7][..] } else { &[7] } {
            let at = *at;
            let (service, proxy, repository) = through(&server, &format!("fault-{number}-{at}"));
            let planned = service.plan(repository.path(), &[]);
            assert_eq!(planned.status, 0, "{planned:?}");
            proxy.fail(at, fault);
            let run = service.apply(repository.path(), &[]);
            assert!(matches!(run.status, 0 | 5), "{fault:?} at {at}: {run:?}");
            assert!(proxy.failed.load(Ordering::SeqCst), "{fault:?} at {at} happened");
            service.settle(repository.path());
            is_whole(&service, &format!("{fault:?} at {at}"));
        }
    }
    // Asked to wait, it waits, and the whole is done at once.
    let (service, proxy, repository) = through(&server, "patience");
    assert_eq!(service.plan(repository.path(), &[]).status, 0);
    proxy.fail(3, Fault::Status("429 Too Many Requests\r\nretry-after: 0"));
    let run = service.apply(repository.path(), &[]);
    assert_eq!(run.status, 0, "{run:?}");
    is_whole(&service, "429");
    // Nothing is planned when reading fails.
    proxy.refuse("503 Busy");
    let run = service.plan(repository.path(), &[]);
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains("the system failed (503)"), "{}", run.stderr);
}

#[test]
fn a_killed_apply_goes_on_and_makes_nothing_twice() {
    let Some(server) = Server::start() else { return };
    for point in ["intended:1", "written:2", "noted:4", "written:6", "finished:1"] {
        let service = server.service(&point.replace(':', "-"));
        let repository = with_users(&service.url);
        // Read by a command, since nothing of the environment reaches a program that is stopped.
        std::fs::write(repository.path().join("token"), &service.token).unwrap();
        let from = "token-variable = \"SCIM_TOKEN\"";
        let settings =
            repository.read("gitsm.toml").replace(from, "token-command = [\"/bin/cat\", \"token\"]");
        repository.write("gitsm.toml", settings);
        assert_eq!(service.plan(repository.path(), &[]).status, 0);
        Stopped::at(repository.path(), point).kill();
        let run = service.apply(repository.path(), &[]);
        assert_eq!(run.status, 0, "{point}: {run:?}");
        service.is_settled(repository.path());
        is_whole(&service, point);
    }
}

#[test]
fn what_somebody_else_changes_meanwhile_is_not_overwritten() {
    let Some(server) = Server::start() else { return };
    let service = server.service("versions");
    let repository = with_users(&service.url);
    service.settle(repository.path());
    // Between reading the group and writing it, somebody renames it.
    let (other, done) = (server.service("versions"), Arc::new(AtomicBool::new(false)));
    let once = Arc::clone(&done);
    let proxy = Proxy::with(server.upstream(), move |line, _| {
        if line.starts_with("PATCH") && line.contains("/Groups/") && !once.swap(true, Ordering::SeqCst) {
            let group = id(&other.group("entitlement/mail/user"));
            other.change(
                "Groups",
                &group,
                json!({ "op": "replace", "path": "displayName", "value": "Theirs" }),
            );
        }
        None
    });
    let settings = repository.read("gitsm.toml").replace(&service.url, &service.through(proxy.port));
    repository.write("gitsm.toml", settings);
    moved(&repository, "scim", &service.url, &service.through(proxy.port));
    let services = repository.read("catalog/services.toml");
    repository.write(
        "catalog/services.toml",
        services.replace("name = \"Mailbox\"\nrisk", "name = \"Post\"\nrisk"),
    );
    assert_eq!(service.plan(repository.path(), &[]).status, 0);
    let run = service.apply(repository.path(), &[]);
    assert_eq!(run.status, 5, "{run:?}");
    assert!(done.load(Ordering::SeqCst));
    assert!(format!("{run:?}").contains("412"), "{run:?}");
    assert_eq!(service.group("entitlement/mail/user")["displayName"], "Theirs");
    service.settle(repository.path());
    assert_eq!(service.group("entitlement/mail/user")["displayName"], "Mail: Post");
}

#[test]
fn access_that_is_over_ends_although_the_user_of_somebody_else_cannot_be_made() {
    let Some(server) = Server::start() else { return };
    let (service, proxy, repository) = through(&server, "missing");
    service.settle(repository.path());
    let fay = "[person.fay]\nname = \"Fay Lee\"\nemail = \"fay@example.com\"\ndepartment = \"it\"\n";
    repository.write("catalog/fay.toml", fay);
    let more = repository.read("policies/more.toml");
    repository.write("policies/more.toml", more.replace("end = 2026-12-31", "end = 2026-11-19"));
    assert_eq!(service.plan(repository.path(), &[]).status, 0);
    proxy.fail(1, Fault::Status("403 Forbidden"));
    let run = service.apply(repository.path(), &[]);
    assert_eq!(run.status, 5, "{run:?}");
    let said = format!("{run:?}");
    assert!(said.contains("`account/fay`") && said.contains("who have no user"), "{said}");
    assert_eq!(service.members("entitlement/mail/user"), ["ana", "ben", "dan"]);
    service.settle(repository.path());
    assert_eq!(service.members("entitlement/mail/user"), ["ana", "ben", "dan", "fay"]);
    // A user that is deleted behind gitsm's back comes back, in its groups.
    service.send(Method::Delete, &["Users", &id(&service.user("fay"))], Value::Null);
    service.settle(repository.path());
    assert_eq!(service.members("entitlement/mail/user"), ["ana", "ben", "dan", "fay"]);
}

/// An answer without a body.
fn status(line: &str) -> String {
    format!("HTTP/1.1 {line}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
}

#[test]
fn services_that_change_nothing_by_parts_get_the_whole() {
    let Some(server) = Server::start() else { return };
    let answers = ["501 Not Implemented", "405 Method Not Allowed", "400 Bad Request"];
    for (number, answer) in answers.into_iter().enumerate() {
        let service = server.service(&format!("whole-{number}"));
        let proxy = Proxy::with(server.upstream(), move |line, body| {
            // The last one takes everything by parts but a way to take members away, and looks for names only.
            let refused = line.starts_with("PATCH") && (number < 2 || body.contains("members[value eq"));
            let refused = refused || (number == 2 && line.contains("filter=externalId"));
            refused.then(|| status(answer))
        });
        let repository = with_users(&service.through(proxy.port));
        service.settle(repository.path());
        let people = repository.read("catalog/organisation.toml");
        let changed = people
            .replace("name = \"Dan Kim\"", "name = \"Dan Kim\"\nstatus = \"inactive\"")
            .replace("name = \"Ana Silva\"", "name = \"Ana Costa\"");
        repository.write("catalog/organisation.toml", &changed);
        service.settle(repository.path());
        assert_eq!(service.members("entitlement/mail/user"), ["ana", "ben", "cleo"], "{answer}");
        assert_eq!(
            (&service.user("dan")["active"], &service.user("ana")["displayName"]),
            (&json!(false), &json!("Ana Costa"))
        );
        repository.write("catalog/organisation.toml", people);
        service.settle(repository.path());
        is_whole(&service, answer);
        let came = proxy.came.lock().unwrap();
        assert!(came.iter().any(|(line, _)| line.starts_with("PUT")), "{answer}");
    }
    // One that says from the start that it has no parts is not asked.
    let service = server.service("whole");
    let proxy = Proxy::with(server.upstream(), |line, _| {
        let able = json!({ "patch": { "supported": false }, "filter": { "supported": false } }).to_string();
        let says = line.contains("ServiceProviderConfig");
        says.then(|| {
            format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{able}", able.len())
        })
    });
    let repository = with_users(&service.through(proxy.port));
    service.settle(repository.path());
    let more = repository.read("policies/more.toml");
    repository.write("policies/more.toml", more.replace("end = 2026-12-31", "end = 2026-11-19"));
    service.settle(repository.path());
    assert_eq!(service.members("entitlement/mail/user"), ["ana", "ben", "dan"]);
    let came = proxy.came.lock().unwrap();
    assert!(!came.iter().any(|(line, _)| line.starts_with("PATCH") || line.contains("filter=")));
}

#[test]
fn what_the_service_holds_beside_what_is_managed_stays() {
    let Some(server) = Server::start() else { return };
    let service = server.service("beside");
    let repository = with_users(&service.url);
    service.settle(repository.path());
    let ana = id(&service.user("ana"));
    let emails = json!([
        { "value": "ana@example.com", "type": "work", "primary": true }, { "value": "ana@home.example", "type": "home" }
    ]);
    service.change("Users", &ana, json!({ "op": "replace", "path": "emails", "value": emails }));
    service.change("Users", &ana, json!({ "op": "replace", "path": "title", "value": "Head" }));
    service.is_settled(repository.path());
    let people = repository.read("catalog/organisation.toml");
    repository.write("catalog/organisation.toml", people.replace("ana@example.com", "ana.silva@example.com"));
    service.settle(repository.path());
    let user = service.user("ana");
    assert_eq!(user["title"], "Head");
    let mut held: Vec<&str> =
        user["emails"].as_array().unwrap().iter().map(|email| email["value"].as_str().unwrap()).collect();
    held.sort_unstable();
    assert_eq!(held, ["ana.silva@example.com", "ana@home.example"]);
    // A group in a group is nobody whom anything was granted to.
    let inner = service.make_group(json!({ "displayName": "Inner" }));
    service.add("entitlement/mail/admin", &inner);
    let planned = service.settle(repository.path());
    assert!(planned.contains("members.group:Inner"), "{planned}");
    assert!(service.group("entitlement/mail/admin")["members"].as_array().is_none_or(Vec::is_empty));
}
