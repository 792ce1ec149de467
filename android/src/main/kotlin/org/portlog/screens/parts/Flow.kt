package org.portlog.screens.parts

import android.content.Context
import android.util.TypedValue
import android.view.View
import android.view.ViewGroup
import android.view.accessibility.AccessibilityEvent
import android.view.accessibility.AccessibilityNodeInfo
import android.widget.CheckBox
import android.widget.RadioButton

/** Lays its children out in lines, like words; a line is full when the next child has no room. */
class Flow(context: Context, roomDp: Int = 8) : ViewGroup(context) {
    private val room = Look(context).dp(roomDp)

    override fun onMeasure(widthSpec: Int, heightSpec: Int) {
        val limited = MeasureSpec.getMode(widthSpec) != MeasureSpec.UNSPECIFIED
        val width = if (limited) MeasureSpec.getSize(widthSpec) else Int.MAX_VALUE
        var widest = 0
        val height = arrange(width) { child, x, _ ->
            widest = maxOf(widest, x + child.measuredWidth)
        }
        setMeasuredDimension(
            resolveSize(widest + paddingLeft + paddingRight, widthSpec),
            resolveSize(height, heightSpec),
        )
    }

    override fun onLayout(changed: Boolean, l: Int, t: Int, r: Int, b: Int) {
        val width = r - l
        val toLeft = layoutDirection == View.LAYOUT_DIRECTION_RTL
        arrange(width) { child, x, y ->
            val left =
                if (toLeft) width - paddingRight - x - child.measuredWidth else paddingLeft + x
            child.layout(left, y, left + child.measuredWidth, y + child.measuredHeight)
        }
    }

    /** Measures the children, tells where each stands from its line's start; answers the height. */
    private fun arrange(width: Int, place: (View, Int, Int) -> Unit): Int {
        val inner = width - paddingLeft - paddingRight
        val childWidth = MeasureSpec.makeMeasureSpec(inner, MeasureSpec.AT_MOST)
        val childHeight = MeasureSpec.makeMeasureSpec(0, MeasureSpec.UNSPECIFIED)
        var x = 0
        var y = paddingTop
        var lineHeight = 0
        for (i in 0 until childCount) {
            val child = getChildAt(i)
            if (child.visibility == View.GONE) continue
            child.measure(childWidth, childHeight)
            if (x > 0 && x + child.measuredWidth > inner) {
                x = 0
                y += lineHeight + room
                lineHeight = 0
            }
            place(child, x, y)
            x += child.measuredWidth + room
            lineHeight = maxOf(lineHeight, child.measuredHeight)
        }
        return y + lineHeight + paddingBottom
    }
}

/** One of several choices; how it is marked is said to screen readers as a radio button. */
fun choiceChip(context: Context, label: CharSequence, onChosen: () -> Unit): RadioButton =
    RadioButton(context).apply {
        dress(this, label)
        setOnClickListener { onChosen() }
    }

/** Something that is on or off by itself. */
fun toggleChip(
    context: Context,
    label: CharSequence,
    on: Boolean,
    onToggled: (Boolean) -> Unit,
): CheckBox = CheckBox(context).apply {
    dress(this, label)
    isChecked = on
    setOnClickListener { onToggled(isChecked) }
}

/** A question with its answers in a row of chips; exactly one holds. */
class ChipChoice<T>(
    context: Context,
    question: CharSequence,
    private val answers: List<Pair<T, CharSequence>>,
    chosen: T,
    private val onChosen: (T) -> Unit,
) {
    private val chips: List<RadioButton> = answers.map { (answer, label) ->
        choiceChip(context, label) { choose(answer, tell = true) }
    }

    /** What holds now. */
    var chosen: T = chosen
        private set

    /** The question and its answers. */
    val view: View = column(context) {
        add(softText(context, question))
        add(Flow(context).apply { chips.forEach { addView(it) } }, top = 4)
    }

    init {
        choose(chosen, tell = false)
    }

    /** Lets another answer hold. */
    fun choose(answer: T, tell: Boolean) {
        chosen = answer
        answers.forEachIndexed { i, (each, _) -> chips[i].isChecked = each == answer }
        if (tell) onChosen(answer)
    }
}

/** Says that a view opens and closes something below it. */
class Expandable(private val opened: () -> Boolean) : View.AccessibilityDelegate() {
    override fun onInitializeAccessibilityNodeInfo(host: View, info: AccessibilityNodeInfo) {
        super.onInitializeAccessibilityNodeInfo(host, info)
        info.className = android.widget.Button::class.java.name
        info.addAction(
            if (opened()) {
                AccessibilityNodeInfo.ACTION_COLLAPSE
            } else {
                AccessibilityNodeInfo.ACTION_EXPAND
            },
        )
    }

    override fun performAccessibilityAction(
        host: View,
        action: Int,
        args: android.os.Bundle?,
    ): Boolean = when (action) {
        AccessibilityNodeInfo.ACTION_COLLAPSE, AccessibilityNodeInfo.ACTION_EXPAND -> {
            host.performClick()
            host.sendAccessibilityEvent(AccessibilityEvent.TYPE_WINDOW_CONTENT_CHANGED)
            true
        }
        else -> super.performAccessibilityAction(host, action, args)
    }
}

private fun dress(button: android.widget.CompoundButton, label: CharSequence) {
    val look = Look(button.context)
    button.text = label
    button.buttonDrawable = null
    button.background = look.chip()
    button.setTextColor(look.ink)
    button.setTextSize(TypedValue.COMPLEX_UNIT_SP, Look.SMALL)
    button.minHeight = look.dp(Look.TOUCH)
    button.minimumHeight = look.dp(Look.TOUCH)
    button.minimumWidth = look.dp(Look.TOUCH)
    button.gravity = android.view.Gravity.CENTER
    button.setPadding(look.dp(14), look.dp(6), look.dp(14), look.dp(6))
}
