//! The sensor frame: thirty-two bytes, little-endian, the same for every therapy.
//!
//! ```text
//!  0 u8  version = 1        12 u64 taken, sensor's own monotonic milliseconds
//!  1 u8  quantity           20 i32 value, thousandths of the unit
//!  2 u8  unit               24 u8  quality 0..=100, 255 unknown
//!  3 u8  status flags       25 u8  noise grade 0..=4, 255 unknown
//!  4 u32 source             26 u16 session age, minutes
//!  8 u32 sequence           28 u8[2] detail, as the quantity defines it
//!                           30 u16 CRC-16/CCITT-FALSE of bytes 0..30 (errors, not security)
//! ```
//! SEN-01. The supervisor's watch and the second opinion have decoders of their own.

/// Length of a frame.
pub const FRAME_LEN: usize = 32;

/// What was measured: a number of the register of quantities (`docs/book/sensor-frame.md`), which
/// the therapy that uses it knows by name. Zero is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantity(pub u8);

/// The unit of the value, a number of the same register, carried so that it is never guessed
/// (SEN-14). Zero is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit(pub u8);

impl Default for Quantity {
    /// The first of the register.
    fn default() -> Self {
        Self(1)
    }
}

impl Default for Unit {
    /// The first of the register.
    fn default() -> Self {
        Self(1)
    }
}

/// Status bits of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatusFlags(pub u8);

impl StatusFlags {
    /// The sensor warms up.
    pub const WARM_UP: u8 = 1;
    /// The sensor asks for calibration.
    pub const CALIBRATION: u8 = 2;
    /// The session has ended.
    pub const SESSION_ENDED: u8 = 4;
    /// The sensor reports a malfunction.
    pub const MALFUNCTION: u8 = 8;
    /// The value is below the measuring range ("Low").
    pub const BELOW_RANGE: u8 = 16;
    /// The value is above the measuring range ("High").
    pub const ABOVE_RANGE: u8 = 32;
    /// Demonstration data: must never treat a patient.
    pub const DEMONSTRATION: u8 = 64;
    /// A reading sent again or late, for display only.
    pub const BACKFILL: u8 = 128;

    /// Whether any bit of `mask` is set.
    #[must_use]
    pub const fn any(self, mask: u8) -> bool {
        self.0 & mask != 0
    }
}

/// A sensor frame in its decoded form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SensorFrame {
    /// What was measured.
    pub quantity: Quantity,
    /// Unit of `value`.
    pub unit: Unit,
    /// Status bits.
    pub status: StatusFlags,
    /// Identity of the sensor (a pseudonym).
    pub source: u32,
    /// Counts the sensor's frames.
    pub sequence: u32,
    /// Sensor's own monotonic time, milliseconds.
    pub taken_millis: u64,
    /// Thousandths of the unit.
    pub value_thousandths: i32,
    /// Signal quality in percent, or 255 when unknown.
    pub quality: u8,
    /// Noise grade 0 (clean) to 4, or 255 when unknown.
    pub noise: u8,
    /// Age of the sensor's session, minutes.
    pub session_minutes: u16,
    /// What else the quantity defines; zero where it defines nothing.
    pub detail: [u8; 2],
}

/// Why bytes are not a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// Not thirty-two bytes.
    Length,
    /// A version that this decoder does not know.
    Version,
    /// No quantity or no unit.
    Vocabulary,
    /// The check sum does not fit.
    CheckSum,
}

impl SensorFrame {
    /// The frame as bytes.
    #[must_use]
    pub fn encode(&self) -> [u8; FRAME_LEN] {
        let [s0, s1, s2, s3] = self.source.to_le_bytes();
        let [q0, q1, q2, q3] = self.sequence.to_le_bytes();
        let [t0, t1, t2, t3, t4, t5, t6, t7] = self.taken_millis.to_le_bytes();
        let [v0, v1, v2, v3] = self.value_thousandths.to_le_bytes();
        let [m0, m1] = self.session_minutes.to_le_bytes();
        let [d0, d1] = self.detail;
        let Self { quantity, unit, status, quality, noise, .. } = *self;
        #[rustfmt::skip]
        let mut out = [
            1, quantity.0, unit.0, status.0, s0, s1, s2, s3, q0, q1, q2, q3, t0, t1, t2, t3,
            t4, t5, t6, t7, v0, v1, v2, v3, quality, noise, m0, m1, d0, d1, 0, 0,
        ];
        let sum = crc16(out.iter().take(FRAME_LEN - 2)).to_le_bytes();
        if let Some(last) = out.last_chunk_mut() {
            *last = sum;
        }
        out
    }

    /// Reads a frame.
    ///
    /// # Errors
    /// [`FrameError`] names the first thing that is wrong.
    pub fn decode(bytes: &[u8]) -> Result<Self, FrameError> {
        let bytes: &[u8; FRAME_LEN] = bytes.try_into().map_err(|_| FrameError::Length)?;
        let &[
            version,
            quantity,
            unit,
            status,
            s0,
            s1,
            s2,
            s3,
            q0,
            q1,
            q2,
            q3,
            t0,
            t1,
            t2,
            t3,
            t4,
            t5,
            t6,
            t7,
            v0,
            v1,
            v2,
            v3,
            quality,
            noise,
            m0,
            m1,
            d0,
            d1,
            c0,
            c1,
        ] = bytes;
        if crc16(bytes.iter().take(FRAME_LEN - 2)) != u16::from_le_bytes([c0, c1]) {
            return Err(FrameError::CheckSum);
        }
        if version != 1 {
            return Err(FrameError::Version);
        }
        if quantity == 0 || unit == 0 {
            return Err(FrameError::Vocabulary);
        }
        Ok(Self {
            quantity: Quantity(quantity),
            unit: Unit(unit),
            status: StatusFlags(status),
            source: u32::from_le_bytes([s0, s1, s2, s3]),
            sequence: u32::from_le_bytes([q0, q1, q2, q3]),
            taken_millis: u64::from_le_bytes([t0, t1, t2, t3, t4, t5, t6, t7]),
            value_thousandths: i32::from_le_bytes([v0, v1, v2, v3]),
            quality,
            noise,
            session_minutes: u16::from_le_bytes([m0, m1]),
            detail: [d0, d1],
        })
    }
}

/// CRC-16/CCITT-FALSE (polynomial 0x1021, start 0xFFFF), as the Bluetooth services use it.
fn crc16<'a>(bytes: impl Iterator<Item = &'a u8>) -> u16 {
    bytes.fold(0xFFFF, |sum, byte| {
        let [high, low] = sum.to_be_bytes();
        let after = AFTER_BYTE.get(usize::from(high ^ byte)).copied().unwrap_or(0);
        after ^ u16::from_be_bytes([low, 0])
    })
}

/// The check sum's register after a byte, from an empty one.
const AFTER_BYTE: [u16; 256] = {
    let mut table = [0; 256];
    let mut byte = 0_u16;
    while byte < 256 {
        let mut register = byte << 8;
        let mut bit = 0;
        while bit < 8 {
            register = if register & 0x8000 == 0 { register << 1 } else { register << 1 ^ 0x1021 };
            bit += 1;
        }
        table[byte as usize] = register;
        byte += 1;
    }
    table
};
