//! A TOML file read with the position of everything in it, so that an error names the file, the
//! line, the key, what was found and what was expected.
//!
//! [`Document::root`] gives the outermost [`Section`]; each value is taken out of its section by
//! name, and [`Section::finish`] refuses whatever was not taken: an unknown key is an error, not
//! a silent default.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::{Range, RangeInclusive};

use homeostat_assembly::therapies::Therapy;

use homeostat_patients::wording::{quoted, shortened};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Characters of the TOML reader's own reason that are shown.
const MOST_REASON: usize = 200;

/// What is wrong with a file that a person wrote.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {key}: found {found}; expected {expected}")]
pub struct FileError {
    /// The file as it was named by the user.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// The key, with its sections, for example `arms[2].controller`.
    pub key: String,
    /// What stands there.
    pub found: String,
    /// What should stand there.
    pub expected: String,
}

/// A parsed file and its text.
#[derive(Debug)]
pub struct Document<'t> {
    file: String,
    text: &'t str,
    table: Spanned<DeTable<'t>>,
}

impl<'t> Document<'t> {
    /// Parses `text`, which came from `file`.
    ///
    /// # Errors
    /// The position and reason of the first thing that is not TOML.
    pub fn parse(file: &str, text: &'t str) -> Result<Self, FileError> {
        match DeTable::parse(text) {
            Ok(table) => Ok(Self { file: file.to_owned(), text, table }),
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                Err(FileError {
                    file: file.to_owned(),
                    line: line_of(text, at),
                    key: "(file)".to_owned(),
                    found: reason(error.message()),
                    expected: "TOML".to_owned(),
                })
            }
        }
    }

    /// The outermost section.
    #[must_use]
    pub fn root(&self) -> Section<'_> {
        Section {
            document: Source { file: &self.file, text: self.text },
            path: String::new(),
            span: self.table.span(),
            table: Some(self.table.get_ref()),
            taken: RefCell::default(),
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Source<'d> {
    file: &'d str,
    text: &'d str,
}

/// A table of the file. A section that is absent answers as an empty one.
#[derive(Debug)]
pub struct Section<'d> {
    document: Source<'d>,
    path: String,
    span: Range<usize>,
    table: Option<&'d DeTable<'d>>,
    taken: RefCell<BTreeSet<String>>,
}

impl<'d> Section<'d> {
    /// Whether the file has this section.
    #[must_use]
    pub const fn is_present(&self) -> bool {
        self.table.is_some()
    }

    fn full(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn get(&self, key: &str) -> Option<&'d Spanned<DeValue<'d>>> {
        self.taken.borrow_mut().insert(key.to_owned());
        self.table?.get(key)
    }

    /// `found` comes short and harmless: either in our words or through [`quoted`].
    fn error_at(&self, at: usize, key: String, found: String, expected: &str) -> FileError {
        FileError {
            file: self.document.file.to_owned(),
            line: line_of(self.document.text, at),
            key,
            found,
            expected: expected.to_owned(),
        }
    }

    /// An error about one text in the list of texts under `key` (about the list, when the text does
    /// not stand in it).
    #[must_use]
    pub fn item_error(&self, key: &str, item: &str, found: &str, expected: &str) -> FileError {
        let value = self.table.and_then(|table| table.get(key));
        let at = value.and_then(|value| match value.get_ref() {
            // The last of equal ones: of two, the second is the one too many.
            DeValue::Array(items) => items.iter().rev().find(
                |known| matches!(known.get_ref(), DeValue::String(text) if text.as_ref() == item),
            ),
            _ => None,
        });
        match at {
            Some(at) => self.error_at(at.span().start, self.full(key), found.to_owned(), expected),
            None => self.error(key, found, expected),
        }
    }

    /// Whether nothing stands in the section.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.table.is_none_or(|table| table.iter().next().is_none())
    }

    /// An error about the value of `key` (or about the section, when the key is absent).
    #[must_use]
    pub fn error(&self, key: &str, found: impl Display, expected: &str) -> FileError {
        let value = self.table.and_then(|table| table.get(key));
        let at = value.map_or(self.span.start, |value| value.span().start);
        self.error_at(at, self.full(key), found.to_string(), expected)
    }

