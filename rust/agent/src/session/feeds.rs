//! What the shell gives while a watch may be running: it counts at once, and for every later run.

use std::sync::Arc;

use portlog_owners::PackageEntry;
use portlog_sockets::counters::UidBytes;

use super::{
    ListChange, ListLine, ListPermission, MuteView, PackageFeed, Session, SessionSettings,
    assemble, render,
};
use crate::Error;
use crate::agent::Message;
use crate::state::StateFile;

impl Session {
    /// Mutes that are kept.
    const MUTES: usize = 4_096;

    /// Puts a package list in force. On a plain Linux it names packages and no UIDs.
    pub fn set_packages(&self, feed: PackageFeed) -> Result<(), Error> {
        self.must_be_open()?;
        let withheld = feed.permission == ListPermission::Denied;
        let packages: Arc<[PackageEntry]> = feed.packages.into();
        let run = self.run();
        let on_phone = {
            let mut desk = self.shared.desk();
            desk.packages = Some(Arc::clone(&packages));
            desk.apps_withheld = withheld;
            desk.connections.touch();
            self.config.sdk > 0
        };
        match &run.watching {
            Some(watching) if on_phone => {
                let directory = assemble::directory(Some(&packages), withheld);
                watching.send(Message::Packages(Box::new(directory)))
            }
            _ => Ok(()),
        }
    }

    /// Takes a reading of byte counters; an empty one where nothing can be told, or where the next
    /// cannot be compared with those before.
    pub fn set_counters(&self, rows: Vec<UidBytes>) -> Result<(), Error> {
        self.must_be_open()?;
        self.shared.desk().count_bytes(&rows);
        match &self.run().watching {
            Some(watching) => watching.send(Message::Counters(rows)),
            None => Ok(()),
        }
    }

    /// Changes the shelf of lists; how it stands afterwards. Nothing is changed where it fails.
    pub fn set_lists(&self, change: &ListChange) -> Result<Vec<ListLine>, Error> {
        self.must_be_open()?;
        let run = self.run();
        let mut lists_kept = self.shelf();
        let now = self.shared.now().wall;
        if lists_kept.change(change, now)? {
            lists_kept.pin(&self.names);
            let lists = lists_kept.set();
            let mut desk = self.shared.desk();
            desk.lists = lists.lists().len() as u64;
            desk.connections.touch();
            drop(desk);
            if let Some(watching) = &run.watching {
                watching.send(Message::Lists(Box::new(lists)))?;
            }
        }
        let voice = self.shared.desk().voice();
        Ok(lists_kept.lines(voice, now))
    }

    /// Takes other settings.
    pub fn set_settings(&self, settings: SessionSettings) -> Result<(), Error> {
        self.must_be_open()?;
        let run = self.run();
        if let Some(log) = &self.log {
            log.set_offset(settings.utc_offset_seconds);
        }
        let (scope, interval, idle_interval) = (
            assemble::scope(&settings),
            settings.interval,
            settings.idle_interval,
        );
        let before = {
            let mut desk = self.shared.desk();
            desk.connections.touch();
            std::mem::replace(&mut desk.settings, settings)
        };
        let Some(watching) = &run.watching else {
            return Ok(());
        };
        if assemble::scope(&before) != scope {
            watching.send(Message::Scope(scope))?;
        }
        if (before.interval, before.idle_interval) != (interval, idle_interval) {
            watching.send(Message::Pace {
                interval,
                idle_interval,
            })?;
        }
        Ok(())
    }

    /// Mutes, or takes that back; kept across runs.
    pub fn mute(&self, rule: &MuteView, muted: bool) -> Result<(), Error> {
        self.must_be_open()?;
        let rule = render::mute_rule(rule).ok_or(Error::NoSuchMute)?;
        let run = self.run();
        {
            let desk = self.shared.desk();
            if desk.mutes.contains(&rule) == muted {
                return Ok(());
            }
            if muted && desk.mutes.len() >= Self::MUTES {
                return Err(Error::TooManyMutes);
            }
        }
        if let Some(watching) = run.on() {
            watching.send(if muted {
                Message::Mute(rule.clone())
            } else {
                Message::Unmute(rule.clone())
            })?;
        } else {
            let file = StateFile::in_folder(&self.config.state_folder)?;
            let mut state = file.load()?;
            if muted {
                state.history.mute(rule.clone());
            } else {
                state.history.unmute(&rule);
            }
            file.save(&state.history, state.boot_id.as_deref(), state.alive)?;
        }
        let mut desk = self.shared.desk();
        if muted {
            desk.mutes.insert(rule);
        } else {
            desk.mutes.remove(&rule);
        }
        desk.connections.touch();
        Ok(())
    }
}
