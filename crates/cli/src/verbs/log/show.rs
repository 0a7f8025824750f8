//! `homeostat log show`.

use clap::Args;
use homeostat_assembly::inspection::cycle_of;
use homeostat_assembly::signed_profile::{Statement, read_entry};
use homeostat_assembly::therapies::overridden;
use homeostat_blackbox::entry::{Entry, Epoch, Kind, Loss, Opened};
use homeostat_blackbox::fault::FaultKind;
use homeostat_blackbox::store::Reader;
use homeostat_blackbox::verdict::{Record, Verdict};
use homeostat_record::{Canonical, CycleEntry, EntryKind, SoftwareIdentity};

use super::{Source, judge};
use crate::failure::{Failure, Outcome};
use crate::output;

/// List the entries of a black box, one line each.
///
/// Every entry that can be read is listed, also of a damaged box; the command then exits 1. A mark behind
/// the index says what to make of it: `?` no signature covers it, `!` it is the fault, or one of those
/// among which the fault is.
#[derive(Debug, Args)]
pub(crate) struct Show {
    #[command(flatten)]
    source: Source,
    /// The first entry shown.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// How many entries are shown at most.
    #[arg(long)]
    count: Option<u64>,
    /// Write one JSON object a line.
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(crate) fn run(&self) -> Outcome {
        let reader = Reader::open(self.source.folder(), &self.source.options()?)
            .map_err(Failure::environment)?;
        let verdict = reader.verdict();
        let wanted = |record: &Record<'_>| record.position.entry >= self.from;
        let count =
            self.count.map_or(usize::MAX, |count| usize::try_from(count).unwrap_or(usize::MAX));
        for record in reader.readable().filter(wanted).take(count) {
            let standing = Standing::of(&record, verdict);
            let text =
                if self.json { as_json(&record, standing) } else { in_words(&record, standing) };
            output::line(&text)?;
        }
        let uncovered = verdict.readable.saturating_sub(verdict.signed);
        if uncovered > 0 {
            output::say(&format!(
                "note: no signature covers entries {} to {}: whoever held the box can have written them",
                verdict.signed,
                verdict.readable - 1
            ));
        }
        judge(self.source.folder(), verdict)
    }
}

/// What an entry may be relied on for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Signed,
    Unsigned,
    Doubtful,
}

impl Standing {
    fn of(record: &Record<'_>, verdict: &Verdict) -> Self {
        let index = record.position.entry;
        let in_fault = verdict.fault.as_ref().is_some_and(|fault| {
            // Other kinds speak of signatures and files, not of what the entries say.
            let of_entries = [
                FaultKind::RecordDamaged,
                FaultKind::RootMismatch,
                FaultKind::Forked,
                FaultKind::NotAsKnown,
            ];
            of_entries.contains(&fault.kind) && (fault.entry..=fault.through).contains(&index)
        });
        match index {
            _ if in_fault => Self::Doubtful,
            _ if index < verdict.signed => Self::Signed,
            _ => Self::Unsigned,
        }
    }

    const fn mark(self) -> char {
        match self {
            Self::Signed => ' ',
            Self::Unsigned => '?',
            Self::Doubtful => '!',
        }
    }
}

fn in_words(record: &Record<'_>, standing: Standing) -> String {
    let (index, mark) = (record.position.entry, standing.mark());
    let Some(entry) = &record.entry else {
        return format!("{index:>7}{mark} {} bytes of a foreign log", record.bytes.len());
    };
    let time = entry.header.times.wall.map_or_else(|| "-".to_owned(), |wall| wall_words(wall.0));
    let (kind, words) = content(record, entry);
    format!("{index:>7}{mark} {time}  {kind:<9} {words}")
}

/// Civil time, UTC.
pub(super) fn wall_words(unix_millis: u64) -> String {
    let millis = i64::try_from(unix_millis).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(millis)
        .map_or_else(|_| "-".to_owned(), |time| time.strftime("%Y-%m-%d %H:%M:%SZ").to_string())
}

