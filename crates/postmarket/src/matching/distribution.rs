//! Ecosystems of OSV as types of package URLs, and releases of Linux distributions.

/// Ecosystems, their purl type and, for distributions, the namespace. Ordered by name.
const ECOSYSTEMS: [(&str, &str, &str); 34] = [
    ("AlmaLinux", "rpm", "almalinux"),
    ("Alpaquita", "apk", "alpaquita"),
    ("Alpine", "apk", "alpine"),
    ("Azure Linux", "rpm", "azurelinux"),
    ("Bitnami", "bitnami", ""),
    ("CRAN", "cran", ""),
    ("Chainguard", "apk", "chainguard"),
    ("ConanCenter", "conan", ""),
    ("Debian", "deb", "debian"),
    ("Fedora", "rpm", "fedora"),
    ("GitHub Actions", "githubactions", ""),
    ("Go", "golang", ""),
    ("Hackage", "hackage", ""),
    ("Hex", "hex", ""),
    ("Julia", "julia", ""),
    ("Mageia", "rpm", "mageia"),
    ("Maven", "maven", ""),
    ("NuGet", "nuget", ""),
    ("Packagist", "composer", ""),
    ("Photon OS", "rpm", "photon"),
    ("Pub", "pub", ""),
    ("PyPI", "pypi", ""),
    ("Red Hat", "rpm", "redhat"),
    ("Rocky Linux", "rpm", "rocky"),
    ("RubyGems", "gem", ""),
    ("SUSE", "rpm", "suse"),
    ("SwiftURL", "swift", ""),
    ("Ubuntu", "deb", "ubuntu"),
    ("Wolfi", "apk", "wolfi"),
    ("crates.io", "cargo", ""),
    ("npm", "npm", ""),
    ("opam", "opam", ""),
    ("openEuler", "rpm", "openeuler"),
    ("openSUSE", "rpm", "opensuse"),
];

/// The purl type and namespace of an ecosystem without its suffix.
pub(super) fn of_ecosystem(name: &str) -> Option<(&'static str, &'static str)> {
    let place = ECOSYSTEMS.binary_search_by(|(known, _, _)| (*known).cmp(name)).ok()?;
    ECOSYSTEMS.get(place).map(|&(_, kind, namespace)| (kind, namespace))
}

/// The kernel has an ecosystem of its own and no purl type.
pub(super) const KERNEL: &str = "osv/Linux/Kernel";

/// The name in an ecosystem that has no purl type of its own.
pub(super) fn ecosystem_of(kind: &str, path: &str) -> Option<&'static str> {
    match (kind, path) {
        ("generic" | "github", "linux" | "linux-kernel" | "torvalds/linux") => Some(KERNEL),
        _ => None,
    }
}

/// Releases with a name of their own.
const CODENAMES: [(&str, &str); 14] = [
    ("bionic", "18.04"),
    ("bookworm", "12"),
    ("bullseye", "11"),
    ("buster", "10"),
    ("focal", "20.04"),
    ("forky", "14"),
    ("jammy", "22.04"),
    ("jessie", "8"),
    ("noble", "24.04"),
    ("plucky", "25.04"),
    ("questing", "25.10"),
    ("stretch", "9"),
    ("trixie", "13"),
    ("xenial", "16.04"),
];

/// The number of a release: `debian-12`, `v3.18`, `22.04:LTS`, `bookworm`, `enterprise_linux:9::baseos`.
fn number(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    let word = |word: &str| CODENAMES.iter().find(|(name, _)| *name == word).map(|pair| pair.1);
    if let Some(found) = text.split(['-', ':']).find_map(word) {
        return Some(found.to_owned());
    }
    text.split(['-', ':', '_', ' '])
        .map(|part| part.strip_prefix('v').unwrap_or(part))
        .find(|part| part.starts_with(|first: char| first.is_ascii_digit()))
        .map(str::to_owned)
}

/// Whether a component of release `found` is one of the release that an advisory `wanted`; `None` if it cannot be told.
pub(super) fn same_release(wanted: &str, found: Option<&str>) -> Option<bool> {
    let (wanted, found) = (number(wanted)?, number(found?)?);
    let longer = |long: &str, short: &str| {
        long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    Some(longer(&found, &wanted) || longer(&wanted, &found))
}

#[cfg(test)]
mod tests {
    use super::{ECOSYSTEMS, same_release};

    #[test]
    fn the_table_is_ordered() {
        assert!(ECOSYSTEMS.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn releases_are_compared_by_number() {
        assert_eq!(same_release("12", Some("debian-12")), Some(true));
        assert_eq!(same_release("12", Some("bookworm")), Some(true));
        assert_eq!(same_release("11", Some("debian-12.4")), Some(false));
        assert_eq!(same_release("v3.18", Some("alpine-3.18.4")), Some(true));
        assert_eq!(same_release("v3.1", Some("alpine-3.18.4")), Some(false));
        assert_eq!(same_release("22.04:LTS", Some("ubuntu-22.04")), Some(true));
        assert_eq!(same_release("enterprise_linux:9::baseos", Some("rhel-9.2")), Some(true));
        assert_eq!(same_release("12", None), None);
        assert_eq!(same_release("sid", Some("debian-12")), None);
    }
}
