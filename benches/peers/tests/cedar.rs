//! Access rules put into the words of Cedar decide alike.
//!
//! Drawn policies, guardrails and requests are decided by gitsm, by its full engine and by its classifier, and by Cedar.
//! Cedar has no order: a rule becomes a policy whose condition says that no earlier rule matches, where the rules that
//! are read earlier are those of nearer scopes. A guardrail that denies becomes a `forbid`, which always wins there, too.
//! Scopes are entities: an entitlement is in its service, which is in its category. An attribute that is absent is left
//! out of the context, and a test of it asks first whether it is there.
//!
//! What is not compared has no words in Cedar, or is no permission: who approves, until when, evidence, exceptions,
//! separation of duties, patterns with `?`, calendars. `GITSM_LONG=1` compares fifty times as many.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt::Write as _,
};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, Policy, PolicyId, PolicySet,
    Request as Asked, RestrictedExpression,
};
use gitsm::{
    decide::{access::decide, classifier::Classifier, engine::Engine},
    load,
    model::{
        Rulebook,
        access::{AppliesTo, Decision as Decides, Mode},
        condition::{Condition, Literal, Operator, Test},
        request::Request,
        scenario::Verdict,
    },
    source::{Found, Sort, Source, SourceError},
};
use jiff::Timestamp;

#[path = "../src/workload.rs"]
#[allow(dead_code, reason = "only the numbers are used")]
mod workload;
use workload::Draw;

const SETTINGS: &str = "[project]\nname = \"Cedar\"\n[attribute.subject.grade]\ntype = \"integer\"\n\
     [attribute.subject.level]\ntype = \"integer\"\noptional = true\n";
const RISKS: [&str; 4] = ["low", "medium", "high", "critical"];
const PEOPLE: usize = 12;
const OFFERS: usize = 6;

fn pick<'t>(draw: &mut Draw, from: &[&'t str]) -> &'t str {
    from[draw.below(from.len())]
}

/// A value of an attribute.
#[derive(Debug, Clone)]
enum Value {
    Text(String),
    Number(i64),
    Yes(bool),
    Set(Vec<String>),
}

type Values = BTreeMap<&'static str, Value>;

/// People, entitlements, the documents that say so, and the policies about them.
struct World {
    toml: String,
    people: Vec<Values>,
    risks: Vec<i64>,
}

fn world(draw: &mut Draw) -> World {
    let mut toml = String::from(
        "person.o1 = { name = \"Owner\", attributes.grade = 0 }\nperson.o2 = { name = \"Owner\", attributes.grade = 0 }\n\
         team.owners = { name = \"Owners\", members = [\"o1\", \"o2\"] }\n\
         workflow.w = { name = \"Ask\", stage = [{ id = \"a\", approvers = [\"team:owners\"] }] }\n\
         category.c0 = { name = \"Outer\", function = \"it\" }\n\
         category.c1 = { name = \"Inner\", function = \"it\", parent = \"c0\" }\n",
    );
    let people: Vec<Values> = (0..PEOPLE).map(|index| person(draw, index, &mut toml)).collect();
    for team in 0..2 {
        let name = format!("t{team}");
        let is_in =
            |values: &Values| matches!(&values["subject_teams"], Value::Set(teams) if teams.contains(&name));
        let members = people.iter().enumerate().filter(|(_, values)| is_in(values));
        let members: Vec<String> = members.map(|(index, _)| format!("p{index}")).collect();
        writeln!(toml, "[team.{name}]\nname = \"Team\"\nmembers = {members:?}").unwrap();
    }
    let mut risks = Vec::new();
    for service in 0..2 {
        writeln!(
            toml,
            "[service.s{service}]\nname = \"Service\"\nlifecycle = \"active\"\ncategory = \"c{service}\""
        )
        .unwrap();
        for part in 0..OFFERS / 2 {
            let risk = draw.below(4);
            risks.push(i64::try_from(risk).unwrap());
            // Everything ends, so that nothing is denied for want of an end.
            writeln!(
                toml,
                "entitlement.e{part} = {{ name = \"E\", max-duration = \"30d\", risk = \"{}\" }}",
                RISKS[risk]
            )
            .unwrap();
        }
    }
    for index in 0..1 + draw.below(4) {
        writeln!(toml, "[access.a{index}]\norder = {index}\napplies-to = {}", scope(draw)).unwrap();
        for rule in 0..1 + draw.below(4) {
            writeln!(toml, "[[access.a{index}.rule]]\nid = \"r{rule}\"\nwhen = {{ {} }}", condition(draw, 2))
                .unwrap();
            let decision = pick(draw, &["\"auto-approve\"", "\"deny\"", "{ workflow = \"w\" }"]);
            writeln!(toml, "decision = {decision}").unwrap();
            if draw.chance(10) {
                writeln!(toml, "mode = \"{}\"", pick(draw, &["record", "warn"])).unwrap();
            }
        }
    }
    for index in 0..draw.below(3) {
        writeln!(
            toml,
            "[guardrail.g{index}]\ndescription = \"no\"\ndeny = true\napplies-to = {}",
            scope(draw)
        )
        .unwrap();
        writeln!(toml, "when = {{ {} }}", condition(draw, 1)).unwrap();
        if draw.chance(20) {
            toml += "mode = \"record\"\n";
        }
    }
    World { toml, people, risks }
}

