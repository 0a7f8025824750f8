//! Every key of an anaesthetic scenario file: what it holds, what stands in its place when it is left out,
//! and an example.

use crate::engine::{ControllerFault, ProfileFault};
use crate::keys::book::LeftOut::{Required, Value, Words};
use crate::keys::book::{Holds, Key, SectionKeys, key, number, whole};
use crate::propofol::scenario::keys::*;
use crate::propofol::scenario::read::KIND_NAMES;
use crate::propofol::scenario::{CohortChoice, Control, Measure, MonitorChoice, Over, PumpChoice};
use crate::scenario::keys::*;

const STIMULI: [&str; 5] = ["none", "struys", "dumont", "step", "random"];

/// Every section with its keys, in the order of the book.
pub(super) const SECTIONS: [SectionKeys; 10] = [
    SectionKeys {
        heading: "",
        words: "Before the first section.",
        keys: &[
            key("therapy", Holds::Choice(&names(&THERAPIES)), Required, "\"propofol\"", "Which therapy is tried."),
            key("name", Holds::Text, Value("\"An hour of anaesthesia\""), "\"A night on call\"", "The report's title."),
            key("stimulus", Holds::Choice(&STIMULI), Value("\"struys\""), "\"dumont\"", "What surgery adds to the index, by time since induction. `random` is another course for each person and seed."),
            key("attenuated", Holds::Truth, Value("false"), "true", "Whether a rise by `stimulus` is multiplied by the probability that laryngoscopy is not tolerated at the person's concentrations (Bouillon 2004). Always so where remifentanil is given; `true` without it is the fair comparison."),
        ],
    },
    SectionKeys {
        heading: "[patients]",
        words: "Who is treated.",
        keys: &[
            key("cohort", Holds::Choice(&names(&CohortChoice::NAMES)), Value("\"eleveld-adults\""), "\"ionescu\"", "The thirteen published persons, or people drawn by seed with the published variability of Eleveld's models. Not beside `file`."),
            key("file", Holds::Path, Words("none"), "\"people.csv\"", "A table of people; its columns stand in [anaesthesia-patients.md](anaesthesia-patients.md). The path is seen from the scenario's own folder."),
            key("subjects", Holds::Texts, Words("everyone"), "[\"eleveld-adult#007\"]", "Only these, each once. A name that the cohort does not have is an error."),
            whole(COUNT, Words("everyone; 60 of a drawn cohort"), "4", "How many to draw, or to take from the start of the table. Not beside `subjects`; not more than there are."),
            whole(COHORT_SEED, Value("1"), "9", "The seed of a drawn cohort; for no other."),
        ],
    },
    SectionKeys {
        heading: "[time]",
        words: "How long a trial runs, from the moment at which induction is due. Three minutes of preparation come before it. Maintenance is scored from minute 10, or from the middle of a trial of less than 20 minutes, to the end or to emergence.",
        keys: &[
            whole(MINUTES, Value("60"), "90", "Minutes to the end."),
            whole(EMERGENCE, Value("0"), "5", "How many of them, at the end, are emergence, which the clinician announces; at least two less than `minutes`."),
        ],
    },
    SectionKeys {
        heading: "[loop]",
        words: "What the signed profile says beside the person.",
        keys: &[
            number(TARGET, Value("50.0"), "45", "Index to aim at."),
            whole(PERIOD, Value("5"), "1", "Seconds between decisions."),
        ],
    },
    SectionKeys {
        heading: "[seeds]",
        words: "Which noise: every cell of the trial runs once with each seed.",
        keys: &[
            whole(FIRST, Value("1"), "7", "The first seed. The same seed gives the same bytes."),
            whole(SEEDS, Value("1"), "10", "How many, counting up."),
        ],
    },
    SectionKeys {
        heading: "[devices]",
        words: "The physics of what the loop measures and delivers with.",
        keys: &[
            key("monitor", Holds::Choice(&names(&MonitorChoice::NAMES)), Value("\"noisy\""), "\"ideal\"", "The noise of the index, and `smoothed` the same noise through a running mean of 15 s, which comes on top of the delay that belongs to the person."),
            key("pressure", Holds::Truth, Value("false"), "true", "Whether an arterial line is connected; where one is at fault, it is."),
            key("pump", Holds::Choice(&names(&PumpChoice::NAMES)), Value("\"syringe\""), "\"exact\"", "A syringe with compliance, slack and a slow occlusion alarm, or none of that."),
        ],
    },
    SectionKeys {
        heading: "[remifentanil]",
        words: "Remifentanil from a second syringe that the clinician couples to the first. Without the section: none. It stands outside the loop: no controller commands it, no guard bounds it, and the record has of it only what the clinician announces when it begins (kind 3: the micrograms that the base rate gives in the first minute). It runs from the announcement of induction to that of emergence. A drawn cohort is drawn with opioids then, the signed profile says that opioids are given, and stimuli are attenuated. Somebody whose figures have no kinetics of remifentanil is refused; where his index knows no remifentanil, stimuli alone are attenuated.",
        keys: &[
            number(RATIO_TO_PROPOFOL, Required, "1.5", "Micrograms beside each milligram of propofol that the first syringe counted, as a mean over half a minute.").beside("base-ug-per-kg-min = 0.05"),
            number(BASE, Value("0.05"), "0.1", "Never less, by true body weight; at most the next.").beside("ratio-ug-per-mg = 1.5\nmost-ug-per-kg-min = 1"),
            number(MOST, Value("0.3"), "0.2", "Never more.").beside("ratio-ug-per-mg = 1.5\nbase-ug-per-kg-min = 0"),
        ],
    },
    SectionKeys {
        heading: "[[arms]]",
        words: "One section a way of treating every person. Without any: `tci`, `pid` and `mpc`.",
        keys: &[
            key("controller", Holds::Choice(&names(&Control::NAMES)), Required, "\"mpc\"", "Who decides: target-controlled infusion without feedback, or one of two closed loops."),
            key("name", Holds::Name, Words("the controller's name"), "\"mpc-plain\"", "Names the arm's folder; each arm has its own.").beside("controller = \"mpc\""),
        ],
    },
    SectionKeys {
        heading: "[[hazards]]",
        words: "One section a named set of faults (`[[hazards.faults]]`): every arm runs once under each. Without any: one undisturbed run.",
        keys: &[
            key("name", Holds::Name, Required, "\"frozen\"", "Names the hazard's folders."),
            key("words", Holds::Text, Words("the name"), "\"The monitor repeats itself\"", "For the report.").beside("name = \"x\""),
            key("judged", Holds::Truth, Value("true"), "false", "Whether the criteria bind under this hazard.").beside("name = \"x\""),
            whole(DETECTABLE, Value("0"), "10", "From the first fault's beginning to the moment from which the loop can know. Of an occlusion it is the pump's own stop because of pressure, of `pressure-low` the moment at which the line shows a pressure below the profile's low level.").beside("name = \"x\"\nfaults = [{ kind = \"dropout\" }]"),
            whole(ALARM, Words("no bound"), "20", "In every cell an alarm must be in effect within so many seconds of that moment.").beside("name = \"x\"\nfaults = [{ kind = \"dropout\" }]"),
        ],
    },
    SectionKeys {
        heading: "[[criteria]]",
        words: "One section a criterion on the true index. Without any: the usual bars for cohort and stimulus, or for hazards.",
        keys: &[
            key("measure", Holds::Choice(&names(&Measure::NAMES)), Required, "\"nadir\"", "Per person; `ever-` and `asleep-` are 100 or 0, so that their mean is the share of persons.").beside("at-most = 1"),
            key("over", Holds::Choice(&names(&Over::NAMES)), Value("\"median\""), "\"p10\"", "How persons are gathered; `each`: everyone by himself.").beside("measure = \"nadir\"\nat-most = 1"),
            number(CRITERIA.most, Words("one of the two is needed"), "5", "The upper bound.").beside("measure = \"nadir\""),
            number(CRITERIA.least, Words("one of the two is needed"), "72", "The lower bound.").beside("measure = \"nadir\""),
            key("arms", Holds::Texts, Words("all closed loops"), "[\"mpc\"]", "The arms that it binds, by name.").beside("measure = \"nadir\"\nat-most = 1"),
            key("subjects", Holds::Text, Words("everyone"), "\"eleveld-adult\"", "The first letters of the people that it binds. A required criterion that binds nobody is an error.").beside("measure = \"nadir\"\nat-most = 1"),
            key("aim", Holds::Truth, Value("false"), "true", "Reported only: a missed aim does not fail the trial.").beside("measure = \"nadir\"\nat-most = 1"),
        ],
    },
];

