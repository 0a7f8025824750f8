use super::error_model::{BretonKovatchev, Process};
use super::{
    BurstLoss, ErrorModel, Sensor, SensorFault, SensorFaultKind, SensorModel, SensorReading,
    SensorValue,
};
use crate::random::Seed;
use crate::units::MgPerDl;

fn glucose(reading: Option<SensorReading>) -> f64 {
    match reading {
        Some(SensorReading { value: SensorValue::Glucose(glucose), .. }) => glucose.0,
        other => panic!("expected a number, found {other:?}"),
    }
}

/// Everything that a sensor says about a constant 120 mg/dL.
fn says(model: SensorModel, faults: &[SensorFault], minutes: u32) -> Vec<Option<SensorReading>> {
    let mut sensor = Sensor::new(model, "a", Seed(5)).with_faults(faults.iter().copied());
    (0..minutes)
        .flat_map(|minute| {
            let [first, second] = sensor.advance_minute(MgPerDl(120.0));
            let due = minute % model.period == 0;
            due.then_some(first).into_iter().chain(second.map(Some))
        })
        .collect()
}

fn moments(values: &[f64]) -> (f64, f64, f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let central = |power: i32| {
        let sum: f64 = values.iter().map(|x| (0..power).fold(1.0, |p, _| p * (x - mean))).sum();
        sum / count
    };
    let deviation = homeostat_numeric::sqrt(central(2));
    let skew = central(3) / (deviation * deviation * deviation);
    let excess = central(4) / (central(2) * central(2)) - 3.0;
    (mean, deviation, skew, excess)
}

fn correlation(values: &[f64], lag: usize) -> f64 {
    let (mean, deviation, ..) = moments(values);
    let pairs = values.iter().zip(values.iter().skip(lag));
    let sum: f64 = pairs.map(|(a, b)| (a - mean) * (b - mean)).sum();
    sum / (values.len() - lag) as f64 / (deviation * deviation)
}

/// The figures were measured on simglucose's own generator with 400,000 draws.
#[test]
fn sim_08_breton_kovatchev_noise_has_the_measured_distribution() {
    let mut noise = BretonKovatchev::new(Seed(1).stream("a", "noise"));
    let knots: Vec<f64> = (0..400_000).map(|_| noise.next_knot()).collect();
    let (mean, deviation, skew, excess) = moments(&knots);
    assert!((mean - 0.69).abs() < 0.2, "mean {mean}");
    assert!((deviation - 11.70).abs() < 0.2, "deviation {deviation}");
    assert!((skew - 0.72).abs() < 0.15, "skew {skew}");
    assert!((excess - 2.8).abs() < 0.8, "excess kurtosis {excess}");
    for (lag, expected) in [(1, 0.69), (2, 0.48), (4, 0.24), (8, 0.06)] {
        let found = correlation(&knots, lag);
        assert!((found - expected).abs() < 0.02, "lag {lag}: {found}");
    }
    let mut sorted = knots;
    sorted.sort_by(f64::total_cmp);
    for (percent, expected, within) in [
        (0.1, -38.2, 2.0),
        (1.0, -25.0, 0.6),
        (5.0, -16.3, 0.4),
        (50.0, -0.25, 0.25),
        (95.0, 20.9, 0.4),
        (99.0, 35.5, 0.9),
        (99.9, 59.1, 3.5),
    ] {
        let found = sorted[(percent / 100.0 * 400_000.0) as usize];
        assert!((found - expected).abs() < within, "{percent} %: {found} against {expected}");
    }
}

#[test]
fn breton_kovatchev_noise_between_knots_has_the_measured_deviation() {
    let readings = says(SensorModel::DEXCOM, &[], 600_000);
    let noise: Vec<f64> = readings.into_iter().map(|r| glucose(r) - 120.0).collect();
    let (_, deviation, ..) = moments(&noise);
    assert!((deviation - 11.4).abs() < 0.25, "{deviation}");
}

#[test]
fn autoregressive_noise_has_the_variance_of_its_process() {
    for model in [ErrorModel::FACCHINETTI_2014, ErrorModel::VETTORETTI_2018] {
        let ErrorModel::Calibrated { noise, .. } = model else { panic!("calibrated") };
        let mut process = Process::new(noise, Seed(3).stream("a", "noise"));
        let values: Vec<f64> = (0..200_000).map(|_| process.advance_minute()).collect();
        let (_, deviation, ..) = moments(&values);
        // The stationary variance of a second-order process.
        let (a, b) = (noise.first, noise.second);
        let expected = (1.0 - b) * noise.variance / ((1.0 + b) * ((1.0 - b) * (1.0 - b) - a * a));
        let found = deviation * deviation;
        assert!((found / expected - 1.0).abs() < 0.05, "{found} against {expected}");
    }
}

#[test]
fn an_ideal_sensor_says_the_truth_every_five_minutes() {
    let readings = says(SensorModel::IDEAL, &[], 21);
    assert_eq!(readings.len(), 5);
    assert!(readings.iter().all(|r| glucose(*r) == 120.0));
    assert_eq!(
        readings.iter().flatten().map(|r| r.stamped).collect::<Vec<_>>(),
        [0, 5, 10, 15, 20]
    );
}