fn person(draw: &mut Draw, index: usize, toml: &mut String) -> Values {
    let mut values = Values::new();
    let employment = pick(draw, &["employee", "contractor"]);
    let grade = i64::try_from(draw.below(4)).unwrap() - 1;
    writeln!(
        toml,
        "[person.p{index}]\nname = \"Person\"\nemployment = \"{employment}\"\nattributes.grade = {grade}"
    )
    .unwrap();
    values.insert("subject_employment", Value::Text(employment.to_owned()));
    values.insert("subject_grade", Value::Number(grade));
    if draw.chance(70) {
        let department = pick(draw, &["it", "sales"]);
        writeln!(toml, "department = \"{department}\"").unwrap();
        values.insert("subject_department", Value::Text(department.to_owned()));
    }
    if draw.chance(70) {
        let location = pick(draw, &["de-berlin", "de-", "fr-lyon", "de"]);
        writeln!(toml, "location = \"{location}\"").unwrap();
        values.insert("subject_location", Value::Text(location.to_owned()));
    }
    if draw.chance(50) {
        let level = i64::try_from(draw.below(3)).unwrap();
        writeln!(toml, "attributes.level = {level}").unwrap();
        values.insert("subject_level", Value::Number(level));
    }
    let teams = (0..2).filter(|_| draw.chance(50)).map(|team| format!("t{team}")).collect();
    values.insert("subject_teams", Value::Set(teams));
    values
}

fn scope(draw: &mut Draw) -> String {
    match draw.below(5) {
        0 => format!("{{ entitlement = \"{}\" }}", offer(draw.below(OFFERS))),
        1 => format!("{{ service = \"s{}\" }}", draw.below(2)),
        2 => format!("{{ category = \"c{}\" }}", draw.below(2)),
        _ => "\"everything\"".to_owned(),
    }
}

fn offer(place: usize) -> String {
    format!("s{}/e{}", place / (OFFERS / 2), place % (OFFERS / 2))
}

fn condition(draw: &mut Draw, depth: usize) -> String {
    if depth > 0 && draw.chance(40) {
        let (one, two) = (condition(draw, depth - 1), condition(draw, depth - 1));
        return match draw.below(4) {
            0 => format!("any = [{{ {one} }}, {{ {two} }}]"),
            1 => format!("all = [{{ {one} }}, {{ {two} }}]"),
            2 => format!("not = {{ any = [{{ {one} }}, {{ {two} }}] }}"),
            _ => format!("not = {{ {one} }}"),
        };
    }
    let side = pick(draw, &["min", "max", "above", "below"]);
    match draw.below(14) {
        0 => format!("subject.department = \"{}\"", pick(draw, &["it", "sales", "hr"])),
        1 => "subject.department = [\"it\", \"hr\"]".to_owned(),
        2 => format!("subject.department.not-in = [\"{}\"]", pick(draw, &["it", "hr"])),
        3 => format!("subject.department.exists = {}", draw.chance(50)),
        4 => format!("subject.location.glob = \"{}\"", pick(draw, &["de-*", "*", "*-*", "d*n", "*e"])),
        5 => format!("subject.employment = \"{}\"", pick(draw, &["employee", "contractor"])),
        6 => format!("subject.grade.{side} = {}", pick(draw, &["-1", "0", "1", "2"])),
        7 => format!("subject.level.{side} = {}", pick(draw, &["0", "1", "2"])),
        8 => format!("subject.level = {}", pick(draw, &["0", "1"])),
        9 => format!("subject.teams.contains = {}", pick(draw, &["\"t0\"", "\"t1\"", "[\"t0\", \"t1\"]"])),
        10 => format!("entitlement.risk.{side} = \"{}\"", pick(draw, &RISKS)),
        11 => format!("request.duration.{side} = \"{}\"", pick(draw, &["1d", "2d", "86401s"])),
        12 => format!("request.emergency = {}", draw.chance(50)),
        _ => format!("requester.is-beneficiary = {}", draw.chance(50)),
    }
}

