//! The adapters of text: RustSec's Markdown, CISA's and EPSS's tables.
#![no_main]

use homeostat_postmarket::feed::{rustsec, signals};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((choice, bytes)) = bytes.split_first() else { return };
    let intake = match choice % 3 {
        0 => rustsec::read(bytes, "fuzz", &mut drop),
        1 => signals::read_kev_csv(bytes, "fuzz", &mut drop),
        _ => signals::read_epss(bytes, "fuzz", &mut drop),
    };
    assert_eq!(intake.records, intake.taken + intake.rejected.len());
});
