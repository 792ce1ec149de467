package org.portlog.helper

import java.io.File
import kotlin.system.exitProcess
import org.portlog.core.Helper
import org.portlog.core.HelperEnd
import org.portlog.core.HelperOrders
import org.portlog.core.HelperWay
import org.portlog.core.PortlogException

/**
 * What `app_process` runs, as adb's user or as root, with the APK as its class path: it reads what
 * Android 10 and later show to no app, and brings it to the app. docs/ANDROID-10-PLUS.md has the
 * command; the app's own screen gives it ready to be pasted.
 *
 * There is no Context here and no hidden API: the framework is asked by way of the programs that
 * adb's shell has, and everything but loading and starting is Rust's. No class of the framework is
 * used, so that the same code runs on a plain JVM, where it is tested.
 */
object HelperMain {
    private const val USAGE =
        "say start or run, the package of the app, and the number of the phone's user"

    /** `start` comes back at once, `run` stays; what went wrong is said and is the exit code. */
    @JvmStatic
    fun main(args: Array<String>) {
        val said = try {
            val order = Order.of(args) ?: throw Refused(USAGE)
            Helping(order, Surroundings.ofThisProcess()).follow()
        } catch (refused: Refused) {
            System.err.println("$FAILED ${refused.message}")
            exitProcess(1)
        }
        println("portlog: $said")
        // Threads of the library may still be about.
        exitProcess(0)
    }
}

/** How a line begins that says why it ended. */
private const val FAILED = "portlog: failed:"

/** What was asked for on the command line. */
internal data class Order(val deed: Deed, val app: String, val user: Int) {
    enum class Deed { START, RUN }

    companion object {
        /** From `start` or `run`, the app's package, and the phone's user; `null` from all else. */
        fun of(args: Array<String>): Order? {
            if (args.size != WORDS) return null
            val deed = Deed.values().find { it.name.equals(args[0], ignoreCase = true) }
            val app = args[1].takeIf { PACKAGE.matches(it) }
            val user = args[2].toIntOrNull()?.takeIf { it in 0..LAST_USER }
            return if (deed == null || app == null || user == null) null
            else Order(deed, app, user)
        }

        private const val WORDS = 3

        /** The most that fits a UID of 31 bits. */
        private const val LAST_USER = 21_473
        private val PACKAGE = Regex("[A-Za-z][A-Za-z0-9_]*(\\.[A-Za-z][A-Za-z0-9_]*)+")
    }
}

/** Why it cannot be done, for whoever sits at the computer. */
internal class Refused(message: String) : Exception(message)

/** Where this process is; tests put it elsewhere by the environment. */
internal data class Surroundings(
    val uid: Int,
    val apk: File,
    /** A folder that only adb's user and root write in. */
    val scratch: File,
    val procRoot: File,
    /** Where the phone's programs are. */
    val programs: File,
    val machine: String,
) {
    companion object {
        fun ofThisProcess(): Surroundings {
            val path = System.getenv("CLASSPATH").orEmpty().substringBefore(File.pathSeparator)
            return Surroundings(
                uid = uid(File("/proc/self/status")),
                apk = File(path),
                scratch = place("PORTLOG_SCRATCH", "/data/local/tmp"),
                procRoot = place("PORTLOG_PROC", "/proc"),
                programs = place("PORTLOG_PROGRAMS", "/system/bin"),
                machine = System.getProperty("os.arch").orEmpty(),
            )
        }

        private fun place(name: String, otherwise: String) = File(System.getenv(name) ?: otherwise)

        /** The effective user of a process, as the kernel says it. */
        fun uid(status: File): Int = status.readLines()
            .firstOrNull { it.startsWith("Uid:") }
            ?.split('\t', ' ')?.filter { it.isNotEmpty() }
            // After the name: real, effective, saved, file system.
            ?.getOrNull(2)?.toIntOrNull()
            ?: throw Refused("$status does not say whose process this is")
    }
}

/** Does what was ordered. */
internal class Helping(private val order: Order, private val here: Surroundings) {
    private val library = Library(here.apk, here.machine, here.scratch)

    /** What there is to say at the end. */
    fun follow(): String {
        if (here.uid != ROOT && here.uid != SHELL) {
            throw Refused("this is for adb's shell (UID 2000) or root, and here is ${here.uid}")
        }
        if (!here.apk.isFile) throw Refused("CLASSPATH does not lead to Portlog's APK")
        // What does not load here does not load there either, and here somebody reads why.
        library.load()
        return when (order.deed) {
            Order.Deed.START -> start()
            Order.Deed.RUN -> run()
        }
    }

    private fun start(): String {
        val started = Detached.start(here.apk, order, here.scratch)
        val deadline = System.nanoTime() + PATIENCE_NANOS
        while (System.nanoTime() < deadline) {
            val said = started.said()
            if (CONNECTED in said) return STARTED
            if (FAILED in said) throw Refused("it did not start: $said")
            Thread.sleep(LOOK_MILLIS)
        }
        return WAITS
    }

    /** Brings rows to the app until that says stop, or is gone. */
    private fun run(): String {
        val orders = HelperOrders(
            way = HelperWay.Provider("${order.app}.helper", order.user),
            app = order.app,
            apk = here.apk.path,
            procRoot = here.procRoot.path,
            programs = here.programs.path,
            lock = File(here.scratch, "portlog-helper.lock").path,
        )
        val end = try {
            Helper.run(orders)
        } catch (problem: PortlogException) {
            throw Refused(problem.message.orEmpty())
        }
        return when (end) {
            HelperEnd.Stopped -> "the app said stop, or a newer one took over"
            HelperEnd.Removed -> "the app is gone"
            is HelperEnd.Updated -> {
                Detached.start(File(end.apk), order, here.scratch)
                "the app was updated; its new helper takes over"
            }
        }
    }

    private companion object {
        const val ROOT = 0
        const val SHELL = 2_000
        const val PATIENCE_NANOS = 20_000_000_000L
        const val LOOK_MILLIS = 100L

        /** What Rust says when it has its channel (rust/agent/src/helper.rs). */
        const val CONNECTED = "portlog: connected"
        const val STARTED = "connected; the cable may go, USB debugging has to stay on"
        const val WAITS = "started; the app does not answer yet, and is asked again and again"
    }
}
