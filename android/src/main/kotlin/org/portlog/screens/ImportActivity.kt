package org.portlog.screens

import android.os.Bundle
import android.view.View
import android.widget.LinearLayout
import android.widget.ProgressBar
import org.portlog.R
import org.portlog.core.Category
import org.portlog.core.ListLine
import org.portlog.lists.IncomingList
import org.portlog.screens.lists.CategoryChoice
import org.portlog.screens.lists.ImportRun
import org.portlog.screens.lists.OpenParts
import org.portlog.screens.lists.contents
import org.portlog.screens.parts.Glyph
import org.portlog.screens.parts.add
import org.portlog.screens.parts.beside
import org.portlog.screens.parts.card
import org.portlog.screens.parts.column
import org.portlog.screens.parts.group
import org.portlog.screens.parts.heading
import org.portlog.screens.parts.lead
import org.portlog.screens.parts.mainButton
import org.portlog.screens.parts.quietButton
import org.portlog.screens.parts.refill
import org.portlog.screens.parts.scrollingColumn
import org.portlog.screens.parts.softText
import org.portlog.screens.parts.text
import org.portlog.service.ScreenIntents

/** Takes a list that was shared or picked: asks what it is for, and says what became of it. */
open class ImportActivity : Screen() {
    private lateinit var place: LinearLayout
    private lateinit var scroll: KeptScroll
    private lateinit var run: ImportRun
    private val parts = OpenParts(mutableSetOf())
    private var incoming: IncomingList? = null
    private var category: Category? = null

    /** The list whose place it takes; `null` for a new one. Other apps can only add. */
    internal open val replacing: Int? get() = null

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        category = savedInstanceState?.getString(CATEGORY)?.let { Category.valueOf(it) }
        incoming = IncomingList.from(this, intent)
        place = column(this) { setPadding(0, 0, 0, look.dp(24)) }
        val (outer, scroller) = scrollingColumn(this, place)
        scroll = KeptScroll(scroller, savedInstanceState)
        show(getString(R.string.import_title), outer)
        @Suppress("DEPRECATION")
        run = lastNonConfigurationInstance as? ImportRun ?: ImportRun(this)
        run.onState = ::present
        present(run.state)
        scroll.restore()
    }

    // An import goes on while the screen is turned.
    @Deprecated("The platform's newer way is not in it.")
    override fun onRetainNonConfigurationInstance(): Any = run

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        outState.putString(CATEGORY, category?.name)
        scroll.save(outState)
    }

    override fun onDestroy() {
        run.onState = {}
        super.onDestroy()
    }

    private fun present(state: ImportRun.State) = place.refill {
        val list = incoming
        when {
            list == null -> nothingToImport()
            state is ImportRun.State.Asking -> question(list)
            state is ImportRun.State.Copying -> copying(list)
            state is ImportRun.State.Failed -> {
                failed(state.why)
                question(list)
            }
            state is ImportRun.State.Done -> done(state.list)
        }
    }

    private fun LinearLayout.nothingToImport() {
        add(text(context, getString(R.string.import_nothing)), top = 16)
        add(mainButton(context, getString(R.string.import_to_lists), ::toLists), top = 16)
    }

    private fun LinearLayout.question(list: IncomingList) {
        group(list.name) {
            if (replacing != null) {
                add(text(context, getString(R.string.import_replaces)), top = 8)
            } else {
                add(text(context, getString(R.string.import_question)), top = 8)
                val choice = CategoryChoice(context, category, byFormat = true) { category = it }
                add(choice.view, top = 4)
            }
        }
        add(
            mainButton(
                context,
                getString(if (replacing == null) R.string.import_begin else R.string.list_replace),
            ) { run.begin(list, category, replacing) },
            top = 16,
        )
        add(quietButton(context, getString(android.R.string.cancel)) { finish() }, top = 8)
    }

    private fun LinearLayout.copying(list: IncomingList) {
        group(list.name) {
            val progress = ProgressBar(context)
            progress.contentDescription = getString(R.string.import_copying)
            add(progress, top = 12)
            add(softText(context, getString(R.string.import_copying)), top = 8)
        }
    }

    private fun LinearLayout.failed(why: String) {
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

    private fun LinearLayout.done(list: ListLine) {
        add(
            card(context) {
                add(
                    heading(context, getString(R.string.import_done, list.name)).apply {
                        lead(Glyph.DONE.beside(context, look.good), roomDp = 12)
                        accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
                    },
                )
                contents(this@ImportActivity, list, parts)
            },
            top = 12,
        )
        add(mainButton(context, getString(R.string.import_to_lists), ::toLists), top = 16)
    }

    private fun toLists() {
        startActivity(ScreenIntents.main(this, ScreenIntents.PAGE_LISTS))
        finish()
    }

    private companion object {
        const val CATEGORY = "category"
    }
}

/** The same for a list that takes the place of another; only this app itself can ask for it. */
class ReplaceActivity : ImportActivity() {
    override val replacing: Int?
        get() = intent.getIntExtra(Doors.REPLACING, -1).takeIf { it >= 0 }
}
