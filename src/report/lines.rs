//! Where things were written, as `file:line`.

use super::{plain, position};
use crate::{diag::Sources, load::places::Places, model::Location};

/// Places of a repository, looked up.
#[derive(Debug)]
pub struct Lines<'s> {
    places: Places,
    sources: &'s Sources,
    prefix: &'s str,
}

impl<'s> Lines<'s> {
    /// Looks locations up; `prefix` stands before every path.
    #[must_use]
    pub fn of<'l>(
        locations: impl IntoIterator<Item = &'l Location>,
        sources: &'s Sources,
        prefix: &'s str,
    ) -> Self {
        Self { places: Places::find(locations, sources), sources, prefix }
    }

    /// A location that was looked up, as `file:line`.
    #[must_use]
    pub fn line(&self, location: &Location) -> String {
        let (file, span) = self.places.of(location);
        let line = position(self.sources, file, span).start.line;
        plain::line(&format!("{}{}:{line}", self.prefix, self.sources.path(file))).into_owned()
    }
}
