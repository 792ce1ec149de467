//! Pinned answers, and the table that learns them.

use portlog_model::{BootTime, Moment, NameSource};
use portlog_names::pinned::{Line, Outcome, PinnedFile};
use portlog_names::{Bounds, NameTable, Standing, Trail};

/// A file of pinned answers.
///
/// Holds: every line is read or told as bad, in order; what is read and printed is the same bytes;
/// each answer that is learnt is found for each of its addresses, with a date no earlier and the
/// origin of its file, and pinned; and bounds hold.
pub fn pinned(data: &[u8]) {
    let Ok(file) = PinnedFile::open(data) else {
        return;
    };
    let text: Vec<&[u8]> = data
        .split_inclusive(|byte| *byte == b'\n')
        .skip(1)
        .collect();
    let lines: Vec<_> = file.lines().collect();
    assert_eq!(lines.len(), text.len());
    for (number, (line, bytes)) in (2_u32..).zip(lines.iter().zip(&text)) {
        match line {
            Ok((at, line)) => {
                assert_eq!(*at, number);
                assert_eq!(format!("{line}\n").as_bytes(), *bytes);
            }
            Err(bad) => assert_eq!(bad.line, number),
        }
    }
    let is_answer =
        |line: &Result<(u32, Line<'_>), _>| matches!(line, Ok((_, Line::Answer(_))) | Err(_));
    assert_eq!(
        file.answers().count(),
        lines.iter().filter(|line| is_answer(line)).count()
    );

    let bounds = Bounds {
        names_per_address: 4,
        pinned_addresses: 64,
        pinned_bytes: 64 * 1024,
        ..Bounds::default()
    };
    let mut table = NameTable::new(bounds);
    for pinned in file.answers().filter_map(Result::ok) {
        let answer = &pinned.answer;
        let all_kept = table.pin(answer, &pinned.origin);
        assert!(table.len() <= 64 && table.bytes() <= 64 * 1024);
        let Outcome::Addresses { addresses, .. } = answer.outcome() else {
            continue;
        };
        let now = Moment {
            wall: answer.seen(),
            boot: BootTime::from_nanos(0),
        };
        for address in addresses {
            let lookup = table.lookup(*address, None, now);
            let found = lookup
                .names()
                .find(|named| *named.seen.name == *answer.name());
            let Some(named) = found else {
                let is_sink =
                    address.is_unspecified() || address.is_loopback() || address.is_multicast();
                assert!(!all_kept || is_sink || is_nat64(address));
                continue;
            };
            assert_eq!(named.standing, Standing::Pinned);
            assert_eq!(named.seen.source, NameSource::Pinned);
            assert!(named.seen.at.wall >= answer.seen() || !all_kept);
            assert!(matches!(named.trail, Trail::Pinned(_)));
            assert!(lookup.names().count() <= 4);
        }
    }
    table.unpin_all();
    assert!(table.is_empty() && table.bytes() == 0);
}

/// Whether a sink may be hidden in `address`.
fn is_nat64(address: &std::net::IpAddr) -> bool {
    address.to_string().starts_with("64:ff9b::")
}
