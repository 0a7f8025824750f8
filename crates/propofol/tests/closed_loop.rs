//! The controllers against virtual patients that share no line with them: a few of each cohort, the
//! limits of safety first. The figures of whole cohorts come from trials.

use homeostat_patients::anaesthesia::cohort::{Population, ionescu, sample};
use homeostat_patients::anaesthesia::covariates;
use homeostat_patients::anaesthesia::monitor::{Monitor, MonitorModel};
use homeostat_patients::anaesthesia::patient::{Arousal, Infusions};
use homeostat_patients::anaesthesia::stimulus::Profile as Stimuli;
use homeostat_patients::anaesthesia::{AnaesthesiaSubject, units};
use homeostat_patients::random::Seed;
use homeostat_propofol::algorithm::{
    Algorithm, Circulation, Observation, Person, Settings, Sex, Stage, Validity,
};
use homeostat_propofol::controller::{Pid, Predictive, TargetControlled};
use homeostat_propofol::effect::Effect;
use homeostat_propofol::profile::{Profile, ReferencePerson};
use homeostat_propofol::units::{
    Centimetres, Index, Kilograms, MgPerSecond, Milligrams, Percent, Seconds, UgPerMl, Years,
};

const SEED: Seed = Seed(1);
const PERIOD: u64 = 5;
const MINUTES: u64 = 60;

fn person(subject: &AnaesthesiaSubject) -> Person {
    let known = &subject.person;
    Person {
        age: Years(known.age().0),
        weight: Kilograms(known.weight().0),
        height: Centimetres(known.height().0),
        sex: match known.sex() {
            covariates::Sex::Male => Sex::Male,
            covariates::Sex::Female => Sex::Female,
        },
        opioids: false,
    }
}

fn settings(person: Person) -> Settings {
    let weight = person.weight.0;
    let half = Effect::typical(&person).half.0;
    Settings {
        person,
        target: Index(50.0),
        period: Seconds(PERIOD as f64),
        step: Milligrams(0.01),
        rate_most: MgPerSecond(homeostat_numeric::min(10.0 / 3.0, 0.05 * weight)),
        effect_site: (UgPerMl(0.25 * half), UgPerMl(2.0 * half)),
        induction_most: Milligrams(2.5 * weight),
        deep: Index(30.0),
        suppressed: Percent(10.0),
    }
}

/// One anaesthetic: the true index of every second.
fn course<A: Algorithm>(
    algorithm: impl Fn(&Settings) -> A,
    subject: &AnaesthesiaSubject,
    stimuli: Stimuli,
    monitor: MonitorModel,
) -> Vec<f64> {
    let settings = settings(person(subject));
    let algorithm = algorithm(&settings);
    let mut patient = subject.patient();
    let until = units::Seconds((MINUTES * 60) as f64);
    let stimulus = stimuli.course(&subject.name, SEED, until);
    let mut monitor = Monitor::new(monitor, patient.index(), &subject.name, SEED);
    let mut state = algorithm.start(&settings);
    let mut course = Vec::new();
    let (mut rate, mut shown, mut stage) = (0.0, Vec::new(), Stage::Induction);
    for second in 0..MINUTES * 60 {
        if second % PERIOD == 0 {
            let mean = shown.iter().sum::<f64>() / shown.len() as f64;
            if second >= 300 || mean < 60.0 {
                stage = Stage::Maintenance;
            }
            let seen = Observation {
                time: Seconds(second as f64),
                passed: Seconds(if second == 0 { 0.0 } else { PERIOD as f64 }),
                stage,
                index: (!shown.is_empty()).then_some(Index(mean)),
                weight: 1.0,
                validity: Validity::Closed,
                suppression: None,
                circulation: Circulation::Free,
                delivered: Milligrams(if second == 0 { 0.0 } else { rate * PERIOD as f64 }),
                given: Milligrams(0.0),
                may_increase: true,
            };
            let (next, wish) = algorithm.step(&settings, &state, &seen);
            (state, rate) = (next, wish.dose.0 / PERIOD as f64);
            shown.clear();
        }
        let infusions = Infusions { propofol: units::MgPerSecond(rate), ..Infusions::default() };
        let now = stimulus.at(units::Seconds(second as f64 + 1.0));
        patient.advance_second(infusions, Arousal { stimulus: now, attenuated: false });
        if let Some(index) = monitor.advance_second(patient.index()).and_then(|said| said.index) {
            shown.push(index.0);
        }
        course.push(patient.undelayed_index().0);
    }
    course
}

