//! A device's folder: its keys, its profile, its peers, its life and its boxes.
//!
//! ```text
//! device.key   secret, 32 bytes: signs what is kept twice          link.key  secret, 32 bytes: X25519
//! device.lock   held while a device runs
//! life.a/.b  profile.a/.b  peers.a/.b  copies.a/.b   (see `twice`)  box/0001, box/0002, ...
//! ```

use std::ffi::OsStr;
use std::fs::{self, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use homeostat_blackbox::folder::{Durability, FolderDisk};
use homeostat_link::{Entropy, Paired, Part, Party, StaticKey, Therapy};

use crate::life::{Life, LifeError};
use crate::restart::Boxes;
use crate::retention::Copied;
use crate::twice::{Copy, Twice, TwiceError};

pub mod shelf;

/// Why a device's folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A value that is kept twice.
    #[error(transparent)]
    Twice(#[from] TwiceError),
    /// A file.
    #[error("{file}: {error}")]
    File {
        /// The file.
        file: String,
        /// The system's reason.
        error: io::Error,
    },
    /// A key that is none.
    #[error(
        "{file}: expected 32 bytes, found {found}; restore the file, or set the device up again"
    )]
    Key {
        /// The file.
        file: String,
        /// Its length.
        found: usize,
    },
    /// The life.
    #[error("life: {0}")]
    Life(#[from] LifeError),
    /// The peers.
    #[error("peers: line {0} is not `part identity key therapy`; pair the device again")]
    Peers(usize),
    /// The copies.
    #[error("copies: line {0} is not `box head fingerprint who`; say again what was copied")]
    Copies(usize),
    /// A device runs in it.
    #[error("{file} is held: a device runs in this folder already")]
    Runs {
        /// The lock.
        file: String,
    },
    /// No randomness for a key.
    #[error("there is no randomness for a new key")]
    Entropy,
}

/// A device's folder with its keys.
#[derive(Debug)]
pub struct DeviceFolder {
    path: PathBuf,
    signing: SigningKey,
    link: StaticKey,
    durability: Durability,
    worn: Vec<String>,
    /// Locked while a device runs in it.
    held: Option<fs::File>,
}

const PEERS: &str = "homeostat-peers/v1";
const LIFE: &str = "life";
const COPIES: &str = "copies";

impl DeviceFolder {
    /// Opens the folder; makes it and its keys when there is none.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn open(
        path: &Path,
        durability: Durability,
        entropy: &mut dyn Entropy,
    ) -> Result<Self, FolderError> {
        let mut folder = fs::DirBuilder::new();
        folder.recursive(true);
        // What is made in it is for its owner alone, from its first moment on.
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        folder.create(path).map_err(file_error(path))?;
        let signing = SigningKey::from_bytes(&secret(&path.join("device.key"), entropy)?);
        let link = StaticKey::from_bytes(secret(&path.join("link.key"), entropy)?);
        let (path, worn) = (path.to_owned(), Vec::new());
        Ok(Self { path, signing, link, durability, worn, held: None })
    }

    /// Holds the folder for a device that runs: nobody else may until it is dropped.
    ///
    /// # Errors
    /// [`FolderError::Runs`] when somebody does; nothing was changed then.
    pub fn hold(&mut self) -> Result<(), FolderError> {
        let path = self.path.join("device.lock");
        let failed = file_error(&path);
        let lock = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
        let lock = lock.map_err(&failed)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => FolderError::Runs { file: path.display().to_string() },
            TryLockError::Error(error) => failed(error),
        })?;
        self.held = Some(lock);
        Ok(())
    }

    /// The key of its links.
    #[must_use]
    pub const fn link_key(&self) -> &StaticKey {
        &self.link
    }

    /// Its black boxes.
    #[must_use]
    pub fn boxes(&self) -> FolderBoxes {
        FolderBoxes { path: self.path.join("box"), durability: self.durability }
    }

    /// Values of which only one good copy was left when they were read, and which were written again: to
    /// be said, and no reason to stop (F-P07).
    #[must_use]
    pub fn worn(&self) -> &[String] {
        &self.worn
    }

    /// The device's life up to now; the empty one before its first start.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn life(&mut self) -> Result<Life, FolderError> {
        let Some(body) = self.read(LIFE)? else { return Ok(Life::default()) };
        let text = String::from_utf8(body).map_err(|_| LifeError)?;
        Ok(text.parse()?)
    }

    /// Keeps the device's life.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn keep_life(&self, life: Life) -> Result<(), FolderError> {
        self.write(LIFE, life.to_string().as_bytes())
    }

    /// The signed profile, if one was installed.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn profile(&mut self) -> Result<Option<Vec<u8>>, FolderError> {
        self.read("profile")
    }

    /// Keeps a signed profile. Whether it is good is for who starts a loop with it.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn keep_profile(&self, signed: &[u8]) -> Result<(), FolderError> {
        self.write("profile", signed)
    }

    /// Whom the device was paired with.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn peers(&mut self) -> Result<Vec<Paired>, FolderError> {
        let Some(body) = self.read("peers")? else { return Ok(Vec::new()) };
        let text = String::from_utf8_lossy(&body).into_owned();
        let mut lines = text.lines().enumerate();
        if lines.next().is_none_or(|(_, first)| first != PEERS) {
            return Err(FolderError::Peers(1));
        }
        lines.map(|(index, line)| peer_of(line).ok_or(FolderError::Peers(index + 1))).collect()
    }

    /// Keeps whom the device was paired with; a peer of the same part and identity is replaced.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn keep_peer(&mut self, paired: Paired) -> Result<(), FolderError> {
        let mut peers = self.peers()?;
        peers.retain(|known| known.peer != paired.peer);
        peers.push(paired);
        peers.sort_by_key(|known| known.peer);
        let lines: String = peers.iter().map(line_of).collect();
        self.write("peers", format!("{PEERS}\n{lines}").as_bytes())
    }

    /// Of which of its boxes there are copies.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn copied(&mut self) -> Result<Vec<Copied>, FolderError> {
        self.read(COPIES)?.map_or(Ok(Vec::new()), |body| shelf::copies_of(&body))
    }

    /// Keeps of which of its boxes there are copies. That they are good is for who says so.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn keep_copied(&self, copies: &[Copied]) -> Result<(), FolderError> {
        self.write(COPIES, shelf::lines_of(copies).as_bytes())
    }

    fn read(&mut self, name: &str) -> Result<Option<Vec<u8>>, FolderError> {
        let value = Twice::new(&self.path, name).read(&self.signing)?;
        let Some(value) = value else { return Ok(None) };
        if value.copies != [Copy::Good; 2] {
            self.write(name, &value.body)?;
            self.worn.push(name.to_owned());
        }
        Ok(Some(value.body))
    }

    fn write(&self, name: &str, body: &[u8]) -> Result<(), FolderError> {
        Ok(Twice::new(&self.path, name).write(&self.signing, body)?)
    }
}

