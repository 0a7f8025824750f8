//! What matching needs to know of a component, and nothing else of it.

use super::name::{Called, Confidence, Name, Parts, names_of_component};
use super::product_table::ProductTable;
use crate::sbom::Component;
use crate::version::{Scheme, Version};

/// A component as matching sees it. Components of different releases that are the same here are one subject.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Subject {
    /// For people: the purl, or name and version.
    pub label: String,
    /// Its names, the surest first.
    pub names: Vec<Called>,
    /// The version, read by the rules of its first name.
    pub version: Option<Version>,
    /// The release of the distribution that it was built for, as its purl writes it.
    pub distribution: Option<String>,
    /// It does not come from the registry of its type but from a repository or another registry.
    pub elsewhere: bool,
    /// Source files that were compiled in, sorted; empty if the bill does not say.
    pub compiled_files: Vec<String>,
    /// Ids of vulnerabilities that its source says are patched in it, sorted.
    pub patched: Vec<String>,
}

impl Subject {
    /// What a bill says of a component, with the names that the table adds.
    #[must_use]
    pub fn of(component: &Component, table: &ProductTable) -> Self {
        let parts = component.purl.as_deref().and_then(Parts::read);
        let parts = parts.as_ref();
        let mut names = names_of_component(component, parts);
        for id in table.of_component(&names, &component.name) {
            names.push(Called { name: Name::new(Confidence::Table, id), version: None });
        }
        let scheme = names.first().map_or(Scheme::Generic, |called| called.name.scheme());
        let text = version_text(component, parts);
        let label = match (&component.purl, &text) {
            (Some(purl), _) => purl.clone(),
            (None, Some(version)) => format!("{} {version}", component.name),
            (None, None) => component.name.clone(),
        };
        let mut compiled_files = component.compiled_files.clone();
        compiled_files.sort_unstable();
        let mut patched = component.patched.clone();
        patched.sort_unstable();
        Self {
            label,
            names,
            version: text.map(|text| Version::parse(scheme, &text)),
            distribution: parts.and_then(|parts| parts.qualifier("distro")).map(str::to_owned),
            elsewhere: parts.is_some_and(comes_from_elsewhere),
            compiled_files,
            patched,
        }
    }

    /// The version under one of its names, by the rules of `scheme`; read again only if these are others.
    pub(super) fn version_as(&self, called: &Called, scheme: Scheme) -> Option<Read<'_>> {
        if let Some(text) = &called.version {
            return Some(Read::Fresh(Version::parse(scheme, text)));
        }
        let version = self.version.as_ref()?;
        Some(if version.scheme() == scheme {
            Read::Kept(version)
        } else {
            Read::Fresh(Version::parse(scheme, version.text()))
        })
    }
}

/// A version that is kept, or one that was read for the occasion.
pub(super) enum Read<'s> {
    Kept(&'s Version),
    Fresh(Version),
}

impl Read<'_> {
    pub(super) fn version(&self) -> &Version {
        match self {
            Self::Kept(version) => version,
            Self::Fresh(version) => version,
        }
    }
}

fn version_text(component: &Component, parts: Option<&Parts>) -> Option<String> {
    let written = parts.and_then(|parts| parts.version.clone());
    let text = written.or_else(|| component.version.clone()).filter(|text| !text.is_empty())?;
    // rpm's epoch stands apart in a purl and before a colon everywhere else.
    let epoch =
        parts.filter(|parts| parts.kind == "rpm").and_then(|parts| parts.qualifier("epoch"));
    Some(match epoch {
        Some(epoch) if !text.contains(':') => format!("{epoch}:{text}"),
        _ => text,
    })
}

/// Where crates.io and its like are not the source, their advisories may or may not hold.
fn comes_from_elsewhere(parts: &Parts) -> bool {
    let registry = match parts.kind.as_str() {
        "cargo" => "crates.io",
        "npm" => "registry.npmjs.org",
        "pypi" => "pypi.org",
        "gem" => "rubygems.org",
        _ => return false,
    };
    let named = |key: &str| parts.qualifier(key).is_some_and(|url| !url.contains(registry));
    named("repository_url") || parts.qualifier("vcs_url").is_some()
}
