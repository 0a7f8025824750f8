//! Version range specifiers: `vers:npm/>=1.0.0|<2.0.0` (VERSION-RANGE-SPEC, ECMA's TC54).

use super::{Bound, Contained, Interval, Range, Scheme, Version};

/// A range with the rules that order it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vers {
    /// The rules.
    pub scheme: Scheme,
    /// The range.
    pub range: Range,
}

/// Why something is no version range specifier.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum VersError {
    /// It does not have the form `vers:scheme/constraints`.
    #[error("a version range begins with \"vers:\", a scheme and '/', found {found:?}")]
    Form {
        /// Its beginning.
        found: String,
    },
    /// A constraint names no version, or `*` stands beside others.
    #[error("{found:?} is no constraint: one of = != < <= > >= and a version")]
    Constraint {
        /// The constraint.
        found: String,
    },
    /// Constraints that need an order, on versions that have none.
    #[error("the versions in {found:?} cannot be ordered; name them one by one")]
    Unordered {
        /// The constraints.
        found: String,
    },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparator {
    Equal,
    Not,
    Below,
    AtMost,
    Above,
    AtLeast,
}

/// Longest signs first.
const COMPARATORS: [(&str, Comparator); 6] = [
    ("!=", Comparator::Not),
    ("<=", Comparator::AtMost),
    (">=", Comparator::AtLeast),
    ("<", Comparator::Below),
    (">", Comparator::Above),
    ("=", Comparator::Equal),
];

/// More constraints are nobody's range.
const CONSTRAINTS_MAX: usize = 4096;

impl Vers {
    /// Reads a version range specifier.
    ///
    /// # Errors
    /// If it is none, or its versions cannot be ordered and it needs their order.
    pub fn parse(text: &str) -> Result<Self, VersError> {
        let form = || VersError::Form { found: text.chars().take(60).collect() };
        let rest = text.trim().strip_prefix("vers:").ok_or_else(form)?;
        let (kind, constraints) = rest.split_once('/').ok_or_else(form)?;
        let constraints: String =
            constraints.chars().filter(|sign| !sign.is_whitespace()).collect();
        let constraints = constraints.trim_matches('|');
        if kind.is_empty() || constraints.split('|').count() > CONSTRAINTS_MAX {
            return Err(form());
        }
        let scheme = scheme_of(&kind.to_ascii_lowercase());
        let range = match (kind, constraints) {
            ("none", "*") => Range::default(),
            (_, "*") => Range::all(),
            _ => range_of(scheme, constraints)?,
        };
        Ok(Self { scheme, range })
    }
}

fn scheme_of(kind: &str) -> Scheme {
    match kind {
        "semver" => Scheme::SemVer,
        "intdot" => Scheme::Generic,
        other => Scheme::of_purl_type(other),
    }
}

fn range_of(scheme: Scheme, text: &str) -> Result<Range, VersError> {
    let mut constraints = Vec::new();
    for one in text.split('|').filter(|one| !one.is_empty()) {
        constraints.push(constraint(one)?);
    }
    if constraints.is_empty() {
        return Err(VersError::Constraint { found: text.to_owned() });
    }
    let unordered = || VersError::Unordered { found: text.to_owned() };
    let singles = constraints.iter().all(|(comparator, _)| *comparator == Comparator::Equal);
    if !singles && constraints.len() > 1 {
        sort(scheme, &mut constraints).ok_or_else(unordered)?;
    }
    let excluded: Vec<&str> = of_kind(&constraints, Comparator::Not).collect();
    let mut intervals = between(&constraints);
    let only_excluded = excluded.len() == constraints.len();
    if only_excluded {
        intervals.push(Interval::default());
    }
    for version in excluded {
        intervals = without(scheme, intervals, version).ok_or_else(unordered)?;
    }
    for version in of_kind(&constraints, Comparator::Equal) {
        let end = Some(Bound::including(version));
        intervals.push(Interval { lower: end.clone(), upper: end });
    }
    Ok(Range { intervals })
}

fn constraint(text: &str) -> Result<(Comparator, String), VersError> {
    let signed = COMPARATORS
        .iter()
        .find_map(|(sign, comparator)| text.strip_prefix(sign).map(|rest| (*comparator, rest)));
    let (comparator, version) = signed.unwrap_or((Comparator::Equal, text));
    let version = crate::identity::percent_decode(version)
        .filter(|version| !version.is_empty() && !version.starts_with(['<', '>', '=', '!', '*']))
        .ok_or_else(|| VersError::Constraint { found: text.to_owned() })?;
    Ok((comparator, version))
}

fn of_kind(constraints: &[(Comparator, String)], kind: Comparator) -> impl Iterator<Item = &str> {
    let of_kind = move |one: &&(Comparator, String)| one.0 == kind;
    constraints.iter().filter(of_kind).map(|(_, version)| version.as_str())
}

/// By version; `None` if one of them has no place in the order, unless all say the same one.
fn sort(scheme: Scheme, constraints: &mut Vec<(Comparator, String)>) -> Option<()> {
    let (_, first) = constraints.first()?;
    if constraints.iter().all(|(_, version)| version == first) {
        return Some(());
    }
    let mut keyed = Vec::with_capacity(constraints.len());
    for one in constraints.drain(..) {
        keyed.push((Version::parse(scheme, &one.1).key()?.to_vec(), one));
    }
    keyed.sort_by(|(left, _), (right, _)| left.cmp(right));
    constraints.extend(keyed.into_iter().map(|(_, one)| one));
    Some(())
}

