//! The process of the shell's UID that reads what an app may not.
//!
//! From Android 10 on no app may read `/proc/net`; the shell's UID may. The app's own APK is started
//! as that UID by `app_process` (whoever does that holds a computer's end of adb, or root), loads the
//! same library as the app, and hands over to [`Helper`]:
//!
//! 1. [`Helper::start`] makes sure that it is the only one; a newer one takes the place of an older.
//! 2. The front end asks the app's provider for a way across and gives it to [`Helper::serve`],
//!    which looks at the app's pace until the channel ends, and says why it did ([`Ended`]).
//! 3. Without a way across, [`Helper::rest`] waits, longer each time, and notices when the app was
//!    updated or removed meanwhile.
//!
//! It opens tables, its own self-check's sockets and what `/proc/PID` tells of processes, and runs
//! three of the phone's own programs at fixed places with fixed arguments. Nothing that the app says
//! is opened or run: the app says how often, and when to stop.

mod apk;
mod errands;
mod instance;
mod looker;
mod netstats;
mod program;
mod ticker;

use std::collections::VecDeque;
use std::io::Read;
use std::net::TcpStream;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use nix::unistd::geteuid;
use portlog_model::{BootTime, Provenance, Uid};
use portlog_owners::PackageList;
use portlog_sockets::{DiagSource, ProcfsSource, SelfCheck, Source};
use ring::rand::SystemRandom;

use crate::channel::{
    Bye, Chunk, Error, FrameError, FromHelper, Hello, Listing, Role, Sender, ToHelper, Transport,
    Trouble, TroubleWith, Wire,
};
use apk::ApkWatch;
use errands::{Errands, Fetched};
use instance::Instance;
use ticker::Ticker;

pub use looker::{LookTime, Looker};

/// What a helper is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The proc tree, `/proc` on a phone.
    pub proc_root: PathBuf,
    /// The file by whose lock there is one helper; in a folder that no app may write to
    /// ([`Options::LOCK`] on a phone).
    pub lock: PathBuf,
    /// Its version, as shown to people, such as `1.2.3`.
    pub version: Arc<str>,
    /// The app that it belongs to; `None` where none is installed (a plain Linux).
    pub app: Option<App>,
    /// The folder of the phone's own programs ([`Options::PROGRAMS`] on a phone); `None` runs none.
    pub programs: Option<PathBuf>,
}

impl Options {
    /// Where the lock is on a phone: the shell's own folder.
    pub const LOCK: &'static str = "/data/local/tmp/portlog-helper.lock";
    /// Where the phone's own programs are.
    pub const PROGRAMS: &'static str = "/system/bin";
}

/// The app that a helper belongs to.
#[derive(Clone, Debug)]
pub struct App {
    /// Its package.
    pub package: String,
    /// The APK that the helper was started from.
    pub apk: PathBuf,
}

/// Why [`Helper::serve`] or [`Helper::rest`] returned.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Ended {
    /// The channel is gone: ask the app for another. The helper keeps its place meanwhile.
    Lost,
    /// The app said so, or another helper took the place: end the process.
    Stopped,
    /// The app was updated: start the helper anew from this APK, and end the process.
    Updated {
        /// The APK now.
        apk: PathBuf,
    },
    /// The app was removed: end the process.
    Removed,
}

/// A helper: the only one, from its start to its end.
pub struct Helper {
    options: Options,
    _instance: Instance,
    looker: Looker,
    ticker: Ticker,
    errands: Option<Errands>,
    /// What was fetched last, for each next channel.
    packages: Option<Fetched>,
    counters: Option<Fetched>,
    troubles: Vec<Trouble>,
    hello: Hello,
    rests: u32,
    apk: Option<ApkWatch>,
}

impl Helper {
    /// How long it is waited until a channel is set up.
    const GREETING: Duration = Duration::from_secs(5);
    /// The first wait without a channel; each next one is twice as long.
    const REST: Duration = Duration::from_secs(1);
    /// The longest.
    const LONGEST_REST: Duration = Duration::from_secs(30);
    /// The time from one look at the app's APK to the next.
    const APK_EVERY: Duration = Duration::from_secs(15);

