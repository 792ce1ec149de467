package org.portlog.service

import android.annotation.TargetApi
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.os.Build
import android.os.PowerManager
import org.portlog.feeds.Feeds

/** What changes around a running watch: the screen, saving of power, the time zone, packages. */
internal class Surroundings(
    private val context: Context,
    private val core: Core,
    private val feeds: Feeds,
) {
    private val phone = object : BroadcastReceiver() {
        override fun onReceive(context: Context, intent: Intent) = core.settingsChanged()
    }

    private val packages = object : BroadcastReceiver() {
        override fun onReceive(context: Context, intent: Intent) = feeds.packagesChanged()
    }

    fun begin() {
        val phoneFilter = IntentFilter().apply {
            addAction(Intent.ACTION_SCREEN_ON)
            addAction(Intent.ACTION_SCREEN_OFF)
            addAction(Intent.ACTION_TIMEZONE_CHANGED)
            addAction(Intent.ACTION_TIME_CHANGED)
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.LOLLIPOP) {
                addAction(PowerManager.ACTION_POWER_SAVE_MODE_CHANGED)
            }
        }
        val packagesFilter = IntentFilter().apply {
            addAction(Intent.ACTION_PACKAGE_ADDED)
            addAction(Intent.ACTION_PACKAGE_REMOVED)
            addAction(Intent.ACTION_PACKAGE_REPLACED)
            addAction(Intent.ACTION_PACKAGE_CHANGED)
            addDataScheme("package")
        }
        listen(phone, phoneFilter)
        listen(packages, packagesFilter)
        // Before the first unlock (24+) labels and other resources of most packages are out of reach.
        listen(packages, IntentFilter(Intent.ACTION_USER_UNLOCKED))
    }

    fun end() {
        context.unregisterReceiver(phone)
        context.unregisterReceiver(packages)
    }

    private fun listen(receiver: BroadcastReceiver, filter: IntentFilter) {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) {
            listenUnexported(receiver, filter)
        } else {
            // Only the system may send these.
            context.registerReceiver(receiver, filter)
        }
    }

    @TargetApi(Build.VERSION_CODES.TIRAMISU)
    private fun listenUnexported(receiver: BroadcastReceiver, filter: IntentFilter) {
        context.registerReceiver(receiver, filter, Context.RECEIVER_NOT_EXPORTED)
    }
}
