//! Asks the watch that holds a journal.

use std::fs;
use std::io::{self, BufRead as _, BufReader, ErrorKind, Read as _, Write};
use std::ops::Range;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use nix::unistd::Uid;
use portlog_journal::Note;
use portlog_journal::bundle::Choice;
use serde::de::DeserializeOwned;

use super::wire::{
    ChoiceForm, Envelope, ExportedForm, MAX_ANSWER, MAX_PIECE, PageForm, Reply, Request,
    StatusForm, VERSION,
};
use super::{SOCKET, address, peer};
use crate::Error;
use crate::testimony::{Exported, Page, Status};

/// How long nothing may come of an answer.
const PATIENCE: Duration = Duration::from_mins(1);

/// The watch that holds a journal, as it can be asked from outside.
#[derive(Debug)]
pub struct Client {
    folder: PathBuf,
    /// The connection that showed that somebody listens: the first request goes over it.
    first: Mutex<Option<UnixStream>>,
}

impl Client {
    /// The watch that holds the journal in `folder`; `None` where none answers.
    pub fn connect(folder: &Path) -> Result<Option<Self>, Error> {
        let client = Self {
            folder: folder.to_owned(),
            first: Mutex::new(None),
        };
        Ok(client.stream()?.map(|stream| Self {
            first: Mutex::new(Some(stream)),
            ..client
        }))
    }

    pub(super) fn status(&self) -> Result<Status, Error> {
        let form: StatusForm = self.ask(&Request::Status)?;
        form.read().map_err(|unknown| self.garbled(unknown.0))
    }

    pub(super) fn rows(&self, range: Range<u64>, most: usize) -> Result<Page, Error> {
        let form: PageForm = self.ask(&Request::Rows {
            from: range.start,
            to: range.end,
            most,
        })?;
        form.read().map_err(|unknown| self.garbled(unknown.0))
    }

    pub(super) fn owner(&self, index: u64, uid: u32) -> Result<Option<String>, Error> {
        self.ask(&Request::Owner { index, uid })
    }

    pub(super) fn checkpoint(&self) -> Result<Note, Error> {
        let text: String = self.ask(&Request::Checkpoint)?;
        Note::parse(&text).map_err(|_| self.garbled("checkpoint"))
    }

    pub(super) fn preview(&self, choice: &Choice) -> Result<Exported, Error> {
        let form: ExportedForm = self.ask(&Request::Preview(ChoiceForm::of(choice)))?;
        Ok(form.read())
    }

    pub(super) fn export(&self, choice: &Choice, out: impl Write) -> Result<Exported, Error> {
        let form: ExportedForm = self.pieces(&Request::Export(ChoiceForm::of(choice)), out)?;
        Ok(form.read())
    }

    pub(super) fn state(&self, out: impl Write) -> Result<u64, Error> {
        self.pieces(&Request::State, out)
    }

    /// Asks for bytes, writes them to `out`, and reads what is said at their end.
    fn pieces<T: DeserializeOwned>(
        &self,
        request: &Request,
        mut out: impl Write,
    ) -> Result<T, Error> {
        let mut answer = self.send(request)?;
        let (): () = self.reply(&mut answer)?;
        let mut piece = vec![0; MAX_PIECE];
        loop {
            let mut length = [0; 4];
            answer
                .read_exact(&mut length)
                .map_err(|error| self.failed(error))?;
            let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
            if length == 0 {
                break;
            }
            let piece = piece
                .get_mut(..length)
                .ok_or_else(|| self.garbled("piece"))?;
            answer
                .read_exact(piece)
                .map_err(|error| self.failed(error))?;
            out.write_all(piece)
                .map_err(|error| self.unwritten(error))?;
        }
        out.flush().map_err(|error| self.unwritten(error))?;
        self.reply(&mut answer)
    }

    /// Asks one thing, and reads the answer.
    pub(super) fn ask<T: DeserializeOwned>(&self, request: &Request) -> Result<T, Error> {
        let mut answer = self.send(request)?;
        self.reply(&mut answer)
    }

    fn send(&self, request: &Request) -> Result<BufReader<UnixStream>, Error> {
        let first = self
            .first
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let stream = match first {
            Some(stream) => Some(stream),
            None => self.stream()?,
        };
        let mut stream = stream.ok_or_else(|| Error::NoWatch {
            folder: self.folder.clone(),
        })?;
        let envelope = Envelope {
            version: VERSION,
            request,
        };
        let mut line = serde_json::to_vec(&envelope).map_err(|_| self.garbled("request"))?;
        line.push(b'\n');
        // A watch that refuses a client says why before it has read anything.
        match stream.write_all(&line) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(self.failed(error)),
            _ => Ok(BufReader::new(stream)),
        }
    }

    fn reply<T: DeserializeOwned>(&self, answer: &mut BufReader<UnixStream>) -> Result<T, Error> {
        let mut line = Vec::new();
        answer
            .take(MAX_ANSWER)
            .read_until(b'\n', &mut line)
            .map_err(|error| self.failed(error))?;
        if line.last() != Some(&b'\n') {
            return Err(self.failed(ErrorKind::UnexpectedEof.into()));
        }
        match serde_json::from_slice(&line) {
            Ok(Reply::Ok(value)) => Ok(value),
            Ok(Reply::Error(why)) => Err(Error::WatchRefused { why }),
            Err(_) => Err(self.garbled("answer")),
        }
    }

    /// A connection; `None` where nobody listens.
    fn stream(&self) -> Result<Option<UnixStream>, Error> {
        let path = self.folder.join(SOCKET);
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.file_type().is_socket() => {}
            Ok(_) => return Ok(None),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failed(error)),
        }
        let connected =
            address(&self.folder, SOCKET).and_then(|(path, _folder)| UnixStream::connect(path));
        let stream = match connected {
            Ok(stream) => stream,
            // What a watch left behind that was killed.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::ConnectionRefused | ErrorKind::NotFound
                ) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(self.failed(error)),
        };
        let owner = fs::metadata(&self.folder).map_err(|error| self.failed(error))?;
        let at_the_other_end = peer(&stream).map_err(|error| self.failed(error))?;
        let may_answer = [
            Uid::from_raw(owner.uid()),
            Uid::effective(),
            Uid::from_raw(0),
        ];
        if !may_answer.contains(&at_the_other_end) {
            return Err(Error::WatchRefused {
                why: format!("the socket in the journal's folder is of user {at_the_other_end}"),
            });
        }
        stream
            .set_read_timeout(Some(PATIENCE))
            .and_then(|()| stream.set_write_timeout(Some(PATIENCE)))
            .map_err(|error| self.failed(error))?;
        Ok(Some(stream))
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::Control {
            folder: self.folder.clone(),
            source,
        }
    }

    fn garbled(&self, what: &str) -> Error {
        self.failed(io::Error::new(
            ErrorKind::InvalidData,
            format!("the {what} is not of a form that this version knows"),
        ))
    }

    fn unwritten(&self, source: io::Error) -> Error {
        Error::Journal {
            folder: self.folder.clone(),
            source: portlog_journal::Error::Write(source),
        }
    }
}
