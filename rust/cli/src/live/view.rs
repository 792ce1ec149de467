//! What of the watch is in view: filtered, sorted and grouped.

use portlog_model::{Connection, ConnectionId, Firmware, Level, Observed};

use super::state::{Entry, State};
use crate::text::sockets::firmware_rank;
use crate::text::words;

/// In which order connections stand.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Sort {
    /// By owner, in groups; what comes with the phone first.
    #[default]
    Owner,
    /// The newest first.
    Newest,
    /// By peer.
    Peer,
}

impl Sort {
    /// The next order.
    pub(crate) const fn next(self) -> Self {
        match self {
            Self::Owner => Self::Newest,
            Self::Newest => Self::Peer,
            Self::Peer => Self::Owner,
        }
    }

    /// What it is called.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Newest => "newest",
            Self::Peer => "peer",
        }
    }
}

/// A line of the connections pane.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Row {
    /// An owner, above its connections.
    Owner {
        /// Who.
        label: String,
        /// Whether it comes with the phone.
        firmware: Firmware,
        /// The strongest match of its connections.
        level: Option<Level>,
        /// One of its connections, to say more of the owner.
        example: ConnectionId,
        /// How many connections.
        count: usize,
    },
    /// A connection.
    Connection(ConnectionId),
}

/// The rows of the panes.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {
    /// The connections pane.
    pub(crate) rows: Vec<Row>,
    /// The listeners pane.
    pub(crate) listeners: Vec<ConnectionId>,
    /// Connections in the pane.
    pub(crate) connections: usize,
    /// Connections that the search leaves out.
    pub(crate) hidden: usize,
    /// The widest local end and the widest peer, in columns.
    pub(crate) widths: (usize, usize),
}

impl View {
    /// The view of `state` that shows what `search` finds, in this order.
    pub(crate) fn of(state: &State, sort: Sort, search: &str) -> Self {
        let needle = search.to_lowercase();
        let mut view = Self::default();
        let mut peers: Vec<(String, &Entry)> = Vec::new();
        for entry in state.entries() {
            let observed = &entry.observed;
            let label = words::owner_label(&observed.owner);
            if !is_found(observed, &label, &needle) {
                view.hidden += 1;
            } else if observed.connection.is_listener() {
                view.listeners.push(observed.connection.id);
            } else {
                view.widen(&observed.connection);
                peers.push((label, entry));
            }
        }
        view.connections = peers.len();
        sort_entries(&mut peers, sort);
        if sort == Sort::Owner {
            view.group(&peers);
        } else {
            view.rows = peers
                .iter()
                .map(|(_, entry)| Row::Connection(entry.observed.connection.id))
                .collect();
        }
        view.listeners.sort_by_cached_key(|id| {
            state.entry(*id).map(|entry| {
                let connection = &entry.observed.connection;
                (
                    connection.protocol(),
                    connection.local.port(),
                    connection.local,
                )
            })
        });
        view
    }

    fn widen(&mut self, connection: &Connection) {
        let (local, peer) = self.widths;
        // Ends are ASCII: bytes are columns.
        self.widths = (
            local.max(connection.local.to_string().len()),
            peer.max(words::peer(connection).len()),
        );
    }

    fn group(&mut self, peers: &[(String, &Entry)]) {
        for group in peers.chunk_by(|(one, _), (other, _)| one == other) {
            let Some((label, first)) = group.first() else {
                continue;
            };
            self.rows.push(Row::Owner {
                label: label.clone(),
                firmware: first.observed.owner.firmware,
                level: group
                    .iter()
                    .filter_map(|(_, entry)| words::strongest(&entry.observed.matches))
                    .map(|matched| matched.level)
                    .max(),
                example: first.observed.connection.id,
                count: group.len(),
            });
            self.rows.extend(
                group
                    .iter()
                    .map(|(_, entry)| Row::Connection(entry.observed.connection.id)),
            );
        }
    }
}

fn sort_entries(peers: &mut [(String, &Entry)], sort: Sort) {
    match sort {
        Sort::Owner => peers.sort_by(|(label, entry), (other_label, other)| {
            let key = |entry: &Entry| {
                (
                    firmware_rank(entry.observed.owner.firmware),
                    entry.observed.owner.uid.is_none(),
                )
            };
            key(entry)
                .cmp(&key(other))
                .then_with(|| label.cmp(other_label))
                .then_with(|| by_peer(entry).cmp(&by_peer(other)))
        }),
        Sort::Newest => peers.sort_by_key(|(_, entry)| {
            let connection = &entry.observed.connection;
            std::cmp::Reverse((connection.first_seen, connection.id))
        }),
        Sort::Peer => peers.sort_by_key(|(_, entry)| by_peer(entry)),
    }
}

