package org.portlog.calls

import android.app.Activity
import android.os.Bundle

/** As it was compiled: Android calls the one, nobody the other. */
class Shrunk : Activity() {
    override fun onCreate(saved: Bundle?) = super.onCreate(saved)

    fun unused() = Unit
}
