//! Other engines on the workload: each rule in their words, and the first that matches decides.

use std::{collections::HashSet, fmt::Write as _, hint::black_box};

use casbin::{CoreApi as _, DefaultModel, Enforcer, MemoryAdapter, MgmtApi as _};
use cedar_policy::{
    Authorizer, Context, Entities, EntityUid, Policy, PolicyId, PolicySet, Request, RestrictedExpression,
};

use crate::{
    ours::{Row, print, time},
    workload::{ATTRIBUTES, Answer, Asked, Test, Value, Verdict, Workload},
};

/// About how long one engine may take for one round, in nanoseconds.
const ROUND: f64 = 2e9;
/// What takes longer than this for one decision is left out, in nanoseconds.
const TOO_LONG: f64 = 100e6;
/// Rego is read in files of so many rules.
const RULES_IN_A_MODULE: usize = 2_000;

/// Measures the other engines and prints what they take.
pub fn measure(workload: &Workload, expected: &[Answer], fastest: f64) {
    let engines: [(&'static str, fn(&Workload) -> Option<Box<dyn Engine>>); 5] = [
        ("cel 0.15, first that is true", cel),
        ("regorus 0.14, RVM, set + min", regorus_rvm),
        ("regorus 0.14, set + min", regorus),
        ("cedar 4.14, permits + min", cedar),
        ("casbin 2.20, priority", casbin),
    ];
    for (name, make) in engines {
        let Some(mut engine) = make(workload) else {
            println!("{:>6}  {name:<28} {:>12}", workload.rules.len(), "cannot");
            continue;
        };
        // One decision says how many there is time for.
        let first = time(&workload.requests[..1], 1, |asked| {
            black_box(engine.decide(asked));
        });
        if first > TOO_LONG {
            println!(
                "{:>6}  {name:<28} left out: one decision takes {:.0} ms",
                workload.rules.len(),
                first / 1e6
            );
            continue;
        }
        let count = ((ROUND / first.max(1.0)) as usize).clamp(20, workload.requests.len());
        let requests = &workload.requests[..count];
        for (asked, (verdict, rule)) in requests.iter().zip(expected) {
            match engine.decide(asked) {
                Found::Rule(found) => assert_eq!(found, *rule, "{name}: {asked:?}"),
                Found::Approved(yes) => assert_eq!(yes, *verdict == Verdict::Approved, "{name}: {asked:?}"),
            }
        }
        let nanoseconds = time(requests, 3, |asked| {
            black_box(engine.decide(black_box(asked)));
        });
        print(
            &[Row { name, rules: workload.rules.len(), requests: count, nanoseconds, note: engine.note() }],
            fastest,
        );
    }
}

/// What an engine says.
enum Found {
    /// The first rule that matches.
    Rule(Option<usize>),
    /// Only whether it is approved without asking.
    Approved(bool),
}

trait Engine {
    fn decide(&mut self, asked: &Asked) -> Found;

    fn note(&self) -> String {
        String::new()
    }
}

fn name(attribute: usize) -> &'static str {
    ATTRIBUTES[attribute].1
}

fn all(tests: &[Test], written: impl Fn(&Test) -> String) -> String {
    if tests.is_empty() {
        "true".to_owned()
    } else {
        tests.iter().map(written).collect::<Vec<_>>().join(" && ")
    }
}

struct Cel(Vec<cel::Program>);

fn cel(workload: &Workload) -> Option<Box<dyn Engine>> {
    let test = |test: &Test| match test {
        Test::In(attribute, words) => format!("{} in {words:?}", name(*attribute)),
        Test::Prefix(attribute, start) => format!("{}.startsWith({start:?})", name(*attribute)),
        Test::Min(attribute, bound) => format!("{} >= {bound}", name(*attribute)),
        Test::Max(attribute, bound) => format!("{} <= {bound}", name(*attribute)),
        Test::Is(attribute, yes) => format!("{} == {yes}", name(*attribute)),
    };
    let programs = workload.rules.iter().map(|rule| cel::Program::compile(&all(&rule.tests, test)).unwrap());
    Some(Box::new(Cel(programs.collect())))
}

