//! What Cargo itself says: the lock file, the resolved metadata, the section that `cargo auditable` puts into binaries.

mod auditable;
mod lock;
mod product;

pub(super) use auditable::{is_binary, read_binary};
pub(super) use lock::{checksums, is_lock, read_lock};
pub use product::{Product, bill_of_product};

/// Where crates come from if nothing else is said.
const CRATES_IO: [&str; 2] =
    ["registry+https://github.com/rust-lang/crates.io-index", "sparse+https://index.crates.io/"];

/// The package URL of a package from a source; one that is built from its own folder has none.
fn purl(name: &str, version: &str, source: Option<&str>) -> Option<String> {
    let source = source?;
    let plain = format!("pkg:cargo/{name}@{}", version.replace('+', "%2B"));
    if CRATES_IO.contains(&source) || source == "crates.io" || source == "registry" {
        return Some(plain);
    }
    let (qualifier, place) = match source.split_once('+') {
        Some(("git", _)) => ("vcs_url", source),
        Some(("registry" | "sparse", place)) => ("repository_url", place),
        _ => return None,
    };
    Some(format!("{plain}?{qualifier}={}", escaped(place)))
}

/// A qualifier's value as package URLs escape it.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_~:/".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
