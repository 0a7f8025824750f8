//! How long a cycle takes on a loaded machine: a device of propofol in real time, with its sensor, its pump
//! and its controller, beside busy processes. From when a cycle is due to when its record is durable and
//! its order has left; and the memory of the supervisor's process.

use crate::shell::{self, Outcome};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Processes that end with this program.
struct Running(Vec<Child>);

impl Drop for Running {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Measures for so many minutes beside so many busy processes, and says what was found.
pub(crate) fn run(minutes: u64, load: usize) -> Outcome {
    shell::run("cargo", &["build", "--release", "--locked", "--package", "homeostat-cli"])?;
    let program = shell::target().join("release/homeostat").display().to_string();
    let folder = shell::target().join("latency");
    let _ = std::fs::remove_dir_all(&folder);
    let dir = folder.display().to_string();
    let failed = |error: std::io::Error| format!("{program}: {error}");
    let mut running = Running(Vec::new());
    for _ in 0..load {
        let mut busy = Command::new("sh");
        busy.args(["-c", "while :; do :; done"]);
        running.0.push(busy.spawn().map_err(failed)?);
    }
    let words = ["device", "run", "--simulated", "--therapy", "propofol", "--json", "--dir", &dir];
    let mut device = Command::new(&program);
    device.args(words).args(["--page", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut device = device.spawn().map_err(failed)?;
    let lines = device.stdout.take().map(BufReader::new).ok_or("no pipe")?;
    let process = device.id();
    running.0.push(device);
    let (mut latencies, mut due) = (Vec::new(), None);
    let (mut missed, mut late, mut automatic) = (0, 0_usize, 0_usize);
    for line in lines.lines() {
        let line = line.map_err(failed)?;
        let status: Value = serde_json::from_str(&line).map_err(|error| error.to_string())?;
        let at = |key: &str| status[key].as_u64().ok_or_else(|| format!("no {key}: {line}"));
        if let Some(due) = due {
            latencies.push(at("millis")?.saturating_sub(due));
        }
        due = Some(at("due_millis")?);
        missed = at("missed_cycles")?;
        let phase = status["phase"].as_str().unwrap_or_default().to_owned();
        automatic += usize::from(phase == "Automatic");
        late += usize::from(status["controller"]["trouble"].is_string());
        operate(&program, &dir, &phase);
        if latencies.len() as u64 >= minutes * 60 / 5 {
            break;
        }
    }
    report(&mut latencies, automatic)?;
    println!("{missed} cycles missed, {late} without the controller's answer in time");
    println!("supervisor: {}", memory(process)?);
    // An orderly end, so that the box can be verified.
    shell::run(&program, &["device", "stop", "--end", "--dir", &dir])?;
    running.0.last_mut().map(Child::wait);
    shell::run(&program, &["log", "replay", &folder.join("box/0001").display().to_string()])
}

/// What a person does who wants the loop to run.
fn operate(program: &str, dir: &str, phase: &str) {
    let words: &[&str] = match phase {
        "Off" => &["choose self-test"],
        "Standby" => &["acknowledge", "choose manual"],
        "Manual" => &["acknowledge", "reconcile", "choose automatic"],
        _ => &[],
    };
    for words in words {
        let mut act = Command::new(program);
        act.args(["device", "act", "--dir", dir]).args(words.split(' ')).stderr(Stdio::null());
        let _ = act.status();
    }
}

fn report(latencies: &mut [u64], automatic: usize) -> Outcome {
    latencies.sort_unstable();
    let cycles = latencies.len();
    let of = |thousandths: usize| latencies.get((cycles * thousandths / 1_000).min(cycles - 1));
    let (Some(half), Some(most), Some(worst)) = (of(500), of(999), latencies.last()) else {
        return Err("the device did not run".into());
    };
    println!(
        "{cycles} cycles, {automatic} of them automatic: half within {half} ms, 99.9 % within {most} ms, \
         all within {worst} ms of when they were due"
    );
    Ok(())
}

/// The most memory that the process ever had, and what it has.
fn memory(process: u32) -> Result<String, String> {
    let status = shell::read(Path::new(&format!("/proc/{process}/status")))?;
    let lines =
        status.lines().filter(|line| line.starts_with("VmHWM") || line.starts_with("VmRSS"));
    Ok(lines
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect::<Vec<_>>()
        .join(", "))
}
