//! The options that make a scenario, from a file or from nothing.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use homeostat_assembly::therapies::Therapy as Known;
use homeostat_trial::cells::{
    BoxPlace, CellError, CellKey, CellOutcome, PeopleFile, Roster, TrialError, cohort_error,
};
use homeostat_trial::checkers::Findings;
use homeostat_trial::report::TrialReport;
use homeostat_trial::{insulin as of_insulin, propofol as of_propofol};

use super::{insulin, propofol};
use crate::failure::Failure;
use crate::files;
use crate::verbs::Therapy;

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
    /// Which therapy; by default the scenario file's, or insulin.
    #[arg(long, value_enum)]
    pub(super) therapy: Option<Therapy>,
    /// A scenario in TOML; `--print-scenario` shows what one looks like, the book's page
    /// docs/book/scenario-format.md every key.
    #[arg(long, value_name = "FILE")]
    pub(super) scenario: Option<PathBuf>,
    /// Only these subjects, by name. May be repeated.
    #[arg(long = "only", value_name = "SUBJECT")]
    pub(super) subjects: Vec<String>,
    /// A controller to run: open-loop, rules or mpc; with propofol tci, pid or mpc. May be repeated.
    #[arg(long, value_name = "NAME")]
    pub(super) controller: Vec<String>,
    /// How many seeds, counting up from the first.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(super) seeds: Option<u32>,
    /// Run the perturbation campaign: every arm under every built-in hazard, reported by hazard.
    #[arg(long)]
    pub(super) hazards: bool,
    /// Who is treated: uva-padova, hovorka, or a simglucose parameter file.
    #[arg(long, value_name = "uva-padova|hovorka|FILE", help_heading = "Insulin")]
    pub(super) family: Option<String>,
    /// The glucose sensor.
    #[arg(
        long,
        value_name = "ideal|dexcom|guardian|navigator|seven-plus|g5|g6",
        help_heading = "Insulin"
    )]
    pub(super) sensor: Option<String>,
    /// Scored days.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=3650), help_heading = "Insulin")]
    pub(super) days: Option<u32>,
    /// Days before scoring begins, in which controllers may adapt.
    #[arg(
        long,
        value_name = "DAYS",
        value_parser = clap::value_parser!(u32).range(0..=365),
        help_heading = "Insulin"
    )]
    pub(super) run_in: Option<u32>,
    /// Whether the closed loops are told of meals.
    #[arg(long, value_enum, help_heading = "Insulin")]
    pub(super) announce: Option<Announce>,
    /// Who is treated: ionescu, ionescu-surface, eleveld-adults, eleveld-elderly, eleveld-children, or a
    /// table of people as `simulate` takes it.
    #[arg(long, value_name = "COHORT|FILE", help_heading = "Propofol")]
    pub(super) cohort: Option<String>,
    /// How many people: drawn, or from the start of the table.
    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=100_000),
        help_heading = "Propofol"
    )]
    pub(super) count: Option<u32>,
    /// What surgery does to the index.
    #[arg(long, value_name = "none|struys|dumont|step|random", help_heading = "Propofol")]
    pub(super) stimulus: Option<String>,
    /// Opioid and hypnosis attenuate what surgery does, as they do the response to laryngoscopy.
    #[arg(long, help_heading = "Propofol")]
    pub(super) attenuated: bool,
    /// Remifentanil in a fixed ratio to the propofol, from a syringe outside the loop: the scenario's, or
    /// 2 ug/mg from 0.05 to 0.3 ug/kg/min; stimuli are attenuated.
    #[arg(long, value_name = "none|coordinated", help_heading = "Propofol")]
    pub(super) remifentanil: Option<String>,
    /// The monitor of the index; smoothed is noisy through a running mean of 15 s.
    #[arg(long, value_name = "ideal|noisy|smoothed", help_heading = "Propofol")]
    pub(super) monitor: Option<String>,
    /// An arterial line is connected.
    #[arg(long, help_heading = "Propofol")]
    pub(super) pressure: bool,
    /// Minutes from the announcement of induction to the end.
    #[arg(long, value_parser = clap::value_parser!(u32).range(2..=1440), help_heading = "Propofol")]
    pub(super) minutes: Option<u32>,
    /// Index to aim at, 41 to 59.
    #[arg(long, help_heading = "Propofol")]
    pub(super) target: Option<f64>,
    /// Seconds between decisions, 1 to 5.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=5), help_heading = "Propofol")]
    pub(super) period: Option<u32>,
}

