//! A phone's end of adb, as far as a shell needs it: the protocol of AOSP's `adb/protocol.txt` over
//! TCP, without authentication or with one that never agrees.
//!
//! Of an old phone (before Android 7) the shell is a terminal, whose line ends are CR LF and which
//! repeats what is typed; of a newer one it is the second shell protocol with separate streams. The
//! commands are run for real, in a namespace whose `/proc` is the phone's tree where it has one.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;
use nix::pty::{grantpt, posix_openpt, ptsname_r, unlockpt};

const CNXN: u32 = u32::from_le_bytes(*b"CNXN");
const AUTH: u32 = u32::from_le_bytes(*b"AUTH");
const OPEN: u32 = u32::from_le_bytes(*b"OPEN");
const OKAY: u32 = u32::from_le_bytes(*b"OKAY");
const WRTE: u32 = u32::from_le_bytes(*b"WRTE");
const CLSE: u32 = u32::from_le_bytes(*b"CLSE");

/// What a phone is like.
#[derive(Clone, Debug)]
pub(crate) struct Make {
    /// Its shell, with arguments before `-c`.
    pub(crate) shell: Vec<String>,
    /// The folder of its commands.
    pub(crate) commands: PathBuf,
    /// Its `/proc`; the machine's own where it has none.
    pub(crate) proc_root: Option<PathBuf>,
    /// adbd before Android 7.
    pub(crate) is_old: bool,
    /// It has not agreed to be debugged.
    pub(crate) refuses: bool,
}

/// A phone that listens on the loopback interface.
pub(crate) struct Adbd {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    make: Mutex<Make>,
    connections: Mutex<Vec<TcpStream>>,
    shells: Mutex<Vec<Child>>,
    /// Bytes that may still be sent before the cable is pulled; negative: no end.
    until_cut: AtomicI64,
    /// Whoever connects is turned away.
    is_gone: AtomicBool,
}

