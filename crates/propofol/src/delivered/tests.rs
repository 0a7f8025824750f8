use super::{Booked, Delivered};
use crate::testing::Rig;
use homeostat_record::{Action, ActuatorStatus, Input, OrderId, PersonAction, Report, Role, Steps};

fn with(reports: &[Report]) -> Input {
    let mut input = Input::default();
    for report in reports {
        input.reports.push(*report).unwrap();
    }
    input
}

fn report(total: u64) -> Report {
    Report { delivered_total: total, ..Rig::new().report(0) }
}

fn steps(delivered: &mut Delivered, proposed: u32, reports: &[Report]) -> i64 {
    let (next, booked) = delivered.proposed(proposed).book(&with(reports), &[9]);
    *delivered = next;
    booked.pump
}

#[test]
fn act_03_totals_make_lost_and_doubled_reports_harmless() {
    let mut delivered = Delivered::default();
    assert_eq!(steps(&mut delivered, 0, &[report(1_000)]), 0, "what was before is not counted");
    assert_eq!(steps(&mut delivered, 50, &[report(1_050)]), 50);
    assert_eq!(steps(&mut delivered, 50, &[report(1_100), report(1_100)]), 50);
    assert_eq!(steps(&mut delivered, 60, &[]), 60, "on trust");
    assert_eq!(steps(&mut delivered, 60, &[report(1_220)]), 60, "both came");
    assert_eq!(steps(&mut delivered, 60, &[]), 60);
    assert_eq!(steps(&mut delivered, 60, &[report(1_220)]), -60, "trust was misplaced");
}

#[test]
fn ctl_10_a_pump_that_is_heard_late_has_delivered_what_was_proposed() {
    let mut delivered = Delivered::default();
    assert_eq!(steps(&mut delivered, 0, &[]), 0);
    assert_eq!(steps(&mut delivered, 40, &[]), 40);
    assert_eq!(steps(&mut delivered, 40, &[report(2_000)]), 40);
    assert_eq!(steps(&mut delivered, 40, &[report(2_030)]), 30);
}

#[test]
fn a_new_pump_counts_from_nothing() {
    let mut delivered = Delivered::default();
    steps(&mut delivered, 0, &[report(1_000)]);
    let new = Report { accepted: OrderId(1), ..report(30) };
    assert_eq!(steps(&mut delivered, 0, &[new]), 30, "a new session");
    let foreign = Report { actuator: 10, ..report(5_000) };
    assert_eq!(steps(&mut delivered, 7, &[foreign]), 7, "another pump is not heard");
    let other = Report { channel: 1, ..report(5_000) };
    assert_eq!(steps(&mut delivered, 7, &[other]), 7, "nor another drug's");
}

#[test]
fn act_03_a_report_that_was_long_under_way_is_no_new_session() {
    let mut delivered = Delivered::default();
    let of = |order, total| Report { accepted: OrderId(order), ..report(total) };
    steps(&mut delivered, 0, &[of(4, 1_000)]);
    assert_eq!(steps(&mut delivered, 50, &[of(6, 1_050)]), 50);
    assert_eq!(steps(&mut delivered, 7, &[of(5, 1_020), of(6, 1_040)]), 7, "as in silence");
    assert_eq!(steps(&mut delivered, 9, &[of(7, 1_057), of(5, 1_020)]), 0, "on trust already");
    steps(&mut delivered, 0, &[of(u64::MAX, 1_058)]);
    assert_eq!(steps(&mut delivered, 9, &[of(8, 1_060)]), 2, "no number makes it unheard");
}

#[test]
fn what_people_give_comes_on_top() {
    let mut input = with(&[report(10)]);
    for (channel, steps) in [(0, 5), (0, 6), (1, 100)] {
        let action = Action::Given { channel, steps: Steps(steps) };
        input.people.push(PersonAction { by: Role::Clinician, action }).unwrap();
    }
    let (_, booked) = Delivered::default().book(&input, &[9]);
    assert_eq!(booked, Booked { pump: 0, given: 11, halted: false });
    let empty = Report { status: ActuatorStatus::Empty, ..report(10) };
    assert!(Delivered::default().book(&with(&[empty]), &[9]).1.halted);
}
