//! The watch's own reading of a sensor frame. Shares nothing with `SensorFrame::decode`
//! (SUP-05): fields are taken by offset, and the check sum is tested as a remainder.

/// What a frame says of glucose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// Thousandths of mg/dL.
    Milli(i64),
    /// Below the measuring range.
    Low,
    /// Above the measuring range.
    High,
}

/// A frame whose check sum fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) source: u32,
    pub(super) sequence: u32,
    /// Sensor's own milliseconds.
    pub(super) taken: u64,
    pub(super) level: Level,
    /// Percent; `None` when unknown.
    pub(super) quality: Option<u32>,
    /// Grade; `None` when unknown.
    pub(super) noise: Option<u32>,
    pub(super) session_minutes: u32,
    /// Back-fill: for display only.
    pub(super) stored: bool,
    /// The sensor itself says that it must not be used.
    pub(super) not_ready: bool,
    /// The sensor asks for calibration.
    pub(super) calibration: bool,
}

const LENGTH: usize = 32;
const GLUCOSE: u8 = 1;
const MG_DL: u8 = 1;
const MMOL_L: u8 = 2;
/// Warm-up, session ended, malfunction, demonstration.
const NOT_READY: u8 = 0b0100_1101;
const CALIBRATION: u8 = 0b0000_0010;
const LOW: u8 = 0b0001_0000;
const HIGH: u8 = 0b0010_0000;
const STORED: u8 = 0b1000_0000;
const UNKNOWN: u8 = 255;

/// Reads a frame; `None` for anything that is not a glucose frame of this format.
pub(super) fn read(bytes: &[u8]) -> Option<Message> {
    if bytes.len() != LENGTH || remainder(bytes) != 0 {
        return None;
    }
    let [version, quantity, unit, status] = at::<4>(bytes, 0)?;
    if [version, quantity] != [1, GLUCOSE] || at::<2>(bytes, 28)? != [0, 0] {
        return None;
    }
    let value = i64::from(i32::from_le_bytes(at(bytes, 20)?));
    let number = match unit {
        MG_DL => value,
        // 1 mmol/L is 18.0156 mg/dL; rounded to the nearest thousandth.
        MMOL_L => value.checked_mul(180_156)?.checked_add(5_000)?.div_euclid(10_000),
        _ => return None,
    };
    let level = match (status & LOW != 0, status & HIGH != 0) {
        (true, true) => return None,
        (true, false) => Level::Low,
        (false, true) => Level::High,
        (false, false) => Level::Milli(number),
    };
    let [quality, noise] = at::<2>(bytes, 24)?;
    Some(Message {
        source: u32::from_le_bytes(at(bytes, 4)?),
        sequence: u32::from_le_bytes(at(bytes, 8)?),
        taken: u64::from_le_bytes(at(bytes, 12)?),
        level,
        quality: (quality != UNKNOWN).then(|| u32::from(quality)),
        noise: (noise != UNKNOWN).then(|| u32::from(noise)),
        session_minutes: u32::from(u16::from_le_bytes(at(bytes, 26)?)),
        stored: status & STORED != 0,
        not_ready: status & NOT_READY != 0,
        calibration: status & CALIBRATION != 0,
    })
}

/// `N` bytes from this offset.
fn at<const N: usize>(bytes: &[u8], offset: usize) -> Option<[u8; N]> {
    let tail = bytes.get(offset..)?;
    tail.first_chunk::<N>().copied()
}

/// The remainder of the whole frame under CRC-16/CCITT-FALSE, the sum's two bytes swapped into the
/// order of the polynomial: zero when it fits.
fn remainder(bytes: &[u8]) -> u16 {
    let body = bytes.iter().take(LENGTH - 2);
    let sum = bytes.iter().skip(LENGTH - 2).rev();
    body.chain(sum).fold(0xFFFF, |register: u16, byte| {
        let mixed = register.swap_bytes() ^ u16::from(*byte);
        let mixed = mixed ^ ((mixed & 0xFF) >> 4);
        mixed ^ (mixed << 12) ^ ((mixed & 0xFF) << 5)
    })
}
