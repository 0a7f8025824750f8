//! The maker's own table of exploitability by severity in the store: taken signed, kept for ever.

use super::Office;
use crate::harm::matrix::{InForce, MatrixError};
use crate::store::{Answer, StoreError, Trouble, keep_setting, setting};
use rusqlite::{Connection, OptionalExtension as _, params};

/// A maker's table with its signature.
#[derive(Clone, Copy, Debug)]
pub struct SignedMatrix<'m> {
    /// The file, as people call it.
    pub file: &'m str,
    /// What it says.
    pub text: &'m str,
    /// The signature over its canonical bytes.
    pub signature: &'m [u8; 64],
    /// The maker's key.
    pub key: &'m [u8; 32],
}

/// Why a table does not come into force.
#[derive(Debug, thiserror::Error)]
pub enum MatrixRefused {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The table.
    #[error(transparent)]
    Matrix(#[from] MatrixError),
}

impl Office {
    /// Brings a maker's table into force, or the shipped one again where none is given. Every finding is looked at again
    /// when it is another than before.
    ///
    /// # Errors
    /// If it is laxer than the shipped one, its signature does not hold, or the store cannot be written.
    pub fn put_matrix(
        &mut self,
        given: Option<SignedMatrix<'_>>,
        now: &str,
    ) -> Result<(), MatrixRefused> {
        let table = match given {
            Some(SignedMatrix { file, text, signature, key }) => {
                InForce::of_maker(file, text, signature, key)?
            }
            None => InForce::shipped(),
        };
        if table.digest() == self.memory.matrix.digest() {
            return Ok(());
        }
        self.store.write(|database| {
            if let Some(SignedMatrix { file, text, signature, key }) = given {
                database.execute(
                    "INSERT OR IGNORE INTO matrix VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    params![table.digest(), file, text, &signature[..], &key[..], now],
                )?;
            }
            keep_setting(database, "matrix", table.digest())?;
            database
                .execute("INSERT OR IGNORE INTO unsettled SELECT component FROM finding", [])?;
            Ok(())
        })?;
        self.memory.matrix = table;
        Ok(())
    }
}

/// The table of this digest: of a release, or one that the maker ever brought into force.
pub(super) fn of_digest(database: &Connection, digest: &str) -> Answer<Option<InForce>> {
    if let Some(table) = InForce::shipped_as(digest) {
        return Ok(Some(table));
    }
    let mut asked = database.prepare_cached("SELECT file, body FROM matrix WHERE digest = ?1")?;
    let found = asked.query_row([digest], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((file, text)): Option<(String, String)> = found else { return Ok(None) };
    let read = InForce::kept(&file, &text);
    let table = read.map_err(|error| Trouble::new("table", error, "one that was in force"))?;
    match table.digest() == digest {
        true => Ok(Some(table)),
        false => Err(Trouble::new(format!("table {digest}"), table.digest(), "the same digest")),
    }
}

/// The table in force.
pub(super) fn in_force(database: &Connection) -> Answer<InForce> {
    let Some(digest) = setting(database, "matrix")? else { return Ok(InForce::shipped()) };
    let found = of_digest(database, &digest)?;
    found.ok_or_else(|| Trouble::new("table in force", &digest, "the digest of one that is kept"))
}
