package org.portlog.core

/** The one native that the panicking build of the library has more (rust/jni/examples). */
internal object Panicking {
    /** Panics with [message] while it holds the session. */
    @JvmStatic external fun panicWith(handle: Long, message: String)
}
