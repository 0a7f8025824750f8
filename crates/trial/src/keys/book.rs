//! What the pages of the book on files say of each key: the tests of a reader write the page from it, and
//! try every example, default and range on the reader.

use std::fmt::{Debug, Write as _};
use std::path::Path;

use super::{Number, Whole};
use crate::document::FileError;

/// What a key holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Holds {
    /// A text of at most 200 bytes on one line.
    Text,
    /// The path of a file.
    Path,
    /// A name of 1 to 40 small letters, digits and hyphens.
    Name,
    /// A list of texts.
    Texts,
    /// A time of day, `"07:30"`.
    TimeOfDay,
    /// `true` or `false`.
    Truth,
    /// One of some words.
    Choice(&'static [&'static str]),
    /// A whole number.
    Whole(Whole),
    /// A number.
    Number(Number),
}

/// What stands in the place of a key that is left out.
#[derive(Clone, Copy, Debug)]
pub(crate) enum LeftOut {
    /// The key must be there.
    Required,
    /// This, as TOML.
    Value(&'static str),
    /// This, in words.
    Words(&'static str),
}

/// One key of a section.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) holds: Holds,
    pub(crate) left_out: LeftOut,
    /// A value as TOML.
    pub(crate) example: &'static str,
    pub(crate) words: &'static str,
    /// Other keys that the section needs with this one, as TOML.
    pub(crate) beside: &'static str,
}

/// One section of the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SectionKeys {
    /// How it is headed; empty for what stands before every header.
    pub(crate) heading: &'static str,
    pub(crate) words: &'static str,
    pub(crate) keys: &'static [Key],
}

pub(crate) const fn key(
    name: &'static str,
    holds: Holds,
    left_out: LeftOut,
    example: &'static str,
    words: &'static str,
) -> Key {
    Key { name, holds, left_out, example, words, beside: "" }
}

pub(crate) const fn whole(
    of: Whole,
    left_out: LeftOut,
    example: &'static str,
    words: &'static str,
) -> Key {
    key(of.name, Holds::Whole(of), left_out, example, words)
}

pub(crate) const fn number(
    of: Number,
    left_out: LeftOut,
    example: &'static str,
    words: &'static str,
) -> Key {
    key(of.name, Holds::Number(of), left_out, example, words)
}

impl Key {
    pub(crate) const fn beside(self, beside: &'static str) -> Self {
        Self { beside, ..self }
    }
}

fn holds(key: &Key) -> (String, String) {
    let unit = |unit: &str| if unit.is_empty() { "1".to_owned() } else { unit.to_owned() };
    let none = || "".to_owned();
    match key.holds {
        Holds::Text => ("a text on one line, at most 200 bytes".to_owned(), none()),
        Holds::Path => ("a text: the path of a file".to_owned(), none()),
        Holds::Name => ("a text: 1 to 40 small letters, digits, hyphens".to_owned(), none()),
        Holds::Texts => ("a list of texts".to_owned(), none()),
        Holds::TimeOfDay => ("a text: `\"00:00\"` to `\"23:59\"`".to_owned(), "HH:MM".to_owned()),
        Holds::Truth => ("`true` or `false`".to_owned(), none()),
        Holds::Choice(choices) => {
            let quoted: Vec<String> = choices.iter().map(|name| format!("`\"{name}\"`")).collect();
            (quoted.join(", "), none())
        }
        Holds::Whole(of) => (format!("whole, {} to {}", of.least, of.most), unit(of.unit)),
        Holds::Number(of) => (format!("{} to {}", of.least, of.most), unit(of.unit)),
    }
}

