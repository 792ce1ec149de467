//! Runs of the watch: each is put together anew from what the session holds at its start.

use std::sync::{Arc, Mutex, PoisonError};

use portlog_model::fault::chain;

use super::desk::Phase;
use super::log::LogBook;
use super::shared::RunOutlet;
use super::{Session, assemble};
use crate::agent::Watching;
use crate::outlet::Outlet;
use crate::pipeline::OpenSource;
use crate::state::StateFile;
use crate::testimony::Tee;
use crate::{Error, system};

/// The run that is on, and what it was made of.
pub(super) struct Run {
    pub(super) watching: Option<Watching>,
    /// In the place of the one that the configuration leads to, in each run.
    pub(super) open_source: Option<Arc<Mutex<OpenSource>>>,
}

impl Run {
    /// The watch, where it runs.
    pub(super) fn on(&self) -> Option<&Watching> {
        self.watching
            .as_ref()
            .filter(|watching| !watching.has_ended())
    }
}

impl Session {
    /// Starts the watch; does nothing when it runs.
    pub fn start(&self) -> Result<(), Error> {
        self.must_be_open()?;
        let mut run = self.run();
        if run.on().is_some() {
            return Ok(());
        }
        run.watching = None;
        let lists = {
            let mut lists = self.shelf();
            lists.pin(&self.names);
            lists.set()
        };
        let boot_id = system::boot_id(&self.config.proc_root);
        let before = StateFile::in_folder(&self.config.state_folder)?.load()?;

        let number = {
            let mut desk = self.shared.desk();
            desk.run += 1;
            desk.told_to_end = false;
            desk.phase = Phase::Starting;
            desk.lists = lists.lists().len() as u64;
            desk.rebooted = before.boot_id.is_some() && before.boot_id != boot_id;
            desk.polls = 0;
            desk.connections.touch();
            desk.run
        };
        let started = self.watch(&run, number, lists);
        if let Err(error) = &started {
            let mut desk = self.shared.desk();
            desk.phase = Phase::Failed(Arc::from(chain(error)));
            desk.connections.touch();
        }
        run.watching = Some(started?);
        Ok(())
    }

    /// Ends the watch, within a second; `false` when it did not end in time. It then is left behind,
    /// and what it still finds counts for nothing.
    pub fn stop(&self) -> bool {
        let mut run = self.run();
        let Some(watching) = run.watching.take() else {
            return true;
        };
        self.shared.desk().told_to_end = true;
        let ended = watching.stop();
        self.shared.act(|desk, now, parcels| {
            if !ended && desk.phase.is_on() {
                desk.end_run(now, parcels);
                desk.run += 1;
            }
        });
        self.write_all();
        ended
    }

    /// Does something while nothing is recorded; a watch that runs is started again afterwards, however
    /// that went.
    pub(super) fn while_stopped(
        &self,
        act: impl FnOnce() -> Result<(), Error>,
    ) -> Result<(), Error> {
        let ran = self.run().on().is_some();
        self.stop();
        let done = act();
        if ran {
            self.start()?;
        }
        done
    }

    /// Puts a run together and starts it.
    fn watch(
        &self,
        run: &Run,
        number: u32,
        lists: portlog_blocklist::ListSet,
    ) -> Result<Watching, Error> {
        let (settings, packages, withheld) = {
            let desk = self.shared.desk();
            (
                desk.settings.clone(),
                desk.packages.clone(),
                desk.apps_withheld,
            )
        };
        let directory =
            (self.config.sdk > 0).then(|| assemble::directory(packages.as_deref(), withheld));
        let (mut parts, running) = assemble::assemble(
            &self.config,
            &settings,
            lists,
            self.names.clone(),
            directory,
        );
        self.reach
            .take_part(&mut parts, packages.is_some() && !withheld);
        if let Some(open_source) = &run.open_source {
            let open_source = Arc::clone(open_source);
            parts.open_source = Box::new(move || {
                let mut open = open_source.lock().unwrap_or_else(PoisonError::into_inner);
                open()
            });
        }
        let mut outlet: Arc<dyn Outlet> = Arc::new(RunOutlet {
            shared: Arc::clone(&self.shared),
            run: number,
        });
        if let Some(recorder) = self.log.as_ref().and_then(LogBook::recorder_for_run) {
            outlet = Arc::new(Tee::new(recorder, outlet));
        }
        let clock = Arc::clone(&self.shared.clock);
        Watching::start(parts, running, clock, outlet)
    }
}
