//! What must hold for any text: the laws of an order, and that the keys order as the tools' own
//! algorithms do, written here a second time and step by step.

use crate::version::{Bound, Contained, Interval, KeyedRange, Range, Scheme, Version, compare};
use proptest::prelude::*;
use std::cmp::Ordering;

const ALL: [Scheme; 18] = [
    Scheme::SemVer,
    Scheme::SemVerBuild,
    Scheme::Npm,
    Scheme::Go,
    Scheme::Pep440,
    Scheme::Maven,
    Scheme::RubyGems,
    Scheme::NuGet,
    Scheme::Composer,
    Scheme::Debian,
    Scheme::Rpm,
    Scheme::Alpine,
    Scheme::Cran,
    Scheme::Hackage,
    Scheme::Opam,
    Scheme::Linux,
    Scheme::Generic,
    Scheme::Unordered,
];

/// Texts that look like versions, of few signs so that many are nearly the same.
fn version_text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => "[0-9]{1,2}",
        4 => Just(".".to_owned()),
        1 => "[-~^_+:!]",
        2 => "(a|b|rc|alpha|beta|dev|post|final|sp|p|pre|SNAPSHOT|Z)",
        1 => Just("00".to_owned()),
    ];
    prop_oneof![
        prop::collection::vec(part, 0..9).prop_map(|parts| parts.concat()),
        "[0-9]\\.[0-9]{1,2}(\\.[0-9])?((-|_|\\.)?(rc|alpha|beta|a)\\.?[0-9]?)?(-r?[0-9])?",
    ]
}

/// Found by the fuzz target: a version without a build had a key that began those of its builds.
#[test]
fn no_key_begins_another_where_builds_are_ordered() {
    let key = |text| Version::parse(Scheme::SemVerBuild, text).key().map(<[u8]>::to_vec);
    let (plain, built) = (key("120").expect("a version"), key("120+0").expect("a version"));
    assert!(plain < built && !built.starts_with(&plain), "{plain:?} {built:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn pmk_order_is_total_and_keys_are_the_order(
        texts in prop::array::uniform3(version_text()),
        scheme in prop::sample::select(&ALL[..]),
    ) {
        let [a, b, c] = texts.each_ref().map(|text| Version::parse(scheme, text));
        for (left, right) in [(&a, &b), (&b, &c), (&a, &c), (&a, &a)] {
            let by_text = compare(scheme, left.text(), right.text());
            prop_assert_eq!(by_text, left.compare(right));
            prop_assert_eq!(by_text.map(Ordering::reverse), right.compare(left));
            if let (Some(left), Some(right)) = (left.key(), right.key()) {
                prop_assert_eq!(by_text, Some(left.cmp(right)));
                // A key that is the beginning of another would make the order depend on chance.
                prop_assert!(left == right || !right.starts_with(left));
            }
        }
        if let (Some(first), Some(second)) = (a.compare(&b), b.compare(&c))
            && first == second
        {
            prop_assert_eq!(a.compare(&c), Some(first));
        }
    }

    #[test]
    fn pmk_what_cannot_be_ordered_is_never_outside(
        texts in prop::array::uniform3(version_text()),
        inclusive in any::<(bool, bool)>(),
        scheme in prop::sample::select(&ALL[..]),
    ) {
        let [lower, version, upper] = texts;
        let bound = |text: &str, inclusive| Some(Bound { version: text.into(), inclusive });
        let interval =
            Interval { lower: bound(&lower, inclusive.0), upper: bound(&upper, inclusive.1) };
        let range = KeyedRange::new(scheme, &[Range { intervals: vec![interval] }]);
        let version = Version::parse(scheme, &version);
        let above = compare(scheme, version.text(), &lower);
        let below = compare(scheme, version.text(), &upper);
        match range.holds(&version) {
            Contained::No => {
                let outside = |found: Option<Ordering>, side, text: &str, inclusive: bool| {
                    found == Some(side)
                        || (!inclusive && (found == Some(Ordering::Equal) || version.text() == text))
                };
                prop_assert!(
                    outside(above, Ordering::Less, &lower, inclusive.0)
                        || outside(below, Ordering::Greater, &upper, inclusive.1)
                );
            }
            Contained::Yes => {
                prop_assert!(above != Some(Ordering::Less) && below != Some(Ordering::Greater));
            }
            Contained::Unknown => prop_assert!(above.is_none() || below.is_none()),
        }
    }

    #[test]
    fn any_text_is_read_without_panic(text in ".{0,40}", scheme in prop::sample::select(&ALL[..])) {
        let version = Version::parse(scheme, &text);
        prop_assert_eq!(version.text(), text);
    }

    #[test]
    fn pmk_debian_keys_order_as_dpkg_compares(
        left in "[0-9][0-9a-cA.+~]{0,8}", right in "[0-9][0-9a-cA.+~]{0,8}",
    ) {
        let found = compare(Scheme::Debian, &left, &right);
        prop_assert_eq!(found, Some(dpkg(left.as_bytes(), right.as_bytes())));
    }

    #[test]
    fn pmk_rpm_keys_order_as_rpmvercmp_does(
        left in "[0-9a-c][0-9a-c.+~^_]{0,8}", right in "[0-9a-c][0-9a-c.+~^_]{0,8}",
    ) {
        let found = compare(Scheme::Rpm, &left, &right);
        prop_assert_eq!(found, Some(rpmvercmp(left.as_bytes(), right.as_bytes())));
    }

    #[test]
    fn pmk_gem_keys_order_as_segments_do(
        left in "[0-2](\\.([0-2]|a|b)){0,5}", right in "[0-2](\\.([0-2]|a|b)){0,5}",
    ) {
        let found = compare(Scheme::RubyGems, &left, &right);
        prop_assert_eq!(found, Some(gem(&left, &right)));
    }

    #[test]
    fn pmk_semver_keys_order_by_section_11(
        left in "[0-2]\\.[0-2]\\.[0-2](-([0-9]{1,2}|[a-b-]|1a)(\\.([0-9]|[a-b])){0,2})?",
        right in "[0-2]\\.[0-2]\\.[0-2](-([0-9]{1,2}|[a-b-]|1a)(\\.([0-9]|[a-b])){0,2})?",
    ) {
        let found = compare(Scheme::SemVer, &left, &right);
        prop_assert_eq!(found, Some(semver(&left, &right)));
    }
}

