//! What SPDX's versions have in common: kinds of relationships, purposes, hash names, who is who.

use super::bill::{ComponentKind, RelationshipKind};

/// Relationships of SPDX 2 and 3 that a bill carries: the name, the kind, and whether the arrow is turned round.
const RELATIONSHIPS: &[(&str, RelationshipKind, bool)] = &[
    ("ANCESTOR_OF", RelationshipKind::DerivedFrom, true),
    ("BUILD_DEPENDENCY_OF", RelationshipKind::BuiltBy, true),
    ("BUILD_TOOL_OF", RelationshipKind::BuiltBy, true),
    ("CONTAINED_BY", RelationshipKind::Contains, true),
    ("CONTAINS", RelationshipKind::Contains, false),
    ("COPY_OF", RelationshipKind::DerivedFrom, false),
    ("DEPENDENCY_OF", RelationshipKind::DependsOn, true),
    ("DEPENDS_ON", RelationshipKind::DependsOn, false),
    ("DESCENDANT_OF", RelationshipKind::DerivedFrom, false),
    ("DYNAMIC_LINK", RelationshipKind::DependsOn, false),
    ("GENERATED_FROM", RelationshipKind::DerivedFrom, false),
    ("GENERATES", RelationshipKind::DerivedFrom, true),
    ("HAS_PREREQUISITE", RelationshipKind::DependsOn, false),
    ("OPTIONAL_DEPENDENCY_OF", RelationshipKind::DependsOn, true),
    ("PREREQUISITE_FOR", RelationshipKind::DependsOn, true),
    ("PROVIDED_DEPENDENCY_OF", RelationshipKind::DependsOn, true),
    ("RUNTIME_DEPENDENCY_OF", RelationshipKind::DependsOn, true),
    ("STATIC_LINK", RelationshipKind::DependsOn, false),
    ("VARIANT_OF", RelationshipKind::DerivedFrom, false),
    // SPDX 3.
    ("contains", RelationshipKind::Contains, false),
    ("copiedTo", RelationshipKind::DerivedFrom, true),
    ("dependsOn", RelationshipKind::DependsOn, false),
    ("ancestorOf", RelationshipKind::DerivedFrom, true),
    ("descendantOf", RelationshipKind::DerivedFrom, false),
    ("generates", RelationshipKind::DerivedFrom, true),
    ("hasDynamicLink", RelationshipKind::DependsOn, false),
    ("hasOptionalComponent", RelationshipKind::Contains, false),
    ("hasOptionalDependency", RelationshipKind::DependsOn, false),
    ("hasPrerequisite", RelationshipKind::DependsOn, false),
    ("hasProvidedDependency", RelationshipKind::DependsOn, false),
    ("hasStaticLink", RelationshipKind::DependsOn, false),
    ("hasVariant", RelationshipKind::DerivedFrom, true),
    ("usesTool", RelationshipKind::BuiltBy, false),
];

/// The kind of a relationship, and whether its arrow is turned round.
pub(super) fn relationship(name: &str) -> Option<(RelationshipKind, bool)> {
    RELATIONSHIPS.iter().find(|known| known.0 == name).map(|known| (known.1, known.2))
}

/// The kind of a component from its purpose in SPDX 2 (`OPERATING_SYSTEM`, or with a hyphen) or 3 (`operatingSystem`).
pub(super) fn purpose(name: &str) -> Option<ComponentKind> {
    Some(match name.to_ascii_lowercase().replace(['-', '_'], "").as_str() {
        "application" => ComponentKind::Application,
        "framework" => ComponentKind::Framework,
        "library" | "module" => ComponentKind::Library,
        "container" => ComponentKind::Container,
        "platform" => ComponentKind::Platform,
        "operatingsystem" => ComponentKind::OperatingSystem,
        "device" => ComponentKind::Device,
        "devicedriver" => ComponentKind::DeviceDriver,
        "firmware" => ComponentKind::Firmware,
        "file" | "archive" | "source" | "executable" => ComponentKind::File,
        "model" => ComponentKind::MachineLearningModel,
        "data" => ComponentKind::Data,
        "" => return None,
        _ => ComponentKind::Other,
    })
}

/// SPDX's hash names and CycloneDX's: 2.3, 3.0, CycloneDX.
const HASHES: &[(&str, &str, &str)] = &[
    ("MD5", "md5", "MD5"),
    ("SHA1", "sha1", "SHA-1"),
    ("SHA224", "sha224", "SHA-224"),
    ("SHA256", "sha256", "SHA-256"),
    ("SHA384", "sha384", "SHA-384"),
    ("SHA512", "sha512", "SHA-512"),
    ("SHA3-256", "sha3_256", "SHA3-256"),
    ("SHA3-384", "sha3_384", "SHA3-384"),
    ("SHA3-512", "sha3_512", "SHA3-512"),
    ("BLAKE2b-256", "blake2b256", "BLAKE2b-256"),
    ("BLAKE2b-384", "blake2b384", "BLAKE2b-384"),
    ("BLAKE2b-512", "blake2b512", "BLAKE2b-512"),
    ("BLAKE3", "blake3", "BLAKE3"),
];

/// A hash algorithm in CycloneDX's spelling; one that is not known stays as it is.
pub(super) fn hash_name(name: &str) -> String {
    let known = HASHES.iter().find(|known| known.0 == name || known.1 == name);
    known.map_or(name, |known| known.2).to_owned()
}

/// CycloneDX's name of a hash in SPDX 2.3 and in 3.0.
pub(super) fn hash_names(name: &str) -> Option<(&'static str, &'static str)> {
    HASHES.iter().find(|known| known.2 == name).map(|known| (known.0, known.1))
}

/// Text that says something: not empty, and neither `NOASSERTION` nor `NONE`.
pub(super) fn said(text: &str) -> Option<String> {
    let text = text.trim();
    let empty = matches!(text, "" | "NOASSERTION" | "NONE");
    (!empty).then(|| text.to_owned())
}

/// The name in `Organization: Name (mail)`.
pub(super) fn agent(text: &str) -> Option<String> {
    let kinds = ["Organization:", "Person:", "Tool:"];
    let name = kinds.iter().find_map(|kind| text.strip_prefix(kind)).unwrap_or(text).trim();
    let name = match name.rsplit_once('(') {
        Some((name, mail)) if mail == ")" || mail.contains('@') => name.trim(),
        _ => name,
    };
    said(name)
}

/// SPDX 3's words for support, and the maker's.
pub(super) const SUPPORT: [(&str, &str); 3] = [
    ("support", "maintained"),
    ("endOfSupport", "no longer maintained"),
    ("noSupport", "abandoned"),
];

/// The day of a time that says only a day.
pub(super) fn day(time: &str) -> String {
    time.strip_suffix("T00:00:00Z").unwrap_or(time).to_owned()
}
