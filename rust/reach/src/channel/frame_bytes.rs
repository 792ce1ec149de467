//! What each side may say, as bytes: a kind, and a body without padding.

use std::sync::Arc;
use std::time::Duration;

use portlog_model::{BootTime, Moment, Program, SocketRow, Table, Uid, UserId, WallTime};
use portlog_sockets::counters::UidBytes;
use portlog_sockets::{Destroyed, TableReport};

use super::codec::{Reader, put_count, put_text};
use super::frame::{
    Bye, Chunk, FromHelper, Hello, Listing, LookHead, ToHelper, Trouble, TroubleWith, UidProcesses,
};
use super::rows;
use super::{FrameError, MAX_FRAME};

const HELLO: u8 = 1;
const LOOK_BEGINS: u8 = 2;
const ROWS: u8 = 3;
const DESTROYED: u8 = 4;
const LOOK_ENDS: u8 = 5;
const LISTING: u8 = 6;
const USERS: u8 = 7;
const COUNTERS: u8 = 8;
const CANDIDATES: u8 = 9;
const TROUBLE: u8 = 10;
const BYE: u8 = 11;
const APP_HELLO: u8 = 65;
const PACE: u8 = 66;
const STOP: u8 = 67;

impl FromHelper {
    /// Appends kind and body.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Hello(hello) => encode_hello(out, hello),
            Self::LookBegins(head) => encode_head(out, head),
            Self::Rows(rows) => encode_rows(out, rows),
            Self::Destroyed(destroyed) => encode_destroyed(out, destroyed),
            Self::LookEnds { rows, destroyed } => {
                out.push(LOOK_ENDS);
                out.extend(rows.to_le_bytes());
                out.extend(destroyed.to_le_bytes());
            }
            Self::Listing(chunk) => {
                let of = match chunk.of {
                    Listing::Packages => 0,
                    Listing::System => 1,
                };
                let bytes = chunk.bytes.get(..Chunk::MAX).unwrap_or(&chunk.bytes);
                out.extend([LISTING, of, u8::from(chunk.last)]);
                put_count(out, bytes.len());
                out.extend(bytes);
            }
            Self::Users(users) => {
                let users = users.get(..Self::USERS).unwrap_or(users);
                out.push(USERS);
                put_count(out, users.len());
                out.extend(users.iter().flat_map(|user| user.get().to_le_bytes()));
            }
            Self::Counters { rows, last } => {
                let rows = rows.get(..Self::COUNTERS).unwrap_or(rows);
                out.extend([COUNTERS, u8::from(*last)]);
                put_count(out, rows.len());
                for row in rows {
                    out.extend(row.uid.get().to_le_bytes());
                    out.extend(row.received.to_le_bytes());
                    out.extend(row.sent.to_le_bytes());
                }
            }
            Self::Candidates(candidates) => encode_candidates(out, candidates),
            Self::Trouble(trouble) => {
                let with = match trouble.with {
                    TroubleWith::Packages => 0,
                    TroubleWith::Users => 1,
                    TroubleWith::Counters => 2,
                    TroubleWith::Diag => 3,
                };
                out.extend([TROUBLE, with]);
                put_text(out, &trouble.why, Trouble::WHY);
            }
            Self::Bye(bye) => {
                let why = match bye {
                    Bye::Stopped => 0,
                    Bye::Updated => 1,
                    Bye::Removed => 2,
                    Bye::Failed => 3,
                };
                out.extend([BYE, why]);
            }
        }
    }

    /// The frame with this kind and body.
    pub fn decode(bytes: &[u8]) -> Result<Self, FrameError> {
        let mut reader = Reader::new(bytes);
        let reader = &mut reader;
        let frame = match reader.u8("its kind")? {
            HELLO => Self::Hello(decode_hello(reader)?),
            LOOK_BEGINS => Self::LookBegins(Box::new(decode_head(reader)?)),
            ROWS => {
                let count = reader.count(Self::ROWS, rows::LEAST_ROW, "rows")?;
                Self::Rows(list(count, || rows::row(reader))?)
            }
            DESTROYED => {
                let least = rows::LEAST_DESTROYED;
                let count = reader.count(Self::DESTROYED, least, "destroyed sockets")?;
                Self::Destroyed(list(count, || rows::destroyed(reader))?)
            }
            LOOK_ENDS => Self::LookEnds {
                rows: reader.u32("a count of rows")?,
                destroyed: reader.u32("a count of destroyed sockets")?,
            },
            LISTING => Self::Listing(Chunk {
                of: match reader.u8("a listing")? {
                    0 => Listing::Packages,
                    1 => Listing::System,
                    _ => return Err(FrameError::Value("a listing")),
                },
                last: reader.flag("the last part")?,
                bytes: {
                    let count = reader.count(Chunk::MAX, 1, "bytes of a listing")?;
                    reader.bytes(count, "a listing")?.to_vec()
                },
            }),
            USERS => {
                let count = reader.count(Self::USERS, 4, "users")?;
                Self::Users(list(count, || reader.u32("a user").map(UserId::new))?)
            }
            COUNTERS => {
                let last = reader.flag("the last part")?;
                let count = reader.count(Self::COUNTERS, 20, "byte counters")?;
                let rows = list(count, || {
                    Ok(UidBytes {
                        uid: Uid::new(reader.u32("a UID")?),
                        received: reader.u64("a count of bytes")?,
                        sent: reader.u64("a count of bytes")?,
                    })
                })?;
                Self::Counters { rows, last }
            }
            CANDIDATES => {
                let count = reader.count(Self::CANDIDATES, 6, "UIDs")?;
                Self::Candidates(list(count, || decode_processes(reader))?)
            }
            TROUBLE => Self::Trouble(Trouble {
                with: match reader.u8("a trouble")? {
                    0 => TroubleWith::Packages,
                    1 => TroubleWith::Users,
                    2 => TroubleWith::Counters,
                    3 => TroubleWith::Diag,
                    _ => return Err(FrameError::Value("a trouble")),
                },
                why: Arc::from(reader.text(Trouble::WHY, "a reason")?),
            }),
            BYE => Self::Bye(match reader.u8("a farewell")? {
                0 => Bye::Stopped,
                1 => Bye::Updated,
                2 => Bye::Removed,
                3 => Bye::Failed,
                _ => return Err(FrameError::Value("a farewell")),
            }),
            kind => return Err(FrameError::Kind(kind)),
        };
        reader.end()?;
        Ok(frame)
    }
}

