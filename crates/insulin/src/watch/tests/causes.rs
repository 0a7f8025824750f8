//! What is wrong with the input, and what is not.

use super::{World, carbohydrate, first, report, series, silence, steps};
use homeostat_record::{
    Action, Cause, CauseSet, Input, Quantity, Report, SensorFrame, StatusFlags,
};

#[test]
fn ordinary_readings_give_no_cause() {
    let mut world = World::steady(120);
    let findings = world.mg_dl(122);
    assert_eq!(findings.active, CauseSet::EMPTY);
    assert!(findings.fresh);
}

#[test]
fn sen_02_missing_input_is_a_cause_in_every_cycle_without_a_value() {
    let mut world = World::steady(120);
    let findings = silence(&mut world, 3);
    assert!(findings.iter().all(|found| found.active.has(Cause::InputMissing) && !found.fresh));
    assert!(!world.mg_dl(121).active.has(Cause::InputMissing));
}

#[test]
fn sen_02_old_and_repeated_frames_count_as_missing() {
    let mut world = World::steady(120);
    let stale = world.changed(|frame| frame.taken_millis -= 15 * 60_000);
    assert!(stale.active.has(Cause::InputMissing));
    let repeated = world.changed(|frame| frame.sequence -= 2);
    assert!(repeated.active.has(Cause::InputMissing));
    let stored = world.changed(|frame| frame.status.0 = StatusFlags::BACKFILL);
    assert!(stored.active.has(Cause::InputMissing) && !stored.fresh);
    // Taken long ago by a sensor whose clock is known, received only now.
    let mut world = World::steady(120);
    let late = world.frame(121);
    world.cycle += 3;
    let input = world.input(&[late], &[]);
    assert!(world.step(&input).active.has(Cause::InputMissing));
}

#[test]
fn sen_02_what_is_handed_in_after_a_silence_is_no_restarted_sensor() {
    let mut world = World::steady(120);
    silence(&mut world, 5);
    let fresh = world.frame(121);
    let stored = |back: u16| SensorFrame {
        sequence: fresh.sequence - u32::from(back),
        taken_millis: fresh.taken_millis - u64::from(back) * 300_000,
        session_minutes: fresh.session_minutes - 5 * back,
        status: StatusFlags(StatusFlags::BACKFILL),
        ..fresh
    };
    let input = world.input(&[fresh, stored(5), stored(4), stored(3)], &[]);
    let found = world.step(&input);
    assert!(found.fresh && !found.active.has(Cause::SensorNotReady), "{:?}", found.active);
}

#[test]
fn f_s13_a_foreign_sensor_is_an_identity_mismatch() {
    let found = World::steady(120).changed(|frame| frame.source = 8).active;
    assert!(found.has(Cause::IdentityMismatch));
}

#[test]
fn gly_07_a_foreign_pump_is_an_identity_mismatch() {
    for (channel, pump, expected) in [(0, 9, false), (0, 10, true), (1, 10, false)] {
        let mut world = World::steady(120);
        let mut input = world.input(&[world.frame(121)], &[]);
        input.reports.push(Report { channel, ..report(pump) }).unwrap();
        let found = world.step(&input).active.has(Cause::IdentityMismatch);
        assert_eq!(found, expected, "{pump} on {channel}");
    }
}

#[test]
fn sen_11_a_sensor_that_is_not_ready_is_named() {
    let flags = [
        StatusFlags::WARM_UP,
        StatusFlags::SESSION_ENDED,
        StatusFlags::MALFUNCTION,
        StatusFlags::DEMONSTRATION,
    ];
    for flag in flags {
        let found = World::steady(120).changed(|frame| frame.status.0 = flag);
        assert!(found.active.has(Cause::SensorNotReady) && !found.fresh, "{flag}");
    }
    for minutes in [59, 21_601, 300] {
        let found = World::steady(120).changed(|frame| frame.session_minutes = minutes);
        assert!(found.active.has(Cause::SensorNotReady), "{minutes}: young, worn or restarted");
    }
}

#[test]
fn f_s04_a_step_is_implausible_and_believed_when_it_persists() {
    let mut world = World::steady(120);
    let found = series(&mut world, &[200, 203, 201]);
    assert!(found[0].active.has(Cause::InputImplausible) && !found[0].fresh);
    assert!(found[1].active.has(Cause::InputImplausible));
    assert!(found[2].fresh && !found[2].active.has(Cause::InputImplausible));
    let mut world = World::steady(120);
    let found = series(&mut world, &[200, 121]);
    assert!(found[1].fresh, "one wrong value");
    assert!(!found[1].active.has(Cause::ArtefactSuspected));
}

#[test]
fn f_s02_a_stuck_value_is_implausible_after_45_minutes() {
    let mut world = World::new();
    let found = series(&mut world, &[150; 12]);
    assert_eq!(first(&found, Cause::InputImplausible), Some(9));
    assert!(!world.mg_dl(155).active.has(Cause::InputImplausible));
    let mut world = World::new();
    assert_eq!(first(&series(&mut world, &[400; 14]), Cause::InputImplausible), None, "High");
}

