//! Decisions: what a person answers goes into a record, the record into the store, and its clocks start and stop.

use super::clocks::Rise;
use super::facts::{Group, groups};
use super::findings::{self, FindingId, FindingRow, Told};
use super::{Office, at, clocks, settle};
use crate::clock::{Incident, Row, Table, happened};
use crate::harm::assess::{Applicability, Inputs, Justification};
use crate::harm::decision::{self, Approval, DecisionError, Override, Record, check_chain};
use crate::harm::matrix::InForce;
use crate::harm::rubric::{Answer as Said, Answers, Question};
use crate::store::{Answer, StoreError, Trouble, keep_setting, known, setting};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

/// What a person says about a finding.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Given {
    /// Answers to the rubric; those of the last decision hold where none is given.
    pub answers: Vec<(Question, Said)>,
    /// Whether an attack can be automated.
    pub automatable: Option<bool>,
    /// The product is not affected, for this reason, shown by this evidence.
    pub not_affected: Option<(Justification, String)>,
    /// Who decides; without a person it is a proposal.
    pub person: Option<Approval>,
    /// A decision against the rules.
    pub overridden: Option<Override>,
}

/// A finding with what is proposed or decided for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assessment {
    /// The finding.
    pub finding: FindingRow,
    /// The record: a decision if a person was named.
    pub record: Record,
}

/// What a decision led to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decided {
    /// SHA-256 of the record.
    pub digest: String,
    /// Clocks that started.
    pub started: usize,
    /// Clocks that stopped.
    pub stopped: usize,
    /// Notices that are done.
    pub done: usize,
}

/// A decision of the store, computed again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replayed {
    /// The record.
    pub record: Record,
    /// SHA-256 of its bytes.
    pub digest: String,
    /// Why it does not come out the same; `None`: the same bytes.
    pub differs: Option<String>,
}

/// Why a finding is not assessed.
#[derive(Debug, thiserror::Error)]
pub enum AssessError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The record.
    #[error(transparent)]
    Decision(#[from] DecisionError),
}

/// The newest decision on a finding.
pub(super) fn last(database: &Connection, id: FindingId) -> Answer<Option<Record>> {
    let words = "SELECT record FROM decision WHERE finding = ?1 ORDER BY seq DESC LIMIT 1";
    let mut asked = database.prepare_cached(words)?;
    let found: Option<Vec<u8>> = asked.query_row([id.0], |row| row.get(0)).optional()?;
    found.map(|bytes| read(&bytes)).transpose()
}

fn read(bytes: &[u8]) -> Answer<Record> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| Trouble::new("decision record", error, "UTF-8"))?;
    known("decision record", text)
}

fn newest_digest(database: &Connection) -> Answer<Option<String>> {
    let words = "SELECT digest FROM decision ORDER BY seq DESC LIMIT 1";
    Ok(database.query_row(words, [], |row| row.get(0)).optional()?)
}

/// When an override ends, rounded up to a second, so that it has ended then.
fn until(record: &Record) -> Option<i64> {
    let end: Timestamp = record.overridden.as_ref()?.expires.parse().ok()?;
    Some(end.as_second().saturating_add(1))
}

/// Unsettles what overrides stood for that ended since everything was settled the last time.
pub(super) fn end_overrides(database: &Connection, now: Timestamp) -> Answer<()> {
    let before = setting(database, "settled")?.and_then(|text| text.parse().ok()).unwrap_or(0_i64);
    database.execute(
        "INSERT OR IGNORE INTO unsettled SELECT component FROM decision JOIN finding \
         ON finding.id = finding WHERE until > ?1 AND until <= ?2",
        params![before, now.as_second()],
    )?;
    keep_setting(database, "settled", &now.as_second().to_string())
}

impl Office {
    /// What is proposed for a finding with what a person says; a decision if the person is named. Nothing is kept.
    ///
    /// # Errors
    /// If there is no such finding, or the record is refused: its message names the field.
    pub fn assess(
        &self,
        id: FindingId,
        given: &Given,
        matrix: &InForce,
    ) -> Result<Assessment, AssessError> {
        let (finding, mut inputs, before, previous) = self.store.read(|database| {
            let finding = findings::get(database, id)?;
            let inputs = self.inputs_of(database, &finding, matrix)?;
            Ok((finding, inputs, last(database, id)?, newest_digest(database)?))
        })?;
        let mut answers =
            before.as_ref().map_or_else(Answers::default, |r| r.inputs.answers.clone());
        for (question, answer) in &given.answers {
            answers = answers.with(*question, *answer).map_err(|error| DecisionError::Field {
                field: format!("/inputs/answers/{question}"),
                found: format!("{answer:?}"),
                expected: error.to_string(),
            })?;
        }
        inputs.answers = answers;
        inputs.automatable = given.automatable.or(before.and_then(|r| r.inputs.automatable));
        if let Some((justification, evidence)) = &given.not_affected {
            let (justification, evidence) = (*justification, evidence.clone());
            inputs.applicability = Applicability::NotAffected { justification, evidence };
        }
        let mut record = Record::propose(inputs, matrix, previous)?;
        match (&given.person, &given.overridden) {
            (Some(person), over) => record = record.decide(person.clone(), over.clone())?,
            (None, Some(_)) => {
                return Err(AssessError::Decision(DecisionError::Field {
                    field: "/decided".to_owned(),
                    found: "nobody".to_owned(),
                    expected: "a person who decides, where the rules are overridden".to_owned(),
                }));
            }
            (None, None) => {}
        }
        Ok(Assessment { finding, record })
    }

