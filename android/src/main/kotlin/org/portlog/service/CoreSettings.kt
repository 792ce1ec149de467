package org.portlog.service

import android.annotation.TargetApi
import android.content.Context
import android.os.Build
import android.os.PowerManager
import java.util.TimeZone
import org.portlog.R
import org.portlog.core.Settings

/** The core's settings, from the user's and from how the phone stands right now. */
internal object CoreSettings {
    fun of(context: Context): Settings {
        val pace = pace(context)
        val now = System.currentTimeMillis()
        return Settings(
            // The resources name their own language, so that core and screens never differ.
            language = context.getString(R.string.core_language),
            utcOffsetSeconds = TimeZone.getDefault().getOffset(now) / 1_000,
            scopeAll = WatchSettings(context).scopeAll,
            intervalMillis = pace.activeMillis,
            idleIntervalMillis = pace.quietMillis,
        )
    }

    /** The pace of the moment: by screen, and never faster than every 3 s while power is saved. */
    fun pace(context: Context): Pace {
        val power = context.getSystemService(Context.POWER_SERVICE) as PowerManager
        val settings = WatchSettings(context)
        val wanted = if (screenIsOn(power)) settings.paceScreenOn else settings.paceScreenOff
        return if (savesPower(power)) sparing(wanted) else wanted
    }

    private fun sparing(pace: Pace): Pace = Pace(
        maxOf(pace.activeMillis, SPARING.activeMillis),
        maxOf(pace.quietMillis, SPARING.quietMillis),
    )

    /** Whether anybody can be looking. */
    fun screenIsOn(context: Context): Boolean =
        screenIsOn(context.getSystemService(Context.POWER_SERVICE) as PowerManager)

    private fun screenIsOn(power: PowerManager): Boolean =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.KITKAT_WATCH) {
            interactive(power)
        } else {
            @Suppress("DEPRECATION")
            power.isScreenOn
        }

    private fun savesPower(power: PowerManager): Boolean =
        Build.VERSION.SDK_INT >= Build.VERSION_CODES.LOLLIPOP && powerSaveMode(power)

    @TargetApi(Build.VERSION_CODES.KITKAT_WATCH)
    private fun interactive(power: PowerManager): Boolean = power.isInteractive

    @TargetApi(Build.VERSION_CODES.LOLLIPOP)
    private fun powerSaveMode(power: PowerManager): Boolean = power.isPowerSaveMode

    private val SPARING = Pace(3_000, 10_000)
}
