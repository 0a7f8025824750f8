//! The options that make a scenario, from a file or from nothing.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use homeostat_trial::cells::{TrialError, cohort_error};
use homeostat_trial::insulin::scenario::{
    Arm, Control, Family, Scenario, SensorModel, apply_sensor, builtin_hazards, hazard_campaign,
    read, standard,
};
use homeostat_trial::insulin::trial::Trial as Prepared;

use crate::failure::Failure;
use crate::files;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Announce {
    /// Meals are announced.
    Yes,
    /// Meals are not announced.
    No,
    /// Each controller once with and once without.
    Both,
}

/// What is run. Each option changes the scenario file, or the standard scenario when there is none.
#[derive(Debug, Args)]
#[command(next_help_heading = "Scenario")]
pub(crate) struct ScenarioOptions {
    /// A scenario in TOML; `--print-scenario` shows what one looks like, the book's page
    /// docs/book/scenario-format.md every key.
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// Who is treated: uva-padova, hovorka, or a simglucose parameter file.
    #[arg(long, value_name = "uva-padova|hovorka|FILE")]
    family: Option<String>,
    /// Only these subjects, by name. May be repeated.
    #[arg(long = "only", value_name = "SUBJECT")]
    subjects: Vec<String>,
    /// The glucose sensor.
    #[arg(long, value_parser = sensor, value_name = "ideal|dexcom|guardian|navigator|seven-plus|g5|g6")]
    sensor: Option<SensorModel>,
    /// Scored days.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: Option<u32>,
    /// Days before scoring begins, in which controllers may adapt.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(0..=365))]
    run_in: Option<u32>,
    /// A controller to run. May be repeated.
    #[arg(long, value_parser = control, value_name = "open-loop|rules|mpc")]
    controller: Vec<Control>,
    /// Whether the closed loops are told of meals.
    #[arg(long, value_enum)]
    announce: Option<Announce>,
    /// How many seeds, counting up from the first.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    seeds: Option<u32>,
    /// Run the perturbation campaign: every arm under every built-in hazard, reported by hazard.
    #[arg(long)]
    hazards: bool,
}

fn by_name<T: Copy>(names: &[(&'static str, T)], given: &str) -> Result<T, String> {
    let found = names.iter().find(|(name, _)| *name == given);
    let known: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
    found.map(|(_, item)| *item).ok_or_else(|| format!("expected one of {}", known.join(", ")))
}

fn sensor(given: &str) -> Result<SensorModel, String> {
    by_name(&SensorModel::NAMES, given)
}

fn control(given: &str) -> Result<Control, String> {
    by_name(&Control::NAMES, given)
}

impl ScenarioOptions {
    /// The scenario with its subjects, ready to run.
    pub(crate) fn prepare(&self, seed: Option<u64>) -> Result<Prepared, Failure> {
        Prepared::prepare(self.scenario(seed)?).map_err(|error| {
            let place =
                self.scenario.as_ref().filter(|_| !self.replaces(&error)).and_then(|path| {
                    let text = files::read_text(path).ok()?;
                    cohort_error(&path.display().to_string(), &text, &error)
                });
            place.map_or_else(|| Failure::environment(&error), Failure::environment)
        })
    }

    /// Whether an error lies in what the command line says instead of the file.
    fn replaces(&self, error: &TrialError) -> bool {
        match error {
            TrialError::Subject { .. } | TrialError::Twice { .. } => !self.subjects.is_empty(),
            TrialError::Criterion { .. } => self.hazards,
            _ => self.family.is_some(),
        }
    }

    /// The scenario that these options and a first seed describe.
    pub(crate) fn scenario(&self, seed: Option<u64>) -> Result<Scenario, Failure> {
        let mut scenario = match &self.scenario {
            None => standard(),
            Some(path) => {
                let text = files::read_text(path)?;
                read(&path.display().to_string(), &text).map_err(Failure::environment)?
            }
        };
        self.patients(&mut scenario);
        self.arms(&mut scenario)?;
        if let Some(sensor) = self.sensor {
            apply_sensor(&mut scenario, sensor);
        }
        scenario.days = self.days.unwrap_or(scenario.days);
        scenario.run_in_days = self.run_in.unwrap_or(scenario.run_in_days);
        scenario.seeds.first = seed.unwrap_or(scenario.seeds.first);
        scenario.seeds.count = self.seeds.unwrap_or(scenario.seeds.count);
        if self.hazards {
            if !scenario.hazards.is_empty() {
                return Err(Failure::usage(
                    "--hazards beside a scenario that has hazards of its own: leave one away",
                ));
            }
            hazard_campaign(&mut scenario, builtin_hazards());
        }
        if scenario.seeds.first.checked_add(u64::from(scenario.seeds.count)).is_none() {
            return Err(Failure::usage("--seed: too large for the number of seeds"));
        }
        Ok(scenario)
    }

    fn patients(&self, scenario: &mut Scenario) {
        if let Some(family) = &self.family {
            scenario.patients.subjects.clear();
            scenario.patients.count = None;
            scenario.patients.family = match family.as_str() {
                "uva-padova" => Family::UvaPadova,
                "hovorka" => Family::Hovorka,
                file => Family::File(file.to_owned()),
            };
        }
        if !self.subjects.is_empty() {
            scenario.patients.subjects.clone_from(&self.subjects);
        }
    }

    fn arms(&self, scenario: &mut Scenario) -> Result<(), Failure> {
        if self.controller.is_empty() && self.announce.is_none() {
            return Ok(());
        }
        let given: Vec<Control> = if self.controller.is_empty() {
            let mut controls: Vec<Control> = scenario.arms.iter().map(|arm| arm.control).collect();
            controls.dedup();
            controls
        } else {
            self.controller.clone()
        };
        let manners: &[bool] = match self.announce.unwrap_or(Announce::Yes) {
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
}
