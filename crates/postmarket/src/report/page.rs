//! The scan as one self-contained page: the finding, the reason, the patient path, the due date.

use super::{Due, Finding, Harm, Scan, class_word, exploitability_word, score, severity_word};
use crate::harm::matrix::Class;
use crate::matching::Waiting;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::borrow::Cow;

const STYLE: &str = include_str!("page.css");
/// Nothing is fetched and nothing runs: a reader may open the page anywhere.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// The page.
#[must_use]
pub fn page(scan: &Scan<'_>) -> String {
    let title = format!("Known vulnerabilities of {}", scan.subject);
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header.top { div {
                    div.brand { "Homeostat \u{b7} post-market" }
                    h1 { (title) }
                    (top(scan))
                } }
                main {
                    (overview(scan))
                    (findings(scan))
                    (queue(scan))
                    (feeds(scan))
                    footer {
                        "Supports evidence for a maker's own decisions. Homeostat is not a cleared medical device, files \
                         nothing by itself, and a class that no named person decided is a proposal."
                    }
                }
            }
        }
    };
    markup.into_string()
}

/// Green is only what was compared with everything that the feeds of these days say.
fn verdict(scan: &Scan<'_>) -> (&'static str, String) {
    if let Some(unread) = scan.unread() {
        return ("bad", unread);
    }
    match (scan.uncontrolled(), scan.findings.len(), scan.age()) {
        (_, 0, Some(age)) if age.is_old() => {
            ("warn", format!("nothing known against it by feeds of {age}"))
        }
        (_, 0, _) => match waiting(scan) {
            0 => ("good", "nothing known against it".to_owned()),
            some => ("warn", format!("nothing known against it, and {some} wait for a person")),
        },
        (None, found, _) => ("bad", format!("{found} to look at, not assessed for patients")),
        (Some(0), found, _) => ("warn", format!("{found} to look at, none uncontrolled")),
        (Some(some), ..) => ("bad", format!("{some} uncontrolled: somebody must act")),
    }
}

/// What a person must look at before it can be told whether it concerns this bill.
fn waiting(scan: &Scan<'_>) -> usize {
    scan.queue.len() + alike(scan).count()
}

fn top(scan: &Scan<'_>) -> Markup {
    let (class, words) = verdict(scan);
    html! {
        div.verdict.(class) { (words) }
        dl.facts {
            div { dt { "Scanned" } dd { (scan.at) } }
            div { dt { "Bill of materials" } dd { (scan.form) ", " code title=(scan.bill) { (short(&scan.bill)) } } }
            div { dt { "Components" } dd {
                (scan.components)
                @if !scan.own.is_empty() { ", " (scan.own.len()) " of them the product's own" }
            } }
            div { dt { "Records compared" } dd { (scan.feeds.iter().map(|feed| feed.records).sum::<usize>()) } }
            @if let Some(age) = scan.age() { div { dt { "Oldest feed" } dd { (age) } } }
            div { dt { "Homeostat" } dd { (scan.program) } }
        }
    }
}

/// Severity of harm down, exploitability across: where everything stands at one look.
fn overview(scan: &Scan<'_>) -> Markup {
    use crate::harm::function_map::Severity;
    use crate::harm::matrix::Exploitability::{High, Low, Medium};
    let assessed: Vec<&Harm> =
        scan.findings.iter().filter_map(|finding| finding.harm.as_deref()).collect();
    if assessed.is_empty() {
        return html! {
            @if !scan.findings.is_empty() {
                p.notice { b { "Not assessed for patients. " }
                    "Give the risk file of the device (" code { "--risks FILE.toml" } ") to see which function, \
                     which hazard and which harm each finding reaches." }
            }
        };
    }
    let levels: Vec<Severity> = Severity::ALL.into_iter().rev().collect();
    html! {
        h2 { "Where they stand" }
        p.lead { "Findings by how bad the worst harm to a patient would be and how easily it is brought about. \
                  Red cells hold uncontrolled ones." }
        div.panel.scroll { table.matrix {
            thead { tr { th.l { "worst harm" } @for column in [Low, Medium, High] { th { (exploitability_word(column)) } } } }
            tbody { @for level in levels { tr {
                th.l { (severity_word(level)) }
                @for column in [Low, Medium, High] {
                    @let here: Vec<&&Harm> = assessed.iter()
                        .filter(|harm| harm.severity == level && harm.exploitability == column).collect();
                    @let bad = here.iter().filter(|harm| harm.class == Class::Uncontrolled).count();
                    td.bad[bad > 0].some[bad == 0 && !here.is_empty()] {
                        @if here.is_empty() { "\u{b7}" } @else { b { (here.len()) } }
                        @if bad > 0 && bad < here.len() { span.small { " " (bad) " uncontrolled" } }
                    }
                }
            } } }
        } }
    }
}

