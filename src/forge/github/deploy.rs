//! What is applied where, as GitHub shows it: a deployment with its states, or a state of the commit where there can be no
//! deployment.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    client::GitHub,
    error::ForgeError,
    post::{Standing, description_of, status},
};

/// Something that is applied.
#[derive(Debug, Clone, Copy)]
pub struct Deploy<'a> {
    /// The commit.
    pub commit: &'a str,
    /// Where it goes: the name of the environment.
    pub environment: &'a str,
    /// What the state of the commit is called where there can be no deployment.
    pub context: &'a str,
    /// What an auditor has to know about it.
    pub payload: &'a Value,
    /// The page of the run that does it.
    pub page: Option<&'a str>,
}

/// Where it is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// As the deployment with this number.
    Deployment(u64),
    /// As the state of the commit.
    Status,
}

#[derive(Debug, Deserialize)]
struct Deployment {
    id: u64,
}

/// Writes down that something is about to be applied. A token or a repository that can have no deployment has states of
/// commits.
///
/// # Errors
///
/// When neither was written: then nobody would see what is applied.
pub fn begin(
    github: &GitHub,
    (owner, name): (&str, &str),
    deploy: &Deploy<'_>,
    words: &str,
) -> Result<Recorded, ForgeError> {
    let mut body = json!({
        "ref": deploy.commit,
        "task": "gitsm",
        "auto_merge": false,
        // What the commit had to pass it passed before it was merged.
        "required_contexts": [],
        "environment": deploy.environment,
        "description": description_of(words),
    });
    // GitHub takes an object or a text, and nothing in their place.
    if let Some(body) = body.as_object_mut().filter(|_| !deploy.payload.is_null()) {
        body.insert("payload".to_owned(), deploy.payload.clone());
    }
    let recorded = match github.post::<Deployment>(&["repos", owner, name, "deployments"], &body) {
        Ok(deployment) => Recorded::Deployment(deployment.id),
        Err(error) if matches!(error.status(), Some(403 | 404 | 409 | 422)) => Recorded::Status,
        Err(error) => return Err(error),
    };
    say(github, (owner, name), deploy, (recorded, Standing::Pending), words)?;
    Ok(recorded)
}

/// Says how it stands.
///
/// # Errors
///
/// When it was not written.
pub fn say(
    github: &GitHub,
    (owner, name): (&str, &str),
    deploy: &Deploy<'_>,
    (recorded, standing): (Recorded, Standing),
    words: &str,
) -> Result<(), ForgeError> {
    let id = match recorded {
        Recorded::Status => {
            return status(github, (owner, name), deploy.commit, (deploy.context, standing), words);
        }
        Recorded::Deployment(id) => id.to_string(),
    };
    let state = if standing == Standing::Pending { "in_progress" } else { standing.name() };
    let mut body = json!({ "state": state, "description": description_of(words) });
    if let (Some(page), Some(body)) = (deploy.page, body.as_object_mut()) {
        body.insert("log_url".to_owned(), json!(page));
    }
    let path = ["repos", owner, name, "deployments", id.as_str(), "statuses"];
    github.post::<Value>(&path, &body)?;
    Ok(())
}