fn content(record: &Record<'_>, entry: &Entry<'_>) -> (&'static str, String) {
    let body = entry.body.bytes();
    match (entry.header.kind, EntryKind::from_number(entry.header.kind.0)) {
        (Kind::OPEN, _) => (
            "open",
            Opened::decode(body).map_or_else(unreadable, |opened| {
                format!("{} by {}", opened.origin, opened.software)
            }),
        ),
        (Kind::EPOCH, _) => (
            "epoch",
            Epoch::decode(body)
                .map_or_else(unreadable, |epoch| format!("key of epoch {}", epoch.epoch)),
        ),
        (Kind::LOSS, _) => (
            "loss",
            Loss::decode(body).map_or_else(unreadable, |loss| {
                format!("{} records could not be written", loss.records)
            }),
        ),
        (Kind::CLOSE, _) => ("close", String::new()),
        (_, Some(EntryKind::Identity)) => ("identity", identity(body)),
        (_, Some(EntryKind::Profile)) => ("profile", format!("{} bytes, not signed", body.len())),
        (_, Some(EntryKind::SignedProfile)) => ("profile", profile(body)),
        (_, Some(EntryKind::Snapshot)) => ("snapshot", format!("{} bytes", body.len())),
        (_, Some(EntryKind::Note)) => ("note", first_line(body)),
        (_, Some(EntryKind::Cycle)) => {
            ("cycle", cycle_of(record).map_or_else(|| "unreadable".to_owned(), |c| cycle(&c)))
        }
        (kind, None) => ("unknown", format!("kind {}, {} bytes", kind.0, body.len())),
    }
}

fn unreadable<E>(_: E) -> String {
    "unreadable".to_owned()
}

fn identity(body: &[u8]) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    SoftwareIdentity::decode_canonical(body).map_or_else(unreadable, |identity| {
        let name = text(identity.controller.as_slice());
        format!("{name} {}", text(identity.version.as_slice()))
    })
}

fn profile(body: &[u8]) -> String {
    match read_entry(body, None) {
        Ok((Statement { therapy, device, revision, profile }, key)) => {
            let limits = overridden(&therapy, &profile)
                .map_or(String::new(), |words| format!("; limits overridden: {words}"));
            format!("revision {revision} for {device}, signed by {}{limits}", key.name)
        }
        Err(refusal) => refusal.to_string(),
    }
}

fn first_line(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    text.lines().next().unwrap_or_default().trim_start_matches("# ").to_owned()
}

fn cycle(cycle: &CycleEntry) -> String {
    let decision = &cycle.decision;
    let order = decision.order.map_or_else(
        || "no order".to_owned(),
        |order| format!("ordered {} from {:?}", order.steps[0].0, order.source),
    );
    let cause = decision.governing.map_or(String::new(), |cause| format!(", {}", cause.name()));
    format!("{} {:?}{cause}, {order}", cycle.input.cycle.0, decision.mode)
}

fn as_json(record: &Record<'_>, standing: Standing) -> String {
    let index = record.position.entry;
    let (signed, doubtful) = (standing == Standing::Signed, standing == Standing::Doubtful);
    let Some(entry) = &record.entry else {
        let bytes = record.bytes.len();
        return serde_json::json!({
            "entry": index, "signed": signed, "doubtful": doubtful, "bytes": bytes,
        })
        .to_string();
    };
    let (kind, words) = content(record, entry);
    let times = entry.header.times;
    serde_json::json!({
        "entry": index,
        "signed": signed,
        "doubtful": doubtful,
        "kind": kind,
        "boot": times.monotonic.boot,
        "elapsed_ms": times.monotonic.elapsed.0,
        "wall_ms": times.wall.map(|wall| wall.0),
        "epoch": entry.header.epoch,
        "bytes": record.bytes.len(),
        "content": words,
    })
    .to_string()
}
