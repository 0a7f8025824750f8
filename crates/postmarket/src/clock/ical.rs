//! Clocks as an iCalendar file (RFC 5545): one event when a clock is due, with reminders at half and 80 % of its time.

use super::calendar::{Calendar, CalendarError};
use super::state::Clock;
use super::table::Row;
use crate::harm::canonical::digest;
use jiff::Timestamp;

/// Writes the clocks that run, by their time, each with the number by which it is known for ever: two clocks of one row for
/// one subject are two events. The same clocks give the same bytes; `now` is the stamp.
///
/// # Errors
/// If a time lies beyond the calendar.
pub fn ical<'a>(
    clocks: &'a [(i64, Clock)],
    now: Timestamp,
    calendar: impl Fn(&Row) -> &'a Calendar,
) -> Result<String, CalendarError> {
    let mut events = Vec::new();
    for (number, clock) in clocks.iter().filter(|(_, clock)| clock.stopped().is_none()) {
        let place = calendar(&clock.row);
        let Some(deadline) = clock.deadline(place)? else { continue };
        let mut lines = vec![
            "BEGIN:VEVENT".to_owned(),
            format!(
                "UID:{}@homeostat",
                &digest(format!("{number}\n{}\n{}", clock.row.id, clock.subject).as_bytes())[..32]
            ),
            format!("DTSTAMP:{}", stamp(now)),
            format!("DTSTART:{}", stamp(deadline.due)),
            format!("SUMMARY:{}", text(&format!("Due: {} ({})", clock.row.title, clock.subject))),
            format!("DESCRIPTION:{}", text(&description(clock))),
        ];
        for percent in [50, 80] {
            if let Some(at) = clock.share_gone(percent, place)? {
                lines.extend([
                    "BEGIN:VALARM".to_owned(),
                    "ACTION:DISPLAY".to_owned(),
                    format!("TRIGGER;VALUE=DATE-TIME:{}", stamp(at)),
                    format!(
                        "DESCRIPTION:{}",
                        text(&format!("{percent} % of the time gone: {}", clock.row.title))
                    ),
                    "END:VALARM".to_owned(),
                ]);
            }
        }
        lines.push("END:VEVENT".to_owned());
        events.push((deadline.due, *number, lines));
    }
    events.sort();
    let head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Homeostat//post-market clocks//EN"];
    let body = events.iter().flat_map(|(.., lines)| lines.iter().map(String::as_str));
    let lines = head.into_iter().chain(body).chain(["END:VCALENDAR"]);
    Ok(lines.map(folded).collect())
}

fn description(clock: &Clock) -> String {
    let since = clock
        .history()
        .last()
        .map_or(String::new(), |start| format!("since {} because {}; ", start.time, start.reason));
    format!("{}, {}; {since}stopped by: {}", clock.row.source, clock.row.paragraph, clock.row.stop)
}

fn stamp(time: Timestamp) -> String {
    time.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// RFC 5545, 3.3.11.
fn text(plain: &str) -> String {
    let mut escaped = String::new();
    for letter in plain.chars() {
        match letter {
            '\\' | ';' | ',' => escaped.extend(['\\', letter]),
            '\n' => escaped.push_str("\\n"),
            letter if letter.is_control() => {}
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// RFC 5545, 3.1: no line longer than 75 octets, ended by CR LF, and no letter torn.
fn folded(line: &str) -> String {
    let mut out = String::new();
    let mut used = 0;
    for letter in line.chars() {
        if used + letter.len_utf8() > 75 {
            out.push_str("\r\n ");
            used = 1;
        }
        out.push(letter);
        used += letter.len_utf8();
    }
    out.push_str("\r\n");
    out
}
