//! Bills of one form, so that the fuzzer need not find its first bytes: binaries with the section of cargo auditable.
#![no_main]

use homeostat_postmarket::sbom::{Limits, read};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { bytes: 1 << 20, values: 100_000, components: 1_000, ..Limits::default() };
    let whole = [&b"\x7fELF"[..], bytes].concat();
    drop(read("fuzz", &whole, &limits));
});
