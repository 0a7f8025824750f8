//! The watch over the field: feeds and releases come in, findings come out, both ways by the same question.
//!
//! A new release is asked against all advisories (forward); a new, changed or withdrawn advisory is asked against all
//! components that bear one of its names (inverse). Both end in [`Ledger`], and both give the same set.

use super::affects::{Answer, Verdict};
use super::book::{AdvisoryId, Book, Put};
use super::catalogue::{Catalogue, ComponentId, Full, Reach, ReleaseId};
use super::findings::{Cause, FindingEvent, Ledger};
use super::product_table::ProductTable;
use super::queue::{Queue, Tally, Waiting};
use super::subject::Subject;
use crate::feed::{Advisory, Event, Intake, Rejected, Sink};
use crate::sbom::{Bill, Component};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Everything that matching knows. Time comes in with every call.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// Names that the table adds.
    table: ProductTable,
    /// What is in the field.
    catalogue: Catalogue,
    /// What the feeds say.
    book: Book,
    /// What was found.
    ledger: Ledger,
    /// What a person must look at.
    queue: Queue,
}

/// What a new revision of an advisory means for the field.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delta {
    /// The advisory.
    pub advisory: AdvisoryId,
    /// What changed; empty if nothing did.
    pub events: Vec<FindingEvent>,
    /// Releases and devices with a component that is affected.
    pub affected: Reach,
    /// Releases and devices with a component of which it cannot be told.
    pub unknown: Reach,
}

/// What became of one file.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Taken {
    /// Records in the file.
    pub records: usize,
    /// Records that were not taken, and why.
    pub rejected: Vec<Rejected>,
    /// Advisories that are new.
    pub new: usize,
    /// Advisories that say something else than before, the withdrawn ones included.
    pub changed: usize,
    /// Advisories that say the same as before.
    pub same: usize,
    /// Advisories of which a newer revision is there already.
    pub stale: usize,
    /// Advisories that say that they were made after the present, where another revision is there: not taken before then.
    pub ahead: usize,
    /// Signs of exploitation.
    pub signals: usize,
    /// Assertions of suppliers.
    pub assertions: usize,
    /// What became of the products that the new and changed advisories name.
    pub products: Tally,
    /// What it means for the field, in the order of the file.
    pub deltas: Vec<Delta>,
}

/// One finding of a scan.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Finding {
    /// Index of the component in the bill.
    pub component: usize,
    /// The advisory.
    pub advisory: AdvisoryId,
    /// The verdict: affected or unknown.
    pub verdict: Verdict,
}

/// What all feeds say of one vulnerability in one component.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Grouped<'f, 'b> {
    /// Index of the component in the bill.
    pub component: usize,
    /// The id that the vulnerability goes by: CVE's if there is one.
    pub id: &'b str,
    /// The worst of the verdicts, affected before unknown.
    pub verdict: Verdict,
    /// The advisory that gives it.
    pub first: AdvisoryId,
    /// What each advisory says, the worst first.
    pub findings: &'f [Finding],
}

/// What a scan of one bill gave.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Scan {
    /// Sorted by component and advisory.
    pub findings: Vec<Finding>,
    /// Components without a name that any feed could use, by their index: a person must name them.
    pub unnamed: Vec<usize>,
    /// Parts of the product itself, by their index: no feed speaks of them, and nobody needs to look.
    pub own: Vec<usize>,
}

impl Scan {
    /// Puts the findings of one vulnerability together and gives each such group, by component and id.
    pub fn grouped<'f, 'b>(
        &'f mut self,
        book: &'b Book,
    ) -> impl Iterator<Item = Grouped<'f, 'b>> + use<'f, 'b> {
        let id = |one: &Finding| book.vulnerability(one.advisory);
        for same in self.findings.chunk_by_mut(|a, b| a.component == b.component) {
            same.sort_unstable_by_key(|one| (id(one), one.verdict, one.advisory));
        }
        let groups =
            self.findings.chunk_by(move |a, b| (a.component, id(a)) == (b.component, id(b)));
        groups.filter_map(move |findings| {
            let &Finding { component, advisory: first, verdict } = findings.first()?;
            Some(Grouped { component, id: book.vulnerability(first), verdict, first, findings })
        })
    }
}

impl Watch {
    /// An empty watch with a table of names.
    #[must_use]
    pub fn new(table: ProductTable) -> Self {
        Self { table, ..Self::default() }
    }

