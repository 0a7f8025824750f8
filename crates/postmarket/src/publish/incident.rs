//! Facts of an incident, and which fields of two reports they fill: the European MIR and FDA's MedWatch 3500A.
//!
//! It is no filing. Sections are named as the forms' public versions number them (MIR 7.2.1; 3500A blocks), by general
//! knowledge of the forms: check against the form at hand before use.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Which report.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Form {
    /// Manufacturer incident report of the European Union.
    Mir,
    /// MedWatch 3500A of the United States.
    MedWatch3500A,
}

/// Where a field's content comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum From {
    /// A fact of this name.
    Fact(&'static str),
    /// Only a person can say it, and no record of ours may hold it.
    Person(&'static str),
}

/// How a field stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Field {
    /// Filled from a fact.
    Filled(String),
    /// The fact of this name is not given.
    Missing(&'static str),
    /// It cannot be derived; a person must write it.
    NotDerivable(&'static str),
}

/// A line of the fact sheet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// The form's own number.
    pub number: &'static str,
    /// What it asks, in our words.
    pub title: &'static str,
    /// How it stands.
    pub field: Field,
}

type RowOfForm = (Form, &'static str, &'static str, From);

const ROWS: [RowOfForm; 38] = [
    (Form::Mir, "1.1", "competent authority", From::Fact("authority")),
    (Form::Mir, "1.2", "date of the incident", From::Fact("incident.date")),
    (Form::Mir, "1.2", "date on which the maker became aware", From::Fact("aware.date")),
    (Form::Mir, "1.2", "type of report: initial, follow-up, final", From::Fact("report.type")),
    (
        Form::Mir,
        "1.2",
        "class: threat, death or deterioration, other",
        From::Fact("incident.class"),
    ),
    (
        Form::Mir,
        "1.3",
        "submitter and single registration number",
        From::Fact("maker.registration"),
    ),
    (Form::Mir, "2.1", "UDI-DI", From::Fact("device.udi")),
    (Form::Mir, "2.2", "nomenclature and risk class", From::Fact("device.class")),
    (Form::Mir, "2.3", "name and software version", From::Fact("device.release")),
    (Form::Mir, "2.3", "serial or lot number", From::Fact("device.serial")),
    (Form::Mir, "2.4", "devices and releases concerned, fleet count", From::Fact("fleet.affected")),
    (Form::Mir, "3.1", "nature of the incident", From::Fact("incident.description")),
    (Form::Mir, "3.2", "IMDRF device problem codes", From::Fact("imdrf.problem")),
    (Form::Mir, "3.3", "the patient", From::Person("no record holds a patient's identity")),
    (Form::Mir, "3.4", "the first reporter", From::Fact("reporter")),
    (Form::Mir, "4.1", "maker's preliminary comments", From::Fact("analysis.preliminary")),
    (Form::Mir, "4.2", "cause and conclusion", From::Fact("analysis.cause")),
    (Form::Mir, "4.3", "similar incidents", From::Fact("fleet.similar")),
    (Form::Mir, "4.3", "corrective action", From::Fact("action")),
    (Form::Mir, "5", "general comments: hashes of evidence", From::Fact("evidence")),
    (Form::MedWatch3500A, "A", "the patient", From::Person("no record holds a patient's identity")),
    (Form::MedWatch3500A, "B1", "adverse event or product problem", From::Fact("incident.class")),
    (
        Form::MedWatch3500A,
        "B2",
        "outcome for the patient",
        From::Person("a clinician judges the outcome"),
    ),
    (Form::MedWatch3500A, "B3", "date of the event", From::Fact("incident.date")),
    (Form::MedWatch3500A, "B5", "description of the event", From::Fact("incident.description")),
    (
        Form::MedWatch3500A,
        "B7",
        "history of the patient",
        From::Person("no record holds a patient's history"),
    ),
    (Form::MedWatch3500A, "D1", "brand name", From::Fact("device.name")),
    (Form::MedWatch3500A, "D2", "common name and product code", From::Fact("device.class")),
    (Form::MedWatch3500A, "D3", "maker", From::Fact("maker.name")),
    (Form::MedWatch3500A, "D4", "model, serial, UDI", From::Fact("device.udi")),
    (Form::MedWatch3500A, "E", "first reporter", From::Fact("reporter")),
    (Form::MedWatch3500A, "G1", "contact office", From::Fact("maker.contact")),
    (Form::MedWatch3500A, "G", "date on which the maker received it", From::Fact("aware.date")),
    (Form::MedWatch3500A, "G", "type of report: 5-day, 30-day", From::Fact("report.period")),
    (
        Form::MedWatch3500A,
        "H3",
        "device evaluated by the maker",
        From::Fact("analysis.preliminary"),
    ),
    (
        Form::MedWatch3500A,
        "H6",
        "codes of problem, method, result, conclusion",
        From::Fact("imdrf.problem"),
    ),
    (Form::MedWatch3500A, "H7", "remedial action", From::Fact("action")),
    (
        Form::MedWatch3500A,
        "H10",
        "maker's narrative: cause, evidence hashes",
        From::Fact("analysis.cause"),
    ),
];

/// The names of all facts that a form asks for.
#[must_use]
pub fn facts_asked() -> Vec<&'static str> {
    let mut names: Vec<&str> = ROWS
        .iter()
        .filter_map(|(.., from)| match from {
            From::Fact(name) => Some(*name),
            From::Person(_) => None,
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// How a form's fields stand with these facts.
#[must_use]
pub fn sheet(form: Form, facts: &BTreeMap<String, String>) -> Vec<Line> {
    ROWS.iter()
        .filter(|(of, ..)| *of == form)
        .map(|(_, number, title, from)| Line {
            number,
            title,
            field: match from {
                From::Person(why) => Field::NotDerivable(why),
                From::Fact(name) => match facts.get(*name).filter(|text| !text.trim().is_empty()) {
                    Some(text) => Field::Filled(text.clone()),
                    None => Field::Missing(name),
                },
            },
        })
        .collect()
}

/// The sheet as a Markdown table.
#[must_use]
pub fn table(lines: &[Line]) -> String {
    let mut out = "| field | asks | state | content |\n| --- | --- | --- | --- |\n".to_owned();
    for line in lines {
        let (state, content) = match &line.field {
            Field::Filled(text) => ("filled", text.replace('|', "\\|").replace('\n', " ")),
            Field::Missing(name) => ("missing", format!("fact `{name}`")),
            Field::NotDerivable(why) => ("not derivable", (*why).to_owned()),
        };
        // Writing to a text cannot fail.
        let _ = writeln!(out, "| {} | {} | {state} | {content} |", line.number, line.title);
    }
    out
}
