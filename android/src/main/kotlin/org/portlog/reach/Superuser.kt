package org.portlog.reach

import java.io.File
import java.io.IOException
import java.util.concurrent.TimeUnit

/** Starting the helper as root, on a phone that has `su`: only when the user says so. */
internal object Superuser {
    private const val PATIENCE_MILLIS = 60_000L
    private const val LOOK_MILLIS = 100L
    private const val MOST_CHARS = 500

    /** Whether the phone has a `su` that can be found. */
    fun isThere(path: String? = System.getenv("PATH")): Boolean =
        path.orEmpty().split(':').any { it.isNotEmpty() && File(it, "su").exists() }

    /**
     * Starts it; what it said. Waits for the user, whom `su` may ask: not for the main thread.
     */
    fun start(app: String, user: Int, su: String = "su"): Result = try {
        val process = ProcessBuilder(su, "-c", AdbCommand.onPhone(app, user))
            .redirectErrorStream(true).start()
        process.outputStream.close()
        val said = StringBuilder()
        val reader = Thread {
            process.inputStream.bufferedReader().forEachLine {
                synchronized(said) { if (said.length < MOST_CHARS) said.append(it).append('\n') }
            }
        }.apply { start() }
        if (!ended(process)) process.destroy()
        reader.join(LOOK_MILLIS)
        val text = synchronized(said) { said.toString().trim() }
        Result(exitValue(process) == 0, text)
    } catch (problem: IOException) {
        Result(false, problem.message.orEmpty())
    }

    /** How it went. */
    data class Result(val done: Boolean, val said: String)

    // Process.waitFor with a limit is of Android 8.
    private fun ended(process: Process): Boolean {
        val deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS)
        while (exitValue(process) == null) {
            if (System.nanoTime() > deadline) return false
            Thread.sleep(LOOK_MILLIS)
        }
        return true
    }

    private fun exitValue(process: Process): Int? = try {
        process.exitValue()
    } catch (_: IllegalThreadStateException) {
        null
    }
}
