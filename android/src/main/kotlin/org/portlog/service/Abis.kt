package org.portlog.service

import android.annotation.TargetApi
import android.os.Build

/** The instruction sets of this phone, for the message that the library does not fit. */
internal object Abis {
    fun ofPhone(): String =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.LOLLIPOP) {
            supported()
        } else {
            @Suppress("DEPRECATION")
            Build.CPU_ABI
        }

    @TargetApi(Build.VERSION_CODES.LOLLIPOP)
    private fun supported(): String = Build.SUPPORTED_ABIS.joinToString()
}
