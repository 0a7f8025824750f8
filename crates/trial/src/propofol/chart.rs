//! What is written down of one person's course for the report: what the monitor showed, delivery,
//! concentrations, modes, alarms and the moments at which the guard acted.

use homeostat_record::{AlarmEventKind, Cause, CycleEntry, Quantity, SensorFrame};

use super::bedside::{PREPARATION_SECONDS, PropofolBedside};
use super::scenario::{Hazard, Onsets};
use crate::cells::{authority, is_bounded, mode_spans};
use crate::engine::Seen;
use crate::figures::{Authority, HypnosisTrace};
use crate::metrics::Seconds;

/// One control cycle, as far as a figure shows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beat {
    /// Second since induction was due; may be negative.
    pub second: i32,
    /// Mean index that the monitor showed.
    pub shown: Option<f32>,
    /// Steps of the order.
    pub steps: u32,
    /// Milligrams that reached the person in the cycle.
    pub drug: f32,
    /// True effect-site concentration at its end, ug/mL.
    pub effect: f32,
    /// The controller's estimate of it, and what it steers to, ug/mL.
    pub estimate: Option<(f32, f32)>,
    /// The authority in force.
    pub authority: Authority,
    /// The cause that limits it.
    pub cause: Option<Cause>,
    /// Whether the guard moved or replaced the proposal.
    pub bounded: bool,
}

/// No alarm followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unheard;

/// An alarm.
#[derive(Clone, Copy, Debug)]
struct Call {
    raised: i32,
    ended: Option<i32>,
    cause: Cause,
}

/// The beats of a run, its alarms and changes of rate.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    beats: Vec<Beat>,
    /// Alarms, in the order in which they were raised.
    alarms: Vec<Call>,
    changes: u64,
    last: (u32, f64),
    /// What showed itself.
    onsets: Onsets,
}

impl Chart {
    /// A chart with room for so many cycles.
    #[must_use]
    pub fn new(cycles: usize) -> Self {
        Self { beats: Vec::with_capacity(cycles), ..Self::default() }
    }

    /// Notes one cycle; what is after `end` counts no changes of rate.
    pub fn look(&mut self, seen: &Seen<'_>, bedside: &PropofolBedside, end: u32) {
        let entry = seen.entry;
        self.onsets = bedside.onsets;
        let second = i32::try_from(seen.at.as_millis() / 1_000).unwrap_or(i32::MAX)
            - PREPARATION_SECONDS as i32;
        let steps = entry.decision.order.map_or(0, |order| order.steps[0].0);
        let given = bedside.patient.given().0.0;
        let (before, drug) = self.last;
        if steps != before && second >= 0 && second < end as i32 {
            self.changes += 1;
        }
        self.last = (steps, given);
        for event in &entry.decision.alarms {
            match event.kind {
                AlarmEventKind::Raised => {
                    self.alarms.push(Call { raised: second, ended: None, cause: event.cause });
                }
                AlarmEventKind::Ended => {
                    let mut calls = self.alarms.iter_mut().rev();
                    if let Some(call) = calls.find(|call| call.cause == event.cause) {
                        call.ended = Some(second);
                    }
                }
                AlarmEventKind::Escalated
                | AlarmEventKind::Acknowledged
                | AlarmEventKind::Repeated => {}
            }
        }
        let thousandth = |figure: i32| figure as f32 / 1_000.0;
        self.beats.push(Beat {
            second,
            shown: shown(entry),
            steps,
            drug: (given - drug) as f32,
            effect: bedside.patient.effect_site().0.0 as f32,
            estimate: entry.proposal.map(|proposal| {
                let figures = proposal.rationale.figures;
                (thousandth(figures[0]), thousandth(figures[2]))
            }),
            authority: authority(entry),
            cause: entry.decision.governing,
            bounded: is_bounded(entry),
        });
    }

    /// The cycles.
    #[must_use]
    pub fn beats(&self) -> &[Beat] {
        &self.beats
    }

    /// Changes of the rate from induction to the end of maintenance.
    #[must_use]
    pub const fn rate_changes(&self) -> u64 {
        self.changes
    }

