package org.portlog.harness

import org.junit.runners.model.FrameworkMethod
import org.robolectric.RobolectricTestRunner
import org.robolectric.internal.bytecode.InstrumentationConfiguration

/**
 * Robolectric with one `org.portlog.core` for all API levels.
 *
 * Robolectric has a class loader for each level (and for each set of shadows), and a native library
 * can be loaded by one class loader only. The core has no Android in it, so all of them may share it.
 * `cargo xtask test` puts this runner in the place of [RobolectricTestRunner].
 */
class SharedCoreRunner(type: Class<*>) : RobolectricTestRunner(type) {
    override fun createClassLoaderConfig(method: FrameworkMethod): InstrumentationConfiguration =
        InstrumentationConfiguration.Builder(super.createClassLoaderConfig(method))
            .doNotAcquirePackage("org.portlog.core.")
            .build()
}
