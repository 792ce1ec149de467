package org.portlog.tap

import android.content.Context
import android.net.ConnectivityManager
import android.net.DnsResolver
import android.net.Network
import android.net.VpnService
import android.os.CancellationSignal
import android.os.ParcelFileDescriptor
import com.android.internal.net.VpnConfig
import java.net.InetAddress
import java.net.InetSocketAddress
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.Executor
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.annotation.RealObject
import org.robolectric.shadows.ShadowConnectivityManager
import org.robolectric.shadows.ShadowVpnService
import org.robolectric.util.ReflectionHelpers

/*
 * The system's part, which no framework has in it: devices, the resolver, and whose a socket is.
 */

/** What the system would do, and what was asked of it; the same for every test, made anew by each. */
object TheSystem {
    /** Devices that it has to give, oldest first. */
    val devices = ArrayDeque<ParcelFileDescriptor>()

    /** What the tap wanted, each time that it was set up. */
    val built = CopyOnWriteArrayList<Built>()

    /** What is looked up where: the network and the message. */
    val questions = CopyOnWriteArrayList<Pair<Network, ByteArray>>()

    /** Its answer to a message; `null` is none. */
    @Volatile
    var resolver: (ByteArray) -> ByteArray? = { null }

    /** Ends of sockets that it was asked about: protocol, local, remote. */
    val flows = CopyOnWriteArrayList<Triple<Int, InetSocketAddress, InetSocketAddress>>()

    /** Whose the sockets are; -1 is nobody's. */
    @Volatile
    var owner = -1

    @Volatile
    var alwaysOn = false

    @Volatile
    var lockdown = false

    fun reset() {
        devices.clear()
        built.clear()
        questions.clear()
        flows.clear()
        resolver = { null }
        owner = -1
        alwaysOn = false
        lockdown = false
    }
}

/** A VPN that was set up: what is told of it, and what goes through it. */
class Built(val config: VpnConfig, val routes: Set<String>)

/** A device with a number, to be detached once. */
class Device(private val number: Int) : ParcelFileDescriptor(createPipe()[0]) {
    override fun detachFd(): Int = number
}

@Implements(VpnService.Builder::class)
class ShadowBuilder {
    @RealObject
    private lateinit var builder: VpnService.Builder

    private val routes = mutableSetOf<String>()

    /** The framework's own needs fields that only Android's Java has. */
    @Implementation
    fun addRoute(address: InetAddress, bits: Int): VpnService.Builder {
        routes += "${address.hostAddress}/$bits"
        return builder
    }

    /** Asks whether there is such an app, of a service that Robolectric lacks. */
    @Implementation
    @Suppress("UNUSED_PARAMETER")
    fun verifyApp(name: String) = Unit

    @Implementation
    fun establish(): ParcelFileDescriptor? {
        val config: VpnConfig = ReflectionHelpers.getField(builder, "mConfig")
        config.addresses = ReflectionHelpers.getField(builder, "mAddresses")
        TheSystem.built += Built(config, routes)
        return TheSystem.devices.removeFirstOrNull()
    }
}

@Implements(VpnService::class)
class ShadowTap : ShadowVpnService() {
    @Implementation(minSdk = 29)
    fun isAlwaysOn(): Boolean = TheSystem.alwaysOn

    @Implementation(minSdk = 29)
    fun isLockdownEnabled(): Boolean = TheSystem.lockdown
}

@Implements(ConnectivityManager::class)
class ShadowConnections : ShadowConnectivityManager() {
    @Implementation(minSdk = 29)
    fun getConnectionOwnerUid(
        protocol: Int,
        local: InetSocketAddress,
        remote: InetSocketAddress,
    ): Int {
        TheSystem.flows += Triple(protocol, local, remote)
        return TheSystem.owner
    }
}

@Implements(DnsResolver::class, minSdk = 29)
class ShadowResolver {
    @Implementation
    fun rawQuery(
        network: Network,
        query: ByteArray,
        @Suppress("UNUSED_PARAMETER") flags: Int,
        executor: Executor,
        @Suppress("UNUSED_PARAMETER") cancellation: CancellationSignal?,
        callback: DnsResolver.Callback<in ByteArray>,
    ) {
        TheSystem.questions += network to query
        executor.execute {
            val answer = TheSystem.resolver(query)
            if (answer == null) {
                callback.onError(
                    ReflectionHelpers.callConstructor(
                        DnsResolver.DnsException::class.java,
                        ReflectionHelpers.ClassParameter.from(Int::class.java, 1),
                        ReflectionHelpers.ClassParameter.from(Throwable::class.java, null),
                    ),
                )
            } else {
                callback.onAnswer(answer, 0)
            }
        }
    }
}

/** Says what [VpnService.prepare] has to answer: `null` is consent. */
fun consent(context: Context, given: Boolean) = ShadowVpnService.setPrepareResult(
    if (given) null else android.content.Intent("consent").setPackage(context.packageName),
)
