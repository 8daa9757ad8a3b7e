//! Code owners: whom GitHub asks to review a change of a path.
//!
//! The rules of a governance all apply, and ask everybody of a workflow; of code owners the last line that fits counts, and
//! one of its owners is enough. So each line names whoever any rule about the same files names, the narrower lines come
//! later, and what a pattern of GitHub's cannot say becomes the folder around it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::{
    model::{Principal, Rulebook, governance::GovernanceRule, workflow::Workflow},
    target::content,
};

/// What stands above the lines.
const HEADER: &str =
    "# Written by gitsm from the governance of the rulebook: what is changed here is overwritten.\n";

/// How people and teams are called.
pub(super) struct Owners<'a> {
    pub(super) organisation: &'a str,
    /// The accounts of people, by their ids.
    pub(super) accounts: &'a BTreeMap<&'a str, String>,
    /// Whether there are teams at GitHub. Without them their members are named.
    pub(super) teams: bool,
}

/// A pattern and its owners.
pub(super) type Line = (String, BTreeSet<String>);

/// The lines, and how many rules have nobody who can be named.
pub(super) fn lines(rulebook: &Rulebook, named: &Owners<'_>) -> (Vec<Line>, usize) {
    let mut by_pattern: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut nobody = 0;
    for governance in &rulebook.governances {
        for rule in &governance.rule {
            let workflow = rulebook.workflows.get(rule.workflow.as_str());
            let owners = workflow.map(|workflow| asked(rulebook, workflow, named)).unwrap_or_default();
            if owners.is_empty() {
                nobody += 1;
                continue;
            }
            for pattern in patterns(rulebook, rule) {
                by_pattern.entry(pattern).or_default().extend(owners.iter().cloned());
            }
        }
    }
    let wider = by_pattern.clone();
    let mut lines: Vec<Line> = by_pattern.into_iter().collect();
    for (pattern, owners) in &mut lines {
        let around = wider.iter().filter(|(other, _)| covers(other, pattern));
        owners.extend(around.flat_map(|(_, owners)| owners.iter().cloned()));
    }
    lines.sort_by_key(|(pattern, _)| {
        (pattern != "*", pattern.matches('/').count(), pattern.len(), pattern.clone())
    });
    (lines, nobody)
}

/// Whether all files of a pattern lie in the folder of another one.
fn covers(wide: &str, narrow: &str) -> bool {
    wide == "*" || (wide.ends_with('/') && narrow.starts_with(wide))
}

/// Whom a workflow asks by name or team, as GitHub calls them.
fn asked(rulebook: &Rulebook, workflow: &Workflow, named: &Owners<'_>) -> BTreeSet<String> {
    let account = |person: &str| named.accounts.get(person).map(|account| format!("@{account}"));
    let mut owners = BTreeSet::new();
    for principal in workflow.stage.iter().flat_map(|stage| &stage.approvers) {
        match principal {
            Principal::Person(person) => owners.extend(account(person.as_str())),
            Principal::Team(team) | Principal::OnCall(team) => {
                let Some(team) = rulebook.teams.get(team.as_str()) else { continue };
                if named.teams {
                    owners.insert(format!("@{}/{}", named.organisation, super::sort::slug(team.id.as_str())));
                } else {
                    owners.extend(team.members.iter().filter_map(|person| account(person.as_str())));
                }
            }
            // Who that is depends on what is asked for.
            Principal::Role(_) => {}
        }
    }
    owners
}

/// The patterns of a rule. A rule for kinds alone is about every document: objects may be moved.
fn patterns(rulebook: &Rulebook, rule: &GovernanceRule) -> BTreeSet<String> {
    if rule.paths.is_empty() && rule.kinds.is_empty() {
        return BTreeSet::from(["*".to_owned()]);
    }
    if rule.paths.is_empty() {
        let roots = rulebook.settings.project.roots.iter();
        return roots.map(|root| pattern(&format!("{}/**", root.trim_end_matches('/')))).collect();
    }
    rule.paths.iter().map(|path| pattern(path)).collect()
}

