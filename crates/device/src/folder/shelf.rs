//! The boxes of a folder while the device runs: the next one, those that go, and of which there are copies.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::str::FromStr;

use ed25519_dalek::SigningKey;
use homeostat_blackbox::checkpoint::TreeHead;
use homeostat_blackbox::folder::FolderDisk;
use homeostat_blackbox::hash::{Hash, leaf_hash};
use homeostat_blackbox::log::remove_keys;

use super::{COPIES, DeviceFolder, FolderBoxes, FolderError, LIFE, number_of};
use crate::life::Life;
use crate::restart::Boxes as _;
use crate::retention::{Copied, Held, Shelf};
use crate::twice::Twice;

const KIND: &str = "homeostat-copies/v1";
/// What is on its way out is no box any more.
const GOING: &str = "going";

/// A device's boxes on their shelf.
#[derive(Debug)]
pub struct FolderShelf {
    boxes: FolderBoxes,
    life: Twice,
    copies: Twice,
    signing: SigningKey,
    now: Life,
}

impl FolderShelf {
    /// The boxes of a device whose life is `now`.
    ///
    /// # Errors
    /// What a loss of power left on its way out stays.
    pub fn new(folder: &DeviceFolder, now: Life) -> io::Result<Self> {
        let boxes = folder.boxes();
        let entries = match fs::read_dir(&boxes.path) {
            // Before the first box.
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            entries => Some(entries?),
        };
        for entry in entries.into_iter().flatten() {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == GOING) {
                fs::remove_dir_all(path)?;
            }
        }
        let twice = |name| Twice::new(&folder.path, name);
        let (life, copies) = (twice(LIFE), twice(COPIES));
        Ok(Self { boxes, life, copies, signing: folder.signing.clone(), now })
    }
}

impl Shelf for FolderShelf {
    type Disk = FolderDisk;

    fn held(&self) -> io::Result<Vec<Held>> {
        let mut held = Vec::new();
        for entry in fs::read_dir(&self.boxes.path)? {
            let entry = entry?;
            // What lies there besides boxes is not bounded by this.
            let Ok(files) = fs::read_dir(entry.path()) else { continue };
            let lengths = files.flatten().filter_map(|file| Some(file.metadata().ok()?.len()));
            let bytes = lengths.fold(0_u64, u64::saturating_add);
            held.push(Held { number: number_of(&entry.file_name()), bytes });
        }
        Ok(held)
    }

    fn copied(&self) -> io::Result<Vec<Copied>> {
        let value = self.copies.read(&self.signing).map_err(io::Error::other)?;
        value.map_or(Ok(Vec::new()), |value| copies_of(&value.body).map_err(io::Error::other))
    }

    fn fingerprint(&self, number: u32) -> io::Result<Hash> {
        fingerprint(&self.boxes.folder(number))
    }

    fn begin(&mut self) -> io::Result<(u32, FolderDisk)> {
        let number = self.boxes.newest()?.unwrap_or(0).saturating_add(1);
        Ok((number, self.boxes.disk(number)?))
    }

    fn begun(&mut self, number: u32) -> io::Result<()> {
        let life = Life { boxes: self.now.boxes.max(number), ..self.now };
        let kept = self.life.write(&self.signing, life.to_string().as_bytes());
        kept.map_err(io::Error::other)?;
        self.now = life;
        Ok(())
    }

    fn remove(&mut self, number: u32) -> io::Result<()> {
        let folder = self.boxes.folder(number);
        let going = folder.with_extension(GOING);
        fs::rename(&folder, &going)?;
        fs::File::open(&self.boxes.path)?.sync_all()?;
        fs::remove_dir_all(going)
    }

    fn seal(&mut self, before: u32) -> io::Result<()> {
        for held in self.held()? {
            if let Some(number) = held.number.filter(|number| *number < before) {
                let mut disk = self.boxes.disk(number)?;
                remove_keys(&mut disk).map_err(io::Error::other)?;
            }
        }
        Ok(())
    }
}

/// What a box's folder amounts to: the hash of the names of its segments and checkpoints, each with the hash
/// of its bytes. A copy has the same.
///
/// # Errors
/// It cannot be read.
pub fn fingerprint(folder: &Path) -> io::Result<Hash> {
    let mut lines = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("segment") || name.starts_with("checkpoint") {
            lines.push(format!("{name} {}\n", leaf_hash(&fs::read(entry.path())?)));
        }
    }
    lines.sort();
    if lines.is_empty() {
        return Err(ErrorKind::NotFound.into());
    }
    Ok(leaf_hash(lines.concat().as_bytes()))
}

/// The lines in which it stands of which boxes there are copies.
pub(super) fn lines_of(copies: &[Copied]) -> String {
    let line = |copy: &Copied| {
        let Copied { number, head, fingerprint, by } = copy;
        format!("{number} {head} {fingerprint} {by}\n")
    };
    format!("{KIND}\n{}", copies.iter().map(line).collect::<String>())
}

pub(super) fn copies_of(body: &[u8]) -> Result<Vec<Copied>, FolderError> {
    let text = String::from_utf8_lossy(body);
    let mut lines = text.lines().zip(1..);
    if lines.next().is_none_or(|(first, _)| first != KIND) {
        return Err(FolderError::Copies(1));
    }
    lines.map(|(line, number)| copy_of(line).ok_or(FolderError::Copies(number))).collect()
}

fn copy_of(line: &str) -> Option<Copied> {
    let mut words = line.splitn(4, ' ');
    let number = words.next()?.parse().ok()?;
    let head = TreeHead::from_str(words.next()?).ok()?;
    let fingerprint = Hash::from_digits(words.next()?)?;
    let by = words.next()?.to_owned();
    Some(Copied { number, head, fingerprint, by })
}
