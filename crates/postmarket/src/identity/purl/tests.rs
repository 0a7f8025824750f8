use super::*;
use proptest::prelude::*;

/// Package URLs and their canonical form; `null` for what is none. By hand, from the specification and its
/// type definitions.
const CASES: &str = include_str!("../../../testdata/purl.json");

#[test]
fn pmk_package_urls_are_read_and_written_canonically() {
    let cases: Vec<(String, Option<String>)> = serde_json::from_str(CASES).unwrap();
    for (text, canonical) in cases {
        let found = Purl::parse(&text).map(|purl| purl.to_string());
        match canonical {
            Some(canonical) => {
                assert_eq!(found.as_ref(), Ok(&canonical), "{text}");
                assert_eq!(Purl::parse(&canonical).map(|purl| purl.to_string()), Ok(canonical));
            }
            None => assert!(found.is_err(), "{text} is read as {found:?}"),
        }
    }
}

#[test]
fn the_parts_are_named_and_the_package_is_without_version() {
    let purl = Purl::parse("pkg:deb/Debian/libssl3@3.0.11?arch=amd64#lib").unwrap();
    assert_eq!(
        (purl.purl_type(), purl.namespace(), purl.name()),
        ("deb", Some("debian"), "libssl3")
    );
    assert_eq!((purl.version(), purl.subpath()), (Some("3.0.11"), Some("lib")));
    assert_eq!(purl.qualifiers().get("arch").map(String::as_str), Some("amd64"));
    assert_eq!(purl.package().to_string(), "pkg:deb/debian/libssl3");
    assert_eq!(purl.scheme(), Scheme::Debian);
}

proptest! {
    #[test]
    fn what_is_built_is_read_back(
        purl_type in "(npm|deb|generic|maven)",
        namespace in prop::option::of("[a-z@%&/. é]{1,12}"),
        name in "[a-zA-Z0-9@?#%&+é._-]{1,12}",
        version in prop::option::of("[a-zA-Z0-9@?#/%&+:~é._-]{1,12}"),
        qualifiers in prop::collection::btree_map("[a-z][a-z._-]{0,5}", "[ -~é]{1,9}", 0..3),
        subpath in prop::option::of("[a-z/.?#@ é]{0,9}"),
    ) {
        let qualifiers = qualifiers.into_iter().collect();
        let parts = PurlParts { purl_type, namespace, name, version, qualifiers, subpath };
        let built = Purl::build(parts).unwrap();
        prop_assert_eq!(Purl::parse(&built.to_string()), Ok(built));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "(pkg:)?.{0,40}") {
        if let Ok(purl) = Purl::parse(&text) {
            prop_assert_eq!(Purl::parse(&purl.to_string()), Ok(purl));
        }
    }
}
