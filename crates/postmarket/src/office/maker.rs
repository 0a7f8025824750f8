//! The office file: who the maker is, which law holds for the products, and what is in the field.

use crate::clock::{Calendar, CalendarError, Jurisdiction, Limit, Row, Table, TableError};
use crate::identity::Purl;
use crate::lines::toml_line;
use crate::publish::Publisher;
use crate::store::{Answer, keep_setting, kept as written, known, setting};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Who keeps the office.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Maker {
    /// The maker's name.
    pub name: String,
    /// An https address that is the maker's.
    pub namespace: String,
    /// How to reach the product security team.
    pub contact: String,
    /// Which law and policy hold for the maker's products: scopes of the table of clocks. A product may have its own.
    pub scopes: BTreeSet<String>,
    /// The maker's own limits for clocks that are policy.
    pub policy: BTreeMap<String, Limit>,
    /// The time zone for the clocks of the United States.
    pub us_zone: String,
    /// Their holidays.
    pub us_holidays: String,
    /// The time zone for the clocks of the European Union and the maker's own.
    pub zone: String,
    /// Their holidays.
    pub holidays: String,
}

impl Default for Maker {
    fn default() -> Self {
        let scopes = ["us-device", "mdr", "gdpr", "own-policy"];
        Self {
            name: String::new(),
            namespace: String::new(),
            contact: String::new(),
            scopes: scopes.map(str::to_owned).into(),
            policy: BTreeMap::new(),
            us_zone: "America/New_York".to_owned(),
            us_holidays: "us-federal".to_owned(),
            zone: "Europe/Berlin".to_owned(),
            holidays: "de-national".to_owned(),
        }
    }
}

/// The calendars of a maker.
#[derive(Clone, PartialEq, Debug)]
pub struct Calendars {
    us: Calendar,
    other: Calendar,
}

impl Calendars {
    /// The calendar by which a clock runs.
    #[must_use]
    pub fn of(&self, row: &Row) -> &Calendar {
        match row.jurisdiction {
            Jurisdiction::Us => &self.us,
            Jurisdiction::Eu | Jurisdiction::Own => &self.other,
        }
    }
}

impl Maker {
    /// The calendars.
    ///
    /// # Errors
    /// If a zone or a list of holidays is not there.
    pub fn calendars(&self) -> Result<Calendars, CalendarError> {
        Ok(Calendars {
            us: Calendar::of(&self.us_zone, &self.us_holidays)?,
            other: Calendar::of(&self.zone, &self.holidays)?,
        })
    }

    /// The clocks, with the maker's own limits.
    ///
    /// # Errors
    /// If a limit is of a clock that is no policy.
    pub fn clocks(&self) -> Result<Table, TableError> {
        let own = |table: Table, (id, limit): (&String, &Limit)| table.with_policy(id, *limit);
        self.policy.iter().try_fold(Table::shipped(), own)
    }

    /// As whom the maker publishes.
    #[must_use]
    pub fn publisher(&self) -> Publisher {
        Publisher {
            name: self.name.clone(),
            namespace: self.namespace.clone(),
            contact: self.contact.clone(),
        }
    }
}

/// A release in the office file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FieldRelease {
    /// The product.
    pub product: String,
    /// The release's version.
    pub version: String,
    /// The file of its bill of materials, from the office file's folder.
    pub bill: String,
    /// SHA-256 of the bill; where it is given and known, the bill is not read again.
    #[serde(default)]
    pub sha256: Option<String>,
    /// Devices that run it now.
    #[serde(default)]
    pub devices: u64,
}

/// A product in the office file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FieldProduct {
    /// Its name, as the releases give it.
    pub name: String,
    /// Its risk file, from the office file's folder; without one the worst is taken.
    #[serde(default)]
    pub risks: Option<String>,
    /// Its package URL without version, by which others are told about it.
    #[serde(default)]
    pub package: Option<String>,
    /// Which law and policy hold for it, where they are not the maker's.
    #[serde(default)]
    pub scopes: Option<BTreeSet<String>>,
}

/// The maker's own table of exploitability by severity in the office file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FieldMatrix {
    /// The table, from the office file's folder; its signature stands beside it, in `FILE.sig`.
    pub file: String,
    /// The key that signed it, 64 hexadecimal digits.
    pub key: String,
}

/// The office file.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Who the maker is.
    #[serde(default)]
    pub maker: Maker,
    /// The maker's own table of exploitability by severity; without it the shipped one holds.
    #[serde(default)]
    pub matrix: Option<FieldMatrix>,
    /// Products with their risk files.
    #[serde(default, rename = "product")]
    pub products: Vec<FieldProduct>,
    /// What is in the field.
    #[serde(default, rename = "release")]
    pub releases: Vec<FieldRelease>,
}

/// What is wrong with an office file.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{file}: {key}: {found}; expected {expected}")]
pub struct FieldError {
    /// The file.
    pub file: String,
    /// The line or the key.
    pub key: String,
    /// What stands there.
    pub found: String,
    /// What should.
    pub expected: String,
}

