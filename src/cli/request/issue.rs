//! A request that is an issue: who opened it, by which form, and the answer there.

use std::fmt::Write as _;

use anyhow::{Context as _, bail};

use super::settle::{CameTo, Settled};
use crate::{
    cli::{hub::Hub, terminal::plain},
    forge::github::{issue, post},
    gate::{
        Directory, Who,
        facts::{Account, AccountKind},
    },
    model::{Id, Ref, Rulebook, person::Person, request_type::RequestType},
    report::{impact::markdown::details, markdown::prose},
    target::request_label,
};

/// What the answer begins with, so that there is one.
const MARKER: &str = "<!-- gitsm:request -->";

/// An issue.
pub(super) struct Asked {
    /// Its text.
    pub(super) body: String,
    opened: issue::Opened,
    number: u64,
    hub: Hub,
}

impl Asked {
    /// Reads an issue.
    ///
    /// # Errors
    /// When it cannot be read, or is none that somebody asks with.
    pub(super) fn read(hub: Hub, number: u64) -> anyhow::Result<Self> {
        let opened = issue::read(&hub.github, hub.repository(), number)
            .with_context(|| format!("the issue {number} cannot be read"))?;
        if opened.is_pull_request || !opened.is_open {
            bail!("the issue {number} is closed, or a pull request: nobody asks for anything with it");
        }
        Ok(Self { body: opened.body.clone(), opened, number, hub })
    }

    /// The request type whose form it is, by its labels; or why there is none.
    pub(super) fn request_type(&self, rulebook: &Rulebook) -> Result<Ref<RequestType>, String> {
        let has = |id: &str| self.opened.labels.contains(&request_label(id));
        let found: Vec<&str> = rulebook.request_types.ids().filter(|id| has(id)).collect();
        match found.as_slice() {
            [id] => Id::new(id).map(Ref::new).ok_or_else(|| format!("`{id}` is no id")),
            [] => Err("the issue has no label of a request type, such as `request:access`".to_owned()),
            several => Err(format!("the issue has labels of several request types: {}", several.join(", "))),
        }
    }

    /// Whoever opened it; or why nobody knows.
    pub(super) fn requester(&self, rulebook: &Rulebook) -> Result<Ref<Person>, String> {
        let (login, id) = &self.opened.by;
        let account = Account { login: login.clone(), id: *id, kind: AccountKind::User };
        match Directory::new(rulebook).account(&account) {
            Who::Person(person) => {
                Id::new(person).map(Ref::new).ok_or_else(|| format!("`{person}` is no id"))
            }
            _ => Err(format!(
                "the account `{}` belongs to nobody in the directory: write it into `accounts.github` of somebody",
                plain(login)
            )),
        }
    }

    /// Says what came of it: as the one answer, and by closing the issue when it is denied.
    ///
    /// # Errors
    /// When it was not written.
    pub(super) fn answer(&self, settled: &Settled) -> anyhow::Result<()> {
        let headline = match settled.came_to {
            CameTo::Granted => "the rules give this, or say who has to agree",
            CameTo::Denied => "the rules deny this",
            CameTo::Nothing => "this is no request yet: edit the issue, and it is read again",
        };
        let mut text = format!("{MARKER}\n**gitsm: {headline}.**\n");
        if let Some(proposed) = &settled.proposed {
            // Writing into a string does not fail.
            let _ = writeln!(text, "\n{}", prose(proposed));
        }
        text.push_str(&details("why", &settled.words, text.len()));
        let (github, repository) = (&self.hub.github, self.hub.repository());
        let login = self.hub.login()?;
        post::comment(github, repository, self.number, (&login, MARKER), &text)?;
        if settled.came_to == CameTo::Denied {
            issue::shut(github, repository, self.number, "not_planned")?;
        }
        Ok(())
    }
}
