//! Answers beside a running watch.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::io::{self, ErrorKind, Write as _};
use std::net::Shutdown;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use nix::unistd::Uid;
use portlog_journal::Answer;
use portlog_model::fault::chain;
use serde::Serialize;

use super::stream::{Pieces, request};
use super::wire::{ExportedForm, PageForm, Reply, Request, StatusForm, Unknown};
use super::{SOCKET, address, peer};
use crate::Error;
use crate::testimony::Recorder;

/// Clients at once.
const MAX_CLIENTS: usize = 4;
/// How long a client may not read on.
const STALLED: Duration = Duration::from_mins(1);

/// The socket beside a running watch; it is gone when this is dropped.
#[derive(Debug)]
pub struct Control {
    folder: PathBuf,
    shared: Arc<Shared>,
    listener: Arc<UnixListener>,
    /// The number of the socket's file: what is removed at the end.
    inode: u64,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    recorder: Recorder,
    clients: Mutex<Clients>,
}

/// Who is being answered, so that an end can interrupt it.
#[derive(Debug, Default)]
struct Clients {
    ended: bool,
    next: u64,
    streams: BTreeMap<u64, UnixStream>,
}

impl Control {
    /// Answers for the journal in `folder`, which `recorder` holds.
    ///
    /// A socket that nobody listens on any more is replaced. [`Error::JournalInUse`] where a watch
    /// answers there.
    pub fn serve(folder: &Path, recorder: Recorder) -> Result<Self, Error> {
        let failed = |source| Error::Control {
            folder: folder.to_owned(),
            source,
        };
        match occupant(folder).map_err(failed)? {
            Occupant::Nothing | Occupant::StaleSocket => {}
            Occupant::Watch => {
                return Err(Error::JournalInUse {
                    folder: folder.to_owned(),
                });
            }
            Occupant::Other => {
                return Err(failed(io::Error::new(
                    ErrorKind::AlreadyExists,
                    format!("there is a file called {SOCKET} that is no socket"),
                )));
            }
        }
        let (listener, inode) = listen(folder).map_err(failed)?;
        let listener = Arc::new(listener);
        let shared = Arc::new(Shared {
            recorder,
            clients: Mutex::default(),
        });
        let thread = {
            let (shared, listener) = (Arc::clone(&shared), Arc::clone(&listener));
            thread::Builder::new()
                .name("portlog-control".to_owned())
                .spawn(move || accept(&listener, &shared))
                .map_err(Error::Thread)?
        };
        Ok(Self {
            folder: folder.to_owned(),
            shared,
            listener,
            inode,
            thread: Some(thread),
        })
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        {
            let mut clients = self.shared.clients();
            clients.ended = true;
            for stream in clients.streams.values() {
                // A client that is gone already is as good.
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
        // Nobody can connect any more, and the thread's wait ends. The next watch on the journal may
        // have put its own socket there already.
        let path = self.folder.join(SOCKET);
        if fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.ino() == self.inode) {
            let _ = fs::remove_file(path);
        }
        let _ =
            nix::sys::socket::shutdown(self.listener.as_raw_fd(), nix::sys::socket::Shutdown::Both);
        if let Some(thread) = self.thread.take() {
            // It has said what it had to say; a panic in it is not ours.
            let _ = thread.join();
        }
    }
}

impl Shared {
    /// A client's panic leaves the list of clients as right as before.
    fn clients(&self) -> MutexGuard<'_, Clients> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What has the socket's name.
enum Occupant {
    Nothing,
    StaleSocket,
    Watch,
    Other,
}

fn occupant(folder: &Path) -> io::Result<Occupant> {
    match fs::symlink_metadata(folder.join(SOCKET)) {
        Ok(metadata) if !metadata.file_type().is_socket() => return Ok(Occupant::Other),
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Occupant::Nothing),
        Err(error) => return Err(error),
    }
    let (path, _folder) = address(folder, SOCKET)?;
    match UnixStream::connect(path) {
        Ok(_) => Ok(Occupant::Watch),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => Ok(Occupant::StaleSocket),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Occupant::Nothing),
        Err(error) => Err(error),
    }
}

/// A socket that has its mode before it has its name.
fn listen(folder: &Path) -> io::Result<(UnixListener, u64)> {
    let name = format!("{SOCKET}.new");
    match fs::remove_file(folder.join(&name)) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let (path, _folder) = address(folder, &name)?;
    let listener = UnixListener::bind(&path)?;
    fs::set_permissions(folder.join(&name), Permissions::from_mode(0o600))?;
    let inode = fs::symlink_metadata(folder.join(&name))?.ino();
    fs::rename(folder.join(&name), folder.join(SOCKET))?;
    Ok((listener, inode))
}

fn accept(listener: &UnixListener, shared: &Arc<Shared>) {
    let mut handlers: Vec<JoinHandle<()>> = Vec::new();
    loop {
        let stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(_) if shared.clients().ended => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(_) => {
                // Out of descriptors, say: it passes, and must not use up a core until then.
                thread::sleep(Duration::from_millis(100));
                continue;
            }
        };
        handlers.retain(|handler| !handler.is_finished());
        if let Some(handler) = admit(stream, shared) {
            handlers.push(handler);
        }
        if shared.clients().ended {
            break;
        }
    }
    for handler in handlers {
        let _ = handler.join();
    }
}

