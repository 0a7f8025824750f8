//! What the store knows around a finding, for those who write about it.

use super::Office;
use super::clocks::{all, follows};
use super::findings::{self, FindingId};
use crate::clock::Legal;
use crate::publish::Known;
use crate::store::StoreError;

impl Office {
    /// What is known around a finding: as whom it is published, how many it reaches, since when it is to be reported.
    ///
    /// # Errors
    /// If there is no such finding, or the store cannot be read.
    pub fn known(&self, id: FindingId) -> Result<Known, StoreError> {
        let (finding, clocks) = self
            .store
            .read(|database| Ok((findings::get(database, id)?, all(database, Some(id))?)))?;
        let reports = || {
            let clocks = clocks.iter().map(|one| &one.clock);
            clocks.filter(|clock| {
                let row = &clock.row;
                row.status == Legal::Law && row.start.starts_with("aware-") && !follows(&row.start)
            })
        };
        let runs = |row: &str| reports().any(|clock| clock.row.id == row);
        let product = self.memory.products.get(&finding.product);
        Ok(Known {
            publisher: self.memory.maker.publisher(),
            package: product.and_then(|product| product.package.clone()),
            releases: finding.told.releases,
            devices: finding.told.devices,
            aware: reports().filter_map(|clock| Some(clock.history().last()?.time)).min(),
            us_report: match (runs("us-803-5"), runs("us-803-30")) {
                (true, _) => Some("5-day"),
                (false, true) => Some("30-day"),
                (false, false) => None,
            },
        })
    }
}
