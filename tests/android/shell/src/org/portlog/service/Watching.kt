package org.portlog.service

import android.app.AppOpsManager
import android.app.Application
import android.app.Notification
import android.content.Context
import android.content.Intent
import android.content.pm.ApplicationInfo
import android.content.pm.PackageInfo
import android.os.Build
import android.os.Looper
import android.os.Process
import android.service.notification.StatusBarNotification
import java.io.File
import java.io.IOException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.ServerSocket
import java.net.Socket
import java.time.Duration
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import java.util.concurrent.atomic.AtomicReference
import org.junit.Assert.assertTrue
import org.junit.rules.ExternalResource
import org.portlog.PortlogApplication
import org.portlog.core.Agent
import org.portlog.core.Category
import org.portlog.core.HistoryQuery
import org.portlog.core.ListChange
import org.portlog.core.SessionState
import org.portlog.core.Told
import org.portlog.core.ToldKind
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ServiceController
import org.robolectric.shadows.ShadowSystemClock

/**
 * The service as the system runs it, over the real core and this machine's real sockets.
 *
 * The system's part is played here: a start that was asked for is carried out, and time passes.
 */
class Watching : ExternalResource() {
    val application: Application get() = RuntimeEnvironment.getApplication()
    val core: Core get() = PortlogApplication.of(application).core
    /** What the service answered to what [deliver] gave it last. */
    var answered: Int = 0
        private set
    private var running: ServiceController<WatchService>? = null
    private val sockets = mutableListOf<AutoCloseable>()

    /** Carries out the start that was asked for last; the service. */
    fun carryOut(): WatchService {
        val asked = requireNotNull(shadowOf(application).nextStartedService) { "no start was asked for" }
        return deliver(asked)
    }

    /** Whether a start was asked for. */
    fun startAsked(): Boolean = shadowOf(application).peekNextStartedService() != null

    /** Gives the service [intent], as the system does; `null` is a start after it was ended. */
    fun deliver(intent: Intent?): WatchService {
        val controller = running
            ?: Robolectric.buildService(WatchService::class.java, intent).create().also { running = it }
        answered = controller.get().onStartCommand(intent, 0, 1)
        return controller.get()
    }

    /** Starts the watch as the user does, and waits until it has looked. */
    fun start(): WatchService {
        WatchService.start(application)
        return carryOut().also { awaitWatching() }
    }

    fun awaitWatching() = eventually("the watch runs") {
        val stats = ask { it.stats() }
        stats.state != SessionState.STARTING && stats.state != SessionState.STOPPED
    }

    /** The service is gone, as after `stopService`; the process and its core stay. */
    fun end() {
        running?.destroy()
        running = null
    }

    /**
     * The process is killed, and another one has begun: nothing is ended in order, and what lies in
     * the state folder at this moment is all that the new core has.
     */
    fun die() {
        val left = stateFiles()
        // Threads cannot be killed. They end, and what they still write is taken back.
        core.close()
        end()
        awaitEnd()
        stateFolder.walk()
            .filter { it.isFile && it.relativeTo(stateFolder).path !in left }
            .forEach { it.delete() }
        left.forEach { (path, bytes) -> File(stateFolder, path).writeBytes(bytes) }
        application.onCreate()
    }

    private val stateFolder: File get() = File(Protected.of(application).filesDir, "state")

    /** The files of the core as they are at one moment: two readings of all that are the same. */
    private fun stateFiles(): Map<String, ByteArray> {
        repeat(WAIT_ROUNDS) {
            try {
                val first = readState()
                val second = readState()
                val same = first.keys == second.keys &&
                    first.all { (path, bytes) -> bytes.contentEquals(second[path]) }
                if (same) return first
            } catch (_: IOException) {
                // One was replaced while it was read.
            }
            Thread.sleep(ROUND_MILLIS)
        }
        throw AssertionError("the core never stops writing")
    }

    private fun readState(): Map<String, ByteArray> = stateFolder.walk()
        .filter { it.isFile }
        .associate { it.relativeTo(stateFolder).path to it.readBytes() }

    /** Asks the core, as a screen does. */
    fun <T> ask(work: (Agent) -> T): T {
        val answer = AtomicReference<T>()
        val problem = AtomicReference<String>()
        val done = CountDownLatch(1)
        core.ask(
            work,
            {
                problem.set(it)
                done.countDown()
            },
        ) {
            answer.set(it)
            done.countDown()
        }
        repeat(WAIT_ROUNDS) {
            shadowOf(Looper.getMainLooper()).idle()
            if (done.await(ROUND_MILLIS, TimeUnit.MILLISECONDS)) {
                check(problem.get() == null) { problem.get() }
                return answer.get()
            }
        }
        throw AssertionError("the core did not answer")
    }

