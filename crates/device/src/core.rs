//! One cycle of the device, whatever its clock, its links and its storage are: gather, ask, dispose,
//! keep, and only then release.

use std::time::Duration;

use homeostat_assembly::{Answer, Machine};
use homeostat_record::{
    Canonical, Cause, CauseSet, Cycle, CycleEntry, Decision, Input, Instant, Order, WallClock,
};

use crate::controller::{ControllerPort, Heard};
use crate::mailbox::Mailbox;
use crate::retention::Room;

/// No record of a cycle and no state is longer.
pub const RECORD_LIMIT: usize = 32_768;

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It survives a loss of power.
    Durable,
    /// It is not durable in time, or lost: the next cycle knows (LOG-04, PWR-06).
    NotYet,
}

/// Who keeps the records.
pub trait Keeper {
    /// Keeps the record of a cycle, with the state after it where a replay shall be able to begin.
    fn keep(&mut self, input: &Input, entry: &[u8], snapshot: Option<&[u8]>) -> Kept;

    /// Keeps words for people, if there is room for them now: words give way to cycles, and without room they
    /// are no lost record.
    fn note(&mut self, words: &str);

    /// How things are with the storage.
    fn storage(&self) -> &Storage {
        const { &Storage { lost: 0, trouble: None, room: Room::UNBOUNDED } }
    }
}

/// How things are with the storage, as far as is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Storage {
    /// Records that were lost since the start.
    pub lost: u64,
    /// What the disk last said against a record.
    pub trouble: Option<String>,
    /// How much room there is.
    pub room: Room,
}

/// When a cycle begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Monotonic time, with the number of the start.
    pub now: Instant,
    /// Civil time, for people and records.
    pub wall: Option<WallClock>,
}

/// What a cycle gave.
#[derive(Debug)]
pub struct Turned {
    /// Its record.
    pub entry: CycleEntry,
    /// The order to release now; its record was given to the keeper first.
    pub order: Option<Order>,
    /// What became of the record.
    pub kept: Kept,
    /// What was wrong with the controller, if anything.
    pub controller: Option<String>,
}

/// The loop as a device runs it.
pub struct Core {
    machine: Box<dyn Machine>,
    /// Arrivals for the next cycle.
    pub mailbox: Mailbox,
    next: Cycle,
    shown: Decision,
    snapshot_every: u64,
    snapshot_due: bool,
    not_kept: bool,
    state: Vec<u8>,
    record: Vec<u8>,
    snapshot: Vec<u8>,
}

impl Core {
    /// A loop that goes on after the cycle `last`, or begins. Every so many cycles a snapshot is kept.
    #[must_use]
    pub fn new(machine: Box<dyn Machine>, last: Option<Cycle>, snapshot_every: u64) -> Self {
        Self {
            machine,
            mailbox: Mailbox::default(),
            next: last.map_or(Cycle(0), |last| Cycle(last.0.saturating_add(1))),
            shown: Decision::default(),
            snapshot_every,
            snapshot_due: false,
            not_kept: false,
            state: vec![0; RECORD_LIMIT],
            record: vec![0; RECORD_LIMIT],
            snapshot: vec![0; RECORD_LIMIT],
        }
    }

    /// The loop itself.
    #[must_use]
    pub fn machine(&self) -> &dyn Machine {
        &*self.machine
    }

    /// What was last decided: what people see.
    #[must_use]
    pub const fn shown(&self) -> &Decision {
        &self.shown
    }

    /// The number of the next cycle.
    #[must_use]
    pub const fn next(&self) -> Cycle {
        self.next
    }

    /// One cycle. `conditions` are what the runtime found out by itself; the controller has until
    /// `deadline`.
    pub fn cycle(
        &mut self,
        moment: Moment,
        conditions: CauseSet,
        controller: &mut dyn ControllerPort,
        deadline: Duration,
        keeper: &mut dyn Keeper,
    ) -> Turned {
        // Said while there still is room for what follows from it (LOG-06).
        let losing = self.not_kept || keeper.storage().room.is_reserve();
        let conditions = conditions.with_if(Cause::RecordLost, losing);
        let Moment { now, wall } = moment;
        let mut input = Input { cycle: self.next, now, wall, conditions, ..Input::default() };
        self.mailbox.empty_into(&mut input);
        self.next = Cycle(self.next.0.saturating_add(1));
        let heard = if conditions.has(Cause::DeadlineMissed) {
            // The cycle itself is late: what the kernel would not ask is not asked.
            Heard::Late
        } else {
            self.ask(&input, controller, deadline)
        };
        let answer = match &heard {
            Heard::Given { state, proposal } => Answer::Given { state, proposal: *proposal },
            Heard::Late => Answer::Late,
            Heard::Failed(_) => Answer::Failed,
        };
        let turn = self.machine.dispose(&input, answer);
        self.shown = turn.entry.decision;
        let kept = self.keep(&turn.entry, keeper);
        let order = turn.admitted.as_ref().map(|admitted| *admitted.order());
        let controller = wrong_with(heard, &turn.entry);
        Turned { entry: turn.entry, order, kept, controller }
    }

    fn ask(
        &mut self,
        input: &Input,
        controller: &mut dyn ControllerPort,
        deadline: Duration,
    ) -> Heard {
        match self.machine.controller_state(&mut self.state) {
            Ok(state) => controller.ask(state, input, deadline),
            Err(error) => Heard::Failed(error.to_string()),
        }
    }

    /// A record that was not kept is followed by a snapshot, so that a replay goes on behind the gap.
    fn keep(&mut self, entry: &CycleEntry, keeper: &mut dyn Keeper) -> Kept {
        let number = entry.input.cycle.0.saturating_add(1);
        self.snapshot_due |=
            self.not_kept || self.snapshot_every > 0 && number.is_multiple_of(self.snapshot_every);
        let snapshot = match self.snapshot_due {
            true => self.machine.snapshot(&mut self.snapshot).ok(),
            false => None,
        };
        let kept = match entry.encode_canonical(&mut self.record) {
            Ok(record) => keeper.keep(&entry.input, record, snapshot),
            Err(_) => Kept::NotYet,
        };
        self.not_kept = kept == Kept::NotYet;
        self.snapshot_due = self.not_kept;
        kept
    }
}

fn wrong_with(heard: Heard, entry: &CycleEntry) -> Option<String> {
    match heard {
        Heard::Late => Some("it did not answer by its deadline".to_owned()),
        Heard::Failed(why) => Some(why),
        Heard::Given { .. } if entry.input.conditions.has(Cause::ControllerFailed) => {
            Some("its next state cannot be read".to_owned())
        }
        Heard::Given { .. } => None,
    }
}
