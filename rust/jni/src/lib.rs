//! libportlog.so: the one way between the app's Kotlin and the agent.
//!
//! Conversion and nothing else: a session is a number ([`registry`]), a value is a record in the
//! [`compact`] form, an error is a Java exception ([`error`]), and what a native does is one call of
//! `portlog_agent::session`. Kotlin asks and Rust answers; nothing calls back, so no thread of Rust
//! is ever attached to the virtual machine.
//!
//! Natives are registered when the library is loaded, by a table: a name or signature that
//! `org.portlog.core.Native` does not have fails there and then, and the library exports
//! `JNI_OnLoad` alone. A panic is caught at the boundary and becomes an `AssertionError`; the
//! library goes on.
//!
//! The crate builds and is tested on a plain JVM (tests/android/bridge), with the same code.

use std::ffi::c_void;
use std::panic;

use jni::errors::Result;
use jni::sys::{JNI_ERR, JNI_VERSION_1_6, jint};
use jni::{JavaVM, jni_str};
use portlog_model::fault::panic_text;

pub mod asked;
pub mod compact;
mod descriptor;
pub mod error;
mod log_target;
pub mod natives;
pub mod registry;

/// What the virtual machine calls when the library is loaded: registers the natives.
///
/// Answers `JNI_ERR` where they cannot be, with the reason in the log; Java then throws an
/// `UnsatisfiedLinkError`.
///
/// # Safety
/// `vm` must be the machine that loads the library, and the call its own.
#[expect(
    unsafe_code,
    reason = "the machine finds it by name and gives a pointer"
)]
// SAFETY: no other symbol of this library is exported, so none has this name.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn JNI_OnLoad(
    vm: *mut jni::sys::JavaVM,
    _reserved: *mut c_void,
) -> jint {
    log_target::open();
    keep_panics();
    if vm.is_null() {
        return JNI_ERR;
    }
    // SAFETY: the caller's promise; it is not null.
    let vm = unsafe { JavaVM::from_raw(vm) };
    // No policy stands around this function, and a panic must not leave it.
    match panic::catch_unwind(|| register(&vm)) {
        Ok(Ok(())) => JNI_VERSION_1_6,
        Ok(Err(error)) => {
            log::error!("the natives cannot be registered: {error}");
            JNI_ERR
        }
        Err(_) => JNI_ERR,
    }
}

fn register(vm: &JavaVM) -> Result<()> {
    vm.attach_current_thread(|env| {
        // By the loader of whoever loads this library, which has the class.
        let class = env.find_class(jni_str!("org/portlog/core/Native"))?;
        #[expect(unsafe_code, reason = "the machine takes pointers to functions")]
        // SAFETY: `native_method!` made each entry from the function it points to, all of them
        // static, as the externals of Native.kt are (a static one that is not, or the reverse, is
        // refused by the machine).
        unsafe {
            env.register_native_methods(class, natives::TABLE)
        }
    })
}

/// Panics are caught, here and in the agent, and told to whoever asked; where they came from is
/// only known now. The message may quote what was being read, so it is for debug builds.
fn keep_panics() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        match info.location() {
            Some(place) => log::error!("panic in {place}"),
            None => log::error!("panic"),
        }
        log::debug!("portlog-debug: {}", panic_text(info.payload()));
        before(info);
    }));
}
