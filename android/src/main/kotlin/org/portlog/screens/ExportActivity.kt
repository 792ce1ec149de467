package org.portlog.screens

import android.app.AlertDialog
import android.content.ActivityNotFoundException
import android.content.Context
import android.content.Intent
import android.os.Bundle
import android.view.View
import android.widget.LinearLayout
import android.widget.ProgressBar
import java.io.File
import org.portlog.R
import org.portlog.core.Exported
import org.portlog.core.LogRequest
import org.portlog.core.ShareChoice
import org.portlog.core.SharePreset
import org.portlog.core.SharePreview
import org.portlog.screens.log.ExportForm
import org.portlog.screens.log.ExportRun
import org.portlog.screens.parts.Glyph
import org.portlog.screens.parts.Look
import org.portlog.screens.parts.add
import org.portlog.screens.parts.beside
import org.portlog.screens.parts.bytes
import org.portlog.screens.parts.card
import org.portlog.screens.parts.column
import org.portlog.screens.parts.fact
import org.portlog.screens.parts.group
import org.portlog.screens.parts.lead
import org.portlog.screens.parts.mainButton
import org.portlog.screens.parts.number
import org.portlog.screens.parts.points
import org.portlog.screens.parts.quietButton
import org.portlog.screens.parts.refill
import org.portlog.screens.parts.scrollingColumn
import org.portlog.screens.parts.softText
import org.portlog.screens.parts.text
import org.portlog.service.Exports

/**
 * Shares a chosen part of the log: what is shown, what a reader will see of it, and then the
 * system's share sheet. Nothing is written before the user saw what it shows.
 */
