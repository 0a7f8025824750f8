//! What the pages of the book on files say of each key: the tests of a reader write the page from it, and
//! try every example, default and range on the reader.

use std::fmt::Write as _;

use super::{Number, Whole};

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
pub(crate) fn write_section(page: &mut String, section: &SectionKeys) {
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
