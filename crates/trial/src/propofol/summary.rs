//! From cells to the report.

use std::collections::BTreeMap;

use homeostat_patients::anaesthesia::units::Seconds as Time;
use homeostat_patients::random::Seed;
use homeostat_patients::wording::shell_word;

use super::cell::CellResult;
use super::chart::TraceFacts;
use super::scenario::{Control, Coordinated, Criterion, Hazard, Measure, Scenario};
use super::trial::Trial;
use crate::cells::CellKey;
use crate::figures::HypnosisTrace;
use crate::metrics::{HypnosisSummary, Seconds, quantile};
use crate::report::{
    self, CriterionKind, HazardRow, HazardTable, HypnosisArm, HypnosisOutcome, HypnosisPatient,
    Outcome, RunFacts, TrialReport, is_asleep_in_time,
};
use crate::scenario::{Row, verdict};

/// A cell that was run, with its place in the trial.
pub type Finished = (CellKey, CellResult);

type Results = [Finished];
/// An arm under a hazard.
type Group = (usize, Option<usize>);

/// Puts the results of a trial into the report's form. `command` repeats the trial; `cell_command`
/// begins the command that repeats one cell.
#[must_use]
pub fn report(trial: &Trial, results: &Results, command: &str, cell_command: &str) -> TrialReport {
    let harm = "no controller gives drug to a person who is truly and visibly far too deep, none lets \
                one lie awake without an alarm";
    let mut criteria = report::checker_rows(results, harm);
    let groups = groups(results);
    for criterion in &trial.scenario.criteria {
        criteria.extend(criterion_rows(trial, criterion, &groups));
    }
    criteria.extend(alarm_rows(trial, &groups));
    let (mut arms, mut shown) = (Vec::new(), Vec::new());
    for ((arm, hazard), members) in &groups {
        // The pages show the undisturbed arms; hazards stand in their table.
        if hazard.unwrap_or(0) != 0 {
            continue;
        }
        let patients = patients(trial, members);
        let mut found = HypnosisArm::of(&trial.scenario.arms[*arm].name, &patients);
        found.traces = traces(trial, members, &found, cell_command);
        shown.push(found);
        arms.push(arm_of(trial, *arm));
    }
    let minute = |second: u32| f64::from(second) / 60.0;
    let scenario = &trial.scenario;
    TrialReport {
        title: scenario.name.clone(),
        run: run_facts(trial, command),
        arms,
        criteria,
        hazards: hazard_table(trial, &groups),
        notes: notes(trial, results),
        outcome: Outcome::Hypnosis(HypnosisOutcome {
            target: scenario.target,
            scored_minutes: (
                minute(scenario.maintenance_second()),
                minute(scenario.emergence_second()),
            ),
            arms: shown,
        }),
    }
}

fn groups(results: &Results) -> BTreeMap<Group, Vec<&Finished>> {
    let mut groups: BTreeMap<Group, Vec<&Finished>> = BTreeMap::new();
    for one in results {
        groups.entry((one.0.arm, one.0.hazard)).or_default().push(one);
    }
    groups
}

/// A person's name; with the seed, where there are several.
fn name_of(trial: &Trial, (key, cell): &Finished) -> String {
    match trial.scenario.seeds.count {
        1 => cell.subject.clone(),
        _ => format!("{} seed {}", cell.subject, key.seed),
    }
}

fn patients<'r>(trial: &Trial, members: &[&'r Finished]) -> Vec<HypnosisPatient<'r>> {
    let lived = members.iter().filter_map(|one| Some((*one, one.1.summary?)));
    lived
        .map(|(one, summary)| HypnosisPatient {
            subject: name_of(trial, one),
            summary,
            course: &one.1.course,
        })
        .collect()
}

fn arm_of(trial: &Trial, place: usize) -> report::Arm {
    let arm = &trial.scenario.arms[place];
    let (name, description) = match arm.control {
        Control::Tci => (
            "Target-controlled infusion",
            "The effect site is steered to what the population needs; the index is not used.",
        ),
        Control::Pid => (
            "PID",
            "Proportional-integral-derivative control of the index with prediction over the delay.",
        ),
        Control::Mpc => (
            "Predictive control",
            "An observer learns the person's sensitivity; drug cannot be taken back, and the cost says \
             so.",
        ),
    };
    let named = arm.name == arm.control.name();
    report::Arm {
        id: arm.name.clone(),
        name: if named { name.to_owned() } else { arm.name.clone() },
        description: description.to_owned(),
    }
}

