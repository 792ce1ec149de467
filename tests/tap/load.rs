//! Many questions: that none is lost, and how long an answer takes.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use crate::asking::{self, A, question};
use crate::namespace::Namespace;
use crate::phone::{FIRST, Phone, TAP};

/// Questions under way at once.
const WINDOW: usize = 64;
/// What has not come after so long was lost.
const PATIENCE: Duration = Duration::from_secs(20);

/// As fast as they go: every one is answered, by the tap as by the resolver.
pub(crate) fn full_speed(count: u32) {
    let phone = Phone::new(&[FIRST]);
    let _resolver = phone.resolver(FIRST);
    let inside = &phone.handset.phone;
    let start = Instant::now();
    let told = flood(inside, TAP, count);
    let elapsed = start.elapsed();
    let wanted = flood(inside, FIRST, count);
    for (number, (told, wanted)) in told.iter().zip(&wanted).enumerate() {
        assert_eq!(told, wanted, "question {number}");
    }
    all_counted(&phone, count);
    println!(
        "  ({:.0} questions a second)",
        f64::from(count) / elapsed.as_secs_f64()
    );
}

/// One each millisecond.
pub(crate) fn steady(count: u32) {
    let phone = Phone::new(&[FIRST]);
    let _resolver = phone.resolver(FIRST);
    let times = paced(&phone.handset.phone, TAP, count);
    assert_eq!(times.len(), count as usize);
    all_counted(&phone, count);
}

/// Asked once each, answered once each, learnt once each.
fn all_counted(phone: &Phone, count: u32) {
    let count = u64::from(count);
    phone.wait("all counted", |state| {
        let counts = &state.counts;
        [counts.queries, counts.answers, counts.learnt] == [count; 3] && state.pending == 0
    });
}

/// Prints how long answers take, from the resolver and through the tap, in turns.
pub(crate) fn measure() {
    if let Some(missing) = crate::phone::missing() {
        return println!("skipped: {missing}");
    }
    let phone = Phone::new(&[FIRST]);
    let _resolver = phone.resolver(FIRST);
    let inside = &phone.handset.phone;
    let (mut direct, mut through) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        direct.extend(paced(inside, FIRST, 2_000));
        through.extend(paced(inside, TAP, 2_000));
    }
    println!("1,000 questions a second, 10,000 each way; microseconds");
    println!("             p50     p90     p99   p99.9");
    for (name, times) in [("resolver", &mut direct), ("by the tap", &mut through)] {
        times.sort();
        let at = |permille: usize| times[times.len() * permille / 1_000].as_secs_f64() * 1e6;
        println!(
            "{name:<10} {:7.0} {:7.0} {:7.0} {:7.0}",
            at(500),
            at(900),
            at(990),
            at(999)
        );
    }
    for server in [FIRST, TAP] {
        let start = Instant::now();
        flood(inside, server, 100_000);
        let speed = 100_000.0 / start.elapsed().as_secs_f64();
        println!("{server}: {speed:.0} questions a second at full speed");
    }
}

/// Asks `count` questions, [`WINDOW`] at a time, and returns the answers in their order.
fn flood(inside: &Namespace, server: IpAddr, count: u32) -> Vec<Vec<u8>> {
    inside.enter(|| {
        let socket = asking::socket_to(SocketAddr::new(server, 53));
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut answers = vec![Vec::new(); count as usize];
        let mut open: HashMap<u16, u32> = HashMap::new();
        let (mut asked, mut done) = (0, 0);
        let mut buffer = [0; 2_048];
        while done < count {
            while asked < count && open.len() < WINDOW {
                let id = asked as u16;
                socket.send(&asking_for(id, asked)).unwrap();
                assert_eq!(open.insert(id, asked), None);
                asked += 1;
            }
            let length = socket.recv(&mut buffer).unwrap_or_else(|error| {
                panic!("{} of {asked} questions lost: {error}", open.len());
            });
            let id = u16::from_be_bytes([buffer[0], buffer[1]]);
            let number = open.remove(&id).expect("one answer a question");
            answers[number as usize] = buffer[..length].to_vec();
            done += 1;
        }
        answers
    })
}

/// Asks a question each millisecond, and returns how long each answer took.
fn paced(inside: &Namespace, server: IpAddr, count: u32) -> Vec<Duration> {
    inside.enter(|| {
        let socket = asking::socket_to(SocketAddr::new(server, 53));
        // Where the machine is busy many come at once.
        socket2::SockRef::from(&socket)
            .set_recv_buffer_size(1 << 20)
            .unwrap();
        let begin = Instant::now();
        let mut open: HashMap<u16, Instant> = HashMap::new();
        let mut times = Vec::with_capacity(count as usize);
        let mut asked = 0;
        let mut buffer = [0; 2_048];
        while times.len() < count as usize {
            let due = begin + Duration::from_millis(1) * asked;
            let left = due.saturating_duration_since(Instant::now());
            if asked < count && left.is_zero() {
                open.insert(asked as u16, Instant::now());
                socket.send(&asking_for(asked as u16, asked)).unwrap();
                asked += 1;
                continue;
            }
            let wait = if asked < count { left } else { PATIENCE };
            socket.set_read_timeout(Some(wait)).unwrap();
            match socket.recv(&mut buffer) {
                Ok(_) => {
                    let id = u16::from_be_bytes([buffer[0], buffer[1]]);
                    let sent = open.remove(&id).expect("one answer a question");
                    times.push(sent.elapsed());
                }
                Err(error) if asked < count => {
                    assert!(
                        matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
                        "{error}"
                    );
                }
                Err(error) => panic!("{} of {asked} questions lost: {error}", open.len()),
            }
        }
        times
    })
}

fn asking_for(id: u16, number: u32) -> Vec<u8> {
    question(id, &format!("n{number}.load.test"), A, Some(1_232))
}
