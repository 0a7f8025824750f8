//! A body with its sensor, and the history from which both are there again after a restart: what was
//! given and when. They are computed again from it, so that a killed process loses nobody's life.
//!
//! ```text
//! body.log: 21 bytes a record: u8 kind (0x33 poured, 0x55 lived), u32 pump, u64 total, u64 total
//! ```

use crate::body::Body;
use crate::clock;
use crate::folder::file;
use crate::program::PeerError;
use crate::sensor::Sensor;
use crate::tubing::{Billionths, Tubing};
use homeostat_record::{CHANNELS, SensorFrame};
use std::fs::{File, OpenOptions};
use std::io::{BufReader, Read as _, Write as _};
use std::path::Path;
use std::time::Duration;

const POURED: u8 = 0x33;
const LIVED: u8 = 0x55;
const RECORD: usize = 1 + 4 + 8 * CHANNELS;

/// A body with its sensor.
#[derive(Debug)]
pub struct Wearer {
    body: Body,
    sensor: Sensor,
    history: Option<File>,
    put_away: Option<Duration>,
}

impl Wearer {
    /// A body and a sensor that nobody remembers.
    #[must_use]
    pub const fn new(body: Body, sensor: Sensor) -> Self {
        Self { body, sensor, history: None, put_away: None }
    }

    /// The same with a history in a folder: what is there is lived again first. A record that was cut
    /// short is dropped.
    ///
    /// # Errors
    /// The history cannot be read or written, or is none.
    pub fn remembering(mut self, folder: &Path) -> Result<Self, PeerError> {
        let path = folder.join("body.log");
        let failed = file(&path);
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        let history = options.open(&path).map_err(&failed)?;
        let length = history.metadata().map_err(&failed)?.len();
        if length > 0 {
            self.put_away = clock::since_written(&history);
        }
        let whole = length - length % RECORD as u64;
        let mut reader = BufReader::new(&history).take(whole);
        let mut record = [0; RECORD];
        for number in 0..whole / RECORD as u64 {
            reader.read_exact(&mut record).map_err(&failed)?;
            let name = || path.display().to_string();
            self.relive(&record)
                .ok_or_else(|| PeerError::History { file: name(), record: number + 1 })?;
        }
        if whole < length {
            history.set_len(whole).map_err(&failed)?;
        }
        self.history = Some(history);
        Ok(self)
    }

    fn relive(&mut self, record: &[u8; RECORD]) -> Option<()> {
        let (kind, rest) = record.split_first()?;
        let (pump, rest) = rest.split_first_chunk()?;
        let (first, rest) = rest.split_first_chunk()?;
        let totals = [first, rest.first_chunk()?].map(|t| Billionths(u64::from_le_bytes(*t)));
        match *kind {
            POURED => {
                let (therapy, pump) = (self.body.therapy(), u32::from_le_bytes(*pump));
                self.body.pour(&Tubing { therapy, pump, totals });
            }
            LIVED => {
                let _ = self.sensor.read(&self.body);
                self.body.live();
            }
            _ => return None,
        }
        Some(())
    }

    /// How long the history had rested when it was opened, of the machine's time.
    #[must_use]
    pub const fn put_away(&self) -> Option<Duration> {
        self.put_away
    }

    /// Takes what the tubing says.
    ///
    /// # Errors
    /// The history cannot be written.
    pub fn pour(&mut self, tubing: &Tubing) -> std::io::Result<()> {
        if self.body.pour(tubing) {
            self.write(POURED, tubing.pump, tubing.totals)?;
        }
        Ok(())
    }

    /// One tick: what the sensor says at its beginning, then life.
    ///
    /// # Errors
    /// The history cannot be written.
    pub fn tick(&mut self) -> std::io::Result<Option<SensorFrame>> {
        let frame = self.sensor.read(&self.body);
        self.write(LIVED, 0, [Billionths(0); CHANNELS])?;
        self.body.live();
        Ok(frame)
    }

    /// Ticks that passed while nobody counted them, with what was poured meanwhile spread over them.
    ///
    /// # Errors
    /// The history cannot be written.
    pub fn catch_up(&mut self, ticks: u64, tubing: Option<&Tubing>) -> std::io::Result<()> {
        let before = tubing.and_then(|tubing| {
            let mut known = self.body.connected();
            known.find(|(pump, _)| *pump == tubing.pump).map(|(_, totals)| totals)
        });
        for tick in 1..=ticks {
            if let (Some(tubing), Some(before)) = (tubing, before) {
                let mut totals = tubing.totals;
                for (total, before) in totals.iter_mut().zip(before) {
                    let more = u128::from(total.0.saturating_sub(before.0)) * u128::from(tick);
                    // No more than the whole of it, which fits.
                    let part = u64::try_from(more / u128::from(ticks)).unwrap_or(0);
                    total.0 = before.0.saturating_add(part);
                }
                self.pour(&Tubing { totals, ..*tubing })?;
            }
            self.tick()?;
        }
        match tubing {
            Some(tubing) => self.pour(tubing),
            None => Ok(()),
        }
    }

    fn write(
        &mut self,
        kind: u8,
        pump: u32,
        totals: [Billionths; CHANNELS],
    ) -> std::io::Result<()> {
        let Some(history) = &mut self.history else { return Ok(()) };
        let mut record = Vec::with_capacity(RECORD);
        record.push(kind);
        record.extend_from_slice(&pump.to_le_bytes());
        for total in totals {
            record.extend_from_slice(&total.0.to_le_bytes());
        }
        history.write_all(&record)
    }

    /// The body.
    #[must_use]
    pub const fn body(&self) -> &Body {
        &self.body
    }
}

#[cfg(test)]
mod tests;
