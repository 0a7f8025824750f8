use super::*;

fn monitor(model: MonitorModel, faults: &[MonitorFault]) -> Monitor {
    Monitor::new(model, BispectralIndex(95.0), "somebody", Seed(4)).with_faults(faults.to_vec())
}

fn shown(monitor: &mut Monitor, index: f64, seconds: u64) -> Vec<Option<MonitorSample>> {
    (0..seconds).map(|_| monitor.advance_second(BispectralIndex(index))).collect()
}

#[test]
fn an_ideal_monitor_shows_what_is() {
    let mut ideal = monitor(MonitorModel::IDEAL, &[]);
    for index in [95.0, 50.0, 45.5, 0.0, 100.0] {
        let sample = ideal.advance_second(BispectralIndex(index)).unwrap();
        assert_eq!(sample.index, Some(BispectralIndex(index)));
        assert!(sample.quality.0 > 80.0);
    }
}

#[test]
fn noise_has_the_filters_spread_and_repeats() {
    let run = || shown(&mut monitor(MonitorModel::NOISY, &[]), 50.0, 40_000);
    let samples = run();
    assert_eq!(samples[..500], run()[..500]);
    let values: Vec<f64> = samples.iter().map(|s| s.unwrap().index.unwrap().0 - 50.0).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let square = values.iter().map(|v| v * v).sum::<f64>() / values.len() as f64;
    // White noise held for a second through a second-order filter: deviation times
    // sqrt(w / (4 z) (1 + (0.1 w)²)) for small w, w 0.1965, z 0.2: 3 * 0.4957.
    assert!(homeostat_numeric::abs(mean) < 0.1, "{mean}");
    assert!(homeostat_numeric::abs(sqrt(square) - 1.487) < 0.06, "{}", sqrt(square));
}

#[test]
fn signal_quality_wanders_about_95_by_3() {
    assert!((WANDER_KEPT * WANDER_KEPT + WANDER_FRESH * WANDER_FRESH - 1.0).abs() < 1e-15);
    let samples = shown(&mut monitor(MonitorModel::IDEAL, &[]), 50.0, 20_000);
    let values: Vec<f64> = samples.iter().map(|sample| sample.unwrap().quality.0 - 95.0).collect();
    let square = values.iter().map(|v| v * v).sum::<f64>() / values.len() as f64;
    // The few above 100 are held there.
    assert!((sqrt(square) - 2.9).abs() < 0.3, "{}", sqrt(square));
}

#[test]
fn smoothing_is_a_running_mean_and_delay_a_delay() {
    let smoothing = MonitorModel { smoothing: Seconds(15.0), ..MonitorModel::IDEAL };
    let samples = shown(&mut monitor(smoothing, &[]), 50.0, 20);
    let value = |place: usize| samples[place].unwrap().index.unwrap().0;
    assert!((value(0) - (14.0 * 95.0 + 50.0) / 15.0).abs() < 1e-9);
    assert!((value(14) - 50.0).abs() < 1e-9);
    let late = MonitorModel { delay: Seconds(5.0), ..MonitorModel::IDEAL };
    let samples = shown(&mut monitor(late, &[]), 50.0, 8);
    let values: Vec<f64> = samples.iter().map(|s| s.unwrap().index.unwrap().0).collect();
    assert_eq!(values, [95.0, 95.0, 95.0, 95.0, 95.0, 50.0, 50.0, 50.0]);
}

#[test]
fn a_smoothed_monitor_shows_the_mean_of_fifteen_noisy_seconds() {
    let run = |model| -> Vec<f64> {
        let samples = shown(&mut monitor(model, &[]), 50.0, 300);
        samples.iter().map(|sample| sample.unwrap().index.unwrap().0).collect()
    };
    let (noisy, smoothed) = (run(MonitorModel::NOISY), run(MonitorModel::SMOOTHED));
    for second in 14..300 {
        let mean = noisy[second - 14..=second].iter().sum::<f64>() / 15.0;
        assert!((smoothed[second] - mean).abs() < 1e-9, "second {second}");
    }
}

