use super::{BUCKETS, History, InsulinAction};
use crate::units::{Minutes, Units};
use homeostat_numeric::abs;
use homeostat_record::Canonical;
use proptest::prelude::*;

/// Published check values: on board after 30, 60, 75, 120, 180, 240, 300 min.
const CHECK: [((f64, f64), [f64; 7]); 5] = [
    ((360.0, 75.0), [0.929_521, 0.779_296, 0.694_263, 0.449_752, 0.208_171, 0.072_666, 0.013_918]),
    ((360.0, 65.0), [0.913_059, 0.738_046, 0.643_574, 0.388_636, 0.162_935, 0.051_521, 0.008_969]),
    ((360.0, 55.0), [0.888_548, 0.680_710, 0.575_478, 0.314_382, 0.114_661, 0.031_589, 0.004_821]),
    ((300.0, 75.0), [0.924_970, 0.764_006, 0.672_640, 0.410_580, 0.158_796, 0.032_925, 0.0]),
    ((300.0, 55.0), [0.884_317, 0.667_939, 0.558_390, 0.288_254, 0.088_383, 0.014_588, 0.0]),
];

#[test]
fn ctl_10_the_model_has_the_published_values() {
    for ((duration, peak), expected) in CHECK {
        let model = InsulinAction::new(Minutes(duration), Minutes(peak));
        let ages = [30.0, 60.0, 75.0, 120.0, 180.0, 240.0, 300.0];
        for (age, expected) in ages.into_iter().zip(expected) {
            let found = model.remaining_after(Minutes(age));
            assert!(abs(found - expected) < 1e-6, "{duration}/{peak} at {age}: {found}");
        }
        assert_eq!(model.remaining_after(Minutes(0.0)), 1.0);
        assert_eq!(model.remaining_after(Minutes(duration)), 0.0);
    }
}

#[test]
fn ctl_10_a_dose_fades_through_the_table() {
    let model = InsulinAction::new(Minutes(360.0), Minutes(75.0));
    let history = History::default().with(100);
    let on_board = |cycles| model.on_board(&history.aged(cycles), Units(0.05)).0;
    for cycles in 0..BUCKETS as u64 {
        let age = Minutes(2.5 + 5.0 * f64::from(u32::try_from(cycles).unwrap()));
        let expected = 5.0 * model.remaining_after(age);
        assert!(abs(on_board(cycles) - expected) < 1e-9, "{cycles}");
    }
    assert_eq!((on_board(96), on_board(u64::MAX)), (0.0, 0.0));
}

#[test]
fn ctl_10_a_steady_rate_acts_as_it_is_delivered() {
    let model = InsulinAction::new(Minutes(360.0), Minutes(75.0));
    let basal = History::filled(|_| 2);
    let rate = model.acting(&basal, Units(0.05)).0;
    assert!(abs(rate - 1.2) < 2e-3, "0.1 U in 5 min is 1.2 U/h: {rate}");
}

#[test]
fn ctl_10_what_was_booked_on_trust_comes_out_newest_first() {
    let history = History::default().with(5).aged(1).with(3);
    let corrected = history.without(4);
    assert_eq!((corrected.total(1), corrected.total(2)), (0, 4));
    assert_eq!(history.without(100).total(BUCKETS), 0);
}

proptest! {
    #[test]
    fn on_board_is_between_nothing_and_all_that_was_delivered(
        amounts in prop::collection::vec(0_u32..500, BUCKETS), duration in 300.0..480.0_f64,
        peak in 35.0..100.0_f64, cycles in 0_u64..100,
    ) {
        let model = InsulinAction::new(Minutes(duration), Minutes(peak));
        let history = History::filled(|bucket| amounts[bucket]);
        let total: u32 = amounts.iter().sum();
        let now = model.on_board(&history, Units(0.01)).0;
        let later = model.on_board(&history.aged(cycles), Units(0.01)).0;
        prop_assert!((0.0..=f64::from(total) * 0.01 + 1e-9).contains(&now));
        prop_assert!(later <= now + 1e-9);
        let mut buffer = [0; 1_024];
        let bytes = history.encode_canonical(&mut buffer).unwrap();
        prop_assert_eq!(History::decode_canonical(bytes), Ok(history));
    }
}
