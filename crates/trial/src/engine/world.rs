//! One subject in one arm: the real loop and the real record, with every port simulated.
//!
//! A single thread, a simulated clock, no chance but what the seed of the [`Bedside`] gives. Each
//! control cycle takes in what arrived since the last one, is recorded, and only then is its
//! order released; then the patient lives through the ticks of the cycle.

use homeostat_assembly::Machine;
use homeostat_assembly::signed_profile::ProfileRefusal;
use homeostat_record::{
    CHANNELS, Cause, Cycle, CycleEntry, Decision, FRAMES_MAX, Frame, Input, Instant, List,
    PersonAction, REPORTS_MAX, Report, SensorFrame, Span, Steps, WallClock,
};

use super::actuator::{Actuator, ActuatorSettings, Delivered};
use super::fault::PortFaults;
use super::profile_store::ProfileStore;

/// Frames that wait at most for a cycle; a delayed stream loses its oldest beyond that.
const WAITING_FRAMES: usize = 64;
/// Frames of all sensors at one instant, at most.
pub const SENSED_MAX: usize = 4;

/// What the sensors send at one instant.
pub type Sensed = List<SensorFrame, SENSED_MAX>;

/// A frame on its way, with the device's time at which it was heard; `None` while it is held back.
type Waiting = (Option<Instant>, SensorFrame);

/// What a therapy brings to the world: the patient, the sensor on them, and the people around.
pub trait Bedside {
    /// Faults that hold now. `at` is true time since the world began.
    fn faults(&self, at: Span) -> PortFaults;

    /// What the sensors send at this instant, if they send now. Asked once a tick, in order of time.
    fn sense(&mut self, at: Span) -> Sensed;

    /// What people do before the next cycle, given what the device last showed.
    fn people(
        &mut self,
        at: Span,
        shown: &Decision,
    ) -> List<PersonAction, { homeostat_record::PERSON_ACTIONS_MAX }>;

    /// The actuator's own background, per cycle, as people programmed it.
    fn background(&self, at: Span) -> [Steps; CHANNELS];

    /// One tick of life with what the actuator delivered in it.
    fn live(&mut self, at: Span, delivered: &Delivered);
}

/// How long a world is and how its time runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clockwork {
    /// Length of a control cycle.
    pub period: Span,
    /// Ticks of the patient in a cycle.
    pub ticks: u32,
    /// How many cycles are run.
    pub cycles: u64,
    /// Civil time at the start, milliseconds since the Unix epoch.
    pub wall_start_millis: i64,
}

/// Everything about one cycle that an observer may know, the truth included.
#[derive(Debug)]
pub struct Seen<'w> {
    /// True time since the world began.
    pub at: Span,
    /// Faults at the ports.
    pub faults: &'w PortFaults,
    /// The record of the cycle.
    pub entry: &'w CycleEntry,
    /// Whether the recorded proposal is a lie.
    pub lied: bool,
    /// Deliveries in the ticks that followed it, with the device's clock at each.
    pub delivered: &'w [(Instant, Delivered)],
}

/// Who watches a world: the recorder, the checkers, the trace.
pub trait Watcher<B> {
    /// Why it stops the world.
    type Error;

    /// The cycle was computed; its record must be durable when this returns.
    ///
    /// # Errors
    /// When the record cannot be kept: the order is then not released and the world ends.
    fn record(&mut self, machine: &dyn Machine, entry: &CycleEntry) -> Result<(), Self::Error>;

    /// Something beside the cycles that people should read in the record.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn note(&mut self, words: &str) -> Result<(), Self::Error>;

    /// The ticks of the cycle are lived.
    fn look(&mut self, seen: &Seen<'_>, bedside: &B);
}

/// One world.
#[derive(Debug)]
pub struct World<B> {
    bedside: B,
    clockwork: Clockwork,
    actuator: Actuator,
    profile: ProfileStore,
    refusal: Option<ProfileRefusal>,
    waiting: Vec<Waiting>,
    /// The reports of the last cycle that came through.
    told: List<Report, REPORTS_MAX>,
    shown: Decision,
}

/// The device's clock starts this far from zero, so that instants before the start exist.
const BOOT_MILLIS: u64 = 86_400_000;

impl<B: Bedside> World<B> {
    /// A world before its first cycle. There is none without a profile that was verified.
    pub fn new(
        bedside: B,
        clockwork: Clockwork,
        actuator: ActuatorSettings,
        profile: ProfileStore,
    ) -> Self {
        Self {
            profile,
            refusal: None,
            bedside,
            clockwork,
            actuator: Actuator::new(actuator),
            waiting: Vec::with_capacity(WAITING_FRAMES),
            told: List::new(),
            shown: Decision::default(),
        }
    }

    /// Runs all cycles.
    ///
    /// # Errors
    /// The watcher's, when the record could not be kept.
    pub fn run<W: Watcher<B>>(
        &mut self,
        machine: &mut dyn Machine,
        watcher: &mut W,
    ) -> Result<(), W::Error> {
        for cycle in 0..self.clockwork.cycles {
            self.cycle(cycle, machine, watcher)?;
        }
        Ok(())
    }

