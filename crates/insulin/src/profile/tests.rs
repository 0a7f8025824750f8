mod tuning;

use super::scale::{Cycles, Grade, MgDl, MilliUnits, PerMille, WholeMinutes, WholeYears};
use super::{Content, Field, PROFILE_BYTES_MAX, Profile, ProfileError, ReferencePerson, sections};
use crate::units::{GramsPerUnit, Kilograms, MgDlPerUnit, Units, UnitsPerHour, Years};
use homeostat_record::{DecodeError, List};
use std::format;
use std::string::String;
use std::vec::Vec;

/// An adult with ordinary settings.
pub(crate) const ADULT: ReferencePerson = ReferencePerson {
    age: Years(44.0),
    weight: Kilograms(75.0),
    daily_dose: Units(48.0),
    basal: UnitsPerHour(1.0),
    carbohydrate_ratio: GramsPerUnit(10.0),
    correction_factor: MgDlPerUnit(40.0),
    pump_step: Units(0.05),
    sensor: 7,
    pump: 9,
};

fn bytes_of(content: &Content) -> Vec<u8> {
    let mut buffer = [0; PROFILE_BYTES_MAX];
    content.encode(&mut buffer).expect("fits").to_vec()
}

fn fields() -> Vec<Field> {
    let mut all = Vec::new();
    all.extend(sections::Header::FIELDS);
    all.extend(sections::Person::FIELDS);
    all.extend(sections::Gates::FIELDS);
    all.extend(sections::Glucose::FIELDS);
    all.extend(sections::Times::FIELDS);
    all.extend(sections::Delivery::FIELDS);
    all.extend(sections::Insulin::FIELDS);
    all.extend(sections::Sensing::FIELDS);
    all.extend(sections::Control::FIELDS);
    all
}

/// The profile as lists of numbers, read and written by another implementation of CBOR than the
/// derive: enough of it for arrays of unsigned integers.
mod plain {
    use std::vec::Vec;

    #[derive(Clone, Debug, PartialEq)]
    pub(super) enum Item {
        Number(u32),
        List(Vec<Item>),
    }

    pub(super) fn write(item: &Item, out: &mut Vec<u8>) {
        let (major, value) = match item {
            Item::Number(number) => (0_u8, *number),
            Item::List(items) => (0x80, u32::try_from(items.len()).unwrap()),
        };
        match value {
            0..=23 => out.push(major | u8::try_from(value).unwrap()),
            24..=0xff => out.extend([major | 24, u8::try_from(value).unwrap()]),
            0x100..=0xffff => {
                out.push(major | 25);
                out.extend(u16::try_from(value).unwrap().to_be_bytes());
            }
            _ => {
                out.push(major | 26);
                out.extend(value.to_be_bytes());
            }
        }
        if let Item::List(items) = item {
            items.iter().for_each(|item| write(item, out));
        }
    }

    pub(super) fn read(bytes: &mut &[u8]) -> Item {
        let first = take(bytes, 1)[0];
        let value = match first & 0x1f {
            small @ 0..=23 => u32::from(small),
            length => take(bytes, 1 << (length - 24))
                .iter()
                .fold(0, |value, byte| value << 8 | u32::from(*byte)),
        };
        if first & 0xe0 == 0x80 {
            Item::List((0..value).map(|_| read(bytes)).collect())
        } else {
            Item::Number(value)
        }
    }

    fn take<'a>(bytes: &mut &'a [u8], count: usize) -> &'a [u8] {
        let (head, rest) = bytes.split_at(count);
        *bytes = rest;
        head
    }
}

/// Position of a section in the profile's array.
fn position(section: &str) -> usize {
    let order = [
        "header",
        "person",
        "gates",
        "glucose",
        "times",
        "delivery",
        "insulin",
        "sensing",
        "identities",
        "control",
    ];
    order.iter().position(|name| *name == section).expect("a known section")
}

fn with(field: &Field, value: u32) -> Vec<u8> {
    let bytes = bytes_of(&Content::reference_for(&ADULT));
    let mut whole = plain::read(&mut bytes.as_slice());
    let plain::Item::List(sections) = &mut whole else { panic!("a list") };
    let plain::Item::List(numbers) = &mut sections[position(field.section)] else {
        panic!("a list")
    };
    numbers[usize::from(field.index)] = plain::Item::Number(value);
    let mut out = Vec::new();
    plain::write(&whole, &mut out);
    out
}

#[test]
fn the_reference_profile_parses_and_is_canonical() {
    let content = Content::reference_for(&ADULT);
    let bytes = bytes_of(&content);
    let profile = Profile::parse(&bytes).expect("the reference profile is valid");
    assert_eq!(profile.content(), &content);
    assert_eq!(profile, Profile::reference_for(&ADULT).unwrap());
    let mut again = Vec::new();
    plain::write(&plain::read(&mut bytes.as_slice()), &mut again);
    assert_eq!(again, bytes, "the plain codec agrees");
    let settings = profile.settings();
    assert_eq!((settings.daily_dose, settings.basal), (Units(48.0), UnitsPerHour(1.0)));
    assert_eq!(settings.carbohydrate_ratio, GramsPerUnit(10.0));
    assert_eq!(settings.step, Units(0.05));
}

