use super::super::design_model::{Glucose, Insulin, InsulinTimes, Model};
use crate::profile::PredictiveParameters;
use proptest::prelude::*;

fn model() -> Model {
    Model::new(&PredictiveParameters::REFERENCE, 70.0, 0.015)
}

#[test]
fn steady_insulin_stays_and_holds_glucose_level() {
    let model = model();
    let steady = Insulin::steady(model.basal, model.insulin);
    let mut insulin = steady;
    for _ in 0..600 {
        insulin = insulin.after(model.basal, 1.0, model.insulin);
    }
    assert!((insulin.acting - steady.acting).abs() < 1e-12);
    assert!(model.fall(insulin).abs() < 1e-9);
}

#[test]
fn ctl_10_a_unit_is_on_board_until_it_has_acted() {
    let times = InsulinTimes { absorption: 50.0, action: 45.0 };
    let (mut insulin, mut acted) = (Insulin::unit(), 0.0);
    for _ in 0..2_000 {
        acted += insulin.acting;
        insulin = insulin.after(0.0, 1.0, times);
        assert!((acted + insulin.on_board(times) - 1.0).abs() < 1e-9, "nothing is lost");
    }
    assert!(acted > 0.999_99);
}

#[test]
fn the_peak_share_follows_from_the_times() {
    let p = PredictiveParameters::REFERENCE;
    let model = Model::new(&p, 1.0, 0.0);
    let (mut insulin, mut fallen, mut peak) = (Insulin::unit(), 0.0, 0.0_f64);
    for _ in 0..600 {
        fallen += insulin.acting - fallen / p.return_time;
        insulin = insulin.after(0.0, 1.0, model.insulin);
        if fallen > peak {
            peak = fallen;
        }
    }
    assert!((peak - p.peak_share).abs() < 0.02, "peak {peak}");
}

proptest! {
    /// The scan solves its linear programme: the dose it permits, given, makes the forecast touch
    /// the floor and not cross it.
    #[test]
    fn giving_the_room_touches_the_floor(
        level in 130.0..300.0_f64,
        coming in 0.0..100.0_f64,
        first in 0.0..1.0_f64,
        second in 0.0..1.0_f64,
    ) {
        let model = model();
        let from = Glucose { level, begun: coming, appearing: coming };
        let insulin = Insulin { first, second, acting: 0.01 };
        let room = model.forecast(from, insulin, 90.0, 1.0).room;
        prop_assume!(room > 0.0);
        let given = Insulin { first: first + room, ..insulin };
        let after = model.forecast(from, given, 90.0, 1.0);
        prop_assert!(after.room.abs() < 1e-6 && after.least > 89.999, "{after:?}");
    }

    #[test]
    fn more_on_board_leaves_less_room(extra in 0.01..5.0_f64) {
        let model = model();
        let from = Glucose { level: 200.0, ..Glucose::default() };
        let insulin = Insulin::steady(model.basal, model.insulin);
        let more = Insulin { first: insulin.first + extra, ..insulin };
        let room = model.forecast(from, insulin, 90.0, 1.0).room;
        prop_assert!(model.forecast(from, more, 90.0, 1.0).room < room);
    }
}
