//! A small world around the opinion: it makes inputs and keeps the books.

use crate::curve::{Curve, WHOLE};
use crate::{InsulinOpinion, InsulinState, Settings};
use homeostat_record::*;
use std::vec::Vec;

/// A reference profile of an adult: 50 U a day, 1.2 U/h, 10 g/U, 30 mg/dL/U, steps of 0.01 U.
pub(super) fn profile() -> Vec<Vec<u32>> {
    std::vec![
        std::vec![2, 1, 1],
        std::vec![40, 70_000, 50_000, 1_200, 10_000, 30_000],
        std::vec![6, 20_000, 8_000, 200_000],
        std::vec![110, 80, 60, 70, 54, 30, 300, 60, 120, 40, 60],
        std::vec![300, 900, 2, 4, 3, 3, 3, 3, 12, 3, 12, 6, 12, 6, 48, 2, 3, 150, 240],
        std::vec![
            10, 400, 450, 800, 2_000, 500, 1_200, 1_000, 30_000, 30_000, 0, 25_000, 25_000, 0, 150,
            15
        ],
        std::vec![100, 360, 75],
        std::vec![
            300, 600, 40, 400, 40, 5_000, 45, 1_000, 2_000, 2, 3, 350, 500, 700, 1_300, 200, 60,
            30, 10, 60, 21_600, 20, 660, 3, 350, 250, 2_500, 25, 15, 60, 20
        ],
        std::vec![7],
        std::vec![9],
        std::vec![700, 1_200, 100, 500, 4_000, 180, 150, 240],
        std::vec![],
        std::vec![],
    ]
}

/// One head of canonical CBOR.
pub(super) fn head(out: &mut Vec<u8>, major: u8, value: u32) {
    let major = major << 5;
    match value {
        0..=23 => out.push(major | value as u8),
        24..=0xFF => out.extend([major | 24, value as u8]),
        0x100..=0xFFFF => {
            out.push(major | 25);
            out.extend((value as u16).to_be_bytes());
        }
        _ => {
            out.push(major | 26);
            out.extend(value.to_be_bytes());
        }
    }
}

/// The profile's bytes; the two lists of devices are one section, and so are those of tuning values.
pub(super) fn bytes_of(sections: &[Vec<u32>]) -> Vec<u8> {
    let mut out = Vec::new();
    head(&mut out, 4, 11);
    for (index, section) in sections.iter().enumerate() {
        if index == 8 || (index == 11 && sections.len() == 13) {
            head(&mut out, 4, 2);
        }
        head(&mut out, 4, section.len() as u32);
        for number in section {
            head(&mut out, 0, *number);
        }
    }
    out
}

pub(crate) fn settings() -> Settings {
    Settings::from_profile(&bytes_of(&profile())).unwrap()
}

/// The world: time, sensor, pump.
pub(super) struct World {
    pub(super) opinion: InsulinOpinion,
    pub(super) state: InsulinState,
    pub(super) settings: Settings,
    pub(super) now: u64,
    pub(super) sequence: u32,
    pub(super) orders: u64,
    pub(super) total: u64,
    pub(super) curve: Curve,
    /// When each amount was delivered.
    pub(super) doses: Vec<(u64, u32)>,
}

/// What a test varies in a cycle.
#[derive(Clone, Copy)]
pub(super) struct Turn {
    pub(super) glucose: Option<u32>,
    pub(super) status: u8,
    pub(super) noise: u8,
    pub(super) quality: u8,
    pub(super) steps: u32,
    pub(super) carbohydrate: u32,
    pub(super) report: bool,
    /// What the pump delivers of the order.
    pub(super) delivers: Option<u32>,
    /// What the controller says of its insulin on board and of its glucose.
    pub(super) on_board: Option<i32>,
    pub(super) used: Option<i32>,
    /// The lowest glucose that it predicts.
    pub(super) lowest: i32,
}

