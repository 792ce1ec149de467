package org.portlog.reach

import android.content.ContentProvider
import android.content.ContentValues
import android.database.Cursor
import android.net.Uri
import android.os.Binder
import android.os.ParcelFileDescriptor
import android.os.SystemClock
import java.io.FileNotFoundException
import java.security.SecureRandom
import org.portlog.core.PortlogException
import org.portlog.core.ReachRequest
import org.portlog.service.Core

/**
 * Where the helper gets its channel to the app: `content`, a program that adb's shell has, opens
 * these.
 *
 * | path | mode | what it is |
 * |---|---|---|
 * | `channel` | `r` | a line with the name of a new channel, for [PATIENCE_MILLIS] |
 * | `channel/NAME` | `w` | what the helper says to the app |
 * | `channel/NAME` | `r` | what the app says to the helper |
 * | `loopback` | `r` | a line with a port and a secret, for where the above does not get through |
 *
 * It is exported, since the shell is no app of ours, and takes nobody but the shell and root of the
 * first user: the kernel says who calls, and a caller cannot choose that. Everybody else is
 * refused, counted and told. Nothing is read of what a caller sends but the path.
 */
class HelperProvider : ContentProvider() {
    private val gate = Gate()

    override fun onCreate(): Boolean = true

    override fun openFile(uri: Uri, mode: String): ParcelFileDescriptor {
        val uid = Binder.getCallingUid()
        if (!isHelper(uid)) {
            refuse(uid)
            throw SecurityException("this is for adb's shell and for root")
        }
        val path = uri.pathSegments
        return when {
            path == listOf("channel") && mode == "r" -> line(open(uid))
            path == listOf("loopback") && mode == "r" -> line(listen(uid))
            path.size == 2 && path[0] == "channel" && (mode == "r" || mode == "w") ->
                gate.take(path[1], mode) ?: throw FileNotFoundException("no such channel")
            else -> throw FileNotFoundException("nothing is here")
        }
    }

    private fun open(uid: Int): String {
        paced()
        val ends = asked { Core.of(context()).agent().reach(ReachRequest.Open(uid)) }
        return gate.keep(
            ParcelFileDescriptor.adoptFd(ends.up),
            ParcelFileDescriptor.adoptFd(ends.down),
        )
    }

    private fun listen(uid: Int): String {
        paced()
        val door = asked { Core.of(context()).agent().reach(ReachRequest.Listen(uid)) }
        return "${door.port} ${door.secret}"
    }

    private fun paced() {
        if (!gate.lets(SystemClock.elapsedRealtime())) {
            throw FileNotFoundException("too often; wait a minute")
        }
    }

    private fun <T> asked(work: () -> T): T = try {
        work()
    } catch (problem: PortlogException) {
        throw FileNotFoundException(problem.message)
    } catch (closed: IllegalStateException) {
        throw FileNotFoundException(closed.message)
    }

    /** Told to the core; many at once are one question. */
    private fun refuse(uid: Int) {
        if (!gate.refused(uid)) return
        Core.of(context()).ask({ core ->
            for ((other, times) in gate.refusals()) core.reach(ReachRequest.Refused(other, times))
        })
    }

    private fun line(text: String): ParcelFileDescriptor {
        val (from, to) = ParcelFileDescriptor.createPipe()
        // Far less than a pipe holds, so that nobody has to be waited for.
        ParcelFileDescriptor.AutoCloseOutputStream(to).use { it.write("$text\n".toByteArray()) }
        return from
    }

    private fun context() = checkNotNull(context) { "not attached" }

    override fun query(
        uri: Uri,
        projection: Array<out String>?,
        selection: String?,
        selectionArgs: Array<out String>?,
        sortOrder: String?,
    ): Cursor? = throw nothingElse()

    override fun getType(uri: Uri): String? = null

    override fun insert(uri: Uri, values: ContentValues?): Uri? = throw nothingElse()

    override fun delete(uri: Uri, where: String?, args: Array<out String>?): Int =
        throw nothingElse()

    override fun update(
        uri: Uri,
        values: ContentValues?,
        where: String?,
        args: Array<out String>?,
    ): Int = throw nothingElse()

    private fun nothingElse(): Exception {
        val uid = Binder.getCallingUid()
        if (!isHelper(uid)) refuse(uid)
        return UnsupportedOperationException("there are only channels here")
    }

    companion object {
        /** How long a channel waits to be fetched. */
        const val PATIENCE_MILLIS: Long = 30_000

        private const val ROOT = 0
        private const val SHELL = 2_000

        /** Of the first user alone: adb's shell is nobody else's, and neither is root. */
        internal fun isHelper(uid: Int): Boolean = uid == ROOT || uid == SHELL
    }
}

/** What the provider remembers between calls, which come on several threads. */
internal class Gate(private val random: SecureRandom = SecureRandom()) {
    private val opened = ArrayList<Long>()
    private val refusals = LinkedHashMap<Int, Int>()
    private var name = ""
    private var up: ParcelFileDescriptor? = null
    private var down: ParcelFileDescriptor? = null
    private var until = 0L

    /** Whether another channel may be opened at [now]: [AT_MOST] in [SPAN_MILLIS]. */
    @Synchronized
    fun lets(now: Long): Boolean {
        opened.removeAll { now - it >= SPAN_MILLIS }
        return (opened.size < AT_MOST).also { if (it) opened += now }
    }

    /** Keeps the two ends of a channel until they are fetched by the name that it answers. */
    @Synchronized
    fun keep(up: ParcelFileDescriptor, down: ParcelFileDescriptor): String {
        drop()
        val bytes = ByteArray(NAME_BYTES).also { random.nextBytes(it) }
        name = bytes.joinToString("") { "%02x".format(it) }
        this.up = up
        this.down = down
        until = SystemClock.elapsedRealtime() + HelperProvider.PATIENCE_MILLIS
        return name
    }

    /** One end, once; `null` where there is none of this name any more. */
    @Synchronized
    fun take(name: String, mode: String): ParcelFileDescriptor? {
        if (SystemClock.elapsedRealtime() > until) drop()
        if (name != this.name) return null
        return if (mode == "w") up.also { up = null } else down.also { down = null }
    }

    /** Counts a refusal; whether that is to be told now, and not with what is under way. */
    @Synchronized
    fun refused(uid: Int): Boolean {
        val first = refusals.isEmpty()
        // Whoever takes on many identities does not fill the memory: the rest is one sum.
        val known = if (refusals.size < MOST_UIDS || uid in refusals) uid else UNKNOWN
        refusals[known] = minOf((refusals[known] ?: 0) + 1, MOST_TIMES)
        return first
    }

    /** What was counted since the last time. */
    @Synchronized
    fun refusals(): Map<Int, Int> = LinkedHashMap(refusals).also { refusals.clear() }

    private fun drop() {
        name = ""
        up?.close()
        down?.close()
        up = null
        down = null
    }

    private companion object {
        const val AT_MOST = 12
        const val SPAN_MILLIS = 60_000L
        const val NAME_BYTES = 16
        const val MOST_UIDS = 64
        const val MOST_TIMES = 1_000_000_000
        const val UNKNOWN = -1
    }
}
