//! Clocks in the store: started by what follows from findings and decisions, stopped by evidence.

use super::findings::FindingId;
use super::{Office, time_of};
use crate::clock::{
    CalendarError, Clock, ClockError, Deadline, Happened, Row, Start, State, Stop, Table, ical,
    start as started,
};
use crate::harm::matrix::Class;
use crate::store::{Answer, StoreError, Trouble, kept, known};
use jiff::Timestamp;
use rusqlite::{Connection, params};
use std::collections::{BTreeMap, BTreeSet};

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
        self.deadline().map(|deadline| deadline.due)
    }

    /// Its end as the law counts and plainly, if it ever started.
    #[must_use]
    pub fn deadline(&self) -> Option<&Deadline> {
        match &self.state {
            State::NotStarted => None,
            State::Running(deadline)
            | State::Half(deadline)
            | State::Late(deadline)
            | State::Overdue(deadline)
            | State::Stopped { deadline, .. } => Some(deadline),
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
        let (id, clock) = (row.get(0)?, known("clock", row.get_ref(2)?.as_str()?)?);
        let subject = format!("{finding} {name} in {product}");
        found.push(Running { id, finding, clock: wound(database, id, clock, subject)? });
    }
    Ok(found)
}

/// The clock with all that happened to it.
fn wound(database: &Connection, id: i64, row: Row, subject: String) -> Answer<Clock> {
    let words =
        "SELECT kind, time, text, by, recorded FROM clock_event WHERE clock = ?1 ORDER BY seq";
    let mut asked = database.prepare_cached(words)?;
    let mut rows = asked.query([id])?;
    let (mut starts, mut stop) = (Vec::new(), None);
    while let Some(row) = rows.next()? {
        let (kind, time): (String, String) = (row.get(0)?, row.get(1)?);
        let time: Timestamp = time
            .parse()
            .map_err(|error| Trouble::new(format!("clock event of {id}"), error, "a time"))?;
        let (text, by): (String, String) = (row.get(2)?, row.get(3)?);
        let recorded: String = row.get(4)?;
        let recorded = time_of(&recorded, time);
        match kind.as_str() {
            "start" => starts.push(Start { time, reason: text, by, recorded }),
            _ => stop = Some(Stop { time, evidence: text, by, recorded }),
        }
    }
    Ok(Clock::kept(row, subject, starts, stop))
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
    /// It was said to be exploited: a sign that was withdrawn may come back.
    pub(super) was_exploited: bool,
    /// It is said to be attacked, and was not a moment before: what clocks of an attack that was withdrawn were stopped
    /// with is no evidence for this one.
    pub(super) attacked_anew: bool,
}

impl Rise {
    /// Whether a clock that ran and was stopped is done with what would start it.
    fn is_done(self, row: &Row) -> bool {
        match row.start.as_str() {
            "aware-of-active-exploitation" => {
                self.was_exploited && self.before != Class::NotAffected
            }
            _ => self.now <= self.before,
        }
    }
}

/// Whether the clocks of an event follow from what a finding is; any other event is one that people know of.
pub(super) fn follows(event: &str) -> bool {
    matches!(
        event,
        "signal-received"
            | "learned-of-uncontrolled-vulnerability"
            | "aware-of-active-exploitation"
    )
}

/// Whether a clock that is there is the one that `new` would start: the one that follows from the finding (`rise`), or one
/// that was said to start then and for that.
fn is_there(there: &Clock, new: &Start, rise: Option<Rise>) -> bool {
    match rise.filter(|_| follows(&there.row.start)) {
        Some(rise) => there.stopped().is_none() || rise.is_done(&there.row),
        None if there.stopped().is_some() && rise.is_some_and(|rise| rise.attacked_anew) => false,
        None => {
            let said = there.history().iter();
            said.into_iter().any(|past| (past.time, &past.reason) == (new.time, &new.reason))
        }
    }
}

