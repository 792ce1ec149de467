package org.portlog.service

import android.app.Notification
import java.io.File
import java.nio.file.Files
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Assume.assumeTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.PortlogApplication
import org.portlog.core.BoardQuery
import org.portlog.core.CoverageStatus
import org.portlog.core.SessionState
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** Tables that may not be read, as on Android 10 and later: shown as denied and never as empty. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [29, 34, 35], application = DeniedTest.Denied::class)
class DeniedTest {
    /** Its tables are files whose reading the kernel refuses even to root. */
    class Denied : PortlogApplication() {
        override val procRoot: String by lazy {
            val root = Files.createTempDirectory("denied").toFile()
            val net = File(root, "net").apply { mkdir() }
            for (table in listOf("tcp", "udp", "udplite", "raw", "icmp").flatMap { listOf(it, it + "6") }) {
                Files.createSymbolicLink(File(net, table).toPath(), REFUSING.toPath())
            }
            root.path
        }
    }

    @get:Rule
    val watch = Watching()

    @Test
    fun `the watch says that it cannot see`() {
        assumeTrue("this kernel has no file to refuse", REFUSING.exists())
        val service = watch.start()
        watch.eventually("it is known") {
            watch.ask { it.stats() }.state == SessionState.DENIED
        }
        val board = watch.ask { it.snapshot(BoardQuery()) }
        val tables = board.coverage.filter { it.item == "tcp" || it.item == "tcp6" }
        assertEquals(2, tables.size)
        assertTrue(board.coverage.toString(), tables.all { it.status == CoverageStatus.DENIED })
        assertEquals(0, board.connections.size)
        val words = board.stateText
        watch.eventually("the ongoing notification says so") {
            val shown = shadowOf(Notices.of(service)).getNotification(OngoingNotification.ID)
            shown.words(Notification.EXTRA_TITLE) == watch.ask { it.stats() }.ongoingTitle
        }
        assertTrue(words, words.isNotBlank())
    }

    private companion object {
        val REFUSING = File("/proc/sys/vm/compact_memory")
    }
}
