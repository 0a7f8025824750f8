//! Lists of whole numbers, where a list is later than its own beginning: CRAN and Hackage.

use super::key::{Key, is_number};

const END: u8 = 1;
const NUMBER: u8 = 2;

/// R's `package_version`: at least one number, separated by dots or hyphens.
pub(super) fn write_cran(text: &str, key: &mut Key) -> Option<()> {
    write(text.as_bytes().split(|byte| matches!(byte, b'.' | b'-')), key)
}

/// Cabal's versions: numbers separated by dots.
pub(super) fn write_hackage(text: &str, key: &mut Key) -> Option<()> {
    write(text.as_bytes().split(|byte| *byte == b'.'), key)
}

fn write<'a>(numbers: impl Iterator<Item = &'a [u8]>, key: &mut Key) -> Option<()> {
    for number in numbers {
        if !is_number(number) {
            return None;
        }
        key.tag(NUMBER);
        key.number(number);
    }
    key.tag(END);
    Some(())
}
