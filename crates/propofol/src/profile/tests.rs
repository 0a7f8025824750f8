use super::scale::{
    Count, MicrogramsPerMillilitre, MilliIndex, Percent, WholeMonths, WholeSeconds,
};
use super::{Content, Field, PROFILE_BYTES_MAX, Profile, ProfileError, ReferencePerson, sections};
use super::{PidParameters, PredictiveParameters, TUNING_MAX};
use crate::algorithm::{Person, Sex};
use crate::kinetics::Limit;
use crate::units::{Centimetres, Index, Kilograms, MgPerSecond, Milligrams, Seconds, Years};
use homeostat_numeric::abs;
use homeostat_record::{DecodeError, List};
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// An ordinary adult.
pub(crate) const ADULT: ReferencePerson = ReferencePerson {
    person: Person {
        age: Years(44.0),
        weight: Kilograms(75.0),
        height: Centimetres(176.0),
        sex: Sex::Male,
        opioids: true,
    },
    beyond_limits: false,
    monitor: 7,
    line: Some(8),
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
    all.extend(sections::Again::FIELDS);
    all.extend(sections::Gates::FIELDS);
    all.extend(sections::Index::FIELDS);
    all.extend(sections::Quality::FIELDS);
    all.extend(sections::Times::FIELDS);
    all.extend(sections::Delivery::FIELDS);
    all.extend(sections::Kinetics::FIELDS);
    all.extend(sections::Pressure::FIELDS);
    all
}

/// Position of a section in the profile's array.
fn position(section: &str) -> usize {
    let order = [
        "header", "person", "again", "gates", "index", "quality", "times", "delivery", "kinetics",
        "pressure",
    ];
    order.iter().position(|name| *name == section).expect("a known section")
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
    assert_eq!(settings.person, ADULT.person);
    assert_eq!((settings.target, settings.period), (Index(50.0), Seconds(5.0)));
    assert_eq!(settings.step, Milligrams(0.01));
    assert_eq!(settings.rate_most, MgPerSecond(3.333));
    assert_eq!(settings.induction_most, Milligrams(187.5));
    let (least, most) = settings.effect_site;
    // 7.5 and 0.8 ug/mL at 35 years.
    assert!(abs(most.0 - 7.083) < 0.001 && abs(least.0 - 0.756) < 0.001, "{least} {most}");
    assert!(abs(profile.half_effect().0 - 2.908) < 0.001);
    assert!(abs(profile.compartments().volumes[0].0 - 6.418) < 0.01);
}

