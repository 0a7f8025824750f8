use super::{LONGEST_MINUTES, Options, Schedule, simulate, write_csv};
use crate::ward::Cohort;
use proptest::prelude::*;

fn cohort() -> Cohort {
    Cohort::published()
}

fn run(text: &str, options: Options) -> String {
    let cohort = cohort();
    let schedule = Schedule::parse("in.csv", text, &cohort).unwrap();
    let mut table = Vec::new();
    write_csv(&cohort, &schedule, options, &mut table).unwrap();
    String::from_utf8(table).unwrap()
}

fn error(text: &str) -> String {
    Schedule::parse("in.csv", text, &cohort()).unwrap_err().to_string()
}

#[test]
fn a_subject_without_rows_of_insulin_keeps_its_basal() {
    let table = run("subject,minute\nadult#001,0\n", Options::default());
    let rows: Vec<&str> = table.lines().collect();
    assert_eq!(rows.len(), 1 + 289);
    assert_eq!(rows[0], "subject,minute,plasma_mg_dl,subcutaneous_mg_dl");
    assert_eq!(rows[1], "adult#001,0,138.56,138.56");
    let last: Vec<&str> = rows[289].split(',').collect();
    assert_eq!(last[1], "1440");
    assert!((last[2].parse::<f64>().unwrap() - 138.56).abs() < 1e-9);
}

#[test]
fn no_rows_mean_everyone() {
    let options = Options { minutes: Some(10), ..Options::default() };
    assert_eq!(run("subject,minute,meal_g\n", options).lines().count(), 1 + 30 * 3);
}

#[test]
fn rows_act_in_their_minute_whatever_their_order() {
    let options = Options { minutes: Some(200), every: 1, states: true };
    let sorted = "subject,minute,meal_g,bolus_u,basal_u_per_h\n\
        child#003,10,20,,\nchild#003,10,2.5,1,\nchild#003,60,,,0\n";
    let shuffled = "subject,minute,meal_g,bolus_u,basal_u_per_h\n\
        child#003,60,,,0\nchild#003,10,22.5,,\nchild#003,10,,1,\n";
    let table = run(sorted, options);
    assert_eq!(table, run(shuffled, options));
    let field = |minute: usize, column: usize| -> f64 {
        table.lines().nth(1 + minute).unwrap().split(',').nth(column).unwrap().parse().unwrap()
    };
    // Column 4 is x1, the solid in the stomach; column 14 is x11, the first depot.
    assert_eq!((field(10, 4), field(11, 4) > 4700.0), (0.0, true));
    assert!(field(15, 4) < field(14, 4) + 2600.0, "the last bite has 2.5 g");
    assert!(field(11, 14) > field(10, 14) + 100.0);
    assert!(field(100, 14) < field(60, 14));
}

#[test]
fn errors_name_line_column_and_expectation() {
    let head = "subject,minute,meal_g,bolus_u,basal_u_per_h\n";
    let of = |row: &str| error(&format!("{head}adult#001,0,,,\n{row}\n"));
    assert!(of("adult#099,0,,,").starts_with(
        "in.csv, line 3, column subject: expected a subject of the cohort, one of 30, the nearest"
    ));
    assert!(of("adult#001,-5,,,").contains("line 3, column minute: expected a whole number"));
    assert!(
        of("adult#001,1,ten,,").ends_with(
            "column meal_g: expected a number from 0 to 1000 g, or nothing, found \"ten\""
        )
    );
    assert!(of("adult#001,1,,-1,").contains("column bolus_u: expected a number from 0 to 300 U"));
    assert!(of("adult#001,1,,").contains("line 3: expected 5 fields as in the header, found 4"));
    assert!(of("adult#001,7,,,1\nadult#001,7,,,1").contains("line 4, column basal_u_per_h"));
    assert!(error("minute\n1\n").contains("column subject is missing"));
    assert!(error("subject,minute,carbs\n").contains("unknown column \"carbs\""));
    assert!(error("").contains("expected a header line"));
}

#[test]
fn no_field_holds_more_than_is_possible_alone_or_together() {
    let head = "subject,minute,meal_g,bolus_u,basal_u_per_h\n";
    let of = |rows: &str| error(&format!("{head}{rows}\n"));
    for (field, column) in [
        ("1e300,,", "meal_g: expected a number from 0 to 1000 g"),
        ("1000.5,,", "meal_g: "),
        ("-0.1,,", "meal_g: "),
        ("inf,,", "meal_g: "),
        ("nan,,", "meal_g: "),
        (",1e9,", "bolus_u: expected a number from 0 to 300 U"),
        (",-1,", "bolus_u: "),
        (",,-0.5", "basal_u_per_h: expected a number from 0 to 50 U/h"),
        (",,51", "basal_u_per_h: "),
    ] {
        let said = of(&format!("adult#001,1,{field}"));
        assert!(said.starts_with(&format!("in.csv, line 2, column {column}")), "{said}");
        assert!(said.ends_with(&format!("found \"{}\"", field.trim_matches(','))), "{said}");
    }
    let together = of("adult#001,1,600,,\nadult#001,2,600,,\nadult#001,1,600,,");
    assert!(together.starts_with("in.csv, line 4, column meal_g: "), "{together}");
    assert!(together.contains("for all rows of a minute together"), "{together}");
    assert!(of("adult#001,5256000,,,").contains("line 2, column minute: "));
    let ends = format!("{head}adult#001,5255999,1000,300,50\nadult#001,0,0,0,0\n");
    let schedule = Schedule::parse("in.csv", &ends, &cohort()).unwrap();
    assert_eq!(schedule.minutes(&Options::default()), LONGEST_MINUTES);
}

