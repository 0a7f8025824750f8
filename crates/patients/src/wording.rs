//! How text of somebody's file is said again: short, on one line, harmless to a terminal and to a
//! spreadsheet.

use std::borrow::Cow;

/// Characters of a file's text that a message repeats at most.
pub const MOST_QUOTED: usize = 40;
/// Names that a message offers instead of an unknown one.
const OFFERED: usize = 3;
/// Characters of a name that count when names are compared.
const COMPARED: usize = 64;

/// The text in quotation marks: at most 40 characters of it, what a terminal would obey spelt out.
#[must_use]
pub fn quoted(text: &str) -> String {
    let short: String = text.chars().take(MOST_QUOTED).collect();
    let more = if text.chars().nth(MOST_QUOTED).is_some() { "…" } else { "" };
    format!("\"{}{more}\"", short.escape_debug())
}

/// The text without quotation marks: at most 40 characters of it, what a terminal would obey
/// replaced.
#[must_use]
pub fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(MOST_QUOTED).collect();
    if text.chars().nth(MOST_QUOTED).is_some() {
        short.push('…');
    }
    short.replace(char::is_control, "\u{fffd}")
}

/// Which of many names may have been meant: `one of 30, the nearest adult#001, adult#010, adult#002`.
#[must_use]
pub fn nearest<'n>(wanted: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    let mut ranked: Vec<(usize, &str)> =
        known.into_iter().map(|name| (distance(wanted, name), name)).collect();
    // Stable: names that are equally near keep their order.
    ranked.sort_by_key(|(distance, _)| *distance);
    let names: Vec<String> = ranked.iter().take(OFFERED).map(|(_, name)| shortened(name)).collect();
    let names = names.join(", ");
    match ranked.len() {
        0 => "nothing: there is no name".to_owned(),
        1 => names,
        few @ 2..=OFFERED => format!("one of {few}: {names}"),
        many => format!("one of {many}, the nearest {names}"),
    }
}

/// Letters to change, add or take away to get from one name to the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let letters = |name: &str| -> Vec<char> {
        name.chars().take(COMPARED).flat_map(char::to_lowercase).collect()
    };
    let (one, other) = (letters(one), letters(other));
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, letter) in one.iter().enumerate() {
        let mut left = index + 1;
        let mut corner = index;
        for (place, counterpart) in other.iter().enumerate() {
            let above = row[place + 1];
            let changed = corner + usize::from(letter != counterpart);
            row[place] = left;
            left = changed.min(above + 1).min(left + 1);
            corner = above;
        }
        row[other.len()] = left;
    }
    row[other.len()]
}

/// A text as a field of a comma-separated table that we write.
///
/// A text that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`, a tab or a
/// carriage return) gets an apostrophe before it. Numbers are never passed through here: a negative
/// one stays as it is. A text with a comma, quotation mark or line end stands in quotation marks.
#[must_use]
pub fn csv_text(text: &str) -> Cow<'_, str> {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) };
    if text.contains([',', '"', '\n', '\r']) {
        Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")))
    } else {
        text
    }
}

/// A text as one word of a command line that a person may copy into a shell.
#[must_use]
pub fn shell_word(text: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._/-+=:,@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("'{}'", text.replace('\'', "'\\''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_repeated_is_short_and_on_one_line() {
        assert_eq!(quoted("ten"), "\"ten\"");
        assert_eq!(quoted("a\n\u{1b}[2J\"b"), "\"a\\n\\u{1b}[2J\\\"b\"");
        assert_eq!(quoted(&"x".repeat(40)), format!("\"{}\"", "x".repeat(40)));
        assert_eq!(quoted(&"ä".repeat(1_000_000)), format!("\"{}…\"", "ä".repeat(40)));
        assert_eq!(shortened(&"ä".repeat(41)), format!("{}…", "ä".repeat(40)));
        assert_eq!(shortened("a\u{7}b"), "a\u{fffd}b");
    }

    #[test]
    fn a_command_to_copy_has_one_word_for_one_text() {
        assert_eq!(shell_word("out/a-b.csv"), "out/a-b.csv");
        assert_eq!(shell_word("adult#001"), "'adult#001'");
        assert_eq!(shell_word("a'; rm x"), "'a'\\''; rm x'");
        assert_eq!(shell_word(""), "''");
    }

    #[test]
    fn the_nearest_names_are_offered() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("Adult#001", "adult#001"), 0);
        let names = ["child#001", "adult#010", "adult#002", "adult#001"];
        let said = nearest("adlt#010", names);
        assert_eq!(said, "one of 4, the nearest adult#010, adult#002, adult#001");
        assert_eq!(nearest("x", ["a"]), "a");
        assert_eq!(nearest("x", ["a", "x"]), "one of 2: x, a");
        assert_eq!(nearest("x", []), "nothing: there is no name");
    }

    #[test]
    fn no_text_in_a_table_is_a_formula_and_every_text_reads_back() {
        for (text, field) in [
            ("adult#001", "adult#001"),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
            ("=HYPERLINK(\"x\",1)", "\"'=HYPERLINK(\"\"x\"\",1)\""),
            ("a,b", "\"a,b\""),
            ("a\nb", "\"a\nb\""),
        ] {
            assert_eq!(csv_text(text), field);
        }
    }
}
