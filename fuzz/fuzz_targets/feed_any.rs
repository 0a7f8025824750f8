//! A feed file in whichever form its content says.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let intake = homeostat_postmarket::feed::read(bytes, "fuzz", &mut drop);
    assert_eq!(intake.records, intake.taken + intake.rejected.len());
});
