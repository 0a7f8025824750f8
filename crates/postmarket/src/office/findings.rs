//! Findings as people see them: one vulnerability in one component of one product, whichever feeds speak of it.

use super::{Memory, Office, each};
use crate::harm::matrix::Class;
use crate::matching::Answer as Holds;
use crate::sbom::Component;
use crate::store::{Answer, StoreError, Trouble, kept, known};
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// A finding, by its number in the store: `F-12`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct FindingId(pub i64);

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("F-{}", self.0))
    }
}

impl FromStr for FindingId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix("F-").or_else(|| text.strip_prefix("f-")).unwrap_or(text);
        let number = digits.parse().ok().filter(|number| *number > 0);
        number.map(Self).ok_or_else(|| format!("found {text:?}; expected a finding, like F-12"))
    }
}

/// What is told of a finding, now and with every event.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Told {
    /// It holds.
    pub open: bool,
    /// Affected, unknown, or not affected any more.
    pub answer: Holds,
    /// What it is for patients; the worse where nobody knows.
    pub class: Class,
    /// Releases that hold the component.
    pub releases: usize,
    /// Devices that run them.
    pub devices: u64,
}

/// A finding as it stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FindingRow {
    /// Its number.
    pub id: FindingId,
    /// The component's row in the store.
    #[serde(skip)]
    pub(super) row: i64,
    /// The component's name.
    pub component: String,
    /// Its version.
    pub version: Option<String>,
    /// Its package URL.
    pub purl: Option<String>,
    /// The product.
    pub product: String,
    /// The vulnerability by the name that it goes by.
    pub vulnerability: String,
    /// All its names, sorted.
    pub names: Vec<String>,
    /// It is said to be exploited.
    pub exploited: bool,
    /// How it stands.
    pub told: Told,
}

/// An event in the life of a finding.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct NotedEvent {
    /// When.
    pub time: String,
    /// `opened`, `changed`, `closed`, `reopened`.
    pub change: String,
    /// Affected, unknown or not affected.
    pub answer: Holds,
    /// The class.
    pub class: Class,
    /// Why.
    pub reason: String,
}

/// Writes what the ledger noted since the last time: how each verdict stands now, what happened, and that its component
/// is unsettled.
pub(super) fn note(database: &Connection, memory: &Memory) -> Answer<()> {
    for event in memory.watch.ledger().events().get(memory.noted..).unwrap_or_default() {
        let component = memory.rows.get(&event.component).ok_or_else(|| {
            Trouble::new("component", event.component.0, "a component that is kept")
        })?;
        let body = kept(&event.verdict)?;
        let open = event.verdict.answer != Holds::NotAffected;
        let advisory = event.advisory.0;
        database
            .prepare_cached("INSERT OR REPLACE INTO verdict VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![advisory, component, open, body])?;
        database
            .prepare_cached(
                "INSERT INTO verdict_event (advisory, component, time, change, revision, body) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                advisory,
                component,
                &*event.time,
                kept(&event.change)?,
                &*event.revision,
                body
            ])?;
        database
            .prepare_cached("INSERT OR IGNORE INTO unsettled VALUES (?1)")?
            .execute([component])?;
    }
    Ok(())
}

const COLUMNS: &str = "SELECT finding.id, component, product, vulnerability, open, answer, class, releases, devices, \
     body, exploited FROM finding JOIN component ON component.id = component";

fn row_of(row: &rusqlite::Row<'_>) -> Answer<FindingRow> {
    let component: Component = known("component", row.get_ref(9)?.as_str()?)?;
    Ok(FindingRow {
        id: FindingId(row.get(0)?),
        row: row.get(1)?,
        component: component.name,
        version: component.version,
        purl: component.purl,
        product: row.get(2)?,
        vulnerability: row.get(3)?,
        names: Vec::new(),
        exploited: row.get(10)?,
        told: Told {
            open: row.get(4)?,
            answer: known("finding answer", row.get_ref(5)?.as_str()?)?,
            class: known("finding class", row.get_ref(6)?.as_str()?)?,
            releases: row.get(7)?,
            devices: row.get(8)?,
        },
    })
}

