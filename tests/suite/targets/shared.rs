//! Two rulebooks that manage one system: what one of them made is never touched by the other one.

use serde_json::Value;

use crate::support::{Repository, Run};

/// A system that the rulebook `Example` and another one share.
pub struct Shared<'a> {
    /// What stands in gitsm.toml about it, from its heading on.
    pub target: String,
    /// The name of the target, and its folder.
    pub name: &'static str,
    pub folder: &'static str,
    /// An object that both would make, by the name that they have for it.
    pub wanted: &'static str,
    /// How an object of the other one is called that only it has.
    pub own: &'static str,
    /// Runs gitsm with the token.
    pub gitsm: &'a dyn Fn(&Repository, &[&str]) -> Run,
}

impl Shared<'_> {
    fn plan(&self, repository: &Repository, more: &[&str]) -> Run {
        let arguments = ["plan", "--target", self.name, "--now", super::NOW, "--out", "plan.json"];
        (self.gitsm)(repository, &[&arguments, more].concat())
    }

    pub fn settle(&self, repository: &Repository) -> String {
        let planned = self.plan(repository, &[]);
        assert_eq!(planned.status, 0, "{planned:?}");
        let applied = (self.gitsm)(repository, &["apply", "plan.json", "--now", super::NOW]);
        assert_eq!(applied.status, 0, "{applied:?}");
        self.is_settled(repository);
        planned.stdout
    }

    pub fn is_settled(&self, repository: &Repository) {
        let run = self.plan(repository, &["--detailed-exitcode"]);
        assert_eq!(run.status, 0, "{run:?}");
    }

    /// What is taken cannot be had, not even when somebody says that it may be taken over.
    fn is_refused(&self, repository: &Repository, owner: &str) {
        for more in [&[][..], &["--adopt", self.wanted]] {
            let run = self.plan(repository, more);
            assert_eq!(run.status, 4, "{run:?}");
            for words in [
                format!("what `{}` would be called is there, and belongs to `{owner}`", self.wanted),
                format!("write `owner = \"{owner}\"` under `[target.{}]`", self.name),
            ] {
                assert!(run.stdout.contains(&words), "{words}: {}", run.stdout);
            }
        }
    }

    /// Another rulebook with another owner; its names are those of the first one, or others.
    pub fn other(&self, named: &Named) -> Repository {
        Repository::with(&[
            (
                "gitsm.toml",
                &format!(
                    "[project]\nname = \"Other\"\npriorities = [\"high\", \"low\"]\n\n{}owner = \"theirs\"\n",
                    self.target
                ),
            ),
            ("catalog/all.toml", &named.text()),
        ])
    }

    /// What is there before is the first one's, and the other one gets on with it. `unowned` gives an object of the other one
    /// back the mark that an older gitsm gave it.
    pub fn one_after_the_other(&self, first: &Repository, unowned: &dyn Fn(), is_whole: &dyn Fn() -> bool) {
        self.settle(first);
        self.is_refused(&self.other(&SAME), "example");
        let other = self.other(&DIFFERENT);
        self.settle(&other);
        assert!(is_whole());
        self.is_settled(first);
        let run = self.plan(first, &["--format", "json"]);
        let plan: Value = serde_json::from_str(&run.stdout).unwrap();
        let unmanaged = plan["unmanaged"].as_array().unwrap();
        let theirs = format!("{} (of `theirs`)", self.own);
        assert!(unmanaged.iter().any(|one| one["name"] == theirs.as_str()), "{theirs}: {unmanaged:?}");
        // What has a mark without an owner is one's own, whether or not anybody remembers.
        for forgets in [false, true] {
            unowned();
            assert!(!is_whole());
            if forgets {
                std::fs::remove_dir_all(other.path().join(self.folder).join(".gitsm")).unwrap();
            }
            self.settle(&other);
            assert!(is_whole());
            self.is_settled(first);
        }
    }

    /// The other way round: what the other one made is in nobody's way but of what has its name.
    pub fn the_other_one_first(&self, first: &Repository) {
        let other = self.other(&SAME);
        self.settle(&other);
        self.is_refused(first, "theirs");
        self.is_settled(&other);
        // Under the name of that owner it is one's own.
        let settings = first.read("gitsm.toml");
        first.write("gitsm.toml", format!("{settings}owner = \"theirs\"\n"));
        let run = self.plan(first, &[]);
        assert!(!run.stdout.contains("belongs to"), "{run:?}");
        first.write("gitsm.toml", settings);
    }
}

/// What the other rulebook calls its team and its service.
pub struct Named {
    pub team: [&'static str; 2],
    pub service: [&'static str; 2],
    pub entitlement: &'static str,
}

pub const SAME: Named =
    Named { team: ["desk", "Service desk"], service: ["mail", "Mail"], entitlement: "Mailbox" };
const DIFFERENT: Named = Named { team: ["net", "Network"], service: ["dns", "DNS"], entitlement: "Names" };

impl Named {
    fn text(&self) -> String {
        let Self { team: [team, team_name], service: [service, service_name], entitlement } = self;
        format!(
            r#"[category.net]
name = "Networks"
function = "it"
owner = "team:{team}"

[tier.usual]
name = "Usual"
rank = 3

[team.{team}]
name = "{team_name}"
members = ["eve"]
lead = "eve"

[person.eve]
name = "Eve Other"
email = "eve@example.org"
accounts.github = "eve"

[service.{service}]
name = "{service_name}"
owner = "team:{team}"
support-team = "{team}"
lifecycle = "active"
tier = "usual"
category = "net"
review-date = 2030-01-01

[service.{service}.entitlement.user]
name = "{entitlement}"
risk = "low"
role = "user"
provision = {{ method = "manual", team = "{team}" }}
remove = {{ method = "manual", team = "{team}" }}
"#
        )
    }
}

/// Limits count who goes out of a group: one is one too many where none may go. `plan` plans for a repository whose target is
/// settled, with the three members of the service desk in it.
pub fn members_are_limited(plan: &dyn Fn(&[&str]) -> Run, repository: &Repository) {
    let path = "catalog/organisation.toml";
    let organisation = repository.read(path);
    let (all, less) = ("members = [\"ana\", \"ben\", \"dan\"]", "members = [\"ana\", \"dan\"]");
    assert!(organisation.contains(all));
    repository.write(path, organisation.replace(all, less));
    let run = plan(&["--max-deletes", "member=0"]);
    assert_eq!(run.status, 4, "{run:?}");
    assert!(run.stdout.contains("it would delete 1 objects of kind `member`, and the limit is 0"), "{run:?}");
    let run = plan(&["--max-deletes", "member=1"]);
    assert_eq!(run.status, 0, "{run:?}");
    repository.write(path, organisation);
}
