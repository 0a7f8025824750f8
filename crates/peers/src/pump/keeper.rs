//! What a pump must not forget, kept twice: acceptances durably before they count, amounts before they
//! leave.
//!
//! Two files of fixed length. What is durable stays untouched until something newer is durable: amounts
//! go over the other copy. So a killed process forgets nothing, and a loss of power at most the amounts
//! since the last order was taken, which the pump's totals then lack.
//!
//! ```text
//! 8 bytes "homeopu2", u64 number, body, 32 bytes SHA-256 over all before; little-endian
//! ```

use homeostat_record::{CHANNELS, OrderId, Steps};
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Who stopped the pump. Codes keep a Hamming distance of at least four (ACT-09).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Halt {
    /// Nobody.
    #[default]
    No = 0x33,
    /// The device, until a newer order.
    ByDevice = 0x3C,
    /// A person at the pump, until a person at the pump.
    ByPerson = 0x55,
}

/// What outlasts a restart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    /// Counts the starts.
    pub session: u32,
    /// The last order that was taken: none up to it is taken again.
    pub accepted: OrderId,
    /// Who stopped it.
    pub halt: Halt,
    /// Steps accepted, since the pump was new.
    pub accepted_total: [u64; CHANNELS],
    /// Steps counted by the drive, since the pump was new.
    pub delivered_total: [u64; CHANNELS],
    /// Millionths of a step that really left, since the pump was new.
    pub left_needle: [u64; CHANNELS],
    /// What had left when the reservoir was put in.
    pub filled_at: [u64; CHANNELS],
    /// Steps of the last period's ticks: over a restart too, a period of them never exceeds the limit.
    pub recent: [Steps; CHANNELS],
}

/// Why something cannot be kept or recalled.
#[derive(Debug, thiserror::Error)]
pub enum KeeperError {
    /// The system's reason.
    #[error("{file}: {error}")]
    System {
        /// The file.
        file: String,
        /// The reason.
        error: io::Error,
    },
    /// Neither copy can be believed.
    #[error(
        "{file}: neither copy of the pump's memory can be believed, so that it does not know its last \
         order; set the pump up anew in an empty folder"
    )]
    Lost {
        /// The first of the two.
        file: String,
    },
}

/// Where a pump keeps what it must not forget.
pub trait Keeper: Send {
    /// What was kept last; `None` for a new pump.
    ///
    /// # Errors
    /// It cannot be read, or not be believed.
    fn recall(&mut self) -> Result<Option<Remembered>, KeeperError>;

    /// Keeps it over the end of the process.
    ///
    /// # Errors
    /// It cannot be written.
    fn keep(&mut self, remembered: &Remembered) -> Result<(), KeeperError>;

    /// Keeps it over a loss of power.
    ///
    /// # Errors
    /// It cannot be written, or not durably.
    fn keep_durably(&mut self, remembered: &Remembered) -> Result<(), KeeperError>;
}

/// Memory that outlasts a pump within one process: what a killed pump's successor finds.
#[derive(Clone, Debug, Default)]
pub struct SharedKeeper(Arc<Mutex<Option<Remembered>>>);

impl Keeper for SharedKeeper {
    fn recall(&mut self) -> Result<Option<Remembered>, KeeperError> {
        Ok(*self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn keep(&mut self, remembered: &Remembered) -> Result<(), KeeperError> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(*remembered);
        Ok(())
    }

    fn keep_durably(&mut self, remembered: &Remembered) -> Result<(), KeeperError> {
        self.keep(remembered)
    }
}

const MAGIC: &[u8; 8] = b"homeopu2";
const WORDS: usize = 4 * CHANNELS;
const SIGNED: usize = 8 + 8 + 4 + 8 + 1 + 8 * WORDS + 4 * CHANNELS;
const LENGTH: usize = SIGNED + 32;

/// Two files in a folder.
#[derive(Debug)]
pub struct FileKeeper {
    copies: [(PathBuf, File); 2],
    /// Of the last thing written.
    number: u64,
    /// The copy that is not touched until the other is durable.
    durable: usize,
}

impl FileKeeper {
    /// The files `pump.a` and `pump.b` of a folder, made if they are not there.
    ///
    /// # Errors
    /// They cannot be opened.
    pub fn open(folder: &Path) -> Result<Self, KeeperError> {
        let open = |name: &str| {
            let path = folder.join(name);
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false);
            let file = options.open(&path).map_err(|error| system(&path, error))?;
            Ok::<_, KeeperError>((path, file))
        };
        let copies = [open("pump.a")?, open("pump.b")?];
        #[cfg(unix)]
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|error| system(folder, error))?;
        Ok(Self { copies, number: 0, durable: 0 })
    }

    fn write(&mut self, remembered: &Remembered, durably: bool) -> Result<(), KeeperError> {
        let number = self.number.saturating_add(1);
        let other = 1 - self.durable;
        let (path, file) = &mut self.copies[other];
        let bytes = encode(number, remembered);
        let written = file
            .seek(SeekFrom::Start(0))
            .and_then(|_| file.write_all(&bytes))
            .and_then(|()| if durably { file.sync_all() } else { Ok(()) });
        written.map_err(|error| system(path, error))?;
        self.number = number;
        if durably {
            self.durable = other;
        }
        Ok(())
    }
}

