//! The product of the tests of the post-market office: a gateway with a component that is known to crash.

pub(crate) const LOCK: &str = r#"version = 4

[[package]]
name = "gateway"
version = "2.4.0"
dependencies = ["time"]

[[package]]
name = "time"
version = "0.1.43"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "ca8a50ef2360fbd1eeb0ecd46795a87a19024eb4b53c5dc916ca1fd95fe62438"
"#;
pub(crate) const ADVISORY: &str = r#"{"id": "RUSTSEC-2020-0071", "modified": "2023-06-13T13:10:24Z", "published": "2020-11-18T12:00:00Z",
 "aliases": ["CVE-2020-26235"], "summary": "Potential segfault in the time crate",
 "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}],
 "affected": [{"package": {"ecosystem": "crates.io", "name": "time"},
   "ranges": [{"type": "SEMVER", "events": [{"introduced": "0.0.0-0"}, {"fixed": "0.2.23"}]}]}]}"#;
