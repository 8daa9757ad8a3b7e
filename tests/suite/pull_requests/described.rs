//! The stand-in for GitHub, held against GitHub's own description of its interface (`OpenAPI`, the package
//! `@octokit/openapi`, which `tests/servers/github.sh install` installs): what it is asked and what it answers.
//!
//! The stand-in knows of each thing what gitsm looks at. The rest of what GitHub answers is kept in `tests/github/answers.json`:
//! for each thing the least that the description requires, made of it with `GITSM_BLESS=1`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{LazyLock, Mutex},
};

use serde_json::{Map, Value, json};

use crate::{golden::check_file, support::root};

/// Where the least that is required of each answer is kept.
const ANSWERS: &str = "tests/github/answers.json";

/// What is asked, as the description calls it, with the status of the answer, what is in it, and whether that is a list.
type Route = (&'static str, &'static str, u16, &'static str, bool);

/// All that gitsm asks about pull requests, issues, deployments and objects of Git. Paths stand below the repository.
const ROUTES: [Route; 36] = [
    ("GET", "", 200, "full-repository", false),
    ("GET", "/branches/{branch}", 200, "branch-with-protection", false),
    ("GET", "/pulls", 200, "pull-request-simple", true),
    ("POST", "/pulls", 201, "pull-request", false),
    ("GET", "/pulls/{pull_number}", 200, "pull-request", false),
    ("PATCH", "/pulls/{pull_number}", 200, "pull-request", false),
    ("GET", "/pulls/{pull_number}/commits", 200, "commit", true),
    ("GET", "/pulls/{pull_number}/reviews", 200, "pull-request-review", true),
    ("POST", "/pulls/{pull_number}/requested_reviewers", 201, "pull-request-simple", false),
    ("PUT", "/pulls/{pull_number}/merge", 200, "pull-request-merge-result", false),
    ("GET", "/activity", 200, "activity", true),
    ("GET", "/issues", 200, "issue", true),
    ("POST", "/issues", 201, "issue", false),
    ("GET", "/issues/{issue_number}", 200, "issue", false),
    ("PATCH", "/issues/{issue_number}", 200, "issue", false),
    ("GET", "/issues/{issue_number}/comments", 200, "issue-comment", true),
    ("GET", "/issues/{issue_number}/events", 200, "review-dismissed-issue-event", true),
    ("POST", "/issues/{issue_number}/comments", 201, "issue-comment", false),
    ("PATCH", "/issues/comments/{comment_id}", 200, "issue-comment", false),
    ("POST", "/statuses/{sha}", 201, "status", false),
    ("GET", "/commits/{commit_sha}/pulls", 200, "pull-request-simple", true),
    ("GET", "/commits/{ref}/statuses", 200, "status", true),
    ("POST", "/deployments", 201, "deployment", false),
    ("POST", "/deployments/{deployment_id}/statuses", 201, "deployment-status", false),
    ("GET", "/git/commits/{commit_sha}", 200, "git-commit", false),
    ("POST", "/git/commits", 201, "git-commit", false),
    ("POST", "/git/trees", 201, "git-tree", false),
    ("GET", "/git/ref/{ref}", 200, "git-ref", false),
    ("POST", "/git/refs", 201, "git-ref", false),
    ("PATCH", "/git/refs/{ref}", 200, "git-ref", false),
    ("PUT", "/pulls/{pull_number}/merge", 405, "", false),
    ("PUT", "/pulls/{pull_number}/merge", 409, "", false),
    ("POST", "/deployments", 403, "", false),
    ("POST", "/pulls/{pull_number}/requested_reviewers", 422, "", false),
    ("GET", "/user", 200, "private-user", false),
    ("GET", "/user", 403, "", false),
];

/// The repository that is asked about.
const OWN: &str = "/repos/example/rulebook";

/// Something that was asked and answered.
#[derive(Debug, Clone)]
pub struct Exchange {
    pub method: String,
    pub path: String,
    pub body: Value,
    pub status: u16,
    pub answer: Value,
    /// Whether it went wrong on purpose.
    pub broken: bool,
}

/// The route of what was asked.
fn route(method: &str, path: &str, status: u16) -> Option<&'static Route> {
    let below = path.strip_prefix(OWN).unwrap_or(path);
    ROUTES.iter().find(|(of, template, code, ..)| *of == method && *code == status && fits(template, below))
}

