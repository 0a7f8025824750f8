//! What every decoder must withstand: arbitrary bytes. The fuzz targets call these functions, and so do the tests,
//! with the corpus and with mutations of it.

use std::str;

use crate::cbor;
use crate::checkpoint::Checkpoint;
use crate::disk::FileId;
use crate::entry::{ENTRY_LIMIT, Entry, Epoch, Loss, Opened};
use crate::evidence::verify_evidence;
use crate::frame::FRAME_LIMIT;
use crate::hash::sha256;
use crate::layout::{SegmentHeader, Slot};
use crate::note::{Name, Note, NoteSigner, Strict, VerifierKey};
use crate::recover::recover;
use crate::testing::{Files, RememberedSignatures, SimulatedDisk};
use crate::tile::{Bundle, TilePath};
use crate::verdict::Options;
use crate::verify::verify_log_with;

/// A target: its name, which is also that of its corpus folder, and its body.
pub type Target = (&'static str, fn(&[u8]));

/// All targets of this crate.
pub const TARGETS: [Target; 7] = [
    ("blackbox_entry", entry),
    ("blackbox_note", note),
    ("blackbox_checkpoint", checkpoint),
    ("blackbox_tile_path", tile_path),
    ("blackbox_bundle", bundle),
    ("blackbox_evidence", evidence),
    ("blackbox_image", image),
];

/// The key that seeds and targets know: the root key of a log made with [`KNOWN_ENTROPY`].
#[must_use]
pub fn known_key() -> Option<NoteSigner> {
    let seed = sha256(&[b"homeostat root key", &KNOWN_ENTROPY]);
    Name::new("homeostat.example/fuzz").ok().map(|name| NoteSigner::new(name, &seed))
}

/// What the logs among the seeds are made with.
pub const KNOWN_ENTROPY: [u8; 32] = [1; 32];

/// An entry that decodes encodes to the same bytes.
///
/// # Panics
/// When it does not.
pub fn entry(bytes: &[u8]) {
    if let Ok(entry) = Entry::decode(bytes) {
        let mut space = vec![0; ENTRY_LIMIT];
        let length = entry.encode(&mut space).ok();
        assert_eq!(length.and_then(|length| space.get(..length)), Some(bytes));
    }
    let mut space = [0; 1024];
    if let Ok(opened) = Opened::decode(bytes)
        && bytes.len() <= space.len()
    {
        let length = opened.encode(&mut space).ok();
        assert_eq!(length.and_then(|length| space.get(..length)), Some(bytes));
    }
    if let Ok(epoch) = Epoch::decode(bytes) {
        let length = epoch.encode(&mut space).ok();
        assert_eq!(length.and_then(|length| space.get(..length)), Some(bytes));
    }
    if let Ok(loss) = Loss::decode(bytes) {
        let length = loss.encode(&mut space).ok();
        assert_eq!(length.and_then(|length| space.get(..length)), Some(bytes));
    }
    let mut reader = cbor::Reader::new(bytes);
    while reader.end().is_none() {
        if reader.bytes().is_none() && reader.text().is_none() && reader.optional().is_none() {
            break;
        }
    }
}

/// A note that parses has lines that parse, and verifies or not.
pub fn note(bytes: &[u8]) {
    let Ok(note) = Note::parse(bytes) else { return };
    assert!(note.text().ends_with('\n'));
    assert!((1..=64).contains(&note.signatures().count()));
    if let Some(key) = known_key() {
        let verified = note.verify(&[*key.verifier()], &mut Strict);
        assert!(verified.is_err() || note.signature_by(key.verifier()).is_some());
    }
}

/// A checkpoint that parses prints as it was read; so does a verifier key.
pub fn checkpoint(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    if let Ok(checkpoint) = Checkpoint::parse(text) {
        assert_eq!(checkpoint.to_string(), text);
    }
    if let Ok(key) = text.parse::<VerifierKey>() {
        assert_eq!(key.to_string(), text);
    }
}

/// A tile path that parses prints as it was read.
pub fn tile_path(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    if let Ok(path) = text.parse::<TilePath>() {
        assert_eq!(path.to_string(), text);
    }
}

/// A bundle that reads to its end writes as it was read.
pub fn bundle(bytes: &[u8]) {
    let entries: Result<Vec<&[u8]>, _> = Bundle::new(bytes).collect();
    if let Ok(entries) = entries {
        let written: Vec<u8> = entries
            .iter()
            .flat_map(|entry| {
                let length = u16::try_from(entry.len()).unwrap_or_default();
                length.to_be_bytes().into_iter().chain(entry.iter().copied())
            })
            .collect();
        assert_eq!(written, bytes);
    }
}

/// An evidence file proves something or nothing.
pub fn evidence(bytes: &[u8]) {
    let (Ok(text), Some(key)) = (str::from_utf8(bytes), known_key()) else { return };
    if let Ok(proved) = verify_evidence(text, key.verifier()) {
        assert!(proved.index < proved.head.size);
    }
}

/// Recovery from any image returns, and finds the same again; so does the verifier.
pub fn image(bytes: &[u8]) {
    let _ = SegmentHeader::decode(bytes);
    let _ = Slot::decode(bytes);
    let mut disk = SimulatedDisk::new(unpack(bytes), 512);
    let mut check = RememberedSignatures::default();
    let before = verify_log_with(&mut disk, &Options::default(), &mut check, &mut |_| {});
    let mut buffer = vec![0; FRAME_LIMIT + 4096];
    if let Ok(first) = recover(&mut disk, &mut buffer, &mut check) {
        let files = disk.files().clone();
        let second = recover(&mut disk, &mut buffer, &mut check).map(|second| second.state);
        assert_eq!(second, Ok(first.state));
        assert_eq!(disk.files(), &files);
        assert!(before.is_ok());
    }
}

/// The longest file in an image: larger ones only make fuzzing slow.
const LONGEST: usize = 1 << 14;

/// Reads an image: `file u8 | stored u16 | whole u16 | stored bytes`, again and again; the rest of a file is zeros.
fn unpack(mut bytes: &[u8]) -> Files {
    let mut files = Files::new();
    while let Some((head, rest)) = bytes.split_first_chunk::<5>() {
        let [tag, stored0, stored1, whole0, whole1] = *head;
        let stored = usize::from(u16::from_be_bytes([stored0, stored1]));
        let whole = usize::from(u16::from_be_bytes([whole0, whole1])).min(LONGEST);
        let (content, rest) = rest.split_at(stored.min(rest.len()));
        let mut content = content.to_vec();
        content.resize(whole, 0);
        files.insert(file_of(tag), content.into());
        bytes = rest;
    }
    files
}

fn file_of(tag: u8) -> FileId {
    match tag {
        0 | 1 => FileId::Checkpoint(tag),
        2 | 3 => FileId::Key(tag - 2),
        number => FileId::Segment(u32::from(number - 4)),
    }
}

/// Writes an image as [`image`] reads it: for seeds.
#[must_use]
pub fn pack(files: &Files) -> Vec<u8> {
    let mut packed = Vec::new();
    for (file, content) in files {
        let tag = match file {
            FileId::Checkpoint(slot) => *slot,
            FileId::Key(parity) => 2 + parity,
            FileId::Segment(number) => 4 + *number as u8,
        };
        let stored = content.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        packed.push(tag);
        packed.extend_from_slice(&(stored as u16).to_be_bytes());
        packed.extend_from_slice(&(content.len() as u16).to_be_bytes());
        packed.extend_from_slice(content.get(..stored).unwrap_or_default());
    }
    packed
}
