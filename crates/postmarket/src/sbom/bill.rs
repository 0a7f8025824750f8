//! One bill of materials, whatever form it came in.

use serde::{Deserialize, Serialize};

/// The form that a bill was read from.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct SourceForm {
    /// `CycloneDX` or `SPDX`, `Cargo.lock`, `cargo-auditable`, `CSV`.
    pub name: String,
    /// Its version, as written: `1.6`, `SPDX-2.3`, `3.0.1`.
    pub version: String,
    /// `JSON`, `XML`, `tag-value`, `TOML`, `binary`.
    pub encoding: String,
}

/// A bill of materials. The bytes that it was read from are kept beside it by the caller; `digest` names them.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Bill {
    /// SHA-256 of the original bytes, lower-case hexadecimal.
    pub digest: String,
    /// What it was read from.
    pub form: SourceForm,
    /// The document's own id: serial number, document namespace.
    pub document: Option<String>,
    /// The document's own revision.
    pub revision: Option<String>,
    /// When it was made, as written.
    pub created: Option<String>,
    /// Who made it: people and organisations.
    pub authors: Vec<String>,
    /// With which tools.
    pub tools: Vec<String>,
    /// At which stage of the product's life: `build`, `post-build`, ...
    pub lifecycle: Vec<String>,
    /// Index of the product itself in `components`.
    pub root: Option<usize>,
    /// All components, the product included.
    pub components: Vec<Component>,
    /// What depends on or holds what.
    pub relationships: Vec<Relationship>,
    /// What its reader could not place, such as a relationship whose other end is not in the bill: for a person to see.
    #[serde(default)]
    pub remarks: Vec<String>,
}

/// What a component is.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum ComponentKind {
    /// A program.
    Application,
    /// A framework.
    Framework,
    /// A library; what a package is where nothing else is said.
    #[default]
    Library,
    /// A container image.
    Container,
    /// A platform.
    Platform,
    /// An operating system.
    OperatingSystem,
    /// A device.
    Device,
    /// A driver.
    DeviceDriver,
    /// Firmware.
    Firmware,
    /// A file.
    File,
    /// A model of machine learning.
    MachineLearningModel,
    /// Data.
    Data,
    /// A cryptographic asset.
    CryptographicAsset,
    /// Something that its source names otherwise.
    Other,
}

/// A hash of a component's bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Hash {
    /// The algorithm in CycloneDX's spelling: `SHA-256`, `SHA-512`, `BLAKE3`.
    pub algorithm: String,
    /// Lower-case hexadecimal.
    pub value: String,
}

/// What its maker promises for a component (FDA's additions to the baseline).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Support {
    /// `maintained`, `no longer maintained`, `abandoned`, or the maker's own word.
    pub level: Option<String>,
    /// The day on which support ends, `YYYY-MM-DD`.
    pub end: Option<String>,
}

/// One component.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Component {
    /// Its id within the bill; unique there.
    pub reference: String,
    /// What it is.
    pub kind: ComponentKind,
    /// The name, without the group.
    pub name: String,
    /// Group, namespace, vendor prefix.
    pub group: Option<String>,
    /// The version, as written.
    pub version: Option<String>,
    /// Who supplies it.
    pub supplier: Option<String>,
    /// Who made it, where that is said apart.
    pub manufacturer: Option<String>,
    /// The package URL, as written.
    pub purl: Option<String>,
    /// CPE names, as written.
    pub cpes: Vec<String>,
    /// SWID tag ids, SWHID, OmniBOR ids and others, as `scheme value`.
    pub identifiers: Vec<String>,
    /// Hashes of its bytes.
    pub hashes: Vec<Hash>,
    /// Licence expressions or names.
    pub licences: Vec<String>,
    /// What its maker promises.
    pub support: Support,
    /// `required`, `optional`, `excluded`, or `build` for what only builds the product.
    pub scope: Option<String>,
    /// Source files that were compiled in, where the bill says; empty if it does not.
    pub compiled_files: Vec<String>,
    /// Ids of vulnerabilities that its source says are patched in it.
    pub patched: Vec<String>,
    /// Everything else that its source says and that a reader may want, as `name`, `value`.
    pub properties: Vec<(String, String)>,
}

