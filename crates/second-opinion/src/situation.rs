//! What the opinion knows when it weighs a proposal: one value, made once a cycle.

use crate::delivery::Acting;
use crate::glucose::Seen;
use crate::settings::Settings;
use homeostat_record::Rationale;

/// Two clocks and two roundings may part two honest ages by this much.
const GRACE: u64 = 90_000;
/// Slots that nearly fill the hour and the four hours, the coming cycle completing them.
const HOUR_SLOTS: usize = 11;
const FOUR_HOURS_SLOTS: usize = 47;

/// The state of the person and the loop as the opinion sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Situation {
    /// The last usable reading, of any age.
    pub(crate) seen: Option<Seen>,
    /// Insulin that still acts, milliunits.
    pub(crate) acting: Acting,
    /// How long the history of insulin is, milliseconds.
    pub(crate) known_for: u64,
    /// Carbohydrate that may be unabsorbed, milligrams.
    pub(crate) unabsorbed: i64,
    /// All carbohydrate announced lately, milligrams.
    pub(crate) recent_carbohydrate: i64,
    /// Carbohydrate announced in this cycle, milligrams.
    pub(crate) announced: i64,
    /// Steps delivered, or perhaps delivered, in the windows that the coming cycle completes.
    pub(crate) windows: [i64; 3],
    /// Steps delivered beyond what was authorised, found in this cycle.
    pub(crate) surplus: i64,
    /// Steps that were proposed and did not arrive, found in this cycle.
    pub(crate) missing: i64,
    /// Nothing has been delivered for nearly the longest stop.
    pub(crate) stopped_long: bool,
}

/// The controller's own figures, in the order that the profile's page declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claims {
    /// Insulin on board, milliunits.
    pub(crate) on_board: i64,
    /// Glucose used, thousandths of mg/dL.
    pub(crate) glucose: Option<i64>,
    /// Lowest glucose predicted, thousandths of mg/dL.
    pub(crate) lowest: Option<i64>,
    /// Carbohydrate on board, milligrams.
    pub(crate) carbohydrate: i64,
    /// Rate of change, thousandths of mg/dL in a minute; zero may mean unknown.
    pub(crate) slope: i64,
    /// Part of the proposal that covers an announced meal, milliunits.
    pub(crate) meal: i64,
    /// Sensitivity ratio, thousandths; zero when it states none.
    pub(crate) ratio: i64,
}

impl Claims {
    /// Reads a rationale; `None` when it states no figures at all.
    pub(crate) fn of(rationale: &Rationale) -> Option<Self> {
        let [on_board, glucose, lowest, _, carbohydrate, slope, meal, ratio] =
            rationale.figures.map(i64::from);
        let level = |value: i64| (value >= 0).then_some(value.saturating_mul(1_000));
        let claims = Self {
            on_board,
            glucose: level(glucose),
            lowest: level(lowest),
            carbohydrate,
            slope,
            meal,
            ratio,
        };
        (rationale.figures != [0; 8]).then_some(claims)
    }
}

impl Situation {
    /// The slots that the windows of an hour and of four hours look back.
    pub(crate) const WINDOWS: [usize; 2] = [HOUR_SLOTS, FOUR_HOURS_SLOTS];

    /// The reading, if it may raise delivery: young enough.
    pub(crate) fn usable(&self, settings: &Settings) -> Option<Seen> {
        let most = settings.sensing.age_most.as_millis().saturating_add(GRACE);
        self.seen.filter(|seen| seen.age <= most)
    }
}
