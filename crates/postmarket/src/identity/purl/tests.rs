use super::*;
use proptest::prelude::*;

/// Package URLs and their canonical form; `null` for what is none. By hand, from the specification and its
/// type definitions.
const CASES: &str = include_str!("../../../testdata/purl/ours.json");

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

/// Type, namespace, name, version, qualifiers.
type Coordinates = (String, Option<String>, String, Option<String>, BTreeMap<String, String>);

/// The specification's own cases, see `testdata/purl/README.md`.
#[derive(serde::Deserialize)]
struct Specification {
    read: Vec<SpecificationCase>,
    refused: Vec<String>,
    not_built: Vec<Coordinates>,
}

/// Input, canonical form if it is another, and the parts with the subpath.
type SpecificationCase = (
    String,
    Option<String>,
    String,
    Option<String>,
    String,
    Option<String>,
    BTreeMap<String, String>,
    Option<String>,
);

fn parts_of(coordinates: Coordinates, subpath: Option<String>) -> PurlParts {
    let (purl_type, namespace, name, version, qualifiers) = coordinates;
    let qualifiers = qualifiers.into_iter().collect();
    PurlParts { purl_type, namespace, name, version, qualifiers, subpath }
}

#[test]
fn pmk_every_case_of_the_specification_is_read_built_and_written_as_it_says() {
    let cases: Specification =
        serde_json::from_str(include_str!("../../../testdata/purl/specification.json")).unwrap();
    let mut wrong = Vec::new();
    for (input, canonical, purl_type, namespace, name, version, qualifiers, subpath) in cases.read {
        let canonical = canonical.unwrap_or_else(|| input.clone());
        let parts = parts_of((purl_type, namespace, name, version, qualifiers), subpath);
        let read = Purl::parse(&input);
        let holds = read.as_ref().is_ok_and(|read| {
            let found = (read.purl_type(), read.namespace(), read.name(), read.version());
            let PurlParts { purl_type, namespace, name, version, .. } = &parts;
            let qualifiers = read.qualifiers().clone().into_iter().collect::<Vec<_>>();
            read.to_string() == canonical
                && Purl::parse(&canonical).as_ref() == Ok(read)
                && found == (&**purl_type, namespace.as_deref(), &**name, version.as_deref())
                && (qualifiers, read.subpath())
                    == (parts.qualifiers.clone(), parts.subpath.as_deref())
        });
        if !holds || Purl::build(parts) != read {
            wrong.push(format!("{input}: {read:?}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    for input in cases.refused {
        assert!(Purl::parse(&input).is_err(), "{input}");
    }
    for coordinates in cases.not_built {
        let shown = format!("{coordinates:?}");
        assert!(Purl::build(parts_of(coordinates, None)).is_err(), "{shown}");
    }
}

/// A case of the suite that implementations carry.
#[derive(serde::Deserialize)]
struct Case {
    purl: String,
    canonical_purl: Option<String>,
    r#type: Option<String>,
    namespace: Option<String>,
    name: Option<String>,
    version: Option<String>,
    qualifiers: Option<BTreeMap<String, String>>,
    subpath: Option<String>,
    is_invalid: bool,
}

#[test]
fn pmk_the_suite_that_implementations_carry_holds_whole() {
    let suite = include_str!("../../../testdata/purl/suite-of-packageurl-python.json");
    let cases: Vec<Case> = serde_json::from_str(suite).unwrap();
    assert_eq!(cases.len(), 32);
    for case in cases {
        let read = Purl::parse(&case.purl);
        let coordinates = (
            case.r#type.unwrap_or_default(),
            case.namespace,
            case.name.unwrap_or_default(),
            case.version,
            case.qualifiers.unwrap_or_default(),
        );
        let built = Purl::build(parts_of(coordinates, case.subpath));
        if case.is_invalid {
            assert!(read.is_err() && built.is_err(), "{}", case.purl);
            continue;
        }
        // Since then the specification's suite escapes `/` in the value of a qualifier.
        let canonical = case.canonical_purl.unwrap();
        let canonical = match canonical.split_once('?') {
            Some((path, query)) => format!("{path}?{}", query.replace('/', "%2F")),
            None => canonical,
        };
        assert_eq!(read.as_ref().map(ToString::to_string), Ok(canonical), "{}", case.purl);
        assert_eq!(built, read, "{}", case.purl);
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