impl ToHelper {
    /// Appends kind and body.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Hello { version } => {
                out.push(APP_HELLO);
                put_text(out, version, Hello::VERSION);
            }
            Self::Pace(interval) => {
                let millis = u32::try_from(interval.as_millis()).unwrap_or(u32::MAX);
                out.push(PACE);
                out.extend(millis.to_le_bytes());
            }
            Self::Stop => out.push(STOP),
        }
    }

    /// The frame with this kind and body.
    pub fn decode(bytes: &[u8]) -> Result<Self, FrameError> {
        let mut reader = Reader::new(bytes);
        let frame = match reader.u8("its kind")? {
            APP_HELLO => Self::Hello {
                version: Arc::from(reader.text(Hello::VERSION, "a version")?),
            },
            PACE => Self::Pace(Duration::from_millis(u64::from(reader.u32("an interval")?))),
            STOP => Self::Stop,
            kind => return Err(FrameError::Kind(kind)),
        };
        reader.end()?;
        Ok(frame)
    }
}

/// Appends rows as a frame's kind and body.
pub(crate) fn encode_rows(out: &mut Vec<u8>, rows: &[SocketRow]) {
    let rows = rows.get(..FromHelper::ROWS).unwrap_or(rows);
    out.push(ROWS);
    put_count(out, rows.len());
    for row in rows {
        rows::put_row(out, row);
    }
}

/// Appends destroyed sockets as a frame's kind and body.
pub(crate) fn encode_destroyed(out: &mut Vec<u8>, destroyed: &[Destroyed]) {
    let destroyed = destroyed.get(..FromHelper::DESTROYED).unwrap_or(destroyed);
    out.push(DESTROYED);
    put_count(out, destroyed.len());
    for socket in destroyed {
        rows::put_destroyed(out, socket);
    }
}

/// Appends a look's head as a frame's kind and body.
pub(crate) fn encode_head(out: &mut Vec<u8>, head: &LookHead) {
    let own = head.own.get(..LookHead::OWN).unwrap_or(&head.own);
    out.push(LOOK_BEGINS);
    out.extend(head.number.to_le_bytes());
    put_moment(out, head.at);
    put_nanos(out, head.awake);
    out.extend(head.dropped.to_le_bytes());
    out.push(u8::from(head.unchanged));
    put_count(out, own.len());
    for socket in own {
        rows::put_own(out, socket);
    }
    for report in &head.reports {
        rows::put_report(out, report);
    }
}