#[test]
fn an_error_is_short_whatever_the_file_holds() {
    let long = "y".repeat(1_000_000);
    for text in [
        format!("subject,minute\n{long},0\n"),
        format!("subject,minute\nadult#001,{long}\n"),
        format!("subject,{long}\n"),
        format!("subject,minute,{long}\n"),
        format!("{long},{long}\n"),
        format!("subject,minute,meal_g\nadult#001,1,{long}\n"),
    ] {
        let said = error(&text);
        assert!(said.len() < 400, "{} bytes: {said:.200}", said.len());
        assert!(said.contains('…'), "{said}");
    }
}

#[test]
fn rows_behind_the_end_are_counted() {
    let text = "subject,minute,meal_g\nadult#001,9,1\nadult#001,10,1\nadult#002,11,1\n";
    let schedule = Schedule::parse("in.csv", text, &cohort()).unwrap();
    let until = |minutes| schedule.unlived(&Options { minutes, ..Options::default() });
    assert_eq!((until(Some(10)), until(Some(12)), until(None)), (2, 0, 0));
}

#[test]
fn readings_come_minute_by_minute_and_the_first_error_stops_them() {
    let cohort = cohort();
    let text = "subject,minute\nchild#001,0\nadult#001,0\n";
    let schedule = Schedule::parse("in.csv", text, &cohort).unwrap();
    let mut seen = Vec::new();
    let stopped = simulate(&cohort, &schedule, Options::default(), |reading| {
        seen.push((reading.minute, reading.subject.to_owned()));
        if seen.len() == 5 { Err("full") } else { Ok(()) }
    });
    assert_eq!(stopped, Err("full"));
    let seen: Vec<(u32, &str)> = seen.iter().map(|(at, name)| (*at, name.as_str())).collect();
    let (adult, child) = ("adult#001", "child#001");
    assert_eq!(seen, [(0, adult), (0, child), (5, adult), (5, child), (10, adult)]);
}

#[test]
fn a_name_that_a_spreadsheet_would_calculate_stands_as_text() {
    let text = include_str!("../../data/s2008.csv").replace("adult#001", "=1+1");
    let cohort = Cohort::read(("p.csv", &text), None).unwrap();
    let schedule = Schedule::parse("in.csv", "subject,minute\n=1+1,0\n", &cohort).unwrap();
    let options = Options { minutes: Some(5), ..Options::default() };
    let mut table = Vec::new();
    write_csv(&cohort, &schedule, options, &mut table).unwrap();
    let table = String::from_utf8(table).unwrap();
    assert!(table.lines().skip(1).all(|row| row.starts_with("'=1+1,")), "{table}");
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC*") {
        let _ = Schedule::parse("in.csv", &text, &cohort());
        let _ = crate::s2008::read_subjects("p.csv", &text, Some(("q.csv", &text)));
        let _ = crate::hovorka::read_hovorka("h.csv", &text);
    }

    #[test]
    fn no_field_makes_the_reader_panic(
        fields in prop::collection::vec("[-+.0-9einfa#\",]{0,9}", 5),
    ) {
        let row = fields.join(",");
        let text = format!("subject,minute,meal_g,bolus_u,basal_u_per_h\nadult#001,{row}\n{row}\n");
        let _ = Schedule::parse("in.csv", &text, &cohort());
    }

    #[test]
    fn a_damaged_cohort_is_refused_or_gives_finite_days(
        line in 5_usize..35, column in 1_usize..30, field in "[-+.0-9e]{0,7}",
    ) {
        let damaged: Vec<String> = include_str!("../../data/s2008.csv")
            .lines()
            .enumerate()
            .map(|(index, text)| {
                let mut fields: Vec<&str> = text.split(',').collect();
                if let Some(place) = fields.get_mut(column).filter(|_| index == line) {
                    *place = &field;
                }
                fields.join(",")
            })
            .collect();
        if let Ok(cohort) = Cohort::read(("p.csv", &damaged.join("\n")), None) {
            let name = cohort.names().swap_remove(line.saturating_sub(6).min(29));
            let text = format!("subject,minute,meal_g,bolus_u\n{name},30,50,3\n");
            let schedule = Schedule::parse("in.csv", &text, &cohort).unwrap();
            let options = Options { minutes: Some(300), ..Options::default() };
            let mut finite = true;
            let Ok(()) = simulate(&cohort, &schedule, options, |reading| {
                finite &= reading.plasma.0.is_finite();
                Ok::<(), std::convert::Infallible>(())
            });
            prop_assert!(finite, "{name}");
        }
    }
}
