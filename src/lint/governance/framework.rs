//! Frameworks: their versions and the shapes of their ids.

use crate::model::control::Framework;

/// How a version stands to the one in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// In force.
    Current,
    /// Replaced by the version in force.
    Superseded,
    /// Not a version that is known.
    Unknown,
}

/// The versions of a framework: the one in force first, then other ways to write it, and the replaced ones.
fn versions(framework: Framework) -> Option<(&'static [&'static str], &'static [&'static str])> {
    Some(match framework {
        Framework::Iso20000 => (&["2018"], &["2011", "2005"]),
        Framework::Iso27001 => (&["2022"], &["2013", "2005"]),
        // The criteria are of 2017; their points of focus were revised in 2022.
        Framework::Soc2 => (&["2017", "2022"], &["2016", "2014"]),
        Framework::NistCsf => (&["2.0", "2"], &["1.1", "1.0"]),
        Framework::Nist80053 => (&["5", "5.1", "5.1.1", "5.2", "5.2.0"], &["4", "3"]),
        Framework::Cobit => (&["2019"], &["5", "4.1"]),
        Framework::OwaspNhi => (&["2025"], &[]),
        Framework::Gdpr => (&["2016/679", "2016"], &["95/46"]),
        Framework::Internal => return None,
    })
}

/// How a version stands to the one in force; an own framework has no versions to know.
pub(super) fn version(framework: Framework, written: &str) -> Version {
    let Some((current, superseded)) = versions(framework) else { return Version::Current };
    let plain = written.trim().to_lowercase();
    let plain = ["revision", "version", "release", "rev", "r", "v"]
        .iter()
        .find_map(|word| plain.strip_prefix(word))
        .unwrap_or(&plain)
        .trim_matches([' ', '.']);
    if current.contains(&plain) {
        Version::Current
    } else if superseded.contains(&plain) {
        Version::Superseded
    } else {
        Version::Unknown
    }
}

/// The version in force, as its publisher writes it.
pub(super) fn current_version(framework: Framework) -> &'static str {
    versions(framework).and_then(|(current, _)| current.first().copied()).unwrap_or_default()
}

/// An example of an id of a framework.
pub(super) fn example(framework: Framework) -> &'static str {
    match framework {
        Framework::Iso20000 => "8.6.2",
        Framework::Iso27001 => "A.5.15",
        Framework::Soc2 => "CC6.3",
        Framework::NistCsf => "PR.AA-05",
        Framework::Nist80053 => "AC-2",
        Framework::Cobit => "DSS05.04",
        Framework::OwaspNhi => "NHI1:2025",
        Framework::Gdpr => "Article 32",
        Framework::Internal => "ACC-1",
    }
}

/// Whether an id has the shape of the ids of the version in force.
pub(super) fn has_shape(framework: Framework, control: &str) -> bool {
    match framework {
        Framework::Iso20000 => is_clause(control),
        Framework::Iso27001 => is_annex_control(control),
        Framework::Soc2 => is_criterion(control),
        Framework::NistCsf => is_csf(control),
        Framework::Nist80053 => is_800_53(control),
        Framework::Cobit => is_cobit(control),
        Framework::OwaspNhi => control
            .strip_prefix("NHI")
            .and_then(|rest| rest.strip_suffix(":2025"))
            .is_some_and(|number| is_number(number, 1, 10)),
        Framework::Gdpr => {
            let number = ["Article ", "Art. ", "Art ", "Recital "]
                .iter()
                .find_map(|word| control.strip_prefix(word))
                .unwrap_or(control);
            let digits = number.split(|letter: char| !letter.is_ascii_digit()).next().unwrap_or_default();
            is_number(digits, 1, 173)
        }
        Framework::Internal => true,
    }
}

/// A number without leading zeros within bounds.
fn is_number(text: &str, least: u32, most: u32) -> bool {
    !text.starts_with('0')
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && text.parse().is_ok_and(|number: u32| (least..=most).contains(&number))
}

/// A clause of ISO/IEC 20000-1:2018 with requirements: 4 to 10, which have so many parts each.
fn is_clause(control: &str) -> bool {
    const PARTS: [(&str, u32); 7] = [("4", 4), ("5", 3), ("6", 3), ("7", 6), ("8", 7), ("9", 4), ("10", 2)];
    let mut numbers = control.split('.');
    let first = numbers.next().unwrap_or_default();
    let Some((_, most)) = PARTS.iter().find(|(clause, _)| *clause == first) else { return false };
    let second = numbers.next();
    let rest: Vec<&str> = numbers.collect();
    second.is_none_or(|second| is_number(second, 1, *most))
        && rest.len() <= 2
        && rest.iter().all(|part| is_number(part, 1, 9))
}

/// Annex A of ISO/IEC 27001:2022 has four themes with 37, 8, 14 and 34 controls.
fn is_annex_control(control: &str) -> bool {
    let plain = control.strip_prefix("A.").unwrap_or(control);
    let Some((theme, number)) = plain.split_once('.') else { return false };
    let most = match theme {
        "5" => 37,
        "6" => 8,
        "7" => 14,
        "8" => 34,
        _ => return false,
    };
    is_number(number, 1, most)
}

