//! Debian's and Ubuntu's versions as `dpkg` orders them (Debian policy 5.6.12), and opam's, which
//! are ordered the same way but have no epoch and no revision.

use super::key::{Key, is_number, split_digits, split_while};

const TILDE: u8 = 1;
const END: u8 = 2;

/// `[epoch:]upstream[-revision]`.
pub(super) fn write(text: &str, key: &mut Key) -> Option<()> {
    let (epoch, rest) = match text.split_once(':') {
        Some((epoch, rest)) if is_number(epoch.as_bytes()) => (epoch, rest),
        Some(_) => return None,
        None => ("0", text),
    };
    let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
    if upstream.is_empty() {
        return None;
    }
    key.number(epoch.as_bytes());
    write_part(upstream.as_bytes(), key)?;
    write_part(revision.as_bytes(), key)
}

/// opam's manual, "version ordering".
pub(super) fn write_opam(text: &str, key: &mut Key) -> Option<()> {
    if text.is_empty() {
        return None;
    }
    write_part(text.as_bytes(), key)
}

/// Parts that are not digits and parts that are, in turn. A tilde orders before the end, letters
/// before all other signs. The end stands for a part without signs and for zero.
fn write_part(mut rest: &[u8], key: &mut Key) -> Option<()> {
    loop {
        let (signs, after) = split_while(rest, |byte| !byte.is_ascii_digit());
        for sign in signs {
            key.tag(order(*sign)?);
        }
        key.tag(END);
        let (digits, after) = split_digits(after);
        key.number(digits);
        rest = after;
        if rest.is_empty() {
            key.tag(END);
            return Some(());
        }
    }
}

fn order(sign: u8) -> Option<u8> {
    match sign {
        b'~' => Some(TILDE),
        letter if letter.is_ascii_alphabetic() => Some(letter),
        other if other.is_ascii_graphic() => Some(other | 0x80),
        _ => None,
    }
}
