//! Ids of earlier versions of frameworks, and what they are now.
//!
//! That an id is of an earlier version follows from its form. What it became is a fact only where it was
//! compared with a published correspondence (annex B of ISO/IEC 27002:2022, or the text of NIST CSF 2.0);
//! every other row is where to look first, and is called so.

use std::fmt;

use crate::model::control::Framework;

/// What an id of an earlier version is in the version in force; in a message, a half-sentence after "it".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Successor {
    /// The id, or several.
    now: &'static str,
    /// Whether that was compared with a published correspondence.
    confirmed: bool,
}

impl fmt::Display for Successor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.confirmed {
            write!(formatter, "is {}", self.now)
        } else {
            write!(formatter, "is close to {}: compare the texts", self.now)
        }
    }
}

/// What an id of an earlier version is in the version in force.
pub(super) fn successor(framework: Framework, control: &str) -> Option<Successor> {
    let (table, id): (&[(&str, &str)], &str) = match framework {
        Framework::NistCsf => (&CSF_1_1, control),
        Framework::Iso27001 => (&ISO_27001_2013, control.strip_prefix("A.").unwrap_or(control)),
        Framework::Iso20000 => (&ISO_20000_2011, control),
        _ => return None,
    };
    let (_, now) = table.iter().find(|(old, _)| *old == id)?;
    let confirmed = match framework {
        Framework::NistCsf => CSF_CONFIRMED.contains(&id),
        Framework::Iso27001 => ISO_27001_CONFIRMED.contains(now),
        _ => false,
    };
    Some(Successor { now, confirmed })
}

/// The ids of NIST CSF 1.1 whose successors were compared with the text of 2.0.
const CSF_CONFIRMED: [&str; 2] = ["PR.AC-4", "PR.IP-3"];

/// The controls of annex A of 2022 whose predecessors were compared with annex B of ISO/IEC 27002:2022.
const ISO_27001_CONFIRMED: [&str; 18] = [
    "5.1", "5.2", "5.3", "5.4", "5.5", "5.6", "5.8", "5.9", "5.10", "5.11", "5.12", "5.13", "5.14", "5.15",
    "5.16", "5.17", "5.18", "5.19",
];

