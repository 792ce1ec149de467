package org.portlog.bridge

import java.io.File
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.util.concurrent.TimeUnit
import java.util.zip.ZipEntry
import java.util.zip.ZipOutputStream
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Assume.assumeTrue
import org.junit.Before
import org.junit.Rule
import org.junit.Test
import org.portlog.core.Agent
import org.portlog.core.BoardQuery
import org.portlog.core.HelperPhase
import org.portlog.core.LinkState
import org.portlog.core.PracticeStep
import org.portlog.core.ReachRequest
import org.portlog.core.ToldKind
import org.portlog.helper.HelperMain
import org.portlog.helper.Helping
import org.portlog.helper.Library
import org.portlog.helper.Order
import org.portlog.helper.Refused
import org.portlog.helper.Surroundings

/**
 * The helper from the command to the rows: `HelperMain` in a virtual machine of its own, with the
 * real library out of its APK, and a session in this one. The phone's programs are scripts; nothing
 * else stands in for anything.
 *
 * It takes nobody but root and adb's user, so these tests want root.
 */
class HelperTest {
    @get:Rule
    val sessions = Sessions()

    private val folder get() = sessions.folder
    private val programs get() = File(folder, "bin")
    private val scratch get() = File(folder, "tmp")
    private val apk get() = File(folder, "app-1/base.apk")
    private lateinit var provider: StandInProvider

    @Before
    fun makeThePhone() {
        val whose = File("/proc/self/status").readLines().first { it.startsWith("Uid:") }
        assumeTrue("not root: $whose", whose.split('\t')[2] == "0")
        listOf(programs, scratch, File(folder, "app-1")).forEach { check(it.mkdirs()) }
        makeApk(apk)
        provider = StandInProvider(uid = 0)
        provider.content(File(programs, "content"))
        installed(apk)
        val java = File(System.getProperty("java.home"), "bin/java").path
        val classes = System.getProperty("java.class.path")
        StandInProvider.script(
            File(programs, "app_process"),
            "#!/bin/sh",
            "echo \"\$@\" >> $folder/started",
            "[ \"\$1 \$2\" = '/ --nice-name=portlog-helper' ] || exit 9",
            "shift 2",
            "echo \$\$ >> $folder/pids",
            "exec $java -Xmx128m -cp \"\$CLASSPATH:$classes\" \"\$@\"",
        )
        StandInProvider.script(File(programs, "dumpsys"), "#!/bin/sh", "exit 0")
    }

    @After
    fun endTheHelper() {
        if (!::provider.isInitialized) return
        provider.close()
        allRunning().forEach { kill(it) }
    }

    @Test
    fun rowsComeOverTheSocketPairAndTheAppEndsIt() {
        val agent = sessions.open()
        provider.agent = agent
        agent.start()
        agent.await("a first look of its own") { it.kind == ToldKind.STARTED }

        val said = start()
        assertTrue(said, said.contains("portlog: connected;"))
        eventually("it is there") { agent.isConnected() }
        assertEquals(0, agent.reach(ReachRequest.State).uid)
        // The watch began anew: from here on it is the helper that looks.
        val began = agent.await("its look") { it.kind == ToldKind.STARTED }
        assertTrue(began.text, began.text.contains("source helper"))
        assertTrue(provider.opened.joinToString(), provider.opened.size >= 3)

        ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { server ->
            Socket(server.inetAddress, server.localPort).use {
                val remote = "127.0.0.1:${server.localPort}"
                eventually("the connection to $remote") {
                    agent.nextEvents(100)
                    agent.snapshot(BoardQuery()).connections.any { it.remote == remote }
                }
            }
        }

        // A practice alert comes back as one of the helper's rows.
        agent.practice(PracticeStep.Begin)
        eventually("its first four links") {
            agent.nextEvents(100)
            agent.practice(PracticeStep.Look).links.take(4).all { it.state == LinkState.PASSED }
        }

        val process = checkNotNull(running())
        assertEquals(HelperPhase.STOPPED, agent.reach(ReachRequest.Stop).phase)
        assertTrue("it ends", process.onExit().get(20, TimeUnit.SECONDS) != null)
        assertTrue(log(), log().contains("portlog: the app said stop"))
        val again = agent.await("a look of its own again") { it.kind == ToldKind.STARTED }
        assertFalse(again.text, again.text.contains("source helper"))
    }

