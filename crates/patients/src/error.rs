//! What can be wrong with a file, said so that it can be mended.

/// A table that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// The text is not a table.
    #[error("{file}, line {line}: {problem}")]
    Form {
        /// The file as the caller named it.
        file: String,
        /// Line in the file, from 1.
        line: u64,
        /// What is wrong and what was expected.
        problem: String,
    },
    /// One field cannot be used.
    #[error("{file}, line {line}, column {column}: expected {expected}, found {found}")]
    Field {
        /// The file as the caller named it.
        file: String,
        /// Line in the file, from 1.
        line: u64,
        /// The column's name.
        column: String,
        /// What the field may hold.
        expected: String,
        /// What it holds, in quotation marks and cut to a length that fits a message.
        found: String,
    },
    /// A column that is needed is not there.
    #[error("{file}, line {line}: column {column} is missing; the columns found are: {found}")]
    MissingColumn {
        /// The file as the caller named it.
        file: String,
        /// The header's line in the file, from 1.
        line: u64,
        /// The column's name.
        column: String,
        /// The first columns of the header.
        found: String,
    },
}
