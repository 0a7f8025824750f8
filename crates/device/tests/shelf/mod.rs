//! A device's boxes in memory, on disks that fail when power goes.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

use homeostat_assembly::inspection::{Inspection, inspect};
use homeostat_assembly::insulin;
use homeostat_blackbox::disk::{Disk, DiskError, FileId};
use homeostat_blackbox::hash::{Hash, leaf_hash};
use homeostat_blackbox::log::remove_keys;
use homeostat_blackbox::testing::{Files, SimulatedDisk};
use homeostat_blackbox::verdict::{Options, Visit};
use homeostat_blackbox::verify::verify_log;
use homeostat_device::life::Life;
use homeostat_device::restart::Boxes;
use homeostat_device::retention::{Copied, Held, Shelf};

use crate::disk::{Shared, after_a_cut};
use crate::random::Random;

/// What is left of a step budget when power goes at its end; `None` while it stays.
#[derive(Clone, Default)]
pub(crate) struct Power(Arc<Mutex<Option<u64>>>, Arc<Mutex<u64>>);

impl Power {
    fn step(&self) -> bool {
        *self.1.lock().expect("nobody panicked") += 1;
        match &mut *self.0.lock().expect("nobody panicked") {
            None => true,
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
        }
    }
    pub(crate) fn until(&self, steps: Option<u64>) {
        *self.0.lock().expect("nobody panicked") = steps;
        *self.1.lock().expect("nobody panicked") = 0;
    }
    pub(crate) fn steps(&self) -> u64 {
        *self.1.lock().expect("nobody panicked")
    }
}

/// A disk that fails when power goes.
pub(crate) struct Powered {
    disk: Shared,
    power: Power,
}

impl Powered {
    fn step(&self) -> Result<(), DiskError> {
        if self.power.step() { Ok(()) } else { Err(DiskError::Failed(5)) }
    }
}

impl Disk for Powered {
    fn create(&mut self, file: FileId, length: u32) -> Result<(), DiskError> {
        self.step()?;
        self.disk.create(file, length)
    }
    fn length(&mut self, file: FileId) -> Result<Option<u64>, DiskError> {
        self.disk.length(file)
    }
    fn read_at(&mut self, file: FileId, offset: u32, bytes: &mut [u8]) -> Result<(), DiskError> {
        self.disk.read_at(file, offset, bytes)
    }
    fn write_at(&mut self, file: FileId, offset: u32, bytes: &[u8]) -> Result<(), DiskError> {
        self.step()?;
        self.disk.write_at(file, offset, bytes)
    }
    fn sync(&mut self, file: FileId) -> Result<(), DiskError> {
        self.step()?;
        self.disk.sync(file)
    }
    fn resize(&mut self, file: FileId, length: u32) -> Result<(), DiskError> {
        self.step()?;
        self.disk.resize(file, length)
    }
    fn remove(&mut self, file: FileId) -> Result<(), DiskError> {
        self.step()?;
        self.disk.remove(file)
    }
    fn segments(&mut self) -> Result<Option<(u32, u32)>, DiskError> {
        self.disk.segments()
    }
}

#[derive(Default)]
pub(crate) struct Place {
    boxes: BTreeMap<u32, Shared>,
    pub(crate) life: Life,
    pub(crate) copied: Vec<Copied>,
    /// No box can be removed.
    pub(crate) stuck: bool,
}

/// A device's boxes in memory.
#[derive(Clone, Default)]
pub(crate) struct Memory {
    place: Arc<Mutex<Place>>,
    pub(crate) power: Power,
}

