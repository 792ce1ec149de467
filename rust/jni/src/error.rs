//! What goes wrong in a native, and which Java exception that is. Every native comes through here,
//! by [`Throw`]; nothing else in this crate throws.
//!
//! | what | exception |
//! |---|---|
//! | the agent could not do it (the chain of causes is in the message) | `org.portlog.core.PortlogException` |
//! | bytes that are no record, a field that says something impossible | `IllegalArgumentException` |
//! | a handle that is closed or was never given | `IllegalStateException` |
//! | `null` where a value is due | `NullPointerException` |
//! | no memory left in the virtual machine | `OutOfMemoryError` |
//! | a panic, or an answer of the virtual machine that it must not give: faults of ours | `AssertionError` |

use std::any::Any;

use jni::errors::{Error as JniFailure, ErrorPolicy, JniError};
use jni::objects::JThrowable;
use jni::strings::{JNIStr, JNIString};
use jni::{Env, JValue, jni_sig, jni_str};
use portlog_model::fault::{chain, panic_text};

use crate::asked::Impossible;
use crate::compact::Malformed;

/// What goes wrong in a native.
#[derive(Debug, thiserror::Error)]
pub enum BridgeError {
    /// Something outside kept the agent from doing it.
    #[error(transparent)]
    Agent(#[from] portlog_agent::Error),
    /// The handle was closed before.
    #[error("the session {0} is closed")]
    Closed(i64),
    /// The handle was never given.
    #[error("no session has the handle {0}")]
    Unknown(i64),
    /// Bytes that are no record.
    #[error("not a record")]
    Malformed(#[from] Malformed),
    /// A record with a field that cannot be.
    #[error(transparent)]
    Impossible(#[from] Impossible),
    /// `null` was given.
    #[error("{0} is null")]
    Null(&'static str),
    /// A record is longer than a Java array can be.
    #[error("a record of {0} bytes")]
    TooLong(usize),
    /// The virtual machine refused; or an exception is in flight.
    #[error("the virtual machine refused")]
    Jni(#[from] JniFailure),
}

/// The error policy of every native: throws, and answers the default, which Java never sees.
#[derive(Debug)]
pub struct Throw;

impl<T: Default> ErrorPolicy<T, BridgeError> for Throw {
    type Captures<'local: 'native, 'native> = ();

    fn on_error<'local: 'native, 'native>(
        env: &mut Env<'local>,
        (): &mut (),
        error: BridgeError,
    ) -> jni::errors::Result<T> {
        throw(env, Class::of(&error), &chain(&error))?;
        Ok(T::default())
    }

    fn on_panic<'local: 'native, 'native>(
        env: &mut Env<'local>,
        (): &mut (),
        payload: Box<dyn Any + Send>,
    ) -> jni::errors::Result<T> {
        throw(
            env,
            Class::Assertion,
            &format!("panic: {}", panic_text(&*payload)),
        )?;
        // Dropping a payload may panic in its turn; the policy's own net catches that.
        Ok(T::default())
    }
}

/// The exceptions that natives throw.
#[derive(Clone, Copy, Debug)]
enum Class {
    Portlog,
    IllegalArgument,
    IllegalState,
    NullPointer,
    OutOfMemory,
    Assertion,
}

impl Class {
    fn of(error: &BridgeError) -> Self {
        match error {
            BridgeError::Agent(_) => Self::Portlog,
            BridgeError::Malformed(_) | BridgeError::Impossible(_) => Self::IllegalArgument,
            BridgeError::Closed(_) | BridgeError::Unknown(_) => Self::IllegalState,
            BridgeError::Null(_) => Self::NullPointer,
            BridgeError::Jni(JniFailure::JniCall(JniError::NoMemory)) => Self::OutOfMemory,
            BridgeError::Jni(_) | BridgeError::TooLong(_) => Self::Assertion,
        }
    }

    fn name(self) -> &'static JNIStr {
        match self {
            Self::Portlog => jni_str!("org/portlog/core/PortlogException"),
            Self::IllegalArgument => jni_str!("java/lang/IllegalArgumentException"),
            Self::IllegalState => jni_str!("java/lang/IllegalStateException"),
            Self::NullPointer => jni_str!("java/lang/NullPointerException"),
            Self::OutOfMemory => jni_str!("java/lang/OutOfMemoryError"),
            Self::Assertion => jni_str!("java/lang/AssertionError"),
        }
    }
}

/// Throws, unless an exception is in flight: that one came first and says more.
fn throw(env: &mut Env<'_>, class: Class, message: &str) -> jni::errors::Result<()> {
    if env.exception_check() {
        return Ok(());
    }
    // Not by way of the thread's context loader: the loader of the native's own class is the one
    // that has org.portlog.core.
    let class_object = env.find_class(class.name())?;
    let thrown = match class {
        // Its only public constructor with a message takes an Object.
        Class::Assertion => {
            let text = env.new_string(message)?;
            let error = env.new_object(
                &class_object,
                jni_sig!((java.lang.Object) -> void),
                &[JValue::Object(&text)],
            )?;
            let error = env.cast_local::<JThrowable<'_>>(error)?;
            env.throw(error)
        }
        _ => env.throw_new(class_object, JNIString::from(message)),
    };
    match thrown {
        // How the jni crate says that it is now in flight.
        Err(JniFailure::JavaException) => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_every_cause_once() {
        let full = std::io::Error::from_raw_os_error(28);
        let error = BridgeError::from(portlog_agent::Error::Write {
            path: "/data/state.json".into(),
            source: full,
        });
        assert_eq!(
            chain(&error),
            "cannot write /data/state.json: No space left on device (os error 28)"
        );
        let error = BridgeError::from(Malformed::new(3, crate::compact::Fault::NotUtf8));
        assert_eq!(chain(&error), "not a record: byte 3: it is not UTF-8");
    }
}
