//! Keys, and where randomness comes from.

use curve25519_dalek::montgomery::MontgomeryPoint;
use zeroize::Zeroizing;

/// A source of random bytes that nobody can guess. The shell gives the operating system's; a test
/// gives its seed.
pub trait Entropy {
    /// Fills `bytes` wholly.
    ///
    /// # Errors
    /// [`NoEntropy`] when it cannot; nothing is then begun that needs it.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), NoEntropy>;
}

/// There are no random bytes to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoEntropy;

impl core::fmt::Display for NoEntropy {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "no random bytes to be had: is the operating system's source there?")
    }
}

impl core::error::Error for NoEntropy {}

/// A party's own long-lived secret (X25519). Made on the party itself, never derived from a number
/// that others know (CRY-02), wiped when it goes.
#[derive(Clone)]
pub struct StaticKey(Zeroizing<[u8; 32]>);

impl StaticKey {
    /// A new key.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn generate(entropy: &mut dyn Entropy) -> Result<Self, NoEntropy> {
        let mut bytes = Zeroizing::new([0; 32]);
        entropy.fill(bytes.as_mut())?;
        Ok(Self(bytes))
    }

    /// The key that was kept as these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The secret bytes, to be kept where only this party reads.
    #[must_use]
    pub fn secret_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(MontgomeryPoint::mul_base_clamped(*self.0).to_bytes())
    }
}

impl core::fmt::Debug for StaticKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "StaticKey(secret)")
    }
}

/// The text of a key: 64 hexadecimal digits.
impl core::str::FromStr for StaticKey {
    type Err = NoKey;

    fn from_str(text: &str) -> Result<Self, NoKey> {
        digits(text).map(Self::from_bytes)
    }
}

/// The public half of a [`StaticKey`]: what a pairing leaves behind. As text it is 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublicKey(pub [u8; 32]);

impl core::fmt::Display for PublicKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl core::str::FromStr for PublicKey {
    type Err = NoKey;

    fn from_str(text: &str) -> Result<Self, NoKey> {
        digits(text).map(Self)
    }
}

/// A text that is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoKey;

impl core::fmt::Display for NoKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "not a key: expected 64 hexadecimal digits")
    }
}

impl core::error::Error for NoKey {}

fn digits(text: &str) -> Result<[u8; 32], NoKey> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let pairs: &[[u8; 2]; 32] = pairs.try_into().map_err(|_| NoKey)?;
    let mut key = [0; 32];
    for (byte, pair) in key.iter_mut().zip(pairs) {
        let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
        let digit = |digit: Option<u32>| digit.and_then(|d| u8::try_from(d).ok()).ok_or(NoKey);
        *byte = digit(high)? << 4 | digit(low)?;
    }
    if rest.is_empty() { Ok(key) } else { Err(NoKey) }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString as _;

    #[test]
    fn a_key_is_sixty_four_digits() {
        let mut bytes = [0; 32];
        bytes.iter_mut().zip(0_u8..).for_each(|(byte, number)| *byte = number * 8 + 7);
        let key = PublicKey(bytes);
        let text = key.to_string();
        assert!(text.starts_with("070f17") && text.ends_with("f7ff") && text.len() == 64);
        assert_eq!(text.parse(), Ok(key));
        assert_eq!(text.to_uppercase().parse(), Ok(key));
        assert_eq!(text.parse::<StaticKey>().unwrap().secret_bytes(), &bytes);
        for bad in ["", &text[1..], &text[2..], &(text.clone() + "0"), &(text.clone() + "00")] {
            assert_eq!(bad.parse::<PublicKey>(), Err(NoKey), "{bad}");
        }
        let (signed, broad) = (text.replacen('0', "+", 1), text.replacen("07", "é", 1));
        for bad in [signed, broad] {
            assert_eq!(bad.parse::<PublicKey>(), Err(NoKey), "{bad}");
        }
    }
}
