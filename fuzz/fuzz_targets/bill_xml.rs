//! Bills of one form, so that the fuzzer need not find its first bytes: CycloneDX in XML.
#![no_main]

use homeostat_postmarket::sbom::{Limits, read};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { bytes: 1 << 20, values: 100_000, components: 1_000, ..Limits::default() };
    let whole = [&b"<bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\">"[..], bytes].concat();
    drop(read("fuzz", &whole, &limits));
});
