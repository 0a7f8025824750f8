//! Maven, by the version order specification of its POM reference.
//!
//! A version is a list of tokens, each a number or a word (qualifier) behind a dot or a hyphen; a
//! change between digits and letters counts as a hyphen. Tokens that mean nothing (zero, `final`,
//! `ga`, `release`) are dropped at the end and before every hyphen. Places that are not there then
//! lie between the qualifiers before a release and everything that comes after it.

use super::key::{Key, is_zero, split_digits, split_while};

const END: u8 = 8;
const OTHER_WORD: u8 = 10;
const HYPHEN_NUMBER: u8 = 11;
const DOT_NUMBER: u8 = 12;

/// Qualifiers with a place of their own.
const WORDS: [(&str, u8); 9] = [
    ("alpha", 1),
    ("beta", 2),
    ("milestone", 3),
    ("rc", 4),
    ("cr", 4),
    ("snapshot", 5),
    ("final", END),
    ("ga", END),
    ("release", END),
];
const SERVICE_PACK: u8 = 9;

#[derive(Clone, Copy)]
struct Token<'a> {
    /// Behind a hyphen, a change between digits and letters, or a qualifier.
    hyphen: bool,
    number: bool,
    text: &'a [u8],
    /// The letter is short for `alpha`, `beta` or `milestone`: a digit follows at once.
    before_digit: bool,
}

pub(super) fn write(text: &str, key: &mut Key) -> Option<()> {
    if text.is_empty() || text.contains('\0') {
        return None;
    }
    let lower = text.to_lowercase();
    let mut tokens = Vec::with_capacity(8);
    for token in tokens_of(lower.as_bytes()) {
        if token.hyphen {
            drop_nulls(&mut tokens);
        }
        tokens.push(token);
    }
    drop_nulls(&mut tokens);
    for token in &tokens {
        match (token.number, token.hyphen) {
            (true, true) => key.tag(HYPHEN_NUMBER),
            (true, false) => key.tag(DOT_NUMBER),
            (false, _) => {
                let tag = word_tag(token);
                key.tag(tag);
                if tag == OTHER_WORD {
                    key.word(token.text);
                }
                continue;
            }
        }
        key.number(token.text);
    }
    key.tag(END);
    Some(())
}

fn drop_nulls(tokens: &mut Vec<Token<'_>>) {
    let is_null = |token: &Token<'_>| {
        if token.number { is_zero(token.text) } else { word_tag(token) == END }
    };
    while tokens.last().is_some_and(is_null) {
        tokens.pop();
    }
}

fn word_tag(token: &Token<'_>) -> u8 {
    match token.text {
        b"a" if token.before_digit => 1,
        b"b" if token.before_digit => 2,
        b"m" if token.before_digit => 3,
        b"sp" => SERVICE_PACK,
        other => WORDS
            .iter()
            .find(|(word, _)| word.as_bytes() == other)
            .map_or(OTHER_WORD, |(_, tag)| *tag),
    }
}

/// The tokens in turn. Nothing between two separators means zero.
fn tokens_of(text: &[u8]) -> impl Iterator<Item = Token<'_>> {
    let mut rest = Some(text);
    let mut hyphen = false;
    std::iter::from_fn(move || {
        let current = rest?;
        let is_separator = |byte: u8| matches!(byte, b'.' | b'-');
        let (digits, after_digits) = split_digits(current);
        let number = !digits.is_empty();
        let (token, after) = if number {
            (digits, after_digits)
        } else {
            split_while(current, |byte| !byte.is_ascii_digit() && !is_separator(byte))
        };
        let before_digit = !number && after.first().is_some_and(u8::is_ascii_digit);
        let token = Token {
            hyphen: hyphen || !(number || token.is_empty()),
            number: number || token.is_empty(),
            text: token,
            before_digit,
        };
        (rest, hyphen) = match after {
            [] => (None, false),
            [b'.', next @ ..] => (Some(next), false),
            [b'-', next @ ..] => (Some(next), true),
            changed => (Some(changed), true),
        };
        Some(token)
    })
}
