//! Writes both reports from made-up data, to look at their form without running a trial.
//!
//! `cargo run -p homeostat-trial --example specimen_reports -- FOLDER [CGM-FILE]` writes
//! `trial.html`, `results.json`, `subjects.csv` and `analysis.html` (of the file, or of made-up
//! readings). The curves are drawn by a formula: they show the report and nothing about a
//! controller.

use std::error::Error;
use std::fs;
use std::path::Path;

use homeostat_numeric::{exp, sin};
use homeostat_trial::exports::{Options, open_export, read_export};
use homeostat_trial::figures::{Authority, Meal, ModeSpan, PatientTrace};
use homeostat_trial::metrics::{Carbohydrate, Glucose, Insulin, InsulinRate, Seconds};
use homeostat_trial::report::{
    AnalysisReport, AnalysisSubject, Arm, Criterion, CriterionKind, GlucoseArm, GlucoseOutcome,
    GlucosePatient, HazardRow, HazardTable, Measure, Outcome, Rejection, RunFacts, SourceFacts,
    TrialReport, analysis_page, analysis_text, headline_text, results_json, subjects_csv,
    trial_page,
};

const DAYS: i64 = 3;
const MEALS: [(i64, f64); 3] = [(7 * 60, 45.0), (12 * 60, 70.0), (18 * 60, 80.0)];
/// Arm: id, name, description, height of meals, steadiness.
const ARMS: [(&str, &str, &str, f64, f64); 3] = [
    ("open-loop", "Open loop", "basal and meal boluses from the settings", 1.25, 1.5),
    ("rules", "Rules", "basal modulation with predictive low-glucose suspend", 0.95, 0.8),
    ("mpc", "Model-predictive", "individualised prediction under the same guard", 0.75, 0.55),
];
const GROUPS: [(&str, f64); 3] = [("adults", 0.75), ("adolescents", 1.05), ("children", 1.2)];

fn minutes(value: i64) -> Seconds {
    Seconds::from_minutes(value)
}

/// A number between -1 and 1 that depends on its arguments alone.
fn wobble(patient: i64, salt: i64) -> f64 {
    sin(12.9898 * patient as f64 + 78.233 * salt as f64 + 0.5)
}

fn glucose_at(minute: i64, patient: i64, height: f64, swing: f64) -> f64 {
    let hours = minute as f64 / 60.0;
    let slow = 9.0 * swing * sin(hours / 3.1 + 1.7 * wobble(patient, 1));
    let dawn = 8.0 * swing * sin((hours - 3.0) * 0.2618);
    let mut value = 116.0 + 10.0 * wobble(patient, 2) + slow + dawn;
    for day in 0..DAYS {
        for (index, (at, grams)) in MEALS.into_iter().enumerate() {
            let since = (minute - day * 1440 - at) as f64;
            if since > 0.0 {
                let size = 1.0 + 0.25 * wobble(patient + day, index as i64 + 3);
                value += height * size * grams * 1.75 * (since / 65.0) * exp(1.0 - since / 65.0);
                value -= height * swing * grams * 0.42 * (since / 190.0) * exp(1.0 - since / 190.0);
            }
        }
    }
    homeostat_numeric::max(value, 38.0)
}

fn patient(number: i64, group: usize, height: f64, swing: f64) -> GlucosePatient {
    let (name, factor) = GROUPS[group];
    let code = number + 10 * group as i64;
    let readings = (0..DAYS * 288).map(|step| {
        let value = glucose_at(5 * step, code, height * factor, swing * factor);
        (minutes(5 * step), Glucose::from_mg_dl((value * 10.0).round() / 10.0))
    });
    GlucosePatient {
        subject: format!("{}-{:02}", name.trim_end_matches('s'), number + 1),
        group: name.to_owned(),
        family: "specimen".to_owned(),
        readings: readings.collect(),
        insulin_per_day: Some(Insulin::from_units(48.0 / factor + 6.0 * wobble(code, 9))),
    }
}

fn modes(open_loop: bool) -> Vec<ModeSpan> {
    let span = |from: i64, to: i64, authority, cause: &str| ModeSpan {
        from: minutes(from),
        to: minutes(to),
        authority,
        cause: cause.to_owned(),
    };
    if open_loop {
        return vec![span(0, 2880, Authority::Manual, "")];
    }
    vec![
        span(0, 1000, Authority::Full, ""),
        span(1000, 1060, Authority::Suspend, "predicted below 70 mg/dL within 30 min"),
        span(1060, 1595, Authority::Full, ""),
        span(1595, 1620, Authority::Limited, "sensor value older than 7 min"),
        span(1620, 1690, Authority::Background, "sensor value older than 20 min"),
        span(1690, 2880, Authority::Full, ""),
    ]
}

