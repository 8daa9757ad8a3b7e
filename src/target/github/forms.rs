//! Issue forms: one for each request type that is offered.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::yaml;
use crate::{
    model::{
        Entry, Rulebook,
        request_type::{Field, FieldType, RequestType},
    },
    target::mark::one_line,
};

/// What stands above each form.
const HEADER: &str =
    "# Written by gitsm from the request type of the same name: what is changed here is overwritten.\n";
/// The shortest name of a form that GitHub takes.
const SHORTEST: usize = 3;
/// Nobody finds anything in a longer list: it becomes a line to write in.
const MOST_OPTIONS: usize = 200;

/// The form of a request type, with the labels that its issues get.
pub(super) fn form(rulebook: &Rulebook, request: &Entry<RequestType>, labels: &[String]) -> Value {
    let name = one_line(&request.name);
    let name = if name.chars().count() < SHORTEST { format!("{name} ({})", request.id) } else { name };
    let about = request.description.as_deref().map(one_line).filter(|about| !about.is_empty());
    let mut seen = BTreeSet::new();
    let mut ids = BTreeSet::new();
    let mut body: Vec<Value> = Vec::new();
    for (id, field) in &request.field {
        // GitHub wants labels and ids that differ, and ids without dots.
        let label = one_line(&field.label);
        let label = if seen.insert(label.to_lowercase()) { label } else { format!("{label} ({id})") };
        let mut id = id.as_str().replace('.', "_");
        while !ids.insert(id.clone()) {
            id.push('_');
        }
        body.push(question(rulebook, request, &id, &label, field));
    }
    if body.is_empty() {
        // A form must ask something.
        body.push(json!({
            "type": "textarea",
            "id": "details",
            "attributes": { "label": "Is there anything that we should know?" },
            "validations": { "required": false },
        }));
    }
    json!({
        "name": name,
        "description": about.unwrap_or_else(|| one_line(&request.name)),
        "labels": labels,
        "body": body,
    })
}

fn question(rulebook: &Rulebook, request: &RequestType, id: &str, label: &str, field: &Field) -> Value {
    let mut attributes = Map::new();
    attributes.insert("label".to_owned(), json!(label));
    if let Some(help) = field.help.as_deref().map(one_line).filter(|help| !help.is_empty()) {
        attributes.insert("description".to_owned(), json!(help));
    }
    let placeholder = match field.field_type {
        FieldType::Date => "2030-12-31",
        FieldType::Duration => "30d",
        FieldType::Number => "1",
        FieldType::Money => "100 EUR",
        FieldType::Attachment => "Drop the file here.",
        FieldType::Person => "The name or e-mail address of a person",
        _ => "",
    };
    let options = match field.field_type {
        FieldType::Boolean => vec!["yes".to_owned(), "no".to_owned()],
        FieldType::Choice | FieldType::Choices => {
            options(field.options.iter().map(|option| one_line(option)))
        }
        FieldType::Entitlement => options(request.entitlements.iter().map(ToString::to_string)),
        FieldType::Team => options(rulebook.teams.iter().map(|team| one_line(&team.name))),
        FieldType::Service => options(rulebook.services.iter().map(|service| one_line(&service.name))),
        _ => Vec::new(),
    };
    let options = if options.len() > MOST_OPTIONS { Vec::new() } else { options };
    let sort = match field.field_type {
        FieldType::LongText | FieldType::Attachment => "textarea",
        _ if !options.is_empty() => "dropdown",
        _ => "input",
    };
    if sort == "dropdown" {
        if field.field_type == FieldType::Choices {
            attributes.insert("multiple".to_owned(), json!(true));
        }
        attributes.insert("options".to_owned(), json!(options));
    } else if !placeholder.is_empty() {
        attributes.insert("placeholder".to_owned(), json!(placeholder));
    }
    json!({ "type": sort, "id": id, "attributes": attributes, "validations": { "required": field.required } })
}

/// Options as GitHub takes them: each once, and none of them the word that it keeps for itself.
fn options(options: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    options
        .filter(|option| !option.is_empty())
        .map(|option| if option.eq_ignore_ascii_case("none") { format!("({option})") } else { option })
        .filter(|option| seen.insert(option.clone()))
        .collect()
}

/// The form as a file.
pub(super) fn render(content: &Value) -> String {
    // Content is sorted; people look for the name first.
    let order =
        ["name", "description", "labels", "type", "id", "attributes", "validations", "label", "options"];
    format!("{HEADER}{}", yaml::render(&ordered(content, &order)))
}

fn ordered(value: &Value, order: &[&str]) -> Value {
    match value {
        Value::Object(fields) => {
            let rank = |name: &str| order.iter().position(|known| *known == name).unwrap_or(order.len());
            let mut names: Vec<&String> = fields.keys().collect();
            names.sort_by_key(|name| (rank(name), (*name).clone()));
            let fields = names.into_iter().filter_map(|name| Some((name, fields.get(name)?)));
            fields.map(|(name, value)| (name.clone(), ordered(value, order))).collect::<Map<_, _>>().into()
        }
        Value::Array(items) => items.iter().map(|item| ordered(item, order)).collect(),
        other => other.clone(),
    }
}

/// The form in a file that was written here; none when somebody changed it.
pub(super) fn read(text: &str) -> Option<Value> {
    let content = yaml::read(text.strip_prefix(HEADER)?)?;
    (render(&content) == text).then_some(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_back_as_it_was_written_and_any_other_is_a_change() {
        let form = json!({
            "name": "VPN: \"access\"",
            "description": "To reach the network.",
            "labels": ["request:vpn"],
            "body": [{ "type": "input", "id": "why", "attributes": { "label": "Why?" }, "validations": { "required": true } }],
        });
        let text = render(&form);
        assert!(text.contains("name: \"VPN: \\\"access\\\"\"\ndescription:"), "{text}");
        assert_eq!(read(&text), Some(form));
        assert_eq!(read(&text.replace("Why?", "How?")).unwrap()["body"][0]["attributes"]["label"], "How?");
        for other in [text.replace("# Written", "# Changed"), format!("{text}\n"), text.replace("  ", "\t")] {
            assert_eq!(read(&other), None, "{other}");
        }
    }

    #[test]
    fn options_are_what_github_takes() {
        let given = ["a", "None", "", "a", "none"].map(str::to_owned);
        assert_eq!(options(given.into_iter()), ["a", "(None)", "(none)"]);
    }
}
