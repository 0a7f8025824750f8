extern crate std;

use super::*;
use proptest::prelude::*;
use std::string::ToString;
use std::vec::Vec;

/// Published with the insulin service: a row of bytes and its check sum as sent.
const CHECK_SUMS: [(&[u8], u16); 3] = [
    (&[0x3E, 1, 2, 3, 4, 5, 6, 7, 8, 9], u16::from_le_bytes([0x01, 0x2F])),
    (
        &[0x78, 0x22, 0xE4, 0x07, 0x03, 0x15, 0x0E, 0x07, 0x03, 0x00, 0x00, 0x01],
        u16::from_le_bytes([0xAB, 0x41]),
    ),
    (b"123456789", 0x6F91),
];

#[test]
fn iop_08_iop_09_published_check_sums() {
    for (bytes, sum) in CHECK_SUMS {
        assert_eq!(crc16(bytes), sum);
    }
}

#[test]
fn iop_09_the_counter_goes_from_one_to_255_and_back_to_one() {
    let mut counter = Counter::FIRST;
    for number in 1..=255 {
        assert_eq!(counter.number(), number);
        counter = counter.next();
    }
    assert_eq!(counter, Counter::FIRST);
    assert_eq!(Counter::of(0), Err(Fault::Range("counter")));
}

#[test]
fn iop_08_a_wrong_or_missing_check_sum_is_an_error() {
    let protections = [Protection::CheckSum, Protection::CounterAndCheckSum];
    for protection in protections {
        let packet = 0xABCD_u16.encode(protection, Counter::FIRST);
        let bytes = packet.as_slice();
        assert_eq!(u16::decode(bytes, protection).map(|read| *read.shown()), Ok(0xABCD));
        for place in 0..bytes.len() {
            for bit in 0..8 {
                let mut changed = bytes.to_vec();
                changed[place] ^= 1 << bit;
                assert_eq!(u16::decode(&changed, protection), Err(Fault::WrongCheckSum));
            }
        }
        assert_eq!(u16::decode(&bytes[..1], protection), Err(Fault::MissingCheckSum));
    }
    assert_eq!(u16::decode(&[1, 2, 3], Protection::None), Err(Fault::Long));
    assert_eq!(u16::decode(&[1], Protection::None), Err(Fault::Short));
    let zero = [1, 2, 0].to_vec();
    let sum = crc16(&zero).to_le_bytes();
    let uncounted = [zero, sum.to_vec()].concat();
    let read = u16::decode(&uncounted, Protection::CounterAndCheckSum);
    assert_eq!(read, Err(Fault::Range("counter")));
}

/// Value, decimals, code: the published ones and the hazards near the special codes. For 2046 to 2048
/// an implementation that cuts off gives 0x10CC, which is 2040; the nearest is 2050.
const SFLOATS: [(i64, u8, u16); 20] = [
    (100, 0, 0x0064),
    (1_205, 1, 0xF4B5),
    (-125, 2, 0xEF83),
    (3, 1, 0xF003),
    (2_047, 3, 0xD7FF),
    (2_047, 1, 0xF7FF),
    (-2_048, 1, 0xF800),
    (2_045, 0, 0x07FD),
    (2_046, 0, 0x10CD),
    (2_047, 0, 0x10CD),
    (2_048, 0, 0x10CD),
    (228, 2, 0xE0E4),
    (205, 1, 0xF0CD),
    (0, 0, 0x0000),
    (0, 3, 0x0000),
    (-2_045, 0, 0x0803),
    (-2_046, 0, 0x1F33),
    (20_470, 0, 0x17FF),
    (20_480, 0, 0x20CD),
    (1_000, 3, 0x0001),
];

