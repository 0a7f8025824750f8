//! Two versions, one a line, by the rules that the first byte chooses: their keys order them, and
//! no key is the beginning of another.
#![no_main]

use homeostat_postmarket::version::{ECOSYSTEMS, Version, compare};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Some(choice) = text.chars().next() else { return };
    let scheme = ECOSYSTEMS[choice as usize % ECOSYSTEMS.len()].1;
    let Some((left, right)) = text[choice.len_utf8()..].split_once('\n') else { return };
    let [left, right] = [left, right].map(|text| Version::parse(scheme, text));
    let found = left.compare(&right);
    assert_eq!(found, compare(scheme, left.text(), right.text()));
    assert_eq!(found, right.compare(&left).map(std::cmp::Ordering::reverse));
    if let (Some(left), Some(right)) = (left.key(), right.key()) {
        assert!(left == right || !(left.starts_with(right) || right.starts_with(left)));
    }
});
