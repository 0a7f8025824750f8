//! SPDX, tables, and how a form is told and refused.

use super::super::*;

fn take(file: &str, text: &str) -> Bill {
    read(file, text.as_bytes(), &Limits::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn refuse(text: &str) -> String {
    read("x", text.as_bytes(), &Limits::default()).expect_err(text).to_string()
}

fn arrows(bill: &Bill) -> Vec<(&str, &str, &str)> {
    let name = |at: usize| bill.components[at].name.as_str();
    bill.relationships.iter().map(|it| (name(it.from), it.kind.name(), name(it.to))).collect()
}

const SPDX_JSON: &str = r#"{
 "spdxVersion": "SPDX-2.2", "SPDXID": "SPDXRef-DOCUMENT", "dataLicense": "CC0-1.0", "name": "image",
 "documentNamespace": "https://example.org/image",
 "creationInfo": {"created": "2026-01-01T00:00:00Z", "creators": ["Tool: builder-1", "Organization: Maker ()"]},
 "packages": [
  {"SPDXID": "SPDXRef-image", "name": "image", "downloadLocation": "NONE", "primaryPackagePurpose": "OPERATING-SYSTEM",
   "supplier": "Organization: Maker (a@example.org)", "licenseDeclared": "NOASSERTION", "validUntilDate": "2031-12-31T00:00:00Z"},
  {"SPDXID": "SPDXRef-ssl", "name": "ssl", "versionInfo": "3.0.1", "hasFiles": ["SPDXRef-c"], "licenseDeclared": "MIT",
   "checksums": [{"algorithm": "SHA256", "checksumValue": "ABCD"}],
   "externalRefs": [
    {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:generic/ssl@3.0.1"},
    {"referenceCategory": "SECURITY", "referenceType": "http://spdx.org/rdf/references/cpe23Type", "referenceLocator": "cpe:2.3:a:x:ssl:3.0.1:*:*:*:*:*:*:*"}]}],
 "files": [{"SPDXID": "SPDXRef-c", "fileName": "./crypto/aes.c", "fileTypes": ["SOURCE"]},
           {"SPDXID": "SPDXRef-bin", "fileName": "./lib/libssl.so", "fileTypes": ["BINARY"]}],
 "relationships": [
  {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-image"},
  {"spdxElementId": "SPDXRef-image", "relationshipType": "CONTAINS", "relatedSpdxElement": "SPDXRef-ssl"},
  {"spdxElementId": "SPDXRef-ssl", "relationshipType": "DEPENDENCY_OF", "relatedSpdxElement": "SPDXRef-image"},
  {"spdxElementId": "SPDXRef-bin", "relationshipType": "GENERATED_FROM", "relatedSpdxElement": "SPDXRef-c"},
  {"spdxElementId": "SPDXRef-image", "relationshipType": "AMENDS", "relatedSpdxElement": "SPDXRef-ssl"},
  {"spdxElementId": "SPDXRef-image", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": "DocumentRef-x:SPDXRef-y"}]}"#;

#[test]
fn spdx_2_json_gives_components_arrows_compiled_files_and_remarks() {
    let bill = take("image.spdx.json", SPDX_JSON);
    assert_eq!((bill.form.version.as_str(), bill.root), ("SPDX-2.2", Some(0)));
    assert_eq!(
        (bill.tools, bill.authors),
        (vec!["builder-1".to_owned()], vec!["Maker".to_owned()])
    );
    let [image, ssl, file] = &bill.components[..] else { panic!("{:?}", bill.components) };
    assert_eq!(image.kind, ComponentKind::OperatingSystem);
    assert_eq!((image.supplier.as_deref(), image.licences.len()), (Some("Maker"), 0));
    assert_eq!(image.support.end.as_deref(), Some("2031-12-31"));
    assert_eq!(ssl.purl.as_deref(), Some("pkg:generic/ssl@3.0.1"));
    assert_eq!((ssl.cpes.len(), ssl.licences.clone()), (1, vec!["MIT".to_owned()]));
    assert_eq!(ssl.hashes, [Hash { algorithm: "SHA-256".to_owned(), value: "abcd".to_owned() }]);
    assert_eq!(ssl.compiled_files, ["crypto/aes.c"]);
    assert_eq!(file.compiled_files, ["crypto/aes.c"]);
    let remarks = bill.remarks.join("\n");
    assert!(remarks.contains("DocumentRef-x:SPDXRef-y is not a component"), "{remarks}");
    assert!(remarks.contains("1 relationships of the kind AMENDS"), "{remarks}");
}

#[test]
fn spdx_2_tag_value_says_what_its_json_says() {
    let text = "SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\nSPDXID: SPDXRef-DOCUMENT\nDocumentName: zephyr\n\
        DocumentNamespace: https://example.org/z\nCreator: Tool: west\nCreated: 2026-01-01T00:00:00Z\n\n# a package\n\
        PackageName: app\nSPDXID: SPDXRef-app\nPackageVersion: 2\nPackageComment: <text>first\nPackageName: inside\n</text>\n\
        PackageChecksum: SHA1: 00ff\nExternalRef: PACKAGE_MANAGER purl pkg:generic/app@2\nPrimaryPackagePurpose: FIRMWARE\n\
        FileName: ./src/main.c\nSPDXID: SPDXRef-main\nFileType: SOURCE\nFileChecksum: SHA1: 11aa\n\
        PackageName: lib\nSPDXID: SPDXRef-lib\n\
        Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-app\nRelationship: SPDXRef-app STATIC_LINK SPDXRef-lib\n\
        Relationship: SPDXRef-app CONTAINS SPDXRef-main\n";
    let bill = take("z.spdx", text);
    assert_eq!(bill.root, Some(0));
    assert_eq!(arrows(&bill), [("app", "depends-on", "lib")]);
    let app = &bill.components[0];
    assert_eq!(
        (app.kind, app.compiled_files.clone()),
        (ComponentKind::Firmware, vec!["src/main.c".to_owned()])
    );
    assert_eq!(app.property("comment"), Some("first\nPackageName: inside"));
    assert_eq!(app.hashes.len(), 1);
    assert_eq!(bill.components[1].version, None);
    let broken = text.replace("SHA1: 00ff", "00ff");
    assert!(refuse(&broken).contains("line 16"), "{}", refuse(&broken));
    assert!(refuse(&text.replace("</text>", "")).contains("ends with </text>"));
}

#[test]
fn spdx_3_of_a_build_gives_compiled_files_patched_ids_and_licences() {
    let text = r#"{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [
     {"type": "CreationInfo", "@id": "_:c", "specVersion": "3.0.1", "created": "2026-01-01T00:00:00Z", "createdBy": ["o"]},
     {"type": "Organization", "spdxId": "o", "creationInfo": "_:c", "name": "Maker"},
     {"type": "SpdxDocument", "spdxId": "d", "creationInfo": "_:c", "rootElement": ["b"]},
     {"type": "software_Sbom", "spdxId": "b", "creationInfo": "_:c", "rootElement": ["p"]},
     {"type": "software_Package", "spdxId": "p", "creationInfo": "_:c", "name": "kernel", "software_packageVersion": "6.6",
      "suppliedBy": "o", "supportLevel": ["endOfSupport"], "validUntilTime": "2030-06-30T00:00:00Z",
      "verifiedUsing": [{"type": "Hash", "algorithm": "sha256", "hashValue": "AA"}],
      "externalIdentifier": [{"type": "ExternalIdentifier", "externalIdentifierType": "cpe23", "identifier": "cpe:2.3:o:linux:linux_kernel:6.6:*:*:*:*:*:*:*"}]},
     {"type": "software_File", "spdxId": "s", "creationInfo": "_:c", "name": "net/core/dev.c", "software_primaryPurpose": "source"},
     {"type": "build_Build", "spdxId": "m", "creationInfo": "_:c"},
     {"type": "Relationship", "spdxId": "r1", "from": "m", "relationshipType": "hasInput", "to": ["s"]},
     {"type": "Relationship", "spdxId": "r2", "from": "m", "relationshipType": "hasOutput", "to": ["p"]},
     {"type": "security_Vulnerability", "spdxId": "v", "externalIdentifier": [{"externalIdentifierType": "cve", "identifier": "CVE-2024-1"}]},
     {"type": "security_VexFixedVulnAssessmentRelationship", "spdxId": "r3", "from": "v", "relationshipType": "fixedIn", "to": ["p"]},
     {"type": "simplelicensing_LicenseExpression", "spdxId": "l", "simplelicensing_licenseExpression": "GPL-2.0-only"},
     {"type": "Relationship", "spdxId": "r4", "from": "p", "relationshipType": "hasDeclaredLicense", "to": ["l"]}]}"#;
    let bill = take("kernel.spdx.json", text);
    assert_eq!((bill.form.version.as_str(), bill.root), ("3.0.1", Some(0)));
    let kernel = &bill.components[0];
    assert_eq!(kernel.compiled_files, ["net/core/dev.c"]);
    assert_eq!(kernel.patched, ["CVE-2024-1"]);
    assert_eq!(kernel.licences, ["GPL-2.0-only"]);
    assert_eq!(kernel.supplier.as_deref(), Some("Maker"));
    assert_eq!(kernel.support.level.as_deref(), Some("no longer maintained"));
    assert_eq!(kernel.support.end.as_deref(), Some("2030-06-30"));
    assert_eq!(kernel.hashes[0].value, "aa");
    assert!(refuse(&text.replace("rdf/3.0.1", "rdf/2.0")).contains("/@context"));
    assert!(refuse(&text.replace("\"r2\"", "\"r1\"")).contains("`r1`"));
}

#[test]
fn a_suppliers_table_is_read_by_its_headings() {
    let text = "Component Name;Version;Vendor;SHA-256;End of support;Country\nradio;1.2;Acme;;2030-01-01;DE\n";
    let bill = take("parts.csv", text);
    let radio = &bill.components[0];
    assert_eq!((radio.name.as_str(), radio.version.as_deref()), ("radio", Some("1.2")));
    assert_eq!(
        (radio.supplier.as_deref(), radio.support.end.as_deref()),
        (Some("Acme"), Some("2030-01-01"))
    );
    assert_eq!(radio.property("Country"), Some("DE"));
    assert!(refuse("name,sha256\na,zz\n").contains("line 2"), "{}", refuse("name,sha256\na,zz\n"));
    assert!(refuse("name,version\n,1\n").contains("an empty cell"));
    assert!(refuse("name,version\na,1,2\n").contains("line 2"));
}

#[test]
fn what_is_no_bill_is_refused_with_what_could_be_given() {
    for text in ["", "{}", "[]", "hello", "<html/>", "{\"workspace_members\":[]}", "a,b\n1,2\n"] {
        let error = refuse(text);
        assert!(error.contains("CycloneDX 1.2 to 1.7"), "{text}: {error}");
    }
    let old = r#"{"bomFormat":"CycloneDX","specVersion":"1.1","version":1}"#;
    assert!(refuse(old).contains("1.2, 1.3, 1.4, 1.5, 1.6, 1.7"));
    assert!(refuse("<bom xmlns='http://cyclonedx.org/schema/bom/2.0'/>").contains("1.7"));
    assert!(refuse(&SPDX_JSON.replace("SPDX-2.2", "SPDX-2.9")).contains("/spdxVersion"));
    assert!(
        refuse(&SPDX_JSON.replace("\"name\": \"ssl\"", "\"n\": 1")).contains("/packages/1/name")
    );
    assert!(refuse(&SPDX_JSON.replace("SPDXRef-ssl\"", "SPDXRef-image\"")).contains("/packages/1"));
}

#[test]
fn bytes_and_components_are_bounded_and_the_digest_is_of_the_original() {
    let text = "name,version\na,1\nb,1\n";
    let few = Limits { components: 1, ..Limits::default() };
    let error = read("x.csv", text.as_bytes(), &few).unwrap_err();
    assert!(matches!(error, BillError::TooMuch { what: "components", limit: 1, .. }));
    let short = Limits { bytes: 3, ..Limits::default() };
    let error = read("x.csv", text.as_bytes(), &short).unwrap_err();
    assert!(matches!(error, BillError::TooMuch { what: "bytes", limit: 3, .. }));
    let abc = take("x.csv", "name,version\n");
    let expected = "01fedd429dc79a7a1ae1c31bbeeaf8b6eb794b8bfe519e0e1e2471f9eccca064";
    assert_eq!(abc.digest, expected);
}

#[test]
fn cyclonedx_says_the_same_in_json_and_in_xml() {
    let json = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,
      "metadata":{"timestamp":"2026-01-01T00:00:00Z","component":{"type":"firmware","bom-ref":"p","name":"pump","version":"1",
        "components":[{"type":"library","bom-ref":"i","name":"inner"}]}},
      "components":[{"type":"library","bom-ref":"l","name":"lib","version":"2","supplier":{"name":"S"},
        "hashes":[{"alg":"SHA-1","content":"E6B1000B94E835FFD37F4C6DCBDAD43F4B48A02A"}],
        "licenses":[{"license":{"id":"MIT"}}],"purl":"pkg:generic/lib@2",
        "pedigree":{"patches":[{"type":"backport","resolves":[{"type":"security","id":"CVE-2020-1"}]}]},
        "externalReferences":[{"type":"website","url":"https://example.org/"}],
        "properties":[{"name":"homeostat:support:level","value":"maintained"},{"name":"k","value":"v"}]}],
      "dependencies":[{"ref":"p","dependsOn":["l"]},{"ref":"l","dependsOn":["gone"]}]}"#;
    let xml = r#"<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1">
      <metadata><timestamp>2026-01-01T00:00:00Z</timestamp><component type="firmware" bom-ref="p"><name>pump</name><version>1</version>
        <components><component type="library" bom-ref="i"><name>inner</name></component></components></component></metadata>
      <components><component type="library" bom-ref="l"><supplier><name>S</name></supplier><name>lib</name><version>2</version>
        <hashes><hash alg="SHA-1">E6B1000B94E835FFD37F4C6DCBDAD43F4B48A02A</hash></hashes>
        <licenses><license><id>MIT</id></license></licenses><purl>pkg:generic/lib@2</purl>
        <pedigree><patches><patch type="backport"><resolves><issue type="security"><id>CVE-2020-1</id></issue></resolves></patch></patches></pedigree>
        <externalReferences><reference type="website"><url>https://example.org/</url></reference></externalReferences>
        <properties><property name="homeostat:support:level">maintained</property><property name="k">v</property></properties></component></components>
      <dependencies><dependency ref="p"><dependency ref="l"/></dependency><dependency ref="l"><dependency ref="gone"/></dependency></dependencies></bom>"#;
    let (json, xml) = (take("a.json", json), take("a.xml", xml));
    assert_eq!(json.components, xml.components);
    assert_eq!((&json.relationships, &json.remarks), (&xml.relationships, &xml.remarks));
    assert_eq!((json.root, json.components[0].kind), (Some(0), ComponentKind::Firmware));
    assert_eq!(arrows(&json), [("pump", "depends-on", "lib"), ("pump", "contains", "inner")]);
    let lib = &json.components[2];
    assert_eq!(lib.support.level.as_deref(), Some("maintained"));
    assert_eq!(
        (lib.patched.clone(), lib.property("k")),
        (vec!["CVE-2020-1".to_owned()], Some("v"))
    );
    assert!(json.remarks[0].contains("gone"), "{:?}", json.remarks);
}

#[test]
fn a_reference_that_two_components_have_is_refused_with_the_place() {
    let text = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[
      {"type":"library","bom-ref":"a","name":"x"},{"type":"library","bom-ref":"a","name":"y"}]}"#;
    let error = refuse(text);
    assert!(error.contains("/components/1") && error.contains("`a`"), "{error}");
}
