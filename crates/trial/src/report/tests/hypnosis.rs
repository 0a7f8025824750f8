use super::super::hypnosis::HypnosisPatient;
use super::*;
use crate::metrics::HypnosisSummary;

fn arm(people: &[(f64, f64)]) -> HypnosisArm {
    let patient = |(number, (adequate, lowest)): (usize, &(f64, f64))| HypnosisPatient {
        subject: format!("person-{number}"),
        summary: HypnosisSummary { adequate: *adequate, lowest: *lowest, ..Default::default() },
        course: &[],
    };
    HypnosisArm::of("mpc", &people.iter().enumerate().map(patient).collect::<Vec<_>>())
}

#[test]
fn pro_06_the_worst_and_three_percentiles_are_shown_each_person_once() {
    let shown = |people: &[(f64, f64)]| -> Vec<(String, String)> {
        let arm = arm(people);
        let names = arm.shown().into_iter();
        names.map(|(why, subject)| (subject.subject.clone(), why)).collect()
    };
    let range = "of time in 40\u{2013}60";
    // A hundred and one persons with 0 to 100 %, and the deepest is the last of them.
    let many: Vec<(f64, f64)> =
        (0..=100).map(|share| (f64::from(share), if share == 100 { 10.0 } else { 35.0 })).collect();
    let four = [(100, "worst"), (1, "p1"), (10, "p10"), (50, "median")].map(|(number, why)| {
        let why = if why == "worst" { why.to_owned() } else { format!("{why} {range}") };
        (format!("person-{number}"), why)
    });
    assert_eq!(shown(&many), four);
    let one = format!("worst, p1 {range}, p10 {range}, median {range}");
    assert_eq!(shown(&[(70.0, 35.0)]), [("person-0".to_owned(), one)]);
    assert_eq!(shown(&[]), []);
}
