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
import kotlin.math.abs
import org.portlog.core.UidBytes

/**
 * Bytes by UID, where Android tells.
 *
 * Up to 5.1 any app may ask for any UID, and bytes are counted since the phone started; from 6 the
 * system's statistics need Usage access, and are sums over blocks of two hours. Without it nothing
 * is told, which is not "no bytes".
 */
class Counters(
    private val context: Context,
    private val sdk: Int = Build.VERSION.SDK_INT,
    private val clock: () -> Long = System::currentTimeMillis,
) {
    private var started = startedAt()
    private var answered: Set<Int> = emptySet()

    /**
     * A reading for [uids] and the system's own, to be compared with the one before.
     *
     * Empty where nothing is told, and where the next reading cannot be compared with those before;
     * `null` where there is none this time.
     */
    fun read(uids: Set<Int>): List<UidBytes>? = when {
        // Who came into the list later would seem to have moved all its bytes since.
        sdk < Build.VERSION_CODES.M && uids.isEmpty() -> anew()

        sdk < Build.VERSION_CODES.M -> fromTrafficStats(uids + SYSTEM_UIDS)

        !UsageAccess.granted(context) || clockWasSet() -> anew()

        else -> fromStatistics()
    }

    private fun anew(): List<UidBytes> {
        answered = emptySet()
        return emptyList()
    }

    private fun startedAt(): Long = clock() - SystemClock.elapsedRealtime()

    /** The system's statistics bear the clock's time, which is 1970 when some phones start. */
    private fun clockWasSet(): Boolean {
        val now = startedAt()
        val isSet = abs(now - started) > CLOCK_SET_MILLIS
        if (isSet) started = now
        return isSet
    }

    private fun fromTrafficStats(uids: Set<Int>): List<UidBytes> = uids.mapNotNull { uid ->
        val received = TrafficStats.getUidRxBytes(uid)
        val sent = TrafficStats.getUidTxBytes(uid)
        if (received <= 0 && sent <= 0) null else UidBytes(uid, maxOf(received, 0), maxOf(sent, 0))
    }

    /** Sums over networks can be compared where they are over the same ones. */
    @TargetApi(Build.VERSION_CODES.M)
    private fun fromStatistics(): List<UidBytes>? {
        val manager =
            context.getSystemService(Context.NETWORK_STATS_SERVICE) as? NetworkStatsManager
                ?: return anew()
        val told = NETWORKS
            .associateWith { rows(manager, it) }
            .filterValues { it != null }
        val before = answered
        return when {
            !told.keys.containsAll(before) -> null

            before.isEmpty() || told.keys == before -> {
                answered = told.keys
                sums(told.values.filterNotNull().flatten())
            }

            else -> anew()
        }
    }

    /** What is told of a network; `null` where nothing is. */
    @TargetApi(Build.VERSION_CODES.M)
    private fun rows(manager: NetworkStatsManager, network: Int): List<UidBytes>? = try {
        // A block that has ended counts by the part of it that is asked for, and one that has not
        // counts whole: what is asked for begins where a block does, or the sum would fall.
        val since = started - started.mod(DAY_MILLIS)
        @Suppress("DEPRECATION")
        manager.querySummary(network, null, since, clock())?.let { rows(it) }
    } catch (_: RemoteException) {
        null
    } catch (_: RuntimeException) {
        null
    }

    @TargetApi(Build.VERSION_CODES.M)
    private fun rows(summary: NetworkStats): List<UidBytes> = try {
        buildList {
            val bucket = NetworkStats.Bucket()
            while (summary.hasNextBucket()) {
                if (!summary.getNextBucket(bucket) || bucket.uid < 0) continue
                add(UidBytes(bucket.uid, bucket.rxBytes, bucket.txBytes))
            }
        }
    } finally {
        summary.close()
    }

    private fun sums(rows: List<UidBytes>): List<UidBytes> = rows
        .groupBy { it.uid }
        .toSortedMap()
        .map { (uid, of) -> UidBytes(uid, of.sumOf { it.received }, of.sumOf { it.sent }) }

    private companion object {
        /** Clocks that are put right by a network move less. */
        const val CLOCK_SET_MILLIS = 60_000L
        const val DAY_MILLIS = 86_400_000L

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
