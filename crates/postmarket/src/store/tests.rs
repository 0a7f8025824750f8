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
    assert!(error.contains("office.db: expected a store of schema 3, found 4"), "{error}");
    let old = Connection::open(&path).unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    let error = Store::open(&path).unwrap_err().to_string();
    assert!(error.contains("found 1, of before the first release: make it anew"), "{error}");
}

/// Tables, columns and triggers, however they came about.
fn shape(store: &Store) -> Vec<String> {
    let words = "SELECT part.type || ' ' || part.name || ' ' || coalesce(info.name || ' ' || info.type, part.sql, '') \
         FROM sqlite_schema AS part LEFT JOIN pragma_table_xinfo(part.name) AS info ON part.type = 'table' ORDER BY 1";
    let asked = store.read(|database| {
        let mut asked = database.prepare(words)?;
        let found = asked.query_map([], |row| row.get(0))?;
        Ok(found.collect::<Result<_, _>>()?)
    });
    asked.unwrap()
}

#[test]
fn pmk_01_a_store_of_the_first_release_is_brought_up_and_keeps_what_it_holds() {
    let path = place("older");
    let old = Connection::open(&path).unwrap();
    old.execute_batch(include_str!("../../testdata/store/schema-2.sql")).unwrap();
    old.pragma_update(None, "application_id", APPLICATION).unwrap();
    old.pragma_update(None, "user_version", 2).unwrap();
    old.execute_batch(
        "INSERT INTO component VALUES (0, '{}'); \
         INSERT INTO finding VALUES (1, 0, 'pump', 'CVE-1', 1, '\"affected\"', '\"controlled\"', 1, 10); \
         INSERT INTO finding VALUES (2, 0, 'hub', 'CVE-1', 1, '\"affected\"', '\"controlled\"', 1, 10); \
         INSERT INTO clock VALUES (1, 1, 'fda-postmarket-30', '{\"start\":\"learned-of-uncontrolled-vulnerability\"}'); \
         INSERT INTO clock VALUES (2, 2, 'cra-14-24h', '{\"start\":\"aware-of-active-exploitation\"}'); \
         INSERT INTO decision VALUES (1, 1, 'd', NULL, x'7b7d', '2026-01-01T00:00:00Z', NULL)",
    )
    .unwrap();
    drop(old);
    for _ in 0..2 {
        let store = Store::open(&path).unwrap();
        assert_eq!(shape(&store), shape(&Store::in_memory().unwrap()));
        let kept = store.read(|database| {
            let words = "SELECT product, exploited, digest, recorded, unsettled.component FROM finding, decision, unsettled \
                         WHERE finding.id = 1";
            Ok(database.query_row(words, [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })?)
        });
        let expected: (String, bool, String, Option<String>) =
            ("pump".into(), false, "d".into(), None);
        assert_eq!(kept.unwrap(), expected);
        // A clock of exploitation that was stopped is not missing.
        let words = "SELECT exploited FROM finding WHERE id = 2";
        let told = store.read(|database| Ok(database.query_row(words, [], |row| row.get(0))?));
        let told: bool = told.unwrap();
        assert!(told);
    }
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
