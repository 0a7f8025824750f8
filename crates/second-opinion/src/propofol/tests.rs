//! Scenes: what the opinion says of a proposal in a situation.

use super::*;
use homeostat_record::{
    Action, ActuatorStatus, Announcement, Bytes, Cycle, Frame, Input, Instant, Objection, Opinion,
    PersonAction, Phase, Proposal, Quantity, Rationale, Report, Role, SecondOpinion, SensorFrame,
    Steps, Unit,
};
use proptest::prelude::*;
use std::vec::Vec;

const PERIOD: u64 = 5_000;
/// Steps of 10 ug.
const STEP: f64 = 10.0;

fn number(bytes: &mut Vec<u8>, major: u8, value: u32) {
    let [a, b, c, d] = value.to_be_bytes();
    match value {
        0..=23 => bytes.push(major << 5 | d),
        24..=0xFF => bytes.extend([major << 5 | 24, d]),
        0x100..=0xFFFF => bytes.extend([major << 5 | 25, c, d]),
        _ => bytes.extend([major << 5 | 26, a, b, c, d]),
    }
}

fn list(bytes: &mut Vec<u8>, values: &[u32]) {
    number(bytes, 4, values.len().try_into().unwrap());
    for value in values {
        number(bytes, 0, *value);
    }
}

/// A profile of the reference man by its published layout.
pub(crate) fn profile() -> Vec<u8> {
    let mut bytes = Vec::new();
    number(&mut bytes, 4, 12);
    list(&mut bytes, &[2, 2, 1]);
    list(&mut bytes, &[420, 70_000, 1_700, 2, 0]);
    list(&mut bytes, &[420, 70_000, 1_700]);
    list(&mut bytes, &[0, 0, 1_056, 680, 160_000, 120, 500]);
    let levels = [
        50_000, 60_000, 30, 40_000, 60, 30_000, 30, 10, 40_000, 60, 65_000, 60, 10_000, 3, 600,
        80_000,
    ];
    list(&mut bytes, &levels);
    list(&mut bytes, &[5, 80, 50, 15, 45, 55, 3, 15, 15_000, 3_000, 10, 20]);
    let times = [
        5, 15, 10, 30, 180, 3, 60, 20, 60, 120, 5, 3_600, 12, 120, 150, 600, 60, 60, 900, 300, 300,
        5, 126,
    ];
    list(&mut bytes, &times);
    let delivery = [
        10_000, 10, 3_333, 15, 2_500, 2_500, 5_000, 25_000, 250_000, 1_000, 6_000, 800, 5_000, 15,
        924, 2_463,
    ];
    list(&mut bytes, &delivery);
    let [central, fast, slow] = kinetics::tests::REFERENCE.volumes;
    let [clearance, to_fast, to_slow] = kinetics::tests::REFERENCE.flows;
    let kinetics = [1, central, fast, slow, clearance, to_fast, to_slow, 146_000, 3_080];
    list(&mut bytes, &kinetics);
    list(&mut bytes, &[55, 45, 60, 120, 20, 20, 250]);
    number(&mut bytes, 4, 3);
    list(&mut bytes, &[9]);
    list(&mut bytes, &[10]);
    list(&mut bytes, &[11]);
    number(&mut bytes, 4, 2);
    list(&mut bytes, &[1; 20]);
    list(&mut bytes, &[1; 30]);
    bytes
}

/// A patient whose pump obeys, whose index and pressure are what the test says.
struct Room {
    opinion: PropofolOpinion,
    state: PropofolState,
    cycle: u64,
    delivered: u64,
    index: f64,
    quality: u8,
    muscle: u8,
    suppression: u8,
    pressure: Option<f64>,
    silent_monitor: bool,
    silent_pump: bool,
    actions: Vec<(Role, Action)>,
    /// What the controller claims: effect site (ng/mL), else what the opinion itself has.
    effect: Option<i32>,
    weight: i32,
}

impl Room {
    fn new() -> Self {
        let opinion = PropofolOpinion::from_profile(&profile()).unwrap();
        let mut room = Self {
            state: opinion.start(),
            opinion,
            cycle: 0,
            delivered: 0,
            index: 50.0,
            quality: 95,
            muscle: 30,
            suppression: 0,
            pressure: None,
            silent_monitor: false,
            silent_pump: false,
            actions: Vec::new(),
            effect: None,
            weight: 1_000,
        };
        room.actions.push((Role::Clinician, Action::Choose(Phase::Automatic)));
        room
    }

    fn announce(&mut self, amount: u32) {
        let announcement = Action::Announce(Announcement { kind: 1, amount });
        self.actions.push((Role::Clinician, announcement));
    }

