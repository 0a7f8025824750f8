//! What a trial of anaesthesia found.

use serde::{Deserialize, Serialize};

use crate::figures::HypnosisTrace;
use crate::metrics::{HypnosisMeasure, HypnosisSummary, Seconds, Worse, quantile};

/// Seconds between moments of the cohort's envelope, and between points of the small pictures.
const ENVELOPE_STEP: usize = 10;
const PICTURE_STEP: usize = 30;
/// The percentiles of the envelope.
const PERCENTILES: [f64; 5] = [0.01, 0.1, 0.5, 0.9, 0.99];

/// The results of every arm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HypnosisOutcome {
    /// Index aimed at.
    pub target: f64,
    /// Minute from which maintenance is scored, and the last scored one.
    pub scored_minutes: (f64, f64),
    /// The arms, in the order of the report's arms.
    pub arms: Vec<HypnosisArm>,
}

/// One person as the trial hands it over.
#[derive(Clone, Debug, PartialEq)]
pub struct HypnosisPatient<'c> {
    /// The person's name; with the seed, where there are several.
    pub subject: String,
    /// The measures.
    pub summary: HypnosisSummary,
    /// True index each second since induction.
    pub course: &'c [f64],
}

/// One person's results under one arm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HypnosisSubject {
    /// The person's name.
    pub subject: String,
    /// The measures.
    pub summary: HypnosisSummary,
    /// The index every half minute, for the small picture.
    pub picture: Vec<(Seconds, f64)>,
}

/// A measure over the persons of an arm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HypnosisSpread {
    /// The measure.
    pub measure: HypnosisMeasure,
    /// How many persons have it.
    pub persons: usize,
    /// Percentiles 1, 10, 50, 90 and 99, interpolated.
    pub percentiles: [f64; 5],
    /// The mean.
    pub mean: f64,
    /// The worst value, and whose it is.
    pub worst: f64,
    /// Who has it.
    pub worst_subject: String,
}

/// The cohort at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HypnosisMoment {
    /// Time since induction.
    pub at: Seconds,
    /// Percentiles 1, 10, 50, 90 and 99 of the true index.
    pub percentiles: [f64; 5],
}

/// The results of one arm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HypnosisArm {
    /// The arm's id.
    pub arm: String,
    /// Every measure, in the order of [`HypnosisMeasure::ALL`]; those that nobody has are left out.
    pub spreads: Vec<HypnosisSpread>,
    /// How many persons were ever below 30, and below 20.
    pub deep: (usize, usize),
    /// How many were below 60 within five minutes.
    pub asleep: usize,
    /// The cohort through the trial.
    pub envelope: Vec<HypnosisMoment>,
    /// The persons.
    pub subjects: Vec<HypnosisSubject>,
    /// Persons worth looking at. The trial adds them.
    pub traces: Vec<HypnosisTrace>,
}

/// Within so many seconds an induction is to have put a person to sleep.
const ASLEEP_WITHIN: f64 = 300.0;

