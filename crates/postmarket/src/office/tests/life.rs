//! What befalls a store and a finding in a long life.

use super::*;

fn sql(office: &mut Office, words: &str) {
    office.store.write(|database| Ok(database.execute_batch(words)?)).unwrap();
}

#[test]
fn pmk_01_after_a_failed_write_the_office_refuses_until_it_is_opened_again() {
    let mut office = office();
    sql(
        &mut office,
        "CREATE TRIGGER full BEFORE INSERT ON feed_file BEGIN SELECT RAISE(ABORT, 'disk full'); END",
    );
    let text = osv("2026-11-20T00:00:00Z", "");
    let (listed, learned) =
        (listed("a.json", &text, "2026-11-21T06:00:00Z"), "2026-11-21T06:00:00Z");
    let again = |office: &mut Office| {
        let intake = read_feed(text.as_bytes(), "a.json");
        office.take(&listed, intake, (learned, learned), &mut Round::default())
    };
    assert!(again(&mut office).unwrap_err().to_string().contains("disk full"));
    sql(&mut office, "DROP TRIGGER full");
    let error = again(&mut office).unwrap_err().to_string();
    assert!(office.is_ahead() && error.contains("open the office again"), "{error}");
    let mut office = reopened(office).unwrap();
    again(&mut office).unwrap();
    assert_eq!(settle(&mut office, "2026-11-22T08:00:00Z").notices.len(), 1);
}

#[test]
fn pmk_01_a_row_that_is_missing_is_named_and_shifts_no_other() {
    for (table, held) in [("component", 3), ("advisory", 1), ("release", 3)] {
        let mut office = office();
        take(&mut office, "a.json", &osv("2026-11-20T00:00:00Z", ""), "2026-11-21T06:00:00Z");
        sql(&mut office, "DROP TRIGGER keep_release_as_it_is; PRAGMA foreign_keys = OFF");
        sql(&mut office, &format!("UPDATE {table} SET id = id + 1 WHERE id = {}", held - 1));
        let error = reopened(office).unwrap_err().to_string();
        assert!(error.contains(&format!("{table} {held}: found it")), "{error}");
    }
}
