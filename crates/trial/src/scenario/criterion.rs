//! What counts as passed: criteria as they are written, and what they say of values that were reached.

use std::fmt::{Formatter, Result as Written};

use homeostat_patients::wording::{nearest, quoted};

use super::{name_in, texts};
use crate::document::{FileError, Section};
use crate::keys::{Number, line_of_text, number, required};
use crate::metrics::quantile;
use crate::report;

/// How a criterion gathers subjects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// The mean.
    Mean,
    /// The median subject.
    Median,
    /// This per cent of subjects have less.
    Percentile(u8),
    /// Every subject by itself.
    Each,
}

impl Over {
    /// All by name.
    pub const NAMES: [(&'static str, Self); 7] = [
        ("mean", Self::Mean),
        ("median", Self::Median),
        ("p1", Self::Percentile(1)),
        ("p10", Self::Percentile(10)),
        ("p90", Self::Percentile(90)),
        ("p99", Self::Percentile(99)),
        ("each", Self::Each),
    ];
}

/// The side of a criterion's bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// Passed when the measure is not above this.
    AtMost(f64),
    /// Passed when the measure is not below this.
    AtLeast(f64),
}

impl Bound {
    fn passes(self, value: f64) -> bool {
        match self {
            Self::AtMost(most) => value <= most,
            Self::AtLeast(least) => value >= least,
        }
    }

    fn is_worse(self, one: f64, other: f64) -> bool {
        match self {
            Self::AtMost(_) => one > other,
            Self::AtLeast(_) => one < other,
        }
    }
}

/// What counts as passed. A trial whose criteria fail ends with exit code 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Criterion<M> {
    /// What is measured, on the truth.
    pub measure: M,
    /// How subjects are gathered.
    pub over: Over,
    /// The bound.
    pub bound: Bound,
    /// The arms that it binds; empty for all closed loops.
    pub arms: Vec<String>,
    /// The first letters of the subjects that it binds; empty for all.
    pub subjects: String,
    /// Reported only: a missed aim does not fail the trial.
    pub aim: bool,
}

impl<M> Criterion<M> {
    /// A criterion that decides, for all subjects in all closed loops.
    pub(crate) const fn new(measure: M, over: Over, bound: Bound) -> Self {
        Self { measure, over, bound, arms: Vec::new(), subjects: String::new(), aim: false }
    }

    /// Whether it binds an arm, which is a `closed` loop or not.
    pub(crate) fn binds(&self, arm: &str, closed: bool) -> bool {
        if self.arms.is_empty() { closed } else { self.arms.iter().any(|name| name == arm) }
    }

    /// The value that decides among those of all subjects that it binds, and whose it is.
    pub(crate) fn reached<T: Copy>(&self, values: &[(f64, T)]) -> Option<(f64, Option<T>)> {
        let mut sorted: Vec<f64> = values.iter().map(|(value, _)| *value).collect();
        sorted.sort_by(f64::total_cmp);
        if sorted.is_empty() {
            return None;
        }
        match self.over {
            Over::Mean => Some((sorted.iter().sum::<f64>() / sorted.len() as f64, None)),
            Over::Median => Some((quantile(&sorted, 0.5)?, None)),
            Over::Percentile(share) => Some((quantile(&sorted, f64::from(share) / 100.0)?, None)),
            Over::Each => {
                let worse = |one: f64, other: f64| self.bound.is_worse(one, other);
                let worst = values.iter().reduce(|a, b| if worse(b.0, a.0) { b } else { a })?;
                Some((worst.0, Some(worst.1)))
            }
        }
    }

    /// The row of the report.
    pub(crate) fn row(&self, row: &Row<'_>, reached: Option<(f64, String)>) -> report::Criterion {
        let Row { id, arm, measure: (measure, unit), decimals, subjects, hazard } = row;
        let mut what = format!("{arm}, {measure}");
        if !subjects.is_empty() {
            what = format!("{what}, {subjects}");
        }
        if let Some(hazard) = hazard {
            what = format!("{what}, hazard {hazard}");
        }
        let over = name_in(&Over::NAMES, self.over);
        let required = match self.bound {
            Bound::AtMost(most) => format!("{over} at most {most}{unit}"),
            Bound::AtLeast(least) => format!("{over} at least {least}{unit}"),
        };
        let passed = reached.as_ref().is_some_and(|(value, _)| self.bound.passes(*value));
        let reached = match reached {
            None => "nobody was measured".to_owned(),
            Some((value, whose)) if whose.is_empty() => format!("{value:.decimals$}{unit}"),
            Some((value, whose)) => format!("{value:.decimals$}{unit} ({whose})"),
        };
        let kind = if self.aim { report::CriterionKind::Aim } else { report::CriterionKind::Must };
        report::Criterion { id: (*id).to_owned(), what, kind, required, reached, passed }
    }
}

