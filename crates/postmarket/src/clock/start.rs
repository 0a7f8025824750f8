//! Which clocks start: from a decision, and from what happened in the field.

use super::state::{Clock, ClockError, Start};
use super::table::Table;
use crate::harm::decision::Record;
use crate::harm::matrix::Class;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// An event that clocks wait for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Happened {
    /// The event, as the table names it.
    pub event: String,
    /// When.
    pub time: Timestamp,
    /// Why it is taken to have happened.
    pub reason: String,
}

/// What is known of an attack in the field.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Incident {
    /// Devices of the maker were attacked, or may have been: uncertain cases are reported anyway.
    pub attacked: bool,
    /// Death or unanticipated serious deterioration may have come of it.
    pub death_or_deterioration: bool,
    /// Personal data were read or lost.
    pub data_breached: bool,
}

/// The events that a finding of a class, with its record, and what happened in the field amount to.
///
/// An attack on a device that sustains life is a candidate for the class of 2 days at once (PMK-10): whoever thinks
/// otherwise corrects it, with a reason.
#[must_use]
pub fn happened(
    record: &Record,
    class: Class,
    incident: Incident,
    learned: Timestamp,
) -> Vec<Happened> {
    let mut found = Vec::new();
    let mut say = |event: &str, reason: &str| {
        found.push(Happened { event: event.to_owned(), time: learned, reason: reason.to_owned() });
    };
    let id = &record.inputs.vulnerability;
    say("signal-received", &format!("{id} was read"));
    if class == Class::Uncontrolled {
        say("learned-of-uncontrolled-vulnerability", &format!("{id} is uncontrolled"));
    }
    if class != Class::NotAffected && record.inputs.signs.iter().any(|sign| sign.exploited()) {
        say("aware-of-active-exploitation", &format!("{id} is said to be exploited"));
    }
    if incident.attacked {
        say("aware-of-serious-incident", "devices were or may have been attacked");
        say("aware-of-reportable-event", "devices were or may have been attacked");
        say("aware-of-severe-incident", "devices were or may have been attacked");
        say("aware-of-significant-incident", "devices were or may have been attacked");
        if record.inputs.life_supporting {
            say(
                "aware-of-serious-public-health-threat",
                "an attack on a device that sustains life is preclassified",
            );
        }
    }
    if incident.death_or_deterioration {
        say("link-to-death-or-serious-deterioration-suspected", "a link is suspected");
    }
    if incident.data_breached {
        say("aware-of-personal-data-breach", "personal data were read or lost");
        say("discovered-breach-of-health-information", "personal data were read or lost");
    }
    found
}

/// The clocks of the table that run after what happened, for those scopes that hold for the maker.
///
/// # Errors
/// If nobody is named who says so.
pub fn start(
    table: &Table,
    happened: &[Happened],
    scopes: &BTreeSet<String>,
    subject: &str,
    by: &str,
    recorded: Timestamp,
) -> Result<Vec<Clock>, ClockError> {
    let mut clocks = Vec::new();
    for row in table.rows.iter().filter(|row| scopes.contains(&row.scope)) {
        if let Some(event) = happened.iter().filter(|event| event.event == row.start).min() {
            clocks.push(Clock::new(row.clone(), subject).start(Start {
                time: event.time,
                reason: event.reason.clone(),
                by: by.to_owned(),
                recorded,
            })?);
        }
    }
    Ok(clocks)
}
