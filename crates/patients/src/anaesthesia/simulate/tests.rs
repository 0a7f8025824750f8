use super::*;
use crate::anaesthesia::cohort::ionescu;
use crate::anaesthesia::read_anaesthesia_subjects;
use crate::anaesthesia::validity::Limits;
use proptest::prelude::*;

fn table(
    cohort: &[AnaesthesiaSubject],
    text: &str,
    options: &InfusionOptions,
    states: bool,
) -> String {
    let schedule = InfusionSchedule::parse("in.csv", text, cohort).unwrap();
    let mut bytes = Vec::new();
    write_infusions_csv(cohort, &schedule, options, states, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn error(text: &str) -> String {
    InfusionSchedule::parse("in.csv", text, &ionescu()).unwrap_err().to_string()
}

const HEADER: &str =
    "subject,second,propofol_mg_per_s,remifentanil_ug_per_s,norepinephrine_ug_per_s\n";

#[test]
fn sim_02_the_reference_man_has_his_golden_course() {
    let cohort = "subject,age,sex,height,weight\nreference,35,male,170,70\n";
    let cohort = read_anaesthesia_subjects("c.csv", cohort, Limits::Keep).unwrap();
    let rows = format!(
        "{HEADER}reference,0,2.3,,\nreference,60,0.15,0.1,\nreference,600,0.12,,0.05\n\
         reference,900,,0,0\n"
    );
    let options = InfusionOptions { seconds: Some(1200), every: 60, ..InfusionOptions::default() };
    let found = table(&cohort, &rows, &options, true);
    // By small Runge-Kutta steps of the same equations, written apart from this crate.
    let golden = include_str!("golden.csv");
    let (head, golden_head) = (found.lines().next(), golden.lines().next());
    assert_eq!(head, golden_head.map(|names| format!("subject,{names}")).as_deref());
    assert_eq!(found.lines().count(), golden.lines().count());
    let columns: Vec<&str> = golden_head.unwrap().split(',').collect();
    for (found, golden) in found.lines().zip(golden.lines()).skip(1) {
        let found: Vec<&str> = found.split(',').skip(1).collect();
        for ((found, golden), column) in found.iter().zip(golden.split(',')).zip(&columns) {
            let [found, golden] = [*found, golden].map(|text| text.parse::<f64>().unwrap());
            // The circulation is stepped once a second; the rest is exact.
            let within = match *column {
                "map_mmhg" | "heart_rate_per_min" => 0.005,
                "cardiac_output_l_per_min" => 0.000_5,
                _ => 1e-9 * golden,
            };
            let apart = homeostat_numeric::abs(found - golden);
            assert!(apart <= within, "{column}: {found} against {golden}");
        }
    }
}

#[test]
fn rows_act_from_their_second_whatever_their_order() {
    let cohort = ionescu();
    let options = InfusionOptions { seconds: Some(120), ..InfusionOptions::default() };
    let sorted = format!(
        "{HEADER}ionescu#03,10,2,0.2,\nionescu#03,40,0.5,,\nionescu#03,60,,0,\nionescu#05,0,1,,\n"
    );
    let shuffled = format!(
        "{HEADER}ionescu#05,0,1,,\nionescu#03,60,,0,\nionescu#03,40,0.5,,\nionescu#03,10,2,,\n\
         ionescu#03,10,,0.2,\n"
    );
    let found = table(&cohort, &sorted, &options, false);
    assert_eq!(found, table(&cohort, &shuffled, &options, false));
    let field = |second: usize, column: usize| -> f64 {
        found.lines().nth(1 + second).unwrap().split(',').nth(column).unwrap().parse().unwrap()
    };
    assert_eq!(found.lines().count(), 1 + 2 * 121);
    assert_eq!((field(10, 2), field(11, 2) > 0.4, field(10, 1)), (0.0, true, 10.0));
    assert!(field(40, 2) > field(50, 2));
    assert!(field(60, 4) > field(70, 4));
}

#[test]
fn no_rows_mean_everyone_without_drugs() {
    let options = InfusionOptions { seconds: Some(600), every: 300, ..InfusionOptions::default() };
    let found = table(&ionescu(), "subject,second\n", &options, false);
    assert_eq!(found.lines().count(), 1 + 13 * 3);
    let rows: Vec<Vec<&str>> = found.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows[0].len(), 12);
    assert_eq!(rows[3][..4], ["ionescu#01", "600", "0", "0"]);
    assert_eq!((rows[3][7], rows[3][8]), ("98.8", "98.8"));
}

#[test]
fn the_length_is_the_hour_of_the_last_row_or_as_asked() {
    let cohort = ionescu();
    let rows = "subject,second,propofol_mg_per_s\nionescu#01,3599,1\nionescu#02,4000,1\n";
    let schedule = InfusionSchedule::parse("in.csv", rows, &cohort).unwrap();
    let options = InfusionOptions::default();
    assert_eq!((schedule.seconds(&options), schedule.unlived(&options)), (7200, 0));
    let short = InfusionOptions { seconds: Some(3600), ..options };
    assert_eq!((schedule.seconds(&short), schedule.unlived(&short)), (3600, 1));
    let long = InfusionOptions { seconds: Some(u32::MAX), ..options };
    assert_eq!(schedule.seconds(&long), LONGEST_SECONDS);
}

#[test]
fn a_monitor_and_a_stimulus_show() {
    let cohort = ionescu();
    let rows = "subject,second\nionescu#01,0\n";
    let options = InfusionOptions {
        seconds: Some(700),
        monitor: Some(MonitorModel::NOISY),
        stimulus: Profile::Struys,
        ..InfusionOptions::default()
    };
    let found = table(&cohort, rows, &options, true);
    assert_eq!(found, table(&cohort, rows, &options, true));
    assert_ne!(found, table(&cohort, rows, &InfusionOptions { seed: Seed(2), ..options }, true));
    let head: Vec<&str> = found.lines().next().unwrap().split(',').collect();
    assert_eq!(head.len(), 21);
    assert!(found.lines().all(|line| line.split(',').count() == 21));
    let row: Vec<&str> = found.lines().nth(1 + 650).unwrap().split(',').collect();
    // Awake at 98.8 and 20 more is held at 100.
    assert_eq!(row[7], "100");
    assert_ne!(row[17], row[7]);
}

#[test]
fn errors_name_line_column_and_expectation() {
    let of = |row: &str| error(&format!("{HEADER}ionescu#01,0,,,\n{row}\n"));
    assert!(of("ionescu#99,0,,,").starts_with(
        "in.csv, line 3, column subject: expected a subject of the cohort, one of 13, the nearest"
    ));
    for wrong in ["-5", "1.5", "604800", "", "NaN"] {
        let words = of(&format!("ionescu#01,{wrong},,,"));
        assert!(words.contains("column second: expected a whole number of seconds"), "{words}");
    }
    let range = "column propofol_mg_per_s: expected a number from 0 to 50 mg/s, or nothing";
    // 150 is what a rate in ug/kg/min looks like.
    for wrong in ["-1", "NaN", "inf", "1e300", "150", "fast"] {
        assert!(of(&format!("ionescu#01,1,{wrong},,")).contains(range), "{wrong}");
    }
    assert!(of("ionescu#01,1,,51,").contains("column remifentanil_ug_per_s"));
    assert!(of("ionescu#01,1,,,11").contains("column norepinephrine_ug_per_s"));
    assert!(of("ionescu#01,7,1,,\nionescu#01,7,2,,").contains("line 4, column propofol_mg_per_s"));
    assert!(of("ionescu#01,7,1,").contains("line 3: expected 5 fields as in the header, found 4"));
    assert!(error("second\n1\n").contains("column subject is missing"));
    assert!(error("subject,second,propofol_ml_per_h\n").contains("unknown column"));
    let twice = "subject,second,propofol_mg_per_s,propofol_mg_per_s\n";
    assert!(error(twice).contains("both named"));
    assert!(error("").contains("expected a header line"));
    let cohort = "subject,age,sex,height,weight,remifentanil_model\nme,35,m,170,70,none\n";
    let cohort = read_anaesthesia_subjects("c.csv", cohort, Limits::Keep).unwrap();
    let rows = format!("{HEADER}me,0,1,0,\nme,5,,0.1,\n");
    let words = InfusionSchedule::parse("in.csv", &rows, &cohort).unwrap_err().to_string();
    assert!(
        words.contains("line 3, column remifentanil_ug_per_s: expected 0 or nothing"),
        "{words}"
    );
}

#[test]
fn an_error_of_the_reader_ends_it_at_once() {
    let cohort = ionescu();
    let schedule = InfusionSchedule::parse("in.csv", "subject,second\n", &cohort).unwrap();
    let mut taken = 0;
    let ended = simulate_infusions(&cohort, &schedule, &InfusionOptions::default(), |reading| {
        taken += 1;
        if reading.second == 5 { Err("full") } else { Ok(()) }
    });
    assert_eq!((ended, taken), (Err("full"), 6));
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC*") {
        let _ = InfusionSchedule::parse("in.csv", &text, &ionescu());
    }

    #[test]
    fn no_field_makes_the_reader_panic(
        fields in prop::collection::vec("[-+.0-9einfa#\",]{0,9}", 4),
    ) {
        let row = fields.join(",");
        let text = format!("{HEADER}ionescu#01,{row}\nionescu#01,{row}\n");
        let _ = InfusionSchedule::parse("in.csv", &text, &ionescu());
    }
}