fn decode_head(reader: &mut Reader<'_>) -> Result<LookHead, FrameError> {
    let number = reader.u64("a look's number")?;
    let at = moment(reader)?;
    let awake = Duration::from_nanos(reader.u64("time awake")?);
    let dropped = reader.u64("dropped looks")?;
    let unchanged = reader.flag("unchanged rows")?;
    let count = reader.count(LookHead::OWN, rows::LEAST_OWN, "own sockets")?;
    let own = list(count, || rows::own(reader))?;
    let mut reports = [TableReport::default(); Table::ALL.len()];
    for report in &mut reports {
        *report = rows::report(reader)?;
    }
    Ok(LookHead {
        number,
        at,
        awake,
        dropped,
        unchanged,
        own,
        reports,
    })
}

fn encode_hello(out: &mut Vec<u8>, hello: &Hello) {
    out.push(HELLO);
    put_text(out, &hello.boot_id, Hello::BOOT_ID);
    out.extend(hello.uid.get().to_le_bytes());
    out.extend(hello.pid.to_le_bytes());
    put_text(out, &hello.abi, Hello::ABI);
    put_text(out, &hello.version, Hello::VERSION);
    out.push(u8::from(hello.diag));
    put_moment(out, hello.started);
}

fn decode_hello(reader: &mut Reader<'_>) -> Result<Hello, FrameError> {
    Ok(Hello {
        boot_id: Arc::from(reader.text(Hello::BOOT_ID, "a boot id")?),
        uid: Uid::new(reader.u32("a UID")?),
        pid: reader.u32("a process id")?,
        abi: Arc::from(reader.text(Hello::ABI, "an ABI")?),
        version: Arc::from(reader.text(Hello::VERSION, "a version")?),
        diag: reader.flag("sock_diag")?,
        started: moment(reader)?,
    })
}

fn encode_candidates(out: &mut Vec<u8>, candidates: &[UidProcesses]) {
    let candidates = candidates
        .get(..FromHelper::CANDIDATES)
        .unwrap_or(candidates);
    out.push(CANDIDATES);
    put_count(out, candidates.len());
    for of in candidates {
        let processes = of
            .processes
            .get(..UidProcesses::MAX)
            .unwrap_or(&of.processes);
        out.extend(of.uid.get().to_le_bytes());
        put_count(out, processes.len());
        for process in processes {
            out.extend(process.pid.to_le_bytes());
            put_text(out, &process.name, UidProcesses::NAME);
        }
    }
}

fn decode_processes(reader: &mut Reader<'_>) -> Result<UidProcesses, FrameError> {
    let uid = Uid::new(reader.u32("a UID")?);
    let count = reader.count(UidProcesses::MAX, 6, "processes")?;
    let processes = list(count, || {
        Ok(Program {
            pid: reader.u32("a process id")?,
            name: Arc::from(reader.text(UidProcesses::NAME, "a process's name")?),
        })
    })?;
    Ok(UidProcesses { uid, processes })
}

fn put_moment(out: &mut Vec<u8>, at: Moment) {
    out.extend(at.wall.as_millis().to_le_bytes());
    out.extend(at.boot.as_nanos().to_le_bytes());
}

fn moment(reader: &mut Reader<'_>) -> Result<Moment, FrameError> {
    Ok(Moment {
        wall: WallTime::from_millis(reader.i64("a time")?),
        boot: BootTime::from_nanos(reader.u64("a time")?),
    })
}

fn put_nanos(out: &mut Vec<u8>, span: Duration) {
    let nanos = u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
    out.extend(nanos.to_le_bytes());
}

/// `count` items, of which it is known that the frame can hold them.
fn list<T>(
    count: usize,
    mut item: impl FnMut() -> Result<T, FrameError>,
) -> Result<Vec<T>, FrameError> {
    let mut items = Vec::with_capacity(count);
    for _ in 0..count {
        items.push(item()?);
    }
    Ok(items)
}

/// The fullest frames are within their bound.
const _: () = {
    assert!(3 + FromHelper::ROWS * rows::MOST_ROW <= MAX_FRAME);
    assert!(3 + FromHelper::DESTROYED * rows::MOST_DESTROYED <= MAX_FRAME);
    assert!(4 + FromHelper::COUNTERS * 20 <= MAX_FRAME);
    assert!(5 + Chunk::MAX <= MAX_FRAME);
    let processes = 6 + UidProcesses::MAX * (6 + UidProcesses::NAME);
    assert!(3 + FromHelper::CANDIDATES * processes <= MAX_FRAME);
};
