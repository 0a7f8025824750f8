//! Hand-worked and published values.

use super::*;

#[test]
fn sim_13_bands_are_fenced_as_the_consensus_says() {
    let shares = TimeInRanges::of(&series(&[
        53.9, 54.0, 69.9, 70.0, 140.0, 140.1, 180.0, 180.1, 250.0, 250.1,
    ]));
    close(shares.very_low.get(), 10.0, 1e-12);
    close(shares.low.get(), 20.0, 1e-12);
    close(shares.target.get(), 40.0, 1e-12);
    close(shares.tight.get(), 20.0, 1e-12);
    close(shares.high.get(), 20.0, 1e-12);
    close(shares.very_high.get(), 10.0, 1e-12);
    close(shares.below_70().get(), 30.0, 1e-12);
    close(shares.above_180().get(), 30.0, 1e-12);
}

#[test]
fn sim_13_millimoles_stay_on_their_side_of_the_fence() {
    for (mmol_l, band) in [
        (2.9, Band::VeryLow),
        (3.0, Band::Low),
        (3.8, Band::Low),
        (3.89, Band::Low),
        (3.9, Band::Target),
        (10.0, Band::Target),
        (10.1, Band::High),
        (13.9, Band::High),
        (14.0, Band::VeryHigh),
    ] {
        let value = Glucose::from(TenthsMgDl::from_mmol_l(mmol_l).expect("in range"));
        assert_eq!(Band::of(value.mg_dl()), band, "{mmol_l} mmol/L became {}", value.mg_dl());
    }
    assert_eq!(TenthsMgDl::from_mmol_l(7.8), Some(TenthsMgDl(1400)));
    assert_eq!(TenthsMgDl::from_mg_dl(69.97), Some(TenthsMgDl(699)));
    assert_eq!(TenthsMgDl::from_mg_dl(180.03), Some(TenthsMgDl(1801)));
    assert_eq!(TenthsMgDl::from_mg_dl(f64::NAN), None);
    assert_eq!(TenthsMgDl::from_mg_dl(-1.0), None);
}

#[test]
fn sim_13_a_gap_counts_for_nobody_and_crowding_does_not_count_twice() {
    // Usual spacing 5 min. 100 stands 5, 5, 5 min; the gap of 3 h adds nothing; 300 stands
    // 1 min beside its neighbour and 5 min at the end.
    let gappy = timed([(0, 100.0), (5, 100.0), (10, 100.0), (190, 300.0), (191, 300.0)]);
    assert_eq!(gappy.usual_spacing(), Seconds(300));
    let shares = TimeInRanges::of(&gappy);
    close(shares.target.get(), 100.0 * 15.0 / 21.0, 1e-12);
    close(shares.very_high.get(), 100.0 * 6.0 / 21.0, 1e-12);
    close(gappy.active().get(), 100.0 * 21.0 / 196.0, 1e-12);
    let mean = Spread::of(&gappy).expect("readings").mean.mg_dl();
    close(mean, (15.0 * 100.0 + 6.0 * 300.0) / 21.0, 1e-12);
}

#[test]
fn sim_13_spread_of_a_hand_worked_series() {
    // Mean 120; squares 400 + 0 + 400 over (n - 1) = 400, root 20; CV 16.67 %.
    let spread = Spread::of(&series(&[100.0, 120.0, 140.0])).expect("readings");
    close(spread.mean.mg_dl(), 120.0, 1e-12);
    close(spread.standard_deviation.mg_dl(), 20.0, 1e-12);
    close(spread.coefficient_of_variation.get(), 16.666_666_666_666_668, 1e-12);
    close(j_index(&spread), 19.6, 1e-12);
    assert_eq!(Spread::of(&series(&[])), None);
    assert_eq!(Spread::of(&series(&[90.0])).map(|s| s.standard_deviation.mg_dl()), Some(0.0));
}

#[test]
fn sim_13_management_indicator_is_the_published_line() {
    // The paper's own table: mean 100 -> 5.7, 150 -> 6.9, 200 -> 8.1, 250 -> 9.3 per cent.
    for (mean, expected) in [(100.0, 5.7), (150.0, 6.9), (200.0, 8.1), (250.0, 9.3)] {
        close(glucose_management_indicator(Glucose::from_mg_dl(mean)).get(), expected, 0.05);
    }
    close(glucose_management_indicator(Glucose::from_mg_dl(154.0)).get(), 6.993_68, 1e-12);
}