/// A criterion of SOC 2, or a series of them.
fn is_criterion(control: &str) -> bool {
    let Some(split) = control.find(|letter: char| letter.is_ascii_digit()) else { return false };
    let (Some(series), Some(numbers)) = (control.get(..split), control.get(split..)) else { return false };
    let most = match series {
        "CC" => 9,
        "A" | "C" | "PI" => 1,
        "P" => 8,
        _ => return false,
    };
    match numbers.split_once('.') {
        Some((first, second)) => is_number(first, 1, most) && is_number(second, 1, 8),
        None => is_number(numbers, 1, most),
    }
}

/// The categories of NIST CSF 2.0.
const CSF: [&str; 22] = [
    "GV.OC", "GV.RM", "GV.RR", "GV.PO", "GV.OV", "GV.SC", "ID.AM", "ID.RA", "ID.IM", "PR.AA", "PR.AT",
    "PR.DS", "PR.PS", "PR.IR", "DE.CM", "DE.AE", "RS.MA", "RS.AN", "RS.CO", "RS.MI", "RC.RP", "RC.CO",
];

fn is_csf(control: &str) -> bool {
    let (category, number) =
        control.split_once('-').map_or((control, None), |(one, other)| (one, Some(other)));
    CSF.contains(&category)
        && number.is_none_or(|number| number.len() == 2 && is_number(number.trim_start_matches('0'), 1, 12))
}

/// The families of NIST SP 800-53 revision 5.
const FAMILIES: [&str; 20] = [
    "AC", "AT", "AU", "CA", "CM", "CP", "IA", "IR", "MA", "MP", "PE", "PL", "PM", "PS", "PT", "RA", "SA",
    "SC", "SI", "SR",
];

fn is_800_53(control: &str) -> bool {
    let Some((family, rest)) = control.split_once('-') else { return false };
    let number = rest.split(['(', ' ']).next().unwrap_or_default();
    FAMILIES.contains(&family) && is_number(number.trim_start_matches('0'), 1, 60)
}

fn is_cobit(control: &str) -> bool {
    let most = [("EDM", 5), ("APO", 14), ("BAI", 11), ("DSS", 6), ("MEA", 4)];
    most.iter().any(|(domain, most)| {
        control.strip_prefix(domain).is_some_and(|rest| {
            let (objective, practice) =
                rest.split_once('.').map_or((rest, None), |(one, other)| (one, Some(other)));
            let two = |text: &str, most| text.len() == 2 && is_number(text.trim_start_matches('0'), 1, most);
            two(objective, *most) && practice.is_none_or(|practice| two(practice, 20))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_shape_of_their_framework() {
        for (framework, right, wrong) in [
            (Framework::Iso20000, vec!["8.6.2", "10.2"], vec!["3.1", "A.8", "8..1", "6.6"]),
            (Framework::Iso27001, vec!["A.5.15", "8.34", "A.7.14"], vec!["A.5.38", "A.9.2.1", "5"]),
            (Framework::Soc2, vec!["CC6.3", "A1.1", "P4"], vec!["CC10.1", "CC", "X1.1"]),
            (
                Framework::NistCsf,
                vec!["PR.AA-05", "ID.IM", "ID.RA-10"],
                vec!["PR.AC-4", "PR.AA-5", "PR.AA-99"],
            ),
            (Framework::Nist80053, vec!["AC-2", "AC-2(3)", "AC-02", "AC-2 j"], vec!["XX-1", "AC2", "AC-0"]),
            (Framework::Cobit, vec!["DSS05.04", "APO09"], vec!["DSS5.4", "DSS07.01", "AI6"]),
            (Framework::OwaspNhi, vec!["NHI1:2025", "NHI10:2025"], vec!["NHI1", "NHI11:2025", "NHI01:2025"]),
            (Framework::Gdpr, vec!["Article 32", "Art. 5(1)", "32"], vec!["Article", "Article 0"]),
            (Framework::Internal, vec!["anything"], vec![]),
        ] {
            assert!(has_shape(framework, example(framework)), "{framework}");
            assert!(right.iter().all(|id| has_shape(framework, id)), "{framework}: {right:?}");
            assert!(wrong.iter().all(|id| !has_shape(framework, id)), "{framework}: {wrong:?}");
        }
    }

    #[test]
    fn versions_are_known_however_they_are_written() {
        assert_eq!(version(Framework::Nist80053, "Rev. 5"), Version::Current);
        assert_eq!(version(Framework::Nist80053, "r4"), Version::Superseded);
        assert_eq!(version(Framework::NistCsf, "v2.0"), Version::Current);
        assert_eq!(version(Framework::NistCsf, "1.1"), Version::Superseded);
        assert_eq!(version(Framework::NistCsf, "3.0"), Version::Unknown);
        assert_eq!(version(Framework::Internal, "whatever"), Version::Current);
        for framework in Framework::ALL.iter().filter(|framework| **framework != Framework::Internal) {
            assert_eq!(version(*framework, current_version(*framework)), Version::Current, "{framework}");
        }
    }
}
