//! Clocks in the store: started by what follows from findings and decisions, stopped by evidence.

use super::findings::FindingId;
use super::maker::Maker;
use super::{Office, time_of};
use crate::clock::{
    CalendarError, Clock, Happened, Row, Start, State, Stop, Table, ical, start as started,
};
use crate::harm::matrix::Class;
use crate::store::{Answer, StoreError, Trouble, kept, known};
use jiff::Timestamp;
use rusqlite::{Connection, params};

/// A clock of the store.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Running {
    /// Its number in the store.
    pub id: i64,
    /// The finding that it runs for.
    pub finding: FindingId,
    /// The clock; its subject names finding, vulnerability and product.
    pub clock: Clock,
}

/// A clock, and how it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// The clock.
    pub running: Running,
    /// How it stands.
    pub state: State,
}

impl Standing {
    /// How it stands, in a word or two.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self.state {
            State::NotStarted => "not started",
            State::Running(_) => "running",
            State::Half(_) => "half gone",
            State::Late(_) => "nearly gone",
            State::Overdue(_) => "overdue",
            State::Stopped { late: false, .. } => "stopped",
            State::Stopped { late: true, .. } => "stopped late",
        }
    }

    /// When it is due, if it ever started.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        match &self.state {
            State::NotStarted => None,
            State::Running(deadline)
            | State::Half(deadline)
            | State::Late(deadline)
            | State::Overdue(deadline)
            | State::Stopped { deadline, .. } => Some(deadline.due),
        }
    }
}

/// All clocks, or those of one finding, in the order in which they started.
pub(super) fn all(database: &Connection, of: Option<FindingId>) -> Answer<Vec<Running>> {
    // Two questions, so that the clocks of one finding are found by the index.
    let which = if of.is_some() { "WHERE finding = ?1" } else { "" };
    let words = format!(
        "SELECT clock.id, finding, clock.body, vulnerability, product FROM clock JOIN finding \
         ON finding.id = finding {which} ORDER BY clock.id"
    );
    let mut asked = database.prepare_cached(&words)?;
    let mut rows = asked.query(rusqlite::params_from_iter(of.map(|id| id.0)))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let finding = FindingId(row.get(1)?);
        let (name, product): (String, String) = (row.get(3)?, row.get(4)?);
        let clock: Row = known("clock", row.get_ref(2)?.as_str()?)?;
        let clock = Clock::new(clock, format!("{finding} {name} in {product}"));
        let id = row.get(0)?;
        found.push(Running { id, finding, clock: wound(database, id, clock)? });
    }
    Ok(found)
}

/// The clock with all that happened to it.
fn wound(database: &Connection, id: i64, mut clock: Clock) -> Answer<Clock> {
    let words =
        "SELECT kind, time, text, by, recorded FROM clock_event WHERE clock = ?1 ORDER BY seq";
    let mut asked = database.prepare_cached(words)?;
    let mut rows = asked.query([id])?;
    let trouble = |error: String| Trouble::new(format!("clock event of {id}"), error, "a time");
    while let Some(row) = rows.next()? {
        let (kind, time): (String, String) = (row.get(0)?, row.get(1)?);
        let time: Timestamp = time.parse().map_err(|error| trouble(format!("{error}")))?;
        let (text, by): (String, String) = (row.get(2)?, row.get(3)?);
        let recorded: String = row.get(4)?;
        let recorded = time_of(&recorded, time);
        let next = match kind.as_str() {
            "start" => clock.start(Start { time, reason: text, by, recorded }),
            _ => clock.stop(Stop { time, evidence: text }),
        };
        clock = next.map_err(|error| trouble(error.to_string()))?;
    }
    Ok(clock)
}

fn event(
    database: &Connection,
    clock: i64,
    (kind, time): (&str, Timestamp),
    (text, by): (&str, &str),
    recorded: Timestamp,
) -> Answer<()> {
    database
        .prepare_cached(
            "INSERT INTO clock_event (clock, kind, time, text, by, recorded) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![clock, kind, time.to_string(), text, by, recorded.to_string()])?;
    Ok(())
}

/// What a finding was for patients and is now; one that was not open was nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rise {
    pub(super) before: Class,
    pub(super) now: Class,
}

impl Rise {
    /// Whether a clock that ran and was stopped is done with what would start it.
    fn is_done(self, row: &Row, past: &Start, new: &Start) -> bool {
        match row.start.as_str() {
            "signal-received" | "learned-of-uncontrolled-vulnerability" => self.now <= self.before,
            "aware-of-active-exploitation" => self.before != Class::NotAffected,
            _ => (past.time, &past.reason) == (new.time, &new.reason),
        }
    }
}

/// Starts the clocks that what happened calls for, that do not run yet, and that did not run for the same before; those
/// that a person starts (no `rise`) start in any case. Says how many.
pub(super) fn begin(
    database: &Connection,
    (table, maker): (&Table, &Maker),
    finding: FindingId,
    (happened, rise): (&[Happened], Option<Rise>),
    (by, now): (&str, Timestamp),
) -> Answer<usize> {
    let wanted = started(table, happened, &maker.scopes, "", by, now)
        .map_err(|error| Trouble::new("clock", error.to_string(), "a clock that starts"))?;
    let there = all(database, Some(finding))?;
    let mut count = 0;
    for clock in wanted {
        let Some(start) = clock.history().first() else { continue };
        let same = there.iter().map(|one| &one.clock).filter(|one| one.row.id == clock.row.id);
        let enough = |one: &Clock| {
            let past = one.stopped().and(one.history().first());
            past.is_none_or(|past| rise.is_some_and(|rise| rise.is_done(&clock.row, past, start)))
        };
        if same.into_iter().any(enough) {
            continue;
        }
        database
            .prepare_cached("INSERT INTO clock (finding, row, body) VALUES (?1, ?2, ?3)")?
            .execute(params![finding.0, clock.row.id, kept(&clock.row)?])?;
        let id = database.last_insert_rowid();
        event(database, id, ("start", start.time), (&start.reason, &start.by), now)?;
        count += 1;
    }
    Ok(count)
}