#[test]
fn sim_13_risk_indices_use_all_readings_and_clip_at_the_scale() {
    // Risk of the scale's ends is 100 by design (to the rounding of its constants); 112.5 is zero.
    let low = RiskIndices::of(&series(&[20.0, 112.5]));
    close(low.low, 50.0, 0.3);
    close(low.high, 0.0, 1e-3);
    let beyond = RiskIndices::of(&series(&[5.0, 112.5]));
    close(beyond.low, low.low, 1e-12);
    let high = RiskIndices::of(&series(&[600.0, 112.5]));
    close(high.high, 50.0, 0.3);
    close(RiskIndices::of(&series(&[2000.0, 112.5])).high, high.high, 1e-12);
    // 70 mg/dL: ln 70 = 4.248495, ^1.084 = 4.797339, f = -0.880745, risk 7.75712.
    close(RiskIndices::of(&series(&[70.0])).low, 7.757, 2e-3);
}

#[test]
fn sim_13_glycemia_risk_weighs_and_caps_and_zones() {
    let shares = |very_low, low, high, very_high| TimeInRanges {
        very_low: Percent::new(very_low),
        low: Percent::new(low),
        high: Percent::new(high),
        very_high: Percent::new(very_high),
        ..TimeInRanges::default()
    };
    let risk = GlycemiaRisk::of(&shares(1.0, 3.0, 20.0, 5.0));
    close(risk.index, 3.0 + 7.2 + 16.0 + 8.0, 1e-12);
    close(risk.low_component, 3.4, 1e-12);
    close(risk.high_component, 15.0, 1e-12);
    assert_eq!(risk.zone, RiskZone::B);
    assert_eq!(GlycemiaRisk::of(&shares(0.0, 0.0, 25.0, 0.0)).zone, RiskZone::A);
    assert_eq!(GlycemiaRisk::of(&shares(20.0, 0.5, 0.0, 0.0)).zone, RiskZone::D);
    let worst = GlycemiaRisk::of(&shares(60.0, 0.0, 0.0, 40.0));
    assert_eq!((worst.index, worst.zone), (100.0, RiskZone::E));
}

#[test]
fn sim_13_excursions_of_a_hand_worked_series() {
    // SD of this series is 47.9. Turning points 100, 200, 80, 180: rises 100 and 100, fall 120.
    // The wobble 150-140 is far below one SD and is passed over.
    let swings = series(&[100.0, 150.0, 140.0, 200.0, 130.0, 80.0, 120.0, 180.0]);
    let mage = mean_amplitude_of_excursions(&swings).expect("excursions");
    close(mage.mg_dl(), (100.0 + 120.0) / 2.0, 1e-12);
    assert_eq!(mean_amplitude_of_excursions(&series(&[100.0; 20])), None);
    // A gap of more than three hours cuts the only rise in two halves, each below one SD.
    let cut = timed([(0, 100.0), (5, 105.0), (300, 195.0), (305, 200.0)]);
    assert_eq!(mean_amplitude_of_excursions(&cut), None);
}

#[test]
fn sim_13_daily_differences_pair_readings_a_day_apart() {
    let day = 24 * 60;
    let two = timed([(0, 100.0), (5, 110.0), (10, 120.0), (day, 130.0), (day + 7, 100.0)]);
    // 0 pairs with a day later (30); 5 with a day and 7 min (10); 10 is 3 min off: no partner.
    close(mean_of_daily_differences(&two).expect("pairs").mg_dl(), 20.0, 1e-12);
    assert_eq!(mean_of_daily_differences(&series(&[100.0, 110.0])), None);
}

fn spans(readings: &Series, kind: EpisodeKind) -> Vec<(i64, i64)> {
    episodes(readings, kind).iter().map(|e| (e.start.0 / 60, e.end.0 / 60)).collect()
}

#[test]
fn sim_13_an_episode_needs_fifteen_minutes_and_ends_after_fifteen() {
    let low = EpisodeKind::Low;
    assert_eq!(spans(&series(&[90.0, 65.0, 65.0, 90.0, 90.0]), low), [] as [(i64, i64); 0]);
    assert_eq!(spans(&series(&[90.0, 65.0, 50.0, 65.0, 90.0, 90.0, 90.0, 90.0]), low), [(5, 20)]);
    // Ten minutes above do not end it; the second low belongs to the same episode.
    let broken = [65.0, 65.0, 65.0, 90.0, 90.0, 60.0, 90.0, 90.0, 90.0, 90.0];
    assert_eq!(spans(&series(&broken), low), [(0, 30)]);
    let found = episodes(&series(&broken), low);
    assert_eq!(found.first().map(|e| e.extreme.mg_dl()), Some(60.0));
    // Fifteen minutes above end it; what follows is another one.
    let twice = [65.0, 65.0, 65.0, 90.0, 90.0, 90.0, 60.0, 60.0, 60.0, 90.0];
    assert_eq!(spans(&series(&twice), low), [(0, 15), (30, 45)]);
    // Never above again: it ends where the last reading stops standing.
    assert_eq!(spans(&series(&[65.0, 65.0, 65.0]), low), [(0, 15)]);
}

