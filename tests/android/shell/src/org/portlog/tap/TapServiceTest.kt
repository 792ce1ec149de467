package org.portlog.tap

import android.app.Service
import android.content.Intent
import android.net.VpnService
import android.os.Build
import java.net.DatagramPacket
import java.net.DatagramSocket
import java.net.InetAddress
import java.net.SocketException
import kotlin.concurrent.thread
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.RuleChain
import org.junit.runner.RunWith
import org.portlog.core.BoardQuery
import org.portlog.core.PrivateDns
import org.portlog.core.TapBegin
import org.portlog.core.TapEnd
import org.portlog.core.TapRequest
import org.portlog.core.TapStanding
import org.portlog.core.TapView
import org.portlog.core.ToldKind
import org.portlog.packets.Datagram
import org.portlog.packets.Wire
import org.portlog.packets.answer
import org.portlog.service.Watching
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** The DNS tap's service, from the system's start to its end, over the real core and real packets. */
@RunWith(RobolectricTestRunner::class)
@Config(
    sdk = [23, 28, 29, 34, 35],
    shadows = [
        ShadowBuilder::class,
        ShadowTap::class,
        ShadowConnections::class,
        ShadowResolver::class,
    ],
)
class TapServiceTest {
    private val watch = Watching()
    private val tap = Tapping()

    @get:Rule
    val rules: RuleChain = RuleChain.outerRule(watch).around(tap)

    private val pulls = Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q

    private fun view(): TapView = watch.ask { it.tap(TapRequest.Look) }

    private fun begun(by: TapBegin = TapBegin.USER): Wire = tap.wire().also {
        assertEquals(Service.START_STICKY, tap.start(by))
        watch.eventually("it runs") { view().since != null }
    }

    /** What the history has of the tap, newest first. */
    private fun turned(): List<String> =
        watch.history(ToldKind.CONFIG).map { it.text }.filter { "dns-tap" in it }

    @Test
    fun `it takes nothing but questions to its own servers, in both families`() {
        begun()
        val built = TheSystem.built.single()
        val config = built.config
        assertEquals("Portlog, DNS tap", config.session)
        assertEquals(1_500, config.mtu)
        val servers = listOf("10.254.253.1", "fd70:6f72:746c:6f67:0:0:0:1")
        assertEquals(servers, config.dnsServers.map { InetAddress.getByName(it).hostAddress })
        assertEquals(setOf("${servers[0]}/32", "${servers[1]}/128"), built.routes)
        assertEquals(
            setOf("10.254.253.2/32", "fd70:6f72:746c:6f67:0:0:0:2/128"),
            config.addresses.map { "${it.address.hostAddress}/${it.prefixLength}" }.toSet(),
        )
        assertTrue(config.allowBypass && config.allowIPv4 && config.allowIPv6)
        assertFalse(config.blocking)
        assertEquals(listOf(watch.application.packageName), config.disallowedApplications)
        assertNull(config.allowedApplications)
        assertNull(config.underlyingNetworks)
        if (pulls) assertFalse(config.isMetered)
        val shown = shadowOf(config.configureIntent).savedIntent
        assertEquals("org.portlog.screens.TapActivity", shown.component?.className)
    }

