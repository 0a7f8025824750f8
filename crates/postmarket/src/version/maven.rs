//! Maven, by the version order specification of its POM reference.
//!
//! A version is a list of tokens, each a number or a word (qualifier) behind a dot or a hyphen; a
//! change between digits and letters counts as a hyphen, and so does the dot before a word. Tokens
//! that mean nothing (zero, `final`, `ga`, `release`) are dropped at the end, and zeros before every
//! hyphen. Places that are not there then lie between the qualifiers before a release and everything
//! that comes after it. A `final` that something follows stays (`1.0.final-redhat-1` is before
//! `1.0.sp1-redhat-1`, MNG-7714) and lies on that side of the release on which what follows does.

use super::key::{Key, is_zero, split_digits, split_while};

const FINAL_AND_BEFORE: u8 = 6;
const END: u8 = 7;
const FINAL_AND_AFTER: u8 = 8;
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
            drop_last(&mut tokens, |token| token.number && is_zero(token.text));
        }
        tokens.push(token);
    }
    drop_last(
        &mut tokens,
        |token| {
            if token.number { is_zero(token.text) } else { word_tag(token) == END }
        },
    );
    for (place, token) in tokens.iter().enumerate() {
        if token.number {
            key.tag(if token.hyphen { HYPHEN_NUMBER } else { DOT_NUMBER });
            key.number(token.text);
            continue;
        }
        match word_tag(token) {
            END => key.tag(tag_of_final(tokens.get(place..).unwrap_or_default())),
            OTHER_WORD => {
                key.tag(OTHER_WORD);
                key.word(token.text);
            }
            tag => key.tag(tag),
        }
    }
    key.tag(END);
    Some(())
}

/// The first token stays: a version that begins with a number is not one that begins with a word.
fn drop_last(tokens: &mut Vec<Token<'_>>, drops: impl Fn(&Token<'_>) -> bool) {
    while tokens.len() > 1 && tokens.last().is_some_and(&drops) {
        tokens.pop();
    }
}

/// On which side of a release a word for one lies, by the first token after it that is another.
fn tag_of_final(tokens: &[Token<'_>]) -> u8 {
    let other = tokens.iter().find(|token| token.number || word_tag(token) != END);
    match other {
        Some(token) if !token.number && word_tag(token) < END => FINAL_AND_BEFORE,
        Some(_) => FINAL_AND_AFTER,
        None => END,
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