#[test]
fn every_field_refuses_what_lies_outside_its_range_by_name() {
    for field in fields() {
        let outside = [field.low.checked_sub(1), field.high.checked_add(1)];
        for found in outside.into_iter().flatten() {
            let error = Profile::parse(&with(&field, found)).expect_err(field.name);
            assert_eq!(error, ProfileError::Range { field, found }, "{}", field.name);
        }
        for inside in [field.low, field.high] {
            let result = Profile::parse(&with(&field, inside));
            let refused_by_range = matches!(result, Err(ProfileError::Range { .. }));
            assert!(!refused_by_range, "{}.{} at {inside}", field.section, field.name);
        }
    }
}

#[test]
fn the_page_prints_every_field_as_it_is_enforced() {
    let page = include_str!("../../../../docs/book/insulin-profile.md");
    for field in fields() {
        let row = format!(
            "| {} | `{}` | {} | {} to {} |",
            field.index, field.name, field.unit, field.low, field.high
        );
        let heading = format!("\n### {} {}\n", position(field.section), field.section);
        let start = page.find(&heading).expect("a heading for each section");
        let rest = page.get(start + heading.len()..).unwrap();
        let section = rest.split("\n### ").next().unwrap();
        assert!(section.contains(&row), "missing in {}: {row}", field.section);
    }
    let table = page.split("\n## Relations").next().unwrap();
    let rows = table.lines().filter(|line| line.contains("` | ")).count();
    assert_eq!(rows, fields().len(), "no row without a field");
}

/// What a change to the reference content makes of it.
fn refused(change: impl FnOnce(&mut Content)) -> String {
    let mut content = Content::reference_for(&ADULT);
    change(&mut content);
    match content.check() {
        Err(ProfileError::Relation { field, .. }) => String::from(field),
        other => format!("{other:?}"),
    }
}

#[test]
fn contradictions_are_refused_by_name() {
    type Case = (&'static str, fn(&mut Content));
    let cases: [Case; 12] = [
        ("glucose.hard_low", |c| c.glucose.hard_low = MgDl(70)),
        ("glucose.predicted_low", |c| {
            c.glucose.predicted_low = MgDl(66);
            c.glucose.resume_at = MgDl(65);
        }),
        ("glucose.resume_at", |c| c.glucose.resume_at = MgDl(90)),
        ("glucose.suspend_below", |c| {
            c.glucose.suspend_below = MgDl(100);
            c.glucose.target = MgDl(100);
        }),
        ("glucose.stop_without_data_total", |c| {
            c.glucose.stop_without_data_total = WholeMinutes(30);
        }),
        ("times.input_limited", |c| c.times.input_lost = Cycles(2)),
        ("delivery.hour_share", |c| {
            c.delivery.hour_share = PerMille(700);
            c.delivery.four_hour_share = PerMille(600);
        }),
        ("delivery.automatic_most", |c| c.delivery.automatic_most = MilliUnits(80)),
        ("delivery.request_most", |c| c.delivery.label_most = MilliUnits(24_000)),
        ("sensing.noise_mild", |c| c.sensing.noise_heavy = Grade(2)),
        ("identities.sensors", |c| c.identities.sensors = List::new()),
        ("person.basal", |c| c.person.basal.0 = 2_001),
    ];
    for (expected, change) in cases {
        assert_eq!(refused(change), expected);
    }
}

#[test]
fn gly_24_gates_refuse_age_weight_and_daily_dose() {
    assert_eq!(refused(|c| c.person.age = WholeYears(5)), "person.age");
    assert_eq!(refused(|c| c.person.weight.0 = 19_999), "person.weight");
    assert_eq!(refused(|c| c.person.daily_dose = MilliUnits(7_999)), "person.daily_dose");
    assert_eq!(refused(|c| c.person.daily_dose = MilliUnits(200_001)), "person.daily_dose");
}

#[test]
fn gly_17_another_concentration_is_refused() {
    let concentration = sections::Insulin::FIELDS[0];
    let error = Profile::parse(&with(&concentration, 200)).unwrap_err();
    assert_eq!(
        format!("{error}"),
        "profile refused: insulin.concentration is 200 U/mL, expected 100 to 100"
    );
}

#[test]
fn bytes_that_are_not_the_one_encoding_are_refused() {
    let good = bytes_of(&Content::reference_for(&ADULT));
    for length in 0..good.len() {
        let cut = Profile::parse(&good[..length]);
        assert!(matches!(cut, Err(ProfileError::Encoding(_))), "cut at {length}");
    }
    let mut long = good.clone();
    long.push(0);
    let refused = Profile::parse(&long).unwrap_err();
    let expected = DecodeError::NotCanonical { position: good.len() };
    assert_eq!(refused, ProfileError::Encoding(expected));
}

#[test]
fn a_setting_that_is_no_number_gives_no_profile() {
    for bad in [f64::NAN, f64::INFINITY, -1.0, 0.0, 1e12] {
        let person = ReferencePerson { basal: UnitsPerHour(bad), ..ADULT };
        assert!(Profile::reference_for(&person).is_err(), "{bad}");
    }
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_refused_or_round_trip(
        position in 0_usize..200, value in proptest::prelude::any::<u8>(),
    ) {
        let mut bytes = bytes_of(&Content::reference_for(&ADULT));
        if let Some(byte) = bytes.get_mut(position) {
            *byte = value;
        }
        if let Ok(profile) = Profile::parse(&bytes) {
            proptest::prop_assert_eq!(bytes_of(profile.content()), bytes);
        }
    }
}
