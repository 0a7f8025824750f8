//! The therapies over which the kernel's laws run: a loop, and something that behaves like a
//! patient. The kernel knows none of them.
#![allow(dead_code, unreachable_pub)]

pub(crate) mod insulin;
pub(crate) mod propofol;
pub(crate) mod room;

use homeostat_kernel::{Controller, Loop, LoopState, Outcome};
use homeostat_record::{
    Action, ActuatorStatus, Bytes, CHANNELS, Cycle, CycleEntry, Frame, Input, Instant, OrderId,
    PersonAction, Phase, Report, Role, SecondOpinion, SensorFrame, Steps,
};
use homeostat_supervisor::Profile;

/// What a therapy brings to the laws.
pub(crate) trait Therapy: Clone {
    type Controller: Controller;
    type Profile: Profile;
    type Opinion: SecondOpinion;

    /// The patient before the first cycle.
    fn begin() -> Self;
    /// The loop as it is delivered.
    fn machine() -> Loop<Self::Controller, Self::Profile, Self::Opinion>;
    /// Milliseconds between cycles.
    const PERIOD: u64;
    /// The actuator's identity.
    const ACTUATOR: u32;
    /// Manipulated variables that exist.
    const VARIABLES: usize;
    /// What the sensors say in this cycle.
    fn sense(&self, cycle: u64, taken: u64) -> Vec<SensorFrame>;
    /// One period with what was delivered.
    fn live(&mut self, delivered: [Steps; CHANNELS]);
    /// Something else that happens to the patient.
    fn disturb(&mut self, by: i32);
    /// What people do beyond switching the loop on.
    fn people(cycle: u64) -> Vec<Action>;
}

pub(crate) type State<T> = LoopState<
    <<T as Therapy>::Controller as Controller>::State,
    <<T as Therapy>::Profile as Profile>::Watch,
    <<T as Therapy>::Opinion as SecondOpinion>::State,
>;

/// The cycle in which automatic operation is chosen.
pub(crate) const CHOSEN: u64 = 20;

/// A patient with the actuator that obeys the loop.
#[derive(Clone)]
pub(crate) struct Bed<T> {
    pub(crate) patient: T,
    delivered: [u64; CHANNELS],
    last_order: OrderId,
}

impl<T: Therapy> Bed<T> {
    pub(crate) fn new() -> Self {
        Self { patient: T::begin(), delivered: [0; CHANNELS], last_order: OrderId(0) }
    }

    pub(crate) fn input(&self, cycle: u64) -> Input {
        let now = Instant { boot: 1, millis: 1_000_000 + cycle * T::PERIOD };
        let mut input = Input { cycle: Cycle(cycle), now, ..Input::default() };
        for frame in self.patient.sense(cycle, now.millis) {
            let bytes = Bytes::copy_of(&frame.encode()).unwrap();
            input.frames.push(Frame { received: now, bytes }).unwrap();
        }
        for (channel, delivered) in (0..).zip(self.delivered).take(T::VARIABLES) {
            let report = Report {
                channel,
                actuator: T::ACTUATOR,
                received: now,
                status: ActuatorStatus::Running,
                accepted: self.last_order,
                accepted_total: delivered,
                delivered_total: delivered,
                verified_total: None,
            };
            input.reports.push(report).unwrap();
        }
        let opening = match cycle {
            1 => vec![Action::Choose(Phase::SelfTest)],
            2 => vec![Action::Choose(Phase::Standby)],
            CHOSEN => vec![Action::Reconcile, Action::Choose(Phase::Automatic)],
            _ => vec![],
        };
        let clinician = T::people(cycle).into_iter().map(|action| (Role::Clinician, action));
        let all = opening.into_iter().map(|action| (Role::Authorised, action)).chain(clinician);
        for (by, action) in all {
            input.people.push(PersonAction { by, action }).unwrap();
        }
        input
    }

    /// Takes what the loop released and lets one period pass.
    pub(crate) fn take(&mut self, entry: &CycleEntry) {
        let steps = entry.decision.order.map_or([Steps::ZERO; CHANNELS], |order| {
            self.last_order = order.id;
            order.steps
        });
        for (total, steps) in self.delivered.iter_mut().zip(steps) {
            *total += u64::from(steps.0);
        }
        self.patient.live(steps);
    }
}

/// Runs a loop and hands every outcome to `look`; `disturb` may change each input first.
pub(crate) fn run<T: Therapy>(
    cycles: u64,
    mut disturb: impl FnMut(&mut Input),
    mut look: impl FnMut(&State<T>, &Outcome<State<T>>),
) -> T {
    let machine = T::machine();
    let mut bed = Bed::<T>::new();
    let mut state = machine.start();
    for cycle in 1..=cycles {
        let mut input = bed.input(cycle);
        disturb(&mut input);
        let outcome = machine.cycle(&state, &input);
        look(&state, &outcome);
        bed.take(&outcome.entry);
        state = outcome.state;
    }
    bed.patient
}
