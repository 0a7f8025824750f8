//! Bad files: one clear error, never a panic, nothing lost.

use proptest::prelude::*;

use super::*;

#[test]
fn analyse_refuses_what_it_cannot_read_with_file_place_found_and_expected() {
    for (text, wanted) in [
        ("", "file.csv: found nothing; expected a CGM export"),
        ("\n \n", "file.csv: found nothing"),
        ("a,b\n1,2\n", "file.csv:1: found no header that names a time and a glucose column"),
        ("time,glucose\n", "file.csv: found no sensor reading in 0 rows"),
        ("time,glucose\nx,100\n", "no usable reading in 1 rows, the first at line 2: no readable"),
        ("time,glucose\n2025-01-01 00:00,100\n2025-01-01 00:05,20\n", "values in two units"),
        ("time,glucose mg/dL\n2025-01-01 00:00,5.5\n", "the file says mg/dL; expected values that"),
        ("time,glucose mmol/L\n2025-01-01 00:00,100\n", "although the file says mmol/L"),
        ("time,glucose\n2025-01-01 00:00,Low\n", "--units"),
        ("[{\"sgv\":1", "file.csv:1: found JSON that cannot be read"),
        ("{\"a\":1}", "no sensor reading in 1 rows"),
        ("time,glucose\n\0", "binary data"),
    ] {
        let error = refused(text);
        assert!(error.contains(wanted), "{text:?} gave {error}");
        assert_eq!(error.lines().count(), 1);
    }
}

#[test]
fn analyse_refuses_two_columns_of_one_name_and_names_both() {
    for (header, says) in [
        (
            "time,glucose,glucose",
            "file.csv:1: found two columns of one name, column 2 \"glucose\" and column 3 \"glucose\"; \
             expected one such column",
        ),
        ("time,Glucose (mg/dL),Glucose (mmol/L)", "column 2 \"Glucose (mg/dL)\" and column 3 "),
        ("time,glucose,Time", "column 1 \"time\" and column 3 \"Time\""),
        ("id,time,ID,gl", "column 1 \"id\" and column 3 \"ID\""),
        ("time;gl;gl;x", "column 2 \"gl\" and column 3 \"gl\""),
    ] {
        let error = refused(&format!("{header}\n2025-01-01 00:00,100,101\n"));
        assert!(error.contains(says), "{header}: {error}");
    }
    let export = read("time,value,glucose\n2025-01-01 00:00,7,100\n");
    assert_eq!(tenths(&export.subjects[0]), [1000]);
    let note = "glucose is column 3 \"glucose\"; column 2 \"value\" looks like glucose too and was not \
                read";
    assert_eq!((export.notes[0].line, export.notes[0].text.as_str()), (Some(1), note));
}

#[test]
fn analyse_says_no_more_of_a_file_than_fits_a_message() {
    let (long, digits) = ("y".repeat(100_000), "9".repeat(300));
    for text in [
        format!("{long}\n1\n"),
        format!("time,glucose,{long}\n{long},1\n"),
        format!("time,glucose\n2025-01-01 00:00,{long}\n"),
        format!("time,glucose\n2025-01-01 00:00,{digits}\n2025-01-01 00:05,5.5\n"),
        format!("time,glucose mmol/L\n2025-01-01 00:00,{digits}\n"),
        format!("time,glucose mg/dL\n2025-01-01 00:00,{digits}\n"),
        format!("time,glucose {long},glucose {long}\n2025-01-01 00:00,1,1\n"),
        format!("[{{\"sgv\":{digits}{digits}}}]"),
        format!("[{{\"{long}\":}}]"),
    ] {
        let error = refused(&text);
        assert!(error.len() < 500, "{} bytes: {error:.300}", error.len());
        assert_eq!(error.lines().count(), 1);
    }
    let named =
        format!("id,time,gl\n{},2025-01-01 00:00,100\nb,2025-01-01 00:00,100\n", &long[..101]);
    let export = read(&named);
    assert_eq!((export.subjects.len(), export.unusable.total()), (1, 1));
    assert!(export.unusable.rows[0].found.contains("name of more than 100 bytes"));
}

