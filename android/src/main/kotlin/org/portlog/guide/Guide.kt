package org.portlog.guide

import android.Manifest
import android.annotation.TargetApi
import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Context
import android.content.Intent
import android.net.Uri
import android.os.Build
import android.os.PowerManager
import android.provider.Settings
import org.portlog.R
import org.portlog.core.ListPermission
import org.portlog.feeds.ListAccess
import org.portlog.feeds.UsageAccess
import org.portlog.service.Channel
import org.portlog.service.MissedStart
import org.portlog.service.NotificationProblem
import org.portlog.service.WatchSettings

/** What a step of the guide is about. */
enum class StepId { NOTIFICATIONS, BATTERY, AUTOSTART, SOUND_AND_FLOAT, APP_LIST, USAGE_ACCESS, PRACTICE }

/** Where a step stands. */
enum class StepState {
    /** The phone says that it is done. */
    DONE,

    /** The phone says that it is not done, or what it is for did not work. */
    TO_DO,

    /** No app can read it. */
    UNKNOWN,

    /** No app can read it; the user said to have done it. */
    SAID_DONE,
}

/** What a step's button does. */
sealed class StepAction {
    /** Asks for a permission (`Activity.requestPermissions`; Android 6 and later). */
    data class Ask(val permission: String) : StepAction()

    /** Opens the first of these pages of the system that the phone has. */
    data class Open(val pages: List<Intent>) : StepAction()

    /** Starts a practice alert. */
    object Practise : StepAction()
}

/** One step: what it is, why, and what happens without it. */
data class Step(
    val id: StepId,
    val title: String,
    val why: String,
    val without: String,
    val state: StepState,
    val action: StepAction,
)

/** The first-run guide: the steps that this phone needs for the watch to go on and to be heard. */
class Guide(context: Context) {
    private val context = context.applicationContext
    private val settings = WatchSettings(context)
    private val miui = Miui(this.context)

    /** The steps, in the order in which they are to be made; the practice alert is the last. */
    fun steps(): List<Step> = listOfNotNull(
        notifications(),
        battery(),
        autostart(),
        soundAndFloat(),
        appList(),
        usageAccess(),
        practice(),
    )

    /** The steps that are not done, as far as can be known. */
    fun open(): List<Step> = steps().filter { it.state == StepState.TO_DO }

    /** The user says of a step whose state no app can read that it is done, or not. */
    fun sayDone(id: StepId, done: Boolean) = settings.sayDone(id.name, done)

    /** Opens a page of [action]; `false` where the phone has none of them. */
    fun open(activity: Activity, action: StepAction.Open): Boolean = action.pages.any { page ->
        try {
            activity.startActivity(page)
            true
        } catch (_: ActivityNotFoundException) {
            false
        } catch (_: SecurityException) {
            // Makers keep some of their pages to themselves.
            false
        }
    }

    private fun notifications(): Step {
        val problem = NotificationProblem.find(context, Channel.MATCH)
        val ask = Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU &&
            problem == NotificationProblem.APP_OFF && !settings.saidDone(ASKED_NOTIFICATIONS)
        return step(
            StepId.NOTIFICATIONS,
            R.string.step_notifications,
            R.string.step_notifications_why,
            R.string.step_notifications_without,
            when {
                Build.VERSION.SDK_INT < Build.VERSION_CODES.N -> unknown(StepId.NOTIFICATIONS)
                problem == null -> StepState.DONE
                else -> StepState.TO_DO
            },
            if (ask) StepAction.Ask(POST_NOTIFICATIONS) else StepAction.Open(notificationPages()),
        )
    }

    /** The user answered the question for [permission]; a second one would not be shown. */
    fun asked(permission: String) {
        if (permission == POST_NOTIFICATIONS) settings.sayDone(ASKED_NOTIFICATIONS, true)
        if (permission == ListAccess.PERMISSION) settings.sayDone(ASKED_APP_LIST, true)
    }

