//! What a person must look at: products that no name leads to. Nothing is dropped: products in are products matched,
//! dismissed by somebody, and waiting.

use super::book::AdvisoryId;
use super::catalogue::{Catalogue, ComponentId};
use super::name::{names_of_package, plain_words, words_name};
use super::product_table::ProductTable;
use crate::feed::{Advisory, Package};
use std::collections::{BTreeMap, BTreeSet};

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
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// The vendor, as first written.
    pub vendor: String,
    /// The product, as first written.
    pub product: String,
    /// Advisories that name it.
    pub advisories: BTreeSet<AdvisoryId>,
}

/// Products that no name leads to, by their words.
#[derive(Clone, Debug, Default)]
pub struct Queue {
    waiting: BTreeMap<String, Waiting>,
    /// Rows that an advisory stands in.
    rows: BTreeMap<AdvisoryId, Vec<String>>,
}

/// Where a statement's package leads.
enum Way {
    Matched,
    Dismissed,
    Queued(String, String),
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
                Way::Queued(vendor.clone(), product.clone())
            }
        }
        Package::Purl(text) | Package::Cpe(text) => match names_of_package(package).0.is_empty() {
            true => Way::Queued(String::new(), text.clone()),
            false => Way::Matched,
        },
        Package::Ecosystem { .. } => Way::Matched,
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
                Way::Queued(vendor, product) => {
                    tally.queued += 1;
                    let key = format!("{}/{}", plain_words(&vendor), plain_words(&product));
                    let advisories = BTreeSet::new();
                    self.rows.entry(id).or_default().push(key.clone());
                    let fresh = || Waiting { vendor, product, advisories };
                    self.waiting.entry(key).or_insert_with(fresh).advisories.insert(id);
                }
            }
        }
        tally
    }

    /// What waits, in the order of its words; what a newer release or row of the table leads to does not wait.
    pub fn waiting<'q>(
        &'q self,
        table: &'q ProductTable,
        catalogue: &'q Catalogue,
    ) -> impl Iterator<Item = &'q Waiting> {
        self.waiting.values().filter(move |one| {
            let package =
                Package::VendorProduct { vendor: one.vendor.clone(), product: one.product.clone() };
            matches!(way(&package, table, catalogue), Way::Queued(..))
        })
    }
}

impl Waiting {
    /// Components that share words with the product, the most shared first: where a person may look. At most `most`.
    #[must_use]
    pub fn suggestions(&self, catalogue: &Catalogue, most: usize) -> Vec<ComponentId> {
        let product = plain_words(&self.product);
        let wanted: BTreeSet<&str> = product.split(' ').filter(|word| word.len() > 2).collect();
        let mut found: Vec<(usize, ComponentId)> = Vec::new();
        for (id, subject) in catalogue.subjects() {
            let label = plain_words(&subject.label);
            let words: BTreeSet<&str> = label.split(' ').collect();
            let shared = wanted.intersection(&words).count();
            if shared > 0 {
                found.push((usize::MAX - shared, id));
            }
        }
        found.sort_unstable();
        found.into_iter().map(|(_, id)| id).take(most).collect()
    }
}
