//! The signed profile: every clinical number of the loop, as whole numbers with declared ranges.
//!
//! The bytes are canonical CBOR (`docs/book/propofol-profile.md` describes them field by field).
//! Who signs them and how is the shell's business; here they are parsed: a number out of its
//! range, or one that contradicts another, refuses the whole profile by the field's name. A person
//! is described twice, and the two descriptions must agree.

mod growth;
mod reference;
mod relations;
pub mod scale;
mod sections;
mod tuning;

#[cfg(test)]
pub(crate) mod tests;

use crate::algorithm::{Person as Treated, Settings, Sex};
use crate::kinetics::{Compartments, Outside};
use crate::units::{self, Centimetres, Kilograms, Litres, LitresPerMinute, MgPerSecond};
use crate::units::{Milligrams, PerMinute, Seconds, UgPerMl, Years};
use homeostat_record::{Canonical, DecodeError, EncodeError, List};
use minicbor::{Decode, Encode};

pub use reference::ReferencePerson;
pub use sections::{
    Again, Delivery, Field, Gates, Header, Index, Kinetics, Person, Pressure, Quality, Times,
};
pub use tuning::{Bound, PidParameters, PredictiveParameters, TUNING_MAX, Tuning};

/// The format that this release writes and reads.
pub const FORMAT: u32 = 2;
/// The therapy's number in a profile's header.
pub const THERAPY: u32 = 2;
/// Largest number of monitors, of pressure lines, or of pumps, that a profile accepts.
pub const IDENTITIES_MAX: usize = 4;
/// Bytes that hold any profile.
pub const PROFILE_BYTES_MAX: usize = 1_536;

/// Which devices may be in the loop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Identities {
    /// Sources of index frames.
    #[n(0)]
    pub monitors: List<u32, IDENTITIES_MAX>,
    /// Sources of pressure frames; none where pressure is not connected.
    #[n(1)]
    pub lines: List<u32, IDENTITIES_MAX>,
    /// Pumps.
    #[n(2)]
    pub pumps: List<u32, IDENTITIES_MAX>,
}

/// A profile that passed every check: there is no other way to have one than [`Profile::parse`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Profile {
    content: Content,
    pid: PidParameters,
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
    /// Age, weight and height once more.
    #[n(2)]
    pub again: Again,
    /// Who may be treated at all.
    #[n(3)]
    pub gates: Gates,
    /// Levels of the index.
    #[n(4)]
    pub index: Index,
    /// Use of samples.
    #[n(5)]
    pub quality: Quality,
    /// Times of the mode machine and the actuator.
    #[n(6)]
    pub times: Times,
    /// Bounds of delivery.
    #[n(7)]
    pub delivery: Delivery,
    /// The population's kinetics.
    #[n(8)]
    pub kinetics: Kinetics,
    /// Arterial pressure.
    #[n(9)]
    pub pressure: Pressure,
    /// Devices accepted.
    #[n(10)]
    pub identities: Identities,
    /// The controllers' own numbers.
    #[n(11)]
    pub tuning: Tuning,
}

/// Why bytes are not a usable profile.
#[derive(Clone, Copy, Debug, PartialEq)]
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
    /// A person for whom the kinetic model was not made.
    Model(Outside),
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
            Self::Model(outside) => write!(
                f,
                "profile refused: {:?} is {}, and the kinetic model {} is valid for {} to {}; \
                 choose another model, or set gates.override_limits to 1",
                outside.limit, outside.found, outside.model, outside.range.0, outside.range.1
            ),
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

    /// Checks every range, then every relation.
    ///
    /// # Errors
    /// [`ProfileError`] names the first field that is refused.
    pub fn check(self) -> Result<Profile, ProfileError> {
        let refused = self
            .header
            .out_of_range()
            .or_else(|| self.person.out_of_range())
            .or_else(|| self.again.out_of_range())
            .or_else(|| self.gates.out_of_range())
            .or_else(|| self.index.out_of_range())
            .or_else(|| self.quality.out_of_range())
            .or_else(|| self.times.out_of_range())
            .or_else(|| self.delivery.out_of_range())
            .or_else(|| self.kinetics.out_of_range())
            .or_else(|| self.pressure.out_of_range());
        if let Some((field, found)) = refused {
            return Err(ProfileError::Range { field, found });
        }
        relations::check(&self)?;
        let (pid, predictive) = self.tuning.read()?;
        Ok(Profile { content: self, pid, predictive })
    }

    /// The person in the controllers' typed units.
    #[must_use]
    pub fn treated(&self) -> Treated {
        let person = &self.person;
        Treated {
            age: Years(f64::from(person.age.0) / 12.0),
            weight: Kilograms(f64::from(person.weight.0) / 1_000.0),
            height: Centimetres(f64::from(person.height.0) / 10.0),
            sex: if person.sex.0 == 1 { Sex::Female } else { Sex::Male },
            opioids: person.opioids.0 == 1,
        }
    }
}

impl Profile {
    /// Reads and checks a profile.
    ///
    /// # Errors
    /// [`ProfileError`]: bytes that are not canonical, a value out of its range, a contradiction.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProfileError> {
        Content::decode_canonical(bytes).map_err(ProfileError::Encoding)?.check()
    }

    /// The numbers of the proportional-integral-derivative controller.
    #[must_use]
    pub const fn pid(&self) -> &PidParameters {
        &self.pid
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

    /// The population's kinetics for this person, as the profile states them.
    #[must_use]
    pub fn compartments(&self) -> Compartments {
        self.content.kinetics.compartments()
    }

    /// The population's effect-site concentration of half effect for this person.
    #[must_use]
    pub fn half_effect(&self) -> UgPerMl {
        UgPerMl(f64::from(self.content.kinetics.half_effect.0) / 1_000.0)
    }

    /// The settings that a controller may use.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let Content { person, index, times, delivery, .. } = &self.content;
        let milligrams = |micrograms: u32| Milligrams(f64::from(micrograms) / 1_000.0);
        let concentration = |nanograms: u32| UgPerMl(f64::from(nanograms) / 1_000.0);
        Settings {
            person: self.content.treated(),
            target: units::Index(f64::from(index.target.0) / 1_000.0),
            period: Seconds(f64::from(times.period.0)),
            step: milligrams(delivery.step.0),
            rate_most: MgPerSecond(f64::from(delivery.rate_most.0) / 1_000.0),
            effect_site: (
                concentration(delivery.effect_least.0),
                concentration(delivery.effect_most.0),
            ),
            induction_most: milligrams(delivery.induction_most.of(person.weight).0),
            deep: units::Index(f64::from(index.deep.0) / 1_000.0),
            suppressed: units::Percent(f64::from(index.suppressed.0)),
        }
    }
}

impl Kinetics {
    /// The same in the controllers' typed units.
    #[must_use]
    pub fn compartments(&self) -> Compartments {
        let millionths = |value: u32| f64::from(value) / 1_000_000.0;
        let volumes = [self.central.0, self.fast.0, self.slow.0];
        let clearances = [self.clearance.0, self.fast_exchange.0, self.slow_exchange.0];
        Compartments {
            volumes: volumes.map(|volume| Litres(millionths(volume))),
            clearances: clearances.map(|clearance| LitresPerMinute(millionths(clearance))),
            effect_site: PerMinute(millionths(self.effect_site.0)),
        }
    }
}
