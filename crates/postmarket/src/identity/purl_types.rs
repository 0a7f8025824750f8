//! The rules of the types of package URLs, as data (purl-spec, `types/*-definition.json`).

use crate::version::PURL_TYPES;

/// Whether a type's packages stand in a namespace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Namespace {
    Free,
    Required,
    Prohibited,
}

/// The rules of one type.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) namespace: Namespace,
    pub(super) lower_namespace: bool,
    pub(super) lower_name: bool,
    pub(super) lower_version: bool,
}

use Namespace::{Free, Prohibited, Required};

/// Type, namespace, and what is written in lower case: namespace (`s`), name (`n`), version (`v`).
/// Ordered by type; a type that is not here has no rules of its own.
const TYPES: [(&str, Namespace, &str); 38] = [
    ("alpm", Free, "sn"),
    ("apk", Free, "sn"),
    ("bazel", Prohibited, ""),
    ("bitbucket", Free, "sn"),
    ("bitnami", Prohibited, "n"),
    ("cargo", Prohibited, ""),
    ("chrome-extension", Prohibited, ""),
    ("cocoapods", Prohibited, ""),
    ("composer", Required, "sn"),
    ("conan", Free, ""),
    ("conda", Prohibited, ""),
    ("cpan", Required, ""),
    ("cran", Prohibited, ""),
    ("deb", Free, "sn"),
    ("docker", Free, ""),
    ("gem", Prohibited, ""),
    ("generic", Free, ""),
    ("github", Free, "sn"),
    ("golang", Free, "sn"),
    ("hackage", Prohibited, ""),
    ("hex", Free, "sn"),
    ("huggingface", Required, ""),
    ("julia", Prohibited, ""),
    ("luarocks", Free, "snv"),
    ("mlflow", Prohibited, ""),
    ("npm", Free, "sn"),
    ("nuget", Prohibited, ""),
    ("oci", Prohibited, "n"),
    ("opam", Prohibited, ""),
    ("otp", Prohibited, "n"),
    ("pub", Prohibited, "n"),
    ("pypi", Prohibited, "n"),
    ("qpkg", Free, "s"),
    ("rpm", Free, "s"),
    ("swid", Free, ""),
    ("swift", Required, ""),
    ("vcpkg", Prohibited, ""),
    ("vscode-extension", Required, "sn"),
];

/// The rules of a type.
pub(super) fn rules(purl_type: &str) -> Rules {
    let place = TYPES.binary_search_by(|(name, ..)| (*name).cmp(purl_type)).ok();
    let (namespace, lower) =
        place.and_then(|place| TYPES.get(place)).map_or((Free, ""), |(_, a, b)| (*a, *b));
    Rules {
        namespace,
        lower_namespace: lower.contains('s'),
        lower_name: lower.contains('n'),
        lower_version: lower.contains('v'),
    }
}

/// Whether a type is one that package URLs are made of: registered, or one whose versions are known to order.
pub(crate) fn is_known(purl_type: &str) -> bool {
    let listed = TYPES.binary_search_by(|(name, ..)| (*name).cmp(purl_type)).is_ok();
    listed || PURL_TYPES.iter().any(|(name, _)| *name == purl_type)
}

/// Qualifiers without which a package of the type is not named.
pub(super) fn required_qualifiers(purl_type: &str) -> &'static [&'static str] {
    match purl_type {
        "julia" => &["uuid"],
        "swid" => &["tag_id"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_types_are_ordered_by_name() {
        assert!(super::TYPES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