fn by_peer(entry: &Entry) -> (portlog_model::Endpoint, ConnectionId) {
    let connection = &entry.observed.connection;
    (connection.remote, connection.id)
}

/// Whether anything that is shown of it, or any of the owner's packages, holds `needle`.
fn is_found(observed: &Observed, label: &str, needle: &str) -> bool {
    let connection = &observed.connection;
    let has = |text: &str| text.to_lowercase().contains(needle);
    needle.is_empty()
        || has(label)
        || has(&connection.remote.to_string())
        || has(&connection.local.to_string())
        || has(connection.protocol().as_str())
        || has(words::state(connection))
        || observed
            .owner
            .packages
            .iter()
            .any(|package| has(package.as_str()))
        || observed
            .matches
            .iter()
            .any(|matched| has(&matched.hit.entry) || has(&matched.hit.list))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, end, moment};
    use crate::time::LocalTime;
    use portlog_model::{Event, EventKind, Owner, SocketState};
    use std::sync::Arc;

    fn state() -> State {
        let mut state = State::new(LocalTime::utc());
        let firmware = Arc::new(fixtures::firmware_app());
        let account = Arc::new(fixtures::account());
        let add = |state: &mut State, id, owner: &Arc<Owner>, remote: &str, socket_state| {
            state.apply(&Event {
                at: moment(id),
                kind: EventKind::Opened {
                    observed: Arc::new(Observed {
                        connection: Connection {
                            id: ConnectionId::new(id),
                            remote: end(remote),
                            state: socket_state,
                            first_seen: moment(id),
                            ..fixtures::connection()
                        },
                        owner: Arc::clone(owner),
                        names: Vec::new(),
                        shared_address: false,
                        matches: Vec::new(),
                    }),
                    after: None,
                    by: moment(id),
                },
            });
        };
        add(
            &mut state,
            1,
            &account,
            "203.0.113.9:443",
            SocketState::Established,
        );
        add(
            &mut state,
            2,
            &firmware,
            "198.51.100.1:80",
            SocketState::Established,
        );
        add(
            &mut state,
            3,
            &account,
            "203.0.113.1:443",
            SocketState::SynSent,
        );
        add(&mut state, 4, &account, "0.0.0.0:0", SocketState::Listen);
        state
    }

    fn ids(view: &View) -> Vec<u64> {
        view.rows
            .iter()
            .filter_map(|row| match row {
                Row::Connection(id) => Some(id.get()),
                Row::Owner { .. } => None,
            })
            .collect()
    }

    #[test]
    fn owners_are_groups_and_firmware_stands_first() {
        let view = View::of(&state(), Sort::Owner, "");
        assert_eq!(ids(&view), [2, 3, 1]);
        assert!(
            matches!(&view.rows[0], Row::Owner { label, count: 1, .. } if label.contains("com.example.sync"))
        );
        assert!(
            matches!(&view.rows[2], Row::Owner { label, count: 2, .. } if label.contains("fetcher"))
        );
        assert_eq!(view.listeners, [ConnectionId::new(4)]);
        assert_eq!(view.connections, 3);
    }

    #[test]
    fn other_orders_have_no_groups() {
        assert_eq!(ids(&View::of(&state(), Sort::Newest, "")), [3, 2, 1]);
        let by_peer = View::of(&state(), Sort::Peer, "");
        assert_eq!(ids(&by_peer), [2, 3, 1]);
        assert_eq!(by_peer.rows.len(), 3);
    }

    #[test]
    fn a_search_finds_owners_peers_and_states() {
        for (needle, found) in [
            ("FETCHER", vec![3, 1]),
            ("198.51", vec![2]),
            ("syn sent", vec![3]),
            ("com.example", vec![2]),
            ("nothing has this", vec![]),
        ] {
            let view = View::of(&state(), Sort::Owner, needle);
            assert_eq!(ids(&view), found, "{needle}");
        }
        assert_eq!(View::of(&state(), Sort::Owner, "198.51").hidden, 3);
    }

    #[test]
    fn the_orders_go_round() {
        assert_eq!(Sort::Owner.next().next().next(), Sort::Owner);
    }
}