#[test]
fn analyse_names_the_line_where_a_row_stands_behind_empty_lines() {
    let export = read("\n\ntime,glucose\n\n2025-01-01 00:00,100\r\n\r\n2025-01-01 00:05,oops\n");
    assert_eq!(export.subjects[0].readings[0].line, 5);
    assert_eq!(export.unusable.rows[0].line, 7);
}

#[test]
fn analyse_never_takes_a_value_of_the_other_unit_for_a_reading() {
    let row = |minute: u32, value: &str| format!("2025-01-01 00:{minute:02},{value}\n");
    let mixed = format!("time,glucose\n{}{}", row(0, "101"), row(5, "5.6"));
    assert!(refused(&mixed).contains("values in two units, 101 (line 2) and 5.6 (line 3)"));
    let code = read(&format!("time,glucose\n{}{}", row(0, "101"), row(5, "5")));
    assert_eq!(tenths(&code.subjects[0]), [1010]);
    assert_eq!(code.unusable.counts.get(&Defect::Impossible), Some(&1));
    let rows = format!("{}{}{}", row(0, "5.5"), row(5, "101"), row(10, "6.0"));
    let mmol = read(&format!("time,glucose mmol/L\n{rows}"));
    assert_eq!(mmol.subjects[0].readings.len(), 2);
    assert_eq!(mmol.unusable.counts.get(&Defect::Impossible), Some(&1));
}

#[test]
fn analyse_loses_no_row_to_an_open_quote_or_an_unquoted_decimal_comma() {
    let open = "time,glucose\n2025-01-01 00:00,\"100\n2025-01-01 00:05,101\n";
    assert!(refused(open).starts_with("file.csv:2: found a quoted field that goes on"));
    let long = format!("time,glucose,note\n2025-01-01 00:00,100,\"{}", "lost,row\n".repeat(600));
    assert!(refused(&long).starts_with("file.csv:2: found a quoted field that goes on"));
    let note = "time,glucose,note\n2025-01-01 00:00,100,\"two\nlines\"\n";
    assert_eq!(tenths(&read(note).subjects[0]), [1000]);
    let comma = "time,glucose\n2025-01-01 00:00,5.5\n2025-01-01 00:05,5,6\n";
    assert_eq!(read(comma).unusable.counts.get(&Defect::Malformed), Some(&1));
}

#[test]
fn analyse_gives_a_terminal_no_control_characters() {
    let export = read("time,glucose,subject\n2025-01-01 00:00,100,\u{1b}[31mred\n");
    assert_eq!(export.subjects[0].subject, "\u{fffd}[31mred");
}

#[test]
fn analyse_takes_the_unit_that_it_is_told() {
    let text = "time,glucose\n2025-01-01 00:00,100\n2025-01-01 00:05,20\n2025-01-01 00:10,0\n";
    let options = Options { unit: Some(Unit::MgDl), ..Options::default() };
    let export = read_export("f", text.as_bytes(), &options).expect("readable");
    assert_eq!(tenths(&export.subjects[0]), [1000, 200]);
    assert_eq!(export.unusable.counts.get(&Defect::Impossible), Some(&1));
    assert_eq!(export.unit_source, UnitSource::Told);
}

#[test]
fn analyse_counts_every_bad_row_and_lists_the_first_thousand() {
    let mut text = "time,glucose\n2025-01-01 00:00,100\n".to_owned();
    for _ in 0..1500 {
        text.push_str("2025-01-01 00:05,?\n");
    }
    text.push_str("2025-01-01\n");
    let export = read(&text);
    assert_eq!(export.unusable.counts.get(&Defect::Value), Some(&1500));
    assert_eq!(export.unusable.counts.get(&Defect::Time), Some(&1));
    assert_eq!(export.unusable.rows.len(), 1000);
    let wide = format!("time,glucose\n{}\n", ",".repeat(2 * 1024 * 1024));
    assert!(refused(&wide).starts_with("file.csv:2: found a line of more than 1 MiB"));
    let long =
        format!("time,glucose\n2025-01-01 00:00,100\n2025-01-01 00:05,{}\n", "1".repeat(5000));
    assert_eq!(read(&long).unusable.counts.get(&Defect::Malformed), Some(&1));
}

