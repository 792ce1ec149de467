//! The tap as the session's front end has it, and that it was turned on or off as an event.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use super::Turned;
use super::views::{TapAnswer, TapEnd, TapRequest, TapStart};
use crate::Error;
use crate::agent::Message;
use crate::session::Session;
use crate::session::history::What;

/// What events call the tap.
const NAME: &str = "dns-tap";

impl Session {
    /// Starts the DNS tap on a TUN device, which is closed when the tap ends, and at once where this
    /// fails; the answer is that of [`TapRequest::Look`]. A tap that cannot begin says so there.
    pub fn start_tap(&self, device: OwnedFd, start: &TapStart) -> Result<TapAnswer, Error> {
        self.must_be_open()?;
        let turned = self.tap.start(device, start, self.shared.now().wall);
        self.tell_turned(Some(turned));
        self.tap(&TapRequest::Look)
    }

    /// Asks something of the DNS tap. [`TapRequest::Next`] waits, and ends with the tap.
    pub fn tap(&self, request: &TapRequest) -> Result<TapAnswer, Error> {
        self.must_be_open()?;
        let (answer, turned) = self.tap.ask(request);
        self.tell_turned(turned);
        Ok(answer)
    }

    /// Ends the tap with the session.
    pub(in crate::session) fn end_tap(&self) {
        self.tell_turned(self.tap.stop(TapEnd::System));
    }

    /// Brings up to date what the coverage of names says of the tap.
    pub(in crate::session) fn refresh_tap(&self) {
        self.tell_turned(self.tap.refresh());
    }

    /// By way of the watch, so that it stands in its order; where none runs, straight into the history
    /// and the log.
    fn tell_turned(&self, turned: Option<Turned>) {
        let Some(Turned(value)) = turned else { return };
        let (name, value): (Arc<str>, Arc<str>) = (Arc::from(NAME), Arc::from(value));
        let run = self.run();
        if let Some(watching) = run.on() {
            let (name, value) = (Arc::clone(&name), Arc::clone(&value));
            if watching.send(Message::Config { name, value }).is_ok() {
                return;
            }
        }
        let at = self.shared.act(|desk, now, parcels| {
            let (name, value) = (Arc::clone(&name), Arc::clone(&value));
            desk.connections.touch();
            desk.record(What::Config { name, value }, now, now.wall, parcels);
            now
        });
        if let Some(log) = &self.log {
            log.configured(at, name, value);
        }
    }
}