impl Engine for Cel {
    fn decide(&mut self, asked: &Asked) -> Found {
        let mut context = cel::Context::default();
        for (attribute, value) in asked.values.iter().enumerate() {
            match value {
                Value::Text(text) => context.add_variable_from_value(name(attribute), text.as_str()),
                Value::Number(number) => context.add_variable_from_value(name(attribute), *number),
                Value::Yes(yes) => context.add_variable_from_value(name(attribute), *yes),
            }
        }
        let holds = |program: &cel::Program| program.execute(&context).unwrap() == cel::Value::Bool(true);
        Found::Rule(self.0.iter().position(holds))
    }
}

/// The rules as one set of the places of those that match.
fn rego(workload: &Workload) -> regorus::Engine {
    let test = |test: &Test| match test {
        Test::In(attribute, words) => {
            let list = format!("{words:?}").replace(['[', ']'], "");
            format!("input.{} in {{{list}}}", name(*attribute))
        }
        Test::Prefix(attribute, start) => format!("startswith(input.{}, {start:?})", name(*attribute)),
        Test::Min(attribute, bound) => format!("input.{} >= {bound}", name(*attribute)),
        Test::Max(attribute, bound) => format!("input.{} <= {bound}", name(*attribute)),
        Test::Is(attribute, yes) => format!("input.{} == {yes}", name(*attribute)),
    };
    // A file of more than a megabyte is refused.
    let mut modules: Vec<String> = Vec::new();
    for (chunk, rules) in workload.rules.chunks(RULES_IN_A_MODULE).enumerate() {
        let mut text = String::from("package bench\nimport rego.v1\n");
        if chunk == 0 {
            text += "decides := min(hits)\n";
        }
        for (index, rule) in rules.iter().enumerate() {
            writeln!(text, "hits contains {} if {{", chunk * RULES_IN_A_MODULE + index).unwrap();
            for one in &rule.tests {
                writeln!(text, "  {}", test(one)).unwrap();
            }
            text += "}\n";
        }
        modules.push(text);
    }
    let mut engine = regorus::Engine::new();
    for (index, module) in modules.into_iter().enumerate() {
        engine.add_policy(format!("bench{index}.rego"), module).unwrap();
    }
    engine
}

fn json(asked: &Asked) -> String {
    let values = asked.values.iter().enumerate().map(|(attribute, value)| {
        let value = match value {
            Value::Text(text) => serde_json::Value::from(text.as_str()),
            Value::Number(number) => serde_json::Value::from(*number),
            Value::Yes(yes) => serde_json::Value::from(*yes),
        };
        (name(attribute).to_owned(), value)
    });
    serde_json::Value::Object(values.collect()).to_string()
}

fn place(value: &regorus::Value) -> Option<usize> {
    value.as_u64().ok().and_then(|place| usize::try_from(place).ok())
}

const ENTRY: &str = "data.bench.decides";

struct Rego(regorus::Engine);

fn regorus(workload: &Workload) -> Option<Box<dyn Engine>> {
    Some(Box::new(Rego(rego(workload))))
}

impl Engine for Rego {
    fn decide(&mut self, asked: &Asked) -> Found {
        self.0.set_input(regorus::Value::from_json_str(&json(asked)).unwrap());
        Found::Rule(place(&self.0.eval_rule(ENTRY.to_owned()).unwrap()))
    }
}

struct Machine(regorus::rvm::vm::RegoVM);

fn regorus_rvm(workload: &Workload) -> Option<Box<dyn Engine>> {
    let compiled = rego(workload).compile_with_entrypoint(&ENTRY.into()).unwrap();
    let program =
        regorus::languages::rego::compiler::Compiler::compile_from_policy(&compiled, &[ENTRY]).ok()?;
    let mut machine = regorus::rvm::vm::RegoVM::new_with_policy(compiled);
    machine.load_program(program);
    machine.set_data(regorus::Value::new_object()).unwrap();
    Some(Box::new(Machine(machine)))
}

impl Engine for Machine {
    fn decide(&mut self, asked: &Asked) -> Found {
        self.0.set_input(regorus::Value::from_json_str(&json(asked)).unwrap());
        Found::Rule(place(&self.0.execute_entry_point_by_name(ENTRY).unwrap()))
    }
}

struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
    somebody: EntityUid,
}

