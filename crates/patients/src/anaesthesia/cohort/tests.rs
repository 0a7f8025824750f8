use super::*;
use homeostat_numeric::{abs, ln};

#[test]
fn all_thirteen_are_there_as_printed() {
    let (alone, surface) = (ionescu(), ionescu_surface());
    assert_eq!((alone.len(), surface.len()), (13, 13));
    let men: Vec<&str> = alone
        .iter()
        .filter(|subject| subject.person.sex() == Sex::Male)
        .map(|subject| subject.name.as_str())
        .collect();
    assert_eq!(men, ["ionescu#05", "ionescu#07", "ionescu#11"]);
    // The last is the mean of the twelve before, as far as it is rounded.
    let mean = |of: &dyn Fn(&AnaesthesiaSubject) -> f64| {
        let sum: f64 = alone.iter().take(12).map(of).sum();
        (sum / 12.0, of(&alone[12]))
    };
    for (found, printed, rounding) in [
        (mean(&|s| s.person.age().0), "age", 0.5),
        (mean(&|s| s.person.height().0), "height", 0.8),
        (mean(&|s| s.person.weight().0), "weight", 0.6),
        (mean(&|s| s.figures.index.propofol_half.0), "C50", 0.01),
        (mean(&|s| s.figures.index.steepness.0), "gamma", 0.02),
        (mean(&|s| s.figures.index.awake), "E0", 0.1),
    ] {
        let (mean, last) = found;
        assert!(abs(mean - last) <= rounding, "{printed}: {mean} against {last}");
    }
    let third = surface[2].figures.index;
    assert_eq!(
        (third.propofol_half, third.remifentanil_half),
        (UgPerMl(4.81), Some(NgPerMl(16.89)))
    );
    assert_eq!((third.steepness, third.interaction), ((1.18, 1.18), 0.14));
    assert_eq!((third.awake, third.depth), (93.66, 94.0));
    for subject in alone.iter().chain(&surface) {
        assert_eq!(subject.figures.delay.0, 0.0);
        assert!(subject.overridden.is_empty() && subject.figures.index.impossible().is_none());
        assert_eq!(subject.figures.propofol.volumes[0], Litres(4.27));
    }
}

#[test]
fn sim_14_cohorts_repeat_and_their_beginnings_agree() {
    for population in [Population::Adults, Population::Elderly, Population::Children] {
        let few = sample(population, false, 10, Seed(7));
        let many = sample(population, false, 40, Seed(7));
        assert_eq!(few, many[..10]);
        assert_eq!(many.len(), 40);
        assert_ne!(few, sample(population, false, 10, Seed(8)));
        assert_eq!(few[0].name, format!("{}#001", population.prefix()));
    }
}

#[test]
fn sim_04_every_population_has_its_ages_and_possible_people() {
    for (population, youngest, oldest) in [
        (Population::Adults, 18.0, 70.0),
        (Population::Elderly, 70.0, 85.0),
        (Population::Children, 2.0, 18.0),
    ] {
        for opioids in [false, true] {
            let people = sample(population, opioids, 300, Seed(1));
            assert_eq!(people.len(), 300, "{population:?}");
            let women = people.iter().filter(|s| s.person.sex() == Sex::Female).count();
            assert!((110..=190).contains(&women), "{women}");
            for subject in &people {
                let age = subject.person.age().0;
                assert!(age >= youngest && age <= oldest, "{age}");
                assert!(subject.overridden.is_empty());
                assert!(subject.figures.propofol.impossible().is_none());
                let remifentanil = subject.figures.remifentanil.unwrap();
                assert!(remifentanil.impossible().is_none());
                assert!(subject.figures.index.impossible().is_none());
                assert_eq!(subject.figures.index.remifentanil_half.is_some(), opioids);
                assert!(subject.figures.pressor.is_some());
            }
        }
    }
}

/// Deviation of the logarithm of a figure about the typical one.
fn deviation(people: &[AnaesthesiaSubject], of: impl Fn(&AnaesthesiaSubject) -> f64) -> f64 {
    let values: Vec<f64> = people.iter().map(of).collect();
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    assert!(abs(mean) < 0.035, "mean {mean}");
    sqrt(values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count)
}

#[test]
fn sim_04_adults_vary_with_the_published_deviations_and_not_with_their_roots() {
    let people = sample(Population::Adults, false, 3000, Seed(2));
    let typical = |subject: &AnaesthesiaSubject| {
        let own =
            AnaesthesiaSubject::typical("typical", subject.person, subject.models).unwrap().figures;
        (own.propofol, own.index.propofol_half.0)
    };
    let volume = |place: usize| {
        move |s: &AnaesthesiaSubject| {
            ln(s.figures.propofol.volumes[place].0 / typical(s).0.volumes[place].0)
        }
    };
    let clearance = |place: usize| {
        move |s: &AnaesthesiaSubject| {
            ln(s.figures.propofol.clearances[place].0 / typical(s).0.clearances[place].0)
        }
    };
    let found = [
        deviation(&people, volume(0)),
        deviation(&people, volume(1)),
        deviation(&people, volume(2)),
        deviation(&people, clearance(0)),
        // Beside their own variation Q2 and Q3 go with V2 and V3.
        deviation(&people, |s| clearance(1)(s) - 0.75 * volume(1)(s)),
        deviation(&people, |s| clearance(2)(s) - 0.75 * volume(2)(s)),
        deviation(&people, |s| ln(s.figures.propofol.effect_site.0 / typical(s).0.effect_site.0)),
        deviation(&people, |s| ln(s.figures.index.propofol_half.0 / typical(s).1)),
    ];
    let expected = [0.610, 0.565, 0.597, 0.265, 0.346, 0.209, 0.702, 0.242];
    // The variances of the model's control stream.
    let variances = [
        0.372_531,
        0.319_203,
        0.356_362,
        0.070_221_6,
        0.119_98,
        0.043_600_6,
        0.492_493,
        0.058_412_7,
    ];
    for ((found, expected), variance) in found.into_iter().zip(expected).zip(variances) {
        assert!(abs(found / expected - 1.0) < 0.05, "{found} against {expected}");
        assert!(abs(expected * expected / variance - 1.0) < 0.006, "{expected}");
    }
}
