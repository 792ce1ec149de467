//! `/proc/uid_stat/UID/{tcp_rcv,tcp_snd}`: TCP bytes by UID, on Android's kernels up to 3.10 or so
//! (`drivers/misc/uid_stat.c`).

use portlog_model::Uid;

use super::UidBytes;
use crate::RowError;
use crate::text::number::{decimal, word};

/// One UID's TCP bytes, loopback included, from the name of its folder and the contents of its two
/// files: a decimal number each, that begins again after 32 bits ([`super::CounterWidth::Bits32`]).
pub fn parse_uid_stat(folder: &[u8], tcp_rcv: &[u8], tcp_snd: &[u8]) -> Result<UidBytes, RowError> {
    Ok(UidBytes {
        uid: Uid::new(word(folder, "uid")?),
        received: counter(tcp_rcv, "tcp_rcv")?,
        sent: counter(tcp_snd, "tcp_snd")?,
    })
}

fn counter(text: &[u8], name: &'static str) -> Result<u64, RowError> {
    let value = decimal(text.trim_ascii(), name)?;
    if value > u64::from(u32::MAX) {
        return Err(RowError::OutOfRange(name));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_a_file() {
        assert_eq!(
            parse_uid_stat(b"10087", b"4294967295\n", b"0\n"),
            Ok(UidBytes {
                uid: Uid::new(10_087),
                received: u64::from(u32::MAX),
                sent: 0
            })
        );
        let bad = |folder: &[u8], received: &[u8]| parse_uid_stat(folder, received, b"1\n");
        assert_eq!(bad(b"self", b"1\n"), Err(RowError::BadNumber("uid")));
        assert_eq!(bad(b"0", b""), Err(RowError::BadNumber("tcp_rcv")));
        assert_eq!(bad(b"0", b"1\n2\n"), Err(RowError::BadNumber("tcp_rcv")));
        assert_eq!(bad(b"0", b"-1\n"), Err(RowError::BadNumber("tcp_rcv")));
        assert_eq!(
            bad(b"0", b"4294967296\n"),
            Err(RowError::OutOfRange("tcp_rcv"))
        );
    }
}
