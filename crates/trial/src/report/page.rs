//! The shell of every page.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::figures::{STYLE, Svg};

const PAGE_STYLE: &str = include_str!("page.css");
/// Nothing is fetched and nothing runs: a reader may open the page anywhere.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// A whole page. `top` stands in the header under the title.
pub(super) fn page(title: &str, kind: &str, top: &Markup, body: &Markup) -> String {
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) (PreEscaped(PAGE_STYLE)) }
            }
            body {
                header.top {
                    div {
                        div.brand { "Homeostat \u{b7} " (kind) }
                        h1 { (title) }
                        (top)
                    }
                }
                main { (body) }
            }
        }
    };
    markup.into_string()
}

/// A figure in the page.
pub(super) fn figure(svg: &Svg, class: &str) -> Markup {
    PreEscaped(svg.inline(class))
}

/// Names and values in a grid.
pub(super) fn facts(facts: &[(&str, &str)]) -> Markup {
    html! {
        dl.facts {
            @for (name, value) in facts {
                div { dt { (name) } dd { (value) } }
            }
        }
    }
}

/// Terms and meanings.
pub(super) fn glossary(terms: &[&[(&str, &str)]]) -> Markup {
    html! {
        h2 id="glossary" { "Words" }
        dl.glossary {
            @for (term, meaning) in terms.iter().copied().flatten() {
                div { dt { (term) } ": " dd { (meaning) } }
            }
        }
    }
}

/// A tick or a cross in words' company: colour is not the only sign.
pub(super) fn mark(good: bool) -> Markup {
    let path = if good { "M3 9l4 4 8-10" } else { "M4 4l10 10m0-10l-10 10" };
    html! {
        svg viewBox="0 0 18 18" aria-hidden="true" fill="none" stroke="currentColor"
            stroke-width="2.4" stroke-linecap="round" { path d=(path) {} }
    }
}
