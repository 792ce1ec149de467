package org.portlog.feeds

import android.annotation.TargetApi
import android.app.AppOpsManager
import android.app.usage.NetworkStats
import android.app.usage.NetworkStatsManager
import android.content.Context
import android.net.ConnectivityManager
import android.net.TrafficStats
import android.os.Build
import android.os.Process
import android.os.RemoteException
import android.os.SystemClock
import org.portlog.core.UidBytes

/**
 * Bytes by UID since the phone started, where Android tells.
 *
 * Up to 5.1 any app may ask for any UID; from 6 the system's statistics need Usage access, and have
 * blocks of two hours. Without it nothing is told, which is not "no bytes".
 */
class Counters(private val context: Context) {
    // Fixed for the life of the process, so that later readings never fall below earlier ones.
    private val since = System.currentTimeMillis() - SystemClock.elapsedRealtime()

    /** A reading for [uids] and the system's own; empty where nothing is told. */
    fun read(uids: Set<Int>): List<UidBytes> = when {
        Build.VERSION.SDK_INT < Build.VERSION_CODES.M -> fromTrafficStats(uids + SYSTEM_UIDS)
        UsageAccess.granted(context) -> fromStatistics()
        else -> emptyList()
    }

    private fun fromTrafficStats(uids: Set<Int>): List<UidBytes> = uids.mapNotNull { uid ->
        val received = TrafficStats.getUidRxBytes(uid)
        val sent = TrafficStats.getUidTxBytes(uid)
        if (received <= 0 && sent <= 0) null else UidBytes(uid, maxOf(received, 0), maxOf(sent, 0))
    }

    @TargetApi(Build.VERSION_CODES.M)
    private fun fromStatistics(): List<UidBytes> {
        val manager =
            context.getSystemService(Context.NETWORK_STATS_SERVICE) as? NetworkStatsManager
                ?: return emptyList()
        val sums = sortedMapOf<Int, UidBytes>()
        for (network in NETWORKS) {
            try {
                val now = System.currentTimeMillis()
                @Suppress("DEPRECATION")
                manager.querySummary(network, null, since, now)?.let { add(it, sums) }
            } catch (_: RemoteException) {
                continue
            } catch (_: SecurityException) {
                continue
            } catch (_: RuntimeException) {
                // Below 10 mobile statistics need an identity that the app does not ask for.
                continue
            }
        }
        return sums.values.toList()
    }

    @TargetApi(Build.VERSION_CODES.M)
    private fun add(summary: NetworkStats, sums: MutableMap<Int, UidBytes>) {
        try {
            val bucket = NetworkStats.Bucket()
            while (summary.hasNextBucket()) {
                if (!summary.getNextBucket(bucket) || bucket.uid < 0) continue
                val sum = sums[bucket.uid] ?: UidBytes(bucket.uid, 0, 0)
                sums[bucket.uid] =
                    UidBytes(bucket.uid, sum.received + bucket.rxBytes, sum.sent + bucket.txBytes)
            }
        } finally {
            summary.close()
        }
    }

    private companion object {
        @Suppress("DEPRECATION")
        val NETWORKS = listOf(ConnectivityManager.TYPE_WIFI, ConnectivityManager.TYPE_MOBILE)

        /** Daemons have no package, and the list of packages no UID of theirs. */
        val SYSTEM_UIDS: List<Int> = listOf(0) + (1000..1073) + listOf(2000)
    }
}

/** Usage access, which statistics of other apps need (Android 6 and later). */
object UsageAccess {
    fun granted(context: Context): Boolean {
        val operations = context.getSystemService(Context.APP_OPS_SERVICE) as AppOpsManager
        return Build.VERSION.SDK_INT >= Build.VERSION_CODES.LOLLIPOP &&
            mode(operations, context.packageName) == AppOpsManager.MODE_ALLOWED
    }

    @TargetApi(Build.VERSION_CODES.LOLLIPOP)
    private fun mode(operations: AppOpsManager, name: String): Int {
        @Suppress("DEPRECATION")
        return operations.checkOpNoThrow(
            AppOpsManager.OPSTR_GET_USAGE_STATS,
            Process.myUid(),
            name,
        )
    }
}
