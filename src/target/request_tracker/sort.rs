//! The sorts of objects that are managed, and how Request Tracker calls what belongs to them.

use crate::target::mark::Room;

/// A sort of object at Request Tracker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    User,
    Group,
    TeamQueue,
    RequestQueue,
    Field,
    Class,
    Article,
}

/// What a sort is called, and where it is found.
#[derive(Debug)]
pub(super) struct About {
    /// The kind of its objects in plans.
    pub(super) kind: &'static str,
    /// Its path at REST, and that of the list of all.
    pub(super) path: &'static str,
    pub(super) list: &'static str,
    /// The field that carries the mark.
    pub(super) mark: &'static str,
    /// The fields that are text and are managed. The one that carries the mark is held without it.
    pub(super) fields: &'static [&'static str],
    /// The list of names that is managed: members, watchers or values.
    pub(super) names: Option<&'static str>,
    /// Whether a name stands for one object, so that an object without a mark is known by it.
    pub(super) named: bool,
}

impl Sort {
    pub(super) const ALL: [Self; 7] = [
        Self::User,
        Self::Group,
        Self::TeamQueue,
        Self::RequestQueue,
        Self::Field,
        Self::Class,
        Self::Article,
    ];

    pub(super) fn of_kind(kind: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.about().kind == kind)
    }

    pub(super) const fn about(self) -> &'static About {
        const QUEUE: About = About {
            kind: "team-queue",
            path: "queue",
            list: "queues",
            mark: "Description",
            fields: &["Name", "Description", "CorrespondAddress", "SLADisabled"],
            names: Some("AdminCc"),
            named: true,
        };
        match self {
            Self::User => &About {
                kind: "user",
                path: "user",
                list: "users",
                mark: "Comments",
                fields: &["Name", "EmailAddress", "RealName", "Privileged"],
                names: None,
                named: true,
            },
            Self::Group => &About {
                kind: "group",
                path: "group",
                list: "groups",
                mark: "Description",
                fields: &["Name", "Description"],
                names: Some("Members"),
                named: true,
            },
            Self::TeamQueue => &QUEUE,
            Self::RequestQueue => &About { kind: "request-queue", ..QUEUE },
            Self::Field => &About {
                kind: "field",
                path: "customfield",
                list: "customfields",
                mark: "Description",
                fields: &["Name", "Description", "Type", "MaxValues", "Pattern", "LookupType"],
                names: Some("Values"),
                named: false,
            },
            Self::Class => &About {
                kind: "class",
                path: "class",
                list: "classes",
                mark: "Description",
                fields: &["Name", "Description"],
                names: None,
                named: true,
            },
            Self::Article => &About {
                kind: "article",
                path: "article",
                list: "articles",
                mark: "Summary",
                fields: &["Name", "Summary"],
                names: None,
                named: false,
            },
        }
    }
}

/// What a name of a group, a queue or a custom field may hold: Request Tracker cuts off the rest without a word.
pub(super) const NAME: Room = Room::Bytes(200);
/// What the name of an article may hold.
pub(super) const TITLE: Room = Room::Bytes(255);
/// What a description may hold.
pub(super) const DESCRIPTION: Room = Room::Bytes(255);
