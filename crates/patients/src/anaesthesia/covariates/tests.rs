use super::*;
use proptest::prelude::*;

fn person(age: f64, sex: Sex, height: f64, weight: f64) -> Result<Covariates, CovariateError> {
    Covariates::new(Years(age), sex, Centimetres(height), Kilograms(weight))
}

#[test]
fn lean_and_fat_free_mass_of_known_people() {
    let man = person(53.0, Sex::Male, 177.0, 77.0).unwrap();
    // 1.1 * 77 - 128 * (77/177)^2, the mean man of Schnider's study, whose mean was 59 kg.
    assert!((man.lean_body_mass_james().0 - 60.476_054_135_146_36).abs() < 1e-12);
    let woman = person(40.0, Sex::Female, 163.0, 54.0).unwrap();
    assert!((woman.lean_body_mass_james().0 - 41.536_708_946_516_62).abs() < 1e-10);
    let reference = Covariates::reference_man();
    assert!((reference.body_mass_index().0 - 24.221_453_287_197_235).abs() < 1e-12);
    // (0.88 + 0.12/(1 + (35/13.4)^-12.7)) * 9270 * 70 / (6680 + 216 * 24.2214...)
    assert!((reference.fat_free_mass().0 - 54.475_205_960_137_67).abs() < 1e-12);
}

#[test]
fn the_james_formula_turns_where_it_says() {
    for sex in [Sex::Female, Sex::Male] {
        let limit = Covariates::james_limit(sex).0;
        let lean = |index: f64| {
            let weight = index * 1.7 * 1.7;
            person(40.0, sex, 170.0, weight).unwrap().lean_body_mass_james().0
        };
        assert!(lean(limit) > lean(limit - 0.5) && lean(limit) > lean(limit + 0.5), "{sex:?}");
    }
    assert!((Covariates::james_limit(Sex::Male).0 - 42.968_75).abs() < 1e-9);
    assert!((Covariates::james_limit(Sex::Female).0 - 36.148_648_648_6).abs() < 1e-9);
}

#[test]
fn slips_of_units_and_swapped_fields_are_refused() {
    let words =
        |age, height, weight| person(age, Sex::Male, height, weight).unwrap_err().to_string();
    assert_eq!(words(40.0, 1.7, 70.0), "height: expected 25 to 250 cm, found 1.7");
    assert!(words(40.0, 170.0, 700.0).starts_with("weight: expected 0.5 to 350 kg"));
    assert!(words(40.0, 70.0, 70.0).contains("height of 70 does not fit"));
    assert!(words(40.0, 110.0, 170.0).contains("body mass index"));
    assert!(words(5.0, 170.0, 18.0).contains("height"));
    assert!(words(5.0, 110.0, 70.0).contains("weight of 70 does not fit"));
    assert!(words(f64::NAN, 170.0, 70.0).contains("age"));
    assert!(words(40.0, f64::INFINITY, 70.0).contains("height"));
    assert!(words(40.0, 170.0, f64::NAN).contains("weight"));
    assert!(words(-1.0, 170.0, 70.0).contains("age"));
}

#[test]
fn figures_entered_twice_must_agree() {
    let first = person(40.0, Sex::Male, 170.0, 70.0).unwrap();
    assert_eq!(Covariates::confirmed(&first, &first), Ok(first));
    let second = person(40.0, Sex::Male, 170.0, 77.0).unwrap();
    assert_eq!(
        Covariates::confirmed(&first, &second).unwrap_err().to_string(),
        "weight was entered as 70 kg and as 77 kg; enter it again"
    );
    let other = person(40.0, Sex::Female, 170.0, 70.0).unwrap();
    assert!(Covariates::confirmed(&first, &other).unwrap_err().to_string().starts_with("sex"));
    let taller = person(40.0, Sex::Male, 171.0, 70.0).unwrap();
    assert!(Covariates::confirmed(&first, &taller).unwrap_err().to_string().contains("height"));
    let older = person(41.0, Sex::Male, 170.0, 70.0).unwrap();
    assert!(Covariates::confirmed(&first, &older).unwrap_err().to_string().contains("age"));
}

#[test]
fn the_median_child_is_a_child() {
    for tenths in 0..180 {
        let age = Years(f64::from(tenths) / 10.0);
        let (height, weight) = growth(age);
        Covariates::new(age, Sex::Female, height, weight).unwrap();
    }
    assert_eq!(growth(Years(5.0)), (Centimetres(110.0), Kilograms(18.0)));
    assert_eq!(growth(Years(0.25)), (Centimetres(58.5), Kilograms(5.4)));
}

proptest! {
    #[test]
    fn the_quick_curve_is_the_curve(x in 0.0..60.0_f64, half in 0.1..40.0_f64, slope in 0.3..9.0_f64) {
        let (exact, quick) = (sigmoid(x, half, slope), quick_sigmoid(x, half, slope));
        prop_assert!((exact - quick).abs() <= 1e-13 * exact, "{quick} against {exact}");
    }

    #[test]
    fn fat_free_mass_is_part_of_the_person(
        age in 0.0..100.0, height in 45.0..200.0, weight in 2.0..160.0, man: bool,
    ) {
        let sex = if man { Sex::Male } else { Sex::Female };
        if let Ok(person) = person(age, sex, height, weight) {
            let lean = person.fat_free_mass().0;
            prop_assert!(lean > 0.0 && lean < 1.15 * weight, "{person:?}: {lean}");
        }
    }
}
