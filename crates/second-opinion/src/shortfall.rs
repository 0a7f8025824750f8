//! Whether what is proposed arrives: less than was proposed, and nobody said why, is a
//! difference too. Found once in a window and then forgiven, so that it cannot keep a loop in the
//! very fallback that explains it.

use crate::timeline::Timeline;
use crate::whole::share;
use homeostat_record::{Action, ActuatorStatus, Input, Phase};
use minicbor::{Decode, Encode};

/// How long amounts are summed before they are compared, milliseconds.
const WINDOW: u64 = 10_800_000;
/// Part of what was proposed that may be missing, per mille: bounds of the guard and cycles of
/// the background in its place.
const PART: i64 = 250;
/// And this many steps.
const STEPS: i64 = 10;

/// Proposed against delivered, steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(crate) struct Shortfall {
    /// People chose automatic operation and nothing has ended it since.
    #[n(0)]
    automatic: bool,
    #[n(1)]
    began: u64,
    #[n(2)]
    proposed: i64,
    #[n(3)]
    delivered: i64,
}

impl Shortfall {
    /// Nothing was proposed before `tick`.
    pub(crate) const fn new(tick: u64) -> Self {
        Self { automatic: false, began: tick, proposed: 0, delivered: 0 }
    }

    /// Counts delivered steps and, at the end of a window, tells how many are missing beyond
    /// tolerance; `waiting` steps may still be on their way. A window in which the loop was not
    /// automatic, or its pump not running, tells nothing.
    pub(crate) fn take(
        &mut self,
        line: Timeline,
        input: &Input,
        delivered: i64,
        waiting: i64,
    ) -> i64 {
        let tick = line.tick();
        self.delivered = self.delivered.saturating_add(delivered);
        let mut disturbed = !self.automatic || !input.conditions.is_empty();
        disturbed |= input.reports.iter().any(|report| report.status != ActuatorStatus::Running);
        for person in &input.people {
            match person.action {
                Action::Choose(phase) => self.automatic = phase == Phase::Automatic,
                Action::Stop => self.automatic = false,
                _ => continue,
            }
            disturbed = true;
        }
        if disturbed {
            *self = Self { automatic: self.automatic, ..Self::new(tick) };
        }
        if tick.saturating_sub(self.began) < WINDOW {
            return 0;
        }
        let missing = self.proposed.saturating_sub(self.delivered).saturating_sub(waiting);
        let tolerance = share(self.proposed, PART, 1_000).saturating_add(STEPS);
        let under_way = self.proposed.saturating_sub(self.delivered).clamp(0, waiting.max(0));
        *self = Self { automatic: self.automatic, proposed: under_way, ..Self::new(tick) };
        if missing > tolerance { missing } else { 0 }
    }

    /// Counts proposed steps, as far as the background would have given them too: a guard that
    /// limits a loop gives no less than that.
    pub(crate) fn propose(&mut self, steps: i64, background: i64) {
        self.proposed = self.proposed.saturating_add(steps.min(background));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeostat_record::{Instant, PersonAction, Report, Role};

    /// Four hours of automatic operation with a stop or a blocked pump in one cycle; the
    /// distances that were found.
    fn found(
        (proposed, delivered): (i64, i64),
        stop_at: Option<u64>,
        blocked_at: Option<u64>,
    ) -> std::vec::Vec<i64> {
        let mut line = Timeline::new();
        let mut shortfall = Shortfall::new(line.tick());
        let mut found = std::vec::Vec::new();
        for cycle in 0..48_u64 {
            let now = Instant { boot: 1, millis: cycle * 300_000 };
            line.advance(now, false);
            let mut input = Input { now, ..Input::default() };
            let by = Role::User;
            if cycle == 0 {
                let action = Action::Choose(Phase::Automatic);
                input.people.push(PersonAction { by, action }).unwrap();
            }
            if stop_at == Some(cycle) {
                input.people.push(PersonAction { by, action: Action::Stop }).unwrap();
            }
            let blocked = blocked_at == Some(cycle);
            let status = if blocked { ActuatorStatus::Occluded } else { ActuatorStatus::Running };
            input.reports.push(Report { status, ..Report::default() }).unwrap();
            let missing = shortfall.take(line, &input, delivered, 3 * proposed);
            found.extend((missing > 0).then_some(missing));
            shortfall.propose(proposed, 100);
        }
        found
    }

    #[test]
    fn half_of_what_is_proposed_is_a_difference_once_in_three_hours() {
        assert_eq!(found((10, 10), None, None), []);
        assert_eq!(found((10, 8), None, None), []);
        let halved = found((10, 5), None, None);
        assert_eq!(halved.len(), 1);
        assert!(halved.iter().all(|missing| *missing > 100));
    }

    #[test]
    fn a_stop_or_a_blocked_pump_explains_what_is_missing() {
        assert_eq!(found((10, 0), None, Some(20)), []);
        assert_eq!(found((10, 0), Some(20), None), []);
    }
}
