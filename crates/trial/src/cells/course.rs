//! What a figure shows of the cycles of a cell, whatever the therapy: who was in charge, and where the
//! guard acted.

use homeostat_record::{Authority as Level, Cause, CycleEntry, Phase, Source, Verdict};

use crate::figures::{Authority, ModeSpan};
use crate::metrics::Seconds;

/// Who is in charge in a cycle.
pub(crate) fn authority(entry: &CycleEntry) -> Authority {
    match (entry.decision.phase, entry.decision.authority) {
        (_, Level::FailStop) => Authority::FailStop,
        (Phase::Automatic | Phase::Advisory, Level::Suspend) => Authority::Suspend,
        (Phase::Automatic | Phase::Advisory, Level::Background) => Authority::Background,
        (Phase::Automatic | Phase::Advisory, Level::Limited) => Authority::Limited,
        (Phase::Automatic | Phase::Advisory, Level::Full) => Authority::Full,
        _ => Authority::Manual,
    }
}

/// Whether the guard moved or replaced what the controller wanted.
pub(crate) fn is_bounded(entry: &CycleEntry) -> bool {
    let order = entry.decision.order;
    order.is_some_and(|order| order.source != Source::Manual)
        && matches!(entry.decision.verdicts[0], Verdict::Bounded(_) | Verdict::Substituted(_))
}

/// The stretches of cycles with the same authority and the same cause, up to `end`.
pub(crate) fn mode_spans(
    cycles: impl Iterator<Item = (Seconds, Authority, Option<Cause>)>,
    end: Seconds,
    words: impl Fn(Cause) -> String,
) -> Vec<ModeSpan> {
    let mut spans: Vec<ModeSpan> = Vec::new();
    let mut last = None;
    for (from, authority, cause) in cycles {
        if last.replace((authority, cause)) == Some((authority, cause)) {
            continue;
        }
        if let Some(before) = spans.last_mut() {
            before.to = from;
        }
        let cause = cause.map_or(String::new(), &words);
        spans.push(ModeSpan { from, to: end, authority, cause });
    }
    spans
}