impl Adbd {
    /// Starts it.
    pub(crate) fn start(make: Make) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            make: Mutex::new(make),
            connections: Mutex::default(),
            shells: Mutex::default(),
            until_cut: AtomicI64::new(-1),
            is_gone: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if accepting.is_gone.load(Ordering::SeqCst) {
                    continue;
                }
                lock(&accepting.connections).push(stream.try_clone().unwrap());
                let shared = Arc::clone(&accepting);
                thread::spawn(move || Connection::serve(stream, &shared));
            }
        });
        Self { port, shared }
    }

    /// What `adb connect` takes, and then its serial.
    pub(crate) fn serial(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Pulls the cable after so many more bytes of output, and keeps it pulled.
    pub(crate) fn cut_after(&self, bytes: i64) {
        self.shared.until_cut.store(bytes, Ordering::SeqCst);
    }

    /// Whether the cable was pulled.
    pub(crate) fn is_gone(&self) -> bool {
        self.shared.is_gone.load(Ordering::SeqCst)
    }

    /// Plugs it in again.
    pub(crate) fn plug_in(&self) {
        self.shared.until_cut.store(-1, Ordering::SeqCst);
        self.shared.is_gone.store(false, Ordering::SeqCst);
    }

    /// Waits until no command runs any more; how many still do at the end.
    pub(crate) fn shells_left(&self, patience: Duration) -> usize {
        let until = Instant::now() + patience;
        loop {
            let mut shells = lock(&self.shared.shells);
            shells.retain_mut(|child| !matches!(child.try_wait(), Ok(Some(_))));
            if shells.is_empty() || Instant::now() >= until {
                return shells.len();
            }
            drop(shells);
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Adbd {
    fn drop(&mut self) {
        self.shared.pull();
        for child in &mut *lock(&self.shared.shells) {
            // Gone already, as it should be.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Shared {
    fn pull(&self) {
        self.is_gone.store(true, Ordering::SeqCst);
        for stream in lock(&self.connections).drain(..) {
            // Closed by the other side already.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

/// One TCP connection from adb's server.
struct Connection {
    stream: Arc<Mutex<TcpStream>>,
    streams: BTreeMap<u32, Stream>,
    next_id: u32,
}

/// A service that was opened.
struct Stream {
    input: Option<Box<dyn Write + Send>>,
    is_v2: bool,
    /// Input that is not a whole packet yet.
    pending: Vec<u8>,
    acks: Sender<()>,
    remote: u32,
}

impl Connection {
    fn serve(stream: TcpStream, shared: &Arc<Shared>) {
        let mut reading = stream.try_clone().unwrap();
        let mut connection = Self {
            stream: Arc::new(Mutex::new(stream)),
            streams: BTreeMap::new(),
            next_id: 1,
        };
        while let Some((command, arg0, arg1, data)) = read_message(&mut reading) {
            connection.take(command, arg0, arg1, &data, shared);
        }
        // What the shells read from ends with the streams.
    }

    fn take(&mut self, command: u32, arg0: u32, arg1: u32, data: &[u8], shared: &Arc<Shared>) {
        let make = lock(&shared.make).clone();
        match command {
            CNXN if make.refuses => self.send(AUTH, 1, 0, &[7; 20]),
            // A signature, or the key to be shown: the question on the screen stays unanswered.
            AUTH if arg0 == 2 => self.send(AUTH, 1, 0, &[8; 20]),
            CNXN => {
                let features = if make.is_old {
                    ""
                } else {
                    "features=shell_v2,cmd"
                };
                let banner = format!(
                    "device::ro.product.name=one;ro.product.model=One;ro.product.device=one;{features}"
                );
                self.send(CNXN, 0x0100_0000, 4096, banner.as_bytes());
            }
            OPEN => self.open(arg0, data, &make, shared),
            OKAY => {
                if let Some(stream) = self.streams.get(&arg1) {
                    // Whoever waited for it may be gone.
                    let _ = stream.acks.send(());
                }
            }
            WRTE => {
                self.send(OKAY, arg1, arg0, &[]);
                if let Some(stream) = self.streams.get_mut(&arg1) {
                    stream.write(data);
                }
            }
            CLSE => {
                self.streams.remove(&arg1);
            }
            _ => {}
        }
    }

    fn open(&mut self, remote: u32, service: &[u8], make: &Make, shared: &Arc<Shared>) {
        let service = String::from_utf8_lossy(service);
        let service = service.trim_end_matches('\0');
        let (command, is_v2) = match (service.strip_prefix("shell:"), make.is_old) {
            (Some(command), _) => (command, false),
            (None, false) => match service
                .strip_prefix("shell,v2")
                .and_then(|s| s.split_once(':'))
            {
                Some((_, command)) => (command, true),
                None => return self.send(CLSE, 0, remote, &[]),
            },
            // No `exec:` and nothing newer.
            (None, true) => return self.send(CLSE, 0, remote, &[]),
        };
        assert!(
            !make.is_old || service.len() < 4096,
            "too long for an old phone"
        );
        let id = self.next_id;
        self.next_id += 1;
        let (acks, acked) = channel();
        let process = if is_v2 {
            Process::with_pipes(make, command)
        } else {
            Process::with_terminal(make, command)
        };
        let Process {
            child,
            input,
            outputs,
        } = process;
        lock(&shared.shells).push(child);
        self.streams.insert(
            id,
            Stream {
                input: Some(input),
                is_v2,
                pending: Vec::new(),
                acks,
                remote,
            },
        );
        self.send(OKAY, id, remote, &[]);
        let stream = Arc::clone(&self.stream);
        let shared = Arc::clone(shared);
        thread::spawn(move || give_output(&stream, &shared, outputs, &acked, (id, remote), is_v2));
    }

    fn send(&self, command: u32, arg0: u32, arg1: u32, data: &[u8]) {
        send(&self.stream, command, arg0, arg1, data);
    }
}

impl Stream {
    fn write(&mut self, data: &[u8]) {
        let _ = self.remote;
        let Some(input) = &mut self.input else { return };
        if !self.is_v2 {
            // A shell that ended reads no more.
            let _ = input.write_all(data).and_then(|()| input.flush());
            return;
        }
        self.pending.extend_from_slice(data);
        while let Some((&[kind, a, b, c, d], rest)) = self.pending.split_first_chunk::<5>() {
            let length = u32::from_le_bytes([a, b, c, d]) as usize;
            if rest.len() < length {
                return;
            }
            let packet = rest[..length].to_vec();
            self.pending.drain(..5 + length);
            match (kind, &mut self.input) {
                (0, Some(input)) => {
                    let _ = input.write_all(&packet).and_then(|()| input.flush());
                }
                // No more input.
                (4, _) => self.input = None,
                _ => {}
            }
        }
    }
}

/// Sends what the process writes, a message at a time, each when the one before was taken.
fn give_output(
    stream: &Mutex<TcpStream>,
    shared: &Shared,
    outputs: Receiver<(u8, Vec<u8>)>,
    acked: &Receiver<()>,
    (id, remote): (u32, u32),
    is_v2: bool,
) {
    for (kind, bytes) in outputs {
        for piece in bytes.chunks(4000) {
            let left = shared.until_cut.load(Ordering::SeqCst);
            if left >= 0 {
                let left = left - i64::try_from(piece.len()).unwrap();
                shared.until_cut.store(left.max(0), Ordering::SeqCst);
                if left <= 0 {
                    shared.pull();
                    return;
                }
            }
            if is_v2 {
                let mut packet = vec![kind];
                packet.extend(u32::try_from(piece.len()).unwrap().to_le_bytes());
                packet.extend_from_slice(piece);
                send(stream, WRTE, id, remote, &packet);
            } else {
                send(stream, WRTE, id, remote, piece);
            }
            if acked.recv_timeout(Duration::from_secs(20)).is_err() {
                return;
            }
        }
    }
    if is_v2 {
        send(stream, WRTE, id, remote, &[3, 1, 0, 0, 0, 0]);
        let _ = acked.recv_timeout(Duration::from_secs(5));
    }
    send(stream, CLSE, id, remote, &[]);
}

/// A command that runs: its ends.
struct Process {
    child: Child,
    input: Box<dyn Write + Send>,
    /// What it writes: 1 for standard output, 2 for errors.
    outputs: Receiver<(u8, Vec<u8>)>,
}

impl Process {
    fn with_pipes(make: &Make, command: &str) -> Self {
        let mut child = command_line(make, command, false)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, outputs) = channel();
        let input = Box::new(child.stdin.take().unwrap());
        pump(child.stdout.take().unwrap(), 1, sender.clone());
        pump(child.stderr.take().unwrap(), 2, sender);
        Self {
            child,
            input,
            outputs,
        }
    }

    fn with_terminal(make: &Make, command: &str) -> Self {
        // Closed in every child from the start: one that inherited our end would keep itself alive.
        let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK;
        let master = posix_openpt(flags).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let slave = File::options()
            .read(true)
            .write(true)
            .custom_flags(OFlag::O_NOCTTY.bits())
            .open(ptsname_r(&master).unwrap())
            .unwrap();
        let master = File::from(OwnedFd::from(master));
        let end = |file: &File| Stdio::from(file.try_clone().unwrap());
        let child = command_line(make, command, true)
            .stdin(end(&slave))
            .stdout(end(&slave))
            .stderr(end(&slave))
            .spawn()
            .unwrap();
        drop(slave);
        let (sender, outputs) = channel();
        let is_closed = Arc::new(AtomicBool::new(false));
        let reading = OwnEnd {
            master: master.try_clone().unwrap(),
            is_closed: Arc::clone(&is_closed),
        };
        pump(reading, 1, sender);
        let input = Typing { master, is_closed };
        Self {
            child,
            input: Box::new(input),
            outputs,
        }
    }
}

/// Our end of a terminal, to read from: closed when whoever types goes, so that the shell is hung up.
struct OwnEnd {
    master: File,
    is_closed: Arc<AtomicBool>,
}

impl Read for OwnEnd {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        loop {
            match self.master.read(into) {
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    if self.is_closed.load(Ordering::SeqCst) {
                        return Ok(0);
                    }
                    thread::sleep(Duration::from_millis(2));
                }
                answer => return answer,
            }
        }
    }
}

/// The same, to write to.
struct Typing {
    master: File,
    is_closed: Arc<AtomicBool>,
}

impl Write for Typing {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.master.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.master.flush()
    }
}

impl Drop for Typing {
    fn drop(&mut self) {
        self.is_closed.store(true, Ordering::SeqCst);
    }
}

/// The shell with `command`, as a user of its own beside the machine's.
fn command_line(make: &Make, command: &str, by_terminal: bool) -> Command {
    let mut line: Vec<String> = Vec::new();
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    if let Some(root) = &make.proc_root {
        line.extend(words(
            "unshare --user --mount --map-user=2000 --map-group=2000 --keep-caps sh -c",
        ));
        line.push(
            "mount --bind \"$0\" /proc && exec setpriv --inh-caps=-all --ambient-caps=-all \
             --bounding-set=-all \"$@\""
                .to_owned(),
        );
        line.push(root.display().to_string());
    }
    if by_terminal {
        line.extend(words("setsid --ctty --wait"));
    }
    // The folder of commands is all that the phone has.
    line.extend(words("env -i"));
    line.push(format!("PATH={}", make.commands.display()));
    line.extend(make.shell.iter().cloned());
    line.extend(["-c".to_owned(), command.to_owned()]);
    let mut words = line.iter();
    let mut built = Command::new(words.next().unwrap());
    built.args(words);
    built
}

fn pump(mut from: impl Read + Send + 'static, kind: u8, to: Sender<(u8, Vec<u8>)>) {
    thread::spawn(move || {
        let mut piece = vec![0; 4000];
        // A terminal whose other end is gone is an error, which is its end.
        while let Ok(length @ 1..) = from.read(&mut piece) {
            if to.send((kind, piece[..length].to_vec())).is_err() {
                return;
            }
        }
    });
}

fn send(stream: &Mutex<TcpStream>, command: u32, arg0: u32, arg1: u32, data: &[u8]) {
    let sum = data
        .iter()
        .fold(0_u32, |sum, byte| sum.wrapping_add(u32::from(*byte)));
    let length = u32::try_from(data.len()).unwrap();
    let mut message = Vec::with_capacity(24 + data.len());
    for word in [command, arg0, arg1, length, sum, !command] {
        message.extend(word.to_le_bytes());
    }
    message.extend_from_slice(data);
    // The other side may have gone, which its reader notices.
    let _ = lock(stream).write_all(&message);
}

fn read_message(stream: &mut TcpStream) -> Option<(u32, u32, u32, Vec<u8>)> {
    let mut head = [0; 24];
    stream.read_exact(&mut head).ok()?;
    let word = |at: usize| u32::from_le_bytes(head[4 * at..4 * at + 4].try_into().unwrap());
    assert_eq!(word(0), !word(5), "not a message of adb");
    let mut data = vec![0; word(3) as usize];
    stream.read_exact(&mut data).ok()?;
    Some((word(0), word(1), word(2), data))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
