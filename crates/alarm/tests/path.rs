//! The watch over the alarm path.

use homeostat_alarm::Path;
use homeostat_record::{Instant, Span};

fn at(millis: u64) -> Instant {
    Instant { boot: 1, millis }
}

fn path() -> Path {
    Path::new(at(0), Span::from_millis(20), Span::from_millis(100))
}

#[test]
fn alm_12_a_signal_that_is_not_confirmed_in_time_loses_the_path() {
    let mut path = path();
    assert!(!path.is_lost(at(20)) && path.is_lost(at(21)), "a first word is owed");
    let first = path.tell(at(10));
    path.confirmed(first);
    assert!(!path.is_lost(at(1_000)));
    let second = path.tell(at(1_000));
    assert!(!path.is_lost(at(1_020)) && path.is_lost(at(1_021)));
    path.tell(at(1_030));
    assert!(path.is_lost(at(1_030)), "another word is no confirmation");
    path.confirmed(second);
    assert!(!path.is_lost(at(1_050)), "late, and heard");
    assert!(path.is_lost(at(1_051)), "the newest is owed since it was told");
}

#[test]
fn alm_12_a_number_that_was_never_told_confirms_nothing() {
    let mut path = path();
    let number = path.tell(at(0));
    path.confirmed(number + 1);
    assert!(path.is_lost(at(21)));
}

#[test]
fn alm_10_a_quiet_path_is_spoken_to_at_every_beat() {
    let mut path = path();
    let number = path.tell(at(50));
    path.confirmed(number);
    assert!(!path.is_due(at(149)) && path.is_due(at(150)));
    assert_eq!(path.next_wake(), at(150));
}
