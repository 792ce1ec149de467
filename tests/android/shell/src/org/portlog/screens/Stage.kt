package org.portlog.screens

import android.app.Activity
import android.content.Intent
import android.os.Bundle
import android.os.Looper
import android.view.View
import android.view.ViewGroup
import android.widget.ListView
import android.widget.TextView
import java.io.File
import java.nio.file.Files
import java.time.Duration
import org.junit.Assert.fail
import org.junit.rules.ExternalResource
import org.portlog.PortlogApplication
import org.portlog.core.Agent
import org.portlog.core.BoardQuery
import org.portlog.core.Category
import org.portlog.core.Level
import org.portlog.core.ListChange
import org.portlog.core.ListPermission
import org.portlog.core.PackageFacts
import org.portlog.core.PackageFeed
import org.portlog.core.SessionState
import org.portlog.core.Settings
import org.portlog.service.ScreenIntents
import org.portlog.service.WatchSettings
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController

/** The app with a core that reads a tree of the test's own. */
class StagedApplication : PortlogApplication() {
    val tree = Tree(Files.createTempDirectory("portlog-tree").toFile())
    override val procRoot: String get() = tree.folder.path
}

/**
 * The real core behind the real screens, with a tree in the place of /proc: it is opened at once,
 * runs from [watch] on, and is closed after the test.
 */
class Stage : ExternalResource() {
    private val open = ArrayList<ActivityController<*>>()

    val app: StagedApplication
        get() = RuntimeEnvironment.getApplication() as StagedApplication
    val tree: Tree get() = app.tree
    val agent: Agent get() = app.core.agent()

    override fun before() {
        WatchSettings(app).guideSeen = true
        agent.setSettings(
            Settings(
                language = app.getString(org.portlog.R.string.core_language),
                utcOffsetSeconds = 0,
                scopeAll = false,
                intervalMillis = 100,
                idleIntervalMillis = 100,
            ),
        )
        agent.setPackages(PackageFeed(ListPermission.NOT_NEEDED, PACKAGES))
    }

    override fun after() {
        open.forEach { it.pause().stop().destroy() }
        app.core.close()
        tree.folder.deleteRecursively()
    }

    /** Starts the watch, and waits until it has looked. */
    fun watch() {
        agent.start()
        until("the first look") {
            agent.stats().state in listOf(SessionState.WATCHING, SessionState.DENIED)
        }
    }

    /** How many connections and listeners the core knows of now. */
    fun connections(): Long = agent.snapshot(BoardQuery()).total

    /** Puts a list onto the shelf. */
    fun list(text: String, category: Category? = null, name: String = "hosts.txt") {
        val file = File.createTempFile("list", ".txt")
        file.writeText(text)
        agent.setLists(ListChange.Import(name, category, file.path))
        file.delete()
    }

    /**
     * A phone on which something happened: a list with lines that cannot be used, a connection that
     * it speaks of, one that is less sure, others, and a listener.
     */
    fun furnish() {
        list("203.0.113.7\n198.51.100.0/28\nnot a host\n", Category.OWN)
        list("0.0.0.0 ads.example.test\n", Category.TRACKER, "trackers.txt")
        tree.listener(PUSH, "192.0.2.10:5555")
        watch()
        tree.tcp(SYSTEM, "203.0.113.7:80")
        tree.tcp(PUSH, "198.51.100.5:5228", Tree.SYN_SENT)
        tree.tcp(BROWSER, "198.51.100.80:443")
        tree.udp(DNS, "192.0.2.53:53")
        until("two alerts") { agent.alerts(withNoted = false).size == 2 }
        until("all connections") { connections() == 5L }
    }

    /** Each screen with what [furnish] put there. */
    fun everyScreen(): Map<String, Intent> {
        val alert = agent.alerts(withNoted = false).first { it.level == Level.MATCH }
        val connection = agent.snapshot(BoardQuery(text = "203.0.113.7")).connections.first()
        return linkedMapOf(
            "watch" to ScreenIntents.main(app, ScreenIntents.PAGE_WATCH),
            "alerts" to ScreenIntents.main(app, ScreenIntents.PAGE_ALERTS),
            "lists" to ScreenIntents.main(app, ScreenIntents.PAGE_LISTS),
            "log" to ScreenIntents.main(app, "log"),
            "alert" to Doors.alert(app, alert.key),
            "connection" to ScreenIntents.connection(app, connection.id),
            "app" to ScreenIntents.owner(app, connection.owner.key),
            "guide" to ScreenIntents.guide(app),
            "settings" to ScreenIntents.settings(app),
            "helper" to ScreenIntents.helper(app),
            "about" to Intent(app, AboutActivity::class.java),
            "import" to Intent(app, ImportActivity::class.java)
                .setAction(Intent.ACTION_SEND).putExtra(Intent.EXTRA_TEXT, "203.0.113.9"),
            "mark" to Intent(app, MarkActivity::class.java),
            "entries" to Intent(app, EntriesActivity::class.java),
            "export" to Intent(app, ExportActivity::class.java),
            "checkpoint" to ScreenIntents.checkpoint(app),
            "reset" to Intent(app, BeforeResetActivity::class.java),
            "test" to Intent(app, TestActivity::class.java),
            "open" to Doors.openText(app, "hello"),
            "tap" to ScreenIntents.tap(app),
        )
    }