fn measured(summary: &HypnosisSummary, measure: Measure) -> f64 {
    let share = |holds: bool| if holds { 100.0 } else { 0.0 };
    match measure {
        Measure::InRange => summary.adequate,
        Measure::Below40 => summary.below,
        Measure::Above60 => summary.above,
        Measure::Inaccuracy => summary.median_absolute_error,
        // Nobody with any time from 40 to 60 has as bad a score.
        Measure::GlobalScore => summary.global_score.unwrap_or(100_000.0),
        Measure::Nadir => summary.nadir,
        Measure::Lowest => summary.lowest,
        Measure::EverBelow30 => share(summary.ever_below_30),
        Measure::EverBelow20 => share(summary.ever_below_20),
        Measure::AsleepIn5 => share(is_asleep_in_time(summary)),
    }
}

/// What is measured, and the unit of its value.
const fn words(measure: Measure) -> (&'static str, &'static str) {
    match measure {
        Measure::InRange => ("time from 40 to 60", " %"),
        Measure::Below40 => ("time below 40", " %"),
        Measure::Above60 => ("time above 60", " %"),
        Measure::Inaccuracy => ("MDAPE", " %"),
        Measure::GlobalScore => ("global score", ""),
        Measure::Nadir => ("nadir of induction", ""),
        Measure::Lowest => ("lowest index", ""),
        Measure::EverBelow30 => ("persons ever below 30", " %"),
        Measure::EverBelow20 => ("persons ever below 20", " %"),
        Measure::AsleepIn5 => ("persons below 60 within 5 min", " %"),
    }
}

fn binds(trial: &Trial, criterion: &Criterion, arm: usize) -> bool {
    let arm = &trial.scenario.arms[arm];
    criterion.binds(&arm.name, arm.control != Control::Tci)
}

fn hazard_of(trial: &Trial, hazard: Option<usize>) -> Option<&Hazard> {
    trial.scenario.hazards.get(hazard?)
}

/// The value that decides, and whose it is.
fn reached<'r>(
    criterion: &Criterion,
    members: &[&'r Finished],
) -> Option<(f64, Option<&'r Finished>)> {
    let bound = members.iter().filter(|one| one.1.subject.starts_with(&criterion.subjects));
    let value = |one: &Finished| Some(measured(one.1.summary.as_ref()?, criterion.measure));
    let values: Vec<_> = bound.filter_map(|one| Some((value(one)?, *one))).collect();
    criterion.reached(&values)
}

fn criterion_rows(
    trial: &Trial,
    criterion: &Criterion,
    groups: &BTreeMap<Group, Vec<&Finished>>,
) -> Vec<report::Criterion> {
    let mut rows = Vec::new();
    for ((arm, hazard), members) in groups {
        let hazard = hazard_of(trial, *hazard);
        if !binds(trial, criterion, *arm) || !hazard.is_none_or(|hazard| hazard.judged) {
            continue;
        }
        let found = reached(criterion, members);
        // Under a hazard a refused profile may be the right answer to it.
        if found.is_none() && hazard.is_some() {
            continue;
        }
        let row = Row {
            id: "PRO-06",
            arm: &trial.scenario.arms[*arm].name,
            measure: words(criterion.measure),
            decimals: 1,
            subjects: &criterion.subjects,
            hazard: hazard.map(|hazard| hazard.name.as_str()),
        };
        let name = |one: &Finished| name_of(trial, one);
        let found = found.map(|(value, whose)| (value, whose.map_or(String::new(), name)));
        rows.push(criterion.row(&row, found));
    }
    rows
}

/// The longest time from the moment at which a hazard can be known to an alarm, s, over those cells in
/// which that moment comes; `None` if in one of them an alarm never did, or in no cell the moment.
fn longest_wait(hazard: &Hazard, members: &[&Finished]) -> Option<u32> {
    let lived = members.iter().filter(|one| one.1.refused.is_none());
    let mut longest = None;
    for one in lived {
        longest = longest.max(one.1.chart.alarm_wait(hazard).ok()?);
    }
    longest
}

/// One row a hazard that must be heard, over all arms.
fn alarm_rows(trial: &Trial, groups: &BTreeMap<Group, Vec<&Finished>>) -> Vec<report::Criterion> {
    let mut rows = Vec::new();
    for (place, hazard) in trial.scenario.hazards.iter().enumerate() {
        let Some(within) = hazard.alarm_within else { continue };
        let members: Vec<&Finished> = groups
            .iter()
            .filter(|((_, hazard), _)| *hazard == Some(place))
            .flat_map(|(_, members)| members.iter().copied())
            .collect();
        let wait = longest_wait(hazard, &members);
        rows.push(report::Criterion {
            id: "ALM-01".to_owned(),
            what: format!("hazard {}: an alarm in every cell", hazard.name),
            kind: CriterionKind::Must,
            required: format!("within {within} s of when it can be known"),
            reached: wait.map_or("not in every cell".to_owned(), |wait| format!("{wait} s")),
            passed: wait.is_some_and(|wait| wait <= within),
        });
    }
    rows
}

