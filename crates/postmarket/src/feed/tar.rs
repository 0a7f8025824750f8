//! As much of the `ustar` form (POSIX 1003.1) as a mirror needs: plain files with short names, in order.

/// The longest name of a member.
pub(super) const LONGEST_NAME: usize = 100;
const BLOCK: usize = 512;

/// Appends a file: owner, group and time are zero, so that the same content gives the same bytes.
pub(super) fn append(out: &mut Vec<u8>, name: &str, content: &[u8]) {
    let mut header = [0_u8; BLOCK];
    let mut put = |at: usize, text: &[u8]| {
        for (slot, byte) in header.iter_mut().skip(at).zip(text) {
            *slot = *byte;
        }
    };
    put(0, name.as_bytes());
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{:011o}\0", content.len()).as_bytes());
    put(136, b"00000000000\0");
    // The sum is computed as if its own field were spaces.
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    for (slot, byte) in header.iter_mut().skip(148).zip(format!("{sum:06o}\0 ").as_bytes()) {
        *slot = *byte;
    }
    out.extend_from_slice(&header);
    out.extend_from_slice(content);
    out.resize(out.len().next_multiple_of(BLOCK), 0);
}

/// Two empty blocks end an archive.
pub(super) fn finish(out: &mut Vec<u8>) {
    out.resize(out.len() + 2 * BLOCK, 0);
}

/// The members of an archive, until its end or the first that is not of the form.
pub(super) fn members(bytes: &[u8]) -> impl Iterator<Item = Result<(&str, &[u8]), String>> {
    let mut rest = Some(bytes);
    std::iter::from_fn(move || {
        let here = rest.take()?;
        let (header, body) = match here.split_at_checked(BLOCK) {
            Some((header, _)) if header.iter().all(|byte| *byte == 0) => return None,
            Some(pair) => pair,
            None => return Some(Err("the archive ends early".to_owned())),
        };
        match member(header, body) {
            Ok((name, content)) => {
                rest = body.get(content.len().next_multiple_of(BLOCK)..);
                Some(Ok((name, content)))
            }
            Err(error) => Some(Err(error)),
        }
    })
}

fn member<'b>(header: &'b [u8], body: &'b [u8]) -> Result<(&'b str, &'b [u8]), String> {
    let field = |from: usize, length: usize| header.get(from..from + length).unwrap_or_default();
    let spaces = 8 * u32::from(b' ');
    let own: u32 = field(148, 8).iter().map(|byte| u32::from(*byte)).sum();
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    if octal(field(148, 8)) != usize::try_from(sum - own + spaces).ok() {
        return Err("a header whose sum is wrong".to_owned());
    }
    if field(257, 5) != b"ustar" || !matches!(field(156, 1), b"0" | b"\0") {
        return Err("a member that is no plain file".to_owned());
    }
    if field(345, 1) != b"\0" {
        return Err("a member with a long name".to_owned());
    }
    let name = field(0, LONGEST_NAME).split(|byte| *byte == 0).next().unwrap_or_default();
    let name = std::str::from_utf8(name).map_err(|_| "a name that is not UTF-8".to_owned())?;
    let size = octal(field(124, 12)).ok_or_else(|| format!("no size of {name:?}"))?;
    let content = body.get(..size).ok_or_else(|| format!("{name:?} ends early"))?;
    Ok((name, content))
}

fn octal(field: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(field).ok()?;
    usize::from_str_radix(text.trim_matches([' ', '\0']), 8).ok()
}
