//! Packagist: Composer's normal form, ordered as PHP's `version_compare` orders it.

use super::key::{Key, is_number, split_digits, split_while};

const DEV: u8 = 1;
const END: u8 = 5;
const NUMBER: u8 = 6;
const PATCH: u8 = 7;

/// Words of stabilities as written and as meant, longer ones first.
const STABILITIES: [(&str, u8); 10] = [
    ("stable", END),
    ("alpha", 2),
    ("patch", PATCH),
    ("beta", 3),
    ("dev", DEV),
    ("rc", 4),
    ("pl", PATCH),
    ("a", 2),
    ("b", 3),
    ("p", PATCH),
];

/// `v1.2.3.4-beta2-dev`. Branches (`dev-main`, `1.x-dev`) have no order.
pub(super) fn write(text: &str, key: &mut Key) -> Option<()> {
    let lower = text.to_ascii_lowercase();
    let text = lower.split_once('+').map_or(lower.as_str(), |(before, _)| before);
    let text = text.strip_prefix('v').unwrap_or(text);
    let rest = write_numbers(text.as_bytes(), key)?;
    write_stability(rest, key)?;
    key.tag(END);
    Some(())
}

/// Up to four numbers, filled up with zeros; or a date, whose groups are kept as they are.
fn write_numbers<'a>(text: &'a [u8], key: &mut Key) -> Option<&'a [u8]> {
    let end = classical_end(text);
    if end > 0 {
        let (numbers, rest) = text.split_at(end);
        if is_stability(rest) {
            let mut numbers = numbers.split(|byte| *byte == b'.');
            for _ in 0..4 {
                key.tag(NUMBER);
                key.number(numbers.next().unwrap_or_default());
            }
            return Some(rest);
        }
    }
    let (date, rest) = split_date(text)?;
    for number in date.split(|byte| matches!(byte, b'.' | b':' | b'-')) {
        key.tag(NUMBER);
        key.number(number);
    }
    Some(rest)
}

/// How much of the text is `\d{1,5}(\.\d+){0,3}`.
fn classical_end(text: &[u8]) -> usize {
    let (first, _) = split_digits(text);
    if first.is_empty() || first.len() > 5 {
        return 0;
    }
    let mut end = first.len();
    for _ in 0..3 {
        let Some([b'.', after @ ..]) = text.get(end..) else { break };
        let (digits, _) = split_digits(after);
        if digits.is_empty() {
            break;
        }
        end += 1 + digits.len();
    }
    end
}

/// `\d{4}([.:-]?\d{2}){1,6}([.:-]?\d{1,3})?`: a year, pairs of digits, and up to three more.
fn split_date(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let is_date = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b':' | b'-');
    let (mut date, _) = split_while(text, is_date);
    while let [before @ .., b'.' | b':' | b'-'] = date {
        date = before;
    }
    let mut groups: Vec<&[u8]> = date.split(|byte| matches!(byte, b'.' | b':' | b'-')).collect();
    let last = groups.pop()?;
    let even = groups.iter().all(|group| group.len() >= 2 && group.len() % 2 == 0);
    let year = groups.first().unwrap_or(&last).len() >= 4;
    let digits = date.iter().filter(|byte| byte.is_ascii_digit()).count();
    let shaped = even && year && is_number(last) && (6..=19).contains(&digits);
    shaped.then(|| text.split_at(date.len()))
}

/// Whether what follows the numbers can be a stability at all.
fn is_stability(rest: &[u8]) -> bool {
    write_stability(rest, &mut Key::default()).is_some()
}

/// `[._-]?(word([.-]?\d+)*)?([.-]?dev)?`
fn write_stability(rest: &[u8], key: &mut Key) -> Option<()> {
    if rest.is_empty() {
        return Some(());
    }
    let rest = rest.strip_prefix(b"-dev").filter(|after| after.is_empty()).map_or(rest, |_| b"dev");
    let rest = match rest {
        [b'.' | b'_' | b'-', after @ ..] => after,
        other => other,
    };
    let named = STABILITIES
        .iter()
        .find_map(|(word, tag)| rest.strip_prefix(word.as_bytes()).map(|after| (*tag, after)));
    let Some((tag, mut after)) = named else { return rest.is_empty().then_some(()) };
    if tag == DEV {
        key.tag(DEV);
        return after.is_empty().then_some(());
    }
    let mut numbers: Vec<&[u8]> = Vec::new();
    loop {
        let (digits, next) =
            split_digits(after.strip_prefix(b".").or(after.strip_prefix(b"-")).unwrap_or(after));
        if digits.is_empty() {
            break;
        }
        numbers.push(digits);
        after = next;
    }
    let dev = matches!(after, b"dev" | b".dev" | b"-dev");
    if !after.is_empty() && !dev {
        return None;
    }
    if tag == END {
        return Some(());
    }
    key.tag(tag);
    for number in numbers {
        key.tag(NUMBER);
        key.number(number);
    }
    if dev {
        key.tag(DEV);
    }
    Some(())
}
