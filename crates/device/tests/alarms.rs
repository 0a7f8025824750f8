//! The alarm path of a whole device: what is new is heard, a path that does not confirm is one technical
//! alarm which light and page still show, and silence has its consequences (ALM-05, ALM-10, ALM-12).

#[allow(dead_code, reason = "shared with the other tests of whole devices")]
mod disk;
mod random;
#[allow(dead_code, reason = "shared with the other tests of whole devices")]
mod world;

use homeostat_alarm::Sound;
use homeostat_peers::therapy::Therapy;
use homeostat_record::{AlarmEventKind, Cause, Priority};
use world::{Blow, Sick, World};

const MINUTE: u64 = 60_000;

#[test]
fn alm_04_a_failed_controller_is_heard_and_seen_until_a_person_answers() {
    let mut world = World::new(Therapy::Propofol, 5);
    let blow = (12 * MINUTE, Blow::Controller(Sick::Failed, 20_000));
    world.live(12 * MINUTE, &[]);
    world.signals.borrow_mut().clear();
    world.live(14 * MINUTE, &[blow]);
    let signals = world.signals.borrow();
    let heard = signals.iter().position(|signal| signal.sound >= Some(Sound::Medium));
    let heard = heard.expect("it is heard");
    assert!(signals[heard].light >= Priority::Medium, "and seen");
    let quiet = signals[heard..].iter().any(|signal| signal.sound < Some(Sound::Medium));
    assert!(quiet, "until it is answered");
}

#[test]
fn alm_12_a_mute_alarm_path_is_one_technical_alarm_and_ends_with_it() {
    let mut world = World::new(Therapy::Propofol, 6);
    world.live(12 * MINUTE, &[]);
    let before = world.log.borrow().entries.len();
    assert!(
        world.log.borrow().entries.iter().all(|e| !e.decision.active.has(Cause::AlarmPathLost))
    );
    world.mute.set(true);
    world.live(13 * MINUTE, &[]);
    world.mute.set(false);
    world.live(14 * MINUTE, &[]);
    let log = world.log.borrow();
    let told: Vec<AlarmEventKind> = log.entries[before..]
        .iter()
        .flat_map(|entry| entry.decision.alarms.iter())
        .filter(|event| event.cause == Cause::AlarmPathLost)
        .map(|event| event.kind)
        .collect();
    assert_eq!(told.first(), Some(&AlarmEventKind::Raised), "{told:?}");
    assert_eq!(told.iter().filter(|kind| **kind == AlarmEventKind::Raised).count(), 1);
    assert_eq!(told.last(), Some(&AlarmEventKind::Ended), "{told:?}");
    // Raised within the patience, the beat of the path, and a cycle.
    let raised = log.entries[before..].iter().position(|entry| {
        entry.decision.alarms.iter().any(|event| event.cause == Cause::AlarmPathLost)
    });
    assert!(raised.is_some_and(|cycles| cycles <= 4), "{raised:?} cycles of five seconds");
}
