package org.portlog.screens

import android.app.Activity
import android.content.ComponentName
import android.content.Intent
import android.content.pm.PermissionInfo
import android.net.Uri
import android.provider.Settings
import android.widget.ScrollView
import android.widget.TextView
import java.io.Closeable
import java.io.File
import java.io.IOException
import java.io.InputStream
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import kotlin.concurrent.thread
import org.junit.Assert.assertEquals
import org.junit.Before
import org.junit.Rule
import org.junit.Test
import org.junit.rules.RuleChain
import org.junit.runner.RunWith
import org.portlog.R
import org.portlog.core.BoardQuery
import org.portlog.core.Category
import org.portlog.core.Helper
import org.portlog.core.HelperOrders
import org.portlog.core.HelperPhase
import org.portlog.core.HelperWay
import org.portlog.core.LinkState
import org.portlog.core.ListChange
import org.portlog.core.PracticeStep
import org.portlog.core.ReachRequest
import org.portlog.core.SessionState
import org.portlog.core.SharePreset
import org.portlog.core.TapRequest
import org.portlog.feeds.ListAccess
import org.portlog.guide.Guide
import org.portlog.guide.StepId
import org.portlog.packets.answer
import org.portlog.screens.parts.scrollingColumn
import org.portlog.screens.watch.OnlyOwner
import org.portlog.screens.watch.WatchDeeds
import org.portlog.screens.watch.WatchTop
import org.portlog.service.Boot
import org.portlog.service.ScreenIntents
import org.portlog.service.WatchSettings
import org.portlog.service.Watching
import org.portlog.tap.ShadowBuilder
import org.portlog.tap.ShadowConnections
import org.portlog.tap.ShadowResolver
import org.portlog.tap.ShadowTap
import org.portlog.tap.Tapping
import org.portlog.tap.TheSystem
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** Draws what a screen shows only at times; see [ScreenshotTest]. */
@RunWith(RobolectricTestRunner::class)
@Config(
    sdk = [35],
    qualifiers = "w360dp-h720dp-xhdpi",
    application = StagedApplication::class,
    shadows = [
        ShadowBuilder::class,
        ShadowTap::class,
        ShadowConnections::class,
        ShadowResolver::class,
    ],
)
class StateScreenshotTest {
    private val stage = Stage()
    private val tap = Tapping()

    @get:Rule
    val rules: RuleChain = RuleChain.outerRule(stage).around(tap)

    @Before
    fun once() = onlyOverTheAppsOwnCode()

    @Test
    fun `states of the watch`() {
        val camera = stage.camera("states")
        camera.shot("stopped", main())
        stage.list("203.0.113.7\n")
        stage.watch()
        camera.shot("quiet", main())
        camera.shot("alerts-none", main(ScreenIntents.PAGE_ALERTS))
        Settings.Global.putInt(stage.app.contentResolver, Settings.Global.BOOT_COUNT, 7)
        WatchSettings(stage.app).bootStartMissed = Boot.current(stage.app)
        camera.shot("missed-start", main())
        WatchSettings(stage.app).bootStartMissed = null
        refuse()
        camera.shot("denied", main())
        stage.agent.setLists(ListChange.Remove(1))
        camera.shot("lists-none", main(ScreenIntents.PAGE_LISTS))
    }

    @Test
    @Config(sdk = [28])
    fun `refused where apps are not refused as a rule`() {
        stage.watch()
        refuse()
        stage.camera("states").shot("denied-9", main())
    }

    @Test
    fun `a watch that failed`() {
        // No test can make the watch end by itself: its top is told that it did.
        val controller = stage.open(Intent(stage.app, AboutActivity::class.java))
        val screen = controller.get() as Screen
        val nothing = { }
        val top = WatchTop(screen, WatchDeeds(nothing, nothing, nothing, nothing, nothing, nothing))
        val board = stage.agent.snapshot(BoardQuery()).copy(
            state = SessionState.FAILED,
            stateText = "The watch ended by itself (the poll thread ended). Start it again.",
        )
        top.show(board, emptyList(), watching = true)
        screen.show(screen.getString(R.string.app_name), scrollingColumn(screen, top.view).first)
        val camera = stage.camera("states")
        camera.settle()
        camera.keep("failed", camera.drawn(screen))
    }

    @Test
    fun `what is folded`() {
        stage.furnish()
        val camera = stage.camera("folded")
        camera.shot("filter", main()) {
            it.described(it.getString(R.string.filter_open)).performClick()
        }
        camera.shot("search", main()) {
            it.described(it.getString(R.string.search_open)).performClick()
        }
        camera.shot("coverage", main()) { screen ->
            screen.views().filterIsInstance<TextView>()
                .first { it.text.startsWith("What can be seen") }.performClick()
        }
        camera.shot("list", main(ScreenIntents.PAGE_LISTS)) {
            it.text("1 line could not be used").performClick()
        }
        val owner = stage.agent.snapshot(BoardQuery(text = "198.51.100.80")).connections.first().owner
        camera.shot("only", Doors.connectionsOf(stage.app, OnlyOwner(owner.key, owner.name))) { screen ->
            until("its own") { "1 of 5" in screen.words() }
        }
    }

