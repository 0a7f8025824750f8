//! What every trial's scenario has, whatever the therapy: who takes part, which seeds run, names that can
//! stand for folders, and what counts as passed. A therapy's own scenario is made of these.

mod criterion;
pub(crate) mod keys;
mod patients;
mod words;

use std::fmt::{Formatter, Result as Written};

pub use criterion::{Bound, Criterion, Over};
pub(crate) use criterion::{CriterionKeys, Row, keep_bound, verdict};
pub use patients::Patients;
pub(crate) use words::{Names, fails, text, texts};

use crate::document::{FileError, Section};
use crate::keys::whole;

/// Which seeds run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seeds {
    /// The first.
    pub first: u64,
    /// How many, counting up.
    pub count: u32,
}

impl Seeds {
    pub(crate) fn read(root: &Section<'_>) -> Result<Self, FileError> {
        let section = root.section("seeds")?;
        let first = section.integer(keys::FIRST.name, keys::FIRST.range(), "")?.unwrap_or(1);
        let count = whole(&section, &keys::SEEDS)?.unwrap_or(1);
        if first.checked_add(u64::from(count.saturating_sub(1))).is_none() {
            return Err(section.error("first", first, "a seed with room for the count after it"));
        }
        section.finish()?;
        Ok(Self { first, count })
    }

    pub(crate) fn write(&self, f: &mut Formatter<'_>) -> Written {
        writeln!(f, "\n[seeds]\nfirst = {}\ncount = {}", self.first, self.count)
    }
}

/// The name of an item in a table of names.
pub(crate) fn name_in<T: Copy + PartialEq>(names: &[(&'static str, T)], item: T) -> &'static str {
    names.iter().find(|(_, named)| *named == item).map_or("?", |(name, _)| name)
}
