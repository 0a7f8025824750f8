//! The Noise protocol framework, through `snow`, with primitives of our choice (X25519,
//! ChaCha20-Poly1305, BLAKE2s; nothing else is ever negotiated, CRY-01) and with randomness that
//! was drawn beforehand. The keys that we hold are wiped when they go; the framework's chaining key is not.

use crate::keys::{Entropy, NoEntropy, PublicKey, StaticKey};
use crate::wire::TAG;
use alloc::boxed::Box;
use blake2::Blake2s256;
use blake2::digest::Digest;
use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit};
use curve25519_dalek::montgomery::MontgomeryPoint;
use snow::params::{CipherChoice, DHChoice, HashChoice};
use snow::resolvers::CryptoResolver;
use snow::types::{Cipher, Dh, Hash, Random};
use snow::{Error, HandshakeState};
use zeroize::{Zeroize, Zeroizing};

/// Between parties that were paired.
pub(crate) const SESSION: &str = "Noise_KK_25519_ChaChaPoly_BLAKE2s";
/// Between parties that are being paired.
pub(crate) const PAIRING: &str = "Noise_XX_25519_ChaChaPoly_BLAKE2s";

/// Which end of a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It begins.
    Initiator,
    /// It answers.
    Responder,
}

/// Why a handshake could not even be begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotBegun {
    NoEntropy,
    /// The framework refused: a key of no use.
    Refused,
}

impl From<NoEntropy> for NotBegun {
    fn from(NoEntropy: NoEntropy) -> Self {
        Self::NoEntropy
    }
}

impl From<Error> for NotBegun {
    fn from(_: Error) -> Self {
        Self::Refused
    }
}

/// A handshake of `pattern` with its one ephemeral key drawn from `entropy` already.
pub(crate) fn handshake(
    pattern: &str,
    end: End,
    key: &StaticKey,
    peer: Option<&PublicKey>,
    prologue: &[u8],
    entropy: &mut dyn Entropy,
) -> Result<HandshakeState, NotBegun> {
    let mut drawn = Drawn { bytes: Zeroizing::new([0; 32]), unused: true };
    entropy.fill(drawn.bytes.as_mut())?;
    let resolver = Box::new(Primitives { drawn });
    let mut builder = snow::Builder::with_resolver(pattern.parse()?, resolver)
        .local_private_key(key.secret_bytes())?
        .prologue(prologue)?;
    if let Some(peer) = peer {
        builder = builder.remote_public_key(&peer.0)?;
    }
    Ok(match end {
        End::Initiator => builder.build_initiator()?,
        End::Responder => builder.build_responder()?,
    })
}

/// What two static keys agree on; `None` for a key of small order, which agrees with everybody.
pub(crate) fn agreement(own: &StaticKey, peer: &PublicKey) -> Option<Zeroizing<[u8; 32]>> {
    let shared =
        Zeroizing::new(MontgomeryPoint(peer.0).mul_clamped(*own.secret_bytes()).to_bytes());
    (*shared != [0; 32]).then_some(shared)
}

/// Random bytes for one ephemeral key, given out once.
#[derive(Clone)]
struct Drawn {
    bytes: Zeroizing<[u8; 32]>,
    unused: bool,
}

impl Random for Drawn {
    fn try_fill_bytes(&mut self, into: &mut [u8]) -> Result<(), Error> {
        if !self.unused || into.len() != self.bytes.len() {
            return Err(Error::Rng);
        }
        into.copy_from_slice(self.bytes.as_ref());
        self.bytes.zeroize();
        self.unused = false;
        Ok(())
    }
}

struct Primitives {
    drawn: Drawn,
}

impl CryptoResolver for Primitives {
    fn resolve_rng(&self) -> Option<Box<dyn Random>> {
        Some(Box::new(self.drawn.clone()))
    }

    fn resolve_dh(&self, choice: &DHChoice) -> Option<Box<dyn Dh>> {
        matches!(choice, DHChoice::Curve25519).then(|| Box::<X25519>::default() as _)
    }

    fn resolve_hash(&self, choice: &HashChoice) -> Option<Box<dyn Hash>> {
        matches!(choice, HashChoice::Blake2s).then(|| Box::<Blake2s>::default() as _)
    }

    fn resolve_cipher(&self, choice: &CipherChoice) -> Option<Box<dyn Cipher>> {
        matches!(choice, CipherChoice::ChaChaPoly).then(|| Box::<ChaChaPoly>::default() as _)
    }
}

#[derive(Default)]
struct X25519 {
    private: Zeroizing<[u8; 32]>,
    public: [u8; 32],
}

