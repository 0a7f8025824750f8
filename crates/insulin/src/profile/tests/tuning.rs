//! Every number of the controllers comes out of the profile, and out of nothing else.

use super::{ADULT, bytes_of};
use crate::controller::{Predictive, Rules};
use crate::profile::tuning::{Bound, PredictiveParameters, RulesParameters, TUNING_MAX, Tuning};
use crate::profile::{Content, FORMAT, Profile, ProfileError};
use homeostat_record::List;
use std::format;
use std::vec::Vec;

const CARD: &str = include_str!("../../controller/README.md");
/// A profile of release 0.1.0, as its black boxes hold it.
const FORMAT_1: &[u8] = include_bytes!("../../../../../vectors/profiles/format-1.cbor");

fn thousandths(bounds: &[Bound]) -> Vec<u32> {
    let whole = |bound: &Bound| homeostat_numeric::round(bound.reference * 1_000.0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    bounds.iter().map(|bound| whole(bound) as u32).collect()
}

fn list(values: &[u32]) -> List<u32, TUNING_MAX> {
    let mut list = List::new();
    for value in values {
        list.push(*value).unwrap();
    }
    list
}

/// The reference content with these lists.
fn tuned(rules: &[u32], predictive: &[u32]) -> Content {
    let tuning = Tuning::Each { rules: list(rules), predictive: list(predictive) };
    Content { tuning, ..Content::reference_for(&ADULT) }
}

#[test]
fn the_reference_profile_carries_every_number_and_thousandths_lose_nothing() {
    let profile = Profile::reference_for(&ADULT).unwrap();
    assert_eq!(profile.rules(), &RulesParameters::REFERENCE);
    assert_eq!(profile.predictive(), &PredictiveParameters::REFERENCE);
    let written =
        tuned(&thousandths(RulesParameters::BOUNDS), &thousandths(PredictiveParameters::BOUNDS));
    assert_eq!(profile.content(), &written);
    assert_eq!(Rules::of(&profile).parameters, RulesParameters::REFERENCE);
    assert_eq!(Predictive::of(&profile).parameters, PredictiveParameters::REFERENCE);
}

#[test]
fn f_c16_a_profile_that_leaves_a_list_out_or_short_is_no_profile() {
    let rules = thousandths(RulesParameters::BOUNDS);
    let predictive = thousandths(PredictiveParameters::BOUNDS);
    let refused = |rules: &[u32], predictive: &[u32]| {
        let bytes = bytes_of(&tuned(rules, predictive));
        let Err(ProfileError::Relation { field, .. }) = Profile::parse(&bytes) else {
            panic!("a list of {} and one of {} were taken", rules.len(), predictive.len());
        };
        field
    };
    assert_eq!(refused(&[], &predictive), "tuning.rules");
    assert_eq!(refused(&rules, &[]), "tuning.predictive");
    assert_eq!(refused(&rules[1..], &predictive), "tuning.rules");
    assert_eq!(refused(&rules, &predictive[1..]), "tuning.predictive");
    assert_eq!(refused(&predictive, &rules), "tuning.rules", "each finds its own");
    let longer = [&rules[..], &[1]].concat();
    assert_eq!(refused(&longer, &predictive), "tuning.rules");
}

/// What each controller gets when one value of its list is moved to the end of its range.
#[test]
fn every_value_moves_its_own_number_and_nothing_else_and_is_held_to_its_range() {
    let lists = [RulesParameters::BOUNDS, PredictiveParameters::BOUNDS];
    let reference = lists.map(thousandths);
    for (which, bounds) in lists.into_iter().enumerate() {
        for (index, bound) in bounds.iter().enumerate() {
            let with = |value: f64| {
                let mut lists = reference.clone();
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let whole = homeostat_numeric::round(value * 1_000.0) as u32;
                lists[which][index] = whole;
                tuned(&lists[0], &lists[1]).check()
            };
            let end = if bound.reference < bound.high { bound.high } else { bound.low };
            let moved = with(end).expect(bound.name);
            let shown = format!("{:?} {:?}", moved.rules(), moved.predictive());
            let expected = expected(which, bound, end);
            assert_eq!(shown, expected);
            let Err(ProfileError::Range { field, .. }) = with(bound.high + 0.001) else {
                panic!("{} above its range was taken", bound.name);
            };
            assert_eq!((field.name, usize::from(field.index)), (bound.name, index));
        }
    }
}

/// The released numbers in words, with one of them changed.
fn expected(which: usize, bound: &Bound, value: f64) -> std::string::String {
    let mut texts = [
        format!("{:?}", RulesParameters::REFERENCE),
        format!("{:?}", PredictiveParameters::REFERENCE),
    ];
    let before = format!(" {}: {:?}", bound.name, bound.reference);
    let after = format!(" {}: {value:?}", bound.name);
    assert_eq!(texts[which].matches(&before).count(), 1, "{before}");
    texts[which] = texts[which].replace(&before, &after);
    texts.join(" ")
}

#[test]
fn an_old_format_replays_with_what_its_release_held_and_starts_nothing() {
    let recorded = Profile::parse_recorded(FORMAT_1).expect("released vectors decode for ever");
    assert_eq!(bytes_of(recorded.content()), FORMAT_1);
    assert_eq!(recorded.content().tuning, Tuning::Single(List::new()));
    assert_eq!(recorded.rules().correction_share.to_bits(), 0.1_f64.to_bits());
    assert_eq!(recorded.predictive().correction_share.to_bits(), 0.056_f64.to_bits());
    let refused = Profile::parse(FORMAT_1).expect_err("an old format starts nothing");
    assert_eq!(
        format!("{refused}"),
        "profile refused: header.format is 1, expected 2: an older profile is read for replays and \
         starts no loop"
    );
}

#[test]
fn a_single_list_of_the_old_format_is_that_of_the_controller_with_so_many_numbers() {
    let mut values = thousandths(RulesParameters::BOUNDS);
    values[0] = 60_000;
    let mut content = *Profile::parse_recorded(FORMAT_1).unwrap().content();
    content.tuning = Tuning::Single(list(&values));
    let recorded = Profile::parse_recorded(&bytes_of(&content)).unwrap();
    assert_eq!(recorded.rules().absorption.to_bits(), 60.0_f64.to_bits());
    assert_eq!(recorded.predictive().absorption.to_bits(), 50.0_f64.to_bits());
    content.tuning = Tuning::Single(list(&values[1..]));
    assert!(Profile::parse_recorded(&bytes_of(&content)).is_err(), "a list that fits neither");
}

#[test]
fn a_format_and_its_lists_belong_together() {
    let mut content = Content::reference_for(&ADULT);
    content.header.format.0 = 1;
    assert!(Profile::parse_recorded(&bytes_of(&content)).is_err());
    content.header.format.0 = FORMAT;
    content.tuning = Tuning::Single(List::new());
    assert!(Profile::parse_recorded(&bytes_of(&content)).is_err());
}

#[test]
fn ctl_02_the_model_card_lists_every_number_in_the_order_of_the_profile() {
    for bounds in [PredictiveParameters::BOUNDS, RulesParameters::BOUNDS] {
        let first = format!("| `{}` |", bounds[0].name);
        let after = format!("| `{}` |", bounds[1].name);
        let table = CARD
            .split("\n\n")
            .find(|part| {
                part.contains(&first) && part.contains(&after) && part.contains(&last(bounds))
            })
            .expect("a table with all of them");
        let mut rest = table;
        for Bound { name, low, high, reference } in bounds {
            let row = format!("| `{name}` | {reference} | {low} to {high} |");
            let (_, after) = rest.split_once(&row).unwrap_or_else(|| {
                panic!("the model card lacks the row {row}, or has it out of order")
            });
            rest = after;
        }
    }
}

#[test]
fn the_page_says_how_long_the_lists_are() {
    let page = include_str!("../../../../../docs/book/insulin-profile.md");
    let (rules, predictive) = (RulesParameters::BOUNDS.len(), PredictiveParameters::BOUNDS.len());
    let grammar = format!(
        "tuning = [rules: [{rules}*{rules} uint .size 4], predictive: [{predictive}*{predictive} \
         uint .size 4]]"
    );
    assert!(page.contains(&grammar), "{grammar}");
    assert!(rules.max(predictive) <= TUNING_MAX);
}

fn last(bounds: &[Bound]) -> std::string::String {
    bounds.last().map(|bound| format!("| `{}` |", bound.name)).unwrap_or_default()
}
