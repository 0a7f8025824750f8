//! The list of packages that `cargo auditable` links into a binary: a second witness, made by the linker's own inputs.

use std::io::Read as _;

use flate2::read::ZlibDecoder;
use serde::Deserialize;

use super::super::bill::{Bill, Component, RelationshipKind, SourceForm};
use super::super::draft::Draft;
use super::super::error::{BillError, Fault};
use super::super::limits::Limits;
use super::purl;

#[derive(Deserialize)]
struct Section {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    source: String,
    #[serde(default)]
    kind: Kind,
    #[serde(default)]
    dependencies: Vec<usize>,
    #[serde(default)]
    root: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Build,
    #[default]
    Runtime,
}

/// Whether bytes begin as a program does: ELF, PE or Mach-O.
pub(in super::super) fn is_binary(bytes: &[u8]) -> bool {
    const MACH: [[u8; 4]; 4] = [
        [0xfe, 0xed, 0xfa, 0xce],
        [0xfe, 0xed, 0xfa, 0xcf],
        [0xce, 0xfa, 0xed, 0xfe],
        [0xcf, 0xfa, 0xed, 0xfe],
    ];
    bytes.starts_with(b"\x7fELF")
        || bytes.starts_with(b"MZ")
        || MACH.iter().any(|magic| bytes.starts_with(magic))
}

pub(in super::super) fn read_binary(
    file: &str,
    bytes: &[u8],
    limits: &Limits,
) -> Result<Bill, BillError> {
    let packed = auditable_extract::raw_auditable_data(bytes).map_err(|error| {
        let advice = "build it with `cargo auditable build`";
        Fault::new("the program's sections", "the section `.dep-v0`", error.to_string(), advice)
            .of(file)
    })?;
    let mut text = Vec::new();
    let bound = u64::try_from(limits.bytes).unwrap_or(u64::MAX);
    let syntax = |message: String| BillError::Syntax {
        file: file.to_owned(),
        place: "the section `.dep-v0`".to_owned(),
        message,
    };
    ZlibDecoder::new(packed)
        .take(bound.saturating_add(1))
        .read_to_end(&mut text)
        .map_err(|error| syntax(error.to_string()))?;
    if text.len() > limits.bytes {
        let limit = limits.bytes;
        return Err(BillError::TooMuch { file: file.to_owned(), what: "bytes", limit });
    }
    let section: Section =
        serde_json::from_slice(&text).map_err(|error| syntax(error.to_string()))?;
    bill(&section).map_err(|fault| fault.of(file))
}

fn bill(section: &Section) -> Result<Bill, Fault> {
    let mut draft = Draft::default();
    draft.bill.form = SourceForm {
        name: "cargo-auditable".to_owned(),
        version: "0".to_owned(),
        encoding: "binary".to_owned(),
    };
    let key = |index: usize| {
        let package = section.packages.get(index);
        package.map(|found| format!("{} {} ({})", found.name, found.version, found.source))
    };
    for (index, package) in section.packages.iter().enumerate() {
        let mut component = Component {
            reference: key(index).unwrap_or_default(),
            name: package.name.clone(),
            version: Some(package.version.clone()),
            purl: purl(&package.name, &package.version, Some(package.source.as_str())),
            ..Component::default()
        };
        component.scope = (package.kind == Kind::Build).then(|| "build".to_owned());
        component.properties.push(("source".to_owned(), package.source.clone()));
        let at = draft.add(format_args!("/packages/{index}"), component)?;
        if package.root {
            draft.bill.root = Some(at);
        }
        for dependency in &package.dependencies {
            let Some(to) = key(*dependency) else {
                return Err(Fault::new(
                    format!("/packages/{index}/dependencies"),
                    format!("an index below {}", section.packages.len()),
                    format!("`{dependency}`"),
                    "build the program again",
                ));
            };
            let builds = section.packages.get(*dependency).is_some_and(|to| to.kind == Kind::Build);
            let kind = if builds && package.kind == Kind::Runtime {
                RelationshipKind::BuiltBy
            } else {
                RelationshipKind::DependsOn
            };
            draft.relate(&key(index).unwrap_or_default(), kind, &to);
        }
    }
    Ok(draft.finish())
}
