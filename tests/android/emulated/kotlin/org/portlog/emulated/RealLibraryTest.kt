package org.portlog.emulated

import java.io.File
import java.nio.file.Files
import kotlin.concurrent.thread
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.junit.runners.Parameterized
import org.portlog.core.Agent
import org.portlog.core.BoardQuery
import org.portlog.core.Category
import org.portlog.core.Config
import org.portlog.core.ConnectionLine
import org.portlog.core.DataKey
import org.portlog.core.DeviceFeed
import org.portlog.core.Direction
import org.portlog.core.HelperEnd
import org.portlog.core.HelperOrders
import org.portlog.core.HelperPhase
import org.portlog.core.HelperWay
import org.portlog.core.HistoryQuery
import org.portlog.core.Keeping
import org.portlog.core.Level
import org.portlog.core.ListChange
import org.portlog.core.ListPermission
import org.portlog.core.LogConfig
import org.portlog.core.LogKind
import org.portlog.core.LogQuery
import org.portlog.core.LogRequest
import org.portlog.core.Mark
import org.portlog.core.MuteRule
import org.portlog.core.Note
import org.portlog.core.NoteKind
import org.portlog.core.Octets
import org.portlog.core.PackageFacts
import org.portlog.core.PackageFeed
import org.portlog.core.PracticeStep
import org.portlog.core.PrivateDns
import org.portlog.core.ReachRequest
import org.portlog.core.RecordReader
import org.portlog.core.RecordWriter
import org.portlog.core.SessionState
import org.portlog.core.Settings
import org.portlog.core.ShareChoice
import org.portlog.core.TapBegin
import org.portlog.core.TapEnd
import org.portlog.core.TapNetwork
import org.portlog.core.TapRequest
import org.portlog.core.TapStanding
import org.portlog.core.TapStart
import org.portlog.core.Told
import org.portlog.core.ToldKind
import org.portlog.core.UidBytes
import org.portlog.core.helperEnd
import org.portlog.core.helperOrders
import org.portlog.packets.Datagram
import org.portlog.packets.answer
import org.portlog.packets.question

/**
 * The libraries that ship, run from loading to closing on the C libraries of old phones: what is
 * linked can be loaded, threads and clocks work, a panic unwinds to an exception, and no system
 * call is made that Android 8 ends a process for.
 *
 * Not shown here: ART, a real kernel, SELinux and the filter itself. The kernel's answers are the
 * emulator's; the socket tables are a capture.
 */
@RunWith(Parameterized::class)
class RealLibraryTest(private val android: Android) {
    private val root = Files.createTempDirectory("portlog-phone").toFile()
    private val tables = File(root, "capture/net")
    private lateinit var phone: Phone

    @Before
    fun makeThePhone() {
        File("tests/captures/linux-6.18/net").copyRecursively(tables)
        File(root, "data").mkdirs()
        phone = Phone(android, root)
    }

    @After
    fun removeThePhone() {
        phone.close()
        root.deleteRecursively()
    }

    @Test
    fun everyNativeIsRegisteredAndRefusesAHandleThatWasNeverGiven() {
        phone.machine.load(library("libportlog.so"))
        val agent = EmulatedAgent.at(phone.machine, 77)
        val calls = listOf<() -> Unit>(
            { agent.start() },
            { agent.stop() },
            { agent.nextEvents(0) },
            { agent.snapshot(BoardQuery()) },
            { agent.owner("1000") },
            { agent.connection(1) },
            { agent.alerts(true) },
            { agent.history(HistoryQuery()) },
            { agent.setPackages(packages()) },
            { agent.setCounters(listOf(UidBytes(1000, 1, 2))) },
            { agent.setLists(ListChange.Look) },
            { agent.setSettings(settings()) },
            { agent.mute(MuteRule.Owner("1000"), true) },
            { agent.practice(PracticeStep.Look) },
            { agent.note(Note(0, NoteKind.StartMissed, "")) },
            { agent.log(LogRequest.Status) },
            { agent.reach(ReachRequest.State) },
            { agent.tap(TapRequest.Look) },
            { agent.stats() },
            { agent.close() },
        )
        for (call in calls) {
            val thrown = assertThrows(Thrown::class.java) { call() }
            assertEquals("java.lang.IllegalStateException", thrown.className)
            assertEquals("no session has the handle 77", thrown.message)
        }
        val record = byteArrayOf(1, 2, 3)
        val thrown = assertThrows(Thrown::class.java) {
            phone.machine.call(EmulatedAgent.NATIVES, "open([B)J", record)
        }
        assertEquals("java.lang.IllegalArgumentException", thrown.className)
        assertThatAnAppMayDoThis()
    }

