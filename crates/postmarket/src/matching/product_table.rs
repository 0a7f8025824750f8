//! The curated table: words and CPE names of feeds, and the components that they mean.
//!
//! Rows are data ([`ProductTable::built_in`] and a maker's own file of the same form). A dismissal says that a product is
//! none of the maker's, and names who said so.

use super::name::{Called, Confidence, Name, Parts, cpe_name, plain_words, words_name};
use crate::feed::Package;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

const BUILT_IN: &str = include_str!("../../data/products.toml");

/// The table, indexed both ways.
#[derive(Clone, Debug, Default)]
pub struct ProductTable {
    /// Words and CPE names as feeds write them.
    advised: BTreeMap<Name, BTreeSet<String>>,
    /// Products named with any vendor.
    any_vendor: BTreeMap<String, BTreeSet<String>>,
    /// Purls and CPE names of components.
    components: BTreeMap<Name, BTreeSet<String>>,
    /// Names of components that have nothing else.
    bare: BTreeMap<String, BTreeSet<String>>,
    /// Products that are none of ours.
    dismissed: BTreeMap<Name, Dismissal>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    product: Vec<Row>,
    #[serde(default)]
    dismissed: Vec<Dismissal>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    #[serde(default)]
    words: Vec<String>,
    #[serde(default)]
    cpes: Vec<String>,
    #[serde(default)]
    purls: Vec<String>,
    #[serde(default)]
    names: Vec<String>,
}

/// Somebody's word that a product is in none of the releases.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dismissal {
    /// `vendor/product`.
    pub words: String,
    /// Who said so.
    pub by: String,
    /// When, `YYYY-MM-DD`.
    pub on: String,
    /// Why.
    pub reason: String,
}

/// Why a table cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// It is not in the form of the table.
    #[error("{file}: expected rows [[product]] and [[dismissed]]: {message}; correct the file")]
    Form {
        /// The file.
        file: String,
        /// What was found, with its line.
        message: String,
    },
    /// A row cannot mean anything.
    #[error("{file}: in {row:?} expected {expected}, found {found:?}; correct the row")]
    Row {
        /// The file.
        file: String,
        /// The row's id.
        row: String,
        /// What was expected.
        expected: &'static str,
        /// What was found.
        found: String,
    },
}

impl ProductTable {
    /// The table that comes with the crate: what is common in devices.
    ///
    /// # Errors
    ///
    /// None in a released crate: a test reads it.
    pub fn built_in() -> Result<Self, TableError> {
        let mut table = Self::default();
        table.add(BUILT_IN, "products.toml")?;
        Ok(table)
    }

    /// Adds the rows of a file.
    ///
    /// # Errors
    ///
    /// Where the file is not in the form of the table or a row cannot mean anything; then nothing is added.
    pub fn add(&mut self, text: &str, file: &str) -> Result<(), TableError> {
        let read: File = toml::from_str(text).map_err(|error| TableError::Form {
            file: file.to_owned(),
            message: error.to_string(),
        })?;
        let mut grown = self.clone();
        for row in read.product {
            grown.add_row(&row, file)?;
        }
        for one in read.dismissed {
            let name = split_words(&one.words).filter(|(vendor, _)| *vendor != "*");
            let name = name.and_then(|(vendor, product)| words_name(vendor, product));
            let Some(name) = name else {
                return Err(TableError::Row {
                    file: file.to_owned(),
                    row: "dismissed".into(),
                    expected: "`vendor/product` in words",
                    found: one.words,
                });
            };
            grown.dismissed.insert(name, one);
        }
        *self = grown;
        Ok(())
    }

    fn add_row(&mut self, row: &Row, file: &str) -> Result<(), TableError> {
        let refuse = |expected: &'static str, found: &str| TableError::Row {
            file: file.to_owned(),
            row: row.id.clone(),
            expected,
            found: found.to_owned(),
        };
        for text in &row.words {
            let words =
                split_words(text).ok_or_else(|| refuse("`vendor/product` in words", text))?;
            match words {
                ("*", product) => link(&mut self.any_vendor, plain_words(product), &row.id),
                (vendor, product) => {
                    let name = words_name(vendor, product);
                    let name = name.ok_or_else(|| refuse("`vendor/product` in words", text))?;
                    link(&mut self.advised, name.clone(), &row.id);
                    link(&mut self.components, name, &row.id);
                }
            }
        }
        for text in &row.cpes {
            let cpe = cpe_name(&format!("cpe:2.3:{text}:*:*:*:*:*:*:*:*"));
            let name = cpe.ok_or_else(|| refuse("`part:vendor:product` in cpes", text))?;
            link(&mut self.advised, name.clone(), &row.id);
            link(&mut self.components, name, &row.id);
        }
        for text in &row.purls {
            let parts = Parts::read(text).ok_or_else(|| refuse("a package URL in purls", text))?;
            link(&mut self.components, parts.name(), &row.id);
        }
        for text in &row.names {
            link(&mut self.bare, plain_words(text), &row.id);
        }
        Ok(())
    }

    /// Rows that a component belongs to, by its names or, if it has none that is worth more, by its bare name.
    pub(super) fn of_component(&self, names: &[Called], bare: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for called in names {
            found.extend(self.components.get(&called.name).into_iter().flatten().cloned());
        }
        let named = names.iter().any(|called| called.name.confidence <= Confidence::Cpe);
        if !named {
            found.extend(self.bare.get(&plain_words(bare)).into_iter().flatten().cloned());
        }
        found
    }

    /// Rows that an advisory's package belongs to.
    pub(super) fn of_package(&self, package: &Package) -> impl Iterator<Item = &str> {
        let mut found: BTreeSet<&str> = BTreeSet::new();
        match package {
            Package::Cpe(cpe) => {
                let ids = cpe_name(cpe).and_then(|name| self.advised.get(&name));
                found.extend(ids.into_iter().flatten().map(String::as_str));
            }
            Package::VendorProduct { vendor, product } => {
                let ids = words_name(vendor, product).and_then(|name| self.advised.get(&name));
                let any = self.any_vendor.get(&plain_words(product));
                found.extend(ids.into_iter().chain(any).flatten().map(String::as_str));
            }
            Package::Purl(_) | Package::Ecosystem { .. } => {}
        }
        found.into_iter()
    }

    /// Who dismissed a product, if somebody did.
    #[must_use]
    pub fn dismissal(&self, vendor: &str, product: &str) -> Option<&Dismissal> {
        self.dismissed.get(&words_name(vendor, product)?)
    }
}

fn link<K: Ord>(map: &mut BTreeMap<K, BTreeSet<String>>, key: K, id: &str) {
    map.entry(key).or_default().insert(id.to_owned());
}

/// `vendor/product`; a product may hold further slashes.
fn split_words(text: &str) -> Option<(&str, &str)> {
    let (vendor, product) = text.split_once('/')?;
    (!vendor.trim().is_empty() && !product.trim().is_empty()).then_some((vendor, product))
}
