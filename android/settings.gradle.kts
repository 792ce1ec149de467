// For Android Studio: open this folder. `cargo xtask apk` builds the app without Gradle, and our tests
// never run this file or build.gradle.kts: Google's Maven repository, which they need, is not within
// reach of everybody who builds. What they say is therefore untried; versions and sources are the same.

pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}

dependencyResolutionManagement {
    repositories {
        google()
        mavenCentral()
    }
    versionCatalogs {
        create("libs") {
            from(files("../gradle/libs.versions.toml"))
        }
    }
}

rootProject.name = "portlog"
