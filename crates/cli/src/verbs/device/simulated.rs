//! What surrounds a device of a virtual person: its sensor, its pump, and a network that misbehaves if that
//! is asked for, as processes that end with the device.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::config::{Config, PartName};
use super::new::{free, make};
use super::run::itself;
use crate::failure::{Failure, Outcome};
use crate::output;

/// The processes; they end when this is dropped.
#[derive(Debug, Default)]
pub(super) struct Surroundings(Vec<Child>);

/// A folder for the device of a virtual person, on free ports of loopback, unless there is one.
pub(super) fn prepare(dir: &Path, therapy: Option<&str>) -> Outcome {
    if dir.exists() {
        return Ok(());
    }
    make(dir, therapy.unwrap_or("insulin"), "mpc", None, false)
}

impl Surroundings {
    /// Starts the sensor and the pump of a folder, and with a script a network before each of them, which
    /// the device then speaks to instead.
    pub(super) fn start(
        dir: &Path,
        config: &mut Config,
        speed: u32,
        script: Option<&PathBuf>,
    ) -> Result<Self, Failure> {
        let mut all = Self::default();
        let speed = speed.to_string();
        for peer in &mut config.peers {
            let name = if peer.part == PartName::Sensor { "sensor" } else { "pump" };
            let folder = dir.join(name);
            if !folder.is_dir() {
                let words = "is not there: --simulated runs folders that it made itself";
                return Err(Failure::environment(format!("{}: {words}", folder.display())));
            }
            all.add(|part| part.arg(name).arg("--dir").arg(folder).args(["--speed", &speed]))?;
            if let Some(script) = script {
                let [proxy] = free()?;
                let to = std::mem::replace(&mut peer.address, proxy);
                let [proxy, to] = [proxy, to].map(|address| address.to_string());
                all.add(|part| {
                    part.args(["proxy", "--listen", &proxy, "--to", &to, "--speed", &speed])
                        .arg("--script")
                        .arg(script)
                })?;
            }
        }
        output::say(&format!(
            "a virtual person with {} parts beside the device; they end with it",
            all.0.len()
        ));
        Ok(all)
    }

    fn add(&mut self, words: impl FnOnce(&mut Command) -> &mut Command) -> Outcome {
        let mut command = itself(&[])?();
        words(&mut command).arg("--with-parent").stdin(Stdio::null()).stdout(Stdio::null());
        self.0.push(command.spawn().map_err(Failure::environment)?);
        Ok(())
    }
}

impl Drop for Surroundings {
    fn drop(&mut self) {
        for part in &mut self.0 {
            let _ = part.kill();
            let _ = part.wait();
        }
    }
}
