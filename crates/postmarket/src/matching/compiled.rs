//! The filter by compiled sources, for kernels and big C libraries: an advisory that names the files in which the
//! flaw lies does not concern a build that compiled none of them.

use crate::sbom::is_translation_unit;

/// What the lists of files say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Files {
    /// One side says nothing: no conclusion.
    NotSaid,
    /// At least one of the files was compiled in, or a header or unknown kind is among them.
    Compiled,
    /// None was.
    NoneCompiled,
}

/// Compares the files that an advisory needs with those that were compiled in, which are sorted.
///
/// Only sources that a compiler reads by themselves can be missing from a list of compiled files: a header, a
/// script, a table may have been included without being listed, so that such a file counts as compiled.
pub fn files<'f>(needed: impl Iterator<Item = &'f String>, compiled: &[String]) -> Files {
    let mut verdict = Files::NotSaid;
    if compiled.is_empty() {
        return verdict;
    }
    for file in needed {
        let file = file.trim_start_matches("./");
        if !is_translation_unit(file) || is_compiled(file, compiled) {
            return Files::Compiled;
        }
        verdict = Files::NoneCompiled;
    }
    verdict
}

/// Lists come with and without a folder in front (`linux-6.1/drivers/...`): the longer path must end in the shorter.
fn is_compiled(file: &str, compiled: &[String]) -> bool {
    compiled.iter().any(|known| {
        let known = known.trim_start_matches("./");
        let (long, short) = if known.len() >= file.len() { (known, file) } else { (file, known) };
        let rest = long.strip_suffix(short);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
    })
}

#[cfg(test)]
mod tests {
    use super::{Files, files};

    fn ask(needed: &[&str], compiled: &[&str]) -> Files {
        let own = |list: &[&str]| list.iter().map(|&file| file.to_owned()).collect::<Vec<_>>();
        files(own(needed).iter(), &own(compiled))
    }

    #[test]
    fn only_sources_that_were_all_left_out_excuse() {
        let tree = ["linux-6.1/drivers/net/a.c", "./kernel/b.c"];
        assert_eq!(ask(&["drivers/net/a.c"], &tree), Files::Compiled);
        assert_eq!(ask(&["drivers/usb/c.c", "kernel/b.c"], &tree), Files::Compiled);
        assert_eq!(ask(&["drivers/usb/c.c"], &tree), Files::NoneCompiled);
        // `net/a.c` ends `xnet/a.c` only as text.
        assert_eq!(ask(&["a.c"], &["drivers/net/aa.c"]), Files::NoneCompiled);
        assert_eq!(ask(&["include/net/a.h"], &tree), Files::Compiled);
        assert_eq!(ask(&[], &tree), Files::NotSaid);
        assert_eq!(ask(&["drivers/usb/c.c"], &[]), Files::NotSaid);
    }
}
