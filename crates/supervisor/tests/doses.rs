//! The loop of the thermostat, cycle by cycle: amounts, requests, settings, deliveries.

mod world;

use homeostat_record::*;
use world::{World, amount, heat};

#[test]
fn a_proposal_is_ordered_from_the_cycle_after_the_start() {
    let mut world = World::automatic();
    let entered = world.state.channels()[0].last;
    assert_eq!(entered, Steps(5), "the cycle that enters runs the background");
    let decision = world.cycle();
    assert_eq!(decision.verdicts, [Verdict::AsProposed, Verdict::NotDue]);
    let order = decision.order.unwrap();
    assert_eq!((order.steps, order.source), ([Steps(4), Steps(0)], Source::Controller));
    assert_eq!(order.expires, world.input.now.after(Span::from_seconds(30)));
}

#[test]
fn the_limited_loop_may_reduce_but_not_exceed_its_ceiling() {
    let mut world = World::automatic();
    world.proposal = Some(amount(9));
    world.cycle();
    let decision = world.raise(Cause::ClockDoubtful);
    assert_eq!((decision.authority, heat(&decision)), (Authority::Limited, Some(6)));
    assert_eq!(decision.verdicts[0], Verdict::Bounded(Limit::Authority));
    world.proposal = Some(amount(3));
    let decision = world.raise(Cause::ClockDoubtful);
    assert_eq!((decision.verdicts[0], heat(&decision)), (Verdict::AsProposed, Some(3)));
}

#[test]
fn sup_02_a_proposal_outside_the_declared_space_suspends() {
    let mut world = World::automatic();
    world.proposal = Some(amount(50));
    assert_eq!(
        world.cycle().verdicts[0],
        Verdict::Bounded(Limit::SlewUp),
        "the label itself is inside"
    );
    world.proposal = Some(amount(51));
    let decision = world.cycle();
    assert_eq!(decision.mode, Mode::FallbackSuspend);
    assert_eq!(decision.verdicts[0], Verdict::Substituted(Cause::GuardViolation));
    assert_eq!(heat(&decision), Some(2), "suspension is the profile's amount, not zero");
}

#[test]
fn a_controller_that_gives_nothing_has_failed() {
    let mut world = World::automatic();
    world.proposal = None;
    let decision = world.cycle();
    assert_eq!(decision.governing, Some(Cause::ControllerFailed));
    assert_eq!(decision.verdicts[0], Verdict::Substituted(Cause::ControllerFailed));
    assert_eq!(heat(&decision), Some(5));
}

#[test]
fn a_controller_that_abstains_on_a_variable_leaves_it_to_the_background() {
    let mut world = World::automatic();
    world.proposal = Some(Proposal::default());
    let decision = world.cycle();
    assert_eq!(decision.authority, Authority::Full);
    assert_eq!((decision.verdicts[0], heat(&decision)), (Verdict::NotDue, Some(5)));
    assert_eq!(decision.order.unwrap().source, Source::Background);
}

#[test]
fn gly_23_two_caregivers_at_once_do_not_double_a_dose() {
    let mut world = World::automatic();
    let ask = (Role::User, Action::Request { channel: 0, steps: Steps(12) });
    let decision = world.act(&[ask, ask]);
    assert_eq!(decision.refused[0], Some(Refusal::TooSoon));
    let order = decision.order.unwrap();
    assert_eq!((order.requested[0], order.steps[0]), (Steps(12), Steps(16)));
    for _ in 0..7 {
        assert_eq!(world.act(&[ask]).refused[0], Some(Refusal::TooSoon));
    }
    assert_eq!(world.act(&[ask]).refused[0], None, "eight cycles apart");
}

/// A profile that lets several requests pass in one cycle: each is within the label, both are not.
#[test]
fn sup_02_requests_that_together_pass_the_label_make_no_order() {
    let ask = (Role::User, Action::Request { channel: 0, steps: Steps(25) });
    let mut world = World::automatic();
    world.profile.timing.request_interval = 0;
    let decision = world.act(&[ask, ask]);
    assert_eq!(heat(&decision), Some(50), "the label itself is inside");
    world.run(40);
    let more = (Role::User, Action::Request { channel: 0, steps: Steps(26) });
    let decision = world.act(&[ask, more]);
    assert_eq!((decision.refused, decision.order), ([None; 2], None));
    let decision = world.cycle();
    assert!(decision.active.has(Cause::IntegrityLost));
    assert_eq!((decision.mode, decision.order), (Mode::FailStop, None));
}