/// Where a criterion was looked at, as the report's row says it.
pub(crate) struct Row<'r> {
    /// The requirement it comes from.
    pub id: &'r str,
    pub arm: &'r str,
    /// What is measured, and the unit that is written behind values.
    pub measure: (&'r str, &'r str),
    pub decimals: usize,
    /// Which subjects; empty for all.
    pub subjects: &'r str,
    pub hazard: Option<&'r str>,
}

/// Whether all of these criteria are passed by the values reached; one that has none is. `None` where
/// there are no criteria.
pub(crate) fn verdict<'c, M: 'c>(
    criteria: impl Iterator<Item = &'c Criterion<M>>,
    reached: impl Fn(&Criterion<M>) -> Option<f64>,
) -> Option<bool> {
    let passes = |one: &Criterion<M>| reached(one).is_none_or(|value| one.bound.passes(value));
    criteria.map(passes).reduce(|all, one| all && one)
}

/// Keeps the criteria of the arms that are still `there`: a reported aim for an arm that is gone goes with
/// it.
///
/// # Errors
/// The name of an arm that is gone and that a deciding criterion needs; then all stay.
pub(crate) fn keep_bound<M>(
    criteria: &mut Vec<Criterion<M>>,
    there: impl Fn(&String) -> bool,
) -> Result<(), String> {
    let mut needed = criteria.iter().filter(|one| !one.aim).flat_map(|one| &one.arms);
    if let Some(gone) = needed.find(|name| !there(name)) {
        return Err(gone.clone());
    }
    criteria.retain(|criterion| criterion.arms.iter().all(&there));
    Ok(())
}

/// How the files of a therapy speak of criteria.
pub(crate) struct CriterionKeys<M: 'static> {
    /// What can be measured, by name.
    pub measures: &'static [(&'static str, M)],
    /// How subjects are gathered where nobody says it.
    pub over: Over,
    pub most: Number,
    pub least: Number,
}

impl<M: Copy + PartialEq> CriterionKeys<M> {
    pub(crate) fn read(
        &self,
        sections: Vec<Section<'_>>,
        arms: &[&str],
    ) -> Result<Vec<Criterion<M>>, FileError> {
        sections.into_iter().map(|section| self.read_one(section, arms)).collect()
    }

    fn read_one(&self, section: Section<'_>, arms: &[&str]) -> Result<Criterion<M>, FileError> {
        let measure = section.choice("measure", self.measures)?;
        let measure = required(&section, "measure", measure, "what is measured")?;
        let over = section.choice("over", &Over::NAMES)?.unwrap_or(self.over);
        let bound = self.read_bound(&section)?;
        let named = section.texts("arms")?.unwrap_or_default();
        if let Some(name) = named.iter().find(|name| !arms.contains(&name.as_str())) {
            let expected = nearest(name, arms.iter().copied());
            return Err(section.item_error("arms", name, &quoted(name), &expected));
        }
        let subjects = line_of_text(&section, "subjects")?.unwrap_or_default();
        let aim = section.truth("aim")?.unwrap_or(false);
        section.finish()?;
        Ok(Criterion { measure, over, bound, arms: named, subjects, aim })
    }

    fn read_bound(&self, section: &Section<'_>) -> Result<Bound, FileError> {
        let (at_most, at_least) = (self.most.name, self.least.name);
        match (number(section, &self.most)?, number(section, &self.least)?) {
            (Some(most), None) => Ok(Bound::AtMost(most)),
            (None, Some(least)) => Ok(Bound::AtLeast(least)),
            (Some(_), Some(_)) => {
                let found = format!("{at_least} beside {at_most}");
                Err(section.error(at_least, found, "one of the two"))
            }
            (None, None) => {
                let expected = format!("{at_most} or {at_least}");
                Err(section.error("measure", "a criterion without bound", &expected))
            }
        }
    }

    pub(crate) fn write(&self, f: &mut Formatter<'_>, criterion: &Criterion<M>) -> Written {
        let measure = name_in(self.measures, criterion.measure);
        let over = name_in(&Over::NAMES, criterion.over);
        writeln!(f, "\n[[criteria]]\nmeasure = \"{measure}\"\nover = \"{over}\"")?;
        match criterion.bound {
            Bound::AtMost(most) => writeln!(f, "{} = {most:?}", self.most.name)?,
            Bound::AtLeast(least) => writeln!(f, "{} = {least:?}", self.least.name)?,
        }
        if !criterion.arms.is_empty() {
            writeln!(f, "arms = {}", texts(&criterion.arms))?;
        }
        if !criterion.subjects.is_empty() {
            writeln!(f, "subjects = {}", super::text(&criterion.subjects))?;
        }
        if criterion.aim { writeln!(f, "aim = true") } else { Ok(()) }
    }
}
