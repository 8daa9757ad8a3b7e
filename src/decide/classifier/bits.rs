//! Sets of small numbers.

/// The bits of a word.
pub(crate) const WORD: usize = 64;

/// A set of numbers below a bound that is set when it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bits(Box<[u64]>);

impl Bits {
    /// The empty set of numbers below `bound`.
    pub(crate) fn none(bound: usize) -> Self {
        Self(vec![0; bound.div_ceil(WORD)].into())
    }

    /// Adds a number; one that is not below the bound is left out.
    pub(crate) fn add(&mut self, number: usize) {
        if let Some(word) = self.0.get_mut(number / WORD) {
            *word |= 1 << (number % WORD);
        }
    }

    pub(crate) fn has(&self, number: usize) -> bool {
        self.0.get(number / WORD).is_some_and(|word| word >> (number % WORD) & 1 == 1)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Keeps what is in the other set, too.
    pub(crate) fn keep(&mut self, other: &Self) {
        for (word, also) in self.0.iter_mut().zip(&other.0) {
            *word &= also;
        }
    }

    /// Adds everything that is in the other set.
    pub(crate) fn join(&mut self, other: &Self) {
        for (word, also) in self.0.iter_mut().zip(&other.0) {
            *word |= also;
        }
    }

    /// The numbers of the set, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> {
        let words = self.0.iter().enumerate();
        words.flat_map(|(index, word)| {
            (0..WORD).filter(move |bit| word >> bit & 1 == 1).map(move |bit| index * WORD + bit)
        })
    }
}
