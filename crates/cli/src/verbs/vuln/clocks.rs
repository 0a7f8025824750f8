//! `homeostat vuln clocks`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use homeostat_postmarket::clock::{Happened, State};
use homeostat_postmarket::harm::canonical::digest;
use homeostat_postmarket::office::{FindingId, Office, Standing};
use jiff::Timestamp;

use super::desk::{self, Desk};
use crate::failure::{Failure, Outcome};
use crate::{clock, files, output};

/// The clocks that run, the next one due first.
///
/// Warns when half and 80 % of the time are gone. Exit 1 if a clock is overdue. A clock is stopped by its evidence
/// (--stop), and one that waits for an event is started by it (--start): another time or reason is another event with clocks
/// of its own, and one that starts nothing ends with 1. The start of a clock is corrected (--correct) by a named person with
/// a reason; what was said before is kept. It computes and reminds; it files nothing.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  homeostat vuln clocks --store office.db --ical clocks.ics\n  \
    homeostat vuln clocks --store office.db --stop 3 --evidence-file notice-as-sent.pdf --by \"A. Name\"\n  \
    homeostat vuln clocks --store office.db --start aware-of-serious-incident --finding F-12 --reason \"call 17\" \
    --by \"A. Name\"\n  homeostat vuln clocks --store office.db --correct 7 --at 2026-11-20T09:00:00Z \
    --reason \"a service partner knew before\" --by \"A. Name\"")]
pub(crate) struct Clocks {
    #[command(flatten)]
    desk: Desk,
    /// The clocks of one finding.
    #[arg(long, value_name = "F-N", value_parser = desk::finding)]
    finding: Option<FindingId>,
    /// Clocks that were stopped too.
    #[arg(long)]
    all: bool,
    /// Write the running clocks as an iCalendar file, with reminders at half and 80 %.
    #[arg(long, value_name = "FILE")]
    ical: Option<PathBuf>,
    /// Stop the clock of this number.
    #[arg(long, value_name = "N", requires = "by", conflicts_with = "start")]
    stop: Option<i64>,
    /// What stops it, in words.
    #[arg(long, value_name = "TEXT", requires = "stop")]
    evidence: Option<String>,
    /// A file that stops it: its name and SHA-256 are kept.
    #[arg(long, value_name = "FILE", requires = "stop")]
    evidence_file: Option<PathBuf>,
    /// Start the clocks that wait for this event.
    #[arg(long, value_name = "EVENT", requires = "finding", requires = "reason", requires = "by")]
    start: Option<String>,
    /// Correct the start of the clock of this number to the time --at.
    #[arg(long, value_name = "N", requires = "at", requires = "reason", requires = "by",
        conflicts_with_all = ["start", "stop"])]
    correct: Option<i64>,
    /// Why the event is taken to have happened, or its time is corrected.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Who says so.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// When it happened or was done (RFC 3339), not after now; for the table the time that counts as now.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
}

impl Clocks {
    pub(crate) fn run(&self) -> Outcome {
        let at = clock::at(self.at.as_deref())?;
        let mut office = self.desk.look()?;
        let by = self.by.as_deref().unwrap_or_default();
        if let Some(id) = self.stop {
            return self.stop(&mut office, id, by, at);
        }
        if let Some(id) = self.correct {
            return self.correct(&mut office, id, by, at);
        }
        if let (Some(event), Some(finding)) = (&self.start, self.finding) {
            return self.start(&mut office, (event, finding), by, at);
        }
        if let Some(path) = &self.ical {
            let text = office.ical(at).map_err(Failure::environment)?;
            files::write_whole(path, text.as_bytes())?;
            output::say(&format!("calendar: {}", path.display()));
        }
        let clocks = office.clocks(self.finding, at).map_err(Failure::environment)?;
        let shown: Vec<&Standing> =
            clocks.iter().filter(|one| self.all || one.running.clock.stopped().is_none()).collect();
        output::words(&table(&shown))?;
        let overdue = clocks.iter().filter(|one| matches!(one.state, State::Overdue(_))).count();
        match overdue {
            0 => Ok(()),
            count => Err(Failure::negative(format!("{count} clocks are overdue"))),
        }
    }

    fn start(
        &self,
        office: &mut Office,
        (event, finding): (&str, FindingId),
        by: &str,
        at: Timestamp,
    ) -> Outcome {
        let reason = self.reason.clone().unwrap_or_default();
        let happened = Happened { event: event.to_owned(), time: at, reason };
        let recorded = clock::now()?;
        let started = office.start_clocks(finding, &happened, by, recorded);
        match started.map_err(Failure::environment)? {
            0 => {
                let words = "was said of it before, for the same reason: nothing is started";
                Err(Failure::negative(format!("{finding}: {event} at {at} {words}")))
            }
            count => {
                output::say(&format!("{count} clocks started for {finding}"));
                Ok(())
            }
        }
    }

    fn correct(&self, office: &mut Office, id: i64, by: &str, at: Timestamp) -> Outcome {
        let reason = self.reason.as_deref().unwrap_or_default();
        let recorded = clock::now()?;
        let corrected = office.correct_clock(id, (at, reason, by), recorded);
        let clock = corrected.map_err(Failure::environment)?.clock;
        output::say(&format!(
            "clock {id} ({}, {}) runs since {at}: {reason}",
            clock.row.id, clock.subject
        ));
        Ok(())
    }

    fn stop(&self, office: &mut Office, id: i64, by: &str, at: Timestamp) -> Outcome {
        let mut evidence = self.evidence.clone().unwrap_or_default();
        if let Some(path) = &self.evidence_file {
            let file = in_words(path)?;
            evidence = if evidence.is_empty() { file } else { format!("{evidence}; {file}") };
        }
        let recorded = clock::now()?;
        let stopped =
            office.stop_clock(id, (at, &evidence, by), recorded).map_err(Failure::environment)?;
        let clock = &stopped.clock;
        output::say(&format!(
            "clock {id} ({}, {}) is stopped: {evidence}",
            clock.row.id, clock.subject
        ));
        Ok(())
    }
}

fn in_words(path: &Path) -> Result<String, Failure> {
    let bytes = files::read_bytes(path)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    Ok(format!("{}, SHA-256 {}", name.unwrap_or_default(), digest(&bytes)))
}

fn table(clocks: &[&Standing]) -> String {
    let mut text = String::new();
    if clocks.is_empty() {
        text.push_str("no clock runs\n");
        return text;
    }
    let _ = writeln!(text, "{:>4}  {:<20}  {:<12}  clock", "", "due", "");
    for one in clocks {
        let clock = &one.running.clock;
        let due = one.due().map_or_else(|| "-".to_owned(), |due| due.to_string());
        let mark = match one.state {
            State::Overdue(_) => "OVERDUE",
            State::Late(_) => "80 % gone",
            State::Half(_) => "50 % gone",
            _ => one.word(),
        };
        let row = &clock.row;
        let _ = writeln!(
            text,
            "{:>4}  {due:<20}  {mark:<12}  {}: {}",
            one.running.id, row.id, row.title
        );
        let _ = writeln!(text, "{:>42}{}; {} {}", "", clock.subject, row.source, row.paragraph);
        if let Some(words) = one.deadline().and_then(desk::counted) {
            let _ = writeln!(text, "{:>42}{words}", "");
        }
        match clock.stopped() {
            Some(stop) => writeln!(text, "{:>42}stopped {}", "", desk::stopped(stop)),
            None => writeln!(text, "{:>42}stops it: {}", "", row.stop),
        }
        .unwrap_or_default();
    }
    text
}
