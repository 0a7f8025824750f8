//! Package URLs: `pkg:type/namespace/name@version?qualifiers#subpath` (purl-spec, ECMA-427).
//!
//! Read leniently, written canonically. Equal package URLs are equal values.

use super::purl_types::{Namespace, required_qualifiers, rules};
use crate::version::Scheme;
use std::collections::BTreeMap;
use std::fmt::{self, Display, Write};
use std::str::FromStr;

/// The parts of a package URL, not checked yet.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PurlParts {
    /// `cargo`, `npm`, `deb`, ...
    pub purl_type: String,
    /// Group, scope, distribution; segments separated by `/`.
    pub namespace: Option<String>,
    /// The package's name.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
    /// More that tells it from others (`arch`, `distro`, `repository_url`).
    pub qualifiers: Vec<(String, String)>,
    /// A place within the package.
    pub subpath: Option<String>,
}

/// A package URL in normal form.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Purl {
    purl_type: String,
    namespace: Option<String>,
    name: String,
    version: Option<String>,
    qualifiers: BTreeMap<String, String>,
    subpath: Option<String>,
}

/// Why something is no package URL.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PurlError {
    /// It does not begin with `pkg:`.
    #[error("a package URL begins with \"pkg:\", found {found:?}")]
    Scheme {
        /// Its beginning.
        found: String,
    },
    /// The type is missing or has other signs than letters, digits, `.`, `+` and `-`.
    #[error(
        "a package URL's type begins with a letter and has letters, digits, '.', '-', found {found:?}"
    )]
    Type {
        /// What stands there.
        found: String,
    },
    /// A part is missing.
    #[error("{purl_type} packages need a {part}; add it")]
    Missing {
        /// The type.
        purl_type: String,
        /// The part.
        part: &'static str,
    },
    /// A part must not be there.
    #[error("{purl_type} packages have no namespace, found {found:?}; remove it")]
    Namespace {
        /// The type.
        purl_type: String,
        /// What stands there.
        found: String,
    },
    /// A qualifier's key begins with a digit or has other signs than letters, digits, `.`, `-`, `_`.
    #[error(
        "a qualifier's key begins with a letter and has letters, digits, '.', '-', '_', found {found:?}"
    )]
    Key {
        /// The key.
        found: String,
    },
    /// A qualifier stands twice.
    #[error("the qualifier {found:?} stands twice; keep one")]
    Twice {
        /// The key.
        found: String,
    },
    /// A part does not have the form that its type asks for.
    #[error("{found:?} is no {purl_type} {part}")]
    Form {
        /// The type.
        purl_type: String,
        /// The part.
        part: &'static str,
        /// What stands there.
        found: String,
    },
    /// A percent sign without two hexadecimal digits of UTF-8 behind it.
    #[error("the percent encoding of {found:?} is broken or not UTF-8")]
    Encoding {
        /// The part.
        found: String,
    },
}

