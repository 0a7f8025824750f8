use super::super::tests::{Patient, predictive, run, seen, settings};
use super::*;

#[test]
fn people_are_asleep_within_five_minutes_and_held_at_the_target() {
    for sensitivity in [0.75, 1.0, 1.3] {
        let mut state = predictive().start(&settings());
        let mut patient = Patient::new(sensitivity);
        let mut asleep = None;
        let mut lowest = 100.0;
        run(&predictive(), &mut state, &mut patient, 360, |cycle, shown| {
            if shown < 60.0 && asleep.is_none() {
                asleep = Some(cycle * 5);
            }
            lowest = min(lowest, shown);
            seen(shown)
        });
        assert!(asleep.is_some_and(|seconds| (60..330).contains(&seconds)), "{asleep:?}");
        assert!(lowest > 42.0, "{lowest}");
        assert!((patient.index() - 51.0).abs() < 3.0, "{}", patient.index());
        // What is believed is what he is.
        let model = Model::new(&settings(), *predictive().parameters());
        let found = state.observer().likeness(&model);
        let believed = found.effect.at(found.now.effect()).index.0;
        assert!((believed - patient.index()).abs() < 3.0, "{believed}");
    }
}

/// Half an hour of an undisturbed person.
fn quiet() -> (PredictiveState, Patient) {
    let mut state = predictive().start(&settings());
    let mut patient = Patient::new(1.0);
    run(&predictive(), &mut state, &mut patient, 360, |_, shown| seen(shown));
    (state, patient)
}

#[test]
fn pro_03_a_stimulus_of_a_minute_leaves_nobody_deep_and_nothing_winds_up() {
    let (mut state, mut patient) = quiet();
    let mut lowest = 100.0;
    run(&predictive(), &mut state, &mut patient, 72, |cycle, shown| {
        // Without the stimulus's own share.
        lowest = min(lowest, shown);
        seen(shown + if cycle < 12 { 20.0 } else { 0.0 })
    });
    assert!(lowest > 40.0, "{lowest}");
    // A monitor that shows somebody awake for half an hour moves the aim to the end of its range,
    let (mut state, mut patient) = quiet();
    let stuck = run(&predictive(), &mut state, &mut patient, 360, |_, _| seen(95.0));
    assert!(stuck.aim.0 <= settings().effect_site.1.0);
    // and within two minutes of a low index nothing more is given.
    let low = run(&predictive(), &mut state, &mut patient, 24, |_, _| seen(35.0));
    assert_eq!(low.dose.0, 0.0);
}

#[test]
fn a_falling_index_stops_at_once_and_a_lasting_rise_deepens() {
    let (state, patient) = quiet();
    let before = patient.index();
    let (mut fallen, mut raised) = (state, state);
    let low = run(&predictive(), &mut fallen, &mut quiet().1, 12, |_, shown| seen(shown - 14.0));
    assert_eq!((low.dose.0, low.reason), (0.0, Reason::Less as u16));
    let mut patient = quiet().1;
    run(&predictive(), &mut raised, &mut patient, 180, |_, shown| seen(shown + 10.0));
    let deeper = before - patient.index();
    assert!((3.0..12.0).contains(&deeper), "{deeper}");
}

#[test]
fn what_was_not_delivered_is_not_counted() {
    let mut state = predictive().start(&settings());
    let settings = settings();
    for _ in 0..60 {
        // The pump gives nothing, whatever is wished for.
        state = predictive().step(&settings, &state, &seen(93.0)).0;
    }
    let (_, wish) = predictive().step(&settings, &state, &seen(93.0));
    assert_eq!(wish.effect_site.0, 0.0);
    assert!(wish.dose.0 > 0.0);
}

#[test]
fn a_jump_of_the_index_ends_the_calm_minutes() {
    let mut state = predictive().start(&settings());
    let mut patient = Patient::new(1.0);
    run(&predictive(), &mut state, &mut patient, 72, |_, shown| seen(shown));
    assert!(state.is_calm(predictive().parameters()));
    run(&predictive(), &mut state, &mut patient, 2, |_, shown| seen(shown + 20.0));
    assert!(!state.is_calm(predictive().parameters()));
    // It is taken for what it is: the person is not made deep for it.
    run(&predictive(), &mut state, &mut patient, 34, |_, shown| seen(shown + 20.0));
    let mut lowest = 100.0;
    run(&predictive(), &mut state, &mut patient, 60, |_, shown| {
        lowest = min(lowest, shown);
        seen(shown)
    });
    assert!(lowest > 35.0, "{lowest}");
}
