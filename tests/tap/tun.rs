//! A TUN device in a namespace.

use std::fs::File;
use std::os::fd::{AsRawFd as _, OwnedFd};

use nix::libc;

use crate::namespace::Namespace;

/// `struct ifreq` as far as TUNSETIFF reads it (linux/if.h): a name and flags.
#[repr(C)]
struct Request {
    name: [u8; libc::IFNAMSIZ],
    flags: libc::c_short,
    rest: [u8; 22],
}

/// A device named `tun0` in there: packets as they are, without a header in front.
pub(crate) fn open(namespace: &Namespace) -> OwnedFd {
    namespace.enter(open_here)
}

/// The same where this thread is.
pub(crate) fn open_here() -> OwnedFd {
    let device = File::options()
        .read(true)
        .write(true)
        .open("/dev/net/tun")
        .unwrap();
    let mut request = Request {
        name: [0; libc::IFNAMSIZ],
        flags: (libc::IFF_TUN | libc::IFF_NO_PI) as libc::c_short,
        rest: [0; 22],
    };
    request.name[..4].copy_from_slice(b"tun0");
    #[expect(unsafe_code, reason = "no safe crate of ours makes a TUN device")]
    // SAFETY: TUNSETIFF reads and writes one `struct ifreq`, which `request` is as large as, and
    // which outlives the call; the descriptor is open.
    let outcome = unsafe { libc::ioctl(device.as_raw_fd(), libc::TUNSETIFF, &raw mut request) };
    assert_eq!(outcome, 0, "{}", std::io::Error::last_os_error());
    device.into()
}

/// Sends packets out of the phone by its TUN device as they are, which no other socket would do.
pub(crate) fn inject(namespace: &Namespace, packets: impl IntoIterator<Item = Vec<u8>> + Send) {
    namespace.enter(|| {
        let index = nix::net::if_::if_nametoindex("tun0").unwrap();
        let protocol = (libc::ETH_P_IP as u16).to_be();
        let socket = socket2::Socket::new(
            libc::AF_PACKET.into(),
            socket2::Type::DGRAM,
            Some(i32::from(protocol).into()),
        )
        .unwrap();
        for packet in packets {
            let kind = if packet.first().is_some_and(|byte| byte >> 4 == 6) {
                libc::ETH_P_IPV6
            } else {
                libc::ETH_P_IP
            };
            #[expect(
                unsafe_code,
                reason = "no safe crate of ours has the address of a device"
            )]
            // SAFETY: an all-zero `sockaddr_ll` is a valid one; `to` outlives the call, its length is
            // given, and the kernel reads as many bytes of `packet` as it has.
            let sent = unsafe {
                let mut to: libc::sockaddr_ll = std::mem::zeroed();
                to.sll_family = libc::AF_PACKET as u16;
                to.sll_protocol = u16::try_from(kind).unwrap().to_be();
                to.sll_ifindex = i32::try_from(index).unwrap();
                libc::sendto(
                    socket.as_raw_fd(),
                    packet.as_ptr().cast(),
                    packet.len(),
                    0,
                    (&raw const to).cast(),
                    size_of::<libc::sockaddr_ll>() as u32,
                )
            };
            assert_eq!(
                sent,
                packet.len().cast_signed(),
                "{}",
                std::io::Error::last_os_error()
            );
        }
    });
}
