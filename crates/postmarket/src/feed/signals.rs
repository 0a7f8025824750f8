//! Signs of exploitation: CISA's catalogue (JSON and CSV) and EPSS.

use super::event::{Event, Intake, Place, Signal, SignalKind, Sink};
use super::json::{Collector, Fault, MOST_RECORDS, records, text_of};

/// Reads CISA's known exploited vulnerabilities in JSON.
pub fn read_kev(bytes: &[u8], file: &str, to: &mut Sink<'_>) -> Intake {
    records(bytes, file, to, &["vulnerabilities"], |node| {
        let word = node.maybe("knownRansomwareCampaignUse")?.unwrap_or("Unknown");
        let id = cve(node.need("cveID")?).ok_or_else(|| node.fault("a CVE id in cveID"))?;
        let since = node.need("dateAdded")?;
        Ok(vec![known(id, word, since, node.place(file))])
    })
}

/// Reads the same catalogue as CSV, whose header names the columns.
pub fn read_kev_csv(bytes: &[u8], file: &str, to: &mut Sink<'_>) -> Intake {
    table(bytes, file, to, &["cveID", "dateAdded", "knownRansomwareCampaignUse"], |row, place| {
        let id = cve(row[0]).ok_or_else(|| expected(&place, "a CVE id in cveID", row[0]))?;
        if row[1].is_empty() {
            return Err(expected(&place, "a date in dateAdded", row[1]));
        }
        Ok(known(id, row[2], row[1], place))
    })
}

fn known(id: &str, ransomware: &str, since: &str, place: Place) -> Event {
    let ransomware = ransomware.eq_ignore_ascii_case("known");
    Event::Signal(Signal {
        id: id.to_owned(),
        kind: SignalKind::KnownExploited { ransomware },
        asserter: "CISA".into(),
        since: since.to_owned(),
        place,
    })
}

/// Reads a daily file of EPSS. Its first line is a comment that names the model and the day.
pub fn read_epss(bytes: &[u8], file: &str, to: &mut Sink<'_>) -> Intake {
    let since = text_of(bytes).ok().and_then(score_date).unwrap_or_default();
    table(bytes, file, to, &["cve", "epss", "percentile"], |row, place| {
        let id = cve(row[0]).ok_or_else(|| expected(&place, "a CVE id in cve", row[0]))?;
        let probability = share(row[1]).ok_or_else(|| expected(&place, "epss in 0..1", row[1]))?;
        let percentile =
            share(row[2]).ok_or_else(|| expected(&place, "percentile in 0..1", row[2]))?;
        Ok(Event::Signal(Signal {
            id: id.to_owned(),
            kind: SignalKind::Predicted { probability, percentile },
            asserter: "FIRST EPSS".into(),
            since: since.clone(),
            place,
        }))
    })
}

fn score_date(text: &str) -> Option<String> {
    let comment = text.lines().next()?.strip_prefix('#')?;
    let field = comment.split(',').find_map(|field| field.trim().strip_prefix("score_date:"))?;
    Some(field.trim().to_owned())
}

fn share(text: &str) -> Option<f64> {
    text.parse().ok().filter(|share| (0.0..=1.0).contains(share))
}

pub(super) fn cve(text: &str) -> Option<&str> {
    let text = text.trim();
    let (year, number) = text.strip_prefix("CVE-")?.split_once('-')?;
    let digits = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    (year.len() == 4 && digits(year) && digits(number)).then_some(text)
}

fn expected(place: &Place, what: &str, found: &str) -> Fault {
    let found: String = found.chars().take(60).collect();
    Fault::new(place.pointer.clone(), format!("expected {what}, found {found:?}"))
}

/// Rows of a CSV file by the names of their columns.
fn table<const N: usize>(
    bytes: &[u8],
    file: &str,
    to: &mut Sink<'_>,
    columns: &[&str; N],
    read: impl Fn([&str; N], Place) -> Result<Event, Fault>,
) -> Intake {
    let mut collector = Collector::new(file, to);
    let text = match text_of(bytes) {
        Ok(text) => text,
        Err(fault) => {
            collector.record(Err(fault));
            return collector.finish();
        }
    };
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let header = reader.headers().cloned().unwrap_or_default();
    let mut indices = [0; N];
    for (index, column) in indices.iter_mut().zip(columns) {
        match header.iter().position(|name| name == *column) {
            Some(found) => *index = found,
            None => {
                let reason = format!("expected a header with the column {column:?}, found none");
                collector.record(Err(Fault::break_off("line 1", reason)));
                return collector.finish();
            }
        }
    }
    for (number, row) in reader.records().take(MOST_RECORDS).enumerate() {
        collector.record(
            row.map_err(|error| Fault::new(format!("record {}", number + 1), error.to_string()))
                .and_then(|row| {
                    let line = row.position().map_or(0, csv::Position::line);
                    let place = Place { file: file.into(), pointer: format!("line {line}") };
                    let cells = indices.map(|index| row.get(index).unwrap_or(""));
                    Ok(vec![read(cells, place)?])
                }),
        );
    }
    collector.finish()
}
