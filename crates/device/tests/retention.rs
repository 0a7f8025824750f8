//! Boxes within their bound: what a restart needs and what nobody has a copy of is never removed, what is
//! removed is in the record, and a loss of power while boxes follow one another or go changes none of this
//! (LOG-05, LOG-06, PWR-06).

#[allow(dead_code, reason = "shared with other tests")]
mod disk;
mod nobody;
mod person;
mod random;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use homeostat_assembly::InstalledProfile;
use homeostat_assembly::inspection::{Inspection, Replayed, inspect};
use homeostat_assembly::insulin;
use homeostat_blackbox::checkpoint::TreeHead;
use homeostat_blackbox::disk::{Disk, DiskError, FileId};
use homeostat_blackbox::hash::{Hash, leaf_hash};
use homeostat_blackbox::log::remove_keys;
use homeostat_blackbox::testing::{Files, SimulatedDisk};
use homeostat_blackbox::verdict::{Options, Visit};
use homeostat_blackbox::verify::verify_log;
use homeostat_device::core::{Core, Keeper as _, Kept, Moment};
use homeostat_device::keeping::{Direct, Threaded};
use homeostat_device::life::Life;
use homeostat_device::restart::{Boxes, Opened, Start};
use homeostat_device::retention::{Archive, Copied, Held, Limits, Room, Shelf, to_go};
use homeostat_record::{Cause, CauseSet, Digest, Instant};
use proptest::prelude::*;

use disk::{Shared, after_a_cut};
use nobody::Nobody;
use random::Random;

/// What is left of a step budget when power goes at its end; `None` while it stays.
#[derive(Clone, Default)]
struct Power(Arc<Mutex<Option<u64>>>, Arc<Mutex<u64>>);

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
    fn until(&self, steps: Option<u64>) {
        *self.0.lock().expect("nobody panicked") = steps;
        *self.1.lock().expect("nobody panicked") = 0;
    }
    fn steps(&self) -> u64 {
        *self.1.lock().expect("nobody panicked")
    }
}

/// A disk that fails when power goes.
struct Powered {
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
struct Place {
    boxes: BTreeMap<u32, Shared>,
    life: Life,
    copied: Vec<Copied>,
}

/// A device's boxes in memory.
#[derive(Clone, Default)]
struct Memory {
    place: Arc<Mutex<Place>>,
    power: Power,
}

impl Memory {
    fn with<T>(&self, act: impl FnOnce(&mut Place) -> T) -> T {
        act(&mut self.place.lock().expect("nobody panicked"))
    }

    fn numbers(&self) -> Vec<u32> {
        self.with(|place| place.boxes.keys().copied().collect())
    }

    fn files(&self, number: u32) -> Files {
        self.with(|place| place.boxes[&number].with(|disk| disk.files().clone()))
    }

    fn step(&self) -> io::Result<()> {
        if self.power.step() { Ok(()) } else { Err(io::ErrorKind::Other.into()) }
    }

