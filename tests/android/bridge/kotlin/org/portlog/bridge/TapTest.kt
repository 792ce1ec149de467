package org.portlog.bridge

import java.util.concurrent.FutureTask
import java.util.concurrent.TimeUnit
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.portlog.bridge.TapSamples.octets
import org.portlog.core.Agent
import org.portlog.core.BoardQuery
import org.portlog.core.DataKey
import org.portlog.core.DeviceFeed
import org.portlog.core.HistoryQuery
import org.portlog.core.LogConfig
import org.portlog.core.LogKind
import org.portlog.core.LogQuery
import org.portlog.core.LogRequest
import org.portlog.core.Octets
import org.portlog.core.PrivateDns
import org.portlog.core.Protocol
import org.portlog.core.TapBegin
import org.portlog.core.TapEnd
import org.portlog.core.TapNetwork
import org.portlog.core.TapQuestion
import org.portlog.core.TapRequest
import org.portlog.core.TapStanding
import org.portlog.core.TapStart
import org.portlog.core.ToldKind
import org.portlog.packets.Datagram
import org.portlog.packets.Wire
import org.portlog.packets.answer
import org.portlog.packets.question

/** The DNS tap by way of the bridge: real packets on a descriptor that is given away. */
class TapTest {
    @get:Rule
    val sessions = Sessions()

    private val device = listOf(192, 0, 2, 2)
    private val server = listOf(192, 0, 2, 1)

    @Test
    fun aQuestionGoesOutAndItsAnswerComesBackByteForByte() = Wire().use { wire ->
        val agent = sessions.open()
        assertEquals(TapStanding.OFF, agent.tap(TapRequest.Look).standing)
        assertEquals(TapStanding.IDLE, agent.tap(TapRequest.Start(wire.number, start())).standing)

        val message = question("host.test", 0x1234)
        wire.send(Datagram(device, 40_001, server, 53, message).packet())
        val asked = next(agent)
        assertEquals(Octets(message), asked.message)
        assertEquals(Protocol.UDP, asked.protocol)
        assertEquals(octets(192, 0, 2, 2) to 40_001, asked.local to asked.localPort)
        assertEquals(octets(192, 0, 2, 1) to 53, asked.remote to asked.remotePort)

        val told = answer(message, listOf(203, 0, 113, 7))
        agent.tap(TapRequest.Asker(asked.id, 10_023))
        agent.tap(TapRequest.Answer(asked.id, Octets(told)))
        val back = Datagram.of(wire.receive())
        assertArrayEquals(told, back.payload)
        assertEquals(listOf(server, device), listOf(back.source, back.target))
        assertEquals(listOf(53, 40_001), listOf(back.sourcePort, back.targetPort))
        val view = agent.tap(TapRequest.Look)
        assertEquals(TapStanding.ANSWERING, view.standing)
        assertEquals(listOf(1L, 1L, 0L), listOf(view.questions, view.answered, view.failed))
    }

    @Test
    fun whatCouldNotBeResolvedIsAnAnswerToo() = Wire().use { wire ->
        val agent = sessions.open()
        agent.tap(TapRequest.Start(wire.number, start()))
        wire.send(Datagram(device, 40_002, server, 53, question("no.test", 7)).packet())
        agent.tap(TapRequest.Failed(next(agent).id))
        val back = Datagram.of(wire.receive())
        assertEquals("SERVFAIL", 2, back.payload[3].toInt() and 0x0f)
        eventually("it is counted") { agent.tap(TapRequest.Look).failed == 1L }
        assertEquals(TapStanding.FAILING, agent.tap(TapRequest.Look).standing)
        // What nobody asked changes nothing.
        agent.tap(TapRequest.Failed(99))
        agent.tap(TapRequest.Answer(99, octets(1)))
        agent.tap(TapRequest.Asker(99, null))
        assertEquals(1L, agent.tap(TapRequest.Look).questions)
    }

    @Test
    fun packetsThatAreNoQuestionsDoNoHarm() = Wire().use { wire ->
        val agent = sessions.open()
        agent.tap(TapRequest.Start(wire.number, start()))
        for (size in listOf(1, 19, 20, 28, 1_500)) wire.send(ByteArray(size) { 0x45 })
        val good = Datagram(device, 40_003, server, 53, question("host.test", 1)).packet()
        for (place in good.indices) wire.send(good.copyOf().also { it[place] = (it[place] + 1).toByte() })
        wire.send(good)
        while (true) {
            val asked = next(agent)
            agent.tap(TapRequest.Answer(asked.id, Octets(answer(asked.message.bytes, listOf(192, 0, 2, 9)))))
            if (asked.localPort == 40_003 && asked.message == Octets(question("host.test", 1))) break
        }
        assertEquals("", agent.tap(TapRequest.Look).trouble)
    }

