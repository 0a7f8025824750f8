//! The bytes that order versions. Every part that is written ends by itself, so that no key is the
//! beginning of a different one unless the scheme means it so.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// A key that is no longer stands in place: of most versions it is not, and comparing them follows no pointer.
const SHORT: usize = 30;

/// The bytes of a key, written from front to back.
#[derive(Clone)]
pub(crate) enum Key {
    Short(u8, [u8; SHORT]),
    Long(Vec<u8>),
}

impl Default for Key {
    fn default() -> Self {
        Self::Short(0, [0; SHORT])
    }
}

impl Key {
    #[inline]
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        match self {
            Self::Short(length, short) => {
                let end = usize::from(*length) + bytes.len();
                match short.get_mut(usize::from(*length)..end) {
                    Some(rest) => {
                        rest.copy_from_slice(bytes);
                        *length += bytes.len() as u8;
                    }
                    None => *self = Self::Long([self.as_bytes(), bytes].concat()),
                }
            }
            Self::Long(long) => long.extend_from_slice(bytes),
        }
    }

    /// A byte that stands for a kind of part; lower kinds order first.
    pub(super) fn tag(&mut self, tag: u8) {
        self.push(&[tag]);
    }

    /// A whole number of any length, as ASCII digits; zeros in front do not count. Shorter numbers
    /// are smaller, and among equally long ones the digits decide.
    pub(super) fn number(&mut self, digits: &[u8]) {
        let digits = without_leading_zeros(digits);
        match u8::try_from(digits.len()) {
            Ok(length) if length < u8::MAX => self.tag(length),
            _ => {
                self.tag(u8::MAX);
                let length = u32::try_from(digits.len()).unwrap_or(u32::MAX);
                self.push(&length.to_be_bytes());
            }
        }
        self.push(digits);
    }

    /// A word without zero bytes, ordered by its bytes; a word orders after its own beginning.
    pub(super) fn word(&mut self, word: &[u8]) {
        self.push(word);
        self.push(&[0]);
    }

    /// As [`Key::word`], upper case as lower case.
    pub(super) fn word_lower(&mut self, word: &[u8]) {
        self.word(&word.to_ascii_lowercase());
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Short(length, short) => short.get(..usize::from(*length)).unwrap_or_default(),
            Self::Long(long) => long,
        }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().fmt(out)
    }
}

/// Digits without the zeros in front; nothing is left of zero.
pub(super) fn without_leading_zeros(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    digits.get(zeros..).unwrap_or_default()
}

/// Whether the digits (of any number, none included) mean zero.
pub(super) fn is_zero(digits: &[u8]) -> bool {
    digits.iter().all(|digit| *digit == b'0')
}

/// Whether there is something and all of it is digits.
pub(super) fn is_number(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit)
}

/// The longest beginning whose bytes satisfy a test, and the rest.
pub(super) fn split_while(bytes: &[u8], test: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    let length = bytes.iter().take_while(|byte| test(**byte)).count();
    bytes.split_at(length)
}

/// As [`split_while`], for digits.
pub(super) fn split_digits(bytes: &[u8]) -> (&[u8], &[u8]) {
    split_while(bytes, |byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whether a key stands in place or not cannot be seen: its bytes are what was written.
        #[test]
        fn a_key_is_what_was_written_whatever_its_length(
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..24), 0..6),
        ) {
            let mut key = Key::default();
            for piece in &pieces {
                key.push(piece);
            }
            prop_assert_eq!(key.as_bytes(), pieces.concat());
        }
    }
}