impl Field {
    /// Reads an office file.
    ///
    /// # Errors
    /// Naming the line or the key.
    pub fn read(file: &str, text: &str) -> Result<Self, FieldError> {
        let refuse = |key: String, found: String, expected: &str| FieldError {
            file: file.to_owned(),
            key,
            found,
            expected: expected.to_owned(),
        };
        let field: Self = toml::from_str(text).map_err(|error| {
            let line = toml_line(text, &error);
            let expected = "[maker], [[product]] and [[release]] as docs/book/post-market.md says";
            refuse(format!("line {line}"), error.message().to_owned(), expected)
        })?;
        if let Err(error) = field.maker.calendars() {
            return Err(refuse("[maker]".to_owned(), error.to_string(), "a zone and holidays"));
        }
        if let Err(error) = field.maker.clocks() {
            return Err(refuse(
                format!("[maker.policy] {}", error.key),
                error.found,
                &error.expected,
            ));
        }
        known_scopes("[maker]", &field.maker.scopes)
            .map_err(|(key, found, expected)| refuse(key, found, &expected))?;
        field.check_products().map_err(|(key, found, expected)| refuse(key, found, &expected))?;
        let mut named = BTreeSet::new();
        for (index, release) in field.releases.iter().enumerate() {
            let key = |name: &str| format!("[[release]] {} {name}", index + 1);
            for (name, text) in [("product", &release.product), ("version", &release.version)] {
                if text.trim().is_empty() {
                    return Err(refuse(key(name), "nothing".to_owned(), "a name"));
                }
            }
            if !named.insert((&release.product, &release.version)) {
                let found = format!("{} {} twice", release.product, release.version);
                return Err(refuse(key("version"), found, "every release once"));
            }
            if release.devices > MOST_DEVICES {
                let expected = format!("at most {MOST_DEVICES}");
                return Err(refuse(key("devices"), release.devices.to_string(), &expected));
            }
        }
        Ok(field)
    }

    /// Products that are written in two ways, perhaps: those in the field of which no risk file speaks, and those with an
    /// entry of which nothing is in the field.
    #[must_use]
    pub fn odd_names(&self) -> Vec<String> {
        let risks = self.products.iter().filter(|product| product.risks.is_some());
        let assessed: BTreeSet<&str> = risks.map(|product| product.name.as_str()).collect();
        let fielded: BTreeSet<&str> =
            self.releases.iter().map(|release| release.product.as_str()).collect();
        let worst = fielded.difference(&assessed).map(|product| {
            format!("no [[product]] with risks is called {product:?}: the worst is taken for it")
        });
        let entries = self.products.iter().filter(|one| !fielded.contains(one.name.as_str()));
        let unused = entries.map(|one| format!("no [[release]] is of the product {:?}", one.name));
        worst.chain(unused).collect()
    }

    fn check_products(&self) -> Result<(), Wrong> {
        let mut named = BTreeSet::new();
        for product in &self.products {
            let key = |name: &str| format!("[[product]] {:?} {name}", product.name);
            if !named.insert(&product.name) {
                return Err((key("name"), "it twice".to_owned(), "every product once".to_owned()));
            }
            if let Some(scopes) = &product.scopes {
                known_scopes(key("").trim_end(), scopes)?;
            }
            let Some(package) = &product.package else { continue };
            let read = Purl::parse(package);
            if !read.is_ok_and(|purl| purl.version().is_none()) {
                let expected = "a package URL without version, like pkg:generic/maker/pump";
                return Err((key("package"), package.clone(), expected.to_owned()));
            }
        }
        Ok(())
    }
}

/// Far more devices than any fleet has, and few enough that no sum of them overflows.
const MOST_DEVICES: u64 = 1_000_000_000_000;

/// A key, what stands there, and what was expected.
type Wrong = (String, String, String);

/// Scopes are those of the table of clocks, and no product is under two laws of which one excludes the other.
fn known_scopes(whose: &str, given: &BTreeSet<String>) -> Result<(), Wrong> {
    let known: BTreeSet<String> = Table::shipped().rows.into_iter().map(|row| row.scope).collect();
    let key = format!("{whose} scopes");
    if let Some(unknown) = given.iter().find(|scope| !known.contains(*scope)) {
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        return Err((key, unknown.clone(), format!("one of {}", known.join(", "))));
    }
    if given.contains("mdr") && given.contains("cra") {
        let expected = "one of them: Regulation (EU) 2024/2847 (CRA), Article 2(2)(a), does not hold for devices under \
                        Regulation (EU) 2017/745 (MDR); give what is no device a [[product]] with scopes of its own";
        return Err((key, "mdr and cra".to_owned(), expected.to_owned()));
    }
    Ok(())
}

/// The maker of the store, and the products by name.
pub(super) fn kept(database: &Connection) -> Answer<(Maker, BTreeMap<String, FieldProduct>)> {
    let maker = setting(database, "maker")?.map(|text| known("setting maker", &text));
    let products = setting(database, "products")?.map(|text| known("setting products", &text));
    let products: Vec<FieldProduct> = products.transpose()?.unwrap_or_default();
    let named = products.into_iter().map(|product| (product.name.clone(), product));
    Ok((maker.transpose()?.unwrap_or_default(), named.collect()))
}

/// Keeps the maker and the products.
pub(super) fn keep(database: &Connection, field: &Field) -> Answer<()> {
    keep_setting(database, "maker", &written(&field.maker)?)?;
    keep_setting(database, "products", &written(&field.products)?)
}

/// Products for which another law holds than when they were settled.
pub(super) fn other_laws(database: &Connection) -> Answer<BTreeSet<String>> {
    let text = setting(database, "other laws")?;
    text.map_or(Ok(BTreeSet::new()), |text| known("setting other laws", &text))
}

/// Keeps for which products another law holds.
pub(super) fn keep_other_laws(database: &Connection, products: &BTreeSet<String>) -> Answer<()> {
    keep_setting(database, "other laws", &written(products)?)
}