    @Test
    fun `every step of the guide, on a phone that has them all`() {
        miui()
        val camera = stage.camera("guide")
        camera.shot("welcome", ScreenIntents.guide(stage.app))
        for (step in Guide(stage.app).steps()) {
            camera.shot(step.id.name.lowercase(), ScreenIntents.guide(stage.app, step.id.name))
        }
    }

    @Test
    @Config(qualifiers = "w360dp-h1200dp-xhdpi")
    fun `the practice alert where its connection is not seen`() {
        stage.watch()
        stage.agent.practice(PracticeStep.Begin)
        until("a link failed") {
            stage.agent.practice(PracticeStep.Look).links.any { it.state == LinkState.FAILED }
        }
        stage.camera("practice").shot("failed", practice()) { screen ->
            until("it is shown") { "Practise again" in screen.words() }
            screen.text("See all connections").performClick()
            assertEquals(
                HelperActivity::class.java.name,
                shadowOf(screen).nextStartedActivity.component?.className,
            )
        }
    }

    @Test
    @Config(qualifiers = "w360dp-h2000dp-xhdpi")
    fun `the helper, connected and lost`() {
        val camera = stage.camera("helper")
        stage.watch()
        InHelper(stage).use { helper ->
            until("it is there") { phase() == HelperPhase.CONNECTED }
            camera.shot("connected", ScreenIntents.helper(stage.app)) { screen ->
                until("it is shown") { "Portlog sees all connections" in screen.words() }
            }
            helper.cut()
            until("it is lost") { phase() == HelperPhase.LOST }
            camera.shot("lost", ScreenIntents.helper(stage.app)) { screen ->
                until("it is shown") { "does not answer" in screen.words() }
            }
        }
    }

    @Test
    @Config(qualifiers = "w360dp-h2000dp-xhdpi")
    fun `the DNS tap, on`() {
        stage.furnish()
        TheSystem.resolver = { answer(it, listOf(203, 0, 113, 7)) }
        tap.wire()
        tap.start()
        until("it runs") { stage.agent.tap(TapRequest.Look).since != null }
        val camera = stage.camera("tap")
        camera.shot("on", ScreenIntents.tap(stage.app)) { screen ->
            until("it is shown") { "The DNS tap is on" in screen.words() }
        }
        camera.shot("watch", main())
    }

    @Test
    fun `a list on its way in`() {
        stage.list("203.0.113.7\n", Category.THREAT)
        val camera = stage.camera("import")
        val shared = Intent(stage.app, ImportActivity::class.java)
            .setAction(Intent.ACTION_SEND)
            .putExtra(Intent.EXTRA_TEXT, "203.0.113.9\nnot a host\n")
            .putExtra(Intent.EXTRA_SUBJECT, "evening.txt")
        camera.shot("done", shared) { screen ->
            screen.text("Add").performClick()
            until("it is in force") { "is in force" in screen.words() }
        }
        val gone = Uri.parse("content://com.example.files/gone.txt")
        shadowOf(stage.app.contentResolver).registerInputStreamSupplier(gone) {
            object : InputStream() {
                override fun read(): Int = throw IOException("no such document")
            }
        }
        camera.shot("refused", Doors.import(stage.app, gone)) { screen ->
            screen.text("Add").performClick()
            until("the reason") { "could not be read" in screen.words() }
        }
        camera.shot("replace", Doors.import(stage.app, gone, replacing = 1))
        camera.shot("nothing", Intent(stage.app, ImportActivity::class.java).setAction(Intent.ACTION_SEND))
    }

    @Test
    fun `questions before what cannot be taken back`() {
        stage.furnish()
        val camera = stage.camera("questions")
        val lists = camera.open("lists", main(ScreenIntents.PAGE_LISTS)).get()
        lists.described("Remove the list hosts.txt").performClick()
        camera.question("remove", lists)
        val export = ExportActivity.with(stage.app, SharePreset.EVERYTHING)
        val sharing = camera.open("export", export).get()
        sharing.text("See what a reader will see").performClick()
        until("the preview") { "Share the file" in sharing.words() }
        sharing.text("Share the file").performClick()
        camera.question("everything", sharing)
        val settings = camera.open("settings", ScreenIntents.settings(stage.app)).get()
        until("the log's settings") { "Keep a signed log" in settings.words() }
        settings.text(settings.getString(R.string.settings_erase)).performClick()
        camera.question("erase", settings)
        settings.text(settings.getString(R.string.settings_recorded_everyone)).performClick()
        camera.question("everyone", settings)
    }

