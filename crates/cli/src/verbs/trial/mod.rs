//! `homeostat trial`: controllers side by side on virtual patients.

mod insulin;
mod options;
mod propofol;
mod repro;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use clap::{Args, Subcommand};
use homeostat_patients::wording::shell_word;
use homeostat_trial::report::{
    Criterion, CriterionKind, TrialReport, headline_text, results_json, subjects_csv, trial_page,
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::failure::{Failure, Outcome};
use crate::files::NewFolder;
use crate::output;
use options::{Prepared, Ran, ScenarioOptions};

/// Run a virtual trial: controllers side by side on virtual patients.
///
/// --therapy propofol: sixty adults drawn by seed, an hour of anaesthesia under the stimuli of Struys 2004,
/// target-controlled infusion against two controllers.
///
/// Without options: the 30 published UVA/Padova subjects, three meals a day, seven days of run-in and
/// three scored days, an open loop against two controllers. The real loop runs, leaves a real black
/// box for each patient, and every box is verified and computed again before the trial ends.
///
/// The folder given with --out then holds report.html (open it in a browser), results.json,
/// subjects.csv, scenario.toml (and people/, where a file told who takes part) and boxes/ARM/SUBJECT.
/// Same seed, same bytes, whatever --jobs.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(
    after_help = "Examples:\n  homeostat trial\n  homeostat trial --controller mpc --announce \
    both --sensor g6 --seeds 10\n  homeostat trial --hazards --run-in 1 --days 2 --out hazards\n  \
    homeostat trial --print-scenario > mine.toml && homeostat trial --scenario mine.toml\n  homeostat \
    trial --therapy propofol --count 300 --out anaesthesia\n  homeostat trial --therapy propofol \
    --cohort ionescu --monitor ideal --controller mpc\n\n\
    Exit code 1 when a criterion fails."
)]
pub(crate) struct Trial {
    #[command(subcommand)]
    repro: Option<Verb>,
    #[command(flatten)]
    scenario: ScenarioOptions,
    /// The first seed: the same seed gives the same bytes.
    #[arg(long)]
    seed: Option<u64>,
    /// Threads; by default one for each processor.
    #[arg(long)]
    jobs: Option<NonZeroUsize>,
    /// The folder of the results.
    #[arg(long, default_value = "homeostat-out", value_name = "DIR")]
    out: PathBuf,
    /// Check the black boxes but do not keep them.
    #[arg(long)]
    no_boxes: bool,
    /// Print the scenario as TOML and run nothing.
    #[arg(long)]
    print_scenario: bool,
    /// Write the results as JSON to stdout.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Repeat one cell of a trial and print the head of its black box.
    Repro(repro::Repro),
}

impl Trial {
    pub(crate) fn run(&self) -> Outcome {
        if let Some(Verb::Repro(repro)) = &self.repro {
            return repro.run();
        }
        if self.print_scenario {
            return output::data(&self.scenario.text(self.seed)?);
        }
        let trial = self.scenario.prepare(self.seed)?;
        trial.overridden().iter().for_each(|words| output::say(words));
        let folder = NewFolder::begin(&self.out)?;
        let boxes = folder.path().join("boxes");
        let Ran { report, heads } =
            self.run_cells(&trial, (!self.no_boxes).then_some(boxes.as_path()))?;
        let json = results_json(&report).map_err(Failure::environment)?;
        folder.write("scenario.toml", &trial.text())?;
        for file in trial.files() {
            folder.write(&file.name, &file.text)?;
        }
        folder.write("report.html", &trial_page(&report))?;
        folder.write("results.json", &json)?;
        folder.write("subjects.csv", &subjects_csv(&report))?;
        folder.write("heads.csv", &heads)?;
        folder.keep()?;
        self.tell(&report, &json)
    }

    fn run_cells(&self, trial: &Prepared, boxes: Option<&Path>) -> Result<Ran, Failure> {
        let processors = available_parallelism().map_or(1, NonZeroUsize::get);
        let jobs = self.jobs.map_or(processors, NonZeroUsize::get);
        let file = self.out.join("scenario.toml");
        let file = shell_word(&file.display().to_string()).into_owned();
        let whole = format!("homeostat trial --scenario {file}");
        let cell = format!("homeostat trial repro --scenario {file}");
        let bar = progress(trial.roster().cells().len());
        let ran = trial.run(boxes, jobs, &|| bar.inc(1), (&whole, &cell));
        bar.finish_and_clear();
        ran
    }

    fn tell(&self, report: &TrialReport, json: &str) -> Outcome {
        if self.json {
            output::data(json)?;
        } else {
            output::data(&headline_text(report))?;
        }
        let page = self.out.join("report.html");
        output::say(&format!("report: {}", page.display()));
        if report.passed() {
            return Ok(());
        }
        let decides = |row: &&Criterion| !row.passed && row.kind == CriterionKind::Must;
        let failed = report.criteria.iter().filter(decides).count();
        Err(Failure::negative(format!("the trial failed {failed} of its criteria")))
    }
}

/// A bar on stderr when a person watches, nothing otherwise.
fn progress(cells: usize) -> ProgressBar {
    let target = if output::is_watched() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let bar = ProgressBar::with_draw_target(Some(cells as u64), target);
    let template = "{elapsed_precise} [{bar:40}] {pos}/{len} patients, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
}