/// All names of a finding, sorted.
pub(super) fn names_of(database: &Connection, id: FindingId) -> Answer<Vec<String>> {
    let words = "SELECT vulnerability FROM finding_name WHERE finding = ?1 ORDER BY vulnerability";
    let mut asked = database.prepare_cached(words)?;
    let names = asked.query_map([id.0], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// The findings of a component in a product.
pub(super) fn of_component(
    database: &Connection,
    component: i64,
    product: &str,
) -> Answer<Vec<FindingRow>> {
    let words = format!("{COLUMNS} WHERE component = ?1 AND product = ?2 ORDER BY finding.id");
    let mut asked = database.prepare_cached(&words)?;
    let mut rows = asked.query(params![component, product])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let mut one = row_of(row)?;
        one.names = names_of(database, one.id)?;
        found.push(one);
    }
    Ok(found)
}

/// A finding by its number.
pub(super) fn get(database: &Connection, id: FindingId) -> Answer<FindingRow> {
    let mut asked = database.prepare_cached(&format!("{COLUMNS} WHERE finding.id = ?1"))?;
    let mut rows = asked.query([id.0])?;
    let Some(row) = rows.next()? else {
        let expected = "the number of a finding; `homeostat vuln explain` lists them";
        return Err(Trouble::new("finding", id, expected));
    };
    let mut one = row_of(row)?;
    one.names = names_of(database, id)?;
    Ok(one)
}

impl Office {
    /// A finding.
    ///
    /// # Errors
    /// If there is no such finding.
    pub fn finding(&self, id: FindingId) -> Result<FindingRow, StoreError> {
        self.store.read(|database| get(database, id))
    }

    /// All findings in the order of their numbers, their names left out.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn findings(&self) -> Result<Vec<FindingRow>, StoreError> {
        let mut all = Vec::new();
        self.store.read(|database| {
            each(database, &format!("{COLUMNS} ORDER BY finding.id"), |row| {
                all.push(row_of(row)?);
                Ok(())
            })
        })?;
        Ok(all)
    }

    /// The findings in which a component, by its package URL or by name and version, has one of these names of a
    /// vulnerability.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn findings_named(
        &self,
        (name, version, purl): (&str, &str, Option<&str>),
        names: &[Cow<'_, str>],
    ) -> Result<Vec<FindingRow>, StoreError> {
        let mut found = BTreeMap::new();
        self.store.read(|database| {
            let words = "SELECT finding FROM finding_name WHERE vulnerability = ?1";
            let mut asked = database.prepare_cached(words)?;
            for one in names {
                let ids = asked.query_map([one], |row| row.get(0))?;
                for id in ids.collect::<Result<Vec<i64>, _>>()? {
                    let row = get(database, FindingId(id))?;
                    let same = row.component == name && row.version.as_deref() == Some(version);
                    if same || (purl.is_some() && row.purl.as_deref() == purl) {
                        found.insert(id, row);
                    }
                }
            }
            Ok(())
        })?;
        Ok(found.into_values().collect())
    }

    /// The life of a finding.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn history(&self, id: FindingId) -> Result<Vec<NotedEvent>, StoreError> {
        self.store.read(|database| {
            let mut asked = database.prepare_cached(
                "SELECT time, change, answer, class, reason FROM finding_event WHERE finding = ?1 ORDER BY seq",
            )?;
            let mut rows = asked.query([id.0])?;
            let mut all = Vec::new();
            while let Some(row) = rows.next()? {
                all.push(NotedEvent {
                    time: row.get(0)?,
                    change: row.get(1)?,
                    answer: known("event answer", row.get_ref(2)?.as_str()?)?,
                    class: known("event class", row.get_ref(3)?.as_str()?)?,
                    reason: row.get(4)?,
                });
            }
            Ok(all)
        })
    }
}
