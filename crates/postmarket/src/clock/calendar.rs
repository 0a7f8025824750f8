//! When a period ends: hours, calendar days, working days and months, in a time zone, with holidays.

use super::table::{Jurisdiction, Limit, Row};
use jiff::civil::{Date, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Span, Timestamp, Zoned};
use serde::Deserialize;
use std::collections::BTreeSet;

const SHIPPED: &str = include_str!("holidays.toml");

/// A time zone with its holidays.
#[derive(Clone, PartialEq, Debug)]
pub struct Calendar {
    zone: TimeZone,
    holidays: BTreeSet<Date>,
    years: BTreeSet<i16>,
}

/// A zone or calendar that is not there, or a time beyond the calendar.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("calendar: {what} \"{found}\"; expected {expected}")]
pub struct CalendarError {
    /// Zone, holidays or time.
    pub what: String,
    /// What was given.
    pub found: String,
    /// What was expected.
    pub expected: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    calendar: Vec<RawCalendar>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCalendar {
    id: String,
    #[expect(dead_code, reason = "for the reader of the file")]
    source: String,
    years: Vec<i16>,
    days: Vec<String>,
}

impl Calendar {
    /// A zone of the IANA database (built in, so that it is the same everywhere) and holidays of those shipped.
    ///
    /// # Errors
    /// If there is no such zone or calendar.
    pub fn of(zone: &str, holidays: &str) -> Result<Self, CalendarError> {
        Self::read(zone, holidays, SHIPPED)
    }

    /// The same with holidays from a file in the form of the shipped one.
    ///
    /// # Errors
    /// If there is no such zone or calendar, or a day is none.
    pub fn read(zone: &str, holidays: &str, text: &str) -> Result<Self, CalendarError> {
        let refuse = |what: &str, found: &str, expected: &str| CalendarError {
            what: what.to_owned(),
            found: found.to_owned(),
            expected: expected.to_owned(),
        };
        let file: File = toml::from_str(text)
            .map_err(|error| refuse("holidays", error.message(), "a file of holidays"))?;
        let found = file.calendar.into_iter().find(|calendar| calendar.id == holidays);
        let raw = found
            .ok_or_else(|| refuse("holidays", holidays, "the id of a calendar in the file"))?;
        let day = |text: &String| {
            text.parse::<Date>().map_err(|_| refuse("holiday", text, "a day, YYYY-MM-DD"))
        };
        let zone = TimeZoneDatabase::bundled().get(zone).map_err(|_| {
            refuse("time zone", zone, "a name of the IANA database, such as Europe/Berlin")
        })?;
        Ok(Self {
            zone,
            holidays: raw.days.iter().map(day).collect::<Result<_, _>>()?,
            years: raw.years.into_iter().collect(),
        })
    }

    fn is_working(&self, day: Date) -> bool {
        !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
            && !self.holidays.contains(&day)
    }

    fn knows(&self, day: Date) -> bool {
        self.years.contains(&day.year())
    }

    /// The end of a day: the first instant of the next.
    fn end_of(&self, day: Date) -> Result<Timestamp, jiff::Error> {
        Ok(day.tomorrow()?.to_zoned(self.zone.clone())?.timestamp())
    }
}

/// When a clock ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Deadline {
    /// Counted plainly, without what a rule adds: reminders and plans hold to this one.
    pub plain: Timestamp,
    /// As the law counts. Later than this is overdue.
    pub due: Timestamp,
    /// A year was counted for which no holidays are known, as if it had none.
    pub without_holidays: bool,
}

/// When a clock that started at a time ends.
///
/// In the Union, Regulation (EEC, Euratom) 1182/71, Article 3 holds: the hour or day of the event does not count
/// (1); a month ends on the day of the same date (2)(c); a period that does not run in hours and would end on a weekend or
/// holiday ends with the next working day (4); one of two days or more holds at least two working days (5).
///
/// # Errors
/// If the time lies beyond the calendar (year 9999).
pub fn deadline(
    row: &Row,
    start: Timestamp,
    calendar: &Calendar,
) -> Result<Deadline, CalendarError> {
    count(row, start, calendar).map_err(|error| CalendarError {
        what: "time".to_owned(),
        found: format!("{start}: {error}"),
        expected: "a time whose period ends before the year 9999".to_owned(),
    })
}

fn count(row: &Row, start: Timestamp, calendar: &Calendar) -> Result<Deadline, jiff::Error> {
    let local = start.to_zoned(calendar.zone.clone());
    let union = row.jurisdiction == Jurisdiction::Eu;
    let last = match row.limit {
        Limit::Before(_) => {
            return Ok(Deadline { plain: start, due: start, without_holidays: false });
        }
        Limit::Hours(hours) => return in_hours(&local, hours, union),
        Limit::Days(days) => local.date().checked_add(Span::new().days(days))?,
        Limit::Months(months) => local.date().checked_add(Span::new().months(months))?,
        Limit::WorkingDays(days) => working_days(calendar, local.date(), days)?,
    };
    let legal = if union && !matches!(row.limit, Limit::WorkingDays(_)) {
        extended(calendar, local.date(), last)?
    } else {
        last
    };
    let holidays_matter = union || matches!(row.limit, Limit::WorkingDays(_));
    Ok(Deadline {
        plain: calendar.end_of(last)?,
        due: calendar.end_of(legal)?,
        without_holidays: holidays_matter
            && !(calendar.knows(local.date()) && calendar.knows(legal)),
    })
}

/// Hours run on through nights, weekends and holidays.
fn in_hours(start: &Zoned, hours: u16, union: bool) -> Result<Deadline, jiff::Error> {
    let span = Span::new().hours(hours);
    let plain = start.timestamp().checked_add(span)?;
    let due = if union {
        let next_hour = start.with().minute(0).second(0).subsec_nanosecond(0).build()?;
        next_hour.timestamp().checked_add(Span::new().hours(1))?.checked_add(span)?
    } else {
        plain
    };
    Ok(Deadline { plain, due, without_holidays: false })
}

fn working_days(calendar: &Calendar, start: Date, days: u16) -> Result<Date, jiff::Error> {
    let mut day = start;
    let mut left = days;
    // Bounded: the shipped calendars have at least two working days in any week.
    while left > 0 {
        day = day.tomorrow()?;
        if calendar.is_working(day) {
            left -= 1;
        }
    }
    Ok(day)
}

fn extended(calendar: &Calendar, start: Date, last: Date) -> Result<Date, jiff::Error> {
    let mut end = last;
    while !calendar.is_working(end) {
        end = end.tomorrow()?;
    }
    let counts = |end: Date| {
        let days = start.tomorrow()?.series(Span::new().days(1)).take_while(|day| *day <= end);
        Ok::<_, jiff::Error>(days.take(40).filter(|day| calendar.is_working(*day)).count())
    };
    let two_days_or_more = last > start.tomorrow()?;
    while two_days_or_more && counts(end)? < 2 {
        end = end.tomorrow()?;
        while !calendar.is_working(end) {
            end = end.tomorrow()?;
        }
    }
    Ok(end)
}
