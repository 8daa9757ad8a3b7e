//! What a change says about itself is held against what the rulebook knows.

use super::{CLOSES, NOW, OPENS, kinds, run, text, with};

/// A normal change for few people by its service, tested and with a way back.
fn of<'a>(service: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut all = vec!["dan", "--type", "normal", "--service", service, "--affected-users", "9"];
    all.extend(["--tested", "--rollback-plan", "--start", OPENS, "--end", CLOSES]);
    all.extend(more);
    all
}

#[test]
fn what_several_services_run_on_is_changed_as_the_one_that_matters_most() {
    let repository = with(&[]);
    let shared = ["--configuration-item", "shared"];
    // Both services are in the same tier.
    for service in ["portal", "shop"] {
        assert_eq!(run(&repository, &of(service, &shared), NOW).0.status, 0, "{service}");
    }
    let services = repository.read("catalog/more.toml");
    let (before, shop) = services.split_once("[service.shop]").unwrap();
    let shop = shop.replacen("tier = \"standard\"", "tier = \"critical\"", 1);
    let tier = "[tier.critical]\nname = \"Critical\"\nrank = 1\n\n";
    repository.write("catalog/more.toml", format!("{tier}{before}[service.shop]{shop}"));
    let (result, report) = run(&repository, &of("portal", &shared), NOW);
    assert_eq!((result.status, kinds(&report)), (1, vec!["invalid-change"]), "{report:#}");
    assert!(text(&report).contains("what runs on `shared` as well matters more: write `shop`"), "{report:#}");
    assert_eq!(run(&repository, &of("shop", &shared), NOW).0.status, 0);
    // What only the portal runs on is its own.
    assert_eq!(run(&repository, &of("portal", &["--configuration-item", "app"]), NOW).0.status, 0);
    // What is retired is not in the way.
    let retired = repository.read("catalog/more.toml").replace(
        "tier = \"critical\"\nlifecycle = \"active\"",
        "tier = \"critical\"\nlifecycle = \"retired\"\nretire-on = 2026-01-01",
    );
    repository.write("catalog/more.toml", retired);
    assert_eq!(run(&repository, &of("portal", &shared), NOW).0.status, 0);
}

#[test]
fn where_a_change_happens_is_what_the_item_says() {
    let repository = with(&[]);
    let staging = ["--environment", "staging"];
    let (result, report) = run(&repository, &of("portal", &staging), NOW);
    assert_eq!((result.status, kinds(&report)), (1, vec!["invalid-change"]), "{report:#}");
    assert!(text(&report).contains("name the `configuration-item`, or leave"), "{report:#}");
    assert_eq!(run(&repository, &of("portal", &["--environment", "production"]), NOW).0.status, 0);
    // Nobody knows on what mail runs: what the requester says is all there is.
    assert_eq!(run(&repository, &of("mail", &staging), NOW).0.status, 0);
    // Once it needs a service of which that is known, it runs there.
    let mail = repository.read("catalog/services.toml");
    let needs = mail.replacen("[service.mail]\n", "[service.mail]\ndepends-on = [\"portal\"]\n", 1);
    repository.write("catalog/services.toml", &needs);
    let (_, report) = run(&repository, &of("mail", &staging), NOW);
    assert!(text(&report).contains("name the `configuration-item`"), "{report:#}");
    repository.write("catalog/services.toml", mail);
    let services = repository.read("catalog/more.toml").replace(
        "configuration-items = [\"app\", \"shared\"]",
        "configuration-items = [\"app\", \"rehearsal\", \"shared\"]",
    );
    repository.write("catalog/more.toml", services);
    let (_, report) = run(&repository, &of("portal", &staging), NOW);
    assert!(text(&report).contains("name the `configuration-item`, such as `rehearsal`"), "{report:#}");
    assert_eq!(run(&repository, &of("portal", &["--configuration-item", "rehearsal"]), NOW).0.status, 0);
}
