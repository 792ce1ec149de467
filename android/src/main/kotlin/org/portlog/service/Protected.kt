package org.portlog.service

import android.annotation.TargetApi
import android.content.Context
import android.os.Build

/** Storage that can be read before the phone is first unlocked, where the phone has such. */
internal object Protected {
    /** [context] with its files and preferences there. */
    fun of(context: Context): Context =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.N) {
            deviceProtected(context)
        } else {
            context
        }

    @TargetApi(Build.VERSION_CODES.N)
    private fun deviceProtected(context: Context): Context =
        context.createDeviceProtectedStorageContext()
}
