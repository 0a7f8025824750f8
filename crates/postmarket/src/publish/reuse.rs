//! Assertions that are used again for later releases: each carries the predicate under which it holds, is asked again
//! for every release, and lapses with its evidence. None is copied blindly.

use crate::harm::decision::Record;
use crate::identity::Purl;
use crate::sbom::Bill;
use crate::version::{Contained, Range, Scheme, Vers, Version, holds};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Under which conditions an assertion holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scope {
    /// The component's package URL without version.
    pub component: String,
    /// How its versions are ordered.
    pub scheme: Scheme,
    /// Its versions.
    pub versions: Range,
    /// Releases of the product, as semantic versions.
    pub releases: Range,
    /// Settings that must have these values.
    pub configuration: BTreeMap<String, String>,
    /// Evidence (a call graph, a configuration, a patch) by id, with the digest that it had.
    pub evidence: BTreeMap<String, String>,
}

/// A release that is asked about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Release {
    /// Its version.
    pub version: String,
    /// Its components: package URL without version, version.
    pub components: Vec<(String, String)>,
    /// Its settings.
    pub configuration: BTreeMap<String, String>,
    /// Its evidence by id, with digests.
    pub evidence: BTreeMap<String, String>,
}

/// What a notice file says of the later release, and the predicate under which the decision was taken.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ReuseWords {
    /// The later release, a semantic version.
    pub release: String,
    /// Its bill: a file beside the notice.
    pub bill: String,
    /// Its settings: a file beside the notice, TOML with one text a key.
    pub settings: Option<String>,
    /// Versions of the component for which the decision holds, like `vers:cargo/>=0.1.0|<0.2.23`.
    pub versions: String,
    /// Releases for which it holds, like `vers:semver/>=2.4.0|<3.0.0`.
    pub releases: String,
    /// Settings under which it holds.
    #[serde(default)]
    pub configuration: BTreeMap<String, String>,
    /// Files beside the notice that show it, with the SHA-256 that each had.
    pub evidence: BTreeMap<String, String>,
}

impl ReuseWords {
    /// The predicate of the decision.
    ///
    /// # Errors
    /// In words, if a range is none or the decision's component has no package URL.
    pub fn scope(&self, record: &Record) -> Result<Scope, String> {
        let range = |key: &str, text: &str| {
            Vers::parse(text).map_err(|error| format!("[reuse] {key}: {error}"))
        };
        let versions = range("versions", &self.versions)?;
        let purl = record.inputs.component.purl.as_deref();
        let component = purl.and_then(|purl| Purl::parse(purl).ok()).ok_or_else(|| {
            let name = &record.inputs.component.name;
            format!("[reuse] {name} has no package URL by which another bill could name it")
        })?;
        Ok(Scope {
            component: component.package().to_string(),
            scheme: versions.scheme,
            versions: versions.range,
            releases: range("releases", &self.releases)?.range,
            configuration: self.configuration.clone(),
            evidence: self.evidence.clone(),
        })
    }

    /// The later release as its bill, its settings and its evidence are now.
    #[must_use]
    pub fn release(
        &self,
        bill: &Bill,
        configuration: BTreeMap<String, String>,
        evidence: BTreeMap<String, String>,
    ) -> Release {
        let named = bill.components.iter().filter_map(|component| {
            let purl = Purl::parse(component.purl.as_deref()?).ok()?;
            let version = purl.version().or(component.version.as_deref()).unwrap_or_default();
            Some((purl.package().to_string(), version.to_owned()))
        });
        Release {
            version: self.release.clone(),
            components: named.collect(),
            configuration,
            evidence,
        }
    }
}

/// Why an assertion does not hold for a release; it carries over where there is no reason, else the finding is open again.
#[must_use]
pub fn lapses(scope: &Scope, release: &Release) -> Vec<String> {
    let named = release.components.iter().filter(|(purl, _)| *purl == scope.component);
    let versions: Vec<&str> = named.map(|(_, version)| version.as_str()).collect();
    if versions.is_empty() {
        return vec![format!("the component {} is not in the release", scope.component)];
    }
    reasons(scope, release, &versions)
}

fn reasons(scope: &Scope, release: &Release, versions: &[&str]) -> Vec<String> {
    let mut reasons = Vec::new();
    let mut ask = |what: &str, scheme, range: &Range, version: &str| match holds(
        scheme,
        range,
        &Version::parse(scheme, version),
    ) {
        Contained::Yes => {}
        Contained::No => reasons.push(format!("{what} {version} is outside the range")),
        Contained::Unknown => reasons.push(format!("{what} {version} cannot be ordered")),
    };
    for version in versions {
        ask("component version", scope.scheme, &scope.versions, version);
    }
    ask("release", Scheme::SemVer, &scope.releases, &release.version);
    for (kind, wanted, given) in [
        ("setting", &scope.configuration, &release.configuration),
        ("evidence", &scope.evidence, &release.evidence),
    ] {
        for (name, value) in wanted {
            match given.get(name) {
                Some(found) if found == value => {}
                Some(found) => reasons.push(format!("{kind} {name} was {value} and is {found}")),
                None => reasons.push(format!("{kind} {name} is not given")),
            }
        }
    }
    if scope.evidence.is_empty() {
        reasons.push("the assertion rests on no evidence".to_owned());
    }
    reasons
}
