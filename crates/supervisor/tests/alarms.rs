//! Alarm conditions over time: every event, in its cycle.

use homeostat_record::{AlarmEvent, AlarmEventKind, Cause, CauseSet, Decision, Priority};
use homeostat_supervisor::alarms::Alarms;
use homeostat_supervisor::latch::{Latch, People};
use homeostat_supervisor::{TABLE, Timing};

use AlarmEventKind::{Acknowledged, Ended, Escalated, Raised, Repeated};
use Priority::{High, Low, Medium};

const TIMING: Timing = Timing {
    input_limited: 2,
    input_lost: 5,
    deadline_misses: 3,
    record_lost: 9,
    implausible: 4,
    dwell: 3,
    dwell_cap: 12,
    flap_falls: 4,
    flap_window: 60,
    clamps: 6,
    clamp_window: 30,
    escalation: 4,
    background_limit: 48,
    handover: 7,
    request_interval: 8,
};

/// Latches and alarms alone.
struct Bell {
    latches: [Latch; Cause::ALL.len()],
    alarms: Alarms,
}

impl Default for Bell {
    fn default() -> Self {
        Self { latches: [Latch::default(); Cause::ALL.len()], alarms: Alarms::default() }
    }
}

impl Bell {
    fn cycle(&mut self, causes: CauseSet, people: People) -> Decision {
        let before = self.latches;
        for (row, latch) in TABLE.iter().zip(&mut self.latches) {
            *latch = latch.next(row, &TIMING, causes.has(row.cause), &people);
        }
        let mut decision = Decision::default();
        let latches = (&before, &self.latches);
        self.alarms = self.alarms.next(&TIMING, latches, people.answered, &mut decision);
        decision
    }

    /// The one event of a cycle, if there is one.
    fn hear(&mut self, causes: CauseSet, people: People) -> Option<(AlarmEventKind, Priority)> {
        let decision = self.cycle(causes, people);
        assert!(decision.alarms.len() <= 1);
        decision.alarms.iter().next().map(|event| (event.kind, event.priority))
    }

    fn while_holds(
        &mut self,
        cause: Cause,
        cycles: usize,
    ) -> Vec<(usize, AlarmEventKind, Priority)> {
        let one = CauseSet::EMPTY.with(cause);
        let events = (0..cycles).map(|cycle| (cycle, self.hear(one, People::default())));
        events.filter_map(|(cycle, event)| event.map(|(kind, p)| (cycle, kind, p))).collect()
    }
}

const ANSWER: People =
    People { stop: false, answered: true, acknowledged: true, reconciled: false, reset: false };

#[test]
fn a_low_alarm_is_raised_once_and_ends() {
    let mut bell = Bell::default();
    assert_eq!(bell.while_holds(Cause::ClockDoubtful, 12), [(0, Raised, Low)]);
    assert_eq!(bell.hear(CauseSet::EMPTY, People::default()), Some((Ended, Low)));
    assert_eq!(bell.hear(CauseSet::EMPTY, People::default()), None);
}

#[test]
fn alm_13_a_medium_alarm_that_nobody_answers_turns_high_and_repeats() {
    let mut bell = Bell::default();
    let events = bell.while_holds(Cause::QualityPoor, 14);
    let expected =
        [(0, Raised, Medium), (4, Escalated, High), (8, Repeated, High), (12, Repeated, High)];
    assert_eq!(events, expected);
}

#[test]
fn an_alarm_without_consequences_repeats_at_its_priority() {
    let mut bell = Bell::default();
    let events = bell.while_holds(Cause::PredictedStop, 10);
    assert_eq!(events, [(0, Raised, Medium), (4, Repeated, Medium), (8, Repeated, Medium)]);
    assert!(!bell.alarms.unheard(&TIMING));
    let mut bell = Bell::default();
    bell.while_holds(Cause::PhysiologicNeed, 10);
    assert!(!bell.alarms.unheard(&TIMING), "less authority would not help");
}

#[test]
fn mod_06_a_high_alarm_is_unheard_after_its_time_and_not_before() {
    let mut bell = Bell::default();
    bell.while_holds(Cause::OverDelivery, 4);
    assert!(!bell.alarms.unheard(&TIMING));
    bell.while_holds(Cause::OverDelivery, 1);
    assert!(bell.alarms.unheard(&TIMING));
    let over = CauseSet::EMPTY.with(Cause::OverDelivery);
    assert_eq!(bell.hear(over, ANSWER), Some((Acknowledged, High)));
    assert!(!bell.alarms.unheard(&TIMING));
    assert_eq!(bell.while_holds(Cause::OverDelivery, 20), [], "an answered alarm is quiet");
    assert!(!bell.alarms.unheard(&TIMING));
    assert_eq!(bell.hear(over, ANSWER), None, "answered once");
}

