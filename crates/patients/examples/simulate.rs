//! Simulates published subjects from a table on standard input:
//! `cargo run --release --example simulate -- [days [times]] < schedule.csv`.
//!
//! Only the last of `times` repetitions is printed; the repetitions are for measuring speed.

use homeostat_patients::Cohort;
use homeostat_patients::simulate::{Options, Schedule, simulate, write_csv};
use std::convert::Infallible;
use std::io::{BufWriter, Read as _, Write as _, stdin, stdout};
use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), String> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<u32>());
    let mut number =
        || numbers.next().transpose().map_err(|_| "expected whole numbers: days times");
    let days = number()?;
    let times = number()?.unwrap_or(1);
    let mut text = String::new();
    stdin().read_to_string(&mut text).map_err(|error| error.to_string())?;
    let cohort = Cohort::published();
    let schedule =
        Schedule::parse("standard input", &text, &cohort).map_err(|error| error.to_string())?;
    let options = Options { minutes: days.map(|days| days * 1440), ..Options::default() };
    for _ in 1..times {
        let Ok(()) = simulate(&cohort, &schedule, options, |_| Ok::<(), Infallible>(()));
    }
    let mut printed = BufWriter::new(stdout().lock());
    write_csv(&cohort, &schedule, options, &mut printed).map_err(|error| error.to_string())?;
    printed.flush().map_err(|error| error.to_string())
}
