use super::*;
use crate::algorithm::{Person, Sex};
use crate::units::{Centimetres, Kilograms, Percent, Years};
use homeostat_numeric::{abs, ln};

fn settings() -> Settings {
    Settings {
        person: Person {
            age: Years(50.0),
            weight: Kilograms(70.0),
            height: Centimetres(170.0),
            sex: Sex::Female,
            opioids: false,
        },
        target: Index(50.0),
        period: Seconds(5.0),
        step: Milligrams(0.01),
        rate_most: MgPerSecond(10.0 / 3.0),
        effect_site: (UgPerMl(0.8), UgPerMl(6.0)),
        induction_most: Milligrams(175.0),
        deep: Index(30.0),
        suppressed: Percent(10.0),
    }
}

const P: PredictiveParameters = PredictiveParameters::REFERENCE;

/// A person who differs from the typical one, run through an hour of changing rates and observed
/// without noise.
fn observed(person: &Vector, extra_delay: usize) -> (Observer, Likeness) {
    let settings = settings();
    let model = Model::new(&settings, P);
    let own = model.compartments(person);
    let effect = model.effect(person);
    let step = Propagator::new(&own, model.period);
    let mut now = Concentrations::default();
    let mut shown = std::collections::VecDeque::from(std::vec![93.0; model.lag() + extra_delay]);
    let mut observer = Observer::start(&model);
    for period in 0..720 {
        let rate = match period {
            0..24 => 1.0,
            24..60 => 0.1,
            _ => [0.3, 0.15, 0.0, 0.25][period / 40 % 4],
        };
        now = step.advance(now, MgPerSecond(rate));
        shown.push_back(effect.at(now.effect()).index.0);
        let index = Index(shown.pop_front().unwrap_or(93.0));
        let sample = Some(Sample { index, weight: 1.0 });
        let early = Early { first: period < 36, calm: period < 120 };
        observer.period(&model, Milligrams(rate * 5.0), sample, early);
    }
    (
        observer,
        Likeness { compartments: own, outlook: Outlook::new(&own, model.period), effect, now },
    )
}

#[test]
fn an_unusual_person_is_recognised_by_what_he_shows() {
    let settings = settings();
    let model = Model::new(&settings, P);
    for (central, effect_site, half) in [(0.5, -0.6, 0.3), (-0.5, 0.5, -0.3), (0.8, 0.4, 0.0)] {
        let mut person = [0.0; SIZE];
        for (place, value) in [(CENTRAL, central), (EFFECT_SITE, effect_site), (HALF, half)] {
            person[place] = value;
        }
        let (observer, truth) = observed(&person, 0);
        let found = observer.likeness(&model);
        let ratio = |likeness: &Likeness| ln(likeness.now.effect_site / likeness.effect.half.0);
        // The effect is known well, and so is what makes it.
        let apart = ratio(&found) - ratio(&truth);
        assert!(abs(apart) < 0.05, "{apart} for {person:?}");
        let index = |likeness: &Likeness| likeness.effect.at(likeness.now.effect()).index.0;
        assert!(abs(index(&found) - index(&truth)) < 2.0);
    }
}

#[test]
fn a_longer_delay_is_noticed() {
    let (late, _) = observed(&[0.0; SIZE], 2);
    let (usual, _) = observed(&[0.0; SIZE], 0);
    assert!(late.delay().0 > usual.delay().0 + 0.5, "{} {}", late.delay(), usual.delay());
}

#[test]
fn pro_06_without_weight_the_model_runs_alone_and_returns_without_a_jump() {
    let settings = settings();
    let model = Model::new(&settings, P);
    let mut person = [0.0; SIZE];
    person[HALF] = 0.2;
    let (observer, _) = observed(&person, 0);
    let mut silent = observer;
    let mut absent = observer;
    let wild = Sample { index: Index(95.0), weight: 0.0 };
    for _ in 0..24 {
        let before = silent.likeness(&model);
        silent.period(&model, Milligrams(1.0), Some(wild), Early::default());
        absent.period(&model, Milligrams(1.0), None, Early::default());
        let after = silent.likeness(&model);
        // Open loop: exactly the model's own course, and nothing about the person changes.
        let alone = before.outlook.advance(before.now, MgPerSecond(0.2));
        assert!(abs(after.now.effect_site - alone.effect_site) < 1e-9);
        assert_eq!(after.compartments, before.compartments);
        assert_eq!(after.effect, before.effect);
    }
    assert_eq!(silent, absent);
    // The smaller the weight, the less one sample moves.
    let moved = |weight: f64| {
        let sample = Some(Sample { index: Index(70.0), weight });
        let mut next = silent;
        next.period(&model, Milligrams(1.0), sample, Early::default());
        abs(next.disturbance().0 - absent.disturbance().0)
    };
    assert!(
        moved(1.0) > moved(0.3) && moved(0.3) > moved(0.01) && moved(0.001) < 0.05 * moved(1.0)
    );
}

#[test]
fn a_more_sensitive_person_needs_less() {
    let settings = settings();
    let model = Model::new(&settings, P);
    let start = Observer::start(&model);
    let (mean, twin) = (start.likeness(&model), start.sensitive(&model, 2.0));
    let most = MgPerSecond(1_000.0);
    let rate = |person: &Likeness| {
        person.outlook.rate_to(&person.now, person.effect.concentration_for(Index(50.0)), most).0
    };
    assert!(twin.effect.half < mean.effect.half);
    assert!(twin.compartments.volumes[0] < mean.compartments.volumes[0]);
    assert!(rate(&twin) < 0.5 * rate(&mean), "{} {}", rate(&twin), rate(&mean));
    // What was learned makes the doubt smaller.
    let (observer, _) = observed(&[0.0; SIZE], 0);
    let (mean, twin) = (observer.likeness(&model), observer.sensitive(&model, 2.0));
    assert!(twin.effect.half.0 / mean.effect.half.0 > 0.8);
}

#[test]
fn the_line_is_as_long_as_the_delay_at_every_period() {
    for (age, period, expected) in
        [(40.0, 5.0, 5), (40.0, 1.0, 23), (88.0, 1.0, 110), (70.0, 2.0, 27)]
    {
        let mut settings = settings();
        settings.person.age = Years(age);
        settings.period = Seconds(period);
        let model = Model::new(&settings, P);
        assert_eq!(Observer::start(&model).line.len(), expected, "{age} years, {period} s");
    }
}
