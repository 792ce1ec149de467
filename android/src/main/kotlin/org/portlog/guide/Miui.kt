package org.portlog.guide

import android.content.Context
import android.content.Intent

/**
 * MIUI's and HyperOS's own pages, which have no public interface.
 *
 * Found by asking whether the phone has them; their names are those that owners of such phones
 * give (dontkillmyapp.com). Where one is missing, the page of the app's details leads on.
 */
internal class Miui(private val context: Context) {
    /** Whether this phone runs MIUI or HyperOS, as far as its pages show. */
    val found: Boolean by lazy { autostartPages().isNotEmpty() || permissionPages().isNotEmpty() }

    /** Which apps may start by themselves. */
    fun autostartPages(): List<Intent> = existing(
        page("com.miui.permcenter.autostart.AutoStartManagementActivity"),
        Intent("miui.intent.action.OP_AUTO_START").addCategory(Intent.CATEGORY_DEFAULT),
    )

    /** What this app may do. */
    fun permissionPages(): List<Intent> = existing(
        page("com.miui.permcenter.permissions.PermissionsEditorActivity")
            .putExtra(EXTRA_PACKAGE, context.packageName),
        page("com.miui.permcenter.permissions.AppPermissionsEditorActivity")
            .putExtra(EXTRA_PACKAGE, context.packageName),
        Intent("miui.intent.action.APP_PERM_EDITOR").putExtra(EXTRA_PACKAGE, context.packageName),
    )

    /** How this app's notifications show and sound. */
    fun notificationPages(): List<Intent> = existing(
        Intent().setClassName(
            "com.miui.notification",
            "miui.notification.management.activity.AppNotificationSettingsActivity",
        ).putExtra("packageName", context.packageName),
        Intent().setClassName(
            "com.android.settings",
            "com.android.settings.Settings\$NotificationFilterActivity",
        ).putExtra("packageName", context.packageName)
            .putExtra("appName", context.applicationInfo.loadLabel(context.packageManager).toString()),
    )

    private fun page(name: String): Intent = Intent().setClassName(SECURITY_APP, name)

    // Intent.resolveActivity takes a named component's existence for granted.
    private fun existing(vararg pages: Intent): List<Intent> =
        pages.filter { context.packageManager.resolveActivity(it, 0) != null }

    private companion object {
        const val SECURITY_APP = "com.miui.securitycenter"
        const val EXTRA_PACKAGE = "extra_pkgname"
    }
}
