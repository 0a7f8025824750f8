//! Cohorts: the published thirteen, and people drawn by seed from published variability.

use super::covariates::{Covariates, Sex, growth};
use super::effect::IndexEffect;
use super::haemodynamics::HaemodynamicFigures;
use super::mammillary::Compartments;
use super::norepinephrine::NorepinephrineModel;
use super::propofol::PropofolModel;
use super::remifentanil::RemifentanilModel;
use super::subject::{AnaesthesiaSubject, SubjectModels};
use super::units::{Centimetres, Litres, LitresPerMinute, NgPerMl, PerMinute, UgPerMl};
use super::validity::Limits;
use crate::random::{Seed, Stream};
use crate::units::{Kilograms, Years};
use homeostat_numeric::{clamp, exp, sqrt};

/// Ionescu et al. 2008: age, male, height, weight; C50, gamma, E0, Emax of propofol alone; C50p, C50r,
/// gamma, beta, E0, Emax of the surface that Merigo et al. 2019 use with the same people.
type Row = (f64, bool, f64, f64, [f64; 4], [f64; 6]);
#[rustfmt::skip]
const IONESCU: [Row; 13] = [
    (40.0, false, 163.0, 54.0, [6.33, 2.24, 98.8, 94.1], [4.73, 24.97, 2.97, 0.30, 97.86, 89.62]),
    (36.0, false, 163.0, 50.0, [6.76, 4.29, 98.6, 86.0], [4.43, 19.33, 2.04, 0.29, 89.1, 98.86]),
    (28.0, false, 164.0, 52.0, [8.44, 4.10, 91.2, 80.7], [4.81, 16.89, 1.18, 0.14, 93.66, 94.0]),
    (50.0, false, 163.0, 83.0, [6.44, 2.18, 95.9, 102.0], [3.86, 20.97, 1.08, 0.12, 94.6, 93.2]),
    (28.0, true, 164.0, 60.0, [4.93, 2.46, 94.7, 85.3], [5.22, 18.95, 2.43, 0.68, 97.43, 96.21]),
    (43.0, false, 163.0, 59.0, [12.00, 2.42, 90.2, 147.0], [3.41, 23.26, 3.16, 0.58, 85.33, 97.07]),
    (37.0, true, 187.0, 75.0, [8.02, 2.10, 92.0, 104.0], [4.83, 15.21, 2.94, 0.13, 91.87, 90.84]),
    (38.0, false, 174.0, 80.0, [6.56, 4.12, 95.5, 76.4], [4.36, 13.86, 3.37, 1.05, 97.45, 96.36]),
    (41.0, false, 170.0, 70.0, [6.15, 6.89, 89.2, 63.8], [4.57, 16.2, 1.55, 0.16, 85.83, 94.6]),
    (37.0, false, 167.0, 58.0, [13.70, 1.65, 83.1, 151.0], [6.02, 23.47, 2.83, 0.77, 95.18, 88.17]),
    (42.0, true, 179.0, 78.0, [4.82, 1.85, 91.8, 77.9], [3.79, 22.25, 2.35, 1.12, 98.02, 96.95]),
    (34.0, false, 172.0, 58.0, [4.95, 1.84, 96.2, 90.8], [5.7, 18.64, 2.67, 0.40, 99.57, 96.94]),
    (38.0, false, 169.0, 65.0, [7.42, 3.00, 93.1, 96.58], [4.64, 19.5, 2.38, 0.48, 93.82, 94.4]),
];

/// The thirteen patients of Ionescu 2008, `ionescu#01` to `ionescu#13` (the last is the mean):
/// Schnider's kinetics, propofol alone, no delay.
#[must_use]
pub fn ionescu() -> Vec<AnaesthesiaSubject> {
    thirteen("ionescu", |[c50, gamma, awake, depth], _| IndexEffect {
        propofol_half: UgPerMl(c50),
        remifentanil_half: None,
        interaction: 0.0,
        steepness: (gamma, gamma),
        awake,
        depth,
    })
}

