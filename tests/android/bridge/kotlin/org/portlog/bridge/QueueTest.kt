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
        val dropped = agent.stats().dropped
        val kept = checkNotNull(agent.nextEvents(0))
        assertEquals("what came first is there", ToldKind.STARTED, kept.first().kind)
        assertTrue("${kept.size}, and no more", kept.size in 1_000..20_000)

        // The loss is told where the lost ones are missing: before what comes next.
        sockets(1).forEach { it.close() }
        val told = agent.await("the loss") { it.kind == ToldKind.DROP }
        val lost = told.text.filter { it.isDigit() }.toLong()
        assertTrue("${told.text}: $dropped or more", lost >= dropped)
        looks(agent)
        agent.nextEvents(1_000)
        assertEquals("whoever fetches loses nothing more", lost, agent.stats().dropped)
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
