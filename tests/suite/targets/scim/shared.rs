//! Two rulebooks at one service.

use serde_json::json;

use super::{Server, id, repository, target};
use crate::targets::shared::Shared;

#[test]
fn two_rulebooks_at_one_service_leave_each_other_alone() {
    let Some(server) = Server::start() else { return };
    for other_first in [false, true] {
        let service = server.service(if other_first { "other-first" } else { "one-first" });
        let shared = Shared {
            target: target(&service.url),
            name: "directory",
            folder: "scim",
            wanted: "entitlement/mail/user",
            own: "group DNS: Names",
            gitsm: &|repository, arguments| {
                // The instant is added to every command.
                let at = arguments.iter().position(|argument| *argument == "--now").unwrap();
                service.gitsm(
                    repository.path(),
                    arguments[at + 1],
                    &[&arguments[..at], &arguments[at + 2..]].concat(),
                )
            },
        };
        let first = repository(&service.url, "");
        if other_first {
            shared.the_other_one_first(&first);
            assert!(
                service
                    .all("Groups")
                    .iter()
                    .any(|one| one["externalId"] == "gitsm:theirs:entitlement/mail/user")
            );
            continue;
        }
        let dns = || {
            let groups = service.all("Groups");
            groups.into_iter().find(|one| one["displayName"] == "DNS: Names").unwrap()
        };
        let unowned = || {
            let old = json!({ "op": "replace", "path": "externalId", "value": "gitsm:entitlement/dns/user" });
            service.change("Groups", &id(&dns()), old);
        };
        shared.one_after_the_other(&first, &unowned, &|| {
            dns()["externalId"] == "gitsm:theirs:entitlement/dns/user"
        });
        assert_eq!(service.group("entitlement/mail/user")["displayName"], "Mail: Mailbox");
    }
}