    @Test
    fun aWatchFromTheFirstLookToTheAlertAndTheEnd() {
        File(root, "data/list.txt").writeText("203.0.113.99\n")
        phone.machine.load(library("libportlog.so"))
        val agent = EmulatedAgent.open(phone.machine, config())
        agent.setPackages(packages())
        val lists = agent.setLists(ListChange.Import("Ours", Category.OWN, "/data/list.txt"))
        assertEquals(listOf("Ours" to 1L), lists.map { it.name to it.rules })

        agent.start()
        agent.await("the first look") { it.kind == ToldKind.STARTED }
        eventually("all rows") { agent.nextEvents(300); agent.stats().connections >= 12 }
        assertEquals(emptyList<Any>(), agent.alerts(false))

        // What no look has seen yet: a connection of the system to the address on the list.
        File(tables, "tcp").appendText(
            "  99: 020200C0:CAFE 637100CB:01BB 01 00000000:00000000 00:00000000 00000000 " +
                " 1000        0 99999 1 0000000000000000 20 4 30 10 -1\n",
        )
        val alert = checkNotNull(agent.await("an alert") { it.kind == ToldKind.ALERT }.alert)
        assertEquals("203.0.113.99:443", alert.remote)
        assertEquals(Level.MATCH, alert.level)
        assertTrue(alert.sounds)
        assertEquals(listOf("Ours", "203.0.113.99"), listOf(alert.list, alert.entry))
        assertEquals(1000, alert.owner.uid)

        val board = agent.snapshot(BoardQuery(text = "203.0.113.99", limit = 10))
        val line = board.connections.single()
        assertEquals(Direction.OUT, line.direction)
        assertEquals("192.0.2.2:51966", line.local)
        assertNotNull(agent.connection(line.id))
        assertNotNull(agent.owner(line.owner.key))
        assertEquals(1, agent.alerts(false).size)
        assertTrue(agent.history(HistoryQuery()).records.any { it.kind == ToldKind.ALERT })

        assertTrue("it stops in time", agent.stop())
        agent.await("its end") { it.kind == ToldKind.STOPPED }
        agent.close()
        agent.close()
        assertNull("closed", agent.nextEvents(100))
        assertThrows(Thrown::class.java) { agent.stats() }
        assertTrue("what was seen is kept", stateFolder().list().orEmpty().isNotEmpty())
        assertThatAnAppMayDoThis()
    }

