//! What shall go wrong with a part, and when: `kind[=value]@from[+lasting]`, in seconds of its virtual
//! time. Without a length it lasts for ever.

use crate::pump::PumpFaults;
use crate::sensor::SensorFaults;
use crate::therapy::Therapy;
use homeostat_patients::anaesthesia::monitor::{MonitorFault, MonitorFaultKind};
use homeostat_patients::anaesthesia::units::{BispectralIndex, Decibels, Percent, Seconds};
use homeostat_patients::sensor::{SensorFault, SensorFaultKind};
use homeostat_patients::units::MgPerDl;
use homeostat_record::{Span, Steps};

/// Power that a muscle's disturbance shows, dB: beyond what monitors accept.
const MUSCLE: Decibels = Decibels(60.0);
/// No value is larger.
const VALUE_MAX: f64 = 1e6;

/// A fault as somebody asked for it.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultWish {
    kind: String,
    value: Option<f64>,
    from: Span,
    until: Option<Span>,
}

/// Why a fault cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// Not of the form.
    #[error(
        "fault: found {0:?}; expected kind[=value]@seconds[+seconds], such as occlusion@600+300"
    )]
    Form(String),
    /// Not of this part.
    #[error("fault: {found:?} is none of this part's: {known}")]
    Kind {
        /// What was asked for.
        found: String,
        /// What there is.
        known: &'static str,
    },
    /// A value is missing, or not wanted.
    #[error("fault: {0} {1}")]
    Value(String, &'static str),
}

impl core::str::FromStr for FaultWish {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let read = || {
            let (what, when) = text.split_once('@')?;
            let (kind, value) = match what.split_once('=') {
                Some((kind, value)) => (kind, Some(value.parse::<f64>().ok()?)),
                None => (what, None),
            };
            if kind.is_empty() || value.is_some_and(|v| !(-VALUE_MAX..=VALUE_MAX).contains(&v)) {
                return None;
            }
            let seconds = |text: &str| text.parse::<u32>().ok().map(u64::from);
            let (from, lasting) = match when.split_once('+') {
                Some((from, lasting)) => (seconds(from)?, Some(seconds(lasting)?)),
                None => (seconds(when)?, None),
            };
            let until = lasting.map(|lasting| Span::from_seconds(from + lasting));
            Some(Self { kind: kind.to_owned(), value, from: Span::from_seconds(from), until })
        };
        read().ok_or_else(|| FaultError::Form(text.to_owned()))
    }
}

impl FaultWish {
    fn holds(&self, at: Span) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }

    fn value(&self) -> Result<f64, FaultError> {
        self.value.ok_or_else(|| FaultError::Value(self.kind.clone(), "needs a value: kind=value"))
    }

    fn kind(&self, known: &'static str) -> FaultError {
        FaultError::Kind { found: self.kind.clone(), known }
    }
}

/// A pump's faults by time.
#[derive(Clone, Debug, Default)]
pub struct PumpPlan(Vec<FaultWish>);

const PUMP: &str = "occlusion, stall, runaway=STEPS, empty, error=PART, silent";

impl PumpPlan {
    /// These faults.
    ///
    /// # Errors
    /// One is none of a pump's.
    pub fn of(wishes: &[FaultWish]) -> Result<Self, FaultError> {
        for wish in wishes {
            match wish.kind.as_str() {
                "occlusion" | "stall" | "empty" | "silent" => {}
                "runaway" | "error" => drop(wish.value()?),
                _ => return Err(wish.kind(PUMP)),
            }
        }
        Ok(Self(wishes.to_vec()))
    }

    /// What is wrong after so long.
    #[must_use]
    pub fn at(&self, at: Span) -> PumpFaults {
        let mut faults = PumpFaults::default();
        for wish in self.0.iter().filter(|wish| wish.holds(at)) {
            let value = wish.value.unwrap_or(0.0);
            match wish.kind.as_str() {
                "occlusion" => faults.occluded = true,
                "stall" => faults.stalled = true,
                "empty" => faults.empty = true,
                // The conversion saturates at nothing and at the most.
                "runaway" => faults.runaway = Steps(value as u32),
                "error" => faults.error = value,
                _ => {}
            }
        }
        faults
    }

    /// Whether it neither hears nor speaks after so long.
    #[must_use]
    pub fn is_silent(&self, at: Span) -> bool {
        silent(&self.0, at)
    }
}

fn silent(wishes: &[FaultWish], at: Span) -> bool {
    wishes.iter().any(|wish| wish.kind == "silent" && wish.holds(at))
}

/// A sensor's faults by time of the body's life, and when its radio is silent.
#[derive(Clone, Debug, Default)]
pub struct SensorPlan {
    /// For the sensor.
    pub faults: SensorFaults,
    silent: Vec<FaultWish>,
}

const GLUCOSE: &str =
    "dropout, stuck, bias=PART, jump=MG_DL, noise=MG_DL, compression=MG_DL, silent";
