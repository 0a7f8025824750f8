//! What a scan costs once the feeds are in memory, for a comparison with other scanners:
//!
//! `scan OSV-FOLDER BILL ROUNDS OUT` takes every OSV file of the folder, then ROUNDS times over reads the bill from disk
//! and matches it, and once more with the report written as JSON to `OUT`. Prints one JSON object: processor seconds of
//! taking the feeds, of reading and matching, and of all with the report (medians), the process's peak memory, and what
//! was found.

use homeostat_postmarket::feed::osv;
use homeostat_postmarket::harm::matrix::InForce;
use homeostat_postmarket::matching::{ProductTable, Watch};
use homeostat_postmarket::report::{Sources, scanned};
use homeostat_postmarket::sbom::{self, Limits};
use rustix::time::{ClockId, clock_gettime};
use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::{env, fs};

fn seconds() -> f64 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 / 1e9
}

fn peak_kilobytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn take_all(folder: &str) -> Result<Watch, Box<dyn Error>> {
    let mut watch = Watch::new(ProductTable::built_in()?);
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|one| one.path())).collect::<Result<_, _>>()?;
    paths.sort();
    for path in paths {
        let bytes = fs::read(&path)?;
        watch.take(|to| osv::read(&bytes, "osv", to), "2026-01-01T00:00:00Z");
    }
    Ok(watch)
}

/// What one round gave and cost.
struct Round {
    components: usize,
    findings: usize,
    matched: f64,
    reported: f64,
}

fn round(watch: &Watch, bill: &str, out: &str) -> Result<Round, Box<dyn Error>> {
    let begin = seconds();
    let bill = sbom::read(bill, &fs::read(bill)?, &Limits::default())?;
    let read = seconds();
    drop(watch.scan(&bill));
    let matched = seconds();
    let sources = Sources {
        bill: &bill,
        watch,
        feeds: &[],
        rejected: &[],
        risks: None,
        matrix: &InForce::shipped(),
    };
    let scan = scanned(&sources, "made up", "2026-01-01T00:00:00Z", "example");
    let mut file = std::io::BufWriter::with_capacity(1 << 16, fs::File::create(out)?);
    serde_json::to_writer(&mut file, &scan)?;
    file.flush()?;
    let reported = seconds() - matched + (read - begin);
    let (components, findings) = (bill.components.len(), scan.findings.len());
    Ok(Round { components, findings, matched: matched - begin, reported })
}

fn median(mut spent: Vec<f64>) -> f64 {
    spent.sort_by(f64::total_cmp);
    spent.get(spent.len() / 2).copied().unwrap_or(0.0)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [folder, bill, rounds, out] = arguments.as_slice() else {
        return Err("expected OSV-FOLDER BILL ROUNDS OUT".into());
    };
    let begin = seconds();
    let watch = take_all(folder)?;
    let feeds = seconds() - begin;
    let mut rounds_done = Vec::new();
    for _ in 0..rounds.parse()? {
        rounds_done.push(round(&watch, bill, out)?);
    }
    let last = rounds_done.last().ok_or("expected at least one round")?;
    println!(
        "{{\"feeds\":{feeds:.4},\"matched\":{:.5},\"reported\":{:.5},\"peak_kilobytes\":{},\"components\":{},\"findings\":{}}}",
        median(rounds_done.iter().map(|one| one.matched).collect()),
        median(rounds_done.iter().map(|one| one.reported).collect()),
        peak_kilobytes(),
        last.components,
        last.findings
    );
    Ok(())
}
