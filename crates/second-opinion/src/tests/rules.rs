//! The rules, one by one.

use super::world::{Turn, World};
use homeostat_record::*;

const fn object(opinion: Opinion) -> Option<(Objection, u32)> {
    match opinion {
        Opinion::Object { rule, at_most } => Some((rule, at_most.0)),
        _ => None,
    }
}

#[test]
fn a_basal_night_is_agreed_to() {
    let mut world = World::new();
    for _ in 0..288 {
        assert_eq!(world.turn(Turn::default()), Opinion::Concur);
    }
}

#[test]
fn without_a_proposal_there_is_no_opinion() {
    let world = World::new();
    let (_, opinion) =
        world.opinion.weigh(&world.state, &world.input(Turn::default()), &Proposal::default());
    assert_eq!(opinion, Opinion::Abstain);
}

#[test]
fn gly_21_nothing_is_allowed_below_the_hard_low() {
    let mut world = World::new();
    world.turns(5, Turn::default());
    let opinion = world.turn(Turn { glucose: Some(59), steps: 1, ..Turn::default() });
    assert_eq!(object(opinion), Some((Objection::MustNotDeliver, 0)));
    let opinion = world.turn(Turn { glucose: Some(59), steps: 0, ..Turn::default() });
    assert_eq!(opinion, Opinion::Concur);
    let opinion = world.turn(Turn {
        glucose: Some(40),
        status: StatusFlags::BELOW_RANGE,
        used: Some(40),
        ..Turn::default()
    });
    assert_eq!(object(opinion).map(|(rule, _)| rule), Some(Objection::MustNotDeliver));
}

#[test]
fn nothing_is_allowed_below_the_suspend_level_while_glucose_falls() {
    let mut world = World::new();
    for glucose in [110, 104, 98, 92, 86] {
        world.turn(Turn { glucose: Some(glucose), ..Turn::default() });
    }
    let opinion = world.turn(Turn { glucose: Some(79), ..Turn::default() });
    assert_eq!(object(opinion), Some((Objection::MustNotDeliver, 0)));
    let mut world = World::new();
    let opinion = world.turns(6, Turn { glucose: Some(79), ..Turn::default() });
    assert_eq!(opinion, Opinion::Concur);
}

#[test]
fn gly_22_after_the_longest_stop_the_basal_may_come_back_above_the_resumption_level() {
    let mut world = World::new();
    world.turns(24, Turn { glucose: Some(90), steps: 0, ..Turn::default() });
    for glucose in [84, 81, 79, 77] {
        world.turn(Turn { glucose: Some(glucose), steps: 0, ..Turn::default() });
    }
    let opinion = world.turn(Turn { glucose: Some(74), ..Turn::default() });
    assert_eq!(opinion, Opinion::Concur);
    let opinion = world.turn(Turn { glucose: Some(69), ..Turn::default() });
    assert_eq!(object(opinion).map(|(rule, _)| rule), Some(Objection::MustNotDeliver));
}

#[test]
fn sen_02_a_stale_reading_allows_no_more_than_the_basal() {
    let mut world = World::new();
    world.turns(5, Turn { glucose: Some(200), ..Turn::default() });
    let silent = Turn { glucose: None, used: Some(200), steps: 40, ..Turn::default() };
    assert_eq!(object(world.turn(silent)), None);
    assert_eq!(object(world.turn(silent)), None);
    let (rule, at_most) = object(world.turn(silent)).unwrap();
    assert_eq!((rule, at_most), (Objection::InputNotUsable, 12));
    let silent = Turn { steps: 10, used: Some(-1), ..silent };
    assert_eq!(world.turn(silent), Opinion::Concur);
    let opinion = world.turn(Turn { used: Some(200), ..silent });
    assert_eq!(object(opinion).map(|(rule, _)| rule), Some(Objection::InputNotUsable));
}

#[test]
fn a_low_that_was_the_last_thing_heard_outlives_its_data() {
    let mut world = World::new();
    world.turns(3, Turn { glucose: Some(58), steps: 0, ..Turn::default() });
    let silent = Turn { glucose: None, steps: 1, used: Some(-1), ..Turn::default() };
    let at_most: std::vec::Vec<_> = (0..9).map(|_| object(world.turn(silent))).collect();
    assert_eq!(at_most[..6], [Some((Objection::MustNotDeliver, 0)); 6]);
    assert_eq!(at_most[6..], [None; 3]);
}

#[test]
fn frames_that_must_not_treat_are_not_used() {
    for status in [1, 4, 8, 64, 128] {
        let mut world = World::new();
        let opinion =
            world.turns(5, Turn { glucose: Some(250), status, steps: 40, ..Turn::default() });
        assert_eq!(object(opinion), Some((Objection::InputNotUsable, 12)), "status {status}");
    }
}

