use super::{Pump, PumpFault, PumpFaultKind, PumpModel, PumpOrder, PumpRefusal};
use crate::random::Seed;
use crate::units::{InsulinUnits, UnitsPerHour};

fn pump(model: PumpModel, background: f64, faults: &[PumpFault]) -> Pump {
    Pump::new(model, UnitsPerHour(background), "a", Seed(1)).with_faults(faults.iter().copied())
}

/// What a number of minutes really gives, and the steps the pump says it gave.
fn run(pump: &mut Pump, minutes: u32) -> (f64, u64) {
    let mut total = 0.0;
    let mut steps = 0;
    for _ in 0..minutes {
        let minute = pump.advance_minute();
        total += minute.delivered.0;
        steps = minute.report.map_or(steps, |report| report.steps_given);
    }
    (total, steps)
}

#[test]
fn amounts_round_down_to_whole_steps() {
    let dash = PumpModel::OMNIPOD_DASH;
    assert_eq!(dash.steps(InsulinUnits(0.15)), 3);
    assert_eq!(dash.steps(InsulinUnits(0.1499)), 2);
    assert_eq!(dash.steps(InsulinUnits(-1.0)), 0);
    assert_eq!(dash.steps(InsulinUnits(f64::NAN)), 0);
    assert_eq!(PumpModel::MINIMED_670G.steps(InsulinUnits(1.0)), 40);
    assert_eq!(PumpModel::TSLIM_X2.steps(InsulinUnits(25.0)), 2500);
}

#[test]
fn a_spread_order_gives_exactly_its_steps_evenly() {
    let mut pump = pump(PumpModel::OMNIPOD_DASH.exact(), 0.0, &[]);
    pump.order(PumpOrder::Spread { steps: 7, minutes: 5 }).unwrap();
    let minutes: Vec<u64> =
        (0..8).map(|_| pump.advance_minute().report.unwrap().steps_given).collect();
    assert_eq!(minutes, [1, 2, 4, 5, 7, 7, 7, 7]);
}

#[test]
fn a_new_spread_order_replaces_the_rest_of_the_last() {
    let mut pump = pump(PumpModel::OMNIPOD_DASH.exact(), 0.0, &[]);
    pump.order(PumpOrder::Spread { steps: 10, minutes: 10 }).unwrap();
    run(&mut pump, 5);
    pump.order(PumpOrder::Spread { steps: 0, minutes: 5 }).unwrap();
    let (given, steps) = run(&mut pump, 20);
    assert_eq!((given, steps), (0.0, 5));
}

#[test]
fn a_bolus_takes_its_time_beside_the_basal() {
    let mut pump = pump(PumpModel::OMNIPOD_DASH.exact(), 3.0, &[]);
    pump.order(PumpOrder::Bolus { steps: 70 }).unwrap();
    assert_eq!(pump.order(PumpOrder::Bolus { steps: 1 }), Err(PumpRefusal::Busy));
    let minutes: Vec<u64> =
        (0..4).map(|_| pump.advance_minute().report.unwrap().steps_given).collect();
    assert_eq!(minutes, [31, 62, 73, 74]);
}

#[test]
fn background_goes_on_without_orders_until_stopped() {
    let mut pump = pump(PumpModel::OMNIPOD_DASH.exact(), 1.0, &[]);
    let (given, steps) = run(&mut pump, 60);
    assert!((given - 1.0).abs() < 1e-9);
    assert_eq!(steps, 20);
    pump.order(PumpOrder::Stop).unwrap();
    assert_eq!(run(&mut pump, 60), (0.0, 20));
}

#[test]
fn limits_are_refused_with_the_most_that_is_possible() {
    let mut pump = pump(PumpModel::TSLIM_X2, 0.0, &[]);
    let refusal = pump.order(PumpOrder::Bolus { steps: 2501 });
    assert_eq!(refusal, Err(PumpRefusal::TooMuch { most: 2500 }));
    let refusal = pump.order(PumpOrder::Spread { steps: 126, minutes: 5 });
    assert_eq!(refusal, Err(PumpRefusal::TooMuch { most: 125 }));
    assert_eq!(run(&mut pump, 10), (0.0, 0));
}

