//! libportlog.so with a native more, `org.portlog.core.Panicking`, that panics: so that the tests on
//! the JVM see what a panic does to the real library, and what ships has no way to provoke one.

use jni::objects::{JClass, JString};
use jni::sys::jlong;
use jni::{Env, NativeMethod, native_method};
use portlog::error::{BridgeError, Throw};
use portlog::natives::SESSIONS;

/// Exported under the name by which the virtual machine looks for it.
pub const PANIC: NativeMethod<'_> = native_method! {
    java_type = "org.portlog.core.Panicking",
    static extern fn panic_with(handle: jlong, message: JString),
    error_policy = Throw,
};

#[expect(
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "that is what it is for; references of the machine come by value"
)]
fn panic_with<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    handle: jlong,
    message: JString<'l>,
) -> Result<(), BridgeError> {
    let message = message.mutf8_chars(env)?.to_string();
    let _session = SESSIONS.find(handle)?;
    panic!("session {handle}: {message}");
}
