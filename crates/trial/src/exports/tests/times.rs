//! Order, repeats, gaps and clocks.

use super::*;

fn plain(rows: &[(&str, u32)]) -> Export {
    let mut text = "time,glucose\n".to_owned();
    for (time, value) in rows {
        text.push_str(&format!("{time},{value}\n"));
    }
    read(&text)
}

fn notes(export: &Export) -> String {
    export.subjects[0].notes.iter().map(|note| format!("{:?} {}\n", note.line, note.text)).collect()
}

#[test]
fn analyse_sets_repeats_aside_and_says_so() {
    let export = plain(&[
        ("2025-01-01 00:00", 100),
        ("2025-01-01 00:00", 100),
        ("2025-01-01 00:05", 101),
        ("2025-01-01 00:05", 140),
    ]);
    assert_eq!(tenths(&export.subjects[0]), [1000, 1010]);
    let listed: Vec<(u64, Defect)> =
        export.unusable.rows.iter().map(|row| (row.line, row.defect)).collect();
    assert_eq!(listed, [(3, Defect::Repeated), (5, Defect::OtherValueAtSameTime)]);
    assert!(notes(&export).contains("2 rows for a time already read"));
}

#[test]
fn analyse_turns_a_newest_first_file_round() {
    let export =
        plain(&[("2025-01-01 00:10", 102), ("2025-01-01 00:05", 101), ("2025-01-01 00:00", 100)]);
    assert_eq!(tenths(&export.subjects[0]), [1000, 1010, 1020]);
    assert!(notes(&export).contains("newest first"));
}

#[test]
fn analyse_sorts_rows_that_jump_about_and_says_so() {
    let export = plain(&[
        ("2025-01-01 00:00", 100),
        ("2025-01-01 00:10", 102),
        ("2025-01-01 00:05", 101),
        ("2025-01-01 00:15", 103),
    ]);
    assert_eq!(tenths(&export.subjects[0]), [1000, 1010, 1020, 1030]);
    assert!(notes(&export).contains("out of time order"));
}

#[test]
fn analyse_keeps_the_wall_clock_when_summer_time_ends() {
    let export = plain(&[
        ("2025-10-26 02:50", 100),
        ("2025-10-26 02:55", 101),
        ("2025-10-26 02:00", 102),
        ("2025-10-26 02:05", 103),
    ]);
    let trace = &export.subjects[0];
    assert_eq!(minutes(trace), [0, 5, 10, 15]);
    assert_eq!(trace.readings[2].time_of_day(), Seconds(2 * 3600));
    assert!(notes(&export).contains("Some(4) the wall clock went back by 60 min"));
}

#[test]
fn analyse_follows_offsets_that_change() {
    let export = plain(&[
        ("2025-03-30T01:55:00+01:00", 100),
        ("2025-03-30T03:00:00+02:00", 101),
        ("2025-03-30T01:05:00Z", 102),
    ]);
    let trace = &export.subjects[0];
    assert_eq!(minutes(trace), [0, 5, 10]);
    assert_eq!(trace.readings[1].time_of_day(), Seconds(3 * 3600));
    let notes = notes(&export);
    assert!(notes.contains("forward by 60 min") && notes.contains("back by 120 min"), "{notes}");
}

#[test]
fn analyse_counts_gaps() {
    let export = plain(&[
        ("2025-01-01 00:00", 100),
        ("2025-01-01 03:30", 101),
        ("2025-01-01 03:35", 101),
        ("2025-01-02 03:35", 101),
    ]);
    assert!(notes(&export).contains("Some(3) 2 gaps of more than 3 h, the longest 24 h"));
}

#[test]
fn analyse_reads_times_in_the_shapes_that_programs_write() {
    use super::clock::{Written, read_time};
    for (text, local) in [
        ("2025-02-03T04:05:06", "2025-02-03T04:05:06"),
        ("2025/02/03 04:05", "2025-02-03T04:05:00"),
        ("2025-02-03 4:05:06.789", "2025-02-03T04:05:06"),
        ("2025-02-03T04:05:06.789Z", "2025-02-03T04:05:06"),
        ("2025-02-03T04:05:06-0530", "2025-02-03T04:05:06"),
        ("2025-02-03 12:05 AM", "2025-02-03T00:05:00"),
    ] {
        let Some(Written::Sure(time)) = read_time(text) else { panic!("{text} is a time") };
        assert_eq!(time.local.to_string(), local);
    }
    for text in [
        "",
        "2025-02-30 04:05",
        "2025-02-03",
        "2025-02-03 25:00",
        "2025-02-03 13:00 PM",
        "2025-02-03 04:05 x",
        "yesterday",
        "12345-01-01 00:00",
        "2025-02-03T04:05+99:00",
    ] {
        assert_eq!(read_time(text), None, "{text}");
    }
}