/// Starts a thread for a client that may ask.
fn admit(mut stream: UnixStream, shared: &Arc<Shared>) -> Option<JoinHandle<()>> {
    // What cannot be limited is not answered.
    stream.set_write_timeout(Some(STALLED)).ok()?;
    let who = peer(&stream).ok()?;
    if who != Uid::effective() && !who.is_root() {
        refuse(&mut stream, "this journal belongs to another user");
        return None;
    }
    let id = {
        let mut clients = shared.clients();
        if clients.ended {
            return None;
        }
        if clients.streams.len() >= MAX_CLIENTS {
            drop(clients);
            refuse(&mut stream, "too many ask at once; try again");
            return None;
        }
        clients.next += 1;
        let id = clients.next;
        clients.streams.insert(id, stream.try_clone().ok()?);
        id
    };
    let guard = Guard {
        shared: Arc::clone(shared),
        id,
    };
    thread::Builder::new()
        .name("portlog-client".to_owned())
        .spawn(move || {
            // A client that goes away in the middle is no failure of the watch.
            let _ = answer(stream, &guard.shared.recorder);
        })
        .ok()
}

/// Takes a client off the list, however its thread ends.
struct Guard {
    shared: Arc<Shared>,
    id: u64,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.shared.clients().streams.remove(&self.id);
    }
}

fn answer(stream: UnixStream, recorder: &Recorder) -> io::Result<()> {
    let mut out = stream.try_clone()?;
    let request = match request(stream)? {
        Ok(request) => request,
        Err(why) => {
            refuse(&mut out, why);
            return Ok(());
        }
    };
    match request {
        Request::Status => say(&mut out, status(recorder)),
        Request::Rows { from, to, most } => {
            let page = recorder
                .reader()
                .and_then(|reader| reader.rows(from..to, most));
            say(&mut out, page.map(PageForm::of).map_err(told))
        }
        Request::Owner { index, uid } => {
            let owner = recorder
                .reader()
                .and_then(|reader| reader.owner(index, uid));
            say(&mut out, owner.map_err(told))
        }
        Request::Checkpoint => {
            let note = recorder.reader().and_then(|reader| reader.checkpoint());
            say(&mut out, note.map(|note| note.to_string()).map_err(told))
        }
        Request::State => match recorder.reader() {
            Ok(reader) => pieces(&mut out, |pieces| reader.state(pieces)),
            Err(error) => say::<(), _>(&mut out, Err(told(error))),
        },
        Request::Preview(form) => {
            let exported = form.read().map_err(unknown).and_then(|choice| {
                let reader = recorder.reader().map_err(told)?;
                reader.preview(&choice).map_err(told)
            });
            say(&mut out, exported.as_ref().map(ExportedForm::of))
        }
        Request::Export(form) => {
            let reader = recorder.reader().map_err(told);
            match form
                .read()
                .map_err(unknown)
                .and_then(|choice| Ok((choice, reader?)))
            {
                Err(why) => say::<(), _>(&mut out, Err(why)),
                Ok((choice, reader)) => pieces(&mut out, |pieces| {
                    reader
                        .export(&choice, pieces)
                        .map(|exported| ExportedForm::of(&exported))
                }),
            }
        }
        Request::Mark(form) => {
            let index = form
                .read()
                .map_err(unknown)
                .and_then(|mark| recorder.mark(&mark).map_err(told));
            say(&mut out, index)
        }
        Request::Answer(text) => {
            let index = Answer::parse(&text)
                .map_err(|rejection| rejection.to_string())
                .and_then(|answer| {
                    let Answer {
                        note,
                        witness,
                        nonce,
                    } = &answer;
                    recorder.cosigned(note, witness, Some(nonce)).map_err(told)
                });
            say(&mut out, index)
        }
    }
}

/// Says that bytes come, writes them in pieces, and says what they were.
fn pieces<T: Serialize>(
    out: &mut UnixStream,
    write: impl FnOnce(&mut Pieces<'_>) -> Result<T, Error>,
) -> io::Result<()> {
    say::<_, String>(out, Ok(()))?;
    let mut pieces = Pieces::new(out);
    let written = write(&mut pieces);
    pieces.end()?;
    say(out, written.map_err(told))
}

fn status(recorder: &Recorder) -> Result<StatusForm, String> {
    let reader = recorder.reader().map_err(told)?;
    reader.status().map(StatusForm::of).map_err(told)
}

fn refuse(out: &mut UnixStream, why: &str) {
    // Who does not listen to why is refused all the same.
    let _ = say::<(), _>(out, Err(why));
}

/// Writes one line.
fn say<T: Serialize, E: ToString>(out: &mut UnixStream, said: Result<T, E>) -> io::Result<()> {
    let reply = match said {
        Ok(value) => Reply::Ok(value),
        Err(why) => Reply::Error(why.to_string()),
    };
    let mut line = serde_json::to_vec(&reply)?;
    line.push(b'\n');
    out.write_all(&line)
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands on")]
fn told(error: Error) -> String {
    chain(&error)
}

fn unknown(Unknown(what): Unknown) -> String {
    format!("the {what} is not one that is known here")
}
