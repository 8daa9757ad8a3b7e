//! Objects that nothing refers to.

use std::collections::{BTreeSet, HashSet};

use crate::{
    diag::{Code, code},
    lint::Context,
    model::{
        Document, Kind, Objects, Rulebook, Target,
        attribute::{self, Values},
        condition::{Condition, Operator, Test},
    },
};

/// An object without use.
pub(super) static UNUSED: Code = code!(
    "GS2055",
    "unused-object",
    Note,
    "nothing refers to an object that only matters when something does"
);

/// Every condition of a rulebook: they name objects as well.
fn conditions(rulebook: &Rulebook) -> Vec<&Condition> {
    let mut all: Vec<&Condition> = Vec::new();
    all.extend(rulebook.access.iter().flat_map(|access| &access.rule).map(|rule| &*rule.when));
    all.extend(rulebook.guardrails.iter().map(|guardrail| &*guardrail.when));
    all.extend(rulebook.bundles.iter().map(|bundle| &*bundle.when));
    let stages = rulebook.workflows.iter().flat_map(|workflow| &workflow.stage);
    all.extend(stages.filter_map(|stage| stage.approvers_when.as_deref()));
    all.extend(rulebook.request_types.iter().filter_map(|request| request.available_when.as_deref()));
    all.extend(rulebook.routings.iter().flat_map(|routing| &routing.rule).map(|rule| &*rule.when));
    all.extend(rulebook.change_models.iter().filter_map(|model| model.when.as_deref()));
    all.extend(rulebook.change_models.iter().flat_map(|model| &model.risk).map(|rule| &*rule.when));
    all.extend(rulebook.major_incidents.iter().map(|major| &*major.when));
    all
}

/// What is used: objects by kind and id, and kinds of which a pattern may use any.
#[derive(Default)]
struct Used<'a> {
    objects: HashSet<(Kind, &'a str)>,
    kinds: BTreeSet<Kind>,
}

impl<'a> Used<'a> {
    fn by(rulebook: &'a Rulebook) -> Self {
        let mut used = Self::default();
        for reference in &rulebook.references {
            let Target::Object { kind, id, .. } = &reference.to else { continue };
            let itself =
                reference.from.as_ref().is_some_and(|(from, name)| from == kind && name.as_str() == &**id);
            if !itself {
                used.objects.insert((*kind, id));
            }
        }
        for condition in conditions(rulebook) {
            condition.tests(&mut |test, _| used.test(test));
        }
        used
    }

    fn test(&mut self, test: &'a Test) {
        use crate::model::condition::Literal;
        let kind = match attribute::find(&test.namespace, &test.name).map(|attribute| attribute.values) {
            _ if test.operator == Operator::Within => Kind::Calendar,
            Some(Values::Id(kind) | Values::Ids(kind)) => kind,
            _ => return,
        };
        if test.operator == Operator::Glob {
            self.kinds.insert(kind);
        }
        for operand in &test.operands {
            if let Literal::Text(id) = operand {
                self.objects.insert((kind, id));
            }
        }
    }

    fn has(&self, kind: Kind, id: &str) -> bool {
        self.kinds.contains(&kind) || self.objects.contains(&(kind, id))
    }
}

pub(super) fn unused(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let used = Used::by(rulebook);
    let mut look = Look { context, used };
    look.at(&rulebook.tiers, |_| true);
    look.at(&rulebook.categories, |_| true);
    look.at(&rulebook.slas, |_| true);
    look.at(&rulebook.olas, |_| true);
    look.at(&rulebook.supplier_contracts, |_| true);
    look.at(&rulebook.workflows, |_| true);
    look.at(&rulebook.calendars, |_| true);
    look.at(&rulebook.automations, |_| true);
    look.at(&rulebook.tenants, |_| true);
    // A request type that names no channel can be had through each of them.
    look.at(&rulebook.channels, |channel| !channel.intake);
    // An escalation can say itself what it is for.
    look.at(&rulebook.escalations, |escalation| {
        escalation.services.is_empty() && escalation.tiers.is_empty()
    });
}

struct Look<'c, 'a> {
    context: &'c mut Context<'a>,
    used: Used<'a>,
}

impl Look<'_, '_> {
    fn at<T: Document>(&mut self, objects: &Objects<T>, needs_use: fn(&T) -> bool) {
        for entry in objects {
            if needs_use(&entry.value) && !self.used.has(T::KIND, entry.id.as_str()) {
                let kind = T::KIND.name();
                self.context
                    .report(entry.at(""), format!("nothing uses the {kind} `{}`", entry.id))
                    .label("unused")
                    .help("remove it, or refer to it where it was meant to be used");
            }
        }
    }
}