    /// Whether `key` stands in the file.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.table.is_some_and(|table| table.get(key).is_some())
    }

    /// A text.
    ///
    /// # Errors
    /// When the value is no text.
    pub fn text(&self, key: &str) -> Result<Option<String>, FileError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        match value.get_ref() {
            DeValue::String(text) => Ok(Some(text.to_string())),
            other => Err(self.error(key, describe(other), "a text in quotes")),
        }
    }

    /// One of the named values.
    ///
    /// # Errors
    /// When the text is none of the names; they are listed.
    pub fn choice<T: Copy>(
        &self,
        key: &str,
        choices: &[(&str, T)],
    ) -> Result<Option<T>, FileError> {
        let expected = one_of(choices.iter().map(|(name, _)| *name));
        let Some(value) = self.get(key) else { return Ok(None) };
        let DeValue::String(text) = value.get_ref() else {
            return Err(self.error(key, describe(value.get_ref()), &expected));
        };
        match choices.iter().find(|(name, _)| *name == text.as_ref()) {
            Some((_, choice)) => Ok(Some(*choice)),
            None => Err(self.error(key, quoted(text), &expected)),
        }
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// When the value is neither.
    pub fn truth(&self, key: &str) -> Result<Option<bool>, FileError> {
        match self.get(key).map(Spanned::get_ref) {
            None => Ok(None),
            Some(DeValue::Boolean(truth)) => Ok(Some(*truth)),
            Some(other) => Err(self.error(key, describe(other), "true or false")),
        }
    }

    /// A whole number within bounds; `unit` is said in the error.
    ///
    /// # Errors
    /// When the value is no whole number or outside the bounds.
    pub fn integer(
        &self,
        key: &str,
        range: RangeInclusive<u64>,
        unit: &str,
    ) -> Result<Option<u64>, FileError> {
        let expected = format!("a whole number from {} to {} {unit}", range.start(), range.end())
            .trim_end()
            .to_owned();
        let Some(value) = self.get(key) else { return Ok(None) };
        let read = match value.get_ref() {
            DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        match read {
            Some(number) if range.contains(&number) => Ok(Some(number)),
            _ => Err(self.error(key, describe(value.get_ref()), &expected)),
        }
    }

    /// A number within bounds; `unit` is said in the error.
    ///
    /// # Errors
    /// When the value is no number, not finite or outside the bounds.
    pub fn number(
        &self,
        key: &str,
        range: RangeInclusive<f64>,
        unit: &str,
    ) -> Result<Option<f64>, FileError> {
        let expected = format!("a number from {} to {} {unit}", range.start(), range.end())
            .trim_end()
            .to_owned();
        let Some(value) = self.get(key) else { return Ok(None) };
        let read = match value.get_ref() {
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().parse().ok(),
            DeValue::Float(number) => number.as_str().parse::<f64>().ok(),
            _ => None,
        };
        match read {
            Some(number) if range.contains(&number) => Ok(Some(number)),
            _ => Err(self.error(key, describe(value.get_ref()), &expected)),
        }
    }

    /// A list of texts.
    ///
    /// # Errors
    /// When the value is no list, or something in it is no text.
    pub fn texts(&self, key: &str) -> Result<Option<Vec<String>>, FileError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let DeValue::Array(items) = value.get_ref() else {
            return Err(self.error(key, describe(value.get_ref()), "a list of texts"));
        };
        let mut texts = Vec::new();
        for item in items {
            match item.get_ref() {
                DeValue::String(text) => texts.push(text.to_string()),
                other => {
                    let at = item.span().start;
                    return Err(self.error_at(at, self.full(key), describe(other), "a text"));
                }
            }
        }
        Ok(Some(texts))
    }

    /// A section by name; an absent one answers as empty.
    ///
    /// # Errors
    /// When the value is no section.
    pub fn section(&self, key: &str) -> Result<Section<'d>, FileError> {
        let (table, span) = match self.get(key) {
            None => (None, self.span.clone()),
            Some(value) => match value.get_ref() {
                DeValue::Table(table) => (Some(table), value.span()),
                other => return Err(self.error(key, describe(other), "a section")),
            },
        };
        Ok(Section {
            document: self.document,
            path: self.full(key),
            span,
            table,
            taken: RefCell::default(),
        })
    }

    /// A list of sections (`[[name]]`), in the order of the file.
    ///
    /// # Errors
    /// When the value is no list of sections.
    pub fn sections(&self, key: &str) -> Result<Option<Vec<Section<'d>>>, FileError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let DeValue::Array(items) = value.get_ref() else {
            let found = describe(value.get_ref());
            return Err(self.error(key, found, &format!("sections headed [[{key}]]")));
        };
        let mut sections = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let path = format!("{}[{}]", self.full(key), index + 1);
            let DeValue::Table(table) = item.get_ref() else {
                let (at, found) = (item.span().start, describe(item.get_ref()));
                return Err(self.error_at(at, path, found, "a section"));
            };
            sections.push(Section {
                document: self.document,
                path,
                span: item.span(),
                table: Some(table),
                taken: RefCell::default(),
            });
        }
        Ok(Some(sections))
    }

    /// Refuses every key that was not taken.
    ///
    /// # Errors
    /// The first unknown key in the file, with the keys that there are.
    pub fn finish(self) -> Result<(), FileError> {
        let Some(table) = self.table else { return Ok(()) };
        let taken = self.taken.borrow();
        let unknown = table
            .keys()
            .filter(|key| !taken.contains(key.get_ref().as_ref()))
            .min_by_key(|key| key.span().start);
        match unknown {
            None => Ok(()),
            Some(key) => {
                let expected = one_of(taken.iter().map(String::as_str));
                let name = key.get_ref().as_ref();
                let found = "an unknown key".to_owned();
                Err(self.error_at(key.span().start, self.full(&shortened(name)), found, &expected))
            }
        }
    }
}

