//! The algebra against an evaluator that tries every value of a small world.

use proptest::prelude::*;

use super::*;
use crate::{
    decide::{value, vocabulary::Vocabulary},
    diag::Place,
    model::{
        Rulebook,
        condition::Literal,
        settings::{AttributeType, CustomAttribute, Namespace},
    },
};

/// An attribute with the values that it has in the small world.
struct Column {
    namespace: &'static str,
    name: &'static str,
    values: Vec<Value<'static>>,
}

/// One value of each sort that a test below can tell apart, and some that none mentions.
fn columns() -> Vec<Column> {
    let column = |namespace, name, values| Column { namespace, name, values };
    vec![
        column(
            "subject",
            "department",
            vec![
                Value::Absent,
                Value::Text("it"),
                Value::Text("it-ops"),
                Value::Text("sales"),
                Value::Text("hr"),
            ],
        ),
        column("entitlement", "risk", (0..4).map(Value::Number).collect()),
        column("entitlement", "privileged", vec![Value::Boolean(false), Value::Boolean(true)]),
        column(
            "request",
            "duration",
            std::iter::once(Value::Absent)
                .chain([0, 86_399, 86_400, 86_401, 172_800, 172_801].map(Value::Number))
                .collect(),
        ),
        column(
            "subject",
            "teams",
            vec![
                Value::Set(vec![]),
                Value::Set(vec!["desk"]),
                Value::Set(vec!["net"]),
                Value::Set(vec!["desk", "net"]),
            ],
        ),
        column("subject", "level", [-6, -5, -4, 0, 7].map(Value::Number).to_vec()),
    ]
}

fn rulebook() -> Rulebook {
    let mut rulebook = Rulebook::default();
    let level = CustomAttribute {
        attribute_type: AttributeType::Integer,
        description: None,
        values: Vec::new(),
        optional: false,
    };
    let own = rulebook.settings.attribute.entry(Namespace::Subject).or_default();
    own.insert(crate::model::Id::new("level").unwrap(), level);
    rulebook
}

type Row = Vec<Value<'static>>;

fn evaluate(vocabulary: &Vocabulary<'_>, columns: &[Column], condition: &Condition, row: &Row) -> bool {
    match condition {
        Condition::All(parts) => parts.iter().all(|part| evaluate(vocabulary, columns, part, row)),
        Condition::Any(parts) => parts.iter().any(|part| evaluate(vocabulary, columns, part, row)),
        Condition::Not(part) => !evaluate(vocabulary, columns, part, row),
        Condition::Test(test) => {
            let place = columns
                .iter()
                .position(|column| column.namespace == &*test.namespace && column.name == &*test.name)
                .unwrap();
            let values = vocabulary.of(test).unwrap().values;
            value::passes(test, &values, &row[place]).unwrap()
        }
    }
}

fn locate(space: &Space<'_>, columns: &[Column], row: &Row) -> Point {
    let located = space.locate(|key| {
        let place = columns
            .iter()
            .position(|column| column.namespace == &*key.namespace && column.name == &*key.name)
            .unwrap();
        match (&key.facet, &row[place]) {
            (Facet::Member(member), Value::Set(members)) => Value::Boolean(members.contains(&&**member)),
            (_, value) => value.clone(),
        }
    });
    located.unwrap()
}

fn rows() -> Vec<Row> {
    columns().into_iter().fold(vec![Vec::new()], |rows, column| {
        let longer = rows.iter().flat_map(|row| {
            column.values.iter().map(|value| {
                let mut row = row.clone();
                row.push(value.clone());
                row
            })
        });
        longer.collect()
    })
}

fn test(namespace: &str, name: &str, operator: Operator, operands: Vec<Literal>) -> Condition {
    let place = Place::default();
    Condition::Test(Test {
        namespace: namespace.into(),
        name: name.into(),
        operator,
        operands,
        key: place,
        place,
    })
}

fn text(text: &str) -> Literal {
    Literal::Text(text.into())
}