/// Boxes in a folder, one folder each.
#[derive(Clone, Debug)]
pub struct FolderBoxes {
    path: PathBuf,
    durability: Durability,
}

impl FolderBoxes {
    /// Where the box of this number is.
    #[must_use]
    pub fn folder(&self, number: u32) -> PathBuf {
        self.path.join(name_of(number))
    }
}

fn name_of(number: u32) -> String {
    format!("{number:04}")
}

/// The number of the box whose folder has this name, in the one spelling that there is: what else lies there is
/// nobody's to open, to count or to seal.
fn number_of(name: &OsStr) -> Option<u32> {
    let name = name.to_str()?;
    let number = name.parse().ok().filter(|number| *number > 0)?;
    (name_of(number) == name).then_some(number)
}

impl Boxes for FolderBoxes {
    type Disk = FolderDisk;
    type Error = io::Error;

    fn newest(&self) -> io::Result<Option<u32>> {
        let entries = match fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut newest = None;
        for entry in entries {
            newest = newest.max(number_of(&entry?.file_name()));
        }
        Ok(newest)
    }

    fn disk(&self, number: u32) -> io::Result<FolderDisk> {
        FolderDisk::writable(&self.folder(number), self.durability)
    }

    fn set_aside(&self, number: u32) -> io::Result<()> {
        let from = self.folder(number);
        let names = (1..=u32::MAX).map(|n| from.with_extension(format!("unfinished-{n}")));
        for to in names {
            if !to.try_exists()? {
                fs::rename(&from, to)?;
                return fs::File::open(&self.path)?.sync_all();
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}

fn line_of(paired: &Paired) -> String {
    let part = match paired.peer.part {
        Part::Device => "device",
        Part::Sensor => "sensor",
        Part::Actuator => "actuator",
    };
    format!("{part} {} {} {}\n", paired.peer.identity, paired.key, paired.therapy.name())
}

fn peer_of(line: &str) -> Option<Paired> {
    let mut words = line.split(' ');
    let part = match words.next()? {
        "device" => Part::Device,
        "sensor" => Part::Sensor,
        "actuator" => Part::Actuator,
        _ => return None,
    };
    let identity = words.next()?.parse().ok()?;
    let key = words.next()?.parse().ok()?;
    let therapy = Therapy::named(words.next()?)?;
    let paired = Paired { peer: Party { part, identity }, key, therapy };
    // One spelling: what is read is written again and compared.
    (words.next().is_none() && line_of(&paired).trim_end() == line).then_some(paired)
}

fn file_error(path: &Path) -> impl Fn(io::Error) -> FolderError {
    let file = path.display().to_string();
    move |error| FolderError::File { file: file.clone(), error }
}

/// A secret of the device: made when it is first asked for, readable by its owner alone.
fn secret(path: &Path, entropy: &mut dyn Entropy) -> Result<[u8; 32], FolderError> {
    let failed = file_error(path);
    match fs::read(path) {
        Ok(bytes) => {
            let found = bytes.len();
            let file = path.display().to_string();
            bytes.try_into().map_err(|_| FolderError::Key { file, found })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut bytes = [0; 32];
            entropy.fill(&mut bytes).map_err(|_| FolderError::Entropy)?;
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(path).map_err(&failed)?;
            file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(&failed)?;
            Ok(bytes)
        }
        Err(error) => Err(failed(error)),
    }
}

#[cfg(test)]
mod tests;
