use super::*;
use crate::algorithm::Validity;
use crate::testing::{Rig, Said, said};
use homeostat_numeric::abs;
use homeostat_record::{Input, Instant, SensorFrame, Span, StatusFlags};
use std::vec::Vec;

/// A front and the devices before it.
struct Seeing {
    rig: Rig,
    front: Front,
    state: FrontState,
}

impl Seeing {
    fn new() -> Self {
        let rig = Rig::new();
        let front = Front::new(&rig.profile());
        Self { rig, front, state: FrontState::default() }
    }

    /// A monitor that has shown 50 for two minutes.
    fn closed() -> Self {
        let mut seeing = Self::new();
        for _ in 0..24 {
            seeing.steady(50_000);
        }
        assert_eq!(seeing.state_validity(), Validity::Closed);
        seeing
    }

    fn state_validity(&mut self) -> Validity {
        let mut copy = Self { rig: self.rig.clone(), ..*self };
        copy.steady(50_000).validity
    }

    fn look(&mut self, input: &Input) -> Sensed {
        let (state, sensed) = self.front.sense(&self.state, input);
        self.state = state;
        sensed
    }

    fn steady(&mut self, index: i32) -> Sensed {
        let input = self.rig.steady(index);
        self.look(&input)
    }

    fn next(&mut self, at: impl FnMut(u64) -> Option<Said>) -> Sensed {
        let input = self.rig.next(at);
        self.look(&input)
    }

    /// What becomes of a frame that was changed, five seconds after the last.
    fn changed(&mut self, change: impl FnOnce(&mut SensorFrame)) -> Sensed {
        self.rig.wait(Span::from_seconds(5));
        let mut frame = self.rig.frame(said(50_000));
        change(&mut frame);
        self.one(&frame)
    }

    fn one(&mut self, frame: &SensorFrame) -> Sensed {
        let mut input = self.rig.empty();
        input.frames.push(self.rig.arrived(frame)).unwrap();
        self.look(&input)
    }

    fn rejected(change: impl FnOnce(&mut SensorFrame)) -> Vec<Rejection> {
        Self::closed().changed(change).rejections.iter().collect()
    }
}

#[test]
fn pro_02_a_cycle_is_the_mean_of_its_usable_samples() {
    let sensed = Seeing::closed().next(|second| Some(said(50_000 + 1_000 * second as i32)));
    assert!(abs(sensed.index.unwrap().0 - 53.0) < 0.1, "{sensed:?}");
    assert_eq!((sensed.weight, sensed.validity), (1.0, Validity::Closed));
    assert!(sensed.rejections.is_empty());
}

#[test]
fn f_s08_the_weight_fades_with_quality_and_muscle() {
    let weight = |quality, muscle| {
        let sample = Said { quality, muscle, ..said(50_000) };
        Seeing::closed().next(|_| Some(sample)).weight
    };
    assert_eq!(weight(100, 25), 1.0);
    assert_eq!(weight(80, 45), 1.0);
    assert!(abs(weight(65, 30) - 0.5) < 1e-9);
    assert!(abs(weight(95, 50) - 0.5) < 1e-9);
    assert!(abs(weight(56, 53) - 0.2) < 1e-9, "the lesser counts");
    assert_eq!((weight(50, 30), weight(95, 55)), (0.0, 0.0));
    // No step anywhere on the way down.
    for quality in 50..100 {
        assert!(weight(quality + 1, 30) - weight(quality, 30) < 0.034);
    }
}

#[test]
fn pro_02_what_is_not_good_enough_is_no_index() {
    let mut seeing = Seeing::closed();
    let weak = seeing.next(|_| Some(Said { quality: 49, ..said(20_000) }));
    assert_eq!((weak.index, weak.weight), (None, 0.0));
    assert!(weak.rejections.has(Rejection::QualityLow));
    let muscle = seeing.next(|_| Some(Said { muscle: 56, ..said(80_000) }));
    assert_eq!(muscle.index, None);
    assert!(muscle.rejections.has(Rejection::Muscle));
    for unknown in [Said { quality: 255, ..said(50_000) }, Said { muscle: 255, ..said(50_000) }] {
        let sensed = Seeing::closed().next(|_| Some(unknown));
        assert!(sensed.index.is_none() && sensed.rejections.has(Rejection::Unqualified));
    }
    let unknown = Said { suppression: 255, ..said(50_000) };
    let sensed = Seeing::closed().next(|_| Some(unknown));
    assert!(sensed.index.is_some() && sensed.suppression.is_none());
}

