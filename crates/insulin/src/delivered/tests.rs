use super::{Booked, Delivered, INSULIN};
use homeostat_record::{
    Action, ActuatorStatus, Input, Instant, OrderId, PersonAction, Report, Role, Span, Steps,
};

const PERIOD: Span = Span::from_minutes(5);
const PUMPS: [u32; 1] = [9];

fn cycle(number: u64) -> Input {
    Input { now: Instant { boot: 1, millis: number * 300_000 }, ..Input::default() }
}

fn report(delivered_total: u64) -> Report {
    Report { actuator: 9, status: ActuatorStatus::Running, delivered_total, ..Report::default() }
}

fn with(mut input: Input, reports: &[Report]) -> Input {
    for report in reports {
        input.reports.push(*report).unwrap();
    }
    input
}

fn empty() -> Delivered {
    Delivered::start(|_| 0)
}

/// Books one cycle in which `reports` came.
fn book(state: &mut Delivered, number: u64, reports: &[Report]) -> Booked {
    let (next, booked) = state.book(&with(cycle(number), reports), PERIOD, &PUMPS);
    *state = next;
    booked
}

#[test]
fn act_03_totals_make_lost_and_doubled_reports_harmless() {
    let mut state = empty();
    book(&mut state, 0, &[report(100)]);
    assert_eq!(state.history().total(96), 0, "before this loop began");
    assert_eq!(book(&mut state, 1, &[report(104), report(104)]).pump, 4);
    book(&mut state, 2, &[]);
    assert_eq!(book(&mut state, 3, &[report(110)]).pump, 6);
    assert_eq!(state.history().total(96), 10);
}

#[test]
fn f_a10_what_was_proposed_counts_until_the_pump_says_otherwise() {
    let mut state = empty();
    book(&mut state, 0, &[report(0)]);
    state = state.proposed(8);
    let silent = book(&mut state, 1, &[]);
    assert_eq!((silent.pump, silent.heard), (8, false));
    assert_eq!(state.history().total(96), 8);
    // It was only half delivered: the rest comes out again.
    assert_eq!(book(&mut state, 2, &[report(4)]).pump, -4);
    assert_eq!(state.history().total(96), 4);
    state = state.proposed(3);
    book(&mut state, 3, &[]);
    assert_eq!(book(&mut state, 4, &[report(9)]).pump, 2, "3 on trust, 5 in all");
    assert_eq!(state.history().total(96), 9);
}

#[test]
fn a_new_session_of_the_pump_counts_from_nothing() {
    let mut state = empty();
    book(&mut state, 0, &[report(500)]);
    let new = Report { accepted: OrderId(1), ..report(3) };
    assert_eq!(book(&mut state, 1, &[new]).pump, 3);
    assert_eq!(state.history().total(96), 3);
}

#[test]
fn act_03_a_report_that_was_long_under_way_is_no_new_session() {
    let mut state = empty();
    let of = |order, total| Report { accepted: OrderId(order), ..report(total) };
    book(&mut state, 0, &[of(4, 500)]);
    book(&mut state, 1, &[of(6, 520)]);
    state = state.proposed(7);
    let late = book(&mut state, 2, &[of(5, 510), of(6, 515)]);
    assert_eq!((late.pump, late.heard), (7, false), "as in silence");
    assert_eq!(book(&mut state, 3, &[of(7, 527)]).pump, 0, "on trust already");
    assert_eq!(state.history().total(96), 27);
    book(&mut state, 4, &[of(u64::MAX, 528)]);
    let next = book(&mut state, 5, &[of(8, 530)]);
    assert_eq!((next.pump, next.heard), (2, true), "no number makes it unheard");
}

#[test]
fn gly_07_another_pump_is_not_believed() {
    let mut state = empty();
    book(&mut state, 0, &[report(0)]);
    let other = Report { actuator: 10, ..report(70) };
    let glucagon = Report { channel: 1, ..report(70) };
    assert!(!book(&mut state, 1, &[other, glucagon]).heard);
    assert_eq!(state.history().total(96), 0);
}

#[test]
fn insulin_given_by_pen_is_on_board() {
    let mut input = cycle(1);
    let action = Action::Given { channel: INSULIN, steps: Steps(40) };
    input.people.push(PersonAction { by: Role::User, action }).unwrap();
    let (state, booked) = empty().book(&input, PERIOD, &PUMPS);
    assert_eq!((booked.given, state.history().total(1)), (40, 40));
}

#[test]
fn tim_the_history_moves_with_monotonic_time_and_jitter_does_not_add_up() {
    let mut state = Delivered::start(|bucket| u32::from(bucket == 0));
    let newest = |state: &Delivered| (0..96).find(|cycles| state.history().total(*cycles + 1) == 1);
    book(&mut state, 0, &[]);
    for number in 1..=20_u64 {
        let late = number % 2 * 40_000;
        let now = Instant { boot: 1, millis: number * 300_000 + late };
        (state, _) = state.book(&Input { now, ..Input::default() }, PERIOD, &PUMPS);
    }
    assert_eq!(newest(&state), Some(21));
    book(&mut state, 30, &[]);
    assert_eq!(newest(&state), Some(31), "cycles that were missed count as time");
    let restarted = Input { now: Instant { boot: 2, millis: 0 }, ..Input::default() };
    let (state, _) = state.book(&restarted, PERIOD, &PUMPS);
    assert_eq!(newest(&state), Some(32), "across a restart one cycle is taken");
}
