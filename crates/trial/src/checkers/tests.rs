//! Every checker finds what it is there to find, and stays silent where nothing is wrong.

use homeostat_record::{
    AlarmEvent, AlarmEventKind, Authority, CHANNELS, Cause, CycleEntry, Decision, Instant,
    Objection, Opinion, Order, OrderId, Phase, Priority, Proposal, Source, Span, Steps,
};
use homeostat_supervisor::{ChannelLimits, WINDOWS, WindowLimit};

use super::alarm::Bell;
use super::guard::Guard;
use super::lease::Lease;
use super::opinion::Listener;
use crate::engine::{Delivered, PortFaults, Seen};

const NONE: WindowLimit = WindowLimit { cycles: 0, max: Steps::ZERO };

fn limits() -> [ChannelLimits; CHANNELS] {
    let mut windows = [NONE; WINDOWS];
    windows[0] = WindowLimit { cycles: 3, max: Steps(25) };
    let limits = ChannelLimits {
        cycle_max: Steps(10),
        cycle_min: Steps::ZERO,
        slew_up: Steps::MAX,
        slew_down: Steps::MAX,
        windows,
        acting_max: Steps::MAX,
        label_max: Steps(12),
        request_max: Steps(10),
        tolerance: Steps(1),
    };
    [limits, ChannelLimits { cycle_max: Steps::ZERO, windows: [NONE; WINDOWS], ..limits }]
}

fn ordering(id: u64, steps: u32) -> CycleEntry {
    let order = Order {
        id: OrderId(id),
        steps: [Steps(steps), Steps::ZERO],
        source: Source::Controller,
        expires: Instant { boot: 1, millis: id * 1_000 },
        ..Order::default()
    };
    let decision = Decision {
        phase: Phase::Automatic,
        authority: Authority::Full,
        order: Some(order),
        ..Decision::default()
    };
    CycleEntry { decision, ..CycleEntry::default() }
}

fn delivering(under: Option<u64>, steps: u32, millis: u64) -> (Instant, Delivered) {
    let counted = [Steps(steps), Steps::ZERO];
    let under = under.map(OrderId);
    (Instant { boot: 1, millis }, Delivered { counted, real: [0.0; CHANNELS], under })
}

fn seen<'w>(
    entry: &'w CycleEntry,
    delivered: &'w [(Instant, Delivered)],
    faults: &'w PortFaults,
) -> Seen<'w> {
    Seen { at: Span::from_minutes(5), faults, entry, lied: false, delivered }
}

/// Violations of the guard over these orders, each delivered as given.
fn guard(orders: &[(u32, u32)]) -> u64 {
    let (mut guard, faults) = (Guard::new(limits()), PortFaults::default());
    for (id, (ordered, delivered)) in orders.iter().enumerate() {
        let entry = ordering(id as u64 + 1, *ordered);
        let delivered = [delivering(Some(id as u64 + 1), *delivered, 0)];
        guard.look(&seen(&entry, &delivered, &faults));
    }
    guard.verdict().violations
}

#[test]
fn sup_02_the_guard_checker_finds_an_order_a_window_and_a_delivery_beyond() {
    assert_eq!(guard(&[(10, 10), (10, 10), (5, 5), (10, 10)]), 0);
    assert_eq!(guard(&[(11, 0)]), 1, "beyond the largest amount of a cycle");
    assert_eq!(guard(&[(10, 0), (10, 0), (6, 0)]), 1, "26 within three cycles");
    assert_eq!(guard(&[(4, 5)]), 1, "more delivered than ordered");
    assert_eq!(guard(&[(4, 0), (4, 8)]), 0, "late is not more");
}

#[test]
fn act_06_the_lease_checker_finds_delivery_without_permission() {
    let check = |delivered: (Instant, Delivered)| {
        let (mut lease, faults) = (Lease::default(), PortFaults::default());
        lease.look(&seen(&ordering(5, 1), &[delivered], &faults));
        lease.verdict().violations
    };
    assert_eq!(check(delivering(Some(5), 1, 4_999)), 0);
    assert_eq!(check(delivering(None, 1, 9_000)), 0, "its own background needs no order");
    assert_eq!(check(delivering(Some(5), 1, 5_001)), 1, "after its lease");
    assert_eq!(check(delivering(Some(6), 1, 0)), 1, "never given");
    let (mut lease, faults) = (Lease::default(), PortFaults::default());
    for _ in 0..2 {
        lease.look(&seen(&ordering(5, 1), &[], &faults));
    }
    assert_eq!(lease.verdict().violations, 1, "the same order twice");
}

#[test]
fn sup_04_the_opinion_checker_finds_an_order_against_an_objection() {
    let check = |ordered: u32| {
        let mut entry = ordering(1, ordered);
        let steps = [Some(Steps(7)), None];
        entry.proposal = Some(Proposal { steps, ..Proposal::default() });
        entry.decision.opinion = Opinion::Object { rule: Objection::TooMuch, at_most: Steps::ZERO };
        let (mut listener, faults) = (Listener::default(), PortFaults::default());
        listener.look(&seen(&entry, &[], &faults));
        assert_eq!(listener.counts().objected, 1);
        listener.verdict().violations
    };
    assert_eq!((check(7), check(2)), (1, 0));
}

fn alarms(events: &[(Cause, AlarmEventKind)], governing: Option<Cause>) -> CycleEntry {
    let mut entry = ordering(1, 0);
    entry.decision.governing = governing;
    if governing.is_some() {
        entry.decision.authority = Authority::Background;
    }
    for (cause, kind) in events {
        let event = AlarmEvent { cause: *cause, kind: *kind, priority: Priority::Medium };
        entry.decision.alarms.push(event).expect("it fits");
        if *kind == AlarmEventKind::Raised {
            entry.decision.active = entry.decision.active.with(*cause);
        }
    }
    entry
}

#[test]
fn alm_01_the_alarm_checker_finds_silence_and_repetition() {
    use AlarmEventKind::{Acknowledged, Ended, Raised};
    const LOST: Cause = Cause::InputMissing;
    let check = |cycles: &[CycleEntry]| {
        let (mut bell, faults) = (Bell::default(), PortFaults::default());
        cycles.iter().for_each(|entry| bell.look(&seen(entry, &[], &faults)));
        bell.verdict().violations
    };
    let raised = || alarms(&[(LOST, Raised)], Some(LOST));
    assert_eq!(check(&[raised(), alarms(&[], Some(LOST))]), 0);
    assert_eq!(check(&[alarms(&[], Some(LOST))]), 1, "lowered without a word");
    assert_eq!(check(&[raised(), raised()]), 1, "announced twice");
    assert_eq!(check(&[raised(), alarms(&[], Some(LOST)), raised()]), 0, "over, and begun again");
    let mut over = alarms(&[(LOST, Ended)], Some(LOST));
    over.decision.latched = homeostat_record::CauseSet::EMPTY.with(LOST);
    assert_eq!(check(&[raised(), over, over]), 0, "over, not yet released");
    let released = alarms(&[(LOST, Ended)], None);
    assert_eq!(check(&[raised(), released, alarms(&[], Some(LOST))]), 1, "lowered again");
    assert_eq!(check(&[raised(), alarms(&[(LOST, Ended)], None), raised()]), 0);
    assert_eq!(check(&[raised(), alarms(&[(LOST, Acknowledged)], Some(LOST)), raised()]), 0);
}
