//! Releases by name and bill, and how many devices run them.

use super::*;
use std::collections::BTreeSet;

const LEARNED: &str = "2026-11-20T06:00:00Z";
const TODAY: &str = "2026-11-22T08:00:00Z";

#[test]
fn pmk_01_two_products_with_one_bill_are_two_releases_with_their_own_findings_and_devices() {
    let mut office = Office::open(Store::in_memory().unwrap(), rules("1"), now()).unwrap();
    let pump = release("pump", "1.0", &[("time", "0.1.43")]);
    let gateway = NewRelease { product: "gateway".into(), devices: 7, ..pump.clone() };
    let put = office.put_releases([pump.clone(), gateway.clone()], TODAY).unwrap();
    assert_eq!((put.new, put.known), (2, 0));
    take(&mut office, "a.json", &osv("2026-11-20T00:00:00Z", ""), TODAY);
    let settled = settle(&mut office, TODAY);
    let told: Vec<_> =
        settled.notices.iter().map(|one| (&*one.product, one.told.devices)).collect();
    assert_eq!(told, [("gateway", 7), ("pump", 100)]);
    let digest = &pump.bill.digest;
    assert!(office.put_devices(("pump", "1.0", digest), 50, TODAY).unwrap());
    assert!(!office.put_devices(("pump", "1.1", digest), 50, TODAY).unwrap());
    let mut office = reopened(office).unwrap();
    assert_eq!(office.extent(), (2, 2, 57));
    assert_eq!(office.put_releases([pump, gateway], TODAY).unwrap().known, 2);
}

#[test]
fn pmk_01_a_bill_that_is_made_again_and_one_that_comes_back_double_no_device() {
    let mut office = Office::open(Store::in_memory().unwrap(), rules("1"), now()).unwrap();
    let first = release("pump", "1.0", &[("time", "0.1.43")]);
    let again = release("pump", "1.0", &[("time", "0.1.43"), ("log", "0.4.0")]);
    take(&mut office, "a.json", &osv("2026-11-20T00:00:00Z", ""), TODAY);
    let mut notices = 0;
    for one in [&first, &again, &first, &again] {
        office.put_releases([one.clone()], TODAY).unwrap();
        assert_eq!(office.extent(), (office.extent().0, 1, 100));
        notices += settle(&mut office, TODAY).notices.len();
        let told = office.finding(FindingId(1)).unwrap().told;
        assert_eq!((told.releases, told.devices), (1, 100));
        office = reopened(office).unwrap();
    }
    assert_eq!(notices, 1, "it is the same release for people");
}

#[test]
fn pmk_01_a_release_that_leaves_the_field_runs_on_no_device() {
    let mut office = office();
    take(&mut office, "a.json", &osv("2026-11-20T00:00:00Z", ""), TODAY);
    settle(&mut office, TODAY);
    let all = BTreeSet::from([("pump", "1.1"), ("gateway", "2.0")]);
    office.put_all(&all, "2026-11-22T09:00:00Z").unwrap();
    assert_eq!(office.extent(), (3, 2, 200));
    assert!(settle(&mut office, "2026-11-22T09:00:00Z").notices.is_empty());
    assert_eq!(office.finding(FindingId(1)).unwrap().told.devices, 100);
    assert_eq!(reopened(office).unwrap().extent(), (3, 2, 200));
}

#[test]
fn pmk_01_another_version_of_the_program_reads_the_files_again() {
    let mut office = office();
    let text = osv("2026-11-20T00:00:00Z", "");
    take(&mut office, "a.json", &text, LEARNED);
    let file = listed("a.json", &text, LEARNED);
    let office = reopened(office).unwrap();
    assert!(office.has_taken(&file).unwrap());
    let mut office = updated(office);
    assert!(!office.has_taken(&file).unwrap());
    let round = take(&mut office, "a.json", &text, LEARNED);
    assert_eq!((round.taken.records, round.taken.same), (1, 1), "and it says the same");
}

#[test]
fn pmk_02_a_risk_file_that_another_process_keeps_holds_from_the_next_settling_on() {
    let folder = std::env::temp_dir().join(format!("homeostat-beside-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("office.db");
    let mut watch = Office::open(Store::open(&path).unwrap(), rules("1"), now()).unwrap();
    watch.put_releases([release("pump", "1.0", &[("time", "0.1.43")])], LEARNED).unwrap();
    take(&mut watch, "a.json", &osv("2026-11-20T00:00:00Z", ""), LEARNED);
    assert_eq!(settle(&mut watch, TODAY).notices[0].told.class, Class::Uncontrolled);
    let mut beside = Office::look(Store::open(&path).unwrap()).unwrap();
    with_risks(&mut beside);
    let maker = Maker { name: "Another name".into(), ..Maker::default() };
    beside.put_maker(&Field { maker, ..Field::default() }).unwrap();
    assert_eq!(settle(&mut watch, TODAY).notices[0].told.class, Class::Controlled);
    assert_eq!(watch.maker().name, "Another name");
    let _ = std::fs::remove_dir_all(&folder);
}
