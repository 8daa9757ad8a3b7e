//! Writing at a system, as far as it is alike for all of them: an object is put there or taken away, and what it holds since is
//! read from the system.

use serde_json::Value;

use super::{
    Step, TargetError,
    content::{differing, digest, value_of},
};
use crate::plan::Key;

/// What goes wrong with an object, whatever the system.
#[derive(Debug, thiserror::Error)]
pub(super) enum ObjectError {
    /// Somebody changed it since the plan was made.
    #[error("`{key}` changed while the plan was applied, and was not overwritten: plan again")]
    Changed {
        /// The object.
        key: String,
    },
    /// Its place belongs to another owner.
    #[error("what `{key}` would be called is there, and belongs to `{owner}`: plan again")]
    Taken {
        /// The object.
        key: String,
        /// The name of the owner.
        owner: String,
    },
    /// It was written, and reads differently.
    #[error("`{key}` was written, but {fields} did not become what was asked{}", behind(.why))]
    NotWritten {
        /// The object.
        key: String,
        /// The fields, in words.
        fields: String,
        /// Why that can be, or what the system said; empty where nobody knows.
        why: String,
    },
}

/// What helps where nobody knows why a field did not become what was asked.
pub(super) const LOOK: &str = "plan again, and look at what it is";

fn behind(why: &str) -> String {
    if why.is_empty() { String::new() } else { format!(": {why}") }
}

impl ObjectError {
    /// Makes sure that the place of an object that is to be made is not another owner's.
    ///
    /// # Errors
    /// When it is.
    pub(super) fn taken(key: &Key, owner: Option<&str>) -> Result<(), Self> {
        match owner {
            Some(owner) => Err(Self::Taken { key: key.to_string(), owner: owner.to_owned() }),
            None => Ok(()),
        }
    }

    /// Somebody changed an object.
    pub(super) fn changed(key: &Key) -> Self {
        Self::Changed { key: key.to_string() }
    }
}

impl From<ObjectError> for TargetError {
    fn from(error: ObjectError) -> Self {
        Self::System(error.to_string())
    }
}

/// Makes sure that nobody changed an object since the plan was made. Then it held what has the digest `before`, or was not
/// there.
///
/// # Errors
/// When it is otherwise now.
pub(super) fn unchanged(key: &Key, now: Option<&Value>, before: Option<&str>) -> Result<(), ObjectError> {
    if now.map(digest).as_deref() == before { Ok(()) } else { Err(ObjectError::changed(key)) }
}

/// What writes at one system.
pub(super) trait Pen {
    /// What can go wrong there.
    type Error: From<ObjectError>;

    /// Makes an object hold this. It must hold what it did when the plan was made, which has the digest `before`; none when it
    /// was not there or not in use. Gives what helps when it should hold something else all the same.
    ///
    /// # Errors
    /// When it was refused, or nobody knows whether it was done.
    fn put(&mut self, key: &Key, wanted: &Value, before: Option<&str>) -> Result<String, Self::Error>;

    /// Takes an object out of use. What is gone stays gone.
    ///
    /// # Errors
    /// As [`Pen::put`].
    fn delete(&mut self, key: &Key, before: Option<&str>) -> Result<(), Self::Error>;

    /// What an object in use holds, read from the system; none when it is not there. `wanted` is what it must hold, and nothing
    /// where it must not be there: by what it is called it is found, and what cannot be there of it counts as held, as it does
    /// in plans.
    ///
    /// # Errors
    /// When that cannot be said.
    fn held(&mut self, key: &Key, wanted: &Value) -> Result<Option<Value>, Self::Error>;

    /// Is told that an object that was deleted is not there any more.
    ///
    /// # Errors
    /// When that cannot be written down.
    fn gone(&mut self, _key: &Key) -> Result<(), Self::Error> {
        Ok(())
    }

    /// Does an operation, and gives the digest of what the object holds since.
    ///
    /// # Errors
    /// When it was not done, or nobody can say.
    fn write(&mut self, step: &Step<'_>) -> Result<Option<String>, Self::Error> {
        let key = &step.operation.object;
        let before = step.operation.before.as_deref();
        let Some(wanted) = step.content.map(value_of) else {
            self.delete(key, before)?;
            let held = self.held(key, &Value::Null)?;
            if held.is_none() {
                self.gone(key)?;
            }
            return Ok(held.as_ref().map(digest));
        };
        let why = self.put(key, &wanted, before)?;
        let held = self.held(key, &wanted)?.unwrap_or_default();
        match differing(&wanted, &held) {
            fields if fields.is_empty() => Ok(Some(digest(&held))),
            fields => Err(ObjectError::NotWritten { key: key.to_string(), fields, why }.into()),
        }
    }

    /// The digest of what the object of an operation holds now.
    ///
    /// # Errors
    /// When that cannot be said.
    fn read_back(&mut self, step: &Step<'_>) -> Result<Option<String>, Self::Error> {
        let wanted = step.content.map(value_of).unwrap_or_default();
        Ok(self.held(&step.operation.object, &wanted)?.as_ref().map(digest))
    }
}