/// A pattern of a path as GitHub reads it. What it has no words for becomes the folder around it, which asks too many
/// rather than too few.
fn pattern(path: &str) -> String {
    let parts: Vec<&str> = path.trim_start_matches("./").split('/').collect();
    let plain = |part: &&str| !part.is_empty() && !part.contains(['[', ']', '{', '}', '!', '?', '\\']);
    let whole = parts.iter().all(&plain);
    let mut kept: Vec<&str> = parts.iter().copied().take_while(plain).collect();
    let mut is_folder = !whole;
    if kept.last() == Some(&"**") {
        kept.pop();
        is_folder = true;
    }
    if kept.is_empty() {
        return "*".to_owned();
    }
    let text = kept.join("/").replace(' ', "\\ ").replace('#', "\\#");
    format!("/{text}{}", if is_folder { "/" } else { "" })
}

/// What the file holds, in the form in which plans compare it.
pub(super) fn content(lines: &[Line]) -> Value {
    let lines: Vec<Value> =
        lines.iter().map(|(pattern, owners)| json!({ "id": pattern, "owners": owners })).collect();
    json!({ "Lines": lines })
}

/// The lines as a file.
pub(super) fn render(content: &Value) -> String {
    let mut text = HEADER.to_owned();
    for line in content.get("Lines").and_then(Value::as_array).into_iter().flatten() {
        text.push_str(content::text(line, "id"));
        for owner in content::texts(line, "owners") {
            text.push(' ');
            text.push_str(owner);
        }
        text.push('\n');
    }
    text
}

/// What a file says that was written here; none when somebody changed it in another way.
pub(super) fn read(text: &str) -> Option<Value> {
    let mut lines: Vec<Value> = Vec::new();
    for line in text.strip_prefix(HEADER)?.lines() {
        // A space in a pattern stands behind a backslash.
        let (pattern, owners) = line.split_once(" @")?;
        if pattern.is_empty() || pattern.replace("\\ ", "").contains(' ') {
            return None;
        }
        let owners: BTreeSet<String> = owners.split(" @").map(|owner| format!("@{owner}")).collect();
        lines.push(json!({ "id": pattern, "owners": owners }));
    }
    let content = json!({ "Lines": lines });
    (render(&content) == text).then_some(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_say_the_same_or_more() {
        for (path, expected) in [
            ("**", "*"),
            ("policies/**", "/policies/"),
            ("policies/finance/*.toml", "/policies/finance/*.toml"),
            ("policies/**/x.toml", "/policies/**/x.toml"),
            ("gitsm.toml", "/gitsm.toml"),
            ("a b/#c.toml", "/a\\ b/\\#c.toml"),
            ("policies/{a,b}/**", "/policies/"),
            ("policies/[ab].toml", "/policies/"),
            ("{a,b}/**", "*"),
            ("a/**/**", "/a/**/"),
        ] {
            assert_eq!(pattern(path), expected, "{path}");
        }
    }

    #[test]
    fn wide_patterns_cover_narrow_ones() {
        assert!(covers("*", "/a/b") && covers("/a/", "/a/b/") && covers("/a/", "/a/x.toml"));
        assert!(!covers("/a/b", "/a/b") && !covers("/ab/", "/abc/") && !covers("/a/x.toml", "/a/"));
    }

    #[test]
    fn the_file_is_read_back_as_it_was_written() {
        let owners = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        let lines = [
            ("*".to_owned(), owners(&["@example/security"])),
            ("/a\\ b/".to_owned(), owners(&["@ana", "@ben"])),
        ];
        let content = content(&lines);
        let text = render(&content);
        assert!(text.ends_with("\n* @example/security\n/a\\ b/ @ana @ben\n"), "{text}");
        assert_eq!(read(&text), Some(content));
        assert_eq!(read(&text.replace("* @", "*  @")), None);
        assert_eq!(read(&format!("{text}# more\n")), None);
    }
}
