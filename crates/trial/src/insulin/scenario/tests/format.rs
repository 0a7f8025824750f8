//! The book's page on the format of a scenario, and what holds it to the reader.
//! `HOMEOSTAT_BLESS=1` writes the page; look at it then.

use std::fmt::Write as _;
use std::path::Path;

use super::sections::{FAULT, Holds, KINDS, Key, LeftOut, SECTIONS, SectionKeys};
use crate::insulin::scenario::read::KIND_NAMES;
use crate::insulin::scenario::{Scenario, read, standard};
use crate::keys::book::write_section;

/// Every section, in the order of the page.
fn sections() -> Vec<SectionKeys> {
    let mut sections = SECTIONS.to_vec();
    sections.insert(7, FAULT);
    sections
}

/// A scenario file with one key of one section, and what that needs beside it.
fn file_with(section: &SectionKeys, key: &Key, value: Option<&str>) -> String {
    let days = "[time]\ndays = 3650\n";
    let own = value.map_or(String::new(), |value| format!("{} = {value}\n", key.name));
    match section.heading {
        "" => format!("{}\n{own}{days}", key.beside),
        "[time]" => format!("{}\n{own}", section.heading),
        heading => format!("{days}{heading}\n{}\n{own}", key.beside),
    }
}

fn reads(section: &SectionKeys, key: &Key, value: &str) -> Result<Scenario, String> {
    let text = file_with(section, key, Some(value));
    read("x", &text).map_err(|error| error.to_string())
}

#[test]
fn every_key_of_the_book_takes_its_example() {
    for section in sections() {
        for key in section.keys {
            let read = reads(&section, key, key.example);
            assert!(read.is_ok(), "{} {}: {read:?}", section.heading, key.name);
        }
    }
}

#[test]
fn every_default_of_the_book_is_what_stands_there_when_the_key_is_left_out() {
    let mut compared = 0;
    for section in sections() {
        for key in section.keys {
            let left_out = read("x", &(file_with(&section, key, None) + "\n"));
            match key.left_out {
                LeftOut::Value(value) => {
                    compared += 1;
                    let said = reads(&section, key, value).expect("a default can be read");
                    // A section with nothing in it may be refused, one with its default is not.
                    let Ok(left_out) = left_out else { panic!("{}: {left_out:?}", key.name) };
                    assert_eq!(left_out, said, "{} {}", section.heading, key.name);
                    let other = reads(&section, key, key.example).expect("an example");
                    assert!(key.example == value || other != said, "{} is read", key.name);
                }
                LeftOut::Required => assert!(left_out.is_err(), "{} is required", key.name),
                LeftOut::Words(_) => {}
            }
        }
    }
    assert!(compared > 15, "{compared}");
}

