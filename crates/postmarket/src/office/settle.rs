//! What follows from what feeds said and what is in the field: findings, their class, clocks, notices.

use super::clocks::Rise;
use super::facts::{Group, groups};
use super::findings::{self, FindingId, FindingRow, Told};
use super::same::Same;
use super::{Memory, Office, at, attacks, clocks, count, decide, maker, time_of};
use crate::clock::{Incident, Row, happened};
use crate::harm::assess::{Applicability, Inputs, assess};
use crate::harm::decision::{FORM, Record};
use crate::harm::exploitability::{Sign, SignKind};
use crate::harm::matrix::{Class, InForce};
use crate::identity::AliasGroups;
use crate::matching::{Answer as Holds, Change, ReleaseId};
use crate::report::rule_words;
use crate::sbom::Component;
use crate::store::{Answer, StoreError, kept, known};
use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde::Serialize;
use std::collections::BTreeSet;

/// Who starts clocks where nobody has decided yet.
const BY: &str = "homeostat vuln watch";

/// What waits for a person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Notice {
    /// Its number in the store.
    pub id: i64,
    /// The finding.
    pub finding: FindingId,
    /// `opened`, `changed`, `closed`, `reopened`.
    pub change: String,
    /// Component and version.
    pub component: String,
    /// The product.
    pub product: String,
    /// The vulnerability.
    pub vulnerability: String,
    /// How the finding stood.
    pub told: Told,
    /// Why.
    pub reason: String,
    /// Since when it waits.
    pub queued: String,
}

/// What a round came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Settled {
    /// Components that were looked at.
    pub components: usize,
    /// Clocks that started.
    pub started: usize,
    /// Clocks that stopped, because what started them does not hold any more.
    pub stopped: usize,
    /// What now waits for a person.
    pub notices: Vec<Notice>,
}

/// What everything is settled with.
struct By<'t> {
    aliases: &'t AliasGroups,
    /// Products for which another law holds than before.
    other_laws: &'t BTreeSet<String>,
    now: Timestamp,
}

impl Office {
    /// Settles everything that changed since the last time, all of it or nothing.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn settle(&mut self, now: Timestamp) -> Result<Settled, StoreError> {
        self.change(|database, memory| {
            memory.reread(database)?;
            let aliases = memory.watch.book().groups();
            let other_laws = maker::other_laws(database)?;
            let by = By { aliases: &aliases, other_laws: &other_laws, now };
            decide::end_overrides(database, now)?;
            let mut rows: Vec<i64> = Vec::new();
            super::each(database, "SELECT component FROM unsettled ORDER BY component", |row| {
                rows.push(row.get(0)?);
                Ok(())
            })?;
            let mut settled = Settled { components: rows.len(), ..Settled::default() };
            for row in rows {
                component(database, memory, &by, row, &mut settled)?;
            }
            database.execute("DELETE FROM unsettled", [])?;
            maker::keep_other_laws(database, &BTreeSet::new())?;
            Ok(settled)
        })
    }

    /// Everything that waits for a person, in the order in which it came.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn waiting(&self) -> Result<Vec<Notice>, StoreError> {
        let words = "SELECT notice.id, notice.finding, queued, change, finding_event.answer, finding_event.class, \
             finding_event.releases, finding_event.devices, reason FROM notice JOIN finding_event \
             ON finding_event.seq = event WHERE done IS NULL ORDER BY notice.id";
        self.store.read(|database| {
            let mut all = Vec::new();
            super::each(database, words, |row| {
                let finding = findings::get(database, FindingId(row.get(1)?))?;
                let answer = known("event answer", row.get_ref(4)?.as_str()?)?;
                let told = Told {
                    open: answer != Holds::NotAffected,
                    answer,
                    class: known("event class", row.get_ref(5)?.as_str()?)?,
                    releases: row.get(6)?,
                    devices: row.get(7)?,
                };
                let (change, reason) = (row.get(3)?, row.get(8)?);
                all.push(notice(&finding, row.get(0)?, (change, reason), told, row.get(2)?));
                Ok(())
            })?;
            Ok(all)
        })
    }
}

