package org.portlog.screens.log

import android.app.DatePickerDialog
import android.app.TimePickerDialog
import android.os.Bundle
import android.text.format.DateFormat
import android.view.View
import android.widget.Button
import android.widget.LinearLayout
import android.widget.TextView
import java.util.Calendar
import org.portlog.R
import org.portlog.core.ShareChoice
import org.portlog.core.SharePreset
import org.portlog.screens.Screen
import org.portlog.screens.parts.ChipChoice
import org.portlog.screens.parts.Flow
import org.portlog.screens.parts.add
import org.portlog.screens.parts.column
import org.portlog.screens.parts.group
import org.portlog.screens.parts.moment
import org.portlog.screens.parts.quietButton
import org.portlog.screens.parts.softText
import org.portlog.screens.parts.switchRow
import org.portlog.screens.parts.toggleChip

/** What shall be shared of the log: how much of it, of which time, and without what. */
internal class ExportForm(
    private val screen: Screen,
    saved: Bundle?,
    first: SharePreset,
    firstSince: Long?,
) {
    private var preset = saved?.getString(PRESET)?.let { SharePreset.valueOf(it) } ?: first
    private var since: Long? = if (saved == null) firstSince else time(saved, SINCE)
    private var until: Long? = saved?.let { time(it, UNTIL) }
    private var local = saved?.getBoolean(LOCAL) ?: false
    private val withheld = LinkedHashSet<String>()
    private val means: TextView = softText(screen)
    private val sinceButton = quietButton(screen, "") { pick(since) { since = it } }
    private val untilButton = quietButton(screen, "") { pick(until) { until = it } }
    private val wholeButton: Button =
        quietButton(screen, screen.getString(R.string.export_whole_time)) {
            since = null
            until = null
            present()
        }

    init {
        saved?.getStringArrayList(WITHHELD)?.let { withheld += it }
    }

    /** The choice as it stands. */
    val choice: ShareChoice
        get() = ShareChoice(
            preset,
            since,
            until,
            WITHHOLDABLE.filter { it.first in withheld }.flatMap { it.third },
            local,
        )

    /** The questions. */
    val view: View = column(screen) {
        group(screen.getString(R.string.export_what)) { presets() }
        group(screen.getString(R.string.export_when)) {
            add(
                Flow(screen).apply {
                    addView(sinceButton)
                    addView(untilButton)
                    addView(wholeButton)
                },
                top = 12,
            )
        }
        group(screen.getString(R.string.export_withhold)) { withholding() }
    }

    init {
        present()
    }

    fun save(state: Bundle) {
        state.putString(PRESET, preset.name)
        since?.let { state.putLong(SINCE, it) }
        until?.let { state.putLong(UNTIL, it) }
        state.putBoolean(LOCAL, local)
        state.putStringArrayList(WITHHELD, ArrayList(withheld))
    }

    private fun LinearLayout.presets() {
        val answers = listOf(
            SharePreset.ALERTS to screen.getString(R.string.export_alerts),
            SharePreset.FIRMWARE to screen.getString(R.string.export_firmware),
            SharePreset.EVERYTHING to screen.getString(R.string.export_everything),
        )
        val chips = ChipChoice(screen, screen.getString(R.string.export_how_much), answers, preset) {
            preset = it
            present()
        }
        add(chips.view, top = 8)
        add(means, top = 8)
    }

    private fun LinearLayout.withholding() {
        add(softText(screen, screen.getString(R.string.export_withhold_means)), top = 8)
        add(
            Flow(screen).apply {
                for ((key, label, _) in WITHHOLDABLE) {
                    val chip = toggleChip(screen, screen.getString(label), key in withheld) { on ->
                        if (on) withheld += key else withheld -= key
                    }
                    addView(chip)
                }
            },
            top = 8,
        )
        add(
            switchRow(
                screen,
                screen.getString(R.string.export_local),
                screen.getString(R.string.export_local_means),
                local,
            ) { local = it },
            top = 12,
        )
    }

    private fun present() {
        means.text = screen.getString(
            when (preset) {
                SharePreset.ALERTS -> R.string.export_alerts_means
                SharePreset.FIRMWARE -> R.string.export_firmware_means
                SharePreset.EVERYTHING -> R.string.export_everything_means
            },
        )
        sinceButton.text = screen.getString(
            R.string.export_since,
            since?.let { moment(screen, it) } ?: screen.getString(R.string.export_beginning),
        )
        untilButton.text = screen.getString(
            R.string.export_until,
            until?.let { moment(screen, it) } ?: screen.getString(R.string.export_now),
        )
        wholeButton.visibility =
            if (since == null && until == null) View.GONE else View.VISIBLE
    }

    private fun pick(from: Long?, chosen: (Long) -> Unit) {
        val then = Calendar.getInstance().apply { from?.let { timeInMillis = it } }
        val day = DatePickerDialog(
            screen,
            { _, year, month, day ->
                then.set(year, month, day)
                pickTime(then, chosen)
            },
            then.get(Calendar.YEAR),
            then.get(Calendar.MONTH),
            then.get(Calendar.DAY_OF_MONTH),
        )
        screen.show(day)
    }

    private fun pickTime(then: Calendar, chosen: (Long) -> Unit) {
        val time = TimePickerDialog(
            screen,
            { _, hour, minute ->
                then.set(Calendar.HOUR_OF_DAY, hour)
                then.set(Calendar.MINUTE, minute)
                then.set(Calendar.SECOND, 0)
                then.set(Calendar.MILLISECOND, 0)
                chosen(then.timeInMillis)
                present()
            },
            then.get(Calendar.HOUR_OF_DAY),
            then.get(Calendar.MINUTE),
            DateFormat.is24HourFormat(screen),
        )
        screen.show(time)
    }

    private companion object {
        const val PRESET = "preset"
        const val SINCE = "since"
        const val UNTIL = "until"
        const val LOCAL = "local"
        const val WITHHELD = "withheld"

        fun time(saved: Bundle, key: String): Long? =
            if (saved.containsKey(key)) saved.getLong(key) else null

        /** What tells a phone's model. */
        val DEVICE: List<String> = listOf("model", "fingerprint", "kernel", "baseband")

        /** What can be withheld: its key, its name, and the fields of docs/LOG-FORMAT.md. */
        val WITHHOLDABLE: List<Triple<String, Int, List<String>>> = listOf(
            Triple("remote", R.string.withhold_remote, listOf("remote")),
            Triple("names", R.string.withhold_names, listOf("names")),
            Triple("owner", R.string.withhold_owner, listOf("owner", "uid", "program")),
            Triple("device", R.string.withhold_device, DEVICE),
            Triple("words", R.string.withhold_words, listOf("text")),
        )
    }
}
