//! What must not be published: addresses that let anybody in, and names of what is left out.

use std::collections::BTreeMap;

use super::{files, plan, publish, repository};
use crate::support::{Repository, gitsm};

fn channel(address: &str) -> Repository {
    let repository = repository();
    repository.write(
        "catalog/channels.toml",
        format!("[channel.alerts]\nname = \"Alerts\"\nmedium = \"chat\"\nnotify = true\naddress = \"{address}\"\nowner = \"team:desk\"\n"),
    );
    repository
}

#[test]
fn an_address_that_lets_anybody_in_is_a_secret_and_its_neighbour_is_not() {
    let (id, key) = ("T0AB12CD3/B0EF45GH6", "a1B2c3D4e5F6g7H8i9J0k1L2");
    for (address, is_secret) in [
        (format!("https://hooks.slack.com/services/{id}/{key}"), true),
        (format!("https://discord.com/api/webhooks/123456789012345678/{key}{key}"), true),
        (format!("https://example.webhook.office.com/webhookb2/{key}@{key}/IncomingWebhook/{key}/1"), true),
        (format!("https://prod-1.westeurope.logic.azure.com/workflows/{key}/triggers/x?sig={key}"), true),
        (format!("https://hooks.example.com/in/{key}"), true),
        ("https://hooks.zapier.com/hooks/catch/123456/bq3v7k2/".to_owned(), true),
        (format!("https://chat.example.com/hooks/{key}"), true),
        ("https://hooks.slack.com/services/XXXXXXXXX/XXXXXXXXX/XXXXXXXXXXXXXXXXXXXXXXXX".to_owned(), false),
        ("https://example.slack.com/archives/C0AB12CD3".to_owned(), false),
        ("https://hooks.example.com/".to_owned(), false),
        ("https://hooks.example.com/docs/getting-started".to_owned(), false),
        ("https://example.com/webhooks".to_owned(), false),
        ("https://discord.com/channels/123456789012345678/876543210987654321".to_owned(), false),
    ] {
        let repository = channel(&address);
        let run = gitsm(&["validate"], repository.path());
        assert_eq!(run.status == 1 && run.stdout.contains("GS2091"), is_secret, "{address}: {run:?}");
        // It is not published even where the finding is silenced.
        let settings = repository.read("gitsm.toml");
        repository.write("gitsm.toml", format!("{settings}\n[lints]\nlevels.GS2091 = \"off\"\n"));
        let run = plan(repository.path(), &[]);
        assert_eq!(run.status, if is_secret { 4 } else { 0 }, "{address}: {run:?}");
        assert!(!run.stderr.contains(key), "{run:?}");
    }
}

#[test]
fn names_of_what_is_left_out_are_not_published() {
    let repository = repository();
    repository.write(
        "catalog/hidden.toml",
        r#"
[tenant.hidden-tenant]
name = "Hidden"
owner = "team:desk"

[configuration-item.hidden-item]
name = "Hidden"
class = "database"
owner = "team:desk"
environment = "production"

[automation.hidden-automation]
name = "Hidden"
owner = "team:desk"
starts-when = "the request is approved"
done-when = "the person is a member of the group"
guardrails = ["never adds to groups that are not in the catalogue"]
log = "audit log"

[supplier-contract.hidden-contract]
name = "Hidden"
supplier = "Example Telecom"
owner = "team:desk"
calendar = "office"
target = { p1 = { resolve = "1h" }, p2 = { resolve = "1h" }, p3 = { resolve = "1h" } }
end = 2030-12-31

[article.hidden]
title = "Mail"
summary = "Mail"
owner = "team:desk"
review-date = 2030-06-30
covers = ["service:mail", "configuration-item:hidden-item"]
"#,
    );
    let edit = |path: &str, from: &str, to: &str| {
        let text = repository.read(path);
        assert!(text.contains(from), "{from}");
        repository.write(path, text.replacen(from, to, 1));
    };
    edit(
        "catalog/services.toml",
        "tier = \"standard\"",
        "tier = \"standard\"\ntenant = \"hidden-tenant\"\nconfiguration-items = [\"hidden-item\"]",
    );
    edit(
        "catalog/services.toml",
        "provision = { method = \"manual\", team = \"desk\" }",
        "provision = { method = \"automatic\", automation = \"hidden-automation\", team = \"desk\" }",
    );
    edit(
        "catalog/service-levels.toml",
        "[\"ola:security\"]",
        "[\"ola:security\", \"supplier-contract:hidden-contract\"]",
    );
    edit("policies/access.toml", "decision = ", "when.service.tenant = \"hidden-tenant\"\ndecision = ");
    let run = plan(repository.path(), &[]);
    assert_eq!(run.status, 0, "{run:?}");
    publish(repository.path());
    let published: BTreeMap<String, String> = files(&repository.path().join("public"));
    let named: Vec<&String> =
        published.iter().filter(|(_, text)| text.contains("hidden-")).map(|(path, _)| path).collect();
    assert_eq!(named, Vec::<&String>::new());
    // What stands beside them is still there, and a condition does not become one that always holds.
    assert!(published["v1/service/mail.json"].contains("\"support-team\""));
    let article: serde_json::Value = serde_json::from_str(&published["v1/article/hidden.json"]).unwrap();
    assert_eq!(article["fields"]["covers"], serde_json::json!(["service:mail"]));
    assert!(
        published.iter().any(|(path, text)| path.starts_with("v1/access/") && text.contains("not-published"))
    );
}
