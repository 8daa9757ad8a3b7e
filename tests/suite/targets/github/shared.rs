//! Two rulebooks at one repository.

use serde_json::{Value, json};

use super::{Server, TEAMS, repository, target};
use crate::targets::shared::Shared;

#[test]
fn two_rulebooks_at_one_github_leave_each_other_alone() {
    for other_first in [false, true] {
        let Some(server) = Server::start() else { return };
        let shared = Shared {
            target: target(&server.url),
            name: "forge",
            folder: "github",
            wanted: "team/desk",
            own: "team net",
            gitsm: &super::gitsm,
        };
        let first = repository(&server.url);
        if other_first {
            shared.the_other_one_first(&first);
            assert_eq!(server.members("desk"), ["eve"]);
            continue;
        }
        let unowned = || {
            let old = json!({ "description": "Network [gitsm team/net]" });
            server.github().patch::<Value>(&[&TEAMS[..], &["net"]].concat(), &old).unwrap();
        };
        let is_whole = || server.team("net").unwrap()["description"] == "Network [gitsm theirs:team/net]";
        shared.one_after_the_other(&first, &unowned, &is_whole);
        assert_eq!(server.team("desk").unwrap()["description"], "Service desk [gitsm example:team/desk]");
    }
}
