//! Every key of a scenario file: what it holds, what stands in its place when it is left out, and an
//! example. `format` writes the book's page from this and holds it to what the reader does.

use crate::engine::{ControllerFault, ProfileFault};
use crate::insulin::scenario::keys::*;
use crate::insulin::scenario::read::KIND_NAMES;
use crate::insulin::scenario::{Control, Measure, Over, PumpModel, SensorModel};
use crate::keys::book::{Holds, LeftOut, SectionKeys, key, number, whole};
use crate::scenario::keys::*;

use LeftOut::{Required, Value, Words};

/// Every section with its keys, in the order of the book.
pub(super) const SECTIONS: [SectionKeys; 9] = [
    SectionKeys {
        heading: "",
        words: "Before the first section.",
        keys: &[
            key(
                "name",
                Holds::Text,
                Value("\"Standard days\""),
                "\"A week\"",
                "The report's title.",
            ),
            key(
                "therapy",
                Holds::Choice(&names(&THERAPIES)),
                Value("\"insulin\""),
                "\"insulin\"",
                "Which therapy is tried.",
            ),
        ],
    },
    SectionKeys {
        heading: "[patients]",
        words: "Who is treated.",
        keys: &[
            key(
                "family",
                Holds::Choice(&names(&FAMILIES)),
                Value("\"uva-padova\""),
                "\"hovorka\"",
                "The 30 published subjects, or a cohort drawn by seed. Not beside `file`.",
            ),
            key(
                "file",
                Holds::Path,
                Words("none"),
                "\"my-subjects.csv\"",
                "A parameter file in simglucose's form (and `Quest.csv`, if that stands beside it). The path is seen from the scenario's own folder.",
            ),
            key(
                "subjects",
                Holds::Texts,
                Words("everyone"),
                "[\"adult#001\", \"child#002\"]",
                "Only these, each once. A name that the cohort does not have is an error.",
            ),
            whole(
                COUNT,
                Words("everyone; 30 of a drawn cohort"),
                "4",
                "How many to draw, or to take from the start of the table. Not beside `subjects`; \
                 not more than there are.",
            ),
            whole(COHORT_SEED, Value("1"), "9", "The seed of a drawn cohort; for no other.")
                .beside("family = \"hovorka\""),
        ],
    },
    SectionKeys {
        heading: "[time]",
        words: "How long a trial runs.",
        keys: &[
            whole(RUN_IN, Value("7"), "1", "Days before scoring, in which controllers adapt."),
            whole(DAYS, Value("3"), "2", "Scored days."),
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
            key(
                "sensor",
                Holds::Choice(&names(&SensorModel::NAMES)),
                Value("\"ideal\""),
                "\"g6\"",
                "The errors of the glucose sensor.",
            ),
            key(
                "pump",
                Holds::Choice(&names(&PumpModel::NAMES)),
                Value("\"exact\""),
                "\"patch\"",
                "The steps and errors of the pump.",
            ),
        ],
    },
    SectionKeys {
        heading: "[[meals]]",
        words: "One section a meal of every day, eaten at up to 5 g/min. Without any: 45 g at 07:00, \
                70 g at 12:00, 80 g at 18:00. For no meal at all write `meals = []`.",
        keys: &[
            key(
                "at",
                Holds::TimeOfDay,
                Required,
                "\"07:30\"",
                "When eating begins; one meal a time.",
            )
            .beside("carbohydrate-g = 60"),
            number(CARBOHYDRATE, Required, "60", "Carbohydrate.").beside("at = \"07:30\""),
        ],
    },
    SectionKeys {
        heading: "[[arms]]",
        words: "One section a way of treating every subject. Without any: `open-loop`, `rules` and \
                `mpc`.",
        keys: &[
            key(
                "controller",
                Holds::Choice(&names(&Control::NAMES)),
                Required,
                "\"mpc\"",
                "Who decides.",
            ),
            key(
                "announce",
                Holds::Choice(&names(&ANNOUNCE)),
                Value("\"yes\""),
                "\"no\"",
                "Whether meals are announced. Always `\"yes\"` for an open loop.",
            )
            .beside("controller = \"mpc\""),
            key(
                "name",
                Holds::Name,
                Words("the controller's name, with `-unannounced` where that is so"),
                "\"mpc-plain\"",
                "Names the arm's folder; each arm has its own.",
            )
            .beside("controller = \"mpc\""),
        ],
    },
    SectionKeys {
        heading: "[[hazards]]",
        words: "One section a named set of faults (`[[hazards.faults]]`): every arm runs once under \
                each. Without any: one undisturbed run.",
        keys: &[
            key("name", Holds::Name, Required, "\"bias-high\"", "Names the hazard's folders."),
            key(
                "words",
                Holds::Text,
                Words("the name"),
                "\"Sensor reads 15 % too high\"",
                "For the report.",
            )
            .beside("name = \"bias-high\""),
            key(
                "judged",
                Holds::Truth,
                Value("true"),
                "false",
                "Whether the criteria bind under this hazard.",
            )
            .beside("name = \"bias-high\""),
        ],
    },
    SectionKeys {
        heading: "[[criteria]]",
        words: "One section a criterion. Without any: the usual bars for the sensor, or for hazards.",
        keys: &[
            key(
                "measure",
                Holds::Choice(&names(&Measure::NAMES)),
                Required,
                "\"below-54\"",
                "Share of the scored time, on the true glucose, mg/dL.",
            )
            .beside("at-most-percent = 1"),
            key(
                "over",
                Holds::Choice(&names(&Over::NAMES)),
                Value("\"mean\""),
                "\"each\"",
                "How subjects are gathered: their mean or median; `p10`: what a tenth of them are below; `each`: everyone alone.",
            )
            .beside("measure = \"below-54\"\nat-most-percent = 1"),
            number(CRITERIA.most, Words("one of the two is needed"), "0.5", "The upper bound.")
                .beside("measure = \"below-54\""),
            number(CRITERIA.least, Words("one of the two is needed"), "90", "The lower bound.")
                .beside("measure = \"in-range\""),
            key(
                "arms",
                Holds::Texts,
                Words("all that are not open loop"),
                "[\"mpc\"]",
                "The arms that it binds, by name.",
            )
            .beside("measure = \"below-54\"\nat-most-percent = 1"),
            key(
                "subjects",
                Holds::Text,
                Words("everyone"),
                "\"child\"",
                "The first letters of the subjects that it binds. A required criterion that binds \
                 nobody is an error.",
            )
            .beside("measure = \"below-54\"\nat-most-percent = 1"),
            key(
                "aim",
                Holds::Truth,
                Value("false"),
                "true",
                "Reported only: a missed aim does not fail the trial.",
            )
            .beside("measure = \"below-54\"\nat-most-percent = 1"),
        ],
    },
];

