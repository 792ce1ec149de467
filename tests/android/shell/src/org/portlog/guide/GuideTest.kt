package org.portlog.guide

import android.Manifest
import android.app.Activity
import android.app.AppOpsManager
import android.content.ComponentName
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.content.pm.PackageManager
import android.content.pm.PermissionInfo
import android.os.Build
import android.os.PowerManager
import android.os.Process
import android.provider.Settings
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.feeds.ListAccess
import org.portlog.service.Boot
import org.portlog.service.Notices
import org.portlog.service.WatchSettings
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** The first-run guide: which steps a phone gets, and what each knows of itself. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [23, 28, 29, 34, 35])
class GuideTest {
    private val context: Context = RuntimeEnvironment.getApplication()
    private val packages = shadowOf(context.packageManager)

    private fun step(id: StepId): Step? = Guide(context).steps().find { it.id == id }

    private fun exist(component: ComponentName) {
        packages.addActivityIfNotPresent(component)
    }

    private fun miui() = exist(
        ComponentName(
            "com.miui.securitycenter",
            "com.miui.permcenter.autostart.AutoStartManagementActivity",
        ),
    )

    private fun asksForList() {
        val permission = PermissionInfo()
        permission.name = ListAccess.PERMISSION
        permission.packageName = "com.lbe.security.miui"
        permission.protectionLevel = PermissionInfo.PROTECTION_DANGEROUS
        packages.addPermissionInfo(permission)
    }

    @Test
    fun `a phone of another maker gets no steps that are not its own`() {
        val ids = Guide(context).steps().map { it.id }
        assertEquals(
            listOf(StepId.NOTIFICATIONS, StepId.BATTERY, StepId.USAGE_ACCESS, StepId.PRACTICE),
            ids,
        )
    }

    @Test
    fun `MIUI gets its switches, whose state nobody can read until the user says`() {
        miui()
        asksForList()
        assertEquals(
            listOf(
                StepId.NOTIFICATIONS,
                StepId.BATTERY,
                StepId.AUTOSTART,
                StepId.SOUND_AND_FLOAT,
                StepId.APP_LIST,
                StepId.USAGE_ACCESS,
                StepId.PRACTICE,
            ),
            Guide(context).steps().map { it.id },
        )
        assertEquals(StepState.UNKNOWN, step(StepId.AUTOSTART)?.state)
        assertEquals(StepState.UNKNOWN, step(StepId.SOUND_AND_FLOAT)?.state)
        Guide(context).sayDone(StepId.AUTOSTART, true)
        assertEquals(StepState.SAID_DONE, step(StepId.AUTOSTART)?.state)
        Guide(context).sayDone(StepId.AUTOSTART, false)
        assertEquals(StepState.UNKNOWN, step(StepId.AUTOSTART)?.state)
    }

    @Test
    fun `every step says why, and what happens without it`() {
        miui()
        asksForList()
        for (step in Guide(context).steps()) {
            assertTrue(step.id.name, step.title.isNotBlank())
            assertTrue(step.id.name, step.why.endsWith("."))
            assertTrue(step.id.name, step.without.endsWith("."))
        }
    }

    @Test
    @Config(sdk = [28, 29, 34, 35])
    fun `a start that did not come makes autostart a thing to do, on every phone`() {
        val settings = WatchSettings(context)
        Settings.Global.putInt(context.contentResolver, Settings.Global.BOOT_COUNT, 7)
        settings.bootStartMissed = Boot.current(context)
        Guide(context).sayDone(StepId.AUTOSTART, true)
        val missed = requireNotNull(step(StepId.AUTOSTART))
        assertEquals(StepState.TO_DO, missed.state)
        assertTrue(missed.why, missed.why.contains("did not start the watch"))
        // At the next start of the phone it came.
        Settings.Global.putInt(context.contentResolver, Settings.Global.BOOT_COUNT, 8)
        settings.bootStartCame = Boot.current(context)
        assertEquals(StepState.DONE, step(StepId.AUTOSTART)?.state)
    }

    @Test
    fun `the battery's step is done where the system says so`() {
        val power = context.getSystemService(Context.POWER_SERVICE) as PowerManager
        assertEquals(StepState.TO_DO, step(StepId.BATTERY)?.state)
        val action = step(StepId.BATTERY)?.action as StepAction.Open
        assertEquals(
            Settings.ACTION_REQUEST_IGNORE_BATTERY_OPTIMIZATIONS,
            action.pages.first().action,
        )
        assertEquals("package:org.portlog", action.pages.first().dataString)
        shadowOf(power).setIgnoringBatteryOptimizations(context.packageName, true)
        assertEquals(StepState.DONE, step(StepId.BATTERY)?.state)
    }

