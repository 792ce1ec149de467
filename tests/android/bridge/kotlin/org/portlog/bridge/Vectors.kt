package org.portlog.bridge

import java.io.File

/** The checkout that the tests run in: the folder, or one above it, that holds the vectors. */
internal val checkout: File = generateSequence(File("").absoluteFile) { it.parentFile }
    .first { File(it, "tests/vectors/bridge").isDirectory }

/** Records by name, of a file in tests/vectors/bridge. */
internal fun vectors(file: String): Map<String, ByteArray> =
    File(checkout, "tests/vectors/bridge/$file").readLines().associate { line ->
        val (name, digits) = line.split(' ')
        name to digits.chunked(2).map { it.toInt(16).toByte() }.toByteArray()
    }
