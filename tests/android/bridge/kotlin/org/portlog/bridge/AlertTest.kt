package org.portlog.bridge

import java.io.File
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.ServerSocket
import java.net.Socket
import java.util.concurrent.atomic.AtomicInteger
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.portlog.core.Agent
import org.portlog.core.BoardQuery
import org.portlog.core.Category
import org.portlog.core.CoverageStatus
import org.portlog.core.Direction
import org.portlog.core.Firmware
import org.portlog.core.HistoryQuery
import org.portlog.core.Level
import org.portlog.core.LinkState
import org.portlog.core.ListChange
import org.portlog.core.ListPermission
import org.portlog.core.MuteRule
import org.portlog.core.Note
import org.portlog.core.NoteKind
import org.portlog.core.PackageFacts
import org.portlog.core.PackageFeed
import org.portlog.core.PracticeStep
import org.portlog.core.SessionState
import org.portlog.core.ToldKind
import org.portlog.core.UidBytes

/** From a real socket of this process to what a notification and the screens show. */
class AlertTest {
    @get:Rule
    val sessions = Sessions()

    @Test
    fun aConnectionToAListedHostIsAnAlert() {
        val agent = watching()
        val list = agent.setLists(imported("reached", "$host\nnot a line\n")).single()
        assertEquals(Category.THREAT, list.category)
        assertEquals(listOf(1L, 1L), listOf(list.rules, list.badLines))
        assertEquals(2L, list.bad.single().line)

        connection().use { socket ->
            val remote = "$host:${socket.port}"
            val told = agent.await("an alert") { it.kind == ToldKind.ALERT }
            val alert = checkNotNull(told.alert)
            assertEquals(Level.MATCH, alert.level)
            assertTrue("it sounds", alert.sounds)
            assertFalse("it is real", alert.practice)
            assertEquals(remote, alert.remote)
            assertEquals("reached" to host, alert.list to alert.entry)
            assertEquals(Category.THREAT, alert.category)
            assertEquals(Firmware.YES, alert.owner.firmware)
            assertEquals(uid, alert.owner.uid)
            assertTrue(alert.text, alert.text.contains(remote))
            assertTrue(alert.body, alert.body.contains("reached"))
            assertFalse(alert.publicText, alert.publicText.contains(host))
            assertTrue("${alert.advice}", alert.advice.isNotEmpty())
            assertEquals(1L, alert.count)

            val board = agent.snapshot(BoardQuery(alertsOnly = true))
            assertEquals(SessionState.WATCHING, board.state)
            val line = board.connections.single()
            assertEquals(remote, line.remote)
            assertEquals(Direction.OUT, line.direction)
            assertEquals(Level.MATCH, line.level)
            assertEquals(alert.connection, line.id)
            assertTrue("others are there", board.total > board.matching)
            val tcp = board.coverage.filter { it.item == "tcp" || it.item == "tcp6" }
            assertTrue("$tcp", tcp.all { it.status == CoverageStatus.READABLE } && tcp.size == 2)

            val details = checkNotNull(agent.connection(line.id))
            assertEquals(host, details.matches.single().entry)
            assertTrue(details.history.any { it.kind == ToldKind.ALERT })
            val owner = checkNotNull(agent.owner(alert.owner.key))
            assertTrue("${owner.destinations}", owner.destinations.any { it.remote == remote })
            assertTrue(owner.packages.any { it.name == "com.example.sync" })

            val kept = agent.history(HistoryQuery(kinds = listOf(ToldKind.ALERT)))
            assertEquals(told, kept.records.single())
            assertEquals(alert.key, agent.alerts(false).single().key)
            assertEquals(1L, agent.stats().alerts)
        }
        assertNull(agent.connection(Long.MAX_VALUE))
        assertNull(agent.owner("nobody"))
    }

    @Test
    fun whatIsMutedIsNotRaised() {
        val agent = watching()
        agent.setLists(imported("muted", "$host\n"))
        agent.mute(MuteRule.Entry(host), true)
        assertEquals(MuteRule.Entry(host), agent.stats().mutes.single().rule)
        connection().use { socket ->
            val opened = agent.await("it opens, without an alert") {
                assertFalse("${it.alert}", it.kind == ToldKind.ALERT)
                it.kind == ToldKind.OPENED && it.connection?.remote == "$host:${socket.port}"
            }
            assertEquals(Level.MATCH, opened.connection?.level)
        }
        agent.mute(MuteRule.Entry(host), false)
        assertEquals(emptyList<Any>(), agent.stats().mutes)
        connection().use { agent.await("an alert") { it.kind == ToldKind.ALERT } }
    }