/// Faults, which stand in the book before the hazards.
pub(super) const FAULT: SectionKeys = SectionKeys {
    heading: "[[faults]]",
    words: "One section a fault that holds in every arm; the same keys stand in `[[hazards.faults]]`.",
    keys: &FAULT_KEYS,
};

const FAULT_KEYS: [Key; 16] = [
    key("kind", Holds::Choice(&KIND_NAMES), Required, "\"dropout\"", "What is wrong."),
    whole(
        AT_SECOND,
        Value("0"),
        "1500",
        "Second since induction at which it begins; within the trial.",
    )
    .beside("kind = \"dropout\""),
    whole(SECONDS, Words("to the end of the trial"), "45", "How long it holds.")
        .beside("kind = \"dropout\""),
    number(WEIGHT, Required, "2", "`weight`: weight in the profile over the true one.")
        .beside("kind = \"weight\""),
    number(
        STRENGTH,
        Required,
        "2",
        "`strength`: strength in the syringe over that in the profile.",
    )
    .beside("kind = \"strength\""),
    number(DELIVERY, Required, "0.9", "`delivery-error`: delivered over counted drug.")
        .beside("kind = \"delivery-error\""),
    number(DELAY, Required, "3", "`delay`: over the person's own.").beside("kind = \"delay\""),
    number(QUALITY, Required, "30", "`quality`: the best that it is.").beside("kind = \"quality\""),
    number(RATIO, Required, "50", "`suppression`: what is shown.").beside("kind = \"suppression\""),
    number(BY, Required, "-15", "`jump`: added to the index.").beside("kind = \"jump\""),
    number(BIAS, Required, "15", "`muscle`: added to the index.")
        .beside("kind = \"muscle\"\npower-db = 60"),
    number(FALL, Required, "20", "`pressure-low`: taken from what the arterial line shows.")
        .beside("kind = \"pressure-low\""),
    number(POWER, Required, "60", "`muscle`: electromyogram shown.")
        .beside("kind = \"muscle\"\nby = 15"),
    number(JUMP, Required, "60", "`clock-jump`: by how many whole seconds; may be negative.")
        .beside("kind = \"clock-jump\""),
    key(
        "fails",
        Holds::Choice(&names(&ControllerFault::NAMES)),
        Required,
        "\"stuck\"",
        "`controller`: how it fails.",
    )
    .beside("kind = \"controller\""),
    key(
        "fails",
        Holds::Choice(&names(&ProfileFault::NAMES)),
        Required,
        "\"older\"",
        "`profile`: what is wrong with the stored one.",
    )
    .beside("kind = \"profile\""),
];