    /// Runs one cycle and the ticks that follow it.
    ///
    /// # Errors
    /// The watcher's, when the record could not be kept.
    pub fn cycle<W: Watcher<B>>(
        &mut self,
        cycle: u64,
        machine: &mut dyn Machine,
        watcher: &mut W,
    ) -> Result<(), W::Error> {
        let at = Span::from_millis(self.clockwork.period.as_millis() * cycle);
        let faults = self.bedside.faults(at);
        self.hear(at, &faults);
        let mut input = self.gather(cycle, at, &faults);
        let refusal = self.profile.check(faults.profile).err();
        input.conditions = input.conditions.with_if(Cause::ProfileInvalid, refusal.is_some());
        if refusal != self.refusal {
            let words = refusal.as_ref().map(ToString::to_string);
            watcher
                .note(words.as_deref().unwrap_or("the stored profile is the one in use again"))?;
            self.refusal = refusal;
        }
        let turn = machine.turn(&input, faults.corruption);
        watcher.record(machine, &turn.entry)?;
        self.shown = turn.entry.decision;
        if let Some(admitted) = turn.admitted
            && !faults.actuator_silent
        {
            self.actuator.take(admitted, input.now);
        }
        let mut delivered = [(Instant::default(), Delivered::default()); TICKS_MAX];
        let ticks = self.live(at, &mut delivered);
        let lived = delivered.get(..ticks).unwrap_or(&delivered);
        let (entry, lied) = (&turn.entry, turn.lied);
        let seen = Seen { at, faults: &faults, entry, lied, delivered: lived };
        watcher.look(&seen, &self.bedside);
        Ok(())
    }

    /// The bedside, when everything is lived.
    pub fn into_bedside(self) -> B {
        self.bedside
    }

    /// The bedside, for who looks at the truth.
    pub const fn bedside(&self) -> &B {
        &self.bedside
    }

    fn hear(&mut self, at: Span, faults: &PortFaults) {
        let sensed = self.bedside.sense(at);
        if faults.sensor_silent {
            return;
        }
        let heard = (!faults.sensor_delayed).then(|| device_time(at, faults));
        for frame in &sensed {
            if self.waiting.len() == WAITING_FRAMES {
                self.waiting.remove(0);
            }
            self.waiting.push((heard, *frame));
        }
    }

    fn gather(&mut self, cycle: u64, at: Span, faults: &PortFaults) -> Input {
        let now = device_time(at, faults);
        let mut input = Input {
            cycle: Cycle(cycle),
            now,
            wall: Some(WallClock {
                unix_millis: self
                    .clockwork
                    .wall_start_millis
                    .saturating_add_unsigned(at.as_millis()),
                uncertainty_millis: 500,
            }),
            people: self.bedside.people(at, &self.shown),
            conditions: faults.conditions,
            ..Input::default()
        };
        if !faults.sensor_delayed {
            self.pass_frames(&mut input, now, faults.frames_twice);
        }
        if !faults.actuator_silent {
            let before = core::mem::take(&mut self.told);
            for report in self.actuator.reports(now) {
                // What does not fit is lost, as in a full queue: totals lose nothing by it.
                let _ = input.reports.push(report);
                let _ = self.told.push(report);
            }
            if faults.reports_twice {
                for report in self.told.iter().chain(before.iter()) {
                    let _ = input.reports.push(Report { received: now, ..*report });
                }
            }
        }
        input
    }

    /// Moves waiting frames into the input, in order; what does not fit waits for the next cycle. Repeats
    /// take only the room that is left.
    fn pass_frames(&mut self, input: &mut Input, now: Instant, twice: bool) {
        let mut passed = 0;
        let mut repeats = if twice { FRAMES_MAX.saturating_sub(self.waiting.len()) } else { 0 };
        for (heard, frame) in &self.waiting {
            let Ok(bytes) = homeostat_record::Bytes::copy_of(&frame.encode()) else { break };
            let frame = Frame { received: heard.unwrap_or(now), bytes };
            if input.frames.push(frame).is_err() {
                break;
            }
            if repeats > 0 {
                let _ = input.frames.push(frame);
                repeats -= 1;
            }
            passed += 1;
        }
        self.waiting.drain(..passed);
    }

    fn live(&mut self, at: Span, delivered: &mut [(Instant, Delivered); TICKS_MAX]) -> usize {
        let ticks = self.clockwork.ticks as usize;
        let tick =
            Span::from_millis(self.clockwork.period.as_millis() / u64::from(self.clockwork.ticks));
        let mut at = at;
        for (index, slot) in delivered.iter_mut().enumerate().take(ticks) {
            let faults = self.bedside.faults(at);
            if index > 0 {
                self.hear(at, &faults);
            }
            let now = device_time(at, &faults);
            let background = self.bedside.background(at);
            let given = self.actuator.tick(now, background, faults.blocked, faults.delivery_error);
            self.bedside.live(at, &given);
            *slot = (now, given);
            at = Span::from_millis(at.as_millis() + tick.as_millis());
        }
        ticks.min(TICKS_MAX)
    }
}

/// Ticks in a cycle at most.
pub const TICKS_MAX: usize = 60;

fn device_time(at: Span, faults: &PortFaults) -> Instant {
    let millis = BOOT_MILLIS + at.as_millis();
    Instant { boot: 1, millis: millis.saturating_add_signed(faults.clock_offset_millis) }
}