/// Stops the running clocks of a finding that `which` names. Says how many.
pub(super) fn end(
    database: &Connection,
    finding: FindingId,
    which: impl Fn(&Row) -> bool,
    (evidence, by): (&str, &str),
    now: Timestamp,
) -> Answer<usize> {
    let mut count = 0;
    for one in all(database, Some(finding))? {
        if one.clock.stopped().is_none() && which(&one.clock.row) {
            event(database, one.id, ("stop", now), (evidence, by), now)?;
            count += 1;
        }
    }
    Ok(count)
}

/// Whether a clock has nothing more to run for when its finding is of a class. One that people started, because something
/// happened, runs until its own evidence.
pub(super) fn is_over(row: &Row, class: Class) -> bool {
    match row.start.as_str() {
        "signal-received" => true,
        "learned-of-uncontrolled-vulnerability" => class != Class::Uncontrolled,
        "aware-of-active-exploitation" => class == Class::NotAffected,
        _ => false,
    }
}

/// The clocks of a finding that still run are those of the finding that it is now.
pub(super) fn pass_on(database: &Connection, from: FindingId, to: FindingId) -> Answer<()> {
    let words = "UPDATE clock SET finding = ?2 WHERE finding = ?1 AND NOT EXISTS \
                 (SELECT 1 FROM clock_event WHERE clock = clock.id AND kind = 'stop')";
    database.prepare_cached(words)?.execute(params![from.0, to.0])?;
    Ok(())
}

impl Office {
    /// All clocks, the next one due first, those that were stopped last.
    ///
    /// # Errors
    /// If the store cannot be read or a time lies beyond the calendar.
    pub fn clocks(
        &self,
        of: Option<FindingId>,
        now: Timestamp,
    ) -> Result<Vec<Standing>, StoreError> {
        let running = self.store.read(|database| all(database, of))?;
        let calendars = self.beyond(self.memory.maker.calendars())?;
        let mut found = Vec::new();
        for running in running {
            let state = running.clock.state(now, calendars.of(&running.clock.row));
            let state = self.beyond(state)?;
            found.push(Standing { running, state });
        }
        found.sort_by_key(|one| (one.running.clock.stopped().is_some(), one.due(), one.running.id));
        Ok(found)
    }

    /// The running clocks as an iCalendar file.
    ///
    /// # Errors
    /// If the store cannot be read or a time lies beyond the calendar.
    pub fn ical(&self, now: Timestamp) -> Result<String, StoreError> {
        let running = self.store.read(|database| all(database, None))?;
        let clocks: Vec<Clock> = running.into_iter().map(|one| one.clock).collect();
        let calendars = self.beyond(self.memory.maker.calendars())?;
        self.beyond(ical(&clocks, now, |row| calendars.of(row)))
    }

    /// Stops a clock with its evidence.
    ///
    /// # Errors
    /// If there is no such clock, it does not run, or the evidence is empty.
    pub fn stop_clock(
        &mut self,
        id: i64,
        (time, evidence, by): (Timestamp, &str, &str),
        now: Timestamp,
    ) -> Result<Running, StoreError> {
        self.store.write(|database| {
            let found = all(database, None)?.into_iter().find(|one| one.id == id);
            let Some(mut found) = found else {
                let expected = "the number of a clock, as `homeostat vuln clocks` lists them";
                return Err(Trouble::new("clock", id, expected));
            };
            let stop = Stop { time, evidence: evidence.to_owned() };
            found.clock = found.clock.stop(stop).map_err(|error| {
                Trouble::new(format!("clock {id}"), error.found, error.expected)
            })?;
            event(database, id, ("stop", time), (evidence, by), now)?;
            Ok(found)
        })
    }

    /// Starts the clocks of a finding that wait for an event. Says how many.
    ///
    /// # Errors
    /// If there is no such finding, no clock of the maker's scopes waits for the event, or nobody is named.
    pub fn start_clocks(
        &mut self,
        finding: FindingId,
        happened: &Happened,
        by: &str,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let table = Table::shipped();
        let Self { store, memory } = self;
        let maker = &memory.maker;
        let rows = table.rows.iter().filter(|row| maker.scopes.contains(&row.scope));
        let events: std::collections::BTreeSet<&str> = rows.map(|row| row.start.as_str()).collect();
        store.write(|database| {
            super::findings::get(database, finding)?;
            if !events.contains(happened.event.as_str()) {
                let all: Vec<&str> = events.iter().copied().collect();
                return Err(Trouble::new("event", &happened.event, all.join(", ")));
            }
            let happened = (std::slice::from_ref(happened), None);
            begin(database, (&table, maker), finding, happened, (by, now))
        })
    }

    fn beyond<T>(&self, result: Result<T, CalendarError>) -> Result<T, StoreError> {
        result.map_err(|error| StoreError::Unexpected {
            file: self.store.file().to_owned(),
            what: error.what,
            found: error.found,
            expected: error.expected,
        })
    }
}