    /// Says what time it is: an advisory that was revised later gives way to any other revision of it. Until it is said
    /// none does.
    pub fn set_now(&mut self, now: &str) {
        self.book.set_now(now);
    }

    /// Adds a release and asks all advisories about the components that are new.
    ///
    /// # Errors
    ///
    /// Where the catalogue is full.
    pub fn add_release(&mut self, title: &str, bill: &Bill, time: &str) -> Result<ReleaseId, Full> {
        let added = self.catalogue.add(title, bill, &self.table)?;
        let time: Arc<str> = time.into();
        for id in added.fresh {
            let Some(subject) = self.catalogue.subject(id) else { continue };
            for (advisory, verdict) in concerning(&self.book, subject) {
                let revision = self.book.advisory(advisory).map_or("", |one| &one.modified);
                let cause = Cause { time: Arc::clone(&time), revision: revision.into() };
                self.ledger.note(advisory, id, verdict, &cause);
            }
        }
        Ok(added.release)
    }

    /// Takes up a component from an earlier run, without asking anything. In their order they get their numbers again.
    ///
    /// # Errors
    ///
    /// Where the catalogue is full.
    pub fn recall_component(&mut self, component: &Component) -> Result<ComponentId, Full> {
        self.catalogue.know(component, &self.table).map(|(id, _)| id)
    }

    /// Takes up a release from an earlier run, without asking anything.
    ///
    /// # Errors
    ///
    /// Where the catalogue is full.
    pub fn recall_release(
        &mut self,
        title: &str,
        digest: &str,
        components: Vec<ComponentId>,
    ) -> Result<ReleaseId, Full> {
        self.catalogue.hold(title, digest, components)
    }

    /// Takes up an advisory from an earlier run, without asking anything. In their order they get their numbers again.
    pub fn recall_advisory(&mut self, advisory: &Advisory) -> AdvisoryId {
        let (Put::New(id) | Put::Changed(id) | Put::Same(id) | Put::Stale(id) | Put::Ahead(id)) =
            self.book.put(advisory, &self.table);
        if let Some(advisory) = self.book.advisory(id) {
            let _ = self.queue.sort(id, advisory, &self.table, &self.catalogue);
        }
        id
    }

    /// Takes up how a finding stood in an earlier run.
    pub fn recall_finding(
        &mut self,
        advisory: AdvisoryId,
        component: ComponentId,
        open: bool,
        verdict: Verdict,
    ) {
        self.ledger.recall(advisory, component, open, verdict);
    }

    /// Says how many devices run a release, where the devices themselves are not known here.
    pub fn count(&mut self, release: ReleaseId, devices: u64) {
        self.catalogue.count(release, devices);
    }

    /// Asks every advisory about the whole field again and notes what is otherwise than before: after a change of the
    /// rules or of the table of names.
    pub fn ask_again(&mut self, time: &str) {
        let time: Arc<str> = time.into();
        let all: Vec<AdvisoryId> = self.book.advisories().map(|(id, _)| id).collect();
        for id in all {
            let _ = self.reassess(id, &time);
        }
    }

    /// Says which release a device runs from now on. `false` if there is no such release.
    pub fn install(&mut self, device: &str, release: ReleaseId) -> bool {
        self.catalogue.install(device, release)
    }

    /// A device is not in the field any more.
    pub fn retire(&mut self, device: &str) {
        self.catalogue.retire(device);
    }