    /// Power goes: of each disk what was synced stays, and of the rest what chance leaves.
    fn cut(&self, before: &BTreeMap<u32, Files>, chance: &mut Random) {
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

fn fingerprint(files: &Files) -> Hash {
    let line = |(file, bytes): (&FileId, &Arc<Vec<u8>>)| match file {
        FileId::Key(_) => String::new(),
        _ => format!("{file} {}\n", leaf_hash(bytes)),
    };
    leaf_hash(files.iter().map(line).collect::<String>().as_bytes())
}

/// What a box says when it is read: whether it is whole and follows from itself, and its notes.
fn read(files: &Files, options: &Options) -> (Inspection, Vec<String>) {
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

/// A device that lives from one loss of power to the next, and somebody who copies its boxes.
struct Story {
    boxes: Memory,
    profile: InstalledProfile,
    chance: Random,
    /// What was copied, at last.
    copies: BTreeMap<u32, Files>,
    states: BTreeMap<u64, Digest>,
    acknowledged: Option<u64>,
}

const LIMITS: Limits = Limits { bytes: (5 << 20) + 150_000, share: 12_000 };

impl Story {
    fn new(seed: u64) -> Self {
        let (profile, _) = person::profile();
        Self {
            boxes: Memory::default(),
            profile,
            chance: Random(seed),
            copies: BTreeMap::new(),
            states: BTreeMap::new(),
            acknowledged: None,
        }
    }

    /// Some of the boxes are copied, whether they may still grow or not.
    fn copy(&mut self) {
        for number in self.boxes.numbers() {
            let files = self.boxes.files(number);
            if self.chance.below(3) == 0 || files.is_empty() {
                continue;
            }
            let (found, _) = read(&files, &Options::default());
            let Some(head) = found.verdict.head.filter(|_| found.verdict.is_good()) else {
                continue;
            };
            let (fingerprint, by) = (fingerprint(&files), "a test".to_owned());
            self.copies.insert(number, files);
            self.boxes.with(|place| {
                place.copied.retain(|copy| copy.number != number);
                place.copied.push(Copied { number, head, fingerprint, by });
            });
        }
    }

    /// One life of so many cycles, ended by a loss of power after so many steps.
    fn live(&mut self, cycles: u64, steps: Option<u64>) -> u64 {
        let before = self.boxes.with(|place| place.life);
        let mut life = before.begun();
        self.boxes.with(|place| place.life = life);
        let files = |number| (number, self.boxes.files(number));
        let held: BTreeMap<u32, Files> = self.boxes.numbers().into_iter().map(files).collect();
        let opened = person::start(&self.boxes, &self.profile, before);
        let Opened { machine, last, recorder, number, start, details } = opened;
        let wanted = if before.boot == 0 { Start::First } else { Start::Unexplained };
        assert_eq!(start, wanted, "{details:?}");
        let last_number = last.map(|last| last.0);
        assert!(last_number >= self.acknowledged, "{last_number:?} {:?}", self.acknowledged);
        if let Some(last) = last {
            assert_eq!(self.states.get(&last.0), Some(&machine.digest()), "a state between");
        }
        life.boxes = life.boxes.max(number);
        self.boxes.with(|place| place.life = life);
        self.boxes.power.until(steps);
        let chance = leaf_hash(&self.chance.next().to_le_bytes()).0;
        let archive = Archive::new(self.boxes.clone(), LIMITS, number, chance);
        let mut core = Core::new(machine, last, 8);
        let mut keeper = Direct::new(recorder, archive);
        for cycle in 1..=cycles {
            let now = Instant { boot: life.boot, millis: cycle * 300_000 };
            let moment = Moment { now, wall: None };
            let deadline = Duration::ZERO;
            let none = CauseSet::EMPTY;
            let turned = core.cycle(moment, none, &mut Nobody, deadline, &mut keeper);
            let number = turned.entry.input.cycle.0;
            self.states.insert(number, turned.entry.state);
            if turned.kept == Kept::Durable {
                self.acknowledged = Some(number);
            }
            if cycle % 10 == 5 {
                self.copy();
            }
        }
        let taken = self.boxes.power.steps();
        drop(keeper);
        self.boxes.power.until(None);
        self.boxes.cut(&held, &mut self.chance);
        taken
    }

    /// The boxes in whose name somebody who has the disk could write on.
    fn writable(&self) -> Vec<u32> {
        let key = |(file, bytes): (&FileId, &Arc<Vec<u8>>)| {
            matches!(file, FileId::Key(_)) && bytes.iter().any(|byte| *byte != 0)
        };
        let numbers = self.boxes.numbers().into_iter();
        numbers.filter(|number| self.boxes.files(*number).iter().any(key)).collect()
    }

    /// Every box that ever held a cycle is there or in somebody's hands, whole, and the chain says so. Gives
    /// how many are gone.
    fn check(&self) -> usize {
        let there = self.boxes.numbers();
        let newest = there.last().copied().unwrap_or(0);
        let (mut notes, mut gone, mut heads) = (Vec::new(), Vec::new(), Vec::new());
        for number in 1..=newest {
            let held = there.contains(&number);
            let files = if held { self.boxes.files(number) } else { self.copies[&number].clone() };
            let (found, said) = read(&files, &Options::default());
            if !found.begun && number == newest {
                continue;
            }
            assert!(found.verdict.is_good(), "box {number}: {:?}", found.verdict.fault);
            assert!(!found.lived || found.replayed == Replayed::Equal, "box {number}");
            if !held {
                gone.push((number, found.verdict.head.expect("it is signed")));
            }
            heads.extend(said.iter().filter_map(|note| {
                let (number, head) = note.strip_prefix("goes on from box ")?.split_once(", ")?;
                Some((number.parse::<u32>().ok()?, head.parse::<TreeHead>().ok()?))
            }));
            notes.extend(said);
        }
        for (number, head) in &gone {
            let said = format!("box {number:04} is removed: {head} ");
            assert!(notes.iter().any(|note| note.starts_with(&said)), "{said}: {notes:?}");
        }
        for note in &notes {
            let Some(said) = note.strip_prefix("goes on in box ") else { continue };
            let (number, key) = said.split_once(", known by ").expect("the key of the next box");
            let number = number.parse().expect("its number");
            let files = if there.contains(&number) {
                self.boxes.files(number)
            } else {
                self.copies[&number].clone()
            };
            let options = Options { key: Some(key.parse().expect("a key")), ..Options::default() };
            assert!(read(&files, &options).0.verdict.is_good(), "box {number} is not of {key}");
        }
        for (number, head) in heads {
            let held = there.contains(&number);
            let files = if held { self.boxes.files(number) } else { self.copies[&number].clone() };
            let options = Options { known_heads: vec![head], ..Options::default() };
            assert!(read(&files, &options).0.verdict.is_good(), "box {number} was not {head}");
        }
        gone.len()
    }
}

#[test]
fn log_06_f_p01_power_goes_while_boxes_follow_and_go_and_nothing_is_lost() {
    let number = |name: &str, usual| {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
    };
    let (cuts, seed): (u64, u64) =
        (number("HOMEOSTAT_POWER_CUTS", 40), number("HOMEOSTAT_SEED", 1));
    let lives = 20;
    let mut gone = 0;
    for chain in 0..cuts.div_ceil(lives) {
        let seed = seed + chain;
        let ended = Rc::new(Cell::new(0));
        let told = Rc::clone(&ended);
        let lived = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let mut story = Story::new(seed);
            let whole = story.live(50, None);
            for _ in 0..lives {
                let steps = story.chance.below(whole + whole / 4);
                story.live(50, Some(steps));
                told.set(story.check());
            }
            story.live(50, None);
            story.check();
            assert_eq!(
                story.writable(),
                story.boxes.newest().expect("read").into_iter().collect::<Vec<_>>()
            );
        }));
        assert!(
            lived.is_ok(),
            "repeat with HOMEOSTAT_SEED={seed} HOMEOSTAT_POWER_CUTS={lives} cargo test -p \
             homeostat-device --test retention"
        );
        gone += ended.get();
    }
    assert!(gone > 0, "no box ever went");
}

/// A device whose boxes have taken all that they may, and nobody has a copy.
struct Full {
    boxes: Memory,
    profile: InstalledProfile,
    core: Core,
    keeper: Direct<Powered, Archive<Memory>>,
    cycle: u64,
    /// When it was said, and how much room there was then.
    alarm: Option<(u64, Room)>,
}

impl Full {
    const LIMITS: Limits = Limits { bytes: 5 << 20, share: 250_000 };

