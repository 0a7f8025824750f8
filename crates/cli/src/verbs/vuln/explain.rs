//! `homeostat vuln explain`.

use std::fmt::Write as _;

use clap::Args;
use homeostat_postmarket::clock::Start;
use homeostat_postmarket::office::{Chain, FindingId, FindingRow, Given, Notice, Office};
use homeostat_postmarket::report::{class_word, one_line, product, record_words};
use jiff::Timestamp;
use serde_json::json;

use super::compared::Names;
use super::desk::{self, Desk};
use crate::failure::{Failure, Outcome};
use crate::{clock, output};

/// Say in plain words why a finding is there, which way leads to the patient, by which rule, and which clocks run.
///
/// Every decision on it is computed again from its inputs: the same bytes, or the field that differs. Exit 1 if one
/// differs or the chain of decisions is broken, or is not the one whose head is expected. Without a finding all of them are
/// listed, or with --waiting what waits for a person: notices of which nobody has decided, and products of advisories that no
/// component bears the name of, each with the components that are most like it.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  homeostat vuln explain F-12 --store office.db")]
pub(crate) struct Explain {
    /// The finding, like F-12; all are listed if not given.
    #[arg(value_parser = desk::finding)]
    finding: Option<FindingId>,
    #[command(flatten)]
    desk: Desk,
    /// What waits for a person: notices, and products that no name leads to.
    #[arg(long, conflicts_with = "finding")]
    waiting: bool,
    #[command(flatten)]
    names: Names,
    /// Write what waits as JSON.
    #[arg(long, requires = "waiting")]
    json: bool,
    /// The head of the chain of decisions as it was noted elsewhere: that of today differs after each new decision, and
    /// after any change to an old one.
    #[arg(long, value_name = "SHA-256", conflicts_with = "waiting")]
    expect: Option<String>,
    /// The time at which it is looked at (RFC 3339); now if not given.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
}

impl Explain {
    pub(crate) fn run(&self) -> Outcome {
        let now = clock::at(self.at.as_deref())?;
        let office = self.desk.look()?;
        if self.waiting {
            return self.list_waiting(&office);
        }
        let (mut text, mut broken) = (String::new(), 0);
        match self.finding {
            Some(id) => {
                let finding = office.finding(id).map_err(Failure::environment)?;
                text.push_str(&head(&finding));
                broken = tell(&office, &finding, now, &mut text)?;
            }
            None => list(&office, &mut text)?,
        }
        let chain = self.chain(&office);
        let _ = match &chain {
            Ok(Chain { count: 0, .. }) => Ok(()),
            Ok(Chain { count, head }) => {
                let head = head.as_deref().unwrap_or_default();
                writeln!(text, "\nchain of decisions: {count}, unbroken, head {head}")
            }
            Err(error) => writeln!(text, "\nchain of decisions: {error}"),
        };
        output::words(&text)?;
        match (broken, chain) {
            (0, Ok(_)) => Ok(()),
            (0, Err(error)) => Err(Failure::negative(error)),
            (count, _) => Err(Failure::negative(format!("{count} decisions do not replay"))),
        }
    }

    fn list_waiting(&self, office: &Office) -> Outcome {
        let notices = office.waiting().map_err(Failure::environment)?;
        let products = office.products_waiting(&self.names.table()?);
        if self.json {
            let value = json!({ "notices": notices, "products": products });
            return output::line(&format!("{value:#}"));
        }
        let notice = |one: &Notice| format!("{} {}\n", one.queued, desk::notice(one));
        let mut text: String = notices.iter().map(notice).collect();
        for one in &products {
            let _ = writeln!(text, "no component bears its name: {}", product(one));
        }
        output::words(&text)
    }

    /// The chain of decisions, with the head that is expected.
    fn chain(&self, office: &Office) -> Result<Chain, String> {
        let chain = office.check_decisions().map_err(|error| error.to_string())?;
        match &self.expect {
            Some(expected) if chain.head.as_ref() != Some(expected) => {
                let head = chain.head.as_deref().unwrap_or("none");
                Err(format!("expected head {expected}, found {head}"))
            }
            _ => Ok(chain),
        }
    }
}

fn list(office: &Office, text: &mut String) -> Outcome {
    for one in office.findings().map_err(Failure::environment)? {
        let state = if one.told.open { class_word(one.told.class) } else { "closed" };
        let id = one.id.to_string();
        let _ = writeln!(text, "{id:<7}{state:<13}{}", sentence(&one));
    }
    Ok(())
}

fn sentence(one: &FindingRow) -> String {
    let version = one.version.as_deref().unwrap_or("without version");
    let line = format!(
        "{} in {} {version} of {}: {} releases, {} devices",
        one.vulnerability, one.component, one.product, one.told.releases, one.told.devices
    );
    one_line(&line).into_owned()
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
    let id = finding.id;
    let proposed = office.assess(id, &Given::default()).map_err(Failure::environment)?;
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
    let decisions = office.decisions(id).map_err(Failure::environment)?;
    let standing = decisions.last().map_or(&proposed.record, |last| &last.record);
    let _ = write!(text, "\nfor patients\n{}", record_words(standing, now));
    let clocks = office.clocks(Some(id), now).map_err(Failure::environment)?;
    text.push_str("\nclocks\n");
    for one in &clocks {
        let row = &one.running.clock.row;
        let due = one.due().map_or_else(|| "-".to_owned(), |due| due.to_string());
        let _ = writeln!(text, "  {due} {:<13}{}: {}", one.word(), row.id, row.title);
        let _ = writeln!(text, "    {}, {}", row.source, row.paragraph);
        if let Some(words) = one.deadline().and_then(desk::counted) {
            let _ = writeln!(text, "    {words}");
        }
        for (index, start) in one.running.clock.history().iter().enumerate() {
            let word = if index == 0 { "since" } else { "corrected to" };
            let Start { time, reason, by, recorded } = start;
            let _ = writeln!(text, "    {word} {time} because {reason}; said by {by}, {recorded}");
        }
        match one.running.clock.stopped() {
            Some(stop) => writeln!(text, "    stopped {}", desk::stopped(stop)),
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
        let kept = one.recorded.as_ref().map_or(String::new(), |time| format!(", kept {time}"));
        let _ = writeln!(text, "  {} by {who}{kept}; {again}", one.digest);
    }
    if decisions.is_empty() {
        text.push_str("  nobody has decided; decide with `homeostat vuln assess`\n");
    }
    Ok(broken)
}
