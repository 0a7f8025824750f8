//! The watch's own reading of a sensor frame. Shares nothing with `SensorFrame::decode`
//! (SUP-05): fields are taken by offset, and the check sum is tested as a remainder.

/// What a frame is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// The index of hypnosis.
    Index,
    /// Mean arterial pressure.
    Pressure,
    /// One of the two in a unit that it does not have.
    WrongUnit,
}

/// A frame whose check sum fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) subject: Subject,
    pub(super) source: u32,
    pub(super) sequence: u32,
    /// Source's own milliseconds.
    pub(super) taken: u64,
    /// Thousandths of the unit.
    pub(super) value: i32,
    /// Percent; `None` when unknown.
    pub(super) quality: Option<u32>,
    pub(super) session_minutes: u16,
    /// Power of the electromyogram, dB; `None` when unknown.
    pub(super) muscle: Option<u32>,
    /// Suppression ratio, percent; `None` when unknown.
    pub(super) suppression: Option<u32>,
    /// Back-fill: for display only.
    pub(super) stored: bool,
    /// The source itself says that it must not be used.
    pub(super) not_ready: bool,
    /// The source says that it cannot measure so far.
    pub(super) beyond: bool,
}

const LENGTH: usize = 32;
/// Quantity and unit of what is read.
const INDEX: (u8, u8) = (2, 3);
const PRESSURE: (u8, u8) = (4, 5);
/// Warm-up, calibration wanted, session ended, malfunction, demonstration.
const NOT_READY: u8 = 1 | 2 | 4 | 8 | 64;
/// Below or above the measuring range.
const BEYOND: u8 = 16 | 32;
const STORED: u8 = 128;
const UNKNOWN: u8 = 255;

/// Reads a frame about the index or the pressure; anything else is no message.
pub(super) fn read(bytes: &[u8]) -> Option<Message> {
    if bytes.len() != LENGTH || remainder(bytes) != 0 {
        return None;
    }
    let [version, quantity, unit, status] = at(bytes, 0)?;
    if version != 1 || unit == 0 {
        return None;
    }
    let subject = match (quantity, unit) {
        INDEX => Subject::Index,
        PRESSURE => Subject::Pressure,
        (2 | 4, _) => Subject::WrongUnit,
        _ => return None,
    };
    let known = |byte: u8| (byte != UNKNOWN).then(|| u32::from(byte));
    let [quality, _] = at::<2>(bytes, 24)?;
    let [muscle, suppression] = at::<2>(bytes, 28)?;
    if subject == Subject::Pressure && (muscle, suppression) != (0, 0) {
        return None;
    }
    Some(Message {
        subject,
        source: u32::from_le_bytes(at(bytes, 4)?),
        sequence: u32::from_le_bytes(at(bytes, 8)?),
        taken: u64::from_le_bytes(at(bytes, 12)?),
        value: i32::from_le_bytes(at(bytes, 20)?),
        quality: known(quality),
        session_minutes: u16::from_le_bytes(at(bytes, 26)?),
        muscle: known(muscle),
        suppression: known(suppression),
        stored: status & STORED != 0,
        not_ready: status & NOT_READY != 0,
        beyond: status & BEYOND != 0,
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
