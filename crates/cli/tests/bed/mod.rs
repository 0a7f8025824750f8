//! A device with its sensor and its pump as real processes on one machine.

// Each test that includes this file uses a part of it.
#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

pub(crate) const SPEED: &str = "150";
/// Long enough for a machine that builds something else beside.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// A process that does not outlive the test.
pub(crate) struct Process(pub(crate) Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) fn homeostat(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_homeostat"));
    command.args(words).stdin(Stdio::null());
    command
}

pub(crate) fn run(words: &[&str]) -> Output {
    homeostat(words).output().expect("it can be started")
}

pub(crate) fn start(words: &[&str]) -> Process {
    let silent = || Stdio::null();
    Process(homeostat(words).stdout(silent()).stderr(silent()).spawn().expect("it can be started"))
}

pub(crate) fn fine(words: &[&str]) -> Output {
    let output = run(words);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words:?}: {said}");
    output
}

pub(crate) struct Bed {
    pub(crate) dir: PathBuf,
}

impl Bed {
    pub(crate) fn new(name: &str) -> Self {
        Self::of(name, &[])
    }

    /// A folder that is made with more words.
    pub(crate) fn of(name: &str, more: &[&str]) -> Self {
        let dir =
            std::env::temp_dir().join(format!("homeostat-device-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        let words = ["device", "new", "--dir", dir.to_str().expect("UTF-8")];
        fine(&[&words, more].concat());
        Self { dir }
    }

    pub(crate) fn at(&self, name: &str) -> String {
        self.dir.join(name).display().to_string()
    }

    pub(crate) fn path(&self) -> &str {
        self.dir.to_str().expect("UTF-8")
    }

    pub(crate) fn device(&self) -> Process {
        start(&["device", "run", "--dir", self.path(), "--speed", SPEED])
    }

    pub(crate) fn peer(&self, part: &str) -> Process {
        start(&[part, "--dir", &self.at(part), "--speed", SPEED])
    }

    pub(crate) fn status(&self) -> Option<Value> {
        let output = run(&["device", "status", "--dir", self.path(), "--json"]);
        serde_json::from_slice(&output.stdout).ok()
    }

    pub(crate) fn act(&self, words: &str) {
        let mut all = vec!["device", "act", "--dir", self.path()];
        all.extend(words.split(' '));
        fine(&all);
    }

    /// Waits until the device is as wanted, doing `act` each time that it is not.
    #[allow(clippy::disallowed_methods, reason = "processes are waited for in the machine's time")]
    pub(crate) fn until(
        &self,
        what: &str,
        wanted: impl Fn(&Value) -> bool,
        act: impl Fn(&Self, &Value),
    ) -> Value {
        let began = Instant::now();
        let mut acted = Value::Null;
        loop {
            if let Some(status) = self.status() {
                if wanted(&status) {
                    return status;
                }
                assert!(began.elapsed() < PATIENCE, "not {what}: {status}");
                // People act once a cycle, on what they see.
                if acted != status["cycle"] {
                    acted = status["cycle"].clone();
                    act(self, &status);
                }
            }
            assert!(began.elapsed() < PATIENCE, "not {what}, and no answer");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    pub(crate) fn to_automatic(&self) {
        self.until("automatic", |status| status["phase"] == "Automatic", Self::operate);
    }

    /// What a person does who wants the loop to run.
    pub(crate) fn operate(&self, status: &Value) {
        let words: &[&str] = match status["phase"].as_str() {
            Some("Off") => &["choose self-test"],
            Some("Standby") => &["acknowledge", "choose manual"],
            Some("Manual") => &["acknowledge", "reconcile", "choose automatic"],
            Some("Automatic") => &["acknowledge"],
            _ => &[],
        };
        words.iter().for_each(|words| self.act(words));
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

pub(crate) fn boxes_verify_and_replay(dir: &Path) -> String {
    let folder = dir.join("box/0001").display().to_string();
    fine(&["log", "verify", &folder]);
    String::from_utf8_lossy(&fine(&["log", "replay", &folder]).stdout).into_owned()
}
