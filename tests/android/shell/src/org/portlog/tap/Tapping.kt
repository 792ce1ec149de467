package org.portlog.tap

import android.content.Context
import android.content.Intent
import android.net.ConnectivityManager
import android.net.LinkAddress
import android.net.LinkProperties
import android.net.Network
import android.net.NetworkCapabilities
import android.net.NetworkInfo
import android.os.Build
import java.net.InetAddress
import org.junit.rules.ExternalResource
import org.portlog.core.TapBegin
import org.portlog.packets.Datagram
import org.portlog.packets.Wire
import org.portlog.packets.question
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ServiceController
import org.robolectric.shadows.ShadowNetwork
import org.robolectric.shadows.ShadowNetworkCapabilities

/** The tap's service as the system runs it, with a wire in the place of the TUN device. */
class Tapping : ExternalResource() {
    private val context get() = RuntimeEnvironment.getApplication()
    private val wires = mutableListOf<Wire>()
    private var running: ServiceController<TapService>? = null
    private val connectivity
        get() = context.getSystemService(Context.CONNECTIVITY_SERVICE) as ConnectivityManager

    internal val settings: TapSettings get() = TapSettings(context)

    /** A device that the system has to give, and its other end. */
    fun wire(): Wire = Wire().also {
        wires += it
        TheSystem.devices += Device(it.number)
    }

    /** Gives the service [intent], as the system does; `null` is a start after it was ended. */
    fun deliver(intent: Intent?): Int {
        val controller = running
            ?: Robolectric.buildService(TapService::class.java, intent).create()
                .also { running = it }
        return controller.get().onStartCommand(intent, 0, 1)
    }

    fun start(by: TapBegin = TapBegin.USER): Int = deliver(TapService.intent(context, by))

    val service: TapService get() = requireNotNull(running).get()

    /** The service is gone, as with its process. */
    fun die() {
        running?.destroy()
        running = null
    }

    /** The phone comes to a network that has these DNS servers. */
    fun network(id: Int, vararg servers: String, privateDns: String? = null): Network {
        val network = ShadowNetwork.newInstance(id)
        val properties = LinkProperties().apply {
            interfaceName = "lo"
            servers.forEach { addDnsServer(InetAddress.getByName(it)) }
            if (privateDns != null) privateDns(this, privateDns)
        }
        shadowOf(connectivity).apply {
            addNetwork(network, requireNotNull(connectivity.activeNetworkInfo))
            setLinkProperties(network, properties)
            networkCallbacks.forEach {
                it.onAvailable(network)
                it.onLinkPropertiesChanged(network, properties)
            }
        }
        return network
    }

    private fun privateDns(properties: LinkProperties, server: String) {
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.P) return
        properties.setUsePrivateDns(true)
        if (server.isNotEmpty()) properties.privateDnsServerName = server
    }

    /** The network is gone. */
    fun lose(network: Network) =
        shadowOf(connectivity).networkCallbacks.forEach { it.onLost(network) }

    /** A VPN is up that has this address. */
    fun vpn(address: String) {
        val network = ShadowNetwork.newInstance(VPN)
        val capabilities = ShadowNetworkCapabilities.newInstance()
        shadowOf(capabilities).addTransportType(NetworkCapabilities.TRANSPORT_VPN)
        val info: NetworkInfo = requireNotNull(connectivity.activeNetworkInfo)
        shadowOf(connectivity).apply {
            addNetwork(network, info)
            setNetworkCapabilities(network, capabilities)
            setLinkProperties(
                network,
                LinkProperties().apply {
                    addLinkAddress(LinkAddress(InetAddress.getByName(address), 32))
                },
            )
        }
    }

    /** No VPN is up. */
    fun noVpn() = shadowOf(connectivity).removeNetwork(ShadowNetwork.newInstance(VPN))

    override fun before() {
        TheSystem.reset()
        consent(context, given = true)
    }

    override fun after() {
        die()
        wires.forEach { it.close() }
    }

    companion object {
        private const val VPN = 77

        /** A question of an app to the tap's server over IPv4, from a port of its own. */
        fun asked(name: String, port: Int) = Datagram(
            TunAddress.V4.device.address.map { it.toInt() and 0xff },
            port,
            TunAddress.V4.server.address.map { it.toInt() and 0xff },
            53,
            question(name, port),
        )
    }
}
