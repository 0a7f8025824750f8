//! The loop, the watch and the supervisor around a typical person: from switching on to an index
//! that is lost and a hand-over. The controller is the simplest that can do it: what is shown is
//! everything around it.

use homeostat_kernel::Loop;
use homeostat_propofol::LoopController;
use homeostat_propofol::algorithm::{Algorithm, Observation, Person, Settings, Sex, Stage, Wish};
use homeostat_propofol::effect::Effect;
use homeostat_propofol::kinetics::{Concentrations, Propagator};
use homeostat_propofol::profile::{Profile, ReferencePerson};
use homeostat_propofol::reason::Reason;
use homeostat_propofol::target_controlled::Outlook;
use homeostat_propofol::units::{
    Centimetres, Index, Kilograms, MgPerSecond, Milligrams, Seconds, UgPerMl, Years,
};
use homeostat_propofol::watch::Supervised;
use homeostat_record::{
    Action, ActuatorStatus, Announcement, Authority, Bytes, Cause, Cycle, CycleEntry, Frame, Input,
    Instant, Opinion, OrderId, PersonAction, Phase, Proposal, Quantity, Report, Role,
    SecondOpinion, SensorFrame, Source, Steps, Unit,
};

const ADULT: ReferencePerson = ReferencePerson {
    person: Person {
        age: Years(44.0),
        weight: Kilograms(75.0),
        height: Centimetres(176.0),
        sex: Sex::Male,
        opioids: true,
    },
    beyond_limits: false,
    monitor: 7,
    line: None,
    pump: 9,
};

/// Target-controlled infusion to the concentration of the target index.
#[derive(Clone, Copy)]
struct TargetControlled {
    outlook: Outlook,
    aim: UgPerMl,
}

impl Algorithm for TargetControlled {
    type State = Concentrations;

    fn start(&self, _: &Settings) -> Concentrations {
        Concentrations::default()
    }

    fn step(
        &self,
        settings: &Settings,
        state: &Concentrations,
        seen: &Observation,
    ) -> (Concentrations, Wish) {
        let came = MgPerSecond((seen.delivered.0 + seen.given.0) / settings.period.0);
        let now = self.outlook.advance(*state, came).not_negative();
        let begun = matches!(seen.stage, Stage::Induction | Stage::Maintenance);
        let rate = self.outlook.rate_to(&now, self.aim, settings.rate_most);
        let wish = Wish {
            dose: if begun { rate * settings.period } else { Milligrams(0.0) },
            reason: Reason::TargetControlled as u16,
            effect_site: now.effect(),
            plasma: UgPerMl(now.plasma),
            aim: self.aim,
            predicted: Index(50.0),
            half_effect: UgPerMl(2.9),
        };
        (now, wish)
    }
}

/// Nobody to ask.
#[derive(Clone, Copy)]
struct Silent;

impl SecondOpinion for Silent {
    type State = u32;

    fn start(&self) -> u32 {
        0
    }

    fn weigh(&self, state: &u32, _: &Input, _: &Proposal) -> (u32, Opinion) {
        (*state, Opinion::Abstain)
    }
}

/// A person, a monitor and a pump.
struct Theatre {
    body: Concentrations,
    step: Propagator,
    effect: Effect,
    millis: u64,
    cycle: u64,
    sequence: u32,
    delivered: u64,
    accepted: OrderId,
    connected: bool,
}

impl Theatre {
    fn new(profile: &Profile) -> Self {
        Self {
            body: Concentrations::default(),
            step: Propagator::new(&profile.compartments(), Seconds(1.0)),
            effect: Effect::typical(&ADULT.person),
            millis: 40_000,
            cycle: 0,
            sequence: 0,
            delivered: 0,
            accepted: OrderId(0),
            connected: true,
        }
    }

    fn index(&self) -> f64 {
        self.effect.at(self.body.effect()).index.0
    }