/// How two components relate.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RelationshipKind {
    /// The first needs the second to run.
    DependsOn,
    /// The first holds the second.
    Contains,
    /// The second only builds the first.
    BuiltBy,
    /// The first was made from the second.
    DerivedFrom,
    /// The first provides what the second describes.
    Provides,
}

/// An arrow between two components, by their index in [`Bill::components`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Relationship {
    /// From.
    pub from: usize,
    /// How.
    pub kind: RelationshipKind,
    /// To.
    pub to: usize,
}

impl ComponentKind {
    /// Every kind with its name in CycloneDX's spelling; [`ComponentKind::Other`] has none there.
    pub(super) const NAMES: [(Self, &'static str); 14] = [
        (Self::Application, "application"),
        (Self::Framework, "framework"),
        (Self::Library, "library"),
        (Self::Container, "container"),
        (Self::Platform, "platform"),
        (Self::OperatingSystem, "operating-system"),
        (Self::Device, "device"),
        (Self::DeviceDriver, "device-driver"),
        (Self::Firmware, "firmware"),
        (Self::File, "file"),
        (Self::MachineLearningModel, "machine-learning-model"),
        (Self::Data, "data"),
        (Self::CryptographicAsset, "cryptographic-asset"),
        (Self::Other, "other"),
    ];

    /// The kind of a name in CycloneDX's spelling; [`ComponentKind::Other`] for any name beside those.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self::NAMES.iter().find(|known| known.1 == name).map_or(Self::Other, |known| known.0)
    }

    /// Its name in CycloneDX's spelling.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|known| known.0 == self).map_or("other", |known| known.1)
    }
}

impl RelationshipKind {
    /// Every kind with its name.
    pub(super) const NAMES: [(Self, &'static str); 5] = [
        (Self::DependsOn, "depends-on"),
        (Self::Contains, "contains"),
        (Self::BuiltBy, "built-by"),
        (Self::DerivedFrom, "derived-from"),
        (Self::Provides, "provides"),
    ];

    /// Its name, as in `depends-on`.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|known| known.0 == self).map_or("", |known| known.1)
    }
}

impl Bill {
    /// The same bill in its one order: components by reference, and within them and the document everything sorted
    /// and no item twice. Two bills that say the same have the same canonical form.
    #[must_use]
    pub fn canonical(&self) -> Self {
        let mut bill = self.clone();
        let mut order: Vec<usize> = (0..bill.components.len()).collect();
        order.sort_by(|left, right| {
            let of = |at: &usize| bill.components.get(*at).map(|found| found.reference.as_str());
            of(left).cmp(&of(right))
        });
        let mut places = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            if let Some(place) = places.get_mut(*old) {
                *place = new;
            }
        }
        let place = |old: usize| places.get(old).copied().unwrap_or(old);
        bill.components = order
            .iter()
            .filter_map(|old| self.components.get(*old))
            .map(Component::canonical)
            .collect();
        bill.root = bill.root.map(place);
        for relationship in &mut bill.relationships {
            relationship.from = place(relationship.from);
            relationship.to = place(relationship.to);
        }
        sort(&mut bill.relationships);
        for list in [&mut bill.authors, &mut bill.tools, &mut bill.lifecycle, &mut bill.remarks] {
            sort(list);
        }
        bill
    }
}

impl Component {
    fn canonical(&self) -> Self {
        let mut component = self.clone();
        sort(&mut component.hashes);
        sort(&mut component.properties);
        for list in [
            &mut component.cpes,
            &mut component.identifiers,
            &mut component.licences,
            &mut component.compiled_files,
            &mut component.patched,
        ] {
            sort(list);
        }
        component
    }

    /// It was built from a folder of the product's own tree, not from what somebody else publishes.
    #[must_use]
    pub fn is_own(&self) -> bool {
        matches!(self.property("source"), Some("path" | "local"))
    }

    /// The value of the first property of a name.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&str> {
        self.properties.iter().find(|known| known.0 == name).map(|known| known.1.as_str())
    }
}

fn sort<T: Ord>(list: &mut Vec<T>) {
    list.sort_unstable();
    list.dedup();
}
