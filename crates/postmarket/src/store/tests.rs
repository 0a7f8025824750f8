use super::*;
use std::path::PathBuf;

fn place(name: &str) -> PathBuf {
    let folder =
        std::env::temp_dir().join(format!("homeostat-store-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder.join("office.db")
}

#[test]
fn pmk_01_a_store_is_made_opened_again_and_a_newer_one_refused_by_name() {
    let path = place("newer");
    let mut store = Store::open(&path).unwrap();
    store.write(|database| keep_setting(database, "a", "1")).unwrap();
    drop(store);
    let mut store = Store::open_existing(&path).unwrap();
    assert_eq!(store.read(|database| setting(database, "a")).unwrap().as_deref(), Some("1"));
    store
        .write(|database| Ok(database.pragma_update(None, "user_version", SCHEMA_VERSION + 1)?))
        .unwrap();
    drop(store);
    let error = Store::open(&path).unwrap_err().to_string();
    assert!(error.contains("office.db: expected a store of schema 2, found 3"), "{error}");
    let old = Connection::open(&path).unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    let error = Store::open(&path).unwrap_err().to_string();
    assert!(error.contains("found 1, of before the first release: make it anew"), "{error}");
}

#[test]
fn pmk_01_another_programs_database_and_other_files_are_not_touched() {
    let path = place("other");
    let database = Connection::open(&path).unwrap();
    database.execute_batch("CREATE TABLE theirs (a)").unwrap();
    drop(database);
    let before = std::fs::read(&path).unwrap();
    assert!(matches!(Store::open(&path), Err(StoreError::NotOurs { .. })));
    assert_eq!(std::fs::read(&path).unwrap(), before);
    std::fs::write(&path, [b'x'; 5000]).unwrap();
    let error = Store::open(&path).unwrap_err().to_string();
    assert!(error.contains("not a database"), "{error}");
    assert!(Store::open_existing(&path.with_file_name("none.db")).is_err());
}

#[test]
fn pmk_01_history_is_only_added_to_and_a_write_is_whole_or_not_at_all() {
    let mut store = Store::in_memory().unwrap();
    let file = "INSERT INTO feed_file (name, digest, fetched, taken, rules, records, rejected) VALUES ('a', '', '', '', '', 1, 0)";
    store.write(|database| Ok(database.execute(file, [])?)).unwrap();
    for change in ["DELETE FROM feed_file", "DELETE FROM revision", "DELETE FROM decision"] {
        let gone = store.write(|database| Ok(database.execute(change, [])?));
        match gone {
            // Without rows there is nothing to keep.
            Ok(count) => assert_eq!((count, change != "DELETE FROM feed_file"), (0, true)),
            Err(error) => assert!(error.to_string().contains("history is kept"), "{error}"),
        }
    }
    let half: Result<(), _> = store.write(|database| {
        database.execute(file, [])?;
        Err(Trouble::new("the second step", "nothing", "something"))
    });
    let error = half.unwrap_err().to_string();
    assert_eq!(error, "memory: the second step: found nothing; expected something");
    let count = store
        .read(|database| {
            Ok(database
                .query_row("SELECT count(*) FROM feed_file", [], |row| row.get::<_, i64>(0))?)
        })
        .unwrap();
    assert_eq!(count, 1);
}
