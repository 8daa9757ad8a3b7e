//! Incidents about configuration items: compared are those that somebody can report, and no others.

use std::collections::BTreeSet;

use crate::{
    commitments::commitments,
    support::{Repository, copy},
};

const ITEMS: &str = r#"
[service.portal]
name = "Portal"
description = "What customers see."
owner = "team:desk"
tier = "standard"
lifecycle = "active"
support-team = "desk"
category = "software"
review-date = 2030-01-01
configuration-items = ["app", "shared"]

[service.shop]
name = "Shop"
description = "What customers buy."
owner = "team:desk"
tier = "standard"
lifecycle = "active"
support-team = "desk"
category = "software"
review-date = 2030-01-01
configuration-items = ["shared"]

[configuration-item.app]
name = "Application"
class = "application"

[configuration-item.shared]
name = "Load balancer"
class = "network"

[configuration-item.lone]
name = "Badge printer"
class = "device"
"#;

/// What incidents are about that go to another team once a rule names some items.
fn routed(items: &str) -> BTreeSet<String> {
    let folder = Repository::empty();
    for (side, rule) in [
        ("before", String::new()),
        (
            "after",
            format!(
                "\n[[routing.incidents.rule]]\nid = \"items\"\nwhen.incident.configuration-item = {items}\nteam = \"security\"\n"
            ),
        ),
    ] {
        copy(Repository::base().path(), &folder.path().join(side));
        folder.write(&format!("{side}/catalog/items.toml"), ITEMS);
        let routing = folder.read(&format!("{side}/policies/incidents.toml"));
        let default = "default = \"desk\"\n";
        assert_eq!(routing.matches(default).count(), 1, "{routing}");
        let routing = routing.replace(default, &format!("{default}{rule}"));
        folder.write(&format!("{side}/policies/incidents.toml"), routing);
    }
    let view = commitments(folder.path(), ["before", "after"]);
    let cases = view["cases"].as_array().unwrap().iter();
    let routing = cases.filter(|case| case["topic"] == "routing");
    let subjects = routing.flat_map(|case| case["subjects"].as_array().unwrap());
    subjects.map(|subject| subject.as_str().unwrap().to_owned()).collect()
}

fn all(subjects: &[&str]) -> BTreeSet<String> {
    subjects.iter().map(|subject| (*subject).to_owned()).collect()
}

#[test]
fn an_item_that_services_share_is_reported_with_one_of_them() {
    // Without a service nobody knows which one it is about, and mail does not run on it.
    assert_eq!(routed("\"shared\""), all(&["service:portal", "service:shop"]));
    // The only service that runs on an item follows from it.
    assert_eq!(routed("\"app\""), all(&["service:portal"]));
    // What nothing runs on is reported beside any service, or none.
    assert_eq!(routed("\"lone\""), all(&["routing:incidents"]));
    assert_eq!(routed("[\"app\", \"shared\"]"), all(&["service:portal", "service:shop"]));
}
