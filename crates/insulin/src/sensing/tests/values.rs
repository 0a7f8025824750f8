//! Order, range, codes, units, steps, flat line, noise, quality, gaps.

use super::{Sensor, rejected};
use crate::profile::scale::{Grade, MilliMgDl, Percent};
use crate::sensing::{Quality, Reading, Rejection, Trust, Value};
use crate::units::MgDlPerMinute;
use homeostat_numeric::abs;
use homeostat_record::Span;
use proptest::prelude::*;

#[test]
fn sen_03_an_ordinary_series_is_used_without_restriction() {
    let mut sensor = Sensor::new();
    let outcomes = sensor.series([120, 123, 128, 131, 135, 137]);
    assert!(outcomes.iter().all(|outcome| outcome.result.is_ok()));
    assert_eq!(outcomes.last().map(super::super::Outcome::trust), Some(Trust::Full));
}

#[test]
fn sen_03_values_out_of_range_are_codes_never_numbers() {
    let mut sensor = Sensor::steady(120);
    let cases = [
        (0, Rejection::FailureCode),
        (10, Rejection::FailureCode),
        (38, Rejection::FailureCode),
        (-5, Rejection::FailureCode),
        (65_535, Rejection::FailureCode),
        (801, Rejection::FailureCode),
        (39, Rejection::BelowRange),
        (25, Rejection::BelowRange),
        (401, Rejection::AboveRange),
        (600, Rejection::AboveRange),
    ];
    for (value, expected) in cases {
        let outcome = sensor.mg_dl(value);
        assert_eq!(rejected(&outcome), Some(expected), "{value}");
        assert_eq!(outcome.low, expected == Rejection::BelowRange, "{value}");
        assert_eq!(outcome.trust(), Trust::Unusable);
    }
    assert_eq!(rejected(&sensor.next(Value::Low)), Some(Rejection::BelowRange));
    for inside in [40, 400] {
        assert_eq!(Sensor::new().mg_dl(inside).result, Ok(MilliMgDl(inside as u32 * 1_000)));
    }
    let extremes = [i32::MIN, i32::MAX];
    for value in extremes.into_iter().flat_map(|v| [Value::MilliMgDl(v), Value::MilliMmolL(v)]) {
        assert_eq!(rejected(&Sensor::steady(120).next(value)), Some(Rejection::FailureCode));
    }
}

#[test]
fn sen_03_a_step_that_glucose_cannot_make_is_held_back() {
    for value in [192, 48] {
        let outcome = Sensor::steady(120).mg_dl(value);
        assert_eq!(rejected(&outcome), Some(Rejection::Jump), "{value}");
    }
    for value in [158, 83] {
        assert!(Sensor::steady(120).mg_dl(value).result.is_ok(), "{value}");
    }
    // Further apart, more change is possible.
    let mut sensor = Sensor::steady(120);
    assert!(sensor.after(600, Value::MilliMgDl(180_000)).result.is_ok());
}

#[test]
fn sen_05_a_transient_step_is_ignored_and_a_persistent_one_is_believed_without_trend() {
    let mut sensor = Sensor::steady(120);
    assert_eq!(rejected(&sensor.mg_dl(200)), Some(Rejection::Jump));
    let back = sensor.mg_dl(122);
    assert!(back.result.is_ok() && back.trust() == Trust::Full, "one wrong value changes nothing");

    let mut sensor = Sensor::steady(120);
    assert_eq!(rejected(&sensor.mg_dl(200)), Some(Rejection::Jump));
    assert_eq!(rejected(&sensor.mg_dl(204)), Some(Rejection::Jump));
    let third = sensor.mg_dl(203);
    assert_eq!(third.result, Ok(MilliMgDl(203_000)));
    assert_eq!((third.slope, third.trust()), (None, Trust::ReduceOnly));
}

#[test]
fn sen_03_a_step_down_to_a_low_value_still_says_low() {
    let outcome = Sensor::steady(120).mg_dl(52);
    assert_eq!(rejected(&outcome), Some(Rejection::Jump));
    assert!(outcome.low, "a real hypoglycaemia must not hide behind the step check");
    assert!(!Sensor::steady(130).mg_dl(82).low);
}

#[test]
fn gly_19_a_flat_line_forbids_increase_after_45_minutes() {
    let mut sensor = Sensor::new();
    let outcomes = sensor.series([150; 12]);
    let flat = outcomes.iter().position(|outcome| outcome.flat);
    assert_eq!(flat, Some(9), "45 min after the first of them");
    assert_eq!(outcomes.last().map(super::super::Outcome::trust), Some(Trust::ReduceOnly));
    assert!(!sensor.mg_dl(154).flat, "the first movement ends it");
}

