//! The same log as a C2SP `tlog-tiles` folder, for any tool that reads those. The bytes depend on the log alone.

use std::fs;
use std::path::Path;

use crate::proof::TileReader;
use crate::store::{Reader, StoreError};
use crate::tile::{TILE_WIDTH, TileKind, TilePath, row};

/// Writes all signed entries of `reader`'s log to `out`: `checkpoint`, `tile/<level>/...`, `tile/entries/...`, and
/// the root key as `verifier-key`. Entries that no signature vouches for stay behind. Gives the entries written.
///
/// # Errors
/// The log is damaged, was pruned, or has no checkpoint; or the folder cannot be written or is not empty.
pub fn export(reader: &Reader, out: &Path) -> Result<u64, StoreError> {
    let verdict = reader.require_good()?.verdict();
    let size = verdict.signed;
    if verdict.first_entry != 0 {
        let folder = reader.folder().to_owned();
        return Err(StoreError::Pruned { folder, first: verdict.first_entry });
    }
    let Some(checkpoint) = verdict.checkpoint.as_ref() else {
        return Err(StoreError::NotALog(reader.folder().to_owned()));
    };
    fs::create_dir_all(out).map_err(StoreError::io(out))?;
    if fs::read_dir(out).map_err(StoreError::io(out))?.next().is_some() {
        let full = std::io::ErrorKind::DirectoryNotEmpty;
        return Err(StoreError::io(out)(full.into()));
    }
    for level in 0..8 {
        for tile in row(TileKind::Hashes(level), size) {
            write(out, &tile, &hashes(reader, level, &tile))?;
        }
    }
    for tile in row(TileKind::Entries, size) {
        write(out, &tile, &entries(reader, &tile))?;
    }
    if let Some(key) = &verdict.key {
        write_file(&out.join("verifier-key"), format!("{key}\n").as_bytes())?;
    }
    // Last, so that a folder with a checkpoint is a whole one.
    write_file(&out.join("checkpoint"), checkpoint.as_bytes())?;
    Ok(size)
}

fn hashes(reader: &Reader, level: u8, tile: &TilePath) -> Vec<u8> {
    let first = tile.index * TILE_WIDTH;
    let mut tree = reader.tree();
    (first..first + u64::from(tile.width))
        .filter_map(|index| tree.tile_hash(level, index))
        .flat_map(|hash| hash.0)
        .collect()
}

fn entries(reader: &Reader, tile: &TilePath) -> Vec<u8> {
    let first = tile.index * TILE_WIDTH;
    let mut bundle = Vec::new();
    for record in (first..first + u64::from(tile.width)).filter_map(|index| reader.record(index)) {
        let length = u16::try_from(record.bytes.len()).unwrap_or(u16::MAX);
        bundle.extend_from_slice(&length.to_be_bytes());
        bundle.extend_from_slice(record.bytes);
    }
    bundle
}

fn write(out: &Path, tile: &TilePath, bytes: &[u8]) -> Result<(), StoreError> {
    write_file(&out.join(tile.to_string()), bytes)
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(StoreError::io(parent))?;
    }
    fs::write(path, bytes).map_err(StoreError::io(path))
}
