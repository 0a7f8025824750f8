use super::*;
use crate::anaesthesia::remifentanil::RemifentanilModel;
use crate::anaesthesia::units::Centimetres;
use crate::units::{Kilograms, Years};

fn person(age: f64, sex: Sex, height: f64, weight: f64) -> Covariates {
    Covariates::new(Years(age), sex, Centimetres(height), Kilograms(weight)).unwrap()
}

fn figures(compartments: &Compartments) -> [f64; 7] {
    let [v1, v2, v3] = compartments.volumes.map(|volume| volume.0);
    let [cl, q2, q3] = compartments.clearances.map(|clearance| clearance.0);
    [v1, v2, v3, cl, q2, q3, compartments.effect_site.0]
}

#[test]
fn sim_02_every_model_and_sex_gives_what_the_printed_equations_give() {
    let table = include_str!("../../../data/anaesthesia_parameters_golden.csv");
    let mut sexes_of = std::collections::BTreeMap::<(String, String, String), Vec<String>>::new();
    for line in table.lines().skip(2) {
        let fields: Vec<&str> = line.split(',').collect();
        let number = |place: usize| fields[place].parse::<f64>().unwrap();
        let sex = if fields[3] == "M" { Sex::Male } else { Sex::Female };
        let person = person(number(4), sex, number(5), number(6));
        let fitted = if fields[0] == "propofol" {
            PropofolModel::named(fields[1], fields[2] == "1").unwrap().fit(&person, Limits::Keep)
        } else {
            RemifentanilModel::named(fields[1]).unwrap().fit(&person, Limits::Keep)
        };
        let found = figures(&fitted.unwrap().compartments);
        for (place, found) in found.into_iter().enumerate() {
            let expected = number(7 + place);
            assert!((found / expected - 1.0).abs() < 1e-13, "{line}: {found} against {expected}");
        }
        let [drug, model, opioids, sex] = [0, 1, 2, 3].map(|place| fields[place].to_owned());
        sexes_of.entry((drug, model, opioids)).or_default().push(sex);
    }
    assert_eq!(sexes_of.len(), PropofolModel::ALL.len() + RemifentanilModel::ALL.len());
    for (model, sexes) in sexes_of {
        let both = sexes.contains(&"F".to_owned()) && sexes.contains(&"M".to_owned());
        assert!(both, "{model:?}");
    }
}

fn printed(found: f64, printed: &str) {
    let digits = printed.split_once('.').map_or(0, |(_, after)| after.len());
    assert_eq!(format!("{found:.digits$}"), printed);
}

#[test]
fn the_reference_man_has_the_printed_figures_of_eleveld() {
    let fitted = PropofolModel::ELEVELD.fit(&Covariates::reference_man(), Limits::Keep).unwrap();
    let expected = ["6.28", "25.5", "273", "1.79", "1.83", "1.11", "0.146"];
    for (found, expected) in figures(&fitted.compartments).into_iter().zip(expected) {
        printed(found, expected);
    }
    let woman = person(35.0, Sex::Female, 170.0, 70.0);
    let fitted = PropofolModel::ELEVELD.fit(&woman, Limits::Keep).unwrap();
    printed(fitted.compartments.clearances[0].0, "2.10");
}

#[test]
fn a_man_of_40_years_has_the_published_rate_constants() {
    // Absalom et al. 2009 (Br J Anaesth 103:26), a man of 40 years, 170 cm, 70 kg.
    let man = person(40.0, Sex::Male, 170.0, 70.0);
    let expect = |model: PropofolModel, volumes: [&str; 3], rates: [&str; 5]| {
        let Compartments { volumes: v, clearances: c, .. } =
            model.fit(&man, Limits::Keep).unwrap().compartments;
        for (found, expected) in v.iter().zip(volumes) {
            printed(found.0, expected);
        }
        let [k10, k12, k13] = c.map(|clearance| clearance.0 / v[0].0);
        let found = [k10, k12, k13, c[1].0 / v[1].0, c[2].0 / v[2].0];
        for (found, expected) in found.into_iter().zip(rates) {
            printed(found, expected);
        }
    };
    expect(
        PropofolModel::Schnider,
        ["4.27", "24.0", "238"],
        ["0.384", "0.375", "0.196", "0.067", "0.0035"],
    );
    expect(
        PropofolModel::Marsh,
        ["16.0", "32.5", "203"],
        ["0.119", "0.112", "0.042", "0.055", "0.0033"],
    );
}

