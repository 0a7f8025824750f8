//! Legal clocks: what must be done until when, since when, and what stops it.
//!
//! The clocks are a table of data with legal source and paragraph. This module computes and reminds; it files
//! nothing. Time comes in as an argument.

mod calendar;
mod ical;
mod start;
mod state;
mod table;

pub use calendar::{Calendar, CalendarError, Deadline, deadline};
pub use ical::ical;
pub use start::{Happened, Incident, happened, start};
pub use state::{Clock, ClockError, Start, State, Stop, overdue};
pub use table::{Jurisdiction, Legal, Limit, Row, Table, TableError};

#[cfg(test)]
mod tests;