/// Starts the clocks that what happened calls for and that are not there yet. What a person says (no `rise`) is an event
/// of its own whenever its time or its reason is another. Says how many.
pub(super) fn begin(
    database: &Connection,
    (table, scopes): (&Table, &BTreeSet<String>),
    finding: FindingId,
    (happened, rise): (&[Happened], Option<Rise>),
    (by, now): (&str, Timestamp),
) -> Answer<usize> {
    let wanted = started(table, happened, scopes, "", by, now)
        .map_err(|error| Trouble::new("clock", error.found, error.expected))?;
    let there = all(database, Some(finding))?;
    let mut count = 0;
    for clock in wanted {
        let Some(start) = clock.history().first() else { continue };
        let mut same = there.iter().filter(|one| one.clock.row.id == clock.row.id);
        if same.any(|one| is_there(&one.clock, start, rise)) {
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

/// Whether a clock runs, and ran already at a time: what was decided then says nothing of one that began after it.
fn ran(clock: &Clock, time: Timestamp) -> bool {
    let start = clock.history().last();
    clock.stopped().is_none() && start.is_some_and(|start| start.time <= time)
}

/// Corrects the start of the clocks that follow from a finding and run, where a person says with a decision that the maker
/// learned earlier than they began: the law counts from when it did, also for a clock that the decision stops. What was read
/// after the time of the decision was read then. What was said before is kept. Says how many.
pub(super) fn begin_earlier(
    database: &Connection,
    finding: FindingId,
    (learned, time): (Timestamp, Timestamp),
    (by, now): (&str, Timestamp),
) -> Answer<usize> {
    let mut count = 0;
    for one in all(database, Some(finding))? {
        let row = &one.clock.row;
        let read_later = row.start == "signal-received" && !ran(&one.clock, time);
        if !follows(&row.start) || one.clock.stopped().is_some() || read_later {
            continue;
        }
        let Some(start) = one.clock.history().last() else { continue };
        if learned < start.time {
            let reason = format!("learned of earlier: {}", start.reason);
            event(database, one.id, ("start", learned), (&reason, by), now)?;
            count += 1;
        }
    }
    Ok(count)
}

/// Stops the clocks of a finding that `which` names and that run at a time. Says how many.
pub(super) fn end(
    database: &Connection,
    finding: FindingId,
    which: impl Fn(&Row) -> bool,
    (evidence, by): (&str, &str),
    (time, now): (Timestamp, Timestamp),
) -> Answer<usize> {
    let mut count = 0;
    for one in all(database, Some(finding))? {
        if ran(&one.clock, time) && which(&one.clock.row) {
            event(database, one.id, ("stop", time), (evidence, by), now)?;
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

/// The clocks of a finding that still run are those of the finding that it is now. Of two that follow from it by one row,
/// the one that began first runs on, and the other is stopped. Says how many.
pub(super) fn pass_on(
    database: &Connection,
    (from, to): (FindingId, FindingId),
    (by, now): (&str, Timestamp),
) -> Answer<usize> {
    let words = "UPDATE clock SET finding = ?2 WHERE finding = ?1 AND NOT EXISTS \
                 (SELECT 1 FROM clock_event WHERE clock = clock.id AND kind = 'stop')";
    database.prepare_cached(words)?.execute(params![from.0, to.0])?;
    let mut running = all(database, Some(to))?;
    running.retain(|one| one.clock.stopped().is_none() && follows(&one.clock.row.start));
    running.sort_by_key(|one| (one.clock.history().last().map(|start| start.time), one.id));
    let mut first: BTreeMap<String, i64> = BTreeMap::new();
    let mut count = 0;
    for one in running {
        let row = one.clock.row.id.clone();
        let Some(other) = first.get(&row) else {
            first.insert(row, one.id);
            continue;
        };
        let evidence = format!("{from} is {to} now, and its clock {other} began before");
        event(database, one.id, ("stop", now), (&evidence, by), now)?;
        count += 1;
    }
    Ok(count)
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
        let clocks: Vec<_> = running.into_iter().map(|one| (one.id, one.clock)).collect();
        let calendars = self.beyond(self.memory.maker.calendars())?;
        self.beyond(ical(&clocks, now, |row| calendars.of(row)))
    }

    /// Stops a clock with its evidence.
    ///
    /// # Errors
    /// If there is no such clock, it does not run, evidence or person are missing, or the time lies before its start or
    /// after now.
    pub fn stop_clock(
        &mut self,
        id: i64,
        (time, evidence, by): (Timestamp, &str, &str),
        now: Timestamp,
    ) -> Result<Running, StoreError> {
        let (evidence, by) = (evidence.to_owned(), by.to_owned());
        let stop = Stop { time, evidence: evidence.clone(), by: by.clone(), recorded: now };
        let stopped = |clock: Clock| clock.stop(stop);
        self.turn(id, stopped, ("stop", time), (&evidence, &by), now)
    }

    /// Corrects the start of a clock: what was said before is kept, and this one holds.
    ///
    /// # Errors
    /// If there is no such clock, reason or person are missing, or the time lies after its stop or after now.
    pub fn correct_clock(
        &mut self,
        id: i64,
        (time, reason, by): (Timestamp, &str, &str),
        now: Timestamp,
    ) -> Result<Running, StoreError> {
        let (reason, by) = (reason.to_owned(), by.to_owned());
        let start = Start { time, reason: reason.clone(), by: by.clone(), recorded: now };
        let started = |clock: Clock| clock.start(start);
        self.turn(id, started, ("start", time), (&reason, &by), now)
    }

    /// Changes a clock and notes it.
    fn turn(
        &mut self,
        id: i64,
        change: impl FnOnce(Clock) -> Result<Clock, ClockError>,
        what: (&str, Timestamp),
        said: (&str, &str),
        now: Timestamp,
    ) -> Result<Running, StoreError> {
        self.store.write(|database| {
            let found = all(database, None)?.into_iter().find(|one| one.id == id);
            let Some(mut found) = found else {
                let expected = "the number of a clock, as `homeostat vuln clocks` lists them";
                return Err(Trouble::new("clock", id, expected));
            };
            found.clock = change(found.clock).map_err(|error| {
                Trouble::new(format!("clock {id}"), error.found, error.expected)
            })?;
            event(database, id, what, said, now)?;
            Ok(found)
        })
    }

    /// Starts the clocks of a finding that wait for an event. Says how many: none where the same was said before.
    ///
    /// # Errors
    /// If there is no such finding, no clock of the product's scopes waits for the event, no reason or nobody is named, or
    /// the time lies after now.
    pub fn start_clocks(
        &mut self,
        finding: FindingId,
        happened: &Happened,
        by: &str,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let Self { store, memory } = self;
        store.write(|database| {
            let scopes = memory.scopes(&super::findings::get(database, finding)?.product);
            let rows = memory.clocks.rows.iter().filter(|row| scopes.contains(&row.scope));
            let events: BTreeSet<&str> = rows.map(|row| row.start.as_str()).collect();
            if !events.contains(happened.event.as_str()) {
                let all: Vec<&str> = events.iter().copied().collect();
                return Err(Trouble::new("event", &happened.event, all.join(", ")));
            }
            let happened = (std::slice::from_ref(happened), None);
            begin(database, (&memory.clocks, scopes), finding, happened, (by, now))
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
