//! `testdata/cyclonedx/samples.tar.gz`: the valid and invalid samples of CycloneDX 1.2 to 1.7.
use super::super::*;

/// The samples as (path, bytes).
pub(super) fn samples() -> Vec<(String, Vec<u8>)> {
    let packed = include_bytes!("../../../testdata/cyclonedx/samples.tar.gz");
    // A gzip member without name or comment: ten bytes of header, eight of trailer.
    let body = &packed[10..packed.len() - 8];
    let tar = miniz_oxide::inflate::decompress_to_vec(body).expect("the samples inflate");
    let mut samples = Vec::new();
    let mut rest = &tar[..];
    while rest.len() >= 512 && rest[0] != 0 {
        let text = |from: usize, to: usize| {
            String::from_utf8_lossy(&rest[from..to]).trim_matches(['\0', ' ']).to_owned()
        };
        let size = usize::from_str_radix(&text(124, 136), 8).expect("an octal size");
        samples.push((text(0, 100), rest[512..512 + size].to_vec()));
        rest = &rest[512 + size.div_ceil(512) * 512..];
    }
    samples
}

#[test]
fn probe_json() {
    let (mut good, mut bad) = (0, 0);
    for (path, bytes) in samples().iter().filter(|(path, _)| path.ends_with(".json")) {
        let valid = path[4..].starts_with("valid");
        let r = json::Json::parse(path, bytes, &Limits::default()).unwrap();
        let v = r.text_of("specVersion").unwrap_or(&path[..3]);
        let r = schema::cyclonedx(v).map(|s| s.check(&r));
        match (valid, &r) { (true, Some(Ok(()))) => good += 1, (false, Some(Err(e))) => { bad += 1; println!("{path}: {} | {} | {}", e.place, &e.expected[..e.expected.len().min(100)], e.found) }, _ => println!("WRONG {path} {r:?}") }
    }
    println!("{good} {bad}");
}