impl Default for Turn {
    fn default() -> Self {
        Self {
            glucose: Some(120),
            status: 0,
            noise: 0,
            quality: 100,
            steps: 10,
            carbohydrate: 0,
            report: true,
            delivers: None,
            on_board: None,
            used: None,
            lowest: -1,
        }
    }
}

impl World {
    pub(super) fn new() -> Self {
        let settings = settings();
        let opinion = InsulinOpinion::new(settings).unwrap();
        Self {
            state: opinion.start(),
            opinion,
            settings,
            now: 1_000,
            sequence: 1,
            orders: 0,
            total: 0,
            curve: Curve::new(settings.action.duration, settings.action.peak).unwrap(),
            doses: Vec::new(),
        }
    }

    /// A frame of the sensor as it is sent now.
    pub(super) fn frame(&self, value_thousandths: i32, turn: Turn) -> Frame {
        let Turn { status, noise, quality, .. } = turn;
        let frame = SensorFrame {
            source: 7,
            sequence: self.sequence,
            taken_millis: self.now + 77_000,
            value_thousandths,
            status: StatusFlags(status),
            noise,
            quality,
            session_minutes: 2_000,
            ..SensorFrame::default()
        };
        let received = Instant { boot: 1, millis: self.now };
        Frame { received, bytes: Bytes::copy_of(&frame.encode()).unwrap() }
    }

    pub(super) fn input(&self, turn: Turn) -> Input {
        let now = Instant { boot: 1, millis: self.now };
        let mut input = Input { now, cycle: Cycle(self.orders), ..Input::default() };
        if let Some(glucose) = turn.glucose {
            let value = glucose as i32 * 1_000 + (self.sequence % 3) as i32;
            input.frames.push(self.frame(value, turn)).unwrap();
        }
        if turn.report {
            let report = Report {
                received: now,
                actuator: 9,
                status: ActuatorStatus::Running,
                accepted: OrderId(self.orders),
                accepted_total: self.total,
                delivered_total: self.total,
                ..Report::default()
            };
            input.reports.push(report).unwrap();
        }
        if self.sequence == 1 {
            let action = Action::Choose(Phase::Automatic);
            input.people.push(PersonAction { by: Role::User, action }).unwrap();
        }
        if turn.carbohydrate > 0 {
            let announcement = Announcement { kind: 1, amount: turn.carbohydrate };
            let action = Action::Announce(announcement);
            input.people.push(PersonAction { by: Role::User, action }).unwrap();
        }
        input
    }

    /// Insulin on board by the books, milliunits.
    pub(super) fn on_board(&self) -> i32 {
        let parts = self.doses.iter().map(|(at, steps)| {
            self.settings.milliunits(i64::from(*steps))
                * self.curve.remaining((self.now - at) / 60_000)
        });
        (parts.sum::<i64>() / WHOLE) as i32
    }

    /// One cycle: the opinion is asked, then the order is delivered.
    pub(super) fn turn(&mut self, turn: Turn) -> Opinion {
        let input = self.input(turn);
        let used = turn.used.or(turn.glucose.map(|g| g as i32)).unwrap_or(-1);
        let on_board = turn.on_board.unwrap_or_else(|| self.on_board());
        let meal = if turn.carbohydrate > 0 { turn.steps as i32 * 10 - 100 } else { 0 };
        let proposal = Proposal {
            steps: [Some(Steps(turn.steps)), None],
            rationale: Rationale {
                reason: 1,
                figures: [on_board, used, turn.lowest, -1, 0, 0, meal, 1_000],
            },
        };
        let (state, opinion) = self.opinion.weigh(&self.state, &input, &proposal);
        self.state = state;
        let delivered = turn.delivers.unwrap_or(turn.steps);
        self.doses.push((self.now + 150_000, delivered));
        self.total += u64::from(delivered);
        self.orders += 1;
        self.sequence += 1;
        self.now += 300_000;
        opinion
    }

    /// Many equal cycles; the last opinion.
    pub(super) fn turns(&mut self, count: usize, turn: Turn) -> Opinion {
        (0..count).map(|_| self.turn(turn)).last().unwrap()
    }
}
