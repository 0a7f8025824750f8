use super::*;

fn analysis() -> AnalysisReport {
    let mut text = "id,time,gl\n".to_owned();
    for step in 0..600_i64 {
        let (day, minute) = (step / 288 + 3, step % 288 * 5);
        let (hour, rest) = (minute / 60, minute % 60);
        text.push_str(&format!("<A>,2025-03-{day:02} {hour:02}:{rest:02},{}\n", 90 + step % 100));
    }
    text.push_str("B,2025-03-03 00:00,100\nB,2025-03-03 00:05,oops\n");
    let export = read_export("file.csv", text.as_bytes(), &Options::default()).expect("readable");
    let rejection = Some(Rejection { rule: "jump".to_owned(), text: "too fast".to_owned() });
    let verdicts = [None, rejection.clone(), rejection];
    AnalysisReport {
        title: "Glucose report".to_owned(),
        source: SourceFacts::of("file.csv", &export, "0.1.0", "homeostat analyse file.csv"),
        subjects: export.subjects.iter().map(|t| AnalysisSubject::of(t, &verdicts)).collect(),
        notes: Vec::new(),
        unusable: export.unusable,
    }
}

#[test]
fn analyse_counts_rejections_by_rule_and_keeps_every_reading_in_the_measures() {
    let report = analysis();
    let [first, second] = report.subjects.as_slice() else { panic!("two subjects") };
    assert_eq!((first.accepted, first.rejected.len()), (598, 1));
    assert_eq!(first.rejected[0].count, 2);
    assert_eq!(first.rejected[0].examples[0], "2025-03-03T00:05:00 (line 3)");
    assert_eq!(first.summary.as_ref().map(|s| s.readings), Some(600));
    assert_eq!((second.accepted, second.rejected.len()), (1, 0));
    assert_eq!(first.period.as_ref().map(|p| p.1.as_str()), Some("2025-03-05 01:55"));
}

#[test]
fn analyse_splits_days_at_local_midnight() {
    let report = analysis();
    let days = &report.subjects[0].days;
    let seen: Vec<(&str, usize, usize)> =
        days.iter().map(|day| (day.date.as_str(), day.weekday, day.readings.len())).collect();
    // 3 March 2025 is a Monday.
    assert_eq!(seen, [("2025-03-03", 0, 288), ("2025-03-04", 1, 288), ("2025-03-05", 2, 24)]);
}

#[test]
fn analyse_page_is_self_contained_and_shows_what_was_not_used() {
    let report = analysis();
    let page = analysis_page(&report);
    self_contained(&page);
    assert!(page.contains("&lt;A&gt;") && !page.contains("<A>"));
    assert!(page.contains("598 of 600 readings"));
    assert!(page.contains("no readable glucose value"));
    assert!(page.contains("homeostat analyse file.csv"));
    let text = analysis_text(&report);
    assert!(text.contains("1 rows without a reading: no readable glucose value"), "{text}");
    assert_eq!(analysis_page(&analysis()), page);
}

#[test]
fn analyse_calls_a_guessed_unit_a_guess_in_every_form() {
    let guess =
        "guessed from the range of the values; nothing in the file says it, --units settles it";
    let report = analysis();
    assert!(
        analysis_text(&report).starts_with(&format!("plain CSV, glucose in mg/dL: {guess}\n\n"))
    );
    let page = analysis_page(&report);
    assert!(page.contains("mg/dL (a guess)") && page.contains("The unit is a guess: mg/dL. "));
    assert!(page.contains(guess));
    let json = serde_json::to_value(&report).expect("finite");
    assert_eq!(json["source"]["unit"], "mg/dL");
    assert_eq!(json["source"]["unit_guessed"], true);
    assert_eq!(json["source"]["unit_known"], guess);
    for (header, options, known) in [
        ("glucose mg/dL", Options::default(), "as the file says"),
        (
            "glucose",
            Options { unit: Some(crate::exports::Unit::MgDl), date_order: None },
            "as told with --units",
        ),
    ] {
        let text = format!("time,{header}\n2025-01-01 00:00,100\n");
        let export = read_export("f", text.as_bytes(), &options).expect("readable");
        let sure = AnalysisReport { source: SourceFacts::of("f", &export, "0", "c"), ..analysis() };
        assert!(!sure.source.unit_guessed);
        assert!(!analysis_page(&sure).contains("a guess"));
        assert!(
            analysis_text(&sure).starts_with(&format!("plain CSV, glucose in mg/dL: {known}\n"))
        );
    }
}
