//! What runs in the phone's shell.
//!
//! Sent as the argument of `adb shell`, so it must stay short: adbd before Android 7 takes 4096
//! bytes. It is plain POSIX shell, for mksh (Android 4.0 and later) as for ash and dash; only `echo`
//! and `read` are needed beside the commands that are asked for. A request is
//!
//! ```text
//! r NONCE WORD WORD ...
//! ```
//!
//! and its answer, for each word in order, and then the end:
//!
//! ```text
//! NONCE b WORD
//! what the command wrote, errors too
//! (a line feed)
//! NONCE e WORD STATUS
//! NONCE z
//! ```
//!
//! The words are a fixed list; the phone runs nothing that a request spells out. Where `read` takes a
//! limit in seconds the loop ends by itself when the desktop is silent: old versions of adb do not
//! tell the phone that its other end is gone.

use portlog_model::Table;

/// The desktop says something at least this often, in seconds.
pub(super) const KEEP_ALIVE: u64 = 20;

/// The loop.
pub(super) const SCRIPT: &str = r#"c(){ case $1 in
net/*)cat /proc/$1;;
up)cat /proc/uptime;;
boot)cat /proc/sys/kernel/random/boot_id;;
kernel)cat /proc/version;;
ports)cat /proc/sys/net/ipv4/ip_local_port_range;;
clock)date +%s;echo "$EPOCHREALTIME";;
id)id;;
selinux)getenforce;;
props)for p in ro.product.manufacturer ro.product.model ro.build.version.release ro.build.version.sdk ro.build.fingerprint ro.build.version.security_patch ro.build.tags gsm.version.baseband ro.boot.verifiedbootstate ro.boot.flash.locked;do echo "$p=$(getprop $p)";done;;
bytes)cat /proc/net/xt_qtaguid/stats;;
users)pm list users;;
list)cmd package list packages -f -U;;
system)cmd package list packages -s;;
home)cmd package query-activities --brief -a android.intent.action.MAIN -c android.intent.category.LAUNCHER;;
dump)dumpsys package packages;;
esac;}
read -t 1 n </dev/null 2>/dev/null
[ $? = 1 ]&&t='-t 90'||t=
while read -r $t o n w;do
case $o in
r)for k in $w;do
echo "$n b $k"
c $k 2>&1 </dev/null
s=$?
echo
echo "$n e $k $s"
done
echo "$n z";;
q)exit;;
esac
done"#;

/// What the phone is asked first.
pub(super) const HELLO: [&str; 8] = [
    "id", "props", "boot", "kernel", "up", "clock", "ports", "selinux",
];

/// The word for a table.
pub(super) const fn word(table: Table) -> &'static str {
    match table {
        Table::Tcp => "net/tcp",
        Table::Tcp6 => "net/tcp6",
        Table::Udp => "net/udp",
        Table::Udp6 => "net/udp6",
        Table::UdpLite => "net/udplite",
        Table::UdpLite6 => "net/udplite6",
        Table::Raw => "net/raw",
        Table::Raw6 => "net/raw6",
        Table::Icmp => "net/icmp",
        Table::Icmp6 => "net/icmp6",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_fits_into_what_an_old_phone_takes() {
        assert!(SCRIPT.len() + "shell:".len() < 4000, "{}", SCRIPT.len());
        assert!(SCRIPT.is_ascii());
        for table in Table::ALL {
            assert_eq!(word(table), format!("net/{}", table.as_str()));
        }
        for asked in HELLO {
            assert!(SCRIPT.contains(&format!("\n{asked})")), "{asked}");
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "starts a shell")]
    fn the_loop_ends_when_nobody_asks_any_more() {
        use std::process::{Command, Stdio};
        use std::time::{Duration, Instant};

        // Android's own, or the next one whose `read` takes a limit; dash's takes none.
        let script = SCRIPT.replace("-t 90", "-t 1");
        assert_ne!(script, SCRIPT);
        let shell = ["/bin/mksh", "/bin/bash"]
            .into_iter()
            .find(|shell| std::path::Path::new(shell).exists());
        let mut child = Command::new(shell.unwrap())
            .args(["-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // Its input stays open: an old adb does not tell that the other side is gone.
        let input = child.stdin.take();
        let until = Instant::now() + Duration::from_secs(20);
        while child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < until, "it still waits");
            std::thread::sleep(Duration::from_millis(20));
        }
        drop(input);
    }
}
