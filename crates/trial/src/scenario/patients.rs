//! Who is treated.

use std::fmt::{Formatter, Result as Written};

use super::{keys, texts};
use crate::document::{FileError, Section};
use crate::keys::whole;

/// Who is treated.
#[derive(Clone, Debug, PartialEq)]
pub struct Patients<C> {
    /// Where they come from.
    pub cohort: C,
    /// Names of the subjects to take; empty for all.
    pub subjects: Vec<String>,
    /// How many subjects to draw, or to take from the start of a table.
    pub count: Option<u32>,
    /// The seed of a drawn cohort. The seeds of the trial do not change who takes part.
    pub seed: u64,
}

impl<C> Patients<C> {
    /// Those of `cohort`, whose people are `drawn` by seed or stand in a table.
    pub(crate) fn read(section: Section<'_>, cohort: C, drawn: bool) -> Result<Self, FileError> {
        let subjects = section.texts("subjects")?;
        if subjects.as_ref().is_some_and(Vec::is_empty) {
            let expected = "at least one name, or no such line for everyone";
            return Err(section.error("subjects", "an empty list", expected));
        }
        let subjects = subjects.unwrap_or_default();
        let count = whole(&section, &keys::COUNT)?;
        if count.is_some() && !subjects.is_empty() {
            return Err(section.error("count", "a count beside subjects", "either of the two"));
        }
        let seed = section.integer(keys::COHORT_SEED.name, keys::COHORT_SEED.range(), "")?;
        if seed.is_some() && !drawn {
            let found = "a seed for a cohort that is not drawn";
            return Err(section.error("seed", found, "no seed here"));
        }
        section.finish()?;
        Ok(Self { cohort, subjects, count, seed: seed.unwrap_or(1) })
    }

    /// Everything but the cohort.
    pub(crate) fn write(&self, f: &mut Formatter<'_>, drawn: bool) -> Written {
        if drawn {
            writeln!(f, "seed = {}", self.seed)?;
        }
        if !self.subjects.is_empty() {
            writeln!(f, "subjects = {}", texts(&self.subjects))?;
        }
        self.count.map_or(Ok(()), |count| writeln!(f, "count = {count}"))
    }
}

impl<C: Clone> Patients<C> {
    /// This subject of the same cohort alone.
    pub(crate) fn only(&self, subject: &str) -> Self {
        Self { subjects: vec![subject.to_owned()], count: None, ..self.clone() }
    }
}
