//! RPM's `[epoch:]version[-release]`, ordered as `rpmvercmp` does.

use super::key::{Key, is_number, split_digits, split_while};

const TILDE: u8 = 1;
const END: u8 = 2;
const CARET: u8 = 3;
const LETTERS: u8 = 4;
const NUMBER: u8 = 5;

/// An absent epoch is zero. An absent release is earlier than every release: a fix that names its
/// release is not taken to be in a version that names none.
pub(super) fn write(text: &str, key: &mut Key) -> Option<()> {
    let (epoch, rest) = match text.split_once(':') {
        Some((epoch, rest)) if is_number(epoch.as_bytes()) => (epoch, rest),
        Some(_) => return None,
        None => ("0", text),
    };
    let (version, release) = rest.rsplit_once('-').unwrap_or((rest, ""));
    if version.is_empty() {
        return None;
    }
    key.number(epoch.as_bytes());
    write_part(version.as_bytes(), key);
    write_part(release.as_bytes(), key);
    Some(())
}

/// Runs of digits and runs of letters; everything else but `~` and `^` only separates.
fn write_part(mut rest: &[u8], key: &mut Key) {
    loop {
        rest = split_while(rest, |byte| !is_significant(byte)).1;
        match rest.first() {
            None => return key.tag(END),
            Some(b'~') => {
                key.tag(TILDE);
                rest = rest.get(1..).unwrap_or_default();
            }
            Some(b'^') => {
                key.tag(CARET);
                rest = rest.get(1..).unwrap_or_default();
            }
            Some(byte) if byte.is_ascii_digit() => {
                let (digits, after) = split_digits(rest);
                key.tag(NUMBER);
                key.number(digits);
                rest = after;
            }
            Some(_) => {
                let (letters, after) = split_while(rest, |byte| byte.is_ascii_alphabetic());
                key.tag(LETTERS);
                key.word(letters);
                rest = after;
            }
        }
    }
}

fn is_significant(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'~' || byte == b'^'
}