    private fun battery(): Step? =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.M) batteryExemption() else null

    @TargetApi(Build.VERSION_CODES.M)
    private fun batteryExemption(): Step {
        val power = context.getSystemService(Context.POWER_SERVICE) as PowerManager
        val exempt = power.isIgnoringBatteryOptimizations(context.packageName)
        return step(
            StepId.BATTERY,
            R.string.step_battery,
            if (miui.found) R.string.step_battery_why_miui else R.string.step_battery_why,
            R.string.step_battery_without,
            if (exempt) StepState.DONE else StepState.TO_DO,
            StepAction.Open(
                listOf(
                    Intent(Settings.ACTION_REQUEST_IGNORE_BATTERY_OPTIMIZATIONS, ownPackage()),
                    Intent(Settings.ACTION_IGNORE_BATTERY_OPTIMIZATION_SETTINGS),
                ) + details(),
            ),
        )
    }

    private fun autostart(): Step? {
        val state = when {
            MissedStart.happened(context) -> StepState.TO_DO
            MissedStart.startCame(context) -> StepState.DONE
            miui.found -> unknown(StepId.AUTOSTART)
            // Other phones start what they were asked to; only where that failed there is a step.
            else -> return null
        }
        return step(
            StepId.AUTOSTART,
            R.string.step_autostart,
            if (MissedStart.happened(context)) {
                R.string.step_autostart_why_missed
            } else {
                R.string.step_autostart_why
            },
            R.string.step_autostart_without,
            state,
            StepAction.Open(miui.autostartPages() + details()),
        )
    }

    private fun soundAndFloat(): Step? = if (!miui.found) {
        null
    } else {
        step(
            StepId.SOUND_AND_FLOAT,
            R.string.step_float,
            R.string.step_float_why,
            R.string.step_float_without,
            unknown(StepId.SOUND_AND_FLOAT),
            StepAction.Open(miui.notificationPages() + notificationPages()),
        )
    }

    private fun appList(): Step? {
        if (!ListAccess.asksUser(context)) return null
        val granted = ListAccess.of(context) == ListPermission.GRANTED
        return step(
            StepId.APP_LIST,
            R.string.step_app_list,
            R.string.step_app_list_why,
            R.string.step_app_list_without,
            if (granted) StepState.DONE else StepState.TO_DO,
            if (settings.saidDone(ASKED_APP_LIST)) {
                StepAction.Open(miui.permissionPages() + details())
            } else {
                StepAction.Ask(ListAccess.PERMISSION)
            },
        )
    }

    private fun usageAccess(): Step? =
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.M) {
            // Bytes are told without it.
            null
        } else {
            val restricted = Build.VERSION.SDK_INT >= Build.VERSION_CODES.VANILLA_ICE_CREAM
            step(
                StepId.USAGE_ACCESS,
                R.string.step_usage,
                if (restricted) R.string.step_usage_why_restricted else R.string.step_usage_why,
                R.string.step_usage_without,
                if (UsageAccess.granted(context)) StepState.DONE else StepState.TO_DO,
                StepAction.Open(usagePages()),
            )
        }

    private fun practice(): Step = step(
        StepId.PRACTICE,
        R.string.step_practice,
        R.string.step_practice_why,
        R.string.step_practice_without,
        if (settings.practicePassed > 0) StepState.DONE else StepState.TO_DO,
        StepAction.Practise,
    )

    private fun unknown(id: StepId): StepState =
        if (settings.saidDone(id.name)) StepState.SAID_DONE else StepState.UNKNOWN

    private fun usagePages(): List<Intent> = listOf(
        Intent(Settings.ACTION_USAGE_ACCESS_SETTINGS, ownPackage()),
        Intent(Settings.ACTION_USAGE_ACCESS_SETTINGS),
    ) + details()

    private fun notificationPages(): List<Intent> =
        (if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O) listOf(notificationPage()) else emptyList()) +
            details()

    @TargetApi(Build.VERSION_CODES.O)
    private fun notificationPage(): Intent = Intent(Settings.ACTION_APP_NOTIFICATION_SETTINGS)
        .putExtra(Settings.EXTRA_APP_PACKAGE, context.packageName)

    private fun details(): Intent =
        Intent(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, ownPackage())

    private fun ownPackage(): Uri = Uri.fromParts("package", context.packageName, null)

    private fun step(
        id: StepId,
        title: Int,
        why: Int,
        without: Int,
        state: StepState,
        action: StepAction,
    ): Step = Step(
        id,
        context.getString(title),
        context.getString(why),
        context.getString(without),
        state,
        action,
    )

    private companion object {
        const val ASKED_NOTIFICATIONS = "asked_notifications"
        const val ASKED_APP_LIST = "asked_app_list"

        @TargetApi(Build.VERSION_CODES.TIRAMISU)
        const val POST_NOTIFICATIONS: String = Manifest.permission.POST_NOTIFICATIONS
    }
}
