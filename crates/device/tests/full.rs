//! A device whose boxes have taken all that they may: what helps, what never goes, and how it ends so that it
//! can go on (LOG-06, PWR-07).

#[allow(dead_code, reason = "shared with other tests")]
mod disk;
mod nobody;
mod person;
#[allow(dead_code, reason = "shared with other tests")]
mod random;
#[allow(dead_code, reason = "shared with other tests")]
mod shelf;

use std::time::Duration;

use homeostat_assembly::inspection::Replayed;
use homeostat_assembly::{InstalledProfile, Recorder};
use homeostat_blackbox::verdict::Options;
use homeostat_device::core::{Core, Keeper, Kept, Moment};
use homeostat_device::keeping::{Direct, Threaded};
use homeostat_device::life::Life;
use homeostat_device::restart::{Boxes as _, Opened, Start};
use homeostat_device::retention::{Archive, Copied, Limits, Room, Shelf as _};
use homeostat_record::{Cause, CauseSet, Instant};

use nobody::Nobody;
use shelf::{Memory, Powered, fingerprint, read};

/// Long enough for a busy machine.
const PATIENT: Duration = Duration::from_secs(60);

/// A device whose boxes take all that they may, while nobody has a copy.
struct Full<K> {
    boxes: Memory,
    profile: InstalledProfile,
    core: Core,
    keeper: K,
    cycle: u64,
    /// When it was said, and how much room there was then.
    alarm: Option<(u64, Room)>,
}

impl Full<Direct<Powered, Archive<Memory>>> {
    /// Up to the first record that is lost.
    fn new() -> Self {
        let mut full = Full::begun(64, Direct::new);
        while full.turn() == Kept::Durable {
            assert!(full.cycle < 20_000, "it ends");
        }
        full
    }
}

impl<K: Keeper> Full<K> {
    const LIMITS: Limits = Limits { bytes: 5 << 20, share: 250_000 };