/// What the ends make, from low to high: of several lower ends the first counts, of several upper
/// ends the last.
fn between(constraints: &[(Comparator, String)]) -> Vec<Interval> {
    let mut intervals: Vec<Interval> = Vec::new();
    let mut open: Option<Bound> = None;
    let mut last_was_upper = false;
    for (comparator, version) in constraints {
        let version = version.clone();
        match comparator {
            Comparator::Above | Comparator::AtLeast => {
                let inclusive = *comparator == Comparator::AtLeast;
                open = open.or(Some(Bound { version, inclusive }));
                last_was_upper = false;
            }
            Comparator::Below | Comparator::AtMost => {
                let upper = Some(Bound { version, inclusive: *comparator == Comparator::AtMost });
                match intervals.last_mut().filter(|_| last_was_upper) {
                    Some(last) => last.upper = upper,
                    None => intervals.push(Interval { lower: open.take(), upper }),
                }
                last_was_upper = true;
            }
            Comparator::Equal | Comparator::Not => {}
        }
    }
    if let Some(lower) = open {
        intervals.push(Interval { lower: Some(lower), upper: None });
    }
    intervals
}

/// The intervals with one version taken out.
fn without(scheme: Scheme, intervals: Vec<Interval>, version: &str) -> Option<Vec<Interval>> {
    let parsed = Version::parse(scheme, version);
    let mut kept = Vec::with_capacity(intervals.len() + 1);
    for interval in intervals {
        let one = Range { intervals: vec![interval.clone()] };
        match super::holds(scheme, &one, &parsed) {
            Contained::Yes => {
                let end = Some(Bound::excluding(version));
                kept.push(Interval { lower: interval.lower, upper: end.clone() });
                kept.push(Interval { lower: end, upper: interval.upper });
            }
            Contained::No => kept.push(interval),
            Contained::Unknown => return None,
        }
    }
    Some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn held(text: &str, version: &str) -> Contained {
        let vers = Vers::parse(text).unwrap();
        crate::version::holds(vers.scheme, &vers.range, &Version::parse(vers.scheme, version))
    }

    /// Sorted by comparison alone, one version without a place in the order made the order no order.
    #[test]
    fn pmk_a_specifier_with_a_version_of_no_order_is_refused_however_long() {
        let strange =
            "vers:npm/1.3|0|=n>0|=3|n>043|n>0|43|0|=343|n>0|43|0|=3|n=n>0|43|0|=3|n>0|>0|n0|=n>0";
        let many = (0..60).map(|at| format!(">={}", (at * 37) % 60)).collect::<Vec<_>>().join("|");
        for text in [strange.to_owned(), format!("vers:npm/{many}|<word|>=7|<3")] {
            assert!(matches!(Vers::parse(&text), Err(VersError::Unordered { .. })), "{text}");
        }
        assert!(Vers::parse(&format!("vers:npm/{many}")).is_ok());
    }

    #[test]
    fn pmk_specifiers_hold_what_the_specification_says() {
        for (text, inside, outside) in [
            ("vers:npm/1.2.3|>=2.0.0|<5.0.0", "2.5.0", "5.0.0"),
            ("vers:npm/1.2.3|>=2.0.0|<5.0.0", "1.2.3", "1.2.4"),
            ("vers:pypi/0.0.0|0.0.1|0.0.2|0.0.3|1.0|2.0pre1", "2.0rc1", "2.0"),
            ("vers:deb/<2:1.0|>=2:2.0", "9", "2:1.5"),
            ("vers:gem/>=2.2.0|!=2.2.1|<2.3.0", "2.2.0", "2.2.1"),
            ("vers:gem/!=2.2.1", "2.2.2", "2.2.1"),
            ("vers:semver/ < 2 | > 1 ", "1.5", "3"),
            ("vers:semver/>1|>2|<3|<4", "3.5", "1"),
            ("vers:golang/>v0.0.0|>=v0.0.1|v0.0.2", "v0.0.3", "v0.0.0"),
            ("vers:maven/>=1.0%2Bb|<2", "1.5", "2"),
            ("vers:semver/*", "1", ""),
            ("vers:all/*", "anything", ""),
        ] {
            assert_eq!(held(text, inside), Contained::Yes, "{text} {inside}");
            if !outside.is_empty() {
                assert_ne!(held(text, outside), Contained::Yes, "{text} {outside}");
            }
        }
        assert_eq!(held("vers:none/*", "1"), Contained::No);
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in [
            "",
            "npm/1",
            "vers:npm",
            "vers:/1",
            "vers:npm/",
            "vers:npm/>",
            "vers:npm/*|1",
            "vers:npm/%zz",
        ] {
            assert!(Vers::parse(text).is_err(), "{text}");
        }
        let unordered = Vers::parse("vers:docker/>=b|<a|!=c");
        assert!(matches!(unordered, Err(VersError::Unordered { .. })), "{unordered:?}");
    }

    proptest! {
        /// The meaning of the constraints, taken one by one, against the intervals made of them.
        #[test]
        fn pmk_intervals_mean_the_constraints(
            lower in 0_u8..20, upper in 0_u8..20, out in 0_u8..20, single in 0_u8..20, asked in 0_u8..20,
        ) {
            prop_assume!(lower < upper);
            let text = format!("vers:semver/{single}|!={out}|>={lower}|<{upper}");
            let expected = asked == single || (asked >= lower && asked < upper && asked != out);
            let found = held(&text, &asked.to_string());
            prop_assert_eq!(found == Contained::Yes, expected);
            prop_assert_eq!(found == Contained::No, !expected);
        }
    }
}