fn tests() -> impl Strategy<Value = Condition> {
    let departments = proptest::sample::subsequence(vec!["it", "sales", "nobody"], 0..3);
    let number =
        proptest::sample::select(vec![Operator::Min, Operator::Max, Operator::Above, Operator::Below]);
    prop_oneof![
        (departments, any::<bool>()).prop_map(|(names, inside)| {
            let operator = if inside { Operator::In } else { Operator::NotIn };
            test("subject", "department", operator, names.into_iter().map(text).collect())
        }),
        proptest::sample::select(vec!["it*", "*s", "??", "*", "s*s"]).prop_map(|pattern| test(
            "subject",
            "department",
            Operator::Glob,
            vec![text(pattern)]
        )),
        (any::<bool>(), any::<bool>()).prop_map(|(department, expected)| {
            let (namespace, name) =
                if department { ("subject", "department") } else { ("request", "duration") };
            test(namespace, name, Operator::Exists, vec![Literal::Boolean(expected)])
        }),
        (number.clone(), proptest::sample::select(vec!["low", "medium", "high", "critical"]))
            .prop_map(|(operator, risk)| test("entitlement", "risk", operator, vec![text(risk)])),
        any::<bool>()
            .prop_map(|yes| { test("entitlement", "privileged", Operator::Is, vec![Literal::Boolean(yes)]) }),
        (number.clone(), proptest::sample::select(vec!["1d", "2d"])).prop_map(|(operator, length)| test(
            "request",
            "duration",
            operator,
            vec![text(length)]
        )),
        proptest::sample::subsequence(vec!["desk", "net"], 1..=2).prop_map(|teams| {
            test("subject", "teams", Operator::Contains, teams.into_iter().map(text).collect())
        }),
        (number, -5i64..=-5).prop_map(|(operator, level)| {
            test("subject", "level", operator, vec![Literal::Integer(level)])
        }),
    ]
}

fn conditions() -> impl Strategy<Value = Condition> {
    tests().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Condition::All),
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Condition::Any),
            inner.prop_map(|part| Condition::Not(Box::new(part))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A set holds exactly the rows for which its condition is true, and so do the sets made of two.
    #[test]
    fn sets_hold_what_conditions_say(one in conditions(), other in conditions()) {
        let rulebook = rulebook();
        let vocabulary = Vocabulary::new(&rulebook);
        let mut space = Space::new(&vocabulary, [&one, &other], BUDGET).unwrap();
        let (left, right) = (space.set(&one).unwrap(), space.set(&other).unwrap());
        let both = space.and(left, right).unwrap();
        let either = space.or(left, right).unwrap();
        let only = space.minus(left, right).unwrap();
        let outside = space.not(left).unwrap();
        let columns = columns();
        let (mut some_left, mut all_left) = (false, true);
        for row in rows() {
            let point = locate(&space, &columns, &row);
            let (l, r) = (evaluate(&vocabulary, &columns, &one, &row), evaluate(&vocabulary, &columns, &other, &row));
            prop_assert_eq!(space.holds(left, &point), l, "{:?}", row);
            prop_assert_eq!(space.holds(both, &point), l && r);
            prop_assert_eq!(space.holds(either, &point), l || r);
            prop_assert_eq!(space.holds(only, &point), l && !r);
            prop_assert_eq!(space.holds(outside, &point), !l);
            some_left |= l;
            all_left &= l;
        }
        // The world has a row for each combination of classes, save texts that only mixed patterns fit.
        if some_left {
            prop_assert!(!left.is_empty());
        }
        if left.is_everything() {
            prop_assert!(all_left);
        }
        if let Some(point) = space.point(left) {
            prop_assert!(space.holds(left, &point));
            prop_assert!(!space.holds(outside, &point));
        } else {
            prop_assert!(left.is_empty() && !some_left);
        }
    }

    /// Sets have one name exactly when they hold the same, and keep it where other conditions divide values further.
    #[test]
    fn a_name_is_of_one_set_and_the_same_in_every_space(
        one in conditions(),
        other in conditions(),
        unrelated in conditions(),
    ) {
        let rulebook = rulebook();
        let vocabulary = Vocabulary::new(&rulebook);
        let mut space = Space::new(&vocabulary, [&one, &other], BUDGET).unwrap();
        let (left, right) = (space.set(&one).unwrap(), space.set(&other).unwrap());
        let mut alone = Space::new(&vocabulary, [&one], BUDGET).unwrap();
        let set = alone.set(&one).unwrap();
        let names = [alone.exact(set), space.exact(right), space.exact(left)];
        prop_assert_eq!(left == right, names[2] == names[1]);
        let divided = [space.as_divided(left), space.as_divided(right)];
        prop_assert_eq!(left == right, divided[0] == divided[1]);
        let mut wide = Space::new(&vocabulary, [&unrelated, &unrelated, &other, &one], BUDGET).unwrap();
        let set = wide.set(&one).unwrap();
        // Several patterns together can say what one text does.
        let mut patterns = 0;
        one.tests(&mut |test, _| patterns += usize::from(test.operator == Operator::Glob));
        if patterns < 2 {
            prop_assert_eq!(&wide.exact(set), &names[0]);
        }
    }

    /// Equal sets are the same set, however they were written.
    #[test]
    fn equal_sets_are_the_same(one in conditions(), other in conditions()) {
        let rulebook = rulebook();
        let vocabulary = Vocabulary::new(&rulebook);
        let mut space = Space::new(&vocabulary, [&one, &other], BUDGET).unwrap();
        let nor = Condition::Not(Box::new(Condition::Any(vec![one.clone(), other.clone()])));
        let and = Condition::All(vec![
            Condition::Not(Box::new(one.clone())),
            Condition::Not(Box::new(other.clone())),
        ]);
        prop_assert_eq!(space.set(&nor).unwrap(), space.set(&and).unwrap());
        let twice = Condition::Not(Box::new(Condition::Not(Box::new(one.clone()))));
        prop_assert_eq!(space.set(&twice).unwrap(), space.set(&one).unwrap());
    }
}

