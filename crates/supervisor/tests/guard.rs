//! The guard against an oracle of another shape: it tries every amount, and asks of each which
//! bound forbids it. The exact amount and the exact verdict are compared.

use homeostat_record::{Limit, Source, Steps};
use homeostat_supervisor::guard::{self, Demand, Ruling};
use homeostat_supervisor::history::History;
use homeostat_supervisor::{ChannelLimits, Envelope, WindowLimit};
use proptest::prelude::*;

const fn window(cycles: u32, max: u32) -> WindowLimit {
    WindowLimit { cycles, max: Steps(max) }
}

/// Every number differs from every other.
const LIMITS: ChannelLimits = ChannelLimits {
    cycle_max: Steps(41),
    cycle_min: Steps(3),
    slew_up: Steps(11),
    slew_down: Steps(17),
    windows: [window(2, 67), window(5, 101), window(40, 307), window(0, 1)],
    acting_max: Steps(73),
    label_max: Steps(59),
    request_max: Steps(31),
    tolerance: Steps(2),
};

/// Amounts given in the cycles before, oldest first; the present cycle has begun.
fn history(limits: &ChannelLimits, given: &[u32]) -> History {
    let mut history = History::default();
    for steps in given {
        history.begin_cycle(&limits.windows);
        history.add(Steps(*steps));
    }
    history.begin_cycle(&limits.windows);
    history
}

/// What a window holds by the bucket rule, said with cycle numbers: everything since the bucket
/// began in which the window's first cycle lies.
fn in_window(cycles: u32, given: &[u32]) -> u64 {
    let span = cycles.div_ceil(16).max(1) as usize;
    let now = given.len();
    let first = (now + 1).saturating_sub(cycles as usize);
    let start = first / span * span;
    given.iter().skip(start).map(|steps| u64::from(*steps)).sum()
}

#[derive(Clone, Debug)]
struct Case {
    source: Source,
    amount: u32,
    request: u32,
    ceiling: Option<u32>,
    envelope: (u32, u32),
    acting: u32,
    last: u32,
    given: Vec<u32>,
    limits: ChannelLimits,
}

impl Case {
    fn calm(source: Source, amount: u32) -> Self {
        let given = Vec::new();
        let (request, ceiling, envelope) = (0, None, (0, 1_000));
        let (acting, last) = (0, amount);
        Self { source, amount, request, ceiling, envelope, acting, last, given, limits: LIMITS }
    }

    fn ruling(&self) -> Ruling {
        let history = history(&self.limits, &self.given);
        let envelope = Envelope { least: Steps(self.envelope.0), most: Steps(self.envelope.1) };
        let demand = Demand {
            source: self.source,
            amount: Steps(self.amount),
            request: Steps(self.request),
            ceiling: self.ceiling.map(Steps),
            envelope,
            acting: Steps(self.acting),
            last: Steps(self.last),
            history: &history,
            limits: &self.limits,
        };
        demand.ruling()
    }

    /// The bounds that forbid this amount as too much, in the order of their names.
    fn too_much(&self, amount: u32) -> Vec<Limit> {
        let limits = &self.limits;
        let whole = u64::from(amount) + u64::from(self.request);
        let over = |max: Steps| whole > u64::from(max.0);
        let mut bounds = vec![
            (Limit::CycleMax, over(limits.cycle_max)),
            (
                Limit::SlewUp,
                self.source == Source::Controller
                    && u64::from(amount) > u64::from(self.last) + u64::from(limits.slew_up.0),
            ),
            (Limit::Acting, whole + u64::from(self.acting) > u64::from(limits.acting_max.0)),
            (Limit::Label, over(limits.label_max)),
            (Limit::Authority, self.ceiling.is_some_and(|ceiling| amount > ceiling)),
            (Limit::Envelope, amount > self.envelope.1),
        ];
        for (number, window) in limits.windows.iter().enumerate() {
            let sum = in_window(window.cycles, &self.given) + whole;
            let passed = window.cycles > 0 && sum > u64::from(window.max.0);
            bounds.push((Limit::Window(u8::try_from(number).unwrap()), passed));
        }
        bounds.into_iter().filter(|(_, passed)| *passed).map(|(limit, _)| limit).collect()
    }

    fn too_little(&self, amount: u32) -> Vec<Limit> {
        let machine = matches!(self.source, Source::Controller | Source::Background);
        let falls = u64::from(amount) + u64::from(self.limits.slew_down.0) < u64::from(self.last);
        let bounds = [
            (Limit::CycleMin, machine && amount < self.limits.cycle_min.0),
            (Limit::SlewDown, self.source == Source::Controller && falls),
            (Limit::Envelope, machine && amount < self.envelope.0),
        ];
        bounds.into_iter().filter(|(_, passed)| *passed).map(|(limit, _)| limit).collect()
    }

