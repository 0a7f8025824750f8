mod bounds;
mod formats;
mod times;

use super::*;

fn read(text: &str) -> Export {
    read_export("file.csv", text.as_bytes(), &Options::default()).expect("a readable export")
}

fn refused(text: &str) -> String {
    let result = read_export("file.csv", text.as_bytes(), &Options::default());
    result.expect_err("an unreadable export").to_string()
}

fn tenths(trace: &SubjectTrace) -> Vec<i32> {
    let number = |reading: &Reading| match reading.value {
        Value::Glucose(tenths) => tenths.0,
        Value::Low => -1,
        Value::High => -2,
    };
    trace.readings.iter().map(number).collect()
}

fn minutes(trace: &SubjectTrace) -> Vec<i64> {
    trace.readings.iter().map(|reading| reading.elapsed.0 / 60).collect()
}
