//! The log's files other than its entries: segment heads, keys, and what an interrupted creation left.

use zeroize::{Zeroize, Zeroizing};

use super::LogError;
use crate::disk::{Disk, DiskError, FileId};
use crate::layout::{Geometry, KEY_LENGTH, SegmentHeader, decode_key, encode_key};
use crate::note::{NoteSigner, Strict};
use crate::recover::{RecoverError, best_slot, recover};
use crate::state::LogState;

/// Removes what an interrupted creation left, and refuses to touch a log.
pub(super) fn clear_unfinished<D: Disk>(disk: &mut D, buffer: &mut [u8]) -> Result<(), LogError> {
    if best_slot(disk).map_err(LogError::Disk)?.0.is_some() {
        return Err(LogError::Exists);
    }
    match recover(disk, buffer, &mut Strict) {
        Err(RecoverError::NotCreated) => {}
        Err(RecoverError::Disk(error)) => return Err(LogError::Disk(error)),
        _ => return Err(LogError::Exists),
    }
    let files = [
        FileId::Segment(0),
        FileId::Checkpoint(0),
        FileId::Checkpoint(1),
        FileId::Key(0),
        FileId::Key(1),
    ];
    files.into_iter().try_for_each(|file| disk.remove(file)).map_err(LogError::Disk)
}

/// Makes a segment file with its header durable, and gives where its first frame goes.
pub(super) fn begin_segment<D: Disk>(
    disk: &mut D,
    buffer: &mut [u8],
    state: &LogState,
    geometry: Geometry,
    number: u32,
) -> Result<usize, LogError> {
    let file = FileId::Segment(number);
    match disk.create(file, geometry.segment_bytes) {
        Err(DiskError::Full) => return Err(LogError::Full),
        outcome => outcome.map_err(LogError::Disk)?,
    }
    let header = SegmentHeader {
        geometry,
        number,
        epoch: state.epoch,
        epoch_start: state.epoch_start,
        last_time: state.last_time,
        root_key: state.root_key,
        epoch_key: state.epoch_key,
        origin: state.origin,
        frontier: state.frontier.clone(),
    };
    let length = header.encode(buffer).ok_or(LogError::Config("buffer too small"))?;
    let bytes = buffer.get(..length).unwrap_or_default();
    disk.write_at(file, 0, bytes).and_then(|()| disk.sync(file)).map_err(LogError::Disk)?;
    Ok(length)
}

fn key_file(epoch: u32) -> FileId {
    FileId::Key((epoch % 2) as u8)
}

pub(super) fn write_key<D: Disk>(
    disk: &mut D,
    epoch: u32,
    seed: &[u8; 32],
) -> Result<(), DiskError> {
    let file = key_file(epoch);
    match disk.length(file)? {
        None => disk.create(file, KEY_LENGTH as u32)?,
        Some(length) if length == KEY_LENGTH as u64 => {}
        // Power was lost while the file was made.
        Some(_) => disk.resize(file, KEY_LENGTH as u32)?,
    }
    let bytes = Zeroizing::new(encode_key(epoch, seed).unwrap_or([0; KEY_LENGTH]));
    disk.write_at(file, 0, &*bytes)?;
    disk.sync(file)
}

pub(super) fn wipe_key<D: Disk>(disk: &mut D, epoch: u32) -> Result<(), DiskError> {
    let file = key_file(epoch);
    let Some(length) = disk.length(file)? else { return Ok(()) };
    let length = usize::try_from(length).map_or(KEY_LENGTH, |length| length.min(KEY_LENGTH));
    disk.write_at(file, 0, [0; KEY_LENGTH].get(..length).unwrap_or_default())?;
    disk.sync(file)
}

/// Wipes and removes the private keys of a log, so that nobody can write on in its name.
///
/// # Errors
/// The disk failed; a key may be left.
pub fn remove_keys<D: Disk>(disk: &mut D) -> Result<(), DiskError> {
    [0, 1].into_iter().try_for_each(|parity| {
        wipe_key(disk, parity)?;
        disk.remove(FileId::Key(parity as u8))
    })
}

/// The private key of the epoch in force; any other key is wiped.
pub(super) fn keep_one_key<D: Disk>(
    disk: &mut D,
    state: &LogState,
) -> Result<NoteSigner, LogError> {
    let mut signer = None;
    for parity in [0, 1] {
        let file = FileId::Key(parity);
        if disk.length(file).map_err(LogError::Disk)?.is_none() {
            continue;
        }
        let mut bytes = Zeroizing::new([0; KEY_LENGTH]);
        disk.read_at(file, 0, &mut *bytes).map_err(LogError::Disk)?;
        if let Some((epoch, mut seed)) = decode_key(&*bytes) {
            let found = NoteSigner::new(state.origin, &seed);
            seed.zeroize();
            if epoch == state.epoch && found.verifier().key == state.epoch_key {
                signer = Some(found);
                continue;
            }
        }
        if bytes.iter().any(|byte| *byte != 0) {
            wipe_key(disk, u32::from(parity)).map_err(LogError::Disk)?;
        }
    }
    signer.ok_or(LogError::KeyGone(state.epoch))
}
