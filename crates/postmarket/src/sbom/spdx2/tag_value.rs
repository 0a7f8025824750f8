//! SPDX 2 tag-value in the shape of its JSON.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::super::error::{Fault, quoted};
use super::super::json::Json;

/// The part of the document that a line belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Document,
    Package,
    File,
    Other,
}

/// Tags of one value: the section, the tag, and the member that takes it.
const PLAIN: &[(Section, &str, &str)] = &[
    (Section::Document, "SPDXVersion", "spdxVersion"),
    (Section::Document, "DataLicense", "dataLicense"),
    (Section::Document, "SPDXID", "SPDXID"),
    (Section::Document, "DocumentName", "name"),
    (Section::Document, "DocumentNamespace", "documentNamespace"),
    (Section::Package, "PackageName", "name"),
    (Section::Package, "SPDXID", "SPDXID"),
    (Section::Package, "PackageVersion", "versionInfo"),
    (Section::Package, "PackageFileName", "packageFileName"),
    (Section::Package, "PackageSupplier", "supplier"),
    (Section::Package, "PackageOriginator", "originator"),
    (Section::Package, "PackageDownloadLocation", "downloadLocation"),
    (Section::Package, "PackageHomePage", "homepage"),
    (Section::Package, "PackageSourceInfo", "sourceInfo"),
    (Section::Package, "PackageLicenseConcluded", "licenseConcluded"),
    (Section::Package, "PackageLicenseDeclared", "licenseDeclared"),
    (Section::Package, "PackageCopyrightText", "copyrightText"),
    (Section::Package, "PackageSummary", "summary"),
    (Section::Package, "PackageDescription", "description"),
    (Section::Package, "PackageComment", "comment"),
    (Section::Package, "PrimaryPackagePurpose", "primaryPackagePurpose"),
    (Section::Package, "ValidUntilDate", "validUntilDate"),
    (Section::File, "FileName", "fileName"),
    (Section::File, "SPDXID", "SPDXID"),
    (Section::File, "LicenseConcluded", "licenseConcluded"),
];

const OPEN: &str = "<text>";
const CLOSE: &str = "</text>";

type Members<'t> = Vec<(Cow<'t, str>, Json<'t>)>;

#[derive(Default)]
struct Reader<'t> {
    document: Members<'t>,
    creation: Members<'t>,
    creators: Vec<Json<'t>>,
    /// The package or file at hand: its members, and its lists.
    members: Members<'t>,
    sums: Vec<Json<'t>>,
    references: Vec<Json<'t>>,
    kinds: Vec<Json<'t>>,
    packages: Vec<Json<'t>>,
    files: Vec<Json<'t>>,
    relationships: Vec<Json<'t>>,
    /// Which element an annotation speaks of, and what it says.
    notes: BTreeMap<&'t str, Vec<&'t str>>,
    noted: &'t str,
}

pub(super) fn json(text: &str) -> Result<Json<'_>, Fault> {
    let mut reader = Reader::default();
    let mut section = Section::Document;
    let (mut at, mut line) = (0, 0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let this = rest.split_inclusive('\n').next().unwrap_or(rest);
        line += 1;
        let trimmed = this.trim();
        let next = at + this.len();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            at = next;
            continue;
        }
        let Some((tag, value)) = trimmed.split_once(':') else {
            return Err(fault(line, "`Tag: value`", trimmed));
        };
        let first = line;
        let (value, after) = match this.find("<text>").filter(|_| value.trim().starts_with(OPEN)) {
            None => (value.trim(), next),
            // The text may go on over lines.
            Some(open) => {
                let begin = at + open + OPEN.len();
                let inner = text.get(begin..).and_then(|inner| inner.split_once(CLOSE));
                let Some((inner, beyond)) = inner else {
                    return Err(fault(line, "a text that ends with </text>", trimmed));
                };
                line += inner.matches('\n').count();
                let tail = beyond.split_inclusive('\n').next().unwrap_or(beyond);
                (inner, begin + inner.len() + CLOSE.len() + tail.len())
            }
        };
        at = after;
        section = reader.tag(section, tag.trim(), value, first)?;
    }
    reader.close(section);
    Ok(reader.finish())
}

