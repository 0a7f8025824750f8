//! An evidence file: one entry, and everything that proves it, for someone who has only the root key.
//!
//! It is a C2SP `tlog-proof`: index, inclusion proof, checkpoint. Its extra data carry the entry and the
//! handovers from the root key to the key that signed the checkpoint.

use std::fmt::Write as _;

use base64ct::{Base64, Encoding};
use thiserror::Error;

use crate::cbor;
use crate::checkpoint::{Checkpoint, TreeHead, handover_text};
use crate::entry::{ENTRY_LIMIT, Entry, Epoch, Kind};
use crate::hash::{Hash, leaf_hash};
use crate::note::{Note, NoteError, SignatureCheck, Strict, VerifierKey};
use crate::proof::{Proof, ProofError, verify_inclusion};
use crate::store::{Reader, StoreError};

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";
const FORMAT: u64 = 1;
/// The longest evidence file that is read: the largest entry and tens of thousands of handovers.
pub const EVIDENCE_LIMIT: usize = 16 << 20;
const HANDOVER_BYTES: usize = 160;

/// What an evidence file proves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Evidence {
    /// The entry's bytes.
    pub entry: Vec<u8>,
    /// Its index in the log.
    pub index: u64,
    /// The tree that it was proved to be in.
    pub head: TreeHead,
    /// The epoch whose key signed the checkpoint.
    pub epoch: u32,
}

/// Why an evidence file proves nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum EvidenceError {
    /// Not an evidence file.
    #[error("not an evidence file: expected c2sp.org/tlog-proof@v1 with this log's extra data")]
    Malformed,
    /// A handover between keys is wrong.
    #[error("the key of epoch {0} is not vouched for by the key before it")]
    Handover(u32),
    /// The checkpoint is of another log.
    #[error("the checkpoint is of another log than the root key")]
    OtherLog,
    /// The checkpoint's signature is wrong or by another key.
    #[error("checkpoint: {0}")]
    Signature(#[from] NoteError),
    /// The entry is not in the signed tree.
    #[error("inclusion: {0}")]
    Inclusion(#[from] ProofError),
}

/// The evidence file for entry `index` of `reader`'s log, against its newest checkpoint.
///
/// # Errors
/// The log is damaged or was pruned, or no signature vouches for the entry.
pub fn evidence(reader: &Reader, index: u64) -> Result<String, StoreError> {
    let verdict = reader.require_good()?.verdict();
    let proof = reader.prove(index)?;
    let missing = || StoreError::NotSigned {
        folder: reader.folder().to_owned(),
        index,
        signed: verdict.signed,
    };
    let entry = reader.record(index).ok_or_else(missing)?.bytes;
    let checkpoint = verdict.checkpoint.as_deref().ok_or_else(missing)?;
    let handovers: Vec<(u64, Epoch)> = reader
        .records()
        .take(usize::try_from(verdict.signed).unwrap_or(usize::MAX))
        .filter_map(|record| {
            let entry = record.entry.filter(|entry| entry.header.kind == Kind::EPOCH)?;
            Some((entry.header.sequence, Epoch::decode(entry.body.bytes()).ok()?))
        })
        .collect();
    Ok(write(entry, index, &proof, &handovers, checkpoint))
}

fn write(
    entry: &[u8],
    index: u64,
    proof: &Proof,
    handovers: &[(u64, Epoch)],
    checkpoint: &str,
) -> String {
    let mut space = vec![0; entry.len() + 64 + HANDOVER_BYTES * handovers.len()];
    let mut writer = cbor::Writer::new(&mut space);
    writer.array(3);
    writer.unsigned(FORMAT);
    writer.bytes(entry);
    writer.array(handovers.len() as u64);
    for (size, next) in handovers {
        writer.array(4);
        writer.unsigned(*size);
        writer.bytes(&next.key);
        writer.bytes(&next.root.0);
        writer.bytes(&next.signature);
    }
    let length = writer.finish().unwrap_or_default();
    let extra = Base64::encode_string(space.get(..length).unwrap_or_default());
    let mut text = format!("{FIRST_LINE}\nextra {extra}\nindex {index}\n");
    for hash in proof.hashes() {
        // Writing to a String does not fail.
        let _ = writeln!(text, "{}", Base64::encode_string(&hash.0));
    }
    text.push('\n');
    text.push_str(checkpoint);
    text
}

/// Checks an evidence file with nothing but the log's root key.
///
/// # Errors
/// See [`EvidenceError`].
pub fn verify_evidence(text: &str, root: &VerifierKey) -> Result<Evidence, EvidenceError> {
    let parts = Parts::parse(text).ok_or(EvidenceError::Malformed)?;
    let note = Note::parse(parts.checkpoint.as_bytes())?;
    let checkpoint = Checkpoint::parse(note.text()).map_err(|_| EvidenceError::Malformed)?;
    if checkpoint.origin != root.name.as_str() {
        return Err(EvidenceError::OtherLog);
    }
    let mut key = *root;
    let mut epoch = 0_u32;
    let mut since = 0;
    for next in &parts.handovers {
        let size = next.size;
        epoch = epoch.saturating_add(1);
        let next_key = VerifierKey { name: root.name, key: next.key };
        let head = TreeHead { size, root: next.root };
        let text = handover_text(head, epoch, &next_key);
        let signed =
            text.is_ok_and(|text| Strict.check(&key.key, text.as_bytes(), &next.signature));
        if !signed || size < since || size >= checkpoint.head.size {
            return Err(EvidenceError::Handover(epoch));
        }
        key = next_key;
        since = size.saturating_add(1);
    }
    note.verify(&[key], &mut Strict)?;
    let head = checkpoint.head;
    verify_inclusion(parts.index, head.size, &leaf_hash(&parts.entry), &parts.proof, &head.root)?;
    if Entry::decode(&parts.entry).is_ok_and(|entry| entry.header.sequence != parts.index) {
        return Err(EvidenceError::Malformed);
    }
    Ok(Evidence { entry: parts.entry, index: parts.index, head, epoch })
}

struct Handover {
    size: u64,
    key: [u8; 32],
    root: Hash,
    signature: [u8; 64],
}

struct Parts<'a> {
    entry: Vec<u8>,
    handovers: Vec<Handover>,
    index: u64,
    proof: Vec<Hash>,
    checkpoint: &'a str,
}

