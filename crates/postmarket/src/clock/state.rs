//! A running clock, and how it stands at a time.

use super::calendar::{Calendar, CalendarError, Deadline, deadline};
use super::table::{Limit, Row};
use jiff::Timestamp;

/// When a clock was said to have started. Corrections are added and nothing is taken away.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Start {
    /// The event: in vigilance the first awareness of any employee or representative.
    pub time: Timestamp,
    /// What happened, or why it was corrected.
    pub reason: String,
    /// Who says so.
    pub by: String,
    /// When he said so.
    pub recorded: Timestamp,
}

/// What stopped a clock.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stop {
    /// When it was done.
    pub time: Timestamp,
    /// The evidence: reference, document, digest.
    pub evidence: String,
    /// Who says so.
    pub by: String,
    /// When he said so.
    pub recorded: Timestamp,
}

/// A clock for one subject (a decision, an incident).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clock {
    /// Which clock.
    pub row: Row,
    /// What it runs for.
    pub subject: String,
    starts: Vec<Start>,
    stop: Option<Stop>,
}

/// How a clock stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum State {
    /// The event is not known to have happened yet.
    NotStarted,
    /// It runs; less than half of the time is gone.
    Running(Deadline),
    /// Half of the time is gone.
    Half(Deadline),
    /// 80 % of the time are gone.
    Late(Deadline),
    /// The time is gone: the check fails.
    Overdue(Deadline),
    /// It was stopped, with evidence.
    Stopped {
        /// When it was due.
        deadline: Deadline,
        /// It was stopped after that.
        late: bool,
    },
}

/// A start or stop that cannot be taken.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("clock {id} for {subject}: {found}; expected {expected}")]
pub struct ClockError {
    /// The clock.
    pub id: String,
    /// Its subject.
    pub subject: String,
    /// What was given.
    pub found: String,
    /// What was expected.
    pub expected: String,
}

impl Clock {
    /// A clock that does not run yet.
    #[must_use]
    pub fn new(row: Row, subject: impl Into<String>) -> Self {
        Self::kept(row, subject, Vec::new(), None)
    }

    /// A clock with what was said of it, as it was kept.
    pub(crate) fn kept(
        row: Row,
        subject: impl Into<String>,
        starts: Vec<Start>,
        stop: Option<Stop>,
    ) -> Self {
        Self { row, subject: subject.into(), starts, stop }
    }

    /// It runs towards an event that is planned, so that its start lies ahead.
    fn is_planned(&self) -> bool {
        matches!(self.row.limit, Limit::Before(_))
    }

    fn refuse<T>(&self, found: &str, expected: &str) -> Result<T, ClockError> {
        Err(ClockError {
            id: self.row.id.clone(),
            subject: self.subject.clone(),
            found: found.to_owned(),
            expected: expected.to_owned(),
        })
    }

    /// Starts the clock, or corrects its start to an earlier or later time. What was said before is kept.
    ///
    /// # Errors
    /// If no reason or person is named, the event lies in the future or after the clock's stop, or the correction was
    /// recorded before what it corrects.
    pub fn start(mut self, start: Start) -> Result<Self, ClockError> {
        if start.reason.trim().is_empty() || start.by.trim().is_empty() {
            return self.refuse("no reason or no person", "why, and who says so");
        }
        if self.starts.last().is_some_and(|before| start.recorded < before.recorded) {
            return self.refuse(
                "a correction recorded before what it corrects",
                "corrections in their order",
            );
        }
        if !self.is_planned() {
            if start.time > start.recorded {
                return self.refuse(
                    &format!("a start at {}", start.time),
                    &format!("a time not after {}, when it is said", start.recorded),
                );
            }
            if let Some(stop) = self.stop.as_ref().filter(|stop| start.time > stop.time) {
                return self.refuse(
                    &format!("a start at {}", start.time),
                    &format!("a time not after its stop, {}", stop.time),
                );
            }
        }
        self.starts.push(start);
        Ok(self)
    }

    /// Stops the clock.
    ///
    /// # Errors
    /// If it does not run, was stopped already, no evidence or person is named, or the time lies before its start or in
    /// the future.
    pub fn stop(mut self, stop: Stop) -> Result<Self, ClockError> {
        if stop.evidence.trim().is_empty() {
            let expected = self.row.stop.clone();
            return self.refuse("no evidence", &expected);
        }
        if stop.by.trim().is_empty() {
            return self.refuse("nobody", "a named person who stops it");
        }
        let Some(start) = self.starts.last() else {
            return self.refuse("a stop before any start", "a clock that runs");
        };
        if stop.time > stop.recorded || (stop.time < start.time && !self.is_planned()) {
            let expected = format!("a time from {} to {}", start.time, stop.recorded);
            return self.refuse(&format!("a stop at {}", stop.time), &expected);
        }
        if self.stop.is_some() {
            return self.refuse("a second stop", "a clock that runs");
        }
        self.stop = Some(stop);
        Ok(self)
    }

    /// Every start that was said, oldest first; the last holds.
    #[must_use]
    pub fn history(&self) -> &[Start] {
        &self.starts
    }

    /// What stopped it.
    #[must_use]
    pub fn stopped(&self) -> Option<&Stop> {
        self.stop.as_ref()
    }

    /// When it is due; `None` if it has not started.
    ///
    /// # Errors
    /// If the time lies beyond the calendar.
    pub fn deadline(&self, calendar: &Calendar) -> Result<Option<Deadline>, CalendarError> {
        self.starts.last().map(|start| deadline(&self.row, start.time, calendar)).transpose()
    }

    /// The time at which a share of the time is gone, counted plainly.
    ///
    /// # Errors
    /// If the time lies beyond the calendar.
    pub fn share_gone(
        &self,
        percent: u8,
        calendar: &Calendar,
    ) -> Result<Option<Timestamp>, CalendarError> {
        let (Some(start), Some(end)) = (self.starts.last(), self.deadline(calendar)?) else {
            return Ok(None);
        };
        let whole = end.plain.as_second() - start.time.as_second();
        let second = start.time.as_second()
            + whole / 100 * i64::from(percent)
            + whole % 100 * i64::from(percent) / 100;
        Ok(Timestamp::from_second(second).ok())
    }

    /// How it stands.
    ///
    /// # Errors
    /// If the time lies beyond the calendar.
    pub fn state(&self, now: Timestamp, calendar: &Calendar) -> Result<State, CalendarError> {
        let Some(deadline) = self.deadline(calendar)? else { return Ok(State::NotStarted) };
        if let Some(stop) = &self.stop {
            return Ok(State::Stopped { deadline, late: stop.time > deadline.due });
        }
        let gone = |percent| {
            Ok::<_, CalendarError>(self.share_gone(percent, calendar)?.is_some_and(|at| now >= at))
        };
        Ok(if now > deadline.due {
            State::Overdue(deadline)
        } else if gone(80)? {
            State::Late(deadline)
        } else if gone(50)? {
            State::Half(deadline)
        } else {
            State::Running(deadline)
        })
    }
}

/// The clocks that are overdue: if there is one, the check fails.
///
/// # Errors
/// If a time lies beyond the calendar.
pub fn overdue<'a>(
    clocks: &'a [Clock],
    now: Timestamp,
    calendar: impl Fn(&Row) -> &'a Calendar,
) -> Result<Vec<&'a Clock>, CalendarError> {
    let mut found = Vec::new();
    for clock in clocks {
        if matches!(clock.state(now, calendar(&clock.row))?, State::Overdue(_)) {
            found.push(clock);
        }
    }
    Ok(found)
}
