use super::*;
use crate::pump::{Pump, PumpFaults, PumpSettings, Reversion, SharedKeeper};
use homeostat_link::bluetooth::cgm::{self, Measurement, Measurements};
use homeostat_link::bluetooth::insulin::{
    BasalContext, Command, CommandCode, CommandResult, Event, Filter, HistoryRecord, Operator,
    RecordAccess, Status, TherapyState,
};
use homeostat_link::bluetooth::{Attribute, Counter, Protection, Sfloat};
use homeostat_link::{Characteristic, Message, Order};
use homeostat_record::{Instant, OrderId, SensorFrame, Span, StatusFlags, Steps};

fn bytes_of(message: &Message) -> (Characteristic, &[u8]) {
    let Message::Value { of, bytes } = message else { panic!("{message:?}") };
    (*of, bytes.as_slice())
}

fn measurements(message: &Message) -> Vec<Measurement> {
    let (of, bytes) = bytes_of(message);
    assert_eq!(of, Characteristic::GlucoseMeasurement);
    Measurements::of(bytes, Protection::CheckSum).map(|one| *one.unwrap().shown()).collect()
}

fn frame(minutes: u16, thousandths: i32, status: u8) -> SensorFrame {
    SensorFrame {
        session_minutes: minutes,
        value_thousandths: thousandths,
        status: StatusFlags(status),
        quality: 100,
        ..SensorFrame::default()
    }
}

#[test]
fn iop_08_a_sensor_says_its_value_as_a_measurement_and_gives_what_is_asked_for() {
    let mut service = GlucoseService::default();
    let said = measurements(&service.measured(&frame(120, 123_456, 0)));
    assert_eq!(said[0].glucose, Sfloat::nearest(1_235, 1).unwrap());
    assert_eq!((said[0].minutes, said[0].quality), (120, Some(Sfloat(100))));
    let low = measurements(&service.measured(&frame(125, 39_000, StatusFlags::BELOW_RANGE)));
    assert_eq!((low[0].glucose, low[0].warning), (Sfloat::BELOW, Some(64)));
    for minutes in (130..2_000).step_by(5) {
        service.measured(&frame(minutes, 100_000, 0));
    }
    let ask = |operator| {
        let request = cgm::RecordAccess::Report(operator).encode(Protection::None, Counter::FIRST);
        service.asked(Characteristic::GlucoseRecords, request.as_slice())
    };
    let answer = |message: &Message| {
        let (of, bytes) = bytes_of(message);
        assert_eq!(of, Characteristic::GlucoseRecords);
        *cgm::RecordAccess::decode(bytes, Protection::None).unwrap().shown()
    };
    let all = ask(cgm::Operator::Between(1_500, 1_530));
    let (last, given) = all.split_last().unwrap();
    let minutes: Vec<u16> = given.iter().flat_map(measurements).map(|one| one.minutes).collect();
    assert_eq!(minutes, [1_500, 1_505, 1_510, 1_515, 1_520, 1_525, 1_530]);
    assert_eq!(answer(last), cgm::RecordAccess::Response(1, cgm::AccessResult::Success));
    // A day is stored, four hours are given at once.
    let given = ask(cgm::Operator::All);
    let given: usize = given[..given.len() - 1].iter().map(|one| measurements(one).len()).sum();
    assert_eq!(given, 48);
    let none = ask(cgm::Operator::UpTo(125));
    assert_eq!(answer(&none[0]), cgm::RecordAccess::Response(1, cgm::AccessResult::NoRecords));
    assert!(service.asked(Characteristic::GlucoseRecords, &[9]).is_empty());
}

fn pump() -> Pump {
    let of = |steps| [Steps(steps), Steps::ZERO];
    let settings = PumpSettings {
        identity: 7,
        channels: 1,
        order_max: of(25_000),
        background: of(100),
        when_silent: Reversion::Background,
        period: Span::from_minutes(5),
        tick: Span::from_minutes(1),
        request_per_tick: of(1_500),
        valid_most: Span::from_minutes(30),
        reservoir: [Some(Steps(300_000)), None],
        measures_flow: true,
    };
    Pump::new(settings, Box::new(SharedKeeper::default())).unwrap()
}

