package androidx.test.runner.intent

import android.app.Instrumentation
import android.content.Intent

/** What is told of intents; nobody asks. */
interface IntentMonitor

/** Answers of activities that a test stands in for; no test does. */
interface IntentStubber {
    fun getActivityResultForIntent(intent: Intent?): Instrumentation.ActivityResult?
}

object IntentMonitorRegistry {
    @JvmStatic
    fun registerInstance(@Suppress("UNUSED_PARAMETER") monitor: IntentMonitor?) = Unit
}

object IntentStubberRegistry {
    @JvmStatic
    fun isLoaded(): Boolean = false

    @JvmStatic
    fun getInstance(): IntentStubber = error("no answers are stood in for")
}
