//! Byte counters by UID.

use std::time::Duration;

use portlog_model::{BootTime, Moment, WallTime};
use portlog_sockets::counters::{
    BadLine, CounterWidth, Totals, Tripwire, parse_qtaguid, parse_uid_stat,
};

/// `/proc/net/xt_qtaguid/stats`, and the tripwire over two halves of it.
///
/// Holds: UIDs stand in order and once, there are no more of them than lines, line numbers of bad
/// lines rise, a table with a bad line is not complete, memory of an earlier reading changes
/// nothing, and the tripwire tells of no more bytes than moved.
pub fn qtaguid(data: &[u8]) {
    let mut totals = Totals::new(CounterWidth::Bits64);
    let mut bad: Vec<BadLine> = Vec::new();
    let parsed = parse_qtaguid(data, &mut totals, &mut |line| bad.push(line));
    in_order(&totals);
    let lines = data.split(|byte| *byte == b'\n').count();
    assert!(totals.rows().len() + bad.len() < lines.max(1));
    assert!(bad.windows(2).all(|pair| pair[0].line < pair[1].line));
    assert!(
        bad.iter()
            .all(|line| (2..=lines).contains(&(line.line as usize)))
    );
    if parsed.is_err() {
        assert!(totals.rows().is_empty());
    }
    if !bad.is_empty() {
        assert!(!totals.is_complete());
    }

    let mut used = totals.clone();
    let again = parse_qtaguid(data, &mut used, &mut |_| {});
    assert_eq!((again, used), (parsed, totals.clone()));

    let half = data.len() / 2;
    let mut before = Totals::new(CounterWidth::Bits64);
    if parse_qtaguid(&data[..half], &mut before, &mut |_| {}).is_ok() {
        trips(&before, &totals);
    }
}

/// A folder of `/proc/uid_stat`: its name and its two files, each ended by a NUL byte.
///
/// Holds: what is read, printed as the kernel prints it, reads the same again, and no counter is
/// wider than the kernel's.
pub fn uid_stat(data: &[u8]) {
    let mut parts = data.split(|byte| *byte == 0);
    let mut next = || parts.next().unwrap_or_default();
    let (folder, received, sent) = (next(), next(), next());
    let Ok(bytes) = parse_uid_stat(folder, received, sent) else {
        return;
    };
    assert!(u32::try_from(bytes.received.max(bytes.sent)).is_ok());
    assert_eq!(
        parse_uid_stat(
            bytes.uid.to_string().as_bytes(),
            format!("{}\n", bytes.received).as_bytes(),
            format!("{}\n", bytes.sent).as_bytes()
        ),
        Ok(bytes)
    );
}

fn trips(before: &Totals, after: &Totals) {
    let at = |seconds: i64| Moment {
        wall: WallTime::from_millis(seconds * 1000),
        boot: BootTime::from_nanos(seconds.unsigned_abs() * 1_000_000_000),
    };
    let mut wire = Tripwire::new(1);
    let mut tripped = Vec::new();
    wire.observe(before, |_| false, at(1), &mut tripped);
    assert!(tripped.is_empty(), "the first reading tells nothing");
    wire.observe(after, |uid| uid.get() % 2 == 1, at(2), &mut tripped);
    for found in &tripped {
        assert_eq!(found.moved.uid.get() % 2, 0, "its connection was seen");
        assert!(found.moved.bytes() >= 1);
        let row = after
            .rows()
            .iter()
            .find(|row| row.uid == found.moved.uid)
            .expect("only who has counters can move them");
        assert!(found.moved.received <= row.received && found.moved.sent <= row.sent);
        assert_eq!(found.by.since(found.after), Duration::from_secs(1));
    }
    assert!(
        wire.moved()
            .windows(2)
            .all(|pair| pair[0].uid < pair[1].uid)
    );
}

fn in_order(totals: &Totals) {
    assert!(totals.rows().len() <= Totals::MAX_UIDS);
    assert!(
        totals
            .rows()
            .windows(2)
            .all(|pair| pair[0].uid < pair[1].uid)
    );
}
