//! The sensor frame, read by the opinion's own decoder, from the published layout: thirty-two
//! bytes, little-endian.
//!
//! Only what this opinion needs is kept. A frame of another quantity or unit is not a glucose
//! frame, whatever its value.

/// Status bits of a frame, by their meaning here.
pub(crate) const NO_VALUE: u8 = 1 | 4 | 8;
/// "Low": the value is below the measuring range.
pub(crate) const BELOW: u8 = 16;
/// "High": the value is above the measuring range.
pub(crate) const ABOVE: u8 = 32;
/// Demonstration data, and readings sent again for display.
pub(crate) const NOT_FOR_TREATMENT: u8 = 64 | 128;

/// What a glucose frame says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GlucoseFrame {
    /// Status bits.
    pub(crate) status: u8,
    /// Identity of the sensor.
    pub(crate) source: u32,
    /// Number of the frame.
    pub(crate) sequence: u32,
    /// Sensor's own clock, milliseconds.
    pub(crate) taken: u64,
    /// Thousandths of a milligram per decilitre.
    pub(crate) value: i64,
    /// Signal quality in percent, or 255.
    pub(crate) quality: u8,
    /// Noise grade 0 to 4, or 255.
    pub(crate) noise: u8,
    /// Age of the sensor's session, minutes.
    pub(crate) session: u16,
}

/// Reads a frame; `None` when it is damaged or is not a measurement of interstitial glucose.
pub(crate) fn read(bytes: &[u8]) -> Option<GlucoseFrame> {
    let (body, sum) = bytes.split_last_chunk::<2>()?;
    if bytes.len() != 32 || check_sum(body) != u16::from_le_bytes(*sum) {
        return None;
    }
    let mut rest = body;
    let [version, quantity, unit, status] = take::<4>(&mut rest)?;
    let source = u32::from_le_bytes(take::<4>(&mut rest)?);
    let sequence = u32::from_le_bytes(take::<4>(&mut rest)?);
    let taken = u64::from_le_bytes(take::<8>(&mut rest)?);
    let raw = i64::from(i32::from_le_bytes(take::<4>(&mut rest)?));
    let [quality, noise] = take::<2>(&mut rest)?;
    let session = u16::from_le_bytes(take::<2>(&mut rest)?);
    let reserved = take::<2>(&mut rest)?;
    if version != 1 || quantity != 1 || reserved != [0, 0] {
        return None;
    }
    let value = match unit {
        1 => raw,
        2 => from_millimoles(raw),
        _ => return None,
    };
    Some(GlucoseFrame { status, source, sequence, taken, value, quality, noise, session })
}

/// Thousandths of mmol/L as thousandths of mg/dL: glucose weighs 180.156 g/mol.
fn from_millimoles(thousandths: i64) -> i64 {
    crate::whole::share(thousandths, 180_156, 10_000)
}

/// The next `N` bytes.
pub(crate) fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}

/// The check sum (polynomial x^16 + x^12 + x^5 + 1, start 0xFFFF), a byte at a time by what shifts
/// make of it, instead of a bit at a time.
pub(crate) fn check_sum(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |sum: u16, byte| {
        let mixed = MIXED.get(usize::from((sum >> 8) ^ u16::from(*byte)));
        (sum << 8) ^ mixed.copied().unwrap_or(0)
    })
}

/// What a byte adds to the check sum.
#[allow(clippy::indexing_slicing, clippy::as_conversions, reason = "the compiler computes it")]
const MIXED: [u16; 256] = {
    let mut table = [0; 256];
    let mut byte = 0_u16;
    while byte < 256 {
        let mixed = byte ^ (byte >> 4);
        table[byte as usize] = (mixed << 12) ^ (mixed << 5) ^ mixed;
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;
    use homeostat_record::{Quantity, SensorFrame, StatusFlags, Unit};
    use proptest::prelude::*;

    fn a_frame() -> SensorFrame {
        SensorFrame {
            status: StatusFlags(0),
            source: 0x0102_0304,
            sequence: 77,
            taken_millis: 0x0A0B_0C0D_0E0F,
            value_thousandths: 143_000,
            noise: 2,
            quality: 90,
            session_minutes: 300,
            ..SensorFrame::default()
        }
    }

    #[test]
    fn the_check_sum_has_the_published_check_value() {
        assert_eq!(check_sum(b"123456789"), 0x29B1);
    }

    #[test]
    fn sen_01_a_frame_is_read_field_by_field() {
        let read = read(&a_frame().encode()).unwrap();
        let expected = GlucoseFrame {
            status: 0,
            source: 0x0102_0304,
            sequence: 77,
            taken: 0x0A0B_0C0D_0E0F,
            value: 143_000,
            quality: 90,
            noise: 2,
            session: 300,
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn sen_14_millimoles_become_milligrams_and_nothing_else_is_glucose() {
        let unit = Unit(2);
        let frame = SensorFrame { unit, value_thousandths: 5_551, ..a_frame() };
        assert_eq!(read(&frame.encode()).unwrap().value, 100_004);
        for unit in [Unit(3), Unit(4), Unit(5)] {
            assert_eq!(read(&SensorFrame { unit, ..a_frame() }.encode()), None);
        }
        let quantity = Quantity(3);
        assert_eq!(read(&SensorFrame { quantity, ..a_frame() }.encode()), None);
    }

    #[test]
    fn sen_01_a_sound_frame_of_another_version_is_refused() {
        let with_byte = |position: usize, byte: u8| {
            let mut bytes = a_frame().encode();
            bytes[position] = byte;
            let sum = check_sum(&bytes[..30]).to_le_bytes();
            bytes[30..].copy_from_slice(&sum);
            read(&bytes).is_some()
        };
        assert!(with_byte(0, 1), "the version of today");
        for (position, byte) in [(0, 0), (0, 2), (28, 1), (29, 1)] {
            assert!(!with_byte(position, byte), "{position}: {byte}");
        }
    }

    #[test]
    fn a_frame_with_any_flipped_bit_or_another_length_is_refused() {
        let bytes = a_frame().encode();
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes;
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(read(&damaged), None);
        }
        assert_eq!(read(&bytes[1..]), None);
        assert_eq!(read(&[]), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..70)) {
            let _ = read(&bytes);
        }
    }
}
