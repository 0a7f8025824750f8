//! Logs in folders: make, open, read, verify, prove. The everyday door to this crate.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::disk::DiskError;
use crate::entry::Entry;
use crate::fault::FaultKind;
use crate::folder::{Durability, FolderDisk};
use crate::frame::FRAME_LIMIT;
use crate::hash::leaf_hash;
use crate::layout::WRITE_UNITS;
use crate::log::{Config, Log, LogError, Recovery, Stamp, buffer_for};
use crate::proof::{Proof, ProofError, prove_consistency, prove_inclusion};
use crate::tiles::verify_tiles;
use crate::tree::Tree;
use crate::verdict::{Finding, Options, Position, Record, Verdict, Visit};
use crate::verify::verify_log;

/// A log in a folder, open for writing.
pub type FolderLog = Log<FolderDisk, Vec<u8>>;

/// Why a folder could not be used.
#[derive(Debug, Error)]
pub enum StoreError {
    /// A file or folder cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The folder holds neither segments nor tiles.
    #[error("{0}: no log here: expected segment-00000000 and its like, or checkpoint and tile/")]
    NotALog(PathBuf),
    /// The log refused.
    #[error("{folder}: {source}")]
    Log {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: LogError,
    },
    /// The log is damaged where it had to be whole.
    #[error("{folder}: {finding}")]
    Damaged {
        /// The folder.
        folder: PathBuf,
        /// The first fault.
        finding: Box<Finding>,
    },
    /// No signature vouches for the entry, or it does not exist.
    #[error("{folder}: entry {index} is not among the {signed} signed entries")]
    NotSigned {
        /// The folder.
        folder: PathBuf,
        /// The entry asked for.
        index: u64,
        /// Signed entries.
        signed: u64,
    },
    /// The beginning of the log is not there, and no proof can be made without it.
    #[error("{folder}: entries before {first} were pruned: no proofs can be made from here")]
    Pruned {
        /// The folder.
        folder: PathBuf,
        /// The first entry that is there.
        first: u64,
    },
    /// No proof exists for these numbers.
    #[error("{folder}: {source}")]
    Proof {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: ProofError,
    },
}

impl StoreError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |source| Self::Io { path, source }
    }

    fn disk(path: PathBuf, error: DiskError) -> Self {
        let source = match error {
            DiskError::Full => io::Error::from(io::ErrorKind::StorageFull),
            DiskError::NotAFile(_) => io::Error::other("not a regular file"),
            DiskError::Failed(code) => io::Error::from_raw_os_error(code),
        };
        Self::Io { path, source }
    }
}

/// Makes a log in `folder`, which is made too.
///
/// # Errors
/// A log is there, the folder is open elsewhere, or it cannot be written.
pub fn create(
    folder: &Path,
    durability: Durability,
    config: &Config<'_>,
    stamp: Stamp,
    entropy: &[u8; 32],
) -> Result<FolderLog, StoreError> {
    let disk = FolderDisk::writable(folder, durability).map_err(StoreError::io(folder))?;
    Log::create(disk, vec![0; buffer_for(config)], config, stamp, entropy)
        .map_err(|source| StoreError::Log { folder: folder.to_owned(), source })
}

/// Opens the log in `folder` for writing. It keeps the sizes that it was made with.
///
/// # Errors
/// There is no log, it is damaged, it is open elsewhere, or it cannot be written.
pub fn open(
    folder: &Path,
    durability: Durability,
    config: &Config<'_>,
    stamp: Stamp,
    entropy: &[u8; 32],
) -> Result<(FolderLog, Recovery), StoreError> {
    if !folder.is_dir() {
        return Err(StoreError::NotALog(folder.to_owned()));
    }
    let disk = FolderDisk::writable(folder, durability).map_err(StoreError::io(folder))?;
    // Enough for any sizes that the log there may have.
    let buffer = vec![0; FRAME_LIMIT + *WRITE_UNITS.end() as usize];
    Log::open(disk, buffer, config, stamp, entropy)
        .map_err(|source| StoreError::Log { folder: folder.to_owned(), source })
}

/// Verifies the log in `folder`, whichever way it is stored, and shows every good entry to `visit`.
///
/// # Errors
/// The folder cannot be read or holds no log. Damage is not an error: it is in the verdict.
pub fn verify_folder_with(
    folder: &Path,
    options: &Options,
    visit: Visit<'_>,
) -> Result<Verdict, StoreError> {
    let mut segments = false;
    let mut tiles = false;
    for entry in fs::read_dir(folder).map_err(StoreError::io(folder))? {
        let name = entry.map_err(StoreError::io(folder))?.file_name();
        let name = name.to_str().unwrap_or_default();
        segments |= name.starts_with("segment-") || name.starts_with("checkpoint-");
        tiles |= name == "checkpoint" || name == "tile";
    }
    if segments {
        verify_segments(folder, options, visit)
    } else if tiles {
        verify_tiles(folder, options, visit).map_err(StoreError::io(folder))
    } else {
        Err(StoreError::NotALog(folder.to_owned()))
    }
}

