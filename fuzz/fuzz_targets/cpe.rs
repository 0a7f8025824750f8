//! A CPE name that is read survives both of its forms and relates to itself as equal or undefined.
#![no_main]

use homeostat_postmarket::identity::{Cpe, Relation};

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(name) = Cpe::parse(text) {
        assert!(matches!(name.relation(&name), Relation::Equal | Relation::Undefined));
        assert_eq!(Cpe::parse(&name.to_uri()).as_ref(), Ok(&name));
        assert_eq!(Cpe::parse(&name.to_string()), Ok(name));
    }
});
