//! Rules and requests that follow from a seed, the same for every engine.
//!
//! Every rule is a conjunction over some of twelve attributes and has one of three outcomes; the first rule that
//! matches decides. One rule in a hundred is broad: it says nothing about which entitlement is asked for.

use std::fmt::Write as _;

/// Numbers that follow from a seed.
pub struct Draw(u64);

impl Draw {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }
}

/// The attributes, with the name that gitsm gives them and the one that all others use.
pub const ATTRIBUTES: [(&str, &str); 12] = [
    ("entitlement.id", "entitlement"),
    ("service.id", "service"),
    ("entitlement.risk", "risk"),
    ("entitlement.environment", "environment"),
    ("subject.department", "department"),
    ("subject.title", "title"),
    ("subject.employment", "employment"),
    ("subject.location", "location"),
    ("subject.grade", "grade"),
    ("request.duration", "duration"),
    ("request.emergency", "emergency"),
    ("requester.is-manager", "is_manager"),
];

pub const RISKS: [&str; 4] = ["low", "medium", "high", "critical"];
const ENVIRONMENTS: [&str; 3] = ["production", "test", "development"];
const EMPLOYMENTS: [&str; 3] = ["employee", "contractor", "agent"];
const DEPARTMENTS: usize = 40;
const TITLES: usize = 200;
const COUNTRIES: [&str; 6] = ["de", "fr", "us", "in", "jp", "br"];
const CITIES: usize = 5;
const GRADES: usize = 12;
const ENTITLEMENTS: usize = 5;
/// A file of more keys than this makes is refused.
const RULES_IN_A_FILE: usize = 2_000;
const PEOPLE_IN_A_FILE: usize = 1_000;
const SERVICES_IN_A_FILE: usize = 100;

/// How large an organisation is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub people: usize,
    /// Services with five entitlements each.
    pub services: usize,
}

impl Size {
    /// A thousand people and five hundred entitlements.
    pub const USUAL: Self = Self { people: 1_000, services: 100 };
}
const DAY: i64 = 86_400;

/// A value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Text(String),
    Number(i64),
    Yes(bool),
}

/// A test of one attribute, by its place.
#[derive(Debug, Clone)]
pub enum Test {
    /// One of these texts.
    In(usize, Vec<String>),
    /// A text that begins with this.
    Prefix(usize, String),
    /// At least.
    Min(usize, i64),
    /// At most.
    Max(usize, i64),
    /// A yes or no.
    Is(usize, bool),
}

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Approved,
    NeedsApproval,
    Denied,
}

#[derive(Debug, Clone)]
pub struct Rule {
    pub tests: Vec<Test>,
    pub verdict: Verdict,
}

/// A request: the values of the attributes, and who asks for what for whom.
#[derive(Debug, Clone)]
pub struct Asked {
    pub values: Vec<Value>,
    pub requester: String,
    pub beneficiary: String,
    pub days: i64,
}

/// The verdict, and the rule that decided; the default is to deny.
pub type Answer = (Verdict, Option<usize>);

pub struct Workload {
    pub rules: Vec<Rule>,
    pub requests: Vec<Asked>,
    people: Vec<[Value; 5]>,
    offers: Vec<[Value; 4]>,
}

fn text(value: impl Into<String>) -> Value {
    Value::Text(value.into())
}

impl Workload {
    pub fn new(seed: u64, rules: usize, requests: usize) -> Self {
        Self::sized(seed, rules, requests, Size::USUAL)
    }

    /// The same for an organisation of another size.
    pub fn sized(seed: u64, rules: usize, requests: usize, size: Size) -> Self {
        let mut draw = Draw::new(seed);
        let people: Vec<[Value; 5]> = (0..size.people).map(|_| person(&mut draw)).collect();
        let offers: Vec<[Value; 4]> =
            (0..size.services * ENTITLEMENTS).map(|place| offer(&mut draw, place)).collect();
        let rules = (0..rules).map(|_| rule(&mut draw, &offers)).collect();
        let mut made = Self { rules, requests: Vec::new(), people, offers };
        made.requests = (0..requests).map(|_| made.request(&mut draw)).collect();
        made
    }

    fn request(&self, draw: &mut Draw) -> Asked {
        let place = draw.below(self.people.len());
        let offer = &self.offers[draw.below(self.offers.len())];
        let is_manager = place > 0 && draw.chance(30);
        let requester = if is_manager { manager(place) } else { place };
        let days = i64::try_from(1 + draw.below(365)).unwrap();
        let mut values: Vec<Value> = offer.to_vec();
        values.extend(self.people[place].iter().cloned());
        values.extend([Value::Number(days * DAY), Value::Yes(draw.chance(5)), Value::Yes(is_manager)]);
        Asked { values, requester: format!("p{requester}"), beneficiary: format!("p{place}"), days }
    }