#[test]
fn sup_03_a_request_is_granted_whole_or_refused_with_the_reason() {
    let request = |steps, channel| Action::Request { channel, steps: Steps(steps) };
    let mut world = World::automatic();
    let decision = world.act(&[(Role::User, request(3, 1))]);
    assert_eq!(decision.refused, [None, Some(Refusal::Channel)], "there is no second variable");
    let mut refusal = |role, action| world.act(&[(role, action)]).refused[0];
    assert_eq!(refusal(Role::User, request(31, 0)), Some(Refusal::Bound(Limit::Request)));
    assert_eq!(refusal(Role::Unknown, request(3, 0)), Some(Refusal::Role));
    assert_eq!(refusal(Role::User, request(3, 9)), Some(Refusal::Channel));
    assert_eq!(refusal(Role::User, request(30, 0)), None);
    let mut world = World::automatic();
    world.raise(Cause::PhysiologicStop);
    let decision = world.act(&[(Role::User, request(3, 0))]);
    assert_eq!(decision.refused[0], Some(Refusal::Authority));
    let manual = (Role::User, Action::Choose(Phase::Manual));
    assert_eq!(world.act(&[manual, (Role::User, request(3, 0))]).refused[0], None);
    world.act(&[(Role::User, Action::Choose(Phase::Standby))]);
    let decision = world.act(&[(Role::User, request(3, 0))]);
    assert_eq!((decision.refused[0], heat(&decision)), (Some(Refusal::Phase), Some(0)));
}

#[test]
fn a_refusal_for_a_variable_that_does_not_exist_stands_on_the_first() {
    for channel in [2, 3, 255] {
        let ask = Action::Request { channel, steps: Steps(1) };
        let decision = World::automatic().act(&[(Role::User, ask)]);
        assert_eq!(decision.refused, [Some(Refusal::Channel), None]);
    }
}

#[test]
fn sup_02_what_was_given_by_other_means_counts_for_the_windows() {
    for (given, expected) in [(91, None), (92, Some(Refusal::Bound(Limit::Window(0))))] {
        let mut world = World::automatic();
        world.cycle();
        // Five and four were ordered; the window of six cycles holds 130.
        let decision = world.act(&[
            (Role::Unknown, Action::Given { channel: 0, steps: Steps(given) }),
            (Role::User, Action::Request { channel: 0, steps: Steps(30) }),
            (Role::User, Action::Given { channel: 9, steps: Steps(99) }),
        ]);
        assert_eq!(decision.refused[0], expected, "{given}");
    }
}

#[test]
fn sup_02_starts_are_no_time_that_has_passed() {
    let mut world = World::automatic();
    world.act(&[(Role::Unknown, Action::Given { channel: 0, steps: Steps(110) })]);
    for _ in 0..60 {
        world.input.now.boot += 1;
        world.cycle();
    }
    world.run(2);
    let manual = (Role::User, Action::Choose(Phase::Manual));
    let request = (Role::User, Action::Request { channel: 0, steps: Steps(30) });
    let decision = world.act(&[manual, request]);
    assert_eq!(decision.refused[1], None);
    assert_eq!(decision.refused[0], Some(Refusal::Bound(Limit::Window(0))));
}

#[test]
fn sup_02_delivery_that_nobody_ordered_counts_for_the_windows_once() {
    for (own, expected) in [(91, None), (92, Some(Refusal::Bound(Limit::Window(0))))] {
        let mut world = World::automatic();
        world.cycle();
        world.report.status = ActuatorStatus::Reverted;
        world.report.delivered_total += own;
        world.cycle();
        let ask = Action::Request { channel: 0, steps: Steps(26) };
        let decision = world.act(&[(Role::User, ask)]);
        assert_eq!(decision.refused[0], expected, "{own}");
    }
}

#[test]
fn act_03_the_decision_shows_the_books_and_what_still_acts() {
    let mut world = World::automatic();
    world.report.verified_total = Some(0);
    world.cycle();
    world.report.verified_total = Some(4);
    let decision = world.cycle();
    let expected = Account { ordered: 5 + 4 + 4, accepted: 9, delivered: 9, verified: 4 };
    assert_eq!(decision.accounts, [expected, Account::default()]);
    assert_eq!(decision.acting, [Steps(world.state.watch().acting), Steps(0)]);
    assert_eq!(world.state.watch().acting, 5 + 4, "less than eight do not arrive");
    assert_eq!(world.state.watch().delivered, 9, "the watch sees the same books");
}

#[test]
fn a_manual_setting_is_taken_whole_or_refused() {
    let set = |steps| Action::SetManual { channel: 0, steps: Steps(steps) };
    let mut world = World::automatic();
    assert_eq!(world.act(&[(Role::User, set(8))]).refused[0], Some(Refusal::Phase));
    world.act(&[(Role::User, Action::Choose(Phase::Manual))]);
    assert_eq!(world.act(&[(Role::Unknown, set(8))]).refused[0], Some(Refusal::Role));
    let decision = world.act(&[(Role::User, set(41))]);
    assert_eq!(decision.refused[0], Some(Refusal::Bound(Limit::CycleMax)));
    assert_eq!(heat(&decision), Some(5), "the setting before stays");
    assert_eq!(heat(&world.act(&[(Role::User, set(0))])), Some(0), "a person may always give less");
    let decision = world.act(&[(Role::User, set(36))]);
    assert_eq!(
        (heat(&decision), decision.verdicts[0]),
        (Some(35), Verdict::Bounded(Limit::Envelope))
    );
}

