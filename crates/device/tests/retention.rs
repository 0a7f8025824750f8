//! Boxes that follow one another and go: what a restart needs and what nobody has a copy of is never removed,
//! what is removed is in the record, and a loss of power at any instant changes none of this (LOG-05, LOG-06,
//! PWR-06).

#[allow(dead_code, reason = "shared with other tests")]
mod disk;
mod nobody;
mod person;
mod random;
mod shelf;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use homeostat_assembly::InstalledProfile;
use homeostat_assembly::inspection::Replayed;
use homeostat_blackbox::checkpoint::TreeHead;
use homeostat_blackbox::disk::FileId;
use homeostat_blackbox::hash::{Hash, leaf_hash};
use homeostat_blackbox::testing::Files;
use homeostat_blackbox::verdict::Options;
use homeostat_device::core::{Core, Kept, Moment};
use homeostat_device::keeping::Direct;
use homeostat_device::restart::{Boxes as _, Opened, Start};
use homeostat_device::retention::{Archive, Copied, Held, Limits, to_go};
use homeostat_record::{CauseSet, Digest, Instant};
use proptest::prelude::*;

use nobody::Nobody;
use random::Random;
use shelf::{Memory, fingerprint, read};

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
proptest! {
    /// Whatever lies there and whatever was copied: what goes was copied, is older than what is needed,
    /// leaves nothing older that was copied, and is no more than it takes. What is not as it was copied stays,
    /// and keeps nothing else here.
    #[test]
    fn log_06_what_goes_was_copied_and_is_not_needed(
        held in prop::collection::btree_map(1_u32..40, 0_u64..1_000, 0..30),
        unfinished in 0_u64..1_000,
        copied in prop::collection::btree_set(1_u32..40, 0..30),
        other in prop::collection::btree_set(1_u32..40, 0..10),
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
            to_go(&lying, &copies, needed, most, |copy| !other.contains(&copy.number))
                .iter().map(|(copy, _)| copy.number).collect();
        let may: Vec<u32> = held.keys().copied()
            .filter(|number| *number < needed && copied.contains(number) && !other.contains(number))
            .collect();
        prop_assert_eq!(&goes[..], &may[..goes.len()]);
        let total: u64 = lying.iter().map(|held| held.bytes).sum();
        let left = |goes: &[u32]| total - goes.iter().map(|number| held[number]).sum::<u64>();
        prop_assert!(left(&goes) <= most || goes.len() == may.len());
        if let Some((_, fewer)) = goes.split_last() {
            prop_assert!(left(fewer) > most, "more than it takes");
        }
    }
}
