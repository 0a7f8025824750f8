//! The supervisor's process: one thread that owns everything, woken by datagrams, people and time.
//!
//! Readers of sockets and pipes live in threads of their own and hand over what they read through a
//! bounded queue; whatever they do, the next cycle begins when it is due.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

use homeostat_alarm::NotPaused;
use homeostat_link::{Datagram, Entropy};
use homeostat_record::{
    Action, Cause, CauseSet, Cycle, Decision, Input, Instant, PersonAction, Role, Span,
};
use homeostat_supervisor::State;

use crate::alarms::{AlarmsShown, Bell};
use crate::clock::Clock;
use crate::controller::ControllerPort;
use crate::core::{Core, Keeper, Kept, Moment, Storage, Turned};
use crate::links::{LinkShown, Links};
use crate::mailbox::Overflow;
use crate::service::Started;
use crate::sockets::{Unheard, UnheardCounter};

/// What wakes the supervisor.
#[derive(Debug)]
pub enum Happened {
    /// A datagram came; it keeps its seat until it is taken.
    Datagram(SocketAddr, Box<Datagram>, Seat),
    /// A person did something; the answer says what came of it at once.
    Person(PersonAction, SyncSender<Acted>),
    /// A person wants the alarms to be silent for a while; the answer says until when, or why not.
    PauseAudio(Role, SyncSender<Result<Instant, NotPaused>>),
    /// Somebody wants to know how things are.
    Look(SyncSender<Box<Shown>>),
    /// The device shall end in order; the answer is what who takes over must know.
    End(End),
}

/// What a device leaves behind.
#[derive(Clone, Debug)]
pub struct HandedOver {
    /// In words.
    pub words: Vec<String>,
    /// How things are.
    pub shown: Box<Shown>,
}

/// Who wants to know what is handed over, if anybody does.
type End = Option<SyncSender<HandedOver>>;

/// What came of a person's action at once. What the supervisor makes of it stands in the record of the
/// cycle that takes it up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acted {
    /// The next cycle takes it up; if not, too much waits already.
    pub taken: bool,
    /// It was a stop, and the actuator was told.
    pub stopped: bool,
    /// How long until that cycle begins.
    pub after: Span,
}

/// Events that wait at most; a datagram that does not fit is lost, as on the air.
pub const WAITING: usize = 256;

/// One of a bounded number of places: who gives them out counts the clones.
pub type Seat = Arc<()>;

/// How long things may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// A control cycle.
    pub period: Span,
    /// What the controller has to answer in, of the machine's time.
    pub deadline: Duration,
    /// Where a sensor speaks about once a cycle: how long behind its message the cycle begins, so that a
    /// message that comes a little sooner or later is in the same cycle as ever. Its latency bound.
    pub behind: Option<Span>,
}

impl Pace {
    /// A quarter of the period for the controller, at most five seconds; with an accelerated clock at
    /// least what a busy machine takes to wake a process, or time itself would be the fault.
    #[must_use]
    pub fn of(clock: &dyn Clock, period: Span, accelerated: bool, behind: Option<Span>) -> Self {
        let quarter = clock.really(period) / 4;
        let least = if accelerated { Duration::from_millis(250) } else { Duration::ZERO };
        Self { period, deadline: quarter.min(Duration::from_secs(5)).max(least), behind }
    }
}

/// How things are, for who looks.
#[derive(Clone, Debug)]
pub struct Shown {
    /// When.
    pub moment: Option<Moment>,
    /// The last decision.
    pub decision: Decision,
    /// Its cycle.
    pub cycle: Cycle,
    /// The links.
    pub links: Vec<LinkShown>,
    /// What was last wrong with the controller.
    pub controller: Option<String>,
    /// Starts of the controller's process.
    pub starts: u64,
    /// Whether the last record was durable in time.
    pub kept: bool,
    /// How things are with the storage.
    pub storage: Storage,
    /// What was thrown away, because it came too fast or from nobody.
    pub dropped: Dropped,
    /// Cycles that could not begin in time.
    pub missed: u64,
    /// What the supervisor remembers after the last cycle.
    pub supervisor: State<()>,
    /// What has arrived since, for the next cycle.
    pub waiting: Input,
    /// When the next cycle begins.
    pub due: Instant,
    /// The alarm signals.
    pub alarms: AlarmsShown,
}

/// What was thrown away since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Before it was read.
    pub unheard: Unheard,
    /// While it waited for a cycle.
    pub waiting: Overflow,
}

/// Who is told of every cycle: alarms, the bedside page, a test.
pub trait Observer {
    /// The device runs; its first cycle follows.
    fn started(&mut self, _started: &Started) {}

    /// A cycle is over; its order is on its way.
    fn cycle(&mut self, turned: &Turned, shown: &Shown);

