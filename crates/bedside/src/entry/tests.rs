use super::{Amount, Refused, check, read, repeats};
use crate::view::{Decimal, Entry, Scale, What};
use homeostat_record::{Action, Announcement, Steps};
use proptest::prelude::*;

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn entry() -> Entry {
    Entry {
        id: "dose".to_owned(),
        name: "Extra dose".to_owned(),
        help: String::new(),
        what: What::Request(0),
        unit: "U".to_owned(),
        step: decimal("0.05"),
        least: decimal("0.05"),
        most: decimal("25"),
        usual_least: decimal("0.1"),
        usual_most: decimal("10"),
        scale: Scale { numerator: 1_000, denominator: 1 },
        read_back: "Give {amount} now".to_owned(),
        recent: String::new(),
    }
}

fn request(steps: u32) -> Action {
    Action::Request { channel: 0, steps: Steps(steps) }
}

#[test]
fn uix_06_comma_and_point_are_the_same() {
    for typed in ["1.25", "1,25", " 1.25 ", "1.250000", "1,2500"] {
        let amount = read(&entry(), typed).unwrap();
        let expected = Amount { number: decimal("1.25"), action: request(1_250), unusual: false };
        assert_eq!(amount, expected, "{typed}");
    }
    assert_eq!(read(&entry(), "4").unwrap().number.to_string(), "4.00");
}

#[test]
fn uix_06_what_can_be_read_in_two_ways_is_refused_with_both() {
    for typed in ["1,234.5", "1.234,5", "1.234", "1,234", "12.500", ".5", ",5", "5.", "05", "00.5"]
    {
        let refused = read(&Entry { most: decimal("99999"), ..entry() }, typed);
        assert!(matches!(refused, Err(Refused::Ambiguous { .. })), "{typed}: {refused:?}");
    }
    let words = read(&entry(), "1.234").unwrap_err().to_string();
    assert!(words.contains("1234") && words.contains("1.2340"), "{words}");
    // Nobody groups thousands behind a zero.
    assert_eq!(read(&entry(), "0.100").unwrap().action, request(100));
}

#[test]
fn uix_06_a_number_is_taken_again_as_it_was_shown() {
    for (step, typed, shown) in [("0.025", "1.2", "1.200"), ("0.001", "12", "12.000")] {
        let entry = Entry { step: decimal(step), ..entry() };
        let amount = read(&entry, typed).unwrap();
        assert_eq!(amount.number.to_string(), shown);
        assert_eq!(check(&entry, amount.number), Ok(amount));
        for again in [shown, typed, &shown.replace('.', ",")] {
            assert!(repeats(&entry, amount.number, again), "{again}");
        }
        assert!(!repeats(&entry, amount.number, "1.3") && !repeats(&entry, amount.number, ""));
    }
}

#[test]
fn uix_06_what_is_no_number_is_refused() {
    assert_eq!(read(&entry(), "  ").unwrap_err(), Refused::Empty { unit: "U".to_owned() });
    let typed = ["-1", "+1", "1e3", "1 234", "4 U", "NaN", "١", "１", "1'000", "11111111111111111"];
    for typed in typed {
        let refused = read(&entry(), typed);
        assert!(matches!(refused, Err(Refused::NotANumber { .. })), "{typed}: {refused:?}");
    }
}

#[test]
fn uix_06_range_and_step_hold() {
    for typed in ["0", "0.04", "25.05", "250"] {
        assert!(matches!(read(&entry(), typed), Err(Refused::Range { .. })), "{typed}");
    }
    assert!(matches!(read(&entry(), "1.03"), Err(Refused::Step { .. })));
    assert_eq!(read(&entry(), "25").unwrap().action, request(25_000));
}

#[test]
fn f_h01_a_decimal_slip_is_unusual_and_must_be_typed_twice() {
    assert!(!read(&entry(), "10").unwrap().unusual);
    assert!(read(&entry(), "10.05").unwrap().unusual);
    assert!(read(&entry(), "0.05").unwrap().unusual);
}

#[test]
fn every_kind_of_entry_becomes_its_action_in_the_units_of_the_record() {
    let entered = |what, scale: (u32, u32), typed: &str| {
        let scale = Scale { numerator: scale.0, denominator: scale.1 };
        read(&Entry { what, scale, ..entry() }, typed).map(|amount| amount.action)
    };
    let announced = Action::Announce(Announcement { kind: 3, amount: 7_500 });
    assert_eq!(entered(What::Announce(3), (1_000, 1), "7.5"), Ok(announced));
    assert_eq!(entered(What::Reference, (1_000, 1), "5.5"), Ok(Action::Reference(5_500)));
    let manual = Action::SetManual { channel: 1, steps: Steps(83) };
    assert_eq!(entered(What::SetManual(1), (1_000, 12), "1"), Ok(manual));
    let given = Action::Given { channel: 1, steps: Steps(2) };
    assert_eq!(entered(What::Given(1), (1, 2), "5"), Ok(given));
}

#[test]
fn a_senseless_description_is_refused_and_never_divides_by_zero() {
    let none = Scale { numerator: 1, denominator: 0 };
    assert_eq!(read(&Entry { scale: none, ..entry() }, "1"), Err(Refused::Description));
    let step = decimal("0");
    assert_eq!(read(&Entry { step, ..entry() }, "1"), Err(Refused::Description));
    let huge = Scale { numerator: u32::MAX, denominator: 1 };
    assert_eq!(read(&Entry { scale: huge, ..entry() }, "25"), Err(Refused::Description));
}

proptest! {
    #[test]
    fn uix_06_whatever_is_typed_is_one_number_or_refused(typed in "[0-9., -]{0,10}") {
        if let Ok(amount) = read(&entry(), &typed) {
            let plain = typed.trim().replace(',', ".");
            let meant: f64 = plain.parse().unwrap();
            prop_assert_eq!(plain.matches('.').count() < 2, true);
            let Action::Request { steps, .. } = amount.action else { panic!("another action") };
            prop_assert!((f64::from(steps.0) / 1_000.0 - meant).abs() < 1e-9);
        }
    }

    #[test]
    fn uix_06_any_text_is_read_without_panic(typed in "\\PC{0,30}") {
        let _ = read(&entry(), &typed);
    }
}
