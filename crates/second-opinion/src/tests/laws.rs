//! Laws: the opinion is total, deterministic and monotone, and never allows when glucose is low.

use super::world::{Turn, World, bytes_of, profile};
use crate::limits::strictest;
use crate::situation::Situation;
use crate::{InsulinOpinion, InsulinState, delivery::Acting, glucose::Seen};
use homeostat_record::*;
use proptest::prelude::*;
use std::vec::Vec;

fn any_instant() -> impl Strategy<Value = Instant> {
    let millis = prop_oneof![0_u64..100_000_000, any::<u64>()];
    (0_u32..3, millis).prop_map(|(boot, millis)| Instant { boot, millis })
}

fn any_frame() -> impl Strategy<Value = Frame> {
    let sensible = (any::<i32>(), any::<u8>(), any::<u32>(), any::<u64>(), any::<u16>()).prop_map(
        |(value_thousandths, status, sequence, taken_millis, session_minutes)| {
            let frame = SensorFrame {
                source: 7,
                sequence,
                taken_millis,
                value_thousandths,
                status: StatusFlags(status),
                session_minutes,
                ..SensorFrame::default()
            };
            frame.encode().to_vec()
        },
    );
    let bytes = prop_oneof![sensible, prop::collection::vec(any::<u8>(), 0..=64)];
    (any_instant(), bytes)
        .prop_map(|(received, bytes)| Frame { received, bytes: Bytes::copy_of(&bytes).unwrap() })
}

fn any_report() -> impl Strategy<Value = Report> {
    (0_u8..3, any_instant(), 8_u32..11, any::<u64>(), any::<u64>(), any::<u64>()).prop_map(
        |(channel, received, actuator, accepted, accepted_total, delivered_total)| Report {
            channel,
            received,
            actuator,
            accepted: OrderId(accepted),
            accepted_total,
            delivered_total,
            ..Report::default()
        },
    )
}

fn any_action() -> impl Strategy<Value = Action> {
    let (channel, steps) = (0_u8..3, any::<u32>());
    (0..8, channel, steps).prop_map(|(kind, channel, amount)| {
        let steps = Steps(amount);
        match kind {
            0 => Action::Stop,
            1 => Action::Request { channel, steps },
            2 => Action::SetManual { channel, steps },
            3 => Action::Given { channel, steps },
            4 => Action::Announce(Announcement { kind: channel, amount }),
            5 => Action::Choose(Phase::Automatic),
            6 => Action::Choose(Phase::Manual),
            _ => Action::Announce(Announcement { kind: 1, amount: amount % 100_000 }),
        }
    })
}

prop_compose! {
    fn any_input()(
        now in any_instant(),
        frames in prop::collection::vec(any_frame(), 0..4),
        reports in prop::collection::vec(any_report(), 0..3),
        people in prop::collection::vec(any_action(), 0..3),
        conditions in any::<u64>(),
    ) -> Input {
        let conditions = CauseSet::from_bits(conditions);
        let mut input = Input { now, conditions, ..Input::default() };
        frames.into_iter().for_each(|frame| input.frames.push(frame).unwrap());
        reports.into_iter().for_each(|report| input.reports.push(report).unwrap());
        for action in people {
            input.people.push(PersonAction { by: Role::User, action }).unwrap();
        }
        input
    }
}

prop_compose! {
    fn any_proposal()(
        first in prop::option::of(prop_oneof![0_u32..300, any::<u32>()]),
        second in prop::option::of(0_u32..2),
        figures in any::<[i32; 8]>(),
    ) -> Proposal {
        let rationale = Rationale { reason: 0, figures };
        Proposal { steps: [first.map(Steps), second.map(Steps)], rationale }
    }
}

fn opinion() -> InsulinOpinion {
    InsulinOpinion::from_profile(&bytes_of(&profile())).unwrap()
}

