package org.portlog.tap

import android.annotation.TargetApi
import android.content.Context
import android.net.ConnectivityManager
import android.net.LinkProperties
import android.net.Network
import android.net.NetworkCapabilities
import android.net.NetworkRequest
import android.os.Build
import java.net.Inet6Address
import java.net.InetAddress
import java.net.NetworkInterface
import java.net.SocketException
import org.portlog.core.Octets
import org.portlog.core.PrivateDns
import org.portlog.core.TapNetwork

/**
 * The network below the tap: the phone's default one, which for this app is never the tap itself, as
 * it is excluded from it. [changed] is called on one of Android's threads.
 */
@TargetApi(Build.VERSION_CODES.LOLLIPOP)
internal class NetworkBelow(context: Context, private val changed: () -> Unit) :
    ConnectivityManager.NetworkCallback() {

    private val connectivity =
        context.getSystemService(Context.CONNECTIVITY_SERVICE) as ConnectivityManager
    private val known = LinkedHashMap<Network, LinkProperties>()
    private var listening = false

    fun begin() {
        listening = true
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.N) {
            followDefault()
        } else {
            val request = NetworkRequest.Builder()
                .addCapability(NetworkCapabilities.NET_CAPABILITY_INTERNET)
                .addCapability(NetworkCapabilities.NET_CAPABILITY_NOT_VPN)
                .build()
            connectivity.registerNetworkCallback(request, this)
        }
    }

    fun end() {
        if (listening) connectivity.unregisterNetworkCallback(this)
        listening = false
    }

    /** Which one it is now; `null` where there is none. */
    fun current(): Network? = synchronized(known) { chosen() }

    /** What the core is told of it. */
    fun network(): TapNetwork {
        val properties = synchronized(known) { chosen()?.let { known[it] } }
            ?: return TapNetwork(emptyList(), 0, PrivateDns.UNKNOWN)
        return TapNetwork(
            servers = properties.dnsServers.filterNot { TunAddress.isServer(it) }
                .map { it.octets() },
            scope = scope(properties),
            privateDns = privateDns(properties),
        )
    }

    override fun onLinkPropertiesChanged(network: Network, properties: LinkProperties) {
        synchronized(known) { known[network] = properties }
        changed()
    }

    override fun onAvailable(network: Network) {
        // The default one is one at a time; its properties may follow, or be there already.
        val properties = connectivity.getLinkProperties(network)
        synchronized(known) {
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.N) known.clear()
            if (properties != null) known[network] = properties
        }
        changed()
    }

    override fun onLost(network: Network) {
        synchronized(known) { known.remove(network) }
        changed()
    }

    @TargetApi(Build.VERSION_CODES.N)
    private fun followDefault() = connectivity.registerDefaultNetworkCallback(this)

    /** Before 24 all networks are told: that of the kind which is the default, else the latest. */
    private fun chosen(): Network? {
        if (known.size < 2) return known.keys.firstOrNull()
        @Suppress("DEPRECATION")
        val type = connectivity.activeNetworkInfo?.type
        @Suppress("DEPRECATION")
        return known.keys.lastOrNull { connectivity.getNetworkInfo(it)?.type == type }
            ?: known.keys.last()
    }

    private fun scope(properties: LinkProperties): Int {
        val own = properties.dnsServers.filterIsInstance<Inet6Address>()
            .firstOrNull { it.scopeId > 0 }?.scopeId
        return own ?: try {
            properties.interfaceName?.let { NetworkInterface.getByName(it) }?.index ?: 0
        } catch (_: SocketException) {
            0
        }
    }

    private fun privateDns(properties: LinkProperties): PrivateDns =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) told(properties)
        else PrivateDns.UNKNOWN

    @TargetApi(Build.VERSION_CODES.P)
    private fun told(properties: LinkProperties): PrivateDns = when {
        properties.privateDnsServerName != null -> PrivateDns.STRICT
        properties.isPrivateDnsActive -> PrivateDns.AUTOMATIC
        else -> PrivateDns.OFF
    }
}

/** Its bytes, without a zone. */
internal fun InetAddress.octets(): Octets = Octets(address)