#[test]
fn gly_19_a_flat_line_forbids_increase_and_a_slow_trend_does_not() {
    let flat_from = |values: &mut dyn Iterator<Item = i32>| {
        let mut world = World::new();
        let mut increase = values.map(|thousandths| {
            let found = world.changed(|frame| frame.value_thousandths = thousandths);
            assert!(!found.active.has(Cause::InputImplausible), "it moves: not stuck");
            found.envelope[0].most > steps(2)
        });
        increase.position(|may_increase| !may_increase)
    };
    let flicker = (0..14).map(|step| 150_000 + step % 2 * 900);
    assert_eq!(flat_from(&mut flicker.into_iter()), Some(9), "45 min within 0.9 mg/dL");
    let slow = (0..30).map(|step| 150_000 + step * 600);
    assert_eq!(flat_from(&mut slow.into_iter()), None, "0.6 mg/dL in 5 min is a trend");
    let ordinary = (0..30).map(|step| 150_000 + step % 3 * 2_000);
    assert_eq!(flat_from(&mut ordinary.into_iter()), None);
}

#[test]
fn f_s11_codes_are_no_numbers() {
    for code in [0, 10, 38, 401, 65_535, -3] {
        let found = World::steady(120).mg_dl(code);
        assert!(found.active.has(Cause::InputImplausible) && !found.fresh, "{code}");
        assert!(!found.active.has(Cause::PhysiologicStop), "{code}");
    }
}

#[test]
fn sen_04_quality_is_graded_with_a_margin() {
    let mut world = World::steady(120);
    let mut at = |quality: u8| {
        let found = world.changed(|frame| frame.quality = quality).active;
        match (found.has(Cause::QualityReduced), found.has(Cause::QualityPoor)) {
            (false, false) => 0,
            (true, false) => 1,
            _ => 2,
        }
    };
    let found = [95, 60, 59, 61, 70, 29, 95, 95, 255].map(&mut at);
    assert_eq!(found, [0, 0, 1, 1, 0, 2, 1, 0, 0]);
}

#[test]
fn sen_04_a_sensor_that_asks_for_calibration_is_of_reduced_quality() {
    let mut world = World::steady(120);
    let asks = StatusFlags(StatusFlags::CALIBRATION);
    let found = world.changed(|frame| frame.status = asks);
    assert!(found.fresh && found.active.has(Cause::QualityReduced));
    assert!(!found.active.has(Cause::QualityPoor));
}

#[test]
fn tim_01_a_frame_received_before_a_restart_counts_as_missing() {
    let mut world = World::steady(120);
    let waiting = world.input(&[world.frame(121)], &[]);
    world.boot += 1;
    let input = Input { frames: waiting.frames, ..world.input(&[], &[]) };
    let found = world.step(&input);
    assert!(!found.fresh && found.active.has(Cause::InputMissing));
    assert!(world.mg_dl(122).fresh, "the next one is measured by the new clock");
}

#[test]
fn gly_20_heavy_noise_is_poor_quality() {
    for (grade, poor) in [(2, false), (3, true), (4, true), (255, false)] {
        let found = World::steady(120).changed(|frame| frame.noise = grade).active;
        assert_eq!(found.has(Cause::QualityPoor), poor, "{grade}");
    }
    let saw = |swing: i32| {
        let mut world = World::new();
        let values: std::vec::Vec<i32> = (0..9).map(|n| 160 + (n % 2 * 2 - 1) * swing).collect();
        first(&series(&mut world, &values), Cause::QualityPoor).is_some()
    };
    assert_eq!([4, 6, 12, 18].map(saw), [false, false, true, true]);
}

#[test]
fn sen_16_a_reference_that_differs_by_35_percent_ends_automatic_operation() {
    let disputed = |reference: i32| {
        let mut world = World::steady(135);
        let found = world.act(135, Action::Reference(reference * 1_000)).active;
        found.has(Cause::ReferenceDisagrees)
    };
    // 34 % and 36 % of the reference.
    assert!(!disputed(101));
    assert!(disputed(99));
    assert!(disputed(210));
    let mut world = World::steady(135);
    world.act(135, Action::Reference(99_000));
    assert!(world.mg_dl(136).active.has(Cause::ReferenceDisagrees), "it goes on");
    let agrees = world.act(134, Action::Reference(130_000)).active;
    assert!(!agrees.has(Cause::ReferenceDisagrees), "until one agrees");
}

#[test]
fn f_s05_an_artefact_is_suspected_and_its_rebound_held_back() {
    let mut world = World::steady(140);
    let found = series(&mut world, &[128, 108, 96, 92, 93]);
    assert_eq!(first(&found, Cause::ArtefactSuspected), Some(2));
    let found = series(&mut world, &[110, 135, 140, 141, 139, 140, 142, 140]);
    let held = found.iter().filter(|found| found.active.has(Cause::ArtefactSuspected)).count();
    assert_eq!(held, 5, "20 min from the reading that came back by half");
    let mut world = World::new();
    let falls = [250, 246, 238, 227, 214, 200, 186, 172, 158, 145, 133, 122, 113];
    assert_eq!(first(&series(&mut world, &falls), Cause::ArtefactSuspected), None);
}

#[test]
fn f_t_a_sensor_clock_that_leaps_ahead_makes_the_clock_doubtful() {
    let found = World::steady(120).changed(|frame| frame.taken_millis += 700_000);
    assert!(found.active.has(Cause::ClockDoubtful) && !found.fresh);
    let found = World::steady(120).changed(|frame| frame.taken_millis += 5_000);
    assert!(!found.active.has(Cause::ClockDoubtful) && found.fresh);
}

#[test]
fn what_is_not_glucose_is_not_looked_at() {
    let found = World::steady(120).changed(|frame| frame.quantity = Quantity(2));
    assert!(found.active.has(Cause::InputMissing));
    let mut world = World::steady(120);
    assert!(!world.act(121, carbohydrate(0)).active.has(Cause::InputMissing));
}