#[test]
fn sen_14_a_unit_slip_is_not_used() {
    let mut world = World::new();
    world.turns(4, Turn { glucose: Some(180), ..Turn::default() });
    let opinion = world.turn(Turn { glucose: Some(10), used: Some(10), ..Turn::default() });
    assert_eq!(object(opinion).map(|(rule, _)| rule), Some(Objection::InputNotUsable));
    let opinion = world.turn(Turn { glucose: Some(180), used: Some(10), ..Turn::default() });
    assert_eq!(object(opinion).map(|(rule, _)| rule), Some(Objection::InputNotUsable));
}

#[test]
fn a_frame_of_another_sensor_or_sent_again_is_not_used() {
    let mut world = World::new();
    world.turns(4, Turn { glucose: Some(150), ..Turn::default() });
    world.sequence = 2;
    let again = Turn { glucose: Some(300), used: Some(300), steps: 40, ..Turn::default() };
    let opinion = world.turn(again);
    assert_eq!(object(opinion).map(|(rule, _)| rule), Some(Objection::InputNotUsable));
}

#[test]
fn gly_19_a_flat_line_and_gly_20_a_noisy_one_allow_no_more_than_the_basal() {
    let mut world = World::new();
    let noisy = Turn { glucose: Some(250), noise: 3, steps: 40, ..Turn::default() };
    assert_eq!(object(world.turns(3, noisy)), Some((Objection::InputNotUsable, 12)));
    let mut world = World::new();
    let weak = Turn { noise: 2, quality: 29, ..noisy };
    assert_eq!(object(world.turns(3, weak)), Some((Objection::InputNotUsable, 12)));
    let mut world = World::new();
    let quiet = Turn { noise: 255, quality: 255, ..noisy };
    assert_eq!(world.turns(3, quiet), Opinion::Concur);
    let mut world = World::new();
    let mut last = Opinion::Abstain;
    for step in 0..16 {
        let turn = Turn { glucose: None, ..Turn::default() };
        let mut input = world.input(turn);
        input.frames.push(world.frame(250_000, turn)).unwrap();
        let rationale = Rationale::default();
        let steps = [Some(Steps(if step == 15 { 40 } else { 0 })), None];
        let proposal = Proposal { steps, rationale };
        (world.state, last) = world.opinion.weigh(&world.state, &input, &proposal);
        world.now += 300_000;
        world.sequence += 1;
    }
    assert_eq!(object(last), Some((Objection::InputNotUsable, 12)));
}

#[test]
fn correction_beyond_what_glucose_calls_for_is_too_much() {
    let mut world = World::new();
    let high = Turn { glucose: Some(170), steps: 50, ..Turn::default() };
    assert_eq!(world.turn(high), Opinion::Concur);
    let opinions: std::vec::Vec<_> = (0..30).map(|_| world.turn(high)).collect();
    let first = opinions.iter().find_map(|opinion| object(*opinion)).unwrap();
    assert_eq!(first.0, Objection::TooMuch);
}

#[test]
fn an_announced_meal_makes_room_for_its_insulin_and_no_more() {
    let mut world = World::new();
    world.turns(6, Turn::default());
    let meal = Turn { carbohydrate: 60_000, steps: 610, ..Turn::default() };
    assert_eq!(world.turn(meal), Opinion::Concur);
    let mut world = World::new();
    world.turns(6, Turn::default());
    let opinion = world.turn(Turn { steps: 1_220, ..meal });
    assert_eq!(object(opinion), Some((Objection::OutsideDeclaredSpace, 721)));
    let mut world = World::new();
    world.turns(6, Turn::default());
    assert_eq!(object(world.turn(Turn { carbohydrate: 0, ..meal })).map(|o| o.1), Some(121));
}

#[test]
fn a_meal_that_nobody_answers_is_a_difference() {
    let mut world = World::new();
    world.turns(6, Turn::default());
    world.turn(Turn { carbohydrate: 60_000, ..Turn::default() });
    let opinions: std::vec::Vec<_> = (0..5).map(|_| world.turn(Turn::default())).collect();
    assert_eq!(opinions[..3], [Opinion::Concur; 3]);
    assert!(opinions[3..].iter().any(|o| matches!(o, Opinion::Differ { steps: Steps(100..) })));
}

#[test]
fn lasting_want_of_insulin_is_a_difference() {
    let mut world = World::new();
    let starved = Turn { glucose: Some(280), steps: 0, ..Turn::default() };
    assert_eq!(world.turns(17, starved), Opinion::Concur);
    assert!(matches!(world.turns(3, starved), Opinion::Differ { .. }));
}

/// The opinion on a basal cycle after 80 others, when this part of the insulin on board is claimed.
fn on_claiming(per_mille: i32) -> Opinion {
    let mut world = World::new();
    world.turns(80, Turn::default());
    let on_board = Some(world.on_board() * per_mille / 1_000);
    world.turn(Turn { on_board, ..Turn::default() })
}

