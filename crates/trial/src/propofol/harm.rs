//! Did the loop itself hold a person far too deep, or let one lie awake unheard?
//!
//! Time in ranges is judged by the scenario's criteria; this checker asks the narrower questions of
//! blame. Too deep: the monitor, which is right, has said below 30 for a minute, and still the controller
//! gives drug under its own name. Awake: in maintenance the monitor, which is right, has said above 70 for
//! five minutes, and no alarm was raised in that time.

use homeostat_record::{AlarmEventKind, Phase, Source};

use super::bedside::PropofolBedside;
use super::people;
use crate::checkers::{Tally, Verdict};
use crate::engine::Seen;

/// Deep, and for how long the loop has then had time to stop, s.
const DEEP: (f64, u64) = (30.0, 60);
/// Awake, and for how long the loop has then had time to call, s.
const AWAKE: (f64, u64) = (70.0, 300);
/// A monitor this near to the delayed truth is right.
const HONEST: f64 = 12.0;

/// The watcher for harm.
#[derive(Clone, Debug, Default)]
pub(super) struct Harm {
    deep_since: Option<u64>,
    awake_since: Option<u64>,
    tally: Tally,
}

impl Harm {
    /// Looks at one cycle.
    pub(super) fn look(&mut self, seen: &Seen<'_>, bedside: &PropofolBedside) {
        let decision = &seen.entry.decision;
        let second = seen.at.as_millis() / 1_000;
        let truth = bedside.patient.index().0;
        let shown = bedside.monitor.shown();
        let honest = shown.filter(|shown| homeostat_numeric::abs(shown - truth) < HONEST);
        let automatic = decision.phase == Phase::Automatic;
        let since = |holds: bool, before: Option<u64>| holds.then(|| before.unwrap_or(second));
        let lasted = |since: Option<u64>, seconds| since.is_some_and(|at| second - at > seconds);
        self.deep_since = since(honest.is_some_and(|shown| shown < DEEP.0), self.deep_since);
        let gives = decision.order.is_some_and(|order| {
            order.source == Source::Controller && order.steps[0] > order.requested[0]
        });
        if automatic && gives && lasted(self.deep_since, DEEP.1) {
            self.tally.violated(seen.at, || {
                format!("drug at an index of {:.0}, seen for a minute", honest.unwrap_or(0.0))
            });
        }
        let called = decision.alarms.iter().any(|event| event.kind == AlarmEventKind::Raised)
            || !decision.active.is_empty();
        let maintained = people::maintains(&bedside.clinician, seen.at) && automatic;
        let awake = maintained && !called && honest.is_some_and(|shown| shown > AWAKE.0);
        self.awake_since = since(awake, self.awake_since);
        if lasted(self.awake_since, AWAKE.1) {
            self.awake_since = None;
            self.tally.violated(seen.at, || "awake for five minutes without an alarm".to_owned());
        }
    }

    /// What was found.
    pub(super) fn verdict(self) -> Verdict {
        self.tally.verdict("harm", "PRO-07, SUP-09")
    }
}