/// What each kind means.
pub(super) const KINDS: [(&str, &str); KIND_NAMES.len()] = [
    (
        "weight",
        "Both entries of the weight in the signed profile are the true weight times `factor`. The profile may refuse it; then nothing is started, and that is counted.",
    ),
    ("strength", "The syringe holds `factor` times the strength that the profile says."),
    ("dropout", "Nothing is heard of the monitor."),
    ("quality", "Signal quality is at most `most-percent`; below 15 no index is computed."),
    ("muscle", "The index reads `by` too high, and the electromyogram shows `power-db`."),
    ("frozen", "The monitor repeats its last sample with fresh times."),
    ("jump", "The index is off by `by`, and nothing else shows it."),
    ("delay", "The index comes `factor` times as late."),
    ("suppression", "The monitor shows a suppression that is not there."),
    ("unit-slip", "The value is a tenth of the index."),
    ("wrong-unit", "The frame names another unit."),
    ("duplicate-readings", "Every message of the monitor arrives twice."),
    ("late-readings", "Messages of the monitor are held back and arrive together at the end."),
    ("pressure-low", "The arterial line, which is connected then, shows `by-mmhg` less."),
    ("pressure-silent", "Nothing is heard of the arterial line, which is connected then."),
    ("occlusion", "Nothing passes the line; the pump notices by pressure alone."),
    ("pump-silent", "The pump is out of reach: no orders arrive and no reports come back."),
    ("reports-twice", "Reports of the pump arrive twice, and once more behind the next one."),
    ("delivery-error", "The pump delivers `factor` of what it counts."),
    ("clock-jump", "The monotonic clock jumps by `jump-s`."),
    ("controller", "The controller fails as `fails` says."),
    ("profile", "The stored profile is not the one that was installed, as `fails` says."),
    ("storage-lost", "The record cannot be written."),
];
