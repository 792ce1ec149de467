//! A device that loses packets: two threads between a TUN device and the tap.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::thread;
use std::time::Duration;

use crate::chance::Chance;

/// Of a hundred packets so many are lost, sent twice, or kept until the next has gone.
const LOST: usize = 6;
const TWICE: usize = 4;
const LATE: usize = 15;

/// What the tap is given instead of `device`. The threads end with the tap or with the test.
pub(crate) fn between(device: OwnedFd) -> OwnedFd {
    let (near, far) = UnixDatagram::pair().unwrap();
    let (mut reader, mut writer) = (File::from(device.try_clone().unwrap()), File::from(device));
    let to = near.try_clone().unwrap();
    thread::spawn(move || {
        let mut spoiler = Spoiler::new(3);
        let mut buffer = [0; 2_048];
        while let Ok(length) = reader.read(&mut buffer) {
            for packet in spoiler.spoil(&buffer[..length]) {
                if to.send(&packet).is_err() {
                    return;
                }
            }
        }
    });
    thread::spawn(move || {
        let mut spoiler = Spoiler::new(5);
        let mut buffer = [0; 2_048];
        // What is kept must not wait for ever for the next.
        near.set_read_timeout(Some(Duration::from_millis(50)))
            .unwrap();
        loop {
            let packets = match near.recv(&mut buffer) {
                Ok(0) => return,
                Ok(length) => spoiler.spoil(&buffer[..length]),
                Err(_) => spoiler.late.take().into_iter().collect(),
            };
            for packet in packets {
                if writer.write_all(&packet).is_err() {
                    return;
                }
            }
        }
    });
    far.into()
}

struct Spoiler {
    chance: Chance,
    late: Option<Vec<u8>>,
}

impl Spoiler {
    fn new(seed: u64) -> Self {
        Self {
            chance: Chance(seed),
            late: None,
        }
    }

    fn spoil(&mut self, packet: &[u8]) -> Vec<Vec<u8>> {
        let mut packets = Vec::new();
        let drawn = self.chance.below(100);
        if drawn < LOST {
        } else if drawn < LOST + LATE && self.late.is_none() {
            self.late = Some(packet.to_vec());
            return packets;
        } else {
            packets.push(packet.to_vec());
            if drawn >= 100 - TWICE {
                packets.push(packet.to_vec());
            }
        }
        packets.extend(self.late.take());
        packets
    }
}
