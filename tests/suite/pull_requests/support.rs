//! Pull requests to try things with.

use serde_json::{Value, json};

use crate::{git::support::Git, support::Run};

/// When the branch is pushed.
pub const PUSHED: &str = "2026-11-19T09:00:00Z";
/// When somebody looks at it after that.
pub const REVIEWED: &str = "2026-11-19T10:00:00Z";

/// A repository with a branch that is proposed, and what was recorded about it.
pub struct Proposal {
    pub git: Git,
    pub base: String,
    pub head: String,
    pub facts: Value,
}

/// What the gate says.
pub struct Said {
    pub run: Run,
    pub json: Value,
}

/// The number of an account.
const fn number(login: &str) -> usize {
    1_000 + login.len()
}

/// An account as facts name it.
pub fn account(login: &str) -> Value {
    json!({ "login": login, "id": number(login), "kind": "user" })
}

/// The small repository, with accounts for everybody. Ana is no member of the team that has to agree.
pub fn directory() -> Git {
    let git = Git::base();
    for (person, name) in
        [("ana", "Ana Silva"), ("ben", "Ben Okoro"), ("cleo", "Cleo Martin"), ("dan", "Dan Kim")]
    {
        let line = format!("name = \"{name}\"\n");
        let accounts = format!(
            "{line}accounts = {{ github = \"{person}-at-work\", home = \"{person}@home.example.com\" }}\n"
        );
        git.edit("catalog/organisation.toml", &line, &accounts);
    }
    git
}

impl Proposal {
    /// What somebody proposes who changes the repository.
    pub fn new(change: impl FnOnce(&Git)) -> Self {
        Self::after(|_| {}, change)
    }

    /// The same, where the repository is another one before.
    pub fn after(prepare: impl FnOnce(&Git), change: impl FnOnce(&Git)) -> Self {
        let git = directory();
        prepare(&git);
        let base = git.commit_by("ana@example.com", "Before");
        git.git(&["switch", "--quiet", "--create", "proposal"]);
        change(&git);
        let head = git.commit_by("ana@example.com", "Proposal");
        let facts = facts(&base, &head);
        Self { git, base, head, facts }
    }

    /// A change that loosens control: sales can ask for administration of mail.
    pub fn loosens() -> Self {
        Self::new(loosen)
    }

    /// Adds a review of the last commit.
    pub fn reviewed(mut self, login: &str, state: &str, at: &str) -> Self {
        let head = self.head.clone();
        self.review(&account(login), state, at, &head);
        self
    }

    /// Adds a review.
    pub fn review(&mut self, by: &Value, state: &str, at: &str, commit: &str) {
        let reviews = self.facts["reviews"]["entries"].as_array_mut().unwrap();
        let id = reviews.len() + 1;
        reviews.push(json!({ "id": id, "by": by, "state": state, "commit": commit, "at": at }));
    }

    /// Changes what was recorded.
    pub fn with(mut self, change: impl FnOnce(&mut Value)) -> Self {
        change(&mut self.facts);
        self
    }

    /// What the gate says with the facts.
    pub fn check(&self) -> Said {
        self.git.write(".git/facts.json", self.facts.to_string());
        self.run(&["--facts", ".git/facts.json"])
    }

    /// What the gate says without any.
    pub fn check_offline(&self) -> Said {
        self.run(&["--base", &self.base, "--head", &self.head])
    }

    fn run(&self, arguments: &[&str]) -> Said {
        let mut all = vec!["pr", "check", "--format", "json"];
        all.extend(arguments);
        let run = self.git.gitsm(&all);
        let json = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"));
        Said { run, json }
    }

    /// What is shown to people.
    pub fn shown(&self, format: &str) -> Run {
        self.git.write(".git/facts.json", self.facts.to_string());
        self.git.gitsm(&["pr", "check", "--facts", ".git/facts.json", "--format", format])
    }
}

/// Lets sales ask for administration of mail.
pub fn loosen(git: &Git) {
    git.edit("policies/access.toml", "department = \"it\"", "department = [\"it\", \"sales\"]");
}

