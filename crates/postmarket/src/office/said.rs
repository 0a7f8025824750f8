//! What feeds say comes into the store: advisories with every revision, signs, assertions.

use super::{Memory, Office, attacks, count, findings};
use crate::feed::mirror::Listed;
use crate::feed::{Advisory, Assertion, Event, Intake, Signal, SignalKind, Sink};
use crate::harm::canonical::digest;
use crate::matching::{Delta, Taken};
use crate::store::{Answer, StoreError, kept};
use rusqlite::{Connection, OptionalExtension as _, params};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// What became of the files of a round. Records in are records taken and rejected; statements about products in the
/// new and changed advisories are those matched, dismissed by somebody, and queued for a person.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Round {
    /// Files that were taken.
    pub files: usize,
    /// Files whose bytes were taken before: they say the same.
    pub files_known: usize,
    /// Everything else, over all files that were taken.
    pub taken: Taken,
}

impl Round {
    fn add(&mut self, one: Taken) {
        let all = &mut self.taken;
        self.files += 1;
        all.records += one.records;
        all.rejected.extend(one.rejected);
        all.new += one.new;
        all.changed += one.changed;
        all.same += one.same;
        all.stale += one.stale;
        all.ahead += one.ahead;
        all.signals += one.signals;
        all.assertions += one.assertions;
        all.products.products += one.products.products;
        all.products.matched += one.products.matched;
        all.products.dismissed += one.products.dismissed;
        all.products.queued += one.products.queued;
        all.deltas.extend(one.deltas);
    }
}

impl Office {
    /// Whether the newest file of this name that was taken had these bytes, was read by these rules, and to its end. One
    /// with records that could not be read, or that lie ahead of the present, is read again each time, so that nobody misses
    /// why and nothing is left out for good.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn has_taken(&self, listed: &Listed) -> Result<bool, StoreError> {
        self.store.read(|database| Ok(taken(database, &self.memory, listed)? == Some(0)))
    }

    /// Whether any feed ever said anything of a product: without that nothing can be found.
    #[must_use]
    pub fn knows_advisories(&self) -> bool {
        self.memory.watch.book().advisories().next().is_some()
    }

    /// Takes what an adapter reads of a file, all of it or nothing. `learned` is when the maker came to know it: the time
    /// at which the file was fetched. A revision from after `now` gives way to any other; every other one stays against
    /// what an older mirror brings.
    ///
    /// # Errors
    /// If the store cannot be written: the office is then to be opened again.
    pub fn take(
        &mut self,
        listed: &Listed,
        read: impl FnOnce(&mut Sink<'_>) -> Intake,
        (learned, now): (&str, &str),
        round: &mut Round,
    ) -> Result<(), StoreError> {
        let taken = self.change(|database, memory| {
            let mut said = Said::new(database);
            // Signs and assertions go to the store as they come, and nowhere else: they are many.
            let advisories = |to: &mut Sink<'_>| {
                read(&mut |event| match event {
                    Event::Advisory(_) => to(event),
                    other => said.keep(&other),
                })
            };
            memory.watch.set_now(now);
            let mut taken = memory.watch.take(advisories, learned);
            (taken.signals, taken.assertions) = said.done()?;
            for delta in &taken.deltas {
                if let Some(advisory) = memory.watch.book().advisory(delta.advisory) {
                    keep_advisory(database, delta.advisory.0, advisory, (&listed.name, now))?;
                }
            }
            findings::note(database, memory)?;
            unsettle(database, memory, &taken.deltas)?;
            keep_file(database, memory, listed, &taken, now)?;
            Ok(taken)
        })?;
        round.add(taken);
        Ok(())
    }
}

/// How many records of a file could not be read, if it is the newest of its name and was read by the rules of now.
fn taken(database: &Connection, memory: &Memory, listed: &Listed) -> Answer<Option<i64>> {
    let words = "SELECT digest = ?2 AND rules = ?3, rejected FROM feed_file WHERE name = ?1 \
                 ORDER BY seq DESC LIMIT 1";
    let mut asked = database.prepare_cached(words)?;
    let by = params![listed.name, listed.sha256, memory.mark];
    let newest = asked.query_row(by, |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    Ok(newest.and_then(|(same, rejected): (bool, i64)| same.then_some(rejected)))
}

fn keep_file(
    database: &Connection,
    memory: &Memory,
    listed: &Listed,
    one: &Taken,
    now: &str,
) -> Answer<()> {
    let rejected = count(one.rejected.len() + one.ahead);
    if taken(database, memory, listed)? == Some(rejected) {
        return Ok(());
    }
    database
        .prepare_cached(
            "INSERT INTO feed_file (name, digest, fetched, taken, rules, records, rejected) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            listed.name,
            listed.sha256,
            listed.fetched,
            now,
            memory.mark,
            count(one.records),
            rejected
        ])?;
    Ok(())
}

