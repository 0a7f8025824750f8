//! From cells to the report.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::cell::CellResult;
use super::chart::TraceFacts;
use super::scenario::{Control, Criterion, DAY_MINUTES, Measure};
use super::trial::{CellKey, Trial};
use crate::figures::PatientTrace;
use crate::metrics::{Glucose, GlucoseSummary, Insulin, Seconds};
use crate::report::{
    self, GlucoseArm, GlucoseOutcome, GlucosePatient, GlucoseSubject, HazardRow, HazardTable,
    Outcome, RunFacts, TrialReport,
};
use crate::scenario::{Row, verdict};
use homeostat_patients::wording::shell_word;

/// Traces shown of each arm.
const TRACES: usize = 3;

/// A true glucose below this is arithmetic of a model without counter-regulation; measures that
/// take a logarithm need a number above zero, mg/dL.
const LEAST_GLUCOSE: f64 = 1.0;

/// A cell that was run, with its place in the trial.
pub type Finished = (CellKey, CellResult);

type Results = [Finished];
/// An arm under a hazard.
type Group = (usize, Option<usize>);

/// Puts the results of a trial into the report's form. `command` repeats the trial; `cell_command`
/// begins the command that repeats one cell.
///
/// # Errors
/// Those of the series of a subject, in words. None for the results of a trial.
pub fn report(
    trial: &Trial,
    results: &Results,
    command: &str,
    cell_command: &str,
) -> Result<TrialReport, String> {
    let mut groups: BTreeMap<Group, GlucoseArm> = BTreeMap::new();
    for (key, _) in results {
        let group = (key.arm, key.hazard);
        if let Entry::Vacant(place) = groups.entry(group) {
            place.insert(glucose_arm(trial, results, group)?);
        }
    }
    let harm = "no controller adds insulin to a patient who is truly and visibly low";
    let mut criteria = report::checker_rows(results, harm);
    for criterion in &trial.scenario.criteria {
        criteria.extend(criterion_rows(trial, criterion, &groups));
    }
    let hazards = hazard_table(trial, results, &groups);
    let mut arms = Vec::new();
    let mut outcome = GlucoseOutcome { arms: Vec::new() };
    for ((arm, hazard), mut glucose) in groups {
        // The pages show the undisturbed arms; hazards stand in their table.
        if hazard.unwrap_or(0) != 0 {
            continue;
        }
        glucose.traces = worst_traces(trial, results, (arm, hazard), &glucose, cell_command);
        outcome.arms.push(glucose);
        arms.push(arm_of(trial, arm));
    }
    Ok(TrialReport {
        title: trial.scenario.name.clone(),
        run: run_facts(trial, command),
        arms,
        criteria,
        hazards,
        notes: notes(trial, results),
        outcome: Outcome::Glucose(outcome),
    })
}

fn arm_of(trial: &Trial, place: usize) -> report::Arm {
    let arm = &trial.scenario.arms[place];
    let (name, description) = match (arm.control, arm.announced) {
        (Control::OpenLoop, _) => (
            "Open loop",
            "A person sets the basal rate and gives boluses by carbohydrate ratio and correction \
             factor; no automation.",
        ),
        (Control::Rules, true) => {
            ("Rules", "Basal modulation with predictive low-glucose suspend; meals are announced.")
        }
        (Control::Rules, false) => {
            ("Rules, unannounced", "The same rules; nobody announces meals.")
        }
        (Control::Mpc, true) => (
            "Predictive control",
            "Model-predictive control, individualised from the clinic's figures; meals are \
             announced.",
        ),
        (Control::Mpc, false) => (
            "Predictive control, unannounced",
            "The same predictive controller; nobody announces meals.",
        ),
    };
    let named = arm.name == super::scenario::Arm::usual_name(arm.control, arm.announced);
    report::Arm {
        id: arm.name.clone(),
        name: if named { name.to_owned() } else { arm.name.clone() },
        description: description.to_owned(),
    }
}

/// One arm under one hazard. Several seeds of a subject stand one after another in time.
fn glucose_arm(trial: &Trial, results: &Results, group: Group) -> Result<GlucoseArm, String> {
    let first = trial.scenario.seeds.first;
    let days = i64::from(trial.scenario.days);
    let mut patients: BTreeMap<usize, GlucosePatient> = BTreeMap::new();
    for (key, cell) in results.iter().filter(|(key, _)| (key.arm, key.hazard) == group) {
        let patient = patients.entry(key.subject).or_insert_with(|| GlucosePatient {
            subject: cell.subject.clone(),
            group: group_of(&cell.subject).to_owned(),
            family: trial.scenario.patients.cohort.name().to_owned(),
            readings: Vec::new(),
            insulin_per_day: None,
        });
        let offset = (key.seed - first) as i64 * days * i64::from(DAY_MINUTES);
        patient.readings.extend(cell.course.iter().enumerate().map(|(minute, value)| {
            let value = homeostat_numeric::max(*value, LEAST_GLUCOSE);
            (Seconds::from_minutes(offset + minute as i64), Glucose::from_mg_dl(value))
        }));
        let share = cell.insulin_per_day / f64::from(trial.scenario.seeds.count);
        let sum = patient.insulin_per_day.map_or(0.0, Insulin::units) + share;
        patient.insulin_per_day = Some(Insulin::from_units(sum));
    }
    let patients: Vec<GlucosePatient> = patients.into_values().collect();
    let arm = &trial.scenario.arms[group.0].name;
    GlucoseArm::of(arm, &patients).map_err(|(subject, error)| format!("{subject}: {error}"))
}

