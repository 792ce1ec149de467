//! Byte counters by UID from what `dumpsys netstats --uid` prints.
//!
//! From Android 13 on it holds the kernel's own map of bytes since boot, one line a UID
//! (`mAppUidStatsMap:`, AOSP `NetworkStatsService.java`). Before that there is only the history that
//! the system keeps: *buckets* of two hours for each network, UID and set (`NetworkStatsHistory.java`,
//! whose words changed with Android 5). Their bytes are added up from a beginning that stays the same,
//! so that one reading can be compared with the next.

use portlog_model::{Uid, WallTime};
use portlog_sockets::counters::{Totals, UidBytes};

/// The counters in `text`: the kernel's map where there is one, else the history's buckets that began
/// at `since` or later. `None` where neither is in it. Lines of any other form are passed over.
pub(crate) fn parse(text: &[u8], since: WallTime) -> Option<Vec<UidBytes>> {
    let rows = kernel_map(text).or_else(|| history(text, since))?;
    Some(Totals::from_feed(rows).rows().to_vec())
}

/// The lines below `mAppUidStatsMap:`, up to the next heading.
fn kernel_map(text: &[u8]) -> Option<Vec<UidBytes>> {
    let mut lines = lines(text).skip_while(|line| *line != "mAppUidStatsMap:");
    lines.next()?;
    (lines.next()? == "uid rxBytes rxPackets txBytes txPackets").then_some(())?;
    let rows = lines.map_while(|line| {
        let mut numbers = line.split_ascii_whitespace().map(str::parse::<u64>);
        let mut number = || numbers.next()?.ok();
        let (uid, received, _packets, sent) = (number()?, number()?, number()?, number()?);
        Some(UidBytes {
            uid: Uid::new(u32::try_from(uid).ok()?),
            received,
            sent,
        })
    });
    Some(rows.take(Totals::MAX_UIDS).collect())
}

/// The buckets of the section `UID stats:`, without those of tags, whose bytes are in both.
fn history(text: &[u8], since: WallTime) -> Option<Vec<UidBytes>> {
    let is_start = |line: &str| matches!(line, "UID stats:" | "Detailed UID stats:");
    let mut lines = lines(text).skip_while(|line| !is_start(line));
    lines.next()?;
    let mut rows: Vec<UidBytes> = Vec::new();
    // The UID whose buckets these are.
    let mut uid = None;
    for line in lines {
        if line == "UID tag stats:" || line.ends_with(" stats:") {
            break;
        }
        if line.starts_with("ident=") {
            uid = heading(line);
        } else if let (Some(uid), Some(bucket)) = (uid, bucket(line))
            && bucket.start >= since.as_millis()
        {
            let row = UidBytes {
                uid,
                received: bucket.received,
                sent: bucket.sent,
            };
            // Buckets of a UID follow each other: hardly more rows than UIDs.
            if let Some(last) = rows.last_mut()
                && last.uid == uid
            {
                last.received = last.received.saturating_add(row.received);
                last.sent = last.sent.saturating_add(row.sent);
            } else if rows.len() < 2 * Totals::MAX_UIDS {
                rows.push(row);
            }
        }
    }
    Some(rows)
}

/// The UID of `ident=[...] uid=10087 set=DEFAULT tag=0x0`; `None` for a tag's, and for what is of no
/// UID (removed and tethered ones are negative). What is in the brackets is chosen by networks.
fn heading(line: &str) -> Option<Uid> {
    let (_, rest) = line.rsplit_once("] uid=")?;
    let mut words = rest.split(' ');
    let uid = words.next()?.parse().ok()?;
    let untagged = words.any(|word| word == "tag=0x0");
    untagged.then_some(Uid::new(uid))
}

struct Bucket {
    /// Milliseconds since the Unix epoch.
    start: i64,
    received: u64,
    sent: u64,
}

/// `st=1600000000 rb=1 rp=1 tb=1 tp=1 op=0` (seconds), before Android 5
/// `bucketStart=1406138400000 activeTime=... rxBytes=1 rxPackets=1 txBytes=1 ...` (milliseconds).
fn bucket(line: &str) -> Option<Bucket> {
    let (mut start, mut received, mut sent) = (None, None, None);
    for word in line.split(' ') {
        let (name, value) = word.split_once('=')?;
        match name {
            "st" => start = value.parse::<i64>().ok()?.checked_mul(1_000),
            "bucketStart" => start = value.parse().ok(),
            "rb" | "rxBytes" => received = value.parse().ok(),
            "tb" | "txBytes" => sent = value.parse().ok(),
            _ => {}
        }
    }
    Some(Bucket {
        start: start?,
        received: received?,
        sent: sent?,
    })
}

/// Lines of text, without the blanks around them.
fn lines(text: &[u8]) -> impl Iterator<Item = &str> {
    text.split(|&byte| byte == b'\n')
        .filter_map(|line| std::str::from_utf8(line).ok())
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: WallTime = WallTime::from_millis(0);

    fn row(uid: u32, received: u64, sent: u64) -> UidBytes {
        UidBytes {
            uid: Uid::new(uid),
            received,
            sent,
        }
    }

    #[test]
    fn the_kernels_map_is_taken_where_there_is_one() {
        let text = include_bytes!("captures/netstats-14.txt");
        let expected = [row(0, 9_871, 4_410), row(1_000, 120_331, 88_101)];
        let got = parse(text, START).unwrap();
        assert_eq!(got[..2], expected);
        assert_eq!(
            got[2..],
            [row(10_087, 5_000_000_000, 7), row(1_010_087, 64, 32)]
        );
    }

    #[test]
    fn the_history_is_added_up_by_uid_without_tags() {
        let text = include_bytes!("captures/netstats-10.txt");
        let expected = [row(1_000, 3_000, 300), row(10_087, 1_111, 77)];
        assert_eq!(parse(text, START).unwrap(), expected);
    }

    #[test]
    fn older_words_are_understood() {
        let text = include_bytes!("captures/netstats-4.4.txt");
        assert_eq!(parse(text, START).unwrap(), [row(10_012, 19_467, 7_500)]);
    }

    #[test]
    fn only_buckets_since_the_beginning_count() {
        let text = include_bytes!("captures/netstats-10.txt");
        let since = WallTime::from_millis(1_777_773_600_000);
        assert_eq!(parse(text, since).unwrap(), [row(1_000, 2_000, 200)]);
    }

    #[test]
    fn what_is_neither_is_nothing() {
        for text in [
            &b""[..],
            b"Can't find service: netstats\n",
            b"mAppUidStatsMap:\n  mUnknown print end with error\n",
            b"\xff\xfe",
        ] {
            assert_eq!(parse(text, START), None);
        }
        // A network's name is in the heading, and may be anything.
        let text =
            b"UID stats:\n  ident=[{networkId=\"x] uid=0 tag=0x0\"}] uid=10087 set=ALL tag=0x0\n\
            st=1 rb=5 rp=1 tb=6 tp=1 op=0\nst= rb=x\n";
        assert_eq!(parse(text, START).unwrap(), [row(10_087, 5, 6)]);
    }
}