/// Whether a path is one of a template. The last variable of references of Git takes several segments.
fn fits(template: &str, path: &str) -> bool {
    let (wanted, got): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    let takes_more = template.starts_with("/git/ref") && wanted.last() == Some(&"{ref}");
    (wanted.len() == got.len() || (takes_more && got.len() >= wanted.len()))
        && wanted
            .iter()
            .zip(&got)
            .all(|(wanted, got)| wanted.starts_with('{') && !got.is_empty() || wanted == got)
}

/// What the stand-in knows, with all that GitHub answers besides.
pub fn whole(method: &str, path: &str, status: u16, own: Value) -> Value {
    static KEPT: LazyLock<Value> = LazyLock::new(|| {
        let text = std::fs::read_to_string(root().join(ANSWERS)).unwrap_or_else(|_| "{}".to_owned());
        serde_json::from_str(&text).unwrap()
    });
    let Some((.., schema, list)) = route(method, path, status) else { return own };
    let Some(least) = KEPT.get(*schema) else { return own };
    match own {
        Value::Array(items) if *list => items.into_iter().map(|item| one(least, item)).collect(),
        own => one(least, own),
    }
}

/// One thing with all that GitHub answers besides. Each has a name of its own, and so have the parents of a commit.
fn one(least: &Value, own: Value) -> Value {
    let name = ["node_id", "id", "number", "sha"].iter().find_map(|name| own.get(name));
    let name = name.map(|name| format!("node-{}", name.to_string().trim_matches('"')));
    let known = own.get("node_id").is_some();
    let mut whole = over(least.clone(), own);
    if let Some(name) = name.filter(|_| !known && whole.get("node_id").is_some()) {
        whole["node_id"] = json!(name);
    }
    for parent in whole.get_mut("parents").and_then(Value::as_array_mut).into_iter().flatten() {
        let place = json!("https://github.example.com");
        *parent = over(json!({ "url": place, "html_url": place }), parent.clone());
    }
    whole
}

/// One value with what another one says in its place.
fn over(least: Value, own: Value) -> Value {
    match (least, own) {
        (Value::Object(mut least), Value::Object(own)) => {
            for (key, value) in own {
                let known = least.remove(&key).unwrap_or(Value::Null);
                least.insert(key, over(known, value));
            }
            Value::Object(least)
        }
        (_, own) => own,
    }
}

/// The description; none where it is not installed, unless everything must be there.
pub fn description() -> Option<&'static Value> {
    static READ: LazyLock<Option<Value>> = LazyLock::new(|| {
        let path =
            root().join("target/servers/github/node_modules/@octokit/openapi/generated/api.github.com.json");
        let Ok(bytes) = std::fs::read(path) else {
            assert!(
                std::env::var_os("GITSM_COMPLETE").is_none(),
                "the description of GitHub is not installed (`tests/servers/github.sh install`)"
            );
            return None;
        };
        Some(serde_json::from_slice(&bytes).unwrap())
    });
    READ.as_ref()
}

/// Something of the description, with what it refers to.
fn resolved<'d>(description: &'d Value, at: &'d Value) -> &'d Value {
    match at.get("$ref").and_then(Value::as_str) {
        Some(reference) => {
            let found = description.pointer(reference.trim_start_matches('#'));
            resolved(description, found.unwrap_or_else(|| panic!("{reference}")))
        }
        None => at,
    }
}

/// The operation of a route.
fn operation<'d>(description: &'d Value, (method, template, ..): &Route) -> &'d Value {
    let path = if *template == "/user" {
        "/user".to_owned()
    } else {
        format!("/repos/{{owner}}/{{repo}}{template}")
    };
    let found = description["paths"].get(&path).and_then(|path| path.get(method.to_lowercase()));
    found.unwrap_or_else(|| panic!("GitHub has no {method} {path}"))
}