    @Test
    fun `what the signed log leads to`() {
        stage.furnish()
        val camera = stage.camera("log")
        camera.shot("preview", Intent(stage.app, ExportActivity::class.java)) { screen ->
            screen.text("See what a reader will see").performClick()
            until("the preview") { "Share the file" in screen.words() }
        }
        camera.shot("more", main("log")) { it.text("More about this log").performClick() }
        camera.shot("settings", ScreenIntents.settings(stage.app)) { screen ->
            until("the log's settings") { "Keep a signed log" in screen.words() }
            val scroll = screen.views().first { it is ScrollView }
            scroll.scrollTo(0, scroll.height)
        }
        camera.shot("test", Intent(stage.app, TestActivity::class.java)) { screen ->
            screen.text("Begin the test").performClick()
            screen.text("Done: set the mark").performClick()
            until("it waits") { " to go." in screen.words() }
        }
        OtherPhone().use { other ->
            other.watch()
            val text = other.export(SharePreset.EVERYTHING).readText()
            camera.shot("verdict", Doors.openText(stage.app, text)) { screen ->
                until("the verdict") { "It checks" in screen.words() }
            }
        }
    }

    private fun main(page: String = ScreenIntents.PAGE_WATCH) = ScreenIntents.main(stage.app, page)

    private fun practice() = ScreenIntents.guide(stage.app, StepId.PRACTICE.name)

    private fun miui() {
        val packages = shadowOf(stage.app.packageManager)
        packages.addActivityIfNotPresent(
            ComponentName(
                "com.miui.securitycenter",
                "com.miui.permcenter.autostart.AutoStartManagementActivity",
            ),
        )
        packages.addPermissionInfo(
            PermissionInfo().apply {
                name = ListAccess.PERMISSION
                packageName = "com.lbe.security.miui"
                protectionLevel = PermissionInfo.PROTECTION_DANGEROUS
            },
        )
    }

    private fun phase() = stage.agent.reach(ReachRequest.State).phase

    private fun refuse() {
        for (table in listOf("tcp", "tcp6", "udp", "udp6")) stage.tree.deny(table)
        until("it is refused") { stage.agent.stats().state == SessionState.DENIED }
    }
}

/** Draws the practice alert over this machine's own tables, in which its connection stands. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], qualifiers = "w360dp-h1200dp-xhdpi")
class PracticeScreenshotTest {
    @get:Rule
    val watch = Watching()

    @Test
    fun `its links, the question, and what may be why`() {
        watch.start()
        val camera = Camera("practice") { _, intent ->
            Robolectric.buildActivity(GuideActivity::class.java, intent).setup()
        }
        val practice = ScreenIntents.guide(watch.application, StepId.PRACTICE.name)
        camera.shot("before", practice)
        camera.shot("question", practice) { screen ->
            screen.text("Start the practice alert").performClick()
            until("the question") { "Did you see it and hear it?" in screen.words() }
        }
        camera.shot("unheard", practice) { screen ->
            until("the question") { "Did you see it and hear it?" in screen.words() }
            screen.text("I saw it and heard nothing").performClick()
            until("it is said") { "Practise again" in screen.words() }
        }
    }
}

/** A helper on a thread of this process, and the line between it and the session. */
private class InHelper(stage: Stage) : Closeable {
    private val door = stage.agent.reach(ReachRequest.Listen(SHELL))
    private val between = ServerSocket(0, 1, InetAddress.getLoopbackAddress())
    private val line = mutableListOf<Socket>()

    init {
        thread(isDaemon = true) {
            val helper = between.accept()
            val session = Socket(between.inetAddress, door.port)
            synchronized(line) { line += listOf(helper, session) }
            thread(isDaemon = true) { pass(helper, session) }
            pass(session, helper)
        }
        val orders = HelperOrders(
            way = HelperWay.Loopback(between.localPort, door.secret),
            app = stage.app.packageName,
            apk = stage.app.packageCodePath,
            procRoot = stage.tree.folder.path,
            programs = "/system/bin",
            lock = File(stage.tree.folder, "helper.lock").path,
        )
        thread(isDaemon = true) { runCatching { Helper.run(orders) } }
    }

    /** Ends the line, as a USB mode does that ends adb. */
    fun cut() = synchronized(line) { line.forEach { it.close() } }

    override fun close() {
        cut()
        between.close()
    }

    private fun pass(from: Socket, to: Socket) {
        runCatching { from.getInputStream().copyTo(to.getOutputStream()) }
        runCatching { to.close() }
    }

    private companion object {
        const val SHELL = 2_000
    }
}
