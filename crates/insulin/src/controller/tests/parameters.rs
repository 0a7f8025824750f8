use super::super::parameters::{Bound, ParameterError, PredictiveParameters, RulesParameters};
use std::format;
use std::vec::Vec;

const CARD: &str = include_str!("../README.md");

fn thousandths(bounds: &[Bound]) -> Vec<u32> {
    let whole = |bound: &Bound| homeostat_numeric::round(bound.reference * 1_000.0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    bounds.iter().map(|bound| whole(bound) as u32).collect()
}

#[test]
fn the_released_values_lie_in_their_ranges_and_survive_a_profile() {
    assert_eq!(PredictiveParameters::REFERENCE.check(), Ok(()));
    assert_eq!(RulesParameters::REFERENCE.check(), Ok(()));
    let values = thousandths(PredictiveParameters::BOUNDS);
    let read = PredictiveParameters::from_thousandths(&values);
    assert_eq!(read, Ok(PredictiveParameters::REFERENCE), "thousandths lose nothing");
    let values = thousandths(RulesParameters::BOUNDS);
    assert_eq!(RulesParameters::from_thousandths(&values), Ok(RulesParameters::REFERENCE));
    let none = PredictiveParameters::from_thousandths(&[]);
    assert_eq!(none, Ok(PredictiveParameters::REFERENCE));
}

#[test]
fn a_set_is_taken_whole_or_not_at_all() {
    let mut values = thousandths(PredictiveParameters::BOUNDS);
    values.push(1);
    assert!(matches!(
        PredictiveParameters::from_thousandths(&values),
        Err(ParameterError::Length { .. })
    ));
    values.pop();
    for (index, bound) in PredictiveParameters::BOUNDS.iter().enumerate() {
        let mut wrong = values.clone();
        if let Some(value) = wrong.get_mut(index) {
            *value = 4_000_000;
        }
        let Err(ParameterError::Range { bound: refused, .. }) =
            PredictiveParameters::from_thousandths(&wrong)
        else {
            panic!("{} was accepted", bound.name);
        };
        assert_eq!(refused.name, bound.name);
    }
}

#[test]
fn ctl_02_the_model_card_lists_every_number() {
    let all = PredictiveParameters::BOUNDS.iter().chain(RulesParameters::BOUNDS);
    for Bound { name, low, high, reference } in all {
        let row = format!("| `{name}` | {reference} | {low} to {high} |");
        assert!(CARD.contains(&row), "the model card lacks the row {row}");
    }
}
