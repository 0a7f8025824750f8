//! A mirror that anybody may have made, and the curated table that a maker writes.
#![no_main]

use homeostat_postmarket::feed::mirror::{Trust, open};
use homeostat_postmarket::feed::read;
use homeostat_postmarket::matching::ProductTable;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(mirror) = open(bytes, &Trust::Anyone) {
        for (listed, bytes) in mirror.files() {
            let intake = read(bytes, &listed.name, &mut drop);
            assert_eq!(intake.records, intake.taken + intake.rejected.len());
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = ProductTable::default().add(text, "fuzz");
    }
});