#[test]
fn gly_19_a_slow_change_is_not_flat() {
    let mut sensor = Sensor::new();
    // 0.6 mg/dL in 5 min: each change is small, together they are a trend.
    let slow = (0..24).map(|step| Value::MilliMgDl(150_000 + step * 600));
    assert!(slow.map(|value| sensor.next(value)).all(|outcome| !outcome.flat));
}

#[test]
fn gly_19_a_truthful_high_is_not_flat() {
    let mut sensor = Sensor::new();
    assert!(sensor.series([400; 14]).iter().all(|outcome| !outcome.flat));
    let mut sensor = Sensor::steady(390);
    for _ in 0..14 {
        let outcome = sensor.next(Value::High);
        assert_eq!(outcome.result, Ok(MilliMgDl(400_000)), "the end of the range stands for it");
        assert!(outcome.high && !outcome.flat && outcome.trust() == Trust::Full);
    }
}

#[test]
fn gly_20_computed_noise_has_grades() {
    let grade = |saw: i32| {
        let mut sensor = Sensor::new();
        let series = (0..8).map(|step| 150 + if step % 2 == 0 { saw } else { -saw });
        sensor.series(series).last().map(|outcome| outcome.noise)
    };
    assert_eq!(grade(1), Some(Grade(0)));
    assert_eq!(grade(4), Some(Grade(1)));
    assert_eq!(grade(6), Some(Grade(2)));
    assert_eq!(grade(12), Some(Grade(3)));
    let mut sensor = Sensor::new();
    let meal = [120, 128, 145, 165, 182, 190, 190, 182, 170, 158];
    assert!(sensor.series(meal).iter().all(|outcome| outcome.noise == Grade(0)), "a meal is none");
}

#[test]
fn gly_20_the_sensors_own_grade_counts() {
    let trust = |noise: Option<u32>| {
        let mut sensor = Sensor::steady(120);
        let taken = Span::from_millis(sensor.now + 300_000);
        let plain = Reading::plain(taken, Value::MilliMgDl(121_000));
        sensor.read(Reading { noise: noise.map(Grade), ..plain }).trust()
    };
    assert_eq!(trust(None), Trust::Full);
    assert_eq!(
        [0, 1, 2, 3, 4].map(|grade| trust(Some(grade))),
        [Trust::Full, Trust::Full, Trust::Cautious, Trust::ReduceOnly, Trust::ReduceOnly,]
    );
}

/// The quality after each of these signal qualities.
fn qualities(signals: impl IntoIterator<Item = u32>) -> std::vec::Vec<Quality> {
    let mut sensor = Sensor::steady(120);
    let mut value = 120;
    let mut quality = |signal| {
        value = 241 - value;
        sensor.now += 300_000;
        let plain = Reading::plain(Span::from_millis(sensor.now), Value::MilliMgDl(value * 1_000));
        sensor.read(Reading { quality: Some(Percent(signal)), ..plain }).quality
    };
    signals.into_iter().map(&mut quality).collect()
}

#[test]
fn sen_04_quality_falls_through_the_documented_grades() {
    for (signal, quality) in (0..=100).rev().zip(qualities((0..=100).rev())) {
        let expected = match signal {
            60.. => Quality::Good,
            30..60 => Quality::Reduced,
            _ => Quality::Poor,
        };
        assert_eq!(quality, expected, "{signal} %");
    }
}

#[test]
fn ctl_08_quality_returns_with_a_margin_and_by_one_grade_a_reading() {
    use Quality::{Good, Poor, Reduced};
    assert_eq!(
        qualities([20, 35, 39, 40, 65, 69, 70]),
        [Poor, Poor, Poor, Reduced, Reduced, Reduced, Good]
    );
    assert_eq!(qualities([20, 100, 100]), [Poor, Reduced, Good]);
    let changes = qualities([59, 61, 59, 61, 59, 61, 59, 61]);
    assert!(
        changes.iter().all(|quality| *quality == Reduced),
        "noise at the bound toggles nothing"
    );
}

