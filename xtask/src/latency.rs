//! How long a cycle takes on a loaded machine: a device of propofol in real time, with its sensor, its pump
//! and its controller, beside busy processes. From when a cycle is due to when its record is durable and
//! its order has left; and the memory of the supervisor's process.

use crate::bed::{Bed, Running};
use crate::shell::Outcome;
use std::process::Command;

/// Measures for so many minutes beside so many busy processes, and says what was found.
pub(crate) fn run(minutes: u64, load: usize) -> Outcome {
    let mut bed = Bed::start("latency", &["--therapy", "propofol"])?;
    let mut busy = Running(Vec::new());
    for _ in 0..load {
        let mut process = Command::new("sh");
        process.args(["-c", "while :; do :; done"]);
        busy.0.push(process.spawn().map_err(|error| format!("sh: {error}"))?);
    }
    let (mut latencies, mut due) = (Vec::new(), None);
    let (mut missed, mut late, mut automatic) = (0, 0_usize, 0_usize);
    while (latencies.len() as u64) < minutes * 60 / 5 {
        let status = bed.cycle()?;
        let at = |key: &str| status[key].as_u64().ok_or_else(|| format!("no {key}: {status}"));
        if let Some(due) = due {
            latencies.push(at("millis")?.saturating_sub(due));
        }
        due = Some(at("due_millis")?);
        missed = at("missed_cycles")?;
        automatic += usize::from(status["phase"] == "Automatic");
        late += usize::from(status["controller"]["trouble"].is_string());
        bed.operate(&status);
    }
    report(&mut latencies, automatic)?;
    println!("{missed} cycles missed, {late} without the controller's answer in time");
    let (most, now) = (bed.memory("VmHWM")?, bed.memory("VmRSS")?);
    println!("supervisor: {most} KiB at most, {now} KiB now");
    bed.end()
}

fn report(latencies: &mut [u64], automatic: usize) -> Outcome {
    latencies.sort_unstable();
    let cycles = latencies.len();
    let of = |thousandths: usize| {
        latencies.get((cycles * thousandths / 1_000).min(cycles.saturating_sub(1)))
    };
    let (Some(half), Some(most), Some(worst)) = (of(500), of(999), latencies.last()) else {
        return Err("the device did not run".into());
    };
    println!(
        "{cycles} cycles, {automatic} of them automatic: half within {half} ms, 99.9 % within {most} ms, \
         all within {worst} ms of when they were due"
    );
    Ok(())
}
