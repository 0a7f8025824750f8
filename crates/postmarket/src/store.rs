//! The store of the post-market office: one SQLite file.
//!
//! Everything is written in transactions with a write-ahead log, so that a process that is killed leaves what it had
//! finished and nothing else. History is only added to; triggers in the schema refuse anything else. The schema has a
//! number: an older store is brought up when it is opened, one of a newer Homeostat is refused by name and not touched.

use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::path::Path;
use std::time::Duration;

const SCHEMA: &str = include_str!("store/schema.sql");
/// The number of the schema that this version writes.
pub const SCHEMA_VERSION: i64 = 3;
/// The schema of the first release; what came before it is not read.
const FIRST: i64 = 2;
/// The step from each schema since the first to the next.
const STEPS: [&str; 1] = [include_str!("store/from-2.sql")];
/// In the file's header: that it is ours ("HoPo").
const APPLICATION: i64 = 0x486F_506F;
/// How long to wait for another process that writes.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database says no: disk, permission, damage.
    #[error("{file}: {error}")]
    Database {
        /// The store.
        file: String,
        /// What SQLite says.
        error: rusqlite::Error,
    },
    /// A newer Homeostat wrote it.
    #[error(
        "{file}: expected a store of schema {SCHEMA_VERSION}, found {found}: use the newer Homeostat that wrote it"
    )]
    Newer {
        /// The store.
        file: String,
        /// Its schema.
        found: i64,
    },
    /// It was written before the first release, by a schema that this version does not read.
    #[error(
        "{file}: expected a store of schema {SCHEMA_VERSION}, found {found}, of before the first release: make it anew \
         with `homeostat vuln watch`"
    )]
    Older {
        /// The store.
        file: String,
        /// Its schema.
        found: i64,
    },
    /// It is another program's database.
    #[error(
        "{file}: expected a store of the post-market office, found another program's database: name another file"
    )]
    NotOurs {
        /// The file.
        file: String,
    },
    /// Something in it is not what was put there.
    #[error("{file}: {what}: found {found}; expected {expected}")]
    Unexpected {
        /// The store.
        file: String,
        /// Table and row, or the question.
        what: String,
        /// What stands there.
        found: String,
        /// What should.
        expected: String,
    },
}

/// What goes wrong inside a question; the store adds the file's name.
#[derive(Debug)]
pub(crate) enum Trouble {
    Database(rusqlite::Error),
    Unexpected { what: String, found: String, expected: String },
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl From<rusqlite::types::FromSqlError> for Trouble {
    fn from(error: rusqlite::types::FromSqlError) -> Self {
        Self::Database(error.into())
    }
}

impl Trouble {
    #[expect(clippy::needless_pass_by_value, reason = "most callers have a text to give away")]
    pub(crate) fn new(
        what: impl Into<String>,
        found: impl ToString,
        expected: impl Into<String>,
    ) -> Self {
        Self::Unexpected { what: what.into(), found: found.to_string(), expected: expected.into() }
    }
}

/// What a question gives.
pub(crate) type Answer<T> = Result<T, Trouble>;

/// An open store.
#[derive(Debug)]
pub struct Store {
    file: String,
    database: Connection,
}

impl Store {
    /// Opens a store, or makes an empty one where there is no file.
    ///
    /// # Errors
    /// If the file cannot be opened, is another program's, or was written by a newer schema.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let file = path.display().to_string();
        let failed = |error| StoreError::Database { file: file.clone(), error };
        let database = Connection::open(path).map_err(failed)?;
        Self::ready(file, database)
    }

    /// Opens a store that must be there.
    ///
    /// # Errors
    /// As [`open`](Self::open), or if there is no file.
    pub fn open_existing(path: &Path) -> Result<Self, StoreError> {
        let file = path.display().to_string();
        let failed = |error| StoreError::Database { file: file.clone(), error };
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let database = Connection::open_with_flags(path, flags).map_err(failed)?;
        Self::ready(file, database)
    }

    /// A store that is forgotten when it is dropped.
    ///
    /// # Errors
    /// If there is no memory.
    pub fn in_memory() -> Result<Self, StoreError> {
        let file = "memory".to_owned();
        match Connection::open_in_memory() {
            Ok(database) => Self::ready(file, database),
            Err(error) => Err(StoreError::Database { file, error }),
        }
    }

