//! dnsmasq, which knows the names of the tests and nobody else.

use std::io::Read as _;
use std::net::UdpSocket;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::asking;
use crate::namespace::Namespace;

/// A running resolver.
pub(crate) struct Resolver(Child);

impl Resolver {
    /// Starts one at `addresses` in `outside`, and waits until it answers. `marker` is the address that
    /// `who.test` has there.
    pub(crate) fn start(outside: &Namespace, addresses: &[&str], marker: &str) -> Self {
        let mut arguments: Vec<String> = [
            "--keep-in-foreground",
            "--conf-file=/dev/null",
            "--no-resolv",
            "--no-hosts",
            "--no-round-robin",
            "--bind-interfaces",
            "--user=root",
            "--group=root",
            "--pid-file=",
            "--log-facility=-",
            "--cache-size=0",
            "--edns-packet-max=8192",
            "--local=/test/",
            "--local-ttl=60",
            "--max-tcp-connections=40",
            "--address=/load.test/198.51.100.7",
            "--host-record=plain.test,198.51.100.20",
            "--host-record=both.test,198.51.100.21,2001:db8::21",
            "--host-record=six.test,2001:db8::22",
            "--host-record=edge.test,198.51.100.23",
            "--cname=alias.test,far.test",
            "--cname=far.test,edge.test",
            "--txt-record=text.test,some text",
        ]
        .map(str::to_owned)
        .to_vec();
        arguments.push(format!("--host-record=who.test,{marker}"));
        for address in addresses {
            arguments.push(format!("--listen-address={address}"));
        }
        for (name, strings) in [
            ("t400", 2),
            ("t1200", 5),
            ("t1400", 6),
            ("t3000", 14),
            ("t5000", 22),
        ] {
            let texts: Vec<String> = (0..strings)
                .map(|number: u8| char::from(b'a' + number).to_string().repeat(220))
                .collect();
            arguments.push(format!("--txt-record={name}.test,{}", texts.join(",")));
        }
        for number in 1..=90 {
            arguments.push(format!("--address=/many.test/198.51.100.{number}"));
        }
        let child = outside.enter(|| {
            let mut child = Command::new("dnsmasq")
                .args(&arguments)
                .stdin(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let address = addresses[0];
            let any = if address.contains(':') {
                "[::]:0"
            } else {
                "0.0.0.0:0"
            };
            let socket = UdpSocket::bind(any).unwrap();
            let end = Instant::now() + Duration::from_secs(20);
            socket
                .set_read_timeout(Some(Duration::from_millis(100)))
                .unwrap();
            loop {
                let question = asking::question(7, "plain.test", asking::A, None);
                // Refused until it is there.
                let told = socket
                    .connect((address, 53))
                    .and_then(|()| socket.send(&question))
                    .and_then(|_| socket.recv(&mut [0; 512]));
                if told.is_ok() {
                    break;
                }
                if let Some(status) = child.try_wait().unwrap() {
                    let mut words = String::new();
                    let stderr = child.stderr.as_mut().unwrap();
                    stderr.read_to_string(&mut words).unwrap();
                    panic!("dnsmasq ended with {status}: {words}");
                }
                assert!(Instant::now() < end, "dnsmasq does not answer");
                std::thread::sleep(Duration::from_millis(20));
            }
            child
        });
        Self(child)
    }
}

impl Drop for Resolver {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