fn notice(
    finding: &FindingRow,
    id: i64,
    (change, reason): (String, String),
    told: Told,
    queued: String,
) -> Notice {
    let version = finding.version.as_deref().unwrap_or("without version");
    Notice {
        id,
        finding: finding.id,
        change,
        component: format!("{} {version}", finding.component),
        product: finding.product.clone(),
        vulnerability: finding.vulnerability.clone(),
        told,
        reason,
        queued,
    }
}

/// Settles all findings of one component, in every product that holds it.
fn component(
    database: &Connection,
    memory: &Memory,
    by: &By<'_>,
    row: i64,
    settled: &mut Settled,
) -> Answer<()> {
    let number = *at(&memory.components, row)?;
    let component = memory.component(database, row)?;
    let having = memory.watch.catalogue().having(number);
    let known = having.iter().filter_map(|id| memory.known(*id));
    let products: BTreeSet<&str> = known.map(|release| release.product.as_str()).collect();
    let groups = groups(database, memory, by.aliases, row)?;
    for product in products {
        let releases = memory.releases_of(product, number);
        let before = findings::of_component(database, row, product)?;
        let same = Same::of(&groups, &before);
        for (row, into) in same.joined {
            settled.stopped += clocks::pass_on(database, (row.id, into.id), (BY, by.now))?;
            close(database, by, row, &format!("it is {} now", into.id), settled)?;
        }
        for (row, group) in same.gone {
            close(database, by, row, &memory.why(number, group), settled)?;
        }
        for (group, before) in same.holds {
            let one = One { component: &component, row, product, releases: &releases, group };
            one.settle(database, memory, by, before, settled)?;
        }
    }
    Ok(())
}

/// A finding does not hold any more.
fn close(
    database: &Connection,
    by: &By<'_>,
    finding: &FindingRow,
    reason: &str,
    settled: &mut Settled,
) -> Answer<()> {
    let id = finding.id;
    let told = Told { open: false, answer: Holds::NotAffected, ..finding.told.clone() };
    database
        .prepare_cached("UPDATE finding SET open = ?2, answer = ?3 WHERE id = ?1")?
        .execute(params![id.0, told.open, kept(&told.answer)?])?;
    settled.notices.push(note(database, id, ("closed", reason), &told, by.now)?);
    let words = format!("the finding does not hold any more: {reason}");
    let over = |row: &Row| clocks::is_over(row, Class::NotAffected);
    settled.stopped += clocks::end(database, id, over, (&words, BY), (by.now, by.now))?;
    Ok(())
}

/// One vulnerability in one component of one product.
struct One<'o> {
    component: &'o Component,
    row: i64,
    product: &'o str,
    releases: &'o [ReleaseId],
    group: &'o Group,
}

