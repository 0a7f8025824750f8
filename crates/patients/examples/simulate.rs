//! Simulates published subjects from a table on standard input:
//! `cargo run --release --example simulate -- [days [times]] < schedule.csv`.
//!
//! Only the last of `times` repetitions is printed; the repetitions are for measuring speed.

use homeostat_patients::Cohort;
use homeostat_patients::simulate::{Options, Schedule, simulate, to_csv};
use std::io::{Read as _, Write as _};
use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(table) => match std::io::stdout().write_all(table.as_bytes()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::from(3),
        },
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<String, String> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<u32>());
    let mut number =
        || numbers.next().transpose().map_err(|_| "expected whole numbers: days times");
    let days = number()?;
    let times = number()?.unwrap_or(1);
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|error| error.to_string())?;
    let cohort = Cohort::published();
    let schedule =
        Schedule::parse("standard input", &text, &cohort).map_err(|error| error.to_string())?;
    let options = Options { minutes: days.map(|days| days * 1440), ..Options::default() };
    let mut courses = Vec::new();
    for _ in 0..times.max(1) {
        courses = simulate(&cohort, &schedule, options);
    }
    Ok(to_csv(&courses))
}
