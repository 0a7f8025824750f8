//! Decisions: what a person answers goes into a record, the record into the store, and its clocks start and stop.

use super::clocks::Rise;
use super::facts::{self, Group, groups};
use super::findings::{self, FindingId, FindingRow, Told};
use super::{Memory, Office, at, attacks, clocks, matrix, settle};
use crate::clock::{Incident, Row, happened};
use crate::feed::Signal;
use crate::harm::assess::{Applicability, Inputs, Justification};
use crate::harm::canonical;
use crate::harm::decision::{self, Approval, DecisionError, Override, Record, check_chain};
use crate::harm::exploitability::Sign;
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
    /// The attack that was said of the product was none. The withdrawal stops no clock that the attack started.
    pub withdrawn: Option<Withdrawal>,
    /// What happened in the field: an attack is a sign on which the record rests, and clocks start by each.
    pub incident: Incident,
    /// When the maker learned of it; the time of the decision if not given. Clocks that run already for what the finding is
    /// are corrected to it where it is earlier, unless it is the time of an incident that is no attack.
    pub learned: Option<Timestamp>,
}

impl Given {
    /// Whether what was learned is what the finding is: an attack, or nothing that happened in the field.
    fn learned_of_finding(&self) -> bool {
        self.incident.attacked || self.incident == Incident::default()
    }
}

/// A person takes back that a product was attacked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Withdrawal {
    /// Why it was none.
    pub reason: String,
    /// Whose attack it is; needed where several people said one.
    pub said_by: Option<String>,
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
    /// The record.
    pub record: Record,
    /// SHA-256 of the record.
    pub digest: String,
    /// Clocks that started.
    pub started: usize,
    /// Clocks that run since earlier than was said before.
    pub corrected: usize,
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
    /// When it was kept; `None` of the first release, which did not note it.
    pub recorded: Option<String>,
    /// Why it does not come out the same; `None`: the same bytes.
    pub differs: Option<String>,
}

