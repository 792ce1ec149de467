package org.portlog.bridge

import java.io.File
import java.io.IOException
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.portlog.core.Agent
import org.portlog.core.SessionState

/** Sessions come and go, and leave nothing behind in this process. */
class LeakTest {
    @get:Rule
    val sessions = Sessions()

    @Test
    fun tenThousandSessionsLeaveNothingOpen() {
        // What the machine itself opens late is open now.
        repeat(100) { openAndClose("warm") }
        val files = count("fd")
        val tasks = count("task")
        repeat(10_000) { round ->
            openAndClose(if (round % 100 == 0) "own-$round" else "shared")
        }
        eventually("as many threads as before") { count("task") <= tasks }
        eventually("as many open files as before") { count("fd") <= files }
    }

    @Test
    fun startedSessionsEndTheirThreads() {
        startAndClose()
        eventually("a first session's threads are gone") { portlogThreads().isEmpty() }
        val files = count("fd")
        repeat(60) { startAndClose() }
        eventually("all threads are gone") { portlogThreads().isEmpty() }
        eventually("as many open files as before") { count("fd") <= files }
    }

    @Test
    fun aSessionCanBeStoppedAndStartedAgain() {
        val agent = sessions.open()
        repeat(5) {
            agent.start()
            agent.start()
            val polls = agent.stats().polls
            eventually("it looks") { agent.stats().polls > polls || agent.stats().polls > 1 }
            assertTrue("stopped in time", agent.stop())
            assertEquals(SessionState.STOPPED, agent.stats().state)
        }
    }

    private fun openAndClose(folder: String) =
        Agent.open(sessions.config(folder)).close()

    private fun startAndClose() =
        Agent.open(sessions.config()).use { agent ->
            agent.start()
            eventually("a look") { agent.stats().polls > 0 }
        }

    private fun count(of: String): Int = File("/proc/self/$of").list().orEmpty().size

    /** Threads of this process that the library started, by the kernel's account. */
    private fun portlogThreads(): List<String> = File("/proc/self/task").listFiles().orEmpty()
        .mapNotNull { task ->
            try {
                File(task, "comm").readText().trim()
            } catch (gone: IOException) {
                null
            }
        }
        .filter { it.startsWith("portlog") }
}
