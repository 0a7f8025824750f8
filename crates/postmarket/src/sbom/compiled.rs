//! Lists of the sources that a build compiled, for kernels and big C libraries: what the filter by compiled sources
//! asks, where the bill itself does not say it.

use super::error::{BillError, Fault, quoted};
use super::json::Json;
use super::limits::Limits;

/// Endings of sources that a compiler reads by themselves.
const ENDINGS: [&str; 7] = ["c", "cc", "cpp", "cxx", "S", "s", "rs"];

/// Whether a file is compiled by itself; a header, a script, a table is not.
pub(crate) fn is_translation_unit(file: &str) -> bool {
    file.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending))
}

/// Reads a compilation database (`compile_commands.json`), or a plain list with one source or object file a line, as
/// `find -name '*.o'` gives it in a built tree. An object stands for every source that it may come from. The answer is
/// sorted, each source once.
///
/// # Errors
/// If it is neither, or names nothing: an empty list would excuse nothing, and a wrong one too much.
pub fn compiled_sources(
    file: &str,
    bytes: &[u8],
    limits: &Limits,
) -> Result<Vec<String>, BillError> {
    if bytes.len() > limits.bytes {
        let (file, limit) = (file.to_owned(), limits.bytes);
        return Err(BillError::TooMuch { file, what: "bytes", limit });
    }
    let is_database = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    let mut found = if is_database {
        database(&Json::parse(file, bytes, limits)?)
    } else {
        list(&String::from_utf8_lossy(bytes))
    }
    .map_err(|fault| fault.of(file))?;
    if found.is_empty() {
        return Err(fault("line 1", "nothing").of(file));
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

fn fault(place: &str, found: impl Into<String>) -> Fault {
    let expected = "compile_commands.json, or a source or object file a line";
    Fault::new(place, expected, found, "list what the build compiled")
}

fn database(tree: &Json<'_>) -> Result<Vec<String>, Fault> {
    let named = |(index, entry): (usize, &Json<'_>)| match entry.text_of("file") {
        Some(source) => Ok(source.to_owned()),
        None => Err(fault(&format!("/{index}/file"), entry.kind())),
    };
    tree.items().iter().enumerate().map(named).collect()
}

fn list(text: &str) -> Result<Vec<String>, Fault> {
    let mut found = Vec::new();
    for (index, line) in text.lines().map(str::trim).enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if is_translation_unit(line) {
            found.push(line.to_owned());
        } else if let Some(stem) = line.strip_suffix(".o") {
            found.extend(ENDINGS.iter().map(|ending| format!("{stem}.{ending}")));
        } else {
            return Err(fault(&format!("line {}", index + 1), quoted(line)));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<String>, BillError> {
        compiled_sources("list", text.as_bytes(), &Limits::default())
    }

    #[test]
    fn a_compilation_database_and_a_list_name_the_same_sources() {
        let database = r#"[{"directory": "/b", "command": "cc", "file": "/b/linux/kernel/fork.c"},
            {"directory": "/b", "file": "lib/string.c"}, {"file": "lib/string.c"}]"#;
        assert_eq!(read(database).unwrap(), ["/b/linux/kernel/fork.c", "lib/string.c"]);
        let list = "# built\n./kernel/fork.c\n\nlib/memcpy.o\n";
        let found = read(list).unwrap();
        assert!(found.contains(&"./kernel/fork.c".to_owned()));
        assert!(
            found.contains(&"lib/memcpy.c".to_owned())
                && found.contains(&"lib/memcpy.S".to_owned())
        );
    }

    #[test]
    fn what_names_no_sources_is_refused_with_its_place() {
        for (text, place) in [
            ("", "line 1"),
            ("[]", "line 1"),
            ("kernel/fork.c\nkernel/fs/ext4/ext4.ko", "line 2"),
            ("[{\"file\": \"a.c\"}, {\"output\": \"b.o\"}]", "/1/file"),
            ("CONFIG_KPROBES=y", "line 1"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(place) && error.contains("compile_commands.json"), "{error}");
        }
    }
}
