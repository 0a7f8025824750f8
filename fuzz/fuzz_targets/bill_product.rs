//! The output of `cargo metadata` and a lock file, split at the first zero byte.
#![no_main]

use homeostat_postmarket::sbom::{ComponentKind, Limits, Product, bill_of_product};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(2, |byte| *byte == 0);
    let metadata = parts.next().unwrap_or_default();
    let lock = parts.next().and_then(|text| std::str::from_utf8(text).ok());
    let product = Product {
        package: None,
        kind: ComponentKind::Firmware,
        supplier: None,
        target: "thumbv7em-none-eabihf",
        features: &[],
        rustc: "1.95.0",
    };
    let limits = Limits { bytes: 1 << 20, values: 100_000, ..Limits::default() };
    drop(bill_of_product(("m", metadata), lock.map(|text| ("l", text)), &product, &limits));
});
