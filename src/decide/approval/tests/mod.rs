//! Rules one by one, and many drawn requests held against a slow and obvious second computation.

mod assign;
mod properties;
mod reference;
mod rules;
mod worlds;
