//! What is in the field: components kept once, releases that never change, and which device runs which release.
//!
//! Devices never appear in matching: they collapse to releases, and releases to components.

use super::name::Name;
use super::product_table::ProductTable;
use super::subject::Subject;
use crate::sbom::{Bill, Component};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A component of any release, once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct ComponentId(pub u32);

/// A release.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct ReleaseId(pub u32);

/// A release, known by the digest of its bill and by what people call it; it never changes.
#[derive(Clone, Debug)]
pub struct Release {
    /// SHA-256 of the bill's bytes.
    pub digest: String,
    /// What people call it.
    pub title: String,
    /// Its components, sorted.
    pub components: Vec<ComponentId>,
    /// Devices that run it now.
    pub devices: u64,
}

/// Releases, their components and the fleet.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    subjects: Vec<Subject>,
    known: BTreeMap<Subject, ComponentId>,
    by_name: BTreeMap<Name, Vec<ComponentId>>,
    releases: Vec<Release>,
    by_digest: BTreeMap<(String, String), ReleaseId>,
    /// Releases of each component, sorted.
    within: Vec<Vec<ReleaseId>>,
    fleet: BTreeMap<Box<str>, ReleaseId>,
}

/// What became of a release that was added.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Added {
    /// Which release it is; an earlier one if it was there.
    pub release: ReleaseId,
    /// Components that no release had before.
    pub fresh: Vec<ComponentId>,
}

/// There are more components or releases than can be numbered.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("expected at most 4,294,967,295 components and releases; keep several catalogues")]
pub struct Full;

impl Catalogue {
    /// Adds a release; one with the bill and the title of an earlier one is that one.
    ///
    /// # Errors
    ///
    /// Where the catalogue is full.
    pub fn add(&mut self, title: &str, bill: &Bill, table: &ProductTable) -> Result<Added, Full> {
        if let Some(release) = self.find(&bill.digest, title) {
            return Ok(Added { release, fresh: Vec::new() });
        }
        let mut fresh = Vec::new();
        let mut components = Vec::with_capacity(bill.components.len());
        for component in &bill.components {
            let (id, is_fresh) = self.know(component, table)?;
            if is_fresh {
                fresh.push(id);
            }
            components.push(id);
        }
        let release = self.hold(title, &bill.digest, components)?;
        Ok(Added { release, fresh })
    }

    /// The number of a component, and whether it has it since now.
    ///
    /// # Errors
    ///
    /// Where the catalogue is full.
    pub fn know(
        &mut self,
        component: &Component,
        table: &ProductTable,
    ) -> Result<(ComponentId, bool), Full> {
        let subject = Subject::of(component, table);
        match self.known.get(&subject) {
            Some(&id) => Ok((id, false)),
            None => Ok((self.intern(subject)?, true)),
        }
    }

    /// Adds a release by the digest of its bill and components that are known already.
    ///
    /// # Errors
    ///
    /// Where the catalogue is full.
    pub fn hold(
        &mut self,
        title: &str,
        digest: &str,
        mut components: Vec<ComponentId>,
    ) -> Result<ReleaseId, Full> {
        if let Some(release) = self.find(digest, title) {
            return Ok(release);
        }
        let release = ReleaseId(u32::try_from(self.releases.len()).map_err(|_| Full)?);
        components.sort_unstable();
        components.dedup();
        for id in &components {
            if let Some(within) = self.within.get_mut(id.0 as usize) {
                within.push(release);
            }
        }
        let (digest, title) = (digest.to_owned(), title.to_owned());
        self.by_digest.insert((digest.clone(), title.clone()), release);
        self.releases.push(Release { digest, title, components, devices: 0 });
        Ok(release)
    }

    /// Says how many devices run a release, where the devices themselves are not known here.
    pub fn count(&mut self, release: ReleaseId, devices: u64) {
        if let Some(one) = self.releases.get_mut(release.0 as usize) {
            one.devices = devices;
        }
    }