#[test]
fn delivery_errs_by_the_published_deviation_while_the_report_does_not() {
    let mut pump = pump(PumpModel::MINIMED_670G, 0.0, &[]);
    let mut errors = Vec::new();
    for _ in 0..20_000 {
        pump.order(PumpOrder::Spread { steps: 40, minutes: 5 }).unwrap();
        let (given, _) = run(&mut pump, 5);
        errors.push(given - 1.0);
    }
    let count = errors.len() as f64;
    let mean = errors.iter().sum::<f64>() / count;
    let variance = errors.iter().map(|e| (e - mean) * (e - mean)).sum::<f64>() / count;
    assert!(mean.abs() < 0.001, "{mean}");
    assert!((homeostat_numeric::sqrt(variance) - 0.0374).abs() < 0.001);
    assert_eq!(run(&mut pump, 1).1, 800_000);
}

#[test]
fn an_occlusion_holds_insulin_back_until_the_alarm_stops_the_pump() {
    let block = PumpFault::new(PumpFaultKind::Occlusion { returns: 1.0 }, 10, 1000);
    let mut pump = pump(PumpModel::OMNIPOD_DASH.exact(), 3.0, &[block]);
    assert!((run(&mut pump, 10).0 - 0.5).abs() < 1e-9);
    assert_eq!(run(&mut pump, 39), (0.0, 49));
    assert_eq!(pump.order(PumpOrder::Stop), Ok(()));
    pump.order(PumpOrder::Bolus { steps: 1 }).unwrap();
    let stopped = pump.advance_minute();
    assert_eq!(stopped.delivered, InsulinUnits(0.0));
    assert!(stopped.report.unwrap().occluded, "2 U are held back after 40 steps");
    assert_eq!(pump.order(PumpOrder::Bolus { steps: 1 }), Err(PumpRefusal::Stopped));
    let given = stopped.report.unwrap().steps_given;
    assert_eq!(run(&mut pump, 30), (0.0, given));
    pump.renew();
    assert_eq!(pump.order(PumpOrder::Bolus { steps: 1 }), Ok(()));
}

#[test]
fn a_block_that_clears_returns_what_it_held() {
    let block = PumpFault::new(PumpFaultKind::Occlusion { returns: 0.5 }, 0, 20);
    let mut pump = pump(PumpModel::OMNIPOD_DASH.exact(), 3.0, &[block]);
    assert_eq!(run(&mut pump, 20).0, 0.0);
    assert!((run(&mut pump, 1).0 - (0.5 * 1.0 + 0.05)).abs() < 1e-9);
    assert!((run(&mut pump, 1).0 - 0.05).abs() < 1e-9);
}

#[test]
fn missed_steps_are_counted_but_not_given() {
    let miss = PumpFault::new(PumpFaultKind::MissedSteps { fraction: 0.3 }, 0, 10_000);
    let mut pump = pump(PumpModel::OMNIPOD_DASH.exact(), 3.0, &[miss]);
    let (given, steps) = run(&mut pump, 10_000);
    assert_eq!(steps, 10_000);
    assert!((given / 500.0 - 0.7).abs() < 0.02, "{given}");
}

#[test]
fn a_silent_pump_neither_hears_nor_answers_but_goes_on() {
    let silence = PumpFault::new(PumpFaultKind::Silence, 2, 3);
    let mut pump = pump(PumpModel::OMNIPOD_DASH.exact(), 3.0, &[silence]);
    run(&mut pump, 2);
    assert_eq!(pump.order(PumpOrder::Stop), Err(PumpRefusal::Silent));
    let minute = pump.advance_minute();
    assert_eq!((minute.delivered, minute.report), (InsulinUnits(0.05), None));
    run(&mut pump, 2);
    assert_eq!(pump.order(PumpOrder::Stop), Ok(()));
}

#[test]
fn a_late_start_delays_an_order() {
    let late = PumpFault::new(PumpFaultKind::StartDelay { minutes: 3 }, 0, 1);
    let mut pump = pump(PumpModel::OMNIPOD_DASH.exact(), 0.0, &[late]);
    pump.order(PumpOrder::Bolus { steps: 10 }).unwrap();
    assert_eq!(run(&mut pump, 3), (0.0, 0));
    assert!((run(&mut pump, 1).0 - 0.5).abs() < 1e-9);
}

#[test]
fn the_simglucose_pump_gives_what_is_asked_to_a_hundred_thousandth_of_a_unit() {
    let model = PumpModel::SIMGLUCOSE;
    let mut pump = pump(model, 0.0, &[]);
    let wanted = InsulinUnits(0.021_118_9);
    pump.order(PumpOrder::Spread { steps: model.steps(wanted), minutes: 1 }).unwrap();
    assert!((run(&mut pump, 1).0 - wanted.0).abs() < 1e-5);
}
