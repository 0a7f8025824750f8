//! The pump, without a drive, a socket and a clock: it takes orders, each at most once and not after
//! its lease, keeps limits of its own, and without orders follows its own programme (ACT-04 to ACT-06).
//!
//! What it must not forget over a restart goes to a [`Keeper`] before it counts: an acceptance before
//! it is begun, an amount before it leaves. So no order is carried out twice, whatever is killed when.

mod keeper;
mod orders;
mod settings;
#[cfg(test)]
mod tests;

pub use keeper::{FileKeeper, Halt, Keeper, KeeperError, Remembered, SharedKeeper};
pub use settings::{PumpSettings, Reversion, TICKS_MAX, UnfitPump};

use homeostat_link::{Order, Report, Supplies, Why};
use homeostat_record::{ActuatorStatus, CHANNELS, Instant, OrderId, Span, Steps};
use orders::{Running, share};

/// Millionths of a step in one step: what is measured is finer than what is counted.
pub const MILLIONTHS: u64 = 1_000_000;

/// What is wrong with the pump.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PumpFaults {
    /// The line is blocked and the pump notices: it counts nothing and nothing leaves.
    pub occluded: bool,
    /// The drive counts and does not move: nothing leaves.
    pub stalled: bool,
    /// So much leaves in every tick beyond what is counted, whatever is ordered.
    pub runaway: Steps,
    /// The reservoir is empty, whatever the count says.
    pub empty: bool,
    /// Part of the counted amount that leaves, less one; 0 is exact.
    pub error: f64,
}

/// What a tick brought.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Delivered {
    /// When the tick was due.
    pub at: Instant,
    /// Steps that the drive counted.
    pub counted: [Steps; CHANNELS],
    /// Steps that really left the needle.
    pub real: [f64; CHANNELS],
    /// The order under which they were delivered; `None` for the pump's own programme.
    pub under: Option<OrderId>,
}

/// What changes with orders and ticks.
#[derive(Clone, Debug)]
struct State {
    remembered: Remembered,
    running: Option<Running>,
    /// What is left to hold of the last order: amount for a period, and until when.
    held: Option<([Steps; CHANNELS], Instant)>,
    /// Tick of the own programme's period.
    own_tick: u32,
    /// What the last ticks counted, the newest last: a period of them never exceeds the limit.
    recent: Vec<[Steps; CHANNELS]>,
    /// So many ticks no request is carried out: what was given just before a loss of power is not known.
    settling: u32,
    status: ActuatorStatus,
}

/// A pump.
pub struct Pump {
    settings: PumpSettings,
    ticks: u32,
    keeper: Box<dyn Keeper>,
    state: State,
    /// When the device sent the newest stop, by its clock. A restart may forget it: a new session hears
    /// nothing of an old one.
    stopped: Option<Instant>,
    due: Option<Instant>,
    missed: u64,
    refused: u64,
}

impl Pump {
    /// A pump that was just switched on: another session, with the totals and the last order of the
    /// one before, following its own programme. What was left of an order is not taken up again, since
    /// nobody knows how long the pump was off.
    ///
    /// # Errors
    /// The settings contradict themselves, or the keeper cannot say what was taken before: a pump that
    /// does not know its last order must not take another.
    pub fn new(settings: PumpSettings, mut keeper: Box<dyn Keeper>) -> Result<Self, PumpError> {
        let ticks = settings.check()?;
        let before = keeper.recall()?;
        let settling = if before.is_some() { ticks } else { 0 };
        let mut remembered = before.unwrap_or_default();
        remembered.session = remembered.session.saturating_add(1);
        keeper.keep_durably(&remembered)?;
        let mut recent = vec![[Steps::ZERO; CHANNELS]; ticks as usize];
        // Nobody knows how long it was off: as if the last period's had just been given.
        if let Some(last) = recent.last_mut() {
            *last = remembered.recent;
        }
        let state = State {
            remembered,
            running: None,
            held: None,
            own_tick: 0,
            recent,
            settling,
            status: ActuatorStatus::Reverted,
        };
        Ok(Self { settings, ticks, keeper, state, stopped: None, due: None, missed: 0, refused: 0 })
    }

