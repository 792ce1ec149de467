// For Android Studio alone, and untried: see settings.gradle.kts.
//
// libportlog.so is built by `cargo xtask native --out android/build/native` before; a change of Rust
// is not noticed here.

import org.jetbrains.kotlin.gradle.dsl.JvmTarget

plugins {
    alias(libs.plugins.android.application)
    alias(libs.plugins.kotlin.android)
}

// The version stands in Cargo.toml; the code is made of it as rust/xtask/src/jvm/resources.rs does.
val version = file("../Cargo.toml").readLines()
    .dropWhile { it != "[workspace.package]" }
    .first { it.startsWith("version") }
    .substringAfter('"')
    .substringBefore('"')

android {
    namespace = "org.portlog"
    compileSdk = 35

    defaultConfig {
        applicationId = "org.portlog"
        minSdk = 19
        targetSdk = 35
        versionName = version
        versionCode = version.substringBefore('-').split('.')
            .fold(0) { code, part -> code * 1_000 + part.toInt() }
    }

    buildTypes {
        debug {
            applicationIdSuffix = ".debug"
            isDebuggable = false
        }
        release {
            isMinifyEnabled = true
            proguardFiles("proguard.pro")
        }
    }

    sourceSets["main"].jniLibs.srcDir("build/native")
    packaging.jniLibs.useLegacyPackaging = true

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_1_8
        targetCompatibility = JavaVersion.VERSION_1_8
    }
}

kotlin {
    compilerOptions {
        jvmTarget = JvmTarget.JVM_1_8
    }
}
