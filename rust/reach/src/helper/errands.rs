//! What takes the phone's own programs seconds: package lists, users, byte counters. A thread of its
//! own fetches them, so that no look is late for it.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use portlog_model::{UserId, WallTime};
use portlog_sockets::counters::UidBytes;

use super::netstats;
use super::program::{Bounds, output};
use crate::channel::{Chunk, FromHelper, Trouble, TroubleWith};

/// What was fetched.
#[derive(Clone, Debug)]
pub(crate) enum Fetched {
    /// The users, and both listings of all of them.
    Packages {
        /// The users.
        users: Vec<UserId>,
        /// `list packages -U -f` of each.
        packages: Vec<u8>,
        /// `list packages -s` of each.
        system: Vec<u8>,
    },
    /// A reading of the byte counters.
    Counters(Vec<UidBytes>),
    /// What could not be had.
    Trouble(Trouble),
}

/// The thread's end: it is gone when this is dropped.
#[derive(Debug)]
pub(crate) struct Errands {
    pub(crate) fetched: Receiver<Fetched>,
    ask: SyncSender<()>,
}

impl Errands {
    /// The time from one package list to the next, where nothing asks for one sooner.
    const PACKAGES: Duration = Duration::from_mins(10);
    /// The time from one package list to the next at the least.
    const PACKAGES_AT_LEAST: Duration = Duration::from_secs(30);
    /// The time from one reading of the byte counters to the next.
    const COUNTERS: Duration = Duration::from_mins(5);

    /// Starts the thread, with programs from `folder`. `since` is from when bytes are counted where the
    /// kernel does not tell.
    pub(crate) fn start(folder: PathBuf, since: WallTime) -> std::io::Result<Self> {
        let (give, fetched) = sync_channel(4);
        let (ask, asked) = sync_channel(1);
        thread::Builder::new()
            .name("portlog-errands".to_owned())
            .spawn(move || run(&folder, since, &give, &asked))?;
        Ok(Self { fetched, ask })
    }

    /// Asks for the package list sooner than planned.
    pub(crate) fn ask_for_packages(&self) {
        // It is asked for already, or the thread is gone.
        let _ = self.ask.try_send(());
    }
}

