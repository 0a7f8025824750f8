//! The watch's own view of glucose: fresh or not, plausible or not, where it goes.

use super::frame::{self, Level, Message};
use super::trail::{Mark, Trail};
use crate::profile::Content;
use homeostat_record::{Action, Cause, CauseSet, Input, Instant};
use minicbor::{Decode, Encode};

/// What one cycle's frames say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) causes: CauseSet,
    /// A fresh and plausible number arrived: thousandths of mg/dL.
    pub(super) value: Option<i64>,
    /// The lowest number or "Low" that any frame of this cycle said, plausible or not.
    pub(super) lowest: Option<i64>,
    /// The sensor says "High".
    pub(super) high: bool,
    /// Linear extrapolation to the horizon, where a trend may be computed.
    pub(super) predicted: Option<i64>,
    /// The values have hardly moved for the flat window.
    pub(super) flat: bool,
    /// Not falling, where a trend may be computed.
    pub(super) steady: bool,
}

/// The sensor's session as the watch follows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
struct Contact {
    #[n(0)]
    source: u32,
    #[n(1)]
    sequence: u32,
    #[n(2)]
    taken: u64,
    #[n(3)]
    session_minutes: u32,
    /// The boot for which `least` holds.
    #[n(4)]
    boot: u32,
    /// Least difference of the device's clock and the sensor's, milliseconds.
    #[n(5)]
    least: i64,
}

/// What the watch remembers of glucose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub(super) struct Glucose {
    #[n(0)]
    contact: Option<Contact>,
    #[n(1)]
    trail: Trail,
    /// 0 good, 1 reduced, 2 poor.
    #[n(2)]
    grade: u8,
    /// When the last plausible number arrived.
    #[n(3)]
    heard: Option<Instant>,
    /// A reference measurement disagreed, and none since agreed.
    #[n(4)]
    disputed: bool,
}

/// Milliseconds by which the least difference may grow in one second: 200 ppm, in thousandths.
const CREEP_PER_SECOND_THOUSANDTHS: i64 = 200;

impl Glucose {
    /// Looks at the frames and reference measurements of one cycle.
    pub(super) fn look(&mut self, content: &Content, input: &Input) -> Look {
        let mut look = Look::default();
        for frame in &input.frames {
            let Some(message) = frame::read(frame.bytes.as_slice()) else { continue };
            self.hear(content, &message, frame.received, input.now, &mut look);
        }
        self.compare(content, input, &mut look);
        self.judge(content, &mut look);
        look
    }

    /// One message: whose, when, and whether it may be used at all.
    fn hear(
        &mut self,
        content: &Content,
        message: &Message,
        received: Instant,
        now: Instant,
        look: &mut Look,
    ) {
        if !content.identities.sensors.iter().any(|sensor| *sensor == message.source) {
            look.causes = look.causes.with(Cause::IdentityMismatch);
            return;
        }
        // What is handed in later says nothing of how the sensor is now.
        if message.stored {
            return;
        }
        let minutes = message.session_minutes;
        let worn = minutes > content.sensing.life.0;
        let young = minutes < content.sensing.warm_up.0;
        let before = self.contact.filter(|contact| contact.source == message.source);
        let restarted = before.is_some_and(|before| minutes < before.session_minutes);
        if message.not_ready || worn || young || restarted {
            look.causes = look.causes.with(Cause::SensorNotReady);
            return;
        }
        let old = before.is_some_and(|before| {
            message.sequence <= before.sequence || message.taken <= before.taken
        });
        if old {
            return;
        }
        if before.is_none() {
            self.trail = Trail::default();
            self.disputed = false;
        }
        let Some(contact) = follow(before, message, received) else {
            return;
        };
        let ahead = contact.ahead(before, message, received);
        if ahead > i64::from(content.sensing.age_most.0).saturating_mul(1_000) {
            look.causes = look.causes.with(Cause::ClockDoubtful);
            return;
        }
        self.contact = Some(contact);
        if contact.age(now) > i64::from(content.sensing.age_most.0).saturating_mul(1_000) {
            return;
        }
        self.grade = self.graded(content, message);
        self.weigh(content, message, now, look);
    }

    /// The value of a message that is fresh and from the right sensor.
    fn weigh(&mut self, content: &Content, message: &Message, now: Instant, look: &mut Look) {
        let low = i64::from(content.sensing.range_low.0).saturating_mul(1_000);
        let high = i64::from(content.sensing.range_high.0).saturating_mul(1_000);
        look.high = false;
        let number = match message.level {
            Level::Milli(number) if (low..=high).contains(&number) => number,
            Level::Low => return look.say_low(low),
            // The end of the range stands for "High": less than the truth.
            Level::High => {
                look.high = true;
                high
            }
            // Ten and less, and exactly 38, are failures of the sensor.
            Level::Milli(number) if number <= 10_000 || number == 38_000 => {
                look.causes = look.causes.with(Cause::InputImplausible);
                return;
            }
            Level::Milli(number) if number < low => return look.say_low(number),
            Level::Milli(_) => {
                look.causes = look.causes.with(Cause::InputImplausible);
                return;
            }
        };
        look.say_low(number);
        let mark = Mark { taken: message.taken, value: number };
        if self.trail.take(&content.sensing, mark) {
            look.value = Some(number);
            self.heard = Some(now);
        } else {
            look.causes = look.causes.with(Cause::InputImplausible);
        }
    }

