package org.portlog.screens

import android.app.Activity
import android.content.ClipboardManager
import android.content.Context
import android.content.Intent
import android.provider.Settings
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.core.ReachRequest
import org.portlog.reach.AdbCommand
import org.portlog.reach.ComputerShell
import org.portlog.reach.Superuser
import org.portlog.service.ScreenIntents
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** How the helper is started and ended, on the screen. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [23, 28, 29, 34, 35], application = StagedApplication::class)
class HelperScreenTest {
    @get:Rule
    val stage = Stage()

    private fun open(): Activity {
        val screen = stage.open(ScreenIntents.helper(stage.app)).get()
        until("it is filled") { "Step 3 of 3: The command" in screen.words() }
        return screen
    }

    private fun adb(on: Boolean) = Settings.Global.putInt(
        stage.app.contentResolver,
        Settings.Global.ADB_ENABLED,
        if (on) 1 else 0,
    )

    @Test
    fun `three steps, what they mean, and how to end it`() {
        val words = open().words()
        for (part in listOf(
            "Not started",
            "Step 1 of 3: On the phone",
            "No data transfer",
            "timeout of adb authorizations",
            "Step 2 of 3: On the computer",
            AdbCommand.onComputer(ComputerShell.SH, "org.portlog", 0),
            "Until the phone is restarted",
            "someone who holds the unlocked phone",
            "Some banking apps",
            "Revoke USB debugging authorizations",
        )) {
            assertTrue("$part in:\n$words", part in words)
        }
        // This is no phone with MIUI; whether there is a su is the machine's.
        assertFalse(words, "Install via USB" in words)
        assertEquals(Superuser.isThere(), "Start as root" in words)
    }

    @Test
    fun `the command is given for each shell, to be copied and shared`() {
        val screen = open()
        for ((label, shell) in listOf(
            "PowerShell" to ComputerShell.POWERSHELL,
            "Windows command prompt" to ComputerShell.CMD,
            "Linux or macOS" to ComputerShell.SH,
        )) {
            screen.text(label).performClick()
            val command = AdbCommand.onComputer(shell, "org.portlog", 0)
            until("the command for $label") { command in screen.words() }
            screen.text("Copy").performClick()
            val clipboard =
                stage.app.getSystemService(Context.CLIPBOARD_SERVICE) as ClipboardManager
            assertEquals(command, clipboard.primaryClip?.getItemAt(0)?.text.toString())
        }
        screen.text("Share the command").performClick()
        @Suppress("DEPRECATION")
        val sent: Intent? = shadowOf(screen).nextStartedActivity
            .getParcelableExtra(Intent.EXTRA_INTENT)
        assertEquals(
            AdbCommand.onComputer(ComputerShell.SH, "org.portlog", 0),
            sent?.getStringExtra(Intent.EXTRA_TEXT),
        )
    }

    @Test
    fun `whether debugging is on is shown as the phone says it, also after the end`() {
        adb(true)
        val on = open()
        until("it is on") { "USB debugging is on" in on.words().lines() }
        adb(false)
        val off = open()
        until("it is off") { "USB debugging is off" in off.words().lines() }
        assertFalse("USB debugging is on" in off.words().lines())
        off.text("Open the developer options").performClick()
        assertEquals(
            Settings.ACTION_APPLICATION_DEVELOPMENT_SETTINGS,
            shadowOf(off).nextStartedActivity.action,
        )
    }

    @Test
    fun `who asked for its place in vain is counted on the screen`() {
        stage.agent.reach(ReachRequest.Refused(10_123, 3))
        val words = open().words()
        assertTrue(words, "asked for its place, and was refused: 3 times" in words)
    }

    @Test
    fun `it leads to the watch from a computer`() {
        val screen = open()
        screen.text("Look from a computer").performClick()
        val about = shadowOf(screen).nextStartedActivity
        assertEquals(AboutActivity::class.java.name, about.component?.className)
        val shown = stage.open(about).get()
        assertTrue(shown.words(), "portlog watch --source adb" in shown.words())
    }
}
