use super::*;

#[test]
fn sim_14_equal_reports_give_equal_bytes_in_every_form() {
    let (one, two) = (report(), report());
    assert_eq!(trial_page(&one), trial_page(&two));
    assert_eq!(results_json(&one).expect("finite"), results_json(&two).expect("finite"));
    assert_eq!(subjects_csv(&one), subjects_csv(&two));
}

#[test]
fn sim_13_groups_are_means_over_patients_with_the_worst_named() {
    let arm = arm("mpc", 110.0);
    let names: Vec<&str> = arm.groups.iter().map(|group| group.group.as_str()).collect();
    assert_eq!(names, ["adults", "children"]);
    let adults = &arm.groups[0];
    assert_eq!((adults.patients, adults.patients_below_54), (2, 0));
    // Bases 110 and 150 with a saw of 0 to 23 on top: means 121.5 and 161.5.
    assert!((adults.mean.mg_dl() - 141.5).abs() < 1e-9);
    assert_eq!(adults.ranges.target.get(), 100.0);
    // The child starts at 70: in range throughout, lowest of all.
    assert_eq!(arm.everyone.least_target.get(), 100.0);
    assert_eq!(arm.worst().len(), 3);
    let low = GlucoseArm::of("x", &[patient("a", "g", 150.0), patient("b", "g", 40.0)]);
    let low = low.expect("rising times");
    assert_eq!(low.worst()[0].subject, "b");
    assert_eq!(low.everyone.patients_below_54, 1);
    assert!((low.everyone.most_below_54.get() - 100.0 * 14.0 / 24.0).abs() < 1e-9);
    assert!((low.everyone.ranges.very_low.get() - 50.0 * 14.0 / 24.0).abs() < 1e-9);
}

#[test]
fn sim_13_the_worst_patient_has_most_time_below_54_before_70() {
    // Saw from 50: 4 of 24 readings below 54, 20 below 70. The other: every fourth is 45.
    let often_low = patient("often-low", "adults", 50.0);
    let mut deeply_low = patient("deeply-low", "adults", 100.0);
    for (_, glucose) in deeply_low.readings.iter_mut().step_by(4) {
        *glucose = Glucose::from_mg_dl(45.0);
    }
    let arm = GlucoseArm::of("mpc", &[often_low, deeply_low]).expect("rising times");
    assert_eq!(arm.worst()[0].subject, "deeply-low");
}

#[test]
fn sim_13_a_patient_whose_times_do_not_rise_is_named() {
    let mut broken = patient("adult-09", "adults", 100.0);
    broken.readings.swap(3, 4);
    let error = GlucoseArm::of("mpc", &[broken]).expect_err("times do not rise");
    assert_eq!(error, ("adult-09".to_owned(), SeriesError::NotLater { index: 4 }));
    let mut empty = patient("adult-10", "adults", 100.0);
    empty.readings.clear();
    assert_eq!(GlucoseArm::of("mpc", &[empty]).map(|arm| arm.subjects.len()), Ok(0));
}

#[test]
fn trial_page_is_self_contained_and_names_are_escaped() {
    let page = trial_page(&report());
    self_contained(&page);
    assert!(page.contains("A trial &lt;of&gt; &amp; things"));
    assert!(!page.contains("<b>\""));
    assert!(page.contains("homeostat trial --seed 7"));
    assert!(page.contains("Passed: 1 of 1 required criteria"));
    for id in
        ["arms", "ranges", "profiles", "grid", "risk", "cohort", "patients", "criteria", "hazards"]
    {
        assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
    }
}

#[test]
fn trial_fails_when_a_required_row_fails() {
    let mut report = report();
    assert!(report.passed());
    report.criteria[0].passed = false;
    assert!(!report.passed());
    assert!(trial_page(&report).contains("Not passed: 1 of 1 required criteria failed"));
    assert!(headline_text(&report).contains("FAIL"));
}

#[test]
fn trial_results_read_back() {
    let text = results_json(&report()).expect("finite");
    let back: TrialReport = serde_json::from_str(&text).expect("own JSON");
    assert_eq!(back.run, report().run);
    assert_eq!(back.criteria, report().criteria);
    assert_eq!(results_json(&back).expect("finite"), text);
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(value["outcome"]["therapy"], "glucose");
}

#[test]
fn trial_subjects_csv_has_a_row_a_patient_and_quotes_names() {
    let text = subjects_csv(&report());
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let head = reader.headers().expect("header").clone();
    let rows: Vec<csv::StringRecord> =
        reader.records().map(|row| row.expect("even rows")).collect();
    assert_eq!(rows.len(), 6);
    let column = |name: &str| head.iter().position(|found| found == name).expect("column");
    assert_eq!(&rows[2][column("subject")], "child, \"01\" <b>");
    assert_eq!(&rows[0][column("arm")], "open-loop");
    assert_eq!(&rows[0][column("mean_mg_dl")], "161.500000");
    assert_eq!(&rows[0][column("in_70_180_pct")], "100.000000");
    assert_eq!(&rows[0][column("cvga_zone")], "A");
    assert_eq!(&rows[0][column("insulin_units_per_day")], "40.000000");
}

#[test]
fn trial_subjects_csv_has_no_formula_in_a_text_and_leaves_numbers_alone() {
    for (name, field) in
        [("=1+1", "'=1+1"), ("@x", "'@x"), ("+1", "'+1"), ("-1", "'-1"), ("\ta", "'\ta")]
    {
        let arm = GlucoseArm::of("mpc", &[patient(name, "adults", 100.0)]).expect("rising times");
        let outcome = Outcome::Glucose(GlucoseOutcome { arms: vec![arm] });
        let text = subjects_csv(&TrialReport { outcome, ..report() });
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let row = reader.records().next().expect("a row").expect("an even row");
        assert_eq!((&row[0], &row[1]), ("mpc", field));
        assert!(row.iter().skip(4).all(|cell| !cell.starts_with('\'')), "{text}");
    }
}

#[test]
fn trial_headline_is_aligned() {
    let text = headline_text(&report());
    let expected = "\
arm               group                n  TIR %  <70 %  <54 %  >180 %  >250 %  mean  CV %  worst TIR
----------------------------------------------------------------------------------------------------
Open loop         adults (specimen)    2   50.0      0      0    50.0       0   182     4          0
                  children (specimen)  1  100.0      0      0       0       0   122     6      100.0
                  all                  3   66.7      0      0    33.3       0   162     4          0
Model-predictive  adults (specimen)    2  100.0      0      0       0       0   142     5      100.0
                  children (specimen)  1  100.0      0      0       0       0    82     9      100.0
                  all                  3  100.0      0      0       0       0   122     6      100.0

            criterion  required  reached
----------------------------------------
pass        below 54   0 %       0.1 %
aim missed  in range   0 %       0.1 %
";
    assert_eq!(text, expected, "\n{text}");
}
