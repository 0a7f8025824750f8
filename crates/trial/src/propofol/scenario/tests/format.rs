//! The book's page on the format of an anaesthetic scenario, and what holds it to the reader.
//! `HOMEOSTAT_BLESS=1` writes the page; look at it then.

use std::fmt::Write as _;
use std::path::Path;

use super::sections::{FAULT, KINDS, SECTIONS};
use crate::keys::book::{Holds, Key, LeftOut, SectionKeys, write_section};
use crate::propofol::scenario::read::KIND_NAMES;
use crate::propofol::scenario::{Scenario, read};

/// Every section, in the order of the page.
fn sections() -> Vec<SectionKeys> {
    let mut sections = SECTIONS.to_vec();
    sections.insert(8, FAULT);
    sections
}

/// A scenario file with one key of one section, and what that needs beside it.
fn file_with(section: &SectionKeys, key: &Key, value: Option<&str>) -> String {
    let time = "[time]\nminutes = 1440\n";
    let own = value.map_or(String::new(), |value| format!("{} = {value}\n", key.name));
    let therapy = if key.name == "therapy" { "" } else { "therapy = \"propofol\"\n" };
    match section.heading {
        "" => format!("{therapy}{}\n{own}{time}", key.beside),
        "[time]" => format!("{therapy}{}\nminutes = 1440\n{own}", section.heading),
        heading => format!("{therapy}{time}{heading}\n{}\n{own}", key.beside),
    }
    .replace("minutes = 1440\nminutes", "minutes")
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
            let left_out = read("x", &file_with(&section, key, None));
            match key.left_out {
                LeftOut::Value(value) => {
                    // The length of the trial is said in every other file.
                    if key.name == "minutes" {
                        continue;
                    }
                    compared += 1;
                    let said = reads(&section, key, value).expect("a default can be read");
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
    assert!(compared > 12, "{compared}");
}

#[test]
fn every_range_of_the_book_is_what_the_reader_takes() {
    for section in sections() {
        for key in section.keys {
            let takes = |value: &str| reads(&section, key, value).is_ok();
            let name = key.name;
            match key.holds {
                Holds::Whole(whole) => {
                    // The largest seed leaves no room for another, and the trial ends with its day.
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
                        if let Err(error) = reads(&section, key, &format!("\"{choice}\"")) {
                            assert_eq!(name, "kind", "{error}");
                            assert!(error.contains("found nothing"), "{error}");
                        }
                    }
                    assert!(!takes("\"no such word\""), "{name}");
                }
                Holds::Text => assert!(!takes("\"a\\nb\""), "{name}"),
                Holds::Name => assert!(!takes("\"../x\"") && !takes("\"\""), "{name}"),
                Holds::Truth => assert!(takes("true") && !takes("\"yes\""), "{name}"),
                Holds::Texts => assert!(!takes("\"adult#001\"") && !takes("[1]"), "{name}"),
                Holds::Path => assert!(!takes("1"), "{name}"),
                Holds::TimeOfDay => unreachable!("there is none"),
            }
        }
    }
}

const HEAD: &str = "\
# The format of an anaesthetic scenario

Written by the tests of the reader (`HOMEOSTAT_BLESS=1 cargo test -p homeostat-trial format`) from the ranges
that the reader uses; the same tests try every example, default and range on the reader.

`homeostat trial --scenario FILE` reads it; what holds for every scenario stands in
[scenario-format.md](scenario-format.md). `homeostat trial --therapy propofol --print-scenario` prints the standard
trial as a whole file, with `--hazards` the built-in hazards too. The smallest file runs the standard trial:

```toml
therapy = \"propofol\"
```

";

const EXAMPLE: &str = "\
therapy = \"propofol\"
name = \"Ten adults, a silent monitor and an emergence\"
stimulus = \"random\"

[patients]
count = 10

[time]
minutes = 45
emergence-minutes = 5

[devices]
pressure = true

[[arms]]
controller = \"mpc\"

[[hazards]]
name = \"none\"

[[hazards]]
name = \"silent\"
words = \"The monitor is silent for two minutes\"
detectable-after-s = 10
alarm-within-s = 10

[[hazards.faults]]
kind = \"dropout\"
at-s = 1500
seconds = 120

[[criteria]]
measure = \"ever-below-30\"
over = \"mean\"
at-most = 5
";

#[test]
fn the_books_example_is_a_scenario_and_reads_back_as_itself() {
    let scenario = read("x", EXAMPLE).expect("the example is a scenario");
    assert_eq!(read("y", &scenario.to_string()).as_ref(), Ok(&scenario));
    assert_eq!((scenario.arms.len(), scenario.hazards.len()), (1, 2));
}

#[test]
fn the_book_tells_of_every_kind_of_fault() {
    assert_eq!(KINDS.map(|(kind, _)| kind), KIND_NAMES);
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
fn the_books_page_is_what_the_reader_reads() {
    let name = "../../docs/book/scenario-format-propofol.md";
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let page = page();
    if std::env::var_os("HOMEOSTAT_BLESS").is_some() {
        std::fs::write(&file, &page).expect("the page can be written");
    }
    let kept = std::fs::read_to_string(&file).expect("the page is there");
    assert!(kept == page, "the page is old; HOMEOSTAT_BLESS=1 rewrites it");
}
