//! Request types as catalogue items, their forms as variables, and who may ask for them as user criteria.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    desired::Rows,
    inventory::sorted_list,
    lookups::named,
    sort::{DEPARTMENTS, Sort},
    times,
};
use crate::{
    model::{
        Entry, Rulebook,
        condition::{Condition, Literal, Operator, Test},
        request_type::{Field, FieldType, RequestType},
    },
    target::{
        TargetError,
        mark::one_line,
        offered::{fulfilling, is_offered, options},
    },
};

/// An item for each request type that is offered, with a variable for each field of its form. Those whose condition cannot
/// be said are left out, because everybody would see them; gives how many that are.
pub(super) fn items(rulebook: &Rulebook, catalog: &str, rows: &mut Rows) -> Result<usize, TargetError> {
    let mut unsaid = 0;
    for request in rulebook.request_types.iter().filter(|request| is_offered(request.lifecycle)) {
        let id = request.id.as_str();
        let mut readers = Vec::new();
        if let Some(when) = request.available_when.as_ref().filter(|when| !when.is_always()) {
            let Some(departments) = departments(when) else {
                unsaid += 1;
                continue;
            };
            let criteria = format!("request/{id}");
            let called = format!("May ask for {}", one_line(&request.name));
            let content = json!({
                "name": rows.name(Sort::Criteria, &criteria, &called),
                "department": sorted_list(departments.into_iter().map(|name| named(DEPARTMENTS, &name))),
                "role": [],
                "match_all": "false",
                "advanced": "false",
            });
            rows.add(Sort::Criteria, &criteria, &called, content);
            readers.push(format!("criteria/{criteria}"));
        }
        item(rulebook, request, catalog, &readers, rows)?;
    }
    Ok(unsaid)
}

/// The departments that a condition names, when it says nothing else. Other conditions have nothing that stands for them.
fn departments(condition: &Condition) -> Option<BTreeSet<String>> {
    let test = match condition {
        Condition::Test(test) => test,
        Condition::All(parts) | Condition::Any(parts) => match parts.as_slice() {
            [only] => return departments(only),
            _ => return None,
        },
        Condition::Not(_) => return None,
    };
    let Test { namespace, name, operator: Operator::Is | Operator::In, operands, .. } = test else {
        return None;
    };
    if (&**namespace, &**name) != ("subject", "department") || operands.is_empty() {
        return None;
    }
    let names = operands.iter().map(|operand| match operand {
        Literal::Text(department) => Some(department.to_string()),
        _ => None,
    });
    names.collect()
}

fn item(
    rulebook: &Rulebook,
    request: &Entry<RequestType>,
    catalog: &str,
    readers: &[String],
    rows: &mut Rows,
) -> Result<(), TargetError> {
    let id = request.id.as_str();
    let description = request.description.as_deref().unwrap_or_default();
    let group = fulfilling(rulebook, request).map(|team| format!("group/{team}")).unwrap_or_default();
    let category =
        request.category.as_ref().map(|category| format!("category/{category}")).unwrap_or_default();
    let content = json!({
        "name": rows.name(Sort::Item, id, &request.name),
        "short_description": one_line(description),
        "description": description,
        "category": category,
        "sc_catalogs": [catalog],
        "group": group,
        "delivery_time": times::duration(delivery(rulebook, request)?),
        "available-for": readers,
    });
    rows.add(Sort::Item, id, &request.name, content);
    let mut names: BTreeSet<String> = BTreeSet::new();
    for (index, (field_id, field)) in request.field.iter().enumerate() {
        let key = format!("{id}/{field_id}");
        let name = variable_name(field_id.as_str(), &mut names);
        rows.add(Sort::Variable, &key, &field.label, variable(field, id, &name, index));
    }
    Ok(())
}

