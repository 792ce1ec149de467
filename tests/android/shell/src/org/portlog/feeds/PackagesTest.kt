package org.portlog.feeds

import android.Manifest
import android.content.ComponentName
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.content.pm.ActivityInfo
import android.content.pm.ApplicationInfo
import android.content.pm.IncrementalStatesInfo
import android.content.pm.LauncherActivityInfo
import android.content.pm.LauncherActivityInfoInternal
import android.content.pm.LauncherApps
import android.content.pm.PackageInfo
import android.content.pm.PermissionInfo
import android.content.pm.ResolveInfo
import android.content.pm.Signature
import android.content.pm.SigningInfo
import android.os.Build
import android.os.Process
import android.os.UserHandle
import android.os.UserManager
import java.security.MessageDigest
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.portlog.core.ListPermission
import org.portlog.core.PackageFacts
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadow.api.Shadow
import org.robolectric.util.ReflectionHelpers
import org.robolectric.util.ReflectionHelpers.ClassParameter

/** The list of packages as the framework tells it. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [23, 28, 29, 34, 35])
class PackagesTest {
    private val context: Context = RuntimeEnvironment.getApplication()
    private val manager = shadowOf(context.packageManager)
    private val certificate = byteArrayOf(0x30, 0x03, 0x02, 0x01, 0x05)

    @Suppress("DEPRECATION")
    private fun install(name: String, uid: Int, flags: Int, path: String, updated: Long = 7_000) {
        val application = ApplicationInfo()
        application.packageName = name
        application.uid = uid
        application.flags = flags or ApplicationInfo.FLAG_INSTALLED
        application.sourceDir = path
        application.publicSourceDir = path
        application.nonLocalizedLabel = "Sync of $name"
        val info = PackageInfo()
        info.packageName = name
        info.applicationInfo = application
        info.versionName = "4.2"
        info.firstInstallTime = 5_000
        info.lastUpdateTime = updated
        info.signatures = arrayOf(Signature(certificate))
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) {
            info.signingInfo = signing(Signature(certificate))
        }
        manager.installPackage(info)
    }

    private fun signing(signature: Signature): SigningInfo {
        val signing = Shadow.newInstanceOf(SigningInfo::class.java)
        shadowOf(signing).setSignatures(arrayOf(signature))
        return signing
    }

    private fun facts(name: String): PackageFacts? =
        Packages(context).read()?.packages?.find { it.name == name }

    @Test
    fun `what is told of a package reaches the core`() {
        install("com.example.sync", 10_087, ApplicationInfo.FLAG_SYSTEM, "/system/app/Sync/Sync.apk")
        val facts = requireNotNull(facts("com.example.sync"))
        assertEquals(10_087, facts.uid)
        assertTrue(facts.system)
        assertEquals(false, facts.updatedSystem)
        assertEquals("/system/app/Sync/Sync.apk", facts.sourcePath)
        assertEquals("4.2", facts.version)
        assertEquals("Sync of com.example.sync", facts.label)
        assertEquals(5_000L, facts.firstInstall)
        assertEquals(false, facts.launcherEntry)
        val digest = MessageDigest.getInstance("SHA-256").digest(certificate)
        assertEquals(listOf(digest.joinToString("") { "%02x".format(it) }), facts.signers)
    }

    @Test
    fun `an update of a preinstalled package is told as one`() {
        install(
            "com.example.sync",
            10_087,
            ApplicationInfo.FLAG_SYSTEM or ApplicationInfo.FLAG_UPDATED_SYSTEM_APP,
            "/data/app/com.example.sync-1/base.apk",
        )
        val facts = requireNotNull(facts("com.example.sync"))
        assertTrue(facts.system && facts.updatedSystem)
        assertNull(facts.factoryPath)
    }

    @Test
    fun `who installed a package is told, and that nobody did`() {
        install("org.example.news", 10_090, 0, "/data/app/org.example.news-1/base.apk")
        install("org.example.store", 10_091, 0, "/data/app/org.example.store-1/base.apk")
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) {
            val store = "org.example.store"
            manager.setInstallSourceInfo("org.example.news", store, store)
            manager.setInstallSourceInfo("org.example.store", null, null)
        } else {
            context.packageManager.setInstallerPackageName("org.example.news", "org.example.store")
        }
        assertEquals("org.example.store", facts("org.example.news")?.installer)
        val store = requireNotNull(facts("org.example.store"))
        assertTrue(store.installerKnown)
        assertNull(store.installer)
    }

    @Test
    fun `an entry in the launcher is seen`() {
        install("org.example.news", 10_090, 0, "/data/app/org.example.news-1/base.apk")
        val entry = ComponentName("org.example.news", "org.example.news.Main")
        manager.addActivityIfNotPresent(entry)
        manager.addIntentFilterForActivity(
            entry,
            IntentFilter(Intent.ACTION_MAIN).apply { addCategory(Intent.CATEGORY_LAUNCHER) },
        )
        assertEquals(true, facts("org.example.news")?.launcherEntry)
    }

    @Test
    fun `an updated package is read anew, and a removed one is gone`() {
        val packages = Packages(context)
        install("org.example.news", 10_090, 0, "/data/app/org.example.news-1/base.apk")
        packages.read()
        install("org.example.news", 10_090, 0, "/data/app/org.example.news-2/base.apk", 8_000)
        val read = requireNotNull(packages.read())
        val path = read.packages.single { it.name == "org.example.news" }.sourcePath
        assertEquals("/data/app/org.example.news-2/base.apk", path)
        manager.removePackage("org.example.news")
        assertTrue(requireNotNull(packages.read()).packages.none { it.name == "org.example.news" })
    }

    @Test
    fun `what only a profile has in the launcher is told with its uid and name`() {
        install("org.example.news", 10_090, 0, "/data/app/org.example.news-1/base.apk")
        val profile = UserHandle(10)
        shadowOf(context.getSystemService(Context.USER_SERVICE) as UserManager)
            .addUserProfile(profile)
        val inProfile = listOf("org.example.work" to 1_010_200, "org.example.news" to 1_010_090)
        for ((name, uid) in inProfile + inProfile.first()) showInLauncher(profile, name, uid)
        val told = requireNotNull(Packages(context).read()).packages.associateBy { it.uid }
        val work = requireNotNull(told[1_010_200])
        assertEquals("org.example.work" to "Sync of org.example.work", work.name to work.label)
        assertEquals("/data/app/org.example.work-1/base.apk", work.sourcePath)
        assertEquals(true, work.launcherEntry)
        assertEquals(false to false, work.system to work.installerKnown)
        assertEquals(emptyList<String>(), work.signers)
        assertNull(work.version ?: work.firstInstall)
        assertNull("this user's own list says more of it", told[1_010_090])
        assertEquals("4.2", told[10_090]?.version)
    }

    @Test
    fun `what this user has in the launcher is told once`() {
        install("org.example.news", 10_090, 0, "/data/app/org.example.news-1/base.apk")
        showInLauncher(Process.myUserHandle(), "org.example.other", 10_091)
        val told = requireNotNull(Packages(context).read()).packages.map { it.name }
        assertEquals(1, told.count { it == "org.example.news" })
        assertTrue("not by way of the launcher", "org.example.other" !in told)
    }

    private fun showInLauncher(user: UserHandle, name: String, uid: Int) {
        val application = ApplicationInfo()
        application.packageName = name
        application.uid = uid
        application.sourceDir = "/data/app/$name-1/base.apk"
        application.nonLocalizedLabel = "Sync of $name"
        val activity = ActivityInfo()
        activity.packageName = name
        activity.name = "$name.Main"
        activity.applicationInfo = application
        val launcher = context.getSystemService(Context.LAUNCHER_APPS_SERVICE) as LauncherApps
        shadowOf(launcher).addActivity(user, launched(activity, user))
    }

    /** Made as each of these levels makes it: nothing public does. */
    private fun launched(activity: ActivityInfo, user: UserHandle): LauncherActivityInfo {
        val of = ClassParameter.from(UserHandle::class.java, user)
        val parts = when {
            Build.VERSION.SDK_INT >= Build.VERSION_CODES.UPSIDE_DOWN_CAKE -> arrayOf(
                ClassParameter.from(
                    LauncherActivityInfoInternal::class.java,
                    ReflectionHelpers.callConstructor(
                        LauncherActivityInfoInternal::class.java,
                        ClassParameter.from(ActivityInfo::class.java, activity),
                        ClassParameter.from(IncrementalStatesInfo::class.java, null),
                        of,
                    ),
                ),
            )
            Build.VERSION.SDK_INT >= Build.VERSION_CODES.P ->
                arrayOf(ClassParameter.from(ActivityInfo::class.java, activity), of)
            else -> arrayOf(
                ClassParameter.from(
                    ResolveInfo::class.java,
                    ResolveInfo().apply { activityInfo = activity },
                ),
                of,
                ClassParameter.from(Long::class.javaPrimitiveType, 0L),
            )
        }
        return ReflectionHelpers.callConstructor(
            LauncherActivityInfo::class.java,
            ClassParameter.from(Context::class.java, context),
            *parts,
        )
    }

    @Test
    fun `thousands of packages are read`() {
        repeat(2_000) { install("org.example.p$it", 10_100 + it, 0, "/data/app/p$it/base.apk") }
        val read = requireNotNull(Packages(context).read())
        assertTrue(read.packages.count { it.name.startsWith("org.example.p") } == 2_000)
    }

    @Test
    fun `whether the list may be seen whole is known`() {
        val application = shadowOf(RuntimeEnvironment.getApplication())
        val sdk = Build.VERSION.SDK_INT
        application.denyPermissions(Manifest.permission.QUERY_ALL_PACKAGES)
        assertEquals(
            if (sdk >= 30) ListPermission.DENIED else ListPermission.NOT_NEEDED,
            Packages(context).read()?.permission,
        )
        application.grantPermissions(Manifest.permission.QUERY_ALL_PACKAGES)
        assertEquals(
            if (sdk >= 30) ListPermission.GRANTED else ListPermission.NOT_NEEDED,
            Packages(context).read()?.permission,
        )
        val permission = PermissionInfo()
        permission.name = ListAccess.PERMISSION
        permission.packageName = "com.lbe.security.miui"
        manager.addPermissionInfo(permission)
        application.denyPermissions(ListAccess.PERMISSION)
        assertEquals(ListPermission.DENIED, Packages(context).read()?.permission)
        application.grantPermissions(ListAccess.PERMISSION)
        assertEquals(ListPermission.GRANTED, Packages(context).read()?.permission)
    }
}