/// What one anaesthetic came to.
#[derive(Debug)]
struct Outcome {
    /// Percent of minute 10 to 60 within 40 to 60.
    within: f64,
    lowest: f64,
    /// Lowest of the first ten minutes.
    nadir: f64,
    asleep: Option<usize>,
}

fn outcome(course: &[f64]) -> Outcome {
    let lowest = |part: &[f64]| part.iter().copied().fold(100.0, homeostat_numeric::min);
    let (early, later) = course.split_at(600);
    let inside = later.iter().filter(|index| (40.0..=60.0).contains(*index)).count();
    Outcome {
        within: 100.0 * inside as f64 / later.len() as f64,
        lowest: lowest(later),
        nadir: lowest(early),
        asleep: course.iter().position(|index| *index < 60.0),
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn profile() -> Profile {
    let person = person(&ionescu()[12]);
    let reference =
        ReferencePerson { person, beyond_limits: false, monitor: 1, line: None, pump: 1 };
    Profile::reference_for(&reference).expect("the reference profile")
}

fn predictive(settings: &Settings) -> Predictive {
    Predictive::new(*profile().predictive(), settings)
}

#[test]
fn pro_08_adults_with_delay_noise_and_variability_are_held_without_stimulus() {
    let outcomes: Vec<Outcome> = sample(Population::Adults, false, 16, SEED)
        .iter()
        .map(|subject| course(predictive, subject, Stimuli::None, MonitorModel::NOISY))
        .map(|course| outcome(&course))
        .collect();
    assert!(median(outcomes.iter().map(|each| each.within).collect()) >= 99.0, "{outcomes:?}");
    for each in &outcomes {
        assert!(each.lowest >= 30.0 && each.nadir >= 33.0, "{each:?}");
    }
    let asleep = outcomes.iter().filter(|each| each.asleep.is_some_and(|at| at <= 300)).count();
    assert!(asleep >= 14, "{outcomes:?}");
}

#[test]
fn pro_08_stimulated_adults_stay_off_the_bottom() {
    let outcomes: Vec<Outcome> = sample(Population::Adults, false, 40, SEED)
        .iter()
        .map(|subject| course(predictive, subject, Stimuli::Struys, MonitorModel::NOISY))
        .map(|course| outcome(&course))
        .collect();
    assert!(median(outcomes.iter().map(|each| each.within).collect()) >= 70.0, "{outcomes:?}");
    assert!(outcomes.iter().filter(|each| each.lowest < 30.0).count() <= 2, "{outcomes:?}");
    assert!(outcomes.iter().all(|each| each.lowest >= 20.0), "{outcomes:?}");
}

#[test]
fn pro_08_the_published_thirteen_under_the_published_stimuli() {
    let outcomes: Vec<Outcome> = ionescu()
        .iter()
        .map(|subject| course(predictive, subject, Stimuli::Struys, MonitorModel::IDEAL))
        .map(|course| outcome(&course))
        .collect();
    // What fewer people below 30 through a real monitor's delay cost here: it was 91 before.
    assert!(median(outcomes.iter().map(|each| each.within).collect()) >= 85.0, "{outcomes:?}");
    assert!(outcomes.iter().all(|each| each.lowest >= 34.0), "{outcomes:?}");
}

#[test]
fn children_the_old_and_the_other_controllers_stay_off_the_bottom_without_stimulus() {
    let pid = |settings: &Settings| Pid::new(*profile().pid(), settings);
    for population in [Population::Elderly, Population::Children] {
        for subject in sample(population, false, 4, SEED) {
            let quiet = (Stimuli::None, MonitorModel::NOISY);
            let own = outcome(&course(predictive, &subject, quiet.0, quiet.1));
            assert!(own.within >= 80.0 && own.lowest >= 30.0, "{}: {own:?}", subject.name);
            let other = outcome(&course(pid, &subject, quiet.0, quiet.1));
            assert!(other.lowest >= 30.0, "{}: {other:?}", subject.name);
            let open = course(TargetControlled::new, &subject, quiet.0, quiet.1);
            assert!(open.iter().all(|index| index.is_finite()));
        }
    }
}
