//! Everything that must pass before a change lands, in one command.

use crate::shell::{self, Outcome};
use crate::{
    bite, browser, budgets, coverage, fuzz, modes, own_bill, portable, tidy, trace, vectors,
};

/// The version of cargo-deny that the configuration was written for.
const DENY: &str = "0.20.2";

/// A step of the run: its name and what it does.
type Step = (&'static str, fn() -> Outcome);

/// Always run, cheapest first.
const STEPS: &[Step] = &[
    ("format", || shell::run("cargo", &["fmt", "--all", "--check"])),
    ("tidy", tidy::run),
    ("build", || shell::run("cargo", &["build", "--release", "--locked"])),
    ("lints", || {
        let lints = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
        shell::run("cargo", &lints)
    }),
    ("tests", || shell::run("cargo", &["test", "--workspace", "--locked", "--no-fail-fast"])),
    ("documentation", || {
        let doc = ["doc", "--workspace", "--no-deps", "--locked"];
        shell::run_with("cargo", &doc, &[("RUSTDOCFLAGS", "-D warnings")])
    }),
    ("mode table", || modes::run(true)),
    ("requirement trace", || trace::run(true)),
    ("vectors", || vectors::run(false)),
    ("budgets", || budgets::run(false)),
    ("fuzz", || fuzz::run(5, Some(1))),
    ("own SBOM and VEX", own_bill::run),
    ("dependencies", dependencies),
];

/// Campaigns that take long.
const LONG_STEPS: &[Step] = &[
    ("crash points, a million", || {
        let test = ["test", "--release", "--locked", "-p", "homeostat-blackbox", "--test", "crash"];
        shell::run_with("cargo", &test, &[("HOMEOSTAT_CRASH_POINTS", "1000000")])
    }),
    ("fuzz, ten minutes a target", || fuzz::run(600, None)),
    ("second opinion on mutants", || {
        bite::Therapy::ALL.into_iter().try_for_each(|therapy| bite::run(therapy, None))
    }),
    ("heart without std", portable::run),
    ("bedside page in a browser", || browser::run(false)),
    ("coverage of the heart", || coverage::run(false)),
    ("safety campaign", || {
        let arguments = ["trial", "--hazards", "--seeds", "10", "--out", "target/hazards"];
        shell::run("target/release/homeostat", &arguments)
    }),
];

pub(crate) fn run(long: bool) -> Outcome {
    shell::packages(&[("g++", "g++"), ("valgrind", "valgrind")])?;
    let long_steps = if long { LONG_STEPS } else { &[] };
    let mut failed = Vec::new();
    let mut passed = 0;
    for (name, step) in STEPS.iter().chain(long_steps) {
        eprintln!("\n== {name}");
        match step() {
            Ok(()) => passed += 1,
            Err(error) => {
                eprintln!("ci: {name}: {error}");
                failed.push(*name);
            }
        }
    }
    println!("\nsteps: {passed} passed, {} failed", failed.len());
    if failed.is_empty() {
        return Ok(());
    }
    Err(format!("failed: {}", failed.join(", ")))
}

/// `cargo deny`, built into the target folder where it is not installed.
fn dependencies() -> Outcome {
    let check = ["check", "licenses", "bans", "sources"];
    if shell::has("cargo-deny") {
        return shell::run("cargo-deny", &check);
    }
    let place = shell::root().join("target/tools");
    let program = place.join("bin/cargo-deny");
    if !program.is_file() {
        let root = place.display().to_string();
        let install = ["install", "cargo-deny", "--version", DENY, "--locked", "--root", &root];
        shell::run("cargo", &install)?;
    }
    shell::run(&program.display().to_string(), &check)
}