/// The age group in a subject's name.
fn group_of(subject: &str) -> &'static str {
    let groups = [("adult", "adults"), ("adolescent", "adolescents"), ("child", "children")];
    groups
        .iter()
        .find(|(begin, _)| subject.starts_with(begin))
        .map_or("subjects", |(_, group)| group)
}

fn measured(summary: &GlucoseSummary, measure: Measure) -> f64 {
    let ranges = &summary.ranges;
    match measure {
        Measure::Below54 => ranges.very_low.get(),
        Measure::Below70 => ranges.below_70().get(),
        Measure::InRange => ranges.target.get(),
        Measure::Above180 => ranges.above_180().get(),
        Measure::Above250 => ranges.very_high.get(),
    }
}

fn words(measure: Measure) -> &'static str {
    match measure {
        Measure::Below54 => "time below 54 mg/dL",
        Measure::Below70 => "time below 70 mg/dL",
        Measure::InRange => "time from 70 to 180 mg/dL",
        Measure::Above180 => "time above 180 mg/dL",
        Measure::Above250 => "time above 250 mg/dL",
    }
}

fn binds(trial: &Trial, criterion: &Criterion, arm: usize) -> bool {
    let arm = &trial.scenario.arms[arm];
    criterion.binds(&arm.name, arm.control != Control::OpenLoop)
}

/// Whether criteria on glucose bind under this hazard.
fn is_judged(trial: &Trial, hazard: Option<usize>) -> bool {
    hazard.and_then(|place| trial.scenario.hazards.get(place)).is_none_or(|hazard| hazard.judged)
}

/// The value that decides, and whose it is.
fn reached<'g>(
    criterion: &Criterion,
    arm: &'g GlucoseArm,
) -> Option<(f64, Option<&'g GlucoseSubject>)> {
    let members = arm.subjects.iter().filter(|one| one.subject.starts_with(&criterion.subjects));
    let value = |one: &GlucoseSubject| measured(&one.summary, criterion.measure);
    let values: Vec<_> = members.map(|one| (value(one), one)).collect();
    criterion.reached(&values)
}

fn criterion_rows(
    trial: &Trial,
    criterion: &Criterion,
    groups: &BTreeMap<Group, GlucoseArm>,
) -> Vec<report::Criterion> {
    let mut rows = Vec::new();
    for ((arm, hazard), glucose) in groups
        .iter()
        .filter(|((arm, hazard), _)| binds(trial, criterion, *arm) && is_judged(trial, *hazard))
    {
        let Some((value, subject)) = reached(criterion, glucose) else { continue };
        let hazard = hazard.and_then(|place| trial.scenario.hazards.get(place));
        let row = Row {
            id: "SIM-13",
            arm: &trial.scenario.arms[*arm].name,
            measure: (words(criterion.measure), " %"),
            decimals: 2,
            subjects: match criterion.subjects.as_str() {
                "" => "",
                subjects => group_of(subjects),
            },
            hazard: hazard.map(|hazard| hazard.name.as_str()),
        };
        let whose = subject.map_or(String::new(), |subject| subject.subject.clone());
        rows.push(criterion.row(&row, Some((value, whose))));
    }
    rows
}

fn hazard_table(
    trial: &Trial,
    results: &Results,
    groups: &BTreeMap<Group, GlucoseArm>,
) -> HazardTable {
    if trial.scenario.hazards.is_empty() {
        return HazardTable::default();
    }
    let column = |name: &str, decimals| report::Measure { name: name.to_owned(), decimals };
    let measures = vec![
        column("TIR, %", 1),
        column("below 70, %", 2),
        column("below 54, %", 3),
        column("worst below 54, %", 2),
        column("above 250, %", 1),
        column("alarms a day", 1),
        column("objections a day", 1),
    ];
    let mut rows = Vec::new();
    for (place, hazard) in trial.scenario.hazards.iter().enumerate() {
        for ((arm, _), glucose) in groups.iter().filter(|((_, hazard), _)| *hazard == Some(place)) {
            let cells = || results.iter().filter(|(k, _)| (k.arm, k.hazard) == (*arm, Some(place)));
            let days = cells().count() as f64 * f64::from(trial.scenario.total_days());
            let a_day = |count: u64| Some(count as f64 / days);
            let everyone = &glucose.everyone;
            rows.push(HazardRow {
                hazard: hazard.words.clone(),
                arm: trial.scenario.arms[*arm].name.clone(),
                values: vec![
                    Some(everyone.ranges.target.get()),
                    Some(everyone.ranges.below_70().get()),
                    Some(everyone.ranges.very_low.get()),
                    Some(everyone.most_below_54.get()),
                    Some(everyone.ranges.very_high.get()),
                    a_day(cells().map(|(_, cell)| cell.findings.alarms).sum()),
                    a_day(cells().map(|(_, cell)| cell.findings.opinions.objected).sum()),
                ],
                passed: judged(trial, *arm, glucose).filter(|_| hazard.judged),
            });
        }
    }
    HazardTable { measures, rows }
}

