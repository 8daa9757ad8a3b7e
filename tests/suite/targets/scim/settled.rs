//! A service is filled, changed, drifts and is repaired.

use std::sync::atomic::Ordering;

use gitsm::http::Method;
use serde_json::{Value, json};

use super::{super::proxy::Proxy, NOW, Server, Service, id, with_users};
use crate::support::Repository;

#[test]
fn a_service_is_filled_changed_drifts_and_is_repaired() {
    let Some(server) = Server::start() else { return };
    let service = server.service("one");
    let proxy = Proxy::new(server.upstream());
    let repository = with_users(&service.through(proxy.port));
    assert_eq!(service.plan(repository.path(), &[]).status, 0);
    let planned = proxy.came.lock().unwrap().len();
    assert_eq!(service.apply(repository.path(), &[]).status, 0);
    // What the service can do and two lists, for the plan that is made anew and for writing; each user is made and read, and
    // for each group it is looked first whether somebody else made it.
    assert_eq!(proxy.came.lock().unwrap().len() - planned, 2 * 3 + 4 * 2 + 5 * 3);
    created(&service, &repository);
    // Four users and five groups, each made with its members: no write more than is needed.
    assert_eq!(proxy.writes.load(Ordering::SeqCst), 9);
    unchanged(&service, &repository, &proxy);
    changed(&service, &repository);
    drifted(&service, &repository);
}

/// From nothing; what is there afterwards is what the service itself says.
fn created(service: &Service, repository: &Repository) {
    service.is_settled(repository.path());
    assert_eq!(service.members("bundle/staff"), ["ana", "ben", "dan"]);
    assert_eq!(service.members("entitlement/mail/user"), ["ana", "ben", "cleo", "dan"]);
    assert_eq!(service.members("group/mail-users"), ["ana", "ben", "cleo", "dan"]);
    assert_eq!(service.members("entitlement/mail/admin"), [""; 0]);
    assert_eq!(service.group("entitlement/mail/admin")["displayName"], "Mail: Mail administration");
    let ana = service.user("ana");
    assert_eq!(ana["userName"], "ana@example.com");
    assert_eq!(ana["displayName"], "Ana Silva");
    assert_eq!(ana["active"], true);
    assert_eq!(ana["emails"][0]["value"], "ana@example.com");
}

/// An apply of a plan without an operation writes nothing at all.
fn unchanged(service: &Service, repository: &Repository, proxy: &Proxy) {
    let before = (proxy.writes.load(Ordering::SeqCst), proxy.came.lock().unwrap().len());
    let planned = service.plan(repository.path(), &[]);
    assert!(planned.stdout.contains("nothing to do"), "{planned:?}");
    let applied = service.apply(repository.path(), &[]);
    assert_eq!(applied.status, 0, "{applied:?}");
    assert_eq!(proxy.writes.load(Ordering::SeqCst), before.0);
    // What the service can do, two lists and five groups; applying looks again, and at what has to be written down.
    let reads = proxy.came.lock().unwrap().len() - before.1;
    assert_eq!(reads, 3 * 8);
}

