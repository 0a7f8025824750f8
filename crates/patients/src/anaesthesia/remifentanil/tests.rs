use super::*;
use crate::anaesthesia::units::Centimetres;
use crate::units::{Kilograms, Years};

#[test]
fn the_reference_people_have_the_printed_figures() {
    let man = Covariates::reference_man();
    let of = |c: Compartments| {
        let [v1, v2, v3] = c.volumes.map(|volume| volume.0);
        let [cl, q2, q3] = c.clearances.map(|clearance| clearance.0);
        [v1, v2, v3, cl, q2, q3, c.effect_site.0]
    };
    let fitted = RemifentanilModel::Eleveld.fit(&man, Limits::Keep).unwrap();
    assert_eq!(of(fitted.compartments), [5.81, 8.82, 5.03, 2.58, 1.72, 0.124, 1.09]);
    // Minto's intercepts belong to 40 years and a lean body mass of 55 kg.
    let near = |weight: f64| {
        Covariates::new(Years(40.0), Sex::Male, Centimetres(170.0), Kilograms(weight)).unwrap()
    };
    let (mut light, mut heavy) = (50.0, 90.0);
    for _ in 0..60 {
        let middle = 0.5 * (light + heavy);
        let lean = near(middle).lean_body_mass_james().0;
        if lean < 55.0 { light = middle } else { heavy = middle }
    }
    let fitted = RemifentanilModel::Minto.fit(&near(light), Limits::Keep).unwrap();
    let expected = [5.1, 9.82, 5.42, 2.6, 2.05, 0.076, 0.595];
    for (found, expected) in of(fitted.compartments).into_iter().zip(expected) {
        assert!((found / expected - 1.0).abs() < 1e-12, "{found} against {expected}");
    }
    assert_eq!(RemifentanilModel::Minto.half_effect(&near(70.0)), NgPerMl(13.1));
    assert_eq!(RemifentanilModel::Eleveld.half_effect(&near(70.0)), NgPerMl(12.7));
}

#[test]
fn sex_matters_in_the_years_that_eleveld_says() {
    let ratio = |age: f64| {
        let of = |sex| {
            let person =
                Covariates::new(Years(age), sex, Centimetres(168.0), Kilograms(62.0)).unwrap();
            let fitted = RemifentanilModel::Eleveld.fit(&person, Limits::Keep).unwrap();
            let size = person.fat_free_mass().0;
            fitted.compartments.volumes[1].0 / size
        };
        of(Sex::Female) / of(Sex::Male)
    };
    assert!(ratio(25.0) > 1.4 && ratio(25.0) < 1.47, "{}", ratio(25.0));
    assert!(ratio(80.0) < 1.03, "{}", ratio(80.0));
}

#[test]
fn limits_are_named() {
    let child =
        Covariates::new(Years(8.0), Sex::Female, Centimetres(128.0), Kilograms(26.0)).unwrap();
    let refusal = RemifentanilModel::Minto.fit(&child, Limits::Keep).unwrap_err().to_string();
    assert!(refusal.starts_with("minto is valid for age 20 to 85 years, found 8;"), "{refusal}");
    let recorded = RemifentanilModel::Minto.fit(&child, Limits::Override).unwrap().overridden;
    let limits: Vec<&str> = recorded.iter().map(|breach| breach.limit).collect();
    assert_eq!(limits, ["age", "weight"]);
    assert!(RemifentanilModel::Eleveld.fit(&child, Limits::Keep).is_ok());
    assert_eq!(RemifentanilModel::named("minto"), Some(RemifentanilModel::Minto));
    assert_eq!(RemifentanilModel::named("nobody"), None);
}
