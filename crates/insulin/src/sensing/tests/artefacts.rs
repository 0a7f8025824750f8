//! Compression lows.

use super::{Sensor, rejected};
use crate::sensing::{Rejection, Suspicion, Trust};

#[test]
fn f_s05_a_compression_low_is_suspected_and_its_end_raises_nothing() {
    let mut sensor = Sensor::steady(130);
    // 12 mg/dL in 5 min becomes 20 and more: a fall that nothing explains.
    let fall = sensor.series([118, 98, 84, 80, 79]);
    assert_eq!(fall[0].suspicion, Suspicion::None);
    let suspected = fall.iter().position(|outcome| outcome.suspicion == Suspicion::Suspected);
    assert_eq!(suspected, Some(2), "within 15 min of the onset");
    assert!(fall[2..].iter().all(|outcome| outcome.trust() == Trust::ReduceOnly));
    let rise = sensor.series([81, 97, 120, 129, 131, 130, 129]);
    let rebound = rise.iter().position(|outcome| outcome.suspicion == Suspicion::Rebound);
    assert_eq!(rebound, Some(2));
    assert!(rise[..6].iter().all(|outcome| outcome.trust() == Trust::ReduceOnly));
    let after = sensor.series([132, 129]);
    assert_eq!(after[1].trust(), Trust::Full, "and after the hold time all is as before");
}

#[test]
fn f_s05_a_sudden_compression_is_held_back_as_a_step_and_its_end_is_believed() {
    let mut sensor = Sensor::steady(130);
    let fall = sensor.series([80, 79, 81]);
    assert_eq!(rejected(&fall[0]), Some(Rejection::Jump));
    assert_eq!(fall[0].suspicion, Suspicion::Suspected);
    assert!(fall[2].result.is_ok(), "persistent: the low is not hidden");
    let back = sensor.mg_dl(131);
    assert!(back.result.is_ok(), "the end of the artefact explains the step");
    assert_eq!((back.suspicion, back.slope), (Suspicion::Rebound, None));
    assert_eq!(back.trust(), Trust::ReduceOnly);
}

#[test]
fn f_s05_a_real_low_is_never_hidden() {
    // The same onset, and it goes on: every value is passed on and says low below 70.
    let mut sensor = Sensor::steady(130);
    for outcome in sensor.series([110, 90, 75, 66, 58, 52, 50, 50, 51, 49]) {
        let value = outcome.result.expect("no reading is withheld");
        assert_eq!(outcome.low, value.0 < 70_000);
        assert_ne!(outcome.suspicion, Suspicion::Rebound);
    }
}

#[test]
fn f_s05_a_fall_that_does_not_return_is_believed_after_an_hour() {
    let mut sensor = Sensor::steady(130);
    let fall = sensor.series([110, 92, 86]);
    assert_eq!(fall[2].suspicion, Suspicion::Suspected);
    let stays = (0..14).map(|step| 85 + step % 3 * 2);
    assert_eq!(sensor.series(stays).last().unwrap().suspicion, Suspicion::None);
}

#[test]
fn f_s05_ordinary_falls_are_not_suspected() {
    let falls: [&[i32]; 3] = [
        // A meal bolus acts: fast, but the trend before it was as fast.
        &[250, 246, 238, 227, 214, 200, 186, 172, 158, 145, 133, 122, 113],
        // A slow fall in the night.
        &[130, 126, 121, 117, 112, 108, 103, 99, 94, 90, 85],
        // Noise.
        &[130, 138, 126, 135, 124, 136, 128, 121, 131],
    ];
    for series in falls {
        let mut sensor = Sensor::new();
        let outcomes = sensor.series(series.iter().copied());
        assert!(outcomes.iter().all(|outcome| outcome.suspicion == Suspicion::None), "{series:?}");
    }
}

#[test]
fn f_s05_insulin_that_explains_the_fall_takes_the_suspicion_away() {
    use crate::sensing::{Reading, Value};
    use crate::units::MgDlPerMinute;
    use homeostat_record::Span;
    let mut sensor = Sensor::steady(130);
    let mut suspicion = Suspicion::None;
    for value in [115, 98, 82] {
        sensor.now += 300_000;
        let taken = Span::from_millis(sensor.now);
        let reading = Reading::plain(taken, Value::MilliMgDl(value * 1_000));
        let (trace, outcome) = sensor.sensing.feed(&sensor.trace, &reading, MgDlPerMinute(2.0));
        (sensor.trace, suspicion) = (trace, outcome.suspicion);
    }
    assert_eq!(suspicion, Suspicion::None);
}
