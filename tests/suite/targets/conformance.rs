//! What every target does alike: runs over the registry. A new target needs a [`Lab`] and nothing else.

use std::{collections::BTreeMap, fs, path::Path};

use gitsm::{
    apply::{Applied, ApplyError, Done, Session, State, apply, import},
    load::load,
    model::{
        Instant, Rulebook,
        settings::{Target, TargetType},
    },
    plan::{self, Action, Bound, Cause, Desired, Key, Ledger, Observed, Plan, Verdict},
    source::WorkTree,
    target::{Book, Place, Reader, Row, Step, TARGETS, TargetError, Writer},
};

use crate::support::Repository;

/// A place in which a target can be tried, and somebody else who changes it behind gitsm's back.
pub struct Lab {
    pub row: &'static Row,
    pub repository: Repository,
    settings: Target,
    /// The path of the file that holds an object.
    path: fn(&Lab, &Key) -> std::path::PathBuf,
}

/// A lab for each target of the registry.
fn labs() -> impl Iterator<Item = Lab> {
    // The others are no folders: they have tests of their own that do the same.
    let systems = [TargetType::RequestTracker, TargetType::Github, TargetType::ServiceNow, TargetType::Scim];
    let folders = TARGETS.iter().filter(move |row| !systems.contains(&row.target_type));
    folders.map(|row| match row.target_type {
        TargetType::Static => Lab {
            row,
            repository: Repository::base(),
            settings: Target::new(TargetType::Static),
            path: |lab, key| lab.repository.path().join(format!("public/v1/{}/{}.json", key.kind, key.id)),
        },
        other => panic!("there is no lab for {other}"),
    })
}

impl Lab {
    fn place(&self) -> Place<'_> {
        Place {
            name: "lab",
            settings: &self.settings,
            repository: self.repository.path(),
            project: "Example",
        }
    }

    pub fn reader(&self) -> Box<dyn Reader> {
        (self.row.reader)(&self.place()).unwrap()
    }

    pub fn writer(&self) -> Result<Box<dyn Writer>, TargetError> {
        (self.row.writer)(&self.place())
    }

    pub fn rulebook(&self) -> Rulebook {
        load(&WorkTree::new(self.repository.path())).unwrap().rulebook
    }

    pub fn desired(&self) -> Desired {
        let rulebook = self.rulebook();
        let today = "2026-11-20".parse().unwrap();
        let book = Book {
            rulebook: &rulebook,
            commit: None,
            settings: &self.settings,
            today,
            now: super::NOW.parse().unwrap(),
        };
        (self.row.desired)(&book).unwrap()
    }

    pub fn build(&self, desired: &Desired, observed: &Observed, ledger: &Ledger) -> Plan {
        let bound = Bound {
            repository: "Example",
            commit: None,
            target: plan::file::Target {
                name: "lab".to_owned(),
                target_type: self.row.target_type.name().to_owned(),
                place: "lab".to_owned(),
                place_was_named: false,
            },
            configuration: String::new(),
            limits: self.settings.limits.clone(),
            adopt: &[],
            created: now(),
            expires: "2026-11-21T12:00:00Z".parse().unwrap(),
        };
        plan::build(desired, observed, ledger, bound)
    }

    pub fn plan(&self) -> Plan {
        let desired = self.desired();
        let reader = self.reader();
        let observed = reader.observe(&desired).unwrap();
        let ledger = State::load(&*reader).unwrap().settled(&observed);
        self.build(&desired, &observed, &ledger)
    }

    /// Applies a plan with a writer of one's own.
    pub fn apply_with(
        &self,
        plan: &Plan,
        writer: &dyn Fn() -> Result<Box<dyn Writer>, TargetError>,
    ) -> Result<Applied, ApplyError> {
        let desired = self.desired();
        let reader = self.reader();
        let session = Session {
            reviewed: plan,
            desired: &desired,
            replan: &|observed, ledger| self.build(&desired, observed, ledger),
            reader: &*reader,
            writer,
            now: now(),
            longest: 24,
            owner: None,
            take_over: false,
            gone: None,
            evidence: None,
        };
        apply(&session, &mut |_, _| {})
    }

    /// Plans and applies, which must do everything, and makes sure that nothing is left to do.
    pub fn settle(&self) -> Plan {
        let plan = self.plan();
        assert_ne!(plan.verdict, Verdict::Refused, "{:?}", plan.refusals);
        let applied = self.apply_with(&plan, &|| self.writer()).unwrap();
        assert!(applied.results.stopped.is_none());
        assert!(applied.results.done.values().all(|done| *done == Done::Done), "{:?}", applied.results.done);
        let after = self.plan();
        assert_eq!((after.verdict, after.operations), (Verdict::Unchanged, Vec::new()));
        plan
    }

    fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.repository.read(path);
        assert!(text.contains(from), "{from}");
        self.repository.write(path, text.replacen(from, to, 1));
    }
}