    /**
     * The helper's entry, on the phone, hands tables to the app's session, which is this machine's build
     * of the same code: over a real connection, with the proofs and the seals of both.
     */
    @Test
    fun theHelperBringsItsTablesToAnAppOfAnotherProcess() {
        phone.machine.load(library("libportlog.so"))
        phone.calls.network = Network()
        val state = Files.createTempDirectory("portlog-app").toFile()
        val nowhere = File(state, "proc").also { check(File(it, "net").mkdirs()) }
        val blind = config().copy(stateFolder = state.path, procRoot = nowhere.path)
        Agent.open(blind).use { app ->
            app.setPackages(packages())
            app.start()
            val door = app.reach(ReachRequest.Listen(2_000))
            var seen = emptyList<ConnectionLine>()
            var problem: Throwable? = null
            val reader = thread {
                try {
                    eventually("the rows of the capture") {
                        app.nextEvents(200)
                        seen = app.snapshot(BoardQuery(limit = 100)).connections
                        seen.size >= 12
                    }
                    assertEquals(HelperPhase.CONNECTED, app.reach(ReachRequest.State).phase)
                } catch (failed: Throwable) {
                    problem = failed
                }
                app.reach(ReachRequest.Stop)
            }
            val orders = HelperOrders(
                way = HelperWay.Loopback(door.port, door.secret),
                app = "",
                apk = "",
                procRoot = "/capture",
                programs = "",
                lock = "/data/helper.lock",
            )
            val record = RecordWriter.of { helperOrders(orders) }
            val end = phone.machine.call(EmulatedAgent.NATIVES, "helper([B)[B", record)
            reader.join()
            problem?.let { throw it }
            assertEquals(HelperEnd.Stopped, RecordReader(end as ByteArray).only { helperEnd() })
            assertTrue("$seen", seen.any { it.owner.uid == 1000 || it.owner.uid == 0 })
        }
        state.deleteRecursively()
    }

    /**
     * The store, its keys and the signatures, on the processor and the C library of the phone: made,
     * opened again, exported, and the file is what the same code checks on this machine.
     */
    @Test
    fun aSignedLogFromItsFirstEntryToTheCheckOfItsExport() {
        File(root, "data/list.txt").writeText("203.0.113.99\n")
        phone.machine.load(library("libportlog.so"))
        val key = DataKey(ByteArray(DataKey.SIZE) { it.toByte() })
        val log = LogConfig(key, DeviceFeed(model = "Example One", adb = true))
        val agent = EmulatedAgent.open(phone.machine, config().copy(log = log))
        assertEquals(0L, agent.log(LogRequest.Status).size)
        agent.setPackages(packages())
        agent.start()
        agent.await("the first look") { it.kind == ToldKind.STARTED }
        eventually("a log") {
            agent.nextEvents(300)
            val status = agent.log(LogRequest.Status)
            assertEquals(status.keepingText, Keeping.WRITING, status.keeping)
            status.size > 3
        }
        val marked = agent.log(LogRequest.Write(Mark.Words("a call came in")))
        assertTrue(marked.text, marked.done)
        val written = agent.log(LogRequest.Status)
        assertEquals(Keeping.WRITING, written.keeping)
        assertTrue(agent.stop())
        agent.close()

        val seeds = File(stateFolder(), "log/keys").list().orEmpty()
        assertTrue("sealed: ${seeds.toList()}", seeds.all { it.endsWith(".sealed") })
        val again = EmulatedAgent.open(phone.machine, config().copy(log = log))
        assertEquals(written.origin, again.log(LogRequest.Status).origin)
        val rows = again.log(LogRequest.Page(LogQuery(kinds = listOf(LogKind.MARK)))).rows
        assertEquals(listOf("a call came in"), rows.map { it.text })
        val checkpoint = again.log(LogRequest.Checkpoint)
        assertTrue(checkpoint.text.startsWith(written.origin))
        val exported = again.log(LogRequest.Export(ShareChoice(), "/data/out.portlog.txt"))
        assertTrue(exported.text, exported.done)
        val verdict = again.log(LogRequest.Verify("/data/out.portlog.txt"))
        assertTrue("${verdict.lines}", verdict.unchanged)
        assertEquals("L1", verdict.level)
        again.close()
        val bundle = File(root, "data/out.portlog.txt").readText()
        assertTrue(bundle.startsWith("portlog/bundle@v1\n"))
        assertTrue(bundle.contains("Example One"))
        assertThatAnAppMayDoThis()
    }

