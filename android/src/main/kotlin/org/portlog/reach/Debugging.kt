package org.portlog.reach

import android.content.Context
import android.os.Process
import android.provider.Settings

/** What an app can know of USB debugging. */
internal object Debugging {
    private const val UIDS_OF_USER = 100_000

    /** Whether it is switched on. */
    fun isOn(context: Context): Boolean =
        Settings.Global.getInt(context.contentResolver, Settings.Global.ADB_ENABLED, 0) != 0

    /** The user of the phone that this app runs for. */
    fun user(): Int = Process.myUid() / UIDS_OF_USER
}