    /// Tries every amount. Zero is never too much: where even that passes a bound, it is what is
    /// left. The bound that decided is the first that forbids one step further.
    fn oracle(&self) -> Ruling {
        let fits = |amount: &u32| *amount == 0 || self.too_much(*amount).is_empty();
        let most = (0..=100).rev().find(fits).unwrap();
        let least = (0..=100).find(|amount| self.too_little(*amount).is_empty()).unwrap();
        let (amount, bound) = if least > most || self.amount > most {
            (most, self.too_much(most + 1).first().copied())
        } else if self.amount < least {
            (least, self.too_little(least - 1).first().copied())
        } else {
            (self.amount, None)
        };
        Ruling { amount: Steps(amount), bound }
    }
}

fn ruled(case: &Case) -> (u32, Option<Limit>) {
    let ruling = case.ruling();
    assert_eq!(ruling, case.oracle(), "{case:?}");
    (ruling.amount.0, ruling.bound)
}

#[test]
fn sup_02_every_bound_decides_with_its_exact_amount() {
    let calm = |amount| Case::calm(Source::Controller, amount);
    let from = |last, amount| Case { last, ..calm(amount) };
    assert_eq!(ruled(&calm(41)), (41, None));
    assert_eq!(ruled(&calm(42)), (41, Some(Limit::CycleMax)));
    assert_eq!(ruled(&from(5, 16)), (16, None));
    assert_eq!(ruled(&from(5, 17)), (16, Some(Limit::SlewUp)));
    assert_eq!(ruled(&from(30, 13)), (13, None));
    assert_eq!(ruled(&from(30, 12)), (13, Some(Limit::SlewDown)));
    assert_eq!(ruled(&calm(2)), (3, Some(Limit::CycleMin)));
    assert_eq!(ruled(&Case { acting: 50, ..calm(24) }), (23, Some(Limit::Acting)));
    assert_eq!(ruled(&Case { ceiling: Some(19), ..calm(20) }), (19, Some(Limit::Authority)));
    assert_eq!(ruled(&Case { envelope: (0, 13), ..calm(20) }), (13, Some(Limit::Envelope)));
    assert_eq!(ruled(&Case { envelope: (25, 33), ..calm(20) }), (25, Some(Limit::Envelope)));
    assert_eq!(ruled(&Case { given: vec![60], ..calm(20) }), (7, Some(Limit::Window(0))));
    let busy = Case { given: vec![30, 30, 30, 1], ..calm(20) };
    assert_eq!(ruled(&busy), (10, Some(Limit::Window(1))));
    let label = ChannelLimits { cycle_max: Steps(80), ..LIMITS };
    assert_eq!(ruled(&Case { limits: label, ..calm(60) }), (59, Some(Limit::Label)));
}

#[test]
fn the_first_of_equal_bounds_is_named() {
    let calm = Case::calm(Source::Controller, 50);
    let equal = Case { envelope: (0, 41), ceiling: Some(41), ..calm.clone() };
    assert_eq!(ruled(&equal), (41, Some(Limit::CycleMax)));
    let low = Case { amount: 0, last: 20, envelope: (3, 99), ..calm };
    assert_eq!(ruled(&low), (3, Some(Limit::CycleMin)));
}

#[test]
fn a_contradiction_gives_the_upper_bound_and_is_named_even_if_nothing_moves() {
    let calm = Case::calm(Source::Controller, 9);
    let contradiction = Case { envelope: (12, 9), ..calm.clone() };
    assert_eq!(ruled(&contradiction), (9, Some(Limit::Envelope)));
    let touching = Case { envelope: (9, 9), ..calm };
    assert_eq!(ruled(&touching), (9, None));
}

#[test]
fn a_suspension_and_a_persons_setting_are_never_raised_and_a_fallback_has_no_slope() {
    for source in [Source::Suspension, Source::Manual] {
        let low = Case { last: 40, envelope: (20, 30), ..Case::calm(source, 0) };
        assert_eq!(ruled(&low), (0, None));
        assert_eq!(ruled(&Case { amount: 35, ..low }), (30, Some(Limit::Envelope)));
    }
    let fallback = Case { last: 40, ..Case::calm(Source::Background, 5) };
    assert_eq!(ruled(&fallback), (5, None));
    let rise = Case { last: 0, ..Case::calm(Source::Background, 35) };
    assert_eq!(ruled(&rise), (35, None));
    assert_eq!(ruled(&Case { amount: 1, ..fallback }), (3, Some(Limit::CycleMin)));
}

#[test]
fn sup_03_the_automatic_part_gives_way_to_a_request() {
    let asked = Case { request: 31, ..Case::calm(Source::Controller, 20) };
    assert_eq!(ruled(&asked), (10, Some(Limit::CycleMax)));
    let nothing_left = Case { acting: 42, ..asked };
    assert_eq!(ruled(&nothing_left), (0, Some(Limit::Acting)));
}

fn request(steps: u32, acting: u32, given: &[u32], limits: &ChannelLimits) -> Result<(), Limit> {
    guard::request(Steps(steps), Steps(acting), &history(limits, given), limits)
}

