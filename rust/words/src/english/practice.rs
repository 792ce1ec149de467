//! The practice alert, link by link.

use portlog_model::{LinkState, PracticeLink};

pub(super) const fn link(link: PracticeLink, state: LinkState) -> &'static str {
    match (link, state) {
        (PracticeLink::Row, LinkState::Pending) => "Socket table: not seen yet",
        (PracticeLink::Row, LinkState::Passed) => {
            "Socket table: the practice connection was seen in it"
        }
        (PracticeLink::Row, LinkState::Failed) => {
            "Socket table: the practice connection was not seen in it. Look at what can be read: on \
             Android 10 and later no app can see the tables, but Portlog's helper can, once it was \
             started from a computer (\"See all connections\")."
        }
        (PracticeLink::Owner, LinkState::Pending) => "Owner: not reached yet",
        (PracticeLink::Owner, LinkState::Passed) => {
            "Owner: the connection was recognised as Portlog's own"
        }
        (PracticeLink::Owner, LinkState::Failed) => {
            "Owner: the connection was seen, but not recognised as Portlog's. Allow Portlog to see \
             the list of apps, and try again."
        }
        (PracticeLink::List, LinkState::Pending) => "List: not reached yet",
        (PracticeLink::List, LinkState::Passed) => "List: the practice entry matched",
        (PracticeLink::List, LinkState::Failed) => {
            "List: the practice entry did not match. Try again; if it fails again, report it as a \
             fault of Portlog."
        }
        (PracticeLink::Alert, LinkState::Pending) => "Alert: not reached yet",
        (PracticeLink::Alert, LinkState::Passed) => "Alert: raised, marked as practice",
        (PracticeLink::Alert, LinkState::Failed) => {
            "Alert: none was raised. Look whether Portlog or the practice is muted, and try again."
        }
        (PracticeLink::Notification, LinkState::Pending) => "Notification: not reached yet",
        (PracticeLink::Notification, LinkState::Passed) => "Notification: the system shows it",
        (PracticeLink::Notification, LinkState::Failed) => {
            "Notification: the system does not show it. Allow notifications for Portlog, and switch \
             on the channel for matches."
        }
        (PracticeLink::SeenAndHeard, LinkState::Pending) => {
            "Seen and heard: did you see and hear the notification?"
        }
        (PracticeLink::SeenAndHeard, LinkState::Passed) => "Seen and heard: confirmed by you",
        (PracticeLink::SeenAndHeard, LinkState::Failed) => {
            "Seen and heard: not by you. Allow floating, lock-screen and sound notifications for \
             Portlog in the system's settings, check the volume and \"do not disturb\", and try again."
        }
    }
}
