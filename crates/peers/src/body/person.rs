//! Which virtual person it is.

use super::Life;
use crate::therapy::Therapy;
use homeostat_patients::Cohort;
use homeostat_patients::anaesthesia::cohort::{Population, sample};
use homeostat_patients::anaesthesia::patient::AnaesthesiaPatient;
use homeostat_patients::anaesthesia::stimulus::Profile;
use homeostat_patients::anaesthesia::units::Seconds;
use homeostat_patients::meals::Plate;
use homeostat_patients::random::Seed;

/// The first so many people of a seed may be asked for.
const NUMBER_MAX: usize = 1_000;
/// Grams of one meal at most, as in the simulator.
const GRAMS_MAX: f64 = 1_000.0;
const MEALS_MAX: usize = 24;
/// Random stimuli are drawn for so long.
const STIMULI_UNTIL: Seconds = Seconds(7.0 * 86_400.0);

/// A meal of every day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Meal {
    /// When it begins, minutes since midnight, `0..1440`.
    pub minute_of_day: u32,
    /// Carbohydrate in grams, up to 1000.
    pub grams: f64,
}

/// A person with diabetes.
#[derive(Clone, Debug, PartialEq)]
pub struct InsulinPerson {
    /// One of the published UVA/Padova subjects, such as `adult#001`.
    pub subject: String,
    /// Meals of every day.
    pub meals: Vec<Meal>,
    /// Minute of the day at which his life here begins, `0..1440`.
    pub born_minute_of_day: u32,
}

/// What surgery does, by the names of the published courses.
pub type StimulusName = String;

/// A person under anaesthesia: one of the adults that a seed draws from Eleveld's model.
#[derive(Clone, Debug, PartialEq)]
pub struct PropofolPerson {
    /// The seed of the cohort.
    pub seed: u64,
    /// Which of it, from 1.
    pub number: usize,
    /// Course of stimulation, from the first drug on: none, struys, dumont, step or random.
    pub stimulus: StimulusName,
}

/// Whoever it is.
#[derive(Clone, Debug, PartialEq)]
pub enum PersonSettings {
    /// With diabetes.
    Insulin(InsulinPerson),
    /// Under anaesthesia.
    Propofol(PropofolPerson),
}

impl PersonSettings {
    /// What he is treated with.
    #[must_use]
    pub const fn therapy(&self) -> Therapy {
        match self {
            Self::Insulin(_) => Therapy::Insulin,
            Self::Propofol(_) => Therapy::Propofol,
        }
    }
}

/// Why there is no such person.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BodyError {
    /// Nobody of that name.
    #[error(
        "subject: found {0:?}; expected one of adult#001 to adult#010, adolescent#..., child#..."
    )]
    Subject(String),
    /// No such number in a cohort.
    #[error("number: found {0}; expected 1 to {NUMBER_MAX}")]
    Number(usize),
    /// No such course of stimulation.
    #[error("stimulus: found {0:?}; expected none, struys, dumont, step or random")]
    Stimulus(String),
    /// A meal that nobody eats.
    #[error(
        "meal: found {grams} g at minute {minute} of the day; expected up to {GRAMS_MAX} g, minute 0 \
         to 1439, at most {MEALS_MAX} meals"
    )]
    Meal {
        /// Minute of the day.
        minute: u32,
        /// Grams.
        grams: f64,
    },
    /// A day has 1440 minutes.
    #[error("start: found minute {0} of the day; expected 0 to 1439")]
    Born(u32),
}

pub(super) fn life(settings: &PersonSettings) -> Result<(String, Life), BodyError> {
    match settings {
        PersonSettings::Insulin(person) => insulin(person),
        PersonSettings::Propofol(person) => propofol(person),
    }
}

fn insulin(person: &InsulinPerson) -> Result<(String, Life), BodyError> {
    let InsulinPerson { subject, meals, born_minute_of_day: born } = person;
    let eaten = |minute: u32, grams: f64| minute < 1_440 && (0.0..=GRAMS_MAX).contains(&grams);
    for (index, &super::Meal { minute_of_day: minute, grams }) in meals.iter().enumerate() {
        if !eaten(minute, grams) || index >= MEALS_MAX {
            return Err(BodyError::Meal { minute, grams });
        }
    }
    if *born >= 1_440 {
        return Err(BodyError::Born(*born));
    }
    let cohort = Cohort::published();
    let place = cohort.names().iter().position(|name| name == subject);
    let mut found = cohort.select(&Vec::from_iter(place)).patients();
    let patient = found.pop().ok_or_else(|| BodyError::Subject(subject.clone()))?;
    let (plate, meals) = (Plate::default(), meals.clone());
    Ok((subject.clone(), Life::Insulin { patient, plate, meals, born: *born }))
}

fn propofol(person: &PropofolPerson) -> Result<(String, Life), BodyError> {
    let PropofolPerson { seed, number, stimulus } = person;
    if !(1..=NUMBER_MAX).contains(number) {
        return Err(BodyError::Number(*number));
    }
    let course = Profile::named(stimulus).ok_or_else(|| BodyError::Stimulus(stimulus.clone()))?;
    let mut people = sample(Population::Adults, false, *number, Seed(*seed));
    let subject = people.pop().ok_or(BodyError::Number(*number))?;
    let mut figures = subject.figures.clone();
    // Nobody here measures pressure.
    (figures.circulation, figures.pressor) = (None, None);
    let stimulus = course.course(&subject.name, Seed(*seed), STIMULI_UNTIL);
    let patient = Box::new(AnaesthesiaPatient::new(&figures));
    Ok((subject.name, Life::Propofol { patient, stimulus, asleep_since: None }))
}