impl<'t> Reader<'t> {
    fn tag(
        &mut self,
        section: Section,
        tag: &str,
        value: &'t str,
        line: usize,
    ) -> Result<Section, Fault> {
        let section = match tag {
            "PackageName" => Section::Package,
            "FileName" => Section::File,
            "SnippetSPDXID" | "LicenseID" => Section::Other,
            _ => section,
        };
        if matches!(tag, "PackageName" | "FileName" | "SnippetSPDXID" | "LicenseID") {
            // The section that ends here is the one that has members.
            self.close_any();
        }
        match tag {
            "Created" => self.creation.push(("created".into(), text(value))),
            "Creator" => self.creators.push(text(value)),
            "Relationship" => {
                let names = ["spdxElementId", "relationshipType", "relatedSpdxElement"];
                self.relationships.push(words(value, names, line)?);
            }
            "ExternalRef" => {
                let names = ["referenceCategory", "referenceType", "referenceLocator"];
                self.references.push(words(value, names, line)?);
            }
            "PackageChecksum" | "FileChecksum" => {
                let Some((algorithm, sum)) = value.split_once(':') else {
                    return Err(fault(line, "`ALGORITHM: digits`", value));
                };
                self.sums.push(Json::object(vec![
                    ("algorithm".into(), text(algorithm.trim())),
                    ("checksumValue".into(), text(sum.trim())),
                ]));
            }
            "FileType" => self.kinds.push(text(value)),
            "SPDXREF" => self.noted = value,
            "AnnotationComment" => self.notes.entry(self.noted).or_default().push(value),
            _ => {
                let known = PLAIN.iter().find(|known| known.0 == section && known.1 == tag);
                if let Some((_, _, member)) = known {
                    let members = match section {
                        Section::Document => &mut self.document,
                        _ => &mut self.members,
                    };
                    members.push(((*member).into(), text(value)));
                }
            }
        }
        Ok(section)
    }

    fn close_any(&mut self) {
        if self.members.iter().any(|(name, _)| name == "fileName") {
            self.close(Section::File);
        } else if !self.members.is_empty() {
            self.close(Section::Package);
        }
    }

    /// Ends the package or file at hand.
    fn close(&mut self, section: Section) {
        let mut members = std::mem::take(&mut self.members);
        if members.is_empty() {
            return;
        }
        let file = section == Section::File || members.iter().any(|(name, _)| name == "fileName");
        members.push(("checksums".into(), Json::List(std::mem::take(&mut self.sums))));
        members.push(("externalRefs".into(), Json::List(std::mem::take(&mut self.references))));
        members.push(("fileTypes".into(), Json::List(std::mem::take(&mut self.kinds))));
        let list = if file { &mut self.files } else { &mut self.packages };
        list.push(Json::object(members));
    }

    fn finish(mut self) -> Json<'t> {
        for list in [&mut self.packages, &mut self.files] {
            for element in list.iter_mut() {
                let Json::Object(members) = element else { continue };
                let id = members.iter().find(|(name, _)| name == "SPDXID");
                let id = id.and_then(|(_, id)| id.text()).unwrap_or_default().to_owned();
                let notes = notes(&self.notes, &id);
                members.push(("annotations".into(), notes));
                members.sort_by(|left, right| left.0.cmp(&right.0));
            }
        }
        let mut document = self.document;
        let id = document.iter().find(|(name, _)| name == "SPDXID");
        let id = id.and_then(|(_, id)| id.text()).unwrap_or_default().to_owned();
        self.creation.push(("creators".into(), Json::List(self.creators)));
        document.push(("creationInfo".into(), Json::object(self.creation)));
        document.push(("packages".into(), Json::List(self.packages)));
        document.push(("files".into(), Json::List(self.files)));
        document.push(("relationships".into(), Json::List(self.relationships)));
        document.push(("annotations".into(), notes(&self.notes, &id)));
        Json::object(document)
    }
}

fn notes<'t>(notes: &BTreeMap<&'t str, Vec<&'t str>>, id: &str) -> Json<'t> {
    let own = notes.get(id).map_or(&[][..], Vec::as_slice);
    let note = |comment: &&'t str| Json::object(vec![("comment".into(), text(comment))]);
    Json::List(own.iter().map(note).collect())
}

/// An object of a line's first three words.
fn words<'t>(value: &'t str, names: [&'static str; 3], line: usize) -> Result<Json<'t>, Fault> {
    let words: Vec<&'t str> = value.split_whitespace().take(names.len()).collect();
    if words.len() < names.len() {
        return Err(fault(line, &format!("the words {}", names.join(", ")), value));
    }
    let members = names.into_iter().zip(words).map(|(name, word)| (name.into(), text(word)));
    Ok(Json::object(members.collect()))
}

fn text(value: &str) -> Json<'_> {
    Json::Text(Cow::Borrowed(value))
}

fn fault(line: usize, expected: &str, found: &str) -> Fault {
    Fault::new(format!("line {line}"), expected, quoted(found), "write the line in that form")
}