impl Purl {
    /// Reads a package URL.
    ///
    /// # Errors
    /// If it is none, or breaks its type's rules.
    pub fn parse(text: &str) -> Result<Self, PurlError> {
        let scheme_error = || PurlError::Scheme { found: text.chars().take(40).collect() };
        let (scheme, rest) = text.split_once(':').ok_or_else(scheme_error)?;
        if !scheme.eq_ignore_ascii_case("pkg") {
            return Err(scheme_error());
        }
        let (rest, subpath) = cut_last(rest, '#');
        let (rest, query) = cut_last(rest, '?');
        let rest = rest.trim_start_matches('/');
        let (purl_type, rest) = rest
            .split_once('/')
            .ok_or_else(|| PurlError::Type { found: rest.chars().take(40).collect() })?;
        // An '@' before a '/' belongs to an npm scope.
        let (path, version) = match rest.rsplit_once('@') {
            Some((path, version)) if !version.contains('/') => (path, Some(version)),
            _ => (rest, None),
        };
        let (namespace, name) = match path.rsplit_once('/') {
            Some((namespace, name)) => (Some(namespace), name),
            None => (None, path),
        };
        let mut qualifiers = Vec::new();
        for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            qualifiers.push((key.to_owned(), decode(value)?));
        }
        Self::build(PurlParts {
            purl_type: purl_type.to_owned(),
            namespace: namespace.map(decode_segments).transpose()?,
            name: decode(name)?,
            version: version.map(decode).transpose()?,
            qualifiers,
            subpath: subpath.map(decode_segments).transpose()?,
        })
    }

    /// Makes a package URL of its parts, in normal form.
    ///
    /// # Errors
    /// If a part is missing or breaks the type's rules.
    pub fn build(parts: PurlParts) -> Result<Self, PurlError> {
        let purl_type = parts.purl_type.to_ascii_lowercase();
        let mut signs = purl_type.bytes();
        let typed = signs.next().is_some_and(|byte| byte.is_ascii_lowercase())
            && signs.all(|byte| byte.is_ascii_alphanumeric() || b".+-".contains(&byte));
        if !typed {
            return Err(PurlError::Type { found: parts.purl_type });
        }
        let rules = rules(&purl_type);
        let lower = |text: String, lower: bool| if lower { text.to_lowercase() } else { text };
        let mut qualifiers = BTreeMap::new();
        for (key, value) in parts.qualifiers {
            add_qualifier(&mut qualifiers, key, value)?;
        }
        let mut purl = Self {
            namespace: segments(parts.namespace, false)
                .map(|text| lower(text, rules.lower_namespace)),
            name: lower(parts.name, rules.lower_name),
            version: parts
                .version
                .filter(|version| !version.is_empty())
                .map(|version| lower(version, rules.lower_version)),
            qualifiers,
            subpath: segments(parts.subpath, true),
            purl_type,
        };
        purl.normalise_more();
        purl.check(rules.namespace)?;
        Ok(purl)
    }

    /// Parts whose normal form is more than lower case.
    fn normalise_more(&mut self) {
        match self.purl_type.as_str() {
            // PEP 503: runs of '-', '_' and '.' are one '-'.
            "pypi" => {
                let parts: Vec<&str> =
                    self.name.split(['-', '_', '.']).filter(|part| !part.is_empty()).collect();
                if !parts.is_empty() {
                    self.name = parts.join("-");
                }
            }
            // A Databricks server does not tell upper from lower case; others do.
            "mlflow" => {
                let url = self.qualifiers.get("repository_url");
                if url.is_some_and(|url| url.contains("databricks")) {
                    self.name = self.name.to_lowercase();
                }
            }
            // A commit is written in small letters; a tag is its own.
            "huggingface" => {
                let commit = |text: &String| {
                    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
                };
                if let Some(version) = self.version.as_mut().filter(|text| commit(text)) {
                    version.make_ascii_lowercase();
                }
            }
            _ => {}
        }
    }

    fn check(&self, namespace: Namespace) -> Result<(), PurlError> {
        let purl_type = || self.purl_type.clone();
        let missing = |part| Err(PurlError::Missing { purl_type: purl_type(), part });
        let malformed = |part, found: &str| {
            Err(PurlError::Form { purl_type: purl_type(), part, found: found.to_owned() })
        };
        if self.name.is_empty() {
            return missing("name");
        }
        match (&self.namespace, namespace) {
            (None, Namespace::Required) => return missing("namespace"),
            (Some(found), Namespace::Prohibited) => {
                let found = found.clone();
                return Err(PurlError::Namespace { purl_type: purl_type(), found });
            }
            _ => {}
        }
        for key in required_qualifiers(&self.purl_type) {
            if !self.qualifiers.contains_key(*key) {
                return missing(key);
            }
        }
        match self.purl_type.as_str() {
            "conan" => {
                // Who made the recipe and through which channel it came stand together or not at all.
                match (&self.namespace, self.qualifiers.contains_key("channel")) {
                    (Some(_), false) if self.qualifiers.is_empty() => missing("channel"),
                    (None, true) => missing("namespace"),
                    _ => Ok(()),
                }
            }
            "cpan" if self.name.contains("::") => malformed("name", &self.name),
            "chrome-extension" => {
                if self.name.len() != 32 || !self.name.bytes().all(|byte| byte.is_ascii_lowercase())
                {
                    return malformed("name", &self.name);
                }
                let number =
                    |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
                match &self.version {
                    Some(version)
                        if version.split('.').count() > 4 || !version.split('.').all(number) =>
                    {
                        malformed("version", version)
                    }
                    _ => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    /// The type, lower case.
    #[must_use]
    pub fn purl_type(&self) -> &str {
        &self.purl_type
    }

    /// The namespace, segments separated by `/`.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// The qualifiers by their keys.
    #[must_use]
    pub fn qualifiers(&self) -> &BTreeMap<String, String> {
        &self.qualifiers
    }

    /// The subpath.
    #[must_use]
    pub fn subpath(&self) -> Option<&str> {
        self.subpath.as_deref()
    }

    /// The package itself: without version, qualifiers and subpath. What advisories are looked up by.
    #[must_use]
    pub fn package(&self) -> Self {
        Self { version: None, qualifiers: BTreeMap::new(), subpath: None, ..self.clone() }
    }

    /// By whose rules its versions are ordered.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        Scheme::of_purl_type(&self.purl_type)
    }
}

impl FromStr for Purl {
    type Err = PurlError;

    fn from_str(text: &str) -> Result<Self, PurlError> {
        Self::parse(text)
    }
}

/// The canonical form.
impl Display for Purl {
    fn fmt(&self, into: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(into, "pkg:{}/", self.purl_type)?;
        for segment in self.namespace.iter().flat_map(|text| text.split('/')) {
            encode(segment, into)?;
            into.write_char('/')?;
        }
        encode(&self.name, into)?;
        if let Some(version) = &self.version {
            into.write_char('@')?;
            encode(version, into)?;
        }
        for (place, (key, value)) in self.qualifiers.iter().enumerate() {
            write!(into, "{}{key}=", if place == 0 { '?' } else { '&' })?;
            encode(value, into)?;
        }
        for (place, segment) in self.subpath.iter().flat_map(|text| text.split('/')).enumerate() {
            into.write_char(if place == 0 { '#' } else { '/' })?;
            encode(segment, into)?;
        }
        Ok(())
    }
}

fn add_qualifier(
    qualifiers: &mut BTreeMap<String, String>,
    key: String,
    value: String,
) -> Result<(), PurlError> {
    let mut signs = key.bytes();
    let keyed = signs.next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && signs.all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
    if !keyed {
        return Err(PurlError::Key { found: key });
    }
    if value.is_empty() {
        return Ok(());
    }
    let key = key.to_ascii_lowercase();
    if qualifiers.contains_key(&key) {
        return Err(PurlError::Twice { found: key });
    }
    qualifiers.insert(key, value);
    Ok(())
}

/// The last occurrence of a separator divides.
fn cut_last(text: &str, separator: char) -> (&str, Option<&str>) {
    text.rsplit_once(separator).map_or((text, None), |(before, after)| (before, Some(after)))
}

/// Segments without empty ones; in a subpath without `.` and `..` too.
fn segments(text: Option<String>, is_path: bool) -> Option<String> {
    let text = text?;
    let kept =
        |segment: &&str| !segment.is_empty() && !(is_path && (*segment == "." || *segment == ".."));
    let kept: Vec<&str> = text.split('/').filter(kept).collect();
    (!kept.is_empty()).then(|| kept.join("/"))
}

/// Decodes segment by segment: an encoded slash within one would make two of it.
fn decode_segments(text: &str) -> Result<String, PurlError> {
    let mut decoded = Vec::new();
    for segment in text.split('/') {
        let one = decode(segment)?;
        if one.contains('/') {
            return Err(PurlError::Encoding { found: segment.to_owned() });
        }
        decoded.push(one);
    }
    Ok(decoded.join("/"))
}

fn decode(text: &str) -> Result<String, PurlError> {
    percent_decode(text).ok_or_else(|| PurlError::Encoding { found: text.to_owned() })
}

/// `None` if a percent sign has no two hexadecimal digits behind it, or the result is no UTF-8.
pub(crate) fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let digits = digits.filter(|two| two.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let byte = digits.and_then(|two| u8::from_str_radix(two, 16).ok())?;
        bytes.push(byte);
        rest = after.get(2..).unwrap_or_default();
    }
    String::from_utf8(bytes).ok()
}

/// Everything but letters, digits, `.`, `-`, `_`, `~` and `:` is percent-encoded.
fn encode(text: &str, into: &mut fmt::Formatter<'_>) -> fmt::Result {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_~:".contains(&byte) {
            into.write_char(char::from(byte))?;
        } else {
            write!(into, "%{byte:02X}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
