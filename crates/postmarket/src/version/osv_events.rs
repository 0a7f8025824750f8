//! The events of OSV ranges: where a vulnerability came in, and where it went.

use super::{Bound, Interval, Range, Scheme, Version};
use std::cmp::Ordering;

/// One event, with the version at which it happened.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum OsvEvent {
    /// Affected from here on; `0` from the first version ever.
    Introduced(String),
    /// Not affected any more from here on.
    Fixed(String),
    /// The last version that is affected.
    LastAffected(String),
    /// Nothing is said of this version and later ones.
    Limit(String),
}

impl OsvEvent {
    fn version(&self) -> &str {
        match self {
            Self::Introduced(text)
            | Self::Fixed(text)
            | Self::LastAffected(text)
            | Self::Limit(text) => text,
        }
    }
}

/// The range that the events mean (OSV schema, "evaluation"). They are taken in the order of their
/// versions where the scheme orders all of them, else as written.
#[must_use]
pub fn range_of_events(scheme: Scheme, events: &[OsvEvent]) -> Range {
    let mut keyed: Vec<(Version, &OsvEvent)> =
        events.iter().map(|event| (Version::parse(scheme, event.version()), event)).collect();
    let from_first = |event: &OsvEvent| *event == OsvEvent::Introduced("0".to_owned());
    let ordered = keyed.iter().all(|(version, event)| version.key().is_some() || from_first(event));
    // Events that stand in order as written mean what their order says, also at one version: introduced and fixed
    // at the same one is nothing (RUSTSEC-2024-0399 says so of rustls 0.23.0).
    let as_written = keyed.is_sorted_by(|(left, one), (right, two)| {
        from_first(one) || (!from_first(two) && left.compare(right) != Some(Ordering::Greater))
    });
    if ordered && !as_written {
        // At the same version a vulnerability ends before it comes in again; one that is introduced and last
        // affected there is affected.
        let rank = |event: &OsvEvent| match event {
            OsvEvent::Fixed(_) | OsvEvent::Limit(_) => 0,
            OsvEvent::Introduced(_) => 1,
            OsvEvent::LastAffected(_) => 2,
        };
        keyed.sort_by_cached_key(|(version, event)| {
            (!from_first(event), version.key().map(<[u8]>::to_vec), rank(event))
        });
    }
    let mut range = Range::default();
    let mut open: Option<Option<Bound>> = None;
    for (_, event) in keyed {
        let upper = match event {
            OsvEvent::Introduced(version) => {
                let lower = (version != "0").then(|| Bound::including(version.as_str()));
                open.get_or_insert(lower);
                continue;
            }
            OsvEvent::Fixed(version) | OsvEvent::Limit(version) => {
                Bound::excluding(version.as_str())
            }
            OsvEvent::LastAffected(version) => Bound::including(version.as_str()),
        };
        // An end without a beginning counts from the first version, or repeats the one before it: of a fixed and a
        // last affected at one version the worse holds.
        let lower = match (open.take(), range.intervals.last_mut()) {
            (Some(lower), _) => lower,
            (None, None) => None,
            (None, Some(last)) => {
                if let Some(end) = &mut last.upper {
                    end.inclusive |= upper.inclusive && end.version == upper.version;
                }
                continue;
            }
        };
        range.intervals.push(Interval { lower, upper: Some(upper) });
    }
    if let Some(lower) = open {
        range.intervals.push(Interval { lower, upper: None });
    }
    range
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::{Contained, holds};

    fn held(events: &[OsvEvent], version: &str) -> Contained {
        let range = range_of_events(Scheme::SemVer, events);
        holds(Scheme::SemVer, &range, &Version::parse(Scheme::SemVer, version))
    }

    #[test]
    fn pmk_events_in_any_order_mean_the_same() {
        let events = [
            OsvEvent::Fixed("1.10.0".into()),
            OsvEvent::Introduced("1.9.0".into()),
            OsvEvent::LastAffected("0.5.0".into()),
            OsvEvent::Introduced("0".into()),
            OsvEvent::Introduced("2.0.0".into()),
        ];
        let mut turned = events.to_vec();
        for _ in 0..events.len() {
            turned.rotate_left(1);
            for (version, expected) in [
                ("0.0.1", Contained::Yes),
                ("0.5.0", Contained::Yes),
                ("0.5.1", Contained::No),
                ("1.9.5", Contained::Yes),
                ("1.10.0", Contained::No),
                ("2.1.0", Contained::Yes),
                ("nonsense", Contained::Unknown),
            ] {
                assert_eq!(held(&turned, version), expected, "{version} {turned:?}");
            }
        }
    }

    #[test]
    fn pmk_the_worse_of_two_ends_at_one_version_holds_in_any_order() {
        let mut turned = vec![
            OsvEvent::Fixed("2.0.0".into()),
            OsvEvent::LastAffected("2.0.0".into()),
            OsvEvent::Introduced("1.0.0".into()),
        ];
        for _ in 0..turned.len() {
            turned.rotate_left(1);
            for (version, expected) in
                [("0.9.0", Contained::No), ("2.0.0", Contained::Yes), ("2.0.1", Contained::No)]
            {
                assert_eq!(held(&turned, version), expected, "{version} {turned:?}");
            }
        }
    }

    #[test]
    fn a_beginning_that_ends_at_once_holds_nothing() {
        let events = [
            OsvEvent::Introduced("0.23.0".into()),
            OsvEvent::Fixed("0.23.0".into()),
            OsvEvent::Introduced("0.23.13".into()),
            OsvEvent::Fixed("0.23.18".into()),
        ];
        for (version, expected) in [
            ("0.16.0", Contained::No),
            ("0.23.0", Contained::No),
            ("0.23.5", Contained::No),
            ("0.23.13", Contained::Yes),
            ("0.23.18", Contained::No),
        ] {
            assert_eq!(held(&events, version), expected, "{version}");
        }
    }

    #[test]
    fn an_end_at_a_beginning_is_read_as_meant() {
        let one = [OsvEvent::Introduced("1.0.0".into()), OsvEvent::LastAffected("1.0.0".into())];
        assert_eq!(held(&one, "1.0.0"), Contained::Yes);
        let again = [
            OsvEvent::Introduced("1.0.0".into()),
            OsvEvent::Fixed("1.5.0".into()),
            OsvEvent::Introduced("1.5.0".into()),
        ];
        assert_eq!(held(&again, "1.5.0"), Contained::Yes);
        assert_eq!(held(&[OsvEvent::Fixed("1.0.0".into())], "0.9.0"), Contained::Yes);
        assert_eq!(held(&[], "1.0.0"), Contained::No);
    }
}
