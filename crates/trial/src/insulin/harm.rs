//! Did the loop itself push a patient who was truly low?
//!
//! Time in ranges is judged by the scenario's criteria; this checker asks the narrower question of
//! blame: true glucose below the hard low, an honest reading before the controller, and yet more
//! insulin than the background under the controller's own name.

use homeostat_record::{Phase, SensorFrame, Source};

use super::bedside::InsulinBedside;
use crate::checkers::{Tally, Verdict};
use crate::engine::Seen;

/// True glucose below which no controller may add insulin, mg/dL.
const HARD_LOW: f64 = 60.0;
/// A reading this near to the truth is honest, mg/dL.
const HONEST: f64 = 10.0;

/// The watcher for harm.
#[derive(Clone, Debug, Default)]
pub(super) struct Harm {
    tally: Tally,
}

impl Harm {
    /// Looks at one cycle. `truth` is true glucose when the cycle began, mg/dL.
    pub(super) fn look(&mut self, seen: &Seen<'_>, bedside: &InsulinBedside, truth: f64) {
        let Some(order) = seen.entry.decision.order else { return };
        let automatic = order.steps[0].saturating_sub(order.requested[0]);
        let pushes = seen.entry.decision.phase == Phase::Automatic
            && order.source == Source::Controller
            && automatic > bedside.background;
        if truth >= HARD_LOW || !pushes {
            return;
        }
        let read = seen.entry.input.frames.as_slice().last();
        let read = read.and_then(|frame| SensorFrame::decode(frame.bytes.as_slice()).ok());
        let honest = read.is_some_and(|frame| {
            let value = f64::from(frame.value_thousandths) / 1_000.0;
            homeostat_numeric::abs(value - truth) < HONEST
        });
        if honest {
            self.tally.violated(seen.at, || {
                format!("{} steps at a true glucose of {truth:.0} mg/dL", automatic.0)
            });
        }
    }

    /// What was found.
    #[must_use]
    pub(super) fn verdict(self) -> Verdict {
        self.tally.verdict("harm", "SUP-09, GLY-21")
    }
}