    fn input(&mut self) -> Input {
        let now = Instant { boot: 1, millis: 50_000 + self.cycle * PERIOD };
        let mut input = Input { cycle: Cycle(self.cycle), now, ..Input::default() };
        for second in 0..5_u64 {
            let at = self.cycle * 5 + second;
            let frame = SensorFrame {
                quantity: Quantity(2),
                unit: Unit(3),
                source: 9,
                sequence: at.try_into().unwrap(),
                taken_millis: at * 1_000,
                value_thousandths: (self.index * 1_000.0) as i32,
                quality: self.quality,
                detail: [self.muscle, self.suppression],
                ..SensorFrame::default()
            };
            let received = Instant { boot: 1, millis: now.millis - 4_000 + second * 1_000 };
            let bytes = Bytes::copy_of(&frame.encode()).unwrap();
            if !self.silent_monitor {
                input.frames.push(Frame { received, bytes }).unwrap();
            }
        }
        if let Some(pressure) = self.pressure {
            let frame = SensorFrame {
                quantity: Quantity(4),
                unit: Unit(5),
                source: 10,
                sequence: self.cycle.try_into().unwrap(),
                taken_millis: self.cycle * PERIOD,
                value_thousandths: (pressure * 1_000.0) as i32,
                ..SensorFrame::default()
            };
            let bytes = Bytes::copy_of(&frame.encode()).unwrap();
            input.frames.push(Frame { received: now, bytes }).unwrap();
        }
        if !self.silent_pump {
            let report = Report {
                actuator: 11,
                received: now,
                status: ActuatorStatus::Running,
                accepted_total: self.delivered,
                delivered_total: self.delivered,
                ..Report::default()
            };
            input.reports.push(report).unwrap();
        }
        for (by, action) in self.actions.drain(..) {
            input.people.push(PersonAction { by, action }).unwrap();
        }
        input
    }

    /// One cycle in which so many mg are proposed and then given.
    fn offer(&mut self, milligrams: f64) -> Opinion {
        let input = self.input();
        let steps = (milligrams * 1_000.0 / STEP) as u32;
        let mut probe = self.state;
        let claimed = self.effect.unwrap_or_else(|| {
            // An honest controller states what is so.
            let silent = Proposal::default();
            (probe, _) = self.opinion.weigh(&probe, &input, &silent);
            self.opinion.effect_site(&probe).try_into().unwrap()
        });
        let index = if self.silent_monitor { -1 } else { (self.index * 1_000.0) as i32 };
        let figures = [claimed, 0, 0, index, 0, self.weight, 3_080, 23];
        let rationale = Rationale { reason: 3, figures };
        let proposal = Proposal { steps: [Some(Steps(steps)), None], rationale };
        let (state, opinion) = self.opinion.weigh(&self.state, &input, &proposal);
        self.state = state;
        self.delivered += u64::from(steps);
        self.cycle += 1;
        opinion
    }

    /// Three milligrams in ten seconds per cycle of five: near the reference man's maintenance.
    fn maintain(&mut self, cycles: u64) -> Opinion {
        let mut last = Opinion::Abstain;
        for _ in 0..cycles {
            last = self.offer(0.9);
        }
        last
    }

    fn maintained() -> Self {
        let mut room = Self::new();
        room.announce(2);
        assert_eq!(room.maintain(120), Opinion::Concur);
        room
    }
}

fn objection(opinion: Opinion) -> Option<Objection> {
    match opinion {
        Opinion::Object { rule, .. } => Some(rule),
        _ => None,
    }
}

#[test]
fn sup_04_an_ordinary_maintenance_is_concurred_with() {
    let mut room = Room::maintained();
    assert_eq!(room.maintain(600), Opinion::Concur);
}

#[test]
fn pro_01_nothing_before_a_stage_or_in_emergence() {
    let mut room = Room::new();
    assert_eq!(objection(room.offer(0.5)), Some(Objection::MustNotDeliver));
    assert_eq!(room.offer(0.0), Opinion::Concur);
    let mut room = Room::maintained();
    room.announce(3);
    assert_eq!(objection(room.offer(0.5)), Some(Objection::MustNotDeliver));
    // Only a clinician's word begins a stage.
    let mut room = Room::new();
    let announcement = Action::Announce(Announcement { kind: 1, amount: 2 });
    room.actions.push((Role::User, announcement));
    assert_eq!(objection(room.offer(0.5)), Some(Objection::MustNotDeliver));
}