#[test]
fn sup_03_a_request_is_whole_or_refused_by_the_first_bound_it_passes() {
    assert_eq!(request(31, 42, &[], &LIMITS), Ok(()));
    assert_eq!(request(32, 0, &[], &LIMITS), Err(Limit::Request));
    assert_eq!(request(31, 43, &[], &LIMITS), Err(Limit::Acting));
    assert_eq!(request(31, 0, &[36], &LIMITS), Ok(()));
    assert_eq!(request(31, 0, &[37], &LIMITS), Err(Limit::Window(0)));
    assert_eq!(request(31, 0, &[35, 35, 1, 0], &LIMITS), Err(Limit::Window(1)));
    let small = ChannelLimits { cycle_max: Steps(20), label_max: Steps(15), ..LIMITS };
    assert_eq!(request(21, 0, &[], &small), Err(Limit::CycleMax));
    assert_eq!(request(16, 0, &[], &small), Err(Limit::Label));
    assert_eq!(request(15, 0, &[], &small), Ok(()));
}

#[test]
fn a_setting_is_held_against_the_bounds_of_one_cycle() {
    assert_eq!(guard::setting(Steps(41), &LIMITS), Ok(()));
    assert_eq!(guard::setting(Steps(42), &LIMITS), Err(Limit::CycleMax));
    let label = ChannelLimits { label_max: Steps(30), ..LIMITS };
    assert_eq!(guard::setting(Steps(31), &label), Err(Limit::Label));
}

fn sources() -> impl Strategy<Value = Source> {
    prop::sample::select(vec![
        Source::Controller,
        Source::Background,
        Source::Suspension,
        Source::Manual,
    ])
}

prop_compose! {
    fn any_limits()(
        [cycle_max, cycle_min, slew_up, slew_down] in [0_u32..90, 0_u32..20, 0_u32..40, 0_u32..40],
        [acting_max, label_max, request_max, tolerance] in [0_u32..150, 0_u32..100, 0_u32..60, 0_u32..5],
        windows in prop::array::uniform4((0_u32..60, 0_u32..400)),
    ) -> ChannelLimits {
        ChannelLimits {
            cycle_max: Steps(cycle_max),
            cycle_min: Steps(cycle_min),
            slew_up: Steps(slew_up),
            slew_down: Steps(slew_down),
            windows: windows.map(|(cycles, max)| window(cycles, max)),
            acting_max: Steps(acting_max),
            label_max: Steps(label_max),
            request_max: Steps(request_max),
            tolerance: Steps(tolerance),
        }
    }
}

prop_compose! {
    fn any_case()(
        source in sources(),
        [amount, last, acting] in [0_u32..100, 0_u32..100, 0_u32..100],
        request in prop_oneof![Just(0_u32), 0_u32..40],
        ceiling in prop::option::of(0_u32..100),
        envelope in (0_u32..30, 0_u32..100),
        given in prop::collection::vec(0_u32..25, 0..50),
        limits in any_limits(),
    ) -> Case {
        Case { source, amount, request, ceiling, envelope, acting, last, given, limits }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn sup_02_amount_and_verdict_are_the_oracles(case in any_case()) {
        prop_assert_eq!(case.ruling(), case.oracle());
    }

    #[test]
    fn a_window_never_counts_less_than_was_given_in_it(
        cycles in 1_u32..200, given in prop::collection::vec(0_u32..50, 0..450)
    ) {
        let max = 100_000;
        let limits = ChannelLimits { windows: [window(cycles, max); 4], ..LIMITS };
        let history = history(&limits, &given);
        let (_, left) = history.rooms(&limits.windows).next().unwrap();
        let used = max - left.0;
        let exact = |from: usize| -> u32 { given.iter().rev().take(from).sum() };
        let span = cycles.div_ceil(16) as usize;
        prop_assert_eq!(u64::from(used), in_window(cycles, &given));
        prop_assert!(used >= exact(cycles as usize - 1));
        prop_assert!(used <= exact(cycles as usize - 1 + span - 1), "one bucket more at most");
    }
}

#[test]
fn a_day_of_seconds_fits_and_sums_do_not_wrap() {
    let windows = [window(86_400, 500), window(0, 0), window(0, 0), window(0, 0)];
    let limits = ChannelLimits { windows, ..LIMITS };
    let mut history = History::default();
    history.begin_cycle(&windows);
    history.add(Steps(400));
    for _ in 1..86_400 {
        history.begin_cycle(&windows);
    }
    assert_eq!(guard::request(Steps(31), Steps(0), &history, &limits), Ok(()));
    assert_eq!(history.rooms(&windows).next(), Some((Limit::Window(0), Steps(100))));
    for _ in 0..5_400 {
        history.begin_cycle(&windows);
    }
    assert_eq!(history.rooms(&windows).next(), Some((Limit::Window(0), Steps(500))));
    history.add(Steps::MAX);
    history.add(Steps::MAX);
    assert_eq!(history.rooms(&windows).next(), Some((Limit::Window(0), Steps(0))));
}
