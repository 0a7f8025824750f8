//! How a maker's tables name components: by name or package URL, in which `*` stands for any text.

/// Whether a pattern names a component.
pub(crate) fn names(pattern: &str, name: &str, purl: Option<&str>) -> bool {
    fits(pattern, name) || purl.is_some_and(|purl| fits(pattern, purl))
}

/// Whether a text fits a pattern in which `*` stands for any text, none included.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((first, mut rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    while let Some((part, tail)) = rest.split_once('*') {
        let Some(at) = text.find(part) else { return false };
        text = &text[at + part.len()..];
        rest = tail;
    }
    text.ends_with(rest)
}

#[cfg(test)]
mod tests {
    use super::fits;
    use proptest::prelude::*;

    #[test]
    fn pmk_03_patterns() {
        for (pattern, text, expected) in [
            ("openssl", "openssl", true),
            ("openssl", "openssl3", false),
            ("*", "", true),
            ("a*b", "ab", true),
            ("a*b", "a", false),
            ("a*a", "a", false),
            ("pkg:*/curl@*", "pkg:deb/debian/curl@8", true),
            ("*ssl*", "wolfssl-5", true),
            ("*a*b*", "xbxa", false),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }

    proptest! {
        #[test]
        fn pmk_03_a_pattern_made_from_a_text_fits_it(text in "[a-z:/@]{0,12}", cut in 0_usize..12) {
            let cut = if cut > text.len() { text.len() } else { cut };
            let pattern = format!("{}*{}", &text[..cut], &text[cut..]);
            prop_assert!(fits(&pattern, &text));
        }
    }
}
