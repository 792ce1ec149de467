package org.portlog.service

import android.app.PendingIntent
import android.content.Context
import android.content.Intent
import android.net.Uri
import android.os.Build

/**
 * The ways into the screens from outside of them.
 *
 * Screens are named and not referred to as classes: nothing here depends on how they are made.
 */
object ScreenIntents {
    /** On [main]: which page to open, one of [PAGE_WATCH], [PAGE_ALERTS], [PAGE_LISTS]. */
    const val EXTRA_PAGE: String = "org.portlog.PAGE"

    /** On [alert]: the key of the alert to open. */
    const val EXTRA_ALERT: String = "org.portlog.ALERT"

    /** On [owner]: the owner's key. */
    const val EXTRA_OWNER: String = "org.portlog.OWNER"

    /** On [connection]: the connection's number, a `Long`. */
    const val EXTRA_CONNECTION: String = "org.portlog.CONNECTION"

    /** On [guide]: the name of the step to open. */
    const val EXTRA_STEP: String = "org.portlog.STEP"

    const val PAGE_WATCH: String = "watch"
    const val PAGE_ALERTS: String = "alerts"
    const val PAGE_LISTS: String = "lists"

    fun main(context: Context, page: String = PAGE_WATCH): Intent =
        screen(context, "MainActivity", page).putExtra(EXTRA_PAGE, page)
            .addFlags(Intent.FLAG_ACTIVITY_CLEAR_TOP or Intent.FLAG_ACTIVITY_SINGLE_TOP)

    /** One alert in full, on the alerts page. */
    fun alert(context: Context, key: String): Intent =
        screen(context, "MainActivity", "alert/$key").putExtra(EXTRA_PAGE, PAGE_ALERTS)
            .putExtra(EXTRA_ALERT, key)
            .addFlags(Intent.FLAG_ACTIVITY_CLEAR_TOP or Intent.FLAG_ACTIVITY_SINGLE_TOP)

    fun owner(context: Context, key: String): Intent =
        screen(context, "AppActivity", "owner/$key").putExtra(EXTRA_OWNER, key)

    fun connection(context: Context, id: Long): Intent =
        screen(context, "ConnectionActivity", "connection/$id").putExtra(EXTRA_CONNECTION, id)

    /** The guide, at its beginning or at [step], a `StepId`'s name. */
    fun guide(context: Context, step: String? = null): Intent =
        screen(context, "GuideActivity", if (step == null) "guide" else "guide/$step")
            .apply { if (step != null) putExtra(EXTRA_STEP, step) }

    fun settings(context: Context): Intent = screen(context, "SettingsActivity", "settings")

    /** The DNS tap: what it does, and its switch. */
    fun tap(context: Context): Intent = screen(context, "TapActivity", "tap")

    /** How the helper stands, and how it is started. */
    fun helper(context: Context): Intent = screen(context, "HelperActivity", "helper")

    /** The log's signed state as a code. */
    fun checkpoint(context: Context): Intent = screen(context, "CheckpointActivity", "checkpoint")

    /** [intent] for the system to open on a tap. */
    internal fun pending(context: Context, intent: Intent): PendingIntent =
        PendingIntent.getActivity(
            context,
            0,
            intent.addFlags(Intent.FLAG_ACTIVITY_NEW_TASK),
            PendingFlags.update(),
        )

    // The data makes intents for different things different to the system, which ignores extras.
    private fun screen(context: Context, name: String, what: String): Intent = Intent()
        .setClassName(context, "org.portlog.screens.$name")
        .setData(Uri.fromParts("portlog", what, null))
}

internal object PendingFlags {
    /** Replaces an earlier one of the same, and cannot be altered by who gets it (from 23). */
    fun update(): Int = PendingIntent.FLAG_UPDATE_CURRENT or
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.M) PendingIntent.FLAG_IMMUTABLE else 0
}
