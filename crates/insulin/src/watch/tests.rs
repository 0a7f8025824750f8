#![allow(clippy::float_arithmetic)]
//! The watch, case by case: a small world of one sensor and one pump around it.

mod causes;
mod frames;
mod range;
mod stops;

use super::{Supervised, Watch};
use crate::profile::tests::ADULT;
use crate::profile::{Content, Profile};
use crate::sensing::{GLUCOSE, MG_DL};
use homeostat_record::{
    Account, Action, ActuatorStatus, Announcement, Bytes, Cause, Cycle, Frame, Input, Instant,
    PersonAction, Report, Role, SensorFrame, Steps,
};
use homeostat_supervisor::{Findings, Profile as _};

const START: u64 = 50_000_000;

struct World {
    supervised: Supervised,
    watch: Watch,
    cycle: u64,
    boot: u32,
    ordered: u64,
}

impl World {
    fn of(content: Content) -> Self {
        let supervised = Supervised::new(&content.check().unwrap());
        Self { supervised, watch: supervised.watch_start(), cycle: 0, boot: 1, ordered: 0 }
    }

    fn new() -> Self {
        Self::of(Content::reference_for(&ADULT))
    }

    /// An hour of ordinary readings around `value`.
    fn steady(value: i32) -> Self {
        let mut world = Self::new();
        for wobble in [0, 3, -2, 2, -3, 1, 0, 3, -1, 2, -2, 0] {
            world.mg_dl(value + wobble);
        }
        world
    }

    fn now(&self) -> Instant {
        Instant { boot: self.boot, millis: START + self.cycle * 300_000 }
    }

    fn frame(&self, value: i32) -> SensorFrame {
        SensorFrame {
            quantity: GLUCOSE,
            unit: MG_DL,
            source: 7,
            sequence: u32::try_from(self.cycle).unwrap() + 1,
            taken_millis: 1_000_000 + self.cycle * 300_000,
            value_thousandths: value * 1_000,
            quality: 95,
            noise: 0,
            session_minutes: 600 + u16::try_from(self.cycle * 5).unwrap(),
            ..SensorFrame::default()
        }
    }

    fn input(&self, frames: &[SensorFrame], actions: &[Action]) -> Input {
        let now = self.now();
        let mut input = Input { cycle: Cycle(self.cycle), now, ..Input::default() };
        for frame in frames {
            let bytes = Bytes::copy_of(&frame.encode()).unwrap();
            input.frames.push(Frame { received: now, bytes }).unwrap();
        }
        for action in actions {
            input.people.push(PersonAction { by: Role::User, action: *action }).unwrap();
        }
        input
    }

    fn step(&mut self, input: &Input) -> Findings {
        let account = Account { ordered: self.ordered, ..Account::default() };
        let accounts = [account, Account::default()];
        let (watch, findings) = self.supervised.watch(&self.watch, input, &accounts);
        (self.watch, self.cycle) = (watch, self.cycle + 1);
        findings
    }

    fn mg_dl(&mut self, value: i32) -> Findings {
        let input = self.input(&[self.frame(value)], &[]);
        self.step(&input)
    }

    fn changed(&mut self, change: impl FnOnce(&mut SensorFrame)) -> Findings {
        let mut frame = self.frame(121);
        change(&mut frame);
        let input = self.input(&[frame], &[]);
        self.step(&input)
    }

    fn silent(&mut self) -> Findings {
        let input = self.input(&[], &[]);
        self.step(&input)
    }

    fn act(&mut self, value: i32, action: Action) -> Findings {
        let input = self.input(&[self.frame(value)], &[action]);
        self.step(&input)
    }
}

fn carbohydrate(milligrams: u32) -> Action {
    Action::Announce(Announcement { kind: 1, amount: milligrams })
}

/// Cycles of silence, each with what was found.
fn silence(world: &mut World, cycles: usize) -> std::vec::Vec<Findings> {
    (0..cycles).map(|_| world.silent()).collect()
}

fn series(world: &mut World, values: &[i32]) -> std::vec::Vec<Findings> {
    values.iter().map(|value| world.mg_dl(*value)).collect()
}

/// The position of the first finding with this cause.
fn first(findings: &[Findings], cause: Cause) -> Option<usize> {
    findings.iter().position(|found| found.active.has(cause))
}

fn report(actuator: u32) -> Report {
    Report { actuator, status: ActuatorStatus::Running, ..Report::default() }
}

/// The reference content with a change, checked.
fn changed_content(change: impl FnOnce(&mut Content)) -> Content {
    let mut content = Content::reference_for(&ADULT);
    change(&mut content);
    assert!(Profile::parse(content.encode(&mut [0; 1_024]).unwrap()).is_ok());
    content
}

fn steps(number: u32) -> Steps {
    Steps(number)
}