    @Test
    fun aHelperThatWasKilledIsAGapAndAnotherMayCome() {
        val agent = sessions.open()
        provider.agent = agent
        agent.start()
        start()
        eventually("rows") { agent.nextEvents(100); agent.snapshot(BoardQuery()).total > 0 }
        kill(checkNotNull(running()))
        val gap = agent.await("a gap") { it.kind == ToldKind.GAP }
        assertFalse(gap.text.isEmpty())
        eventually("it is lost") { agent.reach(ReachRequest.State).phase == HelperPhase.LOST }

        val said = start()
        assertTrue(said, said.contains("portlog: connected;"))
        eventually("another") { agent.isConnected() }
        val second = start()
        assertTrue("one is enough: $second", second.contains("portlog: failed:"))
        assertEquals(HelperPhase.CONNECTED, agent.reach(ReachRequest.State).phase)
    }

    @Test
    fun whereDescriptorsDoNotPassItComesOverTheLoopbackInterface() {
        val agent = sessions.open()
        provider.agent = agent
        provider.losesPairs = true
        agent.start()
        start()
        eventually("it is there") { agent.isConnected() }
        assertTrue("read content://org.portlog.helper/loopback 0" in provider.opened)
        eventually("rows") { agent.nextEvents(100); agent.snapshot(BoardQuery()).total > 0 }
    }

    @Test
    fun anUpdateOfTheAppBringsItsOwnHelperAndARemovalNone() {
        val before = sessions.open()
        provider.agent = before
        start()
        eventually("it is there") { before.isConnected() }
        val first = checkNotNull(running())

        // As the system does it: another folder, the process ended, the old folder gone.
        val updated = File(folder, "app-2/base.apk").also { check(it.parentFile.mkdirs()) }
        apk.copyTo(updated)
        installed(updated)
        apk.parentFile.deleteRecursively()
        provider.agent = null
        before.close()
        val after = sessions.open(sessions.config("updated"))
        provider.agent = after
        first.onExit().get(30, TimeUnit.SECONDS)
        eventually("the new one") { after.isConnected() }
        val second = checkNotNull(running())
        assertTrue(second.pid() != first.pid())

        installed(null)
        updated.parentFile.deleteRecursively()
        provider.agent = null
        after.close()
        second.onExit().get(40, TimeUnit.SECONDS)
        assertTrue(log(), log().contains("portlog: the app is gone"))
    }

    @Test
    fun theLibraryIsCopiedWhereItWasNotUnpackedAndOnlyAsItIsInTheApk() {
        // Not beside the APK: makeApk puts it into the archive alone.
        val library = Library(apk, System.getProperty("os.arch"), scratch)
        assertEquals(null, library.installed())
        val copy = checkNotNull(library.copied())
        assertTrue(copy.readBytes().contentEquals(hostLibrary().readBytes()))
        val made = copy.lastModified()
        assertEquals("it is used again", copy, library.copied())
        assertEquals(made, copy.lastModified())

        copy.setWritable(true)
        copy.writeBytes(copy.readBytes().also { it[it.size / 2] = (it[it.size / 2] + 1).toByte() })
        assertEquals(copy, library.copied())
        assertTrue("anew", copy.readBytes().contentEquals(hostLibrary().readBytes()))
        assertEquals("nothing else is left", listOf(copy), scratch.listFiles().orEmpty().toList())
        assertEquals(null, Library(apk, "s390x", scratch).copied())

        // Where the system unpacked it, that is the one.
        val unpacked = File(apk.parentFile, "lib/$MACHINE/libportlog.so")
        check(unpacked.parentFile.mkdirs())
        hostLibrary().copyTo(unpacked)
        assertEquals(unpacked, library.installed())
        assertEquals(null, Library(apk, "aarch64", scratch).installed())
    }

