//! Whether the watch runs, and what it has looked at.

use portlog_model::{WatchState, Watched};

use super::{counted, span};

/// What was looked at. It never says more than that: to find nothing shows nothing.
pub(super) fn watched(watched: &Watched) -> String {
    let looked = match watched.state {
        WatchState::Starting => return state(WatchState::Starting).to_owned(),
        WatchState::Running => format!(
            "Watching for {}, {}, {}, {}.",
            span(watched.watched),
            programs(watched),
            destinations(watched),
            found(watched)
        ),
        WatchState::Stopped => format!(
            "The watch is stopped. It watched for {}, {}, {}, {}.",
            span(watched.watched),
            programs(watched),
            destinations(watched),
            found(watched)
        ),
        WatchState::Denied | WatchState::Blind if watched.watched.is_zero() => {
            "Nothing could be looked at: the system refuses every socket table of other programs."
                .to_owned()
        }
        WatchState::Denied | WatchState::Blind => format!(
            "Nothing can be looked at now: the system refuses every socket table of other programs. \
             Before that: watched for {}, {}, {}, {}.",
            span(watched.watched),
            programs(watched),
            destinations(watched),
            found(watched)
        ),
    };
    let alerted = watched.matches > 0 || watched.possible > 0;
    if alerted {
        format!("{looked} A finding is no proof: see what else could explain it.")
    } else {
        format!("{looked} This does not show that the phone is clean.")
    }
}

fn programs(watched: &Watched) -> String {
    counted(watched.owners, "system program", "system programs")
}

fn destinations(watched: &Watched) -> String {
    counted(watched.destinations, "destination", "destinations")
}

/// `none on your 2 lists`.
fn found(watched: &Watched) -> String {
    let found = match (watched.matches, watched.possible) {
        (0, 0) => None,
        (matches, 0) => Some(counted(matches, "match", "matches")),
        (0, possible) => Some(format!("{possible} possible")),
        (matches, possible) => Some(format!(
            "{} and {possible} possible",
            counted(matches, "match", "matches")
        )),
    };
    match (found, watched.lists) {
        (None, 0) => "no list is in force: nothing can match".to_owned(),
        (None, 1) => "none on your list".to_owned(),
        (None, lists) => format!("none on your {lists} lists"),
        (Some(found), 0) => format!("{found}; no list is in force now: nothing more can match"),
        (Some(found), 1) => format!("{found} with your list"),
        (Some(found), lists) => format!("{found} with your {lists} lists"),
    }
}

pub(super) const fn state(state: WatchState) -> &'static str {
    match state {
        WatchState::Starting => "The watch is starting: nothing was looked at yet.",
        WatchState::Running => "The watch is running.",
        WatchState::Stopped => {
            "The watch is stopped: what happens now is not seen. Start it to go on."
        }
        WatchState::Denied => {
            "The system does not let Portlog see other apps' sockets, though this version of Android \
             does not refuse them to every app. It may be for a time only: try again."
        }
        WatchState::Blind => {
            "From Android 10 on the system lets no app see other apps' sockets. Portlog's helper can \
             see them: start it once from a computer."
        }
    }
}
