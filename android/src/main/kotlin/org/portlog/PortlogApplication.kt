package org.portlog

import android.app.Activity
import android.app.Application
import android.content.Context
import android.content.res.Configuration
import android.os.Bundle
import org.portlog.service.AlertNotifications
import org.portlog.service.Channels
import org.portlog.service.Core
import org.portlog.service.MissedStart
import org.portlog.service.StartedBy
import org.portlog.service.WatchService
import org.portlog.service.WatchSettings
import org.portlog.tap.Tap

/**
 * The process: one session of the core, opened when somebody first asks it something.
 *
 * Nothing here may need the phone to be unlocked: the watch starts before that.
 */
open class PortlogApplication : Application() {
    /** The tree that the core reads socket tables from. */
    protected open val procRoot: String get() = "/proc"

    /** The session that service, screens and receivers share. */
    lateinit var core: Core
        private set

    override fun onCreate() {
        super.onCreate()
        core = Core(this, procRoot)
        registerActivityLifecycleCallbacks(FirstScreen(this))
    }

    override fun onConfigurationChanged(newConfig: Configuration) {
        super.onConfigurationChanged(newConfig)
        Channels.create(this)
        core.settingsChanged()
    }

    override fun onTerminate() {
        core.close()
        super.onTerminate()
    }

    companion object {
        /** The application that [context] belongs to. */
        fun of(context: Context): PortlogApplication =
            context.applicationContext as PortlogApplication
    }
}

/**
 * Brings the watch back when the app is opened and it does not run although it should, finds out
 * whether the last start of the phone passed without it, and shows alerts that could not be shown.
 */
private class FirstScreen(private val application: PortlogApplication) :
    Application.ActivityLifecycleCallbacks {

    override fun onActivityResumed(activity: Activity) {
        MissedStart.check(application)
        if (WatchSettings(application).watching && !application.core.watching) {
            WatchService.start(application, StartedBy.APP)
        }
        application.core.ask({ AlertNotifications(application).showLate(it) })
        Tap.again(application)
        Tap.look(application)
    }

    override fun onActivityCreated(activity: Activity, savedInstanceState: Bundle?) = Unit

    override fun onActivityStarted(activity: Activity) = Unit

    override fun onActivityPaused(activity: Activity) = Unit

    override fun onActivityStopped(activity: Activity) = Unit

    override fun onActivitySaveInstanceState(activity: Activity, outState: Bundle) = Unit

    override fun onActivityDestroyed(activity: Activity) = Unit
}