/// A schema of the description as a schema of JSON, with all that it refers to: `nullable` is a word of `OpenAPI` alone.
fn standard(schema: &Value, wanted: &mut BTreeSet<String>) -> Value {
    let Value::Object(fields) = schema else {
        return match schema {
            Value::Array(items) => items.iter().map(|item| standard(item, wanted)).collect(),
            other => other.clone(),
        };
    };
    if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
        let name = reference.trim_start_matches("#/components/schemas/");
        wanted.insert(name.to_owned());
        return json!({ "$ref": format!("#/$defs/{name}") });
    }
    let mut made = Map::new();
    for (key, value) in
        fields.iter().filter(|(key, _)| !["example", "examples", "nullable"].contains(&key.as_str()))
    {
        let inner = match (key.as_str(), value) {
            // Below these stand names, which may be those of words of the language.
            ("properties", Value::Object(all)) => {
                all.iter().map(|(name, one)| (name.clone(), standard(one, wanted))).collect()
            }
            ("enum" | "default" | "required" | "description", other) => other.clone(),
            (_, other) => standard(other, wanted),
        };
        made.insert(key.clone(), inner);
    }
    if fields.get("nullable") == Some(&Value::Bool(true)) {
        return json!({ "anyOf": [Value::Object(made), { "type": "null" }] });
    }
    Value::Object(made)
}

/// What holds values against a schema of the description.
fn validator(description: &Value, schema: &Value) -> jsonschema::Validator {
    let (mut wanted, mut defined) = (BTreeSet::new(), Map::new());
    let mut whole = standard(schema, &mut wanted);
    while let Some(name) = wanted.iter().find(|name| !defined.contains_key(*name)).cloned() {
        let made = standard(&description["components"]["schemas"][&name], &mut wanted);
        defined.insert(name, made);
    }
    whole["$defs"] = Value::Object(defined);
    jsonschema::draft202012::new(&whole).unwrap()
}

/// What is wrong with some exchanges by the description.
pub fn wrong(exchanges: &[Exchange]) -> Vec<String> {
    static MADE: LazyLock<Mutex<BTreeMap<String, Option<jsonschema::Validator>>>> =
        LazyLock::new(Mutex::default);
    let Some(description) = description() else { return Vec::new() };
    let mut found = Vec::new();
    let mut made = MADE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    for one in exchanges {
        let asked = format!("{} {}", one.method, one.path);
        let known = ROUTES.iter().find(|(of, template, ..)| {
            *of == one.method && fits(template, one.path.strip_prefix(OWN).unwrap_or(&one.path))
        });
        let Some(known) = known else {
            // Whatever it answers, it is no answer of GitHub's.
            if one.status < 400 {
                found.push(format!("{asked}: nobody says which call of GitHub it is"));
            }
            continue;
        };
        let operation = operation(description, known);
        let content =
            |of: &Value| resolved(description, of).pointer("/content/application~1json/schema").cloned();
        let mut check = |key: String, schema: Option<Value>, value: &Value, what: &str| {
            let validator =
                made.entry(key).or_insert_with(|| schema.map(|schema| validator(description, &schema)));
            let Some(validator) = validator else { return };
            found.extend(validator.iter_errors(value).map(|error| {
                format!(
                    "{asked}: {what} {}: {}",
                    error.instance_path(),
                    error.to_string().chars().take(300).collect::<String>()
                )
            }));
        };
        let (method, template, ..) = known;
        if !one.body.is_null() {
            let schema = operation.get("requestBody").and_then(content);
            check(format!("{method} {template}"), schema, &one.body, "what is asked at");
        }
        if one.broken {
            continue;
        }
        let status = one.status.to_string();
        match operation["responses"].get(&status) {
            Some(response) => {
                let schema = content(response);
                check(format!("{method} {template} {status}"), schema, &one.answer, "what is answered at");
            }
            // GitHub answers so wherever a token may not see something.
            None if [403, 404].contains(&one.status) => {}
            None => found.push(format!("{asked}: GitHub never answers with {status}")),
        }
    }
    found
}

