//! Catalogue items with their variables, and SLA definitions, as the SDK has them.

use std::{collections::BTreeSet, fmt::Write as _};

use serde_json::Value;

use super::{
    Keys, Project,
    text::{length, quoted},
};
use crate::{
    plan::Key,
    target::{
        content::{text, texts},
        servicenow::{api::is_id, sort::Sort},
    },
};

impl Project<'_> {
    /// An item, and what the SDK makes of it.
    pub(super) fn item(
        &self,
        key: &Key,
        content: &Value,
        keys: &mut Keys,
        functions: &mut BTreeSet<&'static str>,
        out: &mut String,
    ) {
        functions.insert("CatalogItem");
        let id = self.ids.id(key);
        let constant = self.constants.get(key).map(String::as_str).unwrap_or_default();
        let mut lines = vec![
            format!("$id: Now.ID[{}]", quoted(&key.to_string())),
            format!("name: {}", quoted(text(content, "name"))),
            format!("shortDescription: {}", quoted(text(content, "short_description"))),
            format!("description: {}", quoted(text(content, "description"))),
            format!("deliveryTime: {}", length(text(content, "delivery_time"))),
        ];
        let list = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| self.refer(name)).collect();
            format!("[{}]", names.join(", "))
        };
        let joined = |table: &'static str, column: &'static str, names: &[&str], keys: &mut Keys| {
            for name in names {
                let other = self.id_of(name);
                let row = self.ids.chosen(&format!("{key}#{table} {name}"));
                keys.composite(table, &row, vec![("sc_cat_item", quoted(&id)), (column, quoted(&other))]);
            }
        };
        let catalogs: Vec<&str> = texts(content, "sc_catalogs").collect();
        lines.push(format!("catalogs: {}", list(&catalogs)));
        joined("sc_cat_item_catalog", "sc_catalog", &catalogs, keys);
        let category = text(content, "category");
        if !category.is_empty() {
            lines.push(format!("categories: {}", list(&[category])));
            joined("sc_cat_item_category", "sc_category", &[category], keys);
        }
        let readers: Vec<&str> = texts(content, "available-for").collect();
        if !readers.is_empty() {
            lines.push(format!("availableFor: {}", list(&readers)));
            joined("sc_cat_item_user_criteria_mtom", "user_criteria", &readers, keys);
        }
        let group = text(content, "group");
        if !group.is_empty() {
            lines.push(format!("fulfillmentGroup: {}", self.refer(group)));
        }
        let _ = writeln!(out, "\nexport const {constant} = CatalogItem({{");
        for line in lines {
            let _ = writeln!(out, "    {line},");
        }
        let variables = self.contents.iter().filter(|(other, content)| {
            Sort::of_kind(&other.kind) == Some(Sort::Variable) && text(content, "cat_item") == key.to_string()
        });
        let mut variables: Vec<(&Key, &Value)> = variables.map(|(key, content)| (*key, content)).collect();
        variables.sort_by_key(|(_, content)| text(content, "order").parse::<u32>().unwrap_or_default());
        if !variables.is_empty() {
            out.push_str("    variables: {\n");
            for (variable, content) in variables {
                self.variable(variable, content, &id, keys, functions, out);
            }
            out.push_str("    },\n");
        }
        out.push_str("})\n");
    }

    /// The `sys_id` of what something refers to.
    fn id_of(&self, name: &str) -> String {
        if is_id(name) {
            return name.to_owned();
        }
        Key::parse(name).map(|key| self.ids.id(&key)).unwrap_or_default()
    }

    fn variable(
        &self,
        key: &Key,
        content: &Value,
        item: &str,
        keys: &mut Keys,
        functions: &mut BTreeSet<&'static str>,
        out: &mut String,
    ) {
        let function = match text(content, "type") {
            "1" => "YesNoVariable",
            "2" => "MultiLineTextVariable",
            "5" => "SelectBoxVariable",
            "8" => "ReferenceVariable",
            "9" => "DateVariable",
            "33" => "AttachmentVariable",
            _ => "SingleLineTextVariable",
        };
        functions.insert(function);
        let name = text(content, "name");
        let id = self.ids.id(key);
        let of = vec![("cat_item", quoted(item)), ("variable_set", quoted("NULL")), ("name", quoted(name))];
        keys.composite("item_option_new", &id, of.clone());
        let mut lines = vec![
            format!("question: {}", quoted(text(content, "question_text"))),
            format!("order: {}", text(content, "order")),
            format!("mandatory: {}", text(content, "mandatory")),
        ];
        let help = text(content, "help_text");
        if !help.is_empty() {
            lines.extend(["showHelp: true".to_owned(), format!("helpText: {}", quoted(help))]);
        }
        let table = text(content, "reference");
        if !table.is_empty() {
            lines.push(format!("referenceTable: '{table}'"));
        }
        let choices: Vec<&str> = texts(content, "choices").collect();
        if !choices.is_empty() {
            let columns: Vec<String> =
                of.iter().map(|(column, value)| format!("{column}: {value}")).collect();
            let question = format!("{{ id: {}, key: {{ {} }} }}", quoted(&id), columns.join(", "));
            let mut all = Vec::new();
            for (index, choice) in choices.into_iter().enumerate() {
                let label = quoted(choice);
                all.push(format!("{label}: {{ label: {label}, sequence: {} }}", (index + 1) * 100));
                let row = self.ids.chosen(&format!("{key}#{choice}"));
                keys.composite(
                    "question_choice",
                    &row,
                    vec![("question", question.clone()), ("value", label)],
                );
            }
            lines.push(format!("choices: {{ {} }}", all.join(", ")));
        }
        let _ = writeln!(out, "        {name}: {function}({{ {} }}),", lines.join(", "));
    }

    /// An SLA definition. What the SDK does not want to be said is left out.
    pub(super) fn sla(&self, key: &Key, content: &Value, out: &mut String) {
        let constant = self.constants.get(key).map(String::as_str).unwrap_or_default();
        let mut lines = vec![
            format!("$id: Now.ID[{}]", quoted(&key.to_string())),
            format!("name: {}", quoted(text(content, "name"))),
            format!("table: {}", quoted(text(content, "collection"))),
            format!("type: {}", quoted(text(content, "type"))),
            format!("target: {}", quoted(text(content, "target"))),
            format!("duration: Duration({})", length(text(content, "duration"))),
            format!("scheduleSource: {}", quoted(text(content, "schedule_source"))),
        ];
        let schedule = text(content, "schedule");
        if !schedule.is_empty() {
            lines.push(format!("schedule: {}", self.refer(schedule)));
            lines.push(format!("timezoneSource: {}", quoted(text(content, "timezone_source"))));
            lines.push(format!("timezone: {}", quoted(text(content, "timezone"))));
        }
        let conditions =
            [("start", "start_condition"), ("stop", "stop_condition"), ("pause", "pause_condition")];
        let conditions: Vec<String> = conditions
            .into_iter()
            .filter(|(_, column)| !text(content, column).is_empty())
            .map(|(name, column)| format!("{name}: {}", quoted(text(content, column))))
            .collect();
        lines.push(format!("conditions: {{ {} }}", conditions.join(", ")));
        let (resume, cancel) = (text(content, "when_to_resume"), text(content, "when_to_cancel"));
        lines.push(format!("whenTo: {{ resume: {}, cancel: {} }}", quoted(resume), quoted(cancel)));
        if text(content, "retroactive") == "true" {
            let (pause, from) = (text(content, "retroactive_pause"), text(content, "set_start_to"));
            lines.push(format!(
                "retroactive: {{ start: true, pause: {pause}, setStartTo: {} }}",
                quoted(from)
            ));
        }
        let _ = writeln!(out, "\nexport const {constant} = Sla({{");
        for line in lines {
            let _ = writeln!(out, "    {line},");
        }
        out.push_str("})\n");
    }
}