/// The same thirteen with surfaces of propofol and remifentanil, `ionescu-surface#01` and on; Minto's
/// kinetics of remifentanil.
#[must_use]
pub fn ionescu_surface() -> Vec<AnaesthesiaSubject> {
    thirteen("ionescu-surface", |_, [propofol, remifentanil, gamma, beta, awake, depth]| {
        IndexEffect {
            propofol_half: UgPerMl(propofol),
            remifentanil_half: Some(NgPerMl(remifentanil)),
            interaction: beta,
            steepness: (gamma, gamma),
            awake,
            depth,
        }
    })
}

fn thirteen(
    prefix: &str,
    index: impl Fn([f64; 4], [f64; 6]) -> IndexEffect,
) -> Vec<AnaesthesiaSubject> {
    let subject = |(number, row): (usize, &Row)| {
        let (age, male, height, weight, alone, surface) = *row;
        let sex = if male { Sex::Male } else { Sex::Female };
        let person =
            Covariates::new(Years(age), sex, Centimetres(height), Kilograms(weight)).ok()?;
        let models = SubjectModels {
            propofol: PropofolModel::Schnider,
            remifentanil: Some(RemifentanilModel::Minto),
            index: super::effect::IndexModel::Bouillon,
            norepinephrine: Some(NorepinephrineModel::LiJoachim),
            limits: Limits::Keep,
        };
        let name = format!("{prefix}#{:02}", number + 1);
        let mut subject = AnaesthesiaSubject::typical(&name, person, models).ok()?;
        subject.figures.index = index(alone, surface);
        Some(subject.without_delay())
    };
    IONESCU.iter().enumerate().filter_map(subject).collect()
}

/// Whom to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Population {
    /// 18 to 70 years, `eleveld-adult#001` and on.
    Adults,
    /// 70 to 85 years, `eleveld-elderly#001` and on.
    Elderly,
    /// 2 to 17 years, `eleveld-child#001` and on.
    Children,
}

impl Population {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Adults => "eleveld-adult",
            Self::Elderly => "eleveld-elderly",
            Self::Children => "eleveld-child",
        }
    }

    /// A person. The published models say how drugs vary between people, not who the people are: the
    /// distributions of age, height and weight are ours.
    fn person(self, stream: &mut Stream) -> Option<Covariates> {
        let male = stream.chance(0.5);
        let sex = if male { Sex::Male } else { Sex::Female };
        let (age, size, mass) = (stream.uniform(), stream.normal(), stream.normal());
        let between = |low: f64, high: f64| low + (high - low) * age;
        let grown = |tall: f64, short: f64, index: f64| {
            let height = if male { tall + 7.0 * size } else { short + 6.5 * size };
            (height, index * exp(0.15 * mass) * height * height / 10_000.0)
        };
        let (age, height, weight) = match self {
            Self::Adults => {
                let (height, weight) = grown(177.0, 164.5, 25.5);
                (between(18.0, 70.0), height, weight)
            }
            Self::Elderly => {
                let (height, weight) = grown(171.0, 159.0, 26.0);
                (between(70.0, 85.0), height, weight)
            }
            Self::Children => {
                let age = between(2.0, 17.9);
                let (Centimetres(height), Kilograms(weight)) = growth(Years(age));
                let height = height * exp(0.045 * size);
                // Weight with height, and beside it.
                (age, height, weight * exp(2.0 * 0.045 * size + 0.13 * mass))
            }
        };
        // As a clinic writes them down.
        let tenth = |value: f64| homeostat_numeric::round(10.0 * value) / 10.0;
        let (height, weight) = (Centimetres(tenth(height)), Kilograms(tenth(weight)));
        let person = Covariates::new(Years(tenth(age)), sex, height, weight).ok()?;
        // Within what every one of Eleveld's models was made for.
        let fits = person.weight().0 <= 106.0
            && person.age().0 <= 85.0
            && person.body_mass_index().0 >= if age >= 18.0 { 17.0 } else { 12.0 };
        fits.then_some(person)
    }
}

