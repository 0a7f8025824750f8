//! Suppliers' tables: one component a row, columns by their heading.

use super::bill::{Bill, Component, ComponentKind, Hash, SourceForm};
use super::draft::Draft;
use super::error::{BillError, Fault, quoted};

/// What a column fills.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Name,
    Group,
    Version,
    Supplier,
    Manufacturer,
    Purl,
    Cpe,
    Licence,
    Sha256,
    Sha512,
    Kind,
    SupportLevel,
    SupportEnd,
    Scope,
    Reference,
}

/// Headings in small letters without spaces, hyphens and underscores.
const HEADINGS: &[(&str, Field)] = &[
    ("name", Field::Name),
    ("component", Field::Name),
    ("componentname", Field::Name),
    ("package", Field::Name),
    ("group", Field::Group),
    ("namespace", Field::Group),
    ("version", Field::Version),
    ("componentversion", Field::Version),
    ("supplier", Field::Supplier),
    ("suppliername", Field::Supplier),
    ("vendor", Field::Supplier),
    ("manufacturer", Field::Manufacturer),
    ("purl", Field::Purl),
    ("packageurl", Field::Purl),
    ("cpe", Field::Cpe),
    ("licence", Field::Licence),
    ("license", Field::Licence),
    ("licenses", Field::Licence),
    ("sha256", Field::Sha256),
    ("hash", Field::Sha256),
    ("sha512", Field::Sha512),
    ("type", Field::Kind),
    ("kind", Field::Kind),
    ("support", Field::SupportLevel),
    ("supportlevel", Field::SupportLevel),
    ("endofsupport", Field::SupportEnd),
    ("endofsupportdate", Field::SupportEnd),
    ("eos", Field::SupportEnd),
    ("scope", Field::Scope),
    ("id", Field::Reference),
    ("reference", Field::Reference),
    ("bomref", Field::Reference),
];

/// Whether a first line looks like the headings of such a table.
pub(super) fn is_heading(line: &str) -> bool {
    let mut cells = line.split([',', ';', '\t']);
    cells.clone().nth(1).is_some() && cells.any(|cell| field(cell) == Some(Field::Name))
}

fn field(heading: &str) -> Option<Field> {
    let plain: String = heading
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    HEADINGS.iter().find(|known| known.0 == plain).map(|known| known.1)
}

pub(super) fn read(file: &str, text: &str) -> Result<Bill, BillError> {
    let first = text.lines().next().unwrap_or_default();
    let count = |delimiter: char| first.matches(delimiter).count();
    let delimiter = [',', ';', '\t'].into_iter().max_by_key(|one| count(*one)).unwrap_or(',');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(u8::try_from(delimiter).unwrap_or(b','))
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let broken = |error: &csv::Error| BillError::Syntax {
        file: file.to_owned(),
        place: error.position().map_or_else(String::new, |at| format!("line {}", at.line())),
        message: error.to_string(),
    };
    let headings = reader.headers().map_err(|error| broken(&error))?.clone();
    let mut draft = Draft::default();
    draft.bill.form =
        SourceForm { name: "CSV".to_owned(), encoding: "CSV".to_owned(), ..SourceForm::default() };
    for record in reader.records() {
        let record = record.map_err(|error| broken(&error))?;
        let place = format!("line {}", record.position().map_or(0, csv::Position::line));
        let component = row(&headings, &record, &place).map_err(|fault| fault.of(file))?;
        draft.add(&place, component).map_err(|fault| fault.of(file))?;
    }
    Ok(draft.finish())
}

fn row(
    headings: &csv::StringRecord,
    record: &csv::StringRecord,
    place: &str,
) -> Result<Component, Fault> {
    let mut component = Component::default();
    for (heading, cell) in headings.iter().zip(record).filter(|(_, cell)| !cell.is_empty()) {
        let text = cell.to_owned();
        let some = Some(text.clone());
        match field(heading) {
            Some(Field::Name) => component.name = text,
            Some(Field::Group) => component.group = some,
            Some(Field::Version) => component.version = some,
            Some(Field::Supplier) => component.supplier = some,
            Some(Field::Manufacturer) => component.manufacturer = some,
            Some(Field::Purl) => component.purl = some,
            Some(Field::Cpe) => component.cpes.push(text),
            Some(Field::Licence) => component.licences.push(text),
            Some(Field::Sha256) => component.hashes.push(hash("SHA-256", 64, cell, place)?),
            Some(Field::Sha512) => component.hashes.push(hash("SHA-512", 128, cell, place)?),
            Some(Field::Kind) => {
                component.kind = ComponentKind::named(&cell.to_lowercase().replace(' ', "-"));
            }
            Some(Field::SupportLevel) => component.support.level = some,
            Some(Field::SupportEnd) => component.support.end = some,
            Some(Field::Scope) => component.scope = some,
            Some(Field::Reference) => component.reference = text,
            None => component.properties.push((heading.to_owned(), text)),
        }
    }
    if component.name.is_empty() {
        let expected = "a name in the column of names";
        return Err(Fault::new(place, expected, "an empty cell", "name the component"));
    }
    Ok(component)
}

fn hash(algorithm: &str, digits: usize, cell: &str, place: &str) -> Result<Hash, Fault> {
    let value = cell.to_ascii_lowercase();
    if value.len() != digits || !value.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let expected = format!("{digits} hexadecimal digits of {algorithm}");
        return Err(Fault::new(place, expected, quoted(cell), "correct or empty the cell"));
    }
    Ok(Hash { algorithm: algorithm.to_owned(), value })
}