#[test]
fn a_contradiction_is_empty_and_its_neighbour_is_not() {
    let rulebook = rulebook();
    let vocabulary = Vocabulary::new(&rulebook);
    let between = |least: &str, most: &str| {
        Condition::All(vec![
            test("request", "duration", Operator::Min, vec![text(least)]),
            test("request", "duration", Operator::Max, vec![text(most)]),
        ])
    };
    let (wrong, right) = (between("2d", "1d"), between("1d", "1d"));
    let mut space = Space::new(&vocabulary, [&wrong, &right], BUDGET).unwrap();
    assert!(space.set(&wrong).unwrap().is_empty());
    let exactly = space.set(&right).unwrap();
    assert_eq!(space.example(exactly).unwrap(), ["request.duration = 1d"]);
}

#[test]
fn absent_is_a_value() {
    let rulebook = rulebook();
    let vocabulary = Vocabulary::new(&rulebook);
    let is = test("subject", "department", Operator::Is, vec![text("it")]);
    let not_in = test("subject", "department", Operator::NotIn, vec![text("it")]);
    let either = Condition::Any(vec![is.clone(), not_in]);
    let mut space = Space::new(&vocabulary, [&either], BUDGET).unwrap();
    let set = space.set(&either).unwrap();
    let rest = space.not(set).unwrap();
    assert_eq!(space.example(rest).unwrap(), ["subject.department absent"]);
    let negated = space.set(&Condition::Any(vec![is.clone(), Condition::Not(Box::new(is))])).unwrap();
    assert!(negated.is_everything());
}

#[test]
fn what_makes_no_sense_or_is_too_much_is_said_rather_than_guessed() {
    let rulebook = rulebook();
    let vocabulary = Vocabulary::new(&rulebook);
    let unknown = test("subject", "shoe-size", Operator::Is, vec![text("44")]);
    let unfit = test("subject", "department", Operator::Min, vec![text("it")]);
    let business = test("request", "duration", Operator::Max, vec![text("5bd")]);
    let mut space = Space::new(&vocabulary, [&unknown, &unfit, &business], BUDGET).unwrap();
    for condition in [&unknown, &unfit, &business] {
        assert_eq!(space.set(condition), Err(Unsure::Invalid), "{condition:?}");
    }
    let fine = test("subject", "department", Operator::Is, vec![text("it")]);
    let mut tight = Space::new(&vocabulary, [&fine], 0).unwrap();
    assert_eq!(tight.set(&fine), Err(Unsure::Budget));
}