/// Appends a section with the table of its keys.
fn write_section(page: &mut String, section: &SectionKeys) {
    let heading = match section.heading {
        "" => "Top".to_owned(),
        heading => format!("`{heading}`"),
    };
    let _ = writeln!(page, "## {heading}\n\n{}\n", section.words);
    page.push_str("| key | holds | unit | left out | example | meaning |\n");
    page.push_str("| --- | --- | --- | --- | --- | --- |\n");
    for key in section.keys {
        let (holds, unit) = holds(key);
        let left_out = match key.left_out {
            LeftOut::Required => "is an error".to_owned(),
            LeftOut::Value(value) => format!("`{value}`"),
            LeftOut::Words(words) => words.to_owned(),
        };
        let (name, example, words) = (key.name, key.example, key.words);
        let _ =
            writeln!(page, "| `{name}` | {holds} | {unit} | {left_out} | `{example}` | {words} |");
    }
    page.push('\n');
}

/// A reader of files, and the sections that the book says it knows.
pub(crate) struct Reader<S> {
    pub(crate) sections: Vec<SectionKeys>,
    /// A file with one key of a section at this value, or without it, and what that needs beside it.
    pub(crate) file_with: fn(&SectionKeys, &Key, Option<&str>) -> String,
    pub(crate) read: fn(&str, &str) -> Result<S, FileError>,
}

impl<S: PartialEq + Debug> Reader<S> {
    fn reads(&self, section: &SectionKeys, key: &Key, value: &str) -> Result<S, String> {
        let text = (self.file_with)(section, key, Some(value));
        (self.read)("x", &text).map_err(|error| error.to_string())
    }

    fn keys(&self) -> impl Iterator<Item = (&SectionKeys, &'static Key)> {
        self.sections.iter().flat_map(|section| section.keys.iter().map(move |key| (section, key)))
    }

    pub(crate) fn every_key_takes_its_example(&self) {
        for (section, key) in self.keys() {
            let read = self.reads(section, key, key.example);
            assert!(read.is_ok(), "{} {}: {read:?}", section.heading, key.name);
        }
    }

    /// How many defaults were compared. That of a key which stands in `every_file` cannot be.
    pub(crate) fn every_default_stands_where_the_key_is_left_out(&self, every_file: &str) -> usize {
        let mut compared = 0;
        for (section, key) in self.keys() {
            let left_out = (self.read)("x", &((self.file_with)(section, key, None) + "\n"));
            match key.left_out {
                LeftOut::Value(_) if key.name == every_file => {}
                LeftOut::Value(value) => {
                    compared += 1;
                    let said = self.reads(section, key, value).expect("a default can be read");
                    // A section with nothing in it may be refused, one with its default is not.
                    let Ok(left_out) = left_out else { panic!("{}: {left_out:?}", key.name) };
                    assert_eq!(left_out, said, "{} {}", section.heading, key.name);
                    let other = self.reads(section, key, key.example).expect("an example");
                    assert!(key.example == value || other != said, "{} is read", key.name);
                }
                LeftOut::Required => assert!(left_out.is_err(), "{} is required", key.name),
                LeftOut::Words(_) => {}
            }
        }
        compared
    }

    pub(crate) fn every_range_is_what_is_taken(&self) {
        for (section, key) in self.keys() {
            self.range_is_what_is_taken(section, key);
        }
    }

