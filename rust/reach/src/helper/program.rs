//! One of the phone's own programs, run to its end: for no longer, and no more of its output read,
//! than was said.

use std::io::Read;
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// What it may cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// The most bytes of output.
    pub(crate) bytes: usize,
    /// The longest that it may take.
    pub(crate) time: Duration,
}

/// The standard output of `program` with `arguments`; where it does not do as it should, why, in
/// words. What it says on standard error is not read.
pub(crate) fn output(
    program: &Path,
    arguments: &[&str],
    bounds: Bounds,
) -> Result<Vec<u8>, String> {
    let deadline = Instant::now() + bounds.time;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("{} does not start: {error}", program.display()))?;
    let read = read_all(&mut child, bounds.bytes, deadline);
    let ended = read.and_then(|output| Ok((output, wait(&mut child, deadline)?)));
    match ended {
        Ok((output, true)) => Ok(output),
        Ok((output, false)) => {
            let first = String::from_utf8_lossy(output.get(..200).unwrap_or(&output)).into_owned();
            let first = first.lines().next().unwrap_or_default();
            Err(format!("{} failed: {first}", program.display()))
        }
        Err(why) => {
            // It may have ended by itself meanwhile.
            let _ = child.kill();
            let _ = child.wait();
            Err(format!("{} {why}", program.display()))
        }
    }
}

fn read_all(child: &mut Child, limit: usize, deadline: Instant) -> Result<Vec<u8>, String> {
    let mut stdout = child.stdout.take().ok_or("has no output")?;
    let mut output = Vec::new();
    let mut buffer = [0; 16 << 10];
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err("took too long".to_owned());
        }
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        match poll(
            &mut [PollFd::new(stdout.as_fd(), PollFlags::POLLIN)],
            timeout,
        ) {
            Ok(0) | Err(nix::errno::Errno::EINTR) => continue,
            Ok(_) => {}
            Err(errno) => return Err(format!("cannot be read: {errno}")),
        }
        match stdout.read(&mut buffer) {
            Ok(0) => return Ok(output),
            Ok(read) => output.extend(buffer.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(format!("cannot be read: {error}")),
        }
        if output.len() > limit {
            return Err(format!("printed more than {limit} bytes"));
        }
    }
}

/// Whether it ended well.
fn wait(child: &mut Child, deadline: Instant) -> Result<bool, String> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status.success()),
            Ok(None) if Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Ok(None) => return Err("took too long".to_owned()),
            Err(error) => return Err(format!("cannot be waited for: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
        bytes: 1_000,
        time: Duration::from_secs(10),
    };

    fn shell(script: &str, bounds: Bounds) -> Result<Vec<u8>, String> {
        output(Path::new("/bin/sh"), &["-c", script], bounds)
    }

    #[test]
    fn what_it_prints_is_given_back() {
        assert_eq!(shell("echo one; echo two >&2", BOUNDS).unwrap(), b"one\n");
    }

    #[test]
    fn what_fails_says_why() {
        let why = shell("echo no such service; exit 3", BOUNDS).unwrap_err();
        assert_eq!(why, "/bin/sh failed: no such service");
        let why = output(Path::new("/nonexistent/cmd"), &[], BOUNDS).unwrap_err();
        assert!(
            why.starts_with("/nonexistent/cmd does not start: "),
            "{why}"
        );
    }

    #[test]
    fn neither_silence_nor_a_flood_lasts() {
        let brief = Bounds {
            time: Duration::from_millis(200),
            ..BOUNDS
        };
        let before = Instant::now();
        for script in ["exec sleep 60", "exec >&-; exec sleep 60"] {
            let why = shell(script, brief).unwrap_err();
            assert_eq!(why, "/bin/sh took too long");
        }
        let why = shell("exec yes", BOUNDS).unwrap_err();
        assert_eq!(why, "/bin/sh printed more than 1000 bytes");
        assert!(before.elapsed() < Duration::from_secs(20));
    }
}