/// Draws people by seed: Eleveld's models with all of their published variability, and Su's circulation
/// with its own.
///
/// With `opioids` the kinetics of propofol are those with opioids, and remifentanil acts on the index:
/// additively, with Bouillon's C50 of 19.3 ng/mL, which to combine with Eleveld's curve is ours. Each
/// subject has streams of its own: the first ten of a hundred are the ten of ten.
#[must_use]
pub fn sample(
    population: Population,
    opioids: bool,
    count: usize,
    seed: Seed,
) -> Vec<AnaesthesiaSubject> {
    let one = |number| drawn(population, opioids, number, seed);
    (1..=count).filter_map(one).collect()
}

/// Far more draws than are ever needed: nine of ten are accepted.
const DRAWS: usize = 1000;

fn drawn(
    population: Population,
    opioids: bool,
    number: usize,
    seed: Seed,
) -> Option<AnaesthesiaSubject> {
    let name = format!("{}#{number:03}", population.prefix());
    let mut stream = seed.stream(&name, "covariates");
    let person = (0..DRAWS).find_map(|_| population.person(&mut stream))?;
    let models = SubjectModels::usual(&person, opioids);
    let mut subject = AnaesthesiaSubject::typical(&name, person, models).ok()?;
    let figures = &mut subject.figures;
    let mut stream = seed.stream(&name, "propofol");
    figures.propofol = varied(&figures.propofol, &PROPOFOL, &mut stream);
    figures.index.propofol_half.0 *= exp(HALF_EFFECT * stream.normal());
    if opioids {
        figures.index.remifentanil_half = Some(NgPerMl(19.3));
    }
    let mut stream = seed.stream(&name, "remifentanil");
    let typical = figures.remifentanil?;
    figures.remifentanil = Some(varied(&typical, &remifentanil(), &mut stream));
    let mut stream = seed.stream(&name, "circulation");
    subject.with_circulation(HaemodynamicFigures::drawn(&person, &mut stream));
    Some(subject)
}

/// Standard deviations on the logarithmic scale.
pub(crate) struct Spread {
    volumes: [f64; 3],
    clearances: [f64; 3],
    effect_site: f64,
}

/// Eleveld 2018. The printed table heads these numbers as variances; they are the square roots of the
/// variances in the model's control stream (0.610 = sqrt(0.372531) and so on), that is, standard
/// deviations. Used as variances they make a cohort far too wide.
const PROPOFOL: Spread = Spread {
    volumes: [0.610, 0.565, 0.597],
    clearances: [0.265, 0.346, 0.209],
    effect_site: 0.702,
};
/// Of Ce50, likewise.
const HALF_EFFECT: f64 = 0.242;

/// Eleveld 2017, printed as variances.
fn remifentanil() -> Spread {
    Spread {
        volumes: [0.104, 0.115, 0.810].map(sqrt),
        clearances: [0.0197, 0.0547, 0.285].map(sqrt),
        effect_site: sqrt(1.26),
    }
}

/// A person about the typical one. In both of Eleveld's models Q2 and Q3 go with the person's own V2 and
/// V3 to the power 0.75, beside their own variation. Draws stay within four deviations.
fn varied(typical: &Compartments, spread: &Spread, stream: &mut Stream) -> Compartments {
    let mut deviate = |deviation: f64| deviation * clamp(stream.normal(), -4.0, 4.0);
    let [v1, v2, v3] = spread.volumes.map(&mut deviate);
    let [cl, q2, q3] = spread.clearances.map(&mut deviate);
    let ke0 = deviate(spread.effect_site);
    let [volume1, volume2, volume3] = typical.volumes.map(|volume| volume.0);
    let [clearance, exchange2, exchange3] = typical.clearances.map(|clearance| clearance.0);
    Compartments {
        volumes: [Litres(volume1 * exp(v1)), Litres(volume2 * exp(v2)), Litres(volume3 * exp(v3))],
        clearances: [
            LitresPerMinute(clearance * exp(cl)),
            LitresPerMinute(exchange2 * exp(q2 + 0.75 * v2)),
            LitresPerMinute(exchange3 * exp(q3 + 0.75 * v3)),
        ],
        effect_site: PerMinute(typical.effect_site.0 * exp(ke0)),
    }
}

#[cfg(test)]
mod tests;
