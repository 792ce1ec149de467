package androidx.test.platform.app

import android.app.Instrumentation
import android.os.Bundle

/**
 * Where Robolectric leaves its instrumentation.
 *
 * Robolectric is compiled against androidx.test's monitor library, which is in Google's repository
 * alone. This class and those beside it are what Robolectric calls of it, and no more; nothing else
 * uses them.
 */
object InstrumentationRegistry {
    private var registered: Instrumentation? = null

    @JvmStatic
    fun registerInstance(instrumentation: Instrumentation?, @Suppress("UNUSED_PARAMETER") arguments: Bundle?) {
        registered = instrumentation
    }

    @JvmStatic
    fun getInstrumentation(): Instrumentation =
        checkNotNull(registered) { "no test is running" }
}