impl<'a> Parts<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let text = Some(text).filter(|text| text.len() <= EVIDENCE_LIMIT)?;
        let rest = text.strip_prefix(FIRST_LINE)?.strip_prefix("\nextra ")?;
        let (extra, rest) = rest.split_once('\n')?;
        let (index_text, rest) = rest.strip_prefix("index ")?.split_once('\n')?;
        let index: u64 = index_text.parse().ok()?;
        if index.to_string() != index_text {
            return None;
        }
        let (proof_text, checkpoint) = match rest.strip_prefix('\n') {
            Some(checkpoint) => ("", checkpoint),
            None => rest.split_once("\n\n")?,
        };
        let mut proof = Vec::new();
        for line in proof_text.lines() {
            let mut bytes = [0; Hash::LENGTH];
            proof.push(Hash::from_slice(Base64::decode(line, &mut bytes).ok()?)?);
            if proof.len() > Proof::LIMIT {
                return None;
            }
        }
        let (entry, handovers) = Self::parse_extra(&Base64::decode_vec(extra).ok()?)?;
        Some(Self { entry, handovers, index, proof, checkpoint })
    }

    fn parse_extra(bytes: &[u8]) -> Option<(Vec<u8>, Vec<Handover>)> {
        let mut reader = cbor::Reader::new(bytes);
        reader.array(3)?;
        if reader.unsigned()? != FORMAT {
            return None;
        }
        let entry = reader.bytes()?;
        let count = reader.array_length()?;
        let mut handovers = Vec::new();
        for _ in 0..count {
            reader.array(4)?;
            let size = reader.unsigned()?;
            let key = reader.fixed()?;
            let root = Hash(reader.fixed()?);
            handovers.push(Handover { size, key, root, signature: reader.fixed()? });
        }
        reader.end()?;
        (entry.len() <= ENTRY_LIMIT).then(|| (entry.to_vec(), handovers))
    }
}
