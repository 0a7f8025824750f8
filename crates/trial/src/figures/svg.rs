//! A small SVG writer: shapes with classes, numbers in fixed form.

use std::fmt::Write as _;

use super::style::STYLE;

/// Where a text is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A drawing under way. Lengths are in the units of its view box.
#[derive(Clone, Debug)]
pub struct Svg {
    width: f64,
    height: f64,
    title: String,
    body: String,
    stretches: bool,
}

/// A coordinate with at most one decimal, without a trailing zero or a negative zero. What is not
/// finite is written as 0: a drawing must not break on it.
pub(super) fn number(value: f64) -> String {
    let tenths = if value.is_finite() { (value * 10.0).round() } else { 0.0 };
    if tenths == 0.0 {
        return "0".to_owned();
    }
    let text = format!("{:.1}", tenths / 10.0);
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// Text made safe for markup.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\u{0}'..='\u{8}'
            | '\u{b}'
            | '\u{c}'
            | '\u{e}'..='\u{1f}'
            | '\u{fffe}'
            | '\u{ffff}' => {
                safe.push('\u{fffd}');
            }
            other => safe.push(other),
        }
    }
    safe
}

/// The `d` of a path through points; `M` first, then `L`.
pub(super) fn path_through(points: &[(f64, f64)]) -> String {
    let mut path = String::new();
    for (index, (x, y)) in points.iter().enumerate() {
        let command = if index == 0 { 'M' } else { 'L' };
        let _ = write!(path, "{command}{} {}", number(*x), number(*y));
    }
    path
}

impl Svg {
    /// An empty drawing. The title is what a screen reader says.
    #[must_use]
    pub fn new(width: f64, height: f64, title: &str) -> Self {
        Self { width, height, title: title.to_owned(), body: String::new(), stretches: false }
    }

    /// Lets the drawing fill its box in both directions; for shapes without words.
    pub(super) fn stretching(mut self) -> Self {
        self.stretches = true;
        self
    }

    fn push(&mut self, element: std::fmt::Arguments<'_>) -> &mut Self {
        let _ = self.body.write_fmt(element);
        self.body.push('\n');
        self
    }

    pub(super) fn rect(&mut self, class: &str, x: f64, y: f64, width: f64, height: f64) {
        let (x, y, width, height) = (number(x), number(y), number(width), number(height));
        self.push(format_args!(
            r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{height}"/>"#
        ));
    }

    pub(super) fn rounded(&mut self, class: &str, x: f64, y: f64, width: f64, height: f64) {
        let (x, y, width, height) = (number(x), number(y), number(width), number(height));
        self.push(format_args!(
            r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{height}" rx="3"/>"#
        ));
    }

    pub(super) fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let (x1, y1, x2, y2) = (number(from.0), number(from.1), number(to.0), number(to.1));
        self.push(format_args!(
            r#"<line class="{class}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>"#
        ));
    }

    pub(super) fn path(&mut self, class: &str, path: &str) {
        if !path.is_empty() {
            self.push(format_args!(r#"<path class="{class}" d="{path}"/>"#));
        }
    }

    pub(super) fn text(&mut self, class: &str, at: (f64, f64), anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => r#" text-anchor="middle""#,
            Anchor::End => r#" text-anchor="end""#,
        };
        let (x, y, text) = (number(at.0), number(at.1), escaped(text));
        self.push(format_args!(r#"<text class="{class}" x="{x}" y="{y}"{anchor}>{text}</text>"#));
    }

    /// Text turned a quarter to the left around its place.
    pub(super) fn upright_text(&mut self, class: &str, at: (f64, f64), text: &str) {
        let (x, y, text) = (number(at.0), number(at.1), escaped(text));
        self.push(format_args!(
            "<text class=\"{class}\" transform=\"translate({x} {y}) rotate(-90)\" \
             text-anchor=\"middle\">{text}</text>"
        ));
    }

    /// A shape with a tooltip: the path of a marker around a place.
    pub(super) fn marker(&mut self, class: &str, path: &str, tooltip: &str) {
        let tooltip = escaped(tooltip);
        self.push(format_args!(
            r#"<path class="{class}" d="{path}"><title>{tooltip}</title></path>"#
        ));
    }

    /// The drawing as an element for an HTML page that carries [`STYLE`]. `class` is the page's.
    #[must_use]
    pub fn inline(&self, class: &str) -> String {
        let (width, height) = (number(self.width), number(self.height));
        let stretch = if self.stretches { " preserveAspectRatio=\"none\"" } else { "" };
        format!(
            "<svg class=\"figure {class}\" viewBox=\"0 0 {width} {height}\"{stretch} role=\"img\" \
             aria-label=\"{title}\">\n{body}</svg>",
            title = escaped(&self.title),
            body = self.body
        )
    }

    /// The drawing as a file of its own, with its style inside.
    #[must_use]
    pub fn standalone(&self) -> String {
        let (width, height) = (number(self.width), number(self.height));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"figure\" viewBox=\"0 0 {width} \
             {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" \
             aria-label=\"{title}\">\n<style>{STYLE}</style>\n{body}</svg>\n",
            title = escaped(&self.title),
            body = self.body
        )
    }
}
