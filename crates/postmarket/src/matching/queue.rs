//! What a person must look at: products that no name leads to. Nothing is dropped: products in are products matched,
//! dismissed by somebody, and waiting.

use super::book::{AdvisoryId, Book};
use super::catalogue::{Catalogue, ComponentId};
use super::name::{Name, names_of_package, plain_words, words_name};
use super::product_table::ProductTable;
use super::subject::Subject;
use crate::feed::{Advisory, Package};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Components that are named to a person as a place to look, at most, for one product.
const SUGGESTIONS: usize = 3;

/// What became of the products of some advisories.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Statements about products in the advisories.
    pub products: usize,
    /// Those with a name that is looked up among the components.
    pub matched: usize,
    /// Those that somebody said are none of ours.
    pub dismissed: usize,
    /// Those that wait for a person.
    pub queued: usize,
}

/// A product that waits for a person: one row, however many advisories name it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Waiting {
    /// The vendor, as first written; empty where a feed gave no more than one text.
    pub vendor: String,
    /// The product, as first written.
    pub product: String,
    /// Ids of the advisories that name it.
    pub advisories: Vec<String>,
    /// Components that share words with it, the most shared first: where a person may look.
    pub alike: Vec<String>,
}

#[derive(Clone, Debug)]
struct Row {
    package: Package,
    advisories: BTreeSet<AdvisoryId>,
}

/// Products that no name leads to, by their words.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    waiting: BTreeMap<String, Row>,
    /// Rows that an advisory stands in.
    rows: BTreeMap<AdvisoryId, Vec<String>>,
}

/// Where a statement's package leads.
enum Way {
    Matched,
    Dismissed,
    Queued,
}

fn way(package: &Package, table: &ProductTable, catalogue: &Catalogue) -> Way {
    match package {
        Package::VendorProduct { vendor, product } => {
            let name = words_name(vendor, product);
            let ours = name.is_some_and(|name| !catalogue.under(&name).is_empty());
            if ours || table.of_package(package).next().is_some() {
                Way::Matched
            } else if table.dismissal(vendor, product).is_some() {
                Way::Dismissed
            } else {
                Way::Queued
            }
        }
        Package::Purl(_) | Package::Cpe(_) | Package::Ecosystem { .. } => {
            let leads = |name: &Name| name.is_common() || !catalogue.under(name).is_empty();
            match names_of_package(package).0.iter().any(leads) {
                true => Way::Matched,
                false => Way::Queued,
            }
        }
    }
}

impl Queue {
    /// Sorts the products of an advisory, which replaces what it said before.
    pub(super) fn sort(
        &mut self,
        id: AdvisoryId,
        advisory: &Advisory,
        table: &ProductTable,
        catalogue: &Catalogue,
    ) -> Tally {
        for key in self.rows.remove(&id).unwrap_or_default() {
            if let Some(row) = self.waiting.get_mut(&key) {
                row.advisories.remove(&id);
                if row.advisories.is_empty() {
                    self.waiting.remove(&key);
                }
            }
        }
        let mut tally = Tally::default();
        for affected in &advisory.affected {
            tally.products += 1;
            match way(&affected.package, table, catalogue) {
                Way::Matched => tally.matched += 1,
                Way::Dismissed => tally.dismissed += 1,
                Way::Queued => {
                    tally.queued += 1;
                    let (vendor, product) = words_of(&affected.package);
                    let key = format!("{}/{}", plain_words(vendor), plain_words(product));
                    self.rows.entry(id).or_default().push(key.clone());
                    let fresh =
                        || Row { package: affected.package.clone(), advisories: BTreeSet::new() };
                    self.waiting.entry(key).or_insert_with(fresh).advisories.insert(id);
                }
            }
        }
        tally
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// What waits, the products that are most like a component first; what a newer release or row of the table leads
    /// to does not wait.
    pub(super) fn waiting(
        &self,
        table: &ProductTable,
        catalogue: &Catalogue,
        book: &Book,
    ) -> Vec<Waiting> {
        let waits = |row: &&Row| matches!(way(&row.package, table, catalogue), Way::Queued);
        let rows: Vec<&Row> = self.waiting.values().filter(waits).collect();
        if rows.is_empty() {
            return Vec::new();
        }
        let words = Words::of(catalogue);
        let shown = |row: &Row| {
            let (vendor, product) = words_of(&row.package);
            let (shared, alike) = words.alike(product, catalogue);
            let ids = row.advisories.iter().filter_map(|id| book.advisory(*id));
            let advisories = ids.map(|one| one.id.clone()).collect();
            let (vendor, product) = (vendor.to_owned(), product.to_owned());
            (Reverse(shared), Waiting { vendor, product, advisories, alike })
        };
        let mut found: Vec<_> = rows.into_iter().map(shown).collect();
        found.sort_by_key(|(shared, _)| *shared);
        found.into_iter().map(|(_, waiting)| waiting).collect()
    }
}

/// What a feed calls a product: vendor and product.
fn words_of(package: &Package) -> (&str, &str) {
    match package {
        Package::VendorProduct { vendor, product } => (vendor, product),
        Package::Ecosystem { ecosystem, name } => (ecosystem, name),
        Package::Purl(text) | Package::Cpe(text) => ("", text),
    }
}

/// Which components bear a word in their names.
struct Words(BTreeMap<String, Vec<ComponentId>>);

/// Words that say something: the short ones stand everywhere.
fn telling(text: &str) -> BTreeSet<String> {
    plain_words(text).split(' ').filter(|word| word.len() > 2).map(str::to_owned).collect()
}

impl Words {
    fn of(catalogue: &Catalogue) -> Self {
        let mut all: BTreeMap<String, Vec<ComponentId>> = BTreeMap::new();
        for (id, subject) in catalogue.subjects() {
            for word in telling(name_of(subject)) {
                all.entry(word).or_default().push(id);
            }
        }
        Self(all)
    }

