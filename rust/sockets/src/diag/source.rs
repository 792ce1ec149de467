//! The source that asks sock_diag first.

use std::time::Duration;

use nix::errno::Errno;
use nix::time::{ClockId, clock_gettime};
use portlog_model::{BootTime, Provenance, SourceKind, Table};

use super::destroyed::DestroyListener;
use super::message::socket_row;
use super::netlink::{DiagSocket, Failure};
use crate::procfs::RowSink;
use crate::{BadRow, Batch, DestroyEvents, Error, Fallback, Polled, ProcfsSource, Source};

/// How long a refusal is remembered. Asking costs more than an answer: for a protocol without a
/// handler the kernel looks for a module to load, which runs a program.
const REMEMBERED: Duration = Duration::from_hours(1);
/// How often a dump is tried that the kernel says was overtaken by changes.
const TRIES: u32 = 3;

/// The tables of the kernel that runs here, by sock_diag where it answers.
///
/// The network namespace is that of the thread that opened the source, and of the process for
/// tables that come from procfs; they are the same unless a thread moves.
#[derive(Debug)]
pub struct DiagSource {
    socket: Asked<DiagSocket>,
    /// What the kernel refused to dump, and until when it is not asked again.
    refused: [Option<Refusal>; Table::ALL.len()],
    fallback: ProcfsSource,
    sink: RowSink,
    listener: Option<Result<DestroyListener, Errno>>,
}

#[derive(Debug)]
enum Asked<T> {
    Open(T),
    /// To be opened before the next dump.
    Closed,
    Refused(Refusal),
}

#[derive(Clone, Copy, Debug)]
struct Refusal {
    errno: Errno,
    until: BootTime,
}

impl DiagSource {
    /// A source that also hears of destroyed sockets, where the kernel has such events and permits
    /// it.
    ///
    /// `fallback` reads what sock_diag cannot give, be it everything. It must be this machine's own
    /// `/proc`, else the tables would be of two kernels: [`Error::NotThisKernel`].
    pub fn open(fallback: ProcfsSource) -> Result<Self, Error> {
        let mut source = Self::open_without_events(fallback)?;
        source.listener = Some(DestroyListener::join(boot_time()));
        Ok(source)
    }

    /// A source for one look, to which events add nothing; see [`DiagSource::open`].
    pub fn open_without_events(fallback: ProcfsSource) -> Result<Self, Error> {
        if fallback.provenance() != Provenance::Live {
            return Err(Error::NotThisKernel {
                path: fallback.root().to_owned(),
            });
        }
        Ok(Self {
            socket: Asked::Closed,
            refused: [None; Table::ALL.len()],
            fallback,
            sink: RowSink::default(),
            listener: None,
        })
    }

    /// Adds what `table` holds to `batch`, or tells why sock_diag does not say it.
    fn dump(&mut self, table: Table, now: BootTime, batch: &mut Batch) -> Result<(), Errno> {
        let refused = self.refused.get(table.index()).copied().flatten();
        if let Some(refusal) = refused.filter(|refusal| now < refusal.until) {
            return Err(refusal.errno);
        }
        let mut tries = 0;
        loop {
            tries += 1;
            self.sink.begin(table, batch);
            let socket = self.socket.open(now)?;
            let failure = match fill(socket, &mut self.sink, table, batch) {
                Ok(()) => {
                    self.sink.end(table, SourceKind::Diag, batch);
                    return Ok(());
                }
                Err(failure) => failure,
            };
            self.sink.discard(batch);
            match failure {
                Failure::Interrupted if tries < TRIES => {}
                Failure::Interrupted => return Err(Errno::EINTR),
                Failure::Refused(errno) => {
                    if let Some(refused) = self.refused.get_mut(table.index()) {
                        *refused = lasting(errno).then(|| Refusal::new(errno, now));
                    }
                    return Err(errno);
                }
                Failure::Broken(errno) => {
                    self.socket = Asked::Closed;
                    return Err(errno);
                }
            }
        }
    }
}

impl Source for DiagSource {
    fn provenance(&self) -> Provenance {
        Provenance::Live
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Diag
    }

    /// Events are read first, then the tables: a socket that an event names was gone before the
    /// dump began, so its row, if the batch has one of the same tuple, is of a later socket or is
    /// what remains of it (`TIME_WAIT`).
    fn poll(&mut self, batch: &mut Batch) -> Result<Polled, Error> {
        batch.clear();
        let now = boot_time();
        if let Some(Ok(listener)) = &mut self.listener {
            listener.drain(now);
            listener.take(&mut batch.destroyed);
        }
        for table in Table::ALL {
            if let Err(errno) = self.dump(table, now, batch) {
                self.fallback.read_table(table, batch);
                batch.report_mut(table).fallback = Some(Fallback {
                    errno: Some(errno as i32),
                });
            }
            batch.report_mut(table).destroy_events = match &self.listener {
                None => DestroyEvents::NotAsked,
                Some(Ok(listener)) => listener.events(table),
                Some(Err(errno)) => DestroyListener::refused(table, *errno),
            };
        }
        Ok(Polled::Now)
    }