fn trace(patient: &GlucosePatient, open_loop: bool) -> PatientTrace {
    let window = minutes(2 * 1440);
    let glucose: Vec<(Seconds, Glucose)> =
        patient.readings.iter().copied().filter(|(at, _)| *at < window).collect();
    let noisy = |(at, value): &(Seconds, Glucose)| {
        (*at, Glucose::from_mg_dl(value.mg_dl() + 6.0 * wobble(at.0 / 300, 4)))
    };
    let gap = minutes(1440 + 150)..minutes(1440 + 240);
    let sensor = glucose.iter().filter(|(at, _)| !gap.contains(at)).map(noisy).collect();
    let rate = |value: f64| InsulinRate::from_units_per_hour(value);
    let basal = glucose.iter().step_by(3).map(|(at, value)| {
        let share = homeostat_numeric::clamp((value.mg_dl() - 75.0) / 60.0, 0.0, 2.4);
        let held = if open_loop || gap.contains(at) { 1.0 } else { share };
        (*at, rate((0.9 * held * 20.0).round() / 20.0))
    });
    let basal = basal.collect();
    let mut meals = Vec::new();
    let mut boluses = Vec::new();
    for day in 0..2 {
        for (index, (at, grams)) in MEALS.into_iter().enumerate() {
            let (at, announced) = (minutes(day * 1440 + at), !(day == 1 && index == 1));
            meals.push(Meal { at, carbohydrate: Carbohydrate::from_grams(grams), announced });
            if announced {
                boluses.push((at, Insulin::from_units(grams / 11.0)));
            }
        }
    }
    PatientTrace {
        subject: patient.subject.clone(),
        caption: "most time below 70 mg/dL in this arm; days 1 and 2".to_owned(),
        span: window,
        glucose,
        sensor,
        basal,
        boluses,
        limit: vec![
            (minutes(0), rate(2.6)),
            (minutes(1595), rate(0.9)),
            (minutes(1690), rate(2.6)),
        ],
        meals,
        modes: modes(open_loop),
        limited: if open_loop {
            Vec::new()
        } else {
            [455, 460, 470, 1130, 2010].map(minutes).to_vec()
        },
    }
}

fn criterion(
    kind: CriterionKind,
    what: &str,
    required: &str,
    reached: &str,
    passed: bool,
) -> Criterion {
    Criterion {
        id: "specimen".to_owned(),
        what: what.to_owned(),
        kind,
        required: required.to_owned(),
        reached: reached.to_owned(),
        passed,
    }
}

fn hazards() -> HazardTable {
    let measure = |name: &str, decimals| Measure { name: name.to_owned(), decimals };
    let mut rows = Vec::new();
    for (index, hazard) in [
        "none",
        "carbohydrates wrong by a third",
        "bolus 15 min late",
        "sensor bias 15 %",
        "compression lows",
        "drop-outs of 20, 60, 180 min",
    ]
    .into_iter()
    .enumerate()
    {
        for (arm, scale) in [("rules", 1.0), ("mpc", 0.6)] {
            let step = index as f64;
            rows.push(HazardRow {
                hazard: hazard.to_owned(),
                arm: arm.to_owned(),
                values: vec![
                    Some(96.0 - 1.9 * step * scale),
                    Some(0.11 * step * scale),
                    (index > 0).then_some(0.021 * step * scale),
                ],
                passed: (index > 0).then_some(0.021 * step * scale <= 0.1),
            });
        }
    }
    let measures = vec![measure("TIR %", 1), measure("<70 %", 2), measure("<54 %", 3)];
    HazardTable { measures, rows }
}

