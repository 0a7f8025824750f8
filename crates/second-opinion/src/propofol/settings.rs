//! What the opinion takes from the signed profile, by its own reader
//! (`docs/book/propofol-profile.md`).

use super::kinetics::Kinetics;
use crate::profile::Reader;
use crate::settings::DEVICES;
use crate::whole::share;
use homeostat_record::Steps;

/// Format and therapy that this reader knows.
const FORMAT: u32 = 2;
const THERAPY: u32 = 2;

/// Why bytes are no profile for this opinion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PropofolSettingsError {
    /// Not the canonical structure of format 2 for propofol.
    Malformed,
    /// A figure by which the opinion divides is zero.
    Zero,
}

impl core::fmt::Display for PropofolSettingsError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Malformed => {
                "profile: expected canonical CBOR of format 2 for propofol; write and sign it again"
            }
            Self::Zero => {
                "profile: person.weight, delivery.step, times.period and the volumes of kinetics \
                 must not be zero"
            }
        })
    }
}

impl core::error::Error for PropofolSettingsError {}

/// The figures of one person, one monitor and one pump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PropofolSettings {
    /// Body weight, grams.
    pub(crate) weight: i64,
    pub(crate) index: Index,
    pub(crate) quality: Quality,
    pub(crate) times: Times,
    pub(crate) delivery: Delivery,
    pub(crate) kinetics: Kinetics,
    pub(crate) pressure: Pressure,
    pub(crate) monitors: [Option<u32>; DEVICES],
    pub(crate) lines: [Option<u32>; DEVICES],
    pub(crate) pumps: [Option<u32>; DEVICES],
}

/// Levels of the index, thousandths, and times, milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Index {
    pub(crate) low: i64,
    pub(crate) low_after: u64,
    pub(crate) deep: i64,
    pub(crate) deep_after: u64,
    /// Percent.
    pub(crate) suppressed: u8,
    pub(crate) high: i64,
    pub(crate) high_after: u64,
}

/// When a sample may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quality {
    /// Milliseconds.
    pub(crate) age_most: u64,
    /// Percent.
    pub(crate) least: u8,
    /// Decibels.
    pub(crate) muscle_most: u8,
}

/// Times, milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) period: u64,
    pub(crate) limited_after: u64,
    pub(crate) induction: u64,
}

/// Bounds of delivery, nanograms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Delivery {
    /// One actuator step.
    pub(crate) step: i64,
    /// In a cycle.
    pub(crate) cycle: i64,
    /// In a cycle after the induction.
    pub(crate) maintenance: i64,
    pub(crate) induction: i64,
    pub(crate) five_minutes: i64,
    pub(crate) hour: i64,
    pub(crate) day: i64,
    /// Largest effect-site concentration, nanograms per millilitre.
    pub(crate) effect_most: i64,
    /// Difference of accepted and delivered amounts that is no deviation.
    pub(crate) tolerance: i64,
}

/// Mean arterial pressure, thousandths of mmHg, and times, milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pressure {
    pub(crate) low: i64,
    pub(crate) stop: i64,
    pub(crate) resume: i64,
    pub(crate) resume_after: u64,
    pub(crate) age_most: u64,
    pub(crate) range: (i64, i64),
}

impl PropofolSettings {
    /// Reads the settings from the canonical bytes of a profile.
    ///
    /// # Errors
    /// [`PropofolSettingsError`] when the bytes are not such a profile or its figures cannot be worked
    /// with. Ranges are the business of the first decoder.
    pub fn from_profile(bytes: &[u8]) -> Result<Self, PropofolSettingsError> {
        let settings = parse(&mut Reader(bytes)).ok_or(PropofolSettingsError::Malformed)?;
        let volumes = settings.kinetics.volumes.iter().all(|volume| *volume > 0);
        let amounts = settings.delivery.step > 0 && settings.weight > 0;
        if volumes && amounts && settings.times.period > 0 {
            Ok(settings)
        } else {
            Err(PropofolSettingsError::Zero)
        }
    }

    /// Nanograms of so many steps.
    pub(crate) fn nanograms(&self, steps: i64) -> i64 {
        steps.saturating_mul(self.delivery.step)
    }

