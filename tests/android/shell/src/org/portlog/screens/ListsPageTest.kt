package org.portlog.screens

import android.app.Activity
import android.app.AlertDialog
import android.content.Intent
import android.net.Uri
import android.os.Bundle
import android.widget.CompoundButton
import java.io.ByteArrayInputStream
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.core.Category
import org.portlog.core.ListChange
import org.portlog.service.ScreenIntents
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowAlertDialog

/** The lists: from the picker or a share to the shelf, what is wrong in them, and off it again. */
@RunWith(RobolectricTestRunner::class)
@Config(
    sdk = [23, 28, 29, 34, 35],
    qualifiers = "w411dp-h891dp-xhdpi",
    application = StagedApplication::class,
)
class ListsPageTest {
    @get:Rule
    val stage = Stage()

    private fun open(saved: Bundle? = null) =
        stage.open(ScreenIntents.main(stage.app, ScreenIntents.PAGE_LISTS), saved)

    private fun shelf() = stage.agent.setLists(ListChange.Look)

    private fun document(name: String, text: String): Uri {
        val uri = Uri.parse("content://com.example.files/$name")
        shadowOf(stage.app.contentResolver)
            .registerInputStreamSupplier(uri) { ByteArrayInputStream(text.toByteArray()) }
        return uri
    }

    private fun shared(text: String) = Intent(stage.app, ImportActivity::class.java)
        .setAction(Intent.ACTION_SEND).putExtra(Intent.EXTRA_TEXT, text)
        .putExtra(Intent.EXTRA_SUBJECT, "evening.txt")

    @Test
    fun `without lists it says what that means, and which files can be lists`() {
        val screen = open().get()
        until("the words") { "No list yet" in screen.words() }
        assertTrue(screen.words(), "Without one nothing can raise an alert" in screen.words())
        assertTrue(screen.words(), "STIX 2.1" in screen.words())
    }

    @Test
    fun `the picker's file is imported as the category that was chosen, with its errors told`() {
        val page = open().get()
        until("the page") { "No list yet" in page.words() }
        page.text("Add a list").performClick()
        val picker = shadowOf(page).nextStartedActivityForResult
        assertEquals(Intent.ACTION_OPEN_DOCUMENT, picker.intent.action)
        val uri = document("mine.txt", "203.0.113.7\nnot a host\n")
        shadowOf(page).receiveResult(picker.intent, Activity.RESULT_OK, Intent().setData(uri))
        val import = shadowOf(page).nextStartedActivity
        assertEquals(ImportActivity::class.java.name, import.component?.className)

        val screen = stage.open(import).get()
        assertTrue(screen.words(), "Hosts that somebody you trust calls a threat" in screen.words())
        screen.text("Known threats").performClick()
        screen.text("Add").performClick()
        until("it is in force") { "is in force" in screen.words() }
        screen.text("1 line could not be used").performClick()
        assertTrue(screen.words(), "Line 2" in screen.words())
        val list = shelf().single()
        assertEquals(Category.THREAT, list.category)
        assertEquals("mine.txt", list.name)
        assertTrue(screen.words(), list.bad.single().reason in screen.words())
    }

    @Test
    fun `a choice and an import on its way outlive a rotation`() {
        val controller = stage.open(shared("203.0.113.7"))
        controller.get().text("Reported in the past").performClick()
        controller.recreate()
        controller.get().text("Add").performClick()
        controller.recreate()
        until("it is in force") { "is in force" in controller.get().words() }
        assertEquals(Category.REPORTED, shelf().single().category)
        assertEquals("evening.txt", shelf().single().name)
    }

    @Test
    fun `what cannot be read is refused with a reason, and can be tried again`() {
        val uri = Uri.parse("content://com.example.files/gone.txt")
        val screen = stage.open(Doors.import(stage.app, uri, replacing = null)).get()
        screen.text("Add").performClick()
        until("the reason") { "could not be read" in screen.words() }
        assertTrue(shelf().isEmpty())
        assertTrue(screen.text("Add").isEnabled)
    }

    @Test
    fun `a share without anything says so`() {
        val screen = stage.open(
            Intent(stage.app, ImportActivity::class.java).setAction(Intent.ACTION_SEND),
        ).get()
        assertTrue(screen.words(), "no file and no text" in screen.words())
    }

    @Test
    fun `other apps cannot have a list replaced`() {
        stage.list("203.0.113.7\n", Category.OWN)
        val id = shelf().single().id
        val screen = stage.open(shared("198.51.100.1").putExtra(Doors.REPLACING, id)).get()
        screen.text("Add").performClick()
        until("it is in force") { "is in force" in screen.words() }
        assertEquals(2, shelf().size)
    }

    @Test
    fun `a list is replaced by the file that was picked`() {
        stage.list("203.0.113.7\n", Category.THREAT)
        val before = shelf().single()
        val page = open().get()
        until("the list") { "hosts.txt" in page.words() }
        page.described("Replace the list hosts.txt").performClick()
        val picker = shadowOf(page).nextStartedActivityForResult
        val uri = document("other.txt", "198.51.100.1\n198.51.100.2\n")
        shadowOf(page).receiveResult(picker.intent, Activity.RESULT_OK, Intent().setData(uri))
        val screen = stage.open(shadowOf(page).nextStartedActivity).get()
        screen.text("Replace").performClick()
        until("it is in force") { "is in force" in screen.words() }
        val after = shelf().single()
        assertEquals(before.id, after.id)
        assertEquals(Category.THREAT, after.category)
        assertEquals(2L, after.rules)
    }

    @Test
    fun `the switch takes a list out of force, and another category can be given`() {
        stage.list("203.0.113.7\n", Category.OWN)
        val page = open().get()
        until("the list") { "hosts.txt" in page.words() }
        (page.text("hosts.txt") as CompoundButton).performClick()
        until("it is off") { !shelf().single().enabled }
        page.text("Change the category").performClick()
        page.text("Trackers and advertising").performClick()
        until("the category") { shelf().single().category == Category.TRACKER }
        until("the page says it") { "Nothing sounds." in page.words() }
    }

    @Test
    fun `a list is removed only after a question`() {
        stage.list("203.0.113.7\n", Category.OWN)
        val page = open().get()
        until("the list") { "hosts.txt" in page.words() }
        page.described("Remove the list hosts.txt").performClick()
        val question = ShadowAlertDialog.getLatestDialog() as AlertDialog
        assertTrue(question.isShowing)
        question.getButton(AlertDialog.BUTTON_NEGATIVE).performClick()
        assertEquals(1, shelf().size)
        page.described("Remove the list hosts.txt").performClick()
        (ShadowAlertDialog.getLatestDialog() as AlertDialog)
            .getButton(AlertDialog.BUTTON_POSITIVE).performClick()
        until("it is gone") { "No list yet" in page.words() }
        assertTrue(shelf().isEmpty())
    }

    @Test
    fun `what is open stays open over the process's death`() {
        stage.list("203.0.113.7\nnot a host\n", Category.OWN)
        val controller = open()
        until("the list") { "hosts.txt" in controller.get().words() }
        controller.get().text("1 line could not be used").performClick()
        assertTrue("Line 2" in controller.get().words())
        val again = open(stage.kill(controller)).get()
        until("the line") { "Line 2" in again.words() }
        again.text("1 line could not be used").performClick()
        assertFalse("Line 2" in again.words())
    }
}
