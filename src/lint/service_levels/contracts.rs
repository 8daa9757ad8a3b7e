//! Supplier contracts: how long they last, and how much of the time they promise.

use jiff::{Span, civil::Date};

use crate::{
    decide::calendars::Calendars,
    diag::{Code, code},
    lint::{Context, common},
    model::{
        Duration, Entry, Percent, Rulebook,
        kind::Kind,
        service::Service,
        sla::{Sla, SupplierContract},
    },
};

use super::shared::{is_offered, promised};

/// A contract that ends before it starts.
pub(super) static CONTRACT_PERIOD: Code =
    code!("GS3045", "contract-period", Error, "a supplier contract ends before it starts");
/// A contract that does not hold today.
pub(super) static CONTRACT_NOT_IN_FORCE: Code = code!(
    "GS3046",
    "contract-not-in-force",
    Error,
    "an SLA rests on a supplier contract that has ended or not yet begun"
);
/// A contract that must be cancelled or renewed now.
pub(super) static CONTRACT_ENDING: Code =
    code!("GS3047", "contract-ending", Warning, "the notice period of a supplier contract has begun");
/// More availability than the suppliers give.
pub(super) static AVAILABILITY: Code = code!(
    "GS3048",
    "availability-of-suppliers",
    Warning,
    "a service promises more availability than the suppliers that it rests on"
);

/// The SLA that rests on a contract, the first of several.
fn user<'a>(rulebook: &'a Rulebook, contract: &Entry<SupplierContract>) -> Option<(&'a Entry<Sla>, usize)> {
    rulebook.slas.iter().find_map(|sla| {
        let own = |support: &crate::model::Selector| {
            support.kind == Kind::SupplierContract && support.id == contract.id
        };
        Some((sla, sla.supported_by.iter().position(own)?))
    })
}

pub(super) fn contract_period(context: &mut Context<'_>) {
    common::backwards(
        context,
        ["start", "end"],
        |contract: &SupplierContract| contract.start.zip(contract.end),
        |contract, _, end| format!("the contract `{}` ends on {end}, before it starts", contract.id),
    );
}

pub(super) fn contract_not_in_force(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let today = context.today;
    for contract in &rulebook.supplier_contracts {
        let Some((sla, index)) = user(rulebook, contract) else { continue };
        let id = &contract.id;
        let (field, message) = match (contract.start, contract.end) {
            (Some(start), Some(end)) if end < start => continue,
            (_, Some(end)) if end.0 < today => ("/end", format!("the contract `{id}` ended on {end}")),
            (Some(start), _) if start.0 > today => {
                ("/start", format!("the contract `{id}` begins on {start}"))
            }
            _ => continue,
        };
        context
            .report(contract.at(field), message)
            .label("the supplier owes nothing today")
            .related(sla.at(format!("/supported-by/{index}")), "an SLA rests on it")
            .help("enter the new dates once it is renewed; until then the SLA promises what nobody owes");
    }
}

pub(super) fn contract_ending(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    let calendars = Calendars::new(rulebook);
    for contract in &rulebook.supplier_contracts {
        let (Some(end), Some(notice)) = (contract.end, contract.notice) else { continue };
        if end.0 < context.today {
            continue;
        }
        let Some(last) = last_day_of_notice(end.0, notice, &calendars, contract.calendar.as_str()) else {
            continue;
        };
        let today = context.today;
        if today < last {
            continue;
        }
        context
            .report(
                contract.at("/end"),
                if today == last {
                    format!(
                        "the contract `{}` ends on {end}, and today is the last day of notice",
                        contract.id
                    )
                } else {
                    format!(
                        "the contract `{}` ends on {end}, and notice had to be given by {last}",
                        contract.id
                    )
                },
            )
            .related(contract.at("/notice"), format!("{notice} before its end"))
            .help("renew or replace it, and enter the new end");
    }
}

/// The last day on which notice can be given.
fn last_day_of_notice(
    end: Date,
    notice: Duration,
    calendars: &Calendars<'_>,
    calendar: &str,
) -> Option<Date> {
    match notice {
        Duration::Elapsed { seconds } => {
            // Part of a day is a whole one for whoever has to send a letter.
            let days = seconds.div_euclid(86_400) + i64::from(seconds.rem_euclid(86_400) > 0);
            end.checked_sub(Span::new().try_days(days).ok()?).ok()
        }
        Duration::BusinessDays { days } => {
            let compiled = calendars.find(calendar)?;
            let mut day = end;
            let mut left = days;
            while left > 0 {
                day = day.yesterday().ok()?;
                let midnight = day.to_zoned(compiled.zone().clone()).ok()?;
                let next = midnight.tomorrow().ok()?;
                // A contract without any open day has no business days to count.
                let open = compiled.next_open(midnight.timestamp())?;
                left -= u32::from(open < next.timestamp());
            }
            Some(day)
        }
    }
}