    /// Takes an order. `sent` is when the device sent it, by the device's clock
    /// ([`Received::sent`](homeostat_link::Received::sent)): what it sent before a stop is over, however
    /// late it arrives. `age_at_most` is an upper bound of its age by the pump's own clock
    /// ([`Received::age_at_most`](homeostat_link::Received::age_at_most)).
    ///
    /// # Errors
    /// [`Why`] it is not taken. Nothing has changed then.
    pub fn take(
        &mut self,
        now: Instant,
        order: &Order,
        sent: Instant,
        age_at_most: Option<Span>,
    ) -> Result<(), Why> {
        let age = age_at_most.filter(|_| self.stopped.is_none_or(|stopped| sent > stopped));
        let taken = self.accept(now, order, age);
        if taken.is_err() {
            self.refused = self.refused.saturating_add(1);
        }
        taken
    }

    fn accept(&mut self, now: Instant, order: &Order, age: Option<Span>) -> Result<(), Why> {
        let before = self.state.running.as_ref();
        let queue = before.map_or([Steps::ZERO; CHANNELS], |running| running.queue);
        let remembered = &self.state.remembered;
        let lease = orders::judge(order, age, remembered, &queue, &self.settings)?;
        let mut next = self.state.clone();
        next.remembered.accepted = order.id;
        next.remembered.halt = Halt::No;
        for (total, steps) in next.remembered.accepted_total.iter_mut().zip(order.steps) {
            *total = total.saturating_add(u64::from(steps.0));
        }
        next.running = Some(Running::new(order, &queue, now.after(lease)));
        next.held = None;
        self.keeper.keep_durably(&next.remembered).map_err(|_| Why::Unable)?;
        self.state = next;
        Ok(())
    }

    /// The device says stop, and said so at `sent` by its clock: nothing is delivered, not even the own
    /// programme, until an order comes that was sent after it, or a person at the pump resumes.
    ///
    /// # Errors
    /// It is stopped, but that cannot be kept: it may not outlast a restart.
    pub fn stop(&mut self, sent: Instant) -> Result<(), KeeperError> {
        self.stopped = Ord::max(self.stopped, Some(sent));
        match self.state.remembered.halt {
            Halt::No => self.halt(Halt::ByDevice),
            Halt::ByDevice | Halt::ByPerson => Ok(()),
        }
    }

    /// A person at the pump says stop: no order is taken until a person at the pump resumes (ACT-10).
    ///
    /// # Errors
    /// It is stopped, but that cannot be kept: it may not outlast a restart.
    pub fn stop_at_pump(&mut self) -> Result<(), KeeperError> {
        self.halt(Halt::ByPerson)
    }

    fn halt(&mut self, halt: Halt) -> Result<(), KeeperError> {
        self.state.remembered.halt = halt;
        self.state.running = None;
        self.state.held = None;
        let kept = self.keeper.keep_durably(&self.state.remembered);
        if kept.is_err() {
            self.state.status = ActuatorStatus::Failed;
        }
        kept
    }

    /// A person at the pump lets it go on with its own programme, whoever stopped it.
    ///
    /// # Errors
    /// It cannot be kept; the pump stays stopped.
    pub fn resume_at_pump(&mut self) -> Result<(), KeeperError> {
        let next = Remembered { halt: Halt::No, ..self.state.remembered };
        self.keeper.keep_durably(&next)?;
        self.state.remembered = next;
        self.state.own_tick = 0;
        Ok(())
    }

    /// A person puts in a full reservoir.
    ///
    /// # Errors
    /// It cannot be kept; the pump counts on with the old one.
    pub fn refill(&mut self) -> Result<(), KeeperError> {
        let now = &self.state.remembered;
        let next = Remembered { filled_at: now.left_needle, ..*now };
        self.keeper.keep_durably(&next)?;
        self.state.remembered = next;
        Ok(())
    }

    /// The tick that is due at `now`, if one is; the first call begins the first. Call it until it gives
    /// nothing. Ticks that were missed by more than a period are not made up for: nothing left then.
    pub fn tick(&mut self, now: Instant, faults: &PumpFaults) -> Option<Delivered> {
        let due = *self.due.get_or_insert(now);
        let behind = now.since(due)?;
        let due = if behind > self.settings.period {
            let missed = behind.as_millis() / self.settings.tick.as_millis();
            self.missed = self.missed.saturating_add(missed);
            now
        } else {
            due
        };
        self.due = Some(due.after(self.settings.tick));
        let mut next = self.state.clone();
        // A lease that has run out by now gives nothing for the ticks that were slept through.
        next.run_out(now, &self.settings, self.ticks);
        let delivered = next.tick(due, faults, &self.settings, self.ticks);
        if self.keeper.keep(&next.remembered).is_ok() {
            self.state = next;
            return Some(delivered);
        }
        // What cannot be kept must not leave.
        self.state.status = ActuatorStatus::Failed;
        Some(Delivered { at: due, ..Delivered::default() })
    }