    /// Starts one, where no other is to stay. As root it asks sock_diag with destroy events, else
    /// it reads the text tables.
    pub fn start(options: Options) -> Result<Self, Error> {
        let instance = Instance::claim(&options.lock, &options.version)?;
        let started = ticker::now().moment;
        let root = geteuid().is_root();
        let (source, diag, trouble) = open_source(&options.proc_root, root);
        let live = source.provenance() == Provenance::Live;
        let looker = Looker::new(
            source,
            live.then(SelfCheck::open),
            Some(portlog_owners::Programs::new(options.proc_root.clone())),
        );
        let errands = match &options.programs {
            Some(folder) => Some(
                Errands::start(folder.clone(), started.wall)
                    .map_err(Error::io("start a thread"))?,
            ),
            None => None,
        };
        let hello = Hello {
            boot_id: boot_id(&options.proc_root),
            uid: Uid::new(geteuid().as_raw()),
            pid: std::process::id(),
            abi: Arc::from(std::env::consts::ARCH),
            version: Arc::clone(&options.version),
            diag,
            started,
        };
        let apk = options.app.as_ref().map(|app| ApkWatch::new(&app.apk));
        Ok(Self {
            options,
            _instance: instance,
            looker,
            ticker: Ticker::new(),
            errands,
            packages: None,
            counters: None,
            troubles: trouble.into_iter().collect(),
            hello,
            rests: 0,
            apk,
        })
    }

    /// Looks at the app's pace and tells it over this channel, until the channel or the app ends.
    ///
    /// Fails where the channel cannot be set up (the other side's version, a secret that is not
    /// known) or something that is no frame came over it, and where nothing can be read any more.
    pub fn serve(&mut self, transport: Transport) -> Result<Ended, Error> {
        let random = SystemRandom::new();
        let wire = match transport {
            Transport::Pair(end) => Wire::greet(end, Role::Helper, None, &random, Self::GREETING),
            Transport::Loopback { address, secret } => {
                let stream = TcpStream::connect_timeout(&address, Self::GREETING)
                    .map_err(Error::io("connect to the app"))?;
                let _ = stream.set_nodelay(true);
                Wire::greet(
                    stream.into(),
                    Role::Helper,
                    Some(&secret),
                    &random,
                    Self::GREETING,
                )
            }
        }?;
        match self.tell(wire) {
            Err(Error::Closed) => Ok(Ended::Lost),
            ended => ended,
        }
    }

    /// Waits before the app is asked for a channel again, each time longer; what it says is `Lost` for
    /// "ask now", or why it is of no use any more.
    pub fn rest(&mut self) -> Ended {
        let wait = Self::REST * 2_u32.saturating_pow(self.rests.min(8));
        self.rests = self.rests.saturating_add(1);
        let wait = wait.min(Self::LONGEST_REST);
        let until = ticker::now().moment.boot.saturating_add(wait);
        while ticker::now().moment.boot < until {
            if self.ticker.wait(until, None, None).is_err() {
                std::thread::sleep(wait);
            }
        }
        self.app_is_another().unwrap_or(Ended::Lost)
    }

    fn tell(&mut self, wire: Wire) -> Result<Ended, Error> {
        let Wire {
            mut receiver,
            mut sender,
        } = wire;
        self.looker.begin(receiver.own());
        sender.queue(|out| FromHelper::Hello(self.hello.clone()).encode(out));
        for trouble in &self.troubles {
            sender.queue(|out| FromHelper::Trouble(trouble.clone()).encode(out));
        }
        sender.flush()?;
        let mut waiting: VecDeque<Fetched> = VecDeque::new();
        waiting.extend(self.packages.clone());
        waiting.extend(self.counters.clone());
        let mut apk_due = BootTime::from_nanos(0);
        let mut greeted = false;
        loop {
            while let Some(frame) = receiver.try_next()? {
                match ToHelper::decode(frame)? {
                    ToHelper::Hello { .. } if !greeted => greeted = true,
                    ToHelper::Pace(pace) if greeted => {
                        self.rests = 0;
                        self.looker.set_pace(pace, ticker::now().moment.boot);
                    }
                    ToHelper::Stop if greeted => return Ok(say(Bye::Stopped, &mut sender)),
                    _ => return Err(FrameError::Order("a frame of the app").into()),
                }
            }
            sender.flush()?;
            let now = ticker::now();
            if now.moment.boot >= apk_due {
                apk_due = now.moment.boot.saturating_add(Self::APK_EVERY);
                match self.app_is_another() {
                    Some(Ended::Removed) => {
                        say(Bye::Removed, &mut sender);
                        return Ok(Ended::Removed);
                    }
                    Some(ended) => {
                        say(Bye::Updated, &mut sender);
                        return Ok(ended);
                    }
                    None => {}
                }
            }
            if now.moment.boot >= self.looker.due() {
                self.take_errands(&mut waiting);
                // What was fetched goes first: the rows are judged by it.
                while sender.waiting() == 0
                    && let Some(fetched) = waiting.pop_front()
                {
                    queue(&fetched, &mut sender);
                    sender.flush()?;
                }
                if let Err(error) = self.looker.look(now, &mut sender) {
                    say(Bye::Failed, &mut sender);
                    let source = std::io::Error::other(error);
                    return Err(Error::io("read the tables")(source));
                }
                sender.flush()?;
            }
            let output = (sender.waiting() > 0).then(|| sender.as_fd());
            self.ticker
                .wait(
                    self.looker.due().min(apk_due),
                    Some(receiver.as_fd()),
                    output,
                )
                .map_err(|errno| Error::io("wait")(errno.into()))?;
        }
    }