#[test]
fn suppression_counts_the_last_63_seconds() {
    let mut deep = monitor(MonitorModel::IDEAL, &[]);
    let samples = shown(&mut deep, 20.0, 70);
    let ratio = |place: usize| samples[place].unwrap().suppression.0;
    assert!((ratio(0) - 50.0 / 63.0).abs() < 1e-9);
    assert!((ratio(62) - 50.0).abs() < 1e-9);
    let light = shown(&mut monitor(MonitorModel::IDEAL, &[]), 45.0, 70);
    assert!(light.iter().all(|sample| sample.unwrap().suppression.0 == 0.0));
    // Muscle tone falls with depth.
    let awake = shown(&mut monitor(MonitorModel::IDEAL, &[]), 95.0, 1)[0].unwrap();
    assert!(awake.electromyogram.0 > 45.0 && samples[69].unwrap().electromyogram.0 < 35.0);
}

#[test]
fn every_fault_shows_in_its_time_and_only_then() {
    let at_10 = |kind| {
        let fault = MonitorFault::new(kind, 10, 5);
        let mut with = monitor(MonitorModel::NOISY, &[fault]);
        let samples = shown(&mut with, 50.0, 30);
        let without = shown(&mut monitor(MonitorModel::NOISY, &[]), 50.0, 30);
        for second in (0..10).chain(15..30) {
            assert_eq!(samples[second], without[second], "{kind:?} at {second}");
        }
        (samples, without)
    };
    let (silent, _) = at_10(MonitorFaultKind::Silence);
    assert!(silent[10..15].iter().all(Option::is_none));
    let (poor, _) = at_10(MonitorFaultKind::Quality { most: Percent(30.0) });
    assert_eq!(poor[12].unwrap().quality, Percent(30.0));
    assert!(poor[12].unwrap().index.is_some());
    let (none, _) = at_10(MonitorFaultKind::Quality { most: Percent(14.0) });
    assert_eq!(none[12].unwrap().index, None);
    let (muscle, plain) =
        at_10(MonitorFaultKind::Muscle { bias: BispectralIndex(15.0), power: Decibels(60.0) });
    let index = |samples: &[Option<MonitorSample>], second: usize| {
        samples[second].unwrap().index.unwrap().0
    };
    assert!((index(&muscle, 12) - index(&plain, 12) - 15.0).abs() < 1e-9);
    assert_eq!(muscle[12].unwrap().electromyogram, Decibels(60.0));
    let (stuck, plain) = at_10(MonitorFaultKind::Stuck);
    assert!(stuck[10..15].iter().all(|sample| *sample == plain[9]));
    let (jump, plain) = at_10(MonitorFaultKind::Jump { by: BispectralIndex(-60.0) });
    assert_eq!(index(&jump, 12), max(0.0, index(&plain, 12) - 60.0));
    let (burst, _) = at_10(MonitorFaultKind::Suppression { ratio: Percent(80.0) });
    assert_eq!(burst[12].unwrap().suppression, Percent(80.0));
}

#[test]
fn a_later_index_is_the_earlier_one() {
    let fault = MonitorFault::new(MonitorFaultKind::Later { by: Seconds(7.0) }, 10, 100);
    let mut with = monitor(MonitorModel::IDEAL, &[fault]);
    let values: Vec<f64> = (0..30)
        .map(|second| {
            let sample = with.advance_second(BispectralIndex(90.0 - f64::from(second)));
            sample.unwrap().index.unwrap().0
        })
        .collect();
    assert_eq!((values[9], values[10], values[20]), (81.0, 87.0, 77.0));
}

#[test]
fn an_arterial_line_is_noisy_and_never_negative() {
    let mut line = ArterialLine::new(MmHg(5.0), "somebody", Seed(1));
    let values: Vec<f64> = (0..4000).map(|_| line.read(MmHg(75.0)).0 - 75.0).collect();
    let square = values.iter().map(|v| v * v).sum::<f64>() / 4000.0;
    assert!((sqrt(square) - 5.0).abs() < 0.2, "{square}");
    assert!((0..200).all(|_| line.read(MmHg(0.0)).0 >= 0.0));
}
