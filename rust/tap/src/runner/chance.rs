//! Random numbers of the kernel's.

use std::collections::hash_map::RandomState;
use std::fs::File;
use std::hash::BuildHasher as _;
use std::io::{self, Read as _};

/// Gives random numbers, read by the page.
pub(super) fn source() -> io::Result<impl FnMut() -> u32 + Send + 'static> {
    let mut file = File::open("/dev/urandom")?;
    let mut page = [0; 1024];
    file.read_exact(&mut page)?;
    let mut next = 0;
    Ok(move || {
        if next == page.len() {
            next = 0;
            if file.read_exact(&mut page).is_err() {
                // Never seen; the keys of std's hash tables are the kernel's random numbers too.
                for byte in &mut page {
                    *byte = RandomState::new().hash_one(*byte).to_le_bytes()[0];
                }
            }
        }
        let number = page.get(next..next + 4).and_then(<[u8]>::first_chunk);
        next += 4;
        number.map_or(0, |bytes| u32::from_ne_bytes(*bytes))
    })
}
