//! Service standards as metrics: what is promised about a service, and the share of it that is aimed for.

use super::{expect, import, problems, report, repository};

const MAP: &str = r#"[fields]
id = { column = "Standard", prefix = "standard-" }
name = { column = "Promise" }
measure = { value = "compliance-rate" }
service = { column = "Service", transform = "id" }
target = { column = "Target", transform = "percent" }
decides = { value = "where people are added" }
"#;

#[test]
fn a_share_of_one_becomes_a_percentage() {
    let export = "Standard,Promise,Service,Target\n1,Answer within a minute,Mail,0.9\n2,Reply in two days,Mail,1.0\n\
                  3,Say what happened,Mail,.995\n4,Decide,Mail,90\n5,Count,Mail,\n6,Nearly,Mail,0.995\n";
    let repository = repository(MAP, export);
    let run = import(&repository, "metric", &["--format", "json"]);
    assert_eq!(run.status, 1, "{run:#?}");
    // What could be meant in two ways is left out and said.
    assert_eq!(problems(&report(&run)), [expect("invalid", "target", 2)]);
    let written = repository.read("catalog/metrics.toml");
    assert!(
        written.starts_with(
            "[metric.standard-1]\nname = \"Answer within a minute\"\nmeasure = \"compliance-rate\"\nservice = \"mail\"\n\
             target = \"90%\"\ndecides = \"where people are added\"\n"
        ),
        "{written}"
    );
    let targets: Vec<&str> = written.lines().filter_map(|line| line.strip_prefix("target = ")).collect();
    assert_eq!(targets, ["\"90%\"", "\"100%\"", "\"99.5%\""]);
    let again = import(&repository, "metric", &["--format", "json"]);
    assert_eq!(report(&again)["unchanged"], 6, "{again:#?}");
}
