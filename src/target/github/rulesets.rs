//! The ruleset of the repository: nothing reaches the main branch without a pull request that somebody agreed to.
//!
//! GitHub asks for the same of every change; which change needs whom is decided by gitsm. So the ruleset holds what is true
//! of all of them, and that nobody goes around it.

use serde_json::{Map, Value, json};

use super::{error::HubError, inventory::Where};
use crate::{
    forge::github::{ForgeError, GitHub},
    model::Rulebook,
    plan::Key,
    target::{content::text, mark::Owner},
};

/// The name of the ruleset of before owners were named.
const UNOWNED: &str = "gitsm: changes of the rulebook";

/// The name of the ruleset of an owner, by which it is known: a ruleset has no description.
fn name_of(owner: &Owner) -> String {
    format!("gitsm {}: changes of the rulebook", owner.as_str())
}

/// What is managed of the rule for pull requests. GitHub adds more of its own.
const PARAMETERS: [&str; 5] = [
    "dismiss_stale_reviews_on_push",
    "require_code_owner_review",
    "require_last_push_approval",
    "required_approving_review_count",
    "required_review_thread_resolution",
];

/// What the ruleset must say; none when nobody has to agree to changes.
pub(super) fn desired(rulebook: &Rulebook, owner: &Owner, has_owners: bool) -> Option<Value> {
    rulebook.governances.iter().next()?;
    let pull_request = json!({
        "dismiss_stale_reviews_on_push": true,
        "require_code_owner_review": has_owners,
        "require_last_push_approval": true,
        "required_approving_review_count": 1,
        "required_review_thread_resolution": false,
    });
    Some(json!({
        "name": name_of(owner),
        "target": "branch",
        "enforcement": "active",
        "bypass_actors": [],
        "conditions": { "ref_name": { "include": ["~DEFAULT_BRANCH"], "exclude": [] } },
        "rules": [
            { "type": "deletion" },
            { "type": "non_fast_forward" },
            { "type": "pull_request", "parameters": pull_request },
        ],
    }))
}

/// What is there.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The number of the ruleset, and what it says; none when it is not there.
    pub(super) own: Option<(String, Value)>,
    /// The names of all others.
    pub(super) others: Vec<String>,
}

/// The rulesets of the repository, without those of the organisation.
pub(super) fn read(github: &GitHub, place: &Where, key: &Key, owner: &Owner) -> Result<Found, HubError> {
    let path = place.repository(&["rulesets"]);
    let all: Vec<Value> = github.all(&path, &[("includes_parents", "false")])?;
    let named = name_of(owner);
    let (own, others): (Vec<&Value>, Vec<&Value>) =
        all.iter().partition(|ruleset| [named.as_str(), UNOWNED].contains(&text(ruleset, "name")));
    let number = |ruleset: &Value| ruleset.get("id").map(Value::to_string).unwrap_or_default();
    let others = others.iter().map(|ruleset| format!("ruleset {}", text(ruleset, "name"))).collect();
    let own = match own.as_slice() {
        [] => None,
        [one] => {
            let id = number(one);
            let found: Option<Value> = github.find(&place.repository(&["rulesets", &id]))?;
            found.map(|found| Ok::<_, HubError>((id, content(&found)?))).transpose()?
        }
        [first, second, ..] => {
            return Err(HubError::Ambiguous {
                key: key.to_string(),
                sort: "ruleset",
                first: number(first),
                second: number(second),
                marker: named,
            });
        }
    };
    Ok(Found { own, others })
}

/// Makes the ruleset say this; without a value, removes it.
pub(super) fn write(
    github: &GitHub,
    place: &Where,
    id: Option<&str>,
    wanted: Option<&Value>,
) -> Result<(), ForgeError> {
    match (id, wanted) {
        (Some(id), Some(wanted)) => {
            github.put::<Value>(&place.repository(&["rulesets", id]), wanted).map(drop)
        }
        (None, Some(wanted)) => github.post::<Value>(&place.repository(&["rulesets"]), wanted).map(drop),
        (Some(id), None) => github.delete(&place.repository(&["rulesets", id])),
        (None, None) => Ok(()),
    }
}

/// What a ruleset says, in the form in which plans compare it.
fn content(found: &Value) -> Result<Value, HubError> {
    // Only who may change it sees who may go around it.
    let Some(bypass) = found.get("bypass_actors").filter(|bypass| bypass.is_array()) else {
        return Err(HubError::Unseen);
    };
    let names = |list: &str| {
        let names = found.get("conditions").and_then(|conditions| conditions.get("ref_name")?.get(list));
        names.cloned().unwrap_or_else(|| json!([]))
    };
    let rules = found.get("rules").and_then(Value::as_array).into_iter().flatten();
    let mut rules: Vec<Value> = rules.map(rule).collect();
    rules.sort_by(|one, other| text(one, "type").cmp(text(other, "type")));
    Ok(json!({
        "name": text(found, "name"),
        "target": text(found, "target"),
        "enforcement": text(found, "enforcement"),
        "bypass_actors": bypass,
        "conditions": { "ref_name": { "include": names("include"), "exclude": names("exclude") } },
        "rules": rules,
    }))
}

/// A rule, without what GitHub adds to that of pull requests.
fn rule(rule: &Value) -> Value {
    let mut kept = json!({ "type": text(rule, "type") });
    let parameters = rule.get("parameters").and_then(Value::as_object);
    if let (Some(parameters), Some(fields)) = (parameters, kept.as_object_mut()) {
        let is_ours = text(rule, "type") == "pull_request";
        let parameters =
            parameters.iter().filter(|(name, _)| !is_ours || PARAMETERS.contains(&name.as_str()));
        let parameters: Map<String, Value> =
            parameters.map(|(name, value)| (name.clone(), value.clone())).collect();
        fields.insert("parameters".to_owned(), Value::Object(parameters));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_github_adds_is_no_difference_and_what_somebody_adds_is_one() {
        let mut rulebook = Rulebook::default();
        let owner = Owner::default();
        assert_eq!(desired(&rulebook, &owner, true), None, "nobody has to agree");
        let governance = json!({ "rule": [{ "id": "all", "workflow": "change" }] });
        let document =
            crate::model::AnyDocument::Governance(Box::new(serde_json::from_value(governance).unwrap()));
        let id = crate::model::Id::new("rulebook").unwrap();
        rulebook.insert(id, document, crate::model::Origin::default()).unwrap();
        let wanted = desired(&rulebook, &owner, true).unwrap();
        let mut held = wanted.clone();
        held["id"] = json!(7);
        held["rules"][2]["parameters"]["allowed_merge_methods"] = json!(["merge"]);
        held["rules"].as_array_mut().unwrap().reverse();
        assert_eq!(content(&held).unwrap(), wanted);
        held["bypass_actors"] = json!([{ "actor_id": 5, "actor_type": "RepositoryRole" }]);
        assert_ne!(content(&held).unwrap(), wanted);
        held.as_object_mut().unwrap().remove("bypass_actors");
        assert!(matches!(content(&held), Err(HubError::Unseen)));
        for (change, value) in [("/enforcement", json!("disabled")), ("/rules/0/type", json!("creation"))] {
            let mut held = wanted.clone();
            *held.pointer_mut(change).unwrap() = value;
            assert_ne!(content(&held).unwrap(), wanted, "{change}");
        }
    }
}
