package org.portlog.screens.tap

import android.view.ViewGroup
import android.widget.LinearLayout
import android.widget.Switch
import org.portlog.R
import org.portlog.screens.Screen
import org.portlog.screens.parts.add
import org.portlog.screens.parts.column
import org.portlog.screens.parts.quietButton
import org.portlog.screens.parts.softText
import org.portlog.screens.parts.switchRow
import org.portlog.service.ScreenIntents
import org.portlog.tap.Tap

/**
 * The switch of the DNS tap, for the screens that have one beside other things; [brief] without words
 * about it. Switching it on leads to the screen that says what it does; it begins there.
 */
internal class TapSwitch(private val screen: Screen, brief: Boolean) {
    private val toggle = switchRow(
        screen,
        screen.getString(R.string.tap_title),
        if (brief) "" else screen.getString(R.string.tap_about),
        Tap.isOn,
        ::toggled,
    )

    /** The switch, and the way to more; nothing, or why, where this Android cannot have it. */
    val view: LinearLayout = column(screen) {
        if (Tap.isSupported) {
            add(toggle)
            if (!brief) {
                add(
                    quietButton(screen, screen.getString(R.string.tap_more), ::open),
                    width = LinearLayout.LayoutParams.WRAP_CONTENT,
                    top = 8,
                )
            }
        } else if (!brief) {
            add(softText(screen, screen.getString(R.string.tap_unsupported)), top = 8)
        }
    }

    /** Shows whether it is on now. */
    fun load() {
        ((toggle as ViewGroup).getChildAt(0) as Switch).isChecked = Tap.isOn
    }

    private fun toggled(on: Boolean) {
        if (on) open() else Tap.stop(screen)
    }

    private fun open() {
        // It is not on before it was said what it does and Android had consent.
        load()
        screen.startActivity(ScreenIntents.tap(screen))
    }
}
