//! When delivery must stop, and when it may go on (GLY-21, GLY-22, register D.4).

use super::glucose::Look;
use crate::profile::Content;
use homeostat_record::{Action, Cause, CauseSet, Input, Instant};
use minicbor::{Decode, Encode};

/// The announcement that is carbohydrate.
const CARBOHYDRATE: u8 = 1;

/// A stop in force.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Stop {
    /// Since when; a carbohydrate entry begins the time anew.
    #[n(0)]
    since: Instant,
    /// Below the hard low, or predicted to be.
    #[n(1)]
    hard: bool,
    /// Since when no value has come, if none comes.
    #[n(2)]
    silent: Option<Instant>,
}

/// What is remembered of stops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(super) struct Stops {
    #[n(0)]
    stop: Option<Stop>,
    /// A stop ended by its time: no other is begun on a prediction until glucose does not fall.
    #[n(1)]
    spent: bool,
    /// The reading before already predicted a low: one reading may be noise.
    #[n(2)]
    foreseen: bool,
}

impl Stops {
    /// The causes after one cycle.
    pub(super) fn step(&mut self, content: &Content, input: &Input, look: &Look) -> CauseSet {
        let levels = &content.glucose;
        self.stop = self.stop.and_then(|stop| self.goes_on(content, input, look, stop));
        if look.steady {
            self.spent = false;
        }
        let low = look.lowest.is_some_and(|lowest| lowest < milli(levels.hard_low.0));
        let falling = look.predicted.is_some_and(|at| at < milli(levels.predicted_low.0));
        let twice = falling && self.foreseen;
        self.foreseen = falling || (self.foreseen && look.value.is_none());
        if low {
            let since = self.stop.map_or(input.now, |stop| stop.since);
            self.stop = Some(Stop { since, hard: true, silent: None });
        } else if twice && !self.spent && self.stop.is_none() {
            self.stop = Some(Stop { since: input.now, hard: false, silent: None });
        }
        CauseSet::EMPTY
            .with_if(Cause::PhysiologicStop, self.stop.is_some_and(|stop| stop.hard))
            .with_if(Cause::PredictedStop, self.stop.is_some_and(|stop| !stop.hard))
    }

    /// Whether a stop is in force.
    pub(super) const fn holds(&self) -> bool {
        self.stop.is_some()
    }

    /// The stop after this cycle, if it goes on.
    fn goes_on(
        &mut self,
        content: &Content,
        input: &Input,
        look: &Look,
        mut stop: Stop,
    ) -> Option<Stop> {
        let levels = &content.glucose;
        if input.people.iter().any(|person| is_carbohydrate(&person.action)) {
            stop.since = input.now;
        }
        let Some(value) = look.value else {
            return silent(content, input.now, look, stop);
        };
        stop.silent = None;
        let resumes = value >= milli(levels.resume_at.0);
        let safe = look.predicted.is_some_and(|at| at >= milli(levels.resume_at.0));
        // After a hard low glucose must not fall; after a predicted one the prediction must be
        // out of danger by the margin between the two levels.
        if resumes && (look.steady || (!stop.hard && safe)) {
            return None;
        }
        if resumes && minutes(&mut stop.since, input.now) >= u64::from(levels.stop_most.0) {
            self.spent = true;
            return None;
        }
        Some(stop)
    }
}

/// A stop during which no value comes: it lasts on for a while, then the background is safer. A
/// value that was missed now and then is not yet a loss of data.
fn silent(content: &Content, now: Instant, look: &Look, mut stop: Stop) -> Option<Stop> {
    let (levels, times) = (&content.glucose, &content.times);
    if look.lowest.is_some_and(|lowest| lowest < milli(levels.resume_at.0)) {
        // "Low", or a low value that was not believed: no comfort.
        return Some(stop);
    }
    let mut since = stop.silent.unwrap_or(now);
    let silent = minutes(&mut since, now);
    let lost = u64::from(times.input_lost.0.saturating_mul(times.period.0)) / 60;
    let in_all = minutes(&mut stop.since, now) >= u64::from(levels.stop_without_data_total.0);
    stop.silent = Some(since);
    let ends = silent >= u64::from(levels.stop_without_data.0) || (in_all && silent >= lost);
    (!ends).then_some(stop)
}

/// Whole minutes since an instant; across a restart of the device the time begins anew.
fn minutes(since: &mut Instant, now: Instant) -> u64 {
    match now.since(*since) {
        Some(span) => span.as_minutes(),
        None => {
            *since = now;
            0
        }
    }
}

fn is_carbohydrate(action: &Action) -> bool {
    match action {
        Action::Announce(entry) => entry.kind == CARBOHYDRATE && entry.amount > 0,
        _ => false,
    }
}

/// mg/dL in thousandths.
const fn milli(level: u32) -> i64 {
    level as i64 * 1_000
}
