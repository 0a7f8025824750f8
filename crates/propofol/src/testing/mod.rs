//! A monitor, a pressure line and a pump for tests: one second after the other, five to a cycle.

use crate::profile::scale::WholeSeconds;
use crate::profile::tests::ADULT;
use crate::profile::{Content, Profile};
use homeostat_record::{
    Action, ActuatorStatus, Announcement, Bytes, Cycle, Frame, Input, Instant, PersonAction,
    Quantity, Report, Role, SensorFrame, Span, Unit,
};

/// What a monitor says in one second.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said {
    /// Thousandths.
    pub(crate) index: i32,
    pub(crate) quality: u8,
    pub(crate) muscle: u8,
    pub(crate) suppression: u8,
}

/// A good sample.
pub(crate) const fn said(index: i32) -> Said {
    Said { index, quality: 95, muscle: 30, suppression: 0 }
}

/// The devices around a loop.
#[derive(Clone, Debug)]
pub(crate) struct Rig {
    pub(crate) content: Content,
    /// The device's clock, and the number of the next cycle.
    pub(crate) millis: u64,
    pub(crate) cycle: u64,
    sequence: u32,
    pressures: u32,
    /// Steps that the pump delivered.
    pub(crate) delivered: u64,
}

impl Rig {
    pub(crate) fn new() -> Self {
        Self::with(Content::reference_for(&ADULT))
    }

    pub(crate) fn with(content: Content) -> Self {
        let (millis, cycle) = (1_000_000, 1);
        Self { content, millis, cycle, sequence: 0, pressures: 0, delivered: 0 }
    }

    pub(crate) fn profile(&self) -> Profile {
        self.content.check().expect("a good profile")
    }

    pub(crate) fn period(&self) -> WholeSeconds {
        self.content.times.period
    }

    pub(crate) const fn now(&self) -> Instant {
        Instant { boot: 1, millis: self.millis }
    }

    /// An index frame of the present second.
    pub(crate) fn frame(&mut self, said: Said) -> SensorFrame {
        self.sequence += 1;
        SensorFrame {
            quantity: Quantity(2),
            unit: Unit(3),
            source: 7,
            sequence: self.sequence,
            taken_millis: self.millis - 500_000,
            value_thousandths: said.index,
            quality: said.quality,
            noise: 255,
            session_minutes: 30,
            detail: [said.muscle, said.suppression],
            ..SensorFrame::default()
        }
    }

    /// A pressure frame of the present second.
    pub(crate) fn pressure(&mut self, mmhg: i32) -> SensorFrame {
        self.pressures += 1;
        SensorFrame {
            quantity: Quantity(4),
            unit: Unit(5),
            source: 8,
            sequence: self.pressures,
            taken_millis: self.millis - 300_000,
            value_thousandths: mmhg * 1_000,
            quality: 255,
            noise: 255,
            session_minutes: 30,
            ..SensorFrame::default()
        }
    }

    /// A frame that arrives at this time.
    pub(crate) fn arrived(&self, frame: &SensorFrame) -> Frame {
        Frame { received: self.now(), bytes: Bytes::copy_of(&frame.encode()).expect("fits") }
    }

    /// An empty cycle at the present time.
    pub(crate) fn empty(&mut self) -> Input {
        let input = Input { cycle: Cycle(self.cycle), now: self.now(), ..Input::default() };
        self.cycle += 1;
        input
    }

    /// The next cycle, with one sample a second.
    pub(crate) fn next(&mut self, mut at: impl FnMut(u64) -> Option<Said>) -> Input {
        let mut frames = homeostat_record::List::new();
        for second in 1..=u64::from(self.period().0) {
            self.millis += 1_000;
            // No living person's index stands still.
            let wobble =
                [0, 40, -30, 10, -20, 25, -45][usize::try_from(self.millis / 1_000 % 7).unwrap()];
            if let Some(said) = at(second) {
                let still = said.index == 0 || said.index == 100_000;
                let index = if still { said.index } else { said.index + wobble };
                let frame = self.frame(Said { index, ..said });
                frames.push(self.arrived(&frame)).expect("room");
            }
        }
        Input { frames, ..self.empty() }
    }

    /// The next cycle, all its samples of this index.
    pub(crate) fn steady(&mut self, index: i32) -> Input {
        self.next(|_| Some(said(index)))
    }

    /// The next cycle, without samples.
    pub(crate) fn silent(&mut self) -> Input {
        self.next(|_| None)
    }

    /// The pump's report after it delivered so many more steps.
    pub(crate) fn report(&mut self, steps: u64) -> Report {
        self.delivered += steps;
        Report {
            received: self.now(),
            actuator: 9,
            status: ActuatorStatus::Running,
            accepted_total: self.delivered,
            delivered_total: self.delivered,
            ..Report::default()
        }
    }

    /// Moves the clock on without a cycle.
    pub(crate) fn wait(&mut self, span: Span) {
        self.millis += span.as_millis();
    }
}

/// Adds what a clinician announces.
pub(crate) fn announced(mut input: Input, what: &[(u8, u32)]) -> Input {
    for (kind, amount) in what {
        let action = Action::Announce(Announcement { kind: *kind, amount: *amount });
        input.people.push(PersonAction { by: Role::Clinician, action }).expect("room");
    }
    input
}

/// Preconditions and induction; and the same with maintenance.
pub(crate) const INDUCTION: [(u8, u32); 2] = [(4, 0), (1, 1)];
pub(crate) const MAINTENANCE: [(u8, u32); 2] = [(4, 0), (1, 2)];
pub(crate) const EMERGENCE: [(u8, u32); 1] = [(1, 3)];
