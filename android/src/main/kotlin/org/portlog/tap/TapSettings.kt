package org.portlog.tap

import android.content.Context
import android.content.SharedPreferences
import org.portlog.core.TapEnd
import org.portlog.service.Protected

/** Whether the tap is wanted, and why it ended; kept where it can be read before the first unlock. */
internal class TapSettings(context: Context) {
    private val kept: SharedPreferences =
        Protected.of(context).getSharedPreferences("tap", Context.MODE_PRIVATE)

    /** Whether it is wanted. */
    var wanted: Boolean
        get() = kept.getBoolean("wanted", false)
        set(value) = kept.edit().putBoolean("wanted", value).apply()

    /** Why it ended last; `null` where it never did, or runs. */
    var ended: TapEnd?
        get() = kept.getString("ended", null).let { name -> TapEnd.entries.find { it.name == name } }
        set(value) = kept.edit().putString("ended", value?.name).apply()
}
