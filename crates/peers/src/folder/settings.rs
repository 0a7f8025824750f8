//! What stands in `peer.toml`.

use crate::body::{InsulinPerson, Meal, PersonSettings, PropofolPerson};
use crate::program::PeerError;
use crate::pump::{PumpSettings, Reversion};
use crate::sensor::{Exactness, SensorSettings};
use crate::therapy::Therapy;
use crate::tubing::Billionths;
use homeostat_link::{Part, Party};
use homeostat_patients::Cohort;
use homeostat_record::{CHANNELS, Span, Steps};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// All of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerSettings {
    /// Sensor or pump.
    pub part: PeerPart,
    /// What it is for.
    pub therapy: Therapy,
    /// Its pseudonym.
    pub identity: u32,
    /// Where it listens for the device.
    pub listen: SocketAddr,
    /// Where the sensor's process hears, and the pump's process says, what left the needle.
    #[serde(default = "tubing")]
    pub tubing: SocketAddr,
    /// Insulin: it speaks in the words of its Bluetooth service; the device must be told the same.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub bluetooth: bool,
    /// The pump's own settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pump: Option<PumpTable>,
    /// The sensor's own settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensor: Option<SensorTable>,
    /// The person behind the sensor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonTable>,
    /// The device, once it was paired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceKnown>,
}

/// Sensor or pump.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PeerPart {
    /// It measures.
    Sensor,
    /// It treats.
    Pump,
}

/// A pump's own settings, of its only channel. Amounts are in steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PumpTable {
    /// One step, in thousandths of a unit of insulin or in micrograms of propofol.
    pub step: u32,
    /// Largest order, and largest amount within any control cycle.
    pub order_max: u32,
    /// Its own programme, a control cycle. Propofol: no held rate is higher.
    pub background: u32,
    /// Largest part of a request in one tick (a minute; propofol a second).
    pub request_per_tick: u32,
    /// No lease is longer, in seconds.
    pub valid_most_seconds: u32,
    /// Propofol: how long the last rate is held after its lease, in seconds.
    #[serde(default)]
    pub hold_seconds: u32,
    /// What a full reservoir holds; absent if it does not end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reservoir: Option<u32>,
    /// Whether it measures what leaves.
    pub measures_flow: bool,
}

/// A sensor's own settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SensorTable {
    /// Ideal or noisy.
    pub exactness: Exactness,
    /// Of the noise.
    pub seed: u64,
}

/// The person; which fields count follows from the therapy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonTable {
    /// Insulin: a published subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Insulin: meals of every day as `"07:00 45"`, in grams of carbohydrate.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub meals: Vec<String>,
    /// Insulin: the time of day at which the life here begins, as `"06:00"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begins: Option<String>,
    /// Propofol: the seed of the cohort.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Propofol: which of the cohort, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// Propofol: what surgery does, from the first drug on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stimulus: Option<String>,
}

/// The device that it was paired with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceKnown {
    /// Its pseudonym.
    pub identity: u32,
    /// Where it is, so that a part that was started last may knock; else the device speaks first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<SocketAddr>,
    /// Its public key, 64 hexadecimal digits.
    pub key: String,
}

const SUBJECT: &str = "adult#001";

/// Where the tubing ends if nobody says otherwise.
#[must_use]
pub fn tubing() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 7_403))
}

impl PeerSettings {
    /// A pump that fits a trial's: steps of 0.001 U and the basal rate of adult#001; or steps of 10 ug,
    /// the rate of a 50 mL syringe pump of 1 % propofol, holding at most 0.1 mg/s for a quarter of a
    /// minute.
    #[must_use]
    pub fn pump(therapy: Therapy, identity: u32, listen: SocketAddr, tubing: SocketAddr) -> Self {
        let pump = match therapy {
            Therapy::Insulin => PumpTable {
                step: 1,
                order_max: 25_000,
                background: basal_of_a_cycle(),
                request_per_tick: 1_500,
                valid_most_seconds: 1_800,
                hold_seconds: 0,
                reservoir: Some(300_000),
                measures_flow: true,
            },
            Therapy::Propofol => PumpTable {
                step: 10,
                order_max: 1_667,
                background: 50,
                request_per_tick: 333,
                valid_most_seconds: 30,
                hold_seconds: 15,
                reservoir: None,
                measures_flow: true,
            },
        };
        let (part, pump) = (PeerPart::Pump, Some(pump));
        Self {
            part,
            therapy,
            identity,
            listen,
            tubing,
            bluetooth: false,
            pump,
            sensor: None,
            person: None,
            device: None,
        }
    }