impl HypnosisArm {
    /// Computes an arm's results.
    #[must_use]
    pub fn of(arm: &str, patients: &[HypnosisPatient<'_>]) -> Self {
        let spreads = HypnosisMeasure::ALL.into_iter();
        let count = |holds: &dyn Fn(&HypnosisSummary) -> bool| {
            patients.iter().filter(|patient| holds(&patient.summary)).count()
        };
        Self {
            arm: arm.to_owned(),
            spreads: spreads.filter_map(|measure| spread(measure, patients)).collect(),
            deep: (count(&|one| one.ever_below_30), count(&|one| one.ever_below_20)),
            asleep: count(&is_asleep_in_time),
            envelope: envelope(patients),
            subjects: patients.iter().map(subject).collect(),
            traces: Vec::new(),
        }
    }

    /// A measure over the persons; `None` if nobody has it.
    #[must_use]
    pub fn spread(&self, measure: HypnosisMeasure) -> Option<&HypnosisSpread> {
        self.spreads.iter().find(|spread| spread.measure == measure)
    }

    /// The persons from the worst on: the lowest below 30 first, then least time from 40 to 60.
    #[must_use]
    pub fn worst(&self) -> Vec<&HypnosisSubject> {
        let mut ranked: Vec<&HypnosisSubject> = self.subjects.iter().collect();
        ranked.sort_by(|one, other| {
            let depth = |summary: &HypnosisSummary| homeostat_numeric::min(summary.lowest, 30.0);
            let (left, right) = (&one.summary, &other.summary);
            depth(left).total_cmp(&depth(right)).then(left.adequate.total_cmp(&right.adequate))
        });
        ranked
    }

    /// The person at this share, from 0 to 1, of all by time from 40 to 60, least first.
    #[must_use]
    pub fn at_share(&self, share: f64) -> Option<&HypnosisSubject> {
        let mut ranked: Vec<&HypnosisSubject> = self.subjects.iter().collect();
        ranked.sort_by(|one, other| one.summary.adequate.total_cmp(&other.summary.adequate));
        let last = ranked.len().checked_sub(1)?;
        ranked.get(homeostat_numeric::round(share * last as f64) as usize).copied()
    }

    /// The persons whose course is shown, each once, with all that makes him one of them: the worst,
    /// and those at the first and the tenth percentile and the median of time from 40 to 60.
    #[must_use]
    pub fn shown(&self) -> Vec<(String, &HypnosisSubject)> {
        let worst = self.worst().first().copied();
        let ranked = [("p1", 0.01), ("p10", 0.1), ("median", 0.5)]
            .map(|(name, share)| (format!("{name} of time in 40\u{2013}60"), self.at_share(share)));
        let mut shown: Vec<(String, &HypnosisSubject)> = Vec::new();
        for (why, subject) in std::iter::once(("worst".to_owned(), worst)).chain(ranked) {
            let Some(subject) = subject else { continue };
            match shown.iter_mut().find(|(_, known)| known.subject == subject.subject) {
                Some((reasons, _)) => *reasons = format!("{reasons}, {why}"),
                None => shown.push((why, subject)),
            }
        }
        shown
    }
}

/// Whether a person was below 60 within five minutes.
#[must_use]
pub fn is_asleep_in_time(summary: &HypnosisSummary) -> bool {
    summary.asleep_s.is_some_and(|seconds| seconds <= ASLEEP_WITHIN)
}

fn spread(measure: HypnosisMeasure, patients: &[HypnosisPatient<'_>]) -> Option<HypnosisSpread> {
    let values: Vec<(f64, &str)> = patients
        .iter()
        .filter_map(|patient| Some((measure.of(&patient.summary)?, patient.subject.as_str())))
        .collect();
    let mut sorted: Vec<f64> = values.iter().map(|(value, _)| *value).collect();
    sorted.sort_by(f64::total_cmp);
    let rank = |value: f64| match measure.worse() {
        Worse::Low => -value,
        Worse::High => value,
        Worse::Far => homeostat_numeric::abs(value),
    };
    let worst = values.iter().reduce(|a, b| if rank(b.0) > rank(a.0) { b } else { a })?;
    Some(HypnosisSpread {
        measure,
        persons: values.len(),
        percentiles: PERCENTILES.map(|share| quantile(&sorted, share).unwrap_or(0.0)),
        mean: sorted.iter().sum::<f64>() / sorted.len() as f64,
        worst: worst.0,
        worst_subject: worst.1.to_owned(),
    })
}

fn envelope(patients: &[HypnosisPatient<'_>]) -> Vec<HypnosisMoment> {
    let longest = patients.iter().map(|patient| patient.course.len()).max().unwrap_or(0);
    let tenth = |value: f64| (value * 10.0).round() / 10.0;
    let mut values: Vec<f64> = Vec::with_capacity(patients.len());
    let moment = |second: usize| {
        values.clear();
        values.extend(patients.iter().filter_map(|patient| patient.course.get(second)));
        values.sort_by(f64::total_cmp);
        let percentiles = PERCENTILES.map(|share| tenth(quantile(&values, share).unwrap_or(0.0)));
        HypnosisMoment { at: Seconds(second as i64), percentiles }
    };
    (0..longest).step_by(ENVELOPE_STEP).map(moment).collect()
}

fn subject(patient: &HypnosisPatient<'_>) -> HypnosisSubject {
    let tenth = |value: f64| (value * 10.0).round() / 10.0;
    let every = patient.course.iter().enumerate().step_by(PICTURE_STEP);
    HypnosisSubject {
        subject: patient.subject.clone(),
        summary: patient.summary,
        picture: every.map(|(at, value)| (Seconds(at as i64), tenth(*value))).collect(),
    }
}
