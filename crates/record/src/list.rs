//! Bounded collections without allocation.

use minicbor::decode::{Decoder, Error as CborDecodeError};
use minicbor::encode::{Encoder, Error as CborEncodeError, Write};
use minicbor::{Decode, Encode};

/// A push was refused: the list already holds all that it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// At most `N` items in order, stored in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct List<T, const N: usize> {
    items: [T; N],
    len: usize,
}

impl<T: Copy + Default, const N: usize> Default for List<T, N> {
    fn default() -> Self {
        Self { items: [T::default(); N], len: 0 }
    }
}

impl<T: Copy + Default, const N: usize> List<T, N> {
    /// An empty list.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an item at the end.
    ///
    /// # Errors
    /// [`Full`] when the list holds `N` items already; the list is unchanged.
    pub fn push(&mut self, item: T) -> Result<(), Full> {
        let slot = self.items.get_mut(self.len).ok_or(Full)?;
        *slot = item;
        self.len = self.len.saturating_add(1);
        Ok(())
    }

    /// Takes the first item out and adds one at the end, as in a delay line; an empty list passes it
    /// through.
    pub fn pass(&mut self, item: T) -> T {
        let held = self.items.get_mut(..self.len).unwrap_or(&mut []);
        held.iter_mut().rev().fold(item, |later, slot| core::mem::replace(slot, later))
    }

    /// The items in order.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        self.items.get(..self.len).unwrap_or(&self.items)
    }

    /// The items in order, one by one.
    pub fn iter(&self) -> core::slice::Iter<'_, T> {
        self.as_slice().iter()
    }

    /// How many items there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl<'a, T: Copy + Default, const N: usize> IntoIterator for &'a List<T, N> {
    type Item = &'a T;
    type IntoIter = core::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<C, T: Copy + Default + Encode<C>, const N: usize> Encode<C> for List<T, N> {
    fn encode<W: Write>(
        &self,
        out: &mut Encoder<W>,
        context: &mut C,
    ) -> Result<(), CborEncodeError<W::Error>> {
        out.array(self.len as u64)?;
        for item in self {
            item.encode(out, context)?;
        }
        Ok(())
    }
}

impl<'b, C, T: Copy + Default + Decode<'b, C>, const N: usize> Decode<'b, C> for List<T, N> {
    fn decode(input: &mut Decoder<'b>, context: &mut C) -> Result<Self, CborDecodeError> {
        let Some(len) = input.array()? else {
            return Err(CborDecodeError::message("a list must have a definite length"));
        };
        let mut list = Self::new();
        for _ in 0..len {
            let item = T::decode(input, context)?;
            if list.push(item).is_err() {
                return Err(CborDecodeError::message("a list holds more items than it may"));
            }
        }
        Ok(list)
    }
}

/// At most `N` bytes, stored in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Default for Bytes<N> {
    fn default() -> Self {
        Self { bytes: [0; N], len: 0 }
    }
}

impl<const N: usize> Bytes<N> {
    /// A copy of `bytes`.
    ///
    /// # Errors
    /// [`Full`] when there are more than `N` of them.
    pub fn copy_of(bytes: &[u8]) -> Result<Self, Full> {
        let mut copy = Self::default();
        let target = copy.bytes.get_mut(..bytes.len()).ok_or(Full)?;
        target.copy_from_slice(bytes);
        copy.len = bytes.len();
        Ok(copy)
    }

    /// The bytes.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&self.bytes)
    }
}

impl<C, const N: usize> Encode<C> for Bytes<N> {
    fn encode<W: Write>(
        &self,
        out: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), CborEncodeError<W::Error>> {
        out.bytes(self.as_slice())?;
        Ok(())
    }
}

impl<'b, C, const N: usize> Decode<'b, C> for Bytes<N> {
    fn decode(input: &mut Decoder<'b>, _: &mut C) -> Result<Self, CborDecodeError> {
        Self::copy_of(input.bytes()?)
            .map_err(|Full| CborDecodeError::message("a byte string is longer than it may be"))
    }
}
