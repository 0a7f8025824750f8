//! Automation of the repository: `cargo xtask VERB`. One verb a file; `ci` is what a person runs
//! before a change lands and what the project's CI runs.
#![forbid(unsafe_code)]

mod bed;
mod bite;
mod browser;
mod budgets;
mod ci;
mod coverage;
mod days;
mod fuzz;
mod latency;
mod modes;
mod own_bill;
mod portable;
mod ratchet;
mod shell;
mod tidy;
mod trace;
mod vectors;

use std::process::ExitCode;

const HELP: &str = "\
usage: cargo xtask VERB

  ci [--long]        everything that must pass before a change lands; --long adds the campaigns
  tidy               layout, dependency arrows, licences, words, file sizes, stale documents
  modes [--check]    write (or compare) the mode table, alarm texts and diagram of the book
  trace [--check]    write (or compare) the requirement trace: ids to the tests that cite them
  budgets [--write]  instructions, stack, sizes against budgets.toml
  coverage [--write] branches, regions, lines of the heart that its tests reach, against budgets.toml
  vectors [--write]  decode, verify and replay every released vector (or add today's)
  bite [--therapy insulin|propofol] [--most N]
                     share of dose-relevant mutants that the second opinion catches
  fuzz [SECONDS]     run every fuzz target for SECONDS each (default 5)
  browser [--pictures]
                     the bedside page in a real browser: tests, or pictures of every mode
  latency [MINUTES] [LOAD]
                     time of a cycle of a device beside busy processes, and its memory (default 10, 8)
  days [DAYS] [faults]
                     memory and counters of a device over days at 1,000 times the clock (default 7),
                     with a fault an hour if asked
  own-bill           our own SBOM and VEX into target/own, checked and scanned
  portable           build the heart for targets without std (needs Debian's rustc-web)
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["ci"] => ci::run(false),
        ["ci", "--long"] => ci::run(true),
        ["tidy"] => tidy::run(),
        ["modes"] => modes::run(false),
        ["modes", "--check"] => modes::run(true),
        ["trace"] => trace::run(false),
        ["trace", "--check"] => trace::run(true),
        ["budgets"] => budgets::run(false),
        ["budgets", "--write"] => budgets::run(true),
        ["coverage"] => coverage::run(false),
        ["coverage", "--write"] => coverage::run(true),
        ["vectors"] => vectors::run(false),
        ["vectors", "--write"] => vectors::run(true),
        ["bite", options @ ..] => match bite_options(options) {
            Some((therapy, most)) => bite::run(therapy, most),
            None => return usage(),
        },
        ["fuzz"] => fuzz::run(5, None),
        ["fuzz", seconds] => match seconds.parse() {
            Ok(seconds) => fuzz::run(seconds, None),
            Err(_) => return usage(),
        },
        ["browser"] => browser::run(false),
        ["browser", "--pictures"] => browser::run(true),
        ["latency"] => latency::run(10, 8),
        ["latency", minutes, load] => match (minutes.parse(), load.parse()) {
            (Ok(minutes), Ok(load)) => latency::run(minutes, load),
            _ => return usage(),
        },
        ["days"] => days::run(7, false),
        ["days", days, rest @ ..] => match (days.parse(), rest) {
            (Ok(days), []) => days::run(days, false),
            (Ok(days), ["faults"]) => days::run(days, true),
            _ => return usage(),
        },
        ["own-bill"] => own_bill::run(),
        ["portable"] => portable::run(),
        ["--help" | "-h" | "help"] => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        _ => return usage(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::from(1)
        }
    }
}

/// Therapy (insulin unless another is named) and largest number of mutants.
fn bite_options(words: &[&str]) -> Option<(&'static bite::Therapy, Option<usize>)> {
    let (mut therapy, mut most) = (bite::Therapy::named("insulin")?, None);
    for pair in words.chunks(2) {
        match pair {
            ["--therapy", name] => therapy = bite::Therapy::named(name)?,
            ["--most", number] => most = Some(number.parse().ok()?),
            _ => return None,
        }
    }
    Some((therapy, most))
}

fn usage() -> ExitCode {
    eprint!("{HELP}");
    ExitCode::from(2)
}
