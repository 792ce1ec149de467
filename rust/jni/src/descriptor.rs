//! Descriptors that Java hands over.

use std::os::fd::{FromRawFd as _, OwnedFd, RawFd};

use crate::asked::Impossible;

/// Takes a descriptor that Java detached (`ParcelFileDescriptor.detachFd`), and so gave away.
///
/// # Errors
/// When the number is none that a descriptor can have.
#[expect(unsafe_code, reason = "what Java gives away comes as a number")]
pub(crate) fn own(number: RawFd) -> Result<OwnedFd, Impossible> {
    if number < 0 {
        return Err(Impossible::new("descriptor", &number.to_string(), "one"));
    }
    // SAFETY: it is open and nobody else closes it: the app's one call of this kind detaches it from
    // its ParcelFileDescriptor in the same expression (TapRun.kt) and keeps no copy of the number.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}