fn trial() -> Result<TrialReport, Box<dyn Error>> {
    let mut arms = Vec::new();
    let mut outcome = Vec::new();
    for (id, name, description, height, swing) in ARMS {
        let patients: Vec<GlucosePatient> = (0..3)
            .flat_map(|group| (0..10).map(move |number| patient(number, group, height, swing)))
            .collect();
        let mut arm =
            GlucoseArm::of(id, &patients).map_err(|(who, error)| format!("{who}: {error}"))?;
        let worst: Vec<String> =
            arm.worst().into_iter().take(1).map(|subject| subject.subject.clone()).collect();
        arm.traces = patients
            .iter()
            .filter(|patient| worst.contains(&patient.subject))
            .map(|patient| trace(patient, id == "open-loop"))
            .collect();
        outcome.push(arm);
        let [id, name, description] = [id, name, description].map(str::to_owned);
        arms.push(Arm { id, name, description });
    }
    let must = CriterionKind::Must;
    let facts = [
        ("Patients", "30, made up"),
        ("Days", "3"),
        ("Sensor", "formula"),
        ("Meals", "45, 70, 80 g"),
    ];
    Ok(TrialReport {
        title: "Specimen: three arms, thirty made-up patients".to_owned(),
        run: RunFacts {
            scenario: "specimen".to_owned(),
            seed: 1,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            command: "cargo run -p homeostat-trial --example specimen_reports -- FOLDER".to_owned(),
            facts: facts.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        },
        arms,
        criteria: vec![
            criterion(must, "time below 54 mg/dL, every patient", "0 %", "0 of 30 patients", true),
            criterion(
                must,
                "time below 70 mg/dL, every patient",
                "\u{2264}1 %",
                "worst 1.4 %",
                false,
            ),
            criterion(must, "time in range, adults", "\u{2265}93 %", "96.2 %", true),
            criterion(
                CriterionKind::Aim,
                "time in range, children",
                "\u{2265}82 %",
                "79.0 %",
                false,
            ),
        ],
        hazards: hazards(),
        notes: vec!["All curves are drawn by a formula.".to_owned()],
        outcome: Outcome::Glucose(GlucoseOutcome { arms: outcome }),
    })
}

/// Ten days of made-up readings as a CSV, with a gap, a repeat and a bad row.
fn made_up_export() -> String {
    let mut text = "time,glucose (mg/dL)\n".to_owned();
    for step in 0..10 * 288_i64 {
        if (900..1010).contains(&step) {
            continue;
        }
        let (day, minute) = (step / 288 + 1, step % 288 * 5);
        let value = glucose_at(minute, day, 1.1, 1.2);
        let (hour, rest) = (minute / 60, minute % 60);
        text.push_str(&format!("2025-03-{day:02} {hour:02}:{rest:02},{value:.0}\n"));
    }
    text.push_str("2025-03-10 23:55,101\n2025-03-11 00:00,n/a\n");
    text
}

fn analysis(file: Option<&str>) -> Result<AnalysisReport, Box<dyn Error>> {
    let options = Options::default();
    let (name, export) = match file {
        Some(file) => (file, open_export(Path::new(file), &options)?),
        None => ("made-up.csv", read_export("made-up.csv", made_up_export().as_bytes(), &options)?),
    };
    let name = Path::new(name).file_name().map_or(name.into(), |name| name.to_string_lossy());
    let jump = |trace: &homeostat_trial::exports::SubjectTrace| -> Vec<Option<Rejection>> {
        let mut verdicts: Vec<Option<Rejection>> = vec![None; trace.readings.len().min(1)];
        verdicts.extend(trace.readings.windows(2).map(|pair| {
            let [one, other] = [pair[0], pair[1]].map(|r| r.value.for_metrics().mg_dl());
            let near = pair[1].elapsed.since(pair[0].elapsed) <= Seconds(330);
            (near && (one - other).abs() > 25.0).then(|| Rejection {
                rule: "jump".to_owned(),
                text: "changed by more than 25 mg/dL in 5 minutes (specimen rule)".to_owned(),
            })
        }));
        verdicts
    };
    let command = "cargo run -p homeostat-trial --example specimen_reports -- FOLDER";
    Ok(AnalysisReport {
        title: format!("Glucose report: {name}"),
        source: SourceFacts::of(&name, &export, env!("CARGO_PKG_VERSION"), command),
        subjects: export.subjects.iter().map(|t| AnalysisSubject::of(t, &jump(t))).collect(),
        notes: export.notes.iter().map(|note| note.text.clone()).collect(),
        unusable: export.unusable,
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("usage: specimen_reports FOLDER [CGM-FILE]")?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    let report = trial()?;
    fs::write(folder.join("trial.html"), trial_page(&report))?;
    fs::write(folder.join("results.json"), results_json(&report)?)?;
    fs::write(folder.join("subjects.csv"), subjects_csv(&report))?;
    print!("{}", headline_text(&report));
    let report = analysis(arguments.next().as_deref())?;
    fs::write(folder.join("analysis.html"), analysis_page(&report))?;
    println!();
    print!("{}", analysis_text(&report));
    Ok(())
}
