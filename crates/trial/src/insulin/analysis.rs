//! A real CGM export through the loop's own sensing rules: what they would have used, what not, and
//! why; and the measures of the traces.

use homeostat_insulin::presentation::rejection_words;
use homeostat_insulin::sensing::{self, Outcome, Quality, Sensing, Suspicion, Trace};
use homeostat_insulin::units::MgDlPerMinute;
use homeostat_patients::wording::csv_text;
use homeostat_record::Span;

use crate::exports::{Export, Reading, SubjectTrace, Value};
use crate::report::{AnalysisReport, AnalysisSubject, Rejection, SourceFacts};

/// What the sensing stage says of one reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Why it would not have been used.
    pub rejected: Option<Rejection>,
    /// Why it would only have allowed less insulin, never more.
    pub restricted: Option<&'static str>,
}

/// The analysis of an export and the judgement on each of its readings, subject by subject.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// The report.
    pub report: AnalysisReport,
    /// One list a subject, in the order of its readings.
    pub judgements: Vec<Vec<Judgement>>,
}

/// Analyses an export. Every subject is a person and a sensor of its own.
#[must_use]
pub fn analyse(export: &Export, title: &str, source: SourceFacts) -> Analysis {
    let judgements: Vec<Vec<Judgement>> = export.subjects.iter().map(judge).collect();
    let subjects = export.subjects.iter().zip(&judgements).map(|(trace, judgements)| {
        let rejected: Vec<Option<Rejection>> =
            judgements.iter().map(|judgement| judgement.rejected.clone()).collect();
        let mut subject = AnalysisSubject::of(trace, &rejected);
        subject.notes.extend(restrictions(judgements));
        subject
    });
    let notes = export.notes.iter().map(|note| match note.line {
        Some(line) => format!("line {line}: {}", note.text),
        None => note.text.clone(),
    });
    let report = AnalysisReport {
        title: title.to_owned(),
        source,
        subjects: subjects.collect(),
        unusable: export.unusable.clone(),
        notes: notes.collect(),
    };
    Analysis { report, judgements }
}

/// Passes a trace through the sensing stage, reading by reading.
#[must_use]
pub fn judge(trace: &SubjectTrace) -> Vec<Judgement> {
    let sensing = Sensing::reference();
    let mut memory = Trace::default();
    let mut judgements = Vec::with_capacity(trace.readings.len());
    for reading in &trace.readings {
        // What insulin explains is not known to an export.
        let (next, outcome) = sensing.feed(&memory, &as_sensed(reading), MgDlPerMinute(0.0));
        memory = next;
        judgements.push(judgement(&outcome));
    }
    judgements
}

fn as_sensed(reading: &Reading) -> sensing::Reading {
    let seconds = u64::try_from(reading.elapsed.0).unwrap_or(0);
    let value = match reading.value {
        Value::Glucose(tenths) => sensing::Value::MilliMgDl(tenths.0.saturating_mul(100)),
        Value::Low => sensing::Value::Low,
        Value::High => sensing::Value::High,
    };
    sensing::Reading::plain(Span::from_seconds(seconds), value)
}

fn judgement(outcome: &Outcome) -> Judgement {
    let rejected = outcome.result.err().map(|rejection| Rejection {
        rule: rejection.name().to_owned(),
        text: rejection_words(rejection).to_owned(),
    });
    let restricted = if rejected.is_some() {
        None
    } else if outcome.suspicion != Suspicion::None {
        Some("a compression artefact is suspected")
    } else if outcome.flat {
        Some("the line is flat")
    } else if outcome.after_gap {
        Some("too few readings since a gap")
    } else if outcome.quality == Quality::Poor {
        Some("heavy noise")
    } else {
        None
    };
    Judgement { rejected, restricted }
}

fn restrictions(judgements: &[Judgement]) -> Vec<String> {
    let mut counts: Vec<(&'static str, u64)> = Vec::new();
    for reason in judgements.iter().filter_map(|judgement| judgement.restricted) {
        match counts.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, count)) => *count += 1,
            None => counts.push((reason, 1)),
        }
    }
    counts
        .iter()
        .map(|(reason, count)| {
            format!("{count} readings would only have allowed less insulin, never more: {reason}")
        })
        .collect()
}

/// Every reading with its judgement: `subject,time,mg_dl,used,reason`.
#[must_use]
pub fn readings_csv(export: &Export, judgements: &[Vec<Judgement>]) -> String {
    let mut text = "subject,time,mg_dl,used,reason\n".to_owned();
    for (trace, judgements) in export.subjects.iter().zip(judgements) {
        for (reading, judgement) in trace.readings.iter().zip(judgements) {
            let (used, reason) = match (&judgement.rejected, judgement.restricted) {
                (Some(rejection), _) => ("no", rejection.text.as_str()),
                (None, Some(reason)) => ("reduce-only", reason),
                (None, None) => ("yes", ""),
            };
            let value = match reading.value {
                Value::Glucose(tenths) => {
                    format!("{}.{}", tenths.0 / 10, tenths.0.rem_euclid(10))
                }
                Value::Low => "Low".to_owned(),
                Value::High => "High".to_owned(),
            };
            let (subject, reason) = (csv_text(&trace.subject), csv_text(reason));
            text.push_str(&format!("{subject},{},{value},{used},{reason}\n", reading.local));
        }
    }
    text
}
