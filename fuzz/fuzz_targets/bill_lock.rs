//! Bills of one form, so that the fuzzer need not find its first bytes: Cargo.lock.
#![no_main]

use homeostat_postmarket::sbom::{Limits, read};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { bytes: 1 << 20, values: 100_000, components: 1_000, ..Limits::default() };
    let whole = [&b"[[package]]\n"[..], bytes].concat();
    drop(read("fuzz", &whole, &limits));
});