prop_compose! {
    fn any_situation()(
        glucose in 30_000_i64..500_000,
        slope in prop::option::of(-9_000_i64..9_000),
        age in 0_u64..1_500_000,
        reported in 0_i64..30_000,
        beyond in -5_000_i64..30_000,
        unabsorbed in 0_i64..150_000,
        announced in 0_i64..100_000,
        windows in [0_i64..5_000, 0..9_000, 0..12_000],
        stopped_long in any::<bool>(),
    ) -> Situation {
        let seen = Seen {
            latest: glucose, credited: glucose, recent: (glucose, glucose), age, slope,
            coded: false, poor: false, same_for: 0,
        };
        let acting = Acting { reported, unknown: 0, beyond_basal: beyond, coming: 0 };
        Situation {
            seen: Some(seen), acting, known_for: 0, unabsorbed, recent_carbohydrate: unabsorbed,
            announced, windows, surplus: 0, missing: 0, stopped_long,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn sup_04_every_input_and_every_proposal_has_an_answer(
        cycles in prop::collection::vec((any_input(), any_proposal()), 1..12),
    ) {
        let opinion = opinion();
        let mut state = opinion.start();
        for (input, proposal) in cycles {
            let answer = opinion.weigh(&state, &input, &proposal);
            prop_assert!(answer == opinion.weigh(&state, &input, &proposal));
            if let ([Some(steps), None | Some(Steps(0))], Opinion::Object { rule, at_most }) =
                (proposal.steps, answer.1)
            {
                let understated = rule == Objection::ActingAmountUnderstated;
                prop_assert!(at_most <= steps || understated || at_most < Steps(100));
            }
            state = answer.0;
            let mut buffer = [0; 4_096];
            let bytes = state.encode_canonical(&mut buffer).unwrap();
            prop_assert!(InsulinState::decode_canonical(bytes) == Ok(state));
        }
    }

    #[test]
    fn any_bytes_that_are_a_state_are_a_state_that_works(
        damage in prop::collection::vec((0_usize..4_000, any::<u8>()), 1..6),
        input in any_input(),
        proposal in any_proposal(),
    ) {
        let mut world = World::new();
        world.turns(8, Turn::default());
        let mut buffer = [0; 4_096];
        let mut bytes = Vec::from(world.state.encode_canonical(&mut buffer).unwrap());
        for (position, value) in damage {
            let position = position % bytes.len();
            bytes[position] = value;
        }
        if let Ok(state) = InsulinState::decode_canonical(&bytes) {
            let _ = opinion().weigh(&state, &input, &proposal);
        }
    }

    #[test]
    fn gly_21_no_dose_at_all_is_allowed_when_glucose_is_below_the_hard_low(
        before in prop::collection::vec(40_u32..400, 0..6),
        glucose in 40_u32..60,
        steps in 1_u32..3_000,
        carbohydrate in 0_u32..100_000,
    ) {
        let mut world = World::new();
        for glucose in before {
            world.turn(Turn { glucose: Some(glucose), ..Turn::default() });
        }
        let turn = Turn { glucose: Some(glucose), steps, carbohydrate, ..Turn::default() };
        let rule = Objection::MustNotDeliver;
        prop_assert_eq!(world.turn(turn), Opinion::Object { rule, at_most: Steps::ZERO });
    }
}

proptest! {
    #[test]
    fn a_higher_glucose_never_lowers_the_allowed_dose(
        situation in any_situation(),
        more in 0_i64..100_000,
        steeper in 0_i64..3_000,
    ) {
        let mut higher = situation;
        higher.seen = situation.seen.map(|seen| Seen {
            latest: seen.latest + more,
            credited: seen.credited + more,
            slope: seen.slope.map(|slope| slope + steeper),
            ..seen
        });
        let settings = super::world::settings();
        prop_assert!(strictest(&settings, &higher, None).1 >= strictest(&settings, &situation, None).1);
    }

    #[test]
    fn more_insulin_on_board_never_raises_the_allowed_dose(
        situation in any_situation(),
        more in 0_i64..10_000,
    ) {
        let mut fuller = situation;
        fuller.acting.reported += more;
        fuller.acting.beyond_basal += more;
        fuller.windows = fuller.windows.map(|used| used + more);
        let settings = super::world::settings();
        prop_assert!(strictest(&settings, &fuller, None).1 <= strictest(&settings, &situation, None).1);
    }

    #[test]
    fn a_higher_last_reading_never_lowers_the_allowed_dose_in_a_whole_cycle(
        before in prop::collection::vec(60_u32..390, 0..7),
        last in 40_u32..390,
        more in 0_u32..100,
        steps in 0_u32..400,
    ) {
        let allows = |glucose: u32| {
            let mut world = World::new();
            for glucose in &before {
                world.turn(Turn { glucose: Some(*glucose), ..Turn::default() });
            }
            let used = Some(glucose as i32);
            let turn = Turn { glucose: Some(glucose), steps, used, ..Turn::default() };
            !matches!(world.turn(turn), Opinion::Object { .. })
        };
        prop_assert!(!allows(last) || allows((last + more).min(399)));
    }
}
