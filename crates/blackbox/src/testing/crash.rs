//! Loss of power at every moment of a seeded life of a log, with every fate of what was not yet durable.
//!
//! Six things must hold each time. (1) Every acknowledged entry is there. (2) What is there is a beginning of
//! what was written. (3) No two checkpoints ever shown contradict each other. (4) Recovery returns, whatever
//! the bytes. (5) Recovering again changes nothing, also when recovery itself was cut short. (6) The verifier takes
//! what a loss of power left for nothing else, and finds every entry of the checkpoints that were shown.

use std::collections::BTreeMap;
use std::fmt;

use crate::disk::FileId;
use crate::entry::{Body, Kind, Milliseconds};
use crate::frontier::Frontier;
use crate::hash::{Hash, leaf_hash, sha256};
use crate::layout::Geometry;
use crate::log::{Config, Log, LogError, Stamp, buffer_for};
use crate::note::Name;
use crate::proof::{prove_consistency, verify_consistency};
use crate::recover::{RecoverError, Recovered, recover};
use crate::testing::fates::Fates;
use crate::testing::{Change, Files, RememberedSignatures, SimulatedDisk, Step, apply};
use crate::tree::Tree;
use crate::verdict::Options;
use crate::verify::{verify_log, verify_log_with};

/// A small generator (SplitMix64): the same seed gives the same numbers everywhere.
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
    /// The next number.
    pub const fn next_number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`, or 0.
    pub const fn below(&mut self, limit: u64) -> u64 {
        if limit == 0 { 0 } else { self.next_number() % limit }
    }

    /// True once in `many` times.
    pub const fn once_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }
}

/// Which moment of which life.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Point {
    /// The seed of the chain of lives.
    pub seed: u64,
    /// Which life: each begins where a crash of the one before left the disk.
    pub life: u32,
    /// Steps of the disk before power was lost.
    pub step: usize,
    /// Which fate of the writes that were not durable.
    pub fate: usize,
}

impl fmt::Display for Point {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}.{}", self.seed, self.life, self.step, self.fate)
    }
}

/// A promise was broken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// When.
    pub point: Point,
    /// Which promise, and how.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { point, what } = self;
        writeln!(formatter, "crash point {point}: {what}")?;
        write!(
            formatter,
            "repeat with: HOMEOSTAT_CRASH_POINT={point} cargo test -p homeostat-blackbox --test crash"
        )
    }
}

/// What was tried.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Tally {
    /// Images recovered: moments times fates.
    pub points: u64,
    /// Of these, losses of power during recovery itself.
    pub in_recovery: u64,
    /// Images from which the log then went on and was verified.
    pub continued: u64,
    /// Images that were verified as they were.
    pub verified: u64,
    /// Images with a torn tail that had to be wiped.
    pub torn: u64,
    /// Lives of a log.
    pub lives: u32,
    /// Steps during which keys changed.
    pub key_changes: u64,
    /// Segments begun.
    pub segments: u64,
    /// Records refused because the disk was full.
    pub refused: u64,
}

/// What was promised at a moment.
#[derive(Clone, Copy, Debug)]
struct Promise {
    /// Steps done by then.
    steps: usize,
    /// Entries acknowledged as durable.
    acknowledged: u64,
    /// Entries in the newest checkpoint shown.
    shown: u64,
    /// The log exists.
    created: bool,
}

/// One life of a log: where it began, what the disk was told, what was promised, and what was written.
struct Life {
    start: Files,
    steps: Vec<Step>,
    promises: Vec<Promise>,
    /// Roots of the written entries, by size.
    roots: Vec<Hash>,
}

/// Lives after lives, until enough points were tried.
pub struct Explorer {
    seed: u64,
    random: Random,
    origin: Name,
    sector_bytes: usize,
    segment_bytes: u32,
    memo: RememberedSignatures,
    buffer: Vec<u8>,
    tally: Tally,
    /// Every head that was ever shown.
    shown: BTreeMap<u64, Hash>,
    only: Option<Point>,
    lying: bool,
}

impl Explorer {
    /// An explorer of the lives that `seed` stands for.
    #[must_use]
    pub fn new(seed: u64, origin: Name) -> Self {
        let mut random = Random(seed);
        let sector_bytes = if random.once_in(2) { 64 } else { 512 };
        let segment_bytes = 8192;
        let mut explorer = Self {
            seed,
            random,
            origin,
            sector_bytes,
            segment_bytes,
            memo: RememberedSignatures::default(),
            buffer: Vec::new(),
            tally: Tally::default(),
            shown: BTreeMap::new(),
            only: None,
            lying: false,
        };
        explorer.buffer = vec![0; buffer_for(&explorer.config(0))];
        explorer
    }

    /// The disk forgets to make segments durable, and says that it did: the explorer must notice.
    #[must_use]
    pub const fn on_a_lying_disk(mut self) -> Self {
        self.lying = true;
        self
    }

    /// Tries `point` alone.
    ///
    /// # Errors
    /// The violation there.
    pub fn repeat(point: Point, origin: Name) -> Result<Tally, Violation> {
        let mut explorer = Self::new(point.seed, origin);
        explorer.only = Some(point);
        explorer.run(u64::MAX, point.life + 1)
    }

    /// Tries at least `points` points, or as many as `lives` lives have.
    ///
    /// # Errors
    /// The first violation.
    pub fn run(&mut self, points: u64, lives: u32) -> Result<Tally, Violation> {
        let mut image = Files::new();
        for number in 0..lives {
            if self.tally.points >= points {
                break;
            }
            let mut seed = Random(self.random.next_number());
            let life = self.live(image, &mut seed, number)?;
            self.tally.lives += 1;
            image = self.explore(&life, number, points, &mut seed)?;
        }
        Ok(self.tally)
    }

    fn config(&self, epoch_entries: u64) -> Config<'static> {
        let mut config = Config::new(self.origin, "simulation", Hash::ZERO);
        let write_unit = self.sector_bytes as u32;
        config.geometry = Geometry { write_unit, segment_bytes: self.segment_bytes };
        config.epoch_entries = epoch_entries;
        config
    }

    fn violation(&self, life: u32, step: usize, fate: usize, what: String) -> Violation {
        Violation { point: Point { seed: self.seed, life, step, fate }, what }
    }

    /// Writes records, changes keys, fills segments and the disk, and remembers everything.
    fn live(&mut self, start: Files, random: &mut Random, number: u32) -> Result<Life, Violation> {
        let point = Point { seed: self.seed, life: number, step: 0, fate: 0 };
        let failed = |error: LogError| Violation { point, what: format!("live: {error}") };
        let config = self.config(5 + random.below(15));
        let disk = SimulatedDisk::new(start.clone(), self.sector_bytes).recording();
        let stamp = Stamp::default();
        let entropy = sha256(&[&random.next_number().to_be_bytes()]);
        let buffer = vec![0; self.buffer.len()];
        let exists = start.keys().any(|file| matches!(file, FileId::Checkpoint(_)))
            && recover(
                &mut SimulatedDisk::new(start.clone(), self.sector_bytes),
                &mut self.buffer.clone(),
                &mut RememberedSignatures::default(),
            )
            .is_ok();
        let mut log = if exists {
            Log::open(disk, buffer, &config, stamp, &entropy).map_err(failed)?.0
        } else {
            Log::create(disk, buffer, &config, stamp, &entropy).map_err(failed)?
        };
        let mut promises = vec![Promise { steps: 0, acknowledged: 0, shown: 0, created: exists }];
        let mut shown = Vec::new();
        let mut promise = |log: &Log<SimulatedDisk, Vec<u8>>| {
            let steps = log.disk_ref().steps().len();
            let (acknowledged, signed) = (log.durable(), log.signed());
            promises.push(Promise { steps, acknowledged, shown: signed, created: true });
            shown.push(signed);
        };
        promise(&log);
        let mut clock = 0;
        for _ in 0..30 + random.below(50) {
            clock += random.below(1000);
            let stamp = Stamp { elapsed: Milliseconds(clock), wall: None };
            match act(&mut log, random, stamp) {
                Ok(refused) => self.tally.refused += u64::from(refused),
                Err(error) => return Err(failed(error)),
            }
            promise(&log);
        }
        log.disk_mut().capacity = None;
        log.flush().map_err(failed)?;
        promise(&log);
        self.tally.key_changes += u64::from(log.state().epoch);
        let mut disk = log.abandon().0;
        let roots = self.roots(&mut disk).map_err(|what| self.violation(number, 0, 0, what))?;
        for size in shown {
            let root = roots.get(size as usize).copied().unwrap_or(Hash::ZERO);
            if *self.shown.entry(size).or_insert(root) != root {
                let what = format!("(3) two checkpoints of {size} entries were shown");
                return Err(self.violation(number, 0, 0, what));
            }
        }
        Ok(Life { start, steps: disk.steps().to_vec(), promises, roots })
    }

    /// The roots of all entries on a disk that must be whole.
    fn roots(&self, disk: &mut SimulatedDisk) -> Result<Vec<Hash>, String> {
        let mut frontier = Frontier::new();
        let mut roots = vec![frontier.root()];
        let verdict = verify_log(disk, &Options::default(), &mut |record| {
            frontier.push(leaf_hash(record.bytes));
            roots.push(frontier.root());
        });
        match verdict {
            Ok(verdict) if verdict.is_good() => {}
            other => return Err(format!("the finished life does not verify: {other:?}")),
        }
        for (size, root) in &self.shown {
            if roots.get(*size as usize) != Some(root) {
                return Err(format!("(3) a checkpoint of {size} entries was shown, and is gone"));
            }
        }
        Ok(roots)
    }

    /// Loses power at every step, with every fate; gives one of the images for the next life to begin with.
    fn explore(
        &mut self,
        life: &Life,
        number: u32,
        points: u64,
        random: &mut Random,
    ) -> Result<Files, Violation> {
        let mut durable = life.start.clone();
        let mut pending: Vec<Change> = Vec::new();
        let mut next_start = None;
        let go_on_at = random.below(life.steps.len() as u64 + 1) as usize;
        for done in 0..=life.steps.len() {
            if let Some(step) = done.checked_sub(1).and_then(|last| life.steps.get(last)) {
                self.follow(&mut durable, &mut pending, step);
            }
            let promise = life.promise(done);
            let wanted = self.only.is_none_or(|only| only.life == number && only.step == done);
            let enough = self.tally.points >= points;
            let fates = Fates::new(pending.len(), self.seed ^ (done as u64) << 20);
            for fate in 0..fates.count() {
                let chosen = done == go_on_at && fate == go_on_at % fates.count();
                let this = self.only.is_none_or(|only| only.fate == fate);
                if !(chosen || wanted && this && !enough) {
                    continue;
                }
                let image = fates.image(fate, &durable, &pending, self.sector_bytes);
                if wanted && this && !enough {
                    // What more is tried depends on the point alone, so that it repeats.
                    let place = (done as u64) << 32 | fate as u64;
                    let lot = Random(self.seed ^ place).next_number();
                    self.judge(&image, life, promise, lot, true)
                        .map_err(|what| self.violation(number, done, fate, what))?;
                }
                if chosen && promise.created {
                    next_start = Some(image);
                }
            }
        }
        let Some(start) = next_start else { return Ok(durable) };
        let bound = life.promise(go_on_at).shown;
        self.shown.retain(|size, _| *size <= bound);
        Ok(start)
    }

    /// One step of the life: what is synced is durable, the rest is pending.
    fn follow(&mut self, durable: &mut Files, pending: &mut Vec<Change>, step: &Step) {
        match step {
            Step::Change(change) => {
                self.tally.segments +=
                    u64::from(matches!(change, Change::Create(FileId::Segment(_), _)));
                pending.push(change.clone());
            }
            Step::Sync(FileId::Segment(_)) if self.lying => {}
            Step::Sync(file) => {
                for change in pending.extract_if(.., |change| change.file() == *file) {
                    apply(durable, &change, self.sector_bytes);
                }
            }
            Step::Remove(file) => {
                pending.retain(|change| change.file() != *file);
                durable.remove(file);
            }
        }
    }

    /// Recovers from an image and holds the result against the promises.
    fn judge(
        &mut self,
        image: &Files,
        life: &Life,
        promise: Promise,
        lot: u64,
        outermost: bool,
    ) -> Result<(), String> {
        self.tally.points += 1;
        let mut disk = SimulatedDisk::new(image.clone(), self.sector_bytes).recording();
        let recovered = match recover(&mut disk, &mut self.buffer, &mut self.memo) {
            Ok(recovered) => recovered,
            Err(RecoverError::NotCreated) if !promise.created => return Ok(()),
            Err(error) => return Err(format!("(1) recovery refused: {error}")),
        };
        check_promise(&recovered, life, promise)?;
        self.check_again(&disk, &recovered)?;
        if recovered.torn_bytes > 0 {
            self.tally.torn += 1;
        }
        if outermost && !disk.steps().is_empty() && lot.is_multiple_of(4) {
            self.crash_in_recovery(image, disk.steps(), life, promise, lot)?;
        }
        if lot.is_multiple_of(32) && promise.created {
            self.verify_unrecovered(image, promise)?;
        }
        if lot.is_multiple_of(256) {
            self.go_on(&disk, life, promise)?;
        }
        Ok(())
    }

    /// (6) The verifier takes a loss of power for nothing else.
    fn verify_unrecovered(&mut self, image: &Files, promise: Promise) -> Result<(), String> {
        let mut disk = SimulatedDisk::new(image.clone(), self.sector_bytes);
        let options = Options::default();
        match verify_log_with(&mut disk, &options, &mut self.memo, &mut |_| {}) {
            Ok(verdict) if verdict.is_good() && verdict.signed >= promise.shown => {
                self.tally.verified += 1;
                Ok(())
            }
            other => Err(format!("(6) before recovery: {other:?}")),
        }
    }

    /// (5) Recovering again finds the same and touches nothing.
    fn check_again(&mut self, disk: &SimulatedDisk, first: &Recovered) -> Result<(), String> {
        let mut again = SimulatedDisk::new(disk.files().clone(), self.sector_bytes);
        let second = recover(&mut again, &mut self.buffer, &mut self.memo)
            .map_err(|error| format!("(5) the second recovery refused: {error}"))?;
        let same = second.state == first.state
            && second.offset == first.offset
            && second.segment == first.segment
            && second.torn_bytes == 0
            && again.files() == disk.files();
        if same { Ok(()) } else { Err("(5) the second recovery found something else".to_owned()) }
    }

    /// Loses power again while recovery writes.
    fn crash_in_recovery(
        &mut self,
        image: &Files,
        steps: &[Step],
        life: &Life,
        promise: Promise,
        lot: u64,
    ) -> Result<(), String> {
        let mut random = Random(lot);
        let mut durable = image.clone();
        let mut pending = Vec::new();
        for step in steps {
            self.follow(&mut durable, &mut pending, step);
            let fates = Fates::new(pending.len(), random.next_number());
            let fate = random.below(fates.count() as u64) as usize;
            let lot = random.next_number();
            let image = fates.image(fate, &durable, &pending, self.sector_bytes);
            self.tally.in_recovery += 1;
            self.judge(&image, life, promise, lot, false)
                .map_err(|what| format!("power lost in recovery, then: {what}"))?;
        }
        Ok(())
    }

    /// The log goes on from the image, and all of it verifies, with every checkpoint shown before.
    fn go_on(&mut self, disk: &SimulatedDisk, life: &Life, promise: Promise) -> Result<(), String> {
        self.tally.continued += 1;
        let config = self.config(4);
        let disk = SimulatedDisk::new(disk.files().clone(), self.sector_bytes);
        let buffer = vec![0; self.buffer.len()];
        let stamp = Stamp::default();
        let (mut log, _) = Log::open_with(disk, buffer, &config, stamp, &[1; 32], &mut self.memo)
            .map_err(|error| format!("opening failed: {error}"))?;
        for _ in 0..3 {
            log.append(Kind(99), 1, stamp, Body::Plain(b"after")).map_err(|e| e.to_string())?;
        }
        log.flush().map_err(|error| error.to_string())?;
        let mut disk = log.close(stamp).map_err(|error| error.to_string())?;
        let mut tree = Tree::new();
        let verdict = verify_log(&mut disk, &Options::default(), &mut |record| {
            tree.push(leaf_hash(record.bytes));
        });
        let verdict = verdict.map_err(|error| error.to_string())?;
        let head = verdict.head.filter(|_| verdict.is_good());
        let head = head.ok_or_else(|| format!("what went on does not verify: {verdict:?}"))?;
        if promise.shown > 0 {
            let old = life.roots.get(promise.shown as usize).copied().unwrap_or(Hash::ZERO);
            let consistent =
                prove_consistency(&mut &tree, promise.shown, head.size).and_then(|proof| {
                    let hashes = proof.hashes();
                    verify_consistency(promise.shown, head.size, hashes, &old, &head.root)
                });
            consistent.map_err(|error| format!("(3) forked: {error}"))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Explorer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Explorer(seed {}, {:?})", self.seed, self.tally)
    }
}

/// One thing that a device does with its log. Gives whether a record was refused.
fn act(
    log: &mut Log<SimulatedDisk, Vec<u8>>,
    random: &mut Random,
    stamp: Stamp,
) -> Result<bool, LogError> {
    match random.below(40) {
        0..=7 => log.flush().map(|_| false),
        8..=10 => log.sync().map(|_| false),
        11 => match log.rotate() {
            Err(LogError::Full) => Ok(false),
            outcome => outcome.map(|()| false),
        },
        12 => {
            log.record_loss(1 + random.below(5));
            Ok(false)
        }
        13 => {
            let used: u64 = log.disk_ref().files().values().map(|file| file.len() as u64).sum();
            let disk = log.disk_mut();
            disk.capacity = if disk.capacity.is_none() { Some(used) } else { None };
            Ok(false)
        }
        _ => {
            let length = if random.once_in(10) { random.below(2500) } else { random.below(300) };
            let body: Vec<u8> = (0..length).map(|_| random.next_number() as u8).collect();
            match log.append(Kind(20), 1, stamp, Body::Plain(&body)) {
                Err(LogError::Full) => Ok(true),
                outcome => outcome.map(|_| false),
            }
        }
    }
}

impl Life {
    /// What was promised when `done` steps were done.
    fn promise(&self, done: usize) -> Promise {
        let kept = self.promises.iter().rev().find(|promise| promise.steps <= done);
        kept.copied().unwrap_or(Promise { steps: 0, acknowledged: 0, shown: 0, created: false })
    }
}

fn check_promise(recovered: &Recovered, life: &Life, promise: Promise) -> Result<(), String> {
    let size = recovered.state.size();
    let root = recovered.state.frontier.root();
    if size < promise.acknowledged {
        return Err(format!("(1) {} entries acknowledged, {size} there", promise.acknowledged));
    }
    if life.roots.get(size as usize) != Some(&root) {
        return Err(format!("(2) the {size} entries there are not those that were written"));
    }
    if recovered.slot.size < promise.shown {
        let there = recovered.slot.size;
        return Err(format!("(3) a checkpoint of {} was shown, {there} there", promise.shown));
    }
    Ok(())
}
