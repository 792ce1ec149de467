package org.portlog.screens.parts

import android.app.Activity
import android.content.Context
import android.text.Editable
import android.text.InputType
import android.text.TextWatcher
import android.util.TypedValue
import android.view.View
import android.view.inputmethod.EditorInfo
import android.view.inputmethod.InputMethodManager
import android.widget.EditText
import android.widget.ImageView
import android.widget.LinearLayout
import org.portlog.R

/** The top of a screen: the way up, the title, what can be done, and at times a search field. */
class Header(private val context: Context, title: CharSequence, up: (() -> Unit)?) {
    private val look = Look(context)
    private val titleView = heading(context, title, Look.TITLE)
    private val actions = row(context)
    private val titleRow: LinearLayout = row(context) {
        if (up != null) {
            add(glyphButton(context, Glyph.BACK, context.getString(R.string.go_up)) { up() })
            add(titleView, weight = 1f, start = 4)
        } else {
            add(titleView, weight = 1f, start = 16)
        }
        add(actions)
        minimumHeight = look.dp(BAR)
    }

    /** The header as a view. */
    val view: LinearLayout = column(context) {
        setBackgroundColor(look.surface)
        add(titleRow)
        line()
    }

    /** Shows another title. */
    fun title(title: CharSequence) {
        titleView.text = title
    }

    /** Adds something that can be done; answers its button. */
    fun action(glyph: Glyph, label: CharSequence, onClick: (View) -> Unit): ImageView =
        glyphButton(context, glyph, label, onClick).also { actions.add(it) }

    /** Takes all actions away. */
    fun clearActions() = actions.removeAllViews()

    /** Puts [search] in the title's place, or takes it away. */
    fun replaceTitle(search: View?) {
        if (search == null) {
            if (view.getChildAt(0) !== titleRow) view.removeViewAt(0)
            titleRow.showIf(true)
        } else {
            titleRow.showIf(false)
            view.addView(search, 0)
        }
    }

    private companion object {
        const val BAR = 56
    }
}

/**
 * A search that takes the header's place while it is open. [onText] is told each change; an open
 * search with an empty text restricts nothing.
 */
class Search(
    private val activity: Activity,
    private val header: Header,
    hint: CharSequence,
    private val onText: (String) -> Unit,
) {
    private val look = Look(activity)
    private val input = EditText(activity).apply {
        this.hint = hint
        setTextColor(look.ink)
        setHintTextColor(look.soft)
        setTextSize(TypedValue.COMPLEX_UNIT_SP, Look.BODY)
        background = look.field()
        isSingleLine = true
        minHeight = look.dp(Look.TOUCH)
        setPadding(look.dp(12), look.dp(8), look.dp(12), look.dp(8))
        inputType = InputType.TYPE_CLASS_TEXT or InputType.TYPE_TEXT_FLAG_NO_SUGGESTIONS
        imeOptions = EditorInfo.IME_ACTION_SEARCH or EditorInfo.IME_FLAG_NO_EXTRACT_UI
        textAlignment = View.TEXT_ALIGNMENT_VIEW_START
        addTextChangedListener(object : TextWatcher {
            override fun afterTextChanged(text: Editable) = onText(text.toString())
            override fun beforeTextChanged(s: CharSequence, a: Int, b: Int, c: Int) = Unit
            override fun onTextChanged(s: CharSequence, a: Int, b: Int, c: Int) = Unit
        })
        setOnEditorActionListener { _, _, _ ->
            hideKeyboard()
            true
        }
    }
    private val bar = row(activity) {
        minimumHeight = look.dp(56)
        val back = activity.getString(R.string.search_close)
        add(glyphButton(activity, Glyph.BACK, back) { close() })
        add(input, weight = 1f)
        add(
            glyphButton(activity, Glyph.CLOSE, activity.getString(R.string.search_clear)) {
                input.text.clear()
            },
        )
    }

    /** Whether the field is shown. */
    var isOpen: Boolean = false
        private set

    /** What is searched for. */
    val text: String get() = input.text.toString()

    /** Shows the field, with [text] in it. */
    fun open(text: String = "", withKeyboard: Boolean = true) {
        if (!isOpen) {
            isOpen = true
            header.replaceTitle(bar)
        }
        input.setText(text)
        input.setSelection(text.length)
        if (withKeyboard) {
            input.requestFocus()
            input.post { keyboard().showSoftInput(input, 0) }
        }
    }

    /** Takes the field away and searches for nothing. */
    fun close() {
        if (!isOpen) return
        isOpen = false
        hideKeyboard()
        input.text.clear()
        header.replaceTitle(null)
    }

    /** Takes the field away for a while without forgetting what is searched for. */
    fun setAside() {
        if (isOpen) {
            hideKeyboard()
            header.replaceTitle(null)
        }
    }

    /** Brings it back. */
    fun bringBack() {
        if (isOpen) header.replaceTitle(bar)
    }

    private fun hideKeyboard() {
        keyboard().hideSoftInputFromWindow(input.windowToken, 0)
    }

    private fun keyboard(): InputMethodManager =
        activity.getSystemService(Context.INPUT_METHOD_SERVICE) as InputMethodManager
}

/** A line below the header that says what went wrong, and is read out when it comes. */
class Notice(context: Context) {
    private val words = text(context, size = Look.SMALL)

    /** The notice as a view; nothing while there is nothing to say. */
    val view: View = column(context) {
        val look = Look(context)
        setBackgroundColor(look.raised)
        setPadding(look.dp(16), look.dp(10), look.dp(16), look.dp(10))
        words.lead(Glyph.REFUSED.beside(context, look.match, 20))
        add(words)
        showIf(false)
        accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
    }

    /** Says so. */
    fun show(problem: CharSequence) {
        words.text = problem
        view.showIf(true)
    }

    /** Says nothing. */
    fun hide() = view.showIf(false)
}