    @Test
    fun `a question is answered by the network below, and who asked is looked up`() {
        val message = Tapping.asked("host.test", 40_001)
        val told = answer(message.payload, listOf(203, 0, 113, 7))
        TheSystem.resolver = { told }
        TheSystem.owner = 10_023
        val wire = begun()
        if (!pulls) return
        val network = tap.network(5, "192.0.2.53")
        wire.send(message.packet())
        assertArrayEquals(told, Datagram.of(wire.receive()).payload)
        // What was asked before the network came is asked again.
        assertEquals(setOf(network), TheSystem.questions.map { it.first }.toSet())
        assertArrayEquals(message.payload, TheSystem.questions.first().second)
        watch.eventually("it is counted") { view().answered == 1L }
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.R) {
            assertEquals(emptyList<Any>(), TheSystem.flows)
        } else {
            watch.eventually("the asker is looked up") { TheSystem.flows.isNotEmpty() }
            val (protocol, local, remote) = TheSystem.flows.first()
            assertEquals(17, protocol)
            assertEquals("10.254.253.2:40001", "${local.address.hostAddress}:${local.port}")
            assertEquals("10.254.253.1:53", "${remote.address.hostAddress}:${remote.port}")
        }
    }

    @Test
    fun `what cannot be resolved is told to who asked`() {
        val wire = begun()
        // On old phones nobody listens there; on new ones there is no network, and then no answer.
        if (!pulls) tap.network(5, "127.0.0.99")
        wire.send(Tapping.asked("host.test", 40_002).packet())
        assertEquals("SERVFAIL", 2, Datagram.of(wire.receive()).payload[3].toInt() and 0x0f)
        if (pulls) {
            tap.network(5, "192.0.2.53")
            wire.send(Tapping.asked("other.test", 40_003).packet())
            assertEquals(2, Datagram.of(wire.receive()).payload[3].toInt() and 0x0f)
        }
        watch.eventually("it is said") { view().standing == TapStanding.FAILING }
    }

    @Test
    @Config(sdk = [23, 28])
    fun `before Android 10 it asks the network's servers itself, and says that this is clear text`() {
        val server = try {
            DatagramSocket(53, InetAddress.getByName("127.0.0.153"))
        } catch (_: SocketException) {
            // Only root has that port.
            return
        }
        thread(isDaemon = true) {
            val packet = DatagramPacket(ByteArray(1_500), 1_500)
            try {
                while (true) {
                    server.receive(packet)
                    val told = answer(packet.data.copyOf(packet.length), listOf(203, 0, 113, 8))
                    server.send(DatagramPacket(told, told.size, packet.socketAddress))
                }
            } catch (_: SocketException) {
                // Closed.
            }
        }
        server.use {
            val wire = begun()
            tap.network(5, "127.0.0.153")
            val message = Tapping.asked("host.test", 40_004)
            wire.send(message.packet())
            val back = Datagram.of(wire.receive()).payload
            assertArrayEquals(answer(message.payload, listOf(203, 0, 113, 8)), back)
            assertTrue(view().clearText)
            assertEquals(TapStanding.ANSWERING, view().standing)
        }
    }

    @Test
    fun `another network is only another way for the questions`() {
        TheSystem.resolver = { answer(it, listOf(203, 0, 113, 9)) }
        val wire = begun()
        val first = tap.network(5, "192.0.2.53", privateDns = "")
        watch.eventually("it is told") {
            view().privateDns == when {
                Build.VERSION.SDK_INT < Build.VERSION_CODES.P -> PrivateDns.UNKNOWN
                else -> PrivateDns.AUTOMATIC
            }
        }
        if (pulls) {
            assertFalse(view().clearText)
            wire.send(Tapping.asked("a.test", 40_005).packet())
            wire.receive()
        }
        tap.lose(first)
        val second = tap.network(6, "192.0.2.54", "10.254.253.1", privateDns = "dns.test")
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) {
            watch.eventually("it is told again") { view().privateDns == PrivateDns.STRICT }
        }
        if (pulls) {
            wire.send(Tapping.asked("b.test", 40_005).packet())
            wire.receive()
            assertEquals(listOf(first, second), TheSystem.questions.map { it.first }.distinct())
        }
        assertEquals("set up once", 1, TheSystem.built.size)
        assertTrue("and never cut", wire.isHeld())
        assertEquals(1, turned().size)
    }

    @Test
    fun `it ends when the user says so, and the system has the device back`() {
        val wire = begun()
        assertTrue(Tap.isOn && tap.settings.wanted)
        Tap.stop(watch.application)
        assertFalse(Tap.isOn || tap.settings.wanted)
        watch.eventually("the device is closed") { !wire.isHeld() }
        watch.eventually("it is in the history") {
            turned().let { it.size == 2 && "off: the user" in it[0] && "on: the user" in it[1] }
        }
        assertTrue(shadowOf(tap.service).isStoppedBySelf)
    }

    @Test
    fun `another VPN takes its place, and it does not come back by itself`() {
        val wire = begun()
        tap.service.onRevoke()
        watch.eventually("it has ended") { !Tap.isOn && !wire.isHeld() }
        assertEquals(TapEnd.REVOKED, tap.settings.ended)
        watch.eventually("it is in the history") { "off: another VPN" in turned().first() }
        tap.die()
        assertEquals(Service.START_NOT_STICKY, tap.deliver(null))
        assertFalse(Tap.isOn)
        assertEquals(1, TheSystem.built.size)
    }

    @Test
    fun `the system starts it as its always-on VPN`() {
        TheSystem.alwaysOn = true
        TheSystem.lockdown = true
        tap.wire()
        tap.deliver(Intent(VpnService.SERVICE_INTERFACE))
        watch.eventually("it runs") { view().since != null }
        assertTrue(tap.settings.wanted)
        assertEquals(pulls, Tap.isAlwaysOn && Tap.isLockdown)
        watch.eventually("it is in the history") { "always-on" in turned().first() }
    }

    @Test
    fun `it comes back after its process was ended`() {
        val first = begun()
        tap.die()
        watch.eventually("the first device is closed") { !first.isHeld() }
        assertTrue("it is wanted still", tap.settings.wanted)
        val second = tap.wire()
        // What the system has not taken down yet is the tap's own.
        tap.vpn("10.254.253.2")
        assertEquals(Service.START_STICKY, tap.deliver(null))
        watch.eventually("it runs again") { view().since != null && second.isHeld() }
        watch.eventually("it is in the history") { "came back" in turned().first() }
    }

    @Test
    fun `it never comes back in another VPN's place`() {
        begun()
        tap.die()
        tap.vpn("192.0.2.99")
        assertTrue(Tap.otherVpn(watch.application))
        assertEquals(Service.START_NOT_STICKY, tap.deliver(null))
        assertFalse(Tap.isOn || tap.settings.wanted)
        assertEquals(TapEnd.REVOKED, tap.settings.ended)
        tap.noVpn()
        assertFalse(Tap.otherVpn(watch.application))
    }

    @Test
    fun `without consent there is no device, and nothing is held`() {
        assertEquals(Service.START_NOT_STICKY, tap.start())
        assertFalse(Tap.isOn || tap.settings.wanted)
        assertEquals(TapStanding.OFF, view().standing)
        assertEquals(emptyList<String>(), turned())
    }

    @Test
    fun `the watch brings back what is wanted, and says in its coverage how it stands`() {
        tap.settings.wanted = true
        watch.start()
        val asked = shadowOf(watch.application).nextStartedService
        assertEquals(TapService::class.java.name, asked.component?.className)
        fun names() = watch.ask { it.snapshot(BoardQuery()) }.coverage.first { it.item == "names" }
        watch.eventually("off") { "tap is off" in names().text }
        tap.wire()
        tap.deliver(asked)
        tap.network(5, "192.0.2.53")
        watch.eventually("on") { "tap is off" !in names().text }
        watch.eventually("an event of the watch") { "came back" in turned().first() }
        Tap.stop(watch.application)
        watch.eventually("off again") { "tap is off" in names().text }
    }
}
