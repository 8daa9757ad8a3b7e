//! The target `scim`, against a real SCIM server that the tests install and start.

mod access;
mod doubtful;
mod faults;
mod living;
mod settled;
mod shared;

use std::{
    path::Path,
    process::{Command, Stdio},
};

use gitsm::http::{Address, Client, Limits, Method, Request, Secret};
use serde_json::{Value, json};

use super::{CLOCK, NOW};
use crate::support::{Repository, Run, command, root, run};

const SCRIPT: &str = "tests/servers/scim.sh";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// A server that runs as long as its test. Each name below it is a service of its own that is empty at first.
struct Server {
    folder: tempfile::TempDir,
    url: String,
    token: String,
}

/// Somebody else at one service.
struct Service {
    client: Client,
    url: String,
    token: String,
}

impl Server {
    /// Starts one; none where it is not installed, unless everything must be there.
    #[allow(clippy::print_stderr, reason = "who runs the tests must see that one of them did nothing")]
    fn start() -> Option<Self> {
        if !root().join("target/servers/scim/installed").exists() {
            assert!(std::env::var_os("GITSM_COMPLETE").is_none(), "the SCIM server is not installed");
            eprintln!("skipped: the SCIM server is not installed");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let url = script("start", folder.path()).trim().to_owned();
        let token = std::fs::read_to_string(folder.path().join("token")).unwrap().trim().to_owned();
        Some(Self { folder, url, token })
    }

    /// What a proxy passes to.
    fn upstream(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    fn service(&self, name: &str) -> Service {
        Service::at(format!("{}/{name}/v2", self.url), &self.token)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        script("stop", self.folder.path());
    }
}

fn script(action: &str, folder: &Path) -> String {
    let mut command = Command::new("bash");
    command.arg(root().join(SCRIPT)).arg(action).arg(folder);
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{action}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

impl Service {
    fn at(url: String, token: &str) -> Self {
        let secret = Secret::of(token, "the test").unwrap();
        let client =
            Client::new(Address::parse(&url).unwrap(), Some(("Bearer", secret)), Limits::default()).unwrap();
        Self { client, url, token: token.to_owned() }
    }

    fn send(&self, method: Method, path: &[&str], body: Value) -> Value {
        let request = Request::new(method, path);
        let request = if body.is_null() { request } else { request.body(body) };
        self.client.send(&request).unwrap().json().unwrap()
    }

    /// Everything at an endpoint.
    fn all(&self, path: &str) -> Vec<Value> {
        self.send(Method::Get, &[path], Value::Null)["Resources"].as_array().cloned().unwrap_or_default()
    }

    /// What has an external id of gitsm.
    fn find(&self, path: &str, key: &str) -> Option<Value> {
        let mark = format!("gitsm:example:{key}");
        let mut found: Vec<Value> =
            self.all(path).into_iter().filter(|one| one["externalId"] == mark.as_str()).collect();
        assert!(found.len() < 2, "`{key}` is there twice");
        found.pop()
    }

    fn user(&self, id: &str) -> Value {
        self.find("Users", &format!("account/{id}")).unwrap_or_else(|| panic!("{id} has a user"))
    }

    fn group(&self, key: &str) -> Value {
        self.find("Groups", key).unwrap_or_else(|| panic!("{key} is there"))
    }

    /// The names of the users in a group, in order.
    fn members(&self, key: &str) -> Vec<String> {
        let users = self.all("Users");
        let group = self.group(key);
        let members = group["members"].as_array().into_iter().flatten();
        let mut names: Vec<String> = members
            .map(|member| users.iter().find(|user| user["id"] == member["value"]).unwrap())
            .map(|user| user["userName"].as_str().unwrap().trim_end_matches("@example.com").to_owned())
            .collect();
        names.sort();
        names
    }

    fn make_user(&self, body: Value) -> String {
        self.make("Users", "urn:ietf:params:scim:schemas:core:2.0:User", body)
    }

    fn make_group(&self, body: Value) -> String {
        self.make("Groups", "urn:ietf:params:scim:schemas:core:2.0:Group", body)
    }

    fn make(&self, path: &str, schema: &str, mut body: Value) -> String {
        body["schemas"] = json!([schema]);
        self.send(Method::Post, &[path], body)["id"].as_str().unwrap().to_owned()
    }

    #[allow(clippy::needless_pass_by_value, reason = "operations are written where they are asked for")]
    fn change(&self, path: &str, id: &str, operation: Value) {
        let body = json!({ "schemas": [PATCH], "Operations": [operation] });
        self.send(Method::Patch, &[path, id], body);
    }

    /// Puts a user into a group behind gitsm's back.
    fn add(&self, key: &str, user: &str) {
        let value = json!([{ "value": user }]);
        self.change(
            "Groups",
            &id(&self.group(key)),
            json!({ "op": "add", "path": "members", "value": value }),
        );
    }

    /// The names of groups and users with a mark that are there more than once, and of users that share one.
    fn twice(&self) -> Vec<String> {
        let mut seen = std::collections::BTreeSet::new();
        let all = [self.all("Users"), self.all("Groups")].concat();
        let marks = all.iter().filter_map(|one| one["externalId"].as_str());
        marks.filter(|mark| !seen.insert((*mark).to_owned())).map(str::to_owned).collect()
    }

    /// A service through another address.
    fn through(&self, port: u16) -> String {
        let (_, path) = self.url.trim_start_matches("http://").split_once('/').unwrap();
        format!("http://127.0.0.1:{port}/{path}")
    }

    /// Runs gitsm with the token, which nothing may show.
    fn gitsm(&self, folder: &Path, now: &str, arguments: &[&str]) -> Run {
        let mut command = command(&[arguments, &["--now", now]].concat(), folder);
        command.env("SCIM_TOKEN", &self.token).env(CLOCK, now);
        let run = run(command);
        assert!(!format!("{run:?}").contains(&self.token), "{arguments:?} shows the token");
        run
    }

    fn plan_at(&self, folder: &Path, now: &str, more: &[&str]) -> Run {
        let arguments = ["plan", "--target", "directory", "--out", "plan.json"];
        self.gitsm(folder, now, &[&arguments, more].concat())
    }

    fn plan(&self, folder: &Path, more: &[&str]) -> Run {
        self.plan_at(folder, NOW, more)
    }

    fn apply(&self, folder: &Path, more: &[&str]) -> Run {
        self.gitsm(folder, NOW, &[&["apply", "plan.json"], more].concat())
    }

    /// Plans and applies at an instant, and makes sure that nothing is left to do.
    fn settle_at(&self, folder: &Path, now: &str) -> String {
        let planned = self.plan_at(folder, now, &[]);
        assert_eq!(planned.status, 0, "{planned:?}");
        let applied = self.gitsm(folder, now, &["apply", "plan.json"]);
        assert_eq!(applied.status, 0, "{applied:?}");
        let left = self.plan_at(folder, now, &["--detailed-exitcode"]);
        assert_eq!(left.status, 0, "{left:?}");
        planned.stdout
    }

    fn settle(&self, folder: &Path) -> String {
        self.settle_at(folder, NOW)
    }

    fn is_settled(&self, folder: &Path) {
        let run = self.plan(folder, &["--detailed-exitcode"]);
        assert_eq!(run.status, 0, "{run:?}");
    }
}

fn id(item: &Value) -> String {
    item["id"].as_str().unwrap().to_owned()
}

/// The small repository with a bundle of those in IT, a grant of Cleo, and a target at this address.
fn repository(url: &str, more: &str) -> Repository {
    let repository = Repository::base();
    let settings = repository.read("gitsm.toml");
    repository.write("gitsm.toml", settings + &target(url) + more);
    repository.write("policies/more.toml", MORE);
    repository
}

fn target(url: &str) -> String {
    format!("\n[target.directory]\ntype = \"scim\"\nurl = \"{url}\"\ntoken-variable = \"SCIM_TOKEN\"\n")
}

/// The same with users that are managed.
fn with_users(url: &str) -> Repository {
    repository(url, "options.users = true\n")
}

const MORE: &str = r#"
[bundle.staff]
name = "Staff"
owner = "team:desk"
when.subject.department = "it"
entitlements = ["mail/user"]
review-date = 2030-01-01

[grant.cleo-mail]
beneficiary = "cleo"
entitlement = "mail/user"
start = 2026-11-01
end = 2026-12-31
request = "REQ-1"
decision = { verdict = "auto-approved", rules = ["access:mail/everybody"] }
provisioned.groups = "mail-users"
"#;
