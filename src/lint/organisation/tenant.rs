//! Isolation of tenants.

use crate::{
    diag::{Code, code},
    lint::{Context, Location, access::tenants},
    model::{Id, Kind, Ref, Rulebook, Target, tenant::Tenant},
};

/// A reference from one tenant into another.
pub(super) static CROSSING: Code =
    code!("GS2141", "crosses-tenants", fixed Error, "something of one tenant can reach something of another");

/// The tenant that an object belongs to; none when it is shared or belongs to nobody.
fn tenant_of<'a>(rulebook: &'a Rulebook, kind: Kind, id: &str) -> Option<&'a Id> {
    let own = |tenant: &'a Option<Ref<Tenant>>| tenant.as_ref().map(Ref::id);
    match kind {
        Kind::Person => own(&rulebook.people.get(id)?.value.tenant),
        Kind::Team => own(&rulebook.teams.get(id)?.value.tenant),
        Kind::Service => own(&rulebook.services.get(id)?.value.tenant),
        Kind::Sla => own(&rulebook.slas.get(id)?.value.tenant),
        // These belong to whom they are about.
        Kind::RequestType => {
            let service = rulebook.request_types.get(id)?.value.service.as_ref()?;
            tenant_of(rulebook, Kind::Service, service.as_str())
        }
        Kind::Grant => tenant_of(rulebook, Kind::Person, rulebook.grants.get(id)?.value.beneficiary.as_str()),
        _ => None,
    }
}

pub(super) fn crossing(context: &mut Context<'_>) {
    let rulebook = context.rulebook;
    if rulebook.tenants.is_empty() {
        return;
    }
    tenants::shared(context);
    for reference in &rulebook.references {
        let (Some((from, name)), Target::Object { kind, id, .. }) = (&reference.from, &reference.to) else {
            continue;
        };
        let Some(here) = tenant_of(rulebook, *from, name.as_str()) else { continue };
        let Some(there) = tenant_of(rulebook, *kind, id) else { continue };
        if here == there {
            continue;
        }
        let finding = context.report(
            Location::of(reference),
            format!(
                "the {} `{name}` of `{here}` refers to the {} `{id}` of `{there}`",
                from.name(),
                kind.name()
            ),
        );
        finding.label(format!("belongs to `{there}`"));
        if let Some(origin) = rulebook.origin(*kind, id) {
            finding.related(Location::field(*kind, id, origin, "/tenant"), "said here");
        }
        finding.help(format!("name something of `{here}`, or something shared that has no `tenant`"));
    }
}
