//! The bytes that order versions. Every part that is written ends by itself, so that no key is the
//! beginning of a different one unless the scheme means it so.

/// A key under construction.
#[derive(Default)]
pub(super) struct Key(Vec<u8>);

impl Key {
    /// A byte that stands for a kind of part; lower kinds order first.
    pub(super) fn tag(&mut self, tag: u8) {
        if self.0.capacity() == 0 {
            self.0.reserve(48);
        }
        self.0.push(tag);
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
                self.0.extend_from_slice(&length.to_be_bytes());
            }
        }
        self.0.extend_from_slice(digits);
    }

    /// A word without zero bytes, ordered by its bytes; a word orders after its own beginning.
    pub(super) fn word(&mut self, word: &[u8]) {
        self.0.extend_from_slice(word);
        self.0.push(0);
    }

    /// As [`Key::word`], upper case as lower case.
    pub(super) fn word_lower(&mut self, word: &[u8]) {
        self.0.extend(word.iter().map(u8::to_ascii_lowercase));
        self.0.push(0);
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn into_bytes(self) -> Box<[u8]> {
        self.0.into_boxed_slice()
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