fn read<T: Attribute + Copy>(messages: &[Message], wanted: Characteristic) -> Vec<T> {
    let of = messages.iter().map(bytes_of).filter(|(of, _)| *of == wanted);
    let read = |bytes| *T::decode(bytes, Protection::CounterAndCheckSum).unwrap().shown();
    of.map(|(_, bytes)| read(bytes)).collect()
}

#[test]
fn iop_09_a_pump_says_how_it_is_and_what_it_did_and_takes_no_command() {
    let (mut service, mut pump) = (InsulinService::new(1), pump());
    let at = |minutes: u64| Instant { boot: 1, millis: minutes * 60_000 };
    let live = |service: &mut InsulinService, pump: &mut Pump, minute| {
        while pump.tick(at(minute), &PumpFaults::default()).is_some() {}
        service.ticked(at(minute), pump)
    };
    let said = live(&mut service, &mut pump, 0);
    let [status] = read::<Status>(&said, Characteristic::InsulinStatus)[..] else { panic!() };
    assert_eq!(status.therapy, TherapyState::Run);
    assert!(live(&mut service, &mut pump, 1).len() <= 2);

    let order = Order {
        id: OrderId(5),
        valid_for: Span::from_minutes(15),
        steps: [Steps(250), Steps::ZERO],
        requested: [Steps(50), Steps::ZERO],
    };
    pump.take(at(1), &order, at(1), Some(Span::ZERO)).unwrap();
    service.took(at(1), &order, &pump);
    live(&mut service, &mut pump, 2);
    pump.stop(at(2)).unwrap();
    let said = live(&mut service, &mut pump, 3);
    let [status] = read::<Status>(&said, Characteristic::InsulinStatus)[..] else { panic!() };
    assert_eq!(status.therapy, TherapyState::Stop);

    let ask = |service: &mut InsulinService, first| {
        let request = RecordAccess::Report(Operator::From(Filter::Sequence, first));
        let request = request.encode(Protection::CounterAndCheckSum, Counter::FIRST);
        service.asked(Characteristic::InsulinRecords, request.as_slice())
    };
    let all = ask(&mut service, 1);
    let events: Vec<HistoryRecord> = read(&all, Characteristic::InsulinHistory);
    let numbers: Vec<u32> = events.iter().map(|one| one.sequence).collect();
    assert_eq!(numbers, (1..=numbers.len() as u32).collect::<Vec<_>>());
    assert!(matches!(events[0].event, Event::ReferenceTime(_)));
    let rates: Vec<_> = events
        .iter()
        .filter_map(|one| match one.event {
            Event::BasalRateChanged(change) => Some((change.to, change.context)),
            _ => None,
        })
        .collect();
    // 0.1 U in five minutes are 1.2 U/h, 0.2 are 2.4.
    let tenths = |tenths| Sfloat::exact(tenths, 1).unwrap();
    assert_eq!(
        rates,
        [
            (tenths(12), Some(BasalContext::Device)),
            (tenths(24), Some(BasalContext::Controller)),
            (Sfloat(0), Some(BasalContext::Device)),
        ]
    );
    let programmed = |one: &HistoryRecord| matches!(one.event, Event::BolusProgrammed(5, ..));
    assert!(events.iter().any(programmed));
    // What was read is announced no more.
    assert!(live(&mut service, &mut pump, 4).is_empty());
    assert_eq!(ask(&mut service, 99).len(), 1);

    let before = *pump.remembered();
    let set = Command::SetTherapyState(TherapyState::Run);
    let set = set.encode(Protection::CounterAndCheckSum, Counter::FIRST);
    let refused = service.asked(Characteristic::InsulinCommand, set.as_slice());
    let answer: Vec<Command> = read(&refused, Characteristic::InsulinCommand);
    let code = CommandCode::SetTherapyState.code();
    assert_eq!(answer, [Command::Response(code, CommandResult::NotSupported)]);
    assert_eq!(*pump.remembered(), before);
}