#[test]
fn sim_13_episodes_know_levels_gaps_and_length() {
    let gap = timed([(0, 60.0), (5, 60.0), (10, 60.0), (70, 60.0), (75, 60.0), (80, 60.0)]);
    assert_eq!(spans(&gap, EpisodeKind::Low), [(0, 15), (70, 85)]);
    let mut values = vec![260.0; 24];
    values.extend([100.0; 4]);
    let counts = count_episodes(&series(&values));
    assert_eq!((counts.high, counts.very_high, counts.prolonged_high), (1, 1, 1));
    assert_eq!(count_episodes(&series(&values[1..])).prolonged_high, 0);
    let counts = count_episodes(&series(&[53.0; 30]));
    assert_eq!((counts.low, counts.very_low, counts.prolonged_low, counts.high), (1, 1, 1, 0));
    // A second of clock jitter does not lose an episode.
    let jitter = [(0, 65.0), (300, 65.0), (601, 65.0), (899, 90.0), (1200, 90.0)];
    let samples = jitter
        .map(|(at, value)| Sample { at: Seconds(at), glucose: Glucose::from_mg_dl(value) })
        .to_vec();
    let readings = Series::new(samples, Weighting::Time).expect("rising times");
    assert_eq!(episodes(&readings, EpisodeKind::Low).len(), 1);
}

#[test]
fn sim_13_grid_zones_follow_simglucose() {
    let zone = |low: f64, high: f64| {
        cvga_point(&series(&[low, high]), Extremes::Whole).map(|point| point.zone)
    };
    assert_eq!(zone(95.0, 170.0), Some(CvgaZone::A));
    assert_eq!(zone(150.0, 160.0), Some(CvgaZone::A));
    assert_eq!(zone(90.0, 170.0), Some(CvgaZone::LowerB));
    assert_eq!(zone(80.0, 200.0), Some(CvgaZone::B));
    assert_eq!(zone(95.0, 180.0), Some(CvgaZone::UpperB));
    assert_eq!(zone(70.0, 150.0), Some(CvgaZone::LowerC));
    assert_eq!(zone(95.0, 300.0), Some(CvgaZone::UpperC));
    assert_eq!(zone(40.0, 200.0), Some(CvgaZone::LowerD));
    assert_eq!(zone(80.0, 500.0), Some(CvgaZone::UpperD));
    assert_eq!(zone(60.0, 300.0), Some(CvgaZone::E));
    let edge = cvga_point(&series(&[30.0, 600.0]), Extremes::Whole).expect("readings");
    assert_eq!((edge.lowest.mg_dl(), edge.highest.mg_dl()), (50.0, 400.0));
    let counts = ZoneCounts::of(&[edge, edge]);
    assert_eq!((counts.e, counts.a), (2, 0));
    // 2.5 % of 41 evenly ranked values lies on the second: one outlier does not decide.
    let mut values = vec![100.0; 40];
    values.push(45.0);
    let mild = cvga_point(&series(&values), Extremes::Central95).expect("readings");
    assert_eq!(mild.lowest.mg_dl(), 100.0);
}

#[test]
fn sim_13_profile_pools_smooths_and_wraps_at_midnight() {
    let at = |minute: i64, value: f64| (Seconds::from_minutes(minute), Glucose::from_mg_dl(value));
    let flat = DailyProfile::of((0..3 * 288).map(|step| at(5 * step, 120.0)));
    assert_eq!(flat.bins.len(), 288);
    assert!(flat.bins.iter().all(|bin| {
        bin.percentiles.is_some_and(|p| p.iter().all(|value| value.mg_dl() == 120.0))
    }));
    // Five readings in the last bin of the day reach the first three bins of the morning.
    let late = DailyProfile::of((0..5).map(|step| at(1435 + step, 100.0 + step as f64)));
    let covered: Vec<usize> = late
        .bins
        .iter()
        .filter(|bin| bin.percentiles.is_some())
        .map(|bin| bin.minute_of_day)
        .collect();
    assert_eq!(covered, [0, 5, 10, 1420, 1425, 1430, 1435]);
    let median = late.bins[0].percentiles.map(|p| p[2].mg_dl());
    assert_eq!(median, Some(102.0));
    assert!(DailyProfile::of([at(0, 100.0)]).bins.iter().all(|bin| bin.percentiles.is_none()));
}

#[test]
fn sim_13_envelope_counts_every_patient_once_a_moment() {
    let at = |minute: i64, value: f64| (Seconds::from_minutes(minute), Glucose::from_mg_dl(value));
    let one = [at(0, 100.0), at(1, 110.0), at(5, 200.0)];
    let two = [at(0, 205.0)];
    let envelope = cohort_envelope(&[&one, &two], Seconds(300));
    assert_eq!(envelope.len(), 2);
    assert_eq!(envelope[0].percentiles[2].mg_dl(), 155.0);
    assert_eq!(envelope[0].extremes.map(Glucose::mg_dl), [105.0, 205.0]);
    assert_eq!(envelope[1].at, Seconds(300));
}
