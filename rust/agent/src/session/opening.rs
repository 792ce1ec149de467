//! What a session finds in its folder.

use std::collections::BTreeSet;
use std::sync::Arc;

use portlog_model::WallTime;
use portlog_model::fault::chain;
use portlog_watch::MuteRule;

use super::SessionConfig;
use super::desk::{Desk, Trouble};
use super::history::{HistoryFile, Opened, set_aside};
use crate::Error;
use crate::state::StateFile;

/// What is muted. A damaged state is put aside: on a phone nobody could correct it.
pub(super) fn read_mutes(
    config: &SessionConfig,
    now: WallTime,
    troubles: &mut Vec<Trouble>,
) -> Result<BTreeSet<MuteRule>, Error> {
    let file = StateFile::in_folder(&config.state_folder)?;
    let state = match file.load() {
        Err(Error::Damaged { path, .. } | Error::TooLarge { path, .. }) => {
            set_aside(&path, now)?;
            troubles.push(Trouble::StateSetAside);
            file.load()?
        }
        loaded => loaded?,
    };
    Ok(state.history.mutes().cloned().collect())
}

/// Reads the history back; `None` where none is kept beyond the run.
pub(super) fn open_history(
    config: &SessionConfig,
    now: WallTime,
    desk: &mut Desk,
    troubles: &mut Vec<Trouble>,
) -> Option<HistoryFile> {
    let opened = HistoryFile::open(&config.state_folder, now, &mut |record| {
        desk.history.load(record);
    });
    match opened {
        Opened::Usable(file, bad_lines) => {
            if bad_lines > 0 {
                troubles.push(Trouble::HistoryBadLines(bad_lines));
            }
            Some(file)
        }
        Opened::SetAside(file) => {
            troubles.push(Trouble::HistorySetAside);
            Some(file)
        }
        Opened::Newer => {
            troubles.push(Trouble::HistoryNewer);
            None
        }
        Opened::Refused(error) => {
            troubles.push(Trouble::HistoryUnwritten(Arc::from(chain(&error))));
            None
        }
    }
}
