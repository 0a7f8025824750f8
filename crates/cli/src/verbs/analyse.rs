//! `homeostat analyse`: a real CGM export.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use homeostat_patients::wording::shell_word;
use homeostat_trial::exports::{DateOrder, Options, Unit, open_export};
use homeostat_trial::insulin::analysis::{analyse, readings_csv};
use homeostat_trial::report::{SourceFacts, analysis_page, analysis_text};

use crate::failure::{Failure, Outcome};
use crate::files::NewFolder;
use crate::output;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Units {
    /// Milligrams per decilitre.
    #[value(name = "mg/dL")]
    MgDl,
    /// Millimoles per litre.
    #[value(name = "mmol/L")]
    MmolL,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Dates {
    /// 31-12-2025.
    DayFirst,
    /// 12-31-2025.
    MonthFirst,
}

/// Analyse a real CGM export with the loop's own sensing rules.
///
/// Reads plain CSV (time and glucose, an optional subject column), Dexcom Clarity, LibreView and
/// Nightscout JSON, in mg/dL or mmol/L; the format is recognised. Where neither the file nor --units
/// says the unit it is guessed from the values, and every output says so. Several subjects are kept
/// apart. Says what the sensing stage would have rejected and why, and writes the ambulatory glucose
/// profile with the consensus measures. Nothing leaves this machine.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  homeostat analyse clarity.csv --out my-report")]
pub(crate) struct Analyse {
    /// The export.
    file: PathBuf,
    /// The unit of the values, where the file does not tell.
    #[arg(long, value_enum, ignore_case = true)]
    units: Option<Units>,
    /// Whether dates like 03-04-2025 put the day or the month first, where the file does not tell.
    #[arg(long, value_enum)]
    dates: Option<Dates>,
    /// A folder for report.html, analysis.json and readings.csv; without it only a table is shown.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write the analysis as JSON to stdout.
    #[arg(long)]
    json: bool,
}

impl Analyse {
    pub(crate) fn run(&self) -> Outcome {
        let unit = self.units.map(|units| match units {
            Units::MgDl => Unit::MgDl,
            Units::MmolL => Unit::MmolL,
        });
        let date_order = self.dates.map(|dates| match dates {
            Dates::DayFirst => DateOrder::DayFirst,
            Dates::MonthFirst => DateOrder::MonthFirst,
        });
        let options = Options { unit, date_order };
        let export = open_export(&self.file, &options).map_err(Failure::environment)?;
        let file = self.file.display().to_string();
        let command = self.command(&file);
        let source = SourceFacts::of(&file, &export, env!("CARGO_PKG_VERSION"), &command);
        let analysis = analyse(&export, "Glucose report", source);
        let mut json =
            serde_json::to_string_pretty(&analysis.report).map_err(Failure::environment)?;
        json.push('\n');
        if let Some(out) = &self.out {
            let folder = NewFolder::begin(out)?;
            folder.write("report.html", &analysis_page(&analysis.report))?;
            folder.write("analysis.json", &json)?;
            folder.write("readings.csv", &readings_csv(&export, &analysis.judgements))?;
            folder.keep()?;
            output::say(&format!("report: {}", out.join("report.html").display()));
        }
        if self.json { output::data(&json) } else { output::data(&analysis_text(&analysis.report)) }
    }

    /// The command that repeats the analysis, as a person may copy it.
    fn command(&self, file: &str) -> String {
        let mut command = format!("homeostat analyse {}", shell_word(file));
        let said = [
            ("--units", self.units.and_then(|units| units.to_possible_value())),
            ("--dates", self.dates.and_then(|dates| dates.to_possible_value())),
        ];
        for (option, value) in said {
            if let Some(value) = value {
                command.push_str(&format!(" {option} {}", value.get_name()));
            }
        }
        command
    }
}
