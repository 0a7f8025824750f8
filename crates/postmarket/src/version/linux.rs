//! The Linux kernel: `6.1`, `6.1.5`, `6.2-rc3`. A builder's own suffix (`5.15.0-89-generic`,
//! `6.1.38-yocto`) orders directly after the version that was built, so that a fix the builder took
//! into an older version on its own is not seen: a finding too many, never one too few.

use super::key::{Key, is_number, is_zero, split_digits, split_while};

const CANDIDATE: u8 = 1;
const RELEASE: u8 = 2;
const BUILDER: u8 = 3;
const NUMBER: u8 = 4;

pub(super) fn write(text: &str, key: &mut Key) -> Option<()> {
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let (numbers, rest) =
        split_while(text.as_bytes(), |byte| byte.is_ascii_digit() || byte == b'.');
    let mut zeros = 0_u8;
    for number in numbers.split(|byte| *byte == b'.') {
        if !is_number(number) {
            return None;
        }
        if is_zero(number) {
            zeros = zeros.checked_add(1)?;
            continue;
        }
        for _ in 0..zeros {
            key.tag(NUMBER);
            key.number(b"");
        }
        zeros = 0;
        key.tag(NUMBER);
        key.number(number);
    }
    let mut rest = rest;
    if let Some(after) = rest.strip_prefix(b"-rc") {
        let (digits, after) = split_digits(after);
        if digits.is_empty() {
            return None;
        }
        key.tag(CANDIDATE);
        key.number(digits);
        rest = after;
    }
    match rest {
        [] => key.tag(RELEASE),
        [b'-' | b'+' | b'_', suffix @ ..] if suffix.iter().all(u8::is_ascii_graphic) => {
            key.tag(BUILDER);
            key.word(suffix);
        }
        _ => return None,
    }
    Some(())
}