    fn new() -> Self {
        let (profile, _) = person::profile();
        let boxes = Memory::default();
        let Opened { machine, last, recorder, number, .. } =
            person::start(&boxes, &profile, Life::default());
        let archive = Archive::new(boxes.clone(), Self::LIMITS, number, [1; 32]);
        let core = Core::new(machine, last, 64);
        let keeper = Direct::new(recorder, archive);
        let mut full = Self { boxes, profile, core, keeper, cycle: 0, alarm: None };
        while full.turn() == Kept::Durable {
            assert!(full.cycle < 20_000, "it ends");
        }
        full
    }

    fn turn(&mut self) -> Kept {
        self.cycle += 1;
        let now = Instant { boot: 1, millis: self.cycle * 300_000 };
        let moment = Moment { now, wall: None };
        let none = CauseSet::EMPTY;
        let turned = self.core.cycle(moment, none, &mut Nobody, Duration::ZERO, &mut self.keeper);
        if turned.entry.input.conditions.has(Cause::RecordLost) {
            let room = || (self.cycle, self.keeper.storage().room.clone());
            self.alarm.get_or_insert_with(room);
        }
        turned.kept
    }

    fn used(&self) -> u64 {
        self.boxes.held().expect("it can be read").iter().map(|held| held.bytes).sum()
    }