class ExportActivity : Screen() {
    private lateinit var place: LinearLayout
    private lateinit var form: ExportForm
    private lateinit var run: ExportRun
    private lateinit var outer: View
    private lateinit var scroll: KeptScroll
    private var saidSaved: String? = null

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        val preset = intent.getStringExtra(PRESET)?.let { SharePreset.valueOf(it) }
        val since = intent.getLongExtra(SINCE, 0).takeIf { it > 0 }
        form = ExportForm(this, savedInstanceState, preset ?: SharePreset.ALERTS, since)
        place = column(this) { setPadding(0, 0, 0, look.dp(24)) }
        val (outer, scroller) = scrollingColumn(this, place)
        this.outer = outer
        scroll = KeptScroll(scroller, savedInstanceState)
        show(getString(R.string.export_title), outer)
        @Suppress("DEPRECATION")
        run = lastNonConfigurationInstance as? ExportRun ?: ExportRun(this)
        saidSaved = savedInstanceState?.getString(SAID_SAVED)
        if (run.state == ExportRun.State.Choosing) {
            savedInstanceState?.let(::kept)?.let { run.resume(it) }
        }
        run.onState = { state ->
            present(state)
            scroller.scrollTo(0, 0)
            if (state is ExportRun.State.Written) share(state.exported)
        }
        present(run.state)
        scroll.restore()
    }

    // An export goes on while the screen is turned.
    @Deprecated("The platform's newer way is not in it.")
    override fun onRetainNonConfigurationInstance(): Any = run

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        form.save(outState)
        scroll.save(outState)
        outState.putString(SAID_SAVED, saidSaved)
        val written = (run.state as? ExportRun.State.Written)?.exported ?: return
        outState.putString(TEXT, written.text)
        outState.putString(PATH, written.path)
        outState.putString(SHA256, written.sha256)
        outState.putLongArray(COUNTS, longArrayOf(written.shown, written.size, written.bytes))
    }

    override fun onDestroy() {
        run.onState = {}
        super.onDestroy()
    }

    @Deprecated("The platform's newer way needs Android 13.")
    override fun onBackPressed() {
        if (run.state is ExportRun.State.Previewed || run.state is ExportRun.State.Failed) {
            run.choose()
        } else {
            @Suppress("DEPRECATION")
            super.onBackPressed()
        }
    }

    private fun kept(state: Bundle): Exported? {
        val path = state.getString(PATH) ?: return null
        val counts = state.getLongArray(COUNTS) ?: return null
        val (shown, size, bytes) = counts
        val sha256 = state.getString(SHA256).orEmpty()
        return Exported(true, state.getString(TEXT).orEmpty(), path, shown, size, bytes, sha256)
    }

    private fun present(state: ExportRun.State) = place.refill {
        when (state) {
            ExportRun.State.Choosing -> choosing()
            ExportRun.State.Working -> working()
            is ExportRun.State.Previewed -> previewed(state.choice, state.preview)
            is ExportRun.State.Written -> written(state.exported)
            is ExportRun.State.Failed -> {
                problem(state.why)
                choosing()
            }
        }
    }

    private fun LinearLayout.choosing() {
        add(text(context, getString(R.string.export_why)), top = 16)
        (form.view.parent as? LinearLayout)?.removeView(form.view)
        add(form.view)
        add(
            mainButton(context, getString(R.string.export_make)) { run.preview(form.choice) },
            top = 16,
        )
    }

    private fun LinearLayout.working() {
        val words = getString(R.string.export_making)
        add(ProgressBar(context).apply { contentDescription = words }, top = 24)
        add(softText(context, words), top = 8)
    }

    private fun LinearLayout.previewed(choice: ShareChoice, preview: SharePreview) {
        if (preview.problem.isNotEmpty()) {
            problem(preview.problem)
        } else {
            firstLines(preview)
            contents(preview)
            if (preview.warnings.isNotEmpty()) {
                group(getString(R.string.export_know)) { points(preview.warnings) }
            }
            val share = getString(R.string.export_share)
            add(mainButton(context, share) { confirm(choice) }, top = 16)
        }
        add(quietButton(context, getString(R.string.export_change)) { run.choose() }, top = 8)
    }

    private fun LinearLayout.firstLines(preview: SharePreview) {
        group(getString(R.string.export_preview)) {
            for (line in preview.firstLinesText) add(text(context, line), top = 8)
        }
    }

    private fun LinearLayout.contents(preview: SharePreview) {
        group(getString(R.string.export_entries)) {
            for (kind in preview.kinds) {
                add(text(context, getString(R.string.export_kind, kind.text, number(kind.count))))
            }
            told(R.string.export_owners, preview.owners, preview.moreOwners)
            told(R.string.export_hosts, preview.hosts, preview.moreHosts)
        }
        group(getString(R.string.export_withheld)) {
            if (preview.withheld.isEmpty()) {
                add(softText(context, getString(R.string.export_withheld_none)), top = 8)
            }
            points(preview.withheld)
        }
        add(softText(context, getString(R.string.export_size, bytes(context, preview.bytes))), top = 12)
    }

    private fun LinearLayout.told(name: Int, all: List<String>, more: Long) {
        if (all.isEmpty()) return
        val rest = more.coerceAtMost(Int.MAX_VALUE.toLong()).toInt()
        val words = all.toMutableList()
        if (rest > 0) words += resources.getQuantityString(R.plurals.more, rest, rest)
        fact(getString(name), words.joinToString(getString(R.string.list_separator)))
    }

    private fun LinearLayout.written(exported: Exported) {
        group(getString(R.string.export_file)) {
            add(
                text(context, exported.text).apply {
                    lead(Glyph.DONE.beside(context, look.good, 20))
                },
                top = 8,
            )
            fact(getString(R.string.export_name), File(exported.path).name, mono = true)
            fact(getString(R.string.export_sha256), exported.sha256, mono = true)
            add(
                quietButton(context, getString(R.string.export_share_again)) { share(exported) },
                width = LinearLayout.LayoutParams.WRAP_CONTENT,
                top = 12,
            )
        }
        group(getString(R.string.export_saved_question)) { saved() }
        add(quietButton(context, getString(R.string.export_change)) { run.choose() }, top = 16)
    }

    private fun LinearLayout.saved() {
        val words = saidSaved
        if (words != null) {
            add(
                text(context, words).apply {
                    lead(Glyph.DONE.beside(context, look.good, 20))
                    accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
                },
                top = 8,
            )
            return
        }
        add(text(context, getString(R.string.export_saved_why)), top = 8)
        add(mainButton(context, getString(R.string.export_saved_yes), ::sayPut), top = 12)
        add(quietButton(context, getString(R.string.export_saved_no)) { finish() }, top = 8)
    }

    private fun sayPut() = ask(work = { it.log(LogRequest.Saved) }) { checks ->
        saidSaved = checks.checks.firstOrNull()?.text.orEmpty()
        present(run.state)
    }

    private fun LinearLayout.problem(why: String) {
        add(
            card(context) {
                add(
                    text(context, why).apply {
                        lead(Glyph.REFUSED.beside(context, look.match), roomDp = 12)
                        accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_ASSERTIVE
                    },
                )
            },
            top = 12,
        )
    }

    private fun confirm(choice: ShareChoice) {
        if (choice.preset != SharePreset.EVERYTHING) return run.write(choice)
        val discloses = resources.getStringArray(R.array.export_discloses)
        show(
            AlertDialog.Builder(this)
                .setTitle(R.string.export_everything_ask)
                .setMessage(discloses.joinToString("\n\n"))
                .setPositiveButton(R.string.export_everything_yes) { _, _ -> run.write(choice) }
                .setNegativeButton(android.R.string.cancel, null)
                .create(),
        )
    }

    private fun share(exported: Exported) {
        val send = Exports.share(this, File(exported.path))
        try {
            startActivity(Intent.createChooser(send, getString(R.string.export_share_with)))
        } catch (_: ActivityNotFoundException) {
            showProblem(getString(R.string.export_no_app))
        }
    }

    companion object {
        private const val PRESET = "org.portlog.PRESET"
        private const val SINCE = "org.portlog.SINCE"
        private const val SAID_SAVED = "said saved"
        private const val TEXT = "written"
        private const val PATH = "path"
        private const val SHA256 = "sha256"
        private const val COUNTS = "counts"

        /** The same, with [preset] chosen, from [since] on. */
        internal fun with(context: Context, preset: SharePreset, since: Long? = null): Intent =
            Intent(context, ExportActivity::class.java)
                .putExtra(PRESET, preset.name)
                .putExtra(SINCE, since ?: 0L)
    }
}