#[test]
fn every_range_of_the_book_is_what_the_reader_takes() {
    for section in sections() {
        for key in section.keys {
            let takes = |value: &str| reads(&section, key, value).is_ok();
            let name = key.name;
            match key.holds {
                Holds::Whole(whole) => {
                    // The largest seed leaves no room for another.
                    let most = if whole.name == "first" { whole.most - 1 } else { whole.most };
                    let end = if whole.name == "day" { 3_650 } else { most };
                    assert!(takes(&whole.least.to_string()) && takes(&end.to_string()), "{name}");
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
                        if let Err(error) = reads(&section, key, &format!("\"{choice}\"")) {
                            assert_eq!(name, "kind", "{error}");
                            assert!(error.contains("found nothing"), "{error}");
                        }
                    }
                    let error = reads(&section, key, "\"zzz\"").expect_err("no choice");
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
    }
}

fn one_of(choices: &[&str]) -> String {
    match choices {
        [only] => (*only).to_owned(),
        many => format!("one of {}", many.join(", ")),
    }
}

#[test]
fn the_book_has_every_key_that_the_reader_knows_and_no_other() {
    for section in sections() {
        let mut kinds: Vec<&str> = section.keys.iter().map(|key| key.beside).collect();
        kinds.dedup();
        for beside in kinds {
            let Some(key) = section.keys.iter().find(|key| key.beside == beside) else { continue };
            let text = file_with(&section, key, Some(key.example));
            let text = match section.heading {
                "" => format!("zzz = 1\n{text}"),
                _ => format!("{text}zzz = 1\n"),
            };
            let error = read("x", &text).expect_err("nobody knows zzz").to_string();
            let (_, known) = error.split_once("expected one of ").expect("the known keys");
            for name in known.split(", ") {
                let is_section =
                    sections().iter().any(|other| other.heading.trim_matches(['[', ']']) == name);
                let found = section.keys.iter().any(|key| key.name == name);
                assert!(found || is_section, "{}: {name} is not in the book", section.heading);
            }
        }
    }
}

const HEAD: &str = "\
# The format of a scenario

Written by the tests of the reader (`HOMEOSTAT_BLESS=1 cargo test -p homeostat-trial format`) from the ranges
that the reader uses; the same tests try every example, default and range on the reader.

A scenario is a [TOML](https://toml.io) file: `homeostat trial --scenario FILE`. Everything may be left out and is then as in the
standard scenario; a file with nothing in it is an error, and so are a key that is not in these tables, a value
outside its range and a name that means nobody. An error names file, line, key, what was found and what was
expected. Options of the command line change what the file says. The scenario that was run stands beside every
report as `scenario.toml`, with all defaults written out.

This page is insulin's; anaesthesia has [a page of its own](scenario-format-propofol.md).

The smallest file runs the standard trial:

```toml
name = \"Standard days\"
```

`homeostat trial --print-scenario` prints that trial as a whole file, `--print-scenario --hazards` the built-in
hazards too.

";

const EXAMPLE: &str = "\
name = \"Two children, a late supper and a silent sensor\"

[patients]
subjects = [\"child#001\", \"child#002\"]

[time]
run-in-days = 1
days = 2

[devices]
sensor = \"g6\"
pump = \"patch\"

[[meals]]
at = \"08:00\"
carbohydrate-g = 40

[[meals]]
at = \"20:30\"
carbohydrate-g = 60

[[arms]]
controller = \"mpc\"

[[arms]]
controller = \"mpc\"
announce = \"no\"

[[faults]]
kind = \"bias\"
factor = 1.1

[[hazards]]
name = \"none\"

[[hazards]]
name = \"silent-supper\"
words = \"The sensor is silent for an hour from supper on\"

[[hazards.faults]]
kind = \"dropout\"
at = \"20:30\"
minutes = 60
daily = true

[[criteria]]
measure = \"below-54\"
over = \"each\"
at-most-percent = 0.5
";

#[test]
fn the_books_example_is_a_scenario_and_reads_back_as_itself() {
    let scenario = read("x", EXAMPLE).expect("the example is a scenario");
    assert_eq!(read("y", &scenario.to_string()).as_ref(), Ok(&scenario));
    assert_eq!((scenario.arms.len(), scenario.hazards.len(), scenario.faults.len()), (2, 2, 1));
    assert!(HEAD.contains("name = \"Standard days\""));
    assert_eq!(read("x", "name = \"Standard days\""), Ok(standard()));
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    for section in sections() {
        write_section(&mut page, &section);
        if section.heading == FAULT.heading {
            page.push_str("| kind | what is wrong while it holds |\n| --- | --- |\n");
            for (kind, words) in KINDS {
                let _ = writeln!(page, "| `{kind}` | {words} |");
            }
            page.push('\n');
        }
    }
    let _ = writeln!(page, "## A whole example\n\n```toml\n{EXAMPLE}```");
    page
}

#[test]
fn the_book_tells_of_every_kind_of_fault() {
    assert_eq!(KINDS.map(|(kind, _)| kind), KIND_NAMES);
}

#[test]
fn the_books_page_is_what_the_reader_reads() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/book/scenario-format.md");
    let page = page();
    if std::env::var_os("HOMEOSTAT_BLESS").is_some() {
        std::fs::write(&file, &page).expect("the page can be written");
    }
    let kept = std::fs::read_to_string(&file).expect("the page is there");
    assert!(kept == page, "docs/book/scenario-format.md is old; HOMEOSTAT_BLESS=1 rewrites it");
}