    @Test
    fun aListThatIsSwitchedOffSaysNothing() {
        val agent = watching()
        val list = agent.setLists(imported("off", "$host\n")).single()
        val off = agent.setLists(ListChange.Enable(list.id, false)).single()
        assertFalse(off.enabled)
        connection().use { socket ->
            val opened = agent.await("it opens, without an alert") {
                assertFalse("${it.alert}", it.kind == ToldKind.ALERT)
                it.kind == ToldKind.OPENED && it.connection?.remote == "$host:${socket.port}"
            }
            assertNull(opened.connection?.level)
        }
        assertEquals(emptyList<Any>(), agent.setLists(ListChange.Remove(list.id)))
    }

    @Test
    fun aPracticeAlertRunsThroughEveryLink() {
        val agent = watching()
        assertTrue(agent.practice(PracticeStep.Begin).running)
        val told = agent.await("the practice alert") { it.alert?.practice == true }
        assertNotNull(told.alert)
        eventually("the links up to the alert pass") {
            agent.practice(PracticeStep.Look).links.take(4).all { it.state == LinkState.PASSED }
        }
        agent.practice(PracticeStep.Notified(true))
        val report = agent.practice(PracticeStep.Confirmed(true))
        val states = report.links.map { it.state }
        assertEquals("${report.links}", List(6) { LinkState.PASSED }, states)
        assertNotNull(report.lastPassed)
        assertEquals("it does not count", 0L, agent.stats().alerts)
    }

    @Test
    fun aNoteIsKeptAcrossSessions() {
        sessions.open().use { it.note(Note(1_700_000_000_000, NoteKind.StartedBy, "by boot")) }
        sessions.open().use { agent ->
            val page = agent.history(HistoryQuery(kinds = listOf(ToldKind.SYSTEM)))
            val note = page.records.single()
            assertEquals(1_700_000_000_000, note.at)
            assertTrue(note.text, note.text.contains("by boot"))
        }
    }

    @Test
    fun countersAndSettingsAreTaken() {
        val agent = watching()
        agent.setCounters(listOf(UidBytes(uid, 1_000, 2_000)))
        agent.setSettings(sessions.settings().copy(language = "zh-Hant", scopeAll = true))
        val state = agent.snapshot(BoardQuery()).stateText
        assertTrue(state, state.any { it in '一'..'鿿' })
    }

    /** A session that looks, on a made-up phone of Android 9 whose firmware this process is. */
    private fun watching(): Agent {
        val agent = sessions.open(sessions.config().copy(sdk = 28))
        agent.setPackages(firmware())
        agent.start()
        eventually("a look") { agent.stats().polls > 1 }
        return agent
    }

    private fun firmware(): PackageFeed = PackageFeed(
        ListPermission.NOT_NEEDED,
        listOf(
            PackageFacts(
                name = "com.example.sync",
                uid = uid,
                system = true,
                updatedSystem = false,
                sourcePath = "/system/app/Sync/Sync.apk",
                factoryPath = null,
                version = "1.0",
                label = "Sync",
                signers = listOf("ab01"),
                installerKnown = true,
                installer = null,
                launcherEntry = false,
                firstInstall = 1_400_000_000_000,
            ),
        ),
    )

    private fun imported(name: String, lines: String): ListChange {
        val file = File(sessions.folder, "$name.txt").apply { writeText(lines) }
        return ListChange.Import(name, Category.THREAT, file.path)
    }

    private fun connection(): Socket {
        val address = InetAddress.getByName(host)
        ServerSocket(0, 1, address).use { server ->
            val socket = Socket()
            socket.bind(InetSocketAddress("127.0.0.1", 0))
            // Closed by a reset, it leaves no row behind for the next test.
            socket.setSoLinger(true, 0)
            socket.connect(InetSocketAddress(address, server.localPort))
            accepted.add(server.accept())
            return socket
        }
    }

    /** Kept, so that the connections stay. */
    private val accepted = ArrayList<Socket>()

    /** This process's UID, by the kernel's account. */
    private val uid: Int = File("/proc/self/status").readLines()
        .first { it.startsWith("Uid:") }
        .split('\t')[1].toInt()

    /** The host on the list: one of this machine's own, which nothing else speaks to. */
    private val host = "127.0.9.${HOSTS.incrementAndGet()}"

    private companion object {
        val HOSTS = AtomicInteger()
    }
}
