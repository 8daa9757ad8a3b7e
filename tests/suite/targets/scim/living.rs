//! The living example: applied from nothing, changed by a second commit, drifted by hand, repaired.

use serde_json::json;

use super::{Server, id, target};
use crate::{
    git::support::Git,
    support::{copy, root},
};

#[test]
fn the_living_example_is_applied_changed_drifts_and_is_repaired() {
    let Some(server) = Server::start() else { return };
    let service = server.service("living");
    let git = Git::empty();
    for folder in ["catalog", "policies"] {
        copy(&root().join(folder), &git.path().join(folder));
    }
    let settings = std::fs::read_to_string(root().join("gitsm.toml")).unwrap();
    git.write("gitsm.toml", settings + &target(&service.url) + "owner = \"example\"\noptions.users = true\n");
    git.write(".gitignore", "scim/\nplan.json\n");
    git.commit("The living example");
    let settled = service.settle(git.path());
    assert!(settled.contains("member"), "{settled}");
    assert_eq!(service.twice(), Vec::<String>::new());
    let mailbox = "entitlement/email/mailbox";
    let staff = service.members(mailbox);
    assert!(staff.len() > 100, "{}", staff.len());
    assert_eq!(service.members("bundle/everyone"), staff);
    // A second commit: somebody leaves.
    let people = git.read("catalog/people.csv");
    let leaver = "aisha.rahman";
    let line = people.lines().find(|line| line.starts_with(leaver)).unwrap();
    git.write("catalog/people.csv", people.replace(line, &line.replace(",Active,", ",Terminated,")));
    git.commit("Somebody leaves");
    let left = service.settle(git.path());
    assert!(left.contains(&format!("members.account/{leaver}")), "{left}");
    assert_eq!(service.user(leaver)["active"], false);
    let gone: Vec<&String> = staff.iter().filter(|name| *name != leaver).collect();
    assert_eq!(service.members(mailbox).iter().collect::<Vec<_>>(), gone);
    // By hand.
    service.add("bundle/everyone", &id(&service.user(leaver)));
    service.change(
        "Users",
        &id(&service.user("ana.silva")),
        json!({ "op": "replace", "path": "displayName", "value": "A" }),
    );
    let drifted = service.gitsm(git.path(), super::NOW, &["drift", "--target", "directory"]);
    assert_eq!(drifted.status, 3, "{drifted:?}");
    for object in ["bundle/everyone", "account/ana.silva"] {
        assert!(drifted.stdout.contains(object), "{object}: {}", drifted.stdout);
    }
    service.settle(git.path());
    assert_eq!(service.members("bundle/everyone").iter().collect::<Vec<_>>(), gone);
    assert_eq!(service.user("ana.silva")["displayName"], "Ana Silva");
}