    /// What it found out by itself that the next cycle must know.
    fn conditions(&mut self, _now: Instant) -> CauseSet {
        CauseSet::EMPTY
    }

    /// The last cycle is over: the words for who takes over.
    fn ended(&mut self, _shown: &Shown) -> Vec<String> {
        Vec::new()
    }
}

/// The parts that the supervisor owns.
pub struct Runtime<'r> {
    /// The loop.
    pub core: Core,
    /// The links.
    pub links: Links,
    /// The controller's process.
    pub controller: &'r mut dyn ControllerPort,
    /// The black box.
    pub keeper: &'r mut dyn Keeper,
    /// The alarm signals.
    pub bell: Bell<'r>,
    /// Time.
    pub clock: &'r dyn Clock,
    /// How long things may take.
    pub pace: Pace,
    /// Randomness for new sessions.
    pub entropy: &'r mut dyn Entropy,
    /// Sends a datagram; what cannot be sent is lost, as on the air.
    pub send: &'r mut dyn FnMut(SocketAddr, &Datagram),
    /// Datagrams that never came here.
    pub unheard: Arc<UnheardCounter>,
    /// Who is told.
    pub observer: &'r mut dyn Observer,
    /// Conditions of the first cycle: how the device was started, its self-test.
    pub first: CauseSet,
}

/// Where a running supervisor stands between two wakings.
#[derive(Clone, Debug)]
pub struct Standing {
    aligned: bool,
    /// The sensor has corrected when the next cycle is due.
    corrected: bool,
    shown: Shown,
}

