//! The talker: an app of the phone that makes the planned connections.

use std::io::{Read as _, Write as _, stdin};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use nix::unistd::{Uid, setuid};
use socket2::{Domain, SockRef, Socket, Type};

use crate::host::request;
use crate::plan::{Ending, Plan, Planned};
use crate::wire::{HOST, PHONE, PORT};

/// The word that makes this program the talker.
pub(crate) const ROLE: &str = "talker";
/// Whose the connections are: a user's app.
pub(crate) const UID: u32 = 10_087;

/// What became of a planned connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Happened {
    pub(crate) port: u16,
    /// From before it was opened until after it was closed; `None` where it failed.
    pub(crate) lived: Option<Duration>,
}

/// Starts the talker and waits until it has done what is planned.
pub(crate) fn run(plan: &Plan) -> Vec<Happened> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .arg(ROLE)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(plan.to_text().as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the talker failed");
    let happened: Vec<Happened> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| {
            let (port, lived) = line.split_once(' ').unwrap();
            Happened {
                port: port.parse().unwrap(),
                lived: lived.parse().ok().map(Duration::from_micros),
            }
        })
        .collect();
    assert_eq!(happened.len(), plan.iter().count());
    happened
}

/// Does what standard input plans, and prints what happened.
pub(crate) fn talk() {
    setuid(Uid::from_raw(UID)).unwrap();
    let plan: Vec<Planned> = stdin()
        .lines()
        .map(|line| Planned::parse(&line.unwrap()))
        .collect();
    let (done, happened) = channel();
    let began = Instant::now();
    for planned in plan {
        thread::sleep(planned.at.saturating_sub(began.elapsed()));
        let done = done.clone();
        thread::Builder::new()
            .stack_size(128 << 10)
            .spawn(move || {
                let lived = live(&planned).map_or_else(
                    |error| error.to_string().replace(' ', "-"),
                    |lived| lived.as_micros().to_string(),
                );
                done.send((planned.port, lived)).unwrap();
            })
            .unwrap();
    }
    drop(done);
    for (port, lived) in happened {
        println!("{port} {lived}");
    }
}

/// One connection from its beginning to its end.
fn live(planned: &Planned) -> std::io::Result<Duration> {
    let kind = match planned.ending {
        Ending::Datagram => Type::DGRAM,
        _ => Type::STREAM,
    };
    let socket = Socket::new(Domain::IPV4, kind, None)?;
    socket.set_reuse_address(true)?;
    let began = Instant::now();
    socket.bind(&SocketAddr::from((PHONE, planned.port)).into())?;
    socket.connect(&SocketAddr::from((HOST, PORT)).into())?;
    let mut stream = TcpStream::from(socket);
    stream.write_all(&request(planned.ending, planned.lifetime))?;
    match planned.ending {
        Ending::ServerFirst | Ending::ResetByServer => {
            // It ends with nothing more to read, or with a reset.
            let _ = stream.read(&mut [0]);
        }
        Ending::ClientFirst | Ending::ResetByClient | Ending::Datagram => {
            thread::sleep(planned.lifetime.saturating_sub(began.elapsed()));
            if planned.ending == Ending::ResetByClient {
                SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
            }
        }
    }
    drop(stream);
    Ok(began.elapsed())
}