fn hazard_table(trial: &Trial, groups: &BTreeMap<Group, Vec<&Finished>>) -> HazardTable {
    if trial.scenario.hazards.is_empty() {
        return HazardTable::default();
    }
    let column = |name: &str, decimals| report::Measure { name: name.to_owned(), decimals };
    let measures = vec![
        column("40\u{2013}60, % (median)", 1),
        column("p10", 1),
        column("lowest", 1),
        column("ever <30, %", 1),
        column("ever <20, %", 1),
        column("above 60, % (median)", 1),
        column("alarm after it can be known, s (longest)", 0),
        column("alarms each", 1),
        column("objections each", 1),
        column("refused", 0),
    ];
    let mut rows = Vec::new();
    for (place, hazard) in trial.scenario.hazards.iter().enumerate() {
        for ((arm, _), members) in groups.iter().filter(|((_, of), _)| *of == Some(place)) {
            rows.push(HazardRow {
                hazard: hazard.words.clone(),
                arm: trial.scenario.arms[*arm].name.clone(),
                values: hazard_values(hazard, members),
                passed: judged(trial, *arm, hazard, members),
            });
        }
    }
    HazardTable { measures, rows }
}

fn hazard_values(hazard: &Hazard, members: &[&Finished]) -> Vec<Option<f64>> {
    let sorted = |measure: Measure| {
        let summaries = members.iter().filter_map(|one| one.1.summary.as_ref());
        let mut values: Vec<f64> = summaries.map(|summary| measured(summary, measure)).collect();
        values.sort_by(f64::total_cmp);
        values
    };
    let at = |measure, share| quantile(&sorted(measure), share);
    let mean = |measure| {
        let values = sorted(measure);
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    let refused = members.iter().filter(|one| one.1.refused.is_some()).count();
    let lived = (members.len() - refused) as f64;
    let each = |count: u64| (lived > 0.0).then(|| count as f64 / lived);
    vec![
        at(Measure::InRange, 0.5),
        at(Measure::InRange, 0.1),
        at(Measure::Lowest, 0.0),
        mean(Measure::EverBelow30),
        mean(Measure::EverBelow20),
        at(Measure::Above60, 0.5),
        longest_wait(hazard, members).filter(|_| lived > 0.0).map(f64::from),
        each(members.iter().map(|one| one.1.findings.alarms).sum()),
        each(members.iter().map(|one| one.1.findings.opinions.objected).sum()),
        Some(refused as f64),
    ]
}

fn judged(trial: &Trial, arm: usize, hazard: &Hazard, members: &[&Finished]) -> Option<bool> {
    let heard = hazard
        .alarm_within
        .map(|within| longest_wait(hazard, members).is_some_and(|wait| wait <= within));
    let criteria = trial.scenario.criteria.iter();
    let binding = criteria.filter(|one| hazard.judged && !one.aim && binds(trial, one, arm));
    let held = verdict(binding, |criterion| reached(criterion, members).map(|(value, _)| value));
    match (held, heard) {
        (Some(held), Some(heard)) => Some(held && heard),
        (held, heard) => held.or(heard),
    }
}

/// The courses of the persons whom the report shows.
fn traces(
    trial: &Trial,
    members: &[&Finished],
    arm: &HypnosisArm,
    cell_command: &str,
) -> Vec<HypnosisTrace> {
    let find = |name: &str| members.iter().find(|one| name_of(trial, one) == name);
    let shown = arm.shown().into_iter();
    shown
        .filter_map(|(why, one)| Some(trace(trial, &why, find(&one.subject)?, cell_command)))
        .collect()
}

fn trace(trial: &Trial, why: &str, one: &Finished, cell_command: &str) -> HypnosisTrace {
    let (key, cell) = one;
    let scenario = &trial.scenario;
    let summary = cell.summary.unwrap_or_default();
    let arm = &scenario.arms[key.arm].name;
    let hazard = hazard_of(trial, key.hazard);
    let hazard = hazard.map_or(String::new(), |hazard| format!(" --hazard {}", hazard.name));
    let caption = format!(
        "The person: {why}. {:.0} % in 40\u{2013}60, nadir {:.0}, lowest {:.0}. Repeat: {cell_command} --arm {arm} \
         --subject {}{hazard} --seed {} --expect {}",
        summary.adequate,
        summary.nadir,
        summary.lowest,
        shell_word(&cell.subject),
        key.seed,
        cell.findings.root.get(..12).unwrap_or_default()
    );
    let until = Time(f64::from(scenario.seconds()));
    let course = scenario.stimulus.course(&cell.subject, Seed(key.seed), until);
    let stimulus = (0..cell.course.len())
        .step_by(6)
        .map(|second| (Seconds(second as i64), course.at(Time(second as f64)).0))
        .collect();
    cell.chart.trace(&TraceFacts {
        subject: &name_of(trial, one),
        caption,
        course: &cell.course,
        stimulus,
        target: scenario.target,
        weight_kg: cell.weight_kg,
        period_seconds: f64::from(scenario.period_seconds),
    })
}

fn stimulus_words(scenario: &Scenario) -> String {
    let attenuated = if scenario.is_attenuated() { ", attenuated" } else { "" };
    let opioid =
        scenario.remifentanil.map_or(String::new(), |Coordinated { ratio, base, most }| {
            format!("; remifentanil {ratio} of propofol, from {base} to {most}")
        });
    format!("{}{attenuated}{opioid}", scenario.stimulus.name())
}

/// What was given of remifentanil, arm by arm.
fn opioid_note(trial: &Trial, results: &Results) -> Option<String> {
    trial.scenario.remifentanil?;
    let mut arms = Vec::new();
    for (place, arm) in trial.scenario.arms.iter().enumerate() {
        let members =
            results.iter().filter(|(key, cell)| key.arm == place && cell.summary.is_some());
        let mut rates: Vec<f64> = members.map(|(_, cell)| cell.remifentanil.0).collect();
        rates.sort_by(f64::total_cmp);
        let mean = rates.iter().sum::<f64>() / rates.len() as f64;
        let [low, high] = [0.1, 0.9].map(|share| quantile(&rates, share));
        let (Some(low), Some(high)) = (low, high) else { continue };
        arms.push(format!("{} {mean:.3} (p10 {low:.3}, p90 {high:.3})", arm.name));
    }
    Some(format!(
        "Remifentanil, mean rate to emergence or the end, ug/kg/min: {}. Its syringe is coupled by the \
         clinician to what the first one counts: it stands outside the loop, its guard and its record.",
        arms.join(", ")
    ))
}

fn run_facts(trial: &Trial, command: &str) -> RunFacts {
    let scenario = &trial.scenario;
    let seeds = scenario.seeds;
    let fact = |name: &str, value: String| (name.to_owned(), value);
    RunFacts {
        scenario: scenario.name.clone(),
        seed: seeds.first,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        command: command.to_owned(),
        facts: vec![
            fact(
                "persons",
                format!("{} of {}", trial.subjects.len(), scenario.patients.cohort.name()),
            ),
            fact("minutes", format!("{} from induction", scenario.minutes)),
            fact("stimulus", stimulus_words(scenario)),
            fact("monitor", scenario.monitor.name().to_owned()),
            fact("pump", scenario.pump.name().to_owned()),
            fact(
                "loop",
                format!(
                    "target {}, a decision each {} s",
                    scenario.target, scenario.period_seconds
                ),
            ),
            fact("seeds", format!("{} from {}", seeds.count, seeds.first)),
        ],
    }
}

fn notes(trial: &Trial, results: &Results) -> Vec<String> {
    let entries: u64 = results.iter().map(|(_, cell)| cell.findings.entries).sum();
    let objections: u64 = results.iter().map(|(_, cell)| cell.findings.opinions.objected).sum();
    let refused: Vec<&Finished> = results.iter().filter(|one| one.1.refused.is_some()).collect();
    let mut notes = vec![
        format!(
            "Measures are taken on the model's true index, each second. {} black boxes hold {entries} \
             entries; the second opinion objected {objections} times.",
            results.len() - refused.len()
        ),
        format!(
            "Everything is simulated: additive stimuli that {}, published variability of the drug's \
             kinetics and effect. The figures support a comparison of controllers on these models; they \
             say nothing of any person.",
            if trial.scenario.is_attenuated() {
                "hypnosis and opioids blunt as they do the response to laryngoscopy"
            } else {
                "opioids do not blunt"
            }
        ),
    ];
    notes.extend(trial.overridden().map(|words| format!("{words}.")));
    notes.extend(opioid_note(trial, results));
    if let Some((_, cell)) = refused.first() {
        let reason = cell.refused.as_deref().unwrap_or("");
        notes.push(format!(
            "{} cells were not started, because their profile was refused; the first, {}: {reason}.",
            refused.len(),
            cell.subject
        ));
    }
    notes.extend(report::first_violations(&trial.roster(), results));
    notes
}
