use super::*;
use proptest::prelude::*;

fn read(text: &str) -> Result<Vec<AnaesthesiaSubject>, TableError> {
    read_anaesthesia_subjects("c.csv", text, Limits::Keep)
}

fn error(text: &str) -> String {
    read(text).unwrap_err().to_string()
}

const HEAD: &str = "subject,age_y,sex,height_cm,weight_kg";

#[test]
fn covariates_alone_make_the_usual_person() {
    let found = read(&format!("{HEAD}\nme,40,F,165,62.5\nhe,50,male,180,120\nkid,5,f,109,18\n"));
    let [me, he, kid] = found.unwrap().try_into().unwrap();
    let person =
        Covariates::new(Years(40.0), Sex::Female, Centimetres(165.0), Kilograms(62.5)).unwrap();
    let models = SubjectModels::usual(&person, false);
    assert_eq!(me, AnaesthesiaSubject::typical("me", person, models).unwrap());
    assert_eq!(models.propofol, PropofolModel::ELEVELD);
    assert_eq!(models.remifentanil, Some(RemifentanilModel::Eleveld));
    // Beyond Eleveld's 106 kg.
    assert_eq!(he.models.remifentanil, Some(RemifentanilModel::Minto));
    assert_eq!(kid.models.norepinephrine, Some(NorepinephrineModel::Oualha));
    let plain = read("subject,age,sex,height,weight,delay\nme,40,F,165,62.5,\n").unwrap();
    assert_eq!(plain, [me]);
}

#[test]
fn every_column_has_its_effect() {
    let rows = format!(
        "{HEAD},propofol_model,remifentanil_model,bis_model,norepinephrine_model,opioids,delay_s,\
         v2_l,ke0_per_min,remifentanil_cl_l_per_min,c50_ug_per_ml,c50_remifentanil_ng_per_ml,gamma,\
         gamma_above,beta,e0,emax,heart_rate_per_min,age_again_y,weight_again_kg\n\
         a,40,F,165,62,eleveld-venous,minto,bouillon,beloeil,yes,31.5,21,0.33,2.2,4.4,18,2,1.5,0.3,\
         97,94,70,40,62\n\
         b,40,F,165,62,schnider,none,vanluchene,none,,,,,,,,2,,,,,,,\n"
    );
    let [a, b] = read(&rows).unwrap().try_into().unwrap();
    let sampling = super::super::propofol::Sampling::Venous;
    assert_eq!(a.models.propofol, PropofolModel::Eleveld { sampling, opioids: true });
    assert_eq!(a.models.norepinephrine, Some(NorepinephrineModel::Beloeil));
    let figures = &a.figures;
    assert_eq!((figures.propofol.volumes[1].0, figures.propofol.effect_site.0), (21.0, 0.33));
    assert_eq!(figures.remifentanil.unwrap().clearances[0].0, 2.2);
    assert_eq!(figures.delay, Seconds(31.5));
    let index = IndexEffect {
        propofol_half: UgPerMl(4.4),
        remifentanil_half: Some(NgPerMl(18.0)),
        interaction: 0.3,
        steepness: (2.0, 1.5),
        awake: 97.0,
        depth: 94.0,
    };
    assert_eq!(figures.index, index);
    assert_eq!(figures.circulation.unwrap().heart_rate.0, 70.0);
    assert_eq!((b.figures.remifentanil, b.figures.pressor), (None, None));
    assert_eq!((b.figures.index.steepness, b.figures.index.awake), ((2.0, 2.0), 95.9));
}

