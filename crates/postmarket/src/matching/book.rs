//! What the feeds say now: every advisory in its newest revision, found by the names that it speaks of.

use super::affects::{Prepared, Verdict};
use super::name::Name;
use super::product_table::ProductTable;
use super::subject::{Read, Subject};
use crate::feed::{Advisory, Assertion, Origin, Signal};
use crate::identity::{AliasGroups, AliasTable};
use crate::version::KeyedRange;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
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
    /// It says that it was made after the present, and gives way to the one that is there: until then.
    Ahead(AdvisoryId),
}

#[derive(Clone, Debug)]
struct Entry {
    /// Apart, so that matching, which goes through what was prepared, has less to fetch.
    advisory: Box<Advisory>,
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
    /// The present; empty while nobody has said it.
    now: String,
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
    // Where a feed names no zone it means UTC.
    let read = |text: &str| {
        let civil = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok();
        text.parse::<Timestamp>().ok().or_else(|| Some(civil()?.timestamp()))
    };
    match (read(new), read(old)) {
        (Some(new), Some(old)) => new < old,
        // Other texts of one feed have one form: they order as they stand.
        _ => new.len() == old.len() && new < old,
    }
}

impl Book {
    /// Says what time it is, for all that is put in from now on.
    pub fn set_now(&mut self, now: &str) {
        now.clone_into(&mut self.now);
    }

    /// Puts an advisory in. Nothing was revised after the present: a revision that says so gives way to every other
    /// one, before or after it. Any other gives way only to what is not older, however old the mirror is that brings it.
    pub fn put(&mut self, advisory: &Advisory, table: &ProductTable) -> Put {
        let key = (advisory.origin, advisory.id.clone());
        let Some(&id) = self.by_id.get(&key) else {
            return Put::New(self.insert(key, advisory, table));
        };
        let Some(entry) = self.entries.get(id.0 as usize) else { return Put::Same(id) };
        let known = &entry.advisory.modified;
        match [known, &advisory.modified].map(|time| older(&self.now, time)) {
            [false, true] => return Put::Ahead(id),
            [true, false] => {}
            _ if older(&advisory.modified, known) => return Put::Stale(id),
            _ => {}
        }
        if same(advisory, &entry.advisory) {
            return Put::Same(id);
        }
        self.unlink(id);
        let new = self.link(id, advisory, table);
        if let Some(entry) = self.entries.get_mut(id.0 as usize) {
            *entry = new;
        }
        Put::Changed(id)
    }

    fn insert(
        &mut self,
        key: (Origin, String),
        advisory: &Advisory,
        table: &ProductTable,
    ) -> AdvisoryId {
        let id = AdvisoryId(u32::try_from(self.entries.len()).unwrap_or(u32::MAX));
        if let Some(document) = &advisory.document {
            let key = (family(advisory.origin), document.clone());
            self.documents.entry(key).or_default().push(id);
        }
        self.by_id.insert(key, id);
        let entry = self.link(id, advisory, table);
        self.entries.push(entry);
        id
    }

    /// Makes an advisory found by its names and its ids.
    fn link(&mut self, id: AdvisoryId, advisory: &Advisory, table: &ProductTable) -> Entry {
        let prepared = Prepared::new(advisory, table);
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
        // A copy's lists have no room to grow, which in what a reader made is most of an advisory.
        Entry { advisory: Box::new(advisory.clone()), prepared }
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

    /// The version that an advisory's verdict was given on, and the ranges that it was held against.
    pub(crate) fn compared<'s>(
        &self,
        id: AdvisoryId,
        verdict: Verdict,
        subject: &'s Subject,
    ) -> Option<(Read<'s>, Option<&KeyedRange>)> {
        self.entries.get(id.0 as usize)?.prepared.compared(verdict, subject)
    }

    /// Asks an advisory about a component. `None` if it speaks of other things.
    pub(super) fn verdict(&self, id: AdvisoryId, subject: &Subject) -> Option<Verdict> {
        let Entry { advisory, prepared } = self.entries.get(id.0 as usize)?;
        prepared.verdict(advisory, subject)
    }

    /// The names that an advisory speaks of, each once.
    pub(super) fn names(&self, id: AdvisoryId) -> impl Iterator<Item = &Name> {
        self.entries.get(id.0 as usize).into_iter().flat_map(|entry| entry.prepared.names())
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
        self.entries.get(id.0 as usize).map(|entry| &*entry.advisory)
    }

    /// Which advisory a feed's id names.
    #[must_use]
    pub fn find(&self, origin: Origin, id: &str) -> Option<AdvisoryId> {
        self.by_id.get(&(origin, id.to_owned())).copied()
    }

    /// All advisories, in the order in which they came.
    pub fn advisories(&self) -> impl Iterator<Item = (AdvisoryId, &Advisory)> {
        (0..).map(AdvisoryId).zip(self.entries.iter().map(|entry| &*entry.advisory))
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

#[cfg(test)]
mod tests {
    use super::{Book, Put};
    use crate::feed::{Advisory, Origin, Place};
    use crate::matching::ProductTable;

    /// What becomes of revisions that come one after another, at a time that is now.
    fn kinds(now: &str, revisions: &[&str]) -> Vec<&'static str> {
        let mut book = Book::default();
        book.set_now(now);
        let put = |(number, modified): (usize, &&str)| {
            let place = Place { file: "f".to_owned(), pointer: String::new() };
            let mut advisory = Advisory::new(Origin::Osv, "A".to_owned(), place);
            advisory.modified = (*modified).to_owned();
            advisory.summary = format!("revision {number}");
            match book.put(&advisory, &ProductTable::default()) {
                Put::New(_) => "new",
                Put::Changed(_) => "changed",
                Put::Same(_) => "same",
                Put::Stale(_) => "stale",
                Put::Ahead(_) => "ahead",
            }
        };
        revisions.iter().enumerate().map(put).collect()
    }

    #[test]
    fn pmk_02_a_revision_from_the_future_gives_way_to_any_other_whichever_comes_first() {
        let now = "2026-11-22T00:00:00Z";
        for future in ["2999-01-01T00:00:00Z", "2999-01-01T00:00:00.000", "2999-01-01"] {
            let later = [future, "2026-11-21T00:00:00Z"];
            assert_eq!(kinds(now, &later), ["new", "changed"], "{future}");
            // Of a time that nobody has said nothing is known to lie ahead.
            assert_eq!(kinds("", &later), ["new", "stale"], "{future}");
            let before = ["2026-11-21T00:00:00Z", future];
            assert_eq!(kinds(now, &before), ["new", "ahead"], "{future}");
            assert_eq!(kinds("", &before), ["new", "changed"], "{future}");
        }
        // Of two that lie ahead the newer counts.
        let ahead = ["2999-01-01T00:00:00Z", "2998-01-01T00:00:00Z", "2999-01-02T00:00:00Z"];
        assert_eq!(kinds(now, &ahead), ["new", "stale", "changed"]);
        for past in ["2026-11-21T00:00:00Z", "2026-11-21T00:00:00.000", "2026-11-21"] {
            let earlier = [past, "2026-11-20T00:00:00Z"];
            assert_eq!(kinds(now, &earlier), ["new", "stale"], "{past}");
        }
    }
}
