//! `homeostat log explain`.

use clap::{ArgGroup, Args};
use homeostat_assembly::inspection::cycle_of;
use homeostat_assembly::inspection::profile::profile_of;
use homeostat_assembly::therapies::Explainer;
use homeostat_blackbox::store::Reader;
use homeostat_blackbox::verdict::Record;
use homeostat_record::{Canonical, CycleEntry, EntryKind, SoftwareIdentity};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::show::wall_words;
use super::{Source, judge};
use crate::failure::{Failure, Outcome};
use crate::output;

/// Say in plain words what happened at a time and why.
///
/// For one control cycle: what the sensor, the pump and people said, what the controller proposed and
/// why, what the second opinion held of it, which cause or bound limited it, and what was ordered and
/// delivered. Requirement ids stand in brackets.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("when").required(true).args(["at", "cycle"]))]
#[command(
    after_help = "Examples:\n  homeostat log explain boxes/mpc/adult#001 --at 2026-01-09T12:05\n  \
    homeostat log explain boxes/mpc/adult#001 --cycle 2400 --cycles 3"
)]
pub(crate) struct Explain {
    #[command(flatten)]
    source: Source,
    /// The cycle that was in force at this time, such as 2026-01-09T12:05 (UTC unless it says otherwise).
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// The cycle of this number.
    #[arg(long, value_name = "N")]
    cycle: Option<u64>,
    /// How many cycles to explain, from that one on.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    cycles: u64,
    /// Write one JSON object a cycle.
    #[arg(long)]
    json: bool,
}

impl Explain {
    pub(crate) fn run(&self) -> Outcome {
        let at = self.at.as_deref().map(parse_time).transpose()?;
        let folder = self.source.folder();
        let reader = Reader::open(folder, &self.source.options()?).map_err(Failure::environment)?;
        let (mut identity, mut profile) = (None, None);
        let (mut notes, mut cycles) = (Vec::new(), Vec::new());
        for record in reader.records() {
            if let Some(bytes) = profile_of(&record) {
                let bytes = bytes.map_err(Failure::environment)?;
                let explainer = Explainer::of(identity.as_ref(), &bytes);
                profile = Some(explainer.map_err(Failure::environment)?);
            } else if let Some(software) = identity_of(&record) {
                identity = Some(software);
            } else if let Some(words) = note_of(&record) {
                notes.push(words);
            } else if let Some(cycle) = cycle_of(&record) {
                // What was noted since the cycle before belongs to this one.
                let noted = core::mem::take(&mut notes);
                cycles.push(Told { entry: record.position.entry, noted, cycle });
            }
        }
        // What a damaged box no longer holds is no mistake of the person who asks for it.
        let missing = |failure: Failure| judge(folder, reader.verdict()).err().unwrap_or(failure);
        let profile = profile.ok_or_else(|| {
            let words = format!("{}: holds no profile to explain by", folder.display());
            missing(Failure::environment(words))
        })?;
        let first = self.first(&cycles, at).map_err(missing)?;
        for told in cycles.iter().skip(first).take(self.cycles as usize) {
            self.tell(told, &profile)?;
        }
        judge(folder, reader.verdict())
    }

    fn first(&self, cycles: &[Told], at: Option<i64>) -> Result<usize, Failure> {
        let found = match at {
            Some(time) => cycles.iter().rposition(|told| wall(&told.cycle) <= time),
            None => cycles.iter().position(|told| Some(told.cycle.input.cycle.0) == self.cycle),
        };
        found.ok_or_else(|| {
            let (first, last) = (cycles.first(), cycles.last());
            let range = first.zip(last).map_or("the box holds no cycle".to_owned(), |(a, b)| {
                format!(
                    "the box holds cycles {} to {}, {} to {}",
                    a.cycle.input.cycle.0,
                    b.cycle.input.cycle.0,
                    time_words(&a.cycle),
                    time_words(&b.cycle)
                )
            });
            Failure::usage(format!("no such cycle: {range}"))
        })
    }

    fn tell(&self, told: &Told, explainer: &Explainer) -> Outcome {
        let Told { entry, noted, cycle } = told;
        let mut explanation = explainer.explain(cycle);
        explanation.parts.extend(noted.iter().map(|words| ("Noted", words.clone())));
        let number = cycle.input.cycle.0;
        if self.json {
            let parts: Vec<_> = explanation
                .parts
                .iter()
                .map(|(heading, words)| serde_json::json!({ "about": heading, "words": words }))
                .collect();
            return output::line(
                &serde_json::json!({
                    "cycle": number, "entry": entry, "time": time_words(cycle), "parts": parts,
                })
                .to_string(),
            );
        }
        output::line(&format!("Cycle {number} at {} (entry {entry})", time_words(cycle)))?;
        output::line(&format!("{explanation}\n"))
    }
}

/// A cycle with what was noted right before it.
struct Told {
    entry: u64,
    noted: Vec<String>,
    cycle: CycleEntry,
}

/// Which software decided, if this entry says so.
fn identity_of(record: &Record<'_>) -> Option<SoftwareIdentity> {
    let entry = record.entry.filter(|entry| entry.header.kind.0 == EntryKind::Identity as u8)?;
    SoftwareIdentity::decode_canonical(entry.body.bytes()).ok()
}

/// The first line of words for people.
fn note_of(record: &Record<'_>) -> Option<String> {
    let entry = record.entry.filter(|entry| entry.header.kind.0 == EntryKind::Note as u8)?;
    let words = String::from_utf8_lossy(entry.body.bytes());
    words.lines().next().map(|line| line.trim_start_matches("# ").to_owned())
}

fn wall(cycle: &CycleEntry) -> i64 {
    cycle.input.wall.map_or(i64::MIN, |wall| wall.unix_millis)
}

fn time_words(cycle: &CycleEntry) -> String {
    wall_words(u64::try_from(wall(cycle)).unwrap_or(0))
}

/// A time with an offset, or civil time in UTC; milliseconds since the Unix epoch.
fn parse_time(text: &str) -> Result<i64, Failure> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time.as_millisecond());
    }
    let civil = text.parse::<DateTime>().and_then(|civil| civil.to_zoned(TimeZone::UTC));
    civil.map(|zoned| zoned.timestamp().as_millisecond()).map_err(|_| {
        Failure::usage(format!("--at: found `{text}`; expected a time such as 2026-01-09T12:05"))
    })
}
