//! What is written is read again as it was, in every form.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

use super::super::*;

/// Texts that a supplier may write: plain, with blanks, quotes, brackets, and words that forms give a meaning.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,8}",
        "[A-Za-z0-9 ._()\"'<>&=:/ä-]{1,12}",
        Just("NOASSERTION".to_owned()),
        Just("NONE".to_owned()),
        Just(" edge ".to_owned()),
    ]
}

fn licence() -> impl Strategy<Value = String> {
    prop_oneof![Just("MIT".to_owned()), Just("MIT OR Apache-2.0".to_owned()), text()]
        .prop_filter("blank", |text| !text.trim().is_empty())
}

fn component() -> impl Strategy<Value = Component> {
    let kind = (0..ComponentKind::NAMES.len()).prop_map(|at| ComponentKind::NAMES[at].0);
    let level = prop_oneof![Just("maintained".to_owned()), Just("abandoned".to_owned()), text()];
    let end = prop_oneof![Just("2031-12-31".to_owned()), text()];
    let hash = prop_oneof![
        "[0-9a-f]{64}".prop_map(|value| Hash { algorithm: "SHA-256".to_owned(), value }),
        "[0-9a-f]{8}".prop_map(|value| Hash { algorithm: "CRC".to_owned(), value }),
    ];
    let identifier = prop_oneof![
        Just("swid tag-1".to_owned()),
        Just("swid tag-2".to_owned()),
        Just("gitoid gitoid:blob:sha1:261eeb9e9f8b2b4b0d119366dda99c6fd7d35c64".to_owned()),
        "udi [0-9]{4}",
    ];
    let property = prop_oneof![
        (Just("description".to_owned()), text()),
        (Just("reference:website".to_owned()), Just("https://example.org/".to_owned())),
        (text(), text()),
    ];
    let first = (kind, text(), of(text()), of(text()), of(text()), of(text()));
    let second = (
        of(Just("pkg:cargo/a@1".to_owned())),
        vec(
            Just("cpe:2.3:a:v:p:1:*:*:*:*:*:*:*".to_owned()).boxed().prop_union(text().boxed()),
            0..3,
        ),
        vec(identifier, 0..3),
        vec(hash, 0..3),
        vec(licence(), 0..3),
        (of(level), of(end)),
    );
    let scope = prop_oneof![Just("required".to_owned()), Just("build".to_owned()), text()];
    let third = (of(scope), vec(text(), 0..2), vec(text(), 0..2), vec(property, 0..4));
    (first, second, third).prop_map(|(first, second, third)| {
        let (kind, name, group, version, supplier, manufacturer) = first;
        let (purl, cpes, identifiers, hashes, licences, (level, end)) = second;
        let (scope, compiled_files, patched, properties) = third;
        Component {
            reference: String::new(),
            kind,
            name,
            group,
            version,
            supplier,
            manufacturer,
            purl,
            cpes,
            identifiers,
            hashes,
            licences,
            support: Support { level, end },
            scope,
            compiled_files,
            patched,
            properties,
        }
    })
}

fn bill() -> impl Strategy<Value = Bill> {
    let arrow = (0..6usize, 0..RelationshipKind::NAMES.len(), 0..6usize);
    let lists = (vec(text(), 0..3), vec(text(), 0..3), vec(text(), 0..2), vec(text(), 0..2));
    let revision = of(prop_oneof![Just("3".to_owned()), text()]);
    let document = prop_oneof![
        Just("urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79".to_owned()),
        Just("https://example.org/bills/1".to_owned()),
    ];
    (vec(component(), 1..6), vec(arrow, 0..8), lists, revision, document, any::<bool>()).prop_map(
        |(
            mut components,
            arrows,
            (authors, tools, lifecycle, remarks),
            revision,
            document,
            rooted,
        )| {
            let names = ["a", "pkg:cargo/b@1", "ref with blank", "ref-with-blank", "é", "#/~"];
            for (component, name) in components.iter_mut().zip(names) {
                component.reference = name.to_owned();
            }
            let count = components.len();
            let relationships = arrows
                .into_iter()
                .map(|(from, kind, to)| Relationship {
                    from: from % count,
                    kind: RelationshipKind::NAMES[kind].0,
                    to: to % count,
                })
                .collect();
            Bill {
                document: Some(document),
                revision,
                authors,
                tools,
                lifecycle,
                root: rooted.then_some(count / 2),
                components,
                relationships,
                remarks,
                ..Bill::default()
            }
        },
    )
}

const CREATED: &str = "2026-11-22T06:00:00Z";

fn round(bill: &Bill, form: Form) -> Bill {
    let bytes = write(bill, form, CREATED).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(bytes, write(&bill.canonical(), form, CREATED).unwrap(), "{form:?} is not stable");
    let back = read("x.json", &bytes, &Limits::default())
        .unwrap_or_else(|error| panic!("{error}\n{}", String::from_utf8_lossy(&bytes)));
    assert_eq!(back.created.as_deref(), Some(CREATED));
    let known = Bill { digest: String::new(), form: SourceForm::default(), created: None, ..back };
    known.canonical()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_is_written_is_read_again_as_it_was(bill in bill()) {
        for form in [Form::CycloneDx16, Form::CycloneDx17, Form::Spdx23, Form::Spdx30] {
            prop_assert_eq!(round(&bill, form), bill.canonical(), "{:?}", form);
        }
    }
}

#[test]
fn a_bill_with_a_firmware_root_is_written_in_every_form() {
    let product = Component {
        reference: "product".to_owned(),
        kind: ComponentKind::Firmware,
        name: "pump".to_owned(),
        ..Component::default()
    };
    let bill = Bill {
        document: Some("urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79".to_owned()),
        root: Some(0),
        components: vec![product],
        ..Bill::default()
    };
    for form in [Form::CycloneDx16, Form::CycloneDx17, Form::Spdx23, Form::Spdx30] {
        let back = round(&bill, form);
        assert_eq!(back.root, Some(0), "{form:?}");
        assert_eq!(back.components[0].kind, ComponentKind::Firmware, "{form:?}");
    }
}

#[test]
fn a_time_that_is_none_cannot_be_written_as_cyclonedx() {
    let error = write(&Bill::default(), Form::CycloneDx17, "yesterday").unwrap_err();
    assert!(error.to_string().contains("/metadata/timestamp"), "{error}");
}
