//! What of the field's checks the rulebook decides, by which findings, and what it leaves out and why.
//!
//! The items are what a reviewer of a service desk's rulebook would look for, numbered V001 to V062. The
//! table is published in `schemas/COVERAGE.md`; a test looks that every code exists.

use std::fmt::Write as _;

/// An item of the checklist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// The number, from 1.
    pub number: u8,
    /// What is looked for, in short.
    pub title: &'static str,
    /// What decides it.
    pub decided: Decided,
}

/// What decides an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// Findings of these codes.
    Covered(&'static [&'static str]),
    /// Findings of these codes, and the part that they leave open or that cannot be written wrong, with the
    /// reason.
    Partly(&'static [&'static str], &'static str),
    /// Nothing, with the reason.
    LeftOut(&'static str),
}

use Decided::{Covered, LeftOut, Partly};

macro_rules! checks {
    ($( $number:literal $title:literal => $decided:expr; )+) => {
        /// Every item, in order.
        pub static CHECKS: &[Check] = &[$( Check { number: $number, title: $title, decided: $decided }, )+];
    };
}

checks! {
    1 "every service has an owner, a tier, a state and a promise" => Covered(&["GS2001", "GS2002", "GS2003", "GS2004", "GS2005"]);
    2 "owners exist, can act, and are more than one person" => Covered(&["GS1201", "GS2006", "GS2007"]);
    3 "tiers have an order, and a more critical one is never promised less" => Covered(&["GS2021", "GS3050", "GS3051"]);
    4 "promises fit what downtime costs" => Covered(&["GS2023", "GS2024", "GS2025"]);
    5 "what is being retired is not offered and has an end or a successor" => Covered(&["GS2011", "GS2012", "GS2013", "GS2014", "GS2015"]);
    6 "each item of the catalogue has exactly one workflow" => Partly(&["GS2032"], "a second one cannot be written; one without a workflow is reported when it carries risk, and access is decided by policies");
    7 "one workflow does not serve every risk" => Covered(&["GS2034"]);
    8 "people are not asked about what is harmless" => Covered(&["GS4067"]);
    9 "what is dangerous is approved by enough people" => Covered(&["GS2032", "GS4013", "GS4022", "GS4055", "GS4056", "GS4066", "GS4073"]);
    10 "an approval says what exactly it grants" => Covered(&["GS4062"]);
    11 "access has an owner, a rule and a recertification before it is automated" => Covered(&["GS2001", "GS4025", "GS4061"]);
    12 "automatic fulfilment is bounded and written down" => Partly(&["GS2061", "GS2063", "GS2064", "GS4065"], "the checks of a single run are made by what runs it");
    13 "each request type says what it does to access, whose it is and what decides" => Covered(&["GS1101", "GS2031", "GS2032", "GS4025"]);
    14 "access with power, or for a project, ends" => Covered(&["GS4060", "GS4070", "GS6063", "GS6064"]);
    15 "something ends every grant" => Covered(&["GS4064", "GS6062", "GS6063", "GS6066", "GS6068", "GS6069"]);
    16 "approvers exist and work here" => Covered(&["GS1201", "GS4041", "GS4042"]);
    17 "nobody approves for themselves or holds what conflicts" => Covered(&["GS4053", "GS4085", "GS4086", "GS4087", "GS4088", "GS4089", "GS4090", "GS4091", "GS6017", "GS6020", "GS6065", "GS6072", "GS6077", "GS6079"]);
    18 "delegations have an end and no circle" => LeftOut("a delegation is a fact of one day, kept where people are away; the rulebook holds none, and a stage escalates once");
    19 "every chain of approvals can come to its end" => Partly(&["GS4040", "GS4043", "GS4045", "GS4050"], "stages are a list, so a circle cannot be written");
    20 "a request does not wait in somebody's inbox for ever" => Covered(&["GS4044", "GS4046", "GS4047", "GS4048", "GS4049", "GS4057", "GS4058"]);
    21 "rules are reached, do not contradict each other, and leave a decision for the rest" => Partly(&["GS4010", "GS4011", "GS4013", "GS4020", "GS4021", "GS4023", "GS4029", "GS4030"], "there is always a default: where none is written it is to deny");
    22 "exceptions have an owner, a reason and an end" => Covered(&["GS6011", "GS6012", "GS6013", "GS6014", "GS6015", "GS6016", "GS6018", "GS6019"]);
    23 "what a promise rests on is fast enough, in the hours of everybody" => Covered(&["GS3040", "GS3041", "GS3042", "GS3043", "GS3046", "GS3052"]);
    24 "response comes before the solution, warnings before the breach" => Covered(&["GS3023", "GS3024", "GS3026", "GS3027"]);
    25 "no target is 0" => Covered(&["GS3022"]);
    26 "every priority has a target" => Covered(&["GS3020", "GS3021"]);
    27 "targets can be kept" => Partly(&["GS2010", "GS3029", "GS3041", "GS3048"], "whether there are people enough for the demand is measured from history, which the rulebook does not hold");
    28 "one commitment has one clock" => Partly(&["GS3030", "GS3032", "GS3033"], "an SLA has one clock and a service names one SLA: a second cannot be written");
    29 "calendars are well formed" => Covered(&["GS1104", "GS3001", "GS3002", "GS3003", "GS3004", "GS3005", "GS3006"]);
    30 "clocks start, pause and stop in states that differ" => Covered(&["GS3030", "GS3031", "GS3032"]);
    31 "the priority matrix is whole, and worse is never less urgent" => Covered(&["GS5001", "GS5002", "GS5003", "GS5004"]);
    32 "it is defined and decidable when an incident is major, and what follows" => Covered(&["GS4001", "GS4010", "GS5010", "GS5012", "GS5013"]);
    33 "critical services have an escalation for each priority" => Covered(&["GS5025"]);
    34 "escalation goes on in time and ends with somebody who decides" => Covered(&["GS5020", "GS5021", "GS5022", "GS5023"]);
    35 "where support never sleeps somebody is on call" => Covered(&["GS2128", "GS2129", "GS5030"]);
    36 "every ticket gets to a team" => Covered(&["GS5040", "GS5041", "GS5042", "GS5043", "GS5044"]);
    37 "each type of change has a risk, an authority and states" => Covered(&["GS5050", "GS5051", "GS5052", "GS5057", "GS5062", "GS5067", "GS5068"]);
    38 "standard changes are harmless, written down and proven" => Covered(&["GS5053", "GS5054", "GS5055"]);
    39 "not every change goes to one board" => Covered(&["GS5056"]);
    40 "changes of production are tested and have their hours" => Covered(&["GS5058"]);
    41 "nothing is changed in a freeze" => Partly(&["GS5059", "GS5060", "GS5061"], "single changes are scheduled in the ticket system; that freezes make sense is looked at here");
    42 "components exist, have an owner and were looked at" => Covered(&["GS1201", "GS2071", "GS2072", "GS2073"]);
    43 "articles have an owner and were looked at" => Covered(&["GS2081", "GS2082", "GS6001"]);
    44 "one is accountable and somebody responsible for each activity" => Partly(&["GS1101", "GS1103", "GS1105"], "the shape asks for it: `accountable` is one, `responsible` a list that is not empty");
    45 "incidents, problems and changes have process owners" => Partly(&["GS1201", "GS2007", "GS5013", "GS5066"], "problems have no process of their own here: they come from major incidents");
    46 "automations have an owner, a start, an end, a log and limits" => Covered(&["GS2061", "GS2062", "GS2063", "GS2064"]);
    47 "where AI acts a policy says what it may do" => Covered(&["GS6051", "GS6052", "GS6053", "GS6054"]);
    48 "nothing of one client refers to another" => Covered(&["GS2141"]);
    49 "nothing is overdue to be looked at" => Covered(&["GS6001", "GS6002", "GS6073"]);
    50 "metrics measure what there is and drive a decision" => Covered(&["GS1106", "GS6041", "GS6042"]);
    51 "self-service has an automation behind it" => Covered(&["GS2035", "GS2036"]);
    52 "there are not too many fields, stages and rules" => Covered(&["GS2038", "GS4028", "GS4051"]);
    53 "there are no secrets and no personal data in the repository" => Partly(&["GS2091"], "a directory is personal data by its nature; whether it may be kept here is for its owners to say");
    54 "nothing is there twice" => Covered(&["GS1202", "GS2053", "GS2054"]);
    55 "nothing is there for nothing" => Covered(&["GS2055", "GS2083", "GS4024", "GS4069"]);
    56 "accounts of machines have an owner, an end and a rotation" => Covered(&["GS2105", "GS2106", "GS2107", "GS2108"]);
    57 "managers, departments and roles exist" => Covered(&["GS1201", "GS2101", "GS2102", "GS2103", "GS4004", "GS4005", "GS4006"]);
    58 "whoever leaves loses everything" => Partly(&["GS4063", "GS4064", "GS4065", "GS4071", "GS6062"], "every entitlement says how it is taken away, and grants of those who left are reported; taking away is done elsewhere");
    59 "what comes with a job is harmless" => Covered(&["GS4093"]);
    60 "forms ask what decides" => Covered(&["GS4097", "GS4098", "GS4099"]);
    61 "channels that people are told through exist" => Covered(&["GS1201", "GS1203"]);
    62 "the system that is configured can do what is written" => LeftOut("what a system can do is not in the rulebook; it is a question for planning changes of that system");
}

/// The table as Markdown, to stand below that of the data.
#[must_use]
pub fn markdown() -> String {
    let mut text =
        "\n## Checks\n\nWhat a reviewer of a service desk's rulebook would look for, and the findings \
        that do. Generated from `src/lint/coverage.rs`; `gitsm explain` has a page for each code.\n\n\
        | item | what | findings |\n|---|---|---|\n"
            .to_owned();
    for check in CHECKS {
        let codes = check.codes().join(", ");
        let decided = match check.decided {
            Covered(_) => codes,
            Partly(_, reason) => format!("{codes}; {reason}"),
            LeftOut(reason) => format!("left out: {reason}"),
        };
        // Writing into a string cannot fail.
        let _ = writeln!(text, "| V{:03} | {} | {decided} |", check.number, check.title);
    }
    text
}

impl Check {
    /// The codes that decide it.
    #[must_use]
    pub const fn codes(&self) -> &'static [&'static str] {
        match self.decided {
            Covered(codes) | Partly(codes, _) => codes,
            LeftOut(_) => &[],
        }
    }
}
