//! A package URL that is read is written and read back as the same.
#![no_main]

use homeostat_postmarket::identity::Purl;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(purl) = Purl::parse(text) {
        assert_eq!(Purl::parse(&purl.to_string()), Ok(purl));
    }
});