#[test]
fn sen_13_no_rate_of_change_across_a_gap_until_enough_fresh_readings() {
    let mut sensor = Sensor::steady(120);
    let first = sensor.after(3_600, Value::MilliMgDl(160_000));
    assert_eq!((first.slope, first.trust()), (None, Trust::ReduceOnly));
    let second = sensor.mg_dl(162);
    assert_eq!((second.slope, second.trust()), (None, Trust::ReduceOnly));
    let third = sensor.mg_dl(164);
    let slope = third.slope.expect("three fresh readings").0;
    assert!(abs(slope - 0.4) < 1e-9, "from the fresh readings alone: {slope}");
    assert_eq!(third.trust(), Trust::Full);
    // One reading that was missed is not a gap.
    let next = sensor.after(600, Value::MilliMgDl(168_000));
    assert_eq!((next.after_gap, next.trust()), (false, Trust::Full));
}

#[test]
fn sen_13_the_slope_is_that_of_a_straight_line() {
    let mut sensor = Sensor::new();
    let last = *sensor.series([100, 110, 120, 130]).last().unwrap();
    assert!(abs(last.slope.unwrap().0 - 2.0) < 1e-9);
    let mut sensor = Sensor::new();
    assert_eq!(sensor.series([100, 110])[1].slope, None);
}

#[test]
fn sen_03_duplicates_and_backward_time_are_refused() {
    let mut sensor = Sensor::steady(120);
    let value = Value::MilliMgDl(121_000);
    assert_eq!(rejected(&sensor.after(0, value)), Some(Rejection::Duplicate));
    assert_eq!(rejected(&sensor.after(19, value)), Some(Rejection::Duplicate));
    let earlier = Reading::plain(Span::from_millis(sensor.now - 60_000), value);
    assert_eq!(rejected(&sensor.read(earlier)), Some(Rejection::OutOfOrder));
    assert!(sensor.after(60, value).result.is_ok(), "a minute later is a new reading");
}

#[test]
fn sen_14_a_value_of_the_other_unit_is_refused() {
    // 6.7 mmol/L written as 6.7 mg/dL after 120 mg/dL, and 120 mg/dL written as 120 mmol/L.
    let slips = [Value::MilliMgDl(6_700), Value::MilliMgDl(8_000), Value::MilliMmolL(120_000)];
    for value in slips {
        let outcome = Sensor::steady(120).next(value);
        assert_eq!(rejected(&outcome), Some(Rejection::UnitSlip), "{value:?}");
        assert!(!outcome.low);
    }
    assert_eq!(
        rejected(&Sensor::new().next(Value::MilliMmolL(120_000))),
        Some(Rejection::UnitSlip)
    );
    // Without anything to compare with, a small value is what it says.
    let alone = Sensor::new().next(Value::MilliMgDl(6_700));
    assert_eq!(rejected(&alone), Some(Rejection::FailureCode));
    let low = Sensor::new().next(Value::MilliMgDl(15_000));
    assert_eq!((rejected(&low), low.low), (Some(Rejection::BelowRange), true));
    // 15 mg/dL is 15 mmol/L = 270 mg/dL: not near 120, so it is a low.
    assert!(Sensor::steady(120).next(Value::MilliMgDl(15_000)).low);
    assert_eq!(
        Sensor::steady(120).next(Value::MilliMmolL(6_700)).result,
        Ok(MilliMgDl(120_705)),
        "the right unit is converted"
    );
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        8 => (30_000..420_000_i32).prop_map(Value::MilliMgDl),
        1 => any::<i32>().prop_map(Value::MilliMgDl),
        1 => any::<i32>().prop_map(Value::MilliMmolL),
        1 => Just(Value::Low),
        1 => Just(Value::High),
    ]
}

proptest! {
    #[test]
    fn ctl_18_any_readings_give_finite_numbers_in_range(
        readings in prop::collection::vec(
            (any_value(), prop_oneof![5 => 0..700_u64, 1 => any::<u64>()], any::<Option<u32>>()),
            1..60,
        ),
    ) {
        let mut sensor = Sensor::new();
        for (value, seconds, quality) in readings {
            let millis = sensor.now.saturating_add(seconds.saturating_mul(1_000));
            sensor.now = if seconds > 1 << 60 { seconds } else { millis };
            let plain = Reading::plain(Span::from_millis(sensor.now), value);
            let outcome = sensor.read(Reading { quality: quality.map(Percent), ..plain });
            if let Ok(number) = outcome.result {
                prop_assert!((40_000..=400_000).contains(&number.0));
            }
            prop_assert!(outcome.slope.is_none_or(MgDlPerMinute::is_finite));
            prop_assert!(outcome.trust() == Trust::Unusable || outcome.result.is_ok());
        }
    }
}
