package org.portlog.tap

import android.app.Activity
import android.content.Intent
import android.widget.Switch
import android.widget.TextView
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.RuleChain
import org.junit.runner.RunWith
import org.portlog.core.TapRequest
import org.portlog.packets.answer
import org.portlog.screens.Stage
import org.portlog.screens.StagedApplication
import org.portlog.screens.text
import org.portlog.screens.until
import org.portlog.screens.views
import org.portlog.screens.words
import org.portlog.service.ScreenIntents
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** The consent: what the tap does is said first, then Android asks; and the switches. */
@RunWith(RobolectricTestRunner::class)
@Config(
    sdk = [23, 28, 29, 34, 35],
    qualifiers = "w411dp-h891dp-xhdpi",
    application = StagedApplication::class,
    shadows = [
        ShadowBuilder::class,
        ShadowTap::class,
        ShadowConnections::class,
        ShadowResolver::class,
    ],
)
class TapScreenTest {
    private val stage = Stage()
    private val tap = Tapping()

    @get:Rule
    val rules: RuleChain = RuleChain.outerRule(stage).around(tap)

    private fun open(): Activity = stage.open(ScreenIntents.tap(stage.app)).get().also {
        until("the screen is filled") { "What it cannot see" in it.words() }
    }

    private fun started(): Intent? = shadowOf(stage.app).nextStartedService

    /** The tap is on, as after [open] and consent. */
    private fun turnedOn() = tap.wire().also {
        tap.start()
        until("it runs") { stage.agent.tap(TapRequest.Look).since != null }
    }

    @Test
    fun `it is said what the tap does before Android asks, and a no is a no`() {
        consent(stage.app, given = false)
        val screen = open()
        for (part in listOf("It is no tunnel", "one VPN at a time", "has no timer", "Not what is sent")) {
            assertTrue("$part in\n${screen.words()}", part in screen.words())
        }
        screen.text("Turn it on").performClick()
        val asked = shadowOf(screen).nextStartedActivityForResult
        assertEquals("consent", asked.intent.action)
        assertNull(started())
        shadowOf(screen).receiveResult(asked.intent, Activity.RESULT_CANCELED, null)
        assertTrue(screen.words(), "Without your consent" in screen.words())
        assertNull(started())
        assertFalse(tap.settings.wanted)
    }

    @Test
    fun `with a yes it begins, and can be turned off where it was turned on`() {
        consent(stage.app, given = false)
        val screen = open()
        screen.text("Turn it on").performClick()
        val asked = shadowOf(screen).nextStartedActivityForResult.intent
        consent(stage.app, given = true)
        shadowOf(screen).receiveResult(asked, Activity.RESULT_OK, null)
        val start = requireNotNull(started())
        assertEquals(TapService::class.java.name, start.component?.className)
        tap.wire()
        tap.deliver(start)
        until("it is shown") { "The DNS tap is on" in screen.words() }
        screen.text("Turn it off").performClick()
        until("it is off") { "The DNS tap is off" in screen.words() }
        assertFalse(Tap.isOn || tap.settings.wanted)
    }

    @Test
    fun `who gave consent before is not asked again`() {
        open().text("Turn it on").performClick()
        assertEquals(TapService::class.java.name, started()?.component?.className)
    }

    @Test
    fun `another VPN is said before it would end`() {
        tap.network(5, "192.0.2.53")
        tap.vpn("192.0.2.99")
        val screen = open()
        until("it is said") { "Another app's VPN is active" in screen.words() }
        assertNull(started())
    }

    @Test
    fun `that another VPN took its place is said, and what lockdown does`() {
        turnedOn()
        TheSystem.lockdown = true
        TheSystem.alwaysOn = true
        val screen = open()
        if (android.os.Build.VERSION.SDK_INT >= android.os.Build.VERSION_CODES.Q) {
            assertTrue(screen.words(), "apps are offline" in screen.words())
            assertTrue(screen.words(), "always-on VPN" in screen.words())
        }
        tap.service.onRevoke()
        until("it is said") { "It ended because another VPN began" in screen.words() }
    }

    @Test
    fun `the settings' switch leads to what it does, and switches off`() {
        val screen = stage.open(ScreenIntents.settings(stage.app)).get()
        val switch = screen.text("DNS tap") as Switch
        assertFalse(switch.isChecked)
        switch.performClick()
        assertFalse("it is not on yet", switch.isChecked)
        assertEquals(
            "org.portlog.screens.TapActivity",
            shadowOf(screen).nextStartedActivity.component?.className,
        )
        assertNull(started())
        turnedOn()
        val again = stage.open(ScreenIntents.settings(stage.app)).get().text("DNS tap") as Switch
        assertTrue(again.isChecked)
        again.performClick()
        assertFalse(Tap.isOn)
    }

    @Test
    fun `the watch page has the switch too, and counts are shown`() {
        stage.watch()
        TheSystem.resolver = { answer(it, listOf(203, 0, 113, 7)) }
        val wire = turnedOn()
        val page = stage.open(ScreenIntents.main(stage.app)).get()
        until("it is on") { (page.text("DNS tap") as Switch).isChecked }
        tap.network(5, "127.0.0.99")
        wire.send(Tapping.asked("host.test", 40_001).packet())
        wire.receive()
        val screen = open()
        until("the question is counted") {
            "Questions\n1" in screen.words()
        }
        Tap.stop(stage.app)
        until("it is off") { "DNS tap" !in page.words() }
        page.views().filterIsInstance<TextView>()
            .first { it.text.startsWith("What can be seen") }.performClick()
        assertFalse((page.text("DNS tap") as Switch).isChecked)
    }
}