/// The keys of a fault; which of them a fault has depends on its kind.
pub(super) const FAULT: SectionKeys = SectionKeys {
    heading: "[[faults]]",
    words: "One section a fault that holds in every arm; the same keys stand in `[[hazards.faults]]`.",
    keys: &[
        key("kind", Holds::Choice(&KIND_NAMES), Required, "\"dropout\"", "What is wrong."),
        whole(DAY, Value("1"), "2", "First scored day on which it holds; at most the last day.")
            .beside("kind = \"dropout\""),
        key(
            "at",
            Holds::TimeOfDay,
            Value("\"00:00\""),
            "\"13:00\"",
            "Time of that day at which it begins.",
        )
        .beside("kind = \"dropout\""),
        whole(
            MINUTES,
            Words("to the end of the trial"),
            "60",
            "How long it holds; at most 1440 with `daily`.",
        )
        .beside("kind = \"dropout\""),
        key(
            "daily",
            Holds::Truth,
            Value("false"),
            "true",
            "Whether it comes again on each later day; needs `minutes`.",
        )
        .beside("kind = \"dropout\"\nminutes = 60"),
        number(CARBS, Required, "1.3", "`carb-error`: announced over true carbohydrate.")
            .beside("kind = \"carb-error\""),
        number(BIAS, Required, "1.15", "`bias`: shown over true glucose.")
            .beside("kind = \"bias\""),
        number(DELIVERY, Required, "0.95", "`delivery-error`: delivered over counted insulin.")
            .beside("kind = \"delivery-error\""),
        whole(LATE, Required, "15", "`bolus-late`, `late-readings`: by how much.")
            .beside("kind = \"bolus-late\""),
        number(DEPTH, Required, "50", "`compression-low`: how far below the truth at most.")
            .beside("kind = \"compression-low\""),
        number(JUMP, Required, "60", "`clock-jump`: by how many whole minutes; may be negative.")
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
        number(
            BASAL,
            Value("1.0"),
            "1.33",
            "`settings`: basal rate in the profile over the true one.",
        )
        .beside("kind = \"settings\""),
        number(RATIO, Value("1.0"), "0.67", "`settings`: the same for the carbohydrate ratio.")
            .beside("kind = \"settings\""),
        number(CORRECTION, Value("1.0"), "0.67", "`settings`: the same for the correction factor.")
            .beside("kind = \"settings\""),
        number(DOSE, Value("1.0"), "1.33", "`settings`: the same for the total daily dose.")
            .beside("kind = \"settings\""),
    ],
};

/// What each kind of fault is.
pub(super) const KINDS: [(&str, &str); KIND_NAMES.len()] = [
    ("settings", "Wrong settings in the signed profile, for the whole run: no time can be given."),
    ("carb-error", "The announced carbohydrate is the true one times `factor`."),
    ("bolus-late", "Announcement and bolus come `late-minutes` after the meal."),
    ("bolus-missed", "Meals are neither announced nor covered by a bolus."),
    ("announced-twice", "A caregiver announces each meal a second time, five minutes later."),
    ("dropout", "Nothing is heard of the sensor."),
    ("frozen", "The sensor repeats its last value with fresh times."),
    ("bias", "The sensor reads the true value times `factor`."),
    ("compression-low", "The sensor reads up to `depth-mg-dl` too low while it is lain upon."),
    ("duplicate-readings", "Every message of the sensor arrives twice."),
    ("late-readings", "Messages of the sensor arrive `late-minutes` late, all at once."),
    ("unit-slip", "The sensor's values are in mmol/L while its frames say mg/dL."),
    ("occlusion", "Nothing passes the cannula."),
    ("pump-silent", "The pump is out of reach: no orders arrive and no reports come back."),
    ("reports-twice", "Reports of the pump arrive twice, and once more behind the next one."),
    ("delivery-error", "The pump delivers `factor` of what it counts."),
    ("clock-jump", "The monotonic clock jumps by `jump-minutes`."),
    ("controller", "The controller fails as `fails` says."),
    ("profile", "The stored profile is not the one that was installed, as `fails` says."),
    ("storage-lost", "The record cannot be written."),
];