/// NIST CSF 1.1 to 2.0.
#[rustfmt::skip]
const CSF_1_1: [(&str, &str); 78] = [
    ("ID.AM-1", "ID.AM-01"), ("ID.AM-2", "ID.AM-02"), ("ID.AM-3", "ID.AM-03"), ("ID.AM-4", "ID.AM-04"),
    ("ID.AM-5", "ID.AM-05"), ("ID.AM-6", "GV.RR-02"), ("ID.BE-1", "GV.OC-05"), ("ID.BE-2", "GV.OC-01"),
    ("ID.BE-3", "GV.OC-01"), ("ID.BE-4", "GV.OC-04, GV.OC-05"), ("ID.BE-5", "GV.OC-04"),
    ("ID.GV-1", "GV.PO-01"), ("ID.GV-2", "GV.OC-02, GV.RR-02"), ("ID.GV-3", "GV.OC-03"),
    ("ID.GV-4", "GV.RM-04"), ("ID.RA-1", "ID.RA-01"), ("ID.RA-2", "ID.RA-02"), ("ID.RA-3", "ID.RA-03"),
    ("ID.RA-4", "ID.RA-04"), ("ID.RA-5", "ID.RA-05"), ("ID.RA-6", "ID.RA-06"), ("ID.RM-1", "GV.RM-01"),
    ("ID.RM-2", "GV.RM-02"), ("ID.RM-3", "GV.RM-02"), ("ID.SC-1", "GV.SC-01"), ("ID.SC-3", "GV.SC-05"),
    ("ID.SC-4", "GV.SC-07"), ("PR.AC-1", "PR.AA-01, PR.AA-05"), ("PR.AC-2", "PR.AA-06"),
    ("PR.AC-3", "PR.AA-05, PR.IR-01"), ("PR.AC-4", "PR.AA-05"), ("PR.AC-5", "PR.IR-01"),
    ("PR.AC-6", "PR.AA-02"), ("PR.AC-7", "PR.AA-03"), ("PR.AT-1", "PR.AT-01"), ("PR.AT-2", "PR.AT-02"),
    ("PR.DS-1", "PR.DS-01"), ("PR.DS-2", "PR.DS-02"), ("PR.DS-3", "ID.AM-08"), ("PR.DS-4", "PR.IR-04"),
    ("PR.IP-1", "PR.PS-01"), ("PR.IP-2", "ID.AM-08, PR.PS-06"), ("PR.IP-3", "ID.RA-07, PR.PS-01"),
    ("PR.IP-4", "PR.DS-11"), ("PR.IP-5", "PR.IR-02"), ("PR.IP-9", "ID.IM-04"), ("PR.IP-11", "GV.RR-04"),
    ("PR.IP-12", "ID.RA-01, PR.PS-02"), ("PR.MA-1", "ID.AM-08, PR.PS-03"), ("PR.PT-1", "PR.PS-04"),
    ("PR.PT-3", "PR.PS-01"), ("PR.PT-4", "PR.IR-01"), ("PR.PT-5", "PR.IR-03"), ("DE.AE-1", "ID.AM-03"),
    ("DE.AE-2", "DE.AE-02"), ("DE.AE-3", "DE.AE-03"), ("DE.AE-4", "DE.AE-04"), ("DE.AE-5", "DE.AE-08"),
    ("DE.CM-1", "DE.CM-01"), ("DE.CM-2", "DE.CM-02"), ("DE.CM-3", "DE.CM-03"), ("DE.CM-6", "DE.CM-06"),
    ("DE.CM-8", "ID.RA-01"), ("DE.DP-5", "ID.IM-03"), ("RS.RP-1", "RS.MA-01"), ("RS.CO-2", "RS.CO-02"),
    ("RS.CO-3", "RS.CO-03"), ("RS.AN-1", "RS.MA-02"), ("RS.AN-3", "RS.AN-03"), ("RS.AN-4", "RS.MA-03"),
    ("RS.AN-5", "ID.RA-08"), ("RS.MI-1", "RS.MI-01"), ("RS.MI-2", "RS.MI-02"), ("RS.MI-3", "ID.RA-06"),
    ("RS.IM-1", "ID.IM-03"), ("RC.RP-1", "RC.RP-01"), ("RC.IM-1", "ID.IM-03"), ("RC.CO-3", "RC.CO-03"),
];

/// Annex A of ISO/IEC 27001:2013 to that of 2022.
#[rustfmt::skip]
const ISO_27001_2013: [(&str, &str); 89] = [
    ("5.1.1", "5.1"), ("5.1.2", "5.1"), ("6.1.1", "5.2"), ("6.1.2", "5.3"), ("6.1.3", "5.5"),
    ("6.1.4", "5.6"), ("6.1.5", "5.8"), ("6.2.1", "8.1"), ("6.2.2", "6.7"), ("7.1.1", "6.1"),
    ("7.1.2", "6.2"), ("7.2.1", "5.4"), ("7.2.2", "6.3"), ("7.2.3", "6.4"), ("7.3.1", "6.5"),
    ("8.1.1", "5.9"), ("8.1.2", "5.9"), ("8.1.3", "5.10"), ("8.1.4", "5.11"), ("8.2.1", "5.12"),
    ("8.2.2", "5.13"), ("8.2.3", "5.10"), ("8.3.1", "7.10"), ("8.3.2", "7.10"), ("8.3.3", "7.10"),
    ("9.1.1", "5.15"), ("9.1.2", "5.15"), ("9.2.1", "5.16"), ("9.2.2", "5.18"), ("9.2.3", "8.2"),
    ("9.2.4", "5.17"), ("9.2.5", "5.18"), ("9.2.6", "5.18"), ("9.3.1", "5.17"), ("9.4.1", "8.3"),
    ("9.4.2", "8.5"), ("9.4.3", "5.17"), ("9.4.4", "8.18"), ("9.4.5", "8.4"), ("10.1.1", "8.24"),
    ("10.1.2", "8.24"), ("12.1.1", "5.37"), ("12.1.2", "8.32"), ("12.1.3", "8.6"), ("12.1.4", "8.31"),
    ("12.2.1", "8.7"), ("12.3.1", "8.13"), ("12.4.1", "8.15"), ("12.4.2", "8.15"), ("12.4.3", "8.15"),
    ("12.4.4", "8.17"), ("12.5.1", "8.19"), ("12.6.1", "8.8"), ("12.6.2", "8.19"), ("12.7.1", "8.34"),
    ("13.1.1", "8.20"), ("13.1.2", "8.21"), ("13.1.3", "8.22"), ("13.2.1", "5.14"), ("13.2.2", "5.14"),
    ("13.2.3", "5.14"), ("13.2.4", "6.6"), ("14.2.2", "8.32"), ("14.2.3", "8.32"), ("14.2.4", "8.32"),
    ("15.1.1", "5.19"), ("15.1.2", "5.20"), ("15.1.3", "5.21"), ("15.2.1", "5.22"), ("15.2.2", "5.22"),
    ("16.1.1", "5.24"), ("16.1.2", "6.8"), ("16.1.3", "6.8"), ("16.1.4", "5.25"), ("16.1.5", "5.26"),
    ("16.1.6", "5.27"), ("16.1.7", "5.28"), ("17.1.1", "5.29"), ("17.1.2", "5.29"), ("17.1.3", "5.29"),
    ("17.2.1", "8.14"), ("18.1.1", "5.31"), ("18.1.2", "5.32"), ("18.1.3", "5.33"), ("18.1.4", "5.34"),
    ("18.1.5", "5.31"), ("18.2.1", "5.35"), ("18.2.2", "5.36"), ("18.2.3", "5.36"),
];

