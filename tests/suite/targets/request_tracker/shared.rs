//! Two rulebooks at one Request Tracker.

use gitsm::http::Method;
use serde_json::{Value, json};

use super::{Server, target};
use crate::{support::Repository, targets::shared::Shared};

/// Both orders, each from nothing.
pub fn two_rulebooks(server: &Server) {
    for other_first in [false, true] {
        server.script("reset", &[]);
        let shared = Shared {
            target: target(&server.url),
            name: "desk",
            folder: "request-tracker",
            wanted: "group/desk",
            own: "group Network",
            gitsm: &|repository, arguments| server.gitsm(repository, arguments),
        };
        let first = Repository::base();
        let settings = first.read("gitsm.toml");
        first.write("gitsm.toml", settings + &target(&server.url));
        if other_first {
            shared.the_other_one_first(&first);
            assert_eq!(described(server, "Service desk"), "[gitsm theirs:group/desk]");
            continue;
        }
        let unowned = || {
            let id = group(server, "Network")["id"].as_str().unwrap().to_owned();
            server.rest(Method::Put, &["group", &id], json!({ "Description": "[gitsm group/net]" }));
        };
        let is_whole = || described(server, "Network") == "[gitsm theirs:group/net]";
        shared.one_after_the_other(&first, &unowned, &is_whole);
        assert!(described(server, "Service desk").ends_with("[gitsm example:group/desk]"));
    }
}

fn described(server: &Server, name: &str) -> String {
    let id = group(server, name)["id"].as_str().unwrap().to_owned();
    server.get(&["group", &id])["Description"].as_str().unwrap().to_owned()
}

/// A group by its name.
fn group(server: &Server, name: &str) -> Value {
    let named = json!([{ "field": "Name", "operator": "=", "value": name }]);
    let found = server.rest(Method::Post, &["groups"], named);
    found["items"][0].clone()
}
