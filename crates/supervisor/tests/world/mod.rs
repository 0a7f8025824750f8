//! A room, a heater that obeys, and a person: enough of a world to run the supervisor.
#![allow(dead_code, unreachable_pub)]

#[path = "../therapies/thermostat.rs"]
mod thermostat;

use homeostat_record::*;
use homeostat_supervisor::{Admitted, Outcome, State, step};
pub use thermostat::{Memory, Thermostat};

/// The world, and what is to happen in its next cycle.
pub struct World {
    pub profile: Thermostat,
    pub state: State<Memory>,
    pub input: Input,
    pub temperature: i32,
    pub sensor_works: bool,
    pub heater_works: bool,
    pub sequence: u32,
    pub report: Report,
    pub proposal: Option<Proposal>,
    pub opinion: Opinion,
}

pub fn amount(steps: u32) -> Proposal {
    Proposal { steps: [Some(Steps(steps)), None], ..Proposal::default() }
}

impl World {
    pub fn new() -> Self {
        let profile = Thermostat::default();
        Self {
            state: State::start(&profile),
            profile,
            input: Input::default(),
            temperature: 19_000,
            sensor_works: true,
            heater_works: true,
            sequence: 0,
            report: Report { actuator: 7, ..Report::default() },
            proposal: Some(amount(4)),
            opinion: Opinion::Concur,
        }
    }

    /// A world in which automatic operation has begun.
    pub fn automatic() -> Self {
        let mut world = Self::new();
        world.act(&[(Role::User, Action::Choose(Phase::SelfTest))]);
        world.run(5);
        let begun = world.act(&[
            (Role::User, Action::Reconcile),
            (Role::User, Action::Choose(Phase::Automatic)),
        ]);
        assert_eq!((begun.phase, begun.unmet), (Phase::Automatic, None));
        world
    }

    pub fn cycle(&mut self) -> Decision {
        self.input.cycle.0 += 1;
        self.input.now.millis += 10_000;
        self.input.frames = List::new();
        if self.sensor_works {
            self.sequence += 1;
            let frame = SensorFrame {
                quantity: Quantity(3),
                unit: Unit(4),
                sequence: self.sequence,
                value_thousandths: self.temperature,
                ..SensorFrame::default()
            };
            let bytes = Bytes::copy_of(&frame.encode()).unwrap();
            self.input.frames.push(Frame { received: self.input.now, bytes }).unwrap();
        }
        self.input.reports = List::new();
        if self.heater_works {
            self.report.received = self.input.now;
            self.input.reports.push(self.report).unwrap();
        }
        let Outcome { state, decision, admitted } =
            step(&self.profile, &self.state, &self.input, self.proposal.as_ref(), &self.opinion);
        self.state = state;
        self.heat(admitted);
        self.input.people = List::new();
        self.input.conditions = CauseSet::EMPTY;
        self.opinion = Opinion::Concur;
        decision
    }

    pub fn heat(&mut self, admitted: Option<Admitted>) {
        match admitted {
            Some(order) if self.heater_works => {
                let steps = u64::from(order.steps()[0].0);
                self.report.status = ActuatorStatus::Running;
                self.report.accepted = order.id();
                self.report.accepted_total += steps;
                self.report.delivered_total += steps;
            }
            Some(_) | None => {}
        }
    }

    pub fn act(&mut self, actions: &[(Role, Action)]) -> Decision {
        for (by, action) in actions {
            self.input.people.push(PersonAction { by: *by, action: *action }).unwrap();
        }
        self.cycle()
    }

    pub fn raise(&mut self, cause: Cause) -> Decision {
        self.input.conditions = CauseSet::EMPTY.with(cause);
        self.cycle()
    }

    pub fn run(&mut self, cycles: usize) -> Decision {
        let mut last = self.cycle();
        for _ in 1..cycles {
            last = self.cycle();
        }
        last
    }
}

pub fn heat(decision: &Decision) -> Option<u32> {
    decision.order.map(|order| order.steps[0].0)
}
