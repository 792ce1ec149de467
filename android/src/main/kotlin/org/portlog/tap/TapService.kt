package org.portlog.tap

import android.annotation.TargetApi
import android.content.Context
import android.content.Intent
import android.net.VpnService
import android.os.Build
import android.os.Handler
import android.os.Looper
import android.os.ParcelFileDescriptor
import android.system.OsConstants
import org.portlog.R
import org.portlog.core.TapBegin
import org.portlog.core.TapEnd
import org.portlog.service.Core
import org.portlog.service.ScreenIntents

/**
 * The DNS tap: a VPN to Android, through which nothing goes but questions to its own DNS servers.
 *
 * It is set up once and stays as it is, whatever network is below: setting it up and tearing it down
 * cuts connections. The system binds it while it is up, so it needs no notification of its own;
 * Android shows a key.
 */
class TapService : VpnService() {
    private lateinit var core: Core
    private var run: TapRun? = null

    /** Whether it is the phone's always-on VPN, as far as Android tells. */
    internal val alwaysOn: Boolean
        get() = Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q && isAlwaysOnVpn()

    /** Whether nothing passes beside it. */
    internal val lockdown: Boolean
        get() = Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q && isLockdownVpn()

    override fun onCreate() {
        super.onCreate()
        core = Core.of(this)
    }

    override fun onStartCommand(intent: Intent?, flags: Int, startId: Int): Int {
        if (run == null && !begin(begunBy(intent))) {
            stopSelf()
            return START_NOT_STICKY
        }
        return START_STICKY
    }

    /** Another VPN began, or the user took the consent back. Not always on the main thread. */
    override fun onRevoke() {
        Handler(Looper.getMainLooper()).post { end(TapEnd.REVOKED) }
    }

    override fun onDestroy() {
        end(TapEnd.SYSTEM)
        super.onDestroy()
    }

    /** Ends the tap, and the service with it. */
    internal fun end(end: TapEnd) {
        val run = run ?: return
        this.run = null
        current = null
        if (end != TapEnd.SYSTEM) {
            TapSettings(this).apply {
                wanted = false
                ended = end
            }
        }
        run.end(end)
        core.publish(emptyList())
        stopSelf()
    }

    private fun begin(by: TapBegin): Boolean {
        val settings = TapSettings(this)
        val wanted = when (by) {
            TapBegin.USER -> true
            // The user chose it in the system's settings, which is consent.
            TapBegin.ALWAYS_ON -> true
            TapBegin.AGAIN -> settings.wanted && Tap.mayGoOn(this)
        }
        val device = if (wanted && Tap.isSupported) establish() else null
        if (device == null) {
            if (by != TapBegin.AGAIN) settings.ended = TapEnd.REVOKED
            settings.wanted = false
            core.publish(emptyList())
            return false
        }
        settings.wanted = true
        settings.ended = null
        run = TapRun(this, core, device, by, ::broke).also { it.begin() }
        current = this
        core.publish(emptyList())
        return true
    }

    /** A run ended by itself. */
    private fun broke(broken: TapRun) {
        Handler(Looper.getMainLooper()).post { if (run === broken) end(TapEnd.SYSTEM) }
    }

    /** The TUN device; `null` where there is no consent, or the system has none to give. */
    @TargetApi(Build.VERSION_CODES.LOLLIPOP)
    private fun establish(): ParcelFileDescriptor? = try {
        build(TunAddress.V4, TunAddress.V6).establish()
    } catch (_: IllegalStateException) {
        // A kernel without IPv6.
        withV4Alone()
    } catch (_: IllegalArgumentException) {
        withV4Alone()
    } catch (_: SecurityException) {
        null
    }

    private fun withV4Alone(): ParcelFileDescriptor? = try {
        build(TunAddress.V4).establish()
    } catch (_: RuntimeException) {
        null
    }

    @TargetApi(Build.VERSION_CODES.LOLLIPOP)
    private fun build(vararg addresses: TunAddress): Builder {
        val builder = Builder()
            .setSession(getString(R.string.tap_session))
            .setMtu(MTU)
            .setConfigureIntent(ScreenIntents.pending(this, ScreenIntents.tap(this)))
            // What has no route here goes its own way, in both families.
            .allowFamily(OsConstants.AF_INET)
            .allowFamily(OsConstants.AF_INET6)
            .allowBypass()
            .setBlocking(false)
            // Our own questions on the network below must not come back to us.
            .addDisallowedApplication(packageName)
        for (address in addresses) {
            builder.addAddress(address.device, address.bits)
                .addDnsServer(address.server)
                .addRoute(address.server, address.bits)
        }
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.LOLLIPOP_MR1) followNetwork(builder)
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) asMeteredAsBelow(builder)
        return builder
    }

    /** `null` is the network that is the default, whichever that is. */
    @TargetApi(Build.VERSION_CODES.LOLLIPOP_MR1)
    private fun followNetwork(builder: Builder) {
        builder.setUnderlyingNetworks(null)
    }

    @TargetApi(Build.VERSION_CODES.Q)
    private fun asMeteredAsBelow(builder: Builder) {
        builder.setMetered(false)
    }

    @TargetApi(Build.VERSION_CODES.Q)
    private fun isAlwaysOnVpn(): Boolean = isAlwaysOn

    @TargetApi(Build.VERSION_CODES.Q)
    private fun isLockdownVpn(): Boolean = isLockdownEnabled

    internal companion object {
        /** The largest packet: what every network below takes. */
        const val MTU = 1_500

        private const val EXTRA_BY = "by"

        /** The service while the tap is on. */
        @Volatile
        var current: TapService? = null
            private set

        fun intent(context: Context, by: TapBegin): Intent =
            Intent(context, TapService::class.java).putExtra(EXTRA_BY, by.name)

        // Without an intent the system brings back what it had ended.
        private fun begunBy(intent: Intent?): TapBegin {
            if (intent?.action == SERVICE_INTERFACE) return TapBegin.ALWAYS_ON
            val name = intent?.getStringExtra(EXTRA_BY)
            return TapBegin.entries.find { it.name == name } ?: TapBegin.AGAIN
        }
    }
}