fn now() -> Instant {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

/// What is done with the objects that say something of their own.
pub fn actions(plan: &Plan) -> Vec<(Action, Cause, String)> {
    let own = plan.operations.iter().filter(|operation| !operation.derived);
    own.map(|operation| (operation.action, operation.cause, operation.object.to_string())).collect()
}

fn mail() -> Key {
    Key::new("service", "mail")
}

const CATEGORY: &str = "\n[category.extra]\nname = \"Extra\"\nfunction = \"it\"\n";

#[test]
fn create_update_and_delete_leave_nothing_to_do() {
    for lab in labs() {
        let first = lab.settle();
        assert!(first.operations.iter().all(|operation| operation.action == Action::Create));
        lab.edit("catalog/services.toml", "\"Mail\"", "\"Post\"");
        let plan = lab.settle();
        assert_eq!(actions(&plan), [(Action::Update, Cause::NotAppliedYet, "service/mail".to_owned())]);
        let change = &plan.operation(&mail()).unwrap().changes[0];
        assert_eq!((change.before.as_deref(), change.after.as_deref()), (Some("Mail"), Some("Post")));
        let services = lab.repository.read("catalog/services.toml");
        lab.repository.write("catalog/services.toml", services.clone() + CATEGORY);
        assert_eq!(
            actions(&lab.settle()),
            [(Action::Create, Cause::NotAppliedYet, "category/extra".to_owned())]
        );
        lab.repository.write("catalog/services.toml", services);
        assert_eq!(
            actions(&lab.settle()),
            [(Action::Delete, Cause::NotAppliedYet, "category/extra".to_owned())]
        );
    }
}

#[test]
fn what_disappears_or_drifts_is_set_right_and_said_to_be_the_doing_of_others() {
    for lab in labs() {
        lab.settle();
        let path = (lab.path)(&lab, &mail());
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("Mail", "Spam")).unwrap();
        assert_eq!(
            actions(&lab.plan()),
            [(Action::Update, Cause::ChangedOutside, "service/mail".to_owned())]
        );
        lab.settle();
        // The same values, written otherwise.
        fs::write(&path, text.replace("  ", "    ")).unwrap();
        let plan = lab.plan();
        assert_eq!(plan.operation(&mail()).unwrap().changes[0].field, "(layout)");
        lab.settle();
        fs::remove_file(&path).unwrap();
        assert_eq!(
            actions(&lab.plan()),
            [(Action::Create, Cause::ChangedOutside, "service/mail".to_owned())]
        );
        lab.settle();
        fs::write(&path, "no JSON").unwrap();
        assert_eq!(
            actions(&lab.plan()),
            [(Action::Update, Cause::ChangedOutside, "service/mail".to_owned())]
        );
        lab.settle();
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn what_is_not_known_is_adopted_when_it_is_the_same_and_refused_when_not() {
    for lab in labs() {
        lab.settle();
        let path = (lab.path)(&lab, &mail());
        fs::remove_dir_all(lab.reader().state_folder()).unwrap();
        let plan = lab.plan();
        assert_eq!(plan.verdict, Verdict::Ready);
        assert!(plan.operations.iter().all(|operation| operation.action == Action::Adopt));
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("Mail", "Spam")).unwrap();
        let plan = lab.plan();
        assert_eq!(plan.verdict, Verdict::Refused);
        assert!(plan.refusals[0].message.contains("`service/mail`"), "{:?}", plan.refusals);
        assert!(matches!(lab.apply_with(&plan, &|| lab.writer()), Err(ApplyError::Refused { .. })));
        fs::write(&path, text).unwrap();
        lab.settle();
    }
}

#[test]
fn what_the_target_holds_is_read_back_as_documents() {
    for lab in labs() {
        lab.settle();
        let observed = lab.reader().observe(&Desired::default()).unwrap();
        let rulebook = lab.rulebook();
        let is_document = |key: &&Key| gitsm::model::Kind::from_name(&key.kind).is_some();
        let documents = observed.objects.keys().filter(is_document).count();
        assert!(documents > 5);
        // What the rulebook says is what the target holds, and what it does not say is taken over.
        let all = import::documents(lab.row, &observed, &rulebook, &Desired::default()).unwrap();
        assert_eq!((all.taken, all.differing, all.unreadable, all.same), (vec![], vec![], vec![], documents));
        let none = import::documents(lab.row, &observed, &Rulebook::default(), &Desired::default()).unwrap();
        assert_eq!((none.taken.len(), none.unreadable), (documents, vec![]));
        let other = Lab {
            repository: Repository::empty(),
            ..labs().find(|other| other.row.target_type == lab.row.target_type).unwrap()
        };
        other.repository.write("gitsm.toml", lab.repository.read("gitsm.toml"));
        other.repository.write("catalog/imported.toml", &none.text);
        let again = import::documents(lab.row, &observed, &other.rulebook(), &Desired::default()).unwrap();
        assert_eq!((again.taken, again.differing, again.same), (vec![], vec![], documents));
    }
}

/// How a call goes wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// It is not done, and that is said.
    Refused,
    /// It is done, and the answer gets lost.
    LostReply,
    /// It is not done, and said to be.
    SaidDone,
    /// It is done, and cannot be read back.
    Blind,
}