    /// The rulebook as gitsm reads it, as files.
    pub fn documents(&self) -> Vec<String> {
        let mut toml = String::from("[team.owners]\nname = \"Owners\"\nmembers = [\"o1\", \"o2\"]\n");
        toml += "[person.o1]\nname = \"Owner\"\nattributes.grade = 1\n";
        toml += "[person.o2]\nname = \"Owner\"\nattributes.grade = 1\n";
        toml += "[workflow.owners]\nname = \"Owners\"\nstage = [{ id = \"owner\", approvers = [\"team:owners\"] }]\n";
        let mut documents = vec![toml];
        let places: Vec<usize> = (0..self.people.len()).collect();
        documents.extend(places.chunks(PEOPLE_IN_A_FILE).map(|places| self.people(places)));
        let services: Vec<usize> = (0..self.offers.len() / ENTITLEMENTS).collect();
        documents.extend(services.chunks(SERVICES_IN_A_FILE).map(|services| self.services(services)));
        for (policy, rules) in self.rules.chunks(RULES_IN_A_FILE).enumerate() {
            let mut toml = format!("[access.a{policy}]\napplies-to = \"everything\"\norder = {policy}\n");
            for (index, rule) in rules.iter().enumerate() {
                let index = policy * RULES_IN_A_FILE + index;
                writeln!(toml, "[[access.a{policy}.rule]]\nid = \"r{index}\"").unwrap();
                for test in &rule.tests {
                    writeln!(toml, "when.{}", gitsm(test)).unwrap();
                }
                toml += match rule.verdict {
                    Verdict::Approved => "decision = \"auto-approve\"\n",
                    Verdict::NeedsApproval => "decision.workflow = \"owners\"\n",
                    Verdict::Denied => "decision = \"deny\"\n",
                };
            }
            documents.push(toml);
        }
        documents
    }

    fn people(&self, places: &[usize]) -> String {
        let mut toml = String::new();
        for place in places {
            let [department, title, employment, location, grade] = &self.people[*place];
            let (department, title, employment) = (written(department), written(title), written(employment));
            let (location, grade) = (written(location), written(grade));
            writeln!(
                toml,
                "[person.p{place}]\nname = \"Person\"\ndepartment = {department}\ntitle = {title}"
            )
            .unwrap();
            writeln!(toml, "employment = {employment}\nlocation = {location}\nattributes.grade = {grade}")
                .unwrap();
            if *place > 0 {
                writeln!(toml, "manager = \"p{}\"", manager(*place)).unwrap();
            }
        }
        toml
    }

    fn services(&self, services: &[usize]) -> String {
        let mut toml = String::new();
        for service in services {
            writeln!(toml, "[service.s{service}]\nname = \"Service\"\nlifecycle = \"active\"").unwrap();
            for part in 0..ENTITLEMENTS {
                let [_, _, risk, environment] = &self.offers[service * ENTITLEMENTS + part];
                let Value::Number(risk) = risk else { unreachable!() };
                let risk = RISKS[usize::try_from(*risk).unwrap()];
                writeln!(toml, "entitlement.e{part}.name = \"Entitlement\"").unwrap();
                writeln!(toml, "entitlement.e{part}.risk = \"{risk}\"").unwrap();
                writeln!(toml, "entitlement.e{part}.environment = {}", written(environment)).unwrap();
            }
        }
        toml
    }

    /// What `gitsm.toml` says.
    pub const SETTINGS: &str =
        "[project]\nname = \"Benchmark\"\n[attribute.subject.grade]\ntype = \"integer\"\n";
}

fn manager(place: usize) -> usize {
    place / 10
}

fn person(draw: &mut Draw) -> [Value; 5] {
    let department = draw.below(DEPARTMENTS);
    // The titles of a department are its own.
    let title = department * TITLES / DEPARTMENTS + draw.below(TITLES / DEPARTMENTS);
    let employment = EMPLOYMENTS[[0, 0, 0, 0, 1, 2][draw.below(6)]];
    let location = format!("{}-{}", COUNTRIES[draw.below(COUNTRIES.len())], draw.below(CITIES));
    let grade = i64::try_from(draw.below(GRADES)).unwrap();
    [
        text(format!("d{department}")),
        text(format!("t{title}")),
        text(employment),
        text(location),
        Value::Number(grade),
    ]
}

fn offer(draw: &mut Draw, place: usize) -> [Value; 4] {
    let service = place / ENTITLEMENTS;
    let risk = [0, 0, 0, 1, 1, 2, 3][draw.below(7)];
    let environment = ENVIRONMENTS[[0, 0, 0, 1, 2][draw.below(5)]];
    [
        text(format!("s{service}/e{}", place % ENTITLEMENTS)),
        text(format!("s{service}")),
        Value::Number(risk),
        text(environment),
    ]
}