fn run(folder: &Path, since: WallTime, give: &SyncSender<Fetched>, asked: &Receiver<()>) {
    let (mut packages, mut counters) = (Instant::now(), Instant::now());
    let mut latest: Option<Instant> = None;
    loop {
        let now = Instant::now();
        if now >= packages {
            packages = now + Errands::PACKAGES;
            latest = Some(now);
            for fetched in fetch_packages(folder) {
                if give.send(fetched).is_err() {
                    return;
                }
            }
        }
        if now >= counters {
            counters = now + Errands::COUNTERS;
            if give.send(fetch_counters(folder, since)).is_err() {
                return;
            }
        }
        let next = packages.min(counters);
        match asked.recv_timeout(next.saturating_duration_since(Instant::now())) {
            Ok(()) => {
                let soonest = latest.map_or(now, |latest| latest + Errands::PACKAGES_AT_LEAST);
                packages = packages.min(soonest);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

const LISTING: Bounds = Bounds {
    bytes: Chunk::MAX_LISTING,
    time: Duration::from_secs(30),
};

/// The users, and what each has. One that cannot be listed costs itself alone.
fn fetch_packages(folder: &Path) -> Vec<Fetched> {
    let cmd = folder.join("cmd");
    let mut fetched = Vec::new();
    let users = match output(&cmd, &["package", "list", "users"], LISTING) {
        Ok(text) => users(&text),
        Err(why) => {
            fetched.push(trouble(TroubleWith::Users, &why));
            Vec::new()
        }
    };
    let users = if users.is_empty() {
        vec![UserId::FIRST]
    } else {
        users
    };
    let (mut packages, mut system) = (Vec::new(), Vec::new());
    let mut whole = true;
    for user in &users {
        let user = user.to_string();
        let list = |flags: &[&str], into: &mut Vec<u8>| {
            let words = [&["package", "list", "packages"], flags, &["--user", &user]].concat();
            let bounds = Bounds {
                bytes: LISTING.bytes.saturating_sub(into.len()),
                ..LISTING
            };
            output(&cmd, &words, bounds).map(|text| into.extend(text))
        };
        let listed = list(&["-U", "-f"], &mut packages);
        if let Err(why) = listed {
            fetched.push(trouble(TroubleWith::Packages, &why));
        } else {
            whole &= list(&["-s"], &mut system).is_ok();
        }
    }
    if !packages.is_empty() {
        if !whole {
            // Of a part of the system's packages nothing could be concluded.
            system.clear();
        }
        fetched.push(Fetched::Packages {
            users,
            packages,
            system,
        });
    }
    fetched
}

fn fetch_counters(folder: &Path, since: WallTime) -> Fetched {
    const STATISTICS: Bounds = Bounds {
        bytes: 16 << 20,
        time: Duration::from_secs(30),
    };
    let dumpsys = folder.join("dumpsys");
    let read = output(&dumpsys, &["netstats", "--uid"], STATISTICS)
        .and_then(|text| netstats::parse(&text, since).ok_or("no counters by UID".to_owned()));
    match read {
        Ok(rows) => Fetched::Counters(rows),
        Err(why) => trouble(TroubleWith::Counters, &why),
    }
}

fn trouble(with: TroubleWith, why: &str) -> Fetched {
    Fetched::Trouble(Trouble {
        with,
        why: why.into(),
    })
}

/// The users of `cmd package list users`: `UserInfo{10:Work:1030} running`, each in a line.
fn users(text: &[u8]) -> Vec<UserId> {
    let mut users: Vec<UserId> = String::from_utf8_lossy(text)
        .lines()
        .filter_map(|line| {
            let (_, info) = line.split_once("UserInfo{")?;
            let (number, _) = info.split_once(':')?;
            number.parse().ok().map(UserId::new)
        })
        .take(FromHelper::USERS)
        .collect();
    users.sort_unstable();
    users.dedup();
    users
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn users_are_read_whatever_they_are_called() {
        let text = b"Users:\n\tUserInfo{0:Owner:c13} running\n\tUserInfo{10:a}UserInfo{7:x:30}\n\
            \tUserInfo{999:\xff\xfe:30}\nUserInfo{x:y:z}\nUserInfo\n";
        assert_eq!(users(text), [0, 10, 999].map(UserId::new));
    }

    /// A folder with programs that print what the test says.
    fn programs(cmd: &str, dumpsys: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, script) in [("cmd", cmd), ("dumpsys", dumpsys)] {
            let path = folder.path().join(name);
            std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
            std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
        }
        folder
    }

    #[test]
    fn every_users_packages_are_listed() {
        let folder = programs(
            r#"case "$*" in
"package list users") echo "UserInfo{0:a:13} running"; echo "UserInfo{10:b:30}" ;;
"package list packages -U -f --user 0") echo "package:/system/a.apk=com.example.a uid:10001" ;;
"package list packages -U -f --user 10") echo "package:/system/a.apk=com.example.a uid:1010001" ;;
"package list packages -s --user "*) echo "package:com.example.a" ;;
*) echo "$*" >> /dev/stderr; exit 1 ;;
esac"#,
            "echo 'mAppUidStatsMap:'; echo 'uid rxBytes rxPackets txBytes txPackets'; echo 7 1 2 3 4",
        );
        let fetched = fetch_packages(folder.path());
        let [
            Fetched::Packages {
                users,
                packages,
                system,
            },
        ] = fetched.as_slice()
        else {
            panic!("{fetched:?}");
        };
        assert_eq!(*users, [UserId::FIRST, UserId::new(10)]);
        let packages = String::from_utf8_lossy(packages);
        assert_eq!(
            packages,
            "package:/system/a.apk=com.example.a uid:10001\n\
             package:/system/a.apk=com.example.a uid:1010001\n"
        );
        assert_eq!(
            system.as_slice(),
            b"package:com.example.a\npackage:com.example.a\n"
        );
        let counters = fetch_counters(folder.path(), WallTime::from_millis(0));
        let Fetched::Counters(rows) = counters else {
            panic!("{counters:?}");
        };
        assert_eq!((rows[0].received, rows[0].sent), (1, 3));
    }

    #[test]
    fn what_cannot_be_had_is_said() {
        let folder = programs(
            "echo 'Failure calling service package'; exit 20",
            "echo none",
        );
        let fetched = fetch_packages(folder.path());
        let with: Vec<TroubleWith> = fetched
            .iter()
            .map(|fetched| match fetched {
                Fetched::Trouble(trouble) => trouble.with,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(with, [TroubleWith::Users, TroubleWith::Packages]);
        let counters = fetch_counters(folder.path(), WallTime::from_millis(0));
        assert!(matches!(counters, Fetched::Trouble(_)));
    }
}