/// The reader's reason on one line, cut where it repeats too much of the file.
fn reason(message: &str) -> String {
    let mut reason: String = message.chars().take(MOST_REASON).collect();
    if message.chars().nth(MOST_REASON).is_some() {
        reason.push('…');
    }
    reason.replace('\n', " ").replace(char::is_control, "\u{fffd}")
}

fn one_of<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<&str> = names.collect();
    match names.as_slice() {
        [] => "nothing here".to_owned(),
        [only] => (*only).to_owned(),
        many => format!("one of {}", many.join(", ")),
    }
}

fn describe(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => quoted(text),
        DeValue::Integer(number) => shortened(number.as_str()),
        DeValue::Float(number) => shortened(number.as_str()),
        DeValue::Boolean(truth) => truth.to_string(),
        DeValue::Datetime(time) => format!("a date or time ({time})"),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a section".to_owned(),
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

/// The therapy that a scenario names; insulin if it names none. `file` is where the text came from.
///
/// # Errors
/// The text is not TOML, or names a therapy that nobody knows.
pub fn therapy_in(file: &str, text: &str) -> Result<Therapy, FileError> {
    let document = Document::parse(file, text)?;
    Ok(document.root().choice("therapy", &Therapy::NAMES)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(text: &str, read: impl Fn(&Section<'_>) -> Result<(), FileError>) -> String {
        let document = Document::parse("day.toml", text).expect("the text is TOML");
        let root = document.root();
        let error = read(&root).and_then(|()| root.finish()).expect_err("it is refused");
        error.to_string()
    }

    #[test]
    fn a_therapy_that_nobody_knows_is_told_of_all_that_there_are() {
        let therapy = |text| therapy_in("day.toml", text).map_err(|error| error.to_string());
        assert_eq!(therapy("therapy = \"propofol\""), Ok(Therapy::Propofol));
        assert_eq!(therapy("name = \"a day\""), Ok(Therapy::Insulin));
        let said = "day.toml:1: therapy: found \"ketamine\"; expected one of insulin, propofol";
        assert_eq!(therapy("therapy = \"ketamine\""), Err(said.to_owned()));
    }

    #[test]
    fn an_error_names_file_line_key_found_and_expected() {
        let said = error_of("a = 1\n[time]\ndays = \"two\"\n", |root| {
            root.section("time")?.integer("days", 1..=60, "").map(|_| ())
        });
        assert_eq!(
            said,
            "day.toml:3: time.days: found \"two\"; expected a whole number from 1 to 60"
        );
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_known_ones() {
        let said =
            error_of("days = 2\ndyas = 3\n", |root| root.integer("days", 1..=9, "").map(|_| ()));
        assert_eq!(said, "day.toml:2: dyas: found an unknown key; expected days");
    }

    #[test]
    fn an_item_of_a_list_of_sections_is_counted_from_one() {
        let said = error_of("[[arms]]\nname = \"a\"\n[[arms]]\nname = 7\n", |root| {
            for arm in root.sections("arms")?.unwrap_or_default() {
                arm.text("name")?;
            }
            Ok(())
        });
        assert_eq!(said, "day.toml:4: arms[2].name: found 7; expected a text in quotes");
    }

    #[test]
    fn what_is_not_toml_names_the_line() {
        let error = Document::parse("x.toml", "a = 1\nb = = 2\n").expect_err("not TOML");
        assert_eq!((error.file.as_str(), error.line), ("x.toml", 2));
    }

    #[test]
    fn numbers_outside_their_bounds_and_not_finite_are_refused() {
        for text in ["f = 3.5", "f = nan", "f = inf", "f = -0.1", "f = true"] {
            let said = error_of(text, |root| root.number("f", 0.0..=3.0, "U").map(|_| ()));
            assert!(said.ends_with("expected a number from 0 to 3 U"), "{text}: {said}");
        }
    }

    #[test]
    fn an_error_is_short_and_on_one_line_whatever_the_file_holds() {
        let long = "x".repeat(1_000_000);
        for text in [
            format!("f = \"{long}\""),
            format!("f = \"\"\"{}\"\"\"", "a\n\u{85}".repeat(100_000)),
            format!("f = {}", "9".repeat(100_000)),
            format!("{long} = 1"),
            format!("f = 1\n[\"{long}\"]"),
        ] {
            let said = error_of(&text, |root| root.number("f", 0.0..=3.0, "U").map(|_| ()));
            assert!(said.len() < 300 && said.lines().count() == 1, "{} bytes", said.len());
        }
        for text in [format!("a = {long}"), format!("[[{long}"), format!("a = '{long}\n'")] {
            let error = Document::parse("x.toml", &text).expect_err("not TOML").to_string();
            assert!(error.len() < 300 && error.lines().count() == 1, "{} bytes", error.len());
        }
    }

    #[test]
    fn a_text_in_a_list_is_found_on_its_own_line() {
        let document = Document::parse("day.toml", "a = [\n  \"x\",\n  \"y\",\n]\n");
        let document = document.expect("the text is TOML");
        let (root, line) = (document.root(), |error: FileError| error.line);
        assert_eq!(line(root.item_error("a", "y", "y", "x")), 3);
        assert_eq!(line(root.item_error("a", "z", "z", "x")), 1);
    }
}
