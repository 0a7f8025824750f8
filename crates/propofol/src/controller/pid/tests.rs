use super::super::tests::{Patient, pid, run, seen, settings};
use super::*;

#[test]
fn people_of_several_sensitivities_come_to_the_target() {
    for sensitivity in [0.75, 1.0, 1.3] {
        let mut state = pid().start(&settings());
        let mut patient = Patient::new(sensitivity);
        run(&pid(), &mut state, &mut patient, 1_440, |_, shown| seen(shown));
        let found = patient.index() - 50.0 - pid().parameters().above_target;
        assert!(abs(found) < 2.5, "{sensitivity}: {found}");
    }
}

#[test]
fn pro_03_the_integral_stands_still_where_nothing_can_be_learned() {
    let settings = settings();
    // Awake for ten minutes because the pump gives nothing: the effect site never comes near.
    let mut state = pid().start(&settings);
    for _ in 0..120 {
        state = pid().step(&settings, &state, &seen(93.0)).0;
    }
    assert_eq!(state.integral, 0.0);
    // No usable index: likewise.
    let mut patient = Patient::new(1.0);
    run(&pid(), &mut state, &mut patient, 240, |_, shown| seen(shown));
    let before = state.integral;
    run(&pid(), &mut state, &mut patient, 120, |_, _| Observation { weight: 0.0, ..seen(90.0) });
    assert_eq!(state.integral, before);
    // And never beyond its range.
    run(&pid(), &mut state, &mut patient, 1_440, |_, _| seen(95.0));
    assert!(state.integral.abs() <= pid().parameters().change_most);
}
