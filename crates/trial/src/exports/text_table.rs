//! Bytes to text, text to fields.

use std::borrow::Cow;

use super::error::ExportError;

/// The longest field that is read, in bytes.
const LONGEST_FIELD: usize = 4096;
/// The longest line that is read, in bytes.
const LONGEST_LINE: usize = 1024 * 1024;
/// A header is looked for in this many rows.
pub(super) const HEADER_ROWS: usize = 40;

/// Text of UTF-8 (with or without a mark), UTF-16 with a mark, or Latin-1 where it is not UTF-8.
pub(super) fn decode<'bytes>(
    name: &str,
    bytes: &'bytes [u8],
) -> Result<Cow<'bytes, str>, ExportError> {
    let wide = |swap: fn([u8; 2]) -> u16| {
        let units = bytes[2..].chunks_exact(2).map(|pair| swap([pair[0], pair[1]]));
        char::decode_utf16(units).map(|unit| unit.unwrap_or('\u{fffd}')).collect::<String>()
    };
    if bytes.starts_with(&[0xff, 0xfe]) {
        return Ok(Cow::Owned(wide(u16::from_le_bytes)));
    }
    if bytes.starts_with(&[0xfe, 0xff]) {
        return Ok(Cow::Owned(wide(u16::from_be_bytes)));
    }
    let start: &[u8] = &bytes[..bytes.len().min(4096)];
    if start.contains(&0) {
        return Err(ExportError::new(name, "", "binary data", "a text file: CSV or JSON"));
    }
    let bytes = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    Ok(match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect()),
    })
}

/// Refuses a text with a line that no export has, before its fields are split.
pub(super) fn check_lines(name: &str, text: &str) -> Result<(), ExportError> {
    match text.lines().position(|line| line.len() > LONGEST_LINE) {
        None => Ok(()),
        Some(index) => Err(ExportError::new(
            name,
            &format!(":{}", index + 1),
            "a line of more than 1 MiB",
            "a table with one reading a line",
        )),
    }
}

/// One row of a table: its line and its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) line: u64,
    record: csv::StringRecord,
}

impl Fields {
    /// A field without surrounding blanks; `None` when the row is too short.
    pub(super) fn get(&self, column: usize) -> Option<&str> {
        self.record.get(column).map(str::trim)
    }

    pub(super) fn len(&self) -> usize {
        self.record.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.record.iter().map(str::trim)
    }

    pub(super) fn too_long(&self) -> bool {
        self.record.iter().any(|field| field.len() > LONGEST_FIELD)
    }

    /// Whether a field that should be one line long runs over several: a quote was left open. Notes
    /// may have lines of their own, but no field of a note is too long.
    pub(super) fn runs_on(&self, one_line: impl Fn(usize) -> bool) -> bool {
        self.record.iter().enumerate().any(|(column, field)| {
            field.trim().contains('\n') && (one_line(column) || field.len() > LONGEST_FIELD)
        })
    }

    /// Whether something stands behind the last of so many columns.
    pub(super) fn runs_over(&self, columns: usize) -> bool {
        self.iter().skip(columns).any(|field| !field.is_empty())
    }

    /// Whether nothing stands in any field.
    pub(super) fn blank(&self) -> bool {
        self.iter().all(str::is_empty)
    }
}

/// The rows of a text with a separator, quoted fields respected. Lines count from 1.
pub(super) fn rows(text: &str, separator: u8) -> impl Iterator<Item = Fields> + '_ {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(text.as_bytes());
    std::iter::from_fn(move || {
        let mut record = csv::StringRecord::new();
        // Text is valid and rows may differ in length, so the reader has nothing to object to.
        match reader.read_record(&mut record) {
            Ok(true) => {
                let line = line_of(text, &record);
                Some(Fields { line, record })
            }
            Ok(false) | Err(_) => None,
        }
    })
}

/// The line on which a record begins. The reader's own position is where it began to look: before
/// the empty lines that it passed over.
fn line_of(text: &str, record: &csv::StringRecord) -> u64 {
    let Some(position) = record.position() else { return 0 };
    let from = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let rest = text.get(from..).unwrap_or("").split('\n');
    position.line() + rest.take_while(|line| matches!(*line, "" | "\r")).count() as u64
}