fn findings(scan: &Scan<'_>) -> Markup {
    html! {
        h2 { "Findings" }
        @if scan.findings.is_empty() {
            p.lead {
                "No record of these feeds concerns a component of this bill."
                @if waiting(scan) > 0 { " What waits for a person stands below." }
            }
        }
        @for finding in &scan.findings { (one(finding)) }
    }
}

fn one(finding: &Finding<'_>) -> Markup {
    let class = finding.harm.as_ref().map(|harm| harm.class);
    let edge = match class {
        Some(Class::Uncontrolled) => "uncontrolled",
        Some(Class::Controlled) => "controlled",
        Some(Class::NotAffected) => "unaffected",
        None => "plain",
    };
    html! {
        article.finding.(edge) id=(anchor(finding)) {
            div.head {
                h3 { (finding.id()) @for other in finding.vulnerability.ids.iter().skip(1) { span.alias { (other) } } }
                div.tags {
                    @if let Some(class) = class { span.tag.(edge) { (class_word(class)) } }
                    @if finding.uncertain { span.tag.uncertain { "uncertain" } }
                    @if let Some(tenths) = finding.vulnerability.score_tenths { span.tag { "CVSS " (score(tenths)) } }
                }
            }
            p.what { b { (finding.place()) } " \u{2014} " (finding.vulnerability.summary) }
            dl.rows {
                dt { "Why" } dd { (finding.why) " " span.muted { (finding.vulnerability.sources.join(", ")) } }
                @if let Some(harm) = &finding.harm { (patient(harm)) }
                @if !finding.vulnerability.signs.is_empty() { dt { "Exploited" } dd { (finding.vulnerability.signs.join("; ")) } }
                @if !finding.due.is_empty() { dt { "Due" } dd { (clocks(&finding.due)) } }
                dt { "Fixed in" }
                dd { @if finding.fixed_in.is_empty() { "no fixed version is known" } @else { (finding.fixed_in.join(", ")) } }
                @if let Some(vector) = &finding.vulnerability.vector { dt { "Vector" } dd { code { (vector) } } }
                @if !finding.vulnerability.references.is_empty() { dt { "Read on" } dd { (links(&finding.vulnerability.references)) } }
            }
        }
    }
}

fn patient(harm: &Harm) -> Markup {
    html! {
        dt { "Patient" }
        dd {
            div.path {
                @for (number, step) in harm.path.iter().enumerate() {
                    @if number > 0 { span.arrow { "\u{2192}" } }
                    span.step { (step) }
                }
                span.arrow { "\u{2192}" }
                span.step.harm { "harm: " (severity_word(harm.severity)) }
            }
            @if harm.unlinked {
                div.small.muted { "No line of the risk file speaks of this component: the device's worst hazard stands for it." }
            }
        }
        dt { "Class" }
        dd {
            (class_word(harm.class)) ": " (harm.rule) "; " (exploitability_word(harm.exploitability)) ". "
            @match &harm.decided {
                Some(who) => span { "Decided: " (who) "." },
                None => span.muted { "Proposed by the rules; nobody has decided." },
            }
            @for other in &harm.nearest { div.small.muted { (other) } }
        }
    }
}

