//! The post-market office: the field, the feeds and the store together.
//!
//! A round takes feed files ([`Office::take`]) and then settles what follows ([`Office::settle`]): findings, their class
//! for patients, the clocks that start, the notices that wait for a person. Each step is one transaction of the
//! [`Store`]; what a killed process had not settled is settled by the next one. Time comes in as an argument.

mod answers;
mod attacks;
mod clocks;
mod decide;
mod facts;
mod field;
mod findings;
mod known;
mod maker;
mod matrix;
mod said;
mod same;
mod settle;

pub use answers::{AnswersError, AnswersFile, Happening, NotAffected, Otherwise};
pub use clocks::{Running, Standing};
pub use decide::{AssessError, Assessment, Chain, Decided, Given, Replayed, Withdrawal};
pub use field::{NewRelease, Put};
pub use findings::{FindingId, FindingRow, NotedEvent, Told};
pub use maker::{Calendars, Field, FieldError, FieldMatrix, FieldProduct, FieldRelease, Maker};
pub use matrix::{MatrixRefused, SignedMatrix};
pub use said::Round;
pub use settle::{Notice, Settled};

use crate::clock::Table;
use crate::harm::function_map::RiskFile;
use crate::harm::matrix::InForce;
use crate::matching::{AdvisoryId, ComponentId, ProductTable, ReleaseId, Verdict, Waiting, Watch};
use crate::sbom::Component;
use crate::store::{Answer, Store, StoreError, Trouble, keep_setting, known, setting};
use jiff::Timestamp;
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};

/// By what the office judges.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Names of products.
    pub table: ProductTable,
    /// Names this version of the program and of the table: when it is another than before, everything is asked again and
    /// every file read again.
    pub mark: String,
}

/// A release as the office knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Known {
    product: String,
    version: String,
    added: String,
}

/// The office at work: what matching needs is in memory, everything else in the store.
#[derive(Debug)]
pub struct Office {
    store: Store,
    memory: Memory,
}

/// What is in memory of the store.
#[derive(Debug, Default)]
struct Memory {
    watch: Watch,
    /// By the number of the row in the store.
    components: Vec<ComponentId>,
    /// The first row of each component.
    rows: BTreeMap<ComponentId, i64>,
    /// By [`ReleaseId`].
    releases: Vec<Known>,
    /// The release with devices, of those of one product and version.
    current: BTreeMap<(String, String), ReleaseId>,
    risks: BTreeMap<String, RiskFile>,
    maker: Maker,
    /// Products of the office file.
    products: BTreeMap<String, FieldProduct>,
    /// By which decisions are made.
    matrix: InForce,
    /// The clocks, with the maker's own limits.
    clocks: Table,
    /// [`Rules::mark`]; nothing where the office only looks.
    mark: String,
    /// Components of which a verdict was ever given.
    judged: BTreeSet<ComponentId>,
    /// Events of the ledger that stand in the store.
    noted: usize,
    /// A write failed after memory had changed: it knows more than the store.
    ahead: bool,
}

impl Office {
    /// Opens the office on a store, and asks everything again if the rules are others than the last time.
    ///
    /// # Errors
    /// If the store cannot be read, or holds what this version does not know.
    pub fn open(store: Store, rules: Rules, now: Timestamp) -> Result<Self, StoreError> {
        let Rules { table, mark } = rules;
        let memory = Memory { watch: Watch::new(table), mark, ..Memory::default() };
        let mut office = Self { store, memory };
        office.recall()?;
        let before = office.store.read(|database| setting(database, "rules"))?;
        if before.as_ref() != Some(&office.memory.mark) {
            office.change(|database, memory| {
                memory.watch.ask_again(&now.to_string());
                findings::note(database, memory)?;
                keep_setting(database, "rules", &memory.mark)
            })?;
        }
        Ok(office)
    }

    /// Opens the office to look and to decide, not to take feeds: nothing is asked again.
    ///
    /// # Errors
    /// If the store cannot be read, or holds what this version does not know.
    pub fn look(store: Store) -> Result<Self, StoreError> {
        let mut office = Self { store, memory: Memory::default() };
        office.recall()?;
        Ok(office)
    }

    /// Writes what memory takes up too, all of it or nothing. Where that fails memory may be ahead of the store: the
    /// office then refuses until it is opened again.
    fn change<T>(
        &mut self,
        change: impl FnOnce(&Connection, &mut Memory) -> Answer<T>,
    ) -> Result<T, StoreError> {
        let Self { store, memory } = self;
        let done = store.write(|database| {
            if memory.ahead {
                let expected = "every write done; open the office again";
                return Err(Trouble::new("office", "one that failed", expected));
            }
            memory.ahead = true;
            change(database, memory)
        })?;
        memory.ahead = false;
        memory.written();
        Ok(done)
    }

    /// Whether a write failed, so that the office must be opened again.
    #[must_use]
    pub fn is_ahead(&self) -> bool {
        self.memory.ahead
    }

