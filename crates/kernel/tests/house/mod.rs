//! A heated room around the real loop: the toy therapy that teaches the platform. The patient is a
//! room, the drug is heat; whoever wants to write a therapy can begin by reading this file and the
//! thermostat's profile beside the supervisor's tests.
#![allow(dead_code, unreachable_pub)]

#[path = "../../../supervisor/tests/therapies/thermostat.rs"]
pub(crate) mod thermostat;

use homeostat_kernel::{Controller, Loop, LoopState, Outcome};
use homeostat_record::{
    Action, ActuatorStatus, Bytes, CauseSet, Cycle, Frame, Input, Instant, Objection, Opinion,
    OrderId, PersonAction, Phase, Proposal, Quantity, Rationale, Report, Role, SecondOpinion,
    SensorFrame, Steps, Unit,
};
use minicbor::{Decode, Encode};
use thermostat::Thermostat;

/// Cycles are ten seconds apart.
pub(crate) const PERIOD_MILLIS: u64 = 10_000;

/// A proportional controller with a slow memory of the error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Proportional {
    /// The temperature aimed at, thousandths of a degree.
    pub(crate) set_point: i32,
}

/// What it remembers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Remembered {
    /// The last temperature, thousandths of a degree.
    #[n(0)]
    pub(crate) temperature: Option<i32>,
    /// Sum of errors, held within bounds (CTL-05).
    #[n(1)]
    pub(crate) sum: i32,
}

impl Controller for Proportional {
    type State = Remembered;

    fn start(&self) -> Remembered {
        Remembered::default()
    }

    fn propose(&self, state: &Remembered, input: &Input) -> (Remembered, Proposal) {
        let mut next = *state;
        for frame in &input.frames {
            if let Ok(frame) = SensorFrame::decode(frame.bytes.as_slice()) {
                next.temperature = Some(frame.value_thousandths);
            }
        }
        let Some(temperature) = next.temperature else {
            return (next, Proposal::default());
        };
        let error = self.set_point.saturating_sub(temperature);
        next.sum = next.sum.saturating_add(error / 100).clamp(-2_000, 2_000);
        // Gentle enough to stay within the heater's windows: a controller that the guard has to
        // clamp again and again loses authority.
        let wish = 6 + error / 600 + next.sum / 400;
        let steps = Steps(u32::try_from(wish.clamp(0, 16)).unwrap_or(0));
        let mut rationale = Rationale { reason: 1, ..Rationale::default() };
        for (slot, figure) in rationale.figures.iter_mut().zip([temperature, error, next.sum]) {
            *slot = figure;
        }
        (next, Proposal { steps: [Some(steps), None], rationale })
    }
}

/// A neighbour who objects to heating a warm room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Neighbour;

impl SecondOpinion for Neighbour {
    type State = i32;

    fn start(&self) -> i32 {
        0
    }

    fn weigh(&self, last: &i32, input: &Input, proposal: &Proposal) -> (i32, Opinion) {
        let value = |frame: &Frame| {
            frame.bytes.as_slice().get(20..24).and_then(|bytes| bytes.try_into().ok())
        };
        let last =
            input.frames.iter().rev().find_map(value).map(i32::from_le_bytes).unwrap_or(*last);
        let [heat, _] = proposal.steps;
        let warm = last > 26_000;
        let opinion = match heat {
            Some(Steps(1..)) if warm => {
                Opinion::Object { rule: Objection::TooMuch, at_most: Steps::ZERO }
            }
            Some(_) => Opinion::Concur,
            None => Opinion::Abstain,
        };
        (last, opinion)
    }
}

/// The loop of the house.
pub(crate) type House = Loop<Proportional, Thermostat, Neighbour>;
/// Its state.
pub(crate) type HouseState = LoopState<Remembered, thermostat::Memory, i32>;

/// The house as it is delivered.
pub(crate) fn house() -> House {
    Loop {
        controller: Proportional { set_point: 21_000 },
        profile: Thermostat::default(),
        opinion: Neighbour,
    }
}

/// A room with its heater: the patient.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    /// Thousandths of a degree.
    pub(crate) temperature: i32,
    /// Outside, thousandths of a degree.
    pub(crate) outside: i32,
    delivered: u64,
    last_order: OrderId,
}

impl Room {
    /// A room at this temperature.
    pub(crate) const fn at(temperature: i32) -> Self {
        Self { temperature, outside: 5_000, delivered: 0, last_order: OrderId(0) }
    }

    /// Takes what the loop released and lets one period pass.
    pub(crate) fn take(&mut self, outcome: &Outcome<HouseState>) {
        let heat = outcome.entry.decision.order.map_or(Steps::ZERO, |order| {
            self.last_order = order.id;
            let [heat, _] = order.steps;
            heat
        });
        self.delivered += u64::from(heat.0);
        self.live(heat);
    }

    /// One period with this heat.
    pub(crate) fn live(&mut self, heat: Steps) {
        let loss = (self.temperature - self.outside) / 400;
        let gain = i32::try_from(heat.0).unwrap_or(i32::MAX).saturating_mul(6);
        self.temperature = self.temperature - loss + gain;
    }

    /// What the loop sees in a cycle.
    pub(crate) fn input(&self, cycle: u64) -> Input {
        let now = Instant { boot: 1, millis: cycle * PERIOD_MILLIS };
        let frame = SensorFrame {
            quantity: Quantity(3),
            unit: Unit(4),
            source: 9,
            sequence: u32::try_from(cycle).unwrap_or(u32::MAX),
            taken_millis: now.millis,
            value_thousandths: self.temperature,
            quality: 100,
            ..SensorFrame::default()
        };
        let mut input = Input { cycle: Cycle(cycle), now, ..Input::default() };
        let bytes = Bytes::copy_of(&frame.encode()).unwrap_or_default();
        let _ = input.frames.push(Frame { received: now, bytes });
        let report = Report {
            received: now,
            status: ActuatorStatus::Running,
            accepted: self.last_order,
            accepted_total: self.delivered,
            delivered_total: self.delivered,
            ..Report::default()
        };
        let _ = input.reports.push(report);
        for action in opening(cycle) {
            let _ = input.people.push(PersonAction { by: Role::Authorised, action });
        }
        input
    }
}

/// How a person takes the house into automatic operation: what was given before is reconciled
/// first (MOD-09).
pub(crate) fn opening(cycle: u64) -> impl Iterator<Item = Action> {
    let actions = match cycle {
        1 => [Some(Action::Choose(Phase::SelfTest)), None],
        2 => [Some(Action::Choose(Phase::Standby)), None],
        12 => [Some(Action::Reconcile), Some(Action::Choose(Phase::Automatic))],
        _ => [None, None],
    };
    actions.into_iter().flatten()
}

/// Runs the house and hands every outcome to `look`; `disturb` may change each input first.
pub(crate) fn run(
    cycles: u64,
    mut disturb: impl FnMut(&mut Input),
    mut look: impl FnMut(&HouseState, &Outcome<HouseState>),
) -> Room {
    let house = house();
    let mut room = Room::at(14_000);
    let mut state = house.start();
    for cycle in 1..=cycles {
        let mut input = room.input(cycle);
        disturb(&mut input);
        let outcome = house.cycle(&state, &input);
        look(&state, &outcome);
        room.take(&outcome);
        state = outcome.state;
    }
    room
}

/// Leaves inputs as they are.
pub(crate) fn undisturbed(input: &mut Input) {
    input.conditions = CauseSet::EMPTY;
}
