use super::*;

/// Ten seconds of induction and ten of maintenance.
const INDEX: [f64; 20] = [
    90.0, 80.0, 70.0, 59.0, 54.0, 46.0, 44.0, 47.0, 49.0, 51.0, // induction
    50.0, 50.0, 55.0, 55.0, 60.0, 65.0, 40.0, 35.0, 29.0, 45.0, // maintenance
];

fn course(index: &[f64]) -> HypnosisCourse<'_> {
    HypnosisCourse {
        index,
        target: 50.0,
        first_stimulus: None,
        maintenance: 10,
        end: 20,
        drug_mg: 140.0,
        weight_kg: 70.0,
        rate_changes: 4,
    }
}

#[test]
fn pro_06_errors_by_hand() {
    let found = HypnosisSummary::of(&course(&INDEX)).expect("there is maintenance");
    // Errors in %: 0 0 10 10 20 30 -20 -30 -42 -10; sorted -42 -30 -20 -10 0 0 10 10 20 30.
    assert_eq!(found.median_error, 0.0);
    // Sizes sorted: 0 0 10 10 10 20 20 30 30 42.
    assert_eq!((found.median_absolute_error, found.wobble), (15.0, 15.0));
    // 50 50 55 55 60 40 45 are inside, 65 above, 35 and 29 below.
    assert_eq!((found.adequate, found.above, found.below), (70.0, 10.0, 20.0));
    assert!((found.global_score.expect("time inside") - 30.0 / 0.7).abs() < 1e-9);
    // Sizes over time: 0 0 10 10 20 30 20 30 42 10, mean 17.2; the sum over (t - 4.5)(size - 17.2) is
    // 262, that over (t - 4.5)^2 is 82.5.
    let sum: f64 = [0.0, 0.0, 10.0, 10.0, 20.0, 30.0, 20.0, 30.0, 42.0, 10.0]
        .iter()
        .enumerate()
        .map(|(second, size)| (second as f64 - 4.5) * (size - 17.2))
        .sum();
    assert!((sum - 262.0).abs() < 1e-9, "{sum}");
    assert!((found.divergence - 3_600.0 * 262.0 / 82.5).abs() < 1e-9);
}

#[test]
fn pro_06_depth_times_and_drug_by_hand() {
    let found = HypnosisSummary::of(&course(&INDEX)).expect("there is maintenance");
    assert_eq!((found.nadir, found.undershoot, found.lowest), (44.0, 1.0, 29.0));
    assert_eq!((found.ever_below_30, found.ever_below_20), (true, false));
    assert_eq!((found.asleep_s, found.reached_s), (Some(3.0), Some(4.0)));
    // 44 is the last that is more than 5 away; 59 the last but 70 more than 10 away.
    assert_eq!((found.settled_5_s, found.settled_10_s), (Some(7.0), Some(3.0)));
    assert_eq!(found.drug_mg_per_kg, 2.0);
    assert!((found.drug_mg_per_kg_h - 360.0).abs() < 1e-9);
    assert!((found.rate_changes_h - 720.0).abs() < 1e-9);
}

#[test]
fn pro_06_settling_ends_where_stimulation_begins() {
    let mut index = INDEX;
    index[9] = 70.0;
    let settled = |first_stimulus| {
        let found = HypnosisSummary::of(&HypnosisCourse { first_stimulus, ..course(&index) });
        let found = found.expect("there is maintenance");
        (found.settled_5_s, found.settled_10_s)
    };
    assert_eq!(settled(None), (None, None), "the rise is the controller's own");
    assert_eq!(settled(Some(9)), (Some(7.0), Some(3.0)), "the rise is the surgeon's");
    assert_eq!(settled(Some(15)), (None, None), "after induction a stimulus changes nothing");
    assert_eq!(settled(Some(0)), (None, None));
}

#[test]
fn what_never_happened_has_no_value() {
    let awake = [90.0; 20];
    let found = HypnosisSummary::of(&course(&awake)).expect("there is maintenance");
    assert_eq!((found.asleep_s, found.settled_10_s, found.global_score), (None, None, None));
    assert_eq!((found.adequate, found.above, found.median_error), (0.0, 100.0, 80.0));
    assert_eq!(HypnosisMeasure::GlobalScore.of(&found), None);
    let short = HypnosisCourse { index: &awake[..10], ..course(&awake) };
    assert_eq!(HypnosisSummary::of(&short), None);
}

#[test]
fn a_steady_course_is_perfect() {
    let steady = [50.0; 20];
    let found = HypnosisSummary::of(&course(&steady)).expect("there is maintenance");
    assert_eq!((found.median_absolute_error, found.wobble, found.divergence), (0.0, 0.0, 0.0));
    assert_eq!((found.global_score, found.adequate), (Some(0.0), 100.0));
    assert_eq!((found.nadir, found.undershoot, found.settled_5_s), (50.0, 0.0, Some(0.0)));
}

#[test]
fn measures_have_columns_of_their_own() {
    let columns: std::collections::BTreeSet<&str> =
        HypnosisMeasure::ALL.iter().map(|measure| measure.column()).collect();
    assert_eq!(columns.len(), HypnosisMeasure::ALL.len());
}