    /** The history's records of [kind], newest first. */
    fun history(kind: ToldKind): List<Told> =
        ask { it.history(HistoryQuery(kinds = listOf(kind), limit = 50)) }.records

    /** Lets time pass until [what] holds. */
    fun eventually(what: String, holds: () -> Boolean) {
        repeat(WAIT_ROUNDS) {
            if (holds()) return
            ShadowSystemClock.advanceBy(Duration.ofMillis(ROUND_MILLIS))
            shadowOf(Looper.getMainLooper()).idle()
            Thread.sleep(ROUND_MILLIS)
        }
        throw AssertionError("it did not come: $what")
    }

    /** Puts a package on the phone. */
    fun install(name: String, uid: Int, flags: Int, path: String) {
        val info = PackageInfo()
        info.packageName = name
        info.applicationInfo = ApplicationInfo().also {
            it.packageName = name
            it.uid = uid
            it.sourceDir = path
            it.flags = flags
        }
        shadowOf(application.packageManager).installPackage(info)
    }

    /** Makes this process, by the UID that the kernel has for it, a package of the firmware. */
    fun beFirmware() {
        val uid = File("/proc/self/status").readLines()
            .first { it.startsWith("Uid:") }
            .split('\t')[1].toInt()
        install("com.example.sync", uid, ApplicationInfo.FLAG_SYSTEM, "/system/app/Sync/Sync.apk")
    }

    /** Puts a list of the user's own on the shelf, with these lines. */
    fun list(vararg lines: String) {
        val file = File.createTempFile("own", ".txt").apply { writeText(lines.joinToString("\n")) }
        val shelf = ask { it.setLists(ListChange.Import("own.txt", Category.OWN, file.path)) }
        file.delete()
        assertTrue(shelf.toString(), shelf.any { it.name == "own.txt" && it.rules == lines.size.toLong() })
    }

    /** An address of this machine to which no other test speaks, in this run or in another one. */
    fun host(): String {
        val run = File("/proc/self").canonicalFile.name.toInt() % HOSTS
        // Each with three digits, so that none is another's beginning.
        val host = hosts.getAndIncrement() % HOSTS
        return "127.${100 + run}.${Build.VERSION.SDK_INT}.${100 + host}"
    }

    /** Opens a connection to [address] within this machine. */
    fun connect(address: String) {
        val server = ServerSocket(0, 1, InetAddress.getByName(address))
        sockets += server
        val socket = Socket().also { sockets += it }
        socket.bind(InetSocketAddress("127.0.0.1", 0))
        // Closed by a reset, it leaves no row behind.
        socket.setSoLinger(true, 0)
        socket.connect(server.localSocketAddress)
    }

    /** Notifications that are shown now, without the ongoing one. */
    fun shown(): List<StatusBarNotification> = Notices.of(application).activeNotifications
        .filter { it.id != OngoingNotification.ID }

    /** The alerts among them. */
    fun alerts(): List<Notification> = shown().filter { it.id == 1 }.map { it.notification }

    override fun before() {
        // Robolectric grants everything; this is what a phone says of an app that was just installed.
        val operations =
            application.getSystemService(Context.APP_OPS_SERVICE) as AppOpsManager
        shadowOf(operations).setMode(
            AppOpsManager.OPSTR_GET_USAGE_STATS,
            Process.myUid(),
            application.packageName,
            AppOpsManager.MODE_DEFAULT,
        )
    }

    override fun after() {
        end()
        sockets.forEach { it.close() }
        // The next test has the same notifications, which a watch that still ends would change.
        awaitEnd()
        core.close()
    }

    private fun awaitEnd() {
        eventually("the watch has ended") { core.pumping.tryLock() }
        core.pumping.unlock()
    }

    private companion object {
        const val ROUND_MILLIS = 50L
        const val WAIT_ROUNDS = 600
        const val HOSTS = 150
        val hosts = AtomicInteger()
    }
}

/** What stands in a notification. */
fun Notification.words(key: String): String = extras.getCharSequence(key)?.toString().orEmpty()

/** Presses the button [title]; the receiver runs, as the system would have it. */
fun Notification.press(context: Context, title: String) {
    val action = actions.single { it.title.toString() == title }
    action.actionIntent.send()
    shadowOf(Looper.getMainLooper()).idle()
    check(context.applicationContext != null)
}
