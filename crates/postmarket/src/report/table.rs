//! The scan as a table in a terminal.

use super::{Finding, Scan, class_word, one_line, products, rejected_words, score};
use std::fmt::Write as _;

const SUMMARY_COLUMNS: usize = 60;

/// The scan as text, a line a finding, the counts last. No line is cut but the summaries.
#[must_use]
pub fn table(scan: &Scan<'_>) -> String {
    let rows: Vec<[String; 6]> = scan.findings.iter().map(row).collect();
    let head = ["component", "version", "vulnerability", "score", "for patients", "fixed in"];
    let widths: Vec<usize> = (0..head.len())
        .map(|column| {
            let of_rows = rows.iter().filter_map(|row| row.get(column));
            let widest = of_rows.map(|cell| cell.chars().count()).max().unwrap_or(0);
            widest.max(head.get(column).map_or(0, |word| word.chars().count()))
        })
        .collect();
    let mut text = String::new();
    let mut line = |cells: &[String]| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| {
            let (cell, gap) = (one_line(cell), width.saturating_sub(cell.chars().count()));
            format!("{cell}{}", " ".repeat(gap))
        });
        let joined = padded.collect::<Vec<_>>().join("  ");
        text.push_str(joined.trim_end());
        text.push('\n');
    };
    if !rows.is_empty() {
        line(&head.map(str::to_owned));
        line(&widths.iter().map(|width| "-".repeat(*width)).collect::<Vec<_>>());
    }
    for (row, finding) in rows.iter().zip(&scan.findings) {
        line(row);
        let summary: String = finding.vulnerability.summary.chars().take(SUMMARY_COLUMNS).collect();
        let more = if finding.vulnerability.summary.chars().count() > SUMMARY_COLUMNS {
            "..."
        } else {
            ""
        };
        line(&[format!("    {summary}{more}")]);
        for sign in &finding.vulnerability.signs {
            line(&[format!("    {sign}")]);
        }
        if let Some(due) = finding.due.iter().min() {
            line(&[format!("    due {}: {} ({})", due.at, due.clock, due.state)]);
        }
    }
    if !rows.is_empty() {
        text.push('\n');
    }
    counts(scan, &mut text);
    text
}

fn row(finding: &Finding<'_>) -> [String; 6] {
    let harm = finding.harm.as_ref();
    let class = harm.map_or_else(
        || "not assessed".to_owned(),
        |harm| {
            let proposed = if harm.decided.is_none() { " (proposed)" } else { "" };
            format!("{}{proposed}", class_word(harm.class))
        },
    );
    let sure = if finding.uncertain { "? " } else { "" };
    [
        finding.component.to_string(),
        finding.version.to_string(),
        format!("{sure}{}", finding.id()),
        finding.vulnerability.score_tenths.map_or_else(|| "-".to_owned(), score),
        class,
        if finding.fixed_in.is_empty() { "-".to_owned() } else { finding.fixed_in.join(", ") },
    ]
}

fn counts(scan: &Scan<'_>, text: &mut String) {
    let uncertain = scan.findings.iter().filter(|finding| finding.uncertain).count();
    let records: usize = scan.feeds.iter().map(|feed| feed.records).sum();
    let _ = writeln!(
        text,
        "{} components against {records} records of {} feeds: {} findings, {uncertain} of them uncertain, {}",
        scan.components,
        scan.feeds.len(),
        scan.findings.len(),
        match scan.uncontrolled() {
            Some(uncontrolled) => format!("{uncontrolled} uncontrolled"),
            None => "not assessed for patients (--risks)".to_owned(),
        },
    );
    if let Some(age) = scan.age() {
        let _ = writeln!(text, "the oldest feed was fetched {}", age.words());
    }
    if !scan.own.is_empty() {
        let words = "components are the product's own, which no feed speaks of";
        let _ = writeln!(text, "{} {words}", scan.own.len());
    }
    if !scan.queue.is_empty() {
        let _ = writeln!(text, "{} wait for a person:", scan.queue.len());
        for waiting in scan.queue.iter().take(10) {
            let _ = writeln!(text, "  {}: {}", one_line(&waiting.subject), waiting.reason);
        }
        if scan.queue.len() > 10 {
            let _ = writeln!(text, "  and {} more, in the report", scan.queue.len() - 10);
        }
    }
    text.push_str(&products(&scan.products, 10));
    for rejected in scan.rejected.iter().take(10) {
        let _ = writeln!(text, "not read: {}", rejected_words(rejected));
    }
    if scan.rejected.len() > 10 {
        let _ = writeln!(text, "and {} more, in the report", scan.rejected.len() - 10);
    }
}
