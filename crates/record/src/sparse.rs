//! Arrays in which most items are as they began, written as the few that are not: pairs of place
//! and item in ascending order. For fields of states, by `#[cbor(with = "homeostat_record::sparse")]`.

use minicbor::decode::{Decoder, Error as DecodeError};
use minicbor::encode::{Encoder, Error as EncodeError, Write};
use minicbor::{Decode, Encode};

/// Writes the items that differ from the default.
///
/// # Errors
/// The writer's.
pub fn encode<C, T, W, const N: usize>(
    items: &[T; N],
    out: &mut Encoder<W>,
    context: &mut C,
) -> Result<(), EncodeError<W::Error>>
where
    T: Encode<C> + Default + PartialEq,
    W: Write,
{
    let usual = T::default();
    let changed = items.each_ref().map(|item| *item != usual);
    out.array(changed.iter().filter(|changed| **changed).count() as u64)?;
    for ((place, item), changed) in (0_u16..).zip(items).zip(changed) {
        if changed {
            out.array(2)?.u16(place)?;
            item.encode(out, context)?;
        }
    }
    Ok(())
}

/// Reads what [`encode`] wrote; that a second spelling is refused is the business of
/// [`Canonical`](crate::Canonical).
///
/// # Errors
/// When there are more items than places, or an item has no place.
pub fn decode<'b, C, T, const N: usize>(
    input: &mut Decoder<'b>,
    context: &mut C,
) -> Result<[T; N], DecodeError>
where
    T: Decode<'b, C> + Default + Copy,
{
    let mut items = [T::default(); N];
    let Some(length) = input.array()?.filter(|length| *length <= N as u64) else {
        return Err(DecodeError::message("more items than there are places"));
    };
    for _ in 0..length {
        if input.array()? != Some(2) {
            return Err(DecodeError::message("expected a place and an item"));
        }
        let place = usize::from(input.u16()?);
        let item = T::decode(input, context)?;
        *items.get_mut(place).ok_or(DecodeError::message("an item has no place"))? = item;
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
    struct Field(
        #[n(0)]
        #[cbor(with = "crate::sparse")]
        [Steps; 5],
    );

    #[test]
    fn what_is_as_it_began_is_not_written() {
        let mut buffer = [0; 64];
        assert_eq!(Field::default().encode_canonical(&mut buffer), Ok(&[0x81, 0x80][..]));
        let field = Field([Steps(0), Steps(7), Steps(0), Steps(0), Steps(1)]);
        let bytes = field.encode_canonical(&mut buffer).unwrap();
        assert_eq!(bytes, [0x81, 0x82, 0x82, 1, 7, 0x82, 4, 1]);
        assert_eq!(Field::decode_canonical(bytes), Ok(field));
    }

    #[test]
    fn other_spellings_and_places_that_are_not_there_are_refused() {
        let decode = |bytes: &[u8]| Field::decode_canonical(bytes);
        // A default written out, the wrong order, a place twice.
        for bytes in [
            &[0x81, 0x81, 0x82, 1, 0][..],
            &[0x81, 0x82, 0x82, 4, 1, 0x82, 1, 7],
            &[0x81, 0x82, 0x82, 1, 7, 0x82, 1, 7],
        ] {
            assert!(matches!(decode(bytes), Err(DecodeError::NotCanonical { .. })), "{bytes:?}");
        }
        // No such place, too many, no pair, no end.
        for bytes in [
            &[0x81, 0x81, 0x82, 5, 7][..],
            &[0x81, 0x86, 0x82, 0, 1, 0x82, 0, 1, 0x82, 0, 1, 0x82, 0, 1, 0x82, 0, 1, 0x82, 0, 1],
            &[0x81, 0x81, 0x81, 1],
            &[0x81, 0x9F, 0xFF],
        ] {
            assert!(matches!(decode(bytes), Err(DecodeError::Malformed { .. })), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn every_array_comes_back(items in any::<[u32; 5]>(), kept in any::<[bool; 5]>()) {
            let mut field = Field(items.map(Steps));
            for (item, kept) in field.0.iter_mut().zip(kept) {
                if !kept {
                    *item = Steps::ZERO;
                }
            }
            let mut buffer = [0; 64];
            let bytes = field.encode_canonical(&mut buffer).unwrap();
            prop_assert_eq!(Field::decode_canonical(bytes), Ok(field));
        }
    }
}