/// The item of this name, or a usage error with all names.
pub(super) fn by_name<T: Copy>(
    option: &str,
    names: &[(&'static str, T)],
    given: &str,
) -> Result<T, Failure> {
    let found = names.iter().find(|(name, _)| *name == given);
    let known: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
    found.map(|(_, item)| *item).ok_or_else(|| {
        let given = homeostat_patients::wording::quoted(given);
        Failure::usage(format!("{option}: found {given}; expected one of {}", known.join(", ")))
    })
}

impl ScenarioOptions {
    /// The therapy: as given, as the file says, or insulin.
    fn therapy(&self) -> Result<Known, Failure> {
        match (self.therapy, &self.scenario) {
            (Some(Therapy::Insulin), _) | (None, None) => Ok(Known::Insulin),
            (Some(Therapy::Propofol), _) => Ok(Known::Propofol),
            (None, Some(file)) => {
                let text = files::read_text(file)?;
                homeostat_trial::document::therapy_in(&file.display().to_string(), &text)
                    .map_err(Failure::environment)
            }
        }
    }

    /// The scenario as TOML.
    pub(crate) fn text(&self, seed: Option<u64>) -> Result<String, Failure> {
        match self.therapy()? {
            Known::Insulin => insulin::scenario(self, seed).map(|scenario| scenario.to_string()),
            Known::Propofol => propofol::scenario(self, seed).map(|scenario| scenario.to_string()),
        }
    }

    /// The scenario with its subjects, ready to run.
    pub(crate) fn prepare(&self, seed: Option<u64>) -> Result<Prepared, Failure> {
        let prepared = match self.therapy()? {
            Known::Insulin => of_insulin::trial::Trial::prepare(insulin::scenario(self, seed)?)
                .map(|trial| Prepared::Insulin(Box::new(trial))),
            Known::Propofol => of_propofol::trial::Trial::prepare(propofol::scenario(self, seed)?)
                .map(|trial| Prepared::Propofol(Box::new(trial))),
        };
        prepared.map_err(|error| {
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
            TrialError::Count { .. } => self.count.is_some() || self.family.is_some(),
            _ => self.family.is_some() || self.cohort.is_some(),
        }
    }

    /// Refuses options of the other therapy.
    pub(super) fn only_for_insulin(&self) -> Result<(), Failure> {
        let others = [
            ("--cohort", self.cohort.is_some()),
            ("--count", self.count.is_some()),
            ("--stimulus", self.stimulus.is_some()),
            ("--attenuated", self.attenuated),
            ("--remifentanil", self.remifentanil.is_some()),
            ("--monitor", self.monitor.is_some()),
            ("--pressure", self.pressure),
            ("--minutes", self.minutes.is_some()),
            ("--target", self.target.is_some()),
            ("--period", self.period.is_some()),
        ];
        foreign(&others, "propofol", "insulin")
    }

    /// Refuses options of the other therapy.
    pub(super) fn only_for_propofol(&self) -> Result<(), Failure> {
        let others = [
            ("--family", self.family.is_some()),
            ("--sensor", self.sensor.is_some()),
            ("--days", self.days.is_some()),
            ("--run-in", self.run_in.is_some()),
            ("--announce", self.announce.is_some()),
        ];
        foreign(&others, "insulin", "propofol")
    }

    /// Whether there is room for all seeds.
    pub(super) fn seeds_fit(&self, first: u64, count: u32) -> Result<(), Failure> {
        match first.checked_add(u64::from(count.saturating_sub(1))) {
            Some(_) => Ok(()),
            None => Err(Failure::usage("--seed: too large for the number of seeds")),
        }
    }
}

/// The path of a file that a scenario names: seen from the folder of the scenario.
pub(super) fn beside(scenario: &Path, file: &str) -> String {
    scenario.with_file_name(file).display().to_string()
}

fn foreign(options: &[(&str, bool)], of: &str, here: &str) -> Result<(), Failure> {
    match options.iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((option, _)) => Err(Failure::usage(format!(
            "{option} is an option of {of}, and this trial is of {here}"
        ))),
    }
}

/// A trial that is ready to run.
#[derive(Debug)]
pub(crate) enum Prepared {
    Insulin(Box<of_insulin::trial::Trial>),
    Propofol(Box<of_propofol::trial::Trial>),
}

/// What a whole trial gave.
pub(crate) struct Ran {
    pub(crate) report: TrialReport,
    /// The heads of all boxes.
    pub(crate) heads: String,
}

/// What one cell gave.
pub(crate) struct One {
    pub(crate) findings: Findings,
    /// The name of the lowest value in JSON, and the value.
    pub(crate) lowest: (&'static str, f64),
}

impl Prepared {
    /// The names from which the cells follow.
    pub(crate) fn roster(&self) -> Roster {
        match self {
            Self::Insulin(trial) => trial.roster(),
            Self::Propofol(trial) => trial.roster(),
        }
    }

    /// The scenario as TOML.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Insulin(trial) => trial.scenario.to_string(),
            Self::Propofol(trial) => trial.scenario.to_string(),
        }
    }

    /// The files of people that it was made with.
    pub(crate) fn files(&self) -> &[PeopleFile] {
        match self {
            Self::Insulin(trial) => &trial.files,
            Self::Propofol(trial) => &trial.files,
        }
    }

    /// Who takes part beyond a limit of a model, because somebody overrode it.
    pub(crate) fn overridden(&self) -> Vec<String> {
        match self {
            Self::Insulin(_) => Vec::new(),
            Self::Propofol(trial) => trial.overridden().collect(),
        }
    }

    /// Runs all cells; `commands` repeat the trial, and begin what repeats one cell.
    pub(crate) fn run(
        &self,
        boxes: Option<&Path>,
        jobs: usize,
        done: &(dyn Fn() + Sync),
        (whole, cell): (&str, &str),
    ) -> Result<Ran, Failure> {
        match self {
            Self::Insulin(trial) => {
                let results = trial.run(boxes, jobs, done).map_err(Failure::environment)?;
                let report = of_insulin::summary::report(trial, &results, whole, cell);
                let heads = trial.roster().heads_csv(&results);
                Ok(Ran { report: report.map_err(Failure::environment)?, heads })
            }
            Self::Propofol(trial) => {
                let results = trial.run(boxes, jobs, done).map_err(Failure::environment)?;
                let report = of_propofol::summary::report(trial, &results, whole, cell);
                Ok(Ran { report, heads: trial.roster().heads_csv(&results) })
            }
        }
    }

    /// Runs one cell.
    pub(crate) fn run_one(&self, key: CellKey, place: BoxPlace<'_>) -> Result<One, Failure> {
        let lowest = |course: &[f64]| {
            course.iter().copied().reduce(|a, b| if b < a { b } else { a }).unwrap_or(0.0)
        };
        let subject = CellError::Subject(key.subject);
        match self {
            Self::Insulin(trial) => {
                let result = trial.cell(key).ok_or(subject).and_then(|cell| cell.run(place));
                let result = result.map_err(Failure::environment)?;
                let lowest = ("lowest_mg_dl", lowest(&result.course));
                Ok(One { findings: result.findings().clone(), lowest })
            }
            Self::Propofol(trial) => {
                let result = trial.cell(key).ok_or(subject).and_then(|cell| cell.run(place));
                let result = result.map_err(Failure::environment)?;
                if let Some(reason) = result.refused {
                    return Err(Failure::negative(format!("{}: {reason}", result.subject)));
                }
                let lowest = ("lowest_index", lowest(&result.course));
                Ok(One { findings: result.findings, lowest })
            }
        }
    }
}
