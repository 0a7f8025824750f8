use super::*;
use crate::message::Content;
use homeostat_record::Instant;

const CADENCE: Cadence = Cadence {
    period: Span::from_millis(1_000),
    latency: Span::from_millis(200),
    silent_after: Span::from_millis(5_000),
};
const FRESH: Option<Span> = Some(Span::from_millis(100));

fn at(millis: u64) -> Instant {
    Instant { boot: 1, millis }
}

fn monitor() -> Monitor {
    Monitor::new(Contract::frames(CADENCE).unwrap(), at(10))
}

#[test]
fn com_02_live_late_silent_each_since_when() {
    let mut monitor = monitor();
    assert_eq!(monitor.state(at(20)), LinkState::Silent { since: at(10) });
    monitor.heard(at(100), Content::Frame, FRESH);
    assert_eq!(monitor.state(at(1_300)), LinkState::Live);
    assert_eq!(monitor.changes(at(1_300)), Some(at(1_301)));
    assert_eq!(monitor.state(at(1_301)), LinkState::Late { since: at(1_300) });
    assert_eq!(monitor.state(at(5_100)), LinkState::Late { since: at(1_300) });
    assert_eq!(monitor.changes(at(5_100)), Some(at(5_101)));
    assert_eq!(monitor.state(at(5_101)), LinkState::Silent { since: at(5_100) });
    assert_eq!(monitor.changes(at(5_101)), None);
    monitor.heard(at(9_000), Content::Frame, FRESH);
    assert_eq!(monitor.state(at(9_000)), LinkState::Live);
}

#[test]
fn com_10_a_transport_that_lives_is_no_life() {
    let mut monitor = monitor();
    monitor.heard(at(100), Content::Frame, FRESH);
    for millis in (200..8_000).step_by(100) {
        monitor.heard(at(millis), Content::Alive, FRESH);
    }
    assert_eq!(monitor.state(at(8_000)), LinkState::Silent { since: at(5_100) });
}

#[test]
fn com_04_what_comes_too_old_does_not_keep_the_link_alive() {
    let mut monitor = monitor();
    monitor.heard(at(100), Content::Frame, Some(Span::from_millis(201)));
    monitor.heard(at(200), Content::Frame, None);
    assert_eq!(monitor.state(at(200)), LinkState::Silent { since: at(10) });
    let tally = Tally { heard: 2, lost: 0, aged: 2, oldest: Span::from_millis(201) };
    assert_eq!(monitor.tally(), tally);
    monitor.heard(at(300), Content::Frame, Some(Span::from_millis(200)));
    assert_eq!(monitor.state(at(300)), LinkState::Live);
}

#[test]
fn tim_01_another_boot_or_a_clock_that_ran_backward_is_silence() {
    let mut monitor = monitor();
    monitor.heard(at(100), Content::Frame, FRESH);
    assert_eq!(monitor.state(at(99)), LinkState::Silent { since: at(99) });
    let rebooted = Instant { boot: 2, millis: 100 };
    assert_eq!(monitor.state(rebooted), LinkState::Silent { since: rebooted });
}

#[test]
fn com_13_loss_beyond_the_tolerance_is_reported() {
    let mut monitor = monitor();
    monitor.lost(20);
    assert!(!monitor.loses_too_much());
    monitor.lost(1);
    assert!(monitor.loses_too_much());
    for millis in 0..43 {
        monitor.heard(at(millis), Content::Frame, FRESH);
    }
    assert!(monitor.loses_too_much());
    monitor.heard(at(44), Content::Frame, FRESH);
    assert!(!monitor.loses_too_much(), "the oldest loss has left the 64");
    monitor.lost(u64::MAX);
    assert!(monitor.loses_too_much());
    assert_eq!(monitor.tally().lost, u64::MAX);
}

#[test]
fn com_01_a_contract_that_contradicts_itself_is_refused() {
    let none = Cadence { period: Span::ZERO, ..CADENCE };
    assert_eq!(Contract::orders(none).err(), Some(ContractError::NoPeriod));
    let hasty = Cadence { silent_after: Span::from_millis(1_199), ..CADENCE };
    assert_eq!(Contract::reports(hasty).err(), Some(ContractError::SilentTooSoon));
}

#[test]
fn act_05_orders_flow_one_way() {
    let carries =
        |contract: Result<Contract, ContractError>, content| contract.unwrap().carries.has(content);
    for content in [Content::Order, Content::Stop] {
        assert!(carries(Contract::orders(CADENCE), content));
        assert!(!carries(Contract::reports(CADENCE), content));
        assert!(!carries(Contract::frames(CADENCE), content));
        assert!(!carries(Contract::echoes(CADENCE), content));
    }
}

#[test]
fn com_10_a_sensor_in_bluetooth_lives_by_its_measurements_alone() {
    let contract = Contract::frames(CADENCE).unwrap().in_bluetooth();
    assert!(!contract.carries.has(Content::Frame) && contract.carries.has(Content::Measurement));
    let mut monitor = Monitor::new(contract, at(10));
    monitor.heard(at(100), Content::Value, FRESH);
    assert_eq!(monitor.state(at(200)), LinkState::Silent { since: at(10) });
    monitor.heard(at(300), Content::Measurement, FRESH);
    assert_eq!(monitor.state(at(400)), LinkState::Live);
    let orders = Contract::orders(CADENCE).unwrap();
    let more = orders.in_bluetooth();
    assert_eq!((more.pulse, more.carries.has(Content::Value)), (Content::Order, true));
    assert!(!orders.carries.has(Content::Value) && !more.carries.has(Content::Measurement));
}
