//! One value, one byte string: JSON with sorted keys, without spaces and without fractions.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Why a value has no canonical form.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{pointer}: {reason}; expected JSON with whole numbers")]
pub struct CanonicalError {
    /// Where (RFC 6901).
    pub pointer: String,
    /// Why.
    pub reason: String,
}

/// The canonical bytes of a value.
///
/// # Errors
/// If the value cannot be written as JSON or holds a number that is not whole.
pub fn bytes(value: &impl Serialize) -> Result<Vec<u8>, CanonicalError> {
    let value = serde_json::to_value(value)
        .map_err(|error| CanonicalError { pointer: String::new(), reason: error.to_string() })?;
    let mut out = Vec::new();
    write(&value, &mut String::new(), &mut out)?;
    Ok(out)
}

/// SHA-256 as lower-case hexadecimal.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn write(value: &Value, pointer: &mut String, out: &mut Vec<u8>) -> Result<(), CanonicalError> {
    let length = pointer.len();
    match value {
        Value::Object(fields) => {
            let mut keys: Vec<&String> = fields.keys().collect();
            keys.sort_unstable();
            out.push(b'{');
            for (index, key) in keys.into_iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                out.extend(Value::String(key.clone()).to_string().as_bytes());
                out.push(b':');
                pointer.push('/');
                pointer.push_str(&escaped(key));
                write(&fields[key], pointer, out)?;
                pointer.truncate(length);
            }
            out.push(b'}');
        }
        Value::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                pointer.push_str(&format!("/{index}"));
                write(item, pointer, out)?;
                pointer.truncate(length);
            }
            out.push(b']');
        }
        Value::Number(number) if number.is_f64() => {
            return Err(CanonicalError {
                pointer: pointer.clone(),
                reason: format!("{number} is not whole"),
            });
        }
        plain => out.extend(plain.to_string().as_bytes()),
    }
    Ok(())
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Where two values first differ, in canonical order, with what stands there.
#[must_use]
pub fn first_difference(a: &Value, b: &Value) -> Option<(String, String, String)> {
    match (a, b) {
        (Value::Object(left), Value::Object(right)) => {
            let mut keys: Vec<&String> = left.keys().chain(right.keys()).collect();
            keys.sort_unstable();
            keys.dedup();
            keys.into_iter().find_map(|key| {
                let missing = Value::String("nothing".to_owned());
                let (l, r) = (left.get(key), right.get(key));
                below(&escaped(key), l.unwrap_or(&missing), r.unwrap_or(&missing))
            })
        }
        (Value::Array(left), Value::Array(right)) => {
            let missing = Value::String("nothing".to_owned());
            let longest = if left.len() > right.len() { left.len() } else { right.len() };
            (0..longest).find_map(|index| {
                let (l, r) = (left.get(index), right.get(index));
                below(&index.to_string(), l.unwrap_or(&missing), r.unwrap_or(&missing))
            })
        }
        _ if a == b => None,
        _ => Some((String::new(), a.to_string(), b.to_string())),
    }
}

fn below(key: &str, a: &Value, b: &Value) -> Option<(String, String, String)> {
    let (rest, a, b) = first_difference(a, b)?;
    Some((format!("/{key}{rest}"), a, b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn pmk_03_keys_are_sorted_and_fractions_refused() {
        let value = json!({"b": [1, null, "a\"\n"], "a": {"z": true, "y": -3}});
        let found = String::from_utf8(bytes(&value).unwrap()).unwrap();
        assert_eq!(found, r#"{"a":{"y":-3,"z":true},"b":[1,null,"a\"\n"]}"#);
        let error = bytes(&json!({"a/b": [0, 0.5]})).unwrap_err();
        assert_eq!(
            error.to_string(),
            "/a~1b/1: 0.5 is not whole; expected JSON with whole numbers"
        );
    }

    #[test]
    fn pmk_03_the_first_difference_is_named() {
        let a = json!({"a": 1, "b": {"c": [1, 2], "d": 0}});
        assert_eq!(first_difference(&a, &a), None);
        let b = json!({"a": 1, "b": {"c": [1, 3], "d": 1}});
        assert_eq!(first_difference(&a, &b), Some(("/b/c/1".into(), "2".into(), "3".into())));
        let shorter = json!({"a": 1, "b": {"c": [1], "d": 0}});
        assert_eq!(first_difference(&a, &shorter).unwrap().0, "/b/c/1");
    }

    #[test]
    fn pmk_03_digests_are_the_standard_ones() {
        // FIPS 180-4, example "abc".
        assert_eq!(
            digest(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    proptest! {
        #[test]
        fn pmk_03_canonical_bytes_read_back_and_write_the_same(
            map in proptest::collection::btree_map(any::<String>(), any::<i64>(), 0..8)
        ) {
            let first = bytes(&map).unwrap();
            let value: Value = serde_json::from_slice(&first).unwrap();
            prop_assert_eq!(bytes(&value).unwrap(), first);
        }
    }
}
