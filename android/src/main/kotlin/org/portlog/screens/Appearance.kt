package org.portlog.screens

import android.content.Context
import android.content.SharedPreferences
import android.content.res.Configuration

/** Day or night: as the phone says, or as the user chose (before Android 10 phones do not say). */
enum class Appearance(private val mode: Int?) {
    PHONE(null),
    DAY(Configuration.UI_MODE_NIGHT_NO),
    NIGHT(Configuration.UI_MODE_NIGHT_YES),
    ;

    /** What a screen's configuration has to differ in; `null` for nothing. */
    fun override(base: Context): Configuration? = mode?.let { night ->
        val kind = base.resources.configuration.uiMode and Configuration.UI_MODE_TYPE_MASK
        Configuration().apply {
            // A new configuration is not empty: without this the user's size of text would be lost.
            fontScale = 0f
            uiMode = kind or night
        }
    }

    /** Keeps the choice; open screens take it when they are built again. */
    fun keep(context: Context) = kept(context).edit().putString(KEY, name).apply()

    companion object {
        private const val KEY = "appearance"

        /** The user's choice. */
        fun of(context: Context): Appearance =
            kept(context).getString(KEY, null)?.let { name -> entries.find { it.name == name } }
                ?: PHONE

        private fun kept(context: Context): SharedPreferences =
            context.getSharedPreferences("screens", Context.MODE_PRIVATE)
    }
}
