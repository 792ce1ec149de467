use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::process::{Command, Stdio};

use super::*;
use proptest::prelude::*;

fn inode(socket: &impl AsFd) -> Inode {
    let link = format!("/proc/self/fd/{}", socket.as_fd().as_raw_fd());
    Inode::new(fs::metadata(link).unwrap().ino()).unwrap()
}

fn wanted(inodes: impl IntoIterator<Item = u64>) -> BTreeSet<Inode> {
    inodes.into_iter().filter_map(Inode::new).collect()
}

/// Id, name, and the number and target of each open file.
type Process<'a> = (u32, &'a str, &'a [(i32, &'a str)]);

/// A tree like /proc: processes with a name and links to inodes.
fn tree(processes: &[Process<'_>]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (pid, name, links) in processes {
        let folder = root.path().join(pid.to_string());
        fs::create_dir_all(folder.join("fd")).unwrap();
        fs::write(folder.join("comm"), format!("{name}\n")).unwrap();
        fs::write(folder.join("cmdline"), format!("/usr/bin/{name}\0--flag\0")).unwrap();
        fs::write(
            folder.join("status"),
            format!("Name:\t{name}\nUid:\t0\t10087\t0\t0\nVmSize:\t 4 kB\n"),
        )
        .unwrap();
        for (fd, target) in *links {
            symlink(target, folder.join("fd").join(fd.to_string())).unwrap();
        }
    }
    root
}

#[test]
fn our_own_sockets_are_ours() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let datagrams = UdpSocket::bind("[::1]:0").unwrap();
    let all = [inode(&listener), inode(&client), inode(&datagrams)];
    let mut programs = Programs::new("/proc".into());
    for _ in 0..2 {
        let found = programs.find(&BTreeSet::from(all));
        assert_eq!(found.len(), 3);
        for program in found.values() {
            assert_eq!(program.pid, std::process::id());
            let comm = fs::read_to_string("/proc/self/comm").unwrap();
            assert!(
                program.name.starts_with(comm.trim_end()),
                "{}",
                program.name
            );
        }
    }
}

#[test]
fn a_socket_that_another_process_took_over_is_found_there() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let inode = inode(&listener);
    let mut programs = Programs::new("/proc".into());
    assert_eq!(
        programs.find(&BTreeSet::from([inode]))[&inode].pid,
        std::process::id()
    );
    let mut child = Command::new("sleep")
        .arg("60")
        .stdin(std::os::fd::OwnedFd::from(listener))
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let found = programs.find(&BTreeSet::from([inode]));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(found[&inode].pid, child.id());
    assert_eq!(&*found[&inode].name, "sleep");
    assert!(programs.find(&BTreeSet::from([inode])).is_empty());
}

#[test]
fn a_candidate_has_the_uid_and_a_name() {
    let uid = Uid::new(fs::metadata("/proc/self").unwrap().uid());
    let mut child = Command::new("sleep").arg("60").spawn().unwrap();
    let candidates = Programs::new("/proc".into()).candidates(uid);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(candidates.len() <= Programs::MAX_CANDIDATES);
    assert!(candidates.is_sorted());
    if candidates.len() < Programs::MAX_CANDIDATES {
        assert!(candidates.iter().any(|program| &*program.name == "sleep"));
    }
    assert!(
        Programs::new("/proc".into())
            .candidates(Uid::new(4_000_000_001))
            .is_empty()
    );
}

#[test]
fn candidates_of_a_tree() {
    let root = tree(&[(30, "b", &[]), (20, "a", &[]), (10, "b", &[])]);
    let status = |pid: u32, text: &str| {
        fs::write(root.path().join(pid.to_string()).join("status"), text).unwrap();
    };
    let mut programs = Programs::new(root.path().to_owned());
    let program = |name: &str, pid| Program {
        name: name.into(),
        pid,
    };
    assert_eq!(
        programs.candidates(Uid::new(10_087)),
        [program("a", 20), program("b", 10)]
    );
    status(10, "Name:\tkworker\nUid:\t10087\t10087\t10087\t10087\n");
    status(20, "no status at all");
    assert_eq!(programs.candidates(Uid::new(10_087)), [program("b", 30)]);
}

