package org.portlog.service

import android.content.Context
import android.content.SharedPreferences

/** How often the watch looks: while something changes, and after a quiet minute. */
data class Pace(val activeMillis: Long, val quietMillis: Long) {
    companion object {
        /** While the screen is on, fastest first; the first is the default. */
        val SCREEN_ON: List<Pace> = listOf(Pace(1_000, 3_000), Pace(3_000, 10_000), Pace(10_000, 30_000))

        /** While the screen is off, fastest first. */
        val SCREEN_OFF: List<Pace> =
            listOf(Pace(3_000, 10_000), Pace(10_000, 30_000), Pace(30_000, 60_000), Pace(60_000, 300_000))

        /** The default while the screen is off. */
        val SCREEN_OFF_DEFAULT: Pace = SCREEN_OFF[1]
    }
}

/**
 * What the user set, kept where it can be read before the phone is first unlocked.
 *
 * A change is in force after [Core.settingsChanged].
 */
class WatchSettings(context: Context) {
    private val kept: SharedPreferences =
        Protected.of(context).getSharedPreferences("watch", Context.MODE_PRIVATE)

    /** Whether the watch is wanted; [WatchService.start] and [WatchService.stop] set it. */
    var watching: Boolean
        get() = kept.getBoolean("watching", false)
        internal set(value) = kept.edit().putBoolean("watching", value)
            .apply { if (!value) remove("started_in_boot") }
            .apply()

    /** Whether the watch starts with the phone and after an update. */
    var autostart: Boolean
        get() = kept.getBoolean("autostart", true)
        set(value) = kept.edit().putBoolean("autostart", value).apply()

    /** Whether connections of every app raise alerts, and not only those of firmware. */
    var scopeAll: Boolean
        get() = kept.getBoolean("scope_all", false)
        set(value) = kept.edit().putBoolean("scope_all", value).apply()

    /** The pace while the screen is on. */
    var paceScreenOn: Pace
        get() = pace("on", Pace.SCREEN_ON.first())
        set(value) = keep("on", value)

    /** The pace while the screen is off. */
    var paceScreenOff: Pace
        get() = pace("off", Pace.SCREEN_OFF_DEFAULT)
        set(value) = keep("off", value)

    /** Whether the first-run guide was gone through or put off. */
    var guideSeen: Boolean
        get() = kept.getBoolean("guide_seen", false)
        set(value) = kept.edit().putBoolean("guide_seen", value).apply()

    /** When a practice alert last passed as a whole; 0 for never. */
    var practicePassed: Long
        get() = kept.getLong("practice_passed", 0)
        internal set(value) = kept.edit().putLong("practice_passed", value).apply()

    /** Whether the user is reminded, quietly, to show the log to a witness. */
    var witnessReminder: Boolean
        get() = kept.getBoolean("witness_reminder", true)
        set(value) = kept.edit().putBoolean("witness_reminder", value).apply()

    /** When the log's code was last shown, or the user reminded of it; 0 for never. */
    var witnessReminded: Long
        get() = kept.getLong("witness_reminded", 0)
        set(value) = kept.edit().putLong("witness_reminded", value).apply()

    /** What the user is called as a witness of somebody else's log. */
    var witnessName: String
        get() = kept.getString("witness_name", null).orEmpty()
        set(value) = kept.edit().putString("witness_name", value).apply()

    /** Whether a helper was connected and nobody has ended it since. */
    internal var helperWanted: Boolean
        get() = kept.getBoolean("helper_wanted", false)
        set(value) = kept.edit().putBoolean("helper_wanted", value).apply()

    /** The boot in which the helper was last connected. */
    internal var helperBoot: String?
        get() = kept.getString("helper_boot", null)
        set(value) = kept.edit().putString("helper_boot", value).apply()

    /** The boot in which the watch last ran; `null` where it did not since it is wanted. */
    internal var startedInBoot: String?
        get() = kept.getString("started_in_boot", null)
        set(value) = kept.edit().putString("started_in_boot", value).apply()

    /** The boot whose own start of the watch came through. */
    internal var bootStartCame: String?
        get() = kept.getString("boot_start_came", null)
        set(value) = kept.edit().putString("boot_start_came", value).apply()

    /** The boot in which no start came although one was due. */
    internal var bootStartMissed: String?
        get() = kept.getString("boot_start_missed", null)
        set(value) = kept.edit().putString("boot_start_missed", value).apply()

    /** The keys of alerts that could not be shown when they were told. */
    internal var unshown: Set<String>
        get() = kept.getStringSet("unshown", null).orEmpty()
        set(value) = kept.edit().putStringSet("unshown", value).apply()

    /** Whether the system refused a start since the watch last ran. */
    internal var startRefused: Boolean
        get() = kept.getBoolean("start_refused", false)
        set(value) = kept.edit().putBoolean("start_refused", value).apply()

    /** The latest death of this process that was put into the history; milliseconds since 1970. */
    internal var deathsUntil: Long
        get() = kept.getLong("deaths_until", 0)
        set(value) = kept.edit().putLong("deaths_until", value).apply()

    /** Whether the user said to have done a step whose state no app can read. */
    internal fun saidDone(step: String): Boolean = kept.getBoolean("said_done_$step", false)

    internal fun sayDone(step: String, done: Boolean) =
        kept.edit().putBoolean("said_done_$step", done).apply()

    private fun pace(which: String, otherwise: Pace): Pace {
        val active = kept.getLong("pace_${which}_active", 0)
        val quiet = kept.getLong("pace_${which}_quiet", 0)
        return if (active > 0 && quiet >= active) Pace(active, quiet) else otherwise
    }

    private fun keep(which: String, pace: Pace) = kept.edit()
        .putLong("pace_${which}_active", pace.activeMillis)
        .putLong("pace_${which}_quiet", pace.quietMillis)
        .apply()
}
