package org.portlog.screens

import android.content.Context
import android.content.Intent
import android.os.Bundle
import android.widget.LinearLayout
import org.portlog.R
import org.portlog.core.Stats
import org.portlog.feeds.Signer
import org.portlog.screens.parts.add
import org.portlog.screens.parts.address
import org.portlog.screens.parts.column
import org.portlog.screens.parts.fact
import org.portlog.screens.parts.group
import org.portlog.screens.parts.points
import org.portlog.screens.parts.scrollingColumn
import org.portlog.screens.parts.softText
import org.portlog.screens.parts.text

/** What the app is, who signed it, what it may do and why, and what it cannot see. */
class AboutActivity : Screen() {
    private lateinit var scroll: KeptScroll

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        val core = column(this)
        val content = column(this) {
            setPadding(0, 0, 0, look.dp(24))
            if (intent.getBooleanExtra(DESKTOP, false)) desktop()
            what(core)
            group(getString(R.string.about_permissions)) {
                points(listOf(getString(R.string.about_internet)))
                points(sentences(R.array.about_nothing_leaves))
            }
            group(getString(R.string.about_limits)) { points(sentences(R.array.about_limits)) }
            if (!intent.getBooleanExtra(DESKTOP, false)) desktop()
            group(getString(R.string.about_licence)) {
                add(text(context, getString(R.string.about_licence_text)), top = 8)
            }
        }
        val (outer, scroller) = scrollingColumn(this, content)
        scroll = KeptScroll(scroller, savedInstanceState)
        show(getString(R.string.menu_about), outer)
        scroll.restore()
        ask(work = { it.stats() }) { stats -> core.versions(stats) }
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        scroll.save(outState)
    }

    private fun LinearLayout.what(core: LinearLayout) = group(getString(R.string.app_name)) {
        add(text(context, getString(R.string.about_what)), top = 8)
        add(text(context, getString(R.string.about_no_verdict)), top = 8)
        fact(getString(R.string.about_version), Signer.version(context))
        add(core)
        val digest = Signer.sha256(context)
        if (digest == null) {
            fact(getString(R.string.about_signer), getString(R.string.about_signer_unknown))
        } else {
            fact(getString(R.string.about_signer), digest, mono = true)
            add(softText(context, getString(R.string.about_signer_why)), top = 6)
        }
    }

    private fun LinearLayout.versions(stats: Stats) {
        removeAllViews()
        fact(getString(R.string.about_core_version), stats.version)
    }

    private fun LinearLayout.desktop() = group(getString(R.string.desktop_title)) {
        add(text(context, getString(R.string.desktop_why)), top = 8)
        points(sentences(R.array.desktop_steps))
        add(address(context, getString(R.string.desktop_command)), top = 8)
    }

    private fun sentences(id: Int): List<String> = resources.getStringArray(id).toList()

    companion object {
        private const val DESKTOP = "org.portlog.DESKTOP"

        /** The same, with how to watch from a computer first. */
        internal fun withDesktop(context: Context): Intent =
            Intent(context, AboutActivity::class.java).putExtra(DESKTOP, true)
    }
}