impl X25519 {
    fn take(&mut self, private: Zeroizing<[u8; 32]>) {
        self.public = MontgomeryPoint::mul_base_clamped(*private).to_bytes();
        self.private = private;
    }
}

impl Dh for X25519 {
    fn name(&self) -> &'static str {
        "25519"
    }

    fn pub_len(&self) -> usize {
        32
    }

    fn priv_len(&self) -> usize {
        32
    }

    fn set(&mut self, privkey: &[u8]) {
        // The builder was given 32 bytes; others would leave the all-zero key, which agrees with nobody.
        if let Ok(private) = privkey.try_into() {
            self.take(Zeroizing::new(private));
        }
    }

    fn generate(&mut self, rng: &mut dyn Random) -> Result<(), Error> {
        let mut private = Zeroizing::new([0; 32]);
        rng.try_fill_bytes(private.as_mut())?;
        self.take(private);
        Ok(())
    }

    fn pubkey(&self) -> &[u8] {
        &self.public
    }

    fn privkey(&self) -> &[u8] {
        self.private.as_ref()
    }

    fn dh(&self, pubkey: &[u8], out: &mut [u8]) -> Result<(), Error> {
        let point = pubkey.get(..32).and_then(|key| <[u8; 32]>::try_from(key).ok());
        let own = StaticKey::from_bytes(*self.private);
        let shared = agreement(&own, &PublicKey(point.ok_or(Error::Dh)?)).ok_or(Error::Dh)?;
        out.get_mut(..32).ok_or(Error::Dh)?.copy_from_slice(shared.as_ref());
        Ok(())
    }
}

#[derive(Default)]
struct Blake2s {
    hasher: Blake2s256,
}

impl Hash for Blake2s {
    fn name(&self) -> &'static str {
        "BLAKE2s"
    }

    fn block_len(&self) -> usize {
        64
    }

    fn hash_len(&self) -> usize {
        32
    }

    fn reset(&mut self) {
        self.hasher = Blake2s256::default();
    }

    fn input(&mut self, data: &[u8]) {
        self.hasher.update(data);
    }

    fn result(&mut self, out: &mut [u8]) {
        let digest = core::mem::take(&mut self.hasher).finalize();
        for (into, byte) in out.iter_mut().zip(digest) {
            *into = byte;
        }
    }
}

#[derive(Default)]
struct ChaChaPoly {
    key: Zeroizing<[u8; 32]>,
}

impl ChaChaPoly {
    /// Four zero bytes and the counter, little-endian (Noise 12.3).
    fn nonce(counter: u64) -> [u8; 12] {
        let [a, b, c, d, e, f, g, h] = counter.to_le_bytes();
        [0, 0, 0, 0, a, b, c, d, e, f, g, h]
    }

    fn cipher(&self) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new(&(*self.key).into())
    }
}

impl Cipher for ChaChaPoly {
    fn name(&self) -> &'static str {
        "ChaChaPoly"
    }

    fn set(&mut self, key: &[u8; 32]) {
        *self.key = *key;
    }

    fn encrypt(&self, nonce: u64, authtext: &[u8], plaintext: &[u8], out: &mut [u8]) -> usize {
        // The framework has checked that there is room for text and tag.
        let Some((text, rest)) = out.split_at_mut_checked(plaintext.len()) else { return 0 };
        let Some(tag_place) = rest.get_mut(..TAG) else { return 0 };
        text.copy_from_slice(plaintext);
        let nonce = Self::nonce(nonce).into();
        let sealed = self.cipher().encrypt_inout_detached(&nonce, authtext, text.into());
        let Ok(tag) = sealed else {
            text.zeroize();
            return 0;
        };
        tag_place.copy_from_slice(&tag);
        plaintext.len().saturating_add(TAG)
    }

    fn decrypt(
        &self,
        nonce: u64,
        authtext: &[u8],
        ciphertext: &[u8],
        out: &mut [u8],
    ) -> Result<usize, Error> {
        let (sealed, tag) = ciphertext.split_last_chunk::<TAG>().ok_or(Error::Decrypt)?;
        let text = out.get_mut(..sealed.len()).ok_or(Error::Decrypt)?;
        text.copy_from_slice(sealed);
        let nonce = Self::nonce(nonce).into();
        let opened =
            self.cipher().decrypt_inout_detached(&nonce, authtext, text.into(), tag.into());
        opened.map(|()| sealed.len()).map_err(|_| Error::Decrypt)
    }
}

#[cfg(test)]
mod tests;