/// The decisions of a store, each naming the digest of the one before it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chain {
    /// How many.
    pub count: usize,
    /// SHA-256 of the newest; noted elsewhere it shows that nothing was changed since.
    pub head: Option<String>,
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
    /// What is proposed for a finding with what a person says, or would be decided if the person is named. Nothing is kept.
    ///
    /// # Errors
    /// If there is no such finding, or the record is refused: its message names the field.
    pub fn assess(&self, id: FindingId, given: &Given) -> Result<Assessment, AssessError> {
        let memory = &self.memory;
        Ok(self.store.read(|database| memory.assess(database, id, given))??)
    }

    /// Decides, keeps the record at the end of the chain, and starts and stops the clocks that hang on it: all of it or
    /// nothing. `at` is when it was decided, `recorded` when it is kept.
    ///
    /// # Errors
    /// If nobody is named, the record is refused, the time lies before what is known of the finding, before the decision
    /// before this one or in the future, or the store cannot be written.
    pub fn decide(
        &mut self,
        id: FindingId,
        given: &Given,
        (at, recorded): (Timestamp, Timestamp),
    ) -> Result<Decided, AssessError> {
        let Some(person) = &given.person else {
            return Err(refused("/decided", "nobody", "a named person: a proposal is not kept"));
        };
        let Self { store, memory } = self;
        Ok(store.write(|database| {
            let Assessment { finding, record } = match memory.assess(database, id, given)? {
                Ok(assessment) => assessment,
                Err(error) => return Ok(Err(error)),
            };
            if let Some(error) = out_of_time(database, id, (at, recorded))? {
                return Ok(Err(error));
            }
            let (bytes, digest) = match record.bytes() {
                Ok(bytes) => (bytes.clone(), canonical::digest(&bytes)),
                Err(error) => return Ok(Err(error)),
            };
            database.execute(
                "INSERT INTO decision (finding, digest, previous, record, time, until, recorded) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    id.0,
                    digest,
                    record.previous,
                    bytes,
                    at.to_string(),
                    until(&record),
                    recorded.to_string()
                ],
            )?;
            let stood = attacks::stands(database, &record.inputs)?;
            attacks::keep(database, &record.inputs, given)?;
            let class = record.class_at(at);
            let was_exploited = finding.exploited;
            let attacked_anew = given.incident.attacked && !stood;
            let rise =
                Rise { before: finding.told.class, now: class, was_exploited, attacked_anew };
            let told = Told { class, ..finding.told };
            let exploited = record.inputs.signs.iter().any(Sign::exploited);
            let words = "UPDATE finding SET class = ?2, exploited = ?3 WHERE id = ?1";
            database.execute(words, params![id.0, crate::store::kept(&class)?, exploited])?;
            let mut reason = format!("decided by {}, {}", person.name, person.role);
            if let Some(withdrawal) = &given.withdrawn {
                reason.push_str("; the attack is withdrawn: ");
                reason.push_str(&withdrawal.reason);
            } else if given.incident.attacked {
                reason.push_str("; it was attacked");
            }
            settle::note(database, id, ("changed", &reason), &told, at)?;
            let words = "UPDATE notice SET done = ?2 WHERE finding = ?1 AND done IS NULL";
            let done = database.execute(words, params![id.0, at.to_string()])?;
            let learned = given.learned.unwrap_or(at);
            let mut events = happened(&record, class, given.incident, learned);
            // Deciding is what the clock of a signal waits for.
            events.retain(|event| event.event != "signal-received");
            if !given.learned_of_finding() {
                let follow = events.iter_mut().filter(|event| clocks::follows(&event.event));
                follow.for_each(|event| event.time = at);
            }
            let (events, by) = ((events.as_slice(), Some(rise)), person.name.as_str());
            let corrected = match given.learned.filter(|_| given.learned_of_finding()) {
                Some(learned) => {
                    clocks::begin_earlier(database, id, (learned, at), (by, recorded))?
                }
                None => 0,
            };
            let with = (&memory.clocks, memory.scopes(&finding.product));
            let started = clocks::begin(database, with, id, events, (by, recorded))?;
            let evidence = format!("decision record SHA-256 {digest}");
            // That it was no attack does not discharge what ran because of it: a person stops that with its own evidence.
            let is_kept = |row: &Row| given.withdrawn.is_some() && row.start != "signal-received";
            let over = |row: &Row| clocks::is_over(row, class) && !is_kept(row);
            let stopped = clocks::end(database, id, over, (&evidence, by), (at, recorded))?;
            // The notice of the decision itself is done with it.
            let done = done.saturating_sub(1);
            Ok(Ok(Decided { record, digest, started, corrected, stopped, done }))
        })??)
    }

    /// The decisions on a finding, oldest first, each computed again by the table that it names.
    ///
    /// # Errors
    /// If the store cannot be read or holds what is no record.
    pub fn decisions(&self, id: FindingId) -> Result<Vec<Replayed>, StoreError> {
        self.store.read(|database| {
            let words =
                "SELECT record, digest, recorded FROM decision WHERE finding = ?1 ORDER BY seq";
            let mut asked = database.prepare_cached(words)?;
            let mut rows = asked.query([id.0])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let bytes: Vec<u8> = row.get(0)?;
                let digest: String = row.get(1)?;
                let record = read(&bytes)?;
                let named = record.inputs.tables.first().map_or("", |table| &table.digest);
                let table = matrix::of_digest(database, named)?;
                let table = table.as_ref().unwrap_or(&self.memory.matrix);
                let again = decision::replay(&bytes, table).map_err(|error| error.to_string());
                let differs = match again {
                    Err(words) => Some(words),
                    Ok(again) if canonical::digest(&again) != digest => {
                        Some(format!("the digest in the store is {digest}"))
                    }
                    Ok(_) => None,
                };
                found.push(Replayed { record, digest, recorded: row.get(2)?, differs });
            }
            Ok(found)
        })
    }

    /// The chain of all decisions: each names the digest of the one before it, and has the digest that is kept of it.
    ///
    /// # Errors
    /// If the store cannot be read, or naming the record that breaks the chain.
    pub fn check_decisions(&self) -> Result<Chain, AssessError> {
        let (mut records, mut digests) = (Vec::new(), Vec::new());
        self.store.read(|database| {
            super::each(database, "SELECT record, digest FROM decision ORDER BY seq", |row| {
                records.push(read(row.get_ref(0)?.as_blob()?)?);
                digests.push(row.get::<_, String>(1)?);
                Ok(())
            })
        })?;
        check_chain(&records)?;
        for (index, (record, kept)) in records.iter().zip(&digests).enumerate() {
            let computed = record.digest()?;
            if computed != *kept {
                let field = format!("record {index}: digest");
                return Err(refused(&field, kept, &format!("{computed}, of its bytes")));
            }
        }
        Ok(Chain { count: records.len(), head: digests.pop() })
    }
}

