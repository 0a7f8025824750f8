//! A disk that loses power: it remembers which writes were made durable and what may become of the others.
//!
//! Public, so that a simulated device can live on it as the log's own tests do.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::disk::{Disk, DiskError, FileId};
use crate::hash::sha256;
use crate::note::{SignatureCheck, Strict};

pub mod crash;
mod fates;

/// A change of the disk that is not durable before its file is synced.
#[derive(Clone, Debug)]
pub enum Change {
    /// A new file of zeros.
    Create(FileId, u32),
    /// One sector's new content.
    Sector(FileId, u32, Arc<[u8]>),
    /// Another length.
    Resize(FileId, u32),
}

impl Change {
    /// The file that it changes.
    #[must_use]
    pub const fn file(&self) -> FileId {
        match self {
            Self::Create(file, _) | Self::Sector(file, _, _) | Self::Resize(file, _) => *file,
        }
    }
}

/// What the disk was told, in order.
#[derive(Clone, Debug)]
pub enum Step {
    /// A change.
    Change(Change),
    /// A file's changes became durable.
    Sync(FileId),
    /// A file was removed, durably.
    Remove(FileId),
}

/// The files of an image.
pub type Files = BTreeMap<FileId, Arc<Vec<u8>>>;

/// Applies one change to an image. A change of a file that is not there is lost.
pub fn apply(files: &mut Files, change: &Change, sector_bytes: usize) {
    match change {
        Change::Create(file, length) => {
            files.insert(*file, Arc::new(vec![0; *length as usize]));
        }
        Change::Sector(file, number, bytes) => {
            if let Some(content) = files.get_mut(file) {
                let content = Arc::make_mut(content);
                let start = *number as usize * sector_bytes;
                if let Some(room) = content.get_mut(start..) {
                    room.iter_mut().zip(bytes.iter()).for_each(|(to, from)| *to = *from);
                }
            }
        }
        Change::Resize(file, length) => {
            if let Some(content) = files.get_mut(file) {
                Arc::make_mut(content).resize(*length as usize, 0);
            }
        }
    }
}

/// A disk in memory. Cheap to copy: files are shared until they change.
#[derive(Clone, Debug, Default)]
pub struct SimulatedDisk {
    files: Files,
    sector_bytes: usize,
    /// Bytes that all files together may take; none for no limit.
    pub capacity: Option<u64>,
    /// Counts down the changes and syncs until one fails; none for never.
    pub fails_after: Option<u64>,
    steps: Option<Vec<Step>>,
}

impl SimulatedDisk {
    /// A disk with these files.
    #[must_use]
    pub const fn new(files: Files, sector_bytes: usize) -> Self {
        Self { files, sector_bytes, capacity: None, fails_after: None, steps: None }
    }

    /// An empty disk with sectors of 512 bytes.
    #[must_use]
    pub const fn empty() -> Self {
        Self::new(BTreeMap::new(), 512)
    }

    /// Begins to remember every change.
    #[must_use]
    pub fn recording(mut self) -> Self {
        self.steps = Some(Vec::new());
        self
    }

    /// What happened since [`SimulatedDisk::recording`].
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        self.steps.as_deref().unwrap_or_default()
    }

    /// The files as the running system sees them.
    #[must_use]
    pub const fn files(&self) -> &Files {
        &self.files
    }

    /// A file to tamper with.
    pub fn file_mut(&mut self, file: FileId) -> Option<&mut Vec<u8>> {
        self.files.get_mut(&file).map(Arc::make_mut)
    }

    /// Puts a file, whatever was there.
    pub fn put(&mut self, file: FileId, bytes: Vec<u8>) {
        self.files.insert(file, Arc::new(bytes));
    }

    /// Takes a file away.
    pub fn take(&mut self, file: FileId) -> Option<Arc<Vec<u8>>> {
        self.files.remove(&file)
    }

    fn may_fail(&mut self) -> Result<(), DiskError> {
        match &mut self.fails_after {
            Some(0) => Err(DiskError::Failed(5)),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn remember(&mut self, step: impl FnOnce() -> Step) {
        if let Some(steps) = &mut self.steps {
            steps.push(step());
        }
    }

    fn change(&mut self, change: Change) {
        apply(&mut self.files, &change, self.sector_bytes);
        self.remember(|| Step::Change(change));
    }
}

impl Disk for SimulatedDisk {
    fn create(&mut self, file: FileId, length: u32) -> Result<(), DiskError> {
        self.may_fail()?;
        let used: u64 = self.files.values().map(|content| content.len() as u64).sum();
        if self.capacity.is_some_and(|capacity| used + u64::from(length) > capacity) {
            return Err(DiskError::Full);
        }
        self.change(Change::Create(file, length));
        Ok(())
    }

    fn length(&mut self, file: FileId) -> Result<Option<u64>, DiskError> {
        Ok(self.files.get(&file).map(|content| content.len() as u64))
    }

    fn read_at(&mut self, file: FileId, offset: u32, bytes: &mut [u8]) -> Result<(), DiskError> {
        let content = self.files.get(&file).ok_or(DiskError::Failed(2))?;
        let source = content.get(offset as usize..).unwrap_or_default();
        let length = source.len().min(bytes.len());
        let (filled, beyond) = bytes.split_at_mut(length);
        filled.iter_mut().zip(source).for_each(|(to, from)| *to = *from);
        beyond.fill(0);
        Ok(())
    }

    fn write_at(&mut self, file: FileId, offset: u32, bytes: &[u8]) -> Result<(), DiskError> {
        self.may_fail()?;
        let size = self.sector_bytes;
        let content = self.files.get(&file).ok_or(DiskError::Failed(2))?;
        let (start, end) = (offset as usize, offset as usize + bytes.len());
        if end > content.len() {
            return Err(DiskError::Failed(27));
        }
        // The system writes whole sectors: what stood around the bytes is written again.
        let (first, last) = (start / size, end.div_ceil(size));
        let whole = first * size..(last * size).min(content.len());
        let mut sectors = content.get(whole).unwrap_or_default().to_vec();
        let room = sectors.get_mut(start - first * size..).unwrap_or_default();
        room.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        for (number, sector) in (first as u32..).zip(sectors.chunks(size)) {
            self.change(Change::Sector(file, number, sector.into()));
        }
        Ok(())
    }

    fn sync(&mut self, file: FileId) -> Result<(), DiskError> {
        self.may_fail()?;
        self.remember(|| Step::Sync(file));
        Ok(())
    }

    fn resize(&mut self, file: FileId, length: u32) -> Result<(), DiskError> {
        self.may_fail()?;
        self.change(Change::Resize(file, length));
        Ok(())
    }

    fn remove(&mut self, file: FileId) -> Result<(), DiskError> {
        self.may_fail()?;
        self.files.remove(&file);
        self.remember(|| Step::Remove(file));
        Ok(())
    }

    fn segments(&mut self) -> Result<Option<(u32, u32)>, DiskError> {
        let mut numbers = self.files.keys().filter_map(|file| match file {
            FileId::Segment(number) => Some(*number),
            _ => None,
        });
        let lowest = numbers.next();
        Ok(lowest.map(|lowest| (lowest, numbers.next_back().unwrap_or(lowest))))
    }
}

/// Checks each signature once and remembers the answer: the same ones come again in thousands of images.
#[derive(Default, Debug)]
pub struct RememberedSignatures(BTreeMap<[u8; 32], bool>);

impl SignatureCheck for RememberedSignatures {
    fn check(&mut self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        let name = sha256(&[key, signature, message]);
        *self.0.entry(name).or_insert_with(|| Strict.check(key, message, signature))
    }
}
