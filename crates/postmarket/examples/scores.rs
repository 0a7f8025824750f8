//! CVSS scores of the vectors on stdin, one a line: `base,temporal,environmental`, empty where a vector has none. For a
//! comparison with other libraries.

use homeostat_postmarket::harm::vectors::score;
use std::io::{self, BufRead as _, Write as _};

fn main() -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let scored = score(line?.trim()).ok();
        let show = |score: Option<String>| score.unwrap_or_default();
        writeln!(
            out,
            "{},{},{}",
            show(scored.as_ref().map(|one| one.base.to_string())),
            show(scored.as_ref().and_then(|one| Some(one.temporal?.to_string()))),
            show(scored.as_ref().and_then(|one| Some(one.environmental?.to_string())))
        )?;
    }
    out.flush()
}