    /// When the next tick is due; `None` before the first.
    #[must_use]
    pub const fn next_tick(&self) -> Option<Instant> {
        self.due
    }

    /// What it says of each of its manipulated variables.
    pub fn reports(&self) -> impl Iterator<Item = Report> + '_ {
        let State { remembered, status, .. } = &self.state;
        (0..self.settings.channels).map(move |channel| {
            let of = |totals: &[u64; CHANNELS]| totals.get(channel).copied().unwrap_or(0);
            let measured = of(&remembered.left_needle) / MILLIONTHS;
            Report {
                channel: u8::try_from(channel).unwrap_or(u8::MAX),
                actuator: self.settings.identity,
                status: *status,
                accepted: remembered.accepted,
                accepted_total: of(&remembered.accepted_total),
                delivered_total: of(&remembered.delivered_total),
                verified_total: self.settings.measures_flow.then_some(measured),
                session: remembered.session,
            }
        })
    }

    /// What it has left.
    #[must_use]
    pub fn supplies(&self) -> Supplies {
        let mut reservoir = [None; CHANNELS];
        for (channel, slot) in reservoir.iter_mut().enumerate().take(self.settings.channels) {
            *slot = self.state.left_in_reservoir(channel, &self.settings);
        }
        let errors = u32::from(self.state.status == ActuatorStatus::Failed);
        Supplies { battery: None, reservoir, life: None, errors }
    }

    /// What it would remember over a restart, the truth of its totals included.
    #[must_use]
    pub const fn remembered(&self) -> &Remembered {
        &self.state.remembered
    }

    /// What it is doing.
    #[must_use]
    pub const fn status(&self) -> ActuatorStatus {
        self.state.status
    }

    /// How it is set up.
    #[must_use]
    pub const fn settings(&self) -> &PumpSettings {
        &self.settings
    }

    /// How many orders were refused, and how many ticks were missed, since it was switched on.
    #[must_use]
    pub const fn refused_and_missed(&self) -> (u64, u64) {
        (self.refused, self.missed)
    }
}

impl core::fmt::Debug for Pump {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Pump").field("state", &self.state).finish_non_exhaustive()
    }
}

