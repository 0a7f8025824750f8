//! What was given, from reports, people and proposals.

use super::*;
use crate::tests::world::settings;
use homeostat_record::{Instant, PersonAction, Role};

struct Books {
    delivery: Delivery,
    line: Timeline,
    settings: Settings,
    now: u64,
}

impl Books {
    fn new() -> Self {
        let line = Timeline::new();
        Self { delivery: Delivery::new(line.tick()), line, settings: settings(), now: 0 }
    }

    fn cycle(&mut self, reports: &[Report], action: Option<Action>, proposed: u32) -> Mismatch {
        let now = Instant { boot: 1, millis: self.now };
        self.line.advance(now, false);
        let mut input = Input { now, ..Input::default() };
        for report in reports {
            input.reports.push(Report { received: now, ..*report }).unwrap();
        }
        if let Some(action) = action {
            input.people.push(PersonAction { by: Role::User, action }).unwrap();
        }
        let mismatch = self.delivery.take(self.line, &input, &self.settings);
        self.delivery.expect(Some(Steps(proposed)), &self.settings);
        self.now += 300_000;
        mismatch
    }

    fn acting(&self) -> Acting {
        let action = self.settings.action;
        let curve = Curve::new(action.duration, action.peak).unwrap();
        self.delivery.acting(self.line.tick(), &curve, &self.settings)
    }
}

fn report(order: u64, delivered: u64) -> Report {
    Report {
        actuator: 9,
        status: ActuatorStatus::Running,
        accepted: OrderId(order),
        accepted_total: delivered,
        delivered_total: delivered,
        ..Report::default()
    }
}

#[test]
fn ctl_10_what_acts_follows_the_published_curve() {
    let mut books = Books::new();
    books.cycle(&[report(0, 0)], None, 500);
    books.cycle(&[report(1, 500)], None, 0);
    assert_eq!(books.acting().reported, 4_998, "half a cycle after delivery");
    for cycle in 2..25 {
        books.cycle(&[report(cycle, 500)], None, 0);
    }
    let after_two_hours = books.acting().reported;
    assert!((2_240..2_420).contains(&after_two_hours), "{after_two_hours}");
    assert_eq!(books.acting().unknown, 0);
    for cycle in 25..80 {
        books.cycle(&[report(cycle, 500)], None, 0);
    }
    assert_eq!(books.acting().reported, 0);
}

#[test]
fn steady_basal_insulin_is_nothing_beyond_basal() {
    let mut books = Books::new();
    for cycle in 0..200 {
        books.cycle(&[report(cycle, cycle * 10)], None, 10);
    }
    let acting = books.acting();
    assert_eq!(acting.unknown, 100);
    assert!((95..=105).contains(&acting.beyond_basal), "{acting:?}");
    assert!((2_400..2_470).contains(&acting.reported), "{acting:?}");
}

#[test]
fn ctl_10_unknown_delivery_counts_until_a_report_answers() {
    let mut books = Books::new();
    books.cycle(&[report(0, 0)], None, 20);
    assert_eq!(books.delivery.unknown(), 20);
    books.cycle(&[], None, 30);
    assert_eq!(books.delivery.unknown(), 50);
    books.cycle(&[report(2, 50)], None, 40);
    assert_eq!((books.delivery.unknown(), books.delivery.within(12)), (40, 90));
    books.cycle(&[report(2, 50)], None, 0);
    assert_eq!(books.delivery.unknown(), 40, "the same order: the newest may be on its way");
    let stopped = Report { status: ActuatorStatus::Stopped, ..report(2, 50) };
    books.cycle(&[stopped], None, 0);
    assert_eq!(books.delivery.unknown(), 0, "a stopped pump has answered");
}

#[test]
fn what_the_pump_owes_is_unknown_while_it_runs_and_within_reason() {
    let mut books = Books::new();
    books.cycle(&[report(0, 0)], None, 100);
    books.cycle(&[Report { accepted_total: 100, ..report(1, 40) }], None, 0);
    assert_eq!((books.delivery.within(12), books.delivery.unknown()), (100, 60));
    books.cycle(&[Report { accepted_total: 100_000, ..report(2, 40) }], None, 0);
    assert!(books.delivery.unknown() <= 136, "{}", books.delivery.unknown());
    let occluded = ActuatorStatus::Occluded;
    books.cycle(&[Report { accepted_total: 100, status: occluded, ..report(3, 40) }], None, 0);
    assert_eq!(books.delivery.unknown(), 0);
}

