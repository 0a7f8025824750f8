use super::*;

fn told() -> Instructions {
    Instructions {
        induction: Span::from_seconds(180),
        emergence: Some(Span::from_seconds(1_000)),
        opioid: None,
        weight_kg: 72.0,
        step_mg: 0.01,
        period_seconds: 5.0,
    }
}

fn shows(phase: Phase) -> Decision {
    Decision { phase, authority: Authority::Full, ..Decision::default() }
}

fn acts(clinician: &mut Clinician, second: u64, shown: &Decision) -> Vec<PersonAction> {
    let list = clinician.act(Span::from_seconds(second), shown, Some(50.0));
    list.iter().copied().collect()
}

fn announces(acts: &[PersonAction], kind: u8, amount: u32) -> bool {
    let action = Action::Announce(Announcement { kind, amount });
    acts.contains(&PersonAction { by: Role::Clinician, action })
}

#[test]
fn pro_01_the_stages_are_announced_when_due_and_only_to_a_loop_that_treats() {
    let mut clinician = Clinician::new(told());
    assert!(acts(&mut clinician, 175, &shows(Phase::Automatic)).is_empty());
    assert!(!announces(&acts(&mut clinician, 180, &shows(Phase::Manual)), STAGE, 1));
    assert!(announces(&acts(&mut clinician, 185, &shows(Phase::Automatic)), STAGE, 1));
    assert!(!announces(&acts(&mut clinician, 190, &shows(Phase::Automatic)), STAGE, 1));
    assert!(!maintains(&clinician, Span::from_seconds(700)));
    assert!(maintains(&clinician, Span::from_seconds(780)));
    assert!(announces(&acts(&mut clinician, 1_000, &shows(Phase::Automatic)), STAGE, 3));
    assert!(!maintains(&clinician, Span::from_seconds(1_005)));
}

#[test]
fn preconditions_are_acknowledged_before_the_loop_is_chosen() {
    let mut clinician = Clinician::new(told());
    let off = acts(&mut clinician, 0, &shows(Phase::Off));
    assert_eq!(off.first().map(|act| act.action), Some(Action::Choose(Phase::SelfTest)));
    let standby = acts(&mut clinician, 5, &shows(Phase::Standby));
    assert_eq!(standby.first().map(|act| act.action), Some(Action::Choose(Phase::Manual)));
    let start = acts(&mut clinician, 10, &shows(Phase::Manual));
    let place = |wanted: &dyn Fn(&Action) -> bool| start.iter().position(|a| wanted(&a.action));
    let ready = place(&|a| matches!(a, Action::Announce(told) if told.kind == PRECONDITIONS));
    let chosen = place(&|a| *a == Action::Choose(Phase::Automatic));
    assert!(ready.is_some() && ready < chosen, "{start:?}");
    let again = acts(&mut clinician, 15, &shows(Phase::Manual));
    assert!(again.is_empty(), "a while passes until they try again: {again:?}");
}

#[test]
fn a_hand_takes_over_from_a_loop_that_was_lost() {
    let mut clinician = Clinician::new(told());
    acts(&mut clinician, 185, &shows(Phase::Automatic));
    let by_hand = acts(&mut clinician, 400, &shows(Phase::Manual));
    // 6 mg/kg/h of 72 kg are 0.6 mg in 5 s.
    let rate = Action::SetManual { channel: 0, steps: Steps(60) };
    assert!(by_hand.iter().any(|act| act.action == rate), "{by_hand:?}");
}

#[test]
fn an_opioid_is_announced_once_with_induction_and_stops_with_emergence() {
    let mut clinician = Clinician::new(Instructions { opioid: Some(4), ..told() });
    let shown = shows(Phase::Automatic);
    assert!(!announces(&acts(&mut clinician, 175, &shown), OPIOID, 4) && !clinician.is_to_sleep());
    assert!(announces(&acts(&mut clinician, 180, &shown), OPIOID, 4) && clinician.is_to_sleep());
    assert!(!announces(&acts(&mut clinician, 185, &shown), OPIOID, 4) && clinician.is_to_sleep());
    assert!(announces(&acts(&mut clinician, 1_000, &shown), STAGE, 3));
    assert!(!clinician.is_to_sleep());
    let mut without = Clinician::new(told());
    assert!(!announces(&acts(&mut without, 180, &shown), OPIOID, 4));
}