    @Test
    @Config(sdk = [28, 34])
    fun `notifications that are off are a thing to do`() {
        assertEquals(StepState.DONE, step(StepId.NOTIFICATIONS)?.state)
        shadowOf(Notices.of(context)).setNotificationsEnabled(false)
        val off = requireNotNull(step(StepId.NOTIFICATIONS))
        assertEquals(StepState.TO_DO, off.state)
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) {
            assertEquals(StepAction.Ask(Manifest.permission.POST_NOTIFICATIONS), off.action)
            // Android does not ask a second time: then its settings have to be opened.
            Guide(context).asked(Manifest.permission.POST_NOTIFICATIONS)
        }
        val action = step(StepId.NOTIFICATIONS)?.action as StepAction.Open
        assertEquals(Settings.ACTION_APP_NOTIFICATION_SETTINGS, action.pages.first().action)
    }

    @Test
    @Config(sdk = [23])
    fun `before Android 7 nobody can know whether notifications are on`() {
        assertEquals(StepState.UNKNOWN, step(StepId.NOTIFICATIONS)?.state)
    }

    @Test
    fun `the list of apps is asked for, and then looked for in the settings`() {
        assertNull(step(StepId.APP_LIST))
        asksForList()
        assertEquals(StepState.TO_DO, step(StepId.APP_LIST)?.state)
        assertEquals(StepAction.Ask(ListAccess.PERMISSION), step(StepId.APP_LIST)?.action)
        Guide(context).asked(ListAccess.PERMISSION)
        assertTrue(step(StepId.APP_LIST)?.action is StepAction.Open)
        shadowOf(RuntimeEnvironment.getApplication()).grantPermissions(ListAccess.PERMISSION)
        assertEquals(StepState.DONE, step(StepId.APP_LIST)?.state)
    }

    @Test
    fun `usage access explains the restricted setting from Android 15 on`() {
        val operations = context.getSystemService(Context.APP_OPS_SERVICE) as AppOpsManager
        fun set(mode: Int) = shadowOf(operations)
            .setMode(AppOpsManager.OPSTR_GET_USAGE_STATS, Process.myUid(), context.packageName, mode)
        set(AppOpsManager.MODE_DEFAULT)
        val step = requireNotNull(step(StepId.USAGE_ACCESS))
        assertEquals(StepState.TO_DO, step.state)
        assertEquals(
            Build.VERSION.SDK_INT >= Build.VERSION_CODES.VANILLA_ICE_CREAM,
            step.why.contains("Allow restricted settings"),
        )
        set(AppOpsManager.MODE_ALLOWED)
        assertEquals(StepState.DONE, step(StepId.USAGE_ACCESS)?.state)
    }

    @Test
    fun `a page that the phone lacks leads on to the next`() {
        shadowOf(RuntimeEnvironment.getApplication()).checkActivities(true)
        val activity = Robolectric.buildActivity(Activity::class.java).get()
        val details = ComponentName("com.android.settings", "com.android.settings.AppDetails")
        exist(details)
        packages.addIntentFilterForActivity(
            details,
            IntentFilter(Settings.ACTION_APPLICATION_DETAILS_SETTINGS).apply {
                addCategory(Intent.CATEGORY_DEFAULT)
                addDataScheme("package")
            },
        )
        val action = step(StepId.BATTERY)?.action as StepAction.Open
        assertTrue(Guide(context).open(activity, action))
        val opened = shadowOf(activity).nextStartedActivity
        assertEquals(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, opened.action)
        assertFalse(Guide(context).open(activity, StepAction.Open(action.pages.dropLast(1))))
    }

    @Test
    fun `a practice alert that passed is done`() {
        assertEquals(StepState.TO_DO, step(StepId.PRACTICE)?.state)
        WatchSettings(context).practicePassed = 5
        assertEquals(StepState.DONE, step(StepId.PRACTICE)?.state)
        assertEquals(StepAction.Practise, step(StepId.PRACTICE)?.action)
    }

    @Test
    fun `no permission is asked for that the manifest does not name`() {
        val info = context.packageManager
            .getPackageInfo(context.packageName, PackageManager.GET_PERMISSIONS)
        assertTrue(info.requestedPermissions.orEmpty().contains(ListAccess.PERMISSION))
        assertTrue(
            info.requestedPermissions.orEmpty().contains(Manifest.permission.POST_NOTIFICATIONS),
        )
    }
}
