//! Where in a file something is wrong.

/// The line of a TOML error in its text, from 1.
pub(crate) fn toml_line(text: &str, error: &toml::de::Error) -> usize {
    let start = error.span().map_or(0, |span| span.start);
    text.get(..start).unwrap_or_default().matches('\n').count() + 1
}
