//! Records what this kernel answers, for the tests of the codec: see tests/captures/diag/README.md.

use std::fs;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, send,
    socket,
};
use portlog_model::Table;
use portlog_sockets::diag::message::{Body, HEADER, Messages, dump_request};

use crate::namespace::{Sockets, in_namespace};

/// Every extension that can be asked for (`idiag_ext`): memory, TCP's own figures and so on.
const ALL_EXTENSIONS: u8 = 0xFF;

/// Writes a recording of the running kernel. Run by hand, as root:
/// `cargo test -p portlog-sockets --test live -- --ignored recording`.
#[test]
#[ignore = "writes tests/captures/diag"]
fn record() {
    in_namespace("recording::record", || {
        let release = nix::sys::utsname::uname().unwrap();
        let release = release.release().to_str().unwrap();
        let mut version = release.split('.');
        let folder = format!(
            "linux-{}.{}",
            version.next().unwrap(),
            version.next().unwrap()
        );
        let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/captures/diag");
        let folder: PathBuf = captures.join(folder);
        fs::create_dir_all(folder.join("net")).unwrap();

        let events = socket_for_groups(0b1111);
        let sockets = Sockets::open();
        // The sockets that were closed on the way are told of first; they are not recorded.
        sleep(Duration::from_millis(500));
        received(events.as_raw_fd());

        for table in Table::ALL {
            let text = fs::read(format!("/proc/net/{table}")).unwrap();
            fs::write(folder.join("net").join(table.as_str()), text).unwrap();
            let request = dump_request(table, 1);
            fs::write(folder.join(format!("{table}.dump")), dumped(&request)).unwrap();
        }
        let mut request = dump_request(Table::Tcp6, 1);
        request[HEADER + 2] = ALL_EXTENSIONS;
        fs::write(folder.join("tcp6-with-extensions.dump"), dumped(&request)).unwrap();

        drop(sockets);
        drop(std::net::UdpSocket::bind("[2001:db8::1]:40260").unwrap());
        std::net::TcpStream::connect("192.0.2.1:9").unwrap_err();
        sleep(Duration::from_millis(500));
        fs::write(
            folder.join("destroyed.events"),
            received(events.as_raw_fd()),
        )
        .unwrap();
    });
}

fn socket_for_groups(groups: u32) -> std::os::fd::OwnedFd {
    let fd = socket(
        AddressFamily::Netlink,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        SockProtocol::NetlinkSockDiag,
    )
    .unwrap();
    bind(fd.as_raw_fd(), &NetlinkAddr::new(0, groups)).unwrap();
    fd
}

/// All that answers a request, as it was received.
fn dumped(request: &[u8]) -> Vec<u8> {
    let fd = socket_for_groups(0);
    send(fd.as_raw_fd(), request, MsgFlags::empty()).unwrap();
    let mut answer = Vec::new();
    let mut buffer = vec![0; 65_536];
    loop {
        let bytes = recv(fd.as_raw_fd(), &mut buffer, MsgFlags::empty()).unwrap();
        answer.extend_from_slice(&buffer[..bytes]);
        let ended = Messages::new(&buffer[..bytes]).any(|message| {
            let body = message.unwrap().body;
            matches!(body, Body::Done { .. } | Body::Error { .. })
        });
        if ended {
            return answer;
        }
    }
}

/// All that waits to be received.
fn received(fd: i32) -> Vec<u8> {
    let mut all = Vec::new();
    let mut buffer = vec![0; 65_536];
    loop {
        match recv(fd, &mut buffer, MsgFlags::MSG_DONTWAIT) {
            Ok(bytes) => all.extend_from_slice(&buffer[..bytes]),
            Err(Errno::EAGAIN) => return all,
            Err(errno) => panic!("{errno}"),
        }
    }
}
