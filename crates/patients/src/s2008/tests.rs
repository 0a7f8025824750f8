//! The model against the published figures and against itself.

use super::{S2008Batch, S2008Patient, published_subjects, read_subjects};
use crate::meals::Plate;
use crate::patient::{MinuteInputs, VirtualPatient};
use crate::table::{Figure, Row, Table};
use crate::units::{Grams, InsulinUnits};

const GOLDEN: &str = include_str!("../../data/s2008_derived_golden.csv");

/// A minute of an eventful day: three meals, boluses after each, and a basal that changes.
fn inputs(plate: &mut Plate, basal: f64, ratio: f64, minute: u32) -> MinuteInputs {
    let meal = match minute {
        420 => 45.0,
        720 => 70.0,
        1080 => 80.0,
        1110 => 7.5,
        _ => 0.0,
    };
    plate.serve(Grams(meal));
    let factor = [1.0, 0.4, 1.5, 0.0, 1.2, 1.0][(minute / 240) as usize % 6];
    MinuteInputs {
        eaten: plate.eat_for_a_minute(),
        insulin: InsulinUnits(basal / 60.0 * factor + 0.7 * meal / ratio),
    }
}

#[test]
fn all_thirty_satisfy_the_published_identities() {
    let subjects = published_subjects();
    let mut rows = 0;
    let check = |row: Row<'_>| {
        let subject = &subjects[rows];
        rows += 1;
        assert_eq!(subject.name, row.text("Name"));
        let d = subject.derived();
        for (column, found) in [
            ("Ipb", d.plasma_insulin),
            ("m4", d.plasma_clearance),
            ("m30", d.liver_clearance),
            ("Ilb", d.liver_insulin),
            ("Gpb", d.plasma_glucose),
            ("Gtb", d.tissue_glucose),
            ("Vm0", d.utilisation),
            ("u2ss", d.infusion),
            ("isc1ss", d.first_depot),
            ("isc2ss", d.second_depot),
            ("kp1", d.production),
        ] {
            let expected = row.optional(column).unwrap().unwrap();
            let apart = (found / expected - 1.0).abs();
            assert!(apart < 1e-11, "{} {column}: {found} against {expected}", subject.name);
        }
        Ok(())
    };
    Table::open("golden", GOLDEN).unwrap().for_each(check).unwrap();
    assert_eq!((subjects.len(), rows), (30, 30));
}

#[test]
fn the_clinics_figures_are_those_of_the_questionnaire() {
    let subjects = published_subjects();
    let settings = subjects.iter().find(|p| p.name == "adult#001").unwrap().settings();
    assert_eq!(settings.body_weight.0, 102.32);
    assert_eq!(settings.carbohydrate_ratio.0, 10.0);
    assert_eq!(settings.correction_factor.0, 8.773_106_574_87);
    assert_eq!(settings.total_daily_insulin.0, 50.416_652);
    assert_eq!(settings.age.0, 61.0);
    assert!((settings.basal.0 - 1.267).abs() < 5e-4);
}

#[test]
fn a_day_at_basal_does_not_drift() {
    for subject in published_subjects() {
        let mut patient = S2008Patient::new(subject);
        let before = patient.plasma_glucose().0;
        let insulin = patient.settings().basal.in_one_minute();
        for _ in 0..1440 {
            patient.advance_minute(MinuteInputs { eaten: Grams(0.0), insulin });
        }
        for after in [patient.plasma_glucose().0, patient.interstitial_glucose().0] {
            assert!((after - before).abs() < 1e-9, "{}: {before} to {after}", patient.name());
        }
    }
}

#[test]
fn sim_14_alone_and_in_company_are_the_same_bits() {
    let subjects = published_subjects();
    let mut batch = S2008Batch::new(&subjects);
    let mut alone: Vec<S2008Patient> = subjects.iter().cloned().map(S2008Patient::new).collect();
    let mut plates = vec![Plate::default(); subjects.len()];
    for minute in 0..1440 {
        // Neighbours eat at different times, so that resting and eating lanes meet.
        let row: Vec<MinuteInputs> = (0..subjects.len())
            .map(|index| {
                let p = &subjects[index];
                let shifted = minute + (index as u32 % 3) * 7;
                let (basal, ratio) = (p.basal().0, p.carbohydrate_ratio.0);
                inputs(&mut plates[index], basal, ratio, shifted)
            })
            .collect();
        batch.advance_minute(&row);
        for (patient, input) in alone.iter_mut().zip(&row) {
            patient.advance_minute(*input);
        }
    }
    for (index, patient) in alone.iter().enumerate() {
        let mut own = Vec::new();
        patient.visit_states(&mut |state| own.push(state.value.to_bits()));
        let company: Vec<u64> =
            batch.states(index).unwrap().iter().map(|state| state.value.to_bits()).collect();
        assert_eq!(own, company, "{}", patient.name());
    }
    assert_eq!(batch.states(30), None);
}

