//! `homeostat simulate`: the patients alone.

mod propofol;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use homeostat_patients::Cohort;
use homeostat_patients::hovorka::sample_hovorka;
use homeostat_patients::random::Seed;
use homeostat_patients::simulate::{LONGEST_MINUTES, Options, Schedule, write_csv};

use super::Therapy;
use crate::failure::{Failure, Outcome};
use crate::{files, output};

/// Run the virtual patients alone, without any controller.
///
/// Insulin: inputs are rows of `subject,minute,meal_g,bolus_u,basal_u_per_h`: a meal (up to 1000 g) is eaten at
/// up to 5 g/min from its minute on, a bolus (up to 300 U) is delivered within its minute, a basal rate
/// (up to 50 U/h) holds until the next row. A field may be empty; rows of one minute add up. Whoever
/// has no row takes no part; without any row everyone lives at basal.
///
/// Output has a row every 5 minutes: `subject,minute,plasma_mg_dl,subcutaneous_mg_dl`, minute by
/// minute, in each minute in the order of the cohort.
///
/// Propofol: inputs are rows of `subject,second,propofol_mg_per_s,remifentanil_ug_per_s,
/// norepinephrine_ug_per_s` (up to 50, 50 and 10); a rate holds until the next row that has one of the
/// same drug, and a field may be empty. Whoever has no row takes no part; without any row everyone lives
/// without drugs. Output has a row each second, subject by subject: concentrations in plasma and at the
/// effect site, bispectral index after and before its delay, mean arterial pressure, cardiac output,
/// heart rate, each column with its unit in its name.
///
/// Output is written as it comes: memory does not grow with its length. With --out the file stands there
/// when it is whole, or not at all.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  printf 'subject,minute,meal_g,bolus_u\\nadult#001,60,50,5\\n' > \
    inputs.csv\n  homeostat simulate --inputs inputs.csv --minutes 480\n\n  \
    printf 'subject,second,propofol_mg_per_s\\nionescu#01,0,2\\nionescu#01,60,0.15\\n' > \
    rates.csv\n  homeostat simulate --therapy propofol --inputs rates.csv --minutes 30 --every 10"
)]
pub(crate) struct Simulate {
    /// Whose patients live.
    #[arg(long, value_enum, default_value_t = Therapy::Insulin)]
    therapy: Therapy,
    /// Who lives. Insulin: uva-padova (the 30 published subjects, the default), hovorka, or a simglucose
    /// parameter file. Propofol: ionescu (the 13 published patients, the default), ionescu-surface,
    /// eleveld-adults, eleveld-elderly, eleveld-children, or a file with the columns subject, age, sex,
    /// height, weight and any of those in the book's page on these patients.
    #[arg(long, value_name = "COHORT|FILE")]
    cohort: Option<String>,
    /// What they eat and are given.
    #[arg(long, value_name = "FILE")]
    inputs: PathBuf,
    /// Minutes to live, at most ten years (propofol: a week); by default to the end of the day
    /// (propofol: of the hour) of the last row.
    #[arg(
        long,
        value_parser = clap::value_parser!(u32).range(1..=i64::from(LONGEST_MINUTES))
    )]
    minutes: Option<u32>,
    /// Between the rows of the output: minutes, 5 by default and at most 1440; with propofol seconds,
    /// 1 by default.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    every: Option<u32>,
    /// Also write every state of the model.
    #[arg(long)]
    states: bool,
    /// Seed of a drawn cohort, of noise and of random stimuli.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Subjects of a drawn cohort.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    count: u32,
    /// Where the table goes; by default to stdout.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    propofol: propofol::Anaesthesia,
}

impl Simulate {
    pub(crate) fn run(&self) -> Outcome {
        match self.therapy {
            Therapy::Insulin => self.insulin(),
            Therapy::Propofol => propofol::run(self),
        }
    }

    fn insulin(&self) -> Outcome {
        if let Some(flag) = self.propofol.used() {
            return Err(Failure::usage(format!("{flag} is for --therapy propofol")));
        }
        let every = self.every.unwrap_or(5);
        if every > 1440 {
            return Err(Failure::usage(format!(
                "--every: expected 1 to 1440 minutes, found {every}"
            )));
        }
        let cohort = self.cohort()?;
        let text = files::read_text(&self.inputs)?;
        let name = self.inputs.display().to_string();
        let schedule = Schedule::parse(&name, &text, &cohort).map_err(Failure::environment)?;
        let options = Options { minutes: self.minutes, every, states: self.states };
        let unlived = schedule.unlived(&options);
        if unlived > 0 {
            let end = schedule.minutes(&options);
            output::say(&format!("{name}: {unlived} minutes with rows lie behind the end, {end}"));
        }
        self.stream(|out| write_csv(&cohort, &schedule, options, out))
    }

    fn stream(&self, write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Outcome {
        match &self.out {
            None => output::stream(write),
            Some(out) => files::stream(out, write),
        }
    }

    fn cohort(&self) -> Result<Cohort, Failure> {
        match self.cohort.as_deref().unwrap_or("uva-padova") {
            "uva-padova" => Ok(Cohort::published()),
            "hovorka" => Ok(Cohort::Hovorka(sample_hovorka(self.count as usize, Seed(self.seed)))),
            file => read_cohort(Path::new(file)),
        }
    }
}

fn read_cohort(path: &Path) -> Result<Cohort, Failure> {
    homeostat_trial::insulin::trial::read_cohort(&path.display().to_string())
        .map_err(Failure::environment)
}
