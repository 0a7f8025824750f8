//! What the options of `trial` make of an anaesthetic scenario.

use homeostat_trial::propofol::scenario::{
    Arm, CohortChoice, Control, Coordinated, MonitorChoice, Scenario, StimulusProfile, TARGETS,
    builtin_hazards, hazard_campaign, read, standard, usual_criteria,
};

use super::options::{ScenarioOptions, beside, by_name};
use crate::failure::Failure;
use crate::files;

/// The scenario that these options and a first seed describe.
pub(super) fn scenario(options: &ScenarioOptions, seed: Option<u64>) -> Result<Scenario, Failure> {
    options.only_for_propofol()?;
    let mut scenario = match &options.scenario {
        None => standard(),
        Some(path) => {
            let text = files::read_text(path)?;
            let read = read(&path.display().to_string(), &text);
            let mut scenario = read.map_err(Failure::environment)?;
            if let CohortChoice::File(file) = &mut scenario.patients.cohort {
                *file = beside(path, file);
            }
            scenario
        }
    };
    // Bars that nobody gave follow what is run.
    let usual = scenario.criteria == usual_criteria(&scenario);
    if usual {
        scenario.criteria.clear();
    }
    patients(options, &mut scenario);
    conditions(options, &mut scenario)?;
    arms(options, &mut scenario)?;
    scenario.seeds.first = seed.unwrap_or(scenario.seeds.first);
    scenario.seeds.count = options.seeds.unwrap_or(scenario.seeds.count);
    options.seeds_fit(scenario.seeds.first, scenario.seeds.count)?;
    if options.hazards {
        if !scenario.hazards.is_empty() {
            return Err(Failure::usage(
                "--hazards beside a scenario that has hazards of its own: leave one away",
            ));
        }
        let hazards = builtin_hazards(scenario.period_seconds);
        hazard_campaign(&mut scenario, hazards);
    } else if usual {
        scenario.criteria = usual_criteria(&scenario);
    }
    Ok(scenario)
}

fn patients(options: &ScenarioOptions, scenario: &mut Scenario) {
    let patients = &mut scenario.patients;
    if let Some(cohort) = &options.cohort {
        patients.subjects.clear();
        patients.cohort = CohortChoice::of(cohort);
        patients.count = patients.count.filter(|_| patients.cohort.is_drawn());
    }
    if options.count.is_some() {
        patients.subjects.clear();
        patients.count = options.count;
    }
    if !options.subjects.is_empty() {
        patients.subjects.clone_from(&options.subjects);
        patients.count = None;
    }
}

fn conditions(options: &ScenarioOptions, scenario: &mut Scenario) -> Result<(), Failure> {
    if let Some(name) = &options.stimulus {
        let known = StimulusProfile::ALL.map(|profile| (profile.name(), profile));
        scenario.stimulus = by_name("--stimulus", &known, name)?;
    }
    scenario.attenuated |= options.attenuated;
    if let Some(name) = &options.remifentanil {
        let given = scenario.remifentanil.unwrap_or(Coordinated::REFERENCE);
        let known = [("none", None), ("coordinated", Some(given))];
        scenario.remifentanil = by_name("--remifentanil", &known, name)?;
    }
    if let Some(name) = &options.monitor {
        scenario.monitor = by_name("--monitor", &MonitorChoice::NAMES, name)?;
    }
    scenario.pressure |= options.pressure;
    scenario.minutes = options.minutes.unwrap_or(scenario.minutes);
    scenario.period_seconds = options.period.unwrap_or(scenario.period_seconds);
    if scenario.emergence_minutes + 1 >= scenario.minutes {
        return Err(Failure::usage(format!(
            "--minutes: found {}; expected at least two more than the {} of emergence",
            scenario.minutes, scenario.emergence_minutes
        )));
    }
    if let Some(target) = options.target {
        let (least, most) = TARGETS;
        if !(least..=most).contains(&target) {
            let words =
                format!("--target: found {target}; expected an index from {least} to {most}");
            return Err(Failure::usage(words));
        }
        scenario.target = target;
    }
    let end = scenario.minutes * 60;
    let faults = scenario.hazards.iter().flat_map(|hazard| &hazard.faults);
    match faults.chain(&scenario.faults).find(|fault| fault.when.at_second >= end) {
        None => Ok(()),
        Some(fault) => Err(Failure::usage(format!(
            "--minutes: found {}; the scenario has a fault at second {}",
            scenario.minutes, fault.when.at_second
        ))),
    }
}

fn arms(options: &ScenarioOptions, scenario: &mut Scenario) -> Result<(), Failure> {
    if options.controller.is_empty() {
        return Ok(());
    }
    let mut arms: Vec<Arm> = Vec::new();
    for name in &options.controller {
        let arm = Arm::usual(by_name("--controller", &Control::NAMES, name)?);
        if !arms.contains(&arm) {
            arms.push(arm);
        }
    }
    scenario.replace_arms(arms).map_err(|name| {
        Failure::usage(format!(
            "the scenario has criteria for the arm `{name}`, which --controller takes away: change the \
             criteria in the file"
        ))
    })
}