#[test]
fn f_s10_a_burst_is_ignored_and_holds_the_samples_after_it_back() {
    let mut seeing = Seeing::closed();
    let burst = Said { muscle: 70, quality: 20, ..said(90_000) };
    let sensed = seeing.next(|second| Some(if second <= 2 { burst } else { said(50_000) }));
    // Two seconds of interference, and the three in which the monitor's mean contains it.
    assert_eq!(sensed.index, None);
    assert!(sensed.rejections.has(Rejection::Burst));
    let after = seeing.steady(50_000);
    assert_eq!((after.validity, after.weight), (Validity::Closed, 1.0));
    // What lasts longer than any burst holds nothing back after its end.
    for _ in 0..5 {
        seeing.next(|_| Some(burst));
    }
    let sensed = seeing.steady(50_000);
    assert!(sensed.index.is_some() && !sensed.rejections.has(Rejection::Burst));
}

#[test]
fn pro_06_the_ladder_goes_down_with_the_age_of_the_last_sample() {
    let mut seeing = Seeing::closed();
    let silence: Vec<Validity> = (0..40).map(|_| seeing.next(|_| None).validity).collect();
    let at = |seconds: usize| silence[seconds / 5 - 1];
    assert_eq!(
        (at(5), at(10), at(25)),
        (Validity::Closed, Validity::ObserverOnly, Validity::ObserverOnly)
    );
    assert_eq!((at(30), at(175), at(180)), (Validity::Frozen, Validity::Frozen, Validity::Lost));
    assert_eq!(at(200), Validity::Lost);
}

#[test]
fn pro_06_the_way_up_needs_a_minute_of_full_quality() {
    let mut seeing = Seeing::closed();
    for _ in 0..8 {
        seeing.next(|_| None);
    }
    // Usable at once, and no more: quality 70 would have been enough to stay.
    for _ in 0..30 {
        let sensed = seeing.next(|_| Some(Said { quality: 70, ..said(50_000) }));
        assert_eq!(sensed.validity, Validity::ObserverOnly);
        assert!(sensed.index.is_some());
    }
    let cycles = (1..40).find(|_| seeing.steady(50_000).validity == Validity::Closed);
    assert_eq!(cycles, Some(13), "60 s after the first full sample");
    // One weak sample on the way begins the minute anew.
    for _ in 0..8 {
        seeing.next(|_| None);
    }
    for cycle in 0..20 {
        let weak = Said { quality: 79, ..said(50_000) };
        let sensed =
            seeing.next(|second| Some(if cycle == 8 && second == 3 { weak } else { said(50_000) }));
        assert_eq!(sensed.validity, Validity::ObserverOnly, "{cycle}");
    }
}

#[test]
fn a_loop_begins_without_trust() {
    let mut seeing = Seeing::new();
    let cycles = (1..40).find(|_| seeing.steady(93_000).validity == Validity::Closed);
    assert_eq!(cycles, Some(13));
}