fn keep_advisory(
    database: &Connection,
    id: u32,
    advisory: &Advisory,
    (file, now): (&str, &str),
) -> Answer<()> {
    let body = kept(advisory)?;
    let digest = digest(body.as_bytes());
    database
        .prepare_cached(
            "INSERT INTO advisory VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (id) DO UPDATE SET digest = ?4, body = ?5",
        )?
        .execute(params![id, kept(&advisory.origin)?, advisory.id, digest, body])?;
    database
        .prepare_cached(
            "INSERT INTO revision (advisory, digest, modified, file, pointer, time) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![id, digest, advisory.modified, file, advisory.place.pointer, now])?;
    Ok(())
}

/// What an advisory says beside its verdicts, a vector, a name, may change what follows: for the components that it
/// speaks of, and for findings by any of its names.
fn unsettle(database: &Connection, memory: &Memory, deltas: &[Delta]) -> Answer<()> {
    let mut spoken_of = database.prepare_cached(
        "INSERT OR IGNORE INTO unsettled SELECT component FROM verdict WHERE advisory = ?1",
    )?;
    for delta in deltas {
        spoken_of.execute([delta.advisory.0])?;
        let Some(advisory) = memory.watch.book().advisory(delta.advisory) else { continue };
        for name in advisory.aliases.iter().chain([&advisory.id]) {
            unsettle_named(database, name)?;
        }
    }
    Ok(())
}

pub(super) fn unsettle_named(database: &Connection, name: &str) -> Answer<()> {
    database
        .prepare_cached(
            "INSERT OR IGNORE INTO unsettled SELECT component FROM finding, finding_name \
             WHERE finding.id = finding AND finding_name.vulnerability = ?1",
        )?
        .execute([name])?;
    Ok(())
}

/// Signs and assertions of a file, on their way into the store.
struct Said<'d> {
    database: &'d Connection,
    /// What vulnerabilities of findings are called, asked for once there is something new.
    names: Option<BTreeSet<String>>,
    counted: Answer<(usize, usize)>,
}

impl<'d> Said<'d> {
    fn new(database: &'d Connection) -> Self {
        Self { database, names: None, counted: Ok((0, 0)) }
    }

    /// Keeps one, unless one before it could not be kept.
    fn keep(&mut self, event: &Event) {
        if let Ok((signals, assertions)) = self.counted {
            self.counted = self.kept(event).map(|()| match event {
                Event::Signal(_) => (signals + 1, assertions),
                _ => (signals, assertions + 1),
            });
        }
    }

    fn kept(&mut self, event: &Event) -> Answer<()> {
        let database = self.database;
        let (id, news) = match event {
            Event::Signal(signal) => (&signal.id, keep_signal(database, signal)?),
            Event::Assertion(assertion) => (&assertion.id, keep_assertion(database, assertion)?),
            Event::Advisory(_) => return Ok(()),
        };
        if !news {
            return Ok(());
        }
        let names = match &mut self.names {
            Some(names) => names,
            none => none.insert(names_of_findings(database)?),
        };
        if names.contains(id) { unsettle_named(database, id) } else { Ok(()) }
    }

    /// How many signs and assertions there were.
    fn done(self) -> Answer<(usize, usize)> {
        self.counted
    }
}

fn names_of_findings(database: &Connection) -> Answer<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    super::each(database, "SELECT DISTINCT vulnerability FROM finding_name", |row| {
        names.insert(row.get(0)?);
        Ok(())
    })?;
    Ok(names)
}

/// The newest of its kind by its asserter counts.
pub(super) fn keep_signal(database: &Connection, signal: &Signal) -> Answer<bool> {
    let kind: Cow<'_, str> = match &signal.kind {
        SignalKind::Attacked { product } => attacks::word(product.as_deref()).into(),
        SignalKind::KnownExploited { .. } => "known-exploited".into(),
        SignalKind::Predicted { .. } => "predicted".into(),
        SignalKind::Exploitation { .. } => "exploitation".into(),
    };
    let written = database
        .prepare_cached(
            "INSERT INTO signal VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE \
             SET since = excluded.since, body = excluded.body \
             WHERE excluded.since >= since AND excluded.body <> body",
        )?
        .execute(params![signal.id, kind, signal.asserter, signal.since, kept(signal)?])?;
    Ok(written > 0)
}

fn keep_assertion(database: &Connection, assertion: &Assertion) -> Answer<bool> {
    let body = kept(assertion)?;
    let written = database
        .prepare_cached("INSERT OR IGNORE INTO assertion VALUES (?1, ?2, ?3)")?
        .execute(params![assertion.id, digest(body.as_bytes()), body])?;
    Ok(written > 0)
}
