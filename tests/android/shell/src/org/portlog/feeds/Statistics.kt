package org.portlog.feeds

import android.app.usage.NetworkStats
import android.app.usage.NetworkStatsManager
import android.net.TrafficStats
import org.portlog.core.UidBytes
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadow.api.Shadow
import org.robolectric.util.ReflectionHelpers

/*
 * The system's statistics, which no framework has in it.
 */

/** What a network's statistics were asked for. */
data class Asked(val network: Int, val subscriber: String?, val since: Long, val until: Long)

/** What the system tells; the same for every test, made anew by each. */
object TheStatistics {
    /** By network, what is told or thrown; a network that is not in it answers `null`. */
    var networks: Map<Int, () -> List<UidBytes>> = emptyMap()

    /** Bytes of UIDs by the interface of before Android 6; of any other they are not told. */
    var traffic: List<UidBytes> = emptyList()

    /** Throws where a row of this UID is read. */
    var torn: Int? = null

    val asked = mutableListOf<Asked>()

    /** Answers that nobody closed yet. */
    var open = 0

    fun reset() {
        networks = emptyMap()
        traffic = emptyList()
        torn = null
        asked.clear()
        open = 0
    }
}

@Implements(NetworkStatsManager::class)
class ShadowStatistics {
    @Implementation
    fun querySummary(network: Int, subscriber: String?, since: Long, until: Long): NetworkStats? {
        TheStatistics.asked += Asked(network, subscriber, since, until)
        val rows = TheStatistics.networks[network]?.invoke() ?: return null
        val summary = Shadow.newInstanceOf(NetworkStats::class.java)
        Shadow.extract<ShadowSummary>(summary).rows += rows
        TheStatistics.open++
        return summary
    }
}

@Implements(NetworkStats::class)
class ShadowSummary {
    val rows = ArrayDeque<UidBytes>()

    @Implementation
    fun hasNextBucket(): Boolean = rows.isNotEmpty()

    @Implementation
    fun getNextBucket(bucket: NetworkStats.Bucket): Boolean {
        val row = rows.removeFirst()
        check(row.uid != TheStatistics.torn) { "statistics changed meanwhile" }
        ReflectionHelpers.setField(bucket, "mUid", row.uid)
        ReflectionHelpers.setField(bucket, "mRxBytes", row.received)
        ReflectionHelpers.setField(bucket, "mTxBytes", row.sent)
        return true
    }

    @Implementation
    fun close() {
        TheStatistics.open--
    }
}

@Implements(TrafficStats::class)
class ShadowTraffic {
    companion object {
        private fun of(uid: Int, bytes: (UidBytes) -> Long): Long = TheStatistics.traffic
            .find { it.uid == uid }
            ?.let(bytes)
            ?: TrafficStats.UNSUPPORTED.toLong()

        @Implementation
        @JvmStatic
        fun getUidRxBytes(uid: Int): Long = of(uid) { it.received }

        @Implementation
        @JvmStatic
        fun getUidTxBytes(uid: Int): Long = of(uid) { it.sent }
    }
}