    fn inputs_of(
        &self,
        database: &Connection,
        finding: &FindingRow,
        matrix: &InForce,
    ) -> Answer<Inputs> {
        let memory = &self.memory;
        let number = *at(&memory.components, finding.row)?;
        let component = memory.component(database, finding.row)?;
        let aliases = memory.watch.book().groups();
        let all = groups(database, memory, &aliases, finding.row)?;
        let named = |group: &&Group| finding.names.iter().any(|one| group.names.contains(one));
        let Some(group) = all.iter().find(named) else {
            let expected = "advisories that name it";
            return Err(Trouble::new(format!("finding {}", finding.id), "none", expected));
        };
        memory.inputs(database, (&component, number), &finding.product, group, matrix)
    }

    /// Keeps a decision, and starts and stops the clocks that hang on it.
    ///
    /// # Errors
    /// If it is only a proposal, another decision came in between, or the store cannot be written.
    pub fn decide(
        &mut self,
        id: FindingId,
        record: &Record,
        (incident, learned, now): (Incident, Timestamp, Timestamp),
    ) -> Result<Decided, AssessError> {
        let bytes = record.bytes()?;
        let digest = record.digest()?;
        let Some(person) = &record.decided else {
            let (field, found) = ("/decided".to_owned(), "nobody".to_owned());
            let expected = "a named person: a proposal is not kept".to_owned();
            return Err(AssessError::Decision(DecisionError::Field { field, found, expected }));
        };
        let Self { store, memory } = self;
        let table = Table::shipped();
        let decided = store.write(|database| {
            let finding = findings::get(database, id)?;
            if newest_digest(database)? != record.previous {
                let found = "another decision was kept in between";
                return Err(Trouble::new("decision chain", found, "assess again"));
            }
            database.execute(
                "INSERT INTO decision (finding, digest, previous, record, time, until) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![id.0, digest, record.previous, bytes, now.to_string(), until(record)],
            )?;
            let class = record.class_at(now);
            let rise = Rise { before: finding.told.class, now: class };
            let told = Told { class, ..finding.told };
            let words = "UPDATE finding SET class = ?2 WHERE id = ?1";
            database.execute(words, params![id.0, crate::store::kept(&class)?])?;
            let reason = format!("decided by {}, {}", person.name, person.role);
            settle::note(database, id, ("changed", &reason), &told, now)?;
            let words = "UPDATE notice SET done = ?2 WHERE finding = ?1 AND done IS NULL";
            let done = database.execute(words, params![id.0, now.to_string()])?;
            let with = (person.name.as_str(), now);
            let mut events = happened(record, class, incident, learned);
            // Deciding is what the clock of a signal waits for.
            events.retain(|event| event.event != "signal-received");
            let events = (events.as_slice(), Some(rise));
            let started = clocks::begin(database, (&table, &memory.maker), id, events, with)?;
            let evidence = format!("decision record SHA-256 {digest}");
            let over = |row: &Row| clocks::is_over(row, class);
            let stopped = clocks::end(database, id, over, (&evidence, &person.name), now)?;
            // The notice of the decision itself is done with it.
            Ok(Decided { digest: digest.clone(), started, stopped, done: done.saturating_sub(1) })
        })?;
        Ok(decided)
    }

    /// The decisions on a finding, oldest first, each computed again by the table in force.
    ///
    /// # Errors
    /// If the store cannot be read or holds what is no record.
    pub fn decisions(&self, id: FindingId, matrix: &InForce) -> Result<Vec<Replayed>, StoreError> {
        self.store.read(|database| {
            let words = "SELECT record, digest FROM decision WHERE finding = ?1 ORDER BY seq";
            let mut asked = database.prepare_cached(words)?;
            let mut rows = asked.query([id.0])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let bytes: Vec<u8> = row.get(0)?;
                let digest: String = row.get(1)?;
                let again = decision::replay(&bytes, matrix).map_err(|error| error.to_string());
                let differs = match again {
                    Err(words) => Some(words),
                    Ok(again) if crate::harm::canonical::digest(&again) != digest => {
                        Some(format!("the digest in the store is {digest}"))
                    }
                    Ok(_) => None,
                };
                found.push(Replayed { record: read(&bytes)?, digest, differs });
            }
            Ok(found)
        })
    }

    /// Whether all decisions of the store form a chain: each names the digest of the one before it. Says how many.
    ///
    /// # Errors
    /// If the store cannot be read, or naming the record that breaks the chain.
    pub fn check_decisions(&self) -> Result<usize, AssessError> {
        let mut records = Vec::new();
        self.store.read(|database| {
            super::each(database, "SELECT record FROM decision ORDER BY seq", |row| {
                records.push(read(row.get_ref(0)?.as_blob()?)?);
                Ok(())
            })
        })?;
        check_chain(&records)?;
        Ok(records.len())
    }
}
