//! Whole looks, listings and readings from the frames that bring their parts.
//!
//! Frames have an order, and counts that must add up: what breaks it is an error and ends the
//! channel, because the rest cannot be trusted either. All that is gathered has a bound.

use std::sync::Arc;

use portlog_model::{SocketRow, UserId};
use portlog_sockets::Destroyed;
use portlog_sockets::counters::{Totals, UidBytes};

use super::frame::{Bye, Chunk, FromHelper, Hello, Listing, LookHead, Trouble, UidProcesses};
use super::{Error, FrameError};

/// One look, whole.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Look {
    /// When it was, and what could be read.
    pub head: LookHead,
    /// Its rows. Shared with the look before where nothing changed.
    pub rows: Arc<Vec<SocketRow>>,
    /// Sockets that the kernel destroyed since the look before.
    pub destroyed: Vec<Destroyed>,
}

impl Look {
    /// The most rows of a look; a helper that finds more says that its tables were cut off.
    pub const MAX_ROWS: usize = 1 << 17;
    /// The most destroyed sockets of a look.
    pub const MAX_DESTROYED: usize = 1 << 16;
}

/// What frames came to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Brought {
    /// Who the helper is.
    Hello(Hello),
    /// A look.
    Look(Box<Look>),
    /// A whole listing, as the package manager printed it.
    Listing(Listing, Vec<u8>),
    /// The phone's users.
    Users(Vec<UserId>),
    /// A whole reading of byte counters.
    Counters(Vec<UidBytes>),
    /// Processes of some UIDs.
    Candidates(Vec<UidProcesses>),
    /// What could not be had.
    Trouble(Trouble),
    /// It ends.
    Bye(Bye),
}

/// Puts frames together.
#[derive(Debug, Default)]
pub struct Assembler {
    greeted: bool,
    ended: bool,
    begun: Option<Box<Look>>,
    /// The number and the dropped looks of the latest look.
    latest: (u64, u64),
    rows: Arc<Vec<SocketRow>>,
    listing: Option<(Listing, Vec<u8>)>,
    counters: Vec<UidBytes>,
}

impl Assembler {
    /// Takes a frame's kind and body; what it completed, if anything.
    pub fn take(&mut self, frame: &[u8]) -> Result<Option<Brought>, Error> {
        let frame = FromHelper::decode(frame)?;
        Ok(self.put(frame)?)
    }

    fn put(&mut self, frame: FromHelper) -> Result<Option<Brought>, FrameError> {
        if self.ended {
            return Err(FrameError::Order("a frame after the farewell"));
        }
        if self.greeted == matches!(frame, FromHelper::Hello(_)) {
            return Err(FrameError::Order("a frame before, or another, greeting"));
        }
        if self.begun.is_some()
            && !matches!(
                frame,
                FromHelper::Rows(_) | FromHelper::Destroyed(_) | FromHelper::LookEnds { .. }
            )
        {
            return Err(FrameError::Order("a frame within a look"));
        }
        Ok(match frame {
            FromHelper::Hello(hello) => {
                self.greeted = true;
                Some(Brought::Hello(hello))
            }
            FromHelper::LookBegins(head) => {
                self.begin(*head)?;
                None
            }
            FromHelper::Rows(rows) => {
                self.rows(&rows)?;
                None
            }
            FromHelper::Destroyed(destroyed) => {
                let look = self.begun()?;
                if look.destroyed.len() + destroyed.len() > Look::MAX_DESTROYED {
                    return Err(FrameError::TooMany("destroyed sockets"));
                }
                look.destroyed.extend(destroyed);
                None
            }
            FromHelper::LookEnds { rows, destroyed } => Some(self.end(rows, destroyed)?),
            FromHelper::Listing(chunk) => self.listing(chunk)?,
            FromHelper::Users(users) => Some(Brought::Users(users)),
            FromHelper::Counters { rows, last } => {
                if self.counters.len() + rows.len() > Totals::MAX_UIDS {
                    return Err(FrameError::TooMany("byte counters"));
                }
                self.counters.extend(rows);
                last.then(|| Brought::Counters(std::mem::take(&mut self.counters)))
            }
            FromHelper::Candidates(candidates) => Some(Brought::Candidates(candidates)),
            FromHelper::Trouble(trouble) => Some(Brought::Trouble(trouble)),
            FromHelper::Bye(bye) => {
                self.ended = true;
                Some(Brought::Bye(bye))
            }
        })
    }

    fn begin(&mut self, head: LookHead) -> Result<(), FrameError> {
        let (number, dropped) = self.latest;
        if head.number <= number || head.dropped < dropped {
            return Err(FrameError::Order("a look"));
        }
        if head.unchanged && number == 0 {
            return Err(FrameError::Order("a look like the one before the first"));
        }
        self.latest = (head.number, head.dropped);
        let rows = if head.unchanged {
            Arc::clone(&self.rows)
        } else {
            // What the look before brought may be in use still.
            self.rows = Arc::default();
            Arc::default()
        };
        self.begun = Some(Box::new(Look {
            head,
            rows,
            destroyed: Vec::new(),
        }));
        Ok(())
    }

    fn rows(&mut self, rows: &[SocketRow]) -> Result<(), FrameError> {
        let look = self.begun()?;
        if look.head.unchanged {
            return Err(FrameError::Order("rows of a look without any"));
        }
        if look.rows.len() + rows.len() > Look::MAX_ROWS {
            return Err(FrameError::TooMany("rows"));
        }
        Arc::make_mut(&mut look.rows).extend_from_slice(rows);
        Ok(())
    }

    fn end(&mut self, rows: u32, destroyed: u32) -> Result<Brought, FrameError> {
        let look = self.begun.take().ok_or(NO_LOOK)?;
        let are = |count: u32, len: usize| u32::try_from(len).is_ok_and(|len| len == count);
        if !are(rows, look.rows.len()) || !are(destroyed, look.destroyed.len()) {
            return Err(FrameError::Value("the count of a look's rows"));
        }
        self.rows = Arc::clone(&look.rows);
        Ok(Brought::Look(look))
    }

    fn listing(&mut self, chunk: Chunk) -> Result<Option<Brought>, FrameError> {
        let (of, mut bytes) = self.listing.take().unwrap_or((chunk.of, Vec::new()));
        if of != chunk.of {
            return Err(FrameError::Order("a part of another listing"));
        }
        if bytes.len() + chunk.bytes.len() > Chunk::MAX_LISTING {
            return Err(FrameError::TooMany("bytes of a listing"));
        }
        bytes.extend(chunk.bytes);
        if chunk.last {
            return Ok(Some(Brought::Listing(of, bytes)));
        }
        self.listing = Some((of, bytes));
        Ok(None)
    }

    fn begun(&mut self) -> Result<&mut Look, FrameError> {
        self.begun.as_deref_mut().ok_or(NO_LOOK)
    }
}

const NO_LOOK: FrameError = FrameError::Order("a part of a look that did not begin");