impl Keeper for FileKeeper {
    fn recall(&mut self) -> Result<Option<Remembered>, KeeperError> {
        let mut newest = None;
        let mut written = false;
        for (index, (path, file)) in self.copies.iter_mut().enumerate() {
            let mut bytes = Vec::new();
            let read = file
                .seek(SeekFrom::Start(0))
                .and_then(|_| (&*file).take(LENGTH as u64 + 1).read_to_end(&mut bytes))
                .and_then(|_| file.sync_all());
            read.map_err(|error| system(path, error))?;
            written |= !bytes.is_empty();
            if let Some((number, remembered)) = decode(&bytes)
                && number > self.number
            {
                (self.number, self.durable) = (number, index);
                newest = Some(remembered);
            }
        }
        if newest.is_none() && written {
            return Err(KeeperError::Lost { file: self.copies[0].0.display().to_string() });
        }
        Ok(newest)
    }

    fn keep(&mut self, remembered: &Remembered) -> Result<(), KeeperError> {
        self.write(remembered, false)
    }

    fn keep_durably(&mut self, remembered: &Remembered) -> Result<(), KeeperError> {
        self.write(remembered, true)
    }
}

fn system(path: &Path, error: io::Error) -> KeeperError {
    KeeperError::System { file: path.display().to_string(), error }
}

fn encode(number: u64, remembered: &Remembered) -> Vec<u8> {
    let Remembered { session, accepted, halt, recent, .. } = *remembered;
    let Remembered { accepted_total, delivered_total, left_needle, filled_at, .. } = *remembered;
    let mut bytes = Vec::with_capacity(LENGTH);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&number.to_le_bytes());
    bytes.extend_from_slice(&session.to_le_bytes());
    bytes.extend_from_slice(&accepted.0.to_le_bytes());
    bytes.push(halt as u8);
    for word in [accepted_total, delivered_total, left_needle, filled_at].concat() {
        bytes.extend_from_slice(&word.to_le_bytes());
    }
    for steps in recent {
        bytes.extend_from_slice(&steps.0.to_le_bytes());
    }
    let sum = Sha256::digest(&bytes);
    bytes.extend_from_slice(&sum);
    bytes
}

fn decode(bytes: &[u8]) -> Option<(u64, Remembered)> {
    let (signed, sum) = bytes.split_last_chunk::<32>()?;
    let whole = signed.len() == SIGNED && Sha256::digest(signed)[..] == sum[..];
    let rest = signed.strip_prefix(MAGIC).filter(|_| whole)?;
    let (number, rest) = rest.split_first_chunk()?;
    let (session, rest) = rest.split_first_chunk()?;
    let (accepted, rest) = rest.split_first_chunk()?;
    let (halt, mut rest) = rest.split_first()?;
    let halt = [Halt::No, Halt::ByDevice, Halt::ByPerson]
        .into_iter()
        .find(|known| *known as u8 == *halt)?;
    let mut totals = [[0; CHANNELS]; 4];
    for slot in totals.as_flattened_mut() {
        let (word, after) = rest.split_first_chunk()?;
        *slot = u64::from_le_bytes(*word);
        rest = after;
    }
    let mut recent = [Steps::ZERO; CHANNELS];
    for slot in &mut recent {
        let (word, after) = rest.split_first_chunk()?;
        *slot = Steps(u32::from_le_bytes(*word));
        rest = after;
    }
    let [accepted_total, delivered_total, left_needle, filled_at] = totals;
    let accepted = OrderId(u64::from_le_bytes(*accepted));
    let session = u32::from_le_bytes(*session);
    let remembered = Remembered {
        session,
        accepted,
        halt,
        accepted_total,
        delivered_total,
        left_needle,
        filled_at,
        recent,
    };
    Some((u64::from_le_bytes(*number), remembered))
}

#[cfg(test)]
mod tests;
