//! What a verifier is told, and what it says.

use std::fmt;

use crate::checkpoint::TreeHead;
use crate::disk::FileId;
use crate::entry::Entry;
use crate::fault::FaultKind;
use crate::note::VerifierKey;

/// What the verifier is told.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The key to start from: the root key of a device, or the key of a foreign log.
    pub key: Option<VerifierKey>,
    /// The log must have at least this many signed entries, as someone outside remembers.
    pub at_least: Option<u64>,
    /// Heads that the log once had, as someone outside remembers: it must still begin with what they stand for.
    pub known_heads: Vec<TreeHead>,
    /// Checkpoints seen earlier, as notes: as [`Options::known_heads`], and they must be of this log.
    pub known_checkpoints: Vec<String>,
    /// Earlier segments may be missing, as after pruning. What they held is then not verified.
    pub allow_pruned: bool,
}

/// Where the key came from that everything rests on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeySource {
    /// The caller gave it.
    Given,
    /// It stands in the log: the log agrees with itself, no more.
    FromLog,
}

/// How a log is stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Layout {
    /// The device's segments.
    Segments,
    /// A C2SP `tlog-tiles` folder.
    Tiles,
}

/// A fault, or something worth knowing, with its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// What it is.
    pub kind: FaultKind,
    /// The first entry that it touches. All before it are good.
    pub entry: u64,
    /// The last entry that it may touch: more than `entry` where only the sum of several is signed.
    pub through: u64,
    /// The file, by its name in the folder.
    pub file: String,
    /// The byte in the file.
    pub offset: u64,
    /// In words.
    pub detail: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, entry, through, file, offset, detail } = self;
        write!(formatter, "{kind} at entry {entry}")?;
        if through > entry {
            write!(formatter, " to {through}")?;
        }
        write!(formatter, " ({file}, byte {offset}): {detail}")
    }
}

/// What is left of a write that was cut by a loss of power and not yet cleaned up by opening the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TornTail {
    /// The file.
    pub file: String,
    /// Where the good records end.
    pub offset: u64,
    /// Bytes after that which are not zero.
    pub bytes: u64,
}

/// What the verifier found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// How the log is stored.
    pub layout: Layout,
    /// The log's origin.
    pub origin: String,
    /// The key that everything rests on.
    pub key: Option<VerifierKey>,
    /// Where it came from.
    pub key_source: KeySource,
    /// The first entry that is there: 0 unless the log was pruned.
    pub first_entry: u64,
    /// Entries before the first fault.
    pub entries: u64,
    /// Entries up to which the log can be read in order, good or not.
    pub readable: u64,
    /// Entries that a verified signature vouches for.
    pub signed: u64,
    /// The head that the newest verified signature vouches for.
    pub head: Option<TreeHead>,
    /// The newest verified checkpoint, as a note.
    pub checkpoint: Option<String>,
    /// Signatures verified: checkpoints and handovers between keys.
    pub signatures: u64,
    /// The epoch in force at the end.
    pub epoch: u32,
    /// Openings of the log.
    pub openings: u64,
    /// Records that the log says were lost.
    pub lost_records: u64,
    /// The log was closed in order, and a signature covers that.
    pub closed: bool,
    /// The last entry closes the log, but no signature covers it: anyone can have written it.
    pub unsigned_close: bool,
    /// A torn write at the end, as after a loss of power. Not a fault: it was never acknowledged.
    pub torn: Option<TornTail>,
    /// Things worth knowing that a loss of power explains.
    pub notes: Vec<Finding>,
    /// The first fault.
    pub fault: Option<Finding>,
}

impl Verdict {
    pub(crate) const fn new(layout: Layout) -> Self {
        Self {
            layout,
            origin: String::new(),
            key: None,
            key_source: KeySource::FromLog,
            first_entry: 0,
            entries: 0,
            readable: 0,
            signed: 0,
            head: None,
            checkpoint: None,
            signatures: 0,
            epoch: 0,
            openings: 0,
            lost_records: 0,
            closed: false,
            unsigned_close: false,
            torn: None,
            notes: Vec::new(),
            fault: None,
        }
    }

    /// Whether no fault was found in what is signed.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        self.fault.is_none()
    }

    /// Good entries at the end that no signature vouches for. They are not to be relied on.
    #[must_use]
    pub const fn unsigned_tail(&self) -> u64 {
        self.entries.saturating_sub(self.signed)
    }
}

/// The name of a file in a box folder.
#[must_use]
pub fn file_name(file: FileId) -> String {
    file.to_string()
}

/// An entry as it was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Record<'a> {
    /// Where it stands.
    pub position: Position,
    /// Its bytes, which the tree commits to.
    pub bytes: &'a [u8],
    /// What they say; none in a log of another kind.
    pub entry: Option<Entry<'a>>,
}

/// Who is shown every good entry, in order.
pub type Visit<'a> = &'a mut dyn FnMut(&Record<'_>);

/// A place in the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Position {
    /// The entry's index.
    pub entry: u64,
    /// The segment, or in a tiles folder the bundle.
    pub segment: u32,
    /// The byte in the file where its frame begins.
    pub offset: u64,
}
