use super::*;
use crate::exports::{Options, read_export};
use crate::metrics::{Glucose, Insulin, Seconds, SeriesError};

mod analysis;
mod hypnosis;
mod trial;

fn patient(subject: &str, group: &str, base: f64) -> GlucosePatient {
    let reading = |step: i64| (Seconds(300 * step), Glucose::from_mg_dl(base + (step % 24) as f64));
    GlucosePatient {
        subject: subject.to_owned(),
        group: group.to_owned(),
        family: "specimen".to_owned(),
        readings: (0..288).map(reading).collect(),
        insulin_per_day: Some(Insulin::from_units(40.0)),
    }
}

fn arm(id: &str, base: f64) -> GlucoseArm {
    let patients = [
        patient("adult-01", "adults", base),
        patient("adult-02", "adults", base + 40.0),
        patient("child, \"01\" <b>", "children", base - 40.0),
    ];
    GlucoseArm::of(id, &patients).expect("rising times")
}

fn report() -> TrialReport {
    let owned = |text: &str| text.to_owned();
    let name = |id: &str, name: &str| Arm {
        id: owned(id),
        name: owned(name),
        description: owned("a specimen"),
    };
    let row = |what: &str, kind, passed| Criterion {
        id: owned("SIM-13"),
        what: owned(what),
        kind,
        required: owned("0 %"),
        reached: owned("0.1 %"),
        passed,
    };
    TrialReport {
        title: owned("A trial <of> & things"),
        run: RunFacts {
            scenario: owned("specimen"),
            seed: 7,
            version: owned("0.1.0"),
            command: owned("homeostat trial --seed 7"),
            facts: vec![(owned("Sensor"), owned("ideal"))],
        },
        arms: vec![name("open-loop", "Open loop"), name("mpc", "Model-predictive")],
        criteria: vec![
            row("below 54", CriterionKind::Must, true),
            row("in range", CriterionKind::Aim, false),
        ],
        hazards: HazardTable {
            measures: vec![Measure { name: owned("TIR %"), decimals: 1 }],
            rows: vec![HazardRow {
                hazard: owned("late bolus"),
                arm: owned("mpc"),
                values: vec![Some(91.26)],
                passed: Some(true),
            }],
        },
        notes: vec![owned("a remark")],
        outcome: Outcome::Glucose(GlucoseOutcome {
            arms: vec![arm("open-loop", 150.0), arm("mpc", 110.0)],
        }),
    }
}

/// Nothing is fetched and nothing runs.
fn self_contained(page: &str) {
    for outside in ["http://", "https://", "<script", "src=", "url(", "@import", "<link", "onload"]
    {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("Content-Security-Policy"));
    assert!(page.contains("Not a cleared medical device"));
}