#[test]
fn act_03_a_report_that_runs_backward_is_no_report_and_two_are_a_new_count() {
    let mut books = Books::new();
    books.cycle(&[report(0, 0)], None, 100);
    books.cycle(&[report(1, 100)], None, 100);
    books.cycle(&[report(0, 50)], None, 0);
    assert_eq!((books.delivery.within(12), books.delivery.unknown()), (200, 100));
    books.cycle(&[report(2, 200)], None, 0);
    assert_eq!((books.delivery.within(12), books.delivery.unknown()), (200, 0));
    books.cycle(&[report(3, 5)], None, 0);
    books.cycle(&[report(4, 8)], None, 0);
    assert_eq!(books.delivery.within(12), 208);
    books.cycle(&[report(5, 9)], None, 0);
    assert_eq!(books.delivery.within(12), 209);
}

#[test]
fn act_03_reports_that_were_long_under_way_are_no_new_count() {
    let mut books = Books::new();
    for cycle in 0..4 {
        books.cycle(&[report(cycle, cycle * 100)], None, 100);
    }
    books.cycle(&[report(1, 100), report(2, 200)], None, 0);
    assert_eq!(books.delivery.within(12), 400);
    for total in [290, 295] {
        books.cycle(&[report(3, total)], None, 0);
    }
    assert_eq!(books.delivery.within(12), 400, "of one order the larger total is the newer");
    books.cycle(&[report(u64::MAX, 410)], None, 0);
    books.cycle(&[report(4, 420)], None, 0);
    assert_eq!(books.delivery.within(12), 420, "no number makes it unheard");
}

#[test]
fn a_new_pump_counts_from_its_own_beginning_and_a_strange_one_not_at_all() {
    let mut books = Books::new();
    books.settings.pumps = [Some(9), Some(10), None, None];
    books.cycle(&[report(0, 5_000)], None, 0);
    assert_eq!(books.delivery.within(12), 0, "what was before the first cycle is not known");
    books.cycle(&[Report { actuator: 10, ..report(1, 30) }], None, 0);
    assert_eq!(books.delivery.within(12), 30);
    books.cycle(&[Report { actuator: 10, ..report(1, 50) }], None, 0);
    assert_eq!(books.delivery.within(12), 50);
    books.cycle(&[Report { actuator: 11, ..report(2, 999) }], None, 0);
    books.cycle(&[Report { channel: 1, ..report(2, 999) }], None, 0);
    assert_eq!(books.delivery.within(12), 50);
}

#[test]
fn doses_of_people_count() {
    let mut books = Books::new();
    books.cycle(&[report(0, 0)], Some(Action::Given { channel: 0, steps: Steps(70) }), 0);
    assert_eq!((books.delivery.within(1), books.delivery.within_day()), (70, 70));
    books.cycle(&[report(0, 0)], Some(Action::Given { channel: 1, steps: Steps(70) }), 0);
    books.cycle(&[report(0, 0)], Some(Action::Request { channel: 0, steps: Steps(300) }), 0);
    assert_eq!(books.delivery.within(12), 370);
    let mismatch = books.cycle(&[report(1, 300)], None, 0);
    assert_eq!((books.delivery.within(12), mismatch.surplus), (370, 0));
}

#[test]
fn delivery_beyond_what_was_authorised_is_a_surplus_once() {
    let mut books = Books::new();
    books.cycle(&[report(0, 0)], None, 10);
    assert_eq!(books.cycle(&[report(1, 10)], None, 10).surplus, 0);
    assert_eq!(
        books.cycle(&[report(2, 100)], None, 10).surplus,
        76,
        "beyond 12 and the 2 left before"
    );
    assert_eq!(books.cycle(&[report(3, 110)], None, 10).surplus, 0);
}

#[test]
fn a_manual_setting_authorises_its_amount() {
    let mut books = Books::new();
    let manual = Action::SetManual { channel: 0, steps: Steps(40) };
    books.cycle(&[report(0, 0)], Some(manual), 10);
    for cycle in 1..20 {
        assert_eq!(books.cycle(&[report(cycle, cycle * 40)], None, 10).surplus, 0);
    }
}

#[test]
fn the_day_is_twenty_four_hours_at_most() {
    let mut books = Books::new();
    for cycle in 0..400 {
        books.cycle(&[report(cycle, cycle)], None, 0);
    }
    let day = books.delivery.within_day();
    assert!((276..=288).contains(&day), "{day}");
}

#[test]
fn a_slow_request_is_no_surplus() {
    let mut books = Books::new();
    books.cycle(&[report(0, 0)], Some(Action::Request { channel: 0, steps: Steps(800) }), 10);
    for cycle in 1..=8 {
        let total = Report { accepted_total: 800 + cycle * 10, ..report(cycle, cycle * 110) };
        assert_eq!(books.cycle(&[total], None, 10).surplus, 0, "cycle {cycle}");
    }
}
