//! Whether the pump is heard: the watch's own count, shorter than the life of an order (D.5).

use super::span::{hold, lasted};
use crate::profile::Content;
use homeostat_record::{Input, Instant};
use minicbor::{Decode, Encode};

/// What is remembered of the pump.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(super) struct Memory {
    /// When it was last heard.
    #[n(0)]
    heard: Option<Instant>,
}

impl Memory {
    /// Follows one cycle; whether a pump that was heard once is silent for too long. One that never was
    /// is the supervisor's to find.
    pub(super) fn is_silent(&mut self, content: &Content, input: &Input) -> bool {
        let pumps = &content.identities.pumps;
        let heard = input
            .reports
            .iter()
            .any(|report| report.channel == 0 && pumps.iter().any(|pump| *pump == report.actuator));
        if heard {
            self.heard = Some(input.now);
        } else if self.heard.is_some() {
            // Across a restart of the device the silence is counted anew.
            hold(&mut self.heard, true, input.now);
        }
        !heard && lasted(self.heard, input.now, content.times.pump_silent.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::tests::ADULT;
    use homeostat_record::Report;

    fn after(memory: &mut Memory, seconds: u64, pump: Option<u32>) -> bool {
        let content = Content::reference_for(&ADULT);
        let now = Instant { boot: 1, millis: seconds * 1_000 };
        let mut input = Input { now, ..Input::default() };
        if let Some(actuator) = pump {
            input.reports.push(Report { received: now, actuator, ..Report::default() }).unwrap();
        }
        memory.is_silent(&content, &input)
    }

    #[test]
    fn f_a13_a_pump_that_was_heard_is_silent_after_five_seconds() {
        let mut memory = Memory::default();
        assert!(!after(&mut memory, 0, None), "never heard: the supervisor's to find");
        assert!(!after(&mut memory, 5, Some(ADULT.pump)));
        assert!(!after(&mut memory, 9, None));
        assert!(after(&mut memory, 10, None));
        assert!(after(&mut memory, 15, Some(ADULT.pump + 1)), "another pump is not this one");
        assert!(!after(&mut memory, 20, Some(ADULT.pump)));
    }
}