#[test]
fn published_sfloats_and_those_near_the_special_codes() {
    for (value, decimals, code) in SFLOATS {
        assert_eq!(Sfloat::nearest(value, decimals), Some(Sfloat(code)), "{value} / 10^{decimals}");
    }
    // 2046 to 2048 and their kind lose a digit: a dose must not be written so.
    for (value, decimals) in [(2_046, 0), (2_048, 0), (-2_046, 0), (20_475, 2)] {
        assert_eq!(Sfloat::exact(value, decimals), None);
    }
    assert_eq!(Sfloat::exact(20_475, 1), None);
    assert_eq!(Sfloat::nearest(i64::MAX, 0), None);
    assert_eq!(Sfloat::nearest(20_475_000_000, 0), None);
    assert_eq!(Sfloat::nearest(20_474_999_999, 0), Some(Sfloat(0x77FF)));
}

#[test]
fn every_one_of_the_65_536_sfloats_comes_back() {
    let mut specials = 0;
    for code in 0..=u16::MAX {
        let sfloat = Sfloat(code);
        assert_eq!(
            Sfloat::decode(&code.to_le_bytes(), Protection::None).map(|read| *read.shown()),
            Ok(sfloat)
        );
        let Number::Finite(Decimal { mantissa, exponent }) = sfloat.number() else {
            specials += 1;
            continue;
        };
        assert!((-2_048..=2_047).contains(&mantissa) && (-8..=7).contains(&exponent));
        // The canonical code is the same number, and its own canonical code.
        let (value, decimals) = if exponent < 0 {
            (i64::from(mantissa), exponent.unsigned_abs())
        } else {
            (i64::from(mantissa) * 10_i64.pow(u32::from(exponent.unsigned_abs())), 0)
        };
        let canonical = Sfloat::exact(value, decimals).expect("every code's number has a code");
        let Number::Finite(same) = canonical.number() else { panic!("{code:04x}") };
        let scaled = |decimal: Decimal| {
            i128::from(decimal.mantissa) * 10_i128.pow((i32::from(decimal.exponent) + 8) as u32)
        };
        assert_eq!(scaled(same), scaled(Decimal { mantissa, exponent }), "{code:04x}");
        assert!(same.exponent <= 0 || i128::from(same.mantissa).abs() > 204);
        let expected = canonical_by_search(scaled(same));
        assert_eq!(canonical, expected, "{code:04x}");
    }
    assert_eq!(specials, 5);
}

/// Fewest decimals, then the least power of ten: found by trying all.
fn canonical_by_search(scaled: i128) -> Sfloat {
    let codes = (-8..=0_i32).rev().chain(1..=7).filter_map(|exponent| {
        let unit = 10_i128.pow((exponent + 8) as u32);
        let mantissa = scaled / unit;
        let fits = scaled % unit == 0 && (-2_048..=2_047).contains(&mantissa);
        let special = exponent == 0 && !(-2_045..=2_045).contains(&mantissa);
        (fits && !special)
            .then_some(Sfloat(((exponent as u16) & 0xF) << 12 | (mantissa as u16) & 0xFFF))
    });
    codes.into_iter().next().unwrap()
}

#[test]
fn thousandths_are_rounded_half_away_from_zero() {
    let cases = [
        (0xF4B5, Some(120_500)),
        (0xEF83, Some(-1_250)),
        (0xC00F, Some(2)),
        (0xCFF1, Some(-2)),
        (0xC00E, Some(1)),
        (0x8001, Some(0)),
        (0x7001, None),
        (0x7000, Some(0)),
        (0x07FF, None),
        (0x0800, None),
        (0x0801, None),
        (0x0802, None),
        (0x07FE, None),
    ];
    for (code, thousandths) in cases {
        assert_eq!(Sfloat(code).number().thousandths(), thousandths, "{code:04x}");
    }
    let wide = Decimal { mantissa: 1, exponent: 127 };
    assert_eq!(Float::of(wide).unwrap().number().thousandths(), None);
    let narrow = Decimal { mantissa: 8_388_605, exponent: -128 };
    assert_eq!(Float::of(narrow).unwrap().number().thousandths(), Some(0));
}

