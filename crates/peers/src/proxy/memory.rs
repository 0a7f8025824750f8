//! Datagrams that were seen, to be replayed: of this session and, from a file, of earlier ones.
//!
//! ```text
//! to-peer 330a...        a direction and hexadecimal digits, a datagram a line
//! ```

use super::Way;
use core::fmt;
use homeostat_link::DATAGRAM_MAX;
use homeostat_patients::random::Stream;

/// Datagrams that are remembered for each direction.
const MEMORY_MAX: usize = 4_096;

/// What was seen, a fair sample of it once there was too much.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    kept: [Vec<Vec<u8>>; 2],
    seen: [u64; 2],
}

/// A line that is no recorded datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "recording line {0}: expected to-peer or to-device and 2 to 1024 hexadecimal digits, at most 4096 \
     lines a direction"
)]
pub struct RecordingError(pub usize);

impl Memory {
    /// Reads what another session recorded.
    ///
    /// # Errors
    /// The first line that is none.
    pub fn parse(text: &str) -> Result<Self, RecordingError> {
        let mut memory = Self::default();
        for (index, line) in text.lines().enumerate() {
            let (way, bytes) = datagram(line).ok_or(RecordingError(index + 1))?;
            let kept = &mut memory.kept[way.index()];
            if kept.len() == MEMORY_MAX {
                return Err(RecordingError(index + 1));
            }
            kept.push(bytes);
            memory.seen[way.index()] += 1;
        }
        Ok(memory)
    }

    pub(super) fn keep(&mut self, way: Way, datagram: &[u8], chance: &mut Stream) {
        let (kept, seen) = (&mut self.kept[way.index()], &mut self.seen[way.index()]);
        *seen += 1;
        if datagram.is_empty() || datagram.len() > DATAGRAM_MAX {
            return;
        }
        if kept.len() < MEMORY_MAX {
            kept.push(datagram.to_vec());
            return;
        }
        // Each of all that were seen is kept with the same chance.
        let place = (chance.uniform() * *seen as f64) as usize;
        if let Some(slot) = kept.get_mut(place) {
            *slot = datagram.to_vec();
        }
    }

    pub(super) fn any(&self, way: Way, chance: &mut Stream) -> Option<&[u8]> {
        let kept = &self.kept[way.index()];
        kept.get((chance.uniform() * kept.len() as f64) as usize).map(Vec::as_slice)
    }

    /// How many are kept of a direction.
    #[must_use]
    pub fn len(&self, way: Way) -> usize {
        self.kept[way.index()].len()
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (way, name) in [(Way::ToPeer, "to-peer"), (Way::ToDevice, "to-device")] {
            for bytes in &self.kept[way.index()] {
                write!(f, "{name} ")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                writeln!(f)?;
            }
        }
        Ok(())
    }
}

fn datagram(line: &str) -> Option<(Way, Vec<u8>)> {
    let (way, digits) = line.split_once(' ')?;
    let way = match way {
        "to-peer" => Way::ToPeer,
        "to-device" => Way::ToDevice,
        _ => return None,
    };
    let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let fits = digits.len() % 2 == 0 && (2..=2 * DATAGRAM_MAX).contains(&digits.len());
    if !hex || !fits {
        return None;
    }
    let byte = |place: usize| u8::from_str_radix(digits.get(place..place + 2)?, 16).ok();
    let bytes = (0..digits.len()).step_by(2).map(byte).collect::<Option<Vec<u8>>>()?;
    Some((way, bytes))
}
