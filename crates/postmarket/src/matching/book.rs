//! What the feeds say now: every advisory in its newest revision, found by the names that it speaks of.

use super::affects::{Prepared, Verdict};
use super::name::Name;
use super::product_table::ProductTable;
use crate::feed::{Advisory, Assertion, Origin, Signal};
use crate::identity::{AliasGroups, AliasTable};
use crate::version::{KeyedRange, Scheme};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::mem::discriminant;
use std::sync::OnceLock;

/// An advisory of one feed, through all its revisions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct AdvisoryId(pub u32);

/// What became of an advisory that was put in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Put {
    /// It was not there before.
    New(AdvisoryId),
    /// It says something else than before.
    Changed(AdvisoryId),
    /// It says the same.
    Same(AdvisoryId),
    /// A newer revision is there already.
    Stale(AdvisoryId),
}

#[derive(Clone, Debug)]
struct Entry {
    advisory: Advisory,
    prepared: Prepared,
}

/// The advisories, signs and assertions of all feeds.
#[derive(Clone, Debug, Default)]
pub struct Book {
    entries: Vec<Entry>,
    by_id: BTreeMap<(Origin, String), AdvisoryId>,
    by_name: BTreeMap<Name, Vec<AdvisoryId>>,
    documents: BTreeMap<(Origin, String), Vec<AdvisoryId>>,
    signals: BTreeMap<String, Vec<Signal>>,
    assertions: BTreeMap<String, Vec<Assertion>>,
    aliases: AliasTable,
    /// The id that each advisory's vulnerability goes by; asked for again once an advisory has changed.
    vulnerabilities: OnceLock<Vec<String>>,
}

/// Records that others add to a CVE record belong to the document of the CVE record.
fn family(origin: Origin) -> Origin {
    match origin {
        Origin::CveAdp => Origin::Cve,
        other => other,
    }
}

/// Whether a revision is older than another, where both say when they were made.
fn older(new: &str, old: &str) -> bool {
    let read = |text: &str| text.parse::<jiff::Timestamp>().ok();
    match (read(new), read(old)) {
        (Some(new), Some(old)) => new < old,
        // Without zone or time the texts of one feed have one form: they order as they stand.
        _ => new.len() == old.len() && new < old,
    }
}

impl Book {
    /// Puts an advisory in.
    pub fn put(&mut self, advisory: Advisory, table: &ProductTable) -> Put {
        let key = (advisory.origin, advisory.id.clone());
        let Some(&id) = self.by_id.get(&key) else {
            return Put::New(self.insert(key, advisory, table));
        };
        let Some(entry) = self.entries.get(id.0 as usize) else { return Put::Same(id) };
        if older(&advisory.modified, &entry.advisory.modified) {
            return Put::Stale(id);
        }
        if same(&advisory, &entry.advisory) {
            return Put::Same(id);
        }
        self.unlink(id);
        self.link(id, advisory, table);
        Put::Changed(id)
    }

    fn insert(
        &mut self,
        key: (Origin, String),
        advisory: Advisory,
        table: &ProductTable,
    ) -> AdvisoryId {
        let id = AdvisoryId(u32::try_from(self.entries.len()).unwrap_or(u32::MAX));
        if let Some(document) = &advisory.document {
            let key = (family(advisory.origin), document.clone());
            self.documents.entry(key).or_default().push(id);
        }
        self.by_id.insert(key, id);
        self.entries.push(Entry { advisory: advisory.clone(), prepared: Prepared::default() });
        self.link(id, advisory, table);
        id
    }

    fn link(&mut self, id: AdvisoryId, advisory: Advisory, table: &ProductTable) {
        let prepared = Prepared::new(&advisory, table);
        for name in prepared.names() {
            match self.by_name.get_mut(name) {
                Some(ids) => ids.push(id),
                None => {
                    self.by_name.insert(name.clone(), vec![id]);
                }
            }
        }
        self.vulnerabilities.take();
        // What an advisory says of names goes with it when it is withdrawn.
        let asserter = format!("{:?} {}", advisory.origin, advisory.id);
        if advisory.withdrawn.is_some() {
            self.aliases.withdraw(&asserter);
        } else {
            let others = advisory.aliases.iter().map(String::as_str);
            self.aliases.assert(&asserter, &advisory.id, others);
        }
        if let Some(entry) = self.entries.get_mut(id.0 as usize) {
            *entry = Entry { advisory, prepared };
        }
    }

