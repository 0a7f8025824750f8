//! Comma-separated tables with a header: fields by column name, errors by line and column. A table is
//! read row by row: however long it is, one row of it is in memory.
//!
//! Lines that begin with `#` are comments. Spaces around fields are ignored, and so are spaces inside
//! column names (simglucose writes `x0_ 1`).

use crate::error::TableError;
use crate::wording::{quoted, shortened};
use homeostat_numeric::Finite;

/// More columns than this are no table of ours; simglucose's files have 61.
const MOST_COLUMNS: usize = 200;

/// A table whose rows have not been read yet.
pub(crate) struct Table<'t> {
    text: &'t str,
    head: Head,
    reader: csv::Reader<&'t [u8]>,
}

/// What is known before the first row.
struct Head {
    file: String,
    line: u64,
    columns: Vec<String>,
}

/// One row of a table.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    head: &'a Head,
    line: u64,
    fields: &'a csv::StringRecord,
}

/// A column of numbers: its name, and what a field of it may hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Figure {
    pub(crate) column: &'static str,
    pub(crate) least: f64,
    pub(crate) most: f64,
    pub(crate) unit: &'static str,
}

impl Figure {
    /// A figure from `least` to `most`, both included.
    pub(crate) const fn new(
        column: &'static str,
        least: f64,
        most: f64,
        unit: &'static str,
    ) -> Self {
        Self { column, least, most, unit }
    }

    /// What is expected of a field, in words.
    pub(crate) fn expected(&self) -> String {
        let words = format!("a number from {} to {} {}", self.least, self.most, self.unit);
        words.trim_end().to_owned()
    }

    pub(crate) fn holds(&self, number: f64) -> bool {
        (self.least..=self.most).contains(&number)
    }
}

/// What separates the columns of a header that has no comma.
fn other_separator(names: &csv::StringRecord) -> Option<&'static str> {
    let [name] = names.iter().collect::<Vec<_>>()[..] else { return None };
    [(';', "semicolons"), ('\t', "tabs")]
        .into_iter()
        .find_map(|(separator, words)| name.contains(separator).then_some(words))
}

impl<'t> Table<'t> {
    /// Reads the header. `file` names the text in errors.
    pub(crate) fn open(file: &str, text: &'t str) -> Result<Self, TableError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .comment(Some(b'#'))
            .trim(csv::Trim::All)
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut head = Head { file: file.into(), line: 1, columns: Vec::new() };
        let mut names = csv::StringRecord::new();
        if !read(&head, &mut reader, &mut names)? {
            let problem = "expected a header line with column names, found no text";
            return Err(head.form(1, problem.into()));
        }
        head.line = line_of(text, &names);
        if names.len() > MOST_COLUMNS {
            let problem = format!("expected at most {MOST_COLUMNS} columns, found {}", names.len());
            return Err(head.form(head.line, problem));
        }
        if let Some(other) = other_separator(&names) {
            let problem = format!(
                "expected columns separated by commas, found one column with {other} in it; save the \
                 table with commas between columns and points in numbers"
            );
            return Err(head.form(head.line, problem));
        }
        head.columns = names.iter().map(|name| name.replace(' ', "")).collect();
        for (index, name) in head.columns.iter().enumerate() {
            let earlier = head.columns.iter().take(index).position(|earlier| earlier == name);
            if let Some(earlier) = earlier {
                let (earlier, index) = (earlier + 1, index + 1);
                let name = quoted(name);
                let problem = format!("columns {earlier} and {index} are both named {name}");
                return Err(head.form(head.line, problem));
            }
        }
        Ok(Self { text, head, reader })
    }

    /// Fails unless the column is there.
    pub(crate) fn need(&self, column: &str) -> Result<(), TableError> {
        if self.head.position(column).is_some() {
            return Ok(());
        }
        let some = self.head.columns.iter().take(10).map(|name| shortened(name));
        let mut found = some.collect::<Vec<_>>().join(", ");
        if self.head.columns.len() > 10 {
            found.push_str(&format!(", … ({} in all)", self.head.columns.len()));
        }
        Err(TableError::MissingColumn {
            file: self.head.file.clone(),
            line: self.head.line,
            column: column.into(),
            found,
        })
    }

    /// Fails on a column outside `known`, so that a misspelt name is not silently ignored.
    pub(crate) fn allow_only(&self, known: &[&str]) -> Result<(), TableError> {
        match self.head.columns.iter().find(|name| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some(unknown) => {
                let (unknown, known) = (quoted(unknown), known.join(", "));
                let problem = format!("unknown column {unknown}; the columns may be: {known}");
                Err(self.head.form(self.head.line, problem))
            }
        }
    }