fn verify_segments(
    folder: &Path,
    options: &Options,
    visit: Visit<'_>,
) -> Result<Verdict, StoreError> {
    let mut disk = FolderDisk::readable(folder);
    let mut verdict = verify_log(&mut disk, options, visit)
        .map_err(|error| StoreError::disk(disk.failed_path(), error))?;
    for name in disk.foreign_names().map_err(StoreError::io(folder))? {
        let entry = verdict.entries;
        let detail = "named like the log's own files, and none of them: it was not read".to_owned();
        let kind = FaultKind::ForeignFile;
        let finding = Finding { kind, entry, through: entry, file: name, offset: 0, detail };
        match verdict.fault {
            Some(_) => verdict.notes.push(finding),
            None => verdict.fault = Some(finding),
        }
    }
    Ok(verdict)
}

/// Verifies the log in `folder`, whichever way it is stored.
///
/// # Errors
/// As [`verify_folder_with`].
pub fn verify_folder(folder: &Path, options: &Options) -> Result<Verdict, StoreError> {
    verify_folder_with(folder, options, &mut |_| {})
}

/// The good entries of a log, in memory, with the verdict on all of it.
#[derive(Clone, Debug)]
pub struct Reader {
    verdict: Verdict,
    bytes: Vec<u8>,
    /// Every entry that can be read, and where its bytes end.
    entries: Vec<(Position, usize)>,
    /// The first of these are good.
    good: usize,
    tree: Tree,
    folder: PathBuf,
}

impl Reader {
    /// Reads and verifies the log in `folder`. What stands before the first fault can be read.
    ///
    /// # Errors
    /// The folder cannot be read or holds no log.
    pub fn open(folder: &Path, options: &Options) -> Result<Self, StoreError> {
        let (mut bytes, mut entries, mut tree) = (Vec::new(), Vec::new(), Tree::new());
        let verdict = verify_folder_with(folder, options, &mut |record| {
            bytes.extend_from_slice(record.bytes);
            entries.push((record.position, bytes.len()));
            tree.push(leaf_hash(record.bytes));
        })?;
        let good = verdict.entries.saturating_sub(verdict.first_entry);
        let good = usize::try_from(good).unwrap_or(usize::MAX).min(entries.len());
        Ok(Self { verdict, bytes, entries, good, tree, folder: folder.to_owned() })
    }

    /// The verdict on all of the log.
    #[must_use]
    pub const fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// Good entries that can be read.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.good
    }

    /// Whether there is no good entry.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.good == 0
    }

    /// The good entries, in order.
    pub fn records(&self) -> impl DoubleEndedIterator<Item = Record<'_>> + ExactSizeIterator {
        (0..self.good).map(|at| self.record_at(at))
    }

    /// Every entry that can be read in order, good or not: those from the first fault on may be what an attacker
    /// wrote, or what no signature covers. For who looks at a damaged log.
    pub fn readable(&self) -> impl DoubleEndedIterator<Item = Record<'_>> + ExactSizeIterator {
        (0..self.entries.len()).map(|at| self.record_at(at))
    }

    /// The entry with this index in the log, if it is good.
    #[must_use]
    pub fn record(&self, index: u64) -> Option<Record<'_>> {
        let at = usize::try_from(index.checked_sub(self.verdict.first_entry)?).ok()?;
        (at < self.good).then(|| self.record_at(at))
    }

    fn record_at(&self, at: usize) -> Record<'_> {
        let before = at.checked_sub(1).and_then(|before| self.entries.get(before));
        let start = before.map_or(0, |(_, end)| *end);
        let none = (Position { entry: 0, segment: 0, offset: 0 }, start);
        let (position, end) = self.entries.get(at).copied().unwrap_or(none);
        let bytes = self.bytes.get(start..end).unwrap_or_default();
        Record { position, bytes, entry: Entry::decode(bytes).ok() }
    }

    /// The log's tree. Only of a log that is there from its first entry.
    #[must_use]
    pub const fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The proof that entry `index` is in the tree of the newest checkpoint.
    ///
    /// # Errors
    /// The log is damaged before that checkpoint, or no signature vouches for the entry.
    pub fn prove(&self, index: u64) -> Result<Proof, StoreError> {
        self.require_beginning()?;
        let signed = self.verdict.signed;
        if index >= signed {
            let folder = self.folder.clone();
            return Err(StoreError::NotSigned { folder, index, signed });
        }
        let proof = prove_inclusion(&mut &self.tree, index, signed);
        proof.map_err(|source| StoreError::Proof { folder: self.folder.clone(), source })
    }

    /// The proof that the first `old` entries are a beginning of the first `new` ones.
    ///
    /// # Errors
    /// There are no such sizes.
    pub fn prove_consistency(&self, old: u64, new: u64) -> Result<Proof, StoreError> {
        self.require_beginning()?;
        let proof = prove_consistency(&mut &self.tree, old, new);
        proof.map_err(|source| StoreError::Proof { folder: self.folder.clone(), source })
    }

    fn require_beginning(&self) -> Result<(), StoreError> {
        match self.verdict.first_entry {
            0 => Ok(()),
            first => Err(StoreError::Pruned { folder: self.folder.clone(), first }),
        }
    }

    /// The first fault as an error, for those who need a whole log.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub fn require_good(&self) -> Result<&Self, StoreError> {
        match &self.verdict.fault {
            None => Ok(self),
            Some(finding) => Err(StoreError::Damaged {
                folder: self.folder.clone(),
                finding: Box::new(finding.clone()),
            }),
        }
    }

    /// The folder that was read.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}
