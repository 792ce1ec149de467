//! What crosses between the app's Kotlin and the agent.

use portlog::asked::{AskedConfig, CountedBytes, PackageFeed};
use portlog::compact::{Compact, decode, encode};
use portlog_agent::session::{
    self, AlertView, Board, BoardQuery, ConnectionDetails, HistoryPage, HistoryQuery, ListChange,
    ListLine, MuteView, Note, OwnerDetails, PracticeReport, PracticeStep, SessionConfig, Stats,
    Told,
};

/// A record in the compact form; the first byte says which.
///
/// Holds: there is one way to write a value, so what was read is written as the same bytes; a value
/// that is asked for becomes one of the agent, or a refusal of one line; and so does every refusal
/// of bytes.
pub fn record(data: &[u8]) {
    let Some((which, record)) = data.split_first() else {
        return;
    };
    match which % 18 {
        0 => holds::<Board>(record),
        1 => holds::<Vec<Told>>(record),
        2 => holds::<Vec<AlertView>>(record),
        3 => holds::<HistoryPage>(record),
        4 => holds::<Vec<ListLine>>(record),
        5 => holds::<PracticeReport>(record),
        6 => holds::<Stats>(record),
        7 => holds::<OwnerDetails>(record),
        8 => holds::<ConnectionDetails>(record),
        9 => holds::<BoardQuery>(record),
        10 => holds::<HistoryQuery>(record),
        11 => {
            holds::<PackageFeed>(record);
            becomes::<PackageFeed, session::PackageFeed>(record);
        }
        12 => holds::<Vec<CountedBytes>>(record),
        13 => holds::<Vec<ListChange>>(record),
        14 => holds::<Vec<MuteView>>(record),
        15 => holds::<Vec<PracticeStep>>(record),
        16 => holds::<Vec<Note>>(record),
        _ => {
            holds::<AskedConfig>(record);
            becomes::<AskedConfig, SessionConfig>(record);
        }
    }
}

fn holds<T: Compact>(record: &[u8]) {
    match decode::<T>(record) {
        Ok(value) => assert_eq!(encode(&value), record),
        Err(malformed) => one_line(&malformed.to_string()),
    }
}

fn becomes<Asked, Value>(record: &[u8])
where
    Asked: Compact,
    Value: TryFrom<Asked>,
    Value::Error: ToString,
{
    if let Ok(asked) = decode::<Asked>(record)
        && let Err(impossible) = Value::try_from(asked)
    {
        one_line(&impossible.to_string());
    }
}

fn one_line(said: &str) {
    assert!(!said.is_empty() && !said.contains('\n'), "{said:?}");
}
