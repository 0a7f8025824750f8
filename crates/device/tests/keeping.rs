//! The keeper of every real device over a disk that is slow, full or gone: no cycle waits for it, the
//! gap is told, and the box goes on behind it (F-P02, F-P03, LOG-04).

#[allow(dead_code, reason = "shared with other tests")]
mod disk;
mod nobody;
mod person;

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use homeostat_assembly::inspection::{Inspection, Replayed, inspect};
use homeostat_assembly::{InstalledProfile, Recorder, insulin};
use homeostat_blackbox::disk::{Disk, DiskError, FileId};
use homeostat_blackbox::testing::SimulatedDisk;
use homeostat_blackbox::verdict::{Options, Visit};
use homeostat_blackbox::verify::verify_log;
use homeostat_device::core::{Core, Keeper as _, Kept, Moment};
use homeostat_device::keeping::Threaded;
use homeostat_device::life::Life;
use homeostat_device::restart::{Boxes, Opened, Start};
use homeostat_record::{Cause, CauseSet, Instant};

use disk::{Memory, Shared};
use nobody::Nobody;

/// Long enough for a busy machine.
const PATIENT: Duration = Duration::from_secs(60);

/// A disk that makes nothing durable while its gate is shut.
#[derive(Clone)]
struct Gated {
    disk: Shared,
    open: Arc<(Mutex<bool>, Condvar)>,
}

impl Disk for Gated {
    fn create(&mut self, file: FileId, length: u32) -> Result<(), DiskError> {
        self.disk.create(file, length)
    }
    fn length(&mut self, file: FileId) -> Result<Option<u64>, DiskError> {
        self.disk.length(file)
    }
    fn read_at(&mut self, file: FileId, offset: u32, bytes: &mut [u8]) -> Result<(), DiskError> {
        self.disk.read_at(file, offset, bytes)
    }
    fn write_at(&mut self, file: FileId, offset: u32, bytes: &[u8]) -> Result<(), DiskError> {
        self.disk.write_at(file, offset, bytes)
    }
    fn sync(&mut self, file: FileId) -> Result<(), DiskError> {
        let open = self.open.0.lock().expect("nobody panicked");
        drop(self.open.1.wait_while(open, |open| !*open).expect("nobody panicked"));
        self.disk.sync(file)
    }
    fn resize(&mut self, file: FileId, length: u32) -> Result<(), DiskError> {
        self.disk.resize(file, length)
    }
    fn remove(&mut self, file: FileId) -> Result<(), DiskError> {
        self.disk.remove(file)
    }
    fn segments(&mut self) -> Result<Option<(u32, u32)>, DiskError> {
        self.disk.segments()
    }
}

/// Boxes behind a gate.
#[derive(Default)]
struct Behind {
    boxes: Memory,
    open: Arc<(Mutex<bool>, Condvar)>,
}

impl Boxes for Behind {
    type Disk = Gated;
    type Error = std::io::Error;

    fn newest(&self) -> std::io::Result<Option<u32>> {
        self.boxes.newest()
    }
    fn disk(&self, number: u32) -> std::io::Result<Gated> {
        Ok(Gated { disk: self.boxes.disk(number)?, open: Arc::clone(&self.open) })
    }
    fn set_aside(&self, number: u32) -> std::io::Result<()> {
        self.boxes.set_aside(number)
    }
}

impl Behind {
    fn set(&self, open: bool) {
        *self.open.0.lock().expect("nobody panicked") = open;
        self.open.1.notify_all();
    }

    fn with(&self, act: impl FnOnce(&mut SimulatedDisk)) {
        self.boxes.all()[0].with(act);
    }
}

/// A loop with its box behind a gate.
struct Bed {
    gate: Behind,
    profile: InstalledProfile,
    core: Core,
    recorder: Option<Recorder<Gated>>,
    millis: u64,
}

impl Bed {
    fn new() -> Self {
        let gate = Behind::default();
        gate.set(true);
        let (profile, _) = person::profile();
        let Opened { machine, last, recorder, .. } =
            person::start(&gate, &profile, Life::default());
        let core = Core::new(machine, last, 0);
        Self { gate, profile, core, recorder: Some(recorder), millis: 0 }
    }

    fn keeper(&mut self, patience: Duration) -> Threaded {
        let recorder = self.recorder.take().expect("one keeper a bed");
        Threaded::start(recorder, patience, ()).expect("there is a thread")
    }

