//! Comma-separated tables with a header: fields by column name, errors by line and column.
//!
//! Lines that begin with `#` are comments. Spaces around fields are ignored, and so are spaces inside
//! column names (simglucose writes `x0_ 1`).

use crate::error::TableError;
use homeostat_numeric::Finite;

/// A table whose fields have not been read yet.
pub(crate) struct Table {
    file: String,
    header: Vec<String>,
    rows: Vec<Row>,
}

struct Row {
    line: u64,
    fields: Vec<String>,
}

/// One row of a table.
#[derive(Clone, Copy)]
pub(crate) struct RowView<'a> {
    table: &'a Table,
    row: &'a Row,
}

impl Table {
    /// Splits a text into rows. `file` names it in errors.
    pub(crate) fn parse(file: &str, text: &str) -> Result<Self, TableError> {
        let form = |line, problem: String| TableError::Form { file: file.into(), line, problem };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .comment(Some(b'#'))
            .trim(csv::Trim::All)
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut header: Option<Vec<String>> = None;
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| {
                let line = error.position().map_or(0, csv::Position::line);
                form(line, format!("not a comma-separated row ({error})"))
            })?;
            let line = record.position().map_or(0, csv::Position::line);
            let fields: Vec<String> = record.iter().map(String::from).collect();
            let Some(columns) = &header else {
                header = Some(names(fields));
                continue;
            };
            if fields.len() != columns.len() {
                let (found, expected) = (fields.len(), columns.len());
                let problem = format!("expected {expected} fields as in the header, found {found}");
                return Err(form(line, problem));
            }
            rows.push(Row { line, fields });
        }
        let Some(header) = header else {
            return Err(form(1, "expected a header line with column names, found no text".into()));
        };
        for (index, name) in header.iter().enumerate() {
            if header.iter().take(index).any(|earlier| earlier == name) {
                return Err(form(1, format!("the header names column {name:?} twice")));
            }
        }
        Ok(Self { file: file.into(), header, rows })
    }

    /// Fails unless the column is there.
    pub(crate) fn need(&self, column: &str) -> Result<(), TableError> {
        if self.has(column) {
            return Ok(());
        }
        Err(TableError::MissingColumn {
            file: self.file.clone(),
            column: column.into(),
            found: self.header.join(", "),
        })
    }

    pub(crate) fn has(&self, column: &str) -> bool {
        self.position(column).is_some()
    }

    /// Fails on a column outside `known`, so that a misspelt name is not silently ignored.
    pub(crate) fn allow_only(&self, known: &[&str]) -> Result<(), TableError> {
        match self.header.iter().find(|name| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some(unknown) => Err(TableError::Form {
                file: self.file.clone(),
                line: 1,
                problem: format!(
                    "unknown column {unknown:?}; the columns may be: {}",
                    known.join(", ")
                ),
            }),
        }
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = RowView<'_>> {
        self.rows.iter().map(|row| RowView { table: self, row })
    }

    fn position(&self, column: &str) -> Option<usize> {
        self.header.iter().position(|name| name == column)
    }
}

impl RowView<'_> {
    /// The text of a field; empty if there is no such column.
    pub(crate) fn text(&self, column: &str) -> &str {
        let position = self.table.position(column);
        position.and_then(|index| self.row.fields.get(index)).map_or("", String::as_str)
    }

    /// A number; `None` where the field is empty or the column is not there.
    pub(crate) fn optional(&self, column: &str) -> Result<Option<f64>, TableError> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        match text.parse::<Finite>() {
            Ok(number) => Ok(Some(number.get())),
            Err(_) => Err(self.wrong(column, "a finite number")),
        }
    }

    /// A number that must be there and satisfy `holds`; `expected` says in words what that is.
    pub(crate) fn number(
        &self,
        column: &str,
        expected: &str,
        holds: impl Fn(f64) -> bool,
    ) -> Result<f64, TableError> {
        match self.optional(column)? {
            Some(number) if holds(number) => Ok(number),
            _ => Err(self.wrong(column, expected)),
        }
    }

    /// A number above zero that must be there.
    pub(crate) fn positive(&self, column: &str) -> Result<f64, TableError> {
        self.number(column, "a number above 0", |number| number > 0.0)
    }

    /// The error that this field is not what was expected.
    pub(crate) fn wrong(&self, column: &str, expected: &str) -> TableError {
        TableError::Field {
            file: self.table.file.clone(),
            line: self.row.line,
            column: column.into(),
            expected: expected.into(),
            found: self.text(column).into(),
        }
    }
}

fn names(fields: Vec<String>) -> Vec<String> {
    fields.into_iter().map(|name| name.replace(' ', "")).collect()
}
