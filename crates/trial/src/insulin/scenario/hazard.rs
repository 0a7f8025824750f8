//! What can go wrong, as data: overlays with a beginning, an end and parameters.

use super::DAY_MINUTES;
use crate::engine::{ControllerFault, ProfileFault};

/// When a fault holds. Days count from the first scored day, 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    /// The first scored day on which it begins.
    pub day: u32,
    /// Minute of that day.
    pub at_minute: u32,
    /// How long it holds; `None` to the end of the trial.
    pub minutes: Option<u32>,
    /// Whether it comes again on each later day.
    pub daily: bool,
}

impl When {
    /// From the first scored minute to the end.
    pub const ALWAYS: Self = Self { day: 1, at_minute: 0, minutes: None, daily: false };

    /// Whether the fault holds in this minute of the run, of which `run_in_minutes` came before
    /// the first scored one.
    #[must_use]
    pub fn holds(&self, minute: u32, run_in_minutes: u32) -> bool {
        self.since(minute, run_in_minutes).is_some()
    }

    /// Every stretch of minutes of the run, up to `end`, in which it holds: first minute, first
    /// minute after it.
    #[must_use]
    pub fn spans(&self, run_in_minutes: u32, end: u32) -> Vec<(u32, u32)> {
        let mut from = run_in_minutes + (self.day.max(1) - 1) * DAY_MINUTES + self.at_minute;
        let mut spans = Vec::new();
        while from < end {
            let until = self.minutes.map_or(end, |minutes| from.saturating_add(minutes).min(end));
            spans.push((from, until));
            if !self.daily {
                break;
            }
            from += DAY_MINUTES;
        }
        spans
    }

    /// Minutes since the present occurrence began, if the fault holds.
    #[must_use]
    pub fn since(&self, minute: u32, run_in_minutes: u32) -> Option<u32> {
        let begin = run_in_minutes
            .checked_add(self.day.saturating_sub(1).checked_mul(DAY_MINUTES)?)?
            .checked_add(self.at_minute)?;
        let mut since = minute.checked_sub(begin)?;
        if self.daily {
            since %= DAY_MINUTES;
        }
        self.minutes.is_none_or(|minutes| since < minutes).then_some(since)
    }
}

/// Wrong entries in the profile: the factor on each true figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SettingsError {
    /// On the basal rate.
    pub basal: f64,
    /// On the carbohydrate ratio.
    pub carb_ratio: f64,
    /// On the correction factor.
    pub correction_factor: f64,
    /// On the total daily dose.
    pub total_daily_dose: f64,
}

/// Kinds of faults.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FaultKind {
    /// Wrong settings in the signed profile, for the whole run.
    Settings(SettingsError),
    /// The announced carbohydrate is the true one times this.
    CarbError(f64),
    /// Announcement and bolus come this many minutes after the meal.
    BolusLate(u32),
    /// Meals are neither announced nor covered by a bolus.
    BolusMissed,
    /// A caregiver announces each meal a second time, five minutes later.
    AnnouncedTwice,
    /// Nothing is heard of the sensor (F-S01).
    Dropout,
    /// The sensor repeats its last value with fresh times (F-S02).
    Frozen,
    /// The sensor reads the true value times this.
    Bias(f64),
    /// The sensor reads up to this many mg/dL too low while it is lain upon (F-S05).
    CompressionLow(f64),
    /// Every message arrives twice.
    DuplicateReadings,
    /// Messages arrive this many minutes late, all at once (F-S20).
    LateReadings(u32),
    /// The sensor's values are in mmol/L while its frames say mg/dL (F-S12).
    UnitSlip,
    /// Nothing passes the cannula (F-A01).
    Occlusion,
    /// The pump is out of reach: no orders arrive and no reports come back (F-A13).
    PumpSilent,
    /// Reports arrive twice, and once more behind the next one (F-A11).
    ReportsTwice,
    /// The pump delivers this share of what it counts (F-A05, F-A06).
    DeliveryError(f64),
    /// The monotonic clock jumps by this many minutes, which may be negative (F-T05, F-T06).
    ClockJump(i32),
    /// The controller fails (F-C01 to F-C09).
    Controller(ControllerFault),
    /// The stored profile is not the one that was installed (F-C11, F-C16, F-U10). From the first
    /// minute of the run on: nothing is started.
    Profile(ProfileFault),
    /// The record cannot be written (F-P02, F-P03).
    StorageLost,
}

/// A fault and when it holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// When.
    pub when: When,
}

/// A named set of faults under which every arm runs once.
#[derive(Clone, Debug, PartialEq)]
pub struct Hazard {
    /// Its name: letters, digits and hyphens, since it names folders.
    pub name: String,
    /// What goes wrong, in words for the report.
    pub words: String,
    /// The faults.
    pub faults: Vec<Fault>,
    /// Whether the criteria on glucose bind here. Where a person has to take over because the
    /// controller is gone, the person's boluses decide the outcome: it is reported, and what the
    /// loop itself must not do is judged by the checkers.
    pub judged: bool,
}
