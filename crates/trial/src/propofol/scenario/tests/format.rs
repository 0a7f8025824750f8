//! The book's page on the format of an anaesthetic scenario, and what holds it to the reader.
//! `HOMEOSTAT_BLESS=1` writes the page; look at it then.

use super::sections::{FAULT, KINDS, SECTIONS};
use crate::keys::book::{Key, Reader, SectionKeys, is_in_the_book};
use crate::propofol::scenario::read::KIND_NAMES;
use crate::propofol::scenario::{Scenario, read};

/// The reader, and every section in the order of the page.
fn reader() -> Reader<Scenario> {
    let mut sections = SECTIONS.to_vec();
    sections.insert(8, FAULT);
    Reader { sections, file_with, read }
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

#[test]
fn every_key_of_the_book_takes_its_example() {
    reader().every_key_takes_its_example();
}

#[test]
fn every_default_of_the_book_is_what_stands_there_when_the_key_is_left_out() {
    // The length of the trial is said in every other file.
    let compared = reader().every_default_stands_where_the_key_is_left_out("minutes");
    assert!(compared > 12, "{compared}");
}

#[test]
fn every_range_of_the_book_is_what_the_reader_takes() {
    reader().every_range_is_what_is_taken();
}

#[test]
fn the_book_has_every_key_that_the_reader_knows_and_no_other() {
    reader().every_known_key_is_in_the_book();
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

#[test]
fn the_books_page_is_what_the_reader_reads() {
    let page = reader().page(HEAD, (&FAULT, &KINDS), EXAMPLE);
    assert!(
        is_in_the_book("scenario-format-propofol.md", &page),
        "the page is old; HOMEOSTAT_BLESS=1 rewrites it"
    );
}