#[test]
fn pro_05_deep_suppressed_or_pressureless_patients_get_nothing() {
    let mut room = Room::maintained();
    room.index = 25.0;
    assert_eq!(room.maintain(7), Opinion::Concur);
    let found = room.maintain(3);
    assert_eq!(found, Opinion::Object { rule: Objection::MustNotDeliver, at_most: Steps(0) });
    let mut room = Room::maintained();
    room.suppression = 30;
    assert_eq!(objection(room.maintain(10)), Some(Objection::MustNotDeliver));
    let mut room = Room::maintained();
    room.pressure = Some(60.0);
    assert_eq!(room.maintain(10), Opinion::Concur);
    room.pressure = Some(44.0);
    assert_eq!(room.maintain(2), Opinion::Concur, "two values beside a good one are noise");
    assert_eq!(objection(room.maintain(1)), Some(Objection::MustNotDeliver));
}

/// Without this the two sides disputed a stop that both demand, and the loop fell to the background.
#[test]
fn pro_05_nothing_is_wanting_while_a_stop_for_pressure_may_be_in_force() {
    let awake = |pressure: Option<f64>| {
        let mut room = Room::maintained();
        (room.index, room.pressure) = (80.0, pressure);
        for _ in 0..20 {
            room.offer(0.0);
        }
        // Well again, but not for the two minutes that a return takes.
        room.pressure = pressure.map(|_| 70.0);
        for _ in 0..20 {
            room.offer(0.0);
        }
        room
    };
    assert!(matches!(awake(None).offer(0.0), Opinion::Differ { .. }));
    assert!(matches!(awake(Some(65.0)).offer(0.0), Opinion::Differ { .. }));
    let mut room = awake(Some(40.0));
    assert_eq!(room.offer(0.0), Opinion::Concur);
    for _ in 0..10 {
        room.offer(0.0);
    }
    assert!(matches!(room.offer(0.0), Opinion::Differ { .. }), "well for long");
}

#[test]
fn pro_05_no_increase_at_a_low_pressure_or_a_low_index() {
    let mut room = Room::maintained();
    room.pressure = Some(52.0);
    assert_eq!(objection(room.offer(2.5)), Some(Objection::TooMuch));
    let mut room = Room::maintained();
    room.index = 36.0;
    assert_eq!(room.maintain(20), Opinion::Concur);
    assert_eq!(objection(room.offer(2.5)), Some(Objection::TooMuch));
}

#[test]
fn pro_03_the_effect_site_is_bounded_by_its_own_kinetics() {
    let mut room = Room::maintained();
    let mut objected = None;
    for cycle in 0..120 {
        if let Opinion::Object { rule, at_most } = room.offer(4.5) {
            objected = Some((cycle, rule, at_most));
            break;
        }
    }
    let (cycle, rule, at_most) = objected.unwrap();
    assert_eq!(rule, Objection::TooMuch);
    assert!((20..100).contains(&cycle), "{cycle}");
    assert!(at_most < Steps(450));
}

#[test]
fn pro_03_an_induction_is_bounded_by_weight() {
    let mut room = Room::new();
    room.index = 90.0;
    room.announce(1);
    let mut given = 0.0;
    let objected = (0..60).find_map(|_| {
        // 2.5 mg/kg are 175 mg; claims say induction.
        let input = room.input();
        let claimed = room.opinion.weigh(&room.state, &input, &Proposal::default()).0;
        let effect = room.opinion.effect_site(&claimed).try_into().unwrap();
        let figures = [effect, 0, 0, 90_000, 0, 1_000, 3_080, 13];
        let rationale = Rationale { reason: 2, figures };
        let proposal = Proposal { steps: [Some(Steps(1_600)), None], rationale };
        let (state, opinion) = room.opinion.weigh(&room.state, &input, &proposal);
        (room.state, room.cycle) = (state, room.cycle + 1);
        room.delivered += 1_600;
        given += 16.0;
        objection(opinion)
    });
    assert!(objected.is_some());
    assert!((110.0..=185.0 + 16.0).contains(&given), "{given} mg");
}

#[test]
fn sen_02_without_an_index_nothing_rises() {
    let mut room = Room::maintained();
    room.silent_monitor = true;
    room.weight = 0;
    assert_eq!(room.maintain(10), Opinion::Concur);
    assert_eq!(objection(room.offer(3.0)), Some(Objection::InputNotUsable));
    let mut room = Room::maintained();
    room.quality = 30;
    room.weight = 0;
    room.maintain(10);
    assert_eq!(objection(room.offer(3.0)), Some(Objection::InputNotUsable));
    // A controller that says it believes an index that nobody may use.
    let mut room = Room::maintained();
    room.muscle = 70;
    assert_eq!(objection(room.maintain(10)), Some(Objection::InputNotUsable));
}