fn clocks(due: &[Due]) -> Markup {
    let mut due: Vec<&Due> = due.iter().collect();
    due.sort();
    html! { @for due in due {
        div { span.due.late[due.state == "overdue"] { (due.at) } " " (due.clock) " " span.muted { "(" (due.state) ")" } }
    } }
}

/// Only what is surely a web address becomes a link.
fn links(references: &[Cow<'_, str>]) -> Markup {
    html! { @for (number, address) in references.iter().take(6).enumerate() {
        @if number > 0 { " \u{b7} " }
        @if address.starts_with("https://") || address.starts_with("http://") {
            a href=(address) rel="noreferrer noopener" { (address) }
        } @else { (address) }
    } }
}

fn queue(scan: &Scan<'_>) -> Markup {
    html! {
        @if !scan.queue.is_empty() {
            h2 { "Waits for a person" }
            p.lead { "Neither affected nor unaffected: no rule can answer. Unknown is never \u{201c}not affected\u{201d}." }
            div.panel.scroll { table.words {
                thead { tr { th.l { "what" } th.l { "advisory" } th.l { "why, and what to do" } } }
                tbody { @for waiting in &scan.queue { tr {
                    td.l { (waiting.subject) }
                    td.l { (waiting.advisory.as_deref().unwrap_or("\u{2014}")) }
                    td.l.wrap { (waiting.reason) }
                } } }
            } }
        }
        (products(scan))
        @if !scan.rejected.is_empty() {
            h2 { "Not read" }
            div.panel.scroll { table.words {
                thead { tr { th.l { "file" } th.l { "place" } th.l { "why" } } }
                tbody { @for rejected in &scan.rejected { tr {
                    td.l { (rejected.place.file) }
                    td.l { code { (rejected.place.pointer) } }
                    td.l.wrap { (rejected.reason) }
                } } }
            } }
        }
    }
}

/// Rows of products that a page shows; programs get all.
const PRODUCTS_SHOWN: usize = 100;

/// Products that are like a component: where a person looks first.
fn alike<'a>(scan: &'a Scan<'_>) -> impl Iterator<Item = &'a Waiting> {
    scan.products.iter().filter(|one| !one.alike.is_empty())
}

fn products(scan: &Scan<'_>) -> Markup {
    let (all, count) = (scan.products.len(), alike(scan).count());
    html! {
        @if all > 0 {
            h2 { "Products that no component bears the name of" }
            p.lead {
                (all) " products of these advisories wait for a person; " (count) " share words with a component of this \
                 bill. Give the component the vendor's name, or the product a row in the table of products (\
                 " code { "--products FILE.toml" } "), which also says what is none of yours. "
                code { "--json" } " lists all."
            }
        }
        @if count > 0 {
            div.panel.scroll { table.words {
                thead { tr { th.l { "vendor" } th.l { "product" } th.l { "is it" } th.l { "advisories" } } }
                tbody { @for one in alike(scan).take(PRODUCTS_SHOWN) { tr {
                    td.l.wrap { (one.vendor) }
                    td.l.wrap { (one.product) }
                    td.l.wrap { (one.alike.join(", ")) "?" }
                    td.l.wrap { (one.advisories.join(", ")) }
                } } }
            } }
            @if count > PRODUCTS_SHOWN { p.muted { "and " (count - PRODUCTS_SHOWN) " more like a component" } }
        }
    }
}

fn feeds(scan: &Scan<'_>) -> Markup {
    html! {
        h2 { "Compared with" }
        div.panel.scroll { table.words {
            thead { tr { th.l { "feed" } th { "records" } th.l { "fetched" } th.l { "SHA-256" } } }
            tbody { @for feed in &scan.feeds { tr {
                td.l { (feed.name) }
                td { (feed.records) }
                td.l { (feed.fetched) }
                td.l { code title=(feed.digest) { (short(&feed.digest)) } }
            } } }
        } }
    }
}

fn anchor(finding: &Finding<'_>) -> String {
    let text = format!("{}-{}-{}", finding.id(), finding.component, finding.version);
    text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}

fn short(digest: &str) -> &str {
    digest.get(..16).unwrap_or(digest)
}