#[test]
fn analyse_reads_wide_and_old_encodings() {
    let text = "time,glucose\n2025-01-01 00:00,100\n";
    let mut wide = vec![0xff, 0xfe];
    wide.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    let export = read_export("f", &wide, &Options::default()).expect("UTF-16");
    assert_eq!(tenths(&export.subjects[0]), [1000]);
    let latin = b"id,time,glucose\nM\xfcller,2025-01-01 00:00,100\n";
    let export = read_export("f", latin, &Options::default()).expect("Latin-1");
    assert_eq!(export.subjects[0].subject, "Müller");
}

/// Text that looks enough like an export to get past the header.
fn nearly_an_export() -> impl Strategy<Value = String> {
    let field = prop_oneof![
        "[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}[ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2})?\
         ( ?[AaPp][Mm]|Z|[+-][0-9]{2}:?[0-9]{2})?",
        "[0-9]{1,4}([.,][0-9]{1,3})?",
        "EGV|Low|HIGH|0|1|\"|\"\"|sgv",
        "\\PC{0,12}",
    ];
    let header = prop_oneof![
        Just("id,time,gl".to_owned()),
        Just("time;glucose (mmol/L)".to_owned()),
        Just("Timestamp (YYYY-MM-DDThh:mm:ss),Event Type,Glucose Value (mg/dL)".to_owned()),
        Just("Device Timestamp,Record Type,Historic Glucose mg/dL,Scan Glucose mg/dL".to_owned()),
    ];
    let row = prop::collection::vec(field, 0..5);
    (header, prop::collection::vec((row, "[,;]"), 0..20)).prop_map(|(header, rows)| {
        let mut text = header;
        for (fields, separator) in rows {
            text.push('\n');
            text.push_str(&fields.join(&separator));
        }
        text
    })
}

fn nearly_nightscout() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        any::<i64>().prop_map(|n| n.to_string()),
        any::<f64>().prop_filter("JSON", |n| n.is_finite()).prop_map(|n| n.to_string()),
        "\"[0-9T:Z+-]{0,24}\"",
        Just("null".to_owned()),
        Just("[{}]".to_owned()),
        Just("1735689600000".to_owned()),
    ];
    let key = "sgv|mgdl|date|mills|dateString|utcOffset|type|result";
    let entry = prop::collection::vec((key, value), 0..5).prop_map(|pairs| {
        let inner: Vec<String> = pairs.iter().map(|(k, v)| format!("\"{k}\":{v}")).collect();
        format!("{{{}}}", inner.join(","))
    });
    prop::collection::vec(entry, 0..6).prop_map(|entries| format!("[{}]", entries.join(",")))
}

fn strictly_rising(export: &Export) -> bool {
    export
        .subjects
        .iter()
        .all(|trace| !trace.readings.is_empty() && trace.series(Weighting::Time).is_ok())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn analyse_never_panics_on_bytes(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = read_export("f", &bytes, &Options::default());
    }

    #[test]
    fn analyse_never_panics_and_loses_no_row(text in nearly_an_export()) {
        if let Ok(export) = read_export("f", text.as_bytes(), &Options::default()) {
            prop_assert!(strictly_rising(&export));
            let readings: usize = export.subjects.iter().map(|t| t.readings.len()).sum();
            let listed = export.unusable.total();
            prop_assert!(readings as u64 + listed <= text.lines().count() as u64 + 1);
            prop_assert!(readings > 0);
        }
    }

    #[test]
    fn analyse_never_panics_on_json(text in nearly_nightscout()) {
        if let Ok(export) = read_export("f", text.as_bytes(), &Options::default()) {
            prop_assert!(strictly_rising(&export));
        }
    }

    #[test]
    fn analyse_accounts_for_every_row(
        rows in prop::collection::vec((0_u32..400, 40_u32..400, any::<bool>()), 1..60)
    ) {
        let mut text = "time,glucose\n2025-01-01 00:00,100\n".to_owned();
        for (minute, value, good) in &rows {
            let value = if *good { value.to_string() } else { "?".to_owned() };
            text.push_str(&format!("2025-01-01 {:02}:{:02},{value}\n", minute / 60, minute % 60));
        }
        let export = read_export("f", text.as_bytes(), &Options::default()).expect("readable");
        let readings = export.subjects[0].readings.len() as u64;
        prop_assert_eq!(readings + export.unusable.total(), rows.len() as u64 + 1);
    }
}