    /// Takes what was fetched since, and asks for the package list where somebody is not in it.
    fn take_errands(&mut self, waiting: &mut VecDeque<Fetched>) {
        let Some(errands) = &self.errands else { return };
        while let Ok(fetched) = errands.fetched.try_recv() {
            match &fetched {
                Fetched::Packages { packages, .. } => {
                    let list = PackageList::parse(packages);
                    let uids = list.entries().iter().map(|entry| entry.uid);
                    self.looker.set_known(uids.collect());
                    self.packages = Some(fetched.clone());
                }
                Fetched::Counters(_) => self.counters = Some(fetched.clone()),
                Fetched::Trouble(trouble) => {
                    self.troubles.retain(|known| known.with != trouble.with);
                    self.troubles.push(trouble.clone());
                }
            }
            // Only the latest of each waits.
            let kind = std::mem::discriminant(&fetched);
            waiting.retain(|other| std::mem::discriminant(other) != kind);
            waiting.push_back(fetched);
        }
        if self.looker.saw_strangers() {
            errands.ask_for_packages();
        }
    }

    /// What became of the app, where it is not the one that this was started from.
    fn app_is_another(&mut self) -> Option<Ended> {
        let (apk, app) = (self.apk.as_mut()?, self.options.app.as_ref()?);
        let programs = self.options.programs.as_deref();
        apk.look(app, programs)
    }
}

/// Says the last word, as well as that is possible.
fn say(bye: Bye, sender: &mut Sender) -> Ended {
    sender.queue(|out| FromHelper::Bye(bye).encode(out));
    let _ = sender.flush_within(Duration::from_millis(500));
    Ended::Stopped
}

/// Queues what was fetched, in parts.
fn queue(fetched: &Fetched, sender: &mut Sender) {
    let mut listing = |of: Listing, text: &[u8]| {
        let mut parts = text.chunks(Chunk::MAX).peekable();
        while let Some(part) = parts.next() {
            let last = parts.peek().is_none();
            let bytes = part.to_vec();
            sender.queue(|out| FromHelper::Listing(Chunk { of, last, bytes }).encode(out));
        }
    };
    match fetched {
        Fetched::Packages {
            users,
            packages,
            system,
        } => {
            listing(Listing::System, system);
            listing(Listing::Packages, packages);
            sender.queue(|out| FromHelper::Users(users.clone()).encode(out));
        }
        Fetched::Counters(rows) => {
            let mut parts = rows.chunks(FromHelper::COUNTERS).peekable();
            while let Some(part) = parts.next() {
                let last = parts.peek().is_none();
                let rows = part.to_vec();
                sender.queue(|out| FromHelper::Counters { rows, last }.encode(out));
            }
        }
        Fetched::Trouble(trouble) => {
            sender.queue(|out| FromHelper::Trouble(trouble.clone()).encode(out));
        }
    }
}

/// The source that this user can read, whether it is sock_diag, and why not where it should be.
fn open_source(proc_root: &Path, root: bool) -> (Box<dyn Source>, bool, Option<Trouble>) {
    let procfs = || ProcfsSource::new(proc_root.to_owned());
    if !root || procfs().provenance() != Provenance::Live {
        return (Box::new(procfs()), false, None);
    }
    match DiagSource::open(procfs()) {
        Ok(diag) => (Box::new(diag), true, None),
        Err(error) => {
            let why = Arc::from(error.to_string());
            let with = TroubleWith::Diag;
            (Box::new(procfs()), false, Some(Trouble { with, why }))
        }
    }
}

fn boot_id(proc_root: &Path) -> Arc<str> {
    let mut id = String::new();
    // Without one a restart of the phone is not told from one of the helper.
    let _ = std::fs::File::open(proc_root.join("sys/kernel/random/boot_id"))
        .and_then(|file| file.take(64).read_to_string(&mut id));
    Arc::from(id.trim())
}