    fn ready(file: String, database: Connection) -> Result<Self, StoreError> {
        let mut store = Self { file, database };
        let (application, version, tables) = store.read(|database| {
            database.busy_timeout(PATIENCE)?;
            let number = |text: &str| database.query_row(text, [], |row| row.get::<_, i64>(0));
            Ok((
                number("PRAGMA application_id")?,
                number("PRAGMA user_version")?,
                number("SELECT count(*) FROM sqlite_schema")?,
            ))
        })?;
        let file = store.file.clone();
        if application != APPLICATION && (application, version, tables) != (0, 0, 0) {
            return Err(StoreError::NotOurs { file });
        }
        if version > SCHEMA_VERSION {
            return Err(StoreError::Newer { file, found: version });
        }
        if (1..FIRST).contains(&version) {
            return Err(StoreError::Older { file, found: version });
        }
        store.read(|database| {
            database.pragma_update(None, "journal_mode", "WAL")?;
            database.pragma_update(None, "synchronous", "FULL")?;
            database.pragma_update(None, "foreign_keys", true)?;
            Ok(())
        })?;
        if version < SCHEMA_VERSION {
            store.write(|database| {
                // Another process may have been quicker.
                let version: i64 =
                    database.query_row("PRAGMA user_version", [], |row| row.get(0))?;
                match usize::try_from(version - FIRST) {
                    Ok(made) => {
                        for step in STEPS.iter().skip(made) {
                            database.execute_batch(step)?;
                        }
                    }
                    Err(_) => {
                        database.execute_batch(SCHEMA)?;
                        database.pragma_update(None, "application_id", APPLICATION)?;
                    }
                }
                database.pragma_update(None, "user_version", SCHEMA_VERSION)?;
                Ok(())
            })?;
        }
        Ok(store)
    }

    /// What the store is called.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    fn named(&self, trouble: Trouble) -> StoreError {
        let file = self.file.clone();
        match trouble {
            Trouble::Database(error) => StoreError::Database { file, error },
            Trouble::Unexpected { what, found, expected } => {
                StoreError::Unexpected { file, what, found, expected }
            }
        }
    }

    /// Asks, without writing.
    pub(crate) fn read<T>(
        &self,
        ask: impl FnOnce(&Connection) -> Answer<T>,
    ) -> Result<T, StoreError> {
        ask(&self.database).map_err(|trouble| self.named(trouble))
    }

    /// Writes all that `change` writes, or nothing of it.
    pub(crate) fn write<T>(
        &mut self,
        change: impl FnOnce(&Connection) -> Answer<T>,
    ) -> Result<T, StoreError> {
        let transaction = self.database.transaction_with_behavior(TransactionBehavior::Immediate);
        let done = transaction.map_err(Trouble::from).and_then(|transaction| {
            let out = change(&transaction)?;
            transaction.commit()?;
            Ok(out)
        });
        done.map_err(|trouble| self.named(trouble))
    }
}

/// A setting of the whole store.
pub(crate) fn setting(database: &Connection, name: &str) -> Answer<Option<String>> {
    let mut found = database.prepare_cached("SELECT value FROM setting WHERE name = ?1")?;
    let mut rows = found.query([name])?;
    Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
}

/// Keeps a setting of the whole store.
pub(crate) fn keep_setting(database: &Connection, name: &str, value: &str) -> Answer<()> {
    let words = "INSERT INTO setting VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2";
    database.prepare_cached(words)?.execute([name, value])?;
    Ok(())
}

/// A value as it is kept.
pub(crate) fn kept(value: &impl serde::Serialize) -> Answer<String> {
    serde_json::to_string(value)
        .map_err(|error| Trouble::new("value", error, "something that can be written as JSON"))
}

/// A value that was kept.
pub(crate) fn known<T: serde::de::DeserializeOwned>(what: &str, text: &str) -> Answer<T> {
    serde_json::from_str(text)
        .map_err(|error| Trouble::new(what, error, "what this version of the schema holds"))
}

#[cfg(test)]
mod tests;
