//! Whose word counts about where a target is and how it is reached.
//!
//! A commit that somebody only asks about was perhaps reviewed by nobody. If it could say where a target is, and which
//! command or variable gives its token, then looking at it would run any command and send any secret anywhere. So that is
//! said by the gitsm.toml that is checked out, and a commit that says otherwise is refused.

use std::path::{Component, Path, PathBuf};

use super::{
    planning::{self, Chosen, Which, choose_by},
    repository::Repository,
    terminal::plain,
};
use crate::{
    apply::ApplyError,
    diag::FileId,
    load::{
        Loaded,
        settings::{self, FILE},
        text,
    },
    model::settings::{Settings, Target, TargetType},
    source::{Source as _, WorkTree},
    target::{self, TargetError},
};

/// Finds a target, as [`choose_by`] does, and makes sure that it is reached as the checked-out settings say, and that its
/// folder is no other one's.
///
/// # Errors
/// When there is none, or several could be meant. The inner error is a refusal.
pub(super) fn choose(
    repository: &Repository,
    loaded: &Loaded,
    which: &Which,
) -> anyhow::Result<Result<Chosen, ApplyError>> {
    let said = &loaded.rulebook.settings;
    let chosen = planning::choose(&loaded.rulebook, which)?;
    let folder = &repository.repository;
    let trusted = || -> Result<(), TargetError> {
        alone(&chosen, said, folder)?;
        if repository.at.is_some() {
            let here = here(folder)?;
            same(&chosen, said, &here, which)?;
            alone(&chosen, &here, folder)?;
        }
        Ok(())
    };
    Ok(trusted().map(|()| chosen).map_err(ApplyError::from))
}

/// The settings that are checked out; those of an empty file where there is none, as in a bare repository.
fn here(folder: &Path) -> Result<Settings, TargetError> {
    let refused = |why: &str| {
        TargetError::refused(
            format!("the `{FILE}` that is checked out has to say how the target is reached, and {why}"),
            "look at it with `gitsm validate`, or check out a commit that can be trusted",
        )
    };
    let bytes =
        WorkTree::new(folder).read(FILE, text::MAX_BYTES).map_err(|error| refused(&error.to_string()))?;
    let Some(bytes) = bytes else { return Ok(Settings::default()) };
    let mut found = Vec::new();
    let text = text::read(FileId(0), bytes, &mut found);
    if found.is_empty() {
        let read = settings::read(FileId(0), &text, &mut found);
        if read.usable {
            return Ok(read.settings);
        }
    }
    Err(refused("it cannot be used"))
}

/// Makes sure that a target is reached as the checked-out settings say.
fn same(chosen: &Chosen, all: &Settings, here: &Settings, which: &Which) -> Result<(), TargetError> {
    let help = "a commit that was not reviewed could run a command and send a token anywhere: check it out when it is to be \
                trusted, or plan what is checked out";
    let Ok(trusted) = choose_by(here, which) else {
        let why = format!(
            "the commit names the target `{}`, and the gitsm.toml that is checked out does not",
            plain(&chosen.name)
        );
        return Err(TargetError::refused(why, help));
    };
    let (said, trusted_name, trusted) = (&chosen.settings, &trusted.name, &trusted.settings);
    // Under the name of another owner its objects would be taken for one's own.
    let owner = |target: &Target, all: &Settings| target::owner(target, &all.project.name);
    let is_marked = said.target_type != TargetType::Static;
    let fields = [
        ("owner", !is_marked || owner(said, all) == owner(trusted, here)),
        ("name", chosen.name == *trusted_name),
        ("type", said.target_type == trusted.target_type),
        ("url", said.url == trusted.url),
        ("repository", said.repository == trusted.repository),
        ("folder", said.folder() == trusted.folder()),
        ("token-variable", said.token_variable == trusted.token_variable),
        ("token-command", said.token_command == trusted.token_command),
    ];
    let differing: Vec<String> =
        fields.iter().filter(|(_, same)| !same).map(|(field, _)| format!("`{field}`")).collect();
    if differing.is_empty() {
        return Ok(());
    }
    let why = format!(
        "the commit says otherwise than the gitsm.toml that is checked out how the target `{}` is reached ({})",
        plain(&chosen.name),
        differing.join(", ")
    );
    Err(TargetError::refused(why, help))
}

/// Makes sure that the folder of a target holds neither another target nor documents. Two targets would write over each
/// other, and what one of them protects the other one could delete.
fn alone(chosen: &Chosen, settings: &Settings, repository: &Path) -> Result<(), TargetError> {
    let folder = chosen.settings.folder();
    let (base, place) = (full(repository, "."), full(repository, folder));
    // A folder that is the repository, or above it, is refused for that.
    let is_below = place != base && place.starts_with(&base);
    let shares = |other: &str| {
        let other = full(repository, other);
        // Documents can lie in all of the repository.
        (other != base && place.starts_with(&other)) || (is_below && other.starts_with(&place))
    };
    let others = settings.target.iter().filter(|(name, _)| name.as_str() != chosen.name);
    let others = others.map(|(name, target): (_, &Target)| (format!("the target `{name}`"), target.folder()));
    let roots = settings.project.roots.iter().map(|root| ("the documents".to_owned(), root.as_str()));
    match others.chain(roots).find(|(_, other)| shares(other)) {
        None => Ok(()),
        Some((whose, other)) => Err(TargetError::refused(
            format!(
                "the folder `{}` of the target `{}` is shared with {whose}, in `{}`",
                plain(folder),
                plain(&chosen.name),
                plain(other)
            ),
            format!(
                "name a folder that holds nothing else, such as `{}-{}`",
                chosen.settings.target_type.folder(),
                plain(&chosen.name)
            ),
        )),
    }
}

/// Where a folder is, as far as it is there already: what is not there yet cannot be a link.
fn full(repository: &Path, folder: &str) -> PathBuf {
    let joined = repository.join(folder);
    let joined = std::path::absolute(&joined).unwrap_or(joined);
    for above in joined.ancestors() {
        if let Ok(real) = above.canonicalize() {
            let rest = joined.strip_prefix(above).unwrap_or(Path::new(""));
            let rest = rest.components().filter(|part| matches!(part, Component::Normal(_)));
            return rest.fold(real, |path, part| path.join(part));
        }
    }
    joined
}
