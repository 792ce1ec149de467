package org.portlog.screens

import android.content.Intent
import android.content.pm.Signature
import android.content.pm.SigningInfo
import android.os.Build
import android.widget.Switch
import java.security.MessageDigest
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.core.MuteRule
import org.portlog.guide.Guide
import org.portlog.service.ScreenIntents
import org.portlog.service.WatchSettings
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadow.api.Shadow
import org.robolectric.shadows.ShadowPopupMenu

/** The guide step by step, the settings, and what the app says about itself. */
@RunWith(RobolectricTestRunner::class)
@Config(
    sdk = [23, 28, 29, 34, 35],
    qualifiers = "w411dp-h891dp-xhdpi",
    application = StagedApplication::class,
)
class GuideAndSettingsTest {
    @get:Rule
    val stage = Stage()

    @Test
    fun `the first start leads through the guide, once`() {
        WatchSettings(stage.app).guideSeen = false
        val main = stage.open(ScreenIntents.main(stage.app)).get()
        val opened = shadowOf(main).nextStartedActivity
        assertEquals(GuideActivity::class.java.name, opened.component?.className)
        stage.open(opened)
        val again = stage.open(ScreenIntents.main(stage.app)).get()
        assertEquals(null, shadowOf(again).nextStartedActivity)
    }

    @Test
    fun `each step says why and what happens without it, and the place outlives the process`() {
        val steps = Guide(stage.app).steps()
        val controller = stage.open(ScreenIntents.guide(stage.app))
        val screen = controller.get()
        assertTrue(screen.words(), "It stops nothing" in screen.words())
        screen.text("Begin").performClick()
        for ((i, step) in steps.withIndex()) {
            val words = screen.words()
            assertTrue(words, "Step ${i + 1} of ${steps.size}" in words)
            assertTrue(words, step.title in words && step.why in words && step.without in words)
            if (i < steps.size - 1) screen.text("Next").performClick()
        }
        val again = stage.open(ScreenIntents.guide(stage.app), stage.kill(controller)).get()
        assertTrue(again.words(), "Step ${steps.size} of ${steps.size}" in again.words())
        @Suppress("DEPRECATION")
        again.onBackPressed()
        assertTrue("Step ${steps.size - 1} of" in again.words())
        assertFalse(again.isFinishing)
        again.text("Next").performClick()
        again.text("Finish").performClick()
        assertTrue(again.isFinishing)
    }

    @Test
    fun `settings are kept, and a mute can be taken back`() {
        stage.agent.mute(MuteRule.Remote("203.0.113.7"), true)
        val screen = stage.open(ScreenIntents.settings(stage.app)).get()
        until("the mute") { "203.0.113.7" in screen.words() }
        val settings = WatchSettings(stage.app)
        screen.text("Every app").performClick()
        assertTrue(settings.scopeAll)
        screen.text("30 seconds").performClick()
        assertEquals(30_000L, settings.paceScreenOff.activeMillis)
        (screen.text("Start with the phone") as Switch).performClick()
        assertFalse(settings.autostart)
        screen.views().first { it.contentDescription?.startsWith("Take the mute back") == true }
            .performClick()
        until("no mute") { "Nothing is muted." in screen.words() }
        assertTrue(stage.agent.stats().mutes.isEmpty())
    }

    @Test
    fun `night can be chosen where the phone is by day, and keeps the size of text`() {
        org.robolectric.RuntimeEnvironment.setFontScale(1.5f)
        val controller = stage.open(ScreenIntents.settings(stage.app))
        controller.get().text("Night").performClick()
        val screen = stage.open(ScreenIntents.settings(stage.app)).get()
        assertTrue(screen.resources.getBoolean(org.portlog.R.bool.night))
        assertEquals(1.5f, screen.resources.configuration.fontScale)
    }

    @Test
    fun `about tells version, signer, why INTERNET, and the limits`() {
        val certificate = byteArrayOf(0x30, 0x03, 0x02, 0x01, 0x05)
        signedWith(Signature(certificate))
        val screen = stage.open(Intent(stage.app, AboutActivity::class.java)).get()
        until("the core's version") { stage.agent.stats().version in screen.words() }
        val words = screen.words()
        for (part in listOf("INTERNET", "no microphone", "It stops no connection", "Apache")) {
            assertTrue("$part in\n$words", part in words)
        }
        val digest = MessageDigest.getInstance("SHA-256").digest(certificate)
            .joinToString("") { "%02x".format(it) }
        assertEquals("as apksigner prints it", digest, screen.text(digest).text.toString())
        assertFalse(words, "This phone does not tell." in words)
    }

    @Test
    fun `about says where the phone does not tell the signer`() {
        signedWith(null)
        val screen = stage.open(Intent(stage.app, AboutActivity::class.java)).get()
        assertTrue(screen.words(), "This phone does not tell." in screen.words())
    }

    @Suppress("DEPRECATION")
    private fun signedWith(signature: Signature?) {
        val own = shadowOf(stage.app.packageManager)
            .getInternalMutablePackageInfo(stage.app.packageName)
        own.signatures = signature?.let { arrayOf(it) }
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) {
            own.signingInfo = signature?.let {
                Shadow.newInstanceOf(SigningInfo::class.java).also { signing ->
                    shadowOf(signing).setSignatures(arrayOf(it))
                }
            }
        }
    }

    @Test
    fun `the menu leads to all that no tab shows`() {
        val main = stage.open(ScreenIntents.main(stage.app)).get()
        main.described("More").performClick()
        val menu = ShadowPopupMenu.getLatestPopupMenu().menu
        val names = (0 until menu.size()).map { menu.getItem(it).title.toString() }
        assertEquals(
            listOfNotNull(
                "Guide",
                // A helper that is connected is ended from here: nothing else leads to it then.
                "See all connections".takeIf { Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q },
                "DNS tap",
                "Run a test",
                "Before you reset",
                "Settings",
                "About and limits",
            ),
            names,
        )
        menu.performIdentifierAction(names.indexOf("DNS tap"), 0)
        assertEquals(
            TapActivity::class.java.name,
            shadowOf(main).nextStartedActivity.component?.className,
        )
    }
}
