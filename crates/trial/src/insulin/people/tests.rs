use super::*;

fn told(control: Control) -> Instructions {
    Instructions {
        control,
        announced: true,
        carbohydrate_ratio: 10.0,
        correction_factor: 40.0,
        basal: 1.0,
        step: 0.001,
        request_max: Steps(6_000),
    }
}

fn shows(phase: Phase) -> Decision {
    Decision { phase, authority: Authority::Full, ..Decision::default() }
}

fn actions(list: &List<PersonAction, PERSON_ACTIONS_MAX>) -> Vec<Action> {
    list.iter().map(|person| person.action).collect()
}

#[test]
fn the_bolus_is_the_published_calculators() {
    let told = told(Control::OpenLoop);
    assert_eq!(calculated_bolus(50.0, Some(150.0), &told), 5.0);
    assert_eq!(calculated_bolus(50.0, Some(180.0), &told), 6.0);
    assert_eq!(calculated_bolus(50.0, None, &told), 5.0);
}

#[test]
fn a_large_bolus_comes_in_parts_and_a_refused_one_is_halved() {
    let meal = Announced { at: Span::ZERO, carbohydrate_g: 70.0, with_bolus: true };
    let mut people = People::new(told(Control::OpenLoop), vec![meal]);
    let first = actions(&people.act(Span::ZERO, &shows(Phase::Manual), None));
    assert!(first.contains(&Action::Request { channel: 0, steps: Steps(6_000) }), "{first:?}");
    let mut refused = shows(Phase::Manual);
    refused.refused[0] = Some(Refusal::Bound(homeostat_record::Limit::CycleMax));
    let second = actions(&people.act(Span::from_minutes(5), &refused, None));
    assert!(second.contains(&Action::Request { channel: 0, steps: Steps(3_000) }), "{second:?}");
    let third = actions(&people.act(Span::from_minutes(15), &shows(Phase::Manual), None));
    assert!(third.contains(&Action::Request { channel: 0, steps: Steps(1_000) }), "{third:?}");
}

#[test]
fn they_bring_the_device_from_off_to_the_loop() {
    let mut people = People::new(told(Control::Mpc), Vec::new());
    let mut act =
        |minute, phase| actions(&people.act(Span::from_minutes(minute), &shows(phase), None));
    assert_eq!(act(0, Phase::Off), [Action::Choose(Phase::SelfTest)]);
    assert!(act(5, Phase::SelfTest).is_empty());
    assert_eq!(act(10, Phase::Standby)[0], Action::Choose(Phase::Manual));
    let start = [Action::Reconcile, Action::Choose(Phase::Automatic)];
    assert!(act(15, Phase::Manual).ends_with(&start));
    assert!(act(20, Phase::Automatic).is_empty());
}

#[test]
fn an_open_loop_is_never_made_automatic() {
    let mut people = People::new(told(Control::OpenLoop), Vec::new());
    for minute in 0..100 {
        let acts =
            actions(&people.act(Span::from_minutes(minute * 5), &shows(Phase::Manual), None));
        assert!(!acts.contains(&Action::Choose(Phase::Automatic)));
    }
}

#[test]
fn a_manual_rate_of_part_steps_carries_its_remainder() {
    let coarse = Instructions { step: 0.05, ..told(Control::OpenLoop) };
    let mut people = People::new(coarse, Vec::new());
    let (mut given, mut rate) = (0, 0);
    for cycle in 0..12 {
        let acts = people.act(Span::from_minutes(cycle * 5), &shows(Phase::Manual), None);
        for act in actions(&acts) {
            if let Action::SetManual { steps, .. } = act {
                rate = steps.0;
            }
        }
        given += rate;
    }
    assert_eq!(given, 20, "1 U in an hour is twenty steps of 0.05 U");
}

/// A manual rate is forgotten by the device when it leaves the phase: people who did not set it again
/// left a patient without insulin for hours.
#[test]
fn they_set_the_manual_rate_each_time_that_they_take_over() {
    let told = Instructions { basal: 0.012, ..told(Control::Mpc) };
    let mut people = People::new(told, Vec::new());
    let mut sets = |minute, phase| {
        let acts = actions(&people.act(Span::from_minutes(minute), &shows(phase), None));
        acts.iter().any(|action| matches!(action, Action::SetManual { .. }))
    };
    assert!(sets(0, Phase::Standby));
    assert!(!sets(5, Phase::Manual), "it stands");
    assert!(!sets(10, Phase::SelfTest));
    assert!(sets(15, Phase::Manual));
}
