//! What can go wrong, as data: overlays with a beginning, an end and parameters.

use homeostat_record::{Cause, CauseSet};

use crate::engine::{ControllerFault, ProfileFault};

/// When a fault holds, in seconds since induction was announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    /// Its first second.
    pub at_second: u32,
    /// How long it holds; `None` to the end of the trial.
    pub seconds: Option<u32>,
}

impl When {
    /// From the announcement of induction to the end.
    pub const ALWAYS: Self = Self { at_second: 0, seconds: None };

    /// The first second after it.
    #[must_use]
    pub fn until(&self) -> u32 {
        self.seconds.map_or(u32::MAX, |seconds| self.at_second.saturating_add(seconds))
    }

    /// Whether it holds in this second.
    #[must_use]
    pub fn holds(&self, second: u32) -> bool {
        self.at_second <= second && second < self.until()
    }
}

/// Kinds of faults.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FaultKind {
    /// The weight in the signed profile is the true one times this, in both entries.
    Weight(f64),
    /// The syringe holds this many times the strength that the profile says.
    Strength(f64),
    /// Nothing is heard of the monitor (F-S01).
    Silent,
    /// Signal quality is no better than this, %.
    Quality(f64),
    /// Muscle activity: the index reads this much higher, the electromyogram shows this power in dB.
    Muscle(f64, f64),
    /// The monitor repeats its last sample with fresh times (F-S02).
    Stuck,
    /// The index reads this much higher or lower, and nothing else shows it.
    Jump(f64),
    /// The index comes with this many times the person's own delay.
    DelayFactor(f64),
    /// The monitor shows this suppression ratio, which is not there, %.
    Suppression(f64),
    /// The value is a tenth of the index while the frame says index (F-S12).
    UnitSlip,
    /// The frame names another unit.
    WrongUnit,
    /// Every message arrives twice.
    DuplicateReadings,
    /// Messages are held back and arrive together at the end (F-S20).
    LateReadings,
    /// The arterial line shows this much less, mmHg.
    LowPressure(f64),
    /// Nothing is heard of the arterial line.
    PressureSilent,
    /// Nothing passes the line; the pump notices by pressure alone (F-A01).
    Occlusion,
    /// The pump is out of reach: no orders arrive and no reports come back (F-A13).
    PumpSilent,
    /// Reports arrive twice, and once more behind the next one (F-A11).
    ReportsTwice,
    /// The pump delivers this share of what it counts (F-A05, F-A06).
    DeliveryError(f64),
    /// The monotonic clock jumps by this many seconds, which may be negative (F-T05, F-T06).
    ClockJump(i32),
    /// The controller fails (F-C01 to F-C09).
    Controller(ControllerFault),
    /// The stored profile is not the one that was installed (F-C11, F-C16, F-U10).
    Profile(ProfileFault),
    /// The record cannot be written (F-P02, F-P03).
    StorageLost,
}

impl FaultKind {
    /// Whether it lies in what was signed or filled in before the start: no time can be given.
    #[must_use]
    pub const fn is_a_setting(&self) -> bool {
        matches!(self, Self::Weight(_) | Self::Strength(_))
    }

    /// Whether it is a fault of the arterial line, which is connected then.
    #[must_use]
    pub const fn is_of_the_line(&self) -> bool {
        matches!(self, Self::LowPressure(_) | Self::PressureSilent)
    }

    /// What it makes the loop call for. Such a call that is still in effect when the fault becomes
    /// detectable is not made twice, and counts.
    #[must_use]
    pub fn calls(&self) -> CauseSet {
        let causes: &[Cause] = match self {
            Self::Silent | Self::LateReadings => &[Cause::InputMissing],
            Self::Quality(_) | Self::Muscle(..) => {
                &[Cause::InputMissing, Cause::QualityReduced, Cause::QualityPoor]
            }
            Self::Stuck | Self::Jump(_) | Self::UnitSlip | Self::WrongUnit => {
                &[Cause::InputImplausible]
            }
            Self::Suppression(_) => &[Cause::PhysiologicStop],
            Self::LowPressure(_) => &[Cause::PhysiologicHold, Cause::PhysiologicStop],
            Self::Occlusion => &[Cause::UnderDelivery],
            Self::PumpSilent => &[Cause::ActuatorSilent],
            Self::ClockJump(_) => &[Cause::ClockDoubtful],
            Self::StorageLost => &[Cause::RecordLost],
            Self::Profile(_) => &[Cause::ProfileInvalid],
            Self::Controller(ControllerFault::NotANumber | ControllerFault::Crashes) => {
                &[Cause::ControllerFailed]
            }
            Self::Controller(ControllerFault::Late) => &[Cause::DeadlineMissed],
            // Never known as such.
            Self::Weight(_)
            | Self::Strength(_)
            | Self::DelayFactor(_)
            | Self::PressureSilent
            | Self::DuplicateReadings
            | Self::ReportsTwice
            | Self::DeliveryError(_)
            | Self::Controller(
                ControllerFault::Maximum
                | ControllerFault::Beyond
                | ControllerFault::Zero
                | ControllerFault::Stuck,
            ) => &[],
        };
        causes.iter().fold(CauseSet::EMPTY, |all, cause| all.with(*cause))
    }
}

/// A fault and when it holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// When.
    pub when: When,
}

/// What only the course of a cell shows, in seconds since induction was announced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Onsets {
    /// The pump first stopped because of pressure.
    pub pump_stopped: Option<u32>,
    /// The arterial line, while it is at fault, first showed a pressure below the profile's low level.
    pub pressure_low: Option<u32>,
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
    /// Whether the criteria on the index bind here. Where a person has to take over because the
    /// controller is gone, the person decides the outcome: it is reported, and what the loop itself must
    /// not do is judged by the checkers.
    pub judged: bool,
    /// Seconds from the first fault's beginning until the loop can know of it by its profile.
    pub detectable_after: u32,
    /// An alarm must be in effect within so many seconds of that moment.
    pub alarm_within: Option<u32>,
}

impl Hazard {
    /// The second at which its first fault begins.
    #[must_use]
    pub fn begins(&self) -> Option<u32> {
        self.faults.iter().map(|fault| fault.when.at_second).min()
    }

    /// The second from which the loop can know. Of an occlusion nothing speaks before the pump has
    /// stopped because of pressure, nor of a pressure that is shown too low before it is low: a cell in
    /// which that never comes (`None`) has no such moment.
    #[must_use]
    pub fn detectable(&self, onsets: &Onsets) -> Option<u32> {
        let has = |is: fn(&FaultKind) -> bool| self.faults.iter().any(|fault| is(&fault.kind));
        if has(|kind| *kind == FaultKind::Occlusion) {
            return onsets.pump_stopped;
        }
        if has(|kind| matches!(kind, FaultKind::LowPressure(_))) {
            return onsets.pressure_low;
        }
        Some(self.begins()?.saturating_add(self.detectable_after))
    }

    /// What its faults make the loop call for.
    #[must_use]
    pub fn calls(&self) -> CauseSet {
        self.faults.iter().fold(CauseSet::EMPTY, |all, fault| all.union(fault.kind.calls()))
    }
}
