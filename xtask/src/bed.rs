//! A device of a virtual person as real processes, for measurements: started, operated, looked at, ended.

use crate::shell::{self, Outcome};
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// Processes that end with this program.
pub(crate) struct Running(pub(crate) Vec<Child>);

impl Drop for Running {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A running device with its sensor and its pump.
pub(crate) struct Bed {
    program: String,
    folder: PathBuf,
    lines: Lines<BufReader<ChildStdout>>,
    running: Running,
}

impl Bed {
    /// Builds the program and starts a new device of this name with further words.
    pub(crate) fn start(name: &str, words: &[&str]) -> Result<Self, String> {
        shell::run("cargo", &["build", "--release", "--locked", "--package", "homeostat-cli"])?;
        let program = shell::target().join("release/homeostat").display().to_string();
        let folder = shell::target().join(name);
        let _ = std::fs::remove_dir_all(&folder);
        let mut device = Command::new(&program);
        device.args(["device", "run", "--simulated", "--json", "--page", "127.0.0.1:0", "--dir"]);
        device.arg(&folder).args(words).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut device = device.spawn().map_err(|error| format!("{program}: {error}"))?;
        let lines = device.stdout.take().map(BufReader::new).ok_or("no pipe")?.lines();
        Ok(Self { program, folder, lines, running: Running(vec![device]) })
    }

    /// What the device says of its next cycle.
    pub(crate) fn cycle(&mut self) -> Result<Value, String> {
        let line = self.lines.next().ok_or("the device ended")?;
        let line = line.map_err(|error| error.to_string())?;
        serde_json::from_str(&line).map_err(|error| format!("{error}: {line}"))
    }

    /// What a person does who wants the loop to run.
    pub(crate) fn operate(&self, status: &Value) {
        let words: &[&str] = match status["phase"].as_str() {
            Some("Off") => &["choose self-test"],
            Some("Standby") => &["acknowledge", "choose manual"],
            Some("Manual") => &["acknowledge", "reset", "reconcile", "choose automatic"],
            _ => &[],
        };
        words.iter().for_each(|words| self.act(words));
    }

    /// Acts as a person.
    pub(crate) fn act(&self, words: &str) {
        let mut act = Command::new(&self.program);
        act.args(["device", "act", "--dir"]).arg(&self.folder).args(words.split(' '));
        let _ = act.stderr(Stdio::null()).status();
    }

    /// The device's process.
    pub(crate) fn process(&self) -> u32 {
        self.running.0.first().map_or(0, Child::id)
    }

    /// What the system says of the memory of the device's process, in KiB: `VmRSS` now, `VmHWM` at most.
    pub(crate) fn memory(&self, line: &str) -> Result<u64, String> {
        let path = format!("/proc/{}/status", self.process());
        let status = shell::read(Path::new(&path))?;
        let line = status.lines().find_map(|found| found.strip_prefix(line)?.strip_prefix(':'));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        number.ok_or_else(|| format!("{path}: no memory"))
    }

    /// Ends the device in order, and has what it kept verified and computed again.
    pub(crate) fn end(mut self) -> Outcome {
        let dir = self.folder.display().to_string();
        shell::run(&self.program, &["device", "stop", "--end", "--dir", &dir])?;
        self.running.0.iter_mut().for_each(|device| {
            let _ = device.wait();
        });
        let kept = std::fs::read_dir(self.folder.join("box")).map_err(|error| error.to_string())?;
        let mut boxes: Vec<PathBuf> = kept.flatten().map(|kept| kept.path()).collect();
        boxes.sort();
        for kept in boxes {
            shell::run(&self.program, &["log", "replay", &kept.display().to_string()])?;
        }
        Ok(())
    }
}