    /**
     * The DNS tap's packets on the processor and the C library of the phone: a question comes out of the
     * device, its answer goes back byte for byte, and the name counts for whoever asked. The device is
     * the emulator's; who resolves and who looks the asker up is this test, as Kotlin is on a phone.
     */
    @Test
    fun theTapTakesAQuestionAndGivesItsAnswerBack() {
        File(root, "data/list.txt").writeText("host.test\n")
        phone.machine.load(library("libportlog.so"))
        val tun = Tun()
        phone.calls.tun = tun
        val agent = EmulatedAgent.open(phone.machine, config())
        agent.setPackages(packages())
        agent.setLists(ListChange.Import("Ours", Category.OWN, "/data/list.txt"))
        agent.start()
        agent.await("the first look") { it.kind == ToldKind.STARTED }
        val (device, server) = listOf(10, 0, 0, 2) to listOf(10, 0, 0, 1)
        val start = TapStart(
            by = TapBegin.USER,
            mtu = 1_500,
            servers = listOf(Octets(byteArrayOf(10, 0, 0, 1))),
            pulled = true,
            askers = true,
            network = TapNetwork(emptyList(), 0, PrivateDns.AUTOMATIC),
        )
        assertEquals(TapStanding.IDLE, agent.tap(TapRequest.Start(tun.device, start)).standing)

        val message = question("host.test", 0x4321)
        val asked = Datagram(device, 40_001, server, 53, message)
        tun.send(ByteArray(20) { 0x45 })
        tun.send(asked.packet())
        var pulled = agent.tap(TapRequest.Next(0))
        eventually("the question") {
            if (pulled.questions.isEmpty()) pulled = agent.tap(TapRequest.Next(500))
            pulled.questions.isNotEmpty()
        }
        val query = pulled.questions.single()
        assertEquals(Octets(message), query.message)
        assertEquals(40_001 to 53, query.localPort to query.remotePort)
        agent.tap(TapRequest.Asker(query.id, 1000))
        val told = answer(message, listOf(203, 0, 113, 98))
        agent.tap(TapRequest.Answer(query.id, Octets(told)))
        var back: ByteArray? = null
        eventually("the answer") {
            agent.tap(TapRequest.Next(100))
            back = back ?: tun.receive()
            back != null
        }
        val datagram = Datagram.of(checkNotNull(back))
        assertEquals(Octets(told), Octets(datagram.payload))
        assertEquals(device to 40_001, datagram.target to datagram.targetPort)
        val alert = checkNotNull(agent.await("that it was asked for") { it.alert != null }.alert)
        assertEquals(Level.POSSIBLE, alert.level)
        assertEquals("host.test" to 1000, alert.remote to alert.owner.uid)

        assertEquals(TapStanding.OFF, agent.tap(TapRequest.Stop(TapEnd.USER)).standing)
        eventually("the device is closed") {
            agent.nextEvents(50)
            !tun.isOpen
        }
        assertTrue(agent.stop())
        agent.close()
        assertThatAnAppMayDoThis()
    }

    /**
     * With the kernel's own `/proc`, as on a phone. The emulator has sockets of TCP over IPv4, whose
     * rows are in no table here: it is the calls that count, not whether the check succeeds.
     */
    @Test
    fun aLiveWatchAndItsOwnSockets() {
        tables.copyRecursively(File(root, "proc/net"))
        phone.machine.load(library("libportlog.so"))
        val agent = EmulatedAgent.open(phone.machine, config().copy(procRoot = "/proc"))
        agent.start()
        agent.await("a first look") { it.kind == ToldKind.STARTED }
        eventually("looks") { agent.nextEvents(300) != null && agent.stats().polls > 2 }
        assertEquals(SessionState.WATCHING, agent.stats().state)
        assertEquals("its /proc is the kernel's", "", agent.snapshot(BoardQuery()).notLiveText)
        assertTrue(agent.practice(PracticeStep.Begin).running)
        agent.nextEvents(600)
        val own = setOf("socket", "bind", "getsockname", "listen", "connect")
        assertEquals(emptySet<String>(), own - phone.calls.made.keys)
        assertTrue(agent.stop())
        agent.close()
        assertThatAnAppMayDoThis()
    }