/// Gives administration of mail for a shorter time.
pub fn tighten(git: &Git) {
    git.edit("catalog/services.toml", "max-duration = \"30d\"", "max-duration = \"10d\"");
}

/// Facts of a pull request that Ana opened and that nobody looked at yet.
fn facts(base: &str, head: &str) -> Value {
    let ana = account("ana-at-work");
    let whole = |entries: Value| json!({ "complete": true, "entries": entries });
    json!({
        "format-version": 1,
        "recorded-at": "2026-11-20T11:00:00Z",
        "forge": "forge.example.com",
        "repository": { "id": 7, "name": "example/rulebook", "default-branch": "main" },
        "pull-request": {
            "number": 12,
            "state": "open",
            "opened-by": ana,
            "opened-at": "2026-11-19T08:59:00Z",
            "base": { "branch": "main", "commit": base },
            "head": { "branch": "proposal", "commit": head }
        },
        "commits": whole(json!([{ "commit": head, "author": ana, "committer": ana }])),
        "pushes": whole(json!([{ "by": ana, "at": PUSHED, "commit": head }])),
        "reviews": whole(json!([]))
    })
}

impl Said {
    /// The short names of the reasons.
    pub fn reasons(&self) -> Vec<&str> {
        let reasons = self.json["reasons"].as_array().unwrap();
        reasons.iter().map(|reason| reason["code"].as_str().unwrap()).collect()
    }

    /// The reviews that count for nothing by the base, with the short names of why.
    pub fn not_counted(&self) -> Vec<(u64, &str)> {
        let all = self.json["by-base"]["not-counted"].as_array().unwrap();
        all.iter().map(|one| (one["review"].as_u64().unwrap(), one["code"].as_str().unwrap())).collect()
    }

    /// Who agreed, by the base, in the order of the stages.
    pub fn agreed(&self) -> Vec<&str> {
        let stages = self.json["by-base"]["stages"].as_array().unwrap().iter();
        let agreed = stages.flat_map(|stage| stage["agreed"].as_array().unwrap());
        agreed.map(|one| one["person"].as_str().unwrap()).collect()
    }

    /// The verdict and the exit status, which must go together, and the reasons.
    #[track_caller]
    pub fn is(&self, verdict: &str, reasons: &[&str]) -> &Self {
        let status = match verdict {
            "pass" => 0,
            "fail" => 1,
            "refused" => 4,
            "indeterminate" => 6,
            other => panic!("there is no verdict `{other}`"),
        };
        assert_eq!(
            (self.json["verdict"].as_str().unwrap(), self.run.status, self.reasons().as_slice()),
            (verdict, status, reasons),
            "{}",
            serde_json::to_string_pretty(&self.json["reasons"]).unwrap()
        );
        self
    }
}

/// A proposal with something of each part of a report about it, whose facts are in `.git/facts.json`.
pub fn everything() -> Git {
    let targets = |git: &Git| {
        let settings = git.read("gitsm.toml");
        let targets = "[target.site]\ntype = \"static\"\n\n[target.desk]\ntype = \"request-tracker\"\n\
                       url = \"https://rt.example.com\"\ntoken-variable = \"RT_TOKEN\"\n";
        git.write("gitsm.toml", format!("{settings}\n{targets}"));
    };
    let proposal = Proposal::after(targets, |git| {
        loosen(git);
        git.edit(
            "policies/governance.toml",
            "approvers = [\"team:security\"]",
            "approvers = [\"person:cleo\"]",
        );
        git.edit(
            "policies/governance.toml",
            "id = \"security\"\n",
            "id = \"security\"\nname = \"Security\"\n",
        );
        git.edit("policies/governance.toml", "effect = ", "description = \"Less control\"\neffect = ");
    });
    let all = proposal
        .with(|facts| facts["pushes"]["entries"][0]["by"] = account("dan-at-work"))
        .reviewed("stranger", "approved", REVIEWED)
        .reviewed("dan-at-work", "approved", REVIEWED)
        .reviewed("ben-at-work", "approved", REVIEWED);
    all.git.write(".git/facts.json", all.facts.to_string());
    all.git
}
