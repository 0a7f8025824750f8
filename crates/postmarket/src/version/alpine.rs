//! Alpine's versions (and those of Wolfi, Chainguard and others) as apk-tools 3 orders them:
//! `1.2.3b_rc1_p2~hash-r4`. A number after a dot that begins with a zero is a fraction.

use super::key::{Key, split_digits, split_while};

// What follows decides where the parts before are the same: only a pre-release is earlier than
// nothing; then a revision, a commit, a suffix, a letter, and one more number.
const PRE_SUFFIX: u8 = 1;
const END: u8 = 2;
const REVISION: u8 = 3;
const COMMIT: u8 = 4;
const SUFFIX_NUMBER: u8 = 5;
const POST_SUFFIX: u8 = 6;
const LETTER: u8 = 7;
const FRACTION: u8 = 8;
const NUMBER: u8 = 9;

/// Suffixes in their order, those before a release and those after it.
const PRE: [&[u8]; 4] = [b"alpha", b"beta", b"pre", b"rc"];
const POST: [&[u8]; 5] = [b"cvs", b"svn", b"git", b"hg", b"p"];

pub(super) fn write(text: &str, key: &mut Key) -> Option<()> {
    let (digits, rest) = split_digits(text.as_bytes());
    if digits.is_empty() {
        return None;
    }
    key.tag(NUMBER);
    key.number(digits);
    let mut rest = write_numbers(rest, key)?;
    if let [letter, after @ ..] = rest
        && letter.is_ascii_lowercase()
    {
        key.tag(LETTER);
        key.tag(*letter);
        rest = after;
        // Not in the grammar, but published: `6.6.2p1`.
        let (digits, after) = split_digits(rest);
        if !digits.is_empty() {
            key.tag(NUMBER);
            key.number(digits);
            rest = after;
        }
    }
    rest = write_suffixes(rest, key)?;
    if let Some(after) = rest.strip_prefix(b"~") {
        let (commit, after) = split_while(after, |byte| byte.is_ascii_hexdigit());
        if commit.is_empty() {
            return None;
        }
        key.tag(COMMIT);
        key.word(commit);
        rest = after;
    }
    if let Some(after) = rest.strip_prefix(b"-r") {
        let (digits, after) = split_digits(after);
        if digits.is_empty() {
            return None;
        }
        key.tag(REVISION);
        key.number(digits);
        rest = after;
    }
    key.tag(END);
    rest.is_empty().then_some(())
}

fn write_numbers<'a>(mut rest: &'a [u8], key: &mut Key) -> Option<&'a [u8]> {
    while let Some(after) = rest.strip_prefix(b".") {
        let (digits, after) = split_digits(after);
        match digits.first() {
            None => return None,
            Some(b'0') => {
                key.tag(FRACTION);
                key.word(digits);
            }
            Some(_) => {
                key.tag(NUMBER);
                key.number(digits);
            }
        }
        rest = after;
    }
    Some(rest)
}

fn write_suffixes<'a>(mut rest: &'a [u8], key: &mut Key) -> Option<&'a [u8]> {
    while let Some(after) = rest.strip_prefix(b"_") {
        let (word, after) = split_while(after, |byte| byte.is_ascii_lowercase());
        let place = |list: &[&[u8]]| list.iter().position(|known| *known == word);
        let (kind, place) = match (place(&PRE), place(&POST)) {
            (Some(place), _) => (PRE_SUFFIX, place),
            (None, Some(place)) => (POST_SUFFIX, place),
            (None, None) => return None,
        };
        key.tag(kind);
        key.tag(u8::try_from(place).ok()?);
        let (digits, after) = split_digits(after);
        if !digits.is_empty() {
            key.tag(SUFFIX_NUMBER);
            key.number(digits);
        }
        rest = after;
    }
    Some(rest)
}
