package org.portlog.bridge

import java.net.InetAddress
import java.net.ServerSocket
import java.util.Collections
import java.util.concurrent.Callable
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicInteger
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.portlog.core.Agent
import org.portlog.core.BoardQuery
import org.portlog.core.HistoryQuery
import org.portlog.core.MuteRule

/** Several threads in one session. */
class ThreadsTest {
    @get:Rule
    val sessions = Sessions()

    private val threads = Executors.newCachedThreadPool()

    @After
    fun endThreads() {
        threads.shutdownNow()
        assertTrue("a thread hangs", threads.awaitTermination(10, TimeUnit.SECONDS))
    }

    @Test
    fun closeEndsEveryFetchThatWaits() {
        val agent = sessions.open()
        agent.drain()
        val fetches = List(3) {
            threads.submit(Callable { agent.nextEvents(60_000) ?: CLOSED })
        }
        Thread.sleep(300)
        assertTrue("they wait", fetches.none { it.isDone })
        val closing = System.nanoTime()
        agent.close()
        for (fetch in fetches) assertEquals(CLOSED, fetch.get(5, TimeUnit.SECONDS))
        assertTrue("at once", seconds(closing) < 5)
        assertNull("and from then on", agent.nextEvents(60_000))
    }

    @Test
    fun aFetchThatWaitsKeepsNobodyElse() {
        val agent = sessions.open()
        agent.drain()
        val fetch = threads.submit(Callable { agent.nextEvents(60_000) ?: CLOSED })
        Thread.sleep(100)
        val began = System.nanoTime()
        agent.snapshot(BoardQuery())
        agent.stats()
        agent.alerts(true)
        agent.setSettings(sessions.settings())
        assertTrue("they took ${seconds(began)} s", seconds(began) < 5)
        agent.close()
        fetch.get(5, TimeUnit.SECONDS)
    }

    @Test
    fun aFetchWaitsAsLongAsItWasTold() {
        val agent = sessions.open()
        agent.drain()
        for (timeout in longArrayOf(0, -1, Long.MIN_VALUE)) {
            val began = System.nanoTime()
            assertEquals(emptyList<Any>(), agent.nextEvents(timeout))
            assertTrue("$timeout: ${seconds(began)} s", seconds(began) < 2)
        }
        val began = System.nanoTime()
        assertEquals(emptyList<Any>(), agent.nextEvents(400))
        assertTrue("${seconds(began)} s", seconds(began) in 0.39..5.0)
    }

    @Test
    fun severalThreadsAskWhileSocketsComeAndGo() {
        val agent = sessions.open()
        agent.start()
        val running = AtomicBoolean(true)
        val told = AtomicInteger()
        val faults = Collections.synchronizedList(ArrayList<Throwable>())
        fun loop(body: () -> Unit) = threads.submit {
            try {
                while (running.get()) body()
            } catch (thrown: Throwable) {
                faults.add(thrown)
            }
        }
        loop { told.addAndGet(assertNotNullFetch(agent)) }
        loop {
            agent.snapshot(BoardQuery())
            agent.stats()
        }
        loop {
            agent.alerts(true)
            agent.history(HistoryQuery())
            agent.mute(MuteRule.Remote("203.0.113.7"), true)
            agent.mute(MuteRule.Remote("203.0.113.7"), false)
            Thread.sleep(5)
        }
        val deadline = System.nanoTime() + 3_000_000_000
        while (System.nanoTime() < deadline) {
            ServerSocket(0, 1, InetAddress.getByName("127.0.0.1")).use { Thread.sleep(300) }
        }
        running.set(false)
        threads.shutdown()
        assertTrue("all end", threads.awaitTermination(20, TimeUnit.SECONDS))
        assertEquals(emptyList<Throwable>(), faults.toList())
        assertTrue("sockets were told of: ${told.get()}", told.get() > 2)
    }

    private fun assertNotNullFetch(agent: Agent): Int {
        val events = agent.nextEvents(200)
        assertNotNull(events)
        return events.orEmpty().size
    }

    private fun Agent.drain() {
        while (nextEvents(0).orEmpty().isNotEmpty()) continue
    }

    private fun seconds(since: Long): Double = (System.nanoTime() - since) / 1e9

    private companion object {
        const val CLOSED = "closed"
    }
}
