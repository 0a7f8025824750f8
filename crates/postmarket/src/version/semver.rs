//! Semantic versioning 2.0 and what npm, Go, NuGet, Pub and Julia make of it.
//!
//! Bounds of ranges are often short (`1`, `1.2`) and some sources write a fourth number: numbers
//! that are not there count as zero.

use super::key::{Key, is_number, is_zero, split_digits};
use std::iter;

const PRERELEASE: u8 = 1;
const RELEASE: u8 = 2;
const NUMBER: u8 = 3;

/// How an ecosystem departs from semantic versioning.
#[derive(Clone, Copy, Default)]
struct Dialect {
    /// A pre-release may follow without its hyphen (`1.2.3beta`).
    bare_prerelease: bool,
    /// Pre-releases are the same in upper and lower case.
    caseless: bool,
    /// Versions that differ only in their build are ordered by it.
    build_ordered: bool,
}

/// SemVer 2.0, section 11. Build metadata does not count.
pub(super) fn write(text: &str, key: &mut Key) -> Option<()> {
    write_dialect(text.as_bytes(), Dialect::default(), key)
}

/// Pub and Julia: a version with a build is later than the one without.
pub(super) fn write_with_build(text: &str, key: &mut Key) -> Option<()> {
    write_dialect(text.as_bytes(), Dialect { build_ordered: true, ..Dialect::default() }, key)
}

/// npm reads loosely: `=v1.2.3beta`.
pub(super) fn write_npm(text: &str, key: &mut Key) -> Option<()> {
    let text = text.strip_prefix('=').unwrap_or(text).trim_ascii_start();
    write_dialect(text.as_bytes(), Dialect { bare_prerelease: true, ..Dialect::default() }, key)
}

/// NuGet: up to four numbers, pre-releases without case.
pub(super) fn write_nuget(text: &str, key: &mut Key) -> Option<()> {
    write_dialect(text.as_bytes(), Dialect { caseless: true, ..Dialect::default() }, key)
}

/// Go: modules are semantic versions (pseudo-versions are pre-releases, `+incompatible` is build
/// metadata); the toolchain writes its own as `go1.21rc2`.
pub(super) fn write_go(text: &str, key: &mut Key) -> Option<()> {
    let bytes = text.as_bytes();
    let bytes = bytes.strip_prefix(b"go").unwrap_or(bytes);
    let numbers = bytes.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
    let (release, rest) = bytes.split_at(numbers);
    for word in [b"rc" as &[u8], b"beta"] {
        if let Some(number) = rest.strip_prefix(word).filter(|number| is_number(number)) {
            write_release(release, key)?;
            key.tag(PRERELEASE);
            write_identifier(word, Dialect::default(), key)?;
            write_identifier(number, Dialect::default(), key)?;
            key.tag(0);
            return Some(());
        }
    }
    write_dialect(bytes, Dialect::default(), key)
}

fn write_dialect(bytes: &[u8], dialect: Dialect, key: &mut Key) -> Option<()> {
    let bytes = match bytes {
        [b'v' | b'V', rest @ ..] => rest,
        other => other,
    };
    let plus = bytes.iter().position(|byte| *byte == b'+');
    let (bytes, build) = match plus.and_then(|plus| bytes.split_at_checked(plus)) {
        Some((before, build)) => (before, build.get(1..)),
        None => (bytes, None),
    };
    let numbers = bytes.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
    let (release, rest) = bytes.split_at(numbers);
    write_release(release, key)?;
    let prerelease = match rest {
        [] => None,
        [b'-', prerelease @ ..] => Some(prerelease),
        bare if dialect.bare_prerelease => Some(bare),
        _ => return None,
    };
    match prerelease {
        Some(prerelease) => {
            key.tag(PRERELEASE);
            write_identifiers(prerelease, dialect, key)?;
        }
        None => key.tag(RELEASE),
    }
    match build {
        Some(build) if dialect.build_ordered => {
            key.tag(1);
            write_identifiers(build, dialect, key)
        }
        Some(build) => {
            build.iter().all(|byte| is_identifier_byte(*byte) || *byte == b'.').then_some(())
        }
        // No build comes before any, and its key is the beginning of none.
        None if dialect.build_ordered => {
            key.tag(0);
            Some(())
        }
        None => Some(()),
    }
}

/// The numbers, without zeros at the end: `1`, `1.0` and `1.0.0` are the same.
fn write_release(release: &[u8], key: &mut Key) -> Option<()> {
    let mut zeros = 0;
    for number in release.split(|byte| *byte == b'.') {
        if !is_number(number) {
            return None;
        }
        if is_zero(number) {
            zeros += 1;
            continue;
        }
        for number in iter::repeat_n(b"0".as_slice(), zeros).chain([number]) {
            key.tag(NUMBER);
            key.number(number);
        }
        zeros = 0;
    }
    Some(())
}

fn write_identifiers(text: &[u8], dialect: Dialect, key: &mut Key) -> Option<()> {
    for identifier in text.split(|byte| *byte == b'.') {
        write_identifier(identifier, dialect, key)?;
    }
    key.tag(0);
    Some(())
}

fn write_identifier(identifier: &[u8], dialect: Dialect, key: &mut Key) -> Option<()> {
    if identifier.is_empty() || !identifier.iter().all(|byte| is_identifier_byte(*byte)) {
        return None;
    }
    if split_digits(identifier).1.is_empty() {
        key.tag(1);
        key.number(identifier);
    } else {
        key.tag(2);
        if dialect.caseless { key.word_lower(identifier) } else { key.word(identifier) }
    }
    Some(())
}

fn is_identifier_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}
