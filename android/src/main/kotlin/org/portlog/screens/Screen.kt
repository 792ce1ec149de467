package org.portlog.screens

import android.annotation.TargetApi
import android.app.Activity
import android.app.Dialog
import android.content.Context
import android.content.Intent
import android.os.Build
import android.os.Bundle
import android.view.View
import android.view.WindowInsetsController
import android.widget.LinearLayout
import android.widget.ScrollView
import org.portlog.R
import org.portlog.core.Agent
import org.portlog.screens.parts.Header
import org.portlog.screens.parts.Look
import org.portlog.screens.parts.Notice
import org.portlog.screens.parts.add
import org.portlog.screens.parts.column
import org.portlog.screens.parts.keepClearOfBars
import org.portlog.service.Core

/**
 * What every screen has: a header, the colours of day or night, room for the system's bars, and
 * questions to the core that are forgotten when the screen goes.
 */
abstract class Screen : Activity() {
    internal val look: Look by lazy { Look(this) }
    internal lateinit var header: Header
        private set
    private lateinit var problem: Notice
    private val asked = mutableListOf<Core.Asked>()
    private var dialog: Dialog? = null

    override fun attachBaseContext(base: Context) {
        super.attachBaseContext(base)
        Appearance.of(base).override(base)?.let { applyOverrideConfiguration(it) }
    }

    override fun onDestroy() {
        asked.forEach { it.forget() }
        dialog?.dismiss()
        super.onDestroy()
    }

    /** Puts up the header with [title] and, below it, [content]; [below] stays at the foot. */
    internal fun show(title: CharSequence, content: View, up: Boolean = true, below: View? = null) {
        this.title = title
        header = Header(this, title, if (up) ::goUp else null)
        problem = Notice(this)
        val root = column(this) {
            setBackgroundColor(look.ground)
            add(header.view)
            add(problem.view)
            add(content, weight = 1f)
            if (below != null) add(below)
        }
        keepClearOfBars(root, header.view, below)
        setContentView(root)
        lightBars(root)
    }

    /** Asks the core off the main thread; what goes wrong is shown below the header. */
    internal fun <T> ask(
        work: (Agent) -> T,
        failed: () -> Unit = {},
        answer: (T) -> Unit,
    ) {
        lateinit var question: Core.Asked
        question = Core.of(this).ask(
            work,
            failed = {
                asked.remove(question)
                showProblem(it)
                failed()
            },
            answer = {
                asked.remove(question)
                problem.hide()
                answer(it)
            },
        )
        asked += question
    }

    /** Shows what went wrong, until something goes right. */
    internal fun showProblem(words: String) {
        problem.show(words)
    }

    /** Shows a dialog that goes when the screen goes. */
    internal fun show(dialog: Dialog) {
        this.dialog?.dismiss()
        this.dialog = dialog
        dialog.show()
    }

    /** Back to the main screen, where this one was opened from outside. */
    private fun goUp() {
        if (isTaskRoot) startActivity(Intent(this, MainActivity::class.java))
        finish()
    }

    private fun lightBars(root: View) {
        val night = resources.getBoolean(R.bool.night)
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) darkenBarSigns(root, !night)
    }

    @TargetApi(Build.VERSION_CODES.R)
    private fun darkenBarSigns(root: View, dark: Boolean) {
        val both = WindowInsetsController.APPEARANCE_LIGHT_STATUS_BARS or
            WindowInsetsController.APPEARANCE_LIGHT_NAVIGATION_BARS
        root.post { window.insetsController?.setSystemBarsAppearance(if (dark) both else 0, both) }
    }
}

/** Keeps where a screen was scrolled to, over a rotation or the process's death. */
internal class KeptScroll(private val scroll: ScrollView, saved: Bundle?) {
    private var wanted = saved?.getInt(PLACE, 0) ?: 0

    /** To be called when what is shown has its height. */
    fun restore() {
        if (wanted > 0) {
            val place = wanted
            scroll.post { scroll.scrollTo(0, place) }
            wanted = 0
        }
    }

    fun save(state: Bundle) = state.putInt(PLACE, maxOf(scroll.scrollY, wanted))

    private companion object {
        const val PLACE = "scroll"
    }
}

/** A column of parts, each with some room above it. */
internal fun LinearLayout.part(view: View, top: Int = 12) {
    add(view, top = top)
}