    /// Takes in what an adapter reads of a file, record by record.
    pub fn take(&mut self, read: impl FnOnce(&mut Sink<'_>) -> Intake, time: &str) -> Taken {
        let mut taken = Taken::default();
        let time: Arc<str> = time.into();
        // Documents of this file, and the parts that they have now.
        let mut documents: BTreeMap<AdvisoryId, BTreeSet<AdvisoryId>> = BTreeMap::new();
        let intake = read(&mut |event| match event {
            Event::Advisory(advisory) => {
                if let Some(id) = self.put(&advisory, &time, &mut taken) {
                    let first = self.book.advisory(id).map(|one| self.book.siblings(one));
                    let first = first.and_then(|parts| parts.first().copied());
                    documents.entry(first.unwrap_or(id)).or_default().insert(id);
                }
            }
            Event::Signal(signal) => {
                taken.signals += 1;
                self.book.keep_signal(signal);
            }
            Event::Assertion(assertion) => {
                taken.assertions += 1;
                self.book.keep_assertion(assertion);
            }
        });
        (taken.records, taken.rejected) = (intake.records, intake.rejected);
        self.withdraw_missing(&documents, &time, &mut taken);
        taken
    }

    /// Parts that a document had and has no more are withdrawn by its new revision.
    fn withdraw_missing(
        &mut self,
        documents: &BTreeMap<AdvisoryId, BTreeSet<AdvisoryId>>,
        time: &Arc<str>,
        taken: &mut Taken,
    ) {
        for parts in documents.values() {
            let Some(one) = parts.first().and_then(|id| self.book.advisory(*id)) else { continue };
            let modified = one.modified.clone();
            let gone: Vec<Advisory> = self
                .book
                .siblings(one)
                .iter()
                .filter(|id| !parts.contains(id))
                .filter_map(|id| self.book.advisory(*id))
                .filter(|old| old.withdrawn.is_none())
                .cloned()
                .collect();
            for mut advisory in gone {
                advisory.withdrawn = Some(modified.clone());
                advisory.modified.clone_from(&modified);
                self.put(&advisory, time, taken);
            }
        }
    }

    /// The id, unless a newer revision was there.
    fn put(
        &mut self,
        advisory: &Advisory,
        time: &Arc<str>,
        taken: &mut Taken,
    ) -> Option<AdvisoryId> {
        let id = match self.book.put(advisory, &self.table) {
            Put::New(id) => {
                taken.new += 1;
                id
            }
            Put::Changed(id) => {
                taken.changed += 1;
                id
            }
            Put::Same(id) => {
                taken.same += 1;
                return Some(id);
            }
            Put::Stale(_) => {
                taken.stale += 1;
                return None;
            }
            Put::Ahead(_) => {
                taken.ahead += 1;
                return None;
            }
        };
        if let Some(advisory) = self.book.advisory(id) {
            let tally = self.queue.sort(id, advisory, &self.table, &self.catalogue);
            taken.products.products += tally.products;
            taken.products.matched += tally.matched;
            taken.products.dismissed += tally.dismissed;
            taken.products.queued += tally.queued;
        }
        taken.deltas.push(self.reassess(id, time));
        Some(id)
    }

    /// Asks one advisory about the whole field and notes what changed.
    fn reassess(&mut self, id: AdvisoryId, time: &Arc<str>) -> Delta {
        let begin = self.ledger.events().len();
        let revision = self.book.advisory(id).map_or("", |one| &one.modified);
        let cause = Cause { time: Arc::clone(time), revision: revision.into() };
        let withdrawn = self.book.advisory(id).is_some_and(|one| one.withdrawn.is_some());
        let verdicts = asked(&self.book, id, &self.catalogue);
        // What was open and is not asked about any more: the advisory speaks of other things now, or of nothing.
        let before: Vec<_> = self.ledger.open_of(id).collect();
        for (component, mut verdict) in before {
            if verdicts.binary_search_by_key(&component, |pair| pair.0).is_err() {
                verdict.answer = Answer::NotAffected;
                verdict.rule = match withdrawn {
                    true => super::Rule::Withdrawn,
                    false => super::Rule::OtherProduct,
                };
                self.ledger.note(id, component, verdict, &cause);
            }
        }
        for &(component, verdict) in &verdicts {
            self.ledger.note(id, component, verdict, &cause);
        }
        let (affected, unknown) = reach_of(&self.catalogue, &verdicts);
        let events = self.ledger.events().get(begin..).unwrap_or_default().to_vec();
        Delta { advisory: id, events, affected, unknown }
    }

    /// Asks all advisories about one bill, which need not be a release.
    #[must_use]
    pub fn scan(&self, bill: &Bill) -> Scan {
        let mut scan = Scan::default();
        for place in bill.components.iter().enumerate() {
            let _ = self.scan_one(bill, place, &mut scan);
        }
        scan
    }

    /// Asks all advisories about one component of a bill, adds what they say to a scan and gives what was asked about.
    pub fn scan_one(
        &self,
        bill: &Bill,
        (component, one): (usize, &Component),
        scan: &mut Scan,
    ) -> Subject {
        let subject = Subject::of(one, &self.table);
        let common = subject.names.iter().any(|called| called.name.is_common());
        if !common {
            let own = one.is_own() || bill.root == Some(component);
            let list = if own { &mut scan.own } else { &mut scan.unnamed };
            list.push(component);
        }
        let holds = concerning(&self.book, &subject)
            .filter(|(_, verdict)| verdict.answer != Answer::NotAffected);
        scan.findings.extend(holds.map(|(advisory, verdict)| Finding {
            component,
            advisory,
            verdict,
        }));
        subject
    }

    /// What the advisories that name a component of the bill say of it, those that it is not affected by among them.
    #[must_use]
    pub fn answers(&self, bill: &Bill) -> Vec<Finding> {
        let mut all = Vec::new();
        for (component, one) in bill.components.iter().enumerate() {
            let subject = Subject::of(one, &self.table);
            let found = concerning(&self.book, &subject);
            all.extend(found.map(|(advisory, verdict)| Finding { component, advisory, verdict }));
        }
        all
    }

    /// Asks every advisory about the whole field again, from nothing: the proof that the ledger is right.
    #[must_use]
    pub fn derive(&self) -> Vec<(AdvisoryId, ComponentId, Verdict)> {
        let mut out = Vec::new();
        for (id, _) in self.book.advisories() {
            let verdicts = asked(&self.book, id, &self.catalogue);
            let holds = verdicts.iter().filter(|(_, one)| one.answer != Answer::NotAffected);
            out.extend(holds.map(|&(component, verdict)| (id, component, verdict)));
        }
        out
    }

    /// How far an advisory reaches now: releases and devices that are affected, and those of which it cannot be told.
    #[must_use]
    pub fn reach(&self, id: AdvisoryId) -> (Reach, Reach) {
        let open: Vec<_> = self.ledger.open_of(id).collect();
        reach_of(&self.catalogue, &open)
    }

    /// What is open for a release, sorted.
    #[must_use]
    pub fn findings_of(&self, release: ReleaseId) -> Vec<(AdvisoryId, ComponentId, Verdict)> {
        let Some(release) = self.catalogue.release(release) else { return Vec::new() };
        let within = |id: &ComponentId| release.components.binary_search(id).is_ok();
        self.ledger.open().filter(|(_, component, _)| within(component)).collect()
    }

    /// What is in the field.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// What the feeds say.
    #[must_use]
    pub fn book(&self) -> &Book {
        &self.book
    }

    /// What was found, and how it came about.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Products of advisories that no name leads to, neither in the field nor in a table: a person must look.
    #[must_use]
    pub fn waiting(&self, table: &ProductTable) -> Vec<Waiting> {
        self.queue.waiting(table, &self.catalogue, &self.book)
    }

    /// Products of advisories that no name leads to among the components of one bill, which need not be a release.
    #[must_use]
    pub fn waiting_for(&self, bill: &Bill) -> Vec<Waiting> {
        let mut catalogue = Catalogue::default();
        if self.queue.is_empty() {
            return Vec::new();
        }
        for component in &bill.components {
            // One bill holds fewer components than can be numbered.
            let _ = catalogue.know(component, &self.table);
        }
        self.queue.waiting(&self.table, &catalogue, &self.book)
    }

    /// The table of names.
    #[must_use]
    pub fn table(&self) -> &ProductTable {
        &self.table
    }
}

/// Forward: what the advisories say of one component, by advisory.
fn concerning(book: &Book, subject: &Subject) -> impl Iterator<Item = (AdvisoryId, Verdict)> {
    let mut ids: Vec<AdvisoryId> = Vec::new();
    for called in &subject.names {
        ids.extend_from_slice(book.about(&called.name));
    }
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter().filter_map(|id| Some((id, book.verdict(id, subject)?)))
}

/// Inverse: what one advisory says of all components that bear one of its names, by component.
fn asked(book: &Book, about: AdvisoryId, catalogue: &Catalogue) -> Vec<(ComponentId, Verdict)> {
    let mut ids: Vec<ComponentId> = Vec::new();
    for name in book.names(about) {
        ids.extend_from_slice(catalogue.under(name));
    }
    ids.sort_unstable();
    ids.dedup();
    let ask = |id: ComponentId| Some((id, book.verdict(about, catalogue.subject(id)?)?));
    ids.into_iter().filter_map(ask).collect()
}

fn reach_of(catalogue: &Catalogue, verdicts: &[(ComponentId, Verdict)]) -> (Reach, Reach) {
    let those = |answer: Answer| {
        let found = verdicts.iter().filter(move |(_, verdict)| verdict.answer == answer);
        catalogue.reach(found.map(|(component, _)| *component))
    };
    (those(Answer::Affected), those(Answer::Unknown))
}