#[test]
fn no_more_candidates_are_named_than_help() {
    let names: Vec<String> = (0..40).map(|n| format!("p{n:02}")).collect();
    let processes: Vec<Process<'_>> = (1..)
        .zip(&names)
        .map(|(pid, name)| (pid, name.as_str(), [].as_slice()))
        .collect();
    let root = tree(&processes);
    let candidates = Programs::new(root.path().to_owned()).candidates(Uid::new(10_087));
    assert_eq!(candidates.len(), Programs::MAX_CANDIDATES);
    assert_eq!(&*candidates[0].name, "p00");
}

#[test]
fn any_tree_like_proc_will_do() {
    let root = tree(&[
        (1, "init", &[(0, "/dev/null"), (3, "socket:[101]")]),
        (
            77,
            "exampled",
            &[
                (4, "socket:[102]"),
                (5, "anon_inode:[eventpoll]"),
                (6, "odd:["),
            ],
        ),
        (78, "gone", &[]),
    ]);
    fs::remove_dir(root.path().join("78/fd")).unwrap();
    fs::create_dir(root.path().join("not-a-process")).unwrap();
    let mut programs = Programs::new(root.path().to_owned());
    let found = programs.find(&wanted([101, 102, 103]));
    let names: Vec<_> = found
        .iter()
        .map(|(inode, program)| (inode.get(), program.name.to_string(), program.pid))
        .collect();
    assert_eq!(
        names,
        [
            (101, "init".to_owned(), 1),
            (102, "exampled".to_owned(), 77)
        ]
    );
}

#[test]
fn where_it_was_is_believed_only_as_long_as_it_is_there() {
    let root = tree(&[(1, "init", &[(3, "socket:[101]")]), (5, "other", &[])]);
    let mut programs = Programs::new(root.path().to_owned());
    assert_eq!(programs.find(&wanted([101])).len(), 1);
    fs::remove_file(root.path().join("1/fd/3")).unwrap();
    symlink("socket:[999]", root.path().join("1/fd/3")).unwrap();
    assert!(programs.find(&wanted([101])).is_empty());
    symlink("socket:[101]", root.path().join("5/fd/9")).unwrap();
    assert_eq!(
        programs.find(&wanted([101])).values().next().unwrap().pid,
        5
    );
}

#[test]
fn nothing_there_is_nothing_found() {
    let mut programs = Programs::new("/nonexistent/proc".into());
    assert!(programs.find(&wanted([1])).is_empty());
    assert!(programs.find(&BTreeSet::new()).is_empty());
    assert!(programs.candidates(Uid::ROOT).is_empty());
}

#[test]
fn a_name_that_the_kernel_cut_off_is_completed() {
    let name = |comm: &[u8], arguments: &[u8]| program_name(comm, arguments).unwrap().to_string();
    assert_eq!(name(b"exampled\n", b"/usr/bin/other\0"), "exampled");
    assert_eq!(
        name(
            b"a-long-example-\n",
            b"/usr/bin/a-long-example-daemon\0-v\0"
        ),
        "a-long-example-daemon"
    );
    assert_eq!(
        name(b"m.example.fetch\n", b"com.example.fetch\0"),
        "com.example.fetch"
    );
    assert_eq!(name(b"a-long-example-\n", b""), "a-long-example-");
    assert_eq!(name(b"a\x1b[2Jb\xFF\n", b""), "a[2Jb\u{FFFD}");
    assert_eq!(program_name(b"\n", b""), None);
}

#[test]
fn a_status_gives_four_uids() {
    let status = Status::parse(b"Name:\tx\nUid:\t1\t2\t3\t4\nVmSize:\t1 kB\n").unwrap();
    assert_eq!(status.uids.map(Uid::get), [1, 2, 3, 4]);
    assert!(status.has_memory);
    for text in [
        "",
        "Uid:\t1\t2\t3\n",
        "Uid:\t-1\t0\t0\t0\n",
        "Uid: 4294967296 0 0 0\n",
    ] {
        assert_eq!(Status::parse(text.as_bytes()), None, "{text:?}");
    }
}

proptest! {
    #[test]
    fn no_process_makes_it_panic(
        comm in proptest::collection::vec(any::<u8>(), 0..40),
        arguments in proptest::collection::vec(any::<u8>(), 0..80),
        status in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let _ = Status::parse(&status);
        if let Some(name) = program_name(&comm, &arguments) {
            prop_assert!(!name.is_empty() && !name.chars().any(char::is_control));
        }
    }
}
