//! By whose rules versions are ordered.

use serde::{Deserialize, Serialize};

/// Rules of ordering.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// SemVer 2.0: crates.io, Hex, Bitnami, SwiftURL, ...
    SemVer,
    /// SemVer whose build metadata counts: Pub, Julia.
    SemVerBuild,
    /// npm, read loosely.
    Npm,
    /// Go modules and the Go toolchain.
    Go,
    /// PEP 440: PyPI.
    Pep440,
    /// Maven.
    Maven,
    /// RubyGems.
    RubyGems,
    /// NuGet.
    NuGet,
    /// Packagist.
    Composer,
    /// dpkg: Debian, Ubuntu and what is made of them.
    Debian,
    /// rpmvercmp: Red Hat, SUSE and many others.
    Rpm,
    /// apk: Alpine, Wolfi and others.
    Alpine,
    /// R packages.
    Cran,
    /// Cabal's dotted numbers.
    Hackage,
    /// OCaml's opam.
    Opam,
    /// The Linux kernel.
    Linux,
    /// Dotted numbers with the common endings.
    Generic,
    /// No order is known: only the same text is the same version.
    Unordered,
}

/// The ecosystems of the OSV schema (1.7.5, with those that older databases use) and their rules.
/// Ordered by name.
pub const ECOSYSTEMS: [(&str, Scheme); 53] = [
    ("AlmaLinux", Scheme::Rpm),
    ("Alpaquita", Scheme::Alpine),
    ("Alpine", Scheme::Alpine),
    // Security patch levels (`:2024-05-01`) and branches (`12L`) side by side.
    ("Android", Scheme::Unordered),
    ("Azure Linux", Scheme::Rpm),
    ("BellSoft", Scheme::Alpine),
    ("BellSoft Hardened Containers", Scheme::Alpine),
    ("Bioconductor", Scheme::SemVer),
    ("Bitnami", Scheme::SemVer),
    ("CRAN", Scheme::Cran),
    ("Chainguard", Scheme::Alpine),
    ("CleanStart", Scheme::Alpine),
    ("ConanCenter", Scheme::Generic),
    ("Debian", Scheme::Debian),
    // An image's own versions; the packages in it are of Debian's or Alpine's ecosystem.
    ("Docker Hardened Images", Scheme::Unordered),
    ("Echo", Scheme::Debian),
    ("Fedora", Scheme::Rpm),
    // Port revision and epoch (`1.2_3,1`) are orders of their own.
    ("FreeBSD", Scheme::Unordered),
    ("GHC", Scheme::Hackage),
    // Commits.
    ("GIT", Scheme::Unordered),
    ("GitHub Actions", Scheme::SemVer),
    ("Go", Scheme::Go),
    ("Hackage", Scheme::Hackage),
    ("Hex", Scheme::SemVer),
    ("Julia", Scheme::SemVerBuild),
    ("Kubernetes", Scheme::SemVer),
    ("Linux", Scheme::Linux),
    ("Mageia", Scheme::Rpm),
    ("Maven", Scheme::Maven),
    ("MinimOS", Scheme::Alpine),
    ("NuGet", Scheme::NuGet),
    // Commits of fuzzed projects.
    ("OSS-Fuzz", Scheme::Unordered),
    ("Packagist", Scheme::Composer),
    ("Photon OS", Scheme::Rpm),
    ("Pub", Scheme::SemVerBuild),
    ("PyPI", Scheme::Pep440),
    ("Red Hat", Scheme::Rpm),
    ("Rocky Linux", Scheme::Rpm),
    // Patched packages of other ecosystems: the suffix says which.
    ("Root", Scheme::Unordered),
    ("RubyGems", Scheme::RubyGems),
    ("SUSE", Scheme::Rpm),
    ("SwiftURL", Scheme::SemVer),
    // As Root.
    ("TuxCare", Scheme::Unordered),
    ("Ubuntu", Scheme::Debian),
    ("VSCode", Scheme::SemVer),
    ("Wolfi", Scheme::Alpine),
    ("crates.io", Scheme::SemVer),
    ("npm", Scheme::Npm),
    ("opam", Scheme::Opam),
    ("openEuler", Scheme::Rpm),
    ("openSUSE", Scheme::Rpm),
    ("rpm", Scheme::Rpm),
    ("semver", Scheme::SemVer),
];

/// Types of package URLs and their rules. Ordered by name.
pub const PURL_TYPES: [(&str, Scheme); 30] = [
    // Arch orders letters before the end, unlike RPM.
    ("alpm", Scheme::Unordered),
    ("apk", Scheme::Alpine),
    ("bitnami", Scheme::SemVer),
    ("cargo", Scheme::SemVer),
    ("cocoapods", Scheme::RubyGems),
    ("composer", Scheme::Composer),
    ("conan", Scheme::Generic),
    ("cran", Scheme::Cran),
    ("deb", Scheme::Debian),
    ("docker", Scheme::Unordered),
    ("gem", Scheme::RubyGems),
    ("generic", Scheme::Generic),
    ("github", Scheme::Generic),
    ("githubactions", Scheme::SemVer),
    ("golang", Scheme::Go),
    ("hackage", Scheme::Hackage),
    ("hex", Scheme::SemVer),
    ("julia", Scheme::SemVerBuild),
    ("maven", Scheme::Maven),
    ("npm", Scheme::Npm),
    ("nuget", Scheme::NuGet),
    ("oci", Scheme::Unordered),
    ("opam", Scheme::Opam),
    ("otp", Scheme::SemVer),
    ("pub", Scheme::SemVerBuild),
    ("pypi", Scheme::Pep440),
    ("rpm", Scheme::Rpm),
    ("swift", Scheme::SemVer),
    ("vscode-extension", Scheme::SemVer),
    ("yocto", Scheme::Generic),
];

impl Scheme {
    /// The rules of an ecosystem of the OSV schema, whose suffix (`Debian:12`) may be there.
    /// [`Scheme::Unordered`] for one that is not known.
    #[must_use]
    pub fn of_ecosystem(ecosystem: &str) -> Self {
        let (name, suffix) = ecosystem.split_once(':').unwrap_or((ecosystem, ""));
        let listed = Self::listed(&ECOSYSTEMS, name);
        match name {
            // These republish packages of others, under the others' rules.
            "Root" | "TuxCare" | "Echo" | "Docker Hardened Images" if !suffix.is_empty() => {
                let other = suffix.split(':').next().unwrap_or_default();
                match Self::listed(&ECOSYSTEMS, other) {
                    // Echo orders its builds of npm packages by their build.
                    Some(Self::Npm) => Self::SemVerBuild,
                    found => found.or(listed).unwrap_or(Self::Unordered),
                }
            }
            _ => listed.unwrap_or(Self::Unordered),
        }
    }

    /// The rules of a type of package URL. [`Scheme::Unordered`] for one that has none.
    #[must_use]
    pub fn of_purl_type(purl_type: &str) -> Self {
        Self::listed(&PURL_TYPES, purl_type).unwrap_or(Self::Unordered)
    }

    fn listed(table: &[(&str, Self)], name: &str) -> Option<Self> {
        let place = table.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
        table.get(place).map(|(_, scheme)| *scheme)
    }
}
