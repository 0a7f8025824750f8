//! What holds for any trace.

use super::*;

fn any_series() -> impl Strategy<Value = Vec<(i64, f64)>> {
    prop::collection::vec((1_i64..4000, 21.0..599.0_f64), 1..120).prop_map(|steps| {
        let mut at = 0;
        let mut readings = Vec::new();
        for (step, value) in steps {
            at += step;
            readings.push((at, value));
        }
        readings
    })
}

fn of(readings: &[(i64, f64)]) -> Series {
    let sample =
        |&(at, value): &(i64, f64)| Sample { at: Seconds(at), glucose: Glucose::from_mg_dl(value) };
    Series::new(readings.iter().map(sample).collect(), Weighting::Time).expect("rising times")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sim_13_shares_add_up_and_bounds_hold(readings in any_series()) {
        let series = of(&readings);
        let summary = summarise(&series).expect("readings");
        let whole: f64 = Band::ALL.iter().map(|band| summary.ranges.share(*band).get()).sum();
        prop_assert!((whole - 100.0).abs() < 1e-9);
        prop_assert!(summary.ranges.tight.get() <= summary.ranges.target.get() + 1e-9);
        prop_assert!(summary.active.get() <= 100.0 + 1e-9);
        prop_assert!((0.0..=100.0).contains(&summary.gri.index));
        let mean = summary.spread.mean.mg_dl();
        prop_assert!(summary.lowest.mg_dl() - 1e-9 <= mean);
        prop_assert!(mean <= summary.highest.mg_dl() + 1e-9);
        let range = summary.highest.mg_dl() - summary.lowest.mg_dl();
        if let Some(mage) = summary.mage {
            prop_assert!(mage.mg_dl() > summary.spread.standard_deviation.mg_dl());
            prop_assert!(mage.mg_dl() <= range + 1e-9);
        }
    }

    #[test]
    fn sim_13_moving_the_clock_changes_nothing(
        readings in any_series(),
        shift in 0_i64..1_000_000,
    ) {
        let moved: Vec<(i64, f64)> = readings.iter().map(|(at, v)| (at + shift, *v)).collect();
        prop_assert_eq!(summarise(&of(&readings)), summarise(&of(&moved)));
    }

    #[test]
    fn sim_13_even_spacing_gives_percent_of_readings(
        values in prop::collection::vec(21.0..599.0_f64, 2..80),
    ) {
        let readings: Vec<(i64, f64)> =
            values.iter().enumerate().map(|(i, v)| (300 * i as i64, *v)).collect();
        let by_time = of(&readings);
        let each = Series::new(by_time.samples().to_vec(), Weighting::EachReading).expect("rising");
        let (one, two) = (TimeInRanges::of(&by_time), TimeInRanges::of(&each));
        for band in Band::ALL {
            prop_assert!((one.share(band).get() - two.share(band).get()).abs() < 1e-9);
        }
    }

    #[test]
    fn sim_13_episodes_are_apart_and_long_enough(readings in any_series()) {
        let series = of(&readings);
        for kind in EpisodeKind::ALL {
            let found = episodes(&series, kind);
            for episode in &found {
                prop_assert!(episode.duration() >= Seconds(900 - 30));
            }
            for pair in found.windows(2) {
                prop_assert!(pair[0].end <= pair[1].start);
            }
        }
    }

    #[test]
    fn sim_13_conversion_never_crosses_a_fence(tenths_of_mmol in 1_u32..555) {
        let mmol_l = f64::from(tenths_of_mmol) / 10.0;
        let mg_dl = Glucose::from(TenthsMgDl::from_mmol_l(mmol_l).expect("in range")).mg_dl();
        let band = match tenths_of_mmol {
            0..30 => Band::VeryLow,
            30..39 => Band::Low,
            39..=100 => Band::Target,
            101..=139 => Band::High,
            _ => Band::VeryHigh,
        };
        prop_assert_eq!(Band::of(mg_dl), band);
        prop_assert_eq!((39..=78).contains(&tenths_of_mmol), (70.0..=140.0).contains(&mg_dl));
    }

    #[test]
    fn sim_13_profile_percentiles_are_ordered(
        readings in prop::collection::vec((0_i64..200_000, 40.0..400.0_f64), 0..400)
    ) {
        let profile = DailyProfile::of(
            readings.iter().map(|(at, v)| (Seconds(*at), Glucose::from_mg_dl(*v))),
        );
        for bin in profile.bins {
            if let Some(percentiles) = bin.percentiles {
                prop_assert!(percentiles.windows(2).all(|pair| pair[0] <= pair[1]));
            }
        }
    }
}

#[test]
fn sim_13_a_series_refuses_disorder_and_nonsense() {
    let sample = |at, value| Sample { at: Seconds(at), glucose: Glucose::from_mg_dl(value) };
    let make = |samples: &[Sample]| Series::new(samples.to_vec(), Weighting::Time);
    assert_eq!(
        make(&[sample(0, 100.0), sample(0, 100.0)]),
        Err(SeriesError::NotLater { index: 1 })
    );
    assert_eq!(make(&[sample(0, f64::NAN)]), Err(SeriesError::NoGlucose { index: 0 }));
    assert_eq!(make(&[sample(0, 0.0)]), Err(SeriesError::NoGlucose { index: 0 }));
    assert_eq!(make(&[]).map(|series| summarise(&series)), Ok(None));
}
