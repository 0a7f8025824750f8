//! Versions of software that no package system orders (C libraries, firmware): numbers with dots,
//! and the few endings whose meaning is the same everywhere.
//!
//! `1.0.2zd` (a letter release), `9.8p1` (a patch), `2.0-rc1`, `2.0-beta2` (before the release). A
//! letter that a number follows (`1.0a2`) is a pre-release to some and a letter release to others:
//! it has no order here, nor has any word that is not listed.

use super::key::{Key, is_zero, split_digits, split_while};

const END: u8 = 10;
const LETTER: u8 = 11;
const PATCH: u8 = 12;
const NUMBER: u8 = 13;

/// Words and their places.
const WORDS: [(&[u8], u8); 12] = [
    (b"dev", 1),
    (b"snapshot", 2),
    (b"alpha", 3),
    (b"beta", 4),
    (b"pre", 5),
    (b"preview", 5),
    (b"rc", 6),
    (b"p", PATCH),
    (b"pl", PATCH),
    (b"patch", PATCH),
    (b"sp", PATCH),
    (b"final", END),
];

pub(super) fn write(text: &str, key: &mut Key) -> Option<()> {
    let lower = text.to_ascii_lowercase();
    let text = lower.strip_prefix('v').unwrap_or(&lower);
    let text = text.split_once('+').map_or(text, |(before, _)| before);
    let mut rest = write_numbers(text.as_bytes(), key)?;
    while !rest.is_empty() {
        rest = write_ending(rest, key)?;
    }
    key.tag(END);
    Some(())
}

/// Numbers with dots; zeros at the end do not count.
fn write_numbers<'a>(text: &'a [u8], key: &mut Key) -> Option<&'a [u8]> {
    let mut rest = text;
    let mut zeros = 0_usize;
    loop {
        let (digits, after) = split_digits(rest);
        if digits.is_empty() {
            return None;
        }
        if is_zero(digits) {
            zeros += 1;
        } else {
            for _ in 0..zeros {
                key.tag(NUMBER);
                key.number(b"");
            }
            zeros = 0;
            key.tag(NUMBER);
            key.number(digits);
        }
        rest = match after {
            [b'.', next @ ..] if next.first().is_some_and(u8::is_ascii_digit) => next,
            other => return Some(other),
        };
    }
}

/// One word with its number.
fn write_ending<'a>(rest: &'a [u8], key: &mut Key) -> Option<&'a [u8]> {
    let (separator, rest) = match rest {
        [b'.' | b'-' | b'_' | b' ', after @ ..] => (true, after),
        other => (false, other),
    };
    let (word, after) = split_while(rest, |byte| byte.is_ascii_alphabetic());
    let (digits, after) = match after {
        [b'.' | b'-' | b'_', next @ ..] if !word.is_empty() => match split_digits(next) {
            ([], _) => (b"" as &[u8], after),
            found => found,
        },
        other => split_digits(other),
    };
    let listed = WORDS.iter().find(|(known, _)| *known == word).map(|(_, tag)| *tag);
    match listed {
        // `1.0.2p` is a letter release; `9.8p1` and `9.8-p` are patches.
        _ if !separator && digits.is_empty() && (1..=2).contains(&word.len()) => {
            key.tag(LETTER);
            key.word(word);
        }
        Some(END) if digits.is_empty() => {}
        Some(tag) => {
            key.tag(tag);
            key.number(digits);
        }
        None => return None,
    }
    Some(after)
}