/// Why a pump does not start.
#[derive(Debug, thiserror::Error)]
pub enum PumpError {
    /// Its settings contradict themselves.
    #[error(transparent)]
    Settings(#[from] UnfitPump),
    /// What it must remember.
    #[error(transparent)]
    Keeper(#[from] KeeperError),
}

impl State {
    fn tick(
        &mut self,
        at: Instant,
        faults: &PumpFaults,
        settings: &PumpSettings,
        ticks: u32,
    ) -> Delivered {
        let under = self.running.as_ref().map(|running| running.id);
        let wanted = self.wanted(settings, ticks);
        let (mut counted, mut real) = ([Steps::ZERO; CHANNELS], [0.0; CHANNELS]);
        let mut empty = false;
        for channel in 0..settings.channels {
            let left = self.left_in_reservoir(channel, settings);
            let left = if faults.empty { Some(Steps::ZERO) } else { left };
            let drawn = wanted[channel].or_less(left.unwrap_or(Steps::MAX));
            empty |= left == Some(Steps::ZERO) || drawn < wanted[channel];
            counted[channel] = if faults.occluded { Steps::ZERO } else { drawn };
            let flows = !faults.occluded && left != Some(Steps::ZERO);
            real[channel] = if flows { leaves(counted[channel], faults) } else { 0.0 };
        }
        self.book(&counted, &real);
        let still = real.iter().all(|real| *real == 0.0);
        self.status = match (self.remembered.halt, under) {
            // A stop is confirmed by the measured flow, not by the command (ACT-11).
            (Halt::ByDevice | Halt::ByPerson, _) if !still => ActuatorStatus::Failed,
            _ if faults.occluded => ActuatorStatus::Occluded,
            _ if empty => ActuatorStatus::Empty,
            (Halt::ByDevice | Halt::ByPerson, _) if settings.measures_flow => {
                ActuatorStatus::Stopped
            }
            (Halt::No, None) => ActuatorStatus::Reverted,
            (Halt::No, Some(_)) | (Halt::ByDevice | Halt::ByPerson, _) => ActuatorStatus::Running,
        };
        Delivered { at, counted, real, under }
    }

    /// Ends an order whose lease has run out.
    fn run_out(&mut self, now: Instant, settings: &PumpSettings, ticks: u32) {
        if let Some(running) = self.running.take_if(|running| running.is_over(now)) {
            self.own_tick = 0;
            self.held = running.to_hold(settings, ticks);
        }
        if self
            .held
            .is_some_and(|(_, until)| until.since(now).is_none_or(|left| left == Span::ZERO))
        {
            self.held = None;
        }
    }

    /// What this tick is to give, within the limit of a period.
    fn wanted(&mut self, settings: &PumpSettings, ticks: u32) -> [Steps; CHANNELS] {
        let mut wanted = [Steps::ZERO; CHANNELS];
        if self.remembered.halt != Halt::No {
            return self.count(wanted);
        }
        let room = self.room(settings);
        if let Some(running) = &mut self.running {
            let fastest = match self.settling {
                0 => settings.request_per_tick,
                _ => [Steps::ZERO; CHANNELS],
            };
            wanted = running.portion(&room, &fastest, &settings.order_max, ticks);
        } else {
            let own = match (settings.when_silent, self.held) {
                (Reversion::Background, _) => settings.background,
                (Reversion::Hold { .. }, Some((held, _))) => held,
                (Reversion::Hold { .. }, None) => [Steps::ZERO; CHANNELS],
            };
            for ((slot, whole), room) in wanted.iter_mut().zip(own).zip(room) {
                *slot = share(whole, self.own_tick, ticks).or_less(room);
            }
            self.own_tick = (self.own_tick + 1) % ticks;
        }
        self.count(wanted)
    }

    fn count(&mut self, wanted: [Steps; CHANNELS]) -> [Steps; CHANNELS] {
        self.settling = self.settling.saturating_sub(1);
        self.recent.rotate_left(1);
        if let Some(last) = self.recent.last_mut() {
            *last = wanted;
        }
        self.remembered.recent = [Steps::ZERO; CHANNELS];
        for tick in &self.recent {
            for (sum, steps) in self.remembered.recent.iter_mut().zip(tick) {
                *sum = sum.saturating_add(*steps);
            }
        }
        wanted
    }

    /// What may still be given in the period that ends with this tick.
    fn room(&self, settings: &PumpSettings) -> [Steps; CHANNELS] {
        let mut room = settings.order_max;
        for tick in self.recent.iter().skip(1) {
            for (room, steps) in room.iter_mut().zip(tick) {
                *room = room.saturating_sub(*steps);
            }
        }
        room
    }

    fn book(&mut self, counted: &[Steps; CHANNELS], real: &[f64; CHANNELS]) {
        for (total, steps) in self.remembered.delivered_total.iter_mut().zip(counted) {
            *total = total.saturating_add(u64::from(steps.0));
        }
        for (total, real) in self.remembered.left_needle.iter_mut().zip(real) {
            // The conversion saturates; what is below zero cannot leave.
            let millionths = homeostat_numeric::round(real * MILLIONTHS as f64) as u64;
            *total = total.saturating_add(millionths);
        }
    }

    fn left_in_reservoir(&self, channel: usize, settings: &PumpSettings) -> Option<Steps> {
        let full = (*settings.reservoir.get(channel)?)?;
        let left = self.remembered.left_needle.get(channel)?;
        let gone = left.saturating_sub(*self.remembered.filled_at.get(channel)?) / MILLIONTHS;
        Some(full.saturating_sub(Steps(u32::try_from(gone).unwrap_or(u32::MAX))))
    }
}

fn leaves(counted: Steps, faults: &PumpFaults) -> f64 {
    let driven = if faults.stalled { 0.0 } else { f64::from(counted.0) * (1.0 + faults.error) };
    homeostat_numeric::max(driven, 0.0) + f64::from(faults.runaway.0)
}