    /// Whole steps of an amount, downward.
    pub(crate) fn steps(&self, nanograms: i64) -> Steps {
        let steps = nanograms.max(0).checked_div(self.delivery.step).unwrap_or(0);
        Steps(u32::try_from(steps).unwrap_or(u32::MAX))
    }
}

fn parse(reader: &mut Reader<'_>) -> Option<PropofolSettings> {
    reader.array(12)?;
    let [FORMAT, THERAPY, _] = reader.section::<3>()? else { return None };
    let [_, weight, _, _, _] = reader.section::<5>()?;
    let _again = reader.section::<3>()?;
    let _gates = reader.section::<7>()?;
    let index = reader.section::<16>()?;
    let quality = reader.section::<12>()?;
    let times = reader.section::<23>()?;
    let delivery = reader.section::<16>()?;
    let [_, central, fast, slow, clearance, to_fast, to_slow, effect_site, _] =
        reader.section::<9>()?;
    let pressure = reader.section::<7>()?;
    reader.array(3)?;
    let (monitors, lines, pumps) = (reader.devices()?, reader.devices()?, reader.devices()?);
    reader.array(2)?;
    reader.tuning()?;
    reader.tuning()?;
    reader.end()?;
    let [period, _, limited_after, ..] = times;
    let [.., induction, _, _, _] = times;
    let seconds = |value: u32| u64::from(value).saturating_mul(1_000);
    Some(PropofolSettings {
        weight: weight.into(),
        index: index_of(index),
        quality: quality_of(quality)?,
        times: Times {
            period: seconds(period),
            limited_after: seconds(limited_after),
            induction: seconds(induction),
        },
        delivery: delivery_of(delivery, weight, period),
        kinetics: Kinetics {
            volumes: [central, fast, slow],
            flows: [clearance, to_fast, to_slow],
            effect_site,
        },
        pressure: pressure_of(pressure),
        monitors,
        lines,
        pumps,
    })
}

fn index_of(section: [u32; 16]) -> Index {
    let [_, _, _, low, low_after, deep, deep_after, suppressed, _, _, high, high_after, ..] =
        section;
    let seconds = |value: u32| u64::from(value).saturating_mul(1_000);
    Index {
        low: low.into(),
        low_after: seconds(low_after),
        deep: deep.into(),
        deep_after: seconds(deep_after),
        suppressed: u8::try_from(suppressed).unwrap_or(u8::MAX),
        high: high.into(),
        high_after: seconds(high_after),
    }
}

fn quality_of(section: [u32; 12]) -> Option<Quality> {
    let [age_most, _, least, _, _, muscle_most, ..] = section;
    Some(Quality {
        age_most: u64::from(age_most).saturating_mul(1_000),
        least: u8::try_from(least).ok()?,
        muscle_most: u8::try_from(muscle_most).ok()?,
    })
}

/// Micrograms, and micrograms per kilogram of so many grams of body, as nanograms.
fn delivery_of(section: [u32; 16], weight: u32, period: u32) -> Delivery {
    let [_, step, rate, maintenance, induction, _, five_minutes, hour, day, _, effect_most, ..] =
        section;
    let [.., tolerance, _, _, _] = section;
    let plain = |micrograms: u32| i64::from(micrograms).saturating_mul(1_000);
    let by_weight = |each: u32| i64::from(each).saturating_mul(weight.into());
    let cycle = |a_second: i64| a_second.saturating_mul(period.into());
    Delivery {
        step: plain(step),
        cycle: cycle(plain(rate)),
        maintenance: cycle(by_weight(maintenance)).min(cycle(plain(rate))),
        induction: by_weight(induction),
        five_minutes: by_weight(five_minutes),
        hour: by_weight(hour),
        day: by_weight(day),
        effect_most: effect_most.into(),
        tolerance: plain(tolerance),
    }
}

fn pressure_of(section: [u32; 7]) -> Pressure {
    let [low, stop, resume, resume_after, age_most, range_low, range_high] = section;
    let level = |value: u32| share(value.into(), 1_000, 1);
    let time = |seconds: u32| u64::from(seconds).saturating_mul(1_000);
    Pressure {
        low: level(low),
        stop: level(stop),
        resume: level(resume),
        resume_after: time(resume_after),
        age_most: time(age_most),
        range: (level(range_low), level(range_high)),
    }
}
