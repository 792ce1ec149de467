//! Waits for the channel and for the time of the next look, whichever comes first.

use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{
    ClockId as TimerClock, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags,
};
use portlog_model::BootTime;

use super::looker::LookTime;
use crate::clock;

/// A timer on `CLOCK_BOOTTIME`, which an overdue look wakes as soon as the phone does.
#[derive(Debug)]
pub(crate) struct Ticker {
    /// `None` before Linux 3.15, where a wait goes by time awake and a look may be late after a sleep.
    timer: Option<TimerFd>,
}

impl Ticker {
    pub(crate) fn new() -> Self {
        let flags = TimerFlags::TFD_CLOEXEC | TimerFlags::TFD_NONBLOCK;
        Self {
            timer: TimerFd::new(TimerClock::CLOCK_BOOTTIME, flags).ok(),
        }
    }

    /// Waits until `deadline`, until something comes in on `input`, or until `output` takes more.
    pub(crate) fn wait(
        &self,
        deadline: BootTime,
        input: Option<BorrowedFd<'_>>,
        output: Option<BorrowedFd<'_>>,
    ) -> Result<(), Errno> {
        let left = deadline.since(now().moment.boot);
        if left.is_zero() {
            return Ok(());
        }
        let mut fds = Vec::with_capacity(3);
        fds.extend(input.map(|fd| PollFd::new(fd, PollFlags::POLLIN)));
        fds.extend(output.map(|fd| PollFd::new(fd, PollFlags::POLLOUT)));
        let mut timeout = PollTimeout::try_from(left + Duration::from_micros(999));
        if let Some(timer) = &self.timer {
            let at = TimeSpec::from(Duration::from_nanos(deadline.as_nanos()));
            timer.set(
                Expiration::OneShot(at),
                TimerSetTimeFlags::TFD_TIMER_ABSTIME,
            )?;
            fds.push(PollFd::new(timer.as_fd(), PollFlags::POLLIN));
            timeout = Ok(PollTimeout::NONE);
        }
        match poll(&mut fds, timeout.unwrap_or(PollTimeout::MAX)) {
            Ok(_) | Err(Errno::EINTR) => Ok(()),
            Err(errno) => Err(errno),
        }
    }
}

/// Now, on all three clocks.
pub(crate) fn now() -> LookTime {
    LookTime {
        moment: clock::moment(),
        awake: clock::awake(),
    }
}