fn cedar(workload: &Workload) -> Option<Box<dyn Engine>> {
    let test = |test: &Test| match test {
        Test::In(attribute, words) => format!("{words:?}.contains(context.{})", name(*attribute)),
        Test::Prefix(attribute, start) => format!("context.{} like \"{start}*\"", name(*attribute)),
        Test::Min(attribute, bound) => format!("context.{} >= {bound}", name(*attribute)),
        Test::Max(attribute, bound) => format!("context.{} <= {bound}", name(*attribute)),
        Test::Is(attribute, yes) => format!("context.{} == {yes}", name(*attribute)),
    };
    let mut policies = PolicySet::new();
    for (index, rule) in workload.rules.iter().enumerate() {
        let text = format!("permit(principal, action, resource) when {{ {} }};", all(&rule.tests, test));
        policies.add(Policy::parse(Some(PolicyId::new(index.to_string())), text).unwrap()).unwrap();
    }
    let somebody = "Somebody::\"one\"".parse().unwrap();
    Some(Box::new(Cedar { authorizer: Authorizer::new(), policies, entities: Entities::empty(), somebody }))
}

impl Engine for Cedar {
    fn decide(&mut self, asked: &Asked) -> Found {
        let pairs = asked.values.iter().enumerate().map(|(attribute, value)| {
            let value = match value {
                Value::Text(text) => RestrictedExpression::new_string(text.clone()),
                Value::Number(number) => RestrictedExpression::new_long(*number),
                Value::Yes(yes) => RestrictedExpression::new_bool(*yes),
            };
            (name(attribute).to_owned(), value)
        });
        let context = Context::from_pairs(pairs).unwrap();
        let one = || self.somebody.clone();
        let request = Request::new(one(), one(), one(), context, None).unwrap();
        let response = self.authorizer.is_authorized(&request, &self.policies, &self.entities);
        let reasons = response.diagnostics().reason();
        Found::Rule(reasons.map(|id| AsRef::<str>::as_ref(id).parse().unwrap()).min())
    }
}

struct Casbin(Enforcer);

fn casbin(workload: &Workload) -> Option<Box<dyn Engine>> {
    const MODEL: &str = "[request_definition]\nr = sub\n[policy_definition]\np = rule, eft\n\
                         [policy_effect]\ne = priority(p.eft) || deny\n[matchers]\nm = eval(p.rule)\n";
    let test = |test: &Test| match test {
        Test::In(attribute, words) => {
            let each = words.iter().map(|word| format!("r.sub.{} == {word:?}", name(*attribute)));
            format!("({})", each.collect::<Vec<_>>().join(" || "))
        }
        Test::Prefix(attribute, start) => format!("keyMatch(r.sub.{}, \"{start}*\")", name(*attribute)),
        Test::Min(attribute, bound) => format!("r.sub.{} >= {bound}", name(*attribute)),
        Test::Max(attribute, bound) => format!("r.sub.{} <= {bound}", name(*attribute)),
        Test::Is(attribute, yes) => format!("r.sub.{} == {yes}", name(*attribute)),
    };
    // The same rule twice is refused; the second one would never decide.
    let mut seen = HashSet::new();
    let rules = workload.rules.iter().filter(|rule| seen.insert(all(&rule.tests, test)));
    let policies = rules.map(|rule| {
        let effect = if rule.verdict == Verdict::Approved { "allow" } else { "deny" };
        vec![all(&rule.tests, test), effect.to_owned()]
    });
    let policies = policies.collect();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let enforcer = runtime.block_on(async {
        let model = DefaultModel::from_str(MODEL).await.unwrap();
        let mut enforcer = Enforcer::new(model, MemoryAdapter::default()).await.unwrap();
        enforcer.add_policies(policies).await.unwrap();
        enforcer
    });
    Some(Box::new(Casbin(enforcer)))
}

impl Engine for Casbin {
    fn decide(&mut self, asked: &Asked) -> Found {
        let pairs = asked.values.iter().enumerate().map(|(attribute, value)| {
            let value = match value {
                Value::Text(text) => serde_json::Value::from(text.as_str()),
                Value::Number(number) => serde_json::Value::from(*number),
                Value::Yes(yes) => serde_json::Value::from(*yes),
            };
            (name(attribute).to_owned(), value)
        });
        let subject: serde_json::Map<String, serde_json::Value> = pairs.collect();
        Found::Approved(self.0.enforce((subject,)).unwrap())
    }

    fn note(&self) -> String {
        "says only whether it is approved".to_owned()
    }
}
