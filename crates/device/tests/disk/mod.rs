//! Boxes on disks in memory that the test keeps hold of.

use std::sync::{Arc, Mutex};

use homeostat_blackbox::disk::{Disk, DiskError, FileId};
use homeostat_blackbox::testing::{Change, Files, SimulatedDisk, Step, apply};
use homeostat_device::restart::Boxes;

/// A disk that the test keeps hold of.
#[derive(Clone)]
pub(crate) struct Shared(pub(crate) Arc<Mutex<SimulatedDisk>>);

impl Shared {
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut SimulatedDisk) -> T) -> T {
        act(&mut self.0.lock().expect("nobody panicked"))
    }
}

impl Disk for Shared {
    fn create(&mut self, file: FileId, length: u32) -> Result<(), DiskError> {
        self.with(|disk| disk.create(file, length))
    }
    fn length(&mut self, file: FileId) -> Result<Option<u64>, DiskError> {
        self.with(|disk| disk.length(file))
    }
    fn read_at(&mut self, file: FileId, offset: u32, bytes: &mut [u8]) -> Result<(), DiskError> {
        self.with(|disk| disk.read_at(file, offset, bytes))
    }
    fn write_at(&mut self, file: FileId, offset: u32, bytes: &[u8]) -> Result<(), DiskError> {
        self.with(|disk| disk.write_at(file, offset, bytes))
    }
    fn sync(&mut self, file: FileId) -> Result<(), DiskError> {
        self.with(|disk| disk.sync(file))
    }
    fn resize(&mut self, file: FileId, length: u32) -> Result<(), DiskError> {
        self.with(|disk| disk.resize(file, length))
    }
    fn remove(&mut self, file: FileId) -> Result<(), DiskError> {
        self.with(|disk| disk.remove(file))
    }
    fn segments(&mut self) -> Result<Option<(u32, u32)>, DiskError> {
        self.with(SimulatedDisk::segments)
    }
}

/// The boxes of a device.
#[derive(Default)]
pub(crate) struct Memory(Mutex<Vec<Shared>>);

impl Memory {
    pub(crate) fn all(&self) -> std::sync::MutexGuard<'_, Vec<Shared>> {
        self.0.lock().expect("nobody panicked")
    }
}

impl Boxes for Memory {
    type Disk = Shared;
    type Error = std::io::Error;

    fn newest(&self) -> std::io::Result<Option<u32>> {
        Ok(u32::try_from(self.all().len()).ok().filter(|number| *number > 0))
    }
    fn disk(&self, number: u32) -> std::io::Result<Shared> {
        let mut all = self.all();
        let index = number as usize - 1;
        if index == all.len() {
            all.push(Shared(Arc::new(Mutex::new(SimulatedDisk::empty().recording()))));
        }
        Ok(all[index].clone())
    }
    fn set_aside(&self, number: u32) -> std::io::Result<()> {
        self.all().truncate(number as usize - 1);
        Ok(())
    }
}

/// What a disk holds when power goes after these steps: what was synced, and of the rest what `stays`.
pub(crate) fn after_a_cut(
    before: &Files,
    steps: &[Step],
    stays: &mut dyn FnMut() -> bool,
) -> Files {
    let mut files = before.clone();
    let mut pending: Vec<Change> = Vec::new();
    for step in steps {
        match step {
            Step::Change(change) => pending.push(change.clone()),
            Step::Sync(file) => {
                let (durable, rest): (Vec<_>, Vec<_>) =
                    pending.drain(..).partition(|change| change.file() == *file);
                durable.iter().for_each(|change| apply(&mut files, change, 512));
                pending = rest;
            }
            Step::Remove(file) => {
                files.remove(file);
                pending.retain(|change| change.file() != *file);
            }
        }
    }
    for change in &pending {
        if stays() {
            apply(&mut files, change, 512);
        }
    }
    files
}