    /// Everything that the store knows, in the order in which it came.
    fn recall(&mut self) -> Result<(), StoreError> {
        let Self { store, memory } = self;
        store.read(|database| memory.reread(database))?;
        let Memory { watch, components, rows, releases, current, judged, .. } = memory;
        store.read(|database| {
            each(database, "SELECT id, body FROM component ORDER BY id", |row| {
                in_order("component", row.get(0)?, count(components.len()))?;
                let component: Component = known("component", row.get_ref(1)?.as_str()?)?;
                let id = watch.recall_component(&component).map_err(full)?;
                rows.entry(id).or_insert(count(components.len()));
                components.push(id);
                Ok(())
            })?;
            field::recall(database, watch, components, (releases, current))?;
            each(database, "SELECT id, body FROM advisory ORDER BY id", |row| {
                let id = watch.recall_advisory(&known("advisory", row.get_ref(1)?.as_str()?)?);
                in_order("advisory", row.get(0)?, i64::from(id.0))
            })?;
            each(database, "SELECT advisory, component, open, body FROM verdict", |row| {
                let verdict: Verdict = known("verdict", row.get_ref(3)?.as_str()?)?;
                let component = *at(components, row.get(1)?)?;
                judged.insert(component);
                watch.recall_finding(AdvisoryId(row.get(0)?), component, row.get(2)?, verdict);
                Ok(())
            })?;
            Ok(())
        })
    }

    /// Who keeps the office.
    #[must_use]
    pub fn maker(&self) -> &Maker {
        &self.memory.maker
    }

    /// Products of advisories that no name leads to in the field, by what the store holds and a table of names.
    #[must_use]
    pub fn products_waiting(&self, table: &ProductTable) -> Vec<Waiting> {
        self.memory.watch.waiting(table)
    }

    /// The table of exploitability by severity by which decisions are made.
    #[must_use]
    pub fn matrix(&self) -> &InForce {
        &self.memory.matrix
    }

    /// Releases, products and devices in the field.
    #[must_use]
    pub fn extent(&self) -> (usize, usize, u64) {
        let all: Vec<ReleaseId> =
            self.memory.watch.catalogue().releases().map(|(id, _)| id).collect();
        let products: BTreeSet<&str> =
            self.memory.releases.iter().map(|known| known.product.as_str()).collect();
        (all.len(), products.len(), self.memory.devices(&all))
    }
}

impl Memory {
    /// What another process may have changed: risk files, who the maker is, and by which tables.
    fn reread(&mut self, database: &Connection) -> Answer<()> {
        self.risks = facts::risk_files(database)?;
        (self.maker, self.products) = maker::kept(database)?;
        self.matrix = matrix::in_force(database)?;
        let clocks = self.maker.clocks();
        self.clocks = clocks.map_err(|error| {
            Trouble::new(format!("policy {}", error.key), error.found, error.expected)
        })?;
        Ok(())
    }

    /// Which law and policy hold for a product.
    fn scopes(&self, product: &str) -> &BTreeSet<String> {
        let own = self.products.get(product).and_then(|product| product.scopes.as_ref());
        own.unwrap_or(&self.maker.scopes)
    }

    /// All events of the ledger stand in the store.
    fn written(&mut self) {
        let fresh = self.watch.ledger().events().get(self.noted..).unwrap_or_default();
        self.judged.extend(fresh.iter().map(|event| event.component));
        self.noted = self.watch.ledger().events().len();
    }

    /// Releases of a product that hold a component, in the order in which they came.
    fn releases_of(&self, product: &str, component: ComponentId) -> Vec<ReleaseId> {
        let having = self.watch.catalogue().having(component).iter().copied();
        having.filter(|id| self.known(*id).is_some_and(|one| one.product == product)).collect()
    }

    fn known(&self, id: ReleaseId) -> Option<&Known> {
        self.releases.get(id.0 as usize)
    }

    /// How many the releases of a product are, those of one version with several bills once.
    fn versions(&self, releases: &[ReleaseId]) -> usize {
        let known = releases.iter().filter_map(|id| self.known(*id));
        known.map(|one| one.version.as_str()).collect::<BTreeSet<&str>>().len()
    }

    /// Devices that run any of the releases.
    fn devices(&self, releases: &[ReleaseId]) -> u64 {
        let of = |id: &ReleaseId| self.watch.catalogue().release(*id).map_or(0, |one| one.devices);
        releases.iter().map(of).sum()
    }
}

/// A time, or `otherwise` where the text is none.
fn time_of(text: &str, otherwise: Timestamp) -> Timestamp {
    text.parse().unwrap_or(otherwise)
}

fn full(error: crate::matching::Full) -> Trouble {
    Trouble::new("catalogue", "more", error.to_string())
}

/// A count as SQLite keeps it: none of ours comes near its end.
fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Rows are known by the place that they have in memory: one that is missing would shift all that follow.
fn in_order(table: &str, row: i64, place: i64) -> Answer<()> {
    match row == place {
        true => Ok(()),
        false => Err(Trouble::new(format!("{table} {row}"), "it", format!("number {place} here"))),
    }
}

fn at<T>(list: &[T], row: i64) -> Answer<&T> {
    usize::try_from(row)
        .ok()
        .and_then(|row| list.get(row))
        .ok_or_else(|| Trouble::new("component", row, "the number of a component that is kept"))
}

/// Asks, and takes every row.
fn each(
    database: &Connection,
    question: &str,
    mut take: impl FnMut(&rusqlite::Row<'_>) -> Answer<()>,
) -> Answer<()> {
    let mut asked = database.prepare(question)?;
    let mut rows = asked.query([])?;
    while let Some(row) = rows.next()? {
        take(row)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