/// A request, and the values of its attributes.
fn request(draw: &mut Draw, world: &World) -> (Request, usize, Values) {
    let (place, beneficiary) = (draw.below(OFFERS), draw.below(PEOPLE));
    let requester = if draw.chance(60) { beneficiary } else { draw.below(PEOPLE) };
    let mut values = world.people[beneficiary].clone();
    values.insert("entitlement_risk", Value::Number(world.risks[place]));
    values.insert("requester_is-beneficiary", Value::Yes(requester == beneficiary));
    let emergency = draw.chance(30);
    values.insert("request_emergency", Value::Yes(emergency));
    let mut json = serde_json::json!({
        "requester": format!("p{requester}"), "beneficiary": format!("p{beneficiary}"),
        "entitlements": [offer(place)], "emergency": emergency,
    });
    if draw.chance(70) {
        let (written, seconds) =
            [("86399s", 86_399), ("1d", 86_400), ("86401s", 86_401), ("2d", 172_800)][draw.below(4)];
        json["duration"] = written.into();
        values.insert("request_duration", Value::Number(seconds));
    }
    (serde_json::from_value(json).unwrap(), place, values)
}

/// A condition in the words of Cedar.
fn cedar(condition: &Condition) -> String {
    let each = |parts: &[Condition], word: &str, none: &str| {
        let parts: Vec<String> = parts.iter().map(cedar).collect();
        if parts.is_empty() { none.to_owned() } else { format!("({})", parts.join(word)) }
    };
    match condition {
        Condition::All(parts) => each(parts, " && ", "true"),
        Condition::Any(parts) => each(parts, " || ", "false"),
        Condition::Not(part) => format!("!{}", cedar(part)),
        Condition::Test(test) => of_test(test),
    }
}

fn of_test(test: &Test) -> String {
    let name = format!("\"{}_{}\"", test.namespace, test.name);
    let has = format!("context has {name}");
    let value = format!("context[{name}]");
    let first = test.operands.first().unwrap();
    let list = || test.operands.iter().map(|one| literal(test, one)).collect::<Vec<_>>().join(", ");
    let passes = match test.operator {
        Operator::Exists if *first == Literal::Boolean(true) => return format!("({has})"),
        Operator::Exists => return format!("(!({has}))"),
        Operator::Is | Operator::In => format!("[{}].contains({value})", list()),
        Operator::NotIn => format!("!([{}].contains({value}))", list()),
        Operator::Min => format!("{value} >= {}", literal(test, first)),
        Operator::Max => format!("{value} <= {}", literal(test, first)),
        Operator::Above => format!("{value} > {}", literal(test, first)),
        Operator::Below => format!("{value} < {}", literal(test, first)),
        Operator::Glob => format!("{value} like \"{first}\""),
        Operator::Contains => format!("{value}.containsAll([{}])", list()),
        Operator::Within => panic!("not drawn"),
    };
    format!("({has} && {passes})")
}

fn literal(test: &Test, literal: &Literal) -> String {
    match literal {
        Literal::Text(word) if &*test.name == "risk" => {
            RISKS.iter().position(|risk| *risk == &**word).unwrap().to_string()
        }
        Literal::Text(length) if &*test.name == "duration" => {
            length.parse::<gitsm::model::Duration>().unwrap().seconds(0).to_string()
        }
        Literal::Text(text) => format!("{text:?}"),
        Literal::Integer(number) => number.to_string(),
        Literal::Boolean(yes) => yes.to_string(),
        Literal::Date(_) => panic!("not drawn"),
    }
}

/// A scope as a condition over the resource, and how near it is.
fn scope_of(scope: &AppliesTo) -> (u8, String) {
    match scope {
        AppliesTo::Entitlement(entitlement) => (0, format!("resource == Entitlement::\"{entitlement}\"")),
        AppliesTo::Service(service) => (1, format!("resource in Service::\"{service}\"")),
        // The second one is inside the first one.
        AppliesTo::Category(category) => {
            (if category.as_str() == "c1" { 2 } else { 3 }, format!("resource in Category::\"{category}\""))
        }
        AppliesTo::Everything => (4, "true".to_owned()),
    }
}

/// The rules of a rulebook as policies of Cedar.
fn translate(book: &Rulebook) -> PolicySet {
    let mut policies = PolicySet::new();
    let mut add = |id: String, effect: &str, when: &str| {
        let text = format!("{effect}(principal, action, resource) when {{ {when} }};");
        policies.add(Policy::parse(Some(PolicyId::new(id)), text).unwrap()).unwrap();
    };
    for guardrail in book.guardrails.iter().filter(|guardrail| guardrail.mode == Mode::Enforce) {
        let (_, scope) = scope_of(guardrail.applies_to.as_ref().unwrap_or(&AppliesTo::Everything));
        add(guardrail.id.to_string(), "forbid", &format!("({scope}) && {}", cedar(&guardrail.when)));
    }
    let mut in_order: Vec<_> = book.access.iter().collect();
    in_order.sort_by_key(|policy| (scope_of(&policy.applies_to).0, policy.order));
    let mut earlier: Vec<String> = Vec::new();
    for policy in in_order {
        let (_, scope) = scope_of(&policy.applies_to);
        for rule in policy.rule.iter().filter(|rule| rule.mode == Mode::Enforce) {
            let own = format!("(({scope}) && {})", cedar(&rule.when));
            let none: String = earlier.iter().map(|one| format!(" && !{one}")).collect();
            let effect = if rule.decision == Decides::Deny { "forbid" } else { "permit" };
            add(format!("{}/{}", policy.id, rule.id), effect, &format!("{own}{none}"));
            earlier.push(own);
        }
    }
    policies
}

