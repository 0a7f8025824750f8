//! Reads the risk file. Every complaint names the file, the key and what was expected.

use super::{
    Control, Exposure, Failure, Fallback, Function, FunctionKind, Hazard, Link, Minutes, RiskFile,
    Severity,
};
use crate::harm::canonical::digest;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What is wrong with a risk file.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{file}: {key}: found {found}; expected {expected}")]
pub struct RiskFileError {
    /// The file, as the caller named it.
    pub file: String,
    /// The key, as a path: `component[2].functions[0]`.
    pub key: String,
    /// What stands there.
    pub found: String,
    /// What should.
    pub expected: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    device: Device,
    #[serde(default)]
    function: Vec<RawFunction>,
    #[serde(default)]
    component: Vec<RawLink>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Device {
    name: String,
    version: String,
    life_supporting: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFunction {
    id: String,
    name: String,
    kind: FunctionKind,
    fallback: Option<Fallback>,
    #[serde(default)]
    hazard: Vec<RawHazard>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawHazard {
    failure: Failure,
    id: String,
    severity: Severity,
    severity_with_fallback: Option<Severity>,
    minutes_to_harm: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLink {
    component: String,
    functions: Vec<String>,
    #[serde(default)]
    exposure: RawExposure,
    #[serde(default)]
    control: Vec<RawControl>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawExposure {
    interface: Option<String>,
    zone: Option<String>,
    wireless: Option<bool>,
    physical_only: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawControl {
    id: String,
    name: String,
    evidence: String,
    in_force: Option<bool>,
}

/// Reads a risk file.
///
/// # Errors
/// Naming the file, the key, what was found and what was expected.
pub fn read(file: &str, bytes: &[u8]) -> Result<RiskFile, RiskFileError> {
    let refuse = |key: String, found: String, expected: &str| RiskFileError {
        file: file.to_owned(),
        key,
        found,
        expected: expected.to_owned(),
    };
    let text = std::str::from_utf8(bytes).map_err(|error| {
        refuse(format!("byte {}", error.valid_up_to()), "no UTF-8".into(), "TOML text")
    })?;
    let raw: File = toml::from_str(text).map_err(|error| {
        let line = crate::lines::toml_line(text, &error);
        refuse(
            format!("line {line}"),
            error.message().to_owned(),
            "a risk file as the book describes it",
        )
    })?;
    let check = Check { file };
    let functions = check.functions(raw.function)?;
    let links = raw
        .component
        .into_iter()
        .enumerate()
        .map(|(index, link)| check.link(index, link, &functions))
        .collect::<Result<_, _>>()?;
    Ok(RiskFile {
        device: raw.device.name,
        version: raw.device.version,
        digest: digest(bytes),
        life_supporting: raw.device.life_supporting,
        functions,
        links,
    })
}

struct Check<'a> {
    file: &'a str,
}

impl Check<'_> {
    fn refuse<T>(&self, key: String, found: &str, expected: &str) -> Result<T, RiskFileError> {
        Err(RiskFileError {
            file: self.file.to_owned(),
            key,
            found: found.to_owned(),
            expected: expected.to_owned(),
        })
    }

    fn functions(
        &self,
        raw: Vec<RawFunction>,
    ) -> Result<BTreeMap<String, Function>, RiskFileError> {
        let mut functions = BTreeMap::new();
        for (index, function) in raw.into_iter().enumerate() {
            let key = |name: &str| format!("function[{index}].{name}");
            if function.id.is_empty() || functions.contains_key(&function.id) {
                return self.refuse(
                    key("id"),
                    &format!("\"{}\"", function.id),
                    "an id that no other function has",
                );
            }
            if function.hazard.is_empty() {
                return self.refuse(
                    key("hazard"),
                    "none",
                    "at least one hazard, or no such function",
                );
            }
            for (at, hazard) in function.hazard.iter().enumerate() {
                if hazard.id.is_empty() {
                    return self.refuse(
                        key(&format!("hazard[{at}].id")),
                        "\"\"",
                        "the id in the risk management file",
                    );
                }
                if hazard.severity_with_fallback.is_some_and(|with| with > hazard.severity) {
                    return self.refuse(
                        key(&format!("hazard[{at}].severity-with-fallback")),
                        &format!("{:?}", hazard.severity_with_fallback),
                        "no more than severity",
                    );
                }
            }
            let hazards = function.hazard.into_iter().map(|raw| Hazard {
                failure: raw.failure,
                id: raw.id,
                severity: raw.severity,
                severity_with_fallback: raw.severity_with_fallback,
                time_to_harm: raw.minutes_to_harm.map(Minutes),
            });
            let function = Function {
                hazards: hazards.collect(),
                id: function.id,
                name: function.name,
                kind: function.kind,
                fallback: function.fallback.unwrap_or(Fallback::Unknown),
            };
            functions.insert(function.id.clone(), function);
        }
        if functions.is_empty() {
            return self.refuse("function".into(), "none", "at least one function of the device");
        }
        Ok(functions)
    }

    fn link(
        &self,
        index: usize,
        raw: RawLink,
        functions: &BTreeMap<String, Function>,
    ) -> Result<Link, RiskFileError> {
        let key = |name: &str| format!("component[{index}].{name}");
        if raw.component.is_empty() {
            return self.refuse(key("component"), "\"\"", "a package URL or name, * for any text");
        }
        if raw.functions.is_empty() {
            // A component without a function would silently be harmless.
            return self.refuse(key("functions"), "none", "at least one function that it serves");
        }
        for (at, id) in raw.functions.iter().enumerate() {
            if !functions.contains_key(id) {
                let known: Vec<&str> = functions.keys().map(String::as_str).collect();
                return self.refuse(
                    key(&format!("functions[{at}]")),
                    &format!("\"{id}\""),
                    &format!("one of {}", known.join(", ")),
                );
            }
        }
        let controls = raw.control.into_iter().map(|raw| Control {
            id: raw.id,
            name: raw.name,
            evidence: raw.evidence,
            in_force: raw.in_force,
        });
        Ok(Link {
            controls: controls.collect(),
            component: raw.component,
            functions: raw.functions,
            exposure: Exposure {
                interface: raw.exposure.interface,
                zone: raw.exposure.zone,
                wireless: raw.exposure.wireless,
                physical_only: raw.exposure.physical_only,
            },
        })
    }
}
