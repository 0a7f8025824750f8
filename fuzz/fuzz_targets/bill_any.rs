//! A bill of materials in whichever form its content says; what is read can be written and is read again.
#![no_main]

use homeostat_postmarket::sbom::{Form, Limits, read, write};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { bytes: 1 << 20, values: 100_000, components: 1_000, ..Limits::default() };
    let Ok(bill) = read("fuzz", bytes, &limits) else { return };
    for form in [Form::CycloneDx16, Form::CycloneDx17, Form::Spdx23, Form::Spdx30] {
        if let Ok(written) = write(&bill, form, "2026-01-01T00:00:00Z") {
            let back = read("fuzz", &written, &Limits::default()).expect("what was written");
            assert_eq!(back.components.len(), bill.components.len());
        }
    }
});