    /// How the device starts after an end, in order or not.
    fn restarted(self, orderly: bool) -> Opened<Powered> {
        let Self { boxes, profile, keeper, .. } = self;
        drop(keeper);
        let boxes_begun = boxes.with(|place| place.life.boxes).max(1);
        let life = Life { boot: 1, orderly, boxes: boxes_begun };
        person::start(&boxes, &profile, life)
    }
}

#[test]
fn log_06_without_a_copy_the_bound_is_an_alarm_and_no_box_goes() {
    let full = Full::new();
    let (alarm, room) = full.alarm.clone().expect("it is said");
    let lost = full.cycle;
    assert!(alarm + 1_000 < lost, "alarm in cycle {alarm}, the first record lost in {lost}");
    assert!(room.is_low() && room.is_reserve() && room.undone.is_none(), "{room:?}");
    let held = full.boxes.held().expect("it can be read");
    assert_eq!(held.len(), full.boxes.newest().expect("read").map_or(0, |newest| newest as usize));
    let used = full.used();
    assert!(held.len() > 3 && used <= Full::LIMITS.bytes, "{} boxes take {used}", held.len());
}

#[test]
fn log_06_a_device_without_room_goes_on_as_soon_as_there_are_copies() {
    let mut full = Full::new();
    assert_eq!(full.turn(), Kept::NotYet);
    for number in full.boxes.numbers() {
        let files = full.boxes.files(number);
        let head = read(&files, &Options::default()).0.verdict.head.expect("it is signed");
        let (fingerprint, by) = (fingerprint(&files), "a test".to_owned());
        let copy = Copied { number, head, fingerprint, by };
        full.boxes.with(|place| place.copied.push(copy));
    }
    let before = full.boxes.numbers().len();
    full.turn();
    assert_eq!(full.turn(), Kept::Durable, "{:?}", full.keeper.storage());
    assert!(full.boxes.numbers().len() < before);
    assert!((0..300).all(|_| full.turn() == Kept::Durable), "{:?}", full.keeper.storage());
    assert!(full.used() <= Full::LIMITS.bytes);
    let cycle = full.core.next().0 - 1;
    let opened = full.restarted(false);
    assert_eq!(opened.start, Start::Unexplained, "{:?}", opened.details);
    assert_eq!(opened.last.map(|last| last.0), Some(cycle));
}

#[test]
fn log_06_pwr_07_a_device_without_room_ends_so_that_it_can_go_on() {
    let Full { boxes, profile, mut core, keeper, cycle, .. } = Full::new();
    let Direct { recorder, follow, .. } = keeper;
    let mut keeper = Threaded::start(recorder, Duration::from_secs(60), follow).expect("a thread");
    for later in 1..4 {
        let now = Instant { boot: 1, millis: (cycle + later) * 300_000 };
        let moment = Moment { now, wall: None };
        let none = CauseSet::EMPTY;
        let turned = core.cycle(moment, none, &mut Nobody, Duration::ZERO, &mut keeper);
        assert_eq!(turned.kept, Kept::NotYet);
    }
    assert!(keeper.close(Duration::from_secs(60)));
    let boxes_begun = boxes.with(|place| place.life.boxes).max(1);
    let opened =
        person::start(&boxes, &profile, Life { boot: 1, orderly: true, boxes: boxes_begun });
    assert_eq!(opened.start, Start::Orderly, "{:?}", opened.details);
    assert_eq!(opened.last.map(|last| last.0), Some(core.next().0 - 1));
    assert_eq!(opened.machine.digest(), core.machine().digest());
}

proptest! {
    /// Whatever lies there and whatever was copied: what goes was copied, is older than what is needed,
    /// leaves nothing older that was copied, and is no more than it takes.
    #[test]
    fn log_06_what_goes_was_copied_and_is_not_needed(
        held in prop::collection::btree_map(1_u32..40, 0_u64..1_000, 0..30),
        unfinished in 0_u64..1_000,
        copied in prop::collection::btree_set(1_u32..40, 0..30),
        needed in 0_u32..45,
        most in 0_u64..20_000,
    ) {
        let mut lying: Vec<Held> =
            held.iter().map(|(number, bytes)| Held { number: Some(*number), bytes: *bytes }).collect();
        lying.reverse();
        lying.push(Held { number: None, bytes: unfinished });
        let copies: Vec<Copied> = copied.iter().map(|number| Copied {
            number: *number,
            head: TreeHead { size: 1, root: Hash::ZERO },
            fingerprint: Hash::ZERO,
            by: String::new(),
        }).collect();
        let goes: Vec<u32> =
            to_go(&lying, &copies, needed, most).iter().map(|(copy, _)| copy.number).collect();
        let may: Vec<u32> = held.keys().copied()
            .filter(|number| *number < needed && copied.contains(number)).collect();
        prop_assert_eq!(&goes[..], &may[..goes.len()]);
        let total: u64 = lying.iter().map(|held| held.bytes).sum();
        let left = |goes: &[u32]| total - goes.iter().map(|number| held[number]).sum::<u64>();
        prop_assert!(left(&goes) <= most || goes.len() == may.len());
        if let Some((_, fewer)) = goes.split_last() {
            prop_assert!(left(fewer) > most, "more than it takes");
        }
    }
}
