//! What matching needs to know of a component, and nothing else of it.

use super::name::{Called, Confidence, Name, Parts, names_of_component};
use super::product_table::ProductTable;
use crate::sbom::Component;
use crate::version::{Scheme, Version};
use std::borrow::Cow;

/// A component as matching sees it. Components of different releases that are the same here are one subject.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Subject {
    /// For people: the purl, or name and version.
    pub label: String,
    /// Its names, the surest first.
    pub names: Vec<Called>,
    /// The version, read by the rules of its first name.
    pub version: Option<Version>,
    /// Every version that the bill gives it, by its own word, its package URL and its CPEs, where they disagree; of what
    /// they do not fare alike by nothing can be said.
    pub claimed: Vec<String>,
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
        let claimed = claimed(component, text.as_deref(), &names, scheme);
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
            claimed,
            distribution: parts.and_then(|parts| parts.qualifier("distro")).map(str::to_owned),
            elsewhere: parts.is_some_and(comes_from_elsewhere),
            compiled_files,
            patched,
        }
    }

    /// What else the bill says where it gives a version by which the component goes under a name: the same name with
    /// each. A distribution's source package has a version of its own.
    pub(super) fn claims(&self, called: &Called) -> impl Iterator<Item = Called> {
        let source = called.name.confidence == Confidence::Package && called.version.is_some();
        let claimed = if source { &[][..] } else { self.claimed.as_slice() };
        let name = called.name.clone();
        claimed.iter().map(move |text| Called { name: name.clone(), version: Some(text.clone()) })
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
pub(crate) enum Read<'s> {
    Kept(&'s Version),
    Fresh(Version),
}

impl Read<'_> {
    pub(crate) fn version(&self) -> &Version {
        match self {
            Self::Kept(version) => version,
            Self::Fresh(version) => version,
        }
    }
}

fn version_text<'c>(
    component: &'c Component,
    parts: Option<&'c Parts<'_>>,
) -> Option<Cow<'c, str>> {
    let written = parts.and_then(|parts| parts.version.as_deref());
    let text = written.or(component.version.as_deref()).filter(|text| !text.is_empty())?;
    // rpm's epoch stands apart in a purl and before a colon everywhere else.
    let epoch =
        parts.filter(|parts| parts.kind == "rpm").and_then(|parts| parts.qualifier("epoch"));
    Some(match epoch {
        Some(epoch) if !text.contains(':') => format!("{epoch}:{text}").into(),
        _ => text.into(),
    })
}

/// The versions that disagree with the first, and the first; none if all agree.
fn claimed(
    component: &Component,
    text: Option<&str>,
    names: &[Called],
    scheme: Scheme,
) -> Vec<String> {
    let of_cpes = names.iter().filter(|called| called.name.confidence == Confidence::Cpe);
    let of_cpes = of_cpes.filter_map(|called| called.version.as_deref());
    let own = component.version.as_deref().filter(|own| !own.is_empty());
    let mut all: Vec<&str> = Vec::new();
    for one in text.into_iter().chain(own).chain(of_cpes) {
        if !all.iter().any(|known| agree(scheme, known, one)) {
            all.push(one);
        }
    }
    if all.len() < 2 { Vec::new() } else { all.into_iter().map(str::to_owned).collect() }
}

/// Whether two texts are one version. A distribution's may leave out the epoch or its revision.
fn agree(scheme: Scheme, a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let plain = |text: &str| text.trim().trim_start_matches('v').to_ascii_lowercase();
    let (a, b) = (plain(a), plain(b));
    let packaged = |long: &str, short: &str| {
        let long = long.split_once(':').map_or(long, |(_, rest)| rest);
        let rest = long.strip_prefix(short);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '+', '~']))
    };
    let distribution = matches!(scheme, Scheme::Debian | Scheme::Rpm | Scheme::Alpine);
    a == b
        || (distribution && (packaged(&a, &b) || packaged(&b, &a)))
        || Version::parse(scheme, &a).compare(&Version::parse(scheme, &b))
            == Some(std::cmp::Ordering::Equal)
}

/// Where crates.io and its like are not the source, their advisories may or may not hold.
fn comes_from_elsewhere(parts: &Parts<'_>) -> bool {
    let registry = match &*parts.kind {
        "cargo" => "crates.io",
        "npm" => "registry.npmjs.org",
        "pypi" => "pypi.org",
        "gem" => "rubygems.org",
        _ => return false,
    };
    let named = |key: &str| parts.qualifier(key).is_some_and(|url| !url.contains(registry));
    named("repository_url") || parts.qualifier("vcs_url").is_some()
}

