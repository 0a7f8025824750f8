//! What is in the field: releases with their bills, and how many devices run them.

use super::findings::note;
use super::{Known, Memory, Office, at, count, each, full, in_order, maker};
use crate::harm::function_map::RiskFile;
use crate::matching::{ComponentId, ReleaseId, Watch};
use crate::sbom::{Bill, Component};
use crate::store::{Answer, StoreError, Trouble, kept};
use flate2::Compression;
use flate2::read::DeflateEncoder;
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

/// A release that comes into the field.
#[derive(Clone, Debug)]
pub struct NewRelease {
    /// The product.
    pub product: String,
    /// The release's version.
    pub version: String,
    /// The file of its bill, as people call it.
    pub file: String,
    /// The bill as it was read.
    pub bill: Bill,
    /// Its original bytes, which are kept.
    pub bytes: Vec<u8>,
    /// Devices that run it.
    pub devices: u64,
}

/// What became of releases.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Put {
    /// They were not there before.
    pub new: usize,
    /// They were there; the number of devices may be another.
    pub known: usize,
}

impl Office {
    /// Takes releases into the field, all of them or none. One with a name and a bill that are there is the release that
    /// it was; with another bill it is another one, and no device runs the one of before.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn put_releases(
        &mut self,
        new: impl IntoIterator<Item = NewRelease>,
        now: &str,
    ) -> Result<Put, StoreError> {
        self.change(|database, memory| {
            let mut put = Put::default();
            for one in new {
                put_one(database, memory, one, now, &mut put)?;
            }
            note(database, memory)?;
            Ok(put)
        })
    }

    /// Says how many devices run a release, by its name and the digest of its bill. `false` if there is no such release.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn put_devices(
        &mut self,
        (product, version, digest): (&str, &str, &str),
        devices: u64,
        now: &str,
    ) -> Result<bool, StoreError> {
        let catalogue = self.memory.watch.catalogue();
        let Some(id) = catalogue.find(digest, &title(product, version)) else { return Ok(false) };
        self.change(|database, memory| make_current(database, memory, id, devices, now))?;
        Ok(true)
    }

    /// The products that have a release with this bill.
    #[must_use]
    pub fn products_of(&self, digest: &str) -> BTreeSet<&str> {
        let releases = self.memory.watch.catalogue().releases();
        let those = releases.filter(|(_, release)| release.digest == digest);
        those.filter_map(|(id, _)| Some(self.memory.known(id)?.product.as_str())).collect()
    }

    /// Takes it that no device runs a release but these, by product and version.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn put_all(&mut self, all: &BTreeSet<(&str, &str)>, now: &str) -> Result<(), StoreError> {
        self.change(|database, memory| {
            let gone = memory.current.iter().filter(|((product, version), _)| {
                !all.contains(&(product.as_str(), version.as_str()))
            });
            for id in gone.map(|(_, id)| *id).collect::<Vec<ReleaseId>>() {
                set_devices(database, memory, id, 0, now)?;
            }
            Ok(())
        })
    }

    /// Keeps who the maker is, and what holds for the products. Where another law holds for a product than before, its
    /// findings are looked at again, and the clocks of that law run from when the findings were known.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn put_maker(&mut self, field: &maker::Field) -> Result<(), StoreError> {
        let Self { store, memory } = self;
        store.write(|database| {
            memory.reread(database)?;
            let all: BTreeSet<String> =
                memory.releases.iter().map(|one| one.product.clone()).collect();
            let before: Vec<_> =
                all.into_iter().map(|one| (memory.scopes(&one).clone(), one)).collect();
            maker::keep(database, field)?;
            memory.reread(database)?;
            let mut other = maker::other_laws(database)?;
            for (scopes, product) in before {
                if *memory.scopes(&product) != scopes {
                    database.execute(
                        "INSERT OR IGNORE INTO unsettled SELECT component FROM finding WHERE product = ?1",
                        [&product],
                    )?;
                    other.insert(product);
                }
            }
            maker::keep_other_laws(database, &other)
        })
    }

    /// Keeps the risk file of a product; every finding of the product is looked at again when it is another.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn put_risks(
        &mut self,
        product: &str,
        (file, bytes): (&str, &[u8]),
        risks: RiskFile,
        now: &str,
    ) -> Result<(), StoreError> {
        self.store.write(|database| {
            let words = "SELECT digest FROM risk_file WHERE product = ?1 ORDER BY id DESC LIMIT 1";
            let before: Option<String> =
                database.query_row(words, [product], |row| row.get(0)).optional()?;
            if before.as_ref() == Some(&risks.digest) {
                return Ok(());
            }
            database.execute(
                "INSERT INTO risk_file (product, file, digest, bytes, added) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![product, file, risks.digest, bytes, now],
            )?;
            database.execute(
                "INSERT OR IGNORE INTO unsettled SELECT component FROM finding WHERE product = ?1",
                [product],
            )?;
            Ok(())
        })?;
        self.memory.risks.insert(product.to_owned(), risks);
        Ok(())
    }
}

/// What a release is called in the catalogue: no two are called the same.
fn title(product: &str, version: &str) -> String {
    format!("{product:?} {version:?}")
}

