//! The published vectors of the two patterns (the Cacophony set, also kept by `snow`), with our
//! primitives.

extern crate std;

use super::*;
use std::vec::Vec;

const PROLOGUE: &[u8] = b"John Galt";
const INITIATOR: &str = "e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1";
const RESPONDER: &str = "4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893";
const EPHEMERAL: [&str; 2] = [
    "893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a",
    "bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b",
];
const PAYLOADS: [&str; 3] = [
    "4c756477696720766f6e204d69736573",
    "4d757272617920526f746862617264",
    "462e20412e20486179656b",
];

fn hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn key(text: &str) -> StaticKey {
    StaticKey::from_bytes(hex(text).try_into().unwrap())
}

struct Fixed(Vec<u8>);

impl Entropy for Fixed {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        bytes.copy_from_slice(self.0.get(..bytes.len()).ok_or(NoEntropy)?);
        Ok(())
    }
}

fn ends(pattern: &str, known: bool) -> [HandshakeState; 2] {
    let keys = [key(INITIATOR), key(RESPONDER)];
    let publics = [keys[1].public(), keys[0].public()];
    [0, 1].map(|end| {
        let which = [End::Initiator, End::Responder][end];
        let peer = known.then_some(&publics[end]);
        let entropy = &mut Fixed(hex(EPHEMERAL[end]));
        handshake(pattern, which, &keys[end], peer, PROLOGUE, entropy).unwrap()
    })
}

/// Plays `messages` of a handshake and compares each; returns the finished ends.
fn play(mut ends: [HandshakeState; 2], messages: &[&str], hash: &str) -> [HandshakeState; 2] {
    let mut buffer = [0; 512];
    let mut read = [0; 512];
    for (index, expected) in messages.iter().enumerate() {
        let payload = hex(PAYLOADS[index]);
        let length = ends[index % 2].write_message(&payload, &mut buffer).unwrap();
        assert_eq!(buffer[..length], hex(expected));
        let length = ends[(index + 1) % 2].read_message(&buffer[..length], &mut read).unwrap();
        assert_eq!(read[..length], payload);
    }
    assert!(ends.iter().all(|end| end.get_handshake_hash() == hex(hash)));
    ends
}

#[test]
fn cry_01_the_session_pattern_gives_the_published_bytes() {
    let finished = play(
        ends(SESSION, true),
        &[
            "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944266a5f53784aa3becb0f7485\
             c2759c328937867a4cbaafef07422b0725e098be",
            "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843008aeea5d76d6abcbab87a18\
             502c8a8352d9933ac11e2a7d228038d721e31e",
        ],
        "1362b8627a00907ce11e558aba8ce7cbca88e83f0e84ce7db5159b1c3e25ab59",
    );
    let [initiator, responder] = finished.map(|end| end.into_stateless_transport_mode().unwrap());
    let mut sealed = [0; 64];
    let mut opened = [0; 64];
    let payload = hex(PAYLOADS[2]);
    let length = initiator.write_message(0, &payload, &mut sealed).unwrap();
    assert_eq!(sealed[..length], hex("5f92113edf78c3e56e6d67201f5f9e0c8f2930c3e1ffb64ede0358"));
    let length = responder.read_message(0, &sealed[..length], &mut opened).unwrap();
    assert_eq!(opened[..length], payload);
    let reply = hex("4361726c204d656e676572");
    let length = responder.write_message(0, &reply, &mut sealed).unwrap();
    assert_eq!(sealed[..length], hex("30ebbd9cdcef7f40d99c8cd11e880dac28f5c9e5032c1059b3b56a"));
}

#[test]
fn cry_01_the_pairing_pattern_gives_the_published_bytes() {
    play(
        ends(PAIRING, false),
        &[
            "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c79444c756477696720766f6e204d\
             69736573",
            "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f1448088437c365eb362a1c991b0557fe8\
             a7fb187d99346765d93ec63db6c1b01504ebeec55a2298d2dbff80eff034d20595153f63a196a6cead1e11b2\
             bb13e336fa13616dd3e8b0a070c882ed3f1a78c7c06c93",
            "46c3307de83b014258717d97781c1f50936d8b7d50c0722a1739654d10392d415b670c114f79b9a4f8054157\
             0f77ce88802efa4220cff733e7b5668ba38059ec904b4b8eef9448085faf51",
        ],
        "6c4c56cf71612f72d05ceb96c0155e6f4ea54a26b504c93de632a2db4a49d200",
    );
}

#[test]
fn cry_01_a_point_of_small_order_agrees_with_nobody() {
    let small = PublicKey([0; 32]);
    let entropy = &mut Fixed(hex(EPHEMERAL[0]));
    let begun = handshake(SESSION, End::Initiator, &key(INITIATOR), Some(&small), b"", entropy);
    assert!(begun.unwrap().write_message(b"", &mut [0; 128]).is_err());
}

#[test]
fn without_randomness_nothing_begins() {
    let begun = handshake(PAIRING, End::Initiator, &key(INITIATOR), None, b"", &mut Fixed(hex("")));
    assert_eq!(begun.err(), Some(NotBegun::NoEntropy));
}

#[test]
fn drawn_bytes_are_given_out_once() {
    let mut drawn = Drawn { bytes: Zeroizing::new([7; 32]), unused: true };
    let mut into = [0; 32];
    assert!(drawn.try_fill_bytes(&mut into).is_ok());
    assert_eq!(into, [7; 32]);
    assert!(drawn.try_fill_bytes(&mut into).is_err());
}