    /// A sensor and the person behind it: adult#001 with three meals a day, or the first adult of seed 1.
    #[must_use]
    pub fn sensor(therapy: Therapy, identity: u32, listen: SocketAddr, tubing: SocketAddr) -> Self {
        let meals = ["07:00 45", "12:00 70", "18:00 80"].map(str::to_owned).to_vec();
        let insulin = therapy == Therapy::Insulin;
        let person = PersonTable {
            subject: insulin.then(|| SUBJECT.to_owned()),
            meals: if insulin { meals } else { Vec::new() },
            begins: insulin.then(|| "06:00".to_owned()),
            seed: (!insulin).then_some(1),
            number: (!insulin).then_some(1),
            stimulus: (!insulin).then(|| "none".to_owned()),
        };
        // An index without noise is one that stands still, and a loop is right not to believe it.
        let exactness = if insulin { Exactness::Ideal } else { Exactness::Noisy };
        let sensor = Some(SensorTable { exactness, seed: 1 });
        let (part, person) = (PeerPart::Sensor, Some(person));
        let (pump, device, bluetooth) = (None, None, false);
        Self { part, therapy, identity, listen, tubing, bluetooth, pump, sensor, person, device }
    }

    /// A table that is not there at all is that of a new part.
    fn completed(self) -> Self {
        let Self { therapy, identity, listen, tubing, .. } = self;
        match self.part {
            PeerPart::Pump => {
                let new = Self::pump(therapy, identity, listen, tubing);
                Self { pump: self.pump.or(new.pump), ..self }
            }
            PeerPart::Sensor => {
                let new = Self::sensor(therapy, identity, listen, tubing);
                let (sensor, person) = (self.sensor.or(new.sensor), self.person.or(new.person));
                Self { sensor, person, ..self }
            }
        }
    }

    pub(super) fn to_text(&self) -> Result<String, PeerError> {
        toml::to_string(self).map_err(|error| PeerError::Settings(error.to_string()))
    }

    /// Reads and checks the text of `peer.toml`.
    ///
    /// # Errors
    /// The first thing that is wrong, with the file's name.
    pub fn from_text(file: &str, text: &str) -> Result<Self, PeerError> {
        let wrong =
            |error: &dyn core::fmt::Display| PeerError::Settings(format!("{file}: {error}"));
        let settings: Self = toml::from_str(text).map_err(|error| wrong(&error))?;
        let settings = settings.completed();
        settings.check().map_err(|error| wrong(&error))?;
        Ok(settings)
    }

    pub(super) fn check(&self) -> Result<(), PeerError> {
        if self.bluetooth && self.therapy != Therapy::Insulin {
            let words = "bluetooth: its services are for insulin; leave it out";
            return Err(PeerError::Settings(words.to_owned()));
        }
        match self.part {
            PeerPart::Pump => self.pump_settings()?.check().map(|_| ()).map_err(Into::into),
            PeerPart::Sensor => {
                self.sensor_settings()?;
                crate::body::Body::new(&self.person_settings()?).map(|_| ()).map_err(Into::into)
            }
        }
    }

    /// Who it is.
    #[must_use]
    pub const fn party(&self) -> Party {
        let part = match self.part {
            PeerPart::Pump => Part::Actuator,
            PeerPart::Sensor => Part::Sensor,
        };
        Party { part, identity: self.identity }
    }

    fn pump_table(&self) -> Result<&PumpTable, PeerError> {
        self.pump.as_ref().ok_or_else(|| missing("[pump]"))
    }

    /// One step of the pump.
    ///
    /// # Errors
    /// It is no pump.
    pub fn step(&self) -> Result<Billionths, PeerError> {
        // Thousandths of a unit, millionths of a gram.
        let of = match self.therapy {
            Therapy::Insulin => 1_000_000,
            Therapy::Propofol => 1_000,
        };
        Ok(Billionths(u64::from(self.pump_table()?.step) * of))
    }

