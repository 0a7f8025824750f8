//! `testdata/cyclonedx/samples.tar.gz`: the valid and invalid samples of CycloneDX 1.2 to 1.7.

use std::io::Read as _;

use flate2::read::GzDecoder;

use super::super::*;

/// The samples as (path, bytes).
fn samples() -> Vec<(String, Vec<u8>)> {
    let packed = include_bytes!("../../../testdata/cyclonedx/samples.tar.gz");
    let mut tar = Vec::new();
    GzDecoder::new(&packed[..]).read_to_end(&mut tar).expect("the samples inflate");
    let mut samples = Vec::new();
    let mut rest = &tar[..];
    while rest.len() >= 512 && rest[0] != 0 {
        let text = |from: usize, to: usize| {
            String::from_utf8_lossy(&rest[from..to]).trim_matches(['\0', ' ']).to_owned()
        };
        let size = usize::from_str_radix(&text(124, 136), 8).expect("an octal size");
        samples.push((text(0, 100), rest[512..512 + size].to_vec()));
        rest = &rest[512 + size.div_ceil(512) * 512..];
    }
    samples
}

fn is_valid(path: &str) -> bool {
    path[4..].starts_with("valid")
}

/// What each invalid sample is about: the stem of its name, a part of the place, and a part of what was expected
/// there, one of each in either encoding.
const REASONS: &[(&str, &[&str], &[&str])] = &[
    ("bomformat", &["/bomFormat"], &["`CycloneDX`"]),
    ("citations", &["/citations/0", "/citations/citation"], &["`attributedTo`", "`process`"]),
    (
        "component-external-version-and-range",
        &["/components/0", "/versionRange"],
        &["without `version`, `versionRange`", "one of the elements"],
    ),
    (
        "component-ref",
        &["bom-ref", "/components", "component (line"],
        &["bom-ref", "no item stands twice", "from 1"],
    ),
    ("component-swid", &["/swid"], &["`tagId`"]),
    ("component-type", &["/components/0/type", "/component (line"], &["`application`"]),
    (
        "component-version-and-range",
        &["/components/0", "/versionRange"],
        &["`versionRange`", "one of the elements"],
    ),
    ("component-versionRange-non-ext", &["/components/0"], &["`versionRange`"]),
    ("dependency", &["/dependencies/0", "/dependencies/dependency"], &["`ref`"]),
    ("empty-component", &["/components/0", "/components/component"], &["`name`", "`type`"]),
    ("hash-alg", &["/hashes/0/alg", "/hashes/hash"], &["`BLAKE3`"]),
    ("hash-", &["/content", "/hashes/hash"], &["hexadecimal"]),
    ("issue-type", &["/resolves/0/type", "/resolves/issue"], &["`security`"]),
    ("license-choice", &["/licenses"], &["alternatives", "`license`"]),
    ("license-declared-concluded-mix", &["/licenses"], &[""]),
    ("license-encoding", &["/text/encoding", "/text (line"], &["`base64`"]),
    ("license-id-count", &["/license"], &["one of the elements"]),
    ("license-id", &["/license/id"], &["`0BSD`"]),
    ("license-missing-id-and-name", &["/license"], &["`id`"]),
    ("license-name-count", &["/license"], &["one of the elements"]),
    ("metadata-distribution", &["/metadata/distribution"], &["`authors`"]),
    (
        "metadata-license",
        &["/metadata/licenses"],
        &["`0BSD`", "alternatives", "one of the elements"],
    ),
    ("metadata-timestamp", &["/metadata/timestamp"], &["a date and time"]),
    ("missing-component-type", &["/components/0", "/components/component"], &["`type`"]),
    ("namespace", &["/bom (line"], &["http://cyclonedx.org/schema/bom/"]),
    ("patch-type", &["/patches/0/type", "/patches/patch"], &["`backport`"]),
    ("properties", &["/properties"], &["`name`", "members", "one of"]),
    ("scope", &["/scope"], &["`required`"]),
    ("serialnumber", &["/serialNumber", "/bom (line"], &["urn:uuid"]),
    ("service-data", &["/flow", "/data/classification"], &["`inbound`"]),
];

#[test]
fn every_valid_cyclonedx_sample_is_read_and_every_invalid_one_refused_for_its_reason() {
    let mut counts = [0; 4];
    for (path, bytes) in samples() {
        let answer = read(&path, &bytes, &Limits::default());
        let xml = usize::from(path.ends_with(".xml"));
        if is_valid(&path) {
            let bill = answer.unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(bill.form.name, "CycloneDX");
            counts[xml] += 1;
            continue;
        }
        let Err(error) = answer else { panic!("{path} was read") };
        let BillError::Invalid { file, place, expected, .. } = &error else { panic!("{error}") };
        assert_eq!(*file, path);
        let about = path.split_once("/invalid-").expect("an invalid sample").1;
        let (_, places, reasons) = REASONS
            .iter()
            .find(|(stem, ..)| about.starts_with(stem))
            .unwrap_or_else(|| panic!("no reason is known for {about}: {error}"));
        assert!(places.iter().any(|part| place.contains(part)), "{error}");
        assert!(reasons.iter().any(|part| expected.contains(part)), "{error}");
        counts[2 + xml] += 1;
    }
    // JSON and XML that are valid, JSON and XML that are not.
    assert_eq!(counts, [218, 232, 139, 150]);
}