#[test]
fn sen_03_frames_are_refused_by_the_name_of_the_check() {
    use Rejection as R;
    let flag = |flag| move |frame: &mut SensorFrame| frame.status = StatusFlags(flag);
    assert_eq!(Seeing::rejected(|f| f.unit = MMHG), [R::WrongUnit], "an index in mmHg");
    assert_eq!(Seeing::rejected(|f| f.quantity = Quantity(1)), [R::NotOurs]);
    assert_eq!(Seeing::rejected(|f| f.source = 99), [R::IdentityNotAccepted]);
    assert_eq!(Seeing::rejected(flag(StatusFlags::DEMONSTRATION)), [R::Demonstration]);
    assert_eq!(Seeing::rejected(flag(StatusFlags::MALFUNCTION)), [R::Malfunction]);
    assert_eq!(Seeing::rejected(flag(StatusFlags::SESSION_ENDED)), [R::SessionEnded]);
    assert_eq!(Seeing::rejected(flag(StatusFlags::WARM_UP)), [R::NotReady]);
    assert_eq!(Seeing::rejected(flag(StatusFlags::BACKFILL)), [R::Backfill]);
    assert_eq!(Seeing::rejected(flag(StatusFlags::ABOVE_RANGE)), [R::OutOfRange]);
    assert_eq!(Seeing::rejected(|f| f.sequence -= 1), [R::Duplicate]);
    assert_eq!(Seeing::rejected(|f| f.sequence -= 2), [R::OutOfOrder]);
    assert_eq!(Seeing::rejected(|f| f.taken_millis -= 6_000), [R::OutOfOrder]);
    assert_eq!(Seeing::rejected(|f| f.taken_millis += 5_500), [R::FromTheFuture]);
    assert_eq!(Seeing::rejected(|f| f.session_minutes = 29), [R::SessionRestarted]);
    assert_eq!(Seeing::rejected(|f| f.value_thousandths = -1), [R::OutOfRange]);
    assert_eq!(Seeing::rejected(|f| f.value_thousandths = 100_001), [R::OutOfRange]);
    assert_eq!(Seeing::rejected(|f| f.value_thousandths = i32::MIN), [R::OutOfRange]);
    let mut seeing = Seeing::closed();
    let mut input = seeing.rig.empty();
    let frame = seeing.rig.frame(said(50_000));
    let mut bytes = frame.encode();
    bytes[21] ^= 1;
    let frame = homeostat_record::Frame {
        received: input.now,
        bytes: homeostat_record::Bytes::copy_of(&bytes).unwrap(),
    };
    input.frames.push(frame).unwrap();
    assert!(seeing.look(&input).rejections.has(R::Malformed));
}

#[test]
fn sen_02_age_is_judged_by_the_monitors_own_clock() {
    let mut seeing = Seeing::closed();
    let frame = {
        seeing.rig.wait(Span::from_seconds(1));
        seeing.rig.frame(said(50_000))
    };
    seeing.rig.wait(Span::from_seconds(6));
    let sensed = seeing.one(&frame);
    assert!(sensed.rejections.has(Rejection::Stale) && sensed.index.is_none());
    // Old time stamps sent again and again (F-S03).
    for _ in 0..3 {
        seeing.rig.wait(Span::from_seconds(5));
        assert!(seeing.one(&frame).rejections.has(Rejection::Duplicate));
    }
    assert_eq!(seeing.next(|_| None).validity, Validity::ObserverOnly);
}

#[test]
fn a_monitor_that_was_started_again_waits_for_a_person() {
    let mut seeing = Seeing::closed();
    let restarted = |frame: &mut SensorFrame| {
        (frame.session_minutes, frame.sequence, frame.taken_millis) = (0, 1, 10);
    };
    assert!(seeing.changed(restarted).rejections.has(Rejection::SessionRestarted));
    seeing.state = seeing.state.checked();
    assert!(seeing.changed(restarted).rejections.is_empty());
}

#[test]
fn f_s04_a_jump_is_disbelieved_until_enough_samples_agree() {
    let mut seeing = Seeing::closed();
    let jumped = seeing.steady(80_000);
    assert!(jumped.rejections.has(Rejection::Jump) && jumped.index.is_none());
    let second = seeing.steady(80_000);
    assert!(abs(second.index.unwrap().0 - 80.0) < 0.1, "the tenth sample is believed");
    // A single spike leaves no trace.
    let mut seeing = Seeing::closed();
    let spike = seeing.next(|second| Some(said(if second == 3 { 95_000 } else { 50_000 })));
    assert!(spike.rejections.has(Rejection::Jump));
    assert!(abs(spike.index.unwrap().0 - 50.0) < 0.1);
    // After a gap the index may have gone further.
    let mut seeing = Seeing::closed();
    for _ in 0..3 {
        seeing.next(|_| None);
    }
    assert!(seeing.steady(80_000).index.is_some());
}