    fn range_is_what_is_taken(&self, section: &SectionKeys, key: &Key) {
        let takes = |value: &str| self.reads(section, key, value).is_ok();
        let name = key.name;
        match key.holds {
            Holds::Whole(whole) => {
                // The largest seed leaves no room for another, and a trial ends with its day.
                let room = matches!(name, "first" | "at-s");
                let most = if room { whole.most - 1 } else { whole.most };
                assert!(takes(&whole.least.to_string()) && takes(&most.to_string()), "{name}");
                let above = (u128::from(whole.most) + 1).to_string();
                assert!(!takes(&above) && !takes("-1") && !takes("1.5"), "{name}");
                assert!(whole.least == 0 || !takes(&(whole.least - 1).to_string()), "{name}");
            }
            Holds::Number(number) => {
                let (least, most) = (number.least, number.most);
                assert!(takes(&format!("{least:?}")) && takes(&format!("{most:?}")), "{name}");
                for outside in [least - 0.001, most + 0.001, f64::NAN, f64::INFINITY] {
                    assert!(!takes(&format!("{outside:?}")), "{name} {outside}");
                }
            }
            Holds::Choice(choices) => {
                // A fault of another kind needs other keys: it is refused for them alone.
                for choice in choices {
                    if let Err(error) = self.reads(section, key, &format!("\"{choice}\"")) {
                        assert_eq!(name, "kind", "{error}");
                        assert!(error.contains("found nothing"), "{error}");
                    }
                }
                let error = self.reads(section, key, "\"zzz\"").expect_err("no choice");
                assert!(error.ends_with(&format!("expected {}", one_of(choices))), "{error}");
            }
            Holds::Text => {
                assert!(takes(&format!("\"{}\"", "x".repeat(200))) || name == "subjects");
                assert!(!takes(&format!("\"{}\"", "x".repeat(201))), "{name}");
                assert!(!takes("\"a\\nb\""), "{name}");
            }
            Holds::Name => assert!(!takes("\"../x\"") && !takes("\"\""), "{name}"),
            Holds::TimeOfDay => assert!(!takes("\"24:00\"") && !takes("\"7:30\""), "{name}"),
            Holds::Truth => assert!(takes("true") && !takes("\"yes\""), "{name}"),
            Holds::Texts => assert!(!takes("\"adult#001\"") && !takes("[1]"), "{name}"),
            Holds::Path => assert!(!takes("1"), "{name}"),
        }
    }

    pub(crate) fn every_known_key_is_in_the_book(&self) {
        for section in &self.sections {
            let mut kinds: Vec<&Key> = section.keys.iter().collect();
            kinds.dedup_by_key(|key| key.beside);
            for key in kinds {
                let text = (self.file_with)(section, key, Some(key.example));
                let text = match section.heading {
                    "" => format!("zzz = 1\n{text}"),
                    _ => format!("{text}zzz = 1\n"),
                };
                let error = (self.read)("x", &text).expect_err("nobody knows zzz").to_string();
                let (_, known) = error.split_once("expected one of ").expect("the known keys");
                for name in known.split(", ") {
                    let heads = |one: &SectionKeys| one.heading.trim_matches(['[', ']']) == name;
                    let found = section.keys.iter().any(|key| key.name == name)
                        || self.sections.iter().any(heads);
                    assert!(found, "{}: {name} is not in the book", section.heading);
                }
            }
        }
    }

    /// The page: every section, after `faults` the kinds of faults, and an example.
    pub(crate) fn page(
        &self,
        head: &str,
        (faults, kinds): (&SectionKeys, &[(&str, &str)]),
        example: &str,
    ) -> String {
        let mut page = head.to_owned();
        for section in &self.sections {
            write_section(&mut page, section);
            if section.heading == faults.heading {
                page.push_str("| kind | what is wrong while it holds |\n| --- | --- |\n");
                for (kind, words) in kinds {
                    let _ = writeln!(page, "| `{kind}` | {words} |");
                }
                page.push('\n');
            }
        }
        let _ = writeln!(page, "## A whole example\n\n```toml\n{example}```");
        page
    }
}

fn one_of(choices: &[&str]) -> String {
    match choices {
        [only] => (*only).to_owned(),
        many => format!("one of {}", many.join(", ")),
    }
}

/// Whether the page of this name in the book is this one; with `HOMEOSTAT_BLESS` it is made so.
pub(crate) fn is_in_the_book(name: &str, page: &str) -> bool {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/book").join(name);
    if std::env::var_os("HOMEOSTAT_BLESS").is_some() {
        std::fs::write(&file, page).expect("the page can be written");
    }
    std::fs::read_to_string(&file).expect("the page is there") == page
}