#[test]
fn sup_04_estimates_agree_within_five_percent_or_it_is_said() {
    let mut room = Room::maintained();
    let honest = i32::try_from(room.opinion.effect_site(&room.state)).unwrap();
    room.effect = Some(honest * 90 / 100 - 45);
    assert_eq!(objection(room.offer(0.9)), Some(Objection::ActingAmountUnderstated));
    let mut room = Room::maintained();
    room.effect = Some(honest * 110 / 100 + 45);
    assert!(matches!(room.offer(0.9), Opinion::Differ { .. }));
    let mut room = Room::maintained();
    room.effect = Some(honest * 102 / 100);
    assert_eq!(room.offer(0.9), Opinion::Concur);
}

#[test]
fn pro_07_a_high_index_that_nothing_answers_is_a_difference() {
    let mut room = Room::maintained();
    room.index = 72.0;
    for _ in 0..13 {
        room.offer(0.9);
    }
    assert_eq!(room.offer(0.9), Opinion::Concur);
    assert!(matches!(room.offer(0.1), Opinion::Differ { .. }));
}

#[test]
fn sup_04_silence_in_automatic_operation_is_a_difference() {
    let mut room = Room::maintained();
    let said: Vec<_> = (0..4)
        .map(|_| {
            let input = room.input();
            let (state, opinion) = room.opinion.weigh(&room.state, &input, &Proposal::default());
            (room.state, room.cycle) = (state, room.cycle + 1);
            opinion
        })
        .collect();
    assert_eq!(said[..2], [Opinion::Abstain, Opinion::Abstain]);
    assert!(matches!(said[2], Opinion::Differ { .. }) && matches!(said[3], Opinion::Differ { .. }));
}

#[test]
fn act_03_what_a_silent_pump_may_have_given_counts_until_it_tells() {
    let mut told = Room::maintained();
    let mut silent = Room::maintained();
    silent.silent_pump = true;
    told.maintain(12);
    silent.maintain(12);
    let apart = told.opinion.effect_site(&told.state) - silent.opinion.effect_site(&silent.state);
    assert!(apart.abs() < 60, "{apart}");
    silent.silent_pump = false;
    told.maintain(24);
    silent.maintain(24);
    let apart = told.opinion.effect_site(&told.state) - silent.opinion.effect_site(&silent.state);
    assert!(apart.abs() < 10, "{apart}");
}

#[test]
fn a_second_drug_is_outside_the_declared_space() {
    let mut room = Room::maintained();
    let input = room.input();
    let proposal = Proposal { steps: [Some(Steps(1)), Some(Steps(1))], ..Proposal::default() };
    let (_, opinion) = room.opinion.weigh(&room.state, &input, &proposal);
    assert_eq!(objection(opinion), Some(Objection::OutsideDeclaredSpace));
}

#[test]
fn a_profile_of_another_therapy_or_cut_short_is_refused() {
    let whole = profile();
    assert!(PropofolSettings::from_profile(&whole).is_ok());
    for end in 0..whole.len() {
        let found = PropofolSettings::from_profile(&whole[..end]);
        assert_eq!(found, Err(PropofolSettingsError::Malformed));
    }
    let mut other = whole.clone();
    other[3] = 1;
    assert_eq!(PropofolSettings::from_profile(&other), Err(PropofolSettingsError::Malformed));
    other.clone_from(&whole);
    other.push(0);
    assert_eq!(PropofolSettings::from_profile(&other), Err(PropofolSettingsError::Malformed));
}

proptest! {
    #[test]
    fn any_bytes_are_a_profile_or_not(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = PropofolOpinion::from_profile(&bytes);
    }

    #[test]
    fn any_input_and_proposal_gets_an_answer(
        cycles in prop::collection::vec(
            (any::<[u8; 33]>(), any::<u64>(), any::<u64>(), any::<u32>(), any::<[i32; 8]>(), 0_u8..6),
            1..20,
        ),
    ) {
        let mut room = Room::maintained();
        for (bytes, millis, total, steps, figures, kind) in cycles {
            let mut input = room.input();
            match kind {
                0 => input.now.millis = millis,
                1 => {
                    let bytes = Bytes::copy_of(&bytes).unwrap();
                    let _ = input.frames.push(Frame { received: input.now, bytes });
                }
                2 => room.delivered = total,
                3 => room.announce(steps % 5),
                _ => {}
            }
            let rationale = Rationale { reason: 0, figures };
            let proposal = Proposal { steps: [Some(Steps(steps)), None], rationale };
            let (state, opinion) = room.opinion.weigh(&room.state, &input, &proposal);
            if let Opinion::Object { at_most, .. } = opinion {
                // Either the amount is too much or its reason is no reason.
                prop_assert!(at_most < Steps(1_700));
            }
            (room.state, room.cycle) = (state, room.cycle + 1);
        }
    }
}
