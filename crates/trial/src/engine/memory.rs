//! A disk in memory, for worlds whose box nobody keeps.

use std::collections::BTreeMap;

use homeostat_blackbox::disk::{Disk, DiskError, FileId};

/// Files in memory. Durable in the sense of a simulation: nothing here loses power.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoryDisk {
    files: BTreeMap<FileId, Vec<u8>>,
}

impl MemoryDisk {
    /// The files, for who compares or damages them.
    pub const fn files(&mut self) -> &mut BTreeMap<FileId, Vec<u8>> {
        &mut self.files
    }

    fn file(&mut self, file: FileId) -> Result<&mut Vec<u8>, DiskError> {
        self.files.get_mut(&file).ok_or(DiskError::Failed(2))
    }
}

impl Disk for MemoryDisk {
    fn create(&mut self, file: FileId, length: u32) -> Result<(), DiskError> {
        self.files.insert(file, vec![0; length as usize]);
        Ok(())
    }

    fn length(&mut self, file: FileId) -> Result<Option<u64>, DiskError> {
        Ok(self.files.get(&file).map(|bytes| bytes.len() as u64))
    }

    fn read_at(&mut self, file: FileId, offset: u32, bytes: &mut [u8]) -> Result<(), DiskError> {
        let content = self.file(file)?;
        let there = content.get(offset as usize..).unwrap_or_default();
        let length = there.len().min(bytes.len());
        let (from, beyond) = bytes.split_at_mut(length);
        from.copy_from_slice(&there[..length]);
        beyond.fill(0);
        Ok(())
    }

    fn write_at(&mut self, file: FileId, offset: u32, bytes: &[u8]) -> Result<(), DiskError> {
        let content = self.file(file)?;
        let end = offset as usize + bytes.len();
        if content.len() < end {
            content.resize(end, 0);
        }
        content[offset as usize..end].copy_from_slice(bytes);
        Ok(())
    }

    fn sync(&mut self, file: FileId) -> Result<(), DiskError> {
        self.file(file).map(|_| ())
    }

    fn resize(&mut self, file: FileId, length: u32) -> Result<(), DiskError> {
        self.file(file)?.resize(length as usize, 0);
        Ok(())
    }

    fn remove(&mut self, file: FileId) -> Result<(), DiskError> {
        self.files.remove(&file);
        Ok(())
    }

    fn segments(&mut self) -> Result<Option<(u32, u32)>, DiskError> {
        let mut numbers = self.files.keys().filter_map(|file| match file {
            FileId::Segment(number) => Some(*number),
            FileId::Key(_) | FileId::Checkpoint(_) => None,
        });
        let Some(first) = numbers.next() else { return Ok(None) };
        Ok(Some((first, numbers.next_back().unwrap_or(first))))
    }
}