    /// Five seconds with an order, and what is said at their end.
    fn next(&mut self, steps: Steps, id: OrderId, actions: &[Action]) -> Input {
        let rate = MgPerSecond(f64::from(steps.0) * 0.01 / 5.0);
        let mut input = Input::default();
        for second in 0..5_i32 {
            self.body = self.step.advance(self.body, rate);
            self.millis += 1_000;
            self.sequence += 1;
            let wobble = f64::from((second * 7 + i32::try_from(self.cycle % 5).unwrap()) % 5) / 9.0;
            let frame = SensorFrame {
                quantity: Quantity(2),
                unit: Unit(3),
                source: 7,
                sequence: self.sequence,
                taken_millis: self.millis,
                value_thousandths: ((self.index() + wobble) * 1_000.0) as i32,
                quality: 95,
                detail: [30, 0],
                ..SensorFrame::default()
            };
            let bytes = Bytes::copy_of(&frame.encode()).unwrap();
            let received = Instant { boot: 1, millis: self.millis };
            if self.connected {
                input.frames.push(Frame { received, bytes }).unwrap();
            }
        }
        self.delivered += u64::from(steps.0);
        self.accepted = id;
        self.cycle += 1;
        input.cycle = Cycle(self.cycle);
        input.now = Instant { boot: 1, millis: self.millis };
        let report = Report {
            received: input.now,
            actuator: 9,
            status: ActuatorStatus::Running,
            accepted: self.accepted,
            accepted_total: self.delivered,
            delivered_total: self.delivered,
            ..Report::default()
        };
        input.reports.push(report).unwrap();
        for action in actions {
            input.people.push(PersonAction { by: Role::Clinician, action: *action }).unwrap();
        }
        input
    }
}

const fn announce(kind: u8, amount: u32) -> Action {
    Action::Announce(Announcement { kind, amount })
}

#[test]
fn pro_06_an_anaesthetic_from_switching_on_to_a_lost_index() {
    let profile = Profile::reference_for(&ADULT).unwrap();
    let outlook = Outlook::new(&profile.compartments(), Seconds(5.0));
    let aim = Effect::typical(&ADULT.person).concentration_for(Index(50.0));
    let machine = Loop {
        controller: LoopController::new(&profile, TargetControlled { outlook, aim }),
        profile: Supervised::new(&profile),
        opinion: Silent,
    };
    let mut theatre = Theatre::new(&profile);
    let mut state = machine.start();
    let (mut steps, mut id) = (Steps::ZERO, OrderId(0));
    let mut entries: Vec<(f64, CycleEntry)> = Vec::new();
    for cycle in 1..=700_u64 {
        let actions: &[Action] = match cycle {
            1 => &[Action::Choose(Phase::SelfTest)],
            2 => &[Action::Choose(Phase::Standby)],
            20 => &[Action::Reconcile, Action::Choose(Phase::Automatic)],
            22 => &[announce(4, 0), announce(1, 1)],
            _ => &[],
        };
        theatre.connected = cycle <= 400;
        let input = theatre.next(steps, id, actions);
        let outcome = machine.cycle(&state, &input);
        state = outcome.state;
        (steps, id) =
            outcome.admitted.map_or((Steps::ZERO, id), |order| (order.steps()[0], order.id()));
        entries.push((theatre.index(), outcome.entry));
    }
    let at = |cycle: usize| &entries[cycle - 1];
    assert_eq!(at(20).1.decision.unmet, None, "every criterion of automatic operation is met");
    assert_eq!(at(21).1.decision.phase, Phase::Automatic);
    for (cycle, (_, entry)) in (1..).zip(&entries).take(400).skip(20) {
        let decision = &entry.decision;
        assert_eq!(decision.authority, Authority::Full, "{cycle}: {decision:?}");
        assert_eq!(decision.active.iter().next(), None, "{cycle}");
        let order = decision.order.unwrap();
        assert_eq!(order.source, Source::Controller, "{cycle}");
        // This side stays within the bounds by itself: the guard has nothing to do.
        assert_eq!(Some(order.steps[0]), entry.proposal.unwrap().steps[0], "{cycle}: {decision:?}");
    }
    let induced = (22..400).find(|cycle| at(*cycle).0 < 60.0).unwrap();
    assert!(induced < 22 + 60, "below 60 within five minutes: {induced}");
    let reached = at(400).0;
    assert!((46.0..54.0).contains(&reached), "{reached}");
    // 10 s and 30 s after the last sample.
    let authority = |cycle: usize| at(cycle).1.decision.authority;
    assert_eq!([401, 402].map(authority), [Authority::Full, Authority::Limited]);
    assert_eq!([405, 406].map(authority), [Authority::Limited, Authority::Background]);
    assert!(at(402).1.decision.active.has(Cause::InputMissing));
    for cycle in 402..=700 {
        let (index, entry) = at(cycle);
        assert!((index - reached).abs() < 3.0, "held: {index} after {reached} in {cycle}");
        assert!(entry.decision.order.unwrap().steps[0].0 > 20, "never silently to nothing");
    }
    // After ten minutes of background a person has it, at the rate that held the level.
    assert_eq!(at(525).1.decision.phase, Phase::Automatic);
    assert_eq!(at(527).1.decision.phase, Phase::Manual);
    assert_eq!(at(600).1.decision.order.unwrap().source, Source::Manual);
}
