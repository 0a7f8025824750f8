//! What scenario files say in more than one place: names of folders, how something fails, texts.

use std::collections::BTreeSet;

use homeostat_patients::wording::quoted;

use crate::document::{FileError, Section};
use crate::keys::{NAME_EXPECTED, is_name, required};

/// The names of arms, or of hazards: each can stand for a folder, and no two are alike.
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeSet<String>);

impl Names {
    /// The name of a section, or the `usual` one where it says none.
    pub(crate) fn read(
        &mut self,
        section: &Section<'_>,
        usual: Option<String>,
    ) -> Result<String, FileError> {
        let name = section.text("name")?.or(usual);
        let name = required(section, "name", name, NAME_EXPECTED)?;
        if !is_name(&name) {
            return Err(section.error("name", quoted(&name), NAME_EXPECTED));
        }
        if !self.0.insert(name.clone()) {
            return Err(section.error("name", format!("\"{name}\" again"), "a name of its own"));
        }
        Ok(name)
    }
}

/// How something fails that can fail in several ways.
pub(crate) fn fails<T: Copy>(section: &Section<'_>, ways: &[(&str, T)]) -> Result<T, FileError> {
    required(section, "fails", section.choice("fails", ways)?, "how it fails")
}

/// A text in TOML's quotes.
pub(crate) fn text(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A list of texts.
pub(crate) fn texts(all: &[String]) -> String {
    let all: Vec<String> = all.iter().map(|one| text(one)).collect();
    format!("[{}]", all.join(", "))
}