/// The least value that a schema allows. What gitsm looks at is there, although it could be null.
fn least(description: &Value, schema: &Value, depth: usize) -> Value {
    const LOOKED_AT: [&str; 5] = ["user", "author", "committer", "actor", "creator"];
    let schema = resolved(description, schema);
    if depth > 12 {
        return Value::Null;
    }
    if let Some(one) = schema.get("enum").and_then(|all| all.get(0)) {
        return one.clone();
    }
    for word in ["oneOf", "anyOf"] {
        if let Some(first) = schema.get(word).and_then(|all| all.get(0)) {
            return least(description, first, depth + 1);
        }
    }
    if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
        let parts = parts.iter().map(|part| least(description, part, depth + 1));
        return parts.fold(Value::Null, over);
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => match schema.get("format").and_then(Value::as_str) {
            Some("date-time") => json!("2026-11-19T08:00:00Z"),
            Some("uri") => json!("https://github.example.com"),
            _ => {
                let length = schema.get("minLength").and_then(Value::as_u64).unwrap_or(1);
                json!("0".repeat(usize::try_from(length).unwrap()))
            }
        },
        Some("integer" | "number") => json!(schema.get("minimum").and_then(Value::as_i64).unwrap_or(1)),
        Some("boolean") => json!(false),
        Some("array") => json!([]),
        _ => {
            let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
            let required: BTreeSet<&str> = required.filter_map(Value::as_str).collect();
            let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
            let kept = properties.filter(|(name, _)| required.contains(name.as_str()));
            let value = |name: &str, one: &Value| {
                let null = resolved(description, one).get("nullable") == Some(&Value::Bool(true));
                if null && !LOOKED_AT.contains(&name) {
                    Value::Null
                } else {
                    least(description, one, depth + 1)
                }
            };
            kept.map(|(name, one)| (name.clone(), value(name, one))).collect::<Map<_, _>>().into()
        }
    }
}

#[test]
fn the_least_that_github_answers_is_kept_as_it_describes_it() {
    let Some(description) = description() else { return };
    let mut kept = Map::new();
    for (_, _, _, schema, _) in ROUTES.iter().filter(|(.., schema, _)| !schema.is_empty()) {
        let made = least(description, &description["components"]["schemas"][*schema], 0);
        kept.insert((*schema).to_owned(), made);
    }
    kept.sort_keys();
    check_file(ANSWERS, &(serde_json::to_string_pretty(&kept).unwrap() + "\n"));
}

#[test]
fn an_answer_that_lacks_something_is_noticed() {
    if description().is_none() {
        return;
    }
    let path = format!("{OWN}/pulls/12");
    let whole = whole("GET", &path, 200, json!({ "number": 12, "state": "open" }));
    let exchange = |answer: &Value| Exchange {
        method: "GET".to_owned(),
        path: path.clone(),
        body: Value::Null,
        status: 200,
        answer: answer.clone(),
        broken: false,
    };
    assert_eq!(wrong(&[exchange(&whole)]), Vec::<String>::new());
    for field in ["number", "state", "head", "merged", "user"] {
        let mut lacks = whole.clone();
        lacks.as_object_mut().unwrap().remove(field);
        let found = wrong(&[exchange(&lacks)]);
        assert!(
            found.len() == 1 && found[0].contains(&format!("\"{field}\" is a required property")),
            "{found:?}"
        );
    }
    for (field, value) in [("state", json!("merged")), ("number", json!("12")), ("merged", Value::Null)] {
        let mut other = whole.clone();
        other[field] = value;
        assert_eq!(wrong(&[exchange(&other)]).len(), 1, "{field}");
    }
    // What may be null may be, and what is asked is looked at as well.
    let mut nobody = whole.clone();
    nobody["milestone"] = Value::Null;
    assert_eq!(wrong(&[exchange(&nobody)]), Vec::<String>::new());
    let asked = |body: Value, status: u16| Exchange {
        method: "PUT".to_owned(),
        path: format!("{path}/merge"),
        body,
        status,
        answer: super::described::whole("PUT", &format!("{path}/merge"), 200, json!({})),
        broken: status != 200,
    };
    assert_eq!(wrong(&[asked(json!({ "sha": "1", "merge_method": "merge" }), 200)]), Vec::<String>::new());
    assert_eq!(wrong(&[asked(json!({ "merge_method": "by hand" }), 200)]).len(), 1);
    let strange = Exchange { path: format!("{OWN}/nowhere"), ..exchange(&whole) };
    assert_eq!(wrong(&[strange]).len(), 1, "a call that GitHub does not have");
    let teapot = Exchange { status: 418, ..exchange(&whole) };
    assert_eq!(wrong(&[teapot]).len(), 1, "an answer that GitHub does not give");
}
