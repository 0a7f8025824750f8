//! `homeostat vuln explain`.

use std::fmt::Write as _;

use clap::Args;
use homeostat_postmarket::harm::matrix::InForce;
use homeostat_postmarket::office::{FindingId, FindingRow, Given, Notice, Office};
use homeostat_postmarket::report::{class_word, record_words};
use jiff::Timestamp;

use super::desk::{self, Desk};
use crate::failure::{Failure, Outcome};
use crate::{clock, output};

/// Say in plain words why a finding is there, which way leads to the patient, by which rule, and which clocks run.
///
/// Every decision on it is computed again from its inputs: the same bytes, or the field that differs. Exit 1 if one
/// differs or the chain of decisions is broken. Without a finding all of them are listed, or with --waiting the notices that
/// wait for a person.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  homeostat vuln explain F-12 --store office.db")]
pub(crate) struct Explain {
    /// The finding, like F-12; all are listed if not given.
    #[arg(value_parser = desk::finding)]
    finding: Option<FindingId>,
    #[command(flatten)]
    desk: Desk,
    /// What waits for a person: every notice of which nobody has decided.
    #[arg(long, conflicts_with = "finding")]
    waiting: bool,
    /// The time at which it is looked at (RFC 3339); now if not given.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
}

impl Explain {
    pub(crate) fn run(&self) -> Outcome {
        let now = clock::at(self.at.as_deref())?;
        let office = self.desk.look()?;
        if self.waiting {
            return waiting(&office);
        }
        let Some(id) = self.finding else { return list(&office) };
        let finding = office.finding(id).map_err(Failure::environment)?;
        let mut text = head(&finding);
        let broken = tell(&office, &finding, now, &mut text)?;
        let chain = office.check_decisions();
        let _ = match &chain {
            Ok(count) => writeln!(text, "\nchain of decisions: {count}, unbroken"),
            Err(error) => writeln!(text, "\nchain of decisions: {error}"),
        };
        output::data(&text)?;
        match (broken, chain) {
            (0, Ok(_)) => Ok(()),
            (0, Err(error)) => Err(Failure::negative(error)),
            (count, _) => Err(Failure::negative(format!("{count} decisions do not replay"))),
        }
    }
}

fn list(office: &Office) -> Outcome {
    let mut text = String::new();
    for one in office.findings().map_err(Failure::environment)? {
        let state = if one.told.open { class_word(one.told.class) } else { "closed" };
        let id = one.id.to_string();
        let _ = writeln!(text, "{id:<7}{state:<13}{}", sentence(&one));
    }
    output::data(&text)
}

fn waiting(office: &Office) -> Outcome {
    let notices = office.waiting().map_err(Failure::environment)?;
    let line = |one: &Notice| format!("{} {}\n", one.queued, desk::notice(one));
    output::data(&notices.iter().map(line).collect::<String>())
}

fn sentence(one: &FindingRow) -> String {
    let version = one.version.as_deref().unwrap_or("without version");
    format!(
        "{} in {} {version} of {}: {} releases, {} devices",
        one.vulnerability, one.component, one.product, one.told.releases, one.told.devices
    )
}

fn head(finding: &FindingRow) -> String {
    let mut text = format!("{}: {}\n", finding.id, sentence(finding));
    let others: Vec<&str> = finding
        .names
        .iter()
        .filter(|name| **name != finding.vulnerability)
        .map(String::as_str)
        .collect();
    if !others.is_empty() {
        let _ = writeln!(text, "  also called {}", others.join(", "));
    }
    text
}

/// Why, what for the patient, clocks, life; how many decisions do not replay.
fn tell(
    office: &Office,
    finding: &FindingRow,
    now: Timestamp,
    text: &mut String,
) -> Result<usize, Failure> {
    let matrix = InForce::shipped();
    let id = finding.id;
    let proposed = office.assess(id, &Given::default(), &matrix).map_err(Failure::environment)?;
    text.push_str("\nwhy\n");
    for fact in &proposed.record.inputs.facts {
        let _ = writeln!(
            text,
            "  {}: {} ({}, {})",
            fact.name,
            fact.value,
            fact.source.trim(),
            fact.time
        );
    }
    let decisions = office.decisions(id, &matrix).map_err(Failure::environment)?;
    let standing = decisions.last().map_or(&proposed.record, |last| &last.record);
    let _ = write!(text, "\nfor patients\n{}", record_words(standing, now));
    let clocks = office.clocks(Some(id), now).map_err(Failure::environment)?;
    text.push_str("\nclocks\n");
    for one in &clocks {
        let row = &one.running.clock.row;
        let due = one.due().map_or_else(|| "-".to_owned(), |due| due.to_string());
        let _ = writeln!(text, "  {due} {:<13}{}: {}", one.word(), row.id, row.title);
        let _ = writeln!(text, "    {}, {}", row.source, row.paragraph);
        if let Some(start) = one.running.clock.history().last() {
            let _ = writeln!(
                text,
                "    since {} because {}, says {}",
                start.time, start.reason, start.by
            );
        }
        match one.running.clock.stopped() {
            Some(stop) => writeln!(text, "    stopped {} by {}", stop.time, stop.evidence),
            None => writeln!(text, "    stopped by: {}", row.stop),
        }
        .map_err(Failure::environment)?;
    }
    text.push_str("\nlife\n");
    for event in office.history(id).map_err(Failure::environment)? {
        let class = class_word(event.class);
        let _ = writeln!(text, "  {} {:<9}{class}: {}", event.time, event.change, event.reason);
    }
    text.push_str("\ndecisions\n");
    let mut broken = 0;
    for one in &decisions {
        let who = one.record.decided.as_ref().map_or("nobody", |person| person.name.as_str());
        let again = match &one.differs {
            None => "computed again: the same bytes".to_owned(),
            Some(words) => {
                broken += 1;
                format!("computed again: NOT the same: {words}")
            }
        };
        let _ = writeln!(text, "  {} by {who}; {again}", one.digest);
    }
    if decisions.is_empty() {
        text.push_str("  nobody has decided; decide with `homeostat vuln assess`\n");
    }
    Ok(broken)
}
