//! Decision records of every release: each replays to the same bytes for ever, by the table that it names.

use homeostat_postmarket::harm::decision::{Record, check_chain, replay};
use homeostat_postmarket::harm::matrix::InForce;
use std::fs;
use std::path::{Path, PathBuf};

fn released() -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/decisions");
    let entries = fs::read_dir(&folder).expect("vectors/decisions").flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read(path).expect("a record"))).collect()
}

#[test]
fn pmk_03_every_released_decision_replays_to_the_same_bytes() {
    let released = released();
    assert!(released.len() >= 3, "{released:?}");
    for (path, bytes) in &released {
        let record: Record = serde_json::from_slice(bytes).expect("a record");
        let table = record.inputs.tables.first().expect("it names its table");
        let table = InForce::shipped_as(&table.digest).expect("no shipped table is ever dropped");
        assert_eq!(replay(bytes, &table).as_ref(), Ok(bytes), "{}", path.display());
    }
}

#[test]
fn pmk_03_the_released_decisions_of_one_store_are_a_chain() {
    let decided: Vec<Record> = released()
        .into_iter()
        .map(|(_, bytes)| serde_json::from_slice::<Record>(&bytes).expect("a record"))
        .filter(Record::is_decision)
        .collect();
    assert_eq!(decided.len(), 2);
    check_chain(&decided).expect("each names the one before");
    let [first, second] = decided.as_slice() else { unreachable!("two") };
    assert!(check_chain(&[second.clone(), first.clone()]).is_err());
}