fn judged(trial: &Trial, arm: usize, glucose: &GlucoseArm) -> Option<bool> {
    let criteria = trial.scenario.criteria.iter();
    let binding = criteria.filter(|one| !one.aim && binds(trial, one, arm));
    verdict(binding, |criterion| reached(criterion, glucose).map(|(value, _)| value))
}

fn worst_traces(
    trial: &Trial,
    results: &Results,
    group: Group,
    glucose: &GlucoseArm,
    cell_command: &str,
) -> Vec<PatientTrace> {
    let arm = &trial.scenario.arms[group.0];
    let mut traces = Vec::new();
    for subject in glucose.worst().into_iter().take(TRACES) {
        let mine = |(key, cell): &&(CellKey, CellResult)| {
            (key.arm, key.hazard) == group && cell.subject == subject.subject
        };
        // Of several seeds, the one with the lowest value.
        let low = |cell: &CellResult| {
            cell.course.iter().copied().reduce(homeostat_numeric::min).unwrap_or(0.0)
        };
        let lowest =
            results.iter().filter(mine).reduce(|a, b| if low(&b.1) < low(&a.1) { b } else { a });
        let Some((key, cell)) = lowest else { continue };
        let ranges = &subject.summary.ranges;
        let hazard = key.hazard.and_then(|place| trial.scenario.hazards.get(place));
        let hazard = hazard.map_or(String::new(), |hazard| format!(" --hazard {}", hazard.name));
        let caption = format!(
            "{:.1} % in range, {:.1} % below 70 mg/dL. Repeat: {cell_command} --arm {} --subject \
             {}{hazard} --seed {} --expect {}",
            ranges.target.get(),
            ranges.below_70().get(),
            arm.name,
            shell_word(&cell.subject),
            key.seed,
            cell.findings.root.get(..12).unwrap_or_default()
        );
        traces.push(cell.chart.trace(&TraceFacts {
            subject: &cell.subject,
            caption,
            course: &cell.course,
            meals: &trial.scenario.meals,
            announced: arm.announced,
            step: cell.step,
        }));
    }
    traces
}

fn run_facts(trial: &Trial, command: &str) -> RunFacts {
    let scenario = &trial.scenario;
    let seeds = scenario.seeds;
    let fact = |name: &str, value: String| (name.to_owned(), value);
    let meals: Vec<String> = scenario
        .meals
        .iter()
        .map(|meal| {
            let (hour, minute) = (meal.at_minute / 60, meal.at_minute % 60);
            format!("{} g at {hour:02}:{minute:02}", meal.carbohydrate_g)
        })
        .collect();
    RunFacts {
        scenario: scenario.name.clone(),
        seed: seeds.first,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        command: command.to_owned(),
        facts: vec![
            fact(
                "patients",
                format!("{} of {}", trial.cohort.names().len(), scenario.patients.cohort.name()),
            ),
            fact(
                "days",
                format!("{} scored after {} of run-in", scenario.days, scenario.run_in_days),
            ),
            fact("sensor", scenario.sensor.name().to_owned()),
            fact("pump", scenario.pump.name().to_owned()),
            fact("meals a day", meals.join(", ")),
            fact("seeds", format!("{} from {}", seeds.count, seeds.first)),
        ],
    }
}

fn notes(trial: &Trial, results: &Results) -> Vec<String> {
    let cycles = results.len() as u64 * u64::from(trial.scenario.total_days()) * 288;
    let entries: u64 = results.iter().map(|(_, cell)| cell.findings.entries).sum();
    let objections: u64 = results.iter().map(|(_, cell)| cell.findings.opinions.objected).sum();
    let mut notes = vec![
        format!(
            "Glucose is the model's true glucose under the skin, taken every minute of the scored \
             days. {cycles} control cycles left {entries} entries in {} black boxes; the second \
             opinion objected {objections} times.",
            results.len()
        ),
        "Everything is simulated. The figures support a comparison of controllers on these models; \
         they say nothing of any person."
            .to_owned(),
    ];
    notes.extend(report::first_violations(&trial.roster(), results));
    if results.iter().any(|(_, cell)| cell.course.iter().any(|value| *value < LEAST_GLUCOSE)) {
        notes.push(
            "Some patients passed below 1 mg/dL: the model has no counter-regulation, and such \
             values are arithmetic."
                .to_owned(),
        );
    }
    notes
}
