use super::*;
use crate::body::{InsulinPerson, PersonSettings, PropofolPerson};
use homeostat_patients::anaesthesia::monitor::MonitorFaultKind;
use homeostat_patients::anaesthesia::units::Percent;
use homeostat_patients::sensor::SensorFaultKind;

fn adult() -> Body {
    let person =
        InsulinPerson { subject: "adult#001".to_owned(), meals: Vec::new(), born_minute_of_day: 0 };
    Body::new(&PersonSettings::Insulin(person)).unwrap()
}

fn asleep() -> Body {
    let person = PropofolPerson { seed: 1, number: 1, stimulus: "none".to_owned() };
    Body::new(&PersonSettings::Propofol(person)).unwrap()
}

const fn settings(exactness: Exactness) -> SensorSettings {
    SensorSettings { identity: 0x5E45, exactness, seed: 3 }
}

fn watch(body: &mut Body, sensor: &mut Sensor, ticks: u32) -> Vec<Option<SensorFrame>> {
    (0..ticks)
        .map(|_| {
            let frame = sensor.read(body);
            body.live();
            frame
        })
        .collect()
}

#[test]
fn sen_01_glucose_comes_every_five_minutes_with_number_and_times() {
    let mut body = adult();
    let Truth::Glucose(MgPerDl(glucose)) = body.truth() else { panic!("glucose") };
    let mut sensor = Sensor::new(&settings(Exactness::Ideal), &body, SensorFaults::default());
    let frames = watch(&mut body, &mut sensor, 11);
    let minutes: Vec<_> = (0..11).filter(|minute| frames[*minute].is_some()).collect();
    assert_eq!(minutes, [0, 5, 10]);
    let second = frames[5].unwrap();
    assert_eq!(SensorFrame::decode(&second.encode()), Ok(second));
    assert_eq!(
        (second.quantity, second.unit, second.source, second.sequence),
        (Quantity(1), Unit(1), 0x5E45, 2)
    );
    assert_eq!((second.taken_millis, second.session_minutes), (125 * 60_000, 125));
    assert_eq!((second.quality, second.noise, second.detail), (100, 255, [0, 0]));
    let shown = f64::from(frames[0].unwrap().value_thousandths) / 1_000.0;
    assert!((shown - glucose).abs() < 0.001, "{shown} {glucose}");
}

#[test]
fn values_beyond_the_range_are_said_to_be() {
    let blank = SensorFrame::default();
    for (value, shown, status) in [
        (SensorValue::Low, 39_000, StatusFlags::BELOW_RANGE),
        (SensorValue::Glucose(MgPerDl(39.9)), 39_000, StatusFlags::BELOW_RANGE),
        (SensorValue::Glucose(MgPerDl(40.0)), 40_000, 0),
        (SensorValue::Glucose(MgPerDl(400.0)), 400_000, 0),
        (SensorValue::Glucose(MgPerDl(400.1)), 401_000, StatusFlags::ABOVE_RANGE),
        (SensorValue::High, 401_000, StatusFlags::ABOVE_RANGE),
    ] {
        let frame = of_glucose(value, blank);
        assert_eq!((frame.value_thousandths, frame.status.0), (shown, status), "{value:?}");
    }
}

#[test]
fn the_index_comes_every_second_with_quality_muscle_and_suppression() {
    let mut body = asleep();
    let kind = MonitorFaultKind::Quality { most: Percent(10.0) };
    let index = vec![MonitorFault::new(kind, 4, 1)];
    let faults = SensorFaults { index, ..SensorFaults::default() };
    let mut sensor = Sensor::new(&settings(Exactness::Noisy), &body, faults);
    let frames: Vec<_> = watch(&mut body, &mut sensor, 6).into_iter().flatten().collect();
    assert_eq!(frames.iter().map(|frame| frame.sequence).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    let good = frames[3];
    assert_eq!((good.quantity, good.unit), (Quantity(2), Unit(3)));
    assert!((80_000..=100_000).contains(&good.value_thousandths), "{good:?}");
    assert!(good.quality > 80 && (25..=100).contains(&good.detail[0]), "{good:?}");
    assert_eq!(good.taken_millis, 7_200_000 + 3_000);
    let bad = frames[4];
    assert_eq!(bad.value_thousandths, NOT_COMPUTED);
    assert!(bad.quality <= 10);
}

#[test]
fn noise_is_the_seeds_and_a_fault_changes_nothing_but_its_time() {
    let run = |exactness, faults: SensorFaults| {
        let mut body = adult();
        let mut sensor = Sensor::new(&settings(exactness), &body, faults);
        watch(&mut body, &mut sensor, 60)
    };
    let noisy = run(Exactness::Noisy, SensorFaults::default());
    assert_eq!(noisy, run(Exactness::Noisy, SensorFaults::default()));
    assert_ne!(noisy, run(Exactness::Ideal, SensorFaults::default()));
    let glucose = vec![SensorFault::new(SensorFaultKind::DropOut, 20, 15)];
    let faulty = run(Exactness::Noisy, SensorFaults { glucose, ..SensorFaults::default() });
    for minute in 0..60 {
        let expected = if (20..35).contains(&minute) { None } else { noisy[minute] };
        assert_eq!(faulty[minute], expected, "minute {minute}");
    }
}