    fn drain_events(&mut self) {
        if let Some(Ok(listener)) = &mut self.listener {
            listener.drain(boot_time());
        }
    }
}

impl Asked<DiagSocket> {
    /// The socket, opened if need be.
    fn open(&mut self, now: BootTime) -> Result<&mut DiagSocket, Errno> {
        let due = match self {
            Self::Open(_) => false,
            Self::Closed => true,
            Self::Refused(refusal) => now >= refusal.until,
        };
        if due {
            *self = match DiagSocket::open() {
                Ok(socket) => Self::Open(socket),
                Err(errno) => Self::Refused(Refusal::new(errno, now)),
            };
        }
        match self {
            Self::Open(socket) => Ok(socket),
            Self::Refused(refusal) => Err(refusal.errno),
            Self::Closed => Err(Errno::ENOTCONN),
        }
    }
}

impl Refusal {
    fn new(errno: Errno, now: BootTime) -> Self {
        Self {
            errno,
            until: now.saturating_add(REMEMBERED),
        }
    }
}

fn fill(
    socket: &mut DiagSocket,
    sink: &mut RowSink,
    table: Table,
    batch: &mut Batch,
) -> Result<(), Failure> {
    let mut line = 0_u32;
    socket.dump(table, |payload| {
        line = line.saturating_add(1);
        match socket_row(table, payload) {
            Ok(row) => sink.row(row, batch),
            Err(reason) => sink.bad(
                BadRow {
                    table,
                    line,
                    reason,
                },
                batch,
            ),
        }
    })
}

/// Whether the kernel will say the same for as long as it runs, or nearly.
fn lasting(errno: Errno) -> bool {
    !matches!(
        errno,
        Errno::EAGAIN | Errno::EBUSY | Errno::EINTR | Errno::ENOBUFS | Errno::ENOMEM
    )
}

/// The clock that events are marked with.
fn boot_time() -> BootTime {
    // Every kernel since 2.6.39 has this clock.
    let time = clock_gettime(ClockId::CLOCK_BOOTTIME).map(Duration::from);
    BootTime::from_nanos(
        time.ok()
            .and_then(|time| u64::try_from(time.as_nanos()).ok())
            .unwrap_or(0),
    )
}

#[cfg(test)]
mod tests {
    use portlog_model::CoverageStatus;

    use super::*;

    fn source() -> DiagSource {
        DiagSource::open_without_events(ProcfsSource::new("/proc".into())).unwrap()
    }

    #[test]
    #[cfg_attr(miri, ignore = "asks the kernel")]
    fn a_missing_handler_is_remembered_and_asked_for_again_much_later() {
        let (mut source, mut batch) = (source(), Batch::default());
        let icmp = Table::Icmp.index();
        source.poll(&mut batch).unwrap();
        let first = source.refused[icmp].unwrap();
        assert_eq!(first.errno, Errno::ENOENT);
        source.poll(&mut batch).unwrap();
        assert_eq!(source.refused[icmp].unwrap().until, first.until);

        // As if the time were over.
        source.refused[icmp].as_mut().unwrap().until = BootTime::from_nanos(0);
        source.poll(&mut batch).unwrap();
        assert!(source.refused[icmp].unwrap().until > first.until);
        assert!(source.refused[Table::Tcp.index()].is_none());
    }

    #[test]
    #[cfg_attr(miri, ignore = "asks the kernel")]
    fn a_refused_socket_leaves_every_table_to_procfs() {
        let (mut source, mut batch) = (source(), Batch::default());
        source.socket = Asked::Refused(Refusal::new(Errno::EACCES, boot_time()));
        source.poll(&mut batch).unwrap();
        for table in Table::ALL {
            let report = batch.report(table);
            assert_eq!(report.source, SourceKind::Procfs);
            let errno = Some(Errno::EACCES as i32);
            assert_eq!(report.fallback, Some(Fallback { errno }));
        }
        assert_eq!(batch.report(Table::Tcp).status, CoverageStatus::Readable);

        source.socket = Asked::Refused(Refusal {
            errno: Errno::EACCES,
            until: BootTime::from_nanos(0),
        });
        source.poll(&mut batch).unwrap();
        assert_eq!(batch.report(Table::Tcp).source, SourceKind::Diag);
        assert_eq!(batch.report(Table::Tcp).fallback, None);
    }
}
