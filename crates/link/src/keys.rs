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

/// The public half of a [`StaticKey`]: what a pairing leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublicKey(pub [u8; 32]);
