//! `homeostat simulate --therapy propofol`.

use std::path::Path;

use clap::Args;
use homeostat_patients::anaesthesia::cohort::{Population, ionescu, ionescu_surface, sample};
use homeostat_patients::anaesthesia::monitor::MonitorModel;
use homeostat_patients::anaesthesia::simulate::{
    InfusionOptions, InfusionSchedule, LONGEST_SECONDS, write_infusions_csv,
};
use homeostat_patients::anaesthesia::stimulus::Profile;
use homeostat_patients::anaesthesia::validity::Limits;
use homeostat_patients::anaesthesia::{AnaesthesiaSubject, read_anaesthesia_subjects};
use homeostat_patients::random::Seed;

use super::Simulate;
use crate::failure::{Failure, Outcome};
use crate::{files, output};

/// What only anaesthesia has.
#[derive(Debug, Args)]
#[command(next_help_heading = "Propofol")]
pub(super) struct Anaesthesia {
    /// Seconds to live, in place of --minutes.
    #[arg(
        long,
        conflicts_with = "minutes",
        value_parser = clap::value_parser!(u32).range(1..=i64::from(LONGEST_SECONDS))
    )]
    seconds: Option<u32>,
    /// What surgery does to the index.
    #[arg(long, value_name = "PROFILE", value_parser = ["none", "struys", "dumont", "step", "random"])]
    stimulus: Option<String>,
    /// Remifentanil attenuates stimuli, by the probability that laryngoscopy is tolerated.
    #[arg(long)]
    attenuated: bool,
    /// Also write what a noisy monitor shows: index, signal quality, electromyogram, suppression.
    #[arg(long)]
    monitor: bool,
    /// A drawn cohort is given opioids too: Eleveld's kinetics with them, and remifentanil acts on the
    /// index.
    #[arg(long)]
    opioids: bool,
    /// Use the models for people beyond their limits too; each one is named on stderr.
    #[arg(long)]
    override_limits: bool,
}

impl Anaesthesia {
    /// A flag of this group that was given.
    pub(super) fn used(&self) -> Option<&'static str> {
        let flags = [
            (self.seconds.is_some(), "--seconds"),
            (self.stimulus.is_some(), "--stimulus"),
            (self.attenuated, "--attenuated"),
            (self.monitor, "--monitor"),
            (self.opioids, "--opioids"),
            (self.override_limits, "--override-limits"),
        ];
        flags.into_iter().find_map(|(given, flag)| given.then_some(flag))
    }
}

/// Lives through the inputs.
pub(super) fn run(simulate: &Simulate) -> Outcome {
    let own = &simulate.propofol;
    let seconds = match simulate.minutes {
        Some(minutes) if minutes > LONGEST_SECONDS / 60 => {
            let most = LONGEST_SECONDS / 60;
            let words = format!("--minutes: expected 1 to {most} minutes, found {minutes}");
            return Err(Failure::usage(words));
        }
        Some(minutes) => Some(minutes * 60),
        None => own.seconds,
    };
    let cohort = cohort(simulate)?;
    for subject in &cohort {
        for breach in &subject.overridden {
            output::say(&format!("{}: limit overridden: {breach}", subject.name));
        }
    }
    let text = files::read_text(&simulate.inputs)?;
    let name = simulate.inputs.display().to_string();
    let schedule = InfusionSchedule::parse(&name, &text, &cohort).map_err(Failure::environment)?;
    let options = InfusionOptions {
        seconds,
        every: simulate.every.unwrap_or(1),
        stimulus: own.stimulus.as_deref().and_then(Profile::named).unwrap_or_default(),
        attenuated: own.attenuated,
        monitor: own.monitor.then_some(MonitorModel::NOISY),
        seed: Seed(simulate.seed),
    };
    let unlived = schedule.unlived(&options);
    if unlived > 0 {
        let end = schedule.seconds(&options);
        output::say(&format!("{name}: {unlived} seconds with rows lie behind the end, {end}"));
    }
    simulate.stream(|out| write_infusions_csv(&cohort, &schedule, &options, simulate.states, out))
}

fn cohort(simulate: &Simulate) -> Result<Vec<AnaesthesiaSubject>, Failure> {
    let own = &simulate.propofol;
    let name = simulate.cohort.as_deref().unwrap_or("ionescu");
    let population = match name {
        "eleveld-adults" => Population::Adults,
        "eleveld-elderly" => Population::Elderly,
        "eleveld-children" => Population::Children,
        _ if own.opioids => {
            let words = "--opioids is for a drawn cohort; a file has the column opioids";
            return Err(Failure::usage(words));
        }
        "ionescu" => return Ok(ionescu()),
        "ionescu-surface" => return Ok(ionescu_surface()),
        file => return read(Path::new(file), own),
    };
    let count = simulate.count as usize;
    Ok(sample(population, own.opioids, count, Seed(simulate.seed)))
}

fn read(path: &Path, own: &Anaesthesia) -> Result<Vec<AnaesthesiaSubject>, Failure> {
    let limits = if own.override_limits { Limits::Override } else { Limits::Keep };
    let text = files::read_text(path)?;
    read_anaesthesia_subjects(&path.display().to_string(), &text, limits)
        .map_err(Failure::environment)
}
