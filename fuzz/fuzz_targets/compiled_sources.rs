//! What a build says that it compiled: what is taken is sorted, and names files.
#![no_main]

use homeostat_postmarket::sbom::{Limits, compiled_sources};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { bytes: 1 << 20, values: 100_000, ..Limits::default() };
    if let Ok(sources) = compiled_sources("fuzz", bytes, &limits) {
        assert!(!sources.is_empty() && sources.is_sorted());
    }
});
