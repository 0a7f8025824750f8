//! Arrays of numbers written as one byte string, little-endian, for fields of states that hold many:
//! `#[cbor(with = "homeostat_record::packed")]`. What is read in every cycle (the digest) then costs
//! no decision per number.

use crate::Steps;
use minicbor::decode::{Decoder, Error as DecodeError};
use minicbor::encode::{Encoder, Error as EncodeError, Write};

/// A number of fixed length.
pub trait Word: Copy + Default {
    /// Its bytes, little-endian.
    type Bytes: AsRef<[u8]> + AsMut<[u8]> + Default;

    /// The bytes of the number.
    fn bytes(self) -> Self::Bytes;

    /// The number of these bytes.
    fn of(bytes: Self::Bytes) -> Self;
}

macro_rules! words {
    ($($number:ty, $length:literal;)+) => {
        $(impl Word for $number {
            type Bytes = [u8; $length];

            #[inline]
            fn bytes(self) -> [u8; $length] {
                self.to_le_bytes()
            }

            #[inline]
            fn of(bytes: [u8; $length]) -> Self {
                Self::from_le_bytes(bytes)
            }
        })+
    };
}

words! {
    u32, 4;
    f32, 4;
    f64, 8;
}

impl Word for Steps {
    type Bytes = [u8; 4];

    #[inline]
    fn bytes(self) -> [u8; 4] {
        self.0.to_le_bytes()
    }

    #[inline]
    fn of(bytes: [u8; 4]) -> Self {
        Self(u32::from_le_bytes(bytes))
    }
}

/// Writes all numbers.
///
/// # Errors
/// The writer's.
pub fn encode<C, T: Word, W: Write, const N: usize>(
    items: &[T; N],
    out: &mut Encoder<W>,
    _: &mut C,
) -> Result<(), EncodeError<W::Error>> {
    let length = size_of::<T::Bytes>().saturating_mul(N);
    out.bytes_len(length as u64)?;
    for item in items {
        out.writer_mut().write_all(item.bytes().as_ref()).map_err(EncodeError::write)?;
    }
    Ok(())
}

/// Reads what [`encode`] wrote.
///
/// # Errors
/// When there are not exactly as many bytes.
pub fn decode<C, T: Word, const N: usize>(
    input: &mut Decoder<'_>,
    _: &mut C,
) -> Result<[T; N], DecodeError> {
    let size = size_of::<T::Bytes>();
    let bytes = input.bytes()?;
    if bytes.len() != size.saturating_mul(N) {
        return Err(DecodeError::message("a packed array of another length"));
    }
    let mut items = [T::default(); N];
    for (item, chunk) in items.iter_mut().zip(bytes.chunks(size)) {
        let mut word = T::Bytes::default();
        for (into, byte) in word.as_mut().iter_mut().zip(chunk) {
            *into = *byte;
        }
        *item = T::of(word);
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    extern crate std;

    use crate::{Canonical, DecodeError, Steps};
    use minicbor::{Decode, Encode};
    use proptest::prelude::*;

    #[derive(Clone, Copy, Debug, Default, PartialEq, Encode, Decode)]
    #[cbor(array)]
    struct Fields {
        #[n(0)]
        #[cbor(with = "crate::packed")]
        steps: [Steps; 2],
        #[n(1)]
        #[cbor(with = "crate::packed")]
        single: [f32; 1],
        #[n(2)]
        #[cbor(with = "crate::packed")]
        double: [f64; 2],
    }

    #[test]
    fn numbers_stand_side_by_side() {
        let fields = Fields { steps: [Steps(1), Steps(0x0102_0304)], ..Fields::default() };
        let mut buffer = [0; 64];
        let bytes = fields.encode_canonical(&mut buffer).unwrap();
        assert_eq!(bytes[..10], [0x83, 0x48, 1, 0, 0, 0, 4, 3, 2, 1]);
        assert_eq!(bytes.len(), 10 + 5 + 17);
        assert_eq!(Fields::decode_canonical(bytes), Ok(fields));
        let mut other = bytes.to_vec();
        other[1] = 0x47;
        assert!(matches!(
            Fields::decode_canonical(&other),
            Err(DecodeError::Malformed { .. } | DecodeError::NotCanonical { .. })
        ));
    }

    proptest! {
        #[test]
        fn every_number_comes_back(
            steps in any::<[u32; 2]>(), single in any::<f32>(), double in any::<[f64; 2]>(),
        ) {
            let fields = Fields { steps: steps.map(Steps), single: [single], double };
            let mut buffer = [0; 64];
            let bytes = fields.encode_canonical(&mut buffer).unwrap();
            let read = Fields::decode_canonical(bytes).unwrap();
            prop_assert_eq!(read.digest(), fields.digest());
        }
    }
}