    /// How many words the component most like a product shares with it, and the labels of those most like it.
    fn alike(&self, product: &str, catalogue: &Catalogue) -> (usize, Vec<String>) {
        let mut shared: BTreeMap<ComponentId, usize> = BTreeMap::new();
        for id in telling(product).iter().filter_map(|word| self.0.get(word)).flatten() {
            *shared.entry(*id).or_default() += 1;
        }
        let mut found: Vec<_> = shared.iter().map(|(id, count)| (Reverse(*count), *id)).collect();
        found.sort_unstable();
        let best = found.first().map_or(0, |(Reverse(count), _)| *count);
        let nearest = found.iter().take(SUGGESTIONS);
        let labels = nearest.filter_map(|(_, id)| Some(catalogue.subject(*id)?.label.clone()));
        (best, labels.collect())
    }
}

/// A label without what every package URL has in common.
fn name_of(subject: &Subject) -> &str {
    let rest = subject.label.strip_prefix("pkg:").and_then(|rest| rest.split_once('/'));
    let name = rest.map_or(subject.label.as_str(), |(_, name)| name);
    name.split('?').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use crate::matching::{ProductTable, Watch};
    use crate::sbom::{Bill, Component, Limits, read};

    const CISA: &[u8] = include_bytes!("../../testdata/queue/units.json");
    const CSV: &str = include_str!("../../testdata/queue/bill.csv");

    fn told() -> Watch {
        let mut watch = Watch::new(ProductTable::default());
        let taken = watch.take(|to| crate::feed::read(CISA, "c.json", to), "t");
        assert_eq!((taken.products.queued, taken.rejected.len()), (2, 0), "{taken:?}");
        watch
    }

    fn bill(text: &str) -> Bill {
        read("b.csv", text.as_bytes(), &Limits::default()).unwrap()
    }

    #[test]
    fn pmk_02_a_product_that_no_name_leads_to_is_shown_with_the_components_that_are_like_it() {
        let mut watch = told();
        let bill = bill(CSV);
        assert_eq!(watch.scan(&bill).findings, []);
        watch.add_release("r", &bill, "t").unwrap();
        for waiting in [watch.waiting_for(&bill), watch.waiting(watch.table())] {
            let [unit, brush] = waiting.as_slice() else { panic!("{waiting:?}") };
            assert_eq!(unit.vendor, "Becton, Dickinson and Company (BD)");
            assert_eq!((&*unit.product, &*brush.product), ("Alaris 8015 PC unit", "Toothbrush"));
            assert_eq!(unit.alike, ["Alaris 8015 PC Unit 9.5"]);
            assert_eq!(unit.advisories, ["ICSMA-17-017-02:CVE-2016-8375"]);
            assert!(brush.alike.is_empty(), "{brush:?}");
        }
    }

    #[test]
    fn pmk_02_an_ecosystem_that_nobody_knows_waits_and_so_does_a_component_of_one() {
        let osv = |ecosystem: &str, name: &str| {
            format!(
                r#"{{"id":"A-{ecosystem}","modified":"2026-01-01T00:00:00Z","affected":[{{"package":{{"ecosystem":
                "{ecosystem}","name":"{name}"}},"ranges":[{{"type":"SEMVER","events":[{{"introduced":"0"}}]}}]}}]}}"#
            )
        };
        let mut watch = Watch::new(ProductTable::default());
        let mut queued = |ecosystem: &str, name: &str| {
            let feed = osv(ecosystem, name);
            watch.take(|to| crate::feed::read(feed.as_bytes(), "f", to), "t").products.queued
        };
        assert_eq!((queued("crates-io", "time"), queued("Linux", "Kernel")), (1, 0));
        assert_eq!((queued("Debian:12", "curl"), queued("crates.io", "serde_json")), (0, 0));
        let bill = bill(
            "name,version,purl\ntime,1.0.0,pkg:wat/time@1.0.0\n\
            serde-json,1.0.0,pkg:cargo/serde-json@1.0.0\nlinux,6.1,pkg:generic/linux@6.1\n",
        );
        let scan = watch.scan(&bill);
        assert_eq!(scan.unnamed, [0], "no feed can name it");
        let found: Vec<usize> = scan.findings.iter().map(|one| one.component).collect();
        assert_eq!(found, [1, 2], "the registry knows - and _ as one");
        let [waits] = &*watch.waiting_for(&bill) else { panic!("{:?}", watch.waiting_for(&bill)) };
        assert_eq!((&*waits.vendor, &*waits.product), ("crates-io", "time"));
        assert_eq!(waits.alike, ["pkg:wat/time@1.0.0"]);
    }

    #[test]
    fn pmk_02_what_bears_the_name_does_not_wait() {
        let watch = told();
        let mut named = bill(CSV);
        let unit = named.components.first_mut().unwrap();
        unit.supplier = Some("Becton, Dickinson and Company (BD)".to_owned());
        assert_eq!(watch.waiting_for(&named).len(), 1);
        assert_eq!(watch.scan(&named).findings.len(), 1);
        let nothing = Bill { components: vec![Component::default()], ..Bill::default() };
        assert_eq!(watch.waiting_for(&nothing).len(), 2);
    }
}
