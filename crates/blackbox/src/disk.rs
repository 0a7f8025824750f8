//! What the log asks of storage: a handful of files, written ahead, made durable on demand.

use core::fmt;

use thiserror::Error;

/// The files of a log. A disk gives them names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum FileId {
    /// A private key: the epoch's parity says which of the two.
    Key(u8),
    /// One of the two checkpoint slots, which take turns.
    Checkpoint(u8),
    /// A segment of entries, by number.
    Segment(u32),
}

impl fmt::Display for FileId {
    /// The file's name in a folder.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(parity) => write!(formatter, "key-{parity}"),
            Self::Checkpoint(slot) => write!(formatter, "checkpoint-{slot}"),
            Self::Segment(number) => write!(formatter, "segment-{number:08}"),
        }
    }
}

/// Why the disk did not do it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum DiskError {
    /// No space for a new file.
    #[error("the disk is full")]
    Full,
    /// A folder, a pipe, a device or the like stands where a file must be. It was not opened.
    #[error("{0} is not a regular file")]
    NotAFile(FileId),
    /// Anything else. What was written since the last sync may be lost, whatever a later sync says.
    #[error("the disk failed (system error {0}); open the log again from scratch")]
    Failed(i32),
}

/// Storage with the promises that the log builds on, and no others:
/// what was synced stays; what was not may be there wholly, partly, in any order, or garbled within a sector.
pub trait Disk {
    /// Makes a file of `length` zero bytes, all space taken. Durable, with its name, after [`Disk::sync`].
    ///
    /// # Errors
    /// [`DiskError::Full`], and then the file does not exist; or a failure.
    fn create(&mut self, file: FileId, length: u32) -> Result<(), DiskError>;

    /// The length of a file, or none if there is no such file.
    ///
    /// # Errors
    /// A failure.
    fn length(&mut self, file: FileId) -> Result<Option<u64>, DiskError>;

    /// Reads into `bytes` from `offset` on; what lies beyond the end of the file reads as zero.
    ///
    /// # Errors
    /// A failure, or the file does not exist.
    fn read_at(&mut self, file: FileId, offset: u32, bytes: &mut [u8]) -> Result<(), DiskError>;

    /// Writes `bytes` at `offset`. Durable after [`Disk::sync`].
    ///
    /// # Errors
    /// A failure, or the file does not exist.
    fn write_at(&mut self, file: FileId, offset: u32, bytes: &[u8]) -> Result<(), DiskError>;

    /// Makes everything written to `file` durable, and its length, and its name.
    ///
    /// # Errors
    /// A failure. After it the log must be opened again from scratch: what is in memory proves nothing.
    fn sync(&mut self, file: FileId) -> Result<(), DiskError>;

    /// Cuts a file, or grows it with zeros, to `length`. Durable after [`Disk::sync`].
    ///
    /// # Errors
    /// [`DiskError::Full`] or a failure.
    fn resize(&mut self, file: FileId, length: u32) -> Result<(), DiskError>;

    /// Removes a file, durably. No error if there is none.
    ///
    /// # Errors
    /// A failure.
    fn remove(&mut self, file: FileId) -> Result<(), DiskError>;

    /// The lowest and the highest segment number, or none without segments.
    ///
    /// # Errors
    /// A failure.
    fn segments(&mut self) -> Result<Option<(u32, u32)>, DiskError>;
}