    /// Seconds from the moment at which a hazard can be known until an alarm of its own is in effect: one
    /// raised since the hazard began, or one that was raised before and has not ended. `Ok(None)` where that
    /// moment never comes.
    ///
    /// # Errors
    /// `Err` where it comes and no alarm follows.
    pub fn alarm_wait(&self, hazard: &Hazard) -> Result<Option<u32>, Unheard> {
        let signed = |second: u32| i32::try_from(second).unwrap_or(i32::MAX);
        let (Some(begins), Some(known)) = (hazard.begins(), hazard.detectable(&self.onsets)) else {
            return Ok(None);
        };
        let (begins, known) = (signed(begins), signed(known));
        let own = self.alarms.iter().filter(|call| hazard.calls().has(call.cause));
        let heard = own
            .filter(|call| call.raised >= begins || call.ended.is_none_or(|ended| ended > known));
        let first = heard.map(|call| call.raised).min().ok_or(Unheard)?;
        Ok(Some(u32::try_from(first.saturating_sub(known)).unwrap_or(0)))
    }

    /// The picture of the course.
    #[must_use]
    pub fn trace(&self, facts: &TraceFacts<'_>) -> HypnosisTrace {
        let at = |second: i32| Seconds(i64::from(second));
        let beats = || self.beats.iter().filter(|beat| beat.second >= 0);
        let period = facts.period_seconds;
        let by_weight = 3_600.0 / (facts.weight_kg * period);
        let tenth = |value: f64| (value * 10.0).round() / 10.0;
        let hundredth = |value: f32| (f64::from(value) * 100.0).round() / 100.0;
        let every = facts.course.iter().enumerate().step_by(5);
        HypnosisTrace {
            subject: facts.subject.to_owned(),
            caption: facts.caption.clone(),
            span: Seconds(facts.course.len() as i64),
            target: facts.target,
            index: every.map(|(second, value)| (at(second as i32), tenth(*value))).collect(),
            shown: beats()
                .filter_map(|beat| Some((at(beat.second), tenth(f64::from(beat.shown?)))))
                .collect(),
            stimulus: facts.stimulus.clone(),
            rate: beats()
                .map(|beat| (at(beat.second), tenth(f64::from(beat.drug) * by_weight)))
                .collect(),
            effect: beats().map(|beat| (at(beat.second), hundredth(beat.effect))).collect(),
            estimate: beats()
                .filter_map(|beat| Some((at(beat.second), hundredth(beat.estimate?.0))))
                .collect(),
            aim: beats()
                .filter_map(|beat| Some((at(beat.second), hundredth(beat.estimate?.1))))
                .collect(),
            modes: mode_spans(
                beats().map(|beat| (at(beat.second), beat.authority, beat.cause)),
                at(facts.course.len() as i32),
                words,
            ),
            limited: self.began_to_bound(),
            alarms: self
                .alarms
                .iter()
                .filter(|call| call.raised >= 0)
                .map(|call| (at(call.raised), words(call.cause)))
                .collect(),
        }
    }

    /// When the guard began to act: each stretch of cycles in which it did counts once.
    fn began_to_bound(&self) -> Vec<Seconds> {
        let pairs = self.beats.iter().zip(self.beats.iter().skip(1));
        let began = pairs.filter(|(before, now)| now.second >= 0 && now.bounded && !before.bounded);
        began.map(|(_, now)| Seconds(i64::from(now.second))).collect()
    }
}

/// What a trace says beside the beats.
#[derive(Clone, Debug)]
pub struct TraceFacts<'c> {
    /// The person.
    pub subject: &'c str,
    /// Why it is shown.
    pub caption: String,
    /// True index a second.
    pub course: &'c [f64],
    /// What surgery added to it, where it changes.
    pub stimulus: Vec<(Seconds, f64)>,
    /// Index aimed at.
    pub target: f64,
    /// Weight, kg.
    pub weight_kg: f64,
    /// Seconds of a control cycle.
    pub period_seconds: f64,
}

fn words(cause: Cause) -> String {
    homeostat_assembly::propofol::explanation::message(cause)
}

/// The mean index of the frames of a cycle that hold one.
fn shown(entry: &CycleEntry) -> Option<f32> {
    const INDEX: Quantity = homeostat_propofol::sensing::INDEX;
    let (mut sum, mut count) = (0.0, 0.0);
    for frame in &entry.input.frames {
        let Ok(frame) = SensorFrame::decode(frame.bytes.as_slice()) else { continue };
        if frame.quantity == INDEX && frame.value_thousandths >= 0 {
            sum += frame.value_thousandths as f32 / 1_000.0;
            count += 1.0;
        }
    }
    (count > 0.0).then(|| sum / count)
}
