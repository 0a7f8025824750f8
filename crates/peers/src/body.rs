//! The virtual person behind sensor and pump. He lives by ticks, whoever counts them; what reaches him
//! comes from the tubing.

mod person;

pub use person::{BodyError, InsulinPerson, Meal, PersonSettings, PropofolPerson, StimulusName};

use crate::therapy::Therapy;
use crate::tubing::{Billionths, Tubing};
use homeostat_patients::EvaluationModel;
use homeostat_patients::MinuteInputs;
use homeostat_patients::anaesthesia::patient::{AnaesthesiaPatient, Arousal, Infusions};
use homeostat_patients::anaesthesia::stimulus::Stimulus;
use homeostat_patients::anaesthesia::units::{BispectralIndex, MgPerSecond, Seconds, UgPerSecond};
use homeostat_patients::meals::Plate;
use homeostat_patients::units::{Grams, InsulinUnits, MgPerDl};
use homeostat_record::{CHANNELS, Span};
use std::collections::BTreeMap;

/// Pumps that one body remembers; a further one is not connected.
const PUMPS_MAX: usize = 8;
const DAY_MINUTES: u64 = 1_440;

/// What a sensor could see of a person if it were perfect.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Truth {
    /// Glucose under the skin.
    Glucose(MgPerDl),
    /// Index of hypnosis, after its delay.
    Index(BispectralIndex),
}

enum Life {
    Insulin { patient: Box<dyn EvaluationModel>, plate: Plate, meals: Vec<Meal>, born: u32 },
    Propofol { patient: Box<AnaesthesiaPatient>, stimulus: Stimulus, asleep_since: Option<u64> },
}

/// A virtual person.
pub struct Body {
    name: String,
    therapy: Therapy,
    life: Life,
    /// Ticks lived.
    ticks: u64,
    /// What was taken of each pump's totals.
    pumps: BTreeMap<u32, [Billionths; CHANNELS]>,
    /// What came and was not lived with yet.
    owed: [u64; CHANNELS],
    given: [u64; CHANNELS],
}

impl Body {
    /// The person, at rest, connected to nothing.
    ///
    /// # Errors
    /// There is no such person.
    pub fn new(settings: &PersonSettings) -> Result<Self, BodyError> {
        let (name, life) = person::life(settings)?;
        Ok(Self {
            name,
            therapy: settings.therapy(),
            life,
            ticks: 0,
            pumps: BTreeMap::new(),
            owed: [0; CHANNELS],
            given: [0; CHANNELS],
        })
    }

    /// Takes what the tubing says: whether it was of this therapy and brought anything new. A pump is
    /// connected when it is first heard of; what it gave before went elsewhere.
    pub fn pour(&mut self, tubing: &Tubing) -> bool {
        if tubing.therapy != self.therapy {
            return false;
        }
        if !self.pumps.contains_key(&tubing.pump) {
            let room = self.pumps.len() < PUMPS_MAX;
            if room {
                self.pumps.insert(tubing.pump, tubing.totals);
            }
            return room;
        }
        let Some(taken) = self.pumps.get_mut(&tubing.pump) else { return false };
        let mut news = false;
        for ((taken, total), owed) in taken.iter_mut().zip(tubing.totals).zip(&mut self.owed) {
            let more = total.0.saturating_sub(taken.0);
            *owed = owed.saturating_add(more);
            taken.0 = taken.0.saturating_add(more);
            news |= more > 0;
        }
        news
    }

    /// What was taken of each pump's totals, for who keeps a history.
    pub fn connected(&self) -> impl Iterator<Item = (u32, [Billionths; CHANNELS])> + '_ {
        self.pumps.iter().map(|(pump, totals)| (*pump, *totals))
    }

    /// One tick of life with all that came since the last.
    pub fn live(&mut self) {
        let drug = core::mem::take(&mut self.owed);
        for (given, drug) in self.given.iter_mut().zip(drug) {
            *given = given.saturating_add(drug);
        }
        let [first, second] = drug.map(|drug| drug as f64 / 1e9);
        match &mut self.life {
            Life::Insulin { patient, plate, meals, born } => {
                let of_day = (self.ticks + u64::from(*born)) % DAY_MINUTES;
                for meal in meals.iter().filter(|meal| u64::from(meal.minute_of_day) == of_day) {
                    plate.serve(Grams(meal.grams));
                }
                let eaten = plate.eat_for_a_minute();
                patient.advance_minute(MinuteInputs { eaten, insulin: InsulinUnits(first) });
            }
            Life::Propofol { patient, stimulus, asleep_since } => {
                if first > 0.0 {
                    asleep_since.get_or_insert(self.ticks);
                }
                // Surgery begins with the first drug; before, nobody touches him.
                let since = asleep_since.map_or(-1.0, |since| (self.ticks - since) as f64);
                let stimulus = stimulus.at(Seconds(since));
                let infusions = Infusions {
                    propofol: MgPerSecond(first * 1e3),
                    remifentanil: UgPerSecond(second * 1e6),
                    ..Infusions::default()
                };
                patient.advance_second(infusions, Arousal { stimulus, attenuated: second > 0.0 });
            }
        }
        self.ticks += 1;
    }

    /// What a perfect sensor would see now.
    #[must_use]
    pub fn truth(&self) -> Truth {
        match &self.life {
            Life::Insulin { patient, .. } => Truth::Glucose(patient.interstitial_glucose()),
            Life::Propofol { patient, .. } => Truth::Index(patient.index()),
        }
    }

    /// His name, as the cohorts have it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What he is treated with.
    #[must_use]
    pub const fn therapy(&self) -> Therapy {
        self.therapy
    }

    /// How long he has lived.
    #[must_use]
    pub const fn age(&self) -> Span {
        Span::from_millis(self.ticks.saturating_mul(self.therapy.tick().as_millis()))
    }

    /// All that reached him, in billionths.
    #[must_use]
    pub fn given(&self) -> [Billionths; CHANNELS] {
        self.given.map(Billionths)
    }
}

impl core::fmt::Debug for Body {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Body")
            .field("name", &self.name)
            .field("ticks", &self.ticks)
            .field("truth", &self.truth())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
