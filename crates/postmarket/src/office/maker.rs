//! The office file: who the maker is, which law holds for him, and what is in the field.

use crate::clock::{Calendar, CalendarError, Jurisdiction, Row};
use crate::lines::toml_line;
use crate::publish::Publisher;
use crate::store::{Answer, keep_setting, kept as written, known, setting};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

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
    /// Which law and policy hold for the maker: scopes of the table of clocks.
    pub scopes: BTreeSet<String>,
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
        let scopes = ["us-device", "mdr", "cra", "gdpr", "own-policy"];
        Self {
            name: String::new(),
            namespace: String::new(),
            contact: String::new(),
            scopes: scopes.map(str::to_owned).into(),
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
    /// Its risk file, from the office file's folder.
    pub risks: String,
}

/// The office file.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Who the maker is.
    #[serde(default)]
    pub maker: Maker,
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
        let scopes: BTreeSet<String> =
            crate::clock::Table::shipped().rows.into_iter().map(|row| row.scope).collect();
        if let Some(unknown) = field.maker.scopes.iter().find(|scope| !scopes.contains(*scope)) {
            let known: Vec<&str> = scopes.iter().map(String::as_str).collect();
            let expected = format!("one of {}", known.join(", "));
            return Err(refuse("[maker] scopes".to_owned(), unknown.clone(), &expected));
        }
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
        }
        Ok(field)
    }
}

/// The maker of the store.
pub(super) fn kept(database: &Connection) -> Answer<Maker> {
    match setting(database, "maker")? {
        Some(text) => known("setting maker", &text),
        None => Ok(Maker::default()),
    }
}

/// Keeps the maker.
pub(super) fn keep(database: &Connection, maker: &Maker) -> Answer<()> {
    keep_setting(database, "maker", &written(maker)?)
}
