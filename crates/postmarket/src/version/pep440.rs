//! PyPI: PEP 440, all spellings that it allows. Older texts are not ordered.

use super::key::{Key, is_number, is_zero, split_digits, split_while};

const FIRST: u8 = 1;
const NUMBER: u8 = 2;
const LAST: u8 = 9;

/// Words of pre-releases as written and as meant, longer ones first.
const PRE: [(&str, u8); 8] = [
    ("preview", 5),
    ("alpha", 3),
    ("beta", 4),
    ("pre", 5),
    ("rc", 5),
    ("a", 3),
    ("b", 4),
    ("c", 5),
];

pub(super) fn write(text: &str, key: &mut Key) -> Option<()> {
    let lower = text.to_ascii_lowercase();
    let text = lower.strip_prefix('v').unwrap_or(&lower);
    let (public, local) = match text.split_once('+') {
        Some((public, local)) => (public, Some(local)),
        None => (text, None),
    };
    let (epoch, rest) = public.split_once('!').unwrap_or(("0", public));
    if !is_number(epoch.as_bytes()) {
        return None;
    }
    key.number(epoch.as_bytes());
    let rest = write_release(rest, key)?;
    write_suffixes(rest, key)?;
    write_local(local, key)
}

/// The numbers, without zeros at the end; gives what follows them.
fn write_release<'a>(text: &'a str, key: &mut Key) -> Option<&'a str> {
    let bytes = text.as_bytes();
    let (mut end, mut last) = (0, 0);
    loop {
        let start = if end == 0 { 0 } else { end + 1 };
        let (digits, _) = split_digits(bytes.get(start..).unwrap_or_default());
        if digits.is_empty() || (end > 0 && bytes.get(end) != Some(&b'.')) {
            break;
        }
        end = start + digits.len();
        if !is_zero(digits) {
            last = end;
        }
    }
    if end == 0 {
        return None;
    }
    if last > 0 {
        for number in bytes.get(..last)?.split(|byte| *byte == b'.') {
            key.tag(NUMBER);
            key.number(number);
        }
    }
    key.tag(FIRST);
    text.get(end..)
}

/// Pre-release, post-release and development release, each of which may be absent. Only a
/// development release of something that is neither orders before all of its pre-releases.
fn write_suffixes(rest: &str, key: &mut Key) -> Option<()> {
    let (pre, rest) = take_pre(rest);
    let (post, rest) = take_post(rest);
    let (dev, rest) = take_word(rest, "dev").map_or((None, rest), |(dev, rest)| (Some(dev), rest));
    if !rest.is_empty() {
        return None;
    }
    match pre {
        Some((kind, number)) => {
            key.tag(kind);
            key.number(number.as_bytes());
        }
        None => key.tag(if post.is_none() && dev.is_some() { FIRST } else { LAST }),
    }
    for (part, absent) in [(post, FIRST), (dev, LAST)] {
        match part {
            Some(number) => {
                key.tag(NUMBER);
                key.number(number.as_bytes());
            }
            None => key.tag(absent),
        }
    }
    Some(())
}

fn take_pre(text: &str) -> (Option<(u8, &str)>, &str) {
    for (word, kind) in PRE {
        if let Some((number, rest)) = take_word(text, word) {
            return (Some((kind, number)), rest);
        }
    }
    (None, text)
}

fn take_post(text: &str) -> (Option<&str>, &str) {
    for word in ["post", "rev", "r"] {
        if let Some((number, rest)) = take_word(text, word) {
            return (Some(number), rest);
        }
    }
    if let Some(after) = text.strip_prefix('-') {
        let (digits, _) = split_digits(after.as_bytes());
        if !digits.is_empty() {
            let (number, rest) = after.split_at(digits.len());
            return (Some(number), rest);
        }
    }
    (None, text)
}

/// `[-_.]?word[-_.]?[0-9]*`
fn take_word<'a>(text: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let after = skip_separator(text).strip_prefix(word)?;
    let after = skip_separator(after);
    let (digits, _) = split_digits(after.as_bytes());
    Some(after.split_at(digits.len()))
}

fn skip_separator(text: &str) -> &str {
    text.strip_prefix(['-', '_', '.']).unwrap_or(text)
}

/// The local label: words order before numbers, nothing before both.
fn write_local(local: Option<&str>, key: &mut Key) -> Option<()> {
    let Some(local) = local else {
        key.tag(0);
        return Some(());
    };
    key.tag(1);
    for part in local.as_bytes().split(|byte| matches!(byte, b'-' | b'_' | b'.')) {
        let (_, after) = split_while(part, |byte| byte.is_ascii_alphanumeric());
        if part.is_empty() || !after.is_empty() {
            return None;
        }
        if is_number(part) {
            key.tag(2);
            key.number(part);
        } else {
            key.tag(1);
            key.word(part);
        }
    }
    key.tag(0);
    Some(())
}
