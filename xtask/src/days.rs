//! Days of a device as real processes at a thousand times the clock: whether its memory stays flat and its
//! counters right, with and without a fault an hour.

use crate::bed::Bed;
use crate::shell::{self, Outcome};
use serde_json::Value;
use std::fmt::Write as _;
use std::process::Command;

/// Cycles of five minutes in an hour and in a day.
const HOUR: u64 = 12;
const DAY: u64 = 24 * HOUR;
/// Cycles between two looks at the memory: half a minute of the machine's time.
const LOOK: u64 = 100;
/// Growth from the end of the first day on that is no growth: what the allocator keeps, KiB.
const NOISE: u64 = 1_024;

/// What befalls a link for some minutes.
const FAULTS: [&str; 8] = [
    "drop 0.5",
    "delay 2min jitter 3min",
    "duplicate 0.5",
    "reorder 0.5",
    "corrupt 0.3",
    "partition",
    "replay 1/s",
    "forge 1/s structured",
];

/// Lives so many days, and says what was found.
pub(crate) fn run(days: u64, faults: bool) -> Outcome {
    let mut chance = Chance(days);
    let script = shell::target().join("days-script");
    std::fs::write(&script, story(days, &mut chance)).map_err(|error| error.to_string())?;
    let script = script.display().to_string();
    let mut words = vec!["--therapy", "insulin", "--speed", "1000"];
    if faults {
        words.extend(["--script", &script]);
    }
    let mut bed = Bed::start("days", &words)?;
    let (mut seen, mut automatic, mut killed) = (0_u64, 0_u64, 0_u64);
    let mut memory = Vec::new();
    let mut last: Option<Value> = None;
    let mut kill_at = HOUR;
    loop {
        let status = bed.cycle()?;
        let cycle = number(&status, "cycle")?;
        counts_up(last.as_ref(), &status)?;
        seen += 1;
        automatic += u64::from(status["phase"] == "Automatic");
        if seen.is_multiple_of(LOOK) {
            memory.push((cycle, bed.memory("VmRSS")?));
        }
        bed.operate(&status);
        if faults && status["phase"] == "Automatic" && status["authority"] != "Full" {
            bed.act("acknowledge");
        }
        if faults && cycle >= kill_at {
            killed += kill_a_part(bed.process(), &mut chance);
            kill_at = cycle + 8 * HOUR + chance.below(8 * HOUR);
        }
        if cycle >= days * DAY {
            last = Some(status);
            break;
        }
        last = Some(status);
    }
    let missed = last.as_ref().map_or(Ok(0), |status| number(status, "missed_cycles"))?;
    println!(
        "{days} days, {seen} cycles, {automatic} of them automatic, {missed} missed, {killed} parts killed"
    );
    let verdict = flat(&memory, bed.memory("VmHWM")?);
    bed.end()?;
    verdict
}

/// A fault in every hour, for so many minutes of it, on one or both links.
fn story(days: u64, chance: &mut Chance) -> String {
    let mut text = String::new();
    for hour in 1..days * 24 {
        let from = hour * 60 + chance.below(30);
        let to = from + 1 + chance.below(29);
        let way = ["", "to-peer ", "to-device "][chance.below(3) as usize];
        let fault = FAULTS[chance.below(FAULTS.len() as u64) as usize];
        let _ = writeln!(text, "from {from}min to {to}min {way}{fault}");
    }
    text
}

/// Kills one of the processes that the device started itself; gives how many.
fn kill_a_part(device: u32, chance: &mut Chance) -> u64 {
    let path = format!("/proc/{device}/task/{device}/children");
    let children = std::fs::read_to_string(path).unwrap_or_default();
    let own: Vec<&str> = children
        .split_whitespace()
        .filter(|child| {
            let words = std::fs::read(format!("/proc/{child}/cmdline")).unwrap_or_default();
            let words = String::from_utf8_lossy(&words).into_owned();
            words.contains("controller") || words.contains("annunciator")
        })
        .collect();
    let Some(child) = own.get(chance.below(own.len().max(1) as u64) as usize) else { return 0 };
    let status = Command::new("kill").args(["-KILL", child]).status();
    u64::from(status.is_ok_and(|status| status.success()))
}

/// Nothing that counts goes back or leaps.
fn counts_up(before: Option<&Value>, now: &Value) -> Outcome {
    let Some(before) = before else { return Ok(()) };
    for key in ["cycle", "millis", "missed_cycles"] {
        let (before, now) = (number(before, key)?, number(now, key)?);
        if now < before || key == "cycle" && now != before + 1 {
            return Err(format!("{key} went from {before} to {now}"));
        }
    }
    Ok(())
}

fn number(status: &Value, key: &str) -> Result<u64, String> {
    status[key].as_u64().ok_or_else(|| format!("no {key}: {status}"))
}

/// Whether the memory at the end is what it was after the first day.
fn flat(memory: &[(u64, u64)], most: u64) -> Outcome {
    for (cycle, resident) in memory {
        println!("after {:.1} days: {resident} KiB", *cycle as f64 / DAY as f64);
    }
    println!("at most {most} KiB");
    let warm = memory.iter().find(|(cycle, _)| *cycle >= DAY);
    match (warm, memory.last()) {
        (Some((_, warm)), Some((_, last))) if *last > warm + NOISE => {
            Err(format!("memory grew from {warm} to {last} KiB after the first day"))
        }
        _ => Ok(()),
    }
}

/// The same numbers in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit.max(1)
    }
}
