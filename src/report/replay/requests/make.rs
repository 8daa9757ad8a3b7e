//! From what a replay of requests found to its report.

use std::cmp::Reverse;

use super::view::{
    Against, Approver, Asked, Changed, Comparison, Counts, Flip, Found, Latency, OfRule, OfService, OfStage,
    Period, Report, Short, Witness,
};
use crate::{
    diag::Sources,
    model::{Rulebook, replay_map::Recorded, scenario::Verdict},
    report::{
        decision::words,
        lines::Lines,
        replay::shared::{FORMAT_VERSION, Named, Rejects},
    },
    simulate::{
        coverage,
        replay::requests::{self as simulated, Change, Difference, Outcome, Tally},
    },
};

impl Report {
    /// The report of a replay.
    #[must_use]
    pub fn new(outcome: &Outcome, asked: Asked<'_>) -> Self {
        let tally = &outcome.tally;
        let latency = |percent| tally.latency.within(percent);
        Self {
            format_version: FORMAT_VERSION,
            rulebook: asked.at,
            rows: outcome.rows,
            decided: tally.decided,
            learned: outcome.learned,
            rejects: Rejects::new(&outcome.rejects, asked.allowed),
            period: Period {
                first: tally.period.map(|(first, _)| first.to_string()),
                last: tally.period.map(|(_, last)| last.to_string()),
                undated: tally.undated,
                as_of: asked.now.to_string(),
            },
            verdicts: tally.counts().into(),
            recorded: recorded(tally),
            against: against(outcome, asked.against),
            denials: denials(tally),
            undecidable: found(&tally.undecidable),
            services: services(tally),
            rules: rules(tally, asked.rulebook),
            stages: stages(tally),
            approvers: approvers(tally),
            latency: Latency {
                requests: tally.latency.count(),
                median: latency(50),
                ninety: latency(90),
                longest: latency(100),
                unlimited: tally.unlimited,
            },
            columns: asked.columns,
            thresholds: asked.thresholds,
        }
    }
}

fn recorded(tally: &Tally) -> Option<Comparison> {
    let rows = tally.recorded();
    let counts = |wanted: &dyn Fn(Recorded) -> bool| {
        let mut counts = Counts::default();
        for ((verdict, recorded), count) in &tally.verdicts {
            if recorded.is_some_and(wanted) {
                *match verdict {
                    Verdict::Approved => &mut counts.approved,
                    Verdict::NeedsApproval => &mut counts.needs_approval,
                    Verdict::Denied => &mut counts.denied,
                    Verdict::Invalid => &mut counts.invalid,
                } += count;
            }
        }
        counts
    };
    let difference = |difference| tally.differences.get(&difference).map(found).unwrap_or_default();
    (rows > 0).then(|| Comparison {
        rows,
        approved: counts(&|recorded| recorded != Recorded::Denied),
        auto_approved: counts(&|recorded| recorded == Recorded::AutoApproved),
        denied: counts(&|recorded| recorded == Recorded::Denied),
        wrong_approvals: difference(Difference::WrongApproval),
        wrong_denials: difference(Difference::WrongDenial),
    })
}

fn found(examples: &simulated::Examples) -> Found {
    let first = examples.first.iter().map(|witness| Witness {
        row: witness.row,
        line: witness.line,
        id: witness.id.clone(),
        decision: short(&witness.because),
    });
    Found { count: examples.count, first: first.collect() }
}

fn short(because: &simulated::Because) -> Short {
    let denials = because.denials.iter().map(words::denial);
    Short {
        verdict: because.verdict,
        rules: because.rules.iter().map(ToString::to_string).collect(),
        reasons: denials.chain(because.problems.iter().cloned()).collect(),
        outcome: Vec::new(),
    }
}

fn against(outcome: &Outcome, rulebook: Option<String>) -> Option<Against> {
    let (flips, before) = (outcome.flips.as_ref()?, outcome.before.as_ref()?);
    let changes = flips.changes.iter().map(|(change, changed)| {
        let (what, verdicts) = match change {
            Change::Verdict(before, after) => ("verdict", Some((*before, *after))),
            Change::People => ("people", None),
            Change::Evidence => ("evidence", None),
            Change::Provisioning => ("provisioning", None),
            Change::End => ("end", None),
        };
        let first = changed.first.iter().map(|flip| {
            let [before, after] = flip.outcomes.clone();
            Flip {
                row: flip.row,
                line: flip.line,
                id: flip.id.clone(),
                before: Short { outcome: before, ..short(&flip.before) },
                after: Short { outcome: after, ..short(&flip.after) },
            }
        });
        Changed {
            what: what.to_owned(),
            before: verdicts.map(|(before, _)| before),
            after: verdicts.map(|(_, after)| after),
            count: changed.count,
            first: first.collect(),
        }
    });
    Some(Against {
        rulebook: rulebook.unwrap_or_default(),
        verdicts: before.counts().into(),
        same: flips.same,
        flips: flips.count(),
        new_auto_approvals: flips.new_auto_approvals(),
        changes: changes.collect(),
    })
}

fn denials(tally: &Tally) -> Vec<Named> {
    let mut all: Vec<Named> =
        tally.denials.iter().map(|(name, count)| Named { name: (*name).to_owned(), count: *count }).collect();
    all.sort_by_key(|named| Reverse(named.count));
    all
}

fn services(tally: &Tally) -> Vec<OfService> {
    let service = |(service, counts): (&crate::model::Id, &simulated::Counts)| OfService {
        service: service.to_string(),
        verdicts: (*counts).into(),
    };
    let mut all: Vec<OfService> = tally.services.iter().map(service).collect();
    all.sort_by_key(|service| Reverse(service.verdicts.all()));
    all
}

fn rules(tally: &Tally, (rulebook, sources, prefix): (&Rulebook, &Sources, &str)) -> Vec<OfRule> {
    let all = coverage::of_requests(rulebook);
    let lines = Lines::of(all.iter().map(|(_, at, _)| at), sources, prefix);
    let rule = |(rule, at, _): &(crate::model::Selector, crate::model::Location, bool)| {
        let used = tally.rules.get(rule).copied().unwrap_or_default();
        OfRule {
            rule: rule.to_string(),
            place: lines.line(at),
            considered: used.considered,
            matched: used.matched,
            waived: used.waived,
            decided: used.decided.into(),
        }
    };
    all.iter().map(rule).collect()
}

fn stages(tally: &Tally) -> Vec<OfStage> {
    let mut all: Vec<OfStage> = tally
        .stages
        .iter()
        .map(|(stage, load)| OfStage {
            stage: stage.clone(),
            asked: load.asked,
            needed: load.needed,
            fallback: load.fallback,
        })
        .collect();
    all.sort_by_key(|stage| Reverse(stage.asked));
    all
}

fn approvers(tally: &Tally) -> Vec<Approver> {
    let mut all: Vec<Approver> = tally
        .approvers
        .iter()
        .map(|(person, load)| Approver {
            person: person.to_string(),
            asked: load.asked,
            alone: load.alone,
            share: load.share / 1_000,
        })
        .collect();
    all.sort_by(|one, other| (other.asked, &one.person).cmp(&(one.asked, &other.person)));
    all
}