fn rule(draw: &mut Draw, offers: &[[Value; 4]]) -> Rule {
    let mut tests = Vec::new();
    let broad = draw.chance(1);
    if !broad {
        let place = draw.below(offers.len());
        let [entitlement, service, ..] = &offers[place];
        let mut one = |value: &Value, place: usize| {
            if let Value::Text(text) = value {
                tests.push(Test::In(place, vec![text.clone()]));
            }
        };
        if draw.chance(50) { one(entitlement, 0) } else { one(service, 1) }
    }
    let count = if broad { 3 } else { 1 + draw.below(3) };
    let mut others: Vec<usize> = (2..ATTRIBUTES.len()).collect();
    for _ in 0..count {
        let attribute = others.swap_remove(draw.below(others.len()));
        tests.push(test(draw, attribute));
    }
    let verdict =
        [Verdict::Approved, Verdict::NeedsApproval, Verdict::NeedsApproval, Verdict::Denied][draw.below(4)];
    Rule { tests, verdict }
}

fn test(draw: &mut Draw, attribute: usize) -> Test {
    let mut words = |words: &mut dyn FnMut(&mut Draw) -> String, most: usize| {
        let mut list: Vec<String> = (0..=draw.below(most)).map(|_| words(draw)).collect();
        list.sort();
        list.dedup();
        Test::In(attribute, list)
    };
    match attribute {
        3 => words(&mut |draw| ENVIRONMENTS[draw.below(3)].to_owned(), 2),
        4 => words(&mut |draw| format!("d{}", draw.below(DEPARTMENTS)), 12),
        5 => words(&mut |draw| format!("t{}", draw.below(TITLES)), 40),
        6 => words(&mut |draw| EMPLOYMENTS[draw.below(3)].to_owned(), 2),
        7 => Test::Prefix(attribute, format!("{}-", COUNTRIES[draw.below(COUNTRIES.len())])),
        10 | 11 => Test::Is(attribute, draw.chance(50)),
        _ => {
            let bound = match attribute {
                2 => i64::try_from(draw.below(RISKS.len())).unwrap(),
                8 => i64::try_from(draw.below(GRADES)).unwrap(),
                _ => DAY * [1, 7, 14, 30, 60, 90, 180, 365][draw.below(8)],
            };
            if draw.chance(50) { Test::Min(attribute, bound) } else { Test::Max(attribute, bound) }
        }
    }
}

fn written(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("\"{text}\""),
        Value::Number(number) => number.to_string(),
        Value::Yes(yes) => yes.to_string(),
    }
}

/// A test in the words of gitsm.
fn gitsm(test: &Test) -> String {
    let name = |attribute: &usize| ATTRIBUTES[*attribute].0;
    let bound = |attribute: &usize, number: &i64| match attribute {
        2 => format!("\"{}\"", RISKS[usize::try_from(*number).unwrap()]),
        9 => format!("\"{}d\"", number / DAY),
        _ => number.to_string(),
    };
    match test {
        Test::In(attribute, words) => format!("{} = {words:?}", name(attribute)),
        Test::Prefix(attribute, start) => format!("{}.glob = \"{start}*\"", name(attribute)),
        Test::Min(attribute, number) => format!("{}.min = {}", name(attribute), bound(attribute, number)),
        Test::Max(attribute, number) => format!("{}.max = {}", name(attribute), bound(attribute, number)),
        Test::Is(attribute, yes) => format!("{} = {yes}", name(attribute)),
    }
}

/// Goes through the rules one by one and compares values: what everybody would write first.
pub fn naive(rules: &[Rule], values: &[Value]) -> Answer {
    for (index, rule) in rules.iter().enumerate() {
        if rule.tests.iter().all(|test| passes(test, values)) {
            return (rule.verdict, Some(index));
        }
    }
    (Verdict::Denied, None)
}

fn passes(test: &Test, values: &[Value]) -> bool {
    match test {
        Test::In(attribute, words) => match &values[*attribute] {
            Value::Text(value) => words.contains(value),
            _ => false,
        },
        Test::Prefix(attribute, start) => match &values[*attribute] {
            Value::Text(value) => value.starts_with(start),
            _ => false,
        },
        Test::Min(attribute, bound) => {
            matches!(&values[*attribute], Value::Number(number) if number >= bound)
        }
        Test::Max(attribute, bound) => {
            matches!(&values[*attribute], Value::Number(number) if number <= bound)
        }
        Test::Is(attribute, wanted) => values[*attribute] == Value::Yes(*wanted),
    }
}
