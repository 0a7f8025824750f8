//! Attacks that are said, withdrawn and said again.

use super::decisions::*;
use super::*;

const LATER: &str = "2026-11-24T08:00:00Z";
const END: &str = "2026-12-31T00:00:00Z";

/// An attack of which the maker learns when it is said.
fn attack_now(at: &str) -> Given {
    Given { learned: None, ..attack(at) }
}

fn withdrawn(at: &str) -> Given {
    Given { withdrawn: Some("it was a drill".into()), ..given_by(at) }
}

/// The rows of the clocks of F-1 that run, sorted.
fn running(office: &Office) -> Vec<String> {
    let clocks = office.clocks(Some(FindingId(1)), time(END)).unwrap().into_iter();
    let runs = clocks.filter(|one| one.running.clock.stopped().is_none());
    let mut rows: Vec<String> = runs.map(|one| one.running.clock.row.id).collect();
    rows.sort();
    rows
}

fn stop_all(office: &mut Office, at: &str) {
    for one in office.clocks(Some(FindingId(1)), time(END)).unwrap() {
        if one.running.clock.stopped().is_none() {
            let evidence = (time(at), "filed", "R. Example");
            office.stop_clock(one.running.id, evidence, time(END)).unwrap();
        }
    }
}

#[test]
fn pmk_18_what_is_said_to_be_exploited_again_after_a_withdrawal_starts_its_clocks_again() {
    let exploited = ["cra-14-24h", "cra-14-72h", "fda-postmarket-30", "fda-postmarket-60"];
    for listed in [false, true] {
        let mut office = controlled();
        under_cra(&mut office);
        decide(&mut office, &attack(AT), AT).unwrap();
        decide(&mut office, &withdrawn(AT), AT).unwrap();
        stop_all(&mut office, AT);
        assert_eq!(settle(&mut office, AT).notices, []);
        if listed {
            take(&mut office, "kev.json", KEV, LATER);
            settle(&mut office, LATER);
        } else {
            decide(&mut office, &attack_now(LATER), LATER).unwrap();
        }
        let mut runs = running(&office);
        runs.retain(|row| exploited.contains(&&**row));
        assert_eq!(runs, exploited, "listed {listed}");
        // Said twice it starts nothing twice.
        stop_all(&mut office, LATER);
        decide(&mut office, &attack(LATER), LATER).unwrap();
        assert_eq!(running(&office).iter().filter(|row| exploited.contains(&&***row)).count(), 0);
    }
}
