//! What only an attacker's own build of a pairing can try.

use super::*;
use crate::keys::StaticKey;
use crate::message::{Part, Therapy};
use homeostat_record::Span;

struct Counting(u8);

impl Entropy for Counting {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        for byte in bytes {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
        Ok(())
    }
}

fn at(millis: u64) -> Instant {
    Instant { boot: 1, millis }
}

fn settings(end: End, secret: u8) -> PairingSettings {
    let (part, peer) = match end {
        End::Initiator => (Part::Device, Part::Actuator),
        End::Responder => (Part::Actuator, Part::Device),
    };
    PairingSettings {
        end,
        me: Party { part, identity: u32::from(secret) },
        peer,
        therapy: Therapy::named("insulin").unwrap(),
        key: StaticKey::from_bytes([secret; 32]),
        retry_first: Span::from_millis(500),
        retry_max: Span::from_millis(2_000),
        open_for: Span::from_seconds(60),
    }
}

/// Plays an initiator that the test may have changed after its commitment against an honest pump.
fn play(mut initiator: Pairing) -> PairingEvent {
    let seed = &mut Counting(90);
    let mut pump = Pairing::open(settings(End::Responder, 2), at(0), seed).unwrap();
    let commit = initiator.poll(at(0)).unwrap();
    assert_eq!(pump.receive(at(0), commit.as_slice(), seed), PairingEvent::Progress);
    let answer = pump.poll(at(0)).unwrap();
    let _ = initiator.receive(at(0), answer.as_slice(), seed);
    let reveal = initiator.poll(at(0)).unwrap();
    pump.receive(at(0), reveal.as_slice(), seed)
}

fn initiator() -> Pairing {
    Pairing::open(settings(End::Initiator, 1), at(0), &mut Counting(7)).unwrap()
}

#[test]
fn f_k08_neither_nonce_nor_static_key_can_be_chosen_after_the_commitment() {
    assert!(matches!(play(initiator()), PairingEvent::Compare(_)));

    let mut other_nonce = initiator();
    if let Stage::Committed { nonce, .. } = &mut other_nonce.stage {
        nonce[0] ^= 1;
    }
    let broken = PairingEvent::Failed(PairingFault::BrokenCommitment);
    assert_eq!(play(other_nonce), broken);

    // The commitment names key 1 and the handshake is run with key 3: what a search for a fitting
    // static key would do.
    let mut other_key = initiator();
    let honest = other_key.settings.key.public();
    other_key.settings.key = StaticKey::from_bytes([3; 32]);
    let mut state = other_key.handshake(&mut Counting(50)).unwrap();
    let introduction = other_key.introduction().encode();
    let nonce = [9; NONCE];
    let mut payload = [0; INTRODUCTION + 32];
    join(&mut payload, &[&introduction, &commitment(&nonce, &honest, &introduction)]);
    let header = Header { kind: Kind::PairingCommit, session: other_key.number, counter: 0 };
    let commit = header.with_body(|body| state.write_message(&payload, body)).unwrap();
    other_key.stage = Stage::Committed { state, nonce, commit };
    assert_eq!(play(other_key), broken);
}
