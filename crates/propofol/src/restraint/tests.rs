use super::{Held, Restraint};
use crate::algorithm::Circulation;
use crate::profile::Content;
use crate::profile::tests::ADULT;
use crate::reason::Reason;
use crate::sensing::Sensed;
use crate::units::{Index, MmHg, Percent};
use homeostat_record::Instant;

/// Bounds over time, in cycles of five seconds.
struct Case {
    content: Content,
    restraint: Restraint,
    millis: u64,
}

impl Case {
    fn new() -> Self {
        let content = Content::reference_for(&ADULT);
        Self { content, restraint: Restraint::default(), millis: 0 }
    }

    fn step(&mut self, sensed: Sensed) -> Held {
        self.millis += 5_000;
        let now = Instant { boot: 1, millis: self.millis };
        let (restraint, held) = self.restraint.next(&self.content, now, &sensed);
        self.restraint = restraint;
        held
    }

    /// The cycle in which this begins to hold.
    fn first(&mut self, sensed: Sensed, holds: impl Fn(&Held) -> bool) -> Option<usize> {
        (1..200).find(|_| holds(&self.step(sensed)))
    }
}

fn index(index: f64) -> Sensed {
    Sensed { index: Some(Index(index)), suppression: Some(Percent(0.0)), ..Sensed::default() }
}

fn pressure(mmhg: f64) -> Sensed {
    Sensed { pressure: Some(MmHg(mmhg)), ..index(50.0) }
}

#[test]
fn pro_05_too_deep_for_30_s_stops_until_above_40_for_15_s() {
    let mut case = Case::new();
    assert_eq!(case.first(index(29.0), |held| held.stop() == Some(Reason::Deep)), Some(7));
    for _ in 0..100 {
        assert_eq!(case.step(index(39.0)).stop(), Some(Reason::Deep));
    }
    assert_eq!(case.first(index(41.0), |held| held.stop().is_none()), Some(4));
    // A dip that is shorter stops nothing.
    for _ in 0..50 {
        for level in [29.0, 29.0, 29.0, 31.0] {
            assert_eq!(case.step(index(level)).stop(), None);
        }
    }
}

#[test]
fn pro_05_a_suppressed_electroencephalogram_stops() {
    let mut case = Case::new();
    let suppressed = Sensed { suppression: Some(Percent(11.0)), ..index(42.0) };
    assert_eq!(case.first(suppressed, |held| held.stop() == Some(Reason::Suppressed)), Some(7));
    assert_eq!(case.first(index(42.0), |held| held.stop().is_none()), Some(4));
}

#[test]
fn pro_07_a_stop_without_an_index_ends_by_its_time() {
    let mut case = Case::new();
    assert!(case.first(index(25.0), |held| held.stop().is_some()).is_some());
    assert_eq!(case.first(Sensed::default(), |held| held.stop().is_none()), Some(4));
}

#[test]
fn a_low_index_forbids_an_increase_after_a_minute() {
    let mut case = Case::new();
    assert_eq!(case.first(index(38.0), |held| held.low), Some(13));
    assert_eq!(case.step(index(40.5)), Held::default());
}

#[test]
fn pro_05_pressure_limits_then_stops_and_returns_slowly() {
    let mut case = Case::new();
    assert_eq!(case.step(pressure(56.0)), Held::default());
    assert_eq!(case.step(pressure(54.0)).circulation, Circulation::NoIncrease);
    assert_eq!(case.step(pressure(44.0)).stop(), Some(Reason::PressureStop));
    for _ in 0..100 {
        assert_eq!(case.step(pressure(59.0)).stop(), Some(Reason::PressureStop));
    }
    assert_eq!(case.first(pressure(61.0), |held| *held == Held::default()), Some(25));
    // Where the line falls silent, nothing is stopped for good.
    assert!(case.step(pressure(40.0)).stop().is_some());
    let silent = case.step(index(50.0));
    assert_eq!((silent.stop(), silent.circulation), (None, Circulation::NoIncrease));
}

/// The line's noise alone, a mean of three values, is about 3 mmHg.
#[test]
fn pro_05_a_noisy_line_returns_and_a_falling_pressure_does_not() {
    let mut case = Case::new();
    case.step(pressure(54.0));
    let mut noise = [61.0, 58.0, 64.0, 66.0].into_iter().cycle();
    let free = (1..100)
        .find(|_| case.step(pressure(noise.next().unwrap())).circulation == Circulation::Free);
    assert_eq!(free, Some(25));
    case.step(pressure(54.0));
    let mut below = [61.0, 60.0, 57.0].into_iter().cycle();
    for _ in 0..200 {
        let held = case.step(pressure(below.next().unwrap()));
        assert_eq!(held.circulation, Circulation::NoIncrease);
    }
}

#[test]
fn a_restart_of_the_device_begins_every_time_anew() {
    let mut case = Case::new();
    for _ in 0..6 {
        case.step(index(29.0));
    }
    let now = Instant { boot: 2, millis: 3 };
    let (_, held) = case.restraint.next(&case.content, now, &index(29.0));
    assert_eq!(held.stop(), None);
}
