//! LibreView: a title row, then one row a record, with historic and scan readings in two columns.

use super::Format;
use super::table::Columns;
use super::unit::Unit;

/// The columns of a LibreView header, if it is one.
pub(super) fn columns(names: &[String], raw: &[String]) -> Option<Columns> {
    let find = |name: &str| names.iter().position(|found| found == name);
    let time = find("devicetimestamp")?;
    let kind = find("recordtype")?;
    let historic = find("historicglucose")?;
    let mut glucose = vec![historic];
    glucose.extend(find("scanglucose"));
    Some(Columns {
        format: Format::LibreView,
        time,
        time_of_day: None,
        stated: raw.get(historic).and_then(|name| Unit::in_header(name)),
        glucose,
        subject: None,
        kind: Some(kind),
        header: raw.to_vec(),
    })
}

/// Record type 0 is a stored reading, 1 a scan; the others are strips, food, insulin and notes.
pub(super) fn is_reading(kind: &str) -> bool {
    matches!(kind, "0" | "1")
}