/// A writer whose call with a number goes wrong.
struct Faulty {
    inner: Box<dyn Writer>,
    fault: Fault,
    at: usize,
    calls: usize,
}

impl Writer for Faulty {
    fn write(&mut self, step: &Step<'_>) -> Result<Option<String>, TargetError> {
        self.calls += 1;
        if self.calls - 1 != self.at {
            return self.inner.write(step);
        }
        let lost = || TargetError::failed("the answer", std::io::Error::other("it got lost"));
        match self.fault {
            Fault::Refused => Err(TargetError::refused("no", "not today")),
            // It gives what it read, and that is not what was asked for.
            Fault::SaidDone => self.inner.read_back(step),
            Fault::LostReply | Fault::Blind => self.inner.write(step).and(Err(lost())),
        }
    }

    fn read_back(&mut self, step: &Step<'_>) -> Result<Option<String>, TargetError> {
        if self.calls - 1 == self.at && self.fault == Fault::Blind {
            return Err(TargetError::failed("it", std::io::Error::other("nobody answers")));
        }
        self.inner.read_back(step)
    }
}

/// Everything that the target of a lab holds.
fn held(lab: &Lab) -> BTreeMap<Key, String> {
    let observed = lab.reader().observe(&Desired::default()).unwrap();
    observed.objects.into_iter().map(|(key, found)| (key, found.digest)).collect()
}

#[test]
fn a_failure_at_any_call_is_noted_what_needs_it_is_skipped_and_the_next_run_converges() {
    for template in labs() {
        let wanted: BTreeMap<Key, String> = {
            template.settle();
            held(&template)
        };
        let calls = wanted.len();
        // The first calls, some in the middle, and the last.
        for at in [0, 1, calls / 2, calls - 2, calls - 1] {
            for fault in [Fault::Refused, Fault::LostReply, Fault::SaidDone, Fault::Blind] {
                let lab = labs().find(|lab| lab.row.target_type == template.row.target_type).unwrap();
                let plan = lab.plan();
                let faulty = || -> Result<Box<dyn Writer>, TargetError> {
                    Ok(Box::new(Faulty { inner: lab.writer()?, fault, at, calls: 0 }))
                };
                let applied = lab.apply_with(&plan, &faulty).unwrap();
                let done = &applied.results.done;
                let bad = &plan.operations[at];
                let failed = matches!(done[&bad.object], Done::Failed(_));
                assert_eq!(failed, fault != Fault::LostReply, "{at}");
                for operation in &plan.operations {
                    let needs_lost = operation.needs.iter().any(|need| done[need] != Done::Done);
                    let skipped = matches!(done[&operation.object], Done::Skipped(_));
                    assert_eq!(skipped, needs_lost, "{}", operation.object);
                }
                // The same plan again does what is left, and only that.
                if failed {
                    let again = lab.apply_with(&plan, &|| lab.writer()).unwrap();
                    assert!(again.results.done.values().all(|done| *done == Done::Done));
                }
                assert_eq!(held(&lab), wanted);
                assert_eq!(lab.plan().verdict, Verdict::Unchanged);
                assert!(matches!(lab.apply_with(&plan, &|| lab.writer()), Err(ApplyError::Refused { .. })));
            }
        }
    }
}

#[test]
fn what_changes_while_a_plan_is_applied_is_not_overwritten() {
    for lab in labs() {
        lab.settle();
        lab.edit("catalog/services.toml", "\"Mail\"", "\"Post\"");
        let plan = lab.plan();
        let path = (lab.path)(&lab, &mail());
        let meddling = || {
            fs::write(&path, "somebody else").unwrap();
            lab.writer()
        };
        let applied = lab.apply_with(&plan, &meddling).unwrap();
        assert!(matches!(&applied.results.done[&mail()], Done::Failed(why) if why.contains("changed while")));
        assert_eq!(fs::read_to_string(&path).unwrap(), "somebody else");
        lab.settle();
    }
}

#[test]
fn every_target_has_a_page_and_says_what_becomes_of_every_kind() {
    for row in TARGETS {
        let run = crate::support::gitsm(&["targets", row.target_type.name()], Path::new("."));
        assert_eq!(run.status, 0, "{run:?}");
        for part in ["## Try it", "## Rights", "## What is managed", "## What is not"] {
            assert!(row.page.contains(part), "{part} of {}", row.target_type);
        }
        for kind in gitsm::model::Kind::ALL {
            let (support, reason) = (row.support)(kind);
            assert_eq!(reason.is_empty(), support == plan::Support::Exact, "{}", kind.name());
        }
    }
}