const INDEX: &str = "dropout, stuck, quality=PERCENT, muscle=POINTS, jump=POINTS, \
                     suppression=PERCENT, later=SECONDS, silent";

impl SensorPlan {
    /// These faults.
    ///
    /// # Errors
    /// One is none of this therapy's sensor.
    pub fn of(therapy: Therapy, wishes: &[FaultWish]) -> Result<Self, FaultError> {
        let mut plan = Self::default();
        for wish in wishes {
            match (wish.kind.as_str(), therapy) {
                ("silent", _) => plan.silent.push(wish.clone()),
                (_, Therapy::Insulin) => plan.faults.glucose.push(glucose(wish)?),
                (_, Therapy::Propofol) => plan.faults.index.push(index(wish)?),
            }
        }
        Ok(plan)
    }

    /// Whether it neither hears nor speaks after so long.
    #[must_use]
    pub fn is_silent(&self, at: Span) -> bool {
        silent(&self.silent, at)
    }
}

fn glucose(wish: &FaultWish) -> Result<SensorFault, FaultError> {
    let kind = match wish.kind.as_str() {
        "dropout" => SensorFaultKind::DropOut,
        "stuck" => SensorFaultKind::Stuck,
        "bias" => SensorFaultKind::Bias { fraction: wish.value()? },
        "jump" => SensorFaultKind::Jump { by: MgPerDl(wish.value()?) },
        "noise" => SensorFaultKind::Noisy { deviation: MgPerDl(wish.value()?) },
        "compression" => SensorFaultKind::CompressionLow { depth: MgPerDl(wish.value()?) },
        _ => return Err(wish.kind(GLUCOSE)),
    };
    let minute = |span: Span| u32::try_from(span.as_minutes()).unwrap_or(u32::MAX);
    Ok(SensorFault { kind, from: minute(wish.from), until: wish.until.map_or(u32::MAX, minute) })
}

fn index(wish: &FaultWish) -> Result<MonitorFault, FaultError> {
    let kind = match wish.kind.as_str() {
        "dropout" => MonitorFaultKind::Silence,
        "stuck" => MonitorFaultKind::Stuck,
        "quality" => MonitorFaultKind::Quality { most: Percent(wish.value()?) },
        "muscle" => {
            MonitorFaultKind::Muscle { bias: BispectralIndex(wish.value()?), power: MUSCLE }
        }
        "jump" => MonitorFaultKind::Jump { by: BispectralIndex(wish.value()?) },
        "suppression" => MonitorFaultKind::Suppression { ratio: Percent(wish.value()?) },
        "later" => MonitorFaultKind::Later { by: Seconds(wish.value()?) },
        _ => return Err(wish.kind(INDEX)),
    };
    let second = |span: Span| span.as_millis() / 1_000;
    Ok(MonitorFault { kind, from: second(wish.from), until: wish.until.map_or(u64::MAX, second) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wishes(texts: &[&str]) -> Vec<FaultWish> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn a_pumps_faults_hold_for_their_time() {
        let plan =
            PumpPlan::of(&wishes(&["occlusion@10+5", "runaway=7@12", "silent@0+1"])).unwrap();
        let at = |second| plan.at(Span::from_seconds(second));
        assert_eq!(at(9), PumpFaults::default());
        assert_eq!(at(10), PumpFaults { occluded: true, ..PumpFaults::default() });
        assert_eq!(at(14).runaway, Steps(7));
        assert_eq!(at(15), PumpFaults { runaway: Steps(7), ..PumpFaults::default() });
        assert!(plan.is_silent(Span::ZERO) && !plan.is_silent(Span::from_seconds(1)));
    }

    #[test]
    fn a_sensors_faults_are_its_therapys() {
        let wish = wishes(&["bias=0.2@600+300", "silent@5"]);
        let plan = SensorPlan::of(Therapy::Insulin, &wish).unwrap();
        let bias = SensorFaultKind::Bias { fraction: 0.2 };
        assert_eq!(plan.faults.glucose, [SensorFault { kind: bias, from: 10, until: 15 }]);
        assert!(plan.is_silent(Span::from_seconds(5)));
        let wrong = SensorPlan::of(Therapy::Propofol, &wish).unwrap_err().to_string();
        assert!(wrong.contains("muscle=POINTS"), "{wrong}");
        let plan = SensorPlan::of(Therapy::Propofol, &wishes(&["stuck@3"])).unwrap();
        assert_eq!((plan.faults.index[0].from, plan.faults.index[0].until), (3, u64::MAX));
    }

    #[test]
    fn what_is_no_fault_is_refused_with_what_to_write() {
        for bad in ["", "occlusion", "@3", "occlusion@x", "error=x@3", "error=inf@3", "a@1+"] {
            assert_eq!(bad.parse::<FaultWish>(), Err(FaultError::Form(bad.to_owned())), "{bad}");
        }
        assert!(PumpPlan::of(&wishes(&["error@3"])).is_err());
        assert!(PumpPlan::of(&wishes(&["bias=1@3"])).is_err());
    }
}
