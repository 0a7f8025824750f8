//! The sensor frame of a hypnosis monitor and of a pressure line, read by the opinion's own decoder
//! from the published layout.

use crate::frame::{check_sum, take};

/// Warm-up, session ended, malfunction, demonstration, back-fill, below and above the range.
const NOT_TO_BE_USED: u8 = 1 | 4 | 8 | 16 | 32 | 64 | 128;

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measured {
    /// Index of hypnosis, thousandths, with signal quality (percent), power of the electromyogram
    /// (dB) and suppression ratio (percent); 255 where unknown.
    Index { value: i64, quality: u8, muscle: u8, suppression: u8 },
    /// Mean arterial pressure, thousandths of mmHg.
    Pressure { value: i64 },
}

/// A frame that may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) source: u32,
    pub(crate) sequence: u32,
    /// Sensor's own clock, milliseconds.
    pub(crate) taken: u64,
    pub(crate) measured: Measured,
}

/// Reads a frame; `None` when it is damaged, not to be used, or about something else.
pub(crate) fn read(bytes: &[u8]) -> Option<Message> {
    let (body, sum) = bytes.split_last_chunk::<2>()?;
    if bytes.len() != 32 || check_sum(body) != u16::from_le_bytes(*sum) {
        return None;
    }
    let mut rest = body;
    let [version, quantity, unit, status] = take::<4>(&mut rest)?;
    let source = u32::from_le_bytes(take::<4>(&mut rest)?);
    let sequence = u32::from_le_bytes(take::<4>(&mut rest)?);
    let taken = u64::from_le_bytes(take::<8>(&mut rest)?);
    let value = i64::from(i32::from_le_bytes(take::<4>(&mut rest)?));
    let [quality, _] = take::<2>(&mut rest)?;
    let _session = take::<2>(&mut rest)?;
    let [muscle, suppression] = take::<2>(&mut rest)?;
    if version != 1 || status & NOT_TO_BE_USED != 0 {
        return None;
    }
    let measured = match (quantity, unit) {
        (2, 3) if (0..=100_000).contains(&value) => {
            Measured::Index { value, quality, muscle, suppression }
        }
        (4, 5) => Measured::Pressure { value },
        _ => return None,
    };
    Some(Message { source, sequence, taken, measured })
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeostat_record::{Quantity, SensorFrame, StatusFlags, Unit};
    use proptest::prelude::*;

    fn a_frame() -> SensorFrame {
        SensorFrame {
            quantity: Quantity(2),
            unit: Unit(3),
            source: 9,
            sequence: 4,
            taken_millis: 77_000,
            value_thousandths: 48_500,
            quality: 92,
            detail: [31, 2],
            ..SensorFrame::default()
        }
    }

    #[test]
    fn sen_01_index_and_pressure_are_read_and_nothing_else() {
        let measured = Measured::Index { value: 48_500, quality: 92, muscle: 31, suppression: 2 };
        let expected = Message { source: 9, sequence: 4, taken: 77_000, measured };
        assert_eq!(read(&a_frame().encode()), Some(expected));
        let pressure = SensorFrame {
            quantity: Quantity(4),
            unit: Unit(5),
            value_thousandths: 71_000,
            ..a_frame()
        };
        let found = read(&pressure.encode()).map(|message| message.measured);
        assert_eq!(found, Some(Measured::Pressure { value: 71_000 }));
        for (quantity, unit) in [(1, 1), (2, 5), (4, 3), (2, 4)] {
            let frame = SensorFrame { quantity: Quantity(quantity), unit: Unit(unit), ..a_frame() };
            assert_eq!(read(&frame.encode()), None, "{quantity} {unit}");
        }
        for value_thousandths in [-1, 100_001] {
            assert_eq!(read(&SensorFrame { value_thousandths, ..a_frame() }.encode()), None);
        }
        for bit in [0, 2, 3, 4, 5, 6, 7] {
            let status = StatusFlags(1 << bit);
            assert_eq!(read(&SensorFrame { status, ..a_frame() }.encode()), None, "{bit}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..70)) {
            let _ = read(&bytes);
        }

        #[test]
        fn a_flipped_bit_is_found(bit in 0_usize..256) {
            let mut bytes = a_frame().encode();
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(read(&bytes), None);
        }
    }
}
