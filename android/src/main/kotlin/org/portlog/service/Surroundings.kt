package org.portlog.service

import android.annotation.TargetApi
import android.app.NotificationManager
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.database.ContentObserver
import android.os.Build
import android.os.Handler
import android.os.Looper
import android.os.PowerManager
import android.provider.Settings
import org.portlog.feeds.Feeds

/** What changes around a running watch: screen, power, time zone, packages, notifications, adb. */
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

    private val notifications = object : BroadcastReceiver() {
        override fun onReceive(context: Context, intent: Intent) {
            core.ask({ AlertNotifications(context).showLate(it) })
        }
    }

    private val debugging = object : ContentObserver(Handler(Looper.getMainLooper())) {
        override fun onChange(selfChange: Boolean) = core.deviceChanged()
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
        // Sent from 28 on; before that, what was not shown is tried again once in a while.
        val notificationsFilter = IntentFilter().apply {
            addAction(NotificationManager.ACTION_APP_BLOCK_STATE_CHANGED)
            addAction(NotificationManager.ACTION_NOTIFICATION_CHANNEL_BLOCK_STATE_CHANGED)
        }
        listen(notifications, notificationsFilter)
        val adb = Settings.Global.getUriFor(Settings.Global.ADB_ENABLED)
        context.contentResolver.registerContentObserver(adb, false, debugging)
    }

    fun end() {
        context.unregisterReceiver(phone)
        context.unregisterReceiver(packages)
        context.unregisterReceiver(notifications)
        context.contentResolver.unregisterContentObserver(debugging)
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