#[test]
fn f_s02_a_value_that_stands_still_is_stuck_after_twenty_seconds() {
    let mut seeing = Seeing::closed();
    let mut stuck = |value: i32| {
        (1..=30).find(|_| {
            seeing.rig.wait(Span::from_seconds(1));
            let frame = seeing.rig.frame(said(value));
            seeing.one(&frame).rejections.has(Rejection::Stuck)
        })
    };
    assert_eq!(stuck(50_003), Some(21));
    // The ends of the index are the truth of a flat or a waking brain.
    assert_eq!(stuck(50_001), Some(21));
    let mut ends = Seeing::closed();
    ends.rig.wait(Span::from_seconds(40));
    for _ in 0..12 {
        assert!(!ends.steady(0).rejections.has(Rejection::Stuck));
    }
    let mut content = Rig::new().content;
    content.quality.stuck_after.0 = 0;
    let front = Front::new(&content.check().unwrap());
    let mut ideal = Seeing { front, ..Seeing::closed() };
    for _ in 0..60 {
        ideal.rig.wait(Span::from_seconds(1));
        let frame = ideal.rig.frame(said(50_000));
        assert!(ideal.one(&frame).rejections.is_empty());
    }
}

#[test]
fn pressure_is_the_mean_of_the_last_three_while_it_is_fresh() {
    let mut seeing = Seeing::closed();
    let mut read = |mmhg| {
        seeing.rig.wait(Span::from_seconds(5));
        let frame = seeing.rig.pressure(mmhg);
        seeing.one(&frame)
    };
    assert_eq!(read(80).pressure, Some(MmHg(80.0)));
    assert_eq!(read(74).pressure, Some(MmHg(77.0)));
    assert_eq!(read(86).pressure, Some(MmHg(80.0)));
    assert_eq!(read(50).pressure, Some(MmHg(70.0)));
    // Ten kilopascals said to be mmHg; an open line.
    let slip = read(10);
    assert!(slip.rejections.has(Rejection::OutOfRange));
    assert_eq!(slip.pressure, Some(MmHg(70.0)), "the old ones still count");
    assert!(read(-3).rejections.has(Rejection::OutOfRange));
    for _ in 0..3 {
        seeing.next(|_| None);
    }
    assert_eq!(seeing.next(|_| None).pressure, None, "too old");
    seeing.rig.wait(Span::from_seconds(5));
    let index_unit = SensorFrame { unit: INDEX_UNIT, ..seeing.rig.pressure(80) };
    assert!(seeing.one(&index_unit).rejections.has(Rejection::WrongUnit));
}

#[test]
fn a_restart_of_the_device_begins_anew() {
    let mut seeing = Seeing::closed();
    let mut input = seeing.rig.steady(50_000);
    input.now = Instant { boot: 2, millis: 4_000 };
    input.frames = homeostat_record::List::new();
    assert_eq!(seeing.look(&input).validity, Validity::Lost);
}

proptest::proptest! {
    #[test]
    fn sen_any_frames_give_an_answer(
        bytes in proptest::collection::vec(
            proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40), 0..8),
        index in proptest::prelude::any::<i32>(), quality in proptest::prelude::any::<u8>(),
        muscle in proptest::prelude::any::<u8>(), taken in proptest::prelude::any::<u64>(),
        sequence in proptest::prelude::any::<u32>(), millis in proptest::prelude::any::<u64>(),
    ) {
        let mut seeing = Seeing::closed();
        let mut input = seeing.rig.empty();
        for bytes in bytes.iter().take(6) {
            let bytes = homeostat_record::Bytes::copy_of(bytes).unwrap();
            let frame = homeostat_record::Frame { received: input.now, bytes };
            input.frames.push(frame).unwrap();
        }
        let frame = SensorFrame {
            value_thousandths: index, quality, detail: [muscle, quality], sequence,
            taken_millis: taken, ..seeing.rig.frame(said(50_000))
        };
        input.frames.push(seeing.rig.arrived(&frame)).unwrap();
        input.now = Instant { boot: 1, millis };
        let sensed = seeing.look(&input);
        proptest::prop_assert!((0.0..=1.0).contains(&sensed.weight));
        proptest::prop_assert!(sensed.index.is_none_or(|index| (0.0..=100.0).contains(&index.0)));
    }
}
