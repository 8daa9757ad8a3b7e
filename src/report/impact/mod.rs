//! What a change would do, as data and in words.

pub mod github;
pub mod grants;
pub mod human;
pub mod markdown;
pub mod text;
pub mod value;
pub mod view;
pub mod words;

pub use grants::{Grants, GrantsView};
pub use view::{Consequences, Promises, Report, Side, View};