    /// Reads every row, in the order of the file, up to the first error.
    pub(crate) fn for_each(
        mut self,
        mut take: impl FnMut(Row<'_>) -> Result<(), TableError>,
    ) -> Result<(), TableError> {
        let mut fields = csv::StringRecord::new();
        while read(&self.head, &mut self.reader, &mut fields)? {
            let line = line_of(self.text, &fields);
            let (found, expected) = (fields.len(), self.head.columns.len());
            if found != expected {
                let problem = format!("expected {expected} fields as in the header, found {found}");
                return Err(self.head.form(line, problem));
            }
            take(Row { head: &self.head, line, fields: &fields })?;
        }
        Ok(())
    }
}

/// The next record; false at the end of the text.
fn read(
    head: &Head,
    reader: &mut csv::Reader<&[u8]>,
    record: &mut csv::StringRecord,
) -> Result<bool, TableError> {
    reader.read_record(record).map_err(|error| {
        let line = error.position().map_or(0, csv::Position::line);
        head.form(line, format!("not a comma-separated row ({error})"))
    })
}

/// The line on which a record begins. The reader's own position is where it began to look: before
/// the empty lines and comments that it passed over.
fn line_of(text: &str, record: &csv::StringRecord) -> u64 {
    let Some(position) = record.position() else { return 0 };
    let from = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let rest = text.get(from..).unwrap_or("").split('\n');
    let passed = rest.take_while(|line| line.starts_with('#') || line.trim_end() == "");
    position.line() + passed.count() as u64
}

impl Head {
    fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|name| name == column)
    }

    fn form(&self, line: u64, problem: String) -> TableError {
        TableError::Form { file: self.file.clone(), line, problem }
    }
}

impl<'a> Row<'a> {
    /// The text of a field; empty if there is no such column.
    pub(crate) fn text(&self, column: &str) -> &'a str {
        let position = self.head.position(column);
        position.and_then(|index| self.fields.get(index)).unwrap_or("")
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

    /// A figure within its range; `None` where the field is empty or the column is not there.
    pub(crate) fn figure_or_none(&self, figure: &Figure) -> Result<Option<f64>, TableError> {
        let text = self.text(figure.column);
        if text.is_empty() {
            return Ok(None);
        }
        match text.parse::<Finite>().map(Finite::get) {
            Ok(number) if figure.holds(number) => Ok(Some(number)),
            _ => Err(self.wrong(figure.column, &figure.expected())),
        }
    }

    /// A figure within its range that must be there.
    pub(crate) fn figure(&self, figure: &Figure) -> Result<f64, TableError> {
        let number = self.figure_or_none(figure)?;
        number.ok_or_else(|| self.wrong(figure.column, &figure.expected()))
    }

    /// A name: it stands in reports, on terminals and in the names of random streams.
    pub(crate) fn name(&self, column: &str) -> Result<&'a str, TableError> {
        let name = self.text(column);
        let fits = !name.is_empty() && name.len() <= MOST_NAME && !name.contains(char::is_control);
        if fits {
            Ok(name)
        } else {
            Err(self.wrong(column, "a name of 1 to 100 bytes on one line"))
        }
    }

    /// The error that this row as a whole cannot be used.
    pub(crate) fn problem(&self, problem: &str) -> TableError {
        self.head.form(self.line, problem.into())
    }

    /// The error that this field is not what was expected.
    pub(crate) fn wrong(&self, column: &str, expected: &str) -> TableError {
        TableError::Field {
            file: self.head.file.clone(),
            line: self.line,
            column: column.into(),
            expected: expected.into(),
            found: quoted(self.text(column)),
        }
    }
}

/// The longest name, in bytes.
const MOST_NAME: usize = 100;

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn a_row_has_the_line_on_which_it_stands() {
        let text = "# a comment\n\nName,BW\n# another\n\nme,1\r\n\"y\no\nu\",2\nshe,3";
        let mut seen = Vec::new();
        let table = Table::open("t.csv", text).unwrap();
        assert!(table.need("CR").unwrap_err().to_string().starts_with("t.csv, line 3: column CR"));
        let read = table.for_each(|row| {
            seen.push((row.line, row.text("BW").to_owned()));
            Ok(())
        });
        assert_eq!(read, Ok(()));
        let seen: Vec<(u64, &str)> = seen.iter().map(|(line, bw)| (*line, bw.as_str())).collect();
        assert_eq!(seen, [(6, "1"), (7, "2"), (10, "3")]);
    }
}
