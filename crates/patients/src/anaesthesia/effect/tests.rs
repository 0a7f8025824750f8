use super::*;
use crate::anaesthesia::covariates::Sex;
use crate::anaesthesia::units::Centimetres;
use crate::units::{Kilograms, Years};
use proptest::prelude::*;

fn aged(age: f64) -> Covariates {
    Covariates::new(Years(age), Sex::Male, Centimetres(170.0), Kilograms(70.0)).unwrap()
}

fn index(model: IndexModel, propofol: f64, remifentanil: f64) -> f64 {
    model.typical(&aged(35.0)).index(UgPerMl(propofol), NgPerMl(remifentanil)).0
}

#[test]
fn half_effect_lies_where_each_model_says() {
    assert_eq!(index(IndexModel::Eleveld, 0.0, 0.0), 92.98);
    assert!((index(IndexModel::Eleveld, 3.0794, 0.0) - 46.49).abs() < 1e-12);
    assert!((index(IndexModel::Vanluchene, 4.92, 0.0) - (95.9 - 43.75)).abs() < 1e-12);
    assert!((index(IndexModel::Bouillon, 4.47, 0.0) - 48.7).abs() < 1e-12);
    assert!((index(IndexModel::Bouillon, 0.0, 19.3) - 48.7).abs() < 1e-12);
    // Half of each is half effect where the interaction is addition.
    assert!((index(IndexModel::Bouillon, 2.235, 9.65) - 48.7).abs() < 1e-12);
    // Eleveld's and Vanluchene's know no remifentanil.
    assert_eq!(index(IndexModel::Eleveld, 2.0, 5.0), index(IndexModel::Eleveld, 2.0, 0.0));
}

#[test]
fn eleveld_has_two_slopes_and_ages() {
    // 92.98 / (1 + (C/C50)^gamma), with gamma 1.8939 below and 1.4736 above.
    let c50 = 3.0794;
    assert!((index(IndexModel::Eleveld, c50 / 2.0, 0.0) - 73.265_7).abs() < 1e-4);
    assert!((index(IndexModel::Eleveld, c50 * 2.0, 0.0) - 24.616_5).abs() < 1e-4);
    let old = IndexModel::Eleveld.typical(&aged(75.0)).propofol_half.0;
    assert!((old - c50 * 0.775_691_8).abs() < 1e-6, "{old}");
    assert!((eleveld_delay(&aged(40.0)).0 - 22.9).abs() < 0.05);
    assert!((eleveld_delay(&aged(70.0)).0 - 52.3).abs() < 0.05);
}

#[test]
fn opioid_makes_laryngoscopy_tolerable() {
    let of = |propofol, remifentanil| {
        tolerance_of_laryngoscopy(UgPerMl(propofol), NgPerMl(remifentanil))
    };
    assert_eq!(of(0.0, 5.0), 0.0);
    // 8.04 * 1.05 is the concentration of half tolerance without opioid.
    assert!((of(8.442, 0.0) - 0.5).abs() < 1e-12);
    assert!(of(3.5, 0.0) < 0.02 && of(3.5, 4.0) > 0.9, "{} {}", of(3.5, 0.0), of(3.5, 4.0));
}

#[test]
fn impossible_figures_are_named() {
    let good = IndexModel::Bouillon.typical(&aged(40.0));
    assert_eq!(good.impossible(), None);
    let words = |change: fn(&mut IndexEffect)| {
        let mut bad = good;
        change(&mut bad);
        bad.impossible().unwrap()
    };
    assert_eq!(words(|f| f.propofol_half = UgPerMl(0.0)), "C50 of propofol would be 0");
    assert!(words(|f| f.remifentanil_half = Some(NgPerMl(-1.0))).contains("remifentanil"));
    assert!(words(|f| f.interaction = 4.0).contains("beta"));
    assert!(words(|f| f.interaction = f64::NAN).contains("beta"));
    assert!(words(|f| f.steepness.0 = f64::NAN).contains("gamma would"));
    assert!(words(|f| f.steepness.1 = 0.0).contains("gamma above"));
    assert!(words(|f| f.awake = -1.0).contains("E0"));
    assert!(words(|f| f.depth = f64::INFINITY).contains("Emax"));
}

fn anyone() -> impl Strategy<Value = IndexEffect> {
    (0.5..14.0, 5.0..30.0, 0.0..1.5, 1.0..7.0, 1.0..7.0, 80.0..100.0, 60.0..150.0).prop_map(
        |(propofol, remifentanil, interaction, below, above, awake, depth)| IndexEffect {
            propofol_half: UgPerMl(propofol),
            remifentanil_half: Some(NgPerMl(remifentanil)),
            interaction,
            steepness: (below, above),
            awake,
            depth,
        },
    )
}

proptest! {
    #[test]
    fn more_propofol_is_never_a_higher_index(
        model in anyone(), low in 0.0..20.0, more in 0.0..5.0,
    ) {
        let one = model.index(UgPerMl(low), NgPerMl(0.0)).0;
        let two = model.index(UgPerMl(low + more), NgPerMl(0.0)).0;
        prop_assert!((0.0..=100.0).contains(&one));
        prop_assert!(two <= one + 1e-12, "{two} above {one}");
    }

    #[test]
    fn the_concentration_for_an_index_gives_it(model in anyone(), wanted in 1.0..79.0) {
        if let Some(propofol) = model.propofol_for(BispectralIndex(wanted)) {
            let found = model.index(propofol, NgPerMl(0.0)).0;
            prop_assert!((found - wanted).abs() < 1e-9, "{found} against {wanted}");
        }
    }
}
