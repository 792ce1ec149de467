//! The helper: this library in a process of adb's shell or of root, which brings the app what Android
//! shows to no app.
//!
//! What it reads and how it speaks is portlog-reach's; here it finds its way to the app, again and
//! again, until it shall end.

mod door;

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use portlog_model::fault::chain;
use portlog_reach::channel::Transport;
use portlog_reach::helper::{App, Ended, Helper, Options};

pub use door::DoorError;

use crate::Error;
use door::Provider;

/// Is the helper, until it shall end.
///
/// What it says of its way to the app goes to standard output, a line each that begins with
/// `portlog: `: that is a file which the program that starts it reads. Never an address or a package
/// other than the app's.
///
/// # Errors
/// Where another helper is to stay, a secret is none, or nothing can be read any more.
pub fn run(orders: &HelperOrders) -> Result<HelperEnd, Error> {
    let mut helper = Helper::start(options(orders))?;
    let end = match &orders.way {
        HelperWay::Provider { authority, user } => {
            let provider = Provider::new(Path::new(&orders.programs), authority, *user);
            again_and_again(&mut helper, provider)
        }
        HelperWay::Loopback { port, secret } => {
            let transport = u16::try_from(*port)
                .ok()
                .and_then(|port| door::loopback(port, secret))
                .ok_or(DoorError::NoAnswer("port and secret"))?;
            helper.serve(transport)?
        }
    };
    Ok(match end {
        Ended::Stopped | Ended::Lost => HelperEnd::Stopped,
        Ended::Removed => HelperEnd::Removed,
        Ended::Updated { apk } => HelperEnd::Updated(apk.to_string_lossy().into_owned()),
    })
}

/// Serves one channel after the other; never ends as `Lost`.
fn again_and_again(helper: &mut Helper, mut provider: Provider) -> Ended {
    loop {
        let ended = match provider.open() {
            Ok(transport) => serve(helper, transport),
            Err(error) => {
                say(&chain(&error));
                Ended::Lost
            }
        };
        provider.close();
        if ended != Ended::Lost {
            return ended;
        }
        let rested = helper.rest();
        if rested != Ended::Lost {
            return rested;
        }
    }
}

/// A channel that fails is one that is lost: the next may do.
fn serve(helper: &mut Helper, transport: Transport) -> Ended {
    say("connected");
    match helper.serve(transport) {
        Ok(ended) => {
            if ended == Ended::Lost {
                say("the app is away");
            }
            ended
        }
        Err(error) => {
            say(&chain(&error));
            Ended::Lost
        }
    }
}

fn say(words: &str) {
    // There may be nobody who hears it.
    let _ = writeln!(std::io::stdout().lock(), "portlog: {words}");
}

fn options(orders: &HelperOrders) -> Options {
    Options {
        proc_root: PathBuf::from(&orders.proc_root),
        lock: PathBuf::from(&orders.lock),
        version: Arc::from(env!("CARGO_PKG_VERSION")),
        app: (!orders.app.is_empty()).then(|| App {
            package: orders.app.clone(),
            apk: PathBuf::from(&orders.apk),
        }),
        programs: (!orders.programs.is_empty()).then(|| PathBuf::from(&orders.programs)),
    }
}

/// What a helper is started with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HelperOrders {
    /// How it gets to the app.
    pub way: HelperWay,
    /// The app's package.
    pub app: String,
    /// The APK that it runs from.
    pub apk: String,
    /// The proc tree.
    pub proc_root: String,
    /// The folder of the phone's programs.
    pub programs: String,
    /// The file by whose lock there is one helper.
    pub lock: String,
}

/// How a helper gets to the app.
#[derive(Clone, Eq, PartialEq)]
pub enum HelperWay {
    /// At its provider, by the phone's program `content`, again and again.
    Provider {
        /// The provider.
        authority: String,
        /// The phone's user.
        user: i32,
    },
    /// By a loopback port and its secret, once.
    Loopback {
        /// The port on 127.0.0.1.
        port: i32,
        /// 256 bits in hexadecimal.
        secret: String,
    },
}

/// Without the secret, which no log may have.
impl fmt::Debug for HelperWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Provider { authority, user } => write!(f, "Provider({authority}, user {user})"),
            Self::Loopback { port, .. } => write!(f, "Loopback({port})"),
        }
    }
}

/// How a helper ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum HelperEnd {
    /// The app said so, or another helper took the place.
    Stopped,
    /// The app was updated: the helper is to be started anew from this APK.
    Updated(String),
    /// The app was removed.
    Removed,
}
