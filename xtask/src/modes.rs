//! Writes the manual's mode table, alarm texts and diagram from the shipped table of causes, so
//! that the book cannot say another thing than the code.

use crate::shell::{self, Outcome};
use homeostat_record::{Authority, Priority};
use homeostat_supervisor::causes::{Delay, Release, Stage, priority};
use homeostat_supervisor::{Row, TABLE};
use std::fmt::Write as _;

const HEAD: &str = "\
# Modes, causes and alarms

Written by `cargo xtask modes` from the table in `crates/supervisor/src/table.rs`. The same table runs in the
device, in every trial and in every replay.

People choose the **phase**: off, self-test, standby, manual, advisory, automatic, service. Machines limit the
**authority** within it: the least that any cause allows. It falls at once and rises one level per dwell. What
people see is the **mode**, a projection of both.

| phase | authority | mode | what is delivered |
| --- | --- | --- | --- |
| automatic | full | M5 automatic | the controller's proposal within the guard |
| automatic | limited | M6 automatic, limited | the same, never above the profile's ceiling |
| automatic | background | M7 fallback, background | the profile's basic therapy |
| automatic | suspend | M8 fallback, suspended | the profile's suspension amount, which need not be zero |
| any | fail-stop | M9 fail-stop | nothing is ordered; the actuator's lease runs out |
| manual | full to background | M3 manual | what a person set, within the guard |
| advisory | full to limited | M4 advisory | a proposal once a person has confirmed it |
| off, self-test, standby, service | | M0, M1, M2, M10 | nothing automatic |

For the declared time after automatic operation ends, the hand-over summary (M11) is shown.

```mermaid
stateDiagram-v2
";

pub(crate) fn run(check: bool) -> Outcome {
    let mut text = HEAD.to_owned();
    diagram(&mut text);
    text.push_str("```\n\n");
    table(&mut text);
    alarms(&mut text);
    shell::generated("docs/book/modes.md", &text, check, "modes")
}

fn diagram(text: &mut String) {
    let levels =
        [Authority::Limited, Authority::Background, Authority::Suspend, Authority::FailStop];
    for level in levels {
        let causes: Vec<&str> = TABLE
            .iter()
            .filter(|row| row.stages.iter().any(|stage| stage.ceiling == level))
            .map(|row| row.cause.name())
            .collect();
        let _ = writeln!(text, "    Full --> {level:?}: {}", causes.join(", "));
    }
    for pair in [Authority::Full].iter().chain(&levels).collect::<Vec<_>>().windows(2) {
        let [upper, lower] = pair else { continue };
        let how =
            if **lower == Authority::FailStop { "authorised reset" } else { "clear and dwell" };
        let _ = writeln!(text, "    {lower:?} --> {upper:?}: {how}");
    }
}

fn table(text: &mut String) {
    text.push_str(
        "## Causes\n\nDelays are names; their length in cycles stands in the signed profile. \
         \"second\" is the ceiling when the cause comes again\nbefore a person has acknowledged \
         it.\n\n| cause | class | at most | second | released by | requirement |\n\
         | --- | --- | --- | --- | --- | --- |\n",
    );
    for row in &TABLE {
        let stages: Vec<String> = row.stages.iter().map(stage_words).collect();
        let second = row.second.map_or_else(String::new, |level| authority(level).to_owned());
        let _ = writeln!(
            text,
            "| {} | {} | {} | {second} | {} | {} |",
            row.cause.name(),
            format!("{:?}", row.class).to_lowercase(),
            stages.join("; "),
            release(row.release),
            row.requirement
        );
    }
}

fn alarms(text: &mut String) {
    text.push_str(
        "\n## Alarm conditions\n\nPriority follows from harm and onset (ALM-02). A latching \
         condition stays until a person acknowledges it.\n\n\
         | cause | kind | priority | latching | unanswered | message | what to do |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for row in &TABLE {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} |",
            row.cause.name(),
            format!("{:?}", row.kind).to_lowercase(),
            priorities(row),
            if row.latching { "yes" } else { "no" },
            if row.escalates { "escalates" } else { "stays" },
            row.message,
            row.advice
        );
    }
}

fn stage_words(stage: &Stage) -> String {
    let after = match stage.after {
        Delay::Now => "at once",
        Delay::InputLimited => "after `input_limited`",
        Delay::InputLost => "after `input_lost`",
        Delay::Implausible => "after `implausible`",
        Delay::DeadlineMisses => "after `deadline_misses`",
        Delay::RecordLost => "after `record_lost`",
        Delay::Escalation => "after `escalation`",
    };
    format!("{} {after}", authority(stage.ceiling))
}

fn priorities(row: &Row) -> String {
    let words = |stage: &Stage| match priority(stage.harm, stage.onset) {
        Priority::None => "none",
        Priority::Low => "low",
        Priority::Medium => "medium",
        Priority::High => "high",
    };
    row.stages.iter().map(words).collect::<Vec<_>>().join(", then ")
}

const fn authority(level: Authority) -> &'static str {
    match level {
        Authority::FailStop => "fail-stop",
        Authority::Suspend => "suspend",
        Authority::Background => "background",
        Authority::Limited => "limited",
        Authority::Full => "full (alarm alone)",
    }
}

const fn release(release: Release) -> &'static str {
    match release {
        Release::WhenClear => "clear and dwell",
        Release::Acknowledge => "clear, dwell, acknowledged",
        Release::Reconcile => "clear, dwell, ledger reconciled",
        Release::AuthorisedReset => "clear, reset by an authorised person, self-test",
    }
}