fn entities() -> Entities {
    let uid = |text: String| -> EntityUid { text.parse().unwrap() };
    let entity = |id: String, parents: Vec<String>| {
        Entity::new(uid(id), HashMap::new(), parents.into_iter().map(uid).collect::<HashSet<_>>()).unwrap()
    };
    let category = |index: usize| format!("Category::\"c{index}\"");
    let mut all = vec![entity(category(0), Vec::new()), entity(category(1), vec![category(0)])];
    all.extend((0..2).map(|index| entity(format!("Service::\"s{index}\""), vec![category(index)])));
    for place in 0..OFFERS {
        let service = format!("Service::\"s{}\"", place / (OFFERS / 2));
        all.push(entity(format!("Entitlement::\"{}\"", offer(place)), vec![service]));
    }
    Entities::from_entities(all, None).unwrap()
}

fn context(values: &Values) -> Context {
    let pairs = values.iter().map(|(name, value)| {
        let value = match value {
            Value::Text(text) => RestrictedExpression::new_string(text.clone()),
            Value::Number(number) => RestrictedExpression::new_long(*number),
            Value::Yes(yes) => RestrictedExpression::new_bool(*yes),
            Value::Set(members) => {
                RestrictedExpression::new_set(members.iter().cloned().map(RestrictedExpression::new_string))
            }
        };
        ((*name).to_owned(), value)
    });
    Context::from_pairs(pairs).unwrap()
}

struct Text<'a>(&'a str);

impl Source for Text<'_> {
    fn list(&self, folder: &str) -> Result<Option<Vec<Found>>, SourceError> {
        let found =
            Found { path: "catalog/a.toml".to_owned(), sort: Sort::File, length: self.0.len() as u64 };
        Ok((folder == "catalog").then(|| vec![found]))
    }
    fn read(&self, path: &str, _: u64) -> Result<Option<Vec<u8>>, SourceError> {
        Ok(match path {
            "gitsm.toml" => Some(SETTINGS.into()),
            "catalog/a.toml" => Some(self.0.into()),
            _ => None,
        })
    }
    fn describe(&self) -> String {
        "a drawn repository".to_owned()
    }
}

#[test]
fn cedar_permits_what_gitsm_does_not_deny() {
    let long = std::env::var("GITSM_LONG").is_ok_and(|long| long != "0");
    let now: Timestamp = "2026-06-15T10:00:00Z".parse().unwrap();
    let (entities, authorizer) = (entities(), Authorizer::new());
    let (mut permitted, mut denied) = (0, 0);
    for seed in 0..if long { 20_000 } else { 400 } {
        let mut draw = Draw::new(seed);
        let world = world(&mut draw);
        let loaded = load::load(&Text(&world.toml)).unwrap();
        assert!(loaded.found.is_empty(), "seed {seed}: {:#?}\n{}", loaded.found, world.toml);
        let engine = Engine::new(&loaded.rulebook).unwrap();
        let classifier = Classifier::new(&engine);
        let policies = translate(&loaded.rulebook);
        for _ in 0..20 {
            let (request, place, values) = request(&mut draw, &world);
            let full = decide(&engine, &request, now, None).verdict;
            let fast = classifier.verdict(&request, now, None).unwrap().verdict;
            let somebody = || -> EntityUid { "Person::\"one\"".parse().unwrap() };
            let resource = format!("Entitlement::\"{}\"", offer(place)).parse().unwrap();
            let asked =
                Asked::new(somebody(), "Action::\"ask\"".parse().unwrap(), resource, context(&values), None);
            let response = authorizer.is_authorized(&asked.unwrap(), &policies, &entities);
            let errors: Vec<String> = response.diagnostics().errors().map(ToString::to_string).collect();
            assert!(errors.is_empty(), "seed {seed}: {errors:?}");
            let permits = response.decision() == Decision::Allow;
            let detail = || format!("seed {seed}: {request:?}\n{policies}\n{}", world.toml);
            assert_eq!(full != Verdict::Denied, permits, "{}", detail());
            assert_eq!(fast, full, "{}", detail());
            if permits { permitted += 1 } else { denied += 1 }
        }
    }
    assert!(permitted > 1_000 && denied > 1_000, "both were seen: {permitted} permitted, {denied} denied");
}
