//! The power-on self-test: each item is named, each can fail, a failure blocks treatment (PWR-01).

use std::time::Duration;

use homeostat_assembly::Machine;
use homeostat_blackbox::hash::leaf_hash;
use homeostat_record::{Cause, CauseSet, Cycle, Input};

use crate::clock::Clock;
use crate::controller::{ControllerPort, Heard};
use crate::core::RECORD_LIMIT;

/// One item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What was tested.
    pub name: &'static str,
    /// What is wrong with it; `None` when it passed.
    pub fault: Option<String>,
}

/// The whole test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SelfTest {
    /// Every item, in the order in which it was tested.
    pub items: Vec<Item>,
}

impl SelfTest {
    /// Tests what can be tested before the first cycle. The controller has `deadline` to answer a
    /// question whose answer is known, because the loop itself computes it too.
    #[must_use]
    pub fn run(
        machine: &dyn Machine,
        controller: &mut dyn ControllerPort,
        clock: &dyn Clock,
        deadline: Duration,
    ) -> Self {
        let items = [
            ("arithmetic", arithmetic()),
            ("clock", clocks(clock)),
            ("controller", answers(machine, controller, deadline)),
        ];
        Self { items: items.map(|(name, fault)| Item { name, fault }).into() }
    }

    /// Whether everything passed.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.items.iter().all(|item| item.fault.is_none())
    }

    /// The condition of the first cycle.
    #[must_use]
    pub fn conditions(&self) -> CauseSet {
        CauseSet::EMPTY.with_if(Cause::SelfTestFailed, !self.passed())
    }
}

/// The hash of the empty leaf, as RFC 6962 gives it, and a quotient whose bits are known.
fn arithmetic() -> Option<String> {
    let known = [0x6E, 0x34, 0x0B, 0x9C, 0xFF, 0xB3, 0x7A, 0x98];
    let hash = leaf_hash(&[]).0;
    let third = core::hint::black_box(1.0_f64) / core::hint::black_box(3.0);
    if hash.get(..8) != Some(&known[..]) {
        return Some("the hash of the empty leaf is another".to_owned());
    }
    (third.to_bits() != 0x3FD5_5555_5555_5555)
        .then(|| "the quotient of two known numbers is another".to_owned())
}

fn clocks(clock: &dyn Clock) -> Option<String> {
    let (first, second) = (clock.moment(), clock.moment());
    if second.now.since(first.now).is_none() {
        return Some("the monotonic clock runs backward".to_owned());
    }
    match first.wall {
        // 2024-01-01: before that, nothing of this program was there.
        Some(wall) if wall.unix_millis >= 1_704_067_200_000 => None,
        Some(_) => Some("the civil clock was never set".to_owned()),
        None => Some("there is no civil clock".to_owned()),
    }
}

fn answers(
    machine: &dyn Machine,
    controller: &mut dyn ControllerPort,
    deadline: Duration,
) -> Option<String> {
    let (mut state, mut next) = (vec![0; RECORD_LIMIT], vec![0; RECORD_LIMIT]);
    let input = Input { cycle: Cycle(0), ..Input::default() };
    let Ok(state) = machine.controller_state(&mut state) else {
        return Some("its state cannot be written".to_owned());
    };
    let known = machine.propose(state, &input, &mut next);
    match (controller.ask(state, &input, deadline), known) {
        (Heard::Given { state, proposal }, Ok((known, Some(expected)))) => {
            let same = state == known && proposal == expected;
            (!same).then(|| "it answers a known question otherwise".to_owned())
        }
        (Heard::Late, _) => Some("it does not answer in time".to_owned()),
        (Heard::Failed(why), _) => Some(why),
        (_, _) => Some("the known question has no answer".to_owned()),
    }
}
