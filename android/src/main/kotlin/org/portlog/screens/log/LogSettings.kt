package org.portlog.screens.log

import android.app.AlertDialog
import android.view.View
import android.widget.LinearLayout
import org.portlog.R
import org.portlog.core.Keeping
import org.portlog.core.LogRequest
import org.portlog.core.LogStatus
import org.portlog.screens.Screen
import org.portlog.screens.parts.ChipChoice
import org.portlog.screens.parts.add
import org.portlog.screens.parts.column
import org.portlog.screens.parts.quietButton
import org.portlog.screens.parts.refill
import org.portlog.screens.parts.softText
import org.portlog.screens.parts.switchRow
import org.portlog.screens.parts.text
import org.portlog.service.Erasing
import org.portlog.service.WatchSettings

/** Whether a signed log is kept, of whom, and how it is erased. */
internal class LogSettings(private val screen: Screen) {
    private val kept = WatchSettings(screen)
    private var shown: LogStatus? = null

    /** The part of the settings; empty until it is known how the log stands. */
    val view: LinearLayout = column(screen)

    /** Asks how it stands, and shows that. */
    fun load() = screen.ask(work = { it.log(LogRequest.Status) }, answer = ::show)

    private fun show(status: LogStatus) {
        if (status == shown) return
        shown = status
        view.refill { fill(status) }
    }

    private fun LinearLayout.fill(status: LogStatus) {
        add(
            switchRow(
                context,
                context.getString(R.string.settings_log_keep),
                context.getString(R.string.settings_log_keep_about),
                status.keeping != Keeping.OFF,
            ) { change(LogRequest.Keep(it)) },
            top = 4,
        )
        add(recorded(status), top = 12)
        add(softText(context, context.getString(R.string.settings_recorded_about)), top = 8)
        add(
            switchRow(
                context,
                context.getString(R.string.settings_reminder),
                context.getString(R.string.settings_reminder_about),
                kept.witnessReminder,
            ) { kept.witnessReminder = it },
            top = 12,
        )
        add(
            quietButton(context, context.getString(R.string.settings_erase)) { confirm(status) },
            width = LinearLayout.LayoutParams.WRAP_CONTENT,
            top = 16,
        )
        add(softText(context, context.getString(R.string.settings_erase_about)), top = 6)
    }

    private fun recorded(status: LogStatus): View = ChipChoice(
        screen,
        screen.getString(R.string.settings_recorded),
        listOf(
            false to screen.getString(R.string.settings_recorded_firmware),
            true to screen.getString(R.string.settings_recorded_everyone),
        ),
        status.everyone,
    ) { everyone -> if (everyone) askEveryone() else change(LogRequest.Record(false)) }.view

    private fun askEveryone() = screen.show(
        AlertDialog.Builder(screen)
            .setTitle(R.string.settings_recorded_everyone)
            .setMessage(R.string.settings_recorded_about)
            .setPositiveButton(R.string.settings_recorded_yes) { _, _ ->
                change(LogRequest.Record(true))
            }
            .setNegativeButton(android.R.string.cancel, null)
            // However it goes, what is chosen afterwards is what holds.
            .setOnDismissListener { again() }
            .create(),
    )

    private fun confirm(status: LogStatus) {
        val what = screen.resources.getStringArray(R.array.erase_what).toList()
        screen.show(
            AlertDialog.Builder(screen)
                .setTitle(R.string.erase_title)
                .setMessage((listOf(status.sizeText) + what).joinToString("\n\n"))
                .setPositiveButton(R.string.erase_do) { _, _ -> erase() }
                .setNegativeButton(android.R.string.cancel, null)
                .create(),
        )
    }

    private fun erase() {
        screen.ask(work = { Erasing.everything(screen, it) }) { status ->
            show(status)
            view.add(
                text(screen, screen.getString(R.string.erase_done)).apply {
                    accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
                },
                top = 8,
            )
        }
    }

    private fun change(request: LogRequest<LogStatus>) =
        screen.ask(work = { it.log(request) }, failed = ::again, answer = ::show)

    private fun again() {
        shown = null
        load()
    }
}
