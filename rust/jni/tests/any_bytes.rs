//! Whatever bytes come, they are a record or refused: nothing panics, and what was read and is
//! written again is the same bytes.

#![expect(clippy::unwrap_used, reason = "a test")]

use portlog::asked::{AskedConfig, AskedTap, CountedBytes, PackageFeed};
use portlog::compact::{Compact, decode, encode};
use portlog_agent::helper::{HelperEnd, HelperOrders};
use portlog_agent::session::{
    Board, BoardQuery, ConnectionDetails, HistoryPage, HistoryQuery, ListChange, ListLine,
    LogAnswer, LogRequest, MuteView, Note, OwnerDetails, PackageFeed as Feed, PracticeReport,
    PracticeStep, ReachAnswer, ReachRequest, SessionConfig, Stats, TapAnswer, Told,
};
use proptest::prelude::*;

fn holds<T: Compact>(bytes: &[u8]) {
    if let Ok(value) = decode::<T>(bytes) {
        assert_eq!(encode(&value), bytes);
    }
}

fn holds_for_every_record(bytes: &[u8]) {
    holds::<AskedConfig>(bytes);
    holds::<AskedTap>(bytes);
    holds::<Board>(bytes);
    holds::<BoardQuery>(bytes);
    holds::<ConnectionDetails>(bytes);
    holds::<HelperEnd>(bytes);
    holds::<HelperOrders>(bytes);
    holds::<HistoryPage>(bytes);
    holds::<HistoryQuery>(bytes);
    holds::<ListChange>(bytes);
    holds::<LogAnswer>(bytes);
    holds::<LogRequest>(bytes);
    holds::<MuteView>(bytes);
    holds::<Note>(bytes);
    holds::<OwnerDetails>(bytes);
    holds::<PackageFeed>(bytes);
    holds::<PracticeReport>(bytes);
    holds::<PracticeStep>(bytes);
    holds::<ReachAnswer>(bytes);
    holds::<ReachRequest>(bytes);
    holds::<Stats>(bytes);
    holds::<TapAnswer>(bytes);
    holds::<Vec<CountedBytes>>(bytes);
    holds::<Vec<ListLine>>(bytes);
    holds::<Vec<Told>>(bytes);
    if let Ok(feed) = decode::<PackageFeed>(bytes) {
        let _ = Feed::try_from(feed);
    }
    if let Ok(config) = decode::<AskedConfig>(bytes) {
        let _ = SessionConfig::try_from(config);
    }
}

/// Records of the vectors.
fn records() -> Vec<Vec<u8>> {
    ["answers.txt", "questions.txt"]
        .iter()
        .flat_map(|file| {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/bridge");
            let text = std::fs::read_to_string(format!("{folder}/{file}")).unwrap();
            let digits = |line: &str| line.split_once(' ').unwrap().1.to_owned();
            text.lines().map(digits).collect::<Vec<_>>()
        })
        .map(|digits| {
            (0..digits.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
                .collect()
        })
        .collect()
}

proptest! {
    #[test]
    fn any_bytes_are_a_record_or_refused(mut bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        if let Some(first) = bytes.first_mut() {
            *first = 1;
        }
        holds_for_every_record(&bytes);
    }

    #[test]
    fn so_are_records_with_a_changed_byte(
        which in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        value in prop_oneof![Just(0_u8), Just(1), Just(0xff), any::<u8>()],
        cut in any::<bool>(),
    ) {
        let records = records();
        let mut bytes = records[which.index(records.len())].clone();
        let place = place.index(bytes.len());
        bytes[place] = value;
        if cut {
            bytes.truncate(place);
        }
        holds_for_every_record(&bytes);
    }
}
