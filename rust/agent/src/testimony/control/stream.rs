//! What comes in and goes out over a client's stream, within bounds.

use std::io::{self, BufRead as _, BufReader, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use super::wire::{Envelope, MAX_PIECE, MAX_REQUEST, Request, VERSION};

/// How long a request may take to come.
const REQUEST: Duration = Duration::from_secs(5);

/// The request, or why it is none. The whole of it has to be there within the time for it, however
/// many pieces it comes in.
pub(super) fn request(stream: UnixStream) -> io::Result<Result<Request, &'static str>> {
    let mut reader = BufReader::new(Hurried {
        stream,
        until: Instant::now() + REQUEST,
    })
    .take(MAX_REQUEST);
    let mut line = Vec::new();
    match reader.read_until(b'\n', &mut line) {
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
            return Ok(Err("the request took too long"));
        }
        Err(error) => return Err(error),
        Ok(_) if line.last() == Some(&b'\n') => {}
        Ok(_) if reader.limit() == 0 => return Ok(Err("the request is too long")),
        Ok(_) => return Ok(Err("the request has no end")),
    }
    Ok(
        match serde_json::from_slice::<Envelope<serde_json::Value>>(&line) {
            Ok(envelope) if envelope.version != VERSION => {
                Err("the request is of another version of Portlog; use the one that watches")
            }
            Ok(envelope) => serde_json::from_value(envelope.request)
                .map_err(|_| "the request is not of a form that is known here"),
            Err(_) => Err("the request is not of a form that is known here"),
        },
    )
}

/// A stream that has to have said everything by then.
struct Hurried {
    stream: UnixStream,
    until: Instant,
}

impl Read for Hurried {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        self.stream.set_read_timeout(Some(left))?;
        self.stream.read(buffer)
    }
}

/// Bytes in pieces, each behind its length.
pub(super) struct Pieces<'a> {
    out: &'a mut UnixStream,
    piece: Vec<u8>,
}

impl<'a> Pieces<'a> {
    pub(super) fn new(out: &'a mut UnixStream) -> Self {
        Self {
            out,
            piece: Vec::with_capacity(MAX_PIECE),
        }
    }

    fn send(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let length = u32::try_from(self.piece.len()).unwrap_or(u32::MAX);
        self.out.write_all(&length.to_be_bytes())?;
        self.out.write_all(&self.piece)?;
        self.piece.clear();
        Ok(())
    }

    pub(super) fn end(mut self) -> io::Result<()> {
        self.send()?;
        self.out.write_all(&0_u32.to_be_bytes())
    }
}

impl Write for Pieces<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = MAX_PIECE.saturating_sub(self.piece.len());
        let taken = bytes.get(..room.min(bytes.len())).unwrap_or_default();
        self.piece.extend_from_slice(taken);
        if self.piece.len() >= MAX_PIECE {
            self.send()?;
        }
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send()
    }
}
