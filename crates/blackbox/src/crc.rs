//! CRC-32C (Castagnoli), for errors by accident. It protects against nobody: the tree does.

/// CRC-32C of the concatenation of `parts`.
#[must_use]
pub fn crc32c(parts: &[&[u8]]) -> u32 {
    parts.iter().fold(0, |crc, part| append(crc, part))
}

#[cfg(feature = "std")]
fn append(crc: u32, bytes: &[u8]) -> u32 {
    crc32c::crc32c_append(crc, bytes)
}

#[cfg(not(feature = "std"))]
fn append(crc: u32, bytes: &[u8]) -> u32 {
    append_by_table(crc, bytes)
}

#[cfg(any(test, not(feature = "std")))]
#[allow(clippy::indexing_slicing, reason = "the compiler computes the table, and checks the index")]
const TABLE: [u32; 256] = {
    let mut table = [0_u32; 256];
    let mut byte = 0_usize;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0x82f6_3b78 } else { crc >> 1 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
};

/// For targets without the standard library, where the accelerated crate does not build.
#[cfg(any(test, not(feature = "std")))]
fn append_by_table(crc: u32, bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!crc, |crc, byte| {
        let index = (crc ^ u32::from(*byte)) & 0xff;
        crc >> 8 ^ TABLE.get(index as usize).copied().unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc_equals_the_published_check_values() {
        // RFC 3720, B.4, and the catalogue's check value.
        assert_eq!(crc32c(&[b"123456789"]), 0xe306_9283);
        assert_eq!(crc32c(&[&[0; 32]]), 0x8a91_36aa);
        assert_eq!(crc32c(&[&[0xff; 32]]), 0x62a8_ab43);
        assert_eq!(crc32c(&[b"1234", b"", b"56789"]), 0xe306_9283);
        assert_eq!(crc32c(&[]), 0);
    }

    #[test]
    fn the_table_agrees_with_the_accelerated_crate() {
        let bytes: Vec<u8> = (0..1000_u32).map(|n| (n * 7 % 251) as u8).collect();
        for length in 0..bytes.len() {
            let part = &bytes[..length];
            assert_eq!(append_by_table(0, part), crc32c(&[part]));
            assert_eq!(append_by_table(0x1234_5678, part), append(0x1234_5678, part));
        }
    }
}