impl One<'_> {
    fn settle(
        &self,
        database: &Connection,
        memory: &Memory,
        by: &By<'_>,
        before: Option<&FindingRow>,
        settled: &mut Settled,
    ) -> Answer<()> {
        let number = *at(&memory.components, self.row)?;
        let found = (self.component, number);
        let inputs = memory.inputs(database, found, self.product, self.group)?;
        let decided = match before {
            Some(before) => decide::last(database, before.id)?,
            None => None,
        };
        let exploited = inputs.signs.iter().any(Sign::exploited);
        let is_decided = decided.is_some();
        let attacked = is_decided && attacks::stands(database, &inputs)?;
        let (class, record) = class_now(inputs, (decided, attacked), (&memory.matrix, by.now));
        let told = Told {
            open: true,
            answer: self.group.verdict.answer,
            class,
            releases: memory.versions(self.releases),
            devices: memory.devices(self.releases),
        };
        let change = match before.map(|before| &before.told) {
            None => "opened",
            Some(old) if !old.open => "reopened",
            Some(old) if (old.answer, old.class) != (told.answer, told.class) => "changed",
            Some(old) if old.releases < told.releases => "changed",
            // Whatever the class, somebody must hear of it, and its own clocks run.
            Some(_) if exploited && before.is_some_and(|before| !before.exploited) => "changed",
            // What only counts otherwise is kept and wakes nobody.
            Some(_) => "",
        };
        let id = self.keep(database, before, (&told, exploited))?;
        if change.is_empty() && !by.other_laws.contains(self.product) {
            return Ok(());
        }
        if !change.is_empty() {
            let why = memory.why(number, self.group);
            let mut reason = match memory.risks.contains_key(self.product) {
                true => format!("{why}; {}", rule_words(record.outcome.rule)),
                false => format!("{why}; the product has no risk file, so the worst is taken"),
            };
            if exploited && before.is_none_or(|before| !before.exploited) {
                reason.push_str("; it is said to be exploited");
            }
            let event = (change, reason.as_str());
            settled.notices.push(note(database, id, event, &told, by.now)?);
        }
        let learned = match (change, before) {
            ("changed", Some(before)) => attacked_since(&record, before, by.now),
            _ => self.learned(database, memory, by.now)?,
        };
        let mut events = happened(&record, class, Incident::default(), learned);
        // Another law asks nobody to look again at what was decided.
        events.retain(|one| one.event != "signal-received" || !is_decided || !change.is_empty());
        let open = before.filter(|before| before.told.open);
        let was_exploited = open.is_some_and(|before| before.exploited);
        let before = open.map_or(Class::NotAffected, |before| before.told.class);
        let events = (
            events.as_slice(),
            Some(Rise { before, now: class, was_exploited, attacked_anew: false }),
        );
        let with = (&memory.clocks, memory.scopes(self.product));
        settled.started += clocks::begin(database, with, id, events, (BY, by.now))?;
        Ok(())
    }

    /// When the maker came to know: since when the first of the advisories that hold has held, but not before the
    /// product had the component.
    fn learned(&self, database: &Connection, memory: &Memory, now: Timestamp) -> Answer<Timestamp> {
        let words = "SELECT time FROM verdict JOIN verdict_event USING (advisory, component) \
             WHERE open AND advisory = ?1 AND component = ?2 AND change IN (?3, ?4) ORDER BY seq DESC LIMIT 1";
        let mut asked = database.prepare_cached(words)?;
        let (opened, reopened) = (kept(&Change::Opened)?, kept(&Change::Reopened)?);
        let mut first = now;
        for advisory in &self.group.advisories {
            let mut rows = asked.query(params![advisory.0, self.row, opened, reopened])?;
            if let Some(row) = rows.next()? {
                let time: String = row.get(0)?;
                first = first.min(time_of(&time, now));
            }
        }
        let added = self.releases.iter().filter_map(|id| memory.known(*id));
        let added = added.map(|known| time_of(&known.added, now)).min();
        // What a clock that runs ahead wrote is known now at the latest.
        Ok(added.filter(|added| *added > first).unwrap_or(first).min(now))
    }

    /// Writes how the finding stands, with the names that it has now.
    fn keep(
        &self,
        database: &Connection,
        before: Option<&FindingRow>,
        (told, exploited): (&Told, bool),
    ) -> Answer<FindingId> {
        let (answer, class) = (kept(&told.answer)?, kept(&told.class)?);
        let (releases, devices) = (count(told.releases), told.devices);
        let id = match before {
            Some(before) => {
                database
                    .prepare_cached(
                        "UPDATE finding SET vulnerability = ?2, open = ?3, answer = ?4, class = ?5, \
                         releases = ?6, devices = ?7, exploited = ?8 WHERE id = ?1",
                    )?
                    .execute(params![
                        before.id.0,
                        self.group.id,
                        told.open,
                        answer,
                        class,
                        releases,
                        devices,
                        exploited
                    ])?;
                before.id
            }
            None => {
                database
                    .prepare_cached(
                        "INSERT INTO finding (component, product, vulnerability, open, answer, class, releases, \
                         devices, exploited) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                    )?
                    .execute(params![
                        self.row,
                        self.product,
                        self.group.id,
                        told.open,
                        answer,
                        class,
                        releases,
                        devices,
                        exploited
                    ])?;
                FindingId(database.last_insert_rowid())
            }
        };
        database.prepare_cached("DELETE FROM finding_name WHERE finding = ?1")?.execute([id.0])?;
        let mut name = database.prepare_cached("INSERT INTO finding_name VALUES (?1, ?2)")?;
        for one in &self.group.names {
            name.execute(params![one, id.0])?;
        }
        Ok(id)
    }
}

