//! `homeostat trial repro`: one cell again, bit for bit.

use std::path::PathBuf;

use clap::Args;
use homeostat_patients::wording::{nearest, quoted};
use homeostat_trial::cells::{BoxPlace, Roster};

use super::options::{One, ScenarioOptions};
use crate::failure::{Failure, Outcome};
use crate::output;

/// Repeat one cell of a trial and print the head of its black box.
///
/// The head is the root hash of the box's Merkle tree: two runs with the same head are the same to the
/// last byte of every record. With --expect the command compares and exits 1 on a difference.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  homeostat trial repro --arm mpc --subject 'child#008' --seed 1"
)]
pub(crate) struct Repro {
    #[command(flatten)]
    scenario: ScenarioOptions,
    /// The seed of the cell.
    #[arg(long)]
    seed: u64,
    /// The arm.
    #[arg(long)]
    arm: String,
    /// The subject.
    #[arg(long)]
    subject: String,
    /// The hazard, where the scenario has several.
    #[arg(long)]
    hazard: Option<String>,
    /// The head that is expected, in hexadecimal; a beginning of it suffices.
    #[arg(long, value_name = "HEAD")]
    expect: Option<String>,
    /// A new folder for the black box; by default it is kept in memory and forgotten.
    #[arg(long = "box", value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Write one line of JSON to stdout.
    #[arg(long)]
    json: bool,
}

impl Repro {
    pub(crate) fn run(&self) -> Outcome {
        let trial = self.scenario.prepare(None)?;
        let roster = trial.roster();
        let key = roster.key(&self.arm, self.hazard.as_deref(), &self.subject, self.seed);
        let key = key.ok_or_else(|| Failure::usage(self.unknown(&roster)))?;
        if let Some(folder) = self.folder.as_deref().filter(|folder| folder.exists()) {
            let words = "is there already; name a new folder";
            return Err(Failure::environment(format!("{}: {words}", folder.display())));
        }
        let place = self.folder.as_deref().map_or(BoxPlace::Memory, BoxPlace::Folder);
        let One { findings, lowest } = trial.run_one(key, place)?;
        if self.json {
            let (name, lowest) = lowest;
            output::line(
                &serde_json::json!({
                    "arm": self.arm, "subject": self.subject, "seed": self.seed,
                    "hazard": self.hazard, "head": findings.root, "entries": findings.entries,
                    (name): lowest, "verdicts": findings.verdicts,
                })
                .to_string(),
            )?;
        } else {
            output::line(&findings.root)?;
            for verdict in findings.verdicts.iter().filter(|verdict| !verdict.holds()) {
                let first = verdict.first.as_deref().unwrap_or("");
                output::say(&format!("{}: {} times; {first}", verdict.checker, verdict.violations));
            }
        }
        match &self.expect {
            Some(expected) if !matches(&findings.root, expected) => {
                Err(Failure::negative(format!(
                    "the head is {}, expected {expected}: another program, scenario or seed",
                    findings.root
                )))
            }
            _ => Ok(()),
        }
    }

    fn unknown(&self, roster: &Roster) -> String {
        let said = |option: &str, given: &str, known: &[String]| {
            let known = nearest(given, known.iter().map(String::as_str));
            format!("{option}: found {}; expected {known}", quoted(given))
        };
        if !roster.arms.contains(&self.arm) {
            return said("--arm", &self.arm, &roster.arms);
        }
        if !roster.subjects.contains(&self.subject) {
            return said("--subject", &self.subject, &roster.subjects);
        }
        said("--hazard", self.hazard.as_deref().unwrap_or(""), &roster.hazards)
    }
}

/// Whether `expected` is the beginning of the head; eight digits are the least that says anything.
fn matches(head: &str, expected: &str) -> bool {
    expected.len() >= 8 && head.starts_with(&expected.to_ascii_lowercase())
}