/// ISO/IEC 20000-1:2011 to 2018. Some of these ids exist in both and mean different things.
#[rustfmt::skip]
const ISO_20000_2011: [(&str, &str); 13] = [
    ("6.1", "8.3.3"), ("6.2", "9.4"), ("6.3", "8.7.1, 8.7.2"), ("6.4", "8.4.1"), ("6.5", "8.4.3"),
    ("6.6", "8.7.3"), ("7.1", "8.3.2"), ("7.2", "8.3.4"), ("8.1", "8.6.1, 8.6.2"), ("8.2", "8.6.3"),
    ("9.1", "8.2.6"), ("9.2", "8.5.1"), ("9.3", "8.5.3"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::governance::framework::has_shape;

    #[test]
    fn every_successor_is_an_id_of_the_version_in_force() {
        let tables: [(Framework, &[(&str, &str)]); 3] = [
            (Framework::NistCsf, &CSF_1_1),
            (Framework::Iso27001, &ISO_27001_2013),
            (Framework::Iso20000, &ISO_20000_2011),
        ];
        for (framework, table) in tables {
            for (old, now) in table {
                assert!(now.split(", ").all(|id| has_shape(framework, id)), "{framework} {old}: {now}");
                assert_eq!(
                    table.iter().filter(|(other, _)| other == old).count(),
                    1,
                    "{old} stands here twice"
                );
                let differs = framework == Framework::Iso20000 || !has_shape(framework, old);
                assert!(differs, "{framework} {old} is an id of the version in force");
            }
        }
    }

    #[test]
    fn what_is_confirmed_stands_in_the_tables() {
        assert!(CSF_CONFIRMED.iter().all(|id| CSF_1_1.iter().any(|(old, _)| old == id)));
        assert!(ISO_27001_CONFIRMED.iter().all(|id| ISO_27001_2013.iter().any(|(_, now)| now == id)));
    }

    #[test]
    fn well_known_ids_have_their_successors() {
        let text = |framework, id: &str| successor(framework, id).map(|found| found.to_string()).unwrap();
        assert_eq!(text(Framework::NistCsf, "PR.AC-4"), "is PR.AA-05");
        assert_eq!(text(Framework::NistCsf, "PR.IP-3"), "is ID.RA-07, PR.PS-01");
        assert_eq!(text(Framework::Iso27001, "A.9.2.1"), "is 5.16");
        // Not compared with a published table.
        assert_eq!(text(Framework::Iso27001, "A.9.2.3"), "is close to 8.2: compare the texts");
        assert_eq!(text(Framework::Iso20000, "9.2"), "is close to 8.5.1: compare the texts");
        assert_eq!(successor(Framework::NistCsf, "PR.AA-05"), None);
        assert_eq!(successor(Framework::Soc2, "CC6.1"), None);
    }
}