fn put_one(
    database: &Connection,
    memory: &mut Memory,
    one: NewRelease,
    now: &str,
    put: &mut Put,
) -> Answer<()> {
    let title = title(&one.product, &one.version);
    if let Some(id) = memory.watch.catalogue().find(&one.bill.digest, &title) {
        put.known += 1;
        return make_current(database, memory, id, one.devices, now);
    }
    put.new += 1;
    let id = memory.watch.add_release(&title, &one.bill, now).map_err(full)?;
    let held = memory.watch.catalogue().release(id).map_or(&[][..], |release| &release.components);
    let fresh = held.iter().any(|id| !memory.rows.contains_key(id));
    // Most releases hold nothing that an earlier one did not.
    for component in one.bill.components.iter().filter(|_| fresh) {
        let number = memory.watch.recall_component(component).map_err(full)?;
        if let Entry::Vacant(vacant) = memory.rows.entry(number) {
            let row = *vacant.insert(count(memory.components.len()));
            memory.components.push(number);
            let words = "INSERT INTO component VALUES (?1, ?2)";
            let body = kept(&reduced(component))?;
            database.prepare_cached(words)?.execute(params![row, body])?;
        }
    }
    insert(database, memory, id, &one, now)?;
    let (product, version) = (one.product, one.version);
    memory.releases.push(Known { product, version, added: now.to_owned() });
    make_current(database, memory, id, one.devices, now)
}

/// Devices run this release, and none that has its name and another bill.
fn make_current(
    database: &Connection,
    memory: &mut Memory,
    id: ReleaseId,
    devices: u64,
    now: &str,
) -> Answer<()> {
    if let Some(known) = memory.known(id) {
        let name = (known.product.clone(), known.version.clone());
        if let Some(before) = memory.current.insert(name, id).filter(|before| *before != id) {
            set_devices(database, memory, before, 0, now)?;
        }
    }
    set_devices(database, memory, id, devices, now)
}

fn insert(
    database: &Connection,
    memory: &Memory,
    id: ReleaseId,
    one: &NewRelease,
    now: &str,
) -> Answer<()> {
    let mut deflated = Vec::new();
    DeflateEncoder::new(one.bytes.as_slice(), Compression::fast())
        .read_to_end(&mut deflated)
        .map_err(|error| Trouble::new("bill", error, "bytes that can be deflated"))?;
    let held = memory.watch.catalogue().release(id);
    let held = held.map_or(&[][..], |release| &release.components);
    let numbers: Vec<u8> = held
        .iter()
        .filter_map(|id| u32::try_from(*memory.rows.get(id)?).ok())
        .flat_map(u32::to_le_bytes)
        .collect();
    let form = &one.bill.form;
    let form = format!("{} {} ({})", form.name, form.version, form.encoding);
    let words = "INSERT INTO release VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    database.prepare_cached(words)?.execute(params![
        id.0,
        one.bill.digest,
        one.product,
        one.version,
        one.file,
        form,
        deflated,
        numbers,
        now
    ])?;
    Ok(())
}

/// Notes how many devices run a release, if that is news, and that its findings reach as many.
fn set_devices(
    database: &Connection,
    memory: &mut Memory,
    id: ReleaseId,
    devices: u64,
    now: &str,
) -> Answer<()> {
    let Some(before) = memory.watch.catalogue().release(id) else { return Ok(()) };
    let (before, held) = (before.devices, before.components.clone());
    let words = "SELECT count(*) FROM fleet WHERE release = ?1";
    let counted: i64 = database.prepare_cached(words)?.query_row([id.0], |row| row.get(0))?;
    if counted > 0 && before == devices {
        return Ok(());
    }
    memory.watch.count(id, devices);
    database
        .prepare_cached("INSERT INTO fleet (release, devices, time) VALUES (?1, ?2, ?3)")?
        .execute(params![id.0, devices, now])?;
    let mut unsettled = database.prepare_cached("INSERT OR IGNORE INTO unsettled VALUES (?1)")?;
    for component in held {
        if let Some(row) =
            memory.rows.get(&component).filter(|_| memory.judged.contains(&component))
        {
            unsettled.execute([row])?;
        }
    }
    Ok(())
}

/// What matching reads of a component, and nothing else of it.
fn reduced(component: &Component) -> Component {
    Component {
        name: component.name.clone(),
        group: component.group.clone(),
        version: component.version.clone(),
        supplier: component.supplier.clone(),
        manufacturer: component.manufacturer.clone(),
        purl: component.purl.clone(),
        cpes: component.cpes.clone(),
        compiled_files: component.compiled_files.clone(),
        patched: component.patched.clone(),
        ..Component::default()
    }
}

/// Takes up the releases of the store.
pub(super) fn recall(
    database: &Connection,
    watch: &mut Watch,
    components: &[ComponentId],
    (releases, current): (&mut Vec<Known>, &mut BTreeMap<(String, String), ReleaseId>),
) -> Answer<()> {
    let words = "SELECT digest, product, version, components, added, id FROM release ORDER BY id";
    each(database, words, |row| {
        let (digest, product): (String, String) = (row.get(0)?, row.get(1)?);
        let (version, added): (String, String) = (row.get(2)?, row.get(4)?);
        let blob = row.get_ref(3)?.as_blob()?;
        let number =
            |bytes: &[u8]| i64::from(u32::from_le_bytes(bytes.try_into().unwrap_or([255; 4])));
        let held: Answer<Vec<ComponentId>> =
            blob.chunks(4).map(|bytes| at(components, number(bytes)).copied()).collect();
        let title = title(&product, &version);
        let id = watch.recall_release(&title, &digest, held?).map_err(full)?;
        in_order("release", row.get(5)?, i64::from(id.0))?;
        releases.push(Known { product, version, added });
        Ok(())
    })?;
    let words = "SELECT release, devices FROM fleet WHERE seq IN (SELECT max(seq) FROM fleet GROUP BY release) \
         ORDER BY seq";
    each(database, words, |row| {
        let id: u32 = row.get(0)?;
        watch.count(ReleaseId(id), row.get(1)?);
        // Of one name, the devices of all others were taken away first.
        if let Some(known) = releases.get(id as usize) {
            current.insert((known.product.clone(), known.version.clone()), ReleaseId(id));
        }
        Ok(())
    })
}
