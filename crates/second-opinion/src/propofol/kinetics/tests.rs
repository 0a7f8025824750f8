//! Whole-number kinetics beside a fine integration in doubles.

use super::*;
use proptest::prelude::*;

/// Eleveld's reference man, 35 years, 70 kg, 170 cm, without opioids (printed parameters).
pub(crate) const REFERENCE: Kinetics = Kinetics {
    volumes: [6_280_000, 25_500_000, 273_000_000],
    flows: [1_790_000, 1_830_000, 1_110_000],
    effect_site: 146_000,
};

/// Concentrations (ug/mL) by explicit steps of 20 ms.
fn fine(kinetics: &Kinetics, rates: &[(u32, f64)]) -> (f64, f64) {
    let v = kinetics.volumes.map(|volume| f64::from(volume) / 1e6);
    let q = kinetics.flows.map(|flow| f64::from(flow) / 1e6 / 60.0);
    let ke = f64::from(kinetics.effect_site) / 1e6 / 60.0;
    let (mut a, mut e) = ([0.0_f64; 3], 0.0_f64);
    for (seconds, rate) in rates {
        for _ in 0..seconds * 50 {
            let c = [a[0] / v[0], a[1] / v[1], a[2] / v[2]];
            let (fast, slow) = (q[1] * (c[0] - c[1]), q[2] * (c[0] - c[2]));
            e += 0.02 * ke * (c[0] - e);
            a[0] += 0.02 * (rate - q[0] * c[0] - fast - slow);
            a[1] += 0.02 * fast;
            a[2] += 0.02 * slow;
        }
    }
    (a[0] / v[0], e)
}

/// The same in whole numbers, ug/mL, five seconds a call.
fn whole(kinetics: &Kinetics, rates: &[(u32, f64)]) -> (f64, f64) {
    let model = Model::new(*kinetics);
    let mut drug = Drug::default();
    for (seconds, rate) in rates {
        for _ in 0..seconds / 5 {
            model.pass(&mut drug, 5, (rate * 5.0 * 1e6) as i64);
        }
    }
    let at = |amount| model.concentration(amount) as f64 / 1_000.0;
    (at(drug.central), at(drug.effect))
}

#[test]
fn sup_04_whole_numbers_agree_with_a_fine_integration() {
    let rates = [(60, 2.0), (600, 0.25), (300, 0.0), (1_200, 0.15), (3_600, 0.1)];
    for end in 1..=rates.len() {
        let (plasma, effect) = whole(&REFERENCE, &rates[..end]);
        let (expected, expected_effect) = fine(&REFERENCE, &rates[..end]);
        assert!((plasma / expected - 1.0).abs() < 2e-3, "{plasma} against {expected}");
        let apart = (effect - expected_effect).abs();
        assert!(apart < 2e-3 * expected_effect + 2e-3, "{effect} against {expected_effect}");
    }
}

#[test]
fn what_holds_a_level_holds_it() {
    let model = Model::new(REFERENCE);
    let mut drug = Drug::default();
    let level = model.amount(3_000);
    model.pass(&mut drug, 1, level);
    for _ in 0..720 {
        let given = model.hold(&drug, level, 5_000);
        model.pass(&mut drug, 5, given);
    }
    let held = model.concentration(drug.central);
    assert!((2_940..=3_060).contains(&held), "{held}");
}

#[test]
fn a_peak_is_what_the_effect_site_comes_to() {
    let model = Model::new(REFERENCE);
    let mut drug = Drug::default();
    model.pass(&mut drug, 30, 60_000_000);
    let foreseen = model.peak(&drug, 50_000_000);
    drug.central += 50_000_000;
    let mut highest = 0;
    for _ in 0..600 {
        model.pass(&mut drug, 1, 0);
        highest = highest.max(drug.effect);
    }
    let apart = (foreseen - highest).abs() as f64 / highest as f64;
    assert!(apart < 0.01, "{foreseen} against {highest}");
}

#[test]
fn a_decay_is_the_exponential() {
    let table = [
        (0, 1, 1.0),
        (1, 1_000, 0.999_000_499_833),
        (1, 10, 0.904_837_418_036),
        (1, 1, 0.367_879_441_171),
        (5, 1, 0.006_737_946_999),
        (15, 1, 0.000_000_305_902),
    ];
    for (numerator, denominator, expected) in table {
        let found = decay(numerator, denominator) as f64 / ONE as f64;
        assert!((found - expected).abs() < 3e-8, "{numerator}/{denominator}: {found}");
    }
}

proptest! {
    #[test]
    fn any_kinetics_and_amounts_stay_amounts(
        volumes in any::<[u32; 3]>(), flows in any::<[u32; 3]>(), effect_site in any::<u32>(),
        amounts in any::<[i64; 4]>(), given in any::<i64>(), more in any::<i64>(),
    ) {
        let model = Model::new(Kinetics { volumes, flows, effect_site });
        let [central, fast, slow, effect] = amounts;
        let mut drug = Drug { central, fast, slow, effect };
        model.pass(&mut drug, 3, given);
        let _ = (model.peak(&drug, more), model.hold(&drug, more, 5_000));
        let mut fresh = Drug::default();
        model.pass(&mut fresh, 3, given.clamp(0, 1 << 40));
        prop_assert!(fresh.central >= 0 && fresh.fast >= 0 && fresh.slow >= 0);
        prop_assert!(fresh.central + fresh.fast + fresh.slow <= given.clamp(0, 1 << 40));
    }
}
