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
/// order of the polynomial: zero when it fits. Two bytes at a time.
fn remainder(bytes: &[u8]) -> u16 {
    let (body, sum) = bytes.split_at(LENGTH.saturating_sub(2).min(bytes.len()));
    let (pairs, _) = body.as_chunks::<2>();
    let after = pairs.iter().fold(0xFFFF, |register, pair| after_pair(register, *pair));
    match *sum {
        [low, high] => after_pair(after, [high, low]),
        _ => 1,
    }
}

/// The register after two more bytes.
fn after_pair(register: u16, [first, second]: [u8; 2]) -> u16 {
    let [high, low] = register.to_be_bytes();
    let of = |table: &[u16; 256], byte: u8| table.get(usize::from(byte)).copied().unwrap_or(0);
    of(&AFTER_TWO, high ^ first) ^ of(&AFTER_ONE, low ^ second)
}

/// The register after a byte, from an empty one.
const AFTER_ONE: [u16; 256] = {
    let mut table = [0; 256];
    let mut byte = 0_u16;
    while byte < 256 {
        // x^16 = x^12 + x^5 + 1, a nibble at a time.
        let mixed = byte ^ (byte >> 4);
        table[byte as usize] = mixed ^ (mixed << 5) ^ (mixed << 12);
        byte += 1;
    }
    table
};

/// The register after a byte and an empty one.
const AFTER_TWO: [u16; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let one = AFTER_ONE[byte];
        table[byte] = (one << 8) ^ AFTER_ONE[(one >> 8) as usize];
        byte += 1;
    }
    table
};
