//! Phones of which everything is known: their trees, their commands, and what they should look like.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::adbd::Make;

const TCP: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
const UDP: &str = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops";

/// Which programs a phone has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Dialect {
    /// mksh with toybox's commands, as since Android 6.
    MkshToybox,
    /// busybox throughout, as on some custom builds.
    Busybox,
    /// dash with the GNU commands: no phone's, but the plainest shell there is.
    Dash,
    /// mksh, an adbd that has terminals alone, and no `cmd`: Android 4.
    Old,
}

/// A phone's folder.
pub(crate) struct Phone {
    folder: TempDir,
    dialect: Dialect,
}

impl Phone {
    /// A phone with the usual tables: a firmware app's connection, a user's app's, a listener, a
    /// datagram socket.
    pub(crate) fn new(dialect: Dialect) -> Self {
        let phone = Self {
            folder: tempfile::tempdir().unwrap(),
            dialect,
        };
        for folder in [
            "proc/net",
            "proc/sys/kernel/random",
            "proc/sys/net/ipv4",
            "bin",
        ] {
            fs::create_dir_all(phone.path(folder)).unwrap();
        }
        phone.write("proc/uptime", "350735.47 234388.90\n");
        phone.write(
            "proc/version",
            "Linux version 3.4.0-gd8 (builder@example.test)\n",
        );
        phone.write("proc/sys/net/ipv4/ip_local_port_range", "32768\t61000\n");
        phone.boot("0f9c2a3e-1d2b-4c5d-8e9f-001122334455");
        phone.table(
            "tcp",
            &[
                row(1, "0200000A:9D15", "077100CB:0050", "01", 10_001, 101),
                row(2, "0200000A:9D16", "086433C6:01BB", "01", 10_021, 102),
                row(3, "00000000:1F90", "00000000:0000", "0A", 1_000, 103),
            ],
        );
        phone.table("tcp6", &[]);
        phone.table(
            "udp",
            &[row(4, "0200000A:8235", "00000000:0000", "07", 10_021, 104)],
        );
        phone.table("udp6", &[]);
        phone.table("raw", &[]);
        phone.packages();
        phone.commands();
        phone
    }

    /// How the stand-in is to be it.
    pub(crate) fn make(&self) -> Make {
        let shell: &[&str] = match self.dialect {
            Dialect::MkshToybox | Dialect::Old => &["/bin/mksh"],
            Dialect::Busybox => &["/bin/busybox", "ash"],
            Dialect::Dash => &["/bin/dash"],
        };
        Make {
            shell: shell.iter().map(|word| (*word).to_owned()).collect(),
            commands: self.path("bin"),
            proc_root: Some(self.path("proc")),
            is_old: matches!(self.dialect, Dialect::Old | Dialect::Busybox),
            refuses: false,
        }
    }

    /// A table with these rows, replaced at once.
    pub(crate) fn table(&self, name: &str, rows: &[String]) {
        let header = if name.starts_with("tcp") { TCP } else { UDP };
        let text: String = std::iter::once(header.to_owned())
            .chain(rows.iter().cloned())
            .map(|line| line + "\n")
            .collect();
        self.raw_table(name, text.as_bytes());
    }

    /// A table of these bytes, replaced at once.
    pub(crate) fn raw_table(&self, name: &str, bytes: &[u8]) {
        let (new, place) = (self.path("proc/net/.new"), self.path("proc/net").join(name));
        fs::write(&new, bytes).unwrap();
        fs::rename(new, place).unwrap();
    }

    /// Lets nobody read a table.
    pub(crate) fn deny(&self, name: &str) {
        let path = self.path("proc/net").join(name);
        fs::set_permissions(path, fs::Permissions::from_mode(0o000)).unwrap();
    }

    /// The kernel's id of this boot.
    pub(crate) fn boot(&self, id: &str) {
        self.write("proc/sys/kernel/random/boot_id", &format!("{id}\n"));
    }

    /// What a command answers, whatever it is asked.
    pub(crate) fn command(&self, name: &str, script: &str) {
        let path = self.path("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn packages(&self) {
        let (mut list, mut dump) = (String::new(), "Packages:\n".to_owned());
        let mut package = |name: &str, uid: u32, path: &str, flags: &str| {
            writeln!(list, "package:{path}/base.apk={name} uid:{uid}").unwrap();
            write!(
                dump,
                "  Package [{name}] (1a2b3c):\n    userId={uid}\n    codePath={path}\n    \
                 versionName=1.0\n    flags=[ {flags} ]\n"
            )
            .unwrap();
        };
        package("android", 1_000, "/system/framework", "SYSTEM HAS_CODE");
        for number in 0..20 {
            let name = format!("com.example.part{number}");
            package(
                &name,
                10_001 + number,
                "/system/app/Part",
                "SYSTEM HAS_CODE",
            );
        }
        for number in 20..40 {
            let name = format!("com.example.game{number}");
            package(&name, 10_001 + number, "/data/app/x", "HAS_CODE");
        }
        self.write("list", &list);
        self.write("dump", &dump);
        self.write("system", "package:android\n");
    }

    fn commands(&self) {
        let bin = self.path("bin");
        let (from, names): (&str, &[&str]) = match self.dialect {
            Dialect::MkshToybox | Dialect::Old => ("/usr/bin/toybox", &["cat", "date", "id"]),
            Dialect::Busybox => ("/bin/busybox", &["cat", "date", "id"]),
            Dialect::Dash => ("", &["cat", "date", "id"]),
        };
        for name in names {
            let target = match from {
                "" => ["/bin", "/usr/bin"]
                    .map(|folder| Path::new(folder).join(name))
                    .into_iter()
                    .find(|path| path.exists())
                    .unwrap(),
                from => PathBuf::from(from),
            };
            symlink(target, bin.join(name)).unwrap();
        }
        let file = |name: &str| self.path(name).display().to_string();
        self.command(
            "getprop",
            "case $1 in\nro.product.manufacturer) echo Example;;\nro.product.model) echo One;;\n\
             ro.build.version.release) echo 4.4.4;;\nro.build.version.sdk) echo 19;;\n\
             ro.build.tags) echo release-keys;;\nesac",
        );
        self.command(
            "pm",
            "printf 'Users:\\n\\tUserInfo{0:Owner:13} running\\n\\tUserInfo{10:Other:10}\\n'",
        );
        self.command("dumpsys", &format!("exec /bin/cat {}", file("dump")));
        if self.dialect != Dialect::Old {
            self.command(
                "cmd",
                &format!(
                    "case \"$*\" in\n*-U) exec /bin/cat {};;\n*-s) exec /bin/cat {};;\n\
                     *) echo '  com.example.part3/.Main';;\nesac",
                    file("list"),
                    file("system")
                ),
            );
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }
}

/// A row as kernels print it; ends and state in hexadecimal.
pub(crate) fn row(
    slot: u32,
    local: &str,
    remote: &str,
    state: &str,
    uid: u32,
    inode: u32,
) -> String {
    format!(
        "{slot:4}: {local} {remote} {state} 00000000:00000000 00:00000000 00000000 {uid:5}        0 {inode} 1 \
         00000000 20 4 30 10 -1"
    )
}