/// dpkg's comparison of one part, sign by sign.
fn dpkg(left: &[u8], right: &[u8]) -> Ordering {
    fn weight(byte: Option<&u8>) -> i32 {
        match byte {
            Some(b'~') => -1,
            None => 0,
            Some(digit) if digit.is_ascii_digit() => 0,
            Some(letter) if letter.is_ascii_alphabetic() => i32::from(*letter),
            Some(other) => i32::from(*other) + 256,
        }
    }
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let (mut i, mut j) = (0, 0);
    while i < left.len() || j < right.len() {
        while (i < left.len() && !digit(left.get(i))) || (j < right.len() && !digit(right.get(j))) {
            let by_sign = weight(left.get(i)).cmp(&weight(right.get(j)));
            if by_sign.is_ne() {
                return by_sign;
            }
            i += 1;
            j += 1;
        }
        let number = |text: &[u8], at: &mut usize| {
            let mut value = 0_u128;
            while digit(text.get(*at)) {
                value = value * 10 + u128::from(text[*at] - b'0');
                *at += 1;
            }
            value
        };
        let by_number = number(left, &mut i).cmp(&number(right, &mut j));
        if by_number.is_ne() {
            return by_number;
        }
    }
    Ordering::Equal
}

/// RPM's comparison of one part, segment by segment.
fn rpmvercmp(mut left: &[u8], mut right: &[u8]) -> Ordering {
    fn skip(text: &[u8]) -> &[u8] {
        let separates = |byte: &u8| !byte.is_ascii_alphanumeric() && !b"~^".contains(byte);
        &text[text.iter().take_while(|byte| separates(byte)).count()..]
    }
    loop {
        (left, right) = (skip(left), skip(right));
        for (sign, at_end) in [(b'~', Ordering::Greater), (b'^', Ordering::Less)] {
            match (left.first() == Some(&sign), right.first() == Some(&sign)) {
                (true, true) => {
                    return rpmvercmp(&left[1..], &right[1..]);
                }
                (true, false) if sign == b'^' && right.is_empty() => return at_end.reverse(),
                (false, true) if sign == b'^' && left.is_empty() => return at_end,
                (true, false) => return Ordering::Less,
                (false, true) => return Ordering::Greater,
                (false, false) => {}
            }
        }
        let (Some(first), Some(second)) = (left.first(), right.first()) else {
            return left.len().min(1).cmp(&right.len().min(1));
        };
        let same = |byte: &u8| byte.is_ascii_digit() == first.is_ascii_digit();
        if first.is_ascii_digit() != second.is_ascii_digit() {
            return first.is_ascii_digit().cmp(&second.is_ascii_digit());
        }
        let run = |text: &[u8]| {
            text.iter().take_while(|byte| byte.is_ascii_alphanumeric() && same(byte)).count()
        };
        let (one, two) = (&left[..run(left)], &right[..run(right)]);
        let found = if first.is_ascii_digit() {
            let value = |digits: &[u8]| {
                digits.iter().fold(0_u128, |sum, digit| sum * 10 + u128::from(digit - b'0'))
            };
            value(one).cmp(&value(two))
        } else {
            one.cmp(two)
        };
        if found.is_ne() {
            return found;
        }
        (left, right) = (&left[one.len()..], &right[two.len()..]);
    }
}