#[test]
fn every_size_of_company_seats_everyone() {
    let subjects = published_subjects();
    let alone = |p: &super::S2008Parameters| {
        let mut patient = S2008Patient::new(p.clone());
        (0..30).for_each(|_| patient.advance_minute(MinuteInputs::default()));
        patient.plasma_glucose()
    };
    let expected: Vec<_> = subjects.iter().map(alone).collect();
    for size in 0..=19 {
        let mut batch = S2008Batch::new(&subjects[..size]);
        (0..30).for_each(|_| batch.advance_minute(&[]));
        let found: Vec<_> = (0..size).map(|place| batch.plasma_glucose(place).unwrap()).collect();
        assert_eq!(found, expected[..size]);
        assert_eq!((batch.len(), batch.plasma_glucose(size)), (size, None));
    }
}

#[test]
fn a_reset_patient_repeats_itself() {
    let mut patient = S2008Patient::new(published_subjects().swap_remove(20));
    let run = |patient: &mut S2008Patient| {
        let mut plate = Plate::default();
        for minute in 0..800 {
            patient.advance_minute(inputs(&mut plate, 0.4, 25.0, minute));
        }
        (patient.minute(), patient.plasma_glucose().0.to_bits())
    };
    let first = run(&mut patient);
    patient.reset();
    assert_eq!(patient.minute(), 0);
    assert_eq!(run(&mut patient), first);
}

#[test]
fn nothing_delivered_or_eaten_can_break_the_state() {
    let mut patient = S2008Patient::new(published_subjects().swap_remove(27));
    for (eaten, insulin) in
        [(f64::NAN, f64::INFINITY), (-5.0, -1.0), (1e6, 0.0), (0.0, 1e6), (0.0, 0.0)]
    {
        for _ in 0..300 {
            let (eaten, insulin) = (Grams(eaten), InsulinUnits(insulin));
            patient.advance_minute(MinuteInputs { eaten, insulin });
        }
        patient.visit_states(&mut |state| assert!(state.value.is_finite(), "{state:?}"));
    }
}

#[test]
fn glucose_that_reached_zero_stays_there() {
    let mut patient = S2008Patient::new(published_subjects().swap_remove(27));
    patient.advance_minute(MinuteInputs { eaten: Grams(0.0), insulin: InsulinUnits(20.0) });
    for _ in 0..1440 {
        patient.advance_minute(MinuteInputs::default());
    }
    assert!(patient.plasma_glucose().0.abs() < 1e-6, "{}", patient.plasma_glucose());
    assert!(patient.interstitial_glucose().0.abs() < 1e-6);
}

#[test]
fn a_users_subjects_are_read_and_damage_is_found() {
    let data = include_str!("../../data/s2008.csv");
    let line = |text: &str| text.lines().position(|l| l.starts_with("adult#001")).unwrap() + 1;
    let spoilt = data.replace("adult#001,102.32,", "adult#001,heavy,");
    let error = read_subjects("my.csv", &spoilt, None).unwrap_err().to_string();
    assert_eq!(
        error,
        format!(
            "my.csv, line {}, column BW: expected a number from 2 to 400 kg, found \"heavy\"",
            line(&spoilt)
        )
    );
    let headless = data.replace("Name,BW", "Name,Weight");
    let error = read_subjects("my.csv", &headless, None).unwrap_err().to_string();
    assert!(error.starts_with("my.csv, line 6: column BW is missing"), "{error}");

    let derived: String = data
        .lines()
        .map(|l| match l.starts_with('#') {
            true => format!("{l}\n"),
            false if l.starts_with("Name") => format!("{l},kp1\n"),
            false => format!("{l},5.0\n"),
        })
        .collect();
    let error = read_subjects("my.csv", &derived, None).unwrap_err().to_string();
    assert!(error.contains("column kp1: expected 11.50482"), "{error}");
}

/// The published table with one field of adult#001 changed. A column that is not there is added.
fn with(column: &str, field: &str) -> String {
    let mut place = None;
    let line = |line: &str| {
        if line.starts_with('#') {
            return String::new();
        }
        let mut fields: Vec<&str> = line.split(',').collect();
        let header = fields[0] == "Name";
        let at = *place.get_or_insert_with(|| {
            fields.iter().position(|name| *name == column).unwrap_or(fields.len())
        });
        if at == fields.len() {
            fields.push(if header { column } else { "" });
        }
        if fields[0] == "adult#001" {
            fields[at] = field;
        }
        fields.join(",") + "\n"
    };
    include_str!("../../data/s2008.csv").lines().map(line).collect()
}

