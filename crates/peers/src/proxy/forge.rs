//! Datagrams that nobody sent. They know the public layout of the link's datagrams (`docs/book/link.md`):
//! `kind u8 | session u32 | counter u64 | body`.

use homeostat_link::DATAGRAM_MAX;
use homeostat_patients::random::Stream;

/// The kinds that there are: initiation, answer, sealed, knock, and the four of a pairing.
const KINDS: [u8; 8] = [0x33, 0x3C, 0x55, 0x5A, 0x66, 0x69, 0x96, 0x99];
const HEADER: usize = 13;
/// Where the counter begins.
const COUNTER: usize = 5;

fn below(bound: usize, chance: &mut Stream) -> usize {
    // Below the bound, since a uniform number is below one.
    (chance.uniform() * bound as f64) as usize
}

fn fill(bytes: &mut [u8], chance: &mut Stream) {
    for byte in bytes {
        *byte = below(256, chance) as u8;
    }
}

/// Changes one to eight bits, or cuts the end off.
pub(super) fn corrupt(bytes: &mut Vec<u8>, chance: &mut Stream) {
    if bytes.is_empty() || chance.chance(0.1) {
        bytes.truncate(below(bytes.len().max(1), chance));
        return;
    }
    for _ in 0..=below(8, chance) {
        let place = below(bytes.len(), chance);
        bytes[place] ^= 1 << below(8, chance);
    }
}

/// Random bytes of a random length, longer than any datagram now and then.
pub(super) fn random(chance: &mut Stream) -> Vec<u8> {
    let mut bytes = vec![0; below(DATAGRAM_MAX + 2, chance)];
    fill(&mut bytes, chance);
    bytes
}

/// Like the newest that was seen, or at least like any.
pub(super) fn structured(newest: Option<&[u8]>, chance: &mut Stream) -> Vec<u8> {
    let Some(seen) = newest.filter(|seen| seen.len() >= HEADER) else {
        return headed(below(DATAGRAM_MAX - HEADER, chance), chance);
    };
    let mut bytes = seen.to_vec();
    match below(6, chance) {
        // Its session and a counter that will come, with a body of its length.
        0 => {
            ahead(&mut bytes, 1 + below(64, chance) as u64);
            fill(&mut bytes[HEADER..], chance);
        }
        // The same body under another counter.
        1 => ahead(&mut bytes, 1 + below(1 << 20, chance) as u64),
        // The same under the largest counter: would it push out all that is to come?
        2 => bytes[COUNTER..HEADER].fill(0xFF),
        // A changed body.
        3 => corrupt(&mut bytes, chance),
        // Another kind of the same session.
        4 => bytes[0] = KINDS[below(KINDS.len(), chance)],
        // A new conversation of its length.
        _ => return headed(bytes.len() - HEADER, chance),
    }
    bytes
}

fn headed(body: usize, chance: &mut Stream) -> Vec<u8> {
    let mut bytes = vec![0; HEADER + body];
    fill(&mut bytes, chance);
    bytes[0] = KINDS[below(KINDS.len(), chance)];
    if chance.chance(0.5) {
        // Handshakes and pairings carry no counter.
        bytes[COUNTER..HEADER].fill(0);
    }
    bytes
}

/// Moves the counter; the caller knows that there is one.
fn ahead(bytes: &mut [u8], by: u64) {
    if let Some(counter) = bytes.get_mut(COUNTER..).and_then(<[u8]>::first_chunk_mut::<8>) {
        *counter = u64::from_le_bytes(*counter).wrapping_add(by).to_le_bytes();
    }
}