#[test]
fn beyond_its_range_a_sensor_says_low_and_high_or_the_end_of_the_range() {
    let one = |model: SensorModel, truth: f64| {
        Sensor::new(model, "a", Seed(1)).advance_minute(MgPerDl(truth))[0].unwrap().value
    };
    let exact = |codes| SensorModel { error: ErrorModel::Ideal, codes, ..SensorModel::G6 };
    assert_eq!(one(exact(true), 39.9), SensorValue::Low);
    assert_eq!(one(exact(true), 400.1), SensorValue::High);
    assert_eq!(one(exact(true), 400.0), SensorValue::Glucose(MgPerDl(400.0)));
    assert_eq!(one(exact(false), 1.0), SensorValue::Glucose(MgPerDl(40.0)));
    assert_eq!(one(exact(false), 900.0), SensorValue::Glucose(MgPerDl(400.0)));
}

#[test]
fn faults_lie_over_the_signal_and_leave_the_rest_as_it_was() {
    let model = SensorModel::G6;
    let clean = says(model, &[], 1440);
    for kind in [
        SensorFaultKind::DropOut,
        SensorFaultKind::Stuck,
        SensorFaultKind::Jump { by: MgPerDl(60.0) },
        SensorFaultKind::Bias { fraction: -0.15 },
        SensorFaultKind::Noisy { deviation: MgPerDl(20.0) },
        SensorFaultKind::CompressionLow { depth: MgPerDl(50.0) },
    ] {
        let faulty = says(model, &[SensorFault::new(kind, 300, 60)], 1440);
        assert_eq!(faulty[..60], clean[..60], "{kind:?} acts too early");
        assert_eq!(faulty[72..], clean[72..], "{kind:?} acts too late");
        assert_ne!(faulty[60..72], clean[60..72], "{kind:?} does not act");
    }
}

#[test]
fn each_fault_does_what_it_says() {
    let during = |kind| says(SensorModel::IDEAL, &[SensorFault::new(kind, 20, 40)], 80);
    let at = |kind, index: usize| glucose(during(kind)[index]);
    assert_eq!(during(SensorFaultKind::WarmUp)[4..12], [None; 8]);
    assert_eq!(at(SensorFaultKind::Jump { by: MgPerDl(-30.0) }, 5), 90.0);
    assert!((at(SensorFaultKind::Bias { fraction: 0.15 }, 5) - 138.0).abs() < 1e-12);
    let low = SensorFaultKind::CompressionLow { depth: MgPerDl(50.0) };
    let shape: Vec<f64> = (3..13).map(|index| at(low, index)).collect();
    assert_eq!(shape, [120.0, 120.0, 95.0, 70.0, 70.0, 70.0, 70.0, 70.0, 95.0, 120.0]);
    let twice = during(SensorFaultKind::Duplicated);
    assert_eq!(twice.len(), 16 + 8);
    assert_eq!(twice[4], twice[5]);
    let back = during(SensorFaultKind::BackwardTime { minutes: 7 });
    let stamps: Vec<u32> = back.iter().flatten().map(|r| r.stamped).collect();
    assert_eq!(stamps[3..7], [15, 13, 18, 23]);
}

#[test]
fn a_stuck_sensor_repeats_the_last_value_before() {
    let fault = SensorFault::new(SensorFaultKind::Stuck, 10, 15);
    let mut sensor = Sensor::new(SensorModel::IDEAL, "a", Seed(1)).with_faults([fault]);
    let values: Vec<f64> = (0..31)
        .filter_map(|minute: u32| sensor.advance_minute(MgPerDl(f64::from(minute + 100)))[0])
        .map(|reading| glucose(Some(reading)))
        .collect();
    assert_eq!(values, [100.0, 105.0, 105.0, 105.0, 105.0, 125.0, 130.0]);
}

#[test]
fn bursts_of_loss_have_the_expected_share_and_length() {
    let loss = BurstLoss { turns_bad: 0.02, turns_good: 0.2, period: 5 };
    let faults = loss.until(2_000_000, &mut Seed(2).stream("a", "loss"));
    let lost: u32 = faults.iter().map(|fault| fault.until - fault.from).sum();
    let share = f64::from(lost) / 2e6;
    assert!((share - 0.02 / 0.22).abs() < 0.006, "{share}");
    let mean = f64::from(lost) / faults.len() as f64;
    assert!((mean - 25.0).abs() < 1.0, "{mean} minutes");
    assert!(faults.windows(2).all(|pair| pair[0].until <= pair[1].from));
}

#[test]
fn compression_lows_last_twenty_to_forty_minutes_on_the_plateau() {
    let mut stream = Seed(8).stream("a", "compression");
    for _ in 0..1000 {
        let fault = SensorFault::compression_low(100, &mut stream);
        let plateau = fault.until - fault.from - 20;
        assert!((20..=40).contains(&plateau), "{plateau}");
    }
}

#[test]
fn sim_14_the_same_seed_gives_the_same_readings_and_another_subject_others() {
    let run = |subject, seed| {
        let mut sensor = Sensor::new(SensorModel::G6, subject, Seed(seed));
        (0..600).flat_map(|_| sensor.advance_minute(MgPerDl(140.0))).flatten().collect::<Vec<_>>()
    };
    assert_eq!(run("a", 1), run("a", 1));
    assert_ne!(run("a", 1), run("a", 2));
    assert_ne!(run("a", 1), run("b", 1));
}
