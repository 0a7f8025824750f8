//! Time as the page knows it: readings of the device's monotonic clock, and civil time for people.

use serde::{Deserialize, Serialize};

/// A reading of the device's monotonic clock, in milliseconds since the start that
/// [`Clock::boot`] counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct At(pub u64);

impl At {
    /// The time from `self` to `now`; none where `self` lies ahead.
    #[must_use]
    pub const fn age(self, now: Self) -> Length {
        Length(now.0.saturating_sub(self.0))
    }
}

impl From<homeostat_record::Instant> for At {
    fn from(instant: homeostat_record::Instant) -> Self {
        Self(instant.millis)
    }
}

/// A length of monotonic time, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Length(pub u64);

impl Length {
    /// A length of whole seconds.
    #[must_use]
    pub const fn seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1_000))
    }

    /// A length of whole minutes.
    #[must_use]
    pub const fn minutes(minutes: u64) -> Self {
        Self(minutes.saturating_mul(60_000))
    }

    /// A window as people name it: `1 h`, `24 h`; otherwise as [`Length::words`].
    #[must_use]
    pub fn window(self) -> String {
        match (self.0 / 3_600_000, self.0 % 3_600_000) {
            (hours @ 1.., 0) => format!("{hours} h"),
            _ => self.words(),
        }
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// As people say it: seconds up to two minutes, minutes up to two hours, then hours and
    /// minutes, after two days days and hours. The page's script says it the same way.
    #[must_use]
    pub fn words(self) -> String {
        let seconds = self.0 / 1_000;
        let (minutes, hours) = (seconds / 60, seconds / 3_600);
        match seconds {
            0..120 => format!("{seconds} s"),
            120..7_200 => format!("{minutes} min"),
            7_200..172_800 if minutes % 60 == 0 => format!("{hours} h"),
            7_200..172_800 => format!("{hours} h {} min", minutes % 60),
            _ => format!("{} d {} h", hours / 24, hours % 24),
        }
    }
}

impl From<homeostat_record::Span> for Length {
    fn from(span: homeostat_record::Span) -> Self {
        Self(span.as_millis())
    }
}

/// Civil time in milliseconds since 1970-01-01T00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Civil(pub i64);

impl From<homeostat_record::WallClock> for Civil {
    fn from(wall: homeostat_record::WallClock) -> Self {
        Self(wall.unix_millis)
    }
}

/// The zone in which times are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// Its name, for example `CET`.
    pub name: String,
    /// Minutes east of Greenwich, -1440 to 1440.
    pub minutes_east: i32,
}

/// The clocks at the moment for which a view was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// Counts the device's starts; readings of different starts are never compared.
    pub boot: u32,
    /// The monotonic clock.
    pub now: At,
    /// Civil time, where it is known. It is shown and never computed with.
    pub civil: Option<Civil>,
    /// The zone.
    pub zone: Zone,
    /// How many times faster than life the device's clock runs: 1, except in tests.
    pub speed: u32,
    /// The device publishes a view at least this often (true time, whatever `speed` is). After
    /// twice as long without one the page says that the device does not answer.
    pub report_within: Length,
}

impl Clock {
    /// How long ago `at` was.
    #[must_use]
    pub const fn age(&self, at: At) -> Length {
        at.age(self.now)
    }

    /// `at` as `hh:mm:ss` in the zone of the view; `None` while civil time is unknown.
    #[must_use]
    pub fn time_of_day(&self, at: At) -> Option<String> {
        let Civil(now) = self.civil?;
        let apart = i64::try_from(i128::from(at.0) - i128::from(self.now.0)).ok()?;
        let zone = i64::from(self.zone.minutes_east) * 60_000;
        let local = now.checked_add(apart)?.checked_add(zone)?;
        let second = local.rem_euclid(86_400_000) / 1_000;
        Some(format!("{:02}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60))
    }
}

#[cfg(test)]
mod tests {
    use super::{At, Civil, Clock, Length, Zone};

    fn clock() -> Clock {
        Clock {
            boot: 3,
            now: At(7_200_000),
            civil: Some(Civil(1_770_000_000_000)),
            zone: Zone { name: "CET".to_owned(), minutes_east: 60 },
            speed: 1,
            report_within: Length::seconds(1),
        }
    }

    #[test]
    fn a_length_reads_as_people_say_it() {
        let said =
            [0, 119, 120, 7_199, 7_200, 172_799, 172_800].map(|s| Length::seconds(s).words());
        let expected = ["0 s", "119 s", "2 min", "119 min", "2 h", "47 h 59 min", "2 d 0 h"];
        assert_eq!(said, expected);
    }

    #[test]
    fn a_window_is_named_in_hours_where_it_is_whole_hours() {
        let named = [0, 59, 60, 90, 240, 1_440].map(|m| Length::minutes(m).window());
        assert_eq!(named, ["0 s", "59 min", "1 h", "90 min", "4 h", "24 h"]);
    }

    #[test]
    fn time_of_day_follows_the_zone_and_the_monotonic_distance() {
        // 1 770 000 000 s is 02:40:00 UTC.
        assert_eq!(clock().time_of_day(At(7_200_000)).as_deref(), Some("03:40:00"));
        assert_eq!(clock().time_of_day(At(0)).as_deref(), Some("01:40:00"));
        let west = Zone { name: "EST".to_owned(), minutes_east: -300 };
        let west = Clock { zone: west, ..clock() };
        assert_eq!(west.time_of_day(At(7_199_000)).as_deref(), Some("21:39:59"));
        assert_eq!(Clock { civil: None, ..clock() }.time_of_day(At(0)), None);
    }

    #[test]
    fn the_ends_of_time_are_shown_or_left_out_and_never_panic() {
        for civil in [i64::MIN, i64::MAX, -1, 0] {
            for at in [0, u64::MAX] {
                let clock = Clock { civil: Some(Civil(civil)), ..clock() };
                let shown = clock.time_of_day(At(at));
                assert!(shown.is_none_or(|text| text.len() == 8));
            }
        }
        assert_eq!(At(5).age(At(3)), Length(0));
    }
}
