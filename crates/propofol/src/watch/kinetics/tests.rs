#![allow(clippy::float_arithmetic)]

use super::{CONCENTRATION, Kinetics, Levels};
use crate::algorithm::{Person, Sex};
use crate::profile::tests::ADULT;
use crate::profile::{Content, ReferencePerson};
use crate::units::{Centimetres, Kilograms, Years};
use homeostat_numeric::{abs, max};
use std::vec::Vec;

/// People from a child to a heavy and an old grown-up.
fn people() -> Vec<Content> {
    let figures = [
        (0.5, 7.5, 67.0, Sex::Female),
        (8.0, 25.0, 127.0, Sex::Male),
        (44.0, 75.0, 176.0, Sex::Male),
        (88.0, 48.0, 150.0, Sex::Female),
        (30.0, 158.0, 182.0, Sex::Female),
    ];
    let of = |(years, kilograms, centimetres, sex)| {
        let person = Person {
            age: Years(years),
            weight: Kilograms(kilograms),
            height: Centimetres(centimetres),
            sex,
            opioids: true,
        };
        let content = Content::reference_for(&ReferencePerson { person, ..ADULT });
        assert!(content.check().is_ok());
        content
    };
    figures.into_iter().map(of).collect()
}

/// The equations integrated in steps of a hundredth of a second by the midpoint rule, from the
/// profile's numbers: concentrations in ng/mL after a course of micrograms per period.
fn integrated(content: &Content, mut now: [f64; 4], course: &[f64]) -> [f64; 4] {
    let own = &content.kinetics;
    let volume = [own.central.0, own.fast.0, own.slow.0].map(|value| f64::from(value) / 1e6);
    let flow = [own.clearance.0, own.fast_exchange.0, own.slow_exchange.0];
    let flow = flow.map(|value| f64::from(value) / 60e6);
    let effect = f64::from(own.effect_site.0) / 60e6;
    let period = f64::from(content.times.period.0);
    let slope = |[plasma, fast, slow, site]: [f64; 4], rate: f64| {
        let lost = flow[0] * plasma + flow[1] * (plasma - fast) + flow[2] * (plasma - slow);
        [
            (rate - lost) / volume[0],
            flow[1] / volume[1] * (plasma - fast),
            flow[2] / volume[2] * (plasma - slow),
            effect * (plasma - site),
        ]
    };
    let step = 0.01;
    for amount in course {
        let rate = amount / period;
        for _ in 0..content.times.period.0 * 100 {
            let first = slope(now, rate);
            let middle = core::array::from_fn(|place| now[place] + step / 2.0 * first[place]);
            let second = slope(middle, rate);
            now = core::array::from_fn(|place| now[place] + step * second[place]);
        }
    }
    now
}

#[allow(clippy::cast_precision_loss)]
fn nanograms(levels: &Levels) -> [f64; 4] {
    levels.array().map(|value| value as f64 / f64::from(1_u32 << CONCENTRATION))
}

/// Steps of each period: an induction, a pause, a maintenance.
fn course() -> Vec<u32> {
    let mut course = std::vec![1_500; 10];
    course.extend(std::vec![0; 30]);
    course.extend((0..240).map(|cycle| 50 + cycle % 7));
    course.extend(std::vec![0; 60]);
    course
}

#[test]
fn sup_05_the_integer_model_agrees_with_a_fine_integration() {
    let mut worst = 0.0;
    for mut content in people() {
        for period in [1, 2, 5] {
            content.times.period.0 = period;
            let kinetics = Kinetics::new(&content);
            let (mut now, mut exact) = (Levels::default(), [0.0; 4]);
            for part in course().chunks(20) {
                for steps in part {
                    now = kinetics.advance(&now, u64::from(*steps));
                }
                let unit = f64::from(content.delivery.step.0);
                let amounts: Vec<f64> = part.iter().map(|steps| f64::from(*steps) * unit).collect();
                exact = integrated(&content, exact, &amounts);
                for (found, expected) in nanograms(&now).into_iter().zip(exact) {
                    worst = max(worst, abs(found / expected - 1.0));
                }
            }
        }
    }
    assert!(worst < 2e-5, "{worst:e}");
}

#[test]
fn what_acts_is_the_peak_that_will_come() {
    for content in people() {
        let kinetics = Kinetics::new(&content);
        let weight = f64::from(content.person.weight.0) / 1_000.0;
        // 2 mg/kg at 50 ug/kg/s, and then nothing.
        let unit = f64::from(content.delivery.step.0);
        let in_period = (weight * 250.0 / unit) as u32;
        let mut now = Levels::default();
        let mut sum = 0;
        for _ in 0..8 {
            let before = kinetics.acting(&now);
            now = kinetics.advance(&now, u64::from(in_period));
            sum += in_period;
            // An order raises what acts by no more than itself, which is what the guard counts on,
            // but for what lies between the times that are looked at.
            let most = before + in_period;
            let found = kinetics.acting(&now);
            assert!(found <= most + most / 2_000 + 1, "{weight} kg: {found}, {most}");
        }
        let foreseen = kinetics.acting(&now);
        assert!(foreseen <= sum, "{weight} kg: {foreseen} of {sum}");
        let mut peak = 0;
        for _ in 0..120 {
            now = kinetics.advance(&now, 0);
            peak = peak.max(now.effect());
            let found = kinetics.acting(&now);
            assert!(found <= foreseen + foreseen / 2_000 + 1, "{weight} kg: {found}, {foreseen}");
        }
        let at_peak = kinetics.acting_at(peak);
        let (foreseen, at_peak) = (f64::from(foreseen), f64::from(at_peak));
        assert!(abs(foreseen / at_peak - 1.0) < 2e-3, "{weight} kg: {foreseen}, {at_peak}");
    }
}

#[test]
fn pro_06_holding_holds_and_reaching_reaches() {
    for content in people() {
        let kinetics = Kinetics::new(&content);
        let mut now = Levels::default();
        let mut carried = 0;
        let mut hold = |now: &Levels, kinetics: &Kinetics| {
            let thousandths = kinetics.holding(now, 3_000).min(kinetics.reaching(now, 3_000));
            let sum = thousandths + carried;
            carried = sum % 1_000;
            sum / 1_000
        };
        for _ in 0..2_000 {
            now = kinetics.advance(&now, hold(&now, &kinetics));
        }
        let [plasma, fast, _, effect] = nanograms(&now);
        for found in [plasma, effect] {
            assert!(abs(found / 3_000.0 - 1.0) < 0.01, "{found}");
        }
        assert!(fast < 3_001.0);
        // From above, it waits.
        let above = kinetics.given(&now, 10_000);
        assert_eq!(kinetics.reaching(&above, 3_000), 0);
    }
}

#[test]
fn sup_05_no_amount_and_no_state_overflows() {
    for content in people() {
        let kinetics = Kinetics::new(&content);
        let largest = i64::MAX;
        for start in [0, 1, 1 << 36, largest] {
            let mut now = Levels { plasma: start, fast: start, slow: start, effect: start };
            for steps in [0, u64::MAX, 7] {
                now = kinetics.advance(&now, steps);
                assert!(now.array().iter().all(|value| *value >= 0));
            }
            now = kinetics.given(&now, u32::MAX);
            let _ = (kinetics.acting(&now), kinetics.holding(&now, u32::MAX));
            let _ = kinetics.reaching(&now, u32::MAX);
        }
    }
}
