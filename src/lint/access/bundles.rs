//! Bundles: what comes with a job should do little harm and come to the right people.

use crate::{
    decide::policy::offer,
    diag::{Code, code},
    lint::Context,
    model::service::Risk,
};

/// A bundle gives more than low risk.
pub(super) static TOO_RISKY: Code =
    code!("GS4093", "risky-bundle", Error, "a bundle gives people more than low-risk access without asking");
/// A bundle is for nobody.
pub(super) static FOR_NOBODY: Code =
    code!("GS4094", "bundle-for-nobody", Warning, "nobody in the directory gets a bundle");
/// A bundle is for everybody.
pub(super) static FOR_EVERYBODY: Code =
    code!("GS4095", "bundle-for-everybody", Note, "everybody in the directory gets a bundle");
/// What comes with a job ends on its own.
pub(super) static EXPIRES: Code =
    code!("GS4096", "birthright-expires", Note, "a bundle gives access that ends although the job does not");

pub(super) fn too_risky(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for bundle in &rulebook.bundles {
        for (index, reference) in bundle.value.entitlements.iter().enumerate() {
            let Some(offer) = offer(rulebook, reference) else { continue };
            let risk = offer.entitlement.risk;
            if risk == Risk::Low && !offer.entitlement.privileged {
                continue;
            }
            let why = if risk == Risk::Low { "privileged".to_owned() } else { format!("of {risk} risk") };
            context
                .report(
                    bundle.at(format!("/entitlements/{index}")),
                    format!("the bundle `{}` gives `{reference}` to people without asking", bundle.id),
                )
                .label(why)
                .related(offer.service.at(format!("/entitlement/{}/risk", offer.id)), "the risk")
                .help("let people ask for it, and let a policy decide; a bundle should hold low risk only");
        }
    }
}

/// How many people in the directory get each bundle, and how many there are.
fn for_each(context: &mut Context<'_>, report: impl Fn(&mut Context<'_>, usize, usize, usize)) {
    let rulebook = context.rulebook;
    let directory = context.analysis.directory();
    let total = directory.present().count();
    for (place, bundle) in rulebook.bundles.iter().enumerate() {
        let each: Option<Vec<bool>> =
            directory.present().map(|person| directory.holds(&bundle.when, person)).collect();
        let Some(each) = each else { continue };
        report(context, place, each.into_iter().filter(|gets| *gets).count(), total);
    }
}

pub(super) fn for_nobody(context: &mut Context<'_>) {
    for_each(context, |context, place, gets, total| {
        let Some(bundle) = context.rulebook.bundles.iter().nth(place) else { return };
        if gets == 0 && total > 0 {
            context
                .report(bundle.at("/when"), format!("nobody gets the bundle `{}`", bundle.id))
                .label(format!("holds for none of {total} people"))
                .help("compare the values with those of the directory, or remove the bundle");
        }
    });
}

pub(super) fn for_everybody(context: &mut Context<'_>) {
    for_each(context, |context, place, gets, total| {
        let Some(bundle) = context.rulebook.bundles.iter().nth(place) else { return };
        // A condition that holds always is another finding, and one that everybody should have is often so
        // written: as long as it says for whom, it is only worth knowing.
        if gets == total && total > 1 && !bundle.when.is_always() {
            context
                .report(bundle.at("/when"), format!("everybody gets the bundle `{}`", bundle.id))
                .label(format!("holds for all {total} people, software included"))
                .help("if some should not have it, narrow the condition");
        }
    });
}

pub(super) fn expires(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    for bundle in &rulebook.bundles {
        for (index, reference) in bundle.value.entitlements.iter().enumerate() {
            let Some(offer) = offer(rulebook, reference) else { continue };
            let low = offer.entitlement.risk == Risk::Low && !offer.entitlement.privileged;
            let Some(duration) = offer.entitlement.max_duration.filter(|_| low) else { continue };
            context
                .report(
                    bundle.at(format!("/entitlements/{index}")),
                    format!("`{reference}` ends after {duration}, and the job goes on"),
                )
                .label("comes with the job")
                .related(offer.service.at(format!("/entitlement/{}/max-duration", offer.id)), "ends here")
                .help("let people ask for it, or remove `max-duration` from the entitlement");
        }
    }
}
