//! The folders of targets that name none.

use super::settings::{Target, TargetType};

impl TargetType {
    /// The folder below the repository of a target of this sort that names none.
    #[must_use]
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Static => "public",
            _ => self.name(),
        }
    }
}

impl Target {
    /// The folder that the target writes into, or in which is kept what is known about it.
    #[must_use]
    pub fn folder(&self) -> &str {
        self.folder.as_deref().unwrap_or_else(|| self.target_type.folder())
    }
}