impl Runtime<'_> {
    /// A supervisor before its first cycle, which is due at once.
    #[must_use]
    pub fn begin(&mut self) -> Standing {
        let due = self.clock.moment().now;
        let shown = self.shown(None, true, 0, due);
        Standing { aligned: false, corrected: false, shown }
    }

    /// Does what is due now, and says how long nothing will be if nothing happens.
    pub fn advance(&mut self, standing: &mut Standing) -> Span {
        let now = self.clock.moment().now;
        self.links.poll(now, self.entropy, self.send);
        self.bell.advance(now);
        if now >= standing.shown.due {
            let period = self.period();
            let late = now.since(standing.shown.due).map_or(0, |late| late.as_millis() / period);
            let missed = standing.shown.missed.saturating_add(late);
            // TIM-08: a cycle that could not begin in time is known to the one that could.
            let turned = self.cycle(CauseSet::EMPTY.with_if(Cause::DeadlineMissed, late > 0));
            let kept = turned.kept == Kept::Durable;
            self.bell.update(self.clock.moment().now, self.core.machine().supervisor().alarms());
            let periods = period.saturating_mul(late.saturating_add(1));
            standing.shown.due = standing.shown.due.after(Span::from_millis(periods));
            standing.shown =
                self.shown(turned.controller.clone(), kept, missed, standing.shown.due);
            standing.corrected = false;
            self.observer.cycle(&turned, &standing.shown);
        }
        let wake = self
            .links
            .next_wake(now)
            .map_or(standing.shown.due, |wake| wake.min(standing.shown.due));
        let wake = wake.min(self.bell.next_wake());
        wake.since(self.clock.moment().now).unwrap_or(Span::ZERO)
    }

    /// Takes what happened. Gives the end, if that is what it was.
    pub fn take(&mut self, standing: &mut Standing, happened: Happened) -> Option<End> {
        match happened {
            Happened::Datagram(from, datagram, _) => {
                let framed = self.hear(from, &datagram);
                if framed {
                    self.follow(standing);
                }
            }
            Happened::Person(action, answer) => {
                let (taken, stopped) = self.person(action);
                let now = self.clock.moment().now;
                let after = standing.shown.due.since(now).unwrap_or(Span::ZERO);
                let _ = answer.try_send(Acted { taken, stopped, after });
            }
            Happened::PauseAudio(by, answer) => {
                let _ = answer.try_send(self.pause_audio(by));
            }
            Happened::Look(answer) => {
                let moment = self.clock.moment();
                standing.shown.moment = Some(moment);
                standing.shown.links = self.links.shown(moment.now);
                standing.shown.waiting = self.core.mailbox.waiting();
                standing.shown.alarms = self.bell.shown(moment.now);
                standing.shown.dropped = self.dropped();
                let _ = answer.try_send(Box::new(standing.shown.clone()));
            }
            Happened::End(answer) => return Some(answer),
        }
        None
    }

    /// Keeps the cycles a fixed time behind the sensor's messages: the first message sets it, later
    /// ones correct it by a hundredth of a period at most, which is more than clocks drift. One a cycle:
    /// a sensor that speaks often postpones nothing.
    fn follow(&self, standing: &mut Standing) {
        let Some(behind) = self.pace.behind.filter(|_| !standing.corrected) else { return };
        standing.corrected = true;
        let wanted = self.clock.moment().now.after(behind);
        if !standing.aligned {
            standing.aligned = true;
            standing.shown.due = wanted;
            return;
        }
        let most = self.period() / 100;
        let (wanted, due) = (wanted.millis, standing.shown.due.millis);
        // Messages that come at another time than one period after the last are no clock.
        let off = wanted.abs_diff(due);
        if off <= self.period() / 4 {
            let step = off.min(most);
            standing.shown.due.millis =
                if wanted > due { due.saturating_add(step) } else { due.saturating_sub(step) };
        }
    }

    /// Runs until it is told to end. Gives the last decision.
    pub fn run(mut self, events: &Receiver<Happened>) -> Decision {
        let mut standing = self.begin();
        loop {
            let patience = self.clock.really(self.advance(&mut standing));
            let ended = match events.recv_timeout(patience) {
                Ok(happened) => self.take(&mut standing, happened),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => Some(None),
            };
            if let Some(answer) = ended {
                return self.hand_over(&standing.shown, answer);
            }
        }
    }

    /// The last cycle before an orderly end: the pre-agreed therapy for as long as an order lives, and
    /// the record says why (PWR-04).
    fn hand_over(&mut self, before: &Shown, answer: End) -> Decision {
        self.keeper.note("told to end");
        let turned = self.cycle(CauseSet::EMPTY.with(Cause::PowerLow));
        let kept = turned.kept == Kept::Durable;
        self.bell.update(self.clock.moment().now, self.core.machine().supervisor().alarms());
        let shown = self.shown(turned.controller.clone(), kept, before.missed, before.due);
        self.observer.cycle(&turned, &shown);
        let words = self.observer.ended(&shown);
        if let Some(answer) = answer {
            let _ = answer.try_send(HandedOver { words, shown: Box::new(shown) });
        }
        turned.entry.decision
    }

    const fn period(&self) -> u64 {
        let millis = self.pace.period.as_millis();
        if millis == 0 { 1 } else { millis }
    }

    fn hear(&mut self, from: SocketAddr, datagram: &Datagram) -> bool {
        let now = self.clock.moment().now;
        let bytes = datagram.as_slice();
        self.links.receive(now, from, bytes, self.entropy, &mut self.core.mailbox)
    }

    /// A stop does not wait for the next cycle: the actuator hears it now, the record in the cycle that
    /// follows.
    fn person(&mut self, action: PersonAction) -> (bool, bool) {
        let now = self.clock.moment().now;
        let stopped = action.action == Action::Stop && self.links.stop(now, self.send);
        (self.core.mailbox.person(action).is_ok(), stopped)
    }

    /// Whose wish it was stands in the record (ALM-15).
    fn pause_audio(&mut self, by: Role) -> Result<Instant, NotPaused> {
        let now = self.clock.moment().now;
        let until = self.bell.pause(now)?;
        let seconds = until.since(now).unwrap_or(Span::ZERO).as_millis() / 1_000;
        self.keeper.note(&format!("audio paused for {seconds} s by {by:?}"));
        Ok(until)
    }

    fn cycle(&mut self, conditions: CauseSet) -> Turned {
        let moment = self.clock.moment();
        let first = core::mem::replace(&mut self.first, CauseSet::EMPTY);
        let conditions = conditions.union(first).union(self.links.conditions(moment.now));
        let conditions = conditions.union(self.bell.conditions(moment.now));
        let conditions = conditions.union(self.observer.conditions(moment.now));
        let deadline = self.pace.deadline;
        let turned = self.core.cycle(moment, conditions, self.controller, deadline, self.keeper);
        if let Some(order) = &turned.order {
            let now = self.clock.moment().now;
            // An actuator that does not hear it reverts when its lease ends.
            let _ = self.links.order(now, order, self.send);
        }
        turned
    }

    fn dropped(&self) -> Dropped {
        let unheard = self.unheard.counted();
        Dropped { unheard, waiting: self.core.mailbox.overflow() }
    }

    fn shown(
        &mut self,
        controller: Option<String>,
        kept: bool,
        missed: u64,
        due: Instant,
    ) -> Shown {
        let moment = self.clock.moment();
        Shown {
            moment: Some(moment),
            decision: *self.core.shown(),
            cycle: Cycle(self.core.next().0.saturating_sub(1)),
            links: self.links.shown(moment.now),
            controller,
            starts: self.controller.starts(),
            kept,
            storage: self.keeper.storage().clone(),
            dropped: self.dropped(),
            missed,
            supervisor: self.core.machine().supervisor(),
            waiting: Input::default(),
            due,
            alarms: self.bell.shown(moment.now),
        }
    }
}

/// A stop by whoever stands there.
#[must_use]
pub const fn stop() -> PersonAction {
    PersonAction { by: Role::Unknown, action: Action::Stop }
}
