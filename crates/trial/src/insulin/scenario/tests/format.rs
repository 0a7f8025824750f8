//! The book's page on the format of a scenario, and what holds it to the reader.
//! `HOMEOSTAT_BLESS=1` writes the page; look at it then.

use super::sections::{FAULT, KINDS, SECTIONS};
use crate::insulin::scenario::read::KIND_NAMES;
use crate::insulin::scenario::{Scenario, read, standard};
use crate::keys::book::{Key, Reader, SectionKeys, is_in_the_book};

/// The reader, and every section in the order of the page.
fn reader() -> Reader<Scenario> {
    let mut sections = SECTIONS.to_vec();
    sections.insert(7, FAULT);
    Reader { sections, file_with, read }
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

#[test]
fn every_key_of_the_book_takes_its_example() {
    reader().every_key_takes_its_example();
}

#[test]
fn every_default_of_the_book_is_what_stands_there_when_the_key_is_left_out() {
    let compared = reader().every_default_stands_where_the_key_is_left_out("");
    assert!(compared > 15, "{compared}");
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

#[test]
fn the_book_tells_of_every_kind_of_fault() {
    assert_eq!(KINDS.map(|(kind, _)| kind), KIND_NAMES);
}

#[test]
fn the_books_page_is_what_the_reader_reads() {
    let page = reader().page(HEAD, (&FAULT, &KINDS), EXAMPLE);
    assert!(
        is_in_the_book("scenario-format.md", &page),
        "the page is old; HOMEOSTAT_BLESS=1 rewrites it"
    );
}
