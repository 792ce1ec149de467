package org.portlog.screens.parts

import android.annotation.TargetApi
import android.content.Context
import android.graphics.Typeface
import android.graphics.drawable.Drawable
import android.os.Build
import android.text.Layout
import android.util.TypedValue
import android.view.Gravity
import android.view.View
import android.view.ViewGroup
import android.view.ViewGroup.LayoutParams.MATCH_PARENT
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import android.widget.Button
import android.widget.ImageView
import android.widget.LinearLayout
import android.widget.Space
import android.widget.TextView

/*
 * How views are built: in code, by these few functions. A container's children are added by
 * `add`, which says how wide they are; everything else is the platform's own.
 */

/** A column that is as wide as its place. */
fun column(context: Context, fill: LinearLayout.() -> Unit = {}): LinearLayout =
    LinearLayout(context).apply {
        orientation = LinearLayout.VERTICAL
        fill()
    }

/** A row whose parts stand in the middle of its height. */
fun row(context: Context, fill: LinearLayout.() -> Unit = {}): LinearLayout =
    LinearLayout(context).apply {
        orientation = LinearLayout.HORIZONTAL
        gravity = Gravity.CENTER_VERTICAL
        isBaselineAligned = false
        fill()
    }

/** Adds a child; in a column it is as wide as that, in a row it takes [weight] of the rest. */
fun <V : View> LinearLayout.add(
    child: V,
    weight: Float = 0f,
    width: Int = if (orientation == LinearLayout.VERTICAL) MATCH_PARENT else WRAP_CONTENT,
    height: Int = WRAP_CONTENT,
    top: Int = 0,
    start: Int = 0,
): V {
    val look = Look(context)
    val horizontalShare = weight > 0 && orientation == LinearLayout.HORIZONTAL
    val verticalShare = weight > 0 && orientation == LinearLayout.VERTICAL
    val params = LinearLayout.LayoutParams(
        if (horizontalShare) 0 else width,
        if (verticalShare) 0 else height,
        weight,
    )
    params.topMargin = look.dp(top)
    params.marginStart = look.dp(start)
    addView(child, params)
    return child
}

/** An empty place that takes what is left. */
fun LinearLayout.gap() {
    addView(Space(context), LinearLayout.LayoutParams(0, 0, 1f))
}

/** A piece of text. */
fun text(
    context: Context,
    content: CharSequence = "",
    size: Float = Look.BODY,
    color: Int = Look(context).ink,
    face: Typeface = Typeface.DEFAULT,
): TextView = TextView(context).apply {
    text = content
    typeface = face
    setTextSize(TypedValue.COMPLEX_UNIT_SP, size)
    setTextColor(color)
    setLineSpacing(0f, LINE_SPACING)
    textAlignment = View.TEXT_ALIGNMENT_VIEW_START
    // Addresses and names are words without spaces: they are wrapped, never cut.
    if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.M) breakAnywhere(this)
}

/** Text in the second rank. */
fun softText(context: Context, content: CharSequence = "", size: Float = Look.SMALL): TextView =
    text(context, content, size, Look(context).soft)

/** A heading of a part of the screen, which screen readers can jump to. */
fun heading(context: Context, content: CharSequence, size: Float = Look.HEADING): TextView =
    text(context, content, size, face = Look.STRONG).apply {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) markHeading(this)
    }

/** An address: digits stand under one another. It is read left to right in every language. */
fun address(context: Context, content: CharSequence = "", size: Float = Look.SMALL): TextView =
    text(context, content, size, face = Look.MONO).apply {
        textDirection = View.TEXT_DIRECTION_LTR
        textAlignment = View.TEXT_ALIGNMENT_VIEW_START
    }

/** The button that matters most on a screen. */
fun mainButton(context: Context, label: CharSequence, onClick: () -> Unit): Button =
    Look(context).let { plainButton(context, label, it.onAccent, it.filledButton(), onClick) }

/** Any other button. */
fun quietButton(context: Context, label: CharSequence, onClick: () -> Unit): Button =
    Look(context).let { plainButton(context, label, it.accent, it.outlinedButton(), onClick) }

/** A button that is only a picture; [label] says to screen readers what it does. */
fun glyphButton(
    context: Context,
    glyph: Glyph,
    label: CharSequence,
    onClick: (View) -> Unit,
): ImageView = ImageView(context).apply {
    val look = Look(context)
    setImageDrawable(glyph.on(context, look.ink))
    scaleType = ImageView.ScaleType.CENTER
    background = look.pressableGlyph()
    contentDescription = label
    minimumWidth = look.dp(Look.TOUCH)
    minimumHeight = look.dp(Look.TOUCH)
    isFocusable = true
    isClickable = true
    setOnClickListener(onClick)
    if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O) showLabelOnLongPress(this, label)
}

/** A surface with some room around what stands on it. */
fun card(context: Context, fill: LinearLayout.() -> Unit): LinearLayout = column(context) {
    val look = Look(context)
    background = look.card()
    val room = look.dp(16)
    setPadding(room, room, room, room)
    fill()
}

/** A thin line between parts. */
fun LinearLayout.line(top: Int = 0) {
    val look = Look(context)
    val params = LinearLayout.LayoutParams(MATCH_PARENT, look.dp(1))
    params.topMargin = look.dp(top)
    addView(View(context).apply { setBackgroundColor(look.hairline) }, params)
}

/** Shows it, or takes it out of the layout. */
fun View.showIf(shown: Boolean) {
    visibility = if (shown) View.VISIBLE else View.GONE
}

/** Puts a drawable of its own size before the text. */
fun TextView.lead(drawable: Drawable?, roomDp: Int = 8) {
    compoundDrawablePadding = Look(context).dp(roomDp)
    setCompoundDrawablesRelativeWithIntrinsicBounds(drawable, null, null, null)
}

/** Takes all children out and adds others. */
fun <V : ViewGroup> V.refill(fill: V.() -> Unit) {
    removeAllViews()
    fill()
}

private const val LINE_SPACING = 1.15f

private fun plainButton(
    context: Context,
    label: CharSequence,
    color: Int,
    surface: Drawable,
    onClick: () -> Unit,
): Button = Button(context).apply {
    val look = Look(context)
    text = label
    isAllCaps = false
    typeface = Look.STRONG
    setTextSize(TypedValue.COMPLEX_UNIT_SP, Look.BODY)
    setTextColor(color)
    background = surface
    minHeight = look.dp(Look.TOUCH)
    minimumHeight = look.dp(Look.TOUCH)
    minimumWidth = look.dp(Look.TOUCH)
    minWidth = look.dp(Look.TOUCH)
    setPadding(look.dp(16), look.dp(8), look.dp(16), look.dp(8))
    if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.LOLLIPOP) layFlat(this)
    setOnClickListener { onClick() }
}

@TargetApi(Build.VERSION_CODES.LOLLIPOP)
private fun layFlat(button: Button) {
    button.stateListAnimator = null
}

@TargetApi(Build.VERSION_CODES.M)
private fun breakAnywhere(view: TextView) {
    view.breakStrategy = Layout.BREAK_STRATEGY_SIMPLE
    view.hyphenationFrequency = Layout.HYPHENATION_FREQUENCY_NONE
}

@TargetApi(Build.VERSION_CODES.P)
private fun markHeading(view: View) {
    view.isAccessibilityHeading = true
}

@TargetApi(Build.VERSION_CODES.O)
private fun showLabelOnLongPress(view: View, label: CharSequence) {
    view.tooltipText = label
}