#[test]
fn every_kind_of_person_has_a_reference_profile() {
    for (years, kilograms, centimetres) in [
        (0.25, 6.0, 61.0),
        (3.0, 14.0, 95.0),
        (8.0, 25.0, 127.0),
        (18.0, 64.0, 170.0),
        (70.0, 55.0, 155.0),
        (88.0, 48.0, 150.0),
        (35.0, 159.0, 180.0),
    ] {
        for (sex, opioids) in [(Sex::Female, false), (Sex::Male, true)] {
            let person = Person {
                age: Years(years),
                weight: Kilograms(kilograms),
                height: Centimetres(centimetres),
                sex,
                opioids,
            };
            let profile = Profile::reference_for(&ReferencePerson { person, ..ADULT });
            let settings = profile.unwrap_or_else(|error| panic!("{years}: {error}")).settings();
            assert!(abs(settings.person.age.0 - years) < 1e-9);
        }
    }
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
    let page = include_str!("../../../../docs/book/propofol-profile.md");
    let bytes = bytes_of(&Content::reference_for(&ADULT));
    let plain::Item::List(sections) = plain::read(&mut bytes.as_slice()) else { panic!("a list") };
    for field in fields() {
        let plain::Item::List(numbers) = &sections[position(field.section)] else {
            panic!("a list")
        };
        let plain::Item::Number(value) = numbers[usize::from(field.index)] else {
            panic!("a number")
        };
        let Field { section, index, name, unit, low, high } = field;
        let row = format!("| {index} | `{name}` | {unit} | {low} to {high} | ");
        let heading = format!("\n### {} {section}\n", position(section));
        let start = page.find(&heading).expect("a heading for each section") + heading.len();
        let own = page[start..].split("\n### ").next().unwrap();
        let line = own.lines().find(|line| line.starts_with(&row));
        let line = line.unwrap_or_else(|| panic!("missing in {section}: {row}"));
        let reference = line[row.len()..].split(" | ").next().unwrap();
        let printed = [format!("{value}"), format!("the person ({value})"), "the person".into()];
        assert!(printed.iter().any(|text| text == reference), "{section}.{name}: {reference}");
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
    let cases: [Case; 26] = [
        ("index.deep", |c| {
            c.index.deep = MilliIndex(35_000);
            c.index.low = MilliIndex(35_000);
        }),
        ("index.low", |c| {
            c.index.target = MilliIndex(40_000);
            c.index.low = c.index.target;
        }),
        ("index.resume", |c| c.index.resume = MilliIndex(50_000)),
        ("index.resume_after", |c| c.times.dwell = WholeSeconds(44)),
        ("index.target", |c| {
            c.index.target = MilliIndex(60_000);
        }),
        ("index.induced", |c| c.index.induced = MilliIndex(65_000)),
        ("index.high", |c| c.index.responding = c.index.high),
        ("delivery.unseen_first", |c| c.delivery.unseen_most.0 = c.delivery.unseen_first.0 - 1),
        ("delivery.unseen_most", |c| c.delivery.unseen_most.0 = c.delivery.effect_most.0 + 1),
        ("quality.least", |c| c.quality.least = Percent(80)),
        ("quality.muscle_full", |c| {
            c.quality.muscle_full.0 = 50;
            c.quality.muscle_most.0 = 50;
        }),
        ("quality.burst_hold", |c| {
            c.quality.burst_hold = WholeSeconds(15);
            c.quality.burst_most = WholeSeconds(14);
        }),
        ("times.dwell_cap", |c| c.times.dwell_cap = WholeSeconds(59)),
        ("times.lost_after", |c| {
            c.times.limited_after = WholeSeconds(15);
            c.times.lost_after = WholeSeconds(19);
        }),
        ("times.background_most", |c| c.times.background_most = WholeSeconds(179)),
        ("delivery.strength", |c| c.delivery.strength = MicrogramsPerMillilitre(10_001)),
        ("delivery.step", |c| c.delivery.step.0 = 15),
        ("delivery.step", |c| {
            c.delivery.strength = MicrogramsPerMillilitre(20_000);
            c.delivery.step.0 = 10;
        }),
        ("delivery.minute_most", |c| {
            c.delivery.minute_most.0 = 2_600;
            c.delivery.five_minute_most.0 = 2_500;
        }),
        ("delivery.rate_most", |c| c.delivery.rate_most.0 = 3_340),
        ("delivery.maintenance_most", |c| c.delivery.rate_most.0 = 1_100),
        ("delivery.effect_least", |c| {
            c.delivery.effect_least.0 = 1_600;
            c.delivery.effect_most.0 = 1_600;
        }),
        ("pressure.stop", |c| c.pressure.stop.0 = 55),
        ("pressure.low", |c| c.pressure.low.0 = 60),
        ("identities.monitors", |c| c.identities.monitors = List::new()),
        ("identities.pumps", |c| c.identities.pumps = List::new()),
    ];
    for (expected, change) in cases {
        assert_eq!(refused(change), expected);
    }
}

#[test]
fn pro_weight_height_and_age_are_entered_twice() {
    assert_eq!(refused(|c| c.again.age = WholeMonths(529)), "again.age");
    assert_eq!(refused(|c| c.again.weight.0 += 1), "again.weight");
    assert_eq!(refused(|c| c.again.height.0 -= 1), "again.height");
    let mut content = Content::reference_for(&ADULT);
    content.again.weight.0 = 57_000;
    assert_eq!(
        format!("{}", content.check().unwrap_err()),
        "profile refused: again.weight is 57000, expected the same as person.weight: enter both \
         anew"
    );
}

/// What becomes of an adult with other figures.
fn described(years: f64, kilograms: f64, centimetres: f64, beyond_limits: bool) -> String {
    let person = Person {
        age: Years(years),
        weight: Kilograms(kilograms),
        height: Centimetres(centimetres),
        ..ADULT.person
    };
    match Profile::reference_for(&ReferencePerson { person, beyond_limits, ..ADULT }) {
        Ok(profile) => format!("override {}", profile.content().gates.override_limits.0),
        Err(ProfileError::Relation { field, .. }) => field.into(),
        Err(ProfileError::Range { field, .. }) => field.name.into(),
        Err(other) => format!("{other}"),
    }
}

#[test]
fn sen_14_slips_of_units_are_refused_whatever_is_overridden() {
    for beyond in [false, true] {
        // Inches; metres; pounds in a small person; fields swapped; months entered as years.
        assert_eq!(described(44.0, 75.0, 69.0, beyond), "person.weight");
        assert_eq!(described(44.0, 75.0, 1.76, beyond), "height");
        assert_eq!(described(44.0, 242.0, 160.0, beyond), "person.weight");
        assert_eq!(described(44.0, 176.0, 75.0, beyond), "person.weight");
        assert_eq!(described(8.0, 8.5, 70.0, beyond), "person.height");
        assert_eq!(described(0.7, 31.0, 75.0, beyond), "person.weight");
        assert_eq!(described(30.0, 12.0, 95.0, beyond), "person.height");
    }
}

#[test]
fn an_override_of_the_model_does_not_open_a_gate_that_somebody_narrowed() {
    let old = Person { age: Years(92.0), ..ADULT.person };
    let reference = ReferencePerson { person: old, beyond_limits: true, ..ADULT };
    let mut content = Content::reference_for(&reference);
    assert!(content.check().is_ok(), "the widest gates are those of the model");
    content.gates.weight_most.0 = 70_000;
    let refusal = content.check().expect_err("75 kg are beyond a gate of 70 kg");
    assert!(refusal.to_string().contains("person.weight is 75000"), "{refusal}");
    content.gates.weight_most.0 = 75_000;
    assert!(content.check().is_ok());
    content.gates.age_most.0 = 1_055;
    let refusal = content.check().expect_err("a gate one month narrower than the model");
    assert!(refusal.to_string().contains("person.age is 1104"), "{refusal}");
}

#[test]
fn a_person_beyond_the_model_is_refused_by_name_or_overridden_on_record() {
    let words = described(92.0, 60.0, 165.0, false);
    assert!(
        words.contains("Age is 92") && words.contains("eleveld is valid for 0 to 88"),
        "{words}"
    );
    assert!(words.contains("gates.override_limits"), "{words}");
    assert_eq!(described(92.0, 60.0, 165.0, true), "override 1");
    assert!(described(40.0, 165.0, 180.0, false).contains("Weight is 165"));
    assert_eq!(described(40.0, 165.0, 180.0, true), "override 1");
    assert_eq!(described(40.0, 80.0, 180.0, false), "override 0");
    // A profile may narrow the range.
    assert_eq!(refused(|c| c.gates.age_most = WholeMonths(527)), "person.age");
    assert!(refused(|c| c.gates.age_least = WholeMonths(480)).starts_with("Ok"));
}

#[test]
fn figures_of_another_person_are_no_kinetics_of_this_one() {
    assert_eq!(refused(|c| c.kinetics.central.0 += 7_000), "kinetics.central");
    assert_eq!(refused(|c| c.kinetics.effect_site.0 += 200), "kinetics.effect_site");
    assert_eq!(refused(|c| c.kinetics.half_effect.0 += 5), "kinetics.half_effect");
    let lighter = |c: &mut Content| {
        c.person.weight.0 = 37_500;
        c.again.weight.0 = 37_500;
    };
    assert_eq!(refused(lighter), "kinetics.central");
    // Somebody's own figures need no model, but fit the body.
    let own = |c: &mut Content| {
        c.kinetics.model = Count(0);
        c.kinetics.central.0 = 40_000_000;
    };
    assert_eq!(refused(own), "kinetics.central");
    let mut content = Content::reference_for(&ADULT);
    content.kinetics.model = Count(0);
    content.kinetics.slow.0 = 200_000_000;
    assert!(content.check().is_ok());
    content.kinetics.model = Count(2);
    let schnider = content.check().unwrap_err();
    assert!(matches!(schnider, ProfileError::Relation { field: "kinetics.central", .. }));
    let young = Person { age: Years(20.0), ..ADULT.person };
    let mut content = Content::reference_for(&ReferencePerson { person: young, ..ADULT });
    content.kinetics.model = Count(2);
    let refused = content.check().unwrap_err();
    assert!(matches!(refused, ProfileError::Model(outside) if outside.limit == Limit::Age));
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
fn a_figure_that_is_no_number_gives_no_profile() {
    for bad in [f64::NAN, f64::INFINITY, -1.0, 0.0, 1e12] {
        let person = Person { weight: Kilograms(bad), ..ADULT.person };
        assert!(Profile::reference_for(&ReferencePerson { person, ..ADULT }).is_err(), "{bad}");
    }
}

#[test]
fn every_tuning_number_has_a_place_and_a_range() {
    for bounds in [PidParameters::BOUNDS, PredictiveParameters::BOUNDS] {
        assert!(bounds.len() <= TUNING_MAX);
        for bound in bounds {
            assert!(bound.low <= bound.reference && bound.reference <= bound.high, "{bound:?}");
            let thousandths = bound.reference * 1_000.0;
            assert!(abs(thousandths - homeostat_numeric::round(thousandths)) < 1e-6, "{bound:?}");
        }
    }
    assert_eq!(refused(|c| c.tuning.pid.push(1).unwrap()), "tuning.pid");
    assert_eq!(refused(|c| c.tuning.predictive.push(1).unwrap()), "tuning.predictive");
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_refused_or_round_trip(
        position in 0_usize..500, value in proptest::prelude::any::<u8>(),
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
