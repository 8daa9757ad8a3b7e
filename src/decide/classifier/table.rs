//! Rows of rules as bits: for each class of each column, which rows accept it.
//!
//! In front of the words of each class stands a summary with one bit for each word that is not zero, so that
//! most words are never looked at.

use std::ops::ControlFlow;

use super::{
    bits::{Bits, WORD},
    columns::Columns,
    cubes::Cube,
};

/// What happens at a row that accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// A guardrail, by its place.
    Guardrail(u32),
    /// A rule of a policy, by its place.
    Rule(u32),
    /// Some attribute must have a value and has none: nothing can be decided.
    Undecidable,
    /// Nobody knows here: the full engine is asked.
    Ask,
}

/// Rows while they are collected, in the order in which they are read.
#[derive(Debug, Default)]
pub(super) struct Rows(pub(super) Vec<(Cube, Action)>);

impl Rows {
    pub(super) fn add(&mut self, cube: Cube, action: Action) {
        self.0.push((cube, action));
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// The rows, made ready.
#[derive(Debug)]
pub(super) struct Table {
    actions: Vec<Action>,
    /// How many words the summary of a class has.
    summary: usize,
    /// How many words each class has, its summary included.
    stride: usize,
    /// Where the classes of each column begin.
    starts: Vec<usize>,
    words: Vec<u64>,
    /// The rows that read a column.
    used: Vec<Bits>,
    /// How much of what a column could be its rows refuse, all together.
    weights: Vec<f64>,
}

impl Table {
    pub(super) fn new(columns: &Columns<'_>, rows: &Rows) -> Self {
        let count = rows.len();
        let plain = count.div_ceil(WORD);
        let summary = plain.div_ceil(WORD);
        let stride = summary + plain;
        let mut table = Self {
            actions: Vec::with_capacity(count),
            summary,
            stride,
            starts: Vec::new(),
            words: Vec::new(),
            used: Vec::new(),
            weights: Vec::new(),
        };
        let mut widths = Vec::new();
        for (_, column) in columns.iter() {
            table.starts.push(table.words.len());
            table.words.resize(table.words.len() + column.width() * stride, 0);
            table.used.push(Bits::none(count));
            table.weights.push(0.0);
            widths.push(column.width());
        }
        for (row, (cube, action)) in rows.0.iter().enumerate() {
            table.actions.push(*action);
            for (place, accepted) in &cube.0 {
                table.read(row, *place, accepted, widths.get(*place).copied().unwrap_or(1));
            }
        }
        for (place, width) in widths.into_iter().enumerate() {
            table.fill(place, width, count);
        }
        table
    }

    fn read(&mut self, row: usize, place: usize, accepted: &Bits, width: usize) {
        if let Some(used) = self.used.get_mut(place) {
            used.add(row);
        }
        let start = self.starts.get(place).copied().unwrap_or_default();
        let mut count = 0_u32;
        for class in accepted.iter() {
            count += 1;
            set(&mut self.words, start + class * self.stride + self.summary, row);
        }
        if let Some(weight) = self.weights.get_mut(place) {
            let width = u32::try_from(width).unwrap_or(u32::MAX);
            *weight += 1.0 - f64::from(count) / f64::from(width.max(1));
        }
    }

    /// Rows that do not read a column accept all of its classes; then the summaries.
    fn fill(&mut self, place: usize, width: usize, count: usize) {
        let (Some(start), Some(used)) = (self.starts.get(place).copied(), self.used.get(place).cloned())
        else {
            return;
        };
        let mut others = vec![0; self.stride - self.summary];
        (0..count).filter(|row| !used.has(*row)).for_each(|row| set(&mut others, 0, row));
        for class in 0..width {
            let first = start + class * self.stride;
            let Some(words) = self.words.get_mut(first..first + self.stride) else { continue };
            let (summary, plain) = words.split_at_mut(self.summary);
            for (word, others) in plain.iter_mut().zip(&others) {
                *word |= others;
            }
            summarise(plain, summary);
        }
    }

    /// A mask of rows, with its summary.
    pub(super) fn mask(&self, rows: &Bits) -> Vec<u64> {
        let mut mask = vec![0; self.stride];
        for row in rows.iter() {
            set(&mut mask, self.summary, row);
        }
        self.summarise_mask(&mut mask);
        mask
    }

    /// Keeps the rows of a mask that accept a class, and makes the summary anew.
    pub(super) fn narrow(&self, mask: &mut [u64], place: usize, class: usize) {
        let offset = self.offset(place, class) as usize;
        let words = self.words.get(offset..offset + self.stride).unwrap_or_default();
        for (word, accepted) in mask.iter_mut().zip(words) {
            *word &= accepted;
        }
        self.summarise_mask(mask);
    }

    fn summarise_mask(&self, mask: &mut [u64]) {
        if let Some((summary, plain)) = mask.split_at_mut_checked(self.summary) {
            summarise(plain, summary);
        }
    }

    /// Where the words of a class begin.
    pub(super) fn offset(&self, place: usize, class: usize) -> u32 {
        let start = self.starts.get(place).copied().unwrap_or_default();
        u32::try_from(start + class * self.stride).unwrap_or(u32::MAX)
    }

    /// Whether some row of a mask reads a column.
    pub(super) fn is_read(&self, mask: &[u64], place: usize) -> bool {
        let plain = mask.get(self.summary..).unwrap_or_default();
        let reads = |row: usize| plain.get(row / WORD).is_some_and(|word| word >> (row % WORD) & 1 == 1);
        self.used.get(place).is_some_and(|used| used.iter().any(reads))
    }

    /// How much a column divides; those that divide most are looked at first.
    pub(super) fn weight(&self, place: usize) -> f64 {
        self.weights.get(place).copied().unwrap_or_default()
    }

    pub(super) fn rows(&self) -> usize {
        self.actions.len()
    }

    /// The bytes that the bits take.
    pub(super) fn bytes(&self) -> usize {
        self.words.len() * size_of::<u64>()
    }

    /// Visits the rows of a mask that accept everything, in order, until told to stop.
    #[inline]
    pub(super) fn visit<B>(
        &self,
        mask: &[u64],
        offsets: &[u32],
        mut visit: impl FnMut(Action) -> ControlFlow<B>,
    ) -> Option<B> {
        let (tops, plain) = mask.split_at_checked(self.summary)?;
        for (at, top) in tops.iter().enumerate() {
            let mut top = *top;
            for offset in offsets {
                top &= self.words.get(*offset as usize + at).copied().unwrap_or_default();
            }
            while top != 0 {
                let index = at * WORD + top.trailing_zeros() as usize;
                top &= top - 1;
                let mut word = plain.get(index).copied().unwrap_or_default();
                for offset in offsets {
                    word &=
                        self.words.get(*offset as usize + self.summary + index).copied().unwrap_or_default();
                    if word == 0 {
                        break;
                    }
                }
                while word != 0 {
                    let row = index * WORD + word.trailing_zeros() as usize;
                    word &= word - 1;
                    let action = self.actions.get(row).copied().unwrap_or(Action::Ask);
                    if let ControlFlow::Break(found) = visit(action) {
                        return Some(found);
                    }
                }
            }
        }
        None
    }
}

fn set(words: &mut [u64], start: usize, row: usize) {
    if let Some(word) = words.get_mut(start + row / WORD) {
        *word |= 1 << (row % WORD);
    }
}

fn summarise(plain: &[u64], summary: &mut [u64]) {
    summary.fill(0);
    for (index, _) in plain.iter().enumerate().filter(|(_, word)| **word != 0) {
        set(summary, 0, index);
    }
}
