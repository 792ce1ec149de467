package org.portlog.screens.parts

import android.content.Context
import android.util.TypedValue
import android.view.View
import android.widget.Switch

/** Something that is on or off, with what that means below it; the whole row can be touched. */
fun switchRow(
    context: Context,
    label: CharSequence,
    about: CharSequence,
    on: Boolean,
    onToggled: (Boolean) -> Unit,
): View = column(context) {
    val look = Look(context)
    val switch = Switch(context).apply {
        text = label
        setTextSize(TypedValue.COMPLEX_UNIT_SP, Look.BODY)
        setTextColor(look.ink)
        typeface = Look.STRONG
        // The words beside the switch say it; "ON" and "OFF" inside of it are cut when large.
        textOn = ""
        textOff = ""
        isChecked = on
        minHeight = look.dp(Look.TOUCH)
        minimumHeight = look.dp(Look.TOUCH)
        setOnClickListener { onToggled(isChecked) }
    }
    add(switch)
    if (about.isNotEmpty()) add(softText(context, about))
}