    /// Which ids name one vulnerability now, by what the advisories that are not withdrawn say.
    #[must_use]
    pub fn groups(&self) -> AliasGroups {
        self.aliases.groups()
    }

    /// The id that the vulnerability of an advisory goes by: CVE's if there is one.
    #[must_use]
    pub fn vulnerability(&self, id: AdvisoryId) -> &str {
        let all = self.vulnerabilities.get_or_init(|| {
            let groups = self.groups();
            self.entries.iter().map(|entry| groups.canonical(&entry.advisory.id)).collect()
        });
        all.get(id.0 as usize).map_or("", String::as_str)
    }

    /// The ordering by which an advisory's verdict was given, and the ranges that the version was held against.
    pub(crate) fn compared(
        &self,
        id: AdvisoryId,
        verdict: Verdict,
    ) -> Option<(Scheme, &[KeyedRange])> {
        self.prepared(id)?.compared(verdict)
    }

    /// Who says that ids are the same: every advisory by its origin and id.
    #[must_use]
    pub fn aliases(&self) -> &AliasTable {
        &self.aliases
    }

    fn unlink(&mut self, id: AdvisoryId) {
        let Some(entry) = self.entries.get(id.0 as usize) else { return };
        for name in entry.prepared.names() {
            if let Some(ids) = self.by_name.get_mut(name) {
                ids.retain(|known| *known != id);
            }
        }
    }

    /// Other advisories of the document that `advisory` is a part of.
    #[must_use]
    pub fn siblings(&self, advisory: &Advisory) -> &[AdvisoryId] {
        let Some(document) = advisory.document.clone() else { return &[] };
        self.documents.get(&(family(advisory.origin), document)).map_or(&[], Vec::as_slice)
    }

    /// An advisory in its newest revision.
    #[must_use]
    pub fn advisory(&self, id: AdvisoryId) -> Option<&Advisory> {
        self.entries.get(id.0 as usize).map(|entry| &entry.advisory)
    }

    pub(super) fn prepared(&self, id: AdvisoryId) -> Option<&Prepared> {
        self.entries.get(id.0 as usize).map(|entry| &entry.prepared)
    }

    /// Which advisory a feed's id names.
    #[must_use]
    pub fn find(&self, origin: Origin, id: &str) -> Option<AdvisoryId> {
        self.by_id.get(&(origin, id.to_owned())).copied()
    }

    /// All advisories, in the order in which they came.
    pub fn advisories(&self) -> impl Iterator<Item = (AdvisoryId, &Advisory)> {
        (0..).map(AdvisoryId).zip(self.entries.iter().map(|entry| &entry.advisory))
    }

    /// Advisories that speak of a name.
    #[must_use]
    pub fn about(&self, name: &Name) -> &[AdvisoryId] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// Keeps a sign; the newest of its kind by its asserter counts. A catalogue that drops an entry takes nothing
    /// back: signs only raise.
    pub fn keep_signal(&mut self, signal: Signal) {
        let list = self.signals.entry(signal.id.clone()).or_default();
        let same = |known: &Signal| {
            known.asserter == signal.asserter
                && discriminant(&known.kind) == discriminant(&signal.kind)
        };
        match list.iter_mut().find(|known| same(known)) {
            Some(known) if older(&signal.since, &known.since) => {}
            Some(known) => *known = signal,
            None => list.push(signal),
        }
    }

    /// Keeps an assertion beside those that are there.
    pub fn keep_assertion(&mut self, assertion: Assertion) {
        let list = self.assertions.entry(assertion.id.clone()).or_default();
        if !list.contains(&assertion) {
            list.push(assertion);
        }
    }

    /// Signs about a vulnerability, by the id that they were given under.
    #[must_use]
    pub fn signals(&self, id: &str) -> &[Signal] {
        self.signals.get(id).map_or(&[], Vec::as_slice)
    }

    /// Assertions about a vulnerability, by the id that they were given under.
    #[must_use]
    pub fn assertions(&self, id: &str) -> &[Assertion] {
        self.assertions.get(id).map_or(&[], Vec::as_slice)
    }
}

/// The same but for where it was read.
fn same(a: &Advisory, b: &Advisory) -> bool {
    let place = b.place.clone();
    Advisory { place, ..a.clone() } == *b
}