/// What a service promises, where that is written, and in whose words.
fn availability<'a>(
    rulebook: &'a Rulebook,
    service: &'a Entry<Service>,
) -> Option<(Percent, crate::lint::Location)> {
    if let Some(own) = service.availability {
        return Some((own, service.at("/availability")));
    }
    let tier = rulebook.tiers.get(service.tier.as_ref()?.as_str())?;
    Some((tier.availability?, tier.at("/availability")))
}

pub(super) fn availability_of_suppliers(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for service in rulebook.services.iter().filter(|service| is_offered(service)) {
        let Some((wanted, at)) = availability(rulebook, service) else { continue };
        let Some(sla) = promised(rulebook, service) else { continue };
        let contracts: Vec<(&Entry<SupplierContract>, Percent)> = sla
            .supported_by
            .iter()
            .filter(|support| support.kind == Kind::SupplierContract)
            .filter_map(|support| rulebook.supplier_contracts.get(support.id.as_str()))
            .filter_map(|contract| Some((contract, contract.availability?)))
            .collect();
        let Some(together) = in_series(contracts.iter().map(|(_, share)| *share)) else { continue };
        if together >= wanted {
            continue;
        }
        let finding = context.report(
            at,
            format!("the service `{}` promises {wanted}, but what it rests on gives {together}", service.id),
        );
        for (contract, share) in &contracts {
            finding.related(contract.at("/availability"), format!("gives {share}"));
        }
        if contracts.len() > 1 {
            finding.note("what must all work at the same time works for the product of their shares");
        }
        finding.note(format!("over 30 days {together} leaves {} of downtime", downtime(together))).help(
            "promise less, agree on more, or allow the finding where one supplier can stand in for another",
        );
    }
}

/// The share of the time in which all of them work, when they fail independently: the product, rounded up, so
/// that no finding comes from rounding.
fn in_series(shares: impl Iterator<Item = Percent>) -> Option<Percent> {
    const WHOLE: u64 = 1_000_000;
    let product =
        shares.fold(WHOLE, |product, share| (product * u64::from(share.parts_per_million())).div_ceil(WHOLE));
    Percent::from_parts_per_million(u32::try_from(product).ok()?)
}

fn downtime(share: Percent) -> String {
    let seconds = i64::from(1_000_000 - share.parts_per_million()) * 30 * 86_400 / 1_000_000;
    super::shared::hours(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_in_series_multiply() {
        let share = |text: &str| text.parse::<Percent>().unwrap();
        let of = |texts: &[&str]| in_series(texts.iter().map(|text| share(text))).unwrap().to_string();
        assert_eq!(of(&["99.9%", "99.5%"]), "99.4005%");
        assert_eq!(of(&["99.9%"]), "99.9%");
        assert_eq!(of(&[]), "100%");
        assert_eq!(downtime(share("99.9%")), "43m12s");
    }

    #[test]
    fn notice_counts_back_from_the_end() {
        let json = serde_json::json!({
            "name": "x", "time-zone": "UTC", "weekly": { "mon-fri": ["09:00-17:00"] },
            "holidays": { "2026-12-25": "Christmas Day" },
        });
        let mut rulebook = Rulebook::default();
        let entry = Entry {
            id: crate::model::Id::new("office").unwrap(),
            value: serde_json::from_value(json).unwrap(),
            origin: crate::model::Origin::default(),
        };
        rulebook.calendars.insert(entry).unwrap();
        let calendars = Calendars::new(&rulebook);
        let end: Date = "2026-12-28".parse().unwrap();
        let last = |notice: &str| {
            let notice = notice.parse().unwrap();
            last_day_of_notice(end, notice, &calendars, "office").unwrap().to_string()
        };
        assert_eq!(last("30d"), "2026-11-28");
        assert_eq!(last("36h"), "2026-12-26");
        assert_eq!(last("1bd"), "2026-12-24");
        assert_eq!(last("2bd"), "2026-12-23");
    }
}
