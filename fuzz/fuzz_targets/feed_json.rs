//! Every JSON adapter by itself: the first byte chooses it.
#![no_main]

use homeostat_postmarket::feed::{csaf, cve5, nvd, osv, signals, vex};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((choice, bytes)) = bytes.split_first() else { return };
    let intake = match choice % 7 {
        0 => osv::read(bytes, "fuzz", &mut drop),
        1 => cve5::read(bytes, "fuzz", &mut drop),
        2 => nvd::read(bytes, "fuzz", &mut drop),
        3 => csaf::read(bytes, "fuzz", &mut drop),
        4 => vex::read_openvex(bytes, "fuzz", &mut drop),
        5 => vex::read_cyclonedx(bytes, "fuzz", &mut drop),
        _ => signals::read_kev(bytes, "fuzz", &mut drop),
    };
    assert_eq!(intake.records, intake.taken + intake.rejected.len());
});
