//! The signed profile: every clinical number of the loop, as whole numbers with declared ranges.
//!
//! The bytes are canonical CBOR (`docs/book/insulin-profile.md` describes them field by field).
//! Who signs them and how is the shell's business; here they are parsed: a number out of its
//! range, or one that contradicts another, refuses the whole profile by the field's name.

mod format_1;
mod reference;
mod relations;
pub mod scale;
mod sections;
mod tuning;

#[cfg(test)]
pub(crate) mod tests;

use crate::units::{
    GlucoseMgDl, GramsPerUnit, Kilograms, MgDlPerUnit, Minutes, Units, UnitsPerHour, Years,
};
use homeostat_record::{Canonical, DecodeError, EncodeError, List};
use minicbor::{Decode, Encode};
use scale::{MilliUnits, PerMille};

pub use reference::Person as ReferencePerson;
pub(crate) use reference::{GLUCOSE, SENSING};
pub use sections::{
    Control, Delivery, Field, Gates, Glucose, Header, Insulin, Person, Sensing, Times,
};
pub use tuning::{Bound, PredictiveParameters, RulesParameters, TUNING_MAX, Tuning};

/// The format that this release writes, and the only one that starts a loop.
pub const FORMAT: u32 = 2;

/// Largest number of sensors, or of pumps, that a profile accepts.
pub const IDENTITIES_MAX: usize = 4;
/// Bytes that hold any profile.
pub const PROFILE_BYTES_MAX: usize = 1_536;

/// Which devices may be in the loop (GLY-06, GLY-07, GLY-08).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Identities {
    /// Sources of glucose frames.
    #[n(0)]
    pub sensors: List<u32, IDENTITIES_MAX>,
    /// Pumps.
    #[n(1)]
    pub pumps: List<u32, IDENTITIES_MAX>,
}

/// A profile that passed every check: there is no other way to have one than [`Profile::parse`],
/// or [`Profile::parse_recorded`] for what an old black box holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Profile {
    content: Content,
    rules: RulesParameters,
    predictive: PredictiveParameters,
}

/// The profile's content before it is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Content {
    /// What kind of profile this is.
    #[n(0)]
    pub header: Header,
    /// The person treated.
    #[n(1)]
    pub person: Person,
    /// Who may be treated at all.
    #[n(2)]
    pub gates: Gates,
    /// Glucose levels.
    #[n(3)]
    pub glucose: Glucose,
    /// Times of the mode machine and the actuator.
    #[n(4)]
    pub times: Times,
    /// Bounds of delivery.
    #[n(5)]
    pub delivery: Delivery,
    /// The insulin.
    #[n(6)]
    pub insulin: Insulin,
    /// Use of readings.
    #[n(7)]
    pub sensing: Sensing,
    /// Devices accepted.
    #[n(8)]
    pub identities: Identities,
    /// Bounds of the controller.
    #[n(9)]
    pub control: Control,
    /// The controllers' own numbers.
    #[n(10)]
    pub tuning: Tuning,
}

/// Why bytes are not a usable profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileError {
    /// Not the canonical encoding of a profile.
    Encoding(DecodeError),
    /// A value outside its range.
    Range {
        /// The field, with the permitted range.
        field: Field,
        /// What was found.
        found: u32,
    },
    /// Values that contradict each other, or a person outside the gates.
    Relation {
        /// The field that is refused, as `section.field`.
        field: &'static str,
        /// What was found.
        found: u32,
        /// What was expected.
        expected: &'static str,
    },
}

impl core::fmt::Display for ProfileError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Encoding(error) => write!(f, "profile refused: {error}"),
            Self::Range { field, found } => write!(
                f,
                "profile refused: {}.{} is {found} {}, expected {} to {}",
                field.section, field.name, field.unit, field.low, field.high
            ),
            Self::Relation { field, found, expected } => {
                write!(f, "profile refused: {field} is {found}, expected {expected}")
            }
        }
    }
}

impl core::error::Error for ProfileError {}