    /// Worse at once; better by one grade, and with a margin.
    fn graded(&self, content: &Content, message: &Message) -> u8 {
        let bounds = &content.sensing;
        let noisy = message.noise.is_some_and(|noise| noise >= bounds.noise_heavy.0);
        let grade = |margin: u32| {
            let below = |bound: u32| {
                message.quality.is_some_and(|quality| quality < bound.saturating_add(margin))
            };
            if noisy || below(bounds.quality_poor.0) {
                2
            } else if message.calibration || below(bounds.quality_reduced.0) {
                1
            } else {
                0
            }
        };
        let strict: u8 = grade(0);
        if strict >= self.grade {
            return strict;
        }
        grade(bounds.quality_margin.0).max(self.grade.saturating_sub(1)).min(self.grade)
    }

    /// A reference measurement against the sensor's last number.
    fn compare(&mut self, content: &Content, input: &Input, look: &mut Look) {
        let permitted = i64::from(content.sensing.reference_differs.0);
        for person in &input.people {
            let Action::Reference(reference) = person.action else { continue };
            let reference = i64::from(reference);
            if reference <= 0 {
                continue;
            }
            look.say_low(reference);
            let recent = self.heard.and_then(|heard| input.now.since(heard)).is_some_and(|age| {
                age.as_millis() <= u64::from(content.sensing.age_most.0).saturating_mul(1_000)
            });
            let Some(sensor) = self.trail.last().filter(|_| recent) else { continue };
            let apart = sensor.value.saturating_sub(reference).saturating_abs();
            self.disputed = apart.saturating_mul(1_000) >= permitted.saturating_mul(reference);
        }
    }

    /// What all that is known says.
    fn judge(&mut self, content: &Content, look: &mut Look) {
        let trail = &self.trail;
        let bounds = &content.sensing;
        let fresh = look.value.is_some();
        let noisy = fresh && trail.is_noisy(bounds);
        look.flat = fresh && trail.is_flat(bounds);
        if fresh && trail.has_trend(bounds) {
            let horizon = i64::from(content.glucose.prediction_horizon.0).saturating_mul(60_000);
            look.predicted = trail.extrapolated(horizon);
            look.steady = look.predicted.is_some_and(|predicted| Some(predicted) >= look.value);
        }
        look.causes = look
            .causes
            .with_if(Cause::InputMissing, !fresh)
            .with_if(Cause::InputImplausible, fresh && trail.is_stuck(bounds))
            .with_if(Cause::ArtefactSuspected, trail.is_disturbed())
            .with_if(Cause::QualityReduced, self.grade == 1)
            .with_if(Cause::QualityPoor, self.grade >= 2 || noisy)
            .with_if(Cause::ReferenceDisagrees, self.disputed);
    }
}

impl Look {
    /// Whether glucose is below the level at which delivery may resume, or is about to be: the
    /// basic therapy then gives nothing either, as a pump with low-glucose suspension does.
    pub(super) fn sinks(&self, content: &Content) -> bool {
        let least = i64::from(content.glucose.resume_at.0).saturating_mul(1_000);
        self.value.is_some_and(|value| value < least || self.predicted.is_some_and(|at| at < least))
    }

    fn say_low(&mut self, value: i64) {
        self.lowest = Some(self.lowest.map_or(value, |lowest| lowest.min(value)));
    }
}

/// Device's clock minus sensor's clock, milliseconds.
fn difference(received: Instant, taken: u64) -> Option<i64> {
    i64::try_from(received.millis).ok()?.checked_sub(i64::try_from(taken).ok()?)
}

/// The contact after this message.
fn follow(before: Option<Contact>, message: &Message, received: Instant) -> Option<Contact> {
    let now = difference(received, message.taken)?;
    let least = match before.filter(|before| before.boot == received.boot) {
        None => now,
        Some(before) => {
            let passed = message.taken.saturating_sub(before.taken) / 1_000;
            let passed = i64::try_from(passed).unwrap_or(i64::MAX);
            let creep = passed.saturating_mul(CREEP_PER_SECOND_THOUSANDTHS) / 1_000;
            now.min(before.least.saturating_add(creep))
        }
    };
    Some(Contact {
        source: message.source,
        sequence: message.sequence,
        taken: message.taken,
        session_minutes: message.session_minutes,
        boot: received.boot,
        least,
    })
}

impl Contact {
    /// Milliseconds since the sensor took the reading.
    fn age(&self, now: Instant) -> i64 {
        if now.boot != self.boot {
            return i64::MAX;
        }
        let taken = i64::try_from(self.taken).unwrap_or(i64::MAX).saturating_add(self.least);
        i64::try_from(now.millis).unwrap_or(i64::MAX).saturating_sub(taken)
    }

    /// By how much the sensor's clock gained on the device's since the message before.
    fn ahead(&self, before: Option<Contact>, message: &Message, received: Instant) -> i64 {
        let before = before.filter(|before| before.boot == received.boot);
        let now = difference(received, message.taken);
        match (before, now) {
            (Some(before), Some(now)) => before.least.saturating_sub(now),
            _ => 0,
        }
    }
}
