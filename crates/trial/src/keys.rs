//! Names, units and ranges of the numbers in files that people write, and the reading of short words. A
//! reader takes its ranges from such constants, and so does the test that writes the book's page: neither
//! can be older than the other.

#[cfg(test)]
pub(crate) mod book;

use std::ops::RangeInclusive;

use homeostat_patients::wording::quoted;

use crate::document::{FileError, Section};

/// A whole number with its range and unit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whole {
    pub(crate) name: &'static str,
    pub(crate) least: u64,
    pub(crate) most: u64,
    pub(crate) unit: &'static str,
}

/// A number with its range and unit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Number {
    pub(crate) name: &'static str,
    pub(crate) least: f64,
    pub(crate) most: f64,
    pub(crate) unit: &'static str,
}

impl Whole {
    pub(crate) const fn new(name: &'static str, least: u64, most: u64, unit: &'static str) -> Self {
        Self { name, least, most, unit }
    }

    pub(crate) const fn range(&self) -> RangeInclusive<u64> {
        self.least..=self.most
    }
}

impl Number {
    pub(crate) const fn new(name: &'static str, least: f64, most: f64, unit: &'static str) -> Self {
        Self { name, least, most, unit }
    }

    pub(crate) const fn range(&self) -> RangeInclusive<f64> {
        self.least..=self.most
    }
}

/// Longest text, in bytes: every black box holds the scenario's name.
pub(crate) const MOST_TEXT: usize = 200;

pub(crate) fn whole(section: &Section<'_>, key: &Whole) -> Result<Option<u32>, FileError> {
    let number = section.integer(key.name, key.range(), key.unit)?;
    Ok(number.map(|number| u32::try_from(number).unwrap_or(u32::MAX)))
}

pub(crate) fn number(section: &Section<'_>, key: &Number) -> Result<Option<f64>, FileError> {
    section.number(key.name, key.range(), key.unit)
}

/// A short text on one line: reports, terminals and black boxes show it.
pub(crate) fn line_of_text(section: &Section<'_>, key: &str) -> Result<Option<String>, FileError> {
    match section.text(key)? {
        Some(text) if text.len() > MOST_TEXT || text.contains(char::is_control) => {
            Err(section.error(key, quoted(&text), "at most 200 bytes on one line"))
        }
        text => Ok(text),
    }
}

pub(crate) fn required<T>(
    section: &Section<'_>,
    key: &str,
    value: Option<T>,
    expected: &str,
) -> Result<T, FileError> {
    value.ok_or_else(|| section.error(key, "nothing", expected))
}

/// Whether a name can stand in the name of a folder everywhere.
pub(crate) fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !name.is_empty() && name.len() <= 40 && name.bytes().all(fits) && !name.starts_with('-')
}

pub(crate) const NAME_EXPECTED: &str = "1 to 40 small letters, digits and hyphens";

/// The names of a table of choices.
pub(crate) const fn names<T: Copy, const N: usize>(
    table: &[(&'static str, T); N],
) -> [&'static str; N] {
    let mut names = [""; N];
    let mut index = 0;
    while index < N {
        names[index] = table[index].0;
        index += 1;
    }
    names
}