/// A second commit: somebody leaves, somebody moves, an entitlement goes and one comes, names change.
fn changed(service: &Service, repository: &Repository) {
    let (people, services) = ("catalog/organisation.toml", "catalog/services.toml");
    let (before, before_services) = (repository.read(people), repository.read(services));
    let (ana, mailbox) = (service.user("ana"), id(&service.group("entitlement/mail/user")));
    repository.write(
        people,
        before
            .replace("name = \"Dan Kim\"", "name = \"Dan Kim\"\nstatus = \"inactive\"")
            .replace("name = \"Ana Silva\"\nemail = \"ana@", "name = \"Ana Costa\"\nemail = \"ana.costa@"),
    );
    repository.write(services, before_services.replace("name = \"Mailbox\"\nrisk", "name = \"Post\"\nrisk"));
    let planned = service.settle(repository.path());
    assert!(planned.contains("account/dan"), "{planned}");
    let dan = service.user("dan");
    assert_eq!(dan["active"], false, "disabled and there");
    for group in ["bundle/staff", "entitlement/mail/user", "group/mail-users"] {
        assert!(!service.members(group).contains(&"dan".to_owned()), "{group}");
    }
    let renamed = service.user("ana");
    assert_eq!((&renamed["id"], &renamed["userName"]), (&ana["id"], &json!("ana.costa@example.com")));
    assert_eq!(
        renamed["emails"],
        json!([{ "value": "ana.costa@example.com", "type": "work", "primary": true }])
    );
    let post = service.group("entitlement/mail/user");
    assert_eq!((&id(&post), &post["displayName"]), (&mailbox, &json!("Mail: Post")), "it is the same group");
    // Back again: who was disabled is taken back into use, and nobody is there twice.
    repository.write(people, before);
    repository.write(services, before_services);
    service.settle(repository.path());
    assert_eq!((service.user("dan")["active"].clone(), id(&service.user("dan"))), (json!(true), id(&dan)));
    assert_eq!(service.all("Users").len(), 4);
}

/// Somebody changes things by hand.
fn drifted(service: &Service, repository: &Repository) {
    let eve = service.make_user(json!({ "userName": "eve" }));
    service.add("entitlement/mail/admin", &eve);
    let own = service.make_group(json!({ "displayName": "Their own" }));
    let mailbox = service.group("entitlement/mail/user");
    service.change(
        "Groups",
        &id(&mailbox),
        json!({ "op": "replace", "path": "displayName", "value": "Mine" }),
    );
    let cleo = id(&service.user("cleo"));
    let path = format!("members[value eq \"{cleo}\"]");
    service.change("Groups", &id(&mailbox), json!({ "op": "remove", "path": path }));
    let ben = id(&service.user("ben"));
    service.change("Users", &ben, json!({ "op": "replace", "path": "active", "value": false }));
    service.send(Method::Delete, &["Groups", &id(&service.group("bundle/staff"))], Value::Null);
    let run = service.gitsm(repository.path(), NOW, &["drift", "--target", "directory"]);
    assert_eq!(run.status, 3, "{run:?}");
    for changed in
        ["entitlement/mail/admin", "entitlement/mail/user", "account/ben", "bundle/staff", "user:eve"]
    {
        assert!(run.stdout.contains(changed), "{changed}: {}", run.stdout);
    }
    let planned = service.settle(repository.path());
    // Each of them is named.
    assert!(planned.contains("members.user:eve"), "{planned}");
    assert!(planned.contains("members.account/cleo"), "{planned}");
    assert_eq!(service.members("entitlement/mail/admin"), [""; 0]);
    assert_eq!(service.members("entitlement/mail/user"), ["ana", "ben", "cleo", "dan"]);
    assert_eq!(id(&service.group("entitlement/mail/user")), id(&mailbox));
    assert_eq!(service.user("ben")["active"], true);
    assert_eq!(service.members("bundle/staff"), ["ana", "ben", "dan"]);
    // What is not gitsm's own stays.
    let their_own = service.send(Method::Get, &["Groups", &own], Value::Null);
    assert_eq!(their_own["displayName"], "Their own");
    assert_eq!(service.send(Method::Get, &["Users", &eve], Value::Null)["userName"], "eve");
    let run = service.plan(repository.path(), &["--format", "json"]);
    let plan: Value = serde_json::from_str(&run.stdout).unwrap();
    let unmanaged = plan["unmanaged"].as_array().unwrap();
    assert_eq!(unmanaged, &[json!({ "name": "group Their own" }), json!({ "name": "user eve" })]);
    let run = service.gitsm(repository.path(), NOW, &["drift", "--target", "directory"]);
    assert_eq!(run.status, 0, "{run:?}");
    let run = service.gitsm(repository.path(), NOW, &["import", "target", "--target", "directory"]);
    assert_eq!(run.status, 0, "{run:?}");
}
