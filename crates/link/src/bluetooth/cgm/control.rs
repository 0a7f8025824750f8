//! CGM Specific Ops Control Point (0x2AAC).

use crate::bluetooth::packet::{Reader, Writer};
use crate::bluetooth::{Attribute, Fault, Sfloat, codes};

codes! {
    /// A level at which the monitor alerts. The codes are those of setting it; getting it is one more,
    /// the answer two more.
    Level: u8 = "level" {
        /// The patient's own high level, mg/dL.
        PatientHigh = 7,
        /// The patient's own low level, mg/dL.
        PatientLow = 10,
        /// Hypoglycaemia, mg/dL.
        Hypoglycaemia = 13,
        /// Hyperglycaemia, mg/dL.
        Hyperglycaemia = 16,
        /// Falling, mg/dL per minute.
        RateOfDecrease = 19,
        /// Rising, mg/dL per minute.
        RateOfIncrease = 22,
    }

    /// What became of an operation.
    OperationResult: u8 = "result" {
        /// Done.
        Success = 1,
        /// The monitor does not know it.
        NotSupported = 2,
        /// The operand has the wrong form.
        InvalidOperand = 3,
        /// It could not be finished.
        NotCompleted = 4,
        /// The operand is out of range.
        OutOfRange = 5,
    }
}

/// A calibration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calibration {
    /// Glucose in mg/dL.
    pub glucose: Sfloat,
    /// Minutes since the session began.
    pub minutes: u16,
    /// Type of the sample in the lower four bits, its place in the upper.
    pub sample_and_place: u8,
    /// Minutes since the session began at which the next is due.
    pub next_minutes: u16,
    /// Number of the record.
    pub record: u16,
    /// Bits: rejected 1, out of range 2, pending 4.
    pub status: u8,
}

impl Attribute for Calibration {
    fn read(input: &mut Reader<'_>) -> Result<Self, Fault> {
        Ok(Self {
            glucose: input.get()?,
            minutes: input.get()?,
            sample_and_place: input.get()?,
            next_minutes: input.get()?,
            record: input.get()?,
            status: input.get()?,
        })
    }

    fn write(&self, out: &mut Writer) {
        out.add(&self.glucose);
        out.add(&self.minutes);
        out.add(&self.sample_and_place);
        out.add(&self.next_minutes);
        out.add(&self.record);
        out.add(&self.status);
    }
}

/// An operation on the monitor, or its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpecificOperation {
    /// How often it shall notify, in minutes; zero is never, 255 as fast as it can.
    SetInterval(u8),
    /// How often does it?
    GetInterval,
    /// So often.
    Interval(u8),
    /// Calibrate.
    SetCalibration(Calibration),
    /// Which is the calibration of this record? 0xFFFF is the latest.
    GetCalibration(u16),
    /// This one.
    CalibrationIs(Calibration),
    /// Set a level.
    SetLevel(Level, Sfloat),
    /// Which is the level?
    GetLevel(Level),
    /// This one.
    LevelIs(Level, Sfloat),
    /// End the alert of the maker's.
    ResetDeviceAlert,
    /// Begin the session.
    StartSession,
    /// End it.
    StopSession,
    /// What became of the operation with the first number.
    Response(u8, OperationResult),
}

impl Attribute for SpecificOperation {
    fn read(input: &mut Reader<'_>) -> Result<Self, Fault> {
        let code: u8 = input.get()?;
        let level = |offset: u8| {
            let base = code.checked_sub(offset);
            base.and_then(Level::from_code).ok_or(Fault::Code("operation"))
        };
        Ok(match code {
            1 => Self::SetInterval(input.get()?),
            2 => Self::GetInterval,
            3 => Self::Interval(input.get()?),
            4 => Self::SetCalibration(input.get()?),
            5 => Self::GetCalibration(input.get()?),
            6 => Self::CalibrationIs(input.get()?),
            7 | 10 | 13 | 16 | 19 | 22 => Self::SetLevel(level(0)?, input.get()?),
            8 | 11 | 14 | 17 | 20 | 23 => Self::GetLevel(level(1)?),
            9 | 12 | 15 | 18 | 21 | 24 => Self::LevelIs(level(2)?, input.get()?),
            25 => Self::ResetDeviceAlert,
            26 => Self::StartSession,
            27 => Self::StopSession,
            28 => Self::Response(input.get()?, input.get()?),
            _ => return Err(Fault::Code("operation")),
        })
    }

    fn write(&self, out: &mut Writer) {
        match self {
            Self::SetInterval(minutes) => out.put(&[1, *minutes]),
            Self::GetInterval => out.put(&[2]),
            Self::Interval(minutes) => out.put(&[3, *minutes]),
            Self::SetCalibration(calibration) => {
                out.put(&[4]);
                out.add(calibration);
            }
            Self::GetCalibration(record) => {
                out.put(&[5]);
                out.add(record);
            }
            Self::CalibrationIs(calibration) => {
                out.put(&[6]);
                out.add(calibration);
            }
            Self::SetLevel(level, value) => {
                out.put(&[level.code()]);
                out.add(value);
            }
            Self::GetLevel(level) => out.put(&[level.code().saturating_add(1)]),
            Self::LevelIs(level, value) => {
                out.put(&[level.code().saturating_add(2)]);
                out.add(value);
            }
            Self::ResetDeviceAlert => out.put(&[25]),
            Self::StartSession => out.put(&[26]),
            Self::StopSession => out.put(&[27]),
            Self::Response(to, result) => out.put(&[28, *to, result.code()]),
        }
    }
}