    /// One cycle. Gives what became of its record, and whether it knew of a loss.
    fn cycle(&mut self, keeper: &mut Threaded) -> (Kept, bool) {
        self.millis += 300_000;
        let moment = Moment { now: Instant { boot: 1, millis: self.millis }, wall: None };
        let none = CauseSet::EMPTY;
        let turned = self.core.cycle(moment, none, &mut Nobody, Duration::ZERO, keeper);
        (turned.kept, turned.entry.input.conditions.has(Cause::RecordLost))
    }

    fn inspected(&self) -> Inspection {
        let options = Options::default();
        let mut disk = self.gate.boxes.all()[0].clone();
        let visit = |visit: Visit<'_>| verify_log(&mut disk, &options, visit);
        inspect(visit, &insulin::rebuild, None).expect("memory can be read")
    }
}

#[test]
fn f_p02_a_disk_that_hangs_holds_no_cycle_and_the_gap_is_told() {
    let mut bed = Bed::new();
    let mut keeper = bed.keeper(Duration::ZERO);
    bed.gate.set(false);
    // One in the disk's hands, eight that wait, the others lost.
    for cycle in 0..14 {
        assert_eq!(bed.cycle(&mut keeper), (Kept::NotYet, cycle > 0));
    }
    let lost = keeper.storage().lost;
    assert!((5..=6).contains(&lost), "{lost} lost");
    let trouble = keeper.storage().trouble.as_deref();
    assert_eq!(trouble, Some("the disk does not keep up"));
    bed.gate.set(true);
    while bed.cycle(&mut keeper).0 == Kept::NotYet {
        std::thread::yield_now();
    }
    assert!(!bed.cycle(&mut keeper).1);
    let lost = keeper.storage().lost;
    assert!(keeper.close(PATIENT), "the disk is well again");
    let found = bed.inspected();
    assert!(found.verdict.is_good(), "{:?}", found.verdict.fault);
    assert_eq!(found.verdict.lost_records, lost);
    assert_eq!(found.replayed, Replayed::Equal);
    let last = found.ended.map(|ended| ended.cycle.0);
    assert_eq!(last.map(|last| last + 1), Some(bed.core.next().0));
    let before = Life { boot: 1, orderly: true, boxes: 1 };
    assert_eq!(person::start(&bed.gate, &bed.profile, before).start, Start::Orderly);
}

#[test]
fn f_p03_a_disk_that_is_gone_costs_records_and_is_no_orderly_end() {
    let mut bed = Bed::new();
    let mut keeper = bed.keeper(PATIENT);
    for _ in 0..3 {
        assert_eq!(bed.cycle(&mut keeper).0, Kept::Durable);
    }
    bed.gate.with(|disk| disk.fails_after = Some(0));
    for cycle in 0..3 {
        assert_eq!(bed.cycle(&mut keeper), (Kept::NotYet, cycle > 0));
    }
    assert_eq!(keeper.storage().lost, 3);
    let trouble = keeper.storage().trouble.as_deref();
    assert!(trouble.is_some_and(|words| words.contains("disk")), "{trouble:?}");
    assert!(!keeper.close(PATIENT), "a box that was not closed was closed");
    let found = bed.inspected();
    assert_eq!(found.replayed, Replayed::Equal);
    assert_eq!(found.ended.map(|ended| ended.cycle.0), Some(2));
}

#[test]
fn log_04_a_full_disk_costs_records_and_the_box_goes_on_when_there_is_room() {
    let mut bed = Bed::new();
    let mut keeper = bed.keeper(PATIENT);
    bed.gate.with(|disk| disk.capacity = Some(0));
    let mut kept = 0;
    while bed.cycle(&mut keeper).0 == Kept::Durable {
        kept += 1;
        assert!(kept < 10_000, "one segment holds no more");
    }
    assert!(bed.cycle(&mut keeper).1);
    bed.gate.with(|disk| disk.capacity = None);
    // The record that finds no room looks for it, for the next.
    let _ = bed.cycle(&mut keeper);
    assert_eq!(bed.cycle(&mut keeper).0, Kept::Durable);
    let lost = keeper.storage().lost;
    assert!(keeper.close(PATIENT));
    let found = bed.inspected();
    assert_eq!((found.verdict.lost_records, found.replayed), (lost, Replayed::Equal));
}