impl Memory {
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Place) -> T) -> T {
        act(&mut self.place.lock().expect("nobody panicked"))
    }

    pub(crate) fn numbers(&self) -> Vec<u32> {
        self.with(|place| place.boxes.keys().copied().collect())
    }

    pub(crate) fn files(&self, number: u32) -> Files {
        self.with(|place| place.boxes[&number].with(|disk| disk.files().clone()))
    }

    fn step(&self) -> io::Result<()> {
        if self.power.step() { Ok(()) } else { Err(io::ErrorKind::Other.into()) }
    }

    /// Power goes: of each disk what was synced stays, and of the rest what chance leaves.
    pub(crate) fn cut(&self, before: &BTreeMap<u32, Files>, chance: &mut Random) {
        self.with(|place| {
            for (number, shared) in &mut place.boxes {
                let steps = shared.with(|disk| disk.steps().to_vec());
                let nothing = Files::default();
                let before = before.get(number).unwrap_or(&nothing);
                let files = after_a_cut(before, &steps, &mut || chance.below(2) == 0);
                let disk = SimulatedDisk::new(files, 512).recording();
                *shared = Shared(Arc::new(Mutex::new(disk)));
            }
        });
    }
}

impl Boxes for Memory {
    type Disk = Powered;
    type Error = io::Error;

    fn newest(&self) -> io::Result<Option<u32>> {
        Ok(self.numbers().last().copied())
    }
    fn disk(&self, number: u32) -> io::Result<Powered> {
        let empty = || Shared(Arc::new(Mutex::new(SimulatedDisk::empty().recording())));
        let disk = self.with(|place| place.boxes.entry(number).or_insert_with(empty).clone());
        Ok(Powered { disk, power: self.power.clone() })
    }
    fn set_aside(&self, number: u32) -> io::Result<()> {
        self.with(|place| place.boxes.remove(&number));
        Ok(())
    }
}

impl Shelf for Memory {
    type Disk = Powered;

    fn held(&self) -> io::Result<Vec<Held>> {
        let bytes = |number| self.files(number).values().map(|file| file.len() as u64).sum();
        let held = |number| Held { number: Some(number), bytes: bytes(number) };
        Ok(self.numbers().into_iter().map(held).collect())
    }
    fn copied(&self) -> io::Result<Vec<Copied>> {
        Ok(self.with(|place| place.copied.clone()))
    }
    fn fingerprint(&self, number: u32) -> io::Result<Hash> {
        Ok(fingerprint(&self.files(number)))
    }
    fn begin(&mut self) -> io::Result<(u32, Powered)> {
        self.step()?;
        let number = self.newest()?.unwrap_or(0) + 1;
        Ok((number, self.disk(number)?))
    }
    fn begun(&mut self, number: u32) -> io::Result<()> {
        self.step()?;
        self.with(|place| place.life.boxes = place.life.boxes.max(number));
        Ok(())
    }
    fn remove(&mut self, number: u32) -> io::Result<()> {
        self.step()?;
        if self.with(|place| place.stuck) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        self.with(|place| place.boxes.remove(&number));
        Ok(())
    }
    fn seal(&mut self, before: u32) -> io::Result<()> {
        for number in self.numbers().into_iter().filter(|number| *number < before) {
            remove_keys(&mut self.disk(number)?).map_err(io::Error::other)?;
        }
        Ok(())
    }
}

pub(crate) fn fingerprint(files: &Files) -> Hash {
    let line = |(file, bytes): (&FileId, &Arc<Vec<u8>>)| match file {
        FileId::Key(_) => String::new(),
        _ => format!("{file} {}\n", leaf_hash(bytes)),
    };
    leaf_hash(files.iter().map(line).collect::<String>().as_bytes())
}

/// What a box says when it is read: whether it is whole and follows from itself, and its notes.
pub(crate) fn read(files: &Files, options: &Options) -> (Inspection, Vec<String>) {
    let mut disk = SimulatedDisk::new(files.clone(), 512);
    let mut notes = Vec::new();
    let found = inspect(
        |visit: Visit<'_>| {
            verify_log(&mut disk, options, &mut |record| {
                let body = record.entry.map(|entry| entry.body.bytes().to_vec());
                let text = body.and_then(|body| String::from_utf8(body).ok());
                notes.extend(text.filter(|text| text.contains("box ")));
                visit(record);
            })
        },
        &insulin::rebuild,
        None,
    );
    (found.expect("memory can be read"), notes)
}