    /** Opens a screen, and waits until it shows what the core told it. */
    fun openFilled(name: String, intent: Intent): ActivityController<out Activity> =
        open(intent).also { screen ->
            val sign = mapOf(
                "watch" to "connections and listeners",
                "alerts" to "What should I do now?",
                "lists" to "trackers.txt",
                "log" to "records since",
                "alert" to "203.0.113.7:80",
                "connection" to "203.0.113.7:80",
                "app" to "com.example.sync",
                "helper" to "Step 3 of 3",
                "about" to "0.",
                "entries" to "entries in all",
                "checkpoint" to "Paste the answer",
                "reset" to "After the reset",
                "tap" to "What it cannot see",
            )[name]
            if (sign != null) until("$name is filled") { screen.get().holds(sign) }
        }

    /** Takes pictures of this stage's screens. */
    fun camera(folder: String) = Camera(folder, ::openFilled)

    /** Opens a screen. */
    fun open(intent: Intent, saved: Bundle? = null): ActivityController<out Activity> {
        val name = intent.component?.className ?: error("which screen?")
        val type = Class.forName(name).asSubclass(Activity::class.java)
        val controller = Robolectric.buildActivity(type, intent)
        open += controller
        if (saved == null) controller.setup() else controller.setup(saved)
        return controller
    }

    /** What the system keeps of a screen when it ends the process; the screen is gone. */
    fun kill(screen: ActivityController<out Activity>): Bundle {
        val kept = Bundle()
        screen.pause().saveInstanceState(kept).stop().destroy()
        open -= screen
        // Only what can be written to another process comes back.
        val parcel = android.os.Parcel.obtain()
        parcel.writeBundle(kept)
        val bytes = parcel.marshall()
        parcel.recycle()
        val read = android.os.Parcel.obtain()
        read.unmarshall(bytes, 0, bytes.size)
        read.setDataPosition(0)
        return requireNotNull(read.readBundle(javaClass.classLoader)).also { read.recycle() }
    }

    companion object {
        const val SYSTEM = 1_000
        const val PUSH = 10_023
        const val BROWSER = 10_088
        const val DNS = 1_051

        /** What comes with the phone, some of it under one UID, and an app that was installed. */
        val PACKAGES: List<PackageFacts> = listOf(
            // The framework's own package: a list without it is no phone's.
            facts("android", SYSTEM, "Android System", true),
            facts("com.example.settings", SYSTEM, "Settings", true),
            facts("com.example.sync", SYSTEM, "Device sync", true),
            facts("com.example.keychain", SYSTEM, "Keys", true),
            facts("com.example.push", PUSH, "Push service", true),
            facts("org.example.browser", BROWSER, "Browser", false),
            facts("org.example.notes", 10_089, "Notes", false),
        ) + (1..80).map { facts("com.example.part$it", 10_200 + it, "Part $it", true) }

        private fun facts(name: String, uid: Int, label: String, system: Boolean) = PackageFacts(
            name = name,
            uid = uid,
            system = system,
            updatedSystem = false,
            sourcePath =
                if (system) "/system/app/$label/$label.apk" else "/data/app/$name-1/base.apk",
            factoryPath = null,
            version = "8.1",
            label = label,
            signers = listOf(if (system) "ab".repeat(32) else "cd".repeat(32)),
            installerKnown = true,
            installer = if (system) null else "org.example.store",
            launcherEntry = !system,
            firstInstall = if (system) 1_230_768_000_000 else 1_790_000_000_000,
        )
    }
}

/** Lets the screens go on until [holds], for as long as a slow machine may need. */
fun until(what: String, holds: () -> Boolean) {
    val deadline = System.nanoTime() + 20_000_000_000
    while (true) {
        shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMillis(60))
        if (holds()) return
        if (System.nanoTime() > deadline) fail("never: $what")
        Thread.sleep(15)
    }
}

/** Every view of a screen, outer first. */
fun Activity.views(): Sequence<View> = window.decorView.all()

/** The view and everything in it that is shown. */
fun View.all(): Sequence<View> = sequence {
    if (visibility == View.VISIBLE) {
        yield(this@all)
        if (this@all is ViewGroup) {
            for (i in 0 until childCount) yieldAll(getChildAt(i).all())
        }
    }
}

/** The words on a screen, one text a line. */
fun Activity.words(): String = views().filterIsInstance<TextView>().map { it.text }
    .filter { it.isNotEmpty() }.joinToString("\n")

/** The text that has exactly these words. */
fun Activity.text(words: String): TextView =
    views().filterIsInstance<TextView>().firstOrNull { it.text.toString() == words }
        ?: throw AssertionError("no \"$words\" among:\n${words()}")

/** What screen readers call so. */
fun Activity.described(description: String): View =
    views().firstOrNull { it.contentDescription?.toString() == description }
        ?: throw AssertionError(
            "nothing is called \"$description\"; there is:\n" +
                views().mapNotNull { it.contentDescription }.joinToString("\n"),
        )

/** Whether a text of the screen has these words in it; in other languages, whether it is filled. */
fun Activity.holds(words: String): Boolean = words in words() || resources.configuration.run {
    @Suppress("DEPRECATION")
    locale.language != "en"
} && (views().count() > FEW || views().any { it is ListView && it.count > FEW_ROWS })

private const val FEW = 25
private const val FEW_ROWS = 5