/// When the maker learned of what changed a finding: of an attack when it was said to have learned of it, of anything else now.
fn attacked_since(record: &Record, before: &FindingRow, now: Timestamp) -> Timestamp {
    let signs = record.inputs.signs.iter().filter(|sign| sign.kind == SignKind::Attacked);
    let is_news = !before.exploited || before.told.class == Class::NotAffected;
    let first = signs.filter(|_| is_news).map(|sign| time_of(&sign.since, now)).min();
    first.map_or(now, |first| first.min(now))
}

/// The class that holds now, and what the rules say now: a decision holds until the rules say more than they said then.
/// While it is said that the product was attacked, nothing that was decided before makes it not affected.
fn class_now(
    inputs: Inputs,
    (decided, attacked): (Option<Record>, bool),
    (matrix, now): (&InForce, Timestamp),
) -> (Class, Record) {
    let Some(record) = decided else {
        let record = proposal(inputs, matrix);
        return (record.outcome.class, record);
    };
    let class = record.class_at(now);
    let applicability = match &record.inputs.applicability {
        Applicability::NotAffected { .. } if attacked => Applicability::Unknown,
        decided => decided.clone(),
    };
    let inputs = Inputs {
        applicability,
        path: inputs.path,
        life_supporting: inputs.life_supporting,
        published_vector: inputs.published_vector,
        signs: inputs.signs,
        tables: inputs.tables,
        ..record.inputs.clone()
    };
    let proposed = proposal(inputs, matrix);
    let exploited = |record: &Record| record.inputs.signs.iter().any(Sign::exploited);
    let more = proposed.outcome.class > record.outcome.class
        || (exploited(&proposed) && !exploited(&record));
    let raised = Some(proposed.outcome.class).filter(|raised| more && *raised > class);
    (raised.unwrap_or(class), proposed)
}

/// What the rules say, without the nearest other answers, which are asked for when a person looks.
fn proposal(inputs: Inputs, matrix: &InForce) -> Record {
    Record {
        form: FORM.to_owned(),
        outcome: assess(&inputs, matrix),
        inputs,
        nearest: Vec::new(),
        decided: None,
        overridden: None,
        previous: None,
    }
}

/// Notes an event of a finding and queues it for a person.
pub(super) fn note(
    database: &Connection,
    id: FindingId,
    (change, reason): (&str, &str),
    told: &Told,
    now: Timestamp,
) -> Answer<Notice> {
    database
        .prepare_cached(
            "INSERT INTO finding_event (finding, time, change, answer, class, releases, devices, reason) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            id.0,
            now.to_string(),
            change,
            kept(&told.answer)?,
            kept(&told.class)?,
            count(told.releases),
            told.devices,
            reason
        ])?;
    let event = database.last_insert_rowid();
    let queued = now.to_string();
    database
        .prepare_cached("INSERT INTO notice (finding, event, queued) VALUES (?1, ?2, ?3)")?
        .execute(params![id.0, event, queued])?;
    let number = database.last_insert_rowid();
    let finding = findings::get(database, id)?;
    let event = (change.to_owned(), reason.to_owned());
    Ok(notice(&finding, number, event, told.clone(), queued))
}