fn refused(field: &str, found: &str, expected: &str) -> AssessError {
    AssessError::Decision(field_error(field, found, expected))
}

fn field_error(field: &str, found: &str, expected: &str) -> DecisionError {
    let (field, found, expected) = (field.to_owned(), found.to_owned(), expected.to_owned());
    DecisionError::Field { field, found, expected }
}

/// What is wrong with the time of a decision: it comes after all that is known of the finding, after the decision before
/// it, and not after now.
fn out_of_time(
    database: &Connection,
    id: FindingId,
    (at, recorded): (Timestamp, Timestamp),
) -> Answer<Option<DecisionError>> {
    let words = "SELECT time FROM finding_event WHERE finding = ?1 UNION ALL \
                 SELECT time FROM (SELECT time FROM decision ORDER BY seq DESC LIMIT 1)";
    let mut asked = database.prepare_cached(words)?;
    let times = asked.query_map([id.0], |row| row.get::<_, String>(0))?;
    let times = times.collect::<Result<Vec<_>, _>>()?;
    let times = times.iter().filter_map(|time| time.parse().ok());
    // What an earlier release took from the future holds up nobody for ever.
    let from = times.filter(|time| *time <= recorded).max().unwrap_or(at);
    let wrong = at < from || at > recorded;
    let expected = format!(
        "a time from {from}, of the finding's newest event or the last decision, to {recorded}"
    );
    Ok(wrong.then(|| field_error("/decided/time", &at.to_string(), &expected)))
}

impl Memory {
    fn assess(
        &self,
        database: &Connection,
        id: FindingId,
        given: &Given,
    ) -> Answer<Result<Assessment, DecisionError>> {
        let finding = findings::get(database, id)?;
        let mut inputs = self.inputs_of(database, &finding)?;
        let said = attacks::said(database, &finding.product, attacks::names(&inputs))?;
        let withdrawn = match attacks::withdrawn(&said, given) {
            Ok(withdrawn) => withdrawn,
            Err(error) => return Ok(Err(error)),
        };
        if !withdrawn.is_empty() {
            inputs.signs = facts::signs(database, &inputs, &withdrawn)?;
        }
        let (before, previous) = (last(database, id)?, newest_digest(database)?);
        let record = recorded(inputs, before.as_ref(), (&said, &withdrawn), given)
            .and_then(|inputs| Record::propose(inputs, &self.matrix, previous));
        let record = record.and_then(|record| match (&given.person, &given.overridden) {
            (Some(person), over) => record.decide(person.clone(), over.clone()),
            (None, Some(_)) => {
                let expected = "a person who decides, where the rules are overridden";
                Err(field_error("/decided", "nobody", expected))
            }
            (None, None) => Ok(record),
        });
        Ok(record.map(|record| Assessment { finding, record }))
    }

    fn inputs_of(&self, database: &Connection, finding: &FindingRow) -> Answer<Inputs> {
        let number = *at(&self.components, finding.row)?;
        let component = self.component(database, finding.row)?;
        let aliases = self.watch.book().groups();
        let all = groups(database, self, &aliases, finding.row)?;
        let named = |group: &&Group| finding.names.iter().any(|one| group.names.contains(one));
        let Some(group) = all.iter().find(named) else {
            let expected = "advisories that name it";
            return Err(Trouble::new(format!("finding {}", finding.id), "none", expected));
        };
        self.inputs(database, (&component, number), &finding.product, group)
    }
}

/// What a decision rests on: what is known, the answers of the last decision, the attacks on the product that were said and
/// which of them are withdrawn, and what a person says now.
fn recorded(
    mut inputs: Inputs,
    before: Option<&Record>,
    (said, withdrawn): (&[Signal], &[Signal]),
    given: &Given,
) -> Result<Inputs, DecisionError> {
    let mut answers = before.map_or_else(Answers::default, |r| r.inputs.answers.clone());
    for (question, answer) in &given.answers {
        answers = answers.with(*question, *answer).map_err(|error| {
            let field = format!("/inputs/answers/{question}");
            field_error(&field, &format!("{answer:?}"), &error.to_string())
        })?;
    }
    inputs.answers = answers;
    inputs.automatable = given.automatable.or(before.and_then(|r| r.inputs.automatable));
    attacks::put(&mut inputs, given, (said, withdrawn))?;
    if let Some((justification, evidence)) = &given.not_affected {
        let (justification, evidence) = (*justification, evidence.clone());
        inputs.applicability = Applicability::NotAffected { justification, evidence };
    }
    Ok(inputs)
}
