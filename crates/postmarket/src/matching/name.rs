//! The names under which advisories and components meet.
//!
//! A name belongs to a space, and spaces differ in what they are worth: a package of an ecosystem is exact, a CPE is
//! the opinion of who assigned it, the curated table is the judgement of its editors, equal words are a coincidence
//! until somebody looks.

use super::distribution::{KERNEL, ecosystem_of, of_ecosystem};
use crate::feed::Package;
use crate::identity::is_known;
use crate::sbom::Component;
use crate::version::{Key, Scheme};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// How sure it is that a name on both sides means one thing; the surest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// The same package of the same ecosystem.
    Package,
    /// The same vendor and product of a CPE.
    Cpe,
    /// The curated table says so.
    Table,
    /// Vendor and product are the same words.
    Words,
}

/// A name in its space, normalised by the rules of the space.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// The space.
    pub confidence: Confidence,
    /// In place if it is short, as most are: names are compared more often than anything else.
    text: Key,
}

impl fmt::Debug for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?} {}", self.confidence, self.text())
    }
}

impl Name {
    pub(super) fn new(confidence: Confidence, text: impl AsRef<str>) -> Self {
        let mut key = Key::default();
        key.push(text.as_ref().as_bytes());
        Self { confidence, text: key }
    }

    /// `cargo/serde`, `deb/debian/curl`; `a:openssl:openssl`; an id of the table; `vendor:product`.
    #[must_use]
    pub fn text(&self) -> &str {
        std::str::from_utf8(self.text.as_bytes()).unwrap_or_default()
    }

    /// Whether it is a name that both a feed and a bill can give: not a package of an ecosystem that nobody knows.
    pub(super) fn is_common(&self) -> bool {
        let kind = self.text().split('/').next().unwrap_or("");
        self.confidence != Confidence::Package || is_known(kind) || self.text() == KERNEL
    }

    /// The rules by which versions under this name are ordered where nobody says otherwise.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        match self.confidence {
            Confidence::Package => {
                let kind = self.text().split('/').next().unwrap_or("");
                match kind {
                    "osv" => {
                        let rest = self.text().get(4..).unwrap_or("");
                        Scheme::of_ecosystem(rest.split('/').next().unwrap_or(""))
                    }
                    _ => Scheme::of_purl_type(kind),
                }
            }
            Confidence::Cpe if self.text() == "o:linux:linux_kernel" => Scheme::Linux,
            Confidence::Table if self.text() == "linux" => Scheme::Linux,
            Confidence::Cpe | Confidence::Table | Confidence::Words => Scheme::Generic,
        }
    }
}

/// A package URL taken apart, percent signs resolved. Nothing is checked: a strict reader is in `identity`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Parts<'p> {
    pub(super) kind: Cow<'p, str>,
    pub(super) path: Cow<'p, str>,
    pub(super) version: Option<Cow<'p, str>>,
    pub(super) qualifiers: Vec<(String, Cow<'p, str>)>,
}

impl<'p> Parts<'p> {
    pub(super) fn read(purl: &'p str) -> Option<Self> {
        let rest = purl.trim().strip_prefix("pkg:")?.trim_start_matches('/');
        let rest = rest.split('#').next().unwrap_or("");
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (kind, rest) = rest.split_once('/')?;
        // A scope of npm may be written with a plain `@`: only one behind the last slash begins a version.
        let (path, version) = match rest.rfind('@') {
            Some(at) if at > rest.rfind('/').map_or(0, |slash| slash + 1) => {
                (&rest[..at], Some(decoded(&rest[at + 1..])))
            }
            _ => (rest, None),
        };
        let qualifiers = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (key.to_ascii_lowercase(), decoded(value)))
            .collect();
        let path = decoded(path.trim_matches('/'));
        (!path.is_empty()).then(|| Self {
            kind: lower(kind),
            path,
            version: version.filter(|version| !version.is_empty()),
            qualifiers,
        })
    }

    pub(super) fn qualifier(&self, key: &str) -> Option<&str> {
        self.qualifiers.iter().find(|(known, _)| known == key).map(|(_, value)| &**value)
    }

    pub(super) fn name(&self) -> Name {
        Name::new(Confidence::Package, package_text(&self.kind, &self.path))
    }
}

fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        text.to_ascii_lowercase().into()
    } else {
        text.into()
    }
}

fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return text.into();
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(&byte) = bytes.get(index) {
        let code = text.get(index + 1..index + 3).filter(|_| byte == b'%');
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(value) => {
                out.push(value);
                index += 3;
            }
            None => {
                out.push(byte);
                index += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned().into()
}

/// The text of a package's name, by the rules of its type.
fn package_text(kind: &str, path: &str) -> String {
    match kind {
        "pypi" => ["pypi/", &python_name(path)].concat(),
        // crates.io holds no two crates that differ in this alone.
        "cargo" => ["cargo/", &path.to_lowercase().replace('_', "-")].concat(),
        // Case counts in these registries.
        "maven" | "gem" | "cran" | "hackage" | "generic" | "osv" => [kind, "/", path].concat(),
        _ => [kind, "/", &path.to_lowercase()].concat(),
    }
}

/// PEP 503: runs of `-`, `_` and `.` are one `-`.
fn python_name(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for character in path.chars() {
        match character {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            other => out.extend(other.to_lowercase()),
        }
    }
    out
}

/// Vendor and product of a CPE, 2.3 or the older URI, in lower case and without escapes.
pub(super) fn cpe_name(cpe: &str) -> Option<Name> {
    let (part, vendor, product) = cpe_words(cpe)?;
    Some(Name::new(Confidence::Cpe, format!("{part}:{vendor}:{product}")))
}

pub(super) fn cpe_words(cpe: &str) -> Option<(String, String, String)> {
    let parts = cpe_parts(cpe)?;
    let mut parts = parts.into_iter();
    let (part, vendor, product) = (parts.next()?, parts.next()?, parts.next()?);
    let named = |word: &str| !matches!(word, "" | "*" | "-");
    (named(&vendor) && named(&product)).then_some((part, vendor, product))
}

/// The version of a CPE, its update joined by a hyphen.
pub(super) fn cpe_version(cpe: &str) -> Option<String> {
    let parts = cpe_parts(cpe)?;
    let named = |index: usize| parts.get(index).filter(|word| !matches!(&***word, "" | "*" | "-"));
    let version = named(3)?;
    Some(match named(4) {
        Some(update) => format!("{version}-{update}"),
        None => version.clone(),
    })
}

/// The parts behind the prefix.
fn cpe_parts(cpe: &str) -> Option<Vec<String>> {
    let cpe = cpe.trim();
    let (rest, old) = match (cpe.strip_prefix("cpe:2.3:"), cpe.strip_prefix("cpe:/")) {
        (Some(rest), _) => (rest, false),
        (None, Some(rest)) => (rest, true),
        (None, None) => return None,
    };
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for character in rest.chars() {
        match character {
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            ':' if !escaped => parts.push(String::new()),
            other => {
                if let Some(last) = parts.last_mut() {
                    last.extend(other.to_lowercase());
                }
            }
        }
        escaped = false;
    }
    if old {
        parts = parts.iter().map(|part| decoded(part).into_owned()).collect();
    }
    Some(parts)
}

/// Lower case, and one space for everything that is neither letter nor digit. A vendor loses its legal form.
pub(super) fn plain_words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_alphanumeric() || character == '+' {
            out.extend(character.to_lowercase());
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

pub(super) fn vendor_words(text: &str) -> String {
    const FORMS: [&str; 14] = [
        "inc",
        "corp",
        "corporation",
        "ltd",
        "limited",
        "llc",
        "gmbh",
        "ag",
        "co",
        "company",
        "sa",
        "plc",
        "bv",
        "project",
    ];
    let mut words = plain_words(text);
    while let Some((rest, last)) = words.rsplit_once(' ') {
        if !FORMS.contains(&last) {
            break;
        }
        words = rest.to_owned();
    }
    words
}

pub(super) fn words_name(vendor: &str, product: &str) -> Option<Name> {
    let (vendor, product) = (vendor_words(vendor), plain_words(product));
    let named = !vendor.is_empty() && !product.is_empty();
    named.then(|| Name::new(Confidence::Words, format!("{vendor}:{product}")))
}

/// The names of a package, as an advisory gives it, and the release of a distribution that it is limited to.
pub(super) fn names_of_package(package: &Package) -> (Vec<Name>, Option<String>) {
    match package {
        Package::Purl(purl) => match Parts::read(purl) {
            Some(parts) => (vec![parts.name()], parts.qualifier("distro").map(str::to_owned)),
            None => (Vec::new(), None),
        },
        Package::Ecosystem { ecosystem, name } => {
            let (base, release) = match ecosystem.split_once(':') {
                Some((base, release)) => (base, Some(release.to_owned())),
                None => (ecosystem.as_str(), None),
            };
            let text = match of_ecosystem(base) {
                Some((kind, namespace)) => {
                    let path = match (kind, name.as_str()) {
                        ("maven", name) => name.replacen(':', "/", 1),
                        ("golang", "stdlib") => "std".to_owned(),
                        (_, name) if namespace.is_empty() => name.to_owned(),
                        (_, name) => format!("{namespace}/{name}"),
                    };
                    package_text(kind, &path)
                }
                // An ecosystem that no purl type stands for keeps its own name.
                None => format!("osv/{base}/{name}"),
            };
            (vec![Name::new(Confidence::Package, text)], release)
        }
        Package::Cpe(cpe) => {
            let words =
                cpe_words(cpe).and_then(|(_, vendor, product)| words_name(&vendor, &product));
            (cpe_name(cpe).into_iter().chain(words).collect(), None)
        }
        Package::VendorProduct { vendor, product } => {
            (words_name(vendor, product).into_iter().collect(), None)
        }
    }
}

/// A name of a component, with the version under that name where it is another than the component's.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Called {
    /// The name.
    pub name: Name,
    /// Its version under this name, as text.
    pub version: Option<String>,
}

/// The names of a component, without those that the table adds.
pub(super) fn names_of_component(component: &Component, parts: Option<&Parts<'_>>) -> Vec<Called> {
    let mut out = Vec::new();
    if let Some(parts) = parts {
        out.push(Called { name: parts.name(), version: None });
        if let Some(text) = ecosystem_of(&parts.kind, &parts.path) {
            out.push(Called { name: Name::new(Confidence::Package, text), version: None });
        }
        // Distributions warn of source packages; binaries name theirs in `upstream`.
        if let (Some(upstream), Some((namespace, _))) =
            (parts.qualifier("upstream"), parts.path.rsplit_once('/'))
        {
            let (name, version) = match upstream.split_once('@') {
                Some((name, version)) => (name, Some(version.to_owned())),
                None => (upstream, None),
            };
            let text = package_text(&parts.kind, &format!("{namespace}/{name}"));
            out.push(Called { name: Name::new(Confidence::Package, text), version });
        }
    }
    for cpe in &component.cpes {
        let version = cpe_version(cpe);
        out.extend(cpe_name(cpe).map(|name| Called { name, version }));
    }
    for vendor in [&component.supplier, &component.manufacturer, &component.group] {
        let Some(vendor) = vendor else { continue };
        out.extend(words_name(vendor, &component.name).map(|name| Called { name, version: None }));
    }
    out.sort_unstable();
    out.dedup_by(|a, b| a.name == b.name);
    out
}
