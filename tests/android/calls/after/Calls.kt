package org.portlog.calls

import android.annotation.TargetApi
import android.app.Activity
import android.app.ActivityManager
import android.app.ForegroundServiceStartNotAllowedException
import android.app.NotificationChannel
import android.app.PendingIntent
import android.os.SystemProperties
import android.service.quicksettings.TileService

/** Each function makes one call that the check must refuse; faults.txt has what it says. */
class Refused {
    fun newerThanTheFloor(): Any = NotificationChannel("a", "b", 3)

    fun newerInJava(map: HashMap<String, String>): String? = map.getOrDefault("a", "b")

    fun hidden(): String = SystemProperties.get("ro.example")

    fun hiddenMember(manager: ActivityManager) = manager.addStartInfoTimestamp(1, 2)

    @TargetApi(31)
    fun caughtInAClassOfTheFloor() {
        try {
            Thread.yield()
        } catch (_: ForegroundServiceStartNotAllowedException) {
        }
    }

    fun inALambda(): () -> Any = { NotificationChannel("a", "b", 3) }
}

/** None of this is refused. */
class Allowed {
    @TargetApi(26)
    fun guarded(): Any = NotificationChannel("a", "b", 3)

    @TargetApi(26)
    fun guardedInALambda(): List<Any> = listOf("a").map { make { NotificationChannel(it, it, 3) } }

    private fun make(what: () -> Any): Any = what()

    @TargetApi(26)
    fun guardedWithADefault(name: String = NotificationChannel.DEFAULT_CHANNEL_ID): String = name

    @TargetApi(34)
    fun listed(tile: TileService, intent: PendingIntent) = tile.startActivityAndCollapse(intent)

    fun replaced(number: Int, long: Long): Int = Both(number, long, true).hashCode()
}

data class Both(val number: Int, val long: Long, val yes: Boolean)

@TargetApi(31)
object CaughtWhereItIsKnown {
    fun caught() {
        try {
            Thread.yield()
        } catch (_: ForegroundServiceStartNotAllowedException) {
        }
    }
}

/** As the shrinker leaves a class that it takes too much from. */
class Shrunk : Activity()
