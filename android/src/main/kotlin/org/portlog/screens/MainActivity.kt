package org.portlog.screens

import android.content.Intent
import android.os.Bundle
import android.view.KeyEvent
import android.view.View
import android.widget.FrameLayout
import android.widget.PopupMenu
import org.portlog.R
import org.portlog.screens.alerts.AlertsPage
import org.portlog.screens.lists.ListsPage
import org.portlog.screens.log.LogPage
import org.portlog.screens.parts.Glyph
import org.portlog.screens.watch.WatchPage
import org.portlog.screens.watch.isBlind
import org.portlog.service.Core
import org.portlog.service.ScreenIntents
import org.portlog.service.WatchService
import org.portlog.service.WatchSettings
import org.portlog.tap.Tap

/** The main screen: watch, alerts, lists and log, and a menu to the rest. */
class MainActivity : Screen() {
    private lateinit var tabs: TabBar
    private lateinit var place: FrameLayout
    private val pages = mutableMapOf<Tab, Page>()
    private var kept = Bundle()
    private var chosen = Tab.WATCH
    private var visible = false

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        kept = savedInstanceState ?: Bundle()
        chosen = savedInstanceState?.getString(TAB)?.let { Tab.valueOf(it) }
            ?: Doors.tabOf(intent)
            ?: Tab.WATCH
        val fresh = savedInstanceState == null
        place = FrameLayout(this)
        tabs = TabBar(this, ::choose)
        show(getString(R.string.app_name), place, up = false, below = tabs.view)
        present()
        if (fresh) follow(intent)
        if (fresh && !WatchSettings(this).guideSeen) startActivity(ScreenIntents.guide(this))
    }

    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        setIntent(intent)
        Doors.tabOf(intent)?.let { choose(it) }
        follow(intent)
    }

    override fun onStart() {
        super.onStart()
        visible = true
        pages[chosen]?.arrive()
    }

    override fun onStop() {
        visible = false
        pages[chosen]?.leave()
        super.onStop()
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        outState.putString(TAB, chosen.name)
        for (tab in Tab.entries) {
            val page = pages[tab]
            val state = if (page == null) kept.getBundle(tab.name) else Bundle().also(page::save)
            outState.putBundle(tab.name, state)
        }
    }

    @Deprecated("The platform's newer way needs Android 13.")
    override fun onBackPressed() {
        when {
            pages.getValue(chosen).back() -> Unit
            chosen != Tab.WATCH -> choose(Tab.WATCH)
            else -> @Suppress("DEPRECATION") super.onBackPressed()
        }
    }

    // Phones of 2014 have a key for the menu.
    override fun onKeyUp(keyCode: Int, event: KeyEvent): Boolean =
        if (keyCode == KeyEvent.KEYCODE_MENU) {
            openMenu(header.view)
            true
        } else {
            super.onKeyUp(keyCode, event)
        }

    @Deprecated("The platform's newer way is not in it.")
    override fun onActivityResult(requestCode: Int, resultCode: Int, data: Intent?) {
        @Suppress("DEPRECATION")
        super.onActivityResult(requestCode, resultCode, data)
        FilePicker.chosen(requestCode, resultCode, data)?.let {
            (pages[Tab.LISTS] as? ListsPage)?.picked(it)
        }
    }

    /** Shows another tab. */
    internal fun choose(tab: Tab) {
        if (tab == chosen) return
        if (visible) pages[chosen]?.leave()
        chosen = tab
        present()
        if (visible) pages[chosen]?.arrive()
    }

    /** Puts [actions] and the menu into the header. */
    internal fun actions(title: Int, actions: () -> Unit) {
        header.title(getString(title))
        header.clearActions()
        actions()
        header.action(Glyph.MORE, getString(R.string.menu_open), ::openMenu)
    }

    private fun present() {
        val page = pages.getOrPut(chosen) { make(chosen, kept.getBundle(chosen.name)) }
        tabs.mark(chosen)
        place.removeAllViews()
        place.addView(page.view)
    }

    /** Shows what an intent is about beyond its tab: one owner's connections, an alert. */
    private fun follow(intent: Intent) {
        Doors.ownerOf(intent)?.let { (pages.getValue(Tab.WATCH) as WatchPage).only(it) }
        intent.getStringExtra(ScreenIntents.EXTRA_ALERT)?.let {
            startActivity(Doors.alert(this, it))
        }
    }

    private fun make(tab: Tab, state: Bundle?): Page = when (tab) {
        Tab.WATCH -> WatchPage(this, state)
        Tab.ALERTS -> AlertsPage(this, state)
        Tab.LISTS -> ListsPage(this, state)
        Tab.LOG -> LogPage(this, state)
    }

    private fun openMenu(anchor: View) {
        val menu = PopupMenu(this, anchor, android.view.Gravity.END)
        val deeds = listOfNotNull(
            // The watch page has no room for it where something else helps more.
            deed(R.string.watch_stop) { WatchService.stop(this) }
                .takeIf { Core.of(this).watching },
            way(R.string.menu_guide, ScreenIntents.guide(this)),
            way(R.string.helper_title, ScreenIntents.helper(this)).takeIf { isBlind },
            way(R.string.tap_title, ScreenIntents.tap(this)).takeIf { Tap.isSupported },
            way(R.string.test_title, Intent(this, TestActivity::class.java)),
            way(R.string.reset_title, Intent(this, BeforeResetActivity::class.java)),
            way(R.string.menu_settings, ScreenIntents.settings(this)),
            way(R.string.menu_about, Intent(this, AboutActivity::class.java)),
        )
        deeds.forEachIndexed { i, (label, _) -> menu.menu.add(0, i, i, label) }
        menu.setOnMenuItemClickListener { item ->
            deeds[item.itemId].second()
            true
        }
        menu.show()
    }

    private fun way(label: Int, screen: Intent) = deed(label) { startActivity(screen) }

    private fun deed(label: Int, deed: () -> Unit): Pair<Int, () -> Unit> = label to deed

    private companion object {
        const val TAB = "tab"
    }
}
