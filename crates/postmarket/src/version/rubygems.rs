//! RubyGems: `Gem::Version`.
//!
//! Segments are numbers or words; a word makes it a pre-release. What is not there is zero, and
//! words order before numbers. Zeros in front of something are written as how many they are,
//! since `1.a` and `1.0.0.a` lie on the same side of `1` and `1.1` and `1.0.1` on the other.

use super::key::{Key, is_zero, split_digits, split_while};

const ZEROS_BEFORE_WORD: u8 = 1;
const END: u8 = 2;
const ZEROS_BEFORE_NUMBER: u8 = 3;

/// A segment of a version.
enum Segment<'a> {
    Number(&'a [u8]),
    Word(&'a [u8]),
}

pub(super) fn write(text: &str, key: &mut Key) -> Option<()> {
    if !is_well_formed(text) {
        return None;
    }
    let mut zeros: u8 = 0;
    let mut in_word_part = false;
    let mut rest = text.as_bytes();
    while let Some((segment, after)) = next_segment(rest) {
        rest = after;
        match segment {
            Segment::Number(digits) if is_zero(digits) => zeros = zeros.checked_add(1)?,
            Segment::Number(digits) => {
                key.tag(ZEROS_BEFORE_NUMBER);
                key.tag(u8::MAX - zeros);
                key.number(digits);
                zeros = 0;
            }
            Segment::Word(word) => {
                // Zeros between the numbers and the first word do not count.
                if !in_word_part {
                    zeros = 0;
                }
                in_word_part = true;
                key.tag(ZEROS_BEFORE_WORD);
                key.tag(zeros);
                key.word(word);
                zeros = 0;
            }
        }
    }
    key.tag(END);
    Some(())
}

/// The next run of digits or letters. A hyphen is read as `.pre.`.
fn next_segment(rest: &[u8]) -> Option<(Segment<'_>, &[u8])> {
    let rest = split_while(rest, |byte| byte == b'.').1;
    match rest.first()? {
        b'-' => Some((Segment::Word(b"pre"), rest.get(1..)?)),
        digit if digit.is_ascii_digit() => {
            let (digits, after) = split_digits(rest);
            Some((Segment::Number(digits), after))
        }
        _ => {
            let (word, after) = split_while(rest, |byte| byte.is_ascii_alphabetic());
            (!word.is_empty()).then_some((Segment::Word(word), after))
        }
    }
}

/// `[0-9]+(\.[0-9a-zA-Z]+)*(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?`
fn is_well_formed(text: &str) -> bool {
    let (release, prerelease) = match text.split_once('-') {
        Some((release, prerelease)) => (release, Some(prerelease)),
        None => (text, None),
    };
    let mut parts = release.split('.');
    let starts = parts.next().is_some_and(|part| super::key::is_number(part.as_bytes()));
    let word =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let label = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    starts && parts.all(word) && prerelease.is_none_or(|text| text.split('.').all(label))
}