#[test]
fn floats_of_thirty_two_bits() {
    let of = |mantissa, exponent| Float::of(Decimal { mantissa, exponent });
    assert_eq!(of(364, -1), Some(Float(0xFF00_016C)));
    assert_eq!(of(-1, 0), Some(Float(0x00FF_FFFF)));
    for (mantissa, exponent) in [(8_388_606, 0), (8_388_607, 0), (-8_388_608, 0), (8_388_608, 1)] {
        assert_eq!(of(mantissa, exponent), None);
    }
    let specials = [
        (0x007F_FFFF, Number::NotANumber),
        (0x0080_0000, Number::NotAtThisResolution),
        (0x007F_FFFE, Number::Above),
        (0x0080_0002, Number::Below),
        (0x0080_0001, Number::Reserved),
    ];
    for (code, number) in specials {
        assert_eq!(Float(code).number(), number);
    }
}

/// Every pair of codes of an enumeration.
macro_rules! distances {
    ($($name:ident,)+) => {[$((
        stringify!($name),
        insulin::$name::ALL.iter().flat_map(|a| {
            insulin::$name::ALL.iter().filter(move |b| a != *b)
                .map(move |b| (a.code() ^ b.code()).count_ones())
        }).min().unwrap(),
    )),+]};
}

#[test]
fn act_09_three_flipped_bits_give_no_other_state() {
    let far_apart = distances![
        TherapyState,
        OperationalState,
        AnnunciationStatus,
        AnnunciationKind,
        TbrType,
        BasalContext,
        BolusType,
        BolusValue,
        ActivationType,
        BolusEnd,
        TbrEnd,
        RecordingReason,
        CounterType,
        CounterValue,
        CommandCode,
        StatusReaderCode,
        EventKind,
        AccessCode,
        AccessOperator,
        Filter,
    ];
    for (name, distance) in far_apart {
        assert!(distance >= 4, "{name}: {distance}");
    }
    // The standard's own exceptions: results, which gate nothing.
    for (name, distance) in distances![CommandResult, AccessResult,] {
        assert_eq!(distance, 1, "{name}");
    }
}

#[test]
fn act_09_one_or_two_flipped_bits_are_an_error() {
    for state in insulin::TherapyState::ALL {
        for (first, second) in (0..8).flat_map(|a| (0..8).map(move |b| (a, b))) {
            let flipped = state.code() ^ (1 << first | 1 << second);
            let read = insulin::TherapyState::decode(&[flipped], Protection::None);
            assert_eq!(read, Err(Fault::Code("therapy state")));
        }
    }
}

#[test]
fn faults_have_words() {
    let all = [
        Fault::Short,
        Fault::Long,
        Fault::MissingCheckSum,
        Fault::WrongCheckSum,
        Fault::Code("a"),
        Fault::Range("b"),
    ];
    let words: Vec<_> = all.iter().map(ToString::to_string).collect();
    assert!(words.iter().enumerate().all(|(i, w)| !w.is_empty() && !words[i + 1..].contains(w)));
}

proptest! {
    #[test]
    fn com_05_whatever_decodes_is_its_own_encoding(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        crate::fuzzing::cgm(&bytes);
        crate::fuzzing::insulin(&bytes);
    }

    #[test]
    fn nearest_is_at_most_half_a_unit_away(value in -20_000_000_i64..20_000_000, decimals in 0_u8..4) {
        let sfloat = Sfloat::nearest(value, decimals).unwrap();
        let Number::Finite(Decimal { mantissa, exponent }) = sfloat.number() else {
            return Err(TestCaseError::fail("special"));
        };
        let unit = 10_i128.pow((i32::from(exponent) + 8) as u32);
        let wanted = i128::from(value) * 10_i128.pow(8 - u32::from(decimals));
        let error = (i128::from(mantissa) * unit - wanted).abs();
        prop_assert!(error * 2 <= 10 * unit, "{error} {unit}");
        if let Some(exact) = Sfloat::exact(value, decimals) {
            prop_assert_eq!(exact, sfloat);
            prop_assert_eq!(error, 0);
        } else {
            prop_assert!(mantissa.abs() >= 20 && error > 0);
        }
    }
}
