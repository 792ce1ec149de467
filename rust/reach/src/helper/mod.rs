//! The process of the shell's UID that reads what an app may not.
//!
//! From Android 10 on no app may read `/proc/net`; the shell's UID may. The app's own APK is started
//! as that UID by `app_process` (whoever does that holds a computer's end of adb, or root), loads the
//! same library as the app, and hands over to `Helper`:
//!
//! 1. `Helper::start` makes sure that it is the only one; a newer one takes the place of an older.
//! 2. The front end asks the app's provider for a way across and gives it to `Helper::serve`,
//!    which looks at the app's pace until the channel ends, and says why it did ([`Ended`]).
//! 3. Without a way across, `Helper::rest` waits, longer each time, and notices when the app was
//!    updated or removed meanwhile.
//!
//! It opens tables, its own self-check's sockets and what `/proc/PID` tells of processes, and runs
//! three of the phone's own programs at fixed places with fixed arguments. Nothing that the app says
//! is opened or run: the app says how often, and when to stop.

use std::path::PathBuf;
use std::sync::Arc;

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

/// Why `Helper::serve` or [`Helper::rest`] returned.
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