#[test]
fn a_worse_stage_is_announced_again_although_the_first_was_answered() {
    let mut bell = Bell::default();
    assert_eq!(bell.while_holds(Cause::InputMissing, 2), [(1, Raised, Low)]);
    let missing = CauseSet::EMPTY.with(Cause::InputMissing);
    assert_eq!(bell.hear(missing, ANSWER), Some((Acknowledged, Low)));
    assert_eq!(bell.hear(missing, People::default()), None);
    assert_eq!(bell.hear(missing, ANSWER), Some((Escalated, Medium)));
    let alarm = bell.alarms.0[Cause::InputMissing as usize];
    assert_eq!((alarm.answered, alarm.waiting), (false, 0), "an answer goes to what was shown");
}

#[test]
fn a_cause_that_comes_again_is_raised_again() {
    let mut bell = Bell::default();
    bell.while_holds(Cause::GuardClamping, 3);
    let one = CauseSet::EMPTY.with(Cause::GuardClamping);
    assert_eq!(bell.hear(one, ANSWER), Some((Acknowledged, Low)));
    assert_eq!(bell.hear(CauseSet::EMPTY, People::default()), Some((Ended, Low)));
    assert_eq!(bell.while_holds(Cause::GuardClamping, 2), [(0, Raised, Low)]);
    assert_eq!(bell.hear(CauseSet::EMPTY, People::default()), None, "it latches");
    assert_eq!(bell.while_holds(Cause::GuardClamping, 2), [(0, Raised, Low)]);
}

#[test]
fn alm_07_a_latching_alarm_stays_until_it_is_answered_and_then_does_not_return() {
    let mut bell = Bell::default();
    bell.while_holds(Cause::LinkAttacked, 2);
    for _ in 0..2 {
        assert_eq!(bell.hear(CauseSet::EMPTY, People::default()), None);
    }
    assert_eq!(bell.hear(CauseSet::EMPTY, People::default()), Some((Repeated, Medium)));
    assert_eq!(bell.hear(CauseSet::EMPTY, ANSWER), Some((Ended, Medium)));
    for _ in 0..30 {
        assert_eq!(bell.hear(CauseSet::EMPTY, People::default()), None);
    }
}

#[test]
fn a_condition_that_waits_for_a_person_lasts_until_the_release() {
    let mut bell = Bell::default();
    bell.while_holds(Cause::OpinionDiffers, 2);
    assert_eq!(bell.hear(CauseSet::EMPTY, ANSWER), Some((Acknowledged, Medium)));
    for _ in 0..9 {
        assert_eq!(bell.hear(CauseSet::EMPTY, People::default()), None);
    }
    let reset = People { reset: true, ..People::default() };
    assert_eq!(bell.hear(CauseSet::EMPTY, reset), Some((Ended, Medium)));
    assert_eq!(bell.hear(CauseSet::EMPTY, People::default()), None);
}

#[test]
fn a_cause_without_an_alarm_says_nothing() {
    assert_eq!(Bell::default().while_holds(Cause::ArtefactSuspected, 30), []);
    let mut bell = Bell::default();
    assert_eq!(bell.while_holds(Cause::DeadlineMissed, 3), [(2, Raised, Medium)]);
}

#[test]
fn the_highest_are_listed_first_and_the_rest_are_counted() {
    let all = CauseSet::from_bits(u64::MAX);
    let decision = Bell::default().cycle(all, People::default());
    let named: Vec<_> = decision.alarms.iter().map(|event| event.cause).collect();
    let highest = [
        Cause::GuardViolation,
        Cause::PhysiologicStop,
        Cause::PhysiologicNeed,
        Cause::OverDelivery,
        Cause::ActuatorDisobeys,
        Cause::IdentityMismatch,
        Cause::IntegrityLost,
        Cause::NoResponse,
    ];
    assert_eq!(named, highest);
    let silent = [Cause::InputMissing, Cause::ArtefactSuspected, Cause::DeadlineMissed];
    assert_eq!(usize::from(decision.alarms_omitted), Cause::ALL.len() - 8 - silent.len());
    let mut few = CauseSet::EMPTY.with(Cause::ClockDoubtful).with(Cause::PowerLow);
    few = few.with(Cause::PhysiologicStop).with(Cause::QualityReduced);
    let decision = Bell::default().cycle(few, People::default());
    let events: Vec<AlarmEvent> = decision.alarms.iter().copied().collect();
    let expected = [
        (Cause::PhysiologicStop, High),
        (Cause::PowerLow, Medium),
        (Cause::QualityReduced, Low),
        (Cause::ClockDoubtful, Low),
    ];
    let expected = expected.map(|(cause, priority)| AlarmEvent { cause, kind: Raised, priority });
    assert_eq!((events.as_slice(), decision.alarms_omitted), (expected.as_slice(), 0));
}
