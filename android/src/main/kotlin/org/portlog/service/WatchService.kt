package org.portlog.service

import android.annotation.TargetApi
import android.app.AlarmManager
import android.app.PendingIntent
import android.app.Service
import android.content.Context
import android.content.Intent
import android.os.Build
import android.os.IBinder
import android.os.SystemClock
import org.portlog.feeds.Feeds
import org.portlog.tap.Tap

/**
 * Keeps the watch alive: a foreground service that the system starts again when it had to end it.
 *
 * It holds no wake lock: while the phone sleeps nobody looks, and the history says so.
 */
class WatchService : Service() {
    private lateinit var core: Core
    private lateinit var ongoing: OngoingNotification
    private var thread: WatchThread? = null
    private var feeds: Feeds? = null
    private var surroundings: Surroundings? = null

    override fun onCreate() {
        super.onCreate()
        core = Core.of(this)
        ongoing = OngoingNotification(this)
        Channels.create(this)
    }

    override fun onStartCommand(intent: Intent?, flags: Int, startId: Int): Int {
        val by = startedBy(intent)
        if (!attach(by)) {
            stopSelf()
            return START_NOT_STICKY
        }
        if (intent?.action == ACTION_STOP) {
            WatchSettings(this).watching = false
            @Suppress("DEPRECATION")
            stopForeground(true)
            stopSelf()
            return START_NOT_STICKY
        }
        if (by == StartedBy.BOOT) MissedStart.came(this)
        if (thread == null) begin(by)
        return START_STICKY
    }

    override fun onDestroy() {
        core.watching = false
        thread?.end()
        thread = null
        surroundings?.end()
        feeds?.end()
        super.onDestroy()
    }

    override fun onBind(intent: Intent?): IBinder? = null

    /** Swiped away: the service goes on, but Android 4.4 ends it then and starts it never again. */
    override fun onTaskRemoved(rootIntent: Intent?) {
        if (Build.VERSION.SDK_INT == Build.VERSION_CODES.KITKAT) {
            val again = Intent(this, WatchService::class.java).setAction(ACTION_START)
                .putExtra(EXTRA_BY, StartedBy.RESTART.name)
            (getSystemService(Context.ALARM_SERVICE) as AlarmManager).set(
                AlarmManager.ELAPSED_REALTIME,
                SystemClock.elapsedRealtime() + RESTART_MILLIS,
                PendingIntent.getService(this, 1, again, PendingFlags.update()),
            )
        }
    }

    /** No limit is known for our type of service; where one comes, ending in time avoids a crash. */
    override fun onTimeout(startId: Int, fgsType: Int) {
        StartRefused.tell(this, StartedBy.RESTART, "")
        stopSelf()
    }

    private fun begin(by: StartedBy) {
        core.watching = true
        val feeds = Feeds(this, core).also { this.feeds = it }
        val thread = WatchThread(this, core, ongoing, feeds, by).also { this.thread = it }
        surroundings = Surroundings(this, core, feeds).also { it.begin() }
        feeds.begin()
        thread.start()
        Tap.again(this)
    }

    /** Shows the ongoing notification; `false` where the system does not let the service run. */
    private fun attach(by: StartedBy): Boolean = try {
        ongoing.attach(this)
        true
    } catch (refused: IllegalStateException) {
        // From 31 the system refuses some starts from the background.
        StartRefused.tell(this, by, refused.toString())
        false
    } catch (refused: SecurityException) {
        StartRefused.tell(this, by, refused.toString())
        false
    }

    companion object {
        private const val ACTION_START = "org.portlog.START"
        private const val ACTION_STOP = "org.portlog.STOP"
        private const val EXTRA_BY = "by"
        private const val RESTART_MILLIS = 2_000L

        /**
         * Wants the watch and starts it; does nothing when it runs. `false` where the system does
         * not allow a start now: then a notification says what to do.
         */
        fun start(context: Context, by: StartedBy = StartedBy.USER): Boolean {
            WatchSettings(context).watching = true
            val intent = Intent(context, WatchService::class.java)
                .setAction(ACTION_START)
                .putExtra(EXTRA_BY, by.name)
            return try {
                if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O) {
                    startInForeground(context, intent)
                } else {
                    context.startService(intent)
                }
                true
            } catch (refused: IllegalStateException) {
                StartRefused.tell(context, by, refused.toString())
                false
            }
        }

        /** Ends the watch, and wants it no more. */
        fun stop(context: Context) {
            WatchSettings(context).watching = false
            context.stopService(Intent(context, WatchService::class.java))
        }

        /** For the notification's button. */
        internal fun stopIntent(context: Context): PendingIntent = PendingIntent.getService(
            context,
            0,
            Intent(context, WatchService::class.java).setAction(ACTION_STOP),
            PendingFlags.update(),
        )

        @TargetApi(Build.VERSION_CODES.O)
        private fun startInForeground(context: Context, intent: Intent) {
            context.startForegroundService(intent)
        }

        // Without an intent the system brings back what it had ended.
        private fun startedBy(intent: Intent?): StartedBy {
            val name = intent?.getStringExtra(EXTRA_BY)
            return StartedBy.values().find { it.name == name } ?: StartedBy.RESTART
        }
    }
}
