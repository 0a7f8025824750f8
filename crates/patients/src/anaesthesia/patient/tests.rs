use super::*;
use crate::anaesthesia::covariates::Covariates;
use crate::anaesthesia::effect::{IndexModel, eleveld_delay};
use crate::anaesthesia::norepinephrine::NorepinephrineModel;
use crate::anaesthesia::propofol::PropofolModel;
use crate::anaesthesia::remifentanil::RemifentanilModel;
use crate::anaesthesia::validity::Limits;

fn figures(index: IndexModel) -> PatientFigures {
    let man = Covariates::reference_man();
    let circulation = HaemodynamicFigures::typical(&man);
    let awake = circulation.awake_pressure();
    PatientFigures {
        propofol: PropofolModel::ELEVELD.fit(&man, Limits::Keep).unwrap().compartments,
        remifentanil: Some(RemifentanilModel::Minto.fit(&man, Limits::Keep).unwrap().compartments),
        index: index.typical(&man),
        delay: eleveld_delay(&man),
        circulation: Some(circulation),
        pressor: Some(NorepinephrineModel::LiJoachim.fit(&man, awake, Limits::Keep).unwrap().0),
    }
}

fn infusions(propofol: f64, remifentanil: f64, norepinephrine: f64) -> Infusions {
    Infusions {
        propofol: MgPerSecond(propofol),
        remifentanil: UgPerSecond(remifentanil),
        norepinephrine: UgPerSecond(norepinephrine),
    }
}

#[test]
fn an_induction_takes_the_usual_course() {
    let mut patient = AnaesthesiaPatient::new(&figures(IndexModel::Eleveld));
    assert_eq!(patient.index(), BispectralIndex(92.98));
    // 2 mg/kg in a minute, then 6 mg/kg/h.
    for second in 0..1800 {
        let rate = if second < 60 { 140.0 / 60.0 } else { 420.0 / 3600.0 };
        patient.advance_second(infusions(rate, 0.0, 0.0), Arousal::default());
    }
    assert_eq!(patient.second(), 1800);
    let (mg, ug) = patient.given();
    assert!((mg.0 - (140.0 + 1740.0 * 420.0 / 3600.0)).abs() < 1e-9 && ug.0 == 0.0);
    let index = patient.index().0;
    assert!((40.0..60.0).contains(&index), "{index}");
    let pressure = patient.haemodynamics().unwrap().pressure.0;
    assert!((55.0..85.0).contains(&pressure), "{pressure}");
}

#[test]
fn the_index_follows_after_its_delay() {
    let figures = figures(IndexModel::Eleveld);
    let mut patient = AnaesthesiaPatient::new(&figures);
    let mut past = vec![92.98];
    for second in 1..200_usize {
        patient.advance_second(infusions(2.0, 0.0, 0.0), Arousal::default());
        past.push(patient.undelayed_index().0);
        // 15 + e^1.8095 = 21.1074 s
        let back = |by: usize| past[second.saturating_sub(by)];
        let part = eleveld_delay(&Covariates::reference_man()).0 - 21.0;
        let expected = back(21) + part * (back(22) - back(21));
        assert!((patient.index().0 - expected).abs() < 1e-12);
    }
    assert!(past[150] < 40.0, "{}", past[150]);
}

#[test]
fn stimuli_arouse_and_opioid_attenuates_them_only_if_asked() {
    let settled = |remifentanil, attenuated| {
        let mut patient = AnaesthesiaPatient::new(&figures(IndexModel::Eleveld));
        for _ in 0..3600 {
            patient.advance_second(infusions(0.2, remifentanil, 0.0), Arousal::default());
        }
        let calm = patient.undelayed_index().0;
        let stimulus = BispectralIndex(20.0);
        patient.advance_second(infusions(0.2, remifentanil, 0.0), Arousal { stimulus, attenuated });
        patient.undelayed_index().0 - calm
    };
    assert!((settled(0.0, false) - 20.0).abs() < 0.1);
    assert!((settled(0.2, false) - 20.0).abs() < 0.1);
    assert!(settled(0.0, true) > 17.0);
    assert!(settled(0.2, true) < 4.0, "{}", settled(0.2, true));
}

#[test]
fn remifentanil_and_norepinephrine_act_where_the_models_say() {
    let run = |infusions: Infusions| {
        let mut patient = AnaesthesiaPatient::new(&figures(IndexModel::Bouillon));
        for _ in 0..3600 {
            patient.advance_second(infusions, Arousal::default());
        }
        (patient.index().0, patient.haemodynamics().unwrap())
    };
    let (calm, alone) = run(infusions(0.2, 0.0, 0.0));
    let (deeper, lower) = run(infusions(0.2, 0.2, 0.0));
    let (same, higher) = run(infusions(0.2, 0.2, 0.08));
    assert!(deeper < calm - 3.0 && same == deeper);
    assert!(lower.pressure.0 < alone.pressure.0 - 10.0);
    assert!(higher.pressure.0 > lower.pressure.0 + 10.0);
    assert_eq!(higher.output, lower.output);
}

#[test]
fn impossible_rates_count_as_none() {
    let mut one = AnaesthesiaPatient::new(&figures(IndexModel::Eleveld));
    for rate in [f64::NAN, -1.0, f64::INFINITY, f64::NEG_INFINITY] {
        one.advance_second(infusions(rate, rate, rate), Arousal::default());
    }
    assert_eq!(one.plasma(), (UgPerMl(0.0), NgPerMl(0.0)));
    assert_eq!(one.norepinephrine(), NgPerMl(0.0));
    assert_eq!(one.given().0.0, 0.0);
}

#[test]
fn a_delay_that_is_none_or_absurd_is_held_in_range() {
    let mut none = DelayLine::new(Seconds(f64::NAN), 1.0);
    none.push(2.0);
    assert_eq!(none.now(), 2.0);
    let mut long = DelayLine::new(Seconds(1e9), 1.0);
    for _ in 0..600 {
        long.push(2.0);
        assert_eq!(long.now(), 1.0);
    }
    long.push(2.0);
    assert_eq!(long.now(), 2.0);
}
