package org.portlog.helper

import java.io.File
import java.io.IOException

/** A helper that goes on when the shell that started it has gone. */
internal class Detached private constructor(private val log: File) {
    /** What it said so far. */
    fun said(): String = try {
        log.readText().trim().takeLast(MOST_CHARS)
    } catch (unread: IOException) {
        unread.message.orEmpty()
    }

    companion object {
        private const val MOST_CHARS = 2_000

        /**
         * For the phone's `sh`, with the APK in `CLASSPATH`, and app, user and a file for what is
         * said as `$1` to `$3`: nothing of these is ever part of a command's text.
         *
         * `setsid` takes it out of adb's session, whose end would end it; toybox has it from
         * Android 6 on, and where it is missing `nohup` at least keeps the hang-up away.
         */
        const val SCRIPT: String =
            "d=\$(command -v setsid || command -v nohup); " +
                "\$d app_process / --nice-name=portlog-helper org.portlog.helper.HelperMain " +
                "run \"\$1\" \"\$2\" </dev/null >\"\$3\" 2>&1 &"

        /** Starts one from [apk]; the shell is waited for, the helper is not. */
        fun start(apk: File, order: Order, scratch: File): Detached {
            val log = File(scratch, "portlog-helper.log")
            val words = listOf("sh", order.app, order.user.toString(), log.path)
            val shell = ProcessBuilder(listOf("sh", "-c", SCRIPT) + words)
                .redirectErrorStream(true)
            shell.environment()["CLASSPATH"] = apk.path
            try {
                val process = shell.start()
                process.outputStream.close()
                process.waitFor()
            } catch (problem: IOException) {
                throw Refused("sh cannot be run: ${problem.message}")
            }
            return Detached(log)
        }
    }
}
