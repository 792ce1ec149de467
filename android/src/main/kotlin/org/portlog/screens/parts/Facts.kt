package org.portlog.screens.parts

import android.content.Context
import android.view.Gravity
import android.view.View
import android.widget.LinearLayout
import org.portlog.R

/*
 * Parts that the screens with details share: headed groups, facts, points and things that open.
 */

/** A headed group on a surface of its own. */
fun LinearLayout.group(title: CharSequence, fill: LinearLayout.() -> Unit): LinearLayout = add(
    card(context) {
        add(heading(context, title))
        fill()
    },
    top = 12,
)

/** What something is called, and below it what it is. Screen readers get both at once. */
fun LinearLayout.fact(name: CharSequence, value: CharSequence, mono: Boolean = false) {
    if (value.isEmpty()) return
    add(
        column(context) {
            add(softText(context, name))
            add(if (mono) address(context, value) else text(context, value))
            isFocusable = true
            contentDescription = context.getString(R.string.fact_described, name, value)
        },
        top = 10,
    )
}

/** Sentences, one below the other, each with a point before it. */
fun LinearLayout.points(sentences: List<String>) {
    for (sentence in sentences) {
        add(
            LinearLayout(context).apply {
                gravity = Gravity.TOP
                add(
                    text(context, POINT, color = Look(context).soft).apply {
                        importantForAccessibility = View.IMPORTANT_FOR_ACCESSIBILITY_NO
                    },
                )
                add(text(context, sentence), weight = 1f, start = 8)
            },
            top = 8,
        )
    }
}

/** A line that opens and closes what is below it. [onToggled] keeps it open over a rebuild. */
fun LinearLayout.opening(
    label: CharSequence,
    open: Boolean,
    onToggled: (Boolean) -> Unit,
    fill: LinearLayout.() -> Unit,
) {
    val look = Look(context)
    val inner = column(context)
    var isOpen = open
    val line = text(context, label, Look.BODY, look.accent, Look.STRONG)
    fun present() {
        val sign = if (isOpen) Glyph.UP else Glyph.DOWN
        line.setCompoundDrawablesRelativeWithIntrinsicBounds(
            null,
            null,
            sign.on(context, look.accent, 20),
            null,
        )
        if (isOpen) inner.refill(fill) else inner.removeAllViews()
        inner.showIf(isOpen)
    }
    line.apply {
        minHeight = look.dp(Look.TOUCH)
        gravity = Gravity.CENTER_VERTICAL
        isFocusable = true
        background = look.pressableGlyph()
        contentDescription = label
        setAccessibilityDelegate(Expandable { isOpen })
        setOnClickListener {
            isOpen = !isOpen
            onToggled(isOpen)
            present()
        }
    }
    add(line, top = 4)
    add(inner)
    present()
}

/** A row that leads somewhere, as high as a finger needs. */
fun LinearLayout.leading(
    description: CharSequence,
    onClick: () -> Unit,
    fill: LinearLayout.() -> Unit,
) {
    val look = Look(context)
    add(
        column(context) {
            minimumHeight = look.dp(Look.TOUCH)
            gravity = Gravity.CENTER_VERTICAL
            background = look.pressableGlyph()
            isFocusable = true
            contentDescription = description
            setPadding(0, look.dp(8), 0, look.dp(8))
            setOnClickListener { onClick() }
            fill()
        },
        top = 2,
    )
}

/** A context's name for a part without anything in it. */
fun LinearLayout.nothing(context: Context, words: Int) {
    add(softText(context, context.getString(words)), top = 8)
}

private const val POINT = "\u2022"
