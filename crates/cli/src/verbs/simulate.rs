//! `homeostat simulate`: the patients alone.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use homeostat_patients::Cohort;
use homeostat_patients::hovorka::sample_hovorka;
use homeostat_patients::random::Seed;
use homeostat_patients::simulate::{LONGEST_MINUTES, Options, Schedule, write_csv};

use crate::failure::{Failure, Outcome};
use crate::{files, output};

/// Run the virtual patients alone, without any controller.
///
/// Inputs are rows of `subject,minute,meal_g,bolus_u,basal_u_per_h`: a meal (up to 1000 g) is eaten at
/// up to 5 g/min from its minute on, a bolus (up to 300 U) is delivered within its minute, a basal rate
/// (up to 50 U/h) holds until the next row. A field may be empty; rows of one minute add up. Whoever
/// has no row takes no part; without any row everyone lives at basal.
///
/// Output has a row every 5 minutes: `subject,minute,plasma_mg_dl,subcutaneous_mg_dl`, minute by
/// minute, in each minute in the order of the cohort. It is written as it comes: memory does not grow
/// with the minutes. With --out the file stands there when it is whole, or not at all.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  printf 'subject,minute,meal_g,bolus_u\\nadult#001,60,50,5\\n' > \
    inputs.csv\n  homeostat simulate --inputs inputs.csv --minutes 480"
)]
pub(crate) struct Simulate {
    /// Who lives: uva-padova (the 30 published subjects), hovorka, or a simglucose parameter file.
    #[arg(long, default_value = "uva-padova", value_name = "FAMILY|FILE")]
    cohort: String,
    /// What they eat and are given.
    #[arg(long, value_name = "FILE")]
    inputs: PathBuf,
    /// Minutes to live, at most ten years; by default to the end of the day of the last row.
    #[arg(
        long,
        value_parser = clap::value_parser!(u32).range(1..=i64::from(LONGEST_MINUTES))
    )]
    minutes: Option<u32>,
    /// Minutes between the rows of the output.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1440))]
    every: u32,
    /// Also write every state of the model.
    #[arg(long)]
    states: bool,
    /// Seed of a drawn cohort.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Subjects of a drawn cohort.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    count: u32,
    /// Where the table goes; by default to stdout.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Simulate {
    pub(crate) fn run(&self) -> Outcome {
        let cohort = self.cohort()?;
        let text = files::read_text(&self.inputs)?;
        let name = self.inputs.display().to_string();
        let schedule = Schedule::parse(&name, &text, &cohort).map_err(Failure::environment)?;
        let options = Options { minutes: self.minutes, every: self.every, states: self.states };
        let unlived = schedule.unlived(&options);
        if unlived > 0 {
            let end = schedule.minutes(&options);
            output::say(&format!("{name}: {unlived} minutes with rows lie behind the end, {end}"));
        }
        let write = |out: &mut dyn Write| write_csv(&cohort, &schedule, options, out);
        match &self.out {
            None => output::stream(write),
            Some(out) => files::stream(out, write),
        }
    }

    fn cohort(&self) -> Result<Cohort, Failure> {
        match self.cohort.as_str() {
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