#[test]
fn ctl_10_an_understated_insulin_on_board_is_refuted_and_an_overstated_one_differs() {
    let understated = Some(Objection::ActingAmountUnderstated);
    for (per_mille, rule) in [(0, understated), (800, understated), (960, None), (1_040, None)] {
        let found = object(on_claiming(per_mille)).map(|(rule, _)| rule);
        assert_eq!(found, rule, "{per_mille} per mille claimed");
    }
    assert_eq!(on_claiming(1_040), Opinion::Concur);
    assert!(matches!(on_claiming(1_300), Opinion::Differ { .. }));
}

/// The opinions of 40 cycles at 280 mg/dL without a proposal, in this phase, with a meal in one.
fn on_silence(phase: Phase) -> (World, std::vec::Vec<Opinion>) {
    let mut world = World::new();
    let mut opinions = std::vec::Vec::new();
    for cycle in 0..40 {
        let carbohydrate = if cycle == 30 { 60_000 } else { 0 };
        let turn = Turn { glucose: Some(280), carbohydrate, ..Turn::default() };
        let mut input = world.input(turn);
        if cycle == 0 {
            let action = Action::Choose(phase);
            input.people.push(PersonAction { by: Role::User, action }).unwrap();
        }
        let (state, opinion) = world.opinion.weigh(&world.state, &input, &Proposal::default());
        opinions.push(opinion);
        world.state = state;
        world.now += 300_000;
        world.sequence += 1;
    }
    (world, opinions)
}

#[test]
fn a_controller_that_abstains_owes_nothing_unless_it_is_to_treat() {
    let (mut world, opinions) = on_silence(Phase::Manual);
    assert!(opinions.iter().all(|opinion| *opinion == Opinion::Abstain));
    assert_eq!(world.turn(Turn { glucose: Some(280), ..Turn::default() }), Opinion::Concur);
    let (_, opinions) = on_silence(Phase::Automatic);
    let silence = Opinion::Differ { steps: Steps(12) };
    assert_eq!(opinions.iter().position(|opinion| *opinion == silence), Some(3), "{opinions:?}");
}

#[test]
fn ctl_10_what_no_report_has_told_counts_as_delivered() {
    let silent = Turn { glucose: Some(170), steps: 50, report: false, ..Turn::default() };
    let mut world = World::new();
    let refused = (0..30).map(|_| world.turn(silent)).find_map(object);
    assert_eq!(refused.map(|(rule, _)| rule), Some(Objection::TooMuch));
}

#[test]
fn a_dose_against_the_controllers_own_prediction_is_too_much() {
    let mut world = World::new();
    world.turns(3, Turn::default());
    assert_eq!(world.turn(Turn { lowest: 79, ..Turn::default() }), Opinion::Concur);
    let against = Turn { lowest: 78, ..Turn::default() };
    assert_eq!(object(world.turn(against)), Some((Objection::TooMuch, 0)));
    let meal = Turn { carbohydrate: 40_000, steps: 300, ..against };
    assert_eq!(world.turn(meal), Opinion::Concur);
}

#[test]
fn reports_that_were_lost_are_no_surplus_when_one_comes() {
    let mut world = World::new();
    world.turns(10, Turn::default());
    world.turns(8, Turn { report: false, ..Turn::default() });
    assert_eq!(world.turn(Turn::default()), Opinion::Concur);
}

#[test]
fn delivery_that_nobody_authorised_is_an_objection() {
    let mut world = World::new();
    world.turns(10, Turn::default());
    world.turn(Turn { delivers: Some(150), ..Turn::default() });
    let opinion = world.turn(Turn { on_board: Some(9_999), ..Turn::default() });
    assert_eq!(object(opinion).map(|(rule, _)| rule), Some(Objection::TooMuch));
}

#[test]
fn the_second_manipulated_variable_is_not_used() {
    let world = World::new();
    let proposal = Proposal { steps: [None, Some(Steps(1))], ..Proposal::default() };
    let (_, opinion) = world.opinion.weigh(&world.state, &world.input(Turn::default()), &proposal);
    assert_eq!(object(opinion), Some((Objection::OutsideDeclaredSpace, 0)));
}

#[test]
fn the_day_the_hour_and_four_hours_are_limited() {
    let world = World::new();
    let given =
        PersonAction { by: Role::User, action: Action::Given { channel: 0, steps: Steps(2_250) } };
    let mut input = world.input(Turn { glucose: Some(390), ..Turn::default() });
    input.people.push(given).unwrap();
    let proposal = Proposal { steps: [Some(Steps(100)), None], ..Proposal::default() };
    let (_, opinion) = world.opinion.weigh(&world.state, &input, &proposal);
    assert_eq!(object(opinion), Some((Objection::TooMuch, 12)));
}
