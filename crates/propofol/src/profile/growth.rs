//! What height and weight a person of an age can have: only to notice slips (pounds, inches, two
//! fields swapped, years for months), so that the bounds are wide. Whole numbers.

use super::sections::Person;

/// Age in months and the median height (mm) and weight (g) of both sexes together, rounded from
/// the growth charts of the World Health Organization.
const MEDIANS: [(u32, u32, u32); 9] = [
    (0, 500, 3_300),
    (6, 670, 7_500),
    (12, 750, 9_500),
    (24, 870, 12_000),
    (60, 1_100, 18_000),
    (96, 1_270, 25_500),
    (144, 1_500, 41_000),
    (180, 1_660, 55_000),
    (216, 1_700, 64_000),
];
/// From this age on nobody grows any more, and weight is judged by height alone.
const GROWN: u32 = 216;
/// Least height of a grown-up, mm.
const GROWN_LEAST: u32 = 1_000;
/// Hundredths of the median that a child's height may have.
const HEIGHT: core::ops::RangeInclusive<u64> = 65..=135;
/// The same of weight.
const WEIGHT: core::ops::RangeInclusive<u64> = 35..=350;

/// The figure that does not fit the age: its field and value.
pub(super) fn misfit(person: &Person) -> Option<(&'static str, u32)> {
    let (age, height, weight) = (person.age.0, person.height.0, person.weight.0);
    if age >= GROWN {
        return (height < GROWN_LEAST).then_some(("person.height", height));
    }
    let (usual_height, usual_weight) = medians(age);
    if !HEIGHT.contains(&hundredths(height, usual_height)) {
        return Some(("person.height", height));
    }
    let fits = WEIGHT.contains(&hundredths(weight, usual_weight));
    (!fits).then_some(("person.weight", weight))
}

fn hundredths(value: u32, of: u32) -> u64 {
    u64::from(value).saturating_mul(100) / u64::from(of.max(1))
}

/// The medians at an age, linear between those of the table.
fn medians(age: u32) -> (u32, u32) {
    let pairs = MEDIANS.iter().zip(MEDIANS.iter().skip(1));
    let mut found = (1_700, 64_000);
    for (earlier, later) in pairs {
        if (earlier.0..=later.0).contains(&age) {
            let (passed, span) = (age.saturating_sub(earlier.0), later.0.saturating_sub(earlier.0));
            let between = |from: u32, to: u32| {
                let grown = to.saturating_sub(from).saturating_mul(passed);
                from.saturating_add(grown / span.max(1))
            };
            found = (between(earlier.1, later.1), between(earlier.2, later.2));
        }
    }
    found
}
