//! Times as files write them.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Whether a date of two small numbers puts the day or the month first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DateOrder {
    /// 31-12-2025.
    DayFirst,
    /// 12-31-2025.
    MonthFirst,
}

/// A time in a row: wall time, and the offset from UTC where the row tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WallTime {
    pub(super) local: DateTime,
    pub(super) offset: Option<Offset>,
}

impl WallTime {
    pub(super) fn instant(&self) -> Option<Timestamp> {
        self.offset?.to_timestamp(self.local).ok()
    }

    /// The wall time of an instant at an offset.
    pub(super) fn at(instant: Timestamp, offset: Offset) -> Self {
        Self { local: offset.to_datetime(instant), offset: Some(offset) }
    }
}

/// A time whose numbers are read and whose day and month may still change places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// Year first: no doubt.
    Sure(WallTime),
    /// Two small numbers, then the year. `american` when an AM or PM follows.
    Pair { first: i8, second: i8, year: i16, time: Time, american: bool, dotted: bool },
}

impl Written {
    pub(super) fn resolve(self, order: DateOrder) -> Option<WallTime> {
        match self {
            Self::Sure(time) => Some(time),
            Self::Pair { first, second, year, time, .. } => {
                let (month, day) = match order {
                    DateOrder::DayFirst => (second, first),
                    DateOrder::MonthFirst => (first, second),
                };
                let date = Date::new(year, month, day).ok()?;
                Some(WallTime { local: date.to_datetime(time), offset: None })
            }
        }
    }
}

/// Reads a time: `2025-12-31T23:59:58.123+01:00` (space or T, seconds, fraction and offset
/// optional, `/` for `-`), or `31-12-2025 23:59`, `12/31/2025 11:59 PM`, `31.12.2025 23:59`.
pub(super) fn read_time(field: &str) -> Option<Written> {
    let text = field.trim();
    let mut cursor = Cursor { rest: text };
    let (first, first_digits) = cursor.number()?;
    let separator = cursor.one_of(&['-', '/', '.'])?;
    let (second, _) = cursor.number()?;
    cursor.one_of(&[separator])?;
    let (third, third_digits) = cursor.number()?;
    let (time, american, offset) = cursor.time_and_offset()?;
    if first_digits == 4 {
        let date = Date::new(first, i8::try_from(second).ok()?, i8::try_from(third).ok()?).ok()?;
        return Some(Written::Sure(WallTime { local: date.to_datetime(time), offset }));
    }
    let year = match third_digits {
        4 => third,
        2 => 2000 + third,
        _ => return None,
    };
    Some(Written::Pair {
        first: i8::try_from(first).ok()?,
        second: i8::try_from(second).ok()?,
        year,
        time,
        american,
        dotted: separator == '.',
    })
}

struct Cursor<'text> {
    rest: &'text str,
}

impl Cursor<'_> {
    /// A number of one to four digits and how many they were.
    fn number(&mut self) -> Option<(i16, usize)> {
        let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        if !(1..=4).contains(&digits) {
            return None;
        }
        let (number, rest) = self.rest.split_at(digits);
        self.rest = rest;
        Some((number.parse().ok()?, digits))
    }

    fn one_of(&mut self, wanted: &[char]) -> Option<char> {
        let found = self.rest.chars().next().filter(|c| wanted.contains(c))?;
        self.rest = &self.rest[found.len_utf8()..];
        Some(found)
    }

    /// The rest of a time, which must use up the text.
    fn time_and_offset(&mut self) -> Option<(Time, bool, Option<Offset>)> {
        if self.rest.trim().is_empty() {
            return None;
        }
        self.one_of(&['T', 't', ' '])?;
        self.rest = self.rest.trim_start();
        let hour = i8::try_from(self.number()?.0).ok()?;
        self.one_of(&[':', '.'])?;
        let minute = i8::try_from(self.number()?.0).ok()?;
        let mut second = 0;
        if self.one_of(&[':', '.']).is_some() {
            second = i8::try_from(self.number()?.0).ok()?;
            if self.one_of(&['.', ',']).is_some() {
                self.rest = self.rest.trim_start_matches(|c: char| c.is_ascii_digit());
            }
        }
        if second > 60 {
            return None;
        }
        self.rest = self.rest.trim_start();
        let (hour, american) = self.half_day(hour)?;
        // A leap second is read as the second before it.
        let time = Time::new(hour, minute, second.min(59), 0).ok()?;
        let offset = self.offset()?;
        self.rest.trim().is_empty().then_some((time, american, offset))
    }

    /// Applies a following AM or PM.
    fn half_day(&mut self, hour: i8) -> Option<(i8, bool)> {
        let Some(mark) = self.rest.get(..2) else { return Some((hour, false)) };
        let afternoon = match mark.to_ascii_lowercase().as_str() {
            "am" => false,
            "pm" => true,
            _ => return Some((hour, false)),
        };
        self.rest = &self.rest[2..];
        match (hour, afternoon) {
            (1..=11, false) | (12, true) => Some((hour, true)),
            (12, false) => Some((0, true)),
            (1..=11, true) => Some((hour + 12, true)),
            _ => None,
        }
    }

    /// `Z`, `+01:00`, `+0100`, `+01` or nothing. `None` when something else stands there.
    fn offset(&mut self) -> Option<Option<Offset>> {
        if self.rest.is_empty() {
            return Some(None);
        }
        if self.one_of(&['Z', 'z']).is_some() {
            return Some(Some(Offset::UTC));
        }
        let sign = if self.one_of(&['+', '-'])? == '-' { -1 } else { 1 };
        let (number, digits) = self.number()?;
        let number = i32::from(number);
        let (hours, minutes) = match digits {
            3 | 4 => (number / 100, number % 100),
            _ if self.one_of(&[':']).is_some() => (number, i32::from(self.number()?.0)),
            _ => (number, 0),
        };
        if hours > 15 || minutes > 59 {
            return None;
        }
        Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok().map(Some)
    }
}

/// Seconds from one wall time to another.
pub(super) fn seconds_between(from: DateTime, to: DateTime) -> i64 {
    let distance: SignedDuration = to.duration_since(from);
    distance.as_secs()
}