#[test]
fn errors_name_line_column_and_limit() {
    let of = |row: &str| error(&format!("{HEAD}\nok,40,F,165,62\n{row}\n"));
    assert!(
        of("ok,40,F,165,62").contains("line 3, column subject: expected a name that no earlier")
    );
    assert!(of("x,40,other,165,62").contains("column sex: expected female, male"));
    assert!(of("x,NaN,F,165,62").contains("column age_y: expected a number from 0 to 110 years"));
    assert!(of("x,40,F,1e999,62").contains("column height_cm"));
    assert!(
        of("x,40,F,165,-62").contains("column weight_kg: expected a number from 0.5 to 350 kg")
    );
    assert!(of("x,40,F,165,").contains("column weight_kg"));
    // 70 inches, and pounds.
    assert!(of("x,40,F,70,62").contains("line 3: height of 70 does not fit the person"));
    assert!(of("x,40,F,110,160").contains("body mass index"));
    assert!(
        of("x,95,F,160,60").contains("line 3: eleveld is valid for age 0 to 88 years, found 95")
    );
    assert!(error("subject,age_y,sex,height_cm\n").contains("column weight_kg is missing"));
    assert!(error("subject,age_y,age,sex,height,weight\n").contains("mean the same"));
    assert!(error("subject,age,sex,height,weight,weight\n").contains("both named \"weight\""));
    let unknown = error("subject,age,sex,height,weight_lb\n");
    assert!(unknown.contains("unknown column \"weight_lb\""), "{unknown}");
    let needed = "may be: subject, age_y, sex, height_cm, weight_kg, ";
    assert!(unknown.contains(needed), "what is needed comes first: {unknown}");
    let semicolons = error("subject;age;sex;height;weight\nme;40;F;165;62\n");
    assert!(semicolons.contains("found one column with semicolons in it"), "{semicolons}");
    assert!(error("subject\tage\tsex\n").contains("tabs"));
    let with = |columns: &str, fields: &str| {
        error(&format!("{HEAD},{columns}\nme,40,F,165,62,{fields}\n"))
    };
    assert!(with("weight_again_kg", "63").contains("weight_again_kg: expected 62, as in column"));
    assert!(with("propofol_model", "Schneider").contains("expected schnider, marsh,"));
    assert!(with("remifentanil_model", "fast").contains("expected minto, eleveld or none"));
    assert!(with("bis_model", "x").contains("expected eleveld, vanluchene"));
    assert!(with("opioids", "maybe").contains("expected yes or no"));
    assert!(with("limits", "off").contains("expected keep or override"));
    assert!(with("beta", "4").contains("column beta: expected a number from 0 to 3.9"));
    assert!(with("v1_l", "0").contains("column v1_l: expected a number from 0.05 to 500 L"));
    let none = with("remifentanil_model,remifentanil_v1_l", "none,5");
    assert!(none.contains("remifentanil_v1_l: expected nothing"), "{none}");
}

#[test]
fn limits_are_overridden_by_a_column_or_for_all_and_recorded() {
    let text = format!("{HEAD},limits\nold,95,F,160,60,override\n");
    let [old] = read(&text).unwrap().try_into().unwrap();
    assert_eq!(old.overridden.len(), 1);
    assert_eq!(old.overridden[0].to_string(), "eleveld is valid for age 0 to 88 years, found 95");
    let text = format!("{HEAD}\nold,95,F,160,60\n");
    let all = read_anaesthesia_subjects("c.csv", &text, Limits::Override).unwrap();
    assert_eq!(all[0].overridden, old.overridden);
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC*") {
        let _ = read(&text);
    }

    #[test]
    fn no_field_makes_the_reader_panic_and_what_is_read_can_live(
        fields in prop::collection::vec("[-+.0-9einfa#\",]{0,9}", 4),
    ) {
        let row = fields.join(",");
        let text = format!("{HEAD},v1_l,gamma,delay_s,limits\nme,40,F,165,62,{row}\n");
        for subject in read(&text).unwrap_or_default() {
            prop_assert!(subject.figures.propofol.impossible().is_none());
            prop_assert!(subject.figures.index.impossible().is_none());
        }
    }

    #[test]
    fn whoever_is_read_has_finite_days(
        age in 0.0..110.0_f64, height in 40.0..210.0_f64, weight in 2.0..250.0_f64,
        v1 in 0.05..500.0_f64, cl in 0.001..50.0_f64, ke0 in 0.001..60.0_f64, rate in 0.0..50.0_f64,
    ) {
        use crate::anaesthesia::patient::{Arousal, Infusions};
        use crate::anaesthesia::units::{MgPerSecond, UgPerSecond};
        let text = format!(
            "{HEAD},v1_l,cl_l_per_min,ke0_per_min,limits\n\
             me,{age},M,{height},{weight},{v1},{cl},{ke0},override\n"
        );
        for subject in read(&text).unwrap_or_default() {
            let mut patient = subject.patient();
            for _ in 0..200 {
                let infusions = Infusions {
                    propofol: MgPerSecond(rate),
                    remifentanil: UgPerSecond(rate),
                    norepinephrine: UgPerSecond(rate / 5.0),
                };
                patient.advance_second(infusions, Arousal::default());
            }
            let index = patient.index().0;
            prop_assert!((0.0..=100.0).contains(&index), "{index}");
            let now = patient.haemodynamics().unwrap();
            prop_assert!(now.pressure.0.is_finite() && now.pressure.0 > 0.0, "{now:?}");
            let (propofol, remifentanil) = patient.plasma();
            prop_assert!(propofol.0.is_finite() && remifentanil.0 >= 0.0);
        }
    }
}