    /// The release with a bill of this digest and this title.
    #[must_use]
    pub fn find(&self, digest: &str, title: &str) -> Option<ReleaseId> {
        self.by_digest.get(&(digest.to_owned(), title.to_owned())).copied()
    }

    fn intern(&mut self, subject: Subject) -> Result<ComponentId, Full> {
        let id = ComponentId(u32::try_from(self.subjects.len()).map_err(|_| Full)?);
        for called in &subject.names {
            self.by_name.entry(called.name.clone()).or_default().push(id);
        }
        self.known.insert(subject.clone(), id);
        self.subjects.push(subject);
        self.within.push(Vec::new());
        Ok(id)
    }

    /// Says which release a device runs from now on. `false` if there is no such release.
    pub fn install(&mut self, device: &str, release: ReleaseId) -> bool {
        if self.release(release).is_none() {
            return false;
        }
        let before = match self.fleet.get_mut(device) {
            Some(runs) => Some(std::mem::replace(runs, release)),
            None => {
                self.fleet.insert(device.into(), release);
                None
            }
        };
        let count = |id: ReleaseId| id.0 as usize;
        if let Some(one) = before.and_then(|before| self.releases.get_mut(count(before))) {
            one.devices = one.devices.saturating_sub(1);
        }
        if let Some(one) = self.releases.get_mut(count(release)) {
            one.devices += 1;
        }
        true
    }

    /// A device is not in the field any more.
    pub fn retire(&mut self, device: &str) {
        let before = self.fleet.remove(device);
        if let Some(one) = before.and_then(|before| self.releases.get_mut(before.0 as usize)) {
            one.devices = one.devices.saturating_sub(1);
        }
    }

    /// A component.
    #[must_use]
    pub fn subject(&self, id: ComponentId) -> Option<&Subject> {
        self.subjects.get(id.0 as usize)
    }

    /// Components under a name.
    #[must_use]
    pub fn under(&self, name: &Name) -> &[ComponentId] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// All components, in the order in which they came.
    pub fn subjects(&self) -> impl Iterator<Item = (ComponentId, &Subject)> {
        (0..).map(ComponentId).zip(&self.subjects)
    }

    /// A release.
    #[must_use]
    pub fn release(&self, id: ReleaseId) -> Option<&Release> {
        self.releases.get(id.0 as usize)
    }

    /// All releases, in the order in which they came.
    pub fn releases(&self) -> impl Iterator<Item = (ReleaseId, &Release)> {
        (0..).map(ReleaseId).zip(&self.releases)
    }

    /// Releases that have a component.
    #[must_use]
    pub fn having(&self, id: ComponentId) -> &[ReleaseId] {
        self.within.get(id.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// Releases that have any of the components, sorted, and how many devices run them.
    #[must_use]
    pub fn reach(&self, components: impl IntoIterator<Item = ComponentId>) -> Reach {
        let mut bits = vec![0_u64; self.releases.len().div_ceil(64)];
        for id in components {
            for release in self.having(id) {
                if let Some(word) = bits.get_mut(release.0 as usize / 64) {
                    *word |= 1 << (release.0 % 64);
                }
            }
        }
        let mut reach = Reach::default();
        for (index, release) in (0..).map(ReleaseId).zip(&self.releases) {
            let word = bits.get(index.0 as usize / 64).copied().unwrap_or(0);
            if word >> (index.0 % 64) & 1 == 1 {
                reach.releases.push(index);
                reach.devices += release.devices;
            }
        }
        reach
    }

    /// The devices that run any of the releases (sorted), in the order of their names.
    pub fn devices(&self, releases: &[ReleaseId]) -> impl Iterator<Item = &str> {
        let runs = |id: &ReleaseId| releases.binary_search(id).is_ok();
        self.fleet.iter().filter(move |(_, release)| runs(release)).map(|(device, _)| &**device)
    }
}

/// How far something reaches.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Reach {
    /// Releases, sorted.
    pub releases: Vec<ReleaseId>,
    /// Devices that run them.
    pub devices: u64,
}