    @Test
    fun whoWaitsHearsOfTheEndAndTheDeviceIsClosed() = Wire().use { wire ->
        val agent = sessions.open()
        agent.tap(TapRequest.Start(wire.number, start()))
        val waiting = FutureTask { agent.tap(TapRequest.Next(3_600_000)) }
        Thread(waiting).start()
        assertTrue(wire.isHeld())
        val view = agent.tap(TapRequest.Stop(TapEnd.REVOKED))
        assertEquals(TapStanding.OFF, view.standing)
        assertNull(view.since)
        assertTrue(waiting.get(20, TimeUnit.SECONDS).ended)
        eventually("it is closed") { !wire.isHeld() }
        assertTrue(agent.tap(TapRequest.Next(0)).ended)
        val told = agent.history(HistoryQuery(kinds = listOf(ToldKind.CONFIG))).records.map { it.text }
        assertEquals(2, told.size)
        assertTrue(told[0], told[0].contains("dns-tap") && told[0].contains("off: another VPN"))
        assertTrue(told[1], told[1].contains("on: the user"))
    }

    @Test
    fun aSecondStartEndsTheFirstAndTheSessionsEndEndsBoth() {
        Wire().use { first ->
            Wire().use { second ->
                val agent = sessions.open()
                agent.tap(TapRequest.Start(first.number, start()))
                agent.tap(TapRequest.Start(second.number, start()))
                eventually("the first is closed") { !first.isHeld() }
                assertTrue(second.isHeld())
                agent.close()
                eventually("so is the second") { !second.isHeld() }
            }
        }
    }

    @Test
    fun theDeviceIsClosedAlsoWhereThereIsNoSession() = Wire().use { wire ->
        val agent = sessions.open()
        agent.close()
        assertThrows(IllegalStateException::class.java) {
            agent.tap(TapRequest.Start(wire.number, start()))
        }
        assertFalse(wire.isHeld())
    }

    @Test
    fun whoAsksByItselfWaitsForANetwork() = Wire().use { wire ->
        val agent = sessions.open()
        val begun = start().copy(pulled = false, network = TapNetwork(emptyList(), 0, PrivateDns.OFF))
        val view = agent.tap(TapRequest.Start(wire.number, begun))
        assertTrue("$view", view.since != null && view.clearText)
        assertFalse(agent.tap(TapRequest.Next(10)).ended)
        assertTrue("it is kept until there is one", wire.isHeld())
        // A network whose server refuses: nobody listens there.
        val nobody = TapNetwork(listOf(octets(127, 0, 0, 99)), 0, PrivateDns.OFF)
        assertEquals(TapStanding.IDLE, agent.tap(TapRequest.Network(nobody)).standing)
        wire.send(Datagram(device, 40_004, server, 53, question("host.test", 3)).packet())
        assertEquals("SERVFAIL", 2, Datagram.of(wire.receive()).payload[3].toInt() and 0x0f)
        eventually("it is said") {
            agent.tap(TapRequest.Look).standing == TapStanding.FAILING
        }
    }

    @Test
    fun coverageSaysHowItStands() = Wire().use { wire ->
        val agent = sessions.open()
        agent.start()
        agent.await("the first look") { it.kind == ToldKind.STARTED }
        fun names() = agent.snapshot(BoardQuery()).coverage.first { it.item == "names" }.text
        eventually("off") { agent.nextEvents(100) != null && names().contains("tap is off") }
        agent.tap(TapRequest.OtherVpn(true))
        eventually("another VPN") { agent.nextEvents(100) != null && names().contains("another VPN") }
        val strict = TapNetwork(listOf(octets(192, 0, 2, 53)), 0, PrivateDns.STRICT)
        agent.tap(TapRequest.Start(wire.number, start().copy(network = strict)))
        eventually("strict") { agent.nextEvents(100) != null && names().contains("Private DNS") }
        assertFalse(names(), names().contains("tap is off") || names().contains("another VPN"))
    }

    @Test
    fun turningItOnAndOffStandsInTheSignedLogWithOrWithoutAWatch() {
        val log = LogConfig(DataKey(ByteArray(DataKey.SIZE) { 7 }), DeviceFeed(model = "Example One"))
        val agent = sessions.open(sessions.config().copy(log = log))
        fun entries() = agent.log(LogRequest.Page(LogQuery(kinds = listOf(LogKind.CONFIG))))
            .rows.map { it.text }.filter { "dns-tap" in it }
        agent.start()
        agent.await("the first look") { it.kind == ToldKind.STARTED }
        Wire().use { wire ->
            agent.tap(TapRequest.Start(wire.number, start()))
            eventually("on") { entries().size == 1 }
            assertTrue(agent.stop())
            agent.tap(TapRequest.Stop(TapEnd.USER))
            eventually("off") { entries().size == 2 }
        }
        val (off, on) = entries()
        assertTrue(on, "on: the user" in on)
        assertTrue(off, "off: the user" in off)
    }

    private fun start() = TapStart(
        by = TapBegin.USER,
        mtu = 1_500,
        servers = listOf(octets(192, 0, 2, 1)),
        pulled = true,
        askers = true,
        network = TapNetwork(listOf(octets(192, 0, 2, 53)), 0, PrivateDns.OFF),
    )

    private fun next(agent: Agent): TapQuestion {
        repeat(100) {
            val pulled = agent.tap(TapRequest.Next(200))
            check(!pulled.ended) { agent.tap(TapRequest.Look).trouble }
            pulled.questions.firstOrNull()?.let { return it }
        }
        throw AssertionError("no question came")
    }

    private fun eventually(what: String, holds: () -> Boolean) {
        val deadline = System.nanoTime() + 20_000_000_000
        while (!holds()) {
            if (System.nanoTime() > deadline) throw AssertionError("never: $what")
            Thread.sleep(10)
        }
    }
}
