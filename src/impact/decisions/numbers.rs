//! Things with a number each, so that comparing them is comparing numbers.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hash},
};

use crate::decide::{hashing::Short, space::Unsure};

/// Things with a number each: equal ones have the same.
#[derive(Debug)]
pub(super) struct Numbers<T> {
    numbers: HashMap<T, u32, BuildHasherDefault<Short>>,
    all: Vec<T>,
}

impl<T> Default for Numbers<T> {
    fn default() -> Self {
        Self { numbers: HashMap::default(), all: Vec::new() }
    }
}

impl<T: Clone + Eq + Hash> Numbers<T> {
    /// The number of something.
    ///
    /// # Errors
    /// When there are more than can be counted.
    pub(super) fn number(&mut self, one: &T) -> Result<u32, Unsure> {
        if let Some(known) = self.numbers.get(one) {
            return Ok(*known);
        }
        let number = u32::try_from(self.all.len()).map_err(|_| Unsure::Budget)?;
        self.all.push(one.clone());
        self.numbers.insert(one.clone(), number);
        Ok(number)
    }

    /// What has a number.
    pub(super) fn get(&self, number: u32) -> Option<&T> {
        self.all.get(number as usize)
    }
}
