//! A peer's folder: what it is, its secret, how often it was started.
//!
//! ```text
//! peer.toml   what it is; the pairing writes the device's name and key into it
//! secret.key  its X25519 secret, 32 bytes or 64 hexadecimal digits, for its owner alone
//! starts      a number
//! pump.a/.b   what the pump must not forget       body.log  what the person was given
//! ```

mod settings;

pub use settings::{
    DeviceKnown, PeerPart, PeerSettings, PersonTable, PumpTable, SensorTable, tubing,
};

use crate::program::PeerError;
use homeostat_link::{Entropy, Paired, Part, Party, PublicKey, StaticKey};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// No settings are longer.
const SETTINGS_MAX: u64 = 65_536;

/// A peer's folder.
#[derive(Debug)]
pub struct PeerFolder {
    path: PathBuf,
    /// What stands in `peer.toml`.
    pub settings: PeerSettings,
    key: StaticKey,
    /// Its secret, open and locked: one process at a time writes here.
    _held: File,
}

impl PeerFolder {
    /// Whether somebody has set up a peer in this folder.
    #[must_use]
    pub fn exists(path: &Path) -> bool {
        path.join("peer.toml").exists()
    }

    /// Sets up a peer in a new or empty folder.
    ///
    /// # Errors
    /// There is one already, the settings contradict themselves, or the folder cannot be written.
    pub fn create(path: &Path, settings: &PeerSettings) -> Result<(), PeerError> {
        if Self::exists(path) {
            return Err(PeerError::SetUpAlready(path.display().to_string()));
        }
        settings.check()?;
        fs::create_dir_all(path).map_err(file(path))?;
        write_whole(&path.join("peer.toml"), settings.to_text()?.as_bytes())
    }

    /// Opens a peer's folder, for this process alone; makes its secret when it has none.
    ///
    /// # Errors
    /// What cannot be read, what contradicts itself, or that the part is running already.
    pub fn open(path: &Path, entropy: &mut dyn Entropy) -> Result<Self, PeerError> {
        let settings = read(path)?;
        let name = path.join("secret.key");
        let key = secret(&name, entropy)?;
        let held = File::open(&name).map_err(file(&name))?;
        held.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => PeerError::Running(path.display().to_string()),
            TryLockError::Error(error) => file(&name)(error),
        })?;
        Ok(Self { path: path.to_owned(), settings, key, _held: held })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The peer's secret.
    #[must_use]
    pub const fn key(&self) -> &StaticKey {
        &self.key
    }

    /// Counts a start, durably.
    ///
    /// # Errors
    /// The number cannot be read or written.
    pub fn begin(&self) -> Result<u32, PeerError> {
        let name = self.path.join("starts");
        let before = match fs::read_to_string(&name) {
            Ok(text) => text.trim().parse().map_err(|_| PeerError::Starts(name.clone()))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(file(&name)(error)),
        };
        let now = u32::saturating_add(before, 1);
        write_whole(&name, format!("{now}\n").as_bytes())?;
        Ok(now)
    }

    /// The device that it was paired with.
    ///
    /// # Errors
    /// None yet, or its key is no key.
    pub fn device(&self) -> Result<(Party, PublicKey), PeerError> {
        let known = self.settings.device.as_ref().ok_or(PeerError::NotPaired)?;
        let key = known.key.parse().map_err(|_| PeerError::DeviceKey)?;
        Ok((Party { part: Part::Device, identity: known.identity }, key))
    }

    /// Keeps the device that a pairing brought. Where it is, and all else in `peer.toml`, stays as it was.
    ///
    /// # Errors
    /// `peer.toml` cannot be read or written.
    pub fn keep_device(&mut self, paired: &Paired) -> Result<(), PeerError> {
        let mut kept = read(&self.path)?;
        let key = paired.key.to_string();
        let address = kept.device.and_then(|before| before.address);
        kept.device = Some(DeviceKnown { identity: paired.peer.identity, address, key });
        write_whole(&self.path.join("peer.toml"), kept.to_text()?.as_bytes())?;
        self.settings.device = kept.device;
        Ok(())
    }
}

/// What stands in `peer.toml`.
fn read(folder: &Path) -> Result<PeerSettings, PeerError> {
    let name = folder.join("peer.toml");
    let mut text = String::new();
    let opened = File::open(&name).map_err(file(&name))?;
    opened.take(SETTINGS_MAX).read_to_string(&mut text).map_err(file(&name))?;
    PeerSettings::from_text(&name.display().to_string(), &text)
}

pub(crate) fn file(path: &Path) -> impl Fn(io::Error) -> PeerError + use<> {
    let file = path.display().to_string();
    move |error| PeerError::File { file: file.clone(), error }
}

/// Writes a new file beside it and puts it in its place.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), PeerError> {
    let beside = path.with_extension("new");
    let write = || {
        let mut new = File::create(&beside)?;
        new.write_all(bytes)?;
        new.sync_all()?;
        fs::rename(&beside, path)
    };
    write().map_err(file(path))
}

fn secret(path: &Path, entropy: &mut dyn Entropy) -> Result<StaticKey, PeerError> {
    let failed = file(path);
    match fs::read(path) {
        Ok(bytes) => {
            let digits = str::from_utf8(&bytes).ok().and_then(|text| text.trim().parse().ok());
            digits
                .or_else(|| bytes.try_into().ok().map(StaticKey::from_bytes))
                .ok_or_else(|| PeerError::Secret(path.to_owned()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key = StaticKey::generate(entropy)?;
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut new = options.open(path).map_err(&failed)?;
            let kept = new.write_all(key.secret_bytes()).and_then(|()| new.sync_all());
            kept.map_err(&failed)?;
            Ok(key)
        }
        Err(error) => Err(failed(error)),
    }
}

#[cfg(test)]
mod tests;
