//! The `format`s that the schemas name.

/// Whether a text has a format. An unknown format holds for every text; a test sees to it that there is none.
pub(super) fn holds(name: &str, text: &str) -> bool {
    match name {
        "date-time" => is_date_time(text),
        "date" => is_date(text),
        "iri-reference" => is_iri_reference(text),
        "uri" => {
            is_iri_reference(text) && text.split_once(':').is_some_and(|(head, _)| is_scheme(head))
        }
        "idn-email" => is_mail_address(text),
        _ => true,
    }
}

/// Whether [`holds`] has a test for a format. `string` stands in some schemas by mistake and means nothing.
#[cfg(test)]
pub(super) fn is_known(name: &str) -> bool {
    matches!(name, "date-time" | "date" | "iri-reference" | "uri" | "idn-email" | "string")
}

/// A format in words.
pub(super) fn described(name: &str) -> &'static str {
    match name {
        "date-time" => "a date and time with its offset (RFC 3339), such as 2026-01-31T12:00:00Z",
        "date" => "a date such as 2026-01-31",
        "iri-reference" => "a reference without spaces or <>\"{}|\\^` (RFC 3987)",
        "uri" => "an address with its scheme, such as https://example.org/",
        "idn-email" => "a mail address",
        _ => "text",
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|other| other.is_ascii_alphanumeric() || "+-.".contains(other))
}

/// RFC 3987, as far as characters go: none that an address may not hold, and whole percent escapes.
pub(in super::super) fn is_iri_reference(text: &str) -> bool {
    let forbidden = |found: char| found.is_control() || " <>\"{}|\\^`".contains(found);
    let mut escapes = text.split('%').skip(1);
    !text.contains(forbidden)
        && escapes.all(|rest| {
            rest.as_bytes().get(..2).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit))
        })
}

fn is_mail_address(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !text.contains(char::is_whitespace)
    })
}

/// `YYYY-MM-DD` with a day that the month has.
pub(in super::super) fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let [_, _, _, _, b'-', _, _, b'-', _, _] = bytes else { return false };
    let number = |from: usize, to: usize| digits(text, from, to);
    let (Some(year), Some(month), Some(day)) = (number(0, 4), number(5, 7), number(8, 10)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// RFC 3339: date, `T`, time with optional fraction, `Z` or an offset.
pub(in super::super) fn is_date_time(text: &str) -> bool {
    let Some((date, rest)) = text.split_at_checked(10) else { return false };
    let Some(time) = rest.strip_prefix(['T', 't']) else { return false };
    is_date(date) && is_time(time, true)
}

/// A time of day, with its offset from universal time or, where none is demanded, without.
pub(in super::super) fn is_time(text: &str, offset_demanded: bool) -> bool {
    let Some((clock, rest)) = text.split_at_checked(8) else { return false };
    let [_, _, b':', _, _, b':', _, _] = clock.as_bytes() else { return false };
    let within = |from: usize, to: usize, most: u32| {
        digits(clock, from, to).is_some_and(|number| number <= most)
    };
    if !(within(0, 2, 23) && within(3, 5, 59) && within(6, 8, 60)) {
        return false;
    }
    let rest = match rest.strip_prefix('.') {
        None => rest,
        Some(fraction) => {
            let after = fraction.trim_start_matches(|digit: char| digit.is_ascii_digit());
            if after.len() == fraction.len() {
                return false;
            }
            after
        }
    };
    match rest.as_bytes() {
        [] => !offset_demanded,
        [b'Z' | b'z'] => true,
        [b'+' | b'-', _, _, b':', _, _] => {
            let two = |from: usize, most: u32| {
                digits(rest, from, from + 2).is_some_and(|number| number <= most)
            };
            two(1, 23) && two(4, 59)
        }
        _ => false,
    }
}

fn digits(text: &str, from: usize, to: usize) -> Option<u32> {
    let part = text.get(from..to)?;
    part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_days_that_exist() {
        for good in ["2024-02-29", "2000-02-29", "2026-12-31"] {
            assert!(is_date(good), "{good}");
        }
        for bad in [
            "2023-02-29",
            "1900-02-29",
            "2026-13-01",
            "2026-00-01",
            "26-1-1",
            "2026-04-31",
            "+026-01-01",
        ] {
            assert!(!is_date(bad), "{bad}");
        }
    }

    #[test]
    fn times_need_an_offset() {
        for good in ["2020-04-07T07:01:00Z", "2020-04-07T07:01:00.5+02:00", "2020-04-07t23:59:60z"]
        {
            assert!(is_date_time(good), "{good}");
        }
        for bad in [
            "2020-04-07",
            "2020-04-07T07:01:00",
            "2020-04-07 07:01:00Z",
            "2020-04-07T24:01:00Z",
            "2020-04-07T07:01:00.Z",
            "2020-04-07T07:01:00+2",
        ] {
            assert!(!is_date_time(bad), "{bad}");
        }
    }

    #[test]
    fn references_hold_no_spaces_and_whole_escapes() {
        assert!(is_iri_reference("https://example.org/a%20b#ä") && is_iri_reference(""));
        assert!(!is_iri_reference("https://example.org/a b") && !is_iri_reference("a%2"));
        assert!(holds("uri", "urn:x:y") && !holds("uri", "no-scheme"));
    }
}