#[test]
fn advisory_shows_a_proposal_until_a_person_confirms_it() {
    let mut world = World::automatic();
    world.cycle();
    let decision = world.act(&[(Role::User, Action::Choose(Phase::Advisory))]);
    assert_eq!(decision.pending[0], Some(Steps(4)));
    world.proposal = Some(amount(8));
    let decision = world.cycle();
    assert_eq!(
        (decision.pending[0], heat(&decision)),
        (Some(Steps(4)), Some(5)),
        "what was shown stays"
    );
    let decision = world.act(&[(Role::Unknown, Action::Confirm)]);
    assert_eq!(heat(&decision), Some(5));
    let decision = world.act(&[(Role::User, Action::Confirm)]);
    assert_eq!((heat(&decision), decision.verdicts[0]), (Some(4), Verdict::AsProposed));
    assert_eq!(decision.pending[0], Some(Steps(8)), "the next change is offered");
    assert_eq!(world.cycle().verdicts[0], Verdict::NotDue);
}

#[test]
fn an_expired_proposal_cannot_be_confirmed() {
    let mut world = World::automatic();
    world.act(&[(Role::User, Action::Choose(Phase::Advisory))]);
    world.cycle();
    world.input.now.millis += 20_001;
    assert_eq!(heat(&world.act(&[(Role::User, Action::Confirm)])), Some(5));
}

#[test]
fn a_background_passes_the_guard_too_and_its_verdict_names_the_cause() {
    let mut world = World::automatic();
    world.profile.background = Steps(38);
    let decision = world.raise(Cause::PowerLow);
    assert_eq!(decision.verdicts[0], Verdict::Substituted(Cause::PowerLow));
    assert_eq!((heat(&decision), decision.order.unwrap().source), (Some(35), Source::Background));
}

#[test]
fn act_06_a_silent_actuator_is_a_cause_after_the_lease() {
    let mut world = World::automatic();
    world.heater_works = false;
    let decision = world.run(3);
    assert_eq!(decision.active, CauseSet::EMPTY, "thirty seconds are not longer than the lease");
    assert_eq!(world.cycle().governing, Some(Cause::ActuatorSilent));
}

#[test]
fn act_07_undelivered_heat_is_noticed_and_needs_a_reconciliation() {
    let mut world = World::automatic();
    world.run(3);
    let mut governing = Vec::new();
    for _ in 0..3 {
        // Of every four steps one arrives; one order may still be under way.
        world.report.delivered_total -= 3;
        governing.push(world.cycle().governing);
    }
    assert_eq!(governing, [None, None, Some(Cause::UnderDelivery)]);
    world.run(40);
    assert_eq!(world.act(&[(Role::User, Action::Acknowledge)]).authority, Authority::Background);
    world.act(&[(Role::User, Action::Reconcile)]);
    let full = world.run(30);
    assert_eq!((full.authority, full.active), (Authority::Full, CauseSet::EMPTY));
}

#[test]
fn act_08_heat_that_nobody_ordered_suspends() {
    let mut world = World::automatic();
    world.run(3);
    world.report.delivered_total += 2;
    assert_eq!(world.cycle().active, CauseSet::EMPTY, "within the tolerance");
    world.report.delivered_total += 1;
    let decision = world.cycle();
    assert_eq!((decision.governing, heat(&decision)), (Some(Cause::OverDelivery), Some(2)));
}

#[test]
fn act_11_flow_after_a_stop_is_fail_stop() {
    let mut world = World::automatic();
    world.run(3);
    world.act(&[(Role::Unknown, Action::Stop)]);
    world.cycle();
    world.report.delivered_total += 3;
    let decision = world.cycle();
    assert!(decision.active.has(Cause::ActuatorDisobeys));
    assert_eq!((decision.mode, decision.order), (Mode::FailStop, None));
}

#[test]
fn act_12_another_actuator_is_not_believed_while_treating() {
    let mut world = World::automatic();
    world.cycle();
    world.report.actuator = 8;
    let decision = world.cycle();
    assert_eq!(decision.governing, Some(Cause::IdentityMismatch));
}

#[test]
fn a_new_session_takes_up_order_numbers_where_the_actuator_stands() {
    let mut world = World::new();
    world.report.accepted = OrderId(500);
    world.act(&[(Role::User, Action::Choose(Phase::SelfTest))]);
    assert_eq!(world.cycle().order.unwrap().id, OrderId(501));
    assert_eq!(world.cycle().order.unwrap().id, OrderId(502));
}

#[test]
fn sup_03_frequent_clamps_are_a_cause() {
    let mut world = World::automatic();
    world.proposal = Some(amount(38));
    let mut clamped = 0;
    while !world.cycle().active.has(Cause::GuardClamping) && clamped < 99 {
        clamped += 1;
    }
    assert_eq!(clamped, 6);
}
