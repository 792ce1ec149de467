package org.portlog.service

import android.annotation.TargetApi
import android.app.ActivityManager
import android.app.ApplicationExitInfo
import android.content.Context
import android.os.Build
import android.os.SystemClock
import android.provider.Settings
import java.io.File
import java.io.IOException
import org.portlog.R
import org.portlog.core.Note
import org.portlog.core.NoteKind

/** Who started the watch; [words] stand in the history. */
enum class StartedBy(internal val words: Int) {
    /** The user, by a button of the app. */
    USER(R.string.started_by_user),

    /** The user, by opening the app while the watch was wanted and did not run. */
    APP(R.string.started_by_app),

    /** The user, by the Quick Settings tile. */
    TILE(R.string.started_by_tile),

    /** The system, when the phone had started. */
    BOOT(R.string.started_by_boot),

    /** The system, after an update of the app. */
    UPDATE(R.string.started_by_update),

    /** The system, after it had ended the process. */
    RESTART(R.string.started_by_restart),
}

/** One start of the phone, to be told from every other. */
internal object Boot {
    /** A name of the current one; `null` where the phone does not tell. */
    fun current(context: Context): String? =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.N) count(context) else id()

    /** When it was, in milliseconds since 1970, by the clock as it is set now. */
    fun at(): Long = System.currentTimeMillis() - SystemClock.elapsedRealtime()

    @TargetApi(Build.VERSION_CODES.N)
    private fun count(context: Context): String? {
        val count = Settings.Global.getInt(context.contentResolver, Settings.Global.BOOT_COUNT, -1)
        return if (count < 0) null else "count $count"
    }

    private fun id(): String? = try {
        val id = File("/proc/sys/kernel/random/boot_id").bufferedReader().use { it.readLine() }
        if (id.isNullOrBlank()) null else "id ${id.trim()}"
    } catch (_: IOException) {
        null
    }
}

/**
 * Finds out that the phone started and the watch was not started with it.
 *
 * No phone tells whether it lets an app start: what can be known is that a start that was due did
 * not come. It is due when the watch ran in an earlier boot and was wanted ever since; it is given
 * five minutes, also where the user brings the watch back before.
 */
object MissedStart {
    private const val PATIENCE_MILLIS = 300_000L

    /** Looks, and keeps a note in the history where a start was missed; once for each boot. */
    fun check(context: Context) {
        val settings = WatchSettings(context)
        val boot = Boot.current(context) ?: return
        if (!isDue(settings, boot) || !settings.watching || mayStillCome()) return
        settings.bootStartMissed = boot
        Core.of(context).ask({ it.note(Note(Boot.at(), NoteKind.StartMissed, "")) })
    }

    /** The phone started the watch by itself; the user may have been faster. */
    internal fun came(context: Context) {
        WatchSettings(context).bootStartCame = Boot.current(context)
    }

    /**
     * Looks while the watch runs. `false` as long as a start that is due may still come: then this
     * is to be asked again.
     */
    internal fun settle(context: Context): Boolean {
        check(context)
        val settings = WatchSettings(context)
        val boot = Boot.current(context)
        if (boot != null && isDue(settings, boot) && mayStillCome()) return false
        if (settings.watching) settings.startedInBoot = boot
        return true
    }

    /** Whether that happened at the latest start of the phone. */
    fun happened(context: Context): Boolean =
        WatchSettings(context).bootStartMissed.let { it != null && it == Boot.current(context) } &&
            !startCame(context)

    /** Whether the phone started the watch by itself at its latest start. */
    fun startCame(context: Context): Boolean =
        WatchSettings(context).bootStartCame.let { it != null && it == Boot.current(context) }

    private fun isDue(settings: WatchSettings, boot: String): Boolean =
        settings.autostart && settings.startedInBoot != null &&
            boot !in listOf(settings.startedInBoot, settings.bootStartCame, settings.bootStartMissed)

    private fun mayStillCome(): Boolean = SystemClock.elapsedRealtime() < PATIENCE_MILLIS
}

/** Why this app's process died, as the system tells (Android 11 and later). */
internal object Deaths {
    private const val AT_MOST = 16
    private const val DETAIL_CHARS = 200

    /** The deaths that are not in the history yet, oldest first, to be put there. */
    fun sinceLast(context: Context): List<Note> =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) read(context) else emptyList()

    @TargetApi(Build.VERSION_CODES.R)
    private fun read(context: Context): List<Note> {
        val settings = WatchSettings(context)
        val activities =
            context.getSystemService(Context.ACTIVITY_SERVICE) as ActivityManager
        val until = settings.deathsUntil
        val notes = activities.getHistoricalProcessExitReasons(context.packageName, 0, AT_MOST)
            .filter { it.timestamp > until }
            .sortedBy { it.timestamp }
            .map { note(it) }
        notes.lastOrNull()?.let { settings.deathsUntil = it.at }
        return notes
    }

    @TargetApi(Build.VERSION_CODES.R)
    private fun note(death: ApplicationExitInfo): Note = Note(
        death.timestamp,
        NoteKind.Death(death.reason),
        death.description.orEmpty().take(DETAIL_CHARS),
    )
}