/// RubyGems' comparison: canonical segments, padded with zeros.
fn gem(left: &str, right: &str) -> Ordering {
    let canonical = |text: &str| {
        let segments: Vec<Result<u32, String>> =
            text.split('.').map(|part| part.parse().map_err(|_| part.to_owned())).collect();
        let split = segments.iter().position(Result::is_err).unwrap_or(segments.len());
        let trim = |part: &[Result<u32, String>]| {
            let zeros = part.iter().rev().take_while(|segment| **segment == Ok(0)).count();
            part[..part.len() - zeros].to_vec()
        };
        [trim(&segments[..split]), trim(&segments[split..])].concat()
    };
    let (left, right) = (canonical(left), canonical(right));
    for place in 0..left.len().max(right.len()) {
        let at = |segments: &[Result<u32, String>]| segments.get(place).cloned().unwrap_or(Ok(0));
        let found = match (at(&left), at(&right)) {
            (Ok(one), Ok(two)) => one.cmp(&two),
            (Err(one), Err(two)) => one.cmp(&two),
            (Err(_), Ok(_)) => Ordering::Less,
            (Ok(_), Err(_)) => Ordering::Greater,
        };
        if found.is_ne() {
            return found;
        }
    }
    Ordering::Equal
}

/// SemVer 2.0, section 11, clause by clause.
fn semver(left: &str, right: &str) -> Ordering {
    let split = |text: &str| {
        let (core, pre) = text.split_once('-').map_or((text, None), |(a, b)| (a, Some(b)));
        let core: Vec<u32> = core.split('.').map(|number| number.parse().unwrap()).collect();
        (core, pre.map(|pre| pre.split('.').map(str::to_owned).collect::<Vec<_>>()))
    };
    let ((core, pre), (other_core, other_pre)) = (split(left), split(right));
    core.cmp(&other_core).then_with(|| match (pre, other_pre) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(one), Some(two)) => {
            let field =
                |(one, two): (&String, &String)| match (one.parse::<u32>(), two.parse::<u32>()) {
                    (Ok(one), Ok(two)) => one.cmp(&two),
                    (Ok(_), Err(_)) => Ordering::Less,
                    (Err(_), Ok(_)) => Ordering::Greater,
                    (Err(_), Err(_)) => one.cmp(two),
                };
            let differs = one.iter().zip(&two).map(field).find(|found| found.is_ne());
            differs.unwrap_or(one.len().cmp(&two.len()))
        }
    })
}
