package org.portlog.screens

import android.app.Activity
import android.content.Intent
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.core.LinkState
import org.portlog.core.PracticeStep
import org.portlog.guide.Guide
import org.portlog.service.ScreenIntents
import org.portlog.service.WatchSettings
import org.portlog.service.Watching
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

/** The practice alert as the user goes through it, over the real service and a real connection. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [23, 28, 29, 34, 35], qualifiers = "w411dp-h891dp-xhdpi")
class PracticeScreenTest {
    @get:Rule
    val watch = Watching()

    private fun lastStep(): Activity {
        val guide = Robolectric.buildActivity(
            GuideActivity::class.java,
            ScreenIntents.guide(watch.application),
        ).setup().get()
        guide.text("Begin").performClick()
        repeat(Guide(watch.application).steps().size - 1) { guide.text("Next").performClick() }
        return guide
    }

    private fun Activity.press(button: String) {
        watch.eventually("the button $button") { button in words() }
        text(button).performClick()
    }

    @Test
    fun `its links pass one by one, and the user says that it was seen and heard`() {
        watch.start()
        val guide = lastStep()
        guide.press("Start the practice alert")
        watch.eventually("the question") { "Did you see it and hear it?" in guide.words() }
        val report = watch.ask { it.practice(PracticeStep.Look) }
        for (link in report.links) assertTrue(guide.words(), link.text in guide.words())
        guide.described("Passed: ${report.links.first().text}")
        guide.press("I saw it and heard it")
        watch.eventually("it is kept") { WatchSettings(watch.application).practicePassed > 0 }
        watch.eventually("it is shown") { "It last passed as a whole" in guide.words() }
    }

    @Test
    fun `what was not heard is asked after, with what on the phone may be why`() {
        watch.start()
        val settings = Robolectric.buildActivity(
            SettingsActivity::class.java,
            ScreenIntents.settings(watch.application),
        ).setup().get()
        settings.press("Start the practice alert")
        settings.press("I saw it and heard nothing")
        watch.eventually("the last link failed") {
            watch.ask { it.practice(PracticeStep.Look) }.links.last().state == LinkState.FAILED
        }
        watch.eventually("a reason, or where to look") {
            "this may be why" in settings.words() ||
                "Nothing that an app can read explains it" in settings.words()
        }
        watch.eventually("another try") { "Practise again" in settings.words() }
    }

    @Test
    fun `a stopped watch is started for it`() {
        val settings = Robolectric.buildActivity(
            SettingsActivity::class.java,
            Intent(watch.application, SettingsActivity::class.java),
        ).setup().get()
        settings.press("Start the practice alert")
        watch.carryOut()
        watch.eventually("the question") { "Did you see it and hear it?" in settings.words() }
    }
}