/// The longest that the SLA of a request allows: nobody says how urgent it is when it comes in.
fn delivery(rulebook: &Rulebook, request: &RequestType) -> Result<i64, TargetError> {
    let sla = request.sla.as_ref().and_then(|sla| rulebook.slas.get(sla.as_str()));
    let Some(sla) = sla else { return Ok(0) };
    let calendar = rulebook.calendars.get(sla.calendar.as_str());
    let day = match calendar {
        Some(calendar) => times::business_day(rulebook, calendar)?.0,
        None => 0,
    };
    let times = sla.target.values().filter_map(|targets| targets.resolve).map(|target| target.seconds(day));
    Ok(times.max().unwrap_or(0))
}

/// The name of a variable: letters, digits and `_`, and another one for each field.
fn variable_name(field: &str, names: &mut BTreeSet<String>) -> String {
    let plain: String = field
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' })
        .take(36)
        .collect();
    let mut name = plain.clone();
    let mut number = 2;
    while !names.insert(name.clone()) {
        name = format!("{plain}_{number}");
        number += 1;
    }
    name
}

/// A field of a form. The types are those of `item_option_new`: 1 yes or no, 2 several lines, 5 select box, 6 one line,
/// 8 reference, 9 date, 33 attachment.
fn variable(field: &Field, request: &str, name: &str, index: usize) -> Value {
    let (sort, table) = match field.field_type {
        FieldType::Boolean => ("1", ""),
        FieldType::LongText | FieldType::Choices => ("2", ""),
        FieldType::Choice => ("5", ""),
        FieldType::Date => ("9", ""),
        FieldType::Person => ("8", "sys_user"),
        FieldType::Team => ("8", "sys_user_group"),
        FieldType::Service => ("8", "cmdb_ci_service"),
        FieldType::Attachment => ("33", ""),
        _ => ("6", ""),
    };
    let options = options(field);
    let mut help = one_line(field.help.as_deref().unwrap_or_default());
    if field.field_type == FieldType::Choices {
        // There is no variable for several answers that needs no rows of its own to choose from.
        help = one_line(&format!("{help} Some of: {}.", options.join(", ")));
    }
    json!({
        "cat_item": format!("item/{request}"),
        "name": name,
        "question_text": field.label,
        "type": sort,
        "mandatory": field.required.to_string(),
        "order": ((index + 1) * 100).to_string(),
        "show_help": (!help.is_empty()).to_string(),
        "help_text": help,
        "reference": table,
        "choices": if field.field_type == FieldType::Choice { options } else { Vec::new() },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Place;

    fn test(name: &str, operator: Operator, values: &[&str]) -> Condition {
        Condition::Test(Test {
            namespace: "subject".into(),
            name: name.into(),
            operator,
            operands: values.iter().map(|value| Literal::Text((*value).into())).collect(),
            key: Place::default(),
            place: Place::default(),
        })
    }

    #[test]
    fn only_conditions_on_departments_have_something_that_stands_for_them() {
        let it = || test("department", Operator::In, &["it", "hr"]);
        let names: BTreeSet<String> = ["it", "hr"].map(str::to_owned).into();
        assert_eq!(departments(&it()), Some(names.clone()));
        assert_eq!(departments(&Condition::All(vec![it()])), Some(names));
        for other in [
            Condition::All(vec![it(), it()]),
            Condition::Not(Box::new(it())),
            test("location", Operator::Is, &["berlin"]),
            test("department", Operator::Is, &[]),
            Condition::All(Vec::new()),
        ] {
            assert_eq!(departments(&other), None, "{other:?}");
        }
    }

    #[test]
    fn every_field_has_a_name_of_its_own_that_is_one() {
        let mut names = BTreeSet::new();
        let made = ["cost-centre", "cost_centre", "cost.centre", "why"]
            .map(|field| variable_name(field, &mut names));
        assert_eq!(made, ["cost_centre", "cost_centre_2", "cost_centre_3", "why"]);
        assert!(variable_name(&"x".repeat(64), &mut names).len() <= 40);
    }
}
