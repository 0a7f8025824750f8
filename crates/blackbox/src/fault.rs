//! What can be wrong with a log, and where.

use thiserror::Error;

use crate::disk::FileId;

/// The kinds of damage and deceit that reading a log can find.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Error)]
pub enum FaultKind {
    /// The head of a segment is not readable.
    #[error("segment header damaged")]
    SegmentHeader,
    /// A segment that must be there is not.
    #[error("segment missing")]
    SegmentMissing,
    /// A segment does not continue the one before, or is of another log.
    #[error("segment does not continue the one before")]
    SegmentOrder,
    /// Bytes of a frame were changed.
    #[error("record damaged: its checksum or structure is wrong")]
    RecordDamaged,
    /// The bytes of an entry are whole but not an entry.
    #[error("entry malformed")]
    EntryMalformed,
    /// One or more entries are gone from the middle.
    #[error("entries missing")]
    EntryMissing,
    /// An entry stands there twice.
    #[error("entry repeated")]
    EntryRepeated,
    /// Entries stand in another order than they were written.
    #[error("entries reordered")]
    EntryReordered,
    /// The monotonic clock goes back, or an opening is not recorded.
    #[error("time goes back within one opening of the log")]
    TimeOrder,
    /// An epoch's key is not vouched for by the key before.
    #[error("epoch chain broken")]
    EpochChain,
    /// One of the log's own entries contradicts the log.
    #[error("an entry of the log's own contradicts the log")]
    OwnEntry,
    /// The entries do not have the root that was signed.
    #[error("entries do not have the root that was signed")]
    RootMismatch,
    /// Nobody said which key to trust, and the log does not either.
    #[error("no key to check the signature with")]
    KeyUnknown,
    /// A signature is wrong.
    #[error("bad signature")]
    BadSignature,
    /// Two validly signed checkpoints contradict each other: the log was forked.
    #[error("forked: two signed checkpoints contradict each other")]
    Forked,
    /// Fewer entries than a signed checkpoint vouches for.
    #[error("truncated: fewer entries than were signed")]
    Truncated,
    /// No readable checkpoint.
    #[error("no readable checkpoint")]
    CheckpointMissing,
    /// A checkpoint that was written whole is not readable any more.
    #[error("checkpoint damaged")]
    CheckpointDamaged,
    /// Bytes where nothing was ever written.
    #[error("foreign bytes after the end")]
    ForeignBytes,
    /// A folder, a pipe, a device or the like stands where a file must be.
    #[error("not a regular file")]
    NotAFile,
    /// A file is named like the log's own, but is none of them.
    #[error("a file that is no part of the log")]
    ForeignFile,
    /// A tile or an entry bundle is not there.
    #[error("tile missing")]
    TileMissing,
    /// A tile has the wrong length, or its hashes do not fit the tree.
    #[error("tile damaged")]
    TileDamaged,
    /// The log is shorter than, or contradicts, what the caller knows of it.
    #[error("not the log that was seen before")]
    NotAsKnown,
}

/// A fault and its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("{kind} at entry {entry}, {file:?} byte {offset}")]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// The first entry that it touches: all before it are good.
    pub entry: u64,
    /// The file.
    pub file: FileId,
    /// The byte in the file.
    pub offset: u32,
}
