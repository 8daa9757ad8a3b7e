//! Targets that would get in each other's way, and what is said about one that its sort has no use for.

use std::path::{Component, Path};

use crate::{
    http::Address,
    model::{
        Id,
        settings::{Settings, Target, TargetType},
    },
};

/// The field, what is wrong with it, and what to write.
type Wrong = (String, String, String);

/// What is said about a target and would do nothing.
pub(super) fn useless(name: &Id, target: &Target) -> Vec<Wrong> {
    let sort = target.target_type;
    let is_static = sort == TargetType::Static;
    let fields = [
        ("url", is_static && target.url.is_some()),
        ("repository", sort != TargetType::Github && target.repository.is_some()),
        ("token-variable", is_static && target.token_variable.is_some()),
        ("token-command", is_static && target.token_command.is_some()),
        ("owner", is_static && target.owner.is_some()),
        ("options", is_static && !target.options.is_empty()),
    ];
    let mut found: Vec<Wrong> = fields
        .into_iter()
        .filter(|(_, is_useless)| *is_useless)
        .map(|(field, _)| {
            let message = format!(
                "the target `{name}` has `{field}`, and targets of the sort `{sort}` have no use for it"
            );
            (format!("/{field}"), message, "take it out, or write another `type`".to_owned())
        })
        .collect();
    let repository = target.repository.as_deref().and_then(|whole| whole.split_once('/'));
    if let Some((_, "." | "..")) = repository {
        let message = format!("the repository of the target `{name}` has a name that leads elsewhere");
        let help = "write the owner and the name, such as `example/service-desk`";
        found.push(("/repository".to_owned(), message, help.to_owned()));
    }
    found.extend(leads_elsewhere(name, target));
    found
}

/// A folder that no plan could be made for: it leads out of the repository, is all of it, or belongs to Git or gitsm.
fn leads_elsewhere(name: &Id, target: &Target) -> Option<Wrong> {
    let folder = target.folder.as_deref()?;
    let parts: Vec<Component<'_>> =
        Path::new(folder).components().filter(|part| *part != Component::CurDir).collect();
    let is_kept = |part: &Component<'_>| {
        let part = part.as_os_str().to_string_lossy().to_lowercase();
        matches!(part.as_str(), ".git" | ".gitsm")
    };
    let problem = if parts.iter().any(is_kept) {
        "lies in what Git or gitsm keeps for itself"
    } else if parts.contains(&Component::ParentDir) {
        "leads upwards with `..`"
    } else if !parts.iter().any(|part| matches!(part, Component::Normal(_))) {
        "is no folder of its own"
    } else {
        return None;
    };
    let message = format!("the folder `{}` of the target `{name}` {problem}", folder.escape_debug());
    let help = "name a folder below the repository that holds nothing else, such as `public`".to_owned();
    Some(("/folder".to_owned(), message, help))
}

/// What a target shares with another one or with the documents: its folder or its system. Each of two targets would write
/// over the other one, and what one protects the other one could delete.
pub(super) fn shared(name: &Id, settings: &Settings) -> Vec<Wrong> {
    let Some(target) = settings.target.get(name) else { return Vec::new() };
    let field = |field: &str, is_there: bool| if is_there { format!("/{field}") } else { "/type".to_owned() };
    let folder = field("folder", target.folder.is_some());
    let mut found = Vec::new();
    if let Some(root) = settings.project.roots.iter().find(|root| nested(target.folder(), root)) {
        let message = format!(
            "the folder `{}` of the target `{name}` is shared with the documents in `{}`",
            target.folder().escape_debug(),
            root.escape_debug()
        );
        found.push((folder.clone(), message, "name a folder that holds nothing else".to_owned()));
    }
    // Of two that share something the later one is named.
    for (other_name, other) in settings.target.iter().filter(|(other, _)| *other < name) {
        if nested(target.folder(), other.folder()) {
            let message = format!(
                "the targets `{other_name}` and `{name}` share a folder: `{}` and `{}`",
                other.folder().escape_debug(),
                target.folder().escape_debug()
            );
            let help =
                format!("give each its own, such as `folder = \"{}-{name}\"`", target.target_type.folder());
            found.push((folder.clone(), message, help));
        }
        if system(target).is_some_and(|this| system(other).as_ref() == Some(&this)) {
            let message = format!("the targets `{other_name}` and `{name}` are the same system");
            let at = field("url", target.url.is_some());
            found.push((at, message, "keep one of them: each would undo what the other one does".to_owned()));
        }
    }
    found
}

/// What tells a system from others; none for a folder, and for a system that cannot be reached as it is written.
fn system(target: &Target) -> Option<(TargetType, String, String)> {
    if target.target_type == TargetType::Static {
        return None;
    }
    let url = match target.url.as_deref() {
        Some(url) => Address::parse(url).ok()?.as_str().to_lowercase(),
        None if target.target_type == TargetType::Github => "https://api.github.com/".to_owned(),
        None => return None,
    };
    Some((target.target_type, url, target.repository.as_deref().unwrap_or_default().to_lowercase()))
}

/// Whether one folder is the other one or lies in it, on a disk that may not tell upper from lower case. The repository itself
/// is no folder of its own.
fn nested(one: &str, other: &str) -> bool {
    let parts = |folder: &str| -> Vec<String> {
        let parts = Path::new(folder).components().filter(|part| *part != Component::CurDir);
        parts.map(|part| part.as_os_str().to_string_lossy().to_lowercase()).collect()
    };
    let (one, other) = (parts(one), parts(other));
    !one.is_empty() && !other.is_empty() && one.iter().zip(&other).all(|(one, other)| one == other)
}
