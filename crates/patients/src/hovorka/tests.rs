use super::{Drive, HovorkaPatient, minute, read_hovorka, sample_hovorka};
use crate::meals::Plate;
use crate::patient::{MinuteInputs, VirtualPatient};
use crate::physiology::{CounterRegulation, DailySensitivity, Variability};
use crate::random::Seed;
use crate::units::{Grams, InsulinUnits};

#[test]
fn sim_04_a_sampled_cohort_is_accepted_varied_and_repeatable() {
    let cohort = sample_hovorka(30, Seed(1));
    assert_eq!(cohort.len(), 30);
    for subject in &cohort {
        let settings = subject.settings();
        assert!((0.1..=2.2).contains(&settings.basal.0), "{settings:?}");
        assert!((2.0..=24.0).contains(&settings.carbohydrate_ratio.0), "{settings:?}");
        assert!(settings.total_daily_insulin.0 > 24.0 * settings.basal.0);
        assert!(settings.correction_factor.0 > 5.0, "{settings:?}");
    }
    assert_eq!(sample_hovorka(10, Seed(1)), cohort[..10]);
    assert_ne!(sample_hovorka(10, Seed(2)), cohort[..10]);
}

#[test]
fn a_day_at_basal_does_not_drift() {
    for parameters in sample_hovorka(10, Seed(4)) {
        let mut patient = HovorkaPatient::new(parameters);
        let before = patient.plasma_glucose().0;
        let insulin = patient.settings().basal.in_one_minute();
        for _ in 0..1440 {
            patient.advance_minute(MinuteInputs { eaten: Grams(0.0), insulin });
        }
        assert!((patient.plasma_glucose().0 - before).abs() < 1e-9);
        assert!((patient.interstitial_glucose().0 - before).abs() < 1e-9);
    }
}

#[test]
fn sim_02_halving_the_step_changes_nothing_that_matters() {
    for parameters in sample_hovorka(10, Seed(5)) {
        let mut patient = HovorkaPatient::new(parameters.clone());
        let mut fine = parameters.fasting_state();
        let (mut plate, settings) = (Plate::default(), patient.settings());
        for now in 0..1440 {
            let meal = if now % 400 == 30 { 60.0 } else { 0.0 };
            plate.serve(Grams(meal));
            let basal = if now > 900 { 0.0 } else { settings.basal.0 };
            let inputs = MinuteInputs {
                eaten: plate.eat_for_a_minute(),
                insulin: InsulinUnits(basal / 60.0 + meal / settings.carbohydrate_ratio.0),
            };
            let drive = Drive {
                insulin: inputs.insulin.0 * 1000.0,
                eaten: inputs.eaten.0 * 1000.0 / 180.16,
                sensitivity: 1.0,
                production: 0.0,
            };
            patient.advance_minute(inputs);
            fine = minute(&parameters.figures, 40, fine, drive);
            let weight = parameters.figures.glucose_volume * parameters.figures.body_weight.0;
            let apart = (patient.plasma_glucose().0 - fine[8] / weight * 18.016).abs();
            assert!(apart < 1e-3, "{}: {apart} at {now}", patient.name());
        }
    }
}

#[test]
fn settings_mean_what_they_say() {
    let parameters = sample_hovorka(1, Seed(6)).swap_remove(0);
    // Largest fall, and the signed area under the departure over twelve hours.
    let run = |units: f64, meal: f64| {
        let mut patient = HovorkaPatient::new(parameters.clone());
        let start = patient.plasma_glucose().0;
        let (mut fall, mut area) = (0.0, 0.0);
        for now in 0..720 {
            let first = if now == 0 { 1.0 } else { 0.0 };
            let insulin = patient.settings().basal.0 / 60.0 + first * units;
            let (eaten, insulin) = (Grams(first * meal), InsulinUnits(insulin));
            patient.advance_minute(MinuteInputs { eaten, insulin });
            let departure = patient.plasma_glucose().0 - start;
            fall = homeostat_numeric::max(fall, -departure);
            area += departure;
        }
        (fall, area)
    };
    let settings = parameters.settings();
    let (fall, _) = run(0.3, 0.0);
    let per_unit = fall / 0.3 / settings.correction_factor.0;
    assert!((per_unit - 1.0).abs() < 0.1, "{per_unit}");
    let (_, alone) = run(0.0, 3.0);
    let (_, covered) = run(3.0 / settings.carbohydrate_ratio.0, 3.0);
    assert!(covered.abs() < 0.1 * alone, "{covered} of {alone}");
}

#[test]
fn variability_acts_and_is_reset_with_the_patient() {
    let parameters = sample_hovorka(1, Seed(7)).swap_remove(0);
    let variability = Variability {
        daily: DailySensitivity::DAWN,
        from_day_to_day: 0.1,
        counter_regulation: Some(CounterRegulation::default()),
    };
    let mut patient = HovorkaPatient::varying(parameters.clone(), variability, Seed(1));
    let mut plain = HovorkaPatient::new(parameters);
    let day = |patient: &mut HovorkaPatient, insulin: f64| {
        for _ in 0..2000 {
            let insulin = InsulinUnits(patient.settings().basal.0 / 60.0 * insulin);
            patient.advance_minute(MinuteInputs { eaten: Grams(0.0), insulin });
        }
        patient.plasma_glucose().0
    };
    let first = day(&mut patient, 3.0);
    assert!(first > day(&mut plain, 3.0), "glucagon holds against too much insulin");
    patient.reset();
    assert_eq!(day(&mut patient, 3.0), first);
}

#[test]
fn a_table_of_subjects_is_read_and_its_faults_are_named() {
    let subjects = read_hovorka("h.csv", "Name,BW,SIE\nme,80,\nyou,60,0.02\n").unwrap();
    assert_eq!((subjects.len(), subjects[1].figures.sensitivities[2]), (2, 0.02));
    let error = |text: &str| read_hovorka("h.csv", text).unwrap_err().to_string();
    assert!(
        error("Name,BW\nme,-1\n").contains("line 2, column BW: expected a number from 2 to 400 kg")
    );
    assert!(error("Name,bw\nme,1\n").contains("unknown column \"bw\""));
    assert!(
        error("Name,ka2\nme,5\n").contains("column ka2: expected a number from 0.0001 to 2 1/min")
    );
    assert!(error("Name,EGP0\nme,0.001\n").contains("some basal rate holds"));
}

#[test]
fn every_figure_of_a_cohort_has_a_plausible_range() {
    for figure in super::cohort::FIGURES {
        let column = figure.column;
        let above = (figure.most * 1.001).to_string();
        for wrong in ["nan", "inf", "-1", "0", "1e300", "heavy", &above] {
            let text = format!("Name,{column}\nme,{wrong}\n");
            let error = read_hovorka("h.csv", &text).unwrap_err().to_string();
            let place = format!("h.csv, line 2, column {column}: expected a number from ");
            assert!(error.starts_with(&place), "{column} {wrong}: {error}");
        }
        for end in [figure.least, figure.most] {
            let text = format!("Name,{column}\nme,{end}\n");
            match read_hovorka("h.csv", &text) {
                Ok(subjects) => {
                    let mut patient = HovorkaPatient::new(subjects[0].clone());
                    for _ in 0..1440 {
                        patient.advance_minute(MinuteInputs::default());
                        assert!(patient.plasma_glucose().0.is_finite(), "{column} {end}");
                    }
                }
                Err(error) => assert!(error.to_string().contains("basal rate"), "{error}"),
            }
        }
    }
}
