//! What the options of `trial` make of an insulin scenario.

use homeostat_trial::insulin::scenario::{
    Arm, Control, Family, Scenario, SensorModel, apply_sensor, builtin_hazards, hazard_campaign,
    read, standard,
};

use super::options::{Announce, ScenarioOptions, beside, by_name};
use crate::failure::Failure;
use crate::files;

/// The scenario that these options and a first seed describe.
pub(super) fn scenario(options: &ScenarioOptions, seed: Option<u64>) -> Result<Scenario, Failure> {
    options.only_for_insulin()?;
    let mut scenario = match &options.scenario {
        None => standard(),
        Some(path) => {
            let text = files::read_text(path)?;
            let read = read(&path.display().to_string(), &text);
            let mut scenario = read.map_err(Failure::environment)?;
            if let Family::File(file) = &mut scenario.patients.cohort {
                *file = beside(path, file);
            }
            scenario
        }
    };
    patients(options, &mut scenario);
    arms(options, &mut scenario)?;
    if let Some(name) = &options.sensor {
        apply_sensor(&mut scenario, by_name("--sensor", &SensorModel::NAMES, name)?);
    }
    scenario.days = options.days.unwrap_or(scenario.days);
    scenario.run_in_days = options.run_in.unwrap_or(scenario.run_in_days);
    scenario.seeds.first = seed.unwrap_or(scenario.seeds.first);
    scenario.seeds.count = options.seeds.unwrap_or(scenario.seeds.count);
    if options.hazards {
        if !scenario.hazards.is_empty() {
            return Err(Failure::usage(
                "--hazards beside a scenario that has hazards of its own: leave one away",
            ));
        }
        hazard_campaign(&mut scenario, builtin_hazards());
    }
    options.seeds_fit(scenario.seeds.first, scenario.seeds.count)?;
    Ok(scenario)
}

fn patients(options: &ScenarioOptions, scenario: &mut Scenario) {
    if let Some(family) = &options.family {
        scenario.patients.subjects.clear();
        scenario.patients.count = None;
        scenario.patients.cohort = match family.as_str() {
            "uva-padova" => Family::UvaPadova,
            "hovorka" => Family::Hovorka,
            file => Family::File(file.to_owned()),
        };
    }
    if !options.subjects.is_empty() {
        scenario.patients.subjects.clone_from(&options.subjects);
    }
}

fn arms(options: &ScenarioOptions, scenario: &mut Scenario) -> Result<(), Failure> {
    if options.controller.is_empty() && options.announce.is_none() {
        return Ok(());
    }
    let given: Vec<Control> = if options.controller.is_empty() {
        let mut controls: Vec<Control> = scenario.arms.iter().map(|arm| arm.control).collect();
        controls.dedup();
        controls
    } else {
        let named = |name: &String| by_name("--controller", &Control::NAMES, name);
        options.controller.iter().map(named).collect::<Result<_, _>>()?
    };
    let manners: &[bool] = match options.announce.unwrap_or(Announce::Yes) {
        Announce::Yes => &[true],
        Announce::No => &[false],
        Announce::Both => &[true, false],
    };
    let mut arms: Vec<Arm> = Vec::new();
    for control in given {
        for announced in manners.iter().copied() {
            // An open loop gives its boluses for announced meals: it has one manner only.
            let announced = announced || control == Control::OpenLoop;
            let name = Arm::usual_name(control, announced);
            if !arms.iter().any(|arm| arm.name == name) {
                arms.push(Arm { name, control, announced });
            }
        }
    }
    scenario.replace_arms(arms).map_err(|name| {
        Failure::usage(format!(
            "the scenario has criteria for the arm `{name}`, which --controller or --announce \
                 takes away: change the criteria in the file"
        ))
    })
}