#[cfg(test)]
mod tests {
    use super::agree;
    use crate::matching::{Answer, ProductTable, Rule, affects};
    use crate::sbom::Component;
    use crate::version::Scheme;

    fn time(own: &str, purl: Option<&str>, cpe: Option<&str>) -> Component {
        Component {
            name: "time".to_owned(),
            version: Some(own.to_owned()),
            purl: purl.map(|version| format!("pkg:cargo/time@{version}")),
            cpes: cpe
                .map(|one| format!("cpe:2.3:a:t:time:{one}:*:*:*:*:*:*:*"))
                .into_iter()
                .collect(),
            ..Component::default()
        }
    }

    fn asked(feed: &str, component: &Component) -> (Answer, Rule) {
        let (_, events) = crate::feed::gather(|to| crate::feed::read(feed.as_bytes(), "f", to));
        let Some(crate::feed::Event::Advisory(advisory)) = events.first() else { panic!("{feed}") };
        let verdict = affects(advisory, component, &ProductTable::default());
        (verdict.answer, verdict.rule)
    }

    const OSV: &str = r#"{"id":"A","modified":"2026-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"crates.io",
        "name":"time"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"0.2.0"}]}]}]}"#;
    const NVD: &str = r#"{"totalResults":1,"format":"NVD_CVE","version":"2.0","vulnerabilities":[{"cve":{"id":"CVE-2026-1",
        "lastModified":"2026-01-01T00:00:00.000","published":"2020-11-24T00:00:00.000","vulnStatus":"Analyzed",
        "descriptions":[{"lang":"en","value":"x"}],"references":[],
        "configurations":[{"nodes":[{"operator":"OR","negate":false,"cpeMatch":[{"vulnerable":true,
        "criteria":"cpe:2.3:a:t:time:*:*:*:*:*:*:*:*","versionEndExcluding":"3.0.0",
        "matchCriteriaId":"7F4A4CF1-CF1C-4F8E-9B7D-8F2F2E1C2E8B"}]}]}]}}]}"#;

    #[test]
    fn pmk_02_a_bill_that_gives_two_versions_is_never_not_affected_by_one_of_them() {
        let unknown = (Answer::Unknown, Rule::VersionsDiffer);
        assert_eq!(asked(OSV, &time("0.1.43", Some("0.3.47"), None)), unknown);
        assert_eq!(asked(OSV, &time("0.3.47", Some("0.1.43"), None)), unknown);
        assert_eq!(asked(NVD, &time("1.0.1", None, Some("3.0.9"))), unknown);
        assert_eq!(asked(NVD, &time("3.0.9", None, Some("1.0.1"))), unknown);
        assert_eq!(asked(OSV, &time("0.3.47", Some("0.3.47"), Some("0.1.1"))), unknown);
        // What holds of both holds.
        assert_eq!(asked(OSV, &time("0.1.43", Some("0.1.44"), None)).0, Answer::Affected);
        assert_eq!(asked(OSV, &time("0.3.43", Some("0.3.44"), None)).0, Answer::NotAffected);
        assert_eq!(asked(OSV, &time("v0.1.43", Some("0.1.43"), Some("0.1.43"))).1, Rule::InRange);
    }

    #[test]
    fn one_version_in_several_spellings_is_one() {
        for (scheme, a, b) in [
            (Scheme::SemVer, "v1.2.3", "1.2.3"),
            (Scheme::SemVer, "1.2.3+build", "1.2.3"),
            (Scheme::Pep440, "1.0", "1.0.0"),
            (Scheme::Debian, "1:7.88.1-10+deb12u5", "7.88.1"),
            (Scheme::Rpm, "1:1.1.1k-7.el8", "1.1.1k-7.el8"),
        ] {
            assert!(agree(scheme, a, b) && agree(scheme, b, a), "{a} {b}");
        }
        for (scheme, a, b) in [
            (Scheme::SemVer, "1.0.0-rc.1", "1.0.0"),
            (Scheme::Debian, "3.0.9-1", "3.0"),
            (Scheme::Generic, "3.0.9", "1.0.1"),
        ] {
            assert!(!agree(scheme, a, b) && !agree(scheme, b, a), "{a} {b}");
        }
    }
}
