package org.portlog.tap

import android.annotation.TargetApi
import android.content.Context
import android.content.Intent
import android.net.ConnectivityManager
import android.net.NetworkCapabilities
import android.net.VpnService
import android.os.Build
import org.portlog.core.TapBegin
import org.portlog.core.TapEnd
import org.portlog.core.TapRequest
import org.portlog.service.Core

/**
 * The DNS tap as the rest of the app knows it: whether this phone can have it, whether it is on, and
 * the way to switch it.
 */
object Tap {
    /** Android 4.4 has VPNs, but none that leaves everything else alone. */
    val isSupported: Boolean = Build.VERSION.SDK_INT >= Build.VERSION_CODES.LOLLIPOP

    /** Whether it is on. */
    val isOn: Boolean get() = TapService.current != null

    /** Whether the user made it the phone's always-on VPN (Android 10 and later tell). */
    val isAlwaysOn: Boolean get() = TapService.current?.alwaysOn == true

    /**
     * Whether Android lets nothing pass but this VPN, through which nothing goes but names: the phone
     * is then offline.
     */
    val isLockdown: Boolean get() = TapService.current?.lockdown == true

    /** Whether another app's VPN is active. */
    fun otherVpn(context: Context): Boolean = isSupported && othersVpn(context)

    /**
     * What has to be asked of the user before [start]; `null` where that was done before. It is for a
     * user who wants the tap: another VPN ends here, asked or not.
     */
    fun consent(context: Context): Intent? = VpnService.prepare(context)

    /** Switches it on, for a user who gave consent. `false` where the system does not allow it now. */
    fun start(context: Context): Boolean {
        TapSettings(context).apply {
            wanted = true
            ended = null
        }
        return start(context, TapBegin.USER)
    }

    /** Switches it off. */
    fun stop(context: Context) {
        TapSettings(context).apply {
            wanted = false
            ended = TapEnd.USER
        }
        TapService.current?.end(TapEnd.USER)
    }

    /** Brings it back where it is wanted and the process had ended; never in another VPN's place. */
    fun again(context: Context) {
        if (!isSupported || isOn || !TapSettings(context).wanted) return
        if (mayGoOn(context)) start(context, TapBegin.AGAIN)
    }

    /** Whether nobody took the tap's place while it was away; that it was taken is kept. */
    internal fun mayGoOn(context: Context): Boolean {
        val may = !otherVpn(context) && VpnService.prepare(context) == null
        if (!may) {
            TapSettings(context).apply {
                wanted = false
                ended = TapEnd.REVOKED
            }
        }
        return may
    }

    /** Tells the core whether another VPN has the place that the tap would need. */
    fun look(context: Context) {
        if (!isSupported || isOn) return
        val other = otherVpn(context)
        Core.of(context).ask({ it.tap(TapRequest.OtherVpn(other)) })
    }

    private fun start(context: Context, by: TapBegin): Boolean = try {
        context.startService(TapService.intent(context, by)) != null
    } catch (_: IllegalStateException) {
        // From 26 on, in the background. The watch brings it back when it runs.
        false
    }

    @TargetApi(Build.VERSION_CODES.LOLLIPOP)
    private fun othersVpn(context: Context): Boolean {
        val connectivity =
            context.getSystemService(Context.CONNECTIVITY_SERVICE) as ConnectivityManager
        @Suppress("DEPRECATION")
        return connectivity.allNetworks.any { network ->
            val isVpn = connectivity.getNetworkCapabilities(network)
                ?.hasTransport(NetworkCapabilities.TRANSPORT_VPN) == true
            // Ours is known by its address, also where it is only just going.
            isVpn && connectivity.getLinkProperties(network)?.linkAddresses.orEmpty()
                .none { TunAddress.isDevice(it.address) }
        }
    }
}
