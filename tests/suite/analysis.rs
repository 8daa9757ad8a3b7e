//! Rules that cannot be analysed are an error, never silence.

use crate::support::{Repository, gitsm};

#[test]
fn rules_that_hide_each_other_from_the_analysis_fail_once() {
    let rule = |letter: &str| {
        format!(
            "\n[[access.admins.rule]]\nid = \"{letter}\"\nwhen.subject.title.glob = \"*{letter}???????????\"\n\
             decision = \"auto-approve\"\n"
        )
    };
    let head = "[access.admins]\nowner = \"team:security\"\napplies-to.entitlement = \"mail/admin\"\n\
                review-date = 2030-01-01\n";
    let codes = |text: String| {
        let repository = Repository::base();
        repository.write("catalog/example.toml", &text);
        let run =
            gitsm(&["validate", "--format", "json", "--now", "2026-11-20T12:00:00Z"], repository.path());
        let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let findings = report["findings"].as_array().unwrap();
        let mut codes: Vec<String> =
            findings.iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect();
        codes.retain(|code| code.starts_with("GS401") || code == "GS4066");
        (run.status, codes)
    };
    assert_eq!(codes(format!("{head}{}", rule("a"))), (1, vec!["GS4066".to_owned()]));
    assert_eq!(codes(format!("{head}{}{}", rule("a"), rule("b"))), (1, vec!["GS4013".to_owned()]));
}
