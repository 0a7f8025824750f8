//! What a feed file costs to read: `feed FILE` prints bytes, records, processor seconds and the process's peak memory
//! as one JSON object.

use rustix::time::{ClockId, clock_gettime};
use std::error::Error;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let file = env::args().nth(1).ok_or("expected a feed file")?;
    let bytes = fs::read(&file)?;
    let intake = homeostat_postmarket::feed::read(&bytes, &file, &mut drop);
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    println!(
        "{{\"bytes\":{},\"records\":{},\"taken\":{},\"seconds\":{:.2},\"peak\":\"{}\"}}",
        bytes.len(),
        intake.records,
        intake.taken,
        spent.tv_sec as f64 + spent.tv_nsec as f64 / 1e9,
        peak.trim()
    );
    Ok(())
}
