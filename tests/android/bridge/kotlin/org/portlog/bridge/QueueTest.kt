package org.portlog.bridge

import java.net.InetSocketAddress
import java.nio.channels.DatagramChannel
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.portlog.core.Agent
import org.portlog.core.ToldKind

/** Nobody fetches while much happens. */
class QueueTest {
    @get:Rule
    val sessions = Sessions()

    @Test
    fun whatAFullQueueLosesIsCountedAndTold() {
        val agent = sessions.open()
        agent.start()
        eventually("a look") { agent.stats().polls > 1 }
        val began = System.nanoTime()
        while (agent.stats().dropped == 0L) {
            assertTrue("nothing was lost", System.nanoTime() - began < 120_000_000_000)
            sockets(500).let { open ->
                looks(agent)
                open.forEach { it.close() }
                looks(agent)
            }
        }
        val told = generateSequence { agent.nextEvents(0)?.ifEmpty { null } }.flatten().toList()
        val drop = told.filter { it.kind == ToldKind.DROP }
        assertTrue("${told.size} were told, and no loss", drop.isNotEmpty())
        assertTrue(drop.first().text, drop.first().text.any { it.isDigit() })
        assertTrue("the first thing is still there", told.any { it.kind == ToldKind.STARTED })

        val dropped = agent.stats().dropped
        sockets(1).forEach { it.close() }
        looks(agent)
        agent.nextEvents(1_000)
        assertEquals("whoever fetches loses nothing more", dropped, agent.stats().dropped)
    }

    private fun sockets(count: Int): List<DatagramChannel> = List(count) {
        DatagramChannel.open().connect(InetSocketAddress("127.0.0.1", 9))
    }

    /** Two looks from now on. */
    private fun looks(agent: Agent) {
        val polls = agent.stats().polls
        eventually("two looks") { agent.stats().polls >= polls + 2 }
    }
}