impl Content {
    /// The canonical bytes, checked or not: [`Profile::parse`] decides.
    ///
    /// # Errors
    /// [`EncodeError`] when `out` is too small ([`PROFILE_BYTES_MAX`] always suffices).
    pub fn encode<'a>(&self, out: &'a mut [u8]) -> Result<&'a [u8], EncodeError> {
        self.encode_canonical(out)
    }

    /// Checks every range, then every relation, and that the format is the present one.
    ///
    /// # Errors
    /// [`ProfileError`] names the first field that is refused.
    pub fn check(self) -> Result<Profile, ProfileError> {
        let profile = self.check_recorded()?;
        relations::present(&profile.content)?;
        Ok(profile)
    }

    /// As [`Content::check`], old formats included.
    fn check_recorded(self) -> Result<Profile, ProfileError> {
        let refused = self
            .header
            .out_of_range()
            .or_else(|| self.person.out_of_range())
            .or_else(|| self.gates.out_of_range())
            .or_else(|| self.glucose.out_of_range())
            .or_else(|| self.times.out_of_range())
            .or_else(|| self.delivery.out_of_range())
            .or_else(|| self.insulin.out_of_range())
            .or_else(|| self.sensing.out_of_range())
            .or_else(|| self.control.out_of_range());
        if let Some((field, found)) = refused {
            return Err(ProfileError::Range { field, found });
        }
        relations::check(&self)?;
        let (rules, predictive) = self.tuning.read()?;
        Ok(Profile { content: self, rules, predictive })
    }

    /// Part of the daily dose, rounded down.
    #[must_use]
    pub fn share_of_daily_dose(&self, share: PerMille) -> MilliUnits {
        let amount = u64::from(self.person.daily_dose.0) * u64::from(share.0) / 1_000;
        MilliUnits(u32::try_from(amount).unwrap_or(u32::MAX))
    }
}

impl Profile {
    /// Reads and checks a profile from which a loop is to be started.
    ///
    /// # Errors
    /// [`ProfileError`]: bytes that are not canonical, a value out of its range, a contradiction, an
    /// old format.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProfileError> {
        Content::decode_canonical(bytes).map_err(ProfileError::Encoding)?.check()
    }

    /// Reads and checks a profile out of a black box, for a replay: it may be of an old format,
    /// which keeps the meaning that it had.
    ///
    /// # Errors
    /// As [`Profile::parse`], but for the format.
    pub fn parse_recorded(bytes: &[u8]) -> Result<Self, ProfileError> {
        Content::decode_canonical(bytes).map_err(ProfileError::Encoding)?.check_recorded()
    }

    /// The numbers of the rule-based controller.
    #[must_use]
    pub const fn rules(&self) -> &RulesParameters {
        &self.rules
    }

    /// The numbers of the predictive controller.
    #[must_use]
    pub const fn predictive(&self) -> &PredictiveParameters {
        &self.predictive
    }

    /// The checked content.
    #[must_use]
    pub const fn content(&self) -> &Content {
        &self.content
    }

    /// The settings that a controller may use.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let Content { person, glucose, times, delivery, insulin, .. } = &self.content;
        Settings {
            weight: Kilograms(f64::from(person.weight.0) / 1_000.0),
            age: Years(f64::from(person.age.0)),
            daily_dose: Units(f64::from(person.daily_dose.0) / 1_000.0),
            basal: UnitsPerHour(f64::from(person.basal.0) / 1_000.0),
            carbohydrate_ratio: GramsPerUnit(f64::from(person.carbohydrate_ratio.0) / 1_000.0),
            correction_factor: MgDlPerUnit(f64::from(person.correction_factor.0) / 1_000.0),
            target: GlucoseMgDl(f64::from(glucose.target.0)),
            suspend_below: GlucoseMgDl(f64::from(glucose.suspend_below.0)),
            step: Units(f64::from(delivery.step.0) / 1_000.0),
            period: Minutes(f64::from(times.period.0) / 60.0),
            insulin_duration: Minutes(f64::from(insulin.duration.0)),
            insulin_peak: Minutes(f64::from(insulin.peak.0)),
        }
    }
}

/// The person's settings in the controller's typed units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Body weight.
    pub weight: Kilograms,
    /// Age.
    pub age: Years,
    /// Usual amount of insulin in a day.
    pub daily_dose: Units,
    /// Programmed basal rate.
    pub basal: UnitsPerHour,
    /// Carbohydrate that one unit covers.
    pub carbohydrate_ratio: GramsPerUnit,
    /// Fall of glucose that one unit brings.
    pub correction_factor: MgDlPerUnit,
    /// Level to aim at.
    pub target: GlucoseMgDl,
    /// No delivery while less than this is predicted.
    pub suspend_below: GlucoseMgDl,
    /// One actuator step.
    pub step: Units,
    /// The control period.
    pub period: Minutes,
    /// Duration of insulin action.
    pub insulin_duration: Minutes,
    /// Peak of insulin action.
    pub insulin_peak: Minutes,
}