#[test]
fn opioids_lower_volume_and_clearance_as_printed() {
    let man = Covariates::reference_man();
    let of = |opioids| {
        let model = PropofolModel::Eleveld { sampling: Sampling::Arterial, opioids };
        model.fit(&man, Limits::Keep).unwrap().compartments
    };
    let (without, with) = (of(false), of(true));
    // exp(-0.0138 * 35) and exp(-0.00286 * 35)
    printed(with.volumes[2].0 / without.volumes[2].0, "0.617");
    printed(with.clearances[0].0 / without.clearances[0].0, "0.905");
    // Q3 follows V3.
    printed(with.clearances[2].0 / without.clearances[2].0, "0.696");
    assert_eq!(with.volumes[0], without.volumes[0]);
}

#[test]
fn a_person_beyond_a_limit_is_refused_by_its_name_or_recorded() {
    let refusal = |model: PropofolModel, person: &Covariates| {
        model.fit(person, Limits::Keep).unwrap_err().to_string()
    };
    let heavy = person(40.0, Sex::Female, 160.0, 100.0);
    assert_eq!(
        refusal(PropofolModel::Schnider, &heavy),
        "schnider is valid for body mass index 0 to 36.148648648648646 kg/m2, found \
         39.06249999999999; choose another model, or override its limits: \
         `override` in the column `limits` of a table of people, or the option --override-limits of \
         `simulate`"
    );
    let child = person(10.0, Sex::Male, 140.0, 32.0);
    assert!(refusal(PropofolModel::Schnider, &child).contains("age 26 to 81 years, found 10"));
    assert!(refusal(PropofolModel::Marsh, &child).contains("marsh is valid for age 16"));
    let baby = person(0.5, Sex::Male, 67.0, 7.5);
    assert!(refusal(PropofolModel::Schuttler, &baby).contains("schuttler is valid for age 2"));
    let giant = person(40.0, Sex::Male, 210.0, 200.0);
    assert!(refusal(PropofolModel::ELEVELD, &giant).contains("weight 0.68 to 160 kg, found 200"));
    let overridden = PropofolModel::ELEVELD.fit(&giant, Limits::Override).unwrap().overridden;
    assert_eq!(overridden.len(), 1);
    assert_eq!((overridden[0].limit, overridden[0].found), ("weight", 200.0));
    let inside = PropofolModel::ELEVELD.fit(&child, Limits::Override).unwrap().overridden;
    assert!(inside.is_empty());
}

#[test]
fn no_override_makes_a_negative_volume() {
    let old = person(105.0, Sex::Male, 165.0, 60.0);
    let refusal = PropofolModel::Schnider.fit(&old, Limits::Override).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "schnider gives no possible person: V2 would be -1.4320000000000022 L"
    );
    // The clearance that Schuttler's model subtracts for age leaves nothing for a light old person.
    let light = person(87.0, Sex::Female, 155.0, 48.0);
    let refusal = PropofolModel::Schuttler.fit(&light, Limits::Keep).unwrap_err();
    assert!(refusal.to_string().contains("clearance would be -0.1"), "{refusal}");
}

#[test]
fn names_find_their_models() {
    for model in PropofolModel::ALL {
        let opioids = matches!(model, PropofolModel::Eleveld { opioids: true, .. });
        assert_eq!(PropofolModel::named(model.card().name, opioids), Some(model));
    }
    assert_eq!(PropofolModel::named("Schnider", false), None);
}