    @Test
    fun aPanicIsAnErrorAndTheLibraryGoesOn() {
        phone.machine.load(library("libportlog_panicking.so"))
        val agent = EmulatedAgent.open(phone.machine, config())
        agent.start()
        for (round in 1..3) {
            val thrown = assertThrows(Thrown::class.java) {
                phone.machine.callExported(
                    "org/portlog/core/Panicking",
                    "Java_org_portlog_core_Panicking_panicWith__JLjava_lang_String_2",
                    agent.handle,
                    "round $round – é 例",
                )
            }
            assertEquals("java.lang.AssertionError", thrown.className)
            assertEquals("panic: session ${agent.handle}: round $round – é 例", thrown.message)
            assertNotNull(agent.snapshot(BoardQuery()))
        }
        assertTrue(agent.stop())
        agent.close()
        assertEquals(3, phone.log.count { it.startsWith("E/Portlog") && it.contains("panic in") })
        assertThatAnAppMayDoThis()
    }

    /** That Android 8 lets an app make every call that was made, and that no host is in the log. */
    private fun assertThatAnAppMayDoThis() {
        println("system calls on $android: ${phone.calls.made.keys.joinToString(" ")}")
        val refused = phone.calls.made.keys - android.allowed
        assertEquals(emptySet<String>(), refused - android.outgrown.keys)
        for (call in refused) {
            assertTrue("$call's successor", android.outgrown[call] in android.allowed)
            assertEquals("who makes $call", setOf("libc.so"), phone.calls.callers[call])
        }
        assertEquals("the emulator lacks", emptySet<String>(), phone.calls.unanswered)
        val told = phone.log.filter { HOSTS.containsMatchIn(it) }
        assertEquals("a release logs no host", emptyList<String>(), told)
        assertFalse(phone.log.any { it.startsWith("D/") })
    }

    private fun config() = Config(
        stateFolder = "/data/state",
        procRoot = "/capture",
        sdk = android.api,
        settings = settings(),
    )

    private fun settings() = Settings(
        language = "en",
        utcOffsetSeconds = 0,
        scopeAll = false,
        intervalMillis = 250,
        idleIntervalMillis = 250,
    )

    private fun stateFolder() = File(root, "data/state")

    private fun packages() = PackageFeed(
        ListPermission.NOT_NEEDED,
        listOf(
            PackageFacts(
                name = "com.example.settings",
                uid = 1000,
                system = true,
                updatedSystem = false,
                sourcePath = "/system/priv-app/Settings/Settings.apk",
                factoryPath = null,
                version = "1",
                label = "Settings",
                signers = emptyList(),
                installerKnown = false,
                installer = null,
                launcherEntry = false,
                firstInstall = null,
            ),
        ),
    )

    private fun library(name: String): File {
        val folder = checkNotNull(System.getProperty("portlog.libraries")) { "no libraries given" }
        return File(File(folder, android.abi), name)
    }

    private fun EmulatedAgent.await(what: String, wanted: (Told) -> Boolean): Told {
        val seen = ArrayList<String>()
        val deadline = System.nanoTime() + PATIENCE_NANOS
        while (System.nanoTime() < deadline) {
            val told = nextEvents(500) ?: throw AssertionError("closed while waiting for $what")
            told.firstOrNull(wanted)?.let { return it }
            told.mapTo(seen) { "${it.kind}: ${it.text}" }
        }
        throw AssertionError("no $what among:\n${seen.joinToString("\n")}")
    }

    private fun eventually(what: String, holds: () -> Boolean) {
        val deadline = System.nanoTime() + PATIENCE_NANOS
        while (!holds()) {
            if (System.nanoTime() > deadline) throw AssertionError("never: $what")
        }
    }

    companion object {
        /** An emulated look takes a while, and this machine may be busy. */
        private const val PATIENCE_NANOS = 60_000_000_000

        /** The addresses of the capture and of this test, and the packages. */
        private val HOSTS = Regex("""203\.0\.113|198\.51\.100|192\.0\.2|2001:db8|com\.example""")

        init {
            EmulatorLog.install()
        }

        @JvmStatic
        @Parameterized.Parameters(name = "{0}")
        fun androids(): List<Android> = Android.entries
    }
}
