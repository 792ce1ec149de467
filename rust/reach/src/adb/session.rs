//! An open shell with the loop in it: requests go in, bytes come out, and nobody waits for long.

use std::io::{Read as _, Write as _};
use std::process::Child;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use ring::rand::{SecureRandom as _, SystemRandom};

use super::error::Error;
use super::frames::{Answer, Progress, Section};
use super::program::Adb;
use super::script::KEEP_ALIVE;

/// A shell on a phone. Dropping it ends the loop there.
#[derive(Debug)]
pub(super) struct Session {
    child: Child,
    requests: Option<SyncSender<String>>,
    pieces: Receiver<Vec<u8>>,
    said: Arc<Mutex<Vec<u8>>>,
    asked: Option<Asked>,
}

/// A request whose answer is not whole yet.
#[derive(Debug)]
struct Asked {
    answer: Answer,
    deadline: Instant,
}

/// What became of a request by now.
#[derive(Debug)]
pub(super) enum Heard {
    /// The answer, whole, and whether it came through a terminal.
    Whole {
        sections: Vec<Section>,
        by_terminal: bool,
    },
    /// It is still on its way.
    Waiting,
    /// It did not come in time.
    Silent,
    /// The shell has ended.
    Ended,
}

impl Session {
    /// What of adb's own words is kept.
    const MAX_SAID: usize = 2048;

    /// Opens the shell of `serial`.
    pub(super) fn open(adb: &Adb, serial: &str) -> Result<Self, Error> {
        let mut child = adb.shell(serial)?;
        let (requests, lines) = sync_channel::<String>(4);
        if let Some(mut stdin) = child.stdin.take() {
            thread::spawn(move || {
                loop {
                    let line = match lines.recv_timeout(Duration::from_secs(KEEP_ALIVE)) {
                        Ok(line) => line,
                        Err(RecvTimeoutError::Timeout) => "k\n".to_owned(),
                        Err(RecvTimeoutError::Disconnected) => return,
                    };
                    if stdin.write_all(line.as_bytes()).is_err() || stdin.flush().is_err() {
                        return;
                    }
                }
            });
        }
        let (sender, pieces) = sync_channel(16);
        if let Some(mut stdout) = child.stdout.take() {
            thread::spawn(move || {
                let mut piece = vec![0; 64 << 10];
                while let Ok(length @ 1..) = stdout.read(&mut piece) {
                    let read = piece.get(..length).unwrap_or_default();
                    if sender.send(read.to_vec()).is_err() {
                        return;
                    }
                }
            });
        }
        let said = Arc::new(Mutex::new(Vec::new()));
        if let Some(mut stderr) = child.stderr.take() {
            let said = Arc::clone(&said);
            thread::spawn(move || {
                let mut piece = [0; 256];
                while let Ok(length @ 1..) = stderr.read(&mut piece) {
                    let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
                    let room = Self::MAX_SAID.saturating_sub(said.len()).min(length);
                    said.extend_from_slice(piece.get(..room).unwrap_or_default());
                }
            });
        }
        Ok(Self {
            child,
            requests: Some(requests),
            pieces,
            said,
            asked: None,
        })
    }

    /// Asks for what `words` name; an answer that is still on its way is given up.
    pub(super) fn ask(&mut self, words: &[&str], patience: Duration) -> Result<(), Error> {
        let nonce = nonce()?;
        let line = format!("r {nonce} {}\n", words.join(" "));
        if let Some(requests) = &self.requests {
            // Where it cannot be sent no answer comes, which is noticed in time.
            let _ = requests.try_send(line);
        }
        self.asked = Some(Asked {
            answer: Answer::new(&nonce),
            deadline: Instant::now() + patience,
        });
        Ok(())
    }

    /// Whether an answer is on its way.
    pub(super) const fn is_asked(&self) -> bool {
        self.asked.is_some()
    }

    /// Waits for the answer for at most `wait`.
    pub(super) fn hear(&mut self, wait: Duration) -> Heard {
        let until = Instant::now() + wait;
        let Some(mut asked) = self.asked.take() else {
            return Heard::Waiting;
        };
        loop {
            match self.piece(until.saturating_duration_since(Instant::now())) {
                Ok(piece) if asked.answer.feed(&piece) == Progress::Whole => {
                    return Heard::Whole {
                        by_terminal: asked.answer.saw_terminal(),
                        sections: asked.answer.into_sections(),
                    };
                }
                // A flood must not hold the watch.
                Ok(_) if Instant::now() < until => continue,
                Err(RecvTimeoutError::Disconnected) => return Heard::Ended,
                Ok(_) | Err(RecvTimeoutError::Timeout) => {}
            }
            if Instant::now() >= asked.deadline {
                return Heard::Silent;
            }
            self.asked = Some(asked);
            return Heard::Waiting;
        }
    }

    fn piece(&self, wait: Duration) -> Result<Vec<u8>, RecvTimeoutError> {
        if !wait.is_zero() {
            return self.pieces.recv_timeout(wait);
        }
        self.pieces.try_recv().map_err(|error| match error {
            TryRecvError::Empty => RecvTimeoutError::Timeout,
            TryRecvError::Disconnected => RecvTimeoutError::Disconnected,
        })
    }

    /// What adb itself said, in one line.
    pub(super) fn said(&self) -> String {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&said);
        let words: Vec<&str> = text.split_whitespace().collect();
        words.join(" ")
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // A phone whose adb passes on that input ended ends the loop by that; the others by the
        // terminal that goes, and both by the silence.
        if let Some(requests) = self.requests.take() {
            let _ = requests.try_send("q\n".to_owned());
        }
        let until = Instant::now() + Duration::from_millis(150);
        while Instant::now() < until {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            thread::sleep(Duration::from_millis(5));
        }
        // Whether it is gone already or cannot be ended: nothing more can be done.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// 128 random bits in hexadecimal.
fn nonce() -> Result<String, Error> {
    let mut bytes = [0; 16];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_unspecified| Error::Random)?;
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(digits.concat())
}
