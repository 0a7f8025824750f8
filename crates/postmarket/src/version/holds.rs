//! Which versions a range holds.

use super::{Bound, Contained, Range, Scheme, Version};
use std::cmp::Ordering;
use std::slice;

/// Ranges whose ends are read once, to be asked often: together they are one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyedRange {
    intervals: Box<[Interval]>,
}

type Interval = (Option<KeyedBound>, Option<KeyedBound>);

#[derive(Clone, PartialEq, Eq, Debug)]
struct KeyedBound {
    version: Version,
    inclusive: bool,
}

/// Which end of an interval.
#[derive(Clone, Copy)]
enum End {
    Lower,
    Upper,
}

impl KeyedRange {
    /// Reads the ends of ranges by the rules of `scheme`.
    #[must_use]
    pub fn new(scheme: Scheme, ranges: &[Range]) -> Self {
        let bound = |bound: &Bound| KeyedBound {
            version: Version::parse(scheme, &bound.version),
            inclusive: bound.inclusive,
        };
        let interval = |interval: &super::Interval| {
            (interval.lower.as_ref().map(bound), interval.upper.as_ref().map(bound))
        };
        Self { intervals: ranges.iter().flat_map(|range| &range.intervals).map(interval).collect() }
    }

    /// Where the first interval that holds `version` ends: the first version that it does not hold any more.
    #[must_use]
    pub fn end_after(&self, version: &Version) -> Option<&str> {
        let holds = |(lower, upper): &&Interval| {
            within(version, lower.as_ref(), upper.as_ref()) == Contained::Yes
        };
        let (_, upper) = self.intervals.iter().find(holds)?;
        upper.as_ref().filter(|end| !end.inclusive).map(|end| end.version.text())
    }

    /// Whether an interval ended before `version`: what it held is past.
    #[must_use]
    pub fn ended_before(&self, version: &Version) -> bool {
        let ends = self.intervals.iter().filter_map(|(_, upper)| upper.as_ref());
        ends.filter(|end| !end.inclusive)
            .any(|end| end.admits(version, End::Upper) == Contained::No)
    }

    /// Whether the range holds `version`: yes if one of its intervals does, no if all of them do
    /// not, unknown otherwise.
    pub fn holds(&self, version: &Version) -> Contained {
        let mut answer = Contained::No;
        for (lower, upper) in &self.intervals {
            match within(version, lower.as_ref(), upper.as_ref()) {
                Contained::Yes => return Contained::Yes,
                Contained::Unknown => answer = Contained::Unknown,
                Contained::No => {}
            }
        }
        answer
    }
}

/// Whether `range`, ordered by the rules of `scheme`, holds `version`.
pub fn holds(scheme: Scheme, range: &Range, version: &Version) -> Contained {
    KeyedRange::new(scheme, slice::from_ref(range)).holds(version)
}

/// One end that says no is enough, whatever the other cannot say.
fn within(version: &Version, lower: Option<&KeyedBound>, upper: Option<&KeyedBound>) -> Contained {
    let below = lower.map_or(Contained::Yes, |bound| bound.admits(version, End::Lower));
    if below == Contained::No {
        return Contained::No;
    }
    match upper.map_or(Contained::Yes, |bound| bound.admits(version, End::Upper)) {
        Contained::Yes => below,
        above => above,
    }
}

impl KeyedBound {
    fn admits(&self, version: &Version, end: End) -> Contained {
        let ordering = match version.compare(&self.version) {
            Some(ordering) => ordering,
            // The same text is the same version, ordered or not.
            None if version.text().trim() == self.version.text().trim() => Ordering::Equal,
            None => return Contained::Unknown,
        };
        let admitted = match (ordering, end) {
            (Ordering::Equal, _) => self.inclusive,
            (Ordering::Greater, End::Lower) | (Ordering::Less, End::Upper) => true,
            (Ordering::Less, End::Lower) | (Ordering::Greater, End::Upper) => false,
        };
        if admitted { Contained::Yes } else { Contained::No }
    }
}
