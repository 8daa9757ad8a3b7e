//! The sorts of objects that are managed, and how SCIM calls what belongs to them.

use crate::{
    plan::Key,
    target::mark::{Owner, Whose},
};

/// A sort of object at a SCIM service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    /// A user.
    Account,
    /// A group of those who get a bundle.
    Bundle,
    /// A group of those who hold an entitlement.
    Entitlement,
    /// A group that entitlements give membership in.
    Group,
}

/// The field of groups that holds their members.
pub(super) const MEMBERS: &str = "members";

/// What stands before the name of an object in its external id.
const OWN: &str = "gitsm:";

impl Sort {
    pub(super) const ALL: [Self; 4] = [Self::Account, Self::Bundle, Self::Entitlement, Self::Group];

    pub(super) fn of_kind(kind: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.kind() == kind)
    }

    /// The kind of its objects in plans. Plans go by name where nothing needs anything else, so accounts come before the
    /// groups that they are in. No group needs them by name: where an account cannot be made, its groups still lose the
    /// members whose access is over.
    pub(super) const fn kind(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Bundle => "bundle",
            Self::Entitlement => "entitlement",
            Self::Group => "group",
        }
    }

    /// The endpoint.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Account => "Users",
            _ => "Groups",
        }
    }

    /// What one of them is called.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Account => "user",
            _ => "group",
        }
    }

    /// The schema of RFC 7643.
    pub(super) const fn schema(self) -> &'static str {
        match self {
            Self::Account => "urn:ietf:params:scim:schemas:core:2.0:User",
            _ => "urn:ietf:params:scim:schemas:core:2.0:Group",
        }
    }

    /// The field with the name that people know it by, and by which it is found without a mark.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Account => "userName",
            _ => "displayName",
        }
    }
}

/// The external id by which an object is known, whatever it is called: `gitsm:example:entitlement/mail/user`. One of before
/// owners were named has none: `gitsm:entitlement/mail/user`.
pub(super) fn external_id(owner: &Owner, key: &Key) -> String {
    format!("{OWN}{}", owner.name(key))
}

/// Whose something at this endpoint is by its external id, and what it stands for.
pub(super) fn whose(owner: &Owner, external_id: &str, path: &str) -> Whose {
    let whose = external_id.strip_prefix(OWN).map_or(Whose::Nobodys, |name| owner.whose(name));
    match whose {
        // That of another sort of object, copied, is none.
        Whose::Own(key) if Sort::of_kind(&key.kind).is_none_or(|sort| sort.path() != path) => Whose::Nobodys,
        whose => whose,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_external_id_is_found_again_and_nothing_else_is_taken_for_one() {
        for (kind, id) in [("entitlement", "mail/user"), ("group", "CN=Mail, OU=Groups"), ("bundle", "it")] {
            let (key, owner) = (Key::new(kind, id), Owner::default());
            let old = format!("{OWN}{key}");
            assert_eq!(whose(&owner, &old, "Groups"), Whose::Own(key.clone()));
            assert_eq!(whose(&owner, &old, "Users"), Whose::Nobodys, "a copy of another sort is none");
            let theirs = format!("{OWN}there:{key}");
            assert_eq!(whose(&owner, &theirs, "Groups"), Whose::Others("there".to_owned()));
        }
        for other in ["", "entitlement/mail/user", "gitsm:", "gitsm:account", "gitsm:team/network", "00u1"] {
            assert_eq!(whose(&Owner::default(), other, "Groups"), Whose::Nobodys, "{other}");
        }
    }

    #[test]
    fn accounts_come_before_the_groups_that_they_are_in() {
        let first = Sort::ALL.map(Sort::kind).into_iter().min();
        assert_eq!(first, Some(Sort::Account.kind()));
    }
}