    @Test
    fun whatIsNotAnOrderIsRefusedWithAReason() {
        val orders = listOf(
            emptyList(),
            listOf("start"),
            listOf("start", "org.portlog"),
            listOf("start", "org.portlog; reboot", "0"),
            listOf("start", "portlog", "0"),
            listOf("start", "org.portlog", "-1"),
            listOf("start", "org.portlog", "99999"),
            listOf("stop", "org.portlog", "0"),
            listOf("run", "org.portlog", "0", "more"),
        )
        for (order in orders) assertEquals("$order", null, Order.of(order.toTypedArray()))
        assertEquals(
            Order(Order.Deed.RUN, "org.portlog.debug", 10),
            Order.of(arrayOf("run", "org.portlog.debug", "10")),
        )
        val (code, said) = helperMain(listOf("start"))
        assertEquals(1, code)
        assertTrue(said, said.startsWith("portlog: failed: say start or run"))
        val (gone, why) = helperMain(listOf("start", "org.portlog", "0"), apk = "/nowhere.apk")
        assertEquals(1, gone)
        assertEquals("portlog: failed: CLASSPATH does not lead to Portlog's APK", why.trim())
    }

    @Test
    fun nobodyButTheShellAndRootIsTheHelper() {
        val here = Surroundings(10_123, apk, scratch, File("/proc"), programs, "amd64")
        val order = Order(Order.Deed.RUN, "org.portlog", 0)
        val refused = assertThrows(Refused::class.java) { Helping(order, here).follow() }
        assertTrue(refused.message, refused.message.orEmpty().endsWith("and here is 10123"))
        val status = File(folder, "status").apply { writeText("Name:\tx\nUid:\t1\t2000\t3\t4\n") }
        assertEquals("the effective one", 2_000, Surroundings.uid(status))
    }

    /** What `start` says, in full. */
    private fun start(): String = helperMain(listOf("start", "org.portlog", "0")).second

    private fun helperMain(order: List<String>, apk: String = this.apk.path): Pair<Int, String> {
        val java = File(System.getProperty("java.home"), "bin/java").path
        val classes = System.getProperty("java.class.path")
        val command = listOf(java, "-Xmx128m", "-cp", classes, HelperMain::class.java.name) + order
        val builder = ProcessBuilder(command).redirectErrorStream(true)
        builder.environment().apply {
            put("CLASSPATH", apk)
            put("PATH", "$programs:${System.getenv("PATH")}")
            put("PORTLOG_SCRATCH", scratch.path)
            put("PORTLOG_PROGRAMS", programs.path)
        }
        val process = builder.start()
        process.outputStream.close()
        val said = process.inputStream.bufferedReader().readText()
        assertTrue("it hangs: $said", process.waitFor(60, TimeUnit.SECONDS))
        return Pair(process.exitValue(), said)
    }

    private fun kill(process: ProcessHandle) {
        process.destroyForcibly()
        process.onExit().get(10, TimeUnit.SECONDS)
    }

    /** The helper that was started last, while it runs. */
    private fun running(): ProcessHandle? = allRunning().lastOrNull()

    private fun allRunning(): List<ProcessHandle> = File(folder, "pids").takeIf { it.isFile }
        ?.readLines().orEmpty().mapNotNull { ProcessHandle.of(it.toLong()).orElse(null) }
        .filter { it.isAlive }

    private fun log() = File(scratch, "portlog-helper.log").readText()

    private fun Agent.isConnected() = reach(ReachRequest.State).phase == HelperPhase.CONNECTED

    private fun hostLibrary(): File = System.getProperty("java.library.path")
        .split(File.pathSeparator)
        .map { File(it, "libportlog.so") }.first { it.isFile }

    private fun makeApk(file: File) = ZipOutputStream(file.outputStream()).use { zip ->
        zip.setLevel(1)
        zip.putNextEntry(ZipEntry("lib/$MACHINE/libportlog.so"))
        hostLibrary().inputStream().use { it.copyTo(zip) }
    }

    /** What the phone's package manager answers. */
    private fun installed(apk: File?) {
        val path = apk?.let { "echo package:$it" } ?: "exit 1"
        StandInProvider.script(
            File(programs, "cmd"),
            "#!/bin/sh",
            "case \"\$*\" in",
            "'package path org.portlog'*) $path ;;",
            "'package list users') echo 'Users:'; echo '\tUserInfo{0:Owner:c13} running' ;;",
            "*) exit 0 ;;",
            "esac",
        )
    }

    private companion object {
        const val MACHINE = "x86_64"
    }
}