#[test]
fn every_figure_of_a_cohort_has_a_plausible_range() {
    let figures: Vec<Figure> =
        super::figures::NEEDED.into_iter().chain(super::figures::OPTIONAL).collect();
    for Figure { column, least, most, .. } in figures {
        for wrong in ["nan", "inf", "-1", "1e300", "heavy"] {
            let error = read_subjects("my.csv", &with(column, wrong), None).unwrap_err();
            let error = error.to_string();
            let place = format!("my.csv, line 12, column {column}: expected a number from {least}");
            assert!(error.starts_with(&place), "{column} {wrong}: {error}");
            assert!(error.ends_with(&format!("found \"{wrong}\"")), "{error}");
        }
        let (below, above) = ((least * 0.999).to_string(), (most * 1.001).to_string());
        let outside = if least > 0.0 { vec![below, above] } else { vec![above] };
        for text in outside {
            let error = read_subjects("my.csv", &with(column, &text), None).unwrap_err();
            assert!(error.to_string().contains(&format!("column {column}: ")), "{error}");
        }
    }
}

#[test]
fn a_figure_at_the_end_of_its_range_is_lived_with_or_refused_for_its_steady_state() {
    let figures: Vec<Figure> =
        super::figures::NEEDED.into_iter().chain(super::figures::OPTIONAL).collect();
    let mut lived = 0;
    for Figure { column, least, most, .. } in figures {
        for end in [least, most] {
            let text = with(column, &end.to_string());
            let subjects = match read_subjects("my.csv", &text, None) {
                Ok(subjects) => subjects,
                Err(error) => {
                    let error = error.to_string();
                    let steady = error.contains("steady state") || error.contains("basal rate");
                    assert!(steady, "{column} {end}: {error}");
                    continue;
                }
            };
            lived += 1;
            let mut patient = S2008Patient::new(subjects[10].clone());
            let basal = subjects[10].basal().0;
            let mut plate = Plate::default();
            for minute in 0..1440 {
                patient.advance_minute(inputs(&mut plate, basal, 20.0, minute));
                let glucose = patient.plasma_glucose().0;
                assert!((-1e-6..=20_000.0).contains(&glucose), "{column} {end}: {glucose}");
            }
        }
    }
    assert!(lived > 50, "{lived}");
}

#[test]
fn a_cohort_has_names_that_can_stand_anywhere_and_once() {
    let data = include_str!("../../data/s2008.csv");
    let error = |name: &str| {
        let text = data.replace("adult#001", name);
        read_subjects("my.csv", &text, None).unwrap_err().to_string()
    };
    let long = error(&"x".repeat(5_000));
    assert!(long.contains("column Name: expected a name of 1 to 100 bytes"), "{long}");
    assert!(long.len() < 200, "{long}");
    assert!(error("a\u{1b}[2J").contains("found \"a\\u{1b}[2J\""));
    assert!(error("adult#002").contains("a name that no earlier row has"));
    let twice = "Name,CR\nadult#002,11.5\nadult#002,12\n";
    let error = read_subjects("p.csv", data, Some(("q.csv", twice))).unwrap_err().to_string();
    assert!(error.starts_with("q.csv, line 3, column Name: "), "{error}");
    let wide = format!("Name{}\n", ",x".repeat(1_000_000));
    let error = read_subjects("my.csv", &wide, None).unwrap_err().to_string();
    assert_eq!(error, "my.csv, line 1: expected at most 200 columns, found 1000001");
}

#[test]
fn a_questionnaire_beside_the_parameters_is_used() {
    let data = include_str!("../../data/s2008.csv");
    let answers = "Name,CR,CF,Age,TDI\nadult#002,11.5,42,33,44\n";
    let subjects = read_subjects("p.csv", data, Some(("q.csv", answers))).unwrap();
    let own = subjects.iter().find(|p| p.name == "adult#002").unwrap();
    assert_eq!((own.carbohydrate_ratio.0, own.age.0), (11.5, 33.0));
    let other = subjects.iter().find(|p| p.name == "adult#001").unwrap();
    assert_eq!(other.age.0, 61.0);
}

#[test]
fn sim_04_variability_acts_alike_alone_and_in_company() {
    use crate::physiology::{CounterRegulation, DailySensitivity, Variability};
    use crate::random::Seed;
    let variability = Variability {
        daily: DailySensitivity::DAWN,
        from_day_to_day: 0.15,
        counter_regulation: Some(CounterRegulation::default()),
    };
    let subjects = published_subjects();
    let mut batch = S2008Batch::varying(&subjects, variability, Seed(9));
    let mut alone = S2008Patient::varying(subjects[27].clone(), variability, Seed(9));
    let mut plain = S2008Patient::new(subjects[27].clone());
    let rows: Vec<MinuteInputs> = subjects
        .iter()
        .map(|p| MinuteInputs { eaten: Grams(0.0), insulin: p.basal().in_one_minute() })
        .collect();
    for minute in 0..3000 {
        batch.advance_minute(&rows);
        alone.advance_minute(rows[27]);
        plain.advance_minute(rows[27]);
        if minute == 1000 {
            let (dawn, flat) = (alone.plasma_glucose().0, plain.plasma_glucose().0);
            assert!((dawn - flat).abs() > 0.5, "{dawn} against {flat}");
        }
    }
    assert_eq!(batch.plasma_glucose(27), Some(alone.plasma_glucose()));
}
