//! Names, units and ranges of the numbers that every scenario file may have.

use crate::keys::Whole;

pub(crate) const COUNT: Whole = Whole::new("count", 1, 100_000, "subjects");
pub(crate) const COHORT_SEED: Whole = Whole::new("seed", 0, u64::MAX, "");
pub(crate) const FIRST: Whole = Whole::new("first", 0, u64::MAX, "");
pub(crate) const SEEDS: Whole = Whole::new("count", 1, 10_000, "seeds");