    /// The pump's settings.
    ///
    /// # Errors
    /// It is no pump.
    pub fn pump_settings(&self) -> Result<PumpSettings, PeerError> {
        let table = self.pump_table()?;
        let only = |steps: u32| {
            let mut all = [Steps::ZERO; CHANNELS];
            all[0] = Steps(steps);
            all
        };
        let seconds = |seconds: u32| Span::from_seconds(u64::from(seconds));
        let mut reservoir = [None; CHANNELS];
        reservoir[0] = table.reservoir.map(Steps);
        if table.step == 0 {
            return Err(PeerError::Settings("pump.step: found 0; expected at least 1".to_owned()));
        }
        Ok(PumpSettings {
            identity: self.identity,
            channels: 1,
            order_max: only(table.order_max),
            background: only(table.background),
            when_silent: match self.therapy {
                Therapy::Insulin => Reversion::Background,
                Therapy::Propofol => Reversion::Hold { at_most: seconds(table.hold_seconds) },
            },
            period: self.therapy.cycle(),
            tick: self.therapy.tick(),
            request_per_tick: only(table.request_per_tick),
            valid_most: seconds(table.valid_most_seconds),
            reservoir,
            measures_flow: table.measures_flow,
        })
    }

    /// The sensor's settings.
    ///
    /// # Errors
    /// It is no sensor.
    pub fn sensor_settings(&self) -> Result<SensorSettings, PeerError> {
        let table = self.sensor.as_ref().ok_or_else(|| missing("[sensor]"))?;
        let SensorTable { exactness, seed } = *table;
        Ok(SensorSettings { identity: self.identity, exactness, seed })
    }

    /// The person behind the sensor.
    ///
    /// # Errors
    /// Nobody is named, or a time or an amount cannot be read.
    pub fn person_settings(&self) -> Result<PersonSettings, PeerError> {
        let table = self.person.as_ref().ok_or_else(|| missing("[person]"))?;
        Ok(match self.therapy {
            Therapy::Insulin => PersonSettings::Insulin(InsulinPerson {
                subject: table.subject.clone().ok_or_else(|| missing("person.subject"))?,
                meals: table.meals.iter().map(|meal| meal_of(meal)).collect::<Result<_, _>>()?,
                born_minute_of_day: minute_of(table.begins.as_deref().unwrap_or("00:00"))?,
            }),
            Therapy::Propofol => PersonSettings::Propofol(PropofolPerson {
                seed: table.seed.unwrap_or(1),
                number: table.number.ok_or_else(|| missing("person.number"))? as usize,
                stimulus: table.stimulus.clone().unwrap_or_else(|| "none".to_owned()),
            }),
        })
    }
}

fn missing(what: &str) -> PeerError {
    PeerError::Settings(format!("{what} is missing"))
}

fn basal_of_a_cycle() -> u32 {
    let cohort = Cohort::published();
    let place = cohort.names().iter().position(|name| name == SUBJECT).unwrap_or(0);
    let basal = cohort.settings().get(place).map_or(1.0, |settings| settings.basal.0);
    homeostat_numeric::round(basal * 1_000.0 / 12.0) as u32
}

fn minute_of(text: &str) -> Result<u32, PeerError> {
    let read = || {
        let (hour, minute) = text.split_once(':')?;
        let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
        (hour < 24 && minute < 60).then_some(hour * 60 + minute)
    };
    let expected = "expected a time of day such as \"07:30\"";
    read().ok_or_else(|| PeerError::Settings(format!("found {text:?}; {expected}")))
}

fn meal_of(text: &str) -> Result<Meal, PeerError> {
    let read = || {
        let (time, grams) = text.split_once(' ')?;
        Some(Meal { minute_of_day: minute_of(time).ok()?, grams: grams.trim().parse().ok()? })
    };
    let expected = "expected time and grams such as \"07:00 45\"";
    read().ok_or_else(|| PeerError::Settings(format!("meal: found {text:?}; {expected}")))
}