    fn begun(
        snapshot_every: u64,
        keeper: impl FnOnce(Recorder<Powered>, Archive<Memory>) -> K,
    ) -> Self {
        let (profile, _) = person::profile();
        let boxes = Memory::default();
        let Opened { machine, last, recorder, number, .. } =
            person::start(&boxes, &profile, Life::default());
        let archive = Archive::new(boxes.clone(), Self::LIMITS, number, [1; 32]);
        let core = Core::new(machine, last, snapshot_every);
        Self { boxes, profile, core, keeper: keeper(recorder, archive), cycle: 0, alarm: None }
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

    /// A cycle, and words that take as much as fifty of them.
    fn turn_and_talk(&mut self) -> Kept {
        self.keeper.note(&"words ".repeat(5_000));
        self.turn()
    }

    /// Somebody has a copy of every box.
    fn copy(&self) {
        for number in self.boxes.numbers() {
            let files = self.boxes.files(number);
            let head = read(&files, &Options::default()).0.verdict.head.expect("it is signed");
            let (fingerprint, by) = (fingerprint(&files), "a test".to_owned());
            let copy = Copied { number, head, fingerprint, by };
            self.boxes.with(|place| place.copied.push(copy));
        }
    }

    fn used(&self) -> u64 {
        self.boxes.held().expect("it can be read").iter().map(|held| held.bytes).sum()
    }

    /// How often it is said of a box that it goes.
    fn said_to_go(&self, number: u32) -> usize {
        let said = format!("box {number:04} is removed: ");
        let read = |number| read(&self.boxes.files(number), &Options::default()).1;
        let notes = self.boxes.numbers().into_iter().flat_map(read);
        notes.filter(|note| note.starts_with(&said)).count()
    }
}

/// How the device starts after an end, in order or not.
fn restarted(boxes: &Memory, profile: &InstalledProfile, orderly: bool) -> Opened<Powered> {
    let boxes_begun = boxes.with(|place| place.life.boxes).max(1);
    person::start(boxes, profile, Life { boot: 1, orderly, boxes: boxes_begun })
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
    assert!(held.len() > 3 && used <= 5 << 20, "{} boxes take {used}", held.len());
}

#[test]
fn log_06_a_device_without_room_goes_on_as_soon_as_there_are_copies() {
    let mut full = Full::new();
    assert_eq!(full.turn(), Kept::NotYet);
    full.copy();
    let before = full.boxes.numbers().len();
    full.turn();
    assert_eq!(full.turn(), Kept::Durable, "{:?}", full.keeper.storage());
    assert!(full.boxes.numbers().len() < before);
    assert!((0..300).all(|_| full.turn() == Kept::Durable), "{:?}", full.keeper.storage());
    assert!(full.used() <= 5 << 20);
    let cycle = full.core.next().0 - 1;
    let Full { boxes, profile, keeper, .. } = full;
    drop(keeper);
    let opened = restarted(&boxes, &profile, false);
    assert_eq!(opened.start, Start::Unexplained, "{:?}", opened.details);
    assert_eq!(opened.last.map(|last| last.0), Some(cycle));
}

/// A full device with a copy of its first box alone, which cannot be removed.
fn stuck() -> Full<Direct<Powered, Archive<Memory>>> {
    let mut full = Full::begun(8, Direct::new);
    while full.turn_and_talk() == Kept::Durable {}
    full.copy();
    full.boxes.with(|place| {
        place.copied.truncate(1);
        place.stuck = true;
    });
    full
}

#[test]
fn log_06_a_box_that_cannot_be_removed_is_said_to_go_once_and_takes_no_more_room() {
    let mut full = stuck();
    let kept = (0..150).filter(|_| full.turn_and_talk() == Kept::Durable).count();
    // What is kept back is opened to say it, and is used.
    assert!((10..100).contains(&kept), "{kept} cycles: {:?}", full.keeper.storage());
    assert!(full.used() <= 5 << 20, "boxes take {}", full.used());
    let undone = full.keeper.storage().room.undone.clone();
    assert!(undone.is_some_and(|words| words.contains("permission")), "it is said why");
    assert_eq!(full.said_to_go(1), 1);
    full.boxes.with(|place| {
        place.copied.clear();
        place.stuck = false;
    });
    full.copy();
    full.turn();
    assert_eq!(full.turn(), Kept::Durable, "{:?}", full.keeper.storage());
    assert!(!full.boxes.numbers().contains(&1) && full.used() <= 5 << 20);
}

#[test]
fn log_06_beyond_the_bound_nothing_is_opened_but_what_the_boxes_that_go_make_up_for() {
    let mut full = stuck();
    let bytes = full.boxes.held().expect("it can be read")[0].bytes;
    // Of each other copy it is said again that the box goes.
    let kept: Vec<_> = (0..4)
        .map(|other| {
            full.boxes.with(|place| place.copied[0].by = format!("another test, {other}"));
            (0..50).filter(|_| full.turn_and_talk() == Kept::Durable).count()
        })
        .collect();
    assert_eq!(kept[3], 0, "cycles kept: {kept:?}");
    assert!(full.used() <= (5 << 20) + bytes, "boxes take {}", full.used());
    let undone = full.keeper.storage().room.undone.clone();
    assert!(undone.is_some_and(|words| words.contains("no room in which to say so")));
}

#[test]
fn log_06_a_box_that_is_not_as_it_was_copied_stays_and_others_go() {
    let mut full = Full::begun(8, Direct::new);
    while full.turn_and_talk() == Kept::Durable {}
    full.copy();
    full.boxes.with(|place| place.copied[0].fingerprint.0[0] ^= 1);
    full.turn();
    assert_eq!(full.turn(), Kept::Durable, "{:?}", full.keeper.storage());
    let there = full.boxes.numbers();
    assert!(there.contains(&1) && !there.contains(&2), "{there:?}");
    assert_eq!((full.said_to_go(1), full.said_to_go(2)), (0, 1));
}

/// A device without room ends when so many records were refused after the first one. Gives how many of its
/// boxes' records are missing.
fn ended_and_gone_on(
    snapshot_every: u64,
    later: usize,
    turn: fn(&mut Full<Threaded>) -> Kept,
) -> u64 {
    let threaded = |recorder, archive| Threaded::start(recorder, PATIENT, archive);
    let mut full = Full::begun(snapshot_every, |recorder, archive| {
        threaded(recorder, archive).expect("a thread")
    });
    while full.alarm.is_none() {
        assert_eq!(full.turn_and_talk(), Kept::Durable);
    }
    while turn(&mut full) == Kept::Durable {}
    for _ in 0..later {
        assert_eq!(full.turn(), Kept::NotYet);
    }
    let Full { boxes, profile, core, keeper, .. } = full;
    assert!(keeper.close(PATIENT));
    let newest = boxes.newest().expect("read").expect("there is one");
    let (found, _) = read(&boxes.files(newest), &Options::default());
    assert!(found.verdict.is_good(), "{:?}", found.verdict.fault);
    assert_eq!(found.replayed, Replayed::Equal);
    let opened = restarted(&boxes, &profile, true);
    assert_eq!(opened.start, Start::Orderly, "{:?}", opened.details);
    assert_eq!(opened.last.map(|last| last.0), Some(core.next().0 - 1));
    assert_eq!(opened.machine.digest(), core.machine().digest());
    found.verdict.lost_records
}

#[test]
fn log_06_pwr_07_a_device_without_room_ends_so_that_it_can_go_on() {
    assert_eq!(ended_and_gone_on(64, 3, Full::turn), 3);
}

#[test]
fn log_04_pwr_07_an_end_right_after_the_first_refusal_loses_nothing() {
    assert_eq!(ended_and_gone_on(0, 0, Full::turn), 0);
}

#[test]
fn log_04_pwr_07_an_end_right_after_a_refused_snapshot_writes_no_cycle_twice() {
    assert_eq!(ended_and_gone_on(1, 0, Full::turn), 0);
}

#[test]
fn log_04_pwr_07_words_that_find_no_room_cost_no_state() {
    assert_eq!(ended_and_gone_on(0, 0, Full::turn_and_talk), 0);
}
