//! The journal beside a watch: whom it tells what, and what is told of it.

use std::path::Path;

use anyhow::{Context as _, Error};
use portlog_agent::Agent;
use portlog_agent::testimony::{Control, Recorder, Writing};

use crate::output::notice;

/// The journal of a watch, reachable for the `log` commands until this is dropped.
#[derive(Debug)]
pub(super) struct Journal {
    recorder: Recorder,
    /// What was said of it last; `None`: that it is written.
    trouble: Option<String>,
    lost: u64,
    _control: Control,
}

impl Journal {
    /// Says whose log it is, and answers for it.
    pub(super) fn begin(folder: &Path, agent: &Agent) -> Result<Self, Error> {
        let begin = |recorder: Recorder| {
            let status = recorder.reader()?.status()?;
            let control = Control::serve(folder, recorder.clone())?;
            Ok((recorder, status, control))
        };
        let (recorder, status, control) = agent
            .recorder()
            .context("the watch keeps no journal")
            .and_then(|recorder| {
                begin(recorder).map_err(|error: portlog_agent::Error| error.into())
            })
            .with_context(|| format!("cannot keep a journal in {}", folder.display()))
            .inspect_err(|_| {
                agent.stop();
            })?;
        notice(format!(
            "the log in {} is {}, first vkey {}; keep these two elsewhere",
            folder.display(),
            status.origin,
            status.first
        ));
        Ok(Self {
            recorder,
            trouble: None,
            lost: 0,
            _control: control,
        })
    }

    /// What there is to say of it since the last time.
    pub(super) fn news(&mut self) -> Option<String> {
        let health = self.recorder.health();
        let lost = health.lost.saturating_sub(self.lost);
        self.lost = health.lost;
        let trouble = match &health.writing {
            Writing::Yes | Writing::Closed => None,
            Writing::NotSince { why, .. } => Some(why.clone()),
        };
        let news = match (&trouble, &self.trouble) {
            (Some(why), before) if before.as_ref() != Some(why) => Some(format!(
                "THE JOURNAL IS NOT WRITTEN: {why}; what happens meanwhile is kept in memory within \
                 bounds, and it is tried again"
            )),
            (None, Some(_)) if health.writing == Writing::Yes => {
                Some("the journal is written again".to_owned())
            }
            _ => None,
        };
        if health.writing != Writing::Closed {
            self.trouble = trouble;
        }
        match (news, lost) {
            (news, 0) => news,
            (None, lost) => Some(format!("{lost} events are lost for the journal")),
            (Some(news), lost) => Some(format!("{news}; {lost} events are lost for it")),
        }
    }

    /// What stands on a screen for as long as it is so.
    pub(super) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// What was left behind at the end.
    pub(super) fn left_behind(&self) -> Option<String> {
        let pending = self.recorder.health().pending;
        (pending > 0).then(|| {
            let why = self
                .trouble
                .as_deref()
                .unwrap_or("it could not be closed in time");
            format!("{pending} entries did not reach the journal: {why}")
        })
    }
}
