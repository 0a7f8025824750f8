//! Ranges as specifiers and in people's words are read or left, and asked without panic.
#![no_main]

use homeostat_postmarket::version::{Scheme, Vers, Version, Words, holds, read_words};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let (text, version) = text.split_once('\n').unwrap_or((text, "1.0"));
    if let Ok(Vers { scheme, range }) = Vers::parse(text) {
        let _ = holds(scheme, &range, &Version::parse(scheme, version));
    }
    match read_words(text) {
        Words::Range(range, scheme) => {
            assert!(
                range
                    .intervals
                    .iter()
                    .all(|one| one.lower.as_ref().is_none_or(|end| !end.version.is_empty()))
            );
            let scheme = scheme.unwrap_or(Scheme::Generic);
            let _ = holds(scheme, &range, &Version::parse(scheme, version));
        }
        Words::Versions(versions) => assert!(!versions.is_empty()),
        Words::Prose => {}
    }
});
